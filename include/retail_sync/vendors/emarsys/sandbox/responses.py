"""What contacts did with e-mails, as far as it can be exported, and the endpoint that tells of an unsubscribe."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from retail_sync.vendors.emarsys.sandbox.contact_book import Key
from retail_sync.vendors.emarsys.sandbox.endpoints import Ask, Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import Refused, bad_request, no_contact

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

SOURCES = frozenset(
    {
        "trackable_links",
        "registration_forms",
        "tell_a_friend",
        "contact_us",
        "change_profile",
        "unsubscribe",
        "mail_open",
        "complaint",
    }
)


class Reaction(NamedTuple):
    """What a contact did with an e-mail: one of `SOURCES`."""

    at: datetime
    contact: int
    source: str
    campaign: int


def unsubscribe(account: Account, ask: Ask) -> str:
    """Count a contact as unsubscribed from a campaign. Its opt-in stays what it is: that is a write of its own.

    Raises:
        Refused: 400 without a campaign, 404 (2008) without a contact.
    """
    body = ask.body()
    campaign = str(body.get("email_id") or "")
    if not campaign.isdigit():
        raise bad_request(1001, "The request parameters are invalid: email_id")
    uid = body.get("contact_uid") or body.get("uid")
    key = Key("uid", None) if uid else account.contacts.key(body.get("key_id") or "id")
    if key is None:
        raise bad_request(2004, f"Invalid key field id: {body.get('key_id')}")
    value = uid or body.get("key_value")
    found = account.contacts.find(key, value)
    if len(found) != 1:
        raise Refused(404, *no_contact(key.name, value))
    account.reactions.append(Reaction(account.now(), found[0].id, "unsubscribe", int(campaign)))
    return ""


ENDPOINTS = (Endpoint("POST", "/email/unsubscribe", unsubscribe, writes=True),)
