"""What is allowed, whatever happened: nobody is brought back by us, and no leaving is lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .lives import LEFT, PUT_AWAY, Life, after


@dataclass(frozen=True)
class End:
    """How it stands with a person when everything has come to rest.

    Attributes:
        status: What the platform says of the contact; None where it has none.
        ticked: The shop's records that say yes.
        raised: What was raised, as (subject, record): `("consent.newer_yes", "customer 7-1")`.
        applies: Whether the pair unsubscribes who has said no at the shop; else that is raised.
        reverts: Whether the pair undoes what brought somebody back without evidence.
    """

    status: str | None
    ticked: Collection[str]
    raised: Collection[tuple[str, str]]
    applies: bool
    reverts: bool


def objections(life: Life, end: End) -> Iterator[str]:
    """Everything that should not have been done to a person, or should have been."""
    yield from _brought_back(life)
    yield from _told(life)
    yield from _lost(life, end)
    yield from _shop_said_no(life, end)
    yield from _back_without_evidence(life, end)


def _brought_back(life: Life) -> Iterator[str]:
    for word in life.words:
        if word.what == "created":
            gone = life.last(*LEFT, *PUT_AWAY, before=word)
            if gone and not after(life.last("form", before=word), gone):
                yield f"{life.email} was {gone.what} and was made a subscriber by us"
            if not life.last("yes", before=word):
                yield f"{life.email} never said yes and was made a subscriber by us"


def _told(life: Life) -> Iterator[str]:
    """We untick only for a leaving, and never a yes that was given after we had unticked for it already."""
    for word in life.words:
        if word.what != "told":
            continue
        gone, yes = life.last(*LEFT, before=word), life.last("yes", record=word.record, before=word)
        if gone is None:
            yield f"{life.email} never left and was unticked on {word.record}"
            continue
        told = life.last("told", record=word.record, before=word)
        if told and told.row != word.row and after(told, gone) and after(yes, told):
            yield f"{life.email} said yes on {word.record} after we unticked it, and was unticked again"


def _lost(life: Life, end: End) -> Iterator[str]:
    """Who was imported and left anew before anybody looked seems to have left once: a yes between may seem newer."""
    if end.status not in {"unsubscribed", "cleaned"}:
        return
    gone = life.last(*LEFT)
    for record in end.ticked:
        raised = ("consent.newer_yes", f"customer {record}") in end.raised
        if not after(life.last("yes", record=record), gone):
            if not (raised and life.last("imported")):
                yield f"{life.email} has left and {record} still says yes"
        elif not raised:
            yield f"{life.email} has left, {record} has said yes since, and nobody was told"


def _shop_said_no(life: Life, end: End) -> Iterator[str]:
    """A subscriber that we made on a record's word, which the customer has then taken back with their own hand."""
    for record in life.records:
        raised = ("consent.source_opt_out", f"customer {record}") in end.raised
        own_no, made = life.last("no", record=record), life.last("created")
        if raised and own_no is None:
            yield f"{life.email} never said no on {record}, and it was raised as if"
        if end.status not in {"subscribed", "pending"} or len(life.records) > 1 or life.says_yes(record):
            continue
        # After a no of ours the record says no already; and a form that was filled in later is the newer word.
        ours = made and after(life.last("told", record=record), made)
        if made and after(own_no, made) and not ours and not after(life.last("form"), own_no):
            if end.applies:
                yield f"{life.email} has said no on {record} and is still {end.status}"
            elif not raised:
                yield f"{life.email} has said no on {record}, is still {end.status}, and nobody was told"


def _back_without_evidence(life: Life, end: End) -> Iterator[str]:
    subjects = {subject for subject, _ in end.raised}
    imported = life.last("imported")
    if (
        end.status == "subscribed"
        and life.seen_out
        and life.seen_back
        and imported
        and not after(life.last("form"), imported)
    ):
        if end.reverts:
            yield f"{life.email} had left, was imported, and is still subscribed"
        elif "consent.resubscribed" not in subjects:
            yield f"{life.email} had left, was imported, and nobody was told"
    for word in life.words:
        form, other = life.last("form", before=word), life.last(*LEFT, *PUT_AWAY, "imported", before=word)
        if word.what == "unsubscribed" and after(form, other) and not life.last("no", before=word):
            yield f"{life.email} came back with its own hand and was unsubscribed by us"
