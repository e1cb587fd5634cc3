"""How this API says no: problem+json documents and the causes that have a text of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import uuid4

CONTENT_TYPE = "application/problem+json; charset=utf-8"
GLOSSARY = "https://mailchimp.com/developer/marketing/docs/errors/"
SCHEMA_DETAIL = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."
MERGE_DETAIL = "Your merge fields were invalid."


class Flaw(NamedTuple):
    """One entry of `errors[]`: a dotted field, empty for the resource itself, and what is wrong with it."""

    field: str
    message: str

    def under(self, name: str) -> Flaw:
        """The same flaw as seen from the object that holds `name`."""
        return Flaw(f"{name}.{self.field}" if self.field else name, self.message)


class Problem(Exception):  # noqa: N818 - the API's own word for it
    """An answer that is not a success.

    Attributes:
        status: HTTP status.
        title: Short kind of the problem, the same for every occurrence.
        detail: What is wrong this time.
        flaws: Field by field, for resources that do not validate.
        headers: Additional response headers.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        flaws: Iterable[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.flaws = tuple(flaws)
        self.headers = dict(headers or {})

    def document(self) -> dict[str, Any]:
        """The body: type, title, status, detail, instance, and errors where there are any."""
        document: dict[str, Any] = {
            "type": GLOSSARY,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": str(uuid4()),
        }
        if self.flaws:
            document["errors"] = [flaw._asdict() for flaw in self.flaws]
        return document


def bad_request(detail: str) -> Problem:
    """A reference that leads nowhere or an object that is there already."""
    return Problem(400, "Bad Request", detail)


def already_exists(kind: str) -> Problem:
    """A second creation under the same id; `kind` with its article, e.g. "An order"."""
    return bad_request(
        f"We were unable to process the request. {kind} with the provided ID already exists in the account."
    )


def unknown_reference(kind: str, what: str = "ID") -> Problem:
    """A reference to something that is not there."""
    return bad_request(f"A {kind} with the provided {what} does not exist in the account for this list.")


def invalid_resource(*flaws: Flaw) -> Problem:
    """The body or the query does not fit the schema."""
    return Problem(400, "Invalid Resource", SCHEMA_DETAIL, flaws)


def invalid_address(detail: str) -> Problem:
    """An e-mail address that is not accepted."""
    return Problem(400, "Invalid Resource", detail)


def invalid_merge_fields(flaws: Iterable[Flaw]) -> Problem:
    """Merge values that their fields can't take; here `errors[]` names bare tags."""
    return Problem(400, "Invalid Resource", MERGE_DETAIL, flaws)


def member_exists(email: str) -> Problem:
    """The address is in the audience already."""
    return Problem(400, "Member Exists", f"{email} is already a list member. Use PUT to insert or update list members.")


def compliance_state(email: str) -> Problem:
    """The contact left or bounced; only the contact can come back."""
    return Problem(
        400,
        "Member In Compliance State",
        f"{email} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed.",
    )


def forgotten_email(email: str) -> Problem:
    """The contact was deleted for good."""
    return Problem(
        400,
        "Forgotten Email Not Subscribed",
        f"{email} was permanently deleted and cannot be re-imported."
        " The contact must re-subscribe to get back on the list.",
    )


def parent_product_missing() -> Problem:
    """A variant is put before its product."""
    return Problem(
        400,
        "Parent Product Does Not Exist",
        "The parent product must already exist in order to use PUT on the Variants endpoint.",
    )


def json_parse_error() -> Problem:
    """The body is no JSON object."""
    return Problem(400, "JSON Parse Error", "We encountered an unspecified JSON parsing error.")


def key_missing() -> Problem:
    """No credentials."""
    return Problem(401, "API Key Missing", "Your request did not include an API key.")


def key_invalid() -> Problem:
    """Credentials that no account has."""
    return Problem(
        401,
        "API Key Invalid",
        "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
    )


def not_found() -> Problem:
    """No such path, or nothing there."""
    return Problem(404, "Resource Not Found", "The requested resource could not be found.")


def method_not_allowed(allowed: Iterable[str]) -> Problem:
    """The path exists, the method does not."""
    return Problem(
        405,
        "Method Not Allowed",
        "The requested method and resource are not compatible."
        " See the Allow header for this resource's available methods.",
        headers={"Allow": ", ".join(sorted(allowed))},
    )


def invalid_override() -> Problem:
    """`X-HTTP-Method-Override` on something else than a POST."""
    return Problem(422, "Invalid Method Override", "The method can be overridden on a POST only.")


def too_many_requests() -> Problem:
    """More at once than the account may have."""
    return Problem(429, "Too Many Requests", "You have exceeded the limit of simultaneous connections.")
