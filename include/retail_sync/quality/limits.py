"""What a destination's contact fields take, compiled to SQL over a staged customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import sql

from retail_sync.model.views import FieldLimit
from retail_sync.stage.batches import NOTHING, Expression

#: What may stand for itself on the customer's record or, where it does not, on its address.
_ON_THE_ADDRESS_TOO = frozenset({"first_name", "last_name", "phone"})
_BLANKS = sql.SQL(r"E' \t\r\n'")

_NAMES = "nullif(concat_ws(', ', {}), '')"
_NAMED = "(select %s::text from (select {} as value) as given where {})"

_Condition = tuple[sql.Composable, list[Any]]


def cut_fields(limits: Sequence[FieldLimit]) -> Expression:
    """The names of the fields whose value is too long or must be cleaned; NULL where each fits as it is."""
    return _names(limits, _is_cut)


def unfit_fields(limits: Sequence[FieldLimit]) -> Expression:
    """The names of the fields that can't take the value; NULL where all can."""
    return _names(limits, _is_unfit)


def refused_address(limits: Sequence[FieldLimit]) -> str | None:
    """A pattern of addresses in lower case that the destination refuses, or None where it is not known to."""
    return next((limit.refused for limit in limits if limit.value == "email" and limit.refused), None)


def _names(limits: Sequence[FieldLimit], condition: Any) -> Expression:
    parts: list[sql.Composable] = []
    parameters: list[Any] = []
    for limit in limits:
        value, given = _value(limit)
        if value is None:
            continue
        for where, judged_by in condition(limit):
            parts.append(sql.SQL(_NAMED).format(value, where))
            parameters += [limit.field, *given, *judged_by]
    if not parts:
        return NOTHING
    return Expression(sql.SQL(_NAMES).format(sql.SQL(", ").join(parts)), tuple(parameters))


def _value(limit: FieldLimit) -> tuple[sql.Composable | None, list[Any]]:
    """The value on the record, as text, or a whole address as JSON; none for what is worked out here, such as facts."""
    head, _, rest = limit.value.partition(".")
    if limit.value == "address":
        return (sql.SQL("doc -> 'address'"), []) if limit.type == "address" else (None, [])
    if limit.value in _ON_THE_ADDRESS_TOO:
        return sql.SQL("coalesce(nullif(doc ->> %s::text, ''), doc #>> array['address', %s::text])"), [head, head]
    if rest and head in ("address", "attributes"):
        return sql.SQL("doc #>> array[%s::text, %s::text]"), [head, rest]
    if head in ("email", "birthdate"):
        return sql.SQL("doc ->> %s::text"), [head]
    return None, []


def _is_cut(limit: FieldLimit) -> Iterator[_Condition]:
    if limit.type != "text" or limit.form or limit.choices:
        return
    if limit.length is not None:
        bare, parameters = _bare(limit)
        # What is short as it stands need not be looked through.
        longer = sql.SQL("char_length(value) > %s and char_length({}) > %s").format(bare)
        yield longer, [limit.length, *parameters, limit.length]
    if limit.cleaned is not None:
        # Blanks around a value, of whatever sort, are taken away without a word.
        yield sql.SQL("btrim(value, {}) ~ %s::text").format(_BLANKS), [limit.cleaned]


def _is_unfit(limit: FieldLimit) -> Iterator[_Condition]:
    if limit.type == "address":
        parts = ("line1", "city", "postcode")
        yield sql.SQL("value is not null and not value ?& %s::text[]"), [list(parts)]
        return
    bare, parameters = _bare(limit)
    if limit.type == "day":
        yield sql.SQL("{} <> '' and not coalesce({}, false)").format(bare, _day(bare)), [*parameters * 3]
        return
    if limit.form is not None:
        wrong = sql.SQL("{} <> '' and ({} !~ %s::text or char_length({}) > coalesce(%s::integer, char_length({})))")
        given = [*parameters * 2, f"^({limit.form})$", *parameters, limit.length, *parameters]
        yield wrong.format(bare, bare, bare, bare), given
    if limit.choices:
        yield (
            sql.SQL("{} <> '' and {} <> all (%s::text[])").format(bare, bare),
            [*parameters * 2, list(limit.choices)],
        )


def _bare(limit: FieldLimit) -> tuple[sql.Composable, list[Any]]:
    """The value as it is rendered, before it is cut."""
    if limit.cleaned is None:
        return sql.SQL("btrim(value, {})").format(_BLANKS), []
    return sql.SQL("btrim(regexp_replace(value, %s::text, ' ', 'g'), {})").format(_BLANKS), [limit.cleaned]


def _day(bare: sql.Composable) -> sql.Composable:
    # The form is looked at first: Postgres would take `yesterday` for a day too.
    return sql.SQL(
        "case when {} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]|$)' then pg_input_is_valid(left({}, 10), 'date') end"
    ).format(bare, bare)
