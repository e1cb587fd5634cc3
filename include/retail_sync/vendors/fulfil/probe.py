"""`retail-sync check` for Fulfil: is the live account what the package expects?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from retail_sync.errors import CredentialsError, RetailSyncError, SchemaDriftError, WaitError
from retail_sync.model.ports import Finding
from retail_sync.vendors.fulfil.channels import Channels
from retail_sync.vendors.fulfil.client import FulfilClient, Question
from retail_sync.vendors.fulfil.domains import EVERYTHING
from retail_sync.vendors.fulfil.facts import ORDER_STATUS, SOURCES
from retail_sync.vendors.fulfil.settings import Consent, Settings
from retail_sync.vendors.fulfil.shapes import Shape, Shapes, in_use


def findings(client: FulfilClient, shapes: Shapes, channels: Channels, settings: Settings) -> Iterator[Finding]:
    """One finding for each thing that the package needs of the account.

    Raises:
        WaitError: Fulfil can't be reached; nothing can be said of it.
    """
    try:
        client.count(Question("sale.channel", ("id",), EVERYTHING))
    except CredentialsError as error:
        yield Finding("token", False, error.what, error.fix)
        return
    except WaitError:
        raise
    except RetailSyncError:
        # It is known; what it may not do is said below.
        pass
    yield Finding("token", True, "Fulfil accepts it")
    yield _allowance(client, settings)
    yield from (_model(client, shape) for shape in in_use(shapes, settings))
    yield from _told(lambda: _tracking(client, shapes), "tracking")
    yield from _told(lambda: _channels(channels, settings), "channels")
    yield from _told(lambda: _currency(channels), "currency")
    yield from _told(lambda: _states(client, settings), "states")
    yield from _told(lambda: _consent(client, settings.consent), "consent")


def _told(look: Callable[[], Finding], subject: str) -> Iterator[Finding]:
    """What looking brings, or why nobody may look."""
    try:
        yield look()
    except WaitError:
        raise
    except RetailSyncError as error:
        yield Finding(subject, False, error.what, error.fix)


def _allowance(client: FulfilClient, settings: Settings) -> Finding:
    subject = "rate limit"
    if client.limit is None:
        return Finding(
            subject,
            False,
            "answers say nothing of how many requests are allowed",
            "See whether a proxy takes the X-RateLimit headers away; source.settings.rate is kept meanwhile.",
        )
    detail = f"{client.limit} requests a second are allowed to the merchant, {settings.rate:g} are used here"
    is_within = not client.limit.isdecimal() or settings.rate <= int(client.limit)
    return Finding(subject, is_within, detail, "" if is_within else "Lower source.settings.rate in the pair file.")


def _model(client: FulfilClient, shape: Shape[Any]) -> Finding:
    """Ask for one row with every field that is needed; where that fails, for each field by itself."""
    subject = f"read {shape.model}"
    try:
        client.read(Question(shape.model, shape.fields, EVERYTHING), 1)
    except SchemaDriftError as error:
        missing = [field for field in shape.fields if not _is_there(client, shape.model, field)]
        detail = f"these fields can't be read: {', '.join(missing)}" if missing else error.what
        fix = "Set the setting that names it, under source.settings, to the right name or to null."
        return Finding(subject, False, detail, fix if missing else error.fix)
    except WaitError:
        raise
    except RetailSyncError as error:
        return Finding(subject, False, error.what, error.fix)
    return Finding(subject, True, "every field may be read")


def _is_there(client: FulfilClient, model: str, field: str) -> bool:
    try:
        client.read(Question(model, (field,), EVERYTHING), 1)
    except SchemaDriftError:
        return False
    return True


def _tracking(client: FulfilClient, shapes: Shapes) -> Finding:
    """Whether tracking numbers are text, or ids of records that may be read."""
    question = Question("stock.shipment.out", ("tracking_number",), [["tracking_number", "!=", None]])
    found = client.read(question, 1).rows
    if found and isinstance(found[0].get("tracking_number"), int):
        return _model(client, shapes.trackings)
    return Finding("tracking", True, "tracking numbers are text" if found else "no shipment has a tracking number yet")


def _currency(channels: Channels) -> Finding:
    subject, code = "currency", channels.currency
    if code is None:
        fix = "Set source.settings.currency to the currency of list prices."
        return Finding(subject, False, "no channel says in which currency it sells", fix)
    return Finding(subject, True, f"list prices are taken to be in {code}")


def _channels(channels: Channels, settings: Settings) -> Finding:
    """Channels of a source that nobody has heard of. Rules of the pair may know them all the same."""
    known = SOURCES.union(settings.sources)
    strange = [one for one in channels.rows if (one.source or "") not in known]
    shared = sum(1 for one in channels.rows if one.anonymous_customer)
    if not strange:
        detail = f"{len(channels.rows)} channels, {shared} with a party for all guests; every source is known"
        return Finding("channels", True, detail)
    listed = ", ".join(f"{one.name or one.id} (source {one.source or 'none'})" for one in strange)
    fix = (
        "Say under `channels` in the pair file what their orders are, then name the sources in source.settings.sources."
    )
    return Finding("channels", False, f"of an unknown source: {listed}", fix)


def _states(client: FulfilClient, settings: Settings) -> Finding:
    known = [*ORDER_STATUS, *settings.states]
    strange = client.count(Question("sale.sale", ("id",), [["state", "not in", known]]))
    if not strange:
        return Finding("states", True, "the state of every sale is known")
    fix = "Say under source.settings.states what they mean; until then these orders are held."
    return Finding("states", False, f"{strange} sales are in a state that nobody knows", fix)


def _consent(client: FulfilClient, consent: Consent) -> Finding:
    """Whether there is anything where consent is said to be kept."""
    questions = {
        "category": Question("party.category", ("id",), [["name", "=", consent.name]]),
        "metafield": Question(consent.metafield_model, ("id",), [["key", "ilike", consent.name]]),
        "contact_mechanism": Question(
            "party.contact_mechanism",
            ("id",),
            [["name", "=", consent.tag], ["value", "ilike", f"{consent.name}:%"]],
        ),
    }
    found = client.count(questions[consent.strategy])
    if found:
        return Finding("consent", True, f"{consent.strategy} {consent.name!r}: {found}")
    fix = "Make it in Fulfil, or set source.settings.consent to where the merchant keeps who wants the newsletter."
    return Finding("consent", False, f"there is no {consent.strategy} {consent.name!r}", fix)
