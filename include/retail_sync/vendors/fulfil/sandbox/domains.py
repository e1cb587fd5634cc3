"""Domains: what a request looks for, read as a predicate over rows.

A domain is a list of clauses `[field, operator, value]` and of domains; all of them must hold, or any where the list
begins with `"OR"`. Names may be dotted, through lists too: then it is enough that one of the rows fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any

from retail_sync.vendors.fulfil.sandbox.fields import Field, Model
from retail_sync.vendors.fulfil.sandbox.refusals import user_error
from retail_sync.vendors.fulfil.sandbox.schema import Schema
from retail_sync.vendors.fulfil.sandbox.values import as_kind

Predicate = Callable[[Any], bool]
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True, slots=True)
class Clause:
    """What a domain asks of one field."""

    path: str
    operator: str
    value: Any


def clauses(domain: Any) -> list[Clause]:
    """The clauses of a domain that must hold whatever the others say, for who looks for a shorter way to the rows.

    Raises:
        RefusedError: It is no domain.
    """
    if _is_clause(domain):
        return [Clause(*domain)]
    word, parts = _parts(domain)
    if word == "OR":
        return clauses(parts[0]) if len(parts) == 1 else []
    return [clause for part in parts for clause in clauses(part)]


def named(domain: Any) -> Iterator[str]:
    """Every field that a domain names."""
    if _is_clause(domain):
        yield domain[0]
    else:
        for part in _parts(domain)[1]:
            yield from named(part)


def predicate(schema: Schema, model: Model, domain: Any) -> Predicate:
    """Whether a row fits.

    Raises:
        RefusedError: The domain is none, or names what does not exist.
    """
    if _is_clause(domain):
        return _clause(schema, model, Clause(*domain))
    word, parts = _parts(domain)
    tests = [predicate(schema, model, part) for part in parts]
    if len(tests) == 1:
        return tests[0]
    if not tests:
        return lambda _: True
    if word == "OR":
        return lambda row: any(test(row) for test in tests)
    return lambda row: all(test(row) for test in tests)


def _is_clause(domain: Any) -> bool:
    return (
        isinstance(domain, list)
        and len(domain) == 3
        and isinstance(domain[0], str)
        and domain[0] not in ("AND", "OR")
        and isinstance(domain[1], str)
    )


def _parts(domain: Any) -> tuple[str, list[Any]]:
    if domain is None:
        return "AND", []
    if not isinstance(domain, list):
        raise user_error(f"A domain is a list, not {domain!r}", "E1002")
    if domain and isinstance(domain[0], str):
        if domain[0] not in ("AND", "OR"):
            raise user_error(f"{domain!r} is neither a clause nor a domain", "E1002")
        return domain[0], domain[1:]
    return "AND", domain


def _clause(schema: Schema, model: Model, clause: Clause) -> Predicate:
    field, values = schema.values(model, clause.path)
    if not field.searchable or field.kind == "dict":
        raise user_error(f"Field {clause.path} of {model.name} can't be searched", "E1002")
    test = _test(field, clause)
    if "." not in clause.path and field.kind != "list":
        get = field.get
        return lambda row: test(get(row))
    if clause.value is None and field.kind == "list":
        is_empty = clause.operator == "="
        return lambda row: (next(values(row), None) is None) == is_empty
    if clause.operator in ("!=", "not in", "not like", "not ilike") and field.kind == "list":
        return lambda row: all(test(value) for value in values(row))
    return lambda row: any(test(value) for value in values(row))


def _test(field: Field, clause: Clause) -> Predicate:
    """Whether a value fits. As in SQL, no value fits a comparison but that with null and `not in`."""
    operator, wanted = clause.operator, clause.value
    kind = "many2one" if field.kind == "list" else field.kind
    try:
        if operator in ("in", "not in"):
            return _among(kind, operator, wanted)
        if operator in ("like", "ilike", "not like", "not ilike"):
            return _like(operator, wanted)
        wanted = as_kind(kind, wanted)
    except ValueError as error:
        raise user_error(f"{clause.path}: {error}", "E1002") from error
    if operator == "=":
        return lambda value: value == wanted
    if operator == "!=":
        return lambda value: value is not None and value != wanted if wanted is not None else value is not None
    compare = _COMPARISONS.get(operator)
    if compare is None:
        raise user_error(f"There is no operator {operator!r}", "E1002")
    if wanted is None:
        return lambda _: False
    return lambda value: value is not None and compare(value, wanted)


def _among(kind: str, operator: str, wanted: Any) -> Predicate:
    if not isinstance(wanted, list):
        raise user_error(f"{wanted!r} is no list", "E1002")
    allowed = frozenset(as_kind(kind, one) for one in wanted)
    if operator == "in":
        return lambda value: value in allowed
    return lambda value: value not in allowed


def _like(operator: str, wanted: Any) -> Predicate:
    if not isinstance(wanted, str):
        raise user_error(f"{wanted!r} is no text", "E1002")
    pattern = _pattern(wanted, operator.endswith("ilike"))
    if operator.startswith("not "):
        return lambda value: value is None or pattern.fullmatch(str(value)) is None
    return lambda value: value is not None and pattern.fullmatch(str(value)) is not None


@lru_cache(maxsize=512)
def _pattern(text: str, any_case: bool) -> re.Pattern[str]:
    """`%` stands for any text, `_` for any sign, a backslash takes a sign as it is."""
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    signs = [_SIGNS.get(part) or re.escape(part[-1]) for part in parts]
    return re.compile("".join(signs), re.DOTALL | (re.IGNORECASE if any_case else 0))


_SIGNS = {"%": ".*", "_": "."}
