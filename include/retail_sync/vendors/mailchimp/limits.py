"""What contact fields take: judged before anything is sent, and followed when it is rendered.

Mailchimp refuses a contact whole for one value that a field does not take. So such a value stays out, its field is
empty, and the contact goes. Patterns are read by Python here and by Postgres in rules: see `model.views.FieldLimit`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from retail_sync.model.views import FieldLimit, FieldMapping
from retail_sync.vendors.mailchimp.facts import CHOICE_TYPES, MailchimpSettings
from retail_sync.vendors.mailchimp.fields import field_type, text_length
from retail_sync.vendors.mailchimp.forms import FORMS
from retail_sync.vendors.mailchimp.text import CLEANED


def limits(mapping: Mapping[str, FieldMapping], settings: MailchimpSettings) -> tuple[FieldLimit, ...]:
    """What each merge field takes, in the order of their tags, and what Mailchimp takes for an address."""
    address = FieldLimit("EMAIL", "email", refused=refused_addresses(settings))
    return (address, *(_limit(tag, mapping[tag], settings) for tag in sorted(mapping)))


def _limit(tag: str, mapped: FieldMapping, settings: MailchimpSettings) -> FieldLimit:
    kind = field_type(tag, mapped)
    if kind in ("date", "birthday"):
        return FieldLimit(tag, mapped.value, "day")
    if kind == "address":
        return FieldLimit(tag, mapped.value, "address")
    if kind == "number":
        return FieldLimit(tag, mapped.value, "number", form=FORMS["number"])
    return FieldLimit(
        tag,
        mapped.value,
        length=text_length(mapped, settings),
        form=FORMS.get(kind),
        choices=tuple(mapped.choices) if kind in CHOICE_TYPES else (),
        cleaned=CLEANED,
    )


@cache
def _escaped(word: str) -> str:
    return re.sub(r"[.+*?()|\[\]{}^$\\]", r"\\\g<0>", word.strip().lower())


def refused_addresses(settings: MailchimpSettings) -> str | None:
    """A pattern of addresses, in lower case, that Mailchimp is known to refuse; None where none is."""
    patterns = [*_one_of(settings.refused_domains, "@{}$"), *_one_of(settings.refused_names, "^{}@")]
    return "|".join(patterns) or None


def _one_of(words: Sequence[str], where: str) -> list[str]:
    return [where.format(f"({'|'.join(map(_escaped, words))})")] if words else []
