"""Pages of collections, and the choice of fields that every reading request may make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from retail_sync.vendors.mailchimp.sandbox.endpoints import Answer, Ask
from retail_sync.vendors.mailchimp.sandbox.problems import Flaw, invalid_resource

DEFAULT_COUNT = 10
MOST = 1000
T = TypeVar("T")


def _whole(query: Mapping[str, str], name: str, default: int, most: int | None = None) -> int:
    value = query.get(name)
    if value is None:
        return default
    if not value.isdigit():
        raise invalid_resource(Flaw(name, "Schema describes integer, string found instead"))
    # ASSUMED: refused rather than capped, since a silently shorter page looks like the last one.
    if most is not None and int(value) > most:
        raise invalid_resource(Flaw(name, f"Value must be less than or equal to {most}"))
    return int(value)


def offset_of(ask: Ask) -> int:
    """How many things a page leaves out before it begins."""
    return _whole(ask.query, "offset", 0)


def page_of(ask: Ask, things: Sequence[T], *, early: int = 0) -> Sequence[T]:
    """The part of a collection that `count` (default 10, at most 1000) and `offset` ask for, or `early` rows sooner."""
    count = _whole(ask.query, "count", DEFAULT_COUNT, MOST)
    offset = max(0, offset_of(ask) - early)
    return things[offset : offset + count]


def collection(ask: Ask, name: str, views: Sequence[Any], total: int, **about: Any) -> Answer:
    """A page's answer: the collection under its name, what it belongs to, and how many there are in all."""
    return viewed(ask, {name: views, **about, "total_items": total, "_links": []})


def viewed(ask: Ask, payload: Any) -> Answer:
    """An answer cut down to `fields` or by `exclude_fields` (comma-separated, dotted).

    Raises:
        Problem: 400 when both are given.
    """
    wanted, unwanted = ask.query.get("fields"), ask.query.get("exclude_fields")
    if wanted and unwanted:
        raise invalid_resource(Flaw("fields", "Only one of fields and exclude_fields may be given"))
    if wanted:
        return Answer(_keep(_plain(payload), _tree(wanted.split(","))))
    if unwanted:
        return Answer(_drop(_plain(payload), _tree(unwanted.split(","))))
    return Answer(payload)


def _plain(payload: Any) -> Any:
    return msgspec.to_builtins(payload, builtin_types=(Decimal,))


def _tree(paths: Iterable[str]) -> dict[str, Any]:
    """Dotted paths as nested dicts; an empty dict is a leaf and means all that is below."""
    root: dict[str, Any] = {}
    for path in paths:
        node = root
        for part in path.strip().split("."):
            node = node.setdefault(part, {})
    return root


def _keep(value: Any, tree: Mapping[str, Any]) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_keep(entry, tree) for entry in value]
    if isinstance(value, dict):
        return {name: _keep(inner, tree[name]) for name, inner in value.items() if name in tree}
    return value


def _drop(value: Any, tree: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_drop(entry, tree) for entry in value]
    if isinstance(value, dict):
        return {
            name: _drop(inner, tree[name]) if tree.get(name) else inner
            for name, inner in value.items()
            if name not in tree or tree[name]
        }
    return value
