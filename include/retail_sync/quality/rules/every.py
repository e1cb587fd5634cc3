"""Rules that every stream has in its own words."""

from __future__ import annotations

from typing import Any, get_args

from retail_sync.model.records import Stream
from retail_sync.quality.rule import Rule

# What Mailchimp, Emarsys and Ometria all take: one @, no blanks or list marks, no empty label, a last label of two or
# more. Judged is what `people.email_of` leaves. Blanks and signs that nobody sees are named: which of them \s knows
# depends on the server's locale. No [:classes:], so that no layer between here and Postgres takes a colon for a
# parameter.
_ATOM = (
    r"[^\u0001-\u0020\u0085\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2060\u3000\ufeff"
    r"""@<>(),;:"\\.]"""
)
EMAIL = rf"^{_ATOM}+(\.{_ATOM}+)*@({_ATOM}+\.)+{_ATOM}{_ATOM}+$"
CURRENCY = "^[A-Z]{3}$"
#: A source may round every line and the shipping by itself: a cent each is no fault.
CENT = 0.01


def repeated(stream: Stream, record: str) -> Rule:
    """The source's answer holds each record once."""
    return Rule(
        id=f"{record}_repeated",
        stream=stream,
        owner="operations",
        effect="warn",
        description=f"Each {record} comes once in what the source answers.",
        next_step="Nothing, if it is rare: the newest one counts. If it is not, tell the source's support.",
        fails="times_read > 1",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "times_read", "max_value": 1},
        detail="'read ' || times_read || ' times'",
    )


def currency(stream: Stream, record: str) -> Rule:
    """Money is in a currency that can be read."""
    return Rule(
        id=f"{record}_currency",
        stream=stream,
        owner="finance",
        effect="hold_record",
        description=f"Each {record} states its currency as three capital letters (ISO 4217).",
        next_step=f"Set the currency of the {record} at the source.",
        fails=f"currency is null or currency !~ '{CURRENCY}'",
        expectation="ExpectColumnValuesToMatchRegex",
        arguments={"column": "currency", "regex": CURRENCY},
        detail="coalesce('currency ' || currency, 'no currency')",
        threshold=0.2,
    )


def status(stream: Stream, record: str, statuses: Any, detail: str) -> Rule:
    """The source's word for a status is known."""
    known = [status for status in get_args(statuses) if status != "unknown"]
    quoted = ", ".join(f"'{status}'" for status in known)
    return Rule(
        id=f"{record}_status",
        stream=stream,
        owner="ecommerce",
        effect="hold_record",
        description=f"The status of each {record} is one that the mapping knows.",
        next_step="Tell the maintainers of the source's mapping what this status means.",
        fails=f"status is null or status not in ({quoted})",
        expectation="ExpectColumnValuesToBeInSet",
        arguments={"column": "status", "value_set": known},
        detail=detail,
        threshold=0.2,
    )


def refused_address(stream: Stream, record: str, whose: str) -> Rule:
    """The destination takes the address, as far as that is known beforehand."""
    return Rule(
        id=f"{record}_address_refused",
        stream=stream,
        owner="cx",
        effect="warn",
        description=f"The address of {whose} is of no kind that the destination is known to refuse.",
        next_step="Ask for a real address and correct it at the source; the destination has the last word.",
        fails="address_refused",
        expectation="ExpectColumnValuesToNotBeInSet",
        arguments={"column": "address_refused", "value_set": [True]},
    )


def none_of(
    id: str,  # noqa: A002 - the field's own name
    stream: Stream,
    column: str,
    **said: Any,
) -> Rule:
    """A rule over a column that counts what is wrong with a row: nothing may be.

    Args:
        id: The rule's name.
        stream: Whose rows it judges.
        column: The column; above zero is a failure, NULL is none.
        said: The rule's other attributes.
    """
    return Rule(
        id=id,
        stream=stream,
        fails=f"{column} > 0",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": column, "max_value": 0},
        **said,
    )
