"""sqlite as the sandbox uses it: with T-SQL's own ideas of times, texts and sums, which `functions` has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.dialects.sqlite import SQLite

_TIMES = {
    exp.DataType.Type.DATETIME,
    exp.DataType.Type.DATETIME2,
    exp.DataType.Type.TIMESTAMP,
    exp.DataType.Type.SMALLDATETIME,
}
#: Styles of CONVERT that write a time as it stands in the database, or nearly so.
_ISO_STYLES = {"120", "121", "126"}
#: sqlglot's generators are typed as loosely as the tree that they walk.
_Writer = Callable[[Any, Any], str]


class RefusedDefinitionError(ValueError):
    """A definition that can't be installed here; the text says why."""


def _cast(generator: Any, value: exp.Expression, to: exp.DataType) -> str:
    if to.this in _TIMES:
        return str(generator.func("ow_datetime", value))
    if to.this == exp.DataType.Type.DATE:
        return str(generator.func("ow_date", value))
    if to.this == exp.DataType.Type.BIT:
        return str(generator.func("ow_bit", value))
    if to.this in exp.DataType.TEXT_TYPES:
        return _text(generator, value, to)
    if to.this == exp.DataType.Type.DECIMAL:
        scale = to.expressions[1].this if len(to.expressions) > 1 else exp.Literal.number(0)
        return str(generator.func("ROUND", exp.cast(value, "DOUBLE"), scale))
    return f"CAST({generator.sql(value)} AS {'INTEGER' if to.this in exp.DataType.INTEGER_TYPES else 'REAL'})"


def _text(generator: Any, value: exp.Expression, to: exp.DataType) -> str:
    """A text of at most so many characters."""
    length = to.expressions[0].this if to.expressions else None
    if isinstance(length, exp.Literal) and not length.is_string:
        return f"ow_left(ow_text({generator.sql(value)}), {length.this})"
    return str(generator.func("ow_text", value))


def _convert(generator: Any, convert: exp.Expression) -> str:
    style = convert.args.get("style")
    if style is not None and style.name not in _ISO_STYLES:
        raise RefusedDefinitionError(f"style {style.name} of CONVERT can't be run here")
    return _cast(generator, convert.args["expression"], convert.this)


def _string_agg(generator: Any, aggregate: exp.Expression) -> str:
    value, order = aggregate.this, None
    if isinstance(value, exp.Order):
        value, order = value.this, value.expressions[0]
    if order is not None and order.args.get("desc"):
        raise RefusedDefinitionError("STRING_AGG in descending order can't be run here")
    separator = aggregate.args.get("separator") or exp.Literal.string(",")
    return str(generator.func("ow_string_agg", value, separator, order.this if order is not None else exp.null()))


def _span(name: str, first: str, second: str) -> _Writer:
    def write(generator: Any, span: exp.Expression) -> str:
        unit = exp.Literal.string(span.args["unit"].name if span.args.get("unit") else "DAY")
        return str(generator.func(name, unit, span.args[first], span.args[second]))

    return write


def _now(_: Any, __: exp.Expression) -> str:
    return "ow_now()"


class Engine(SQLite):
    """What translated definitions are written in.

    Names stand in back quotes: in double ones, sqlite would take a column that does not exist for a text.
    """

    class Tokenizer(SQLite.Tokenizer):
        """Knows how names are quoted."""

        IDENTIFIERS = ["`"]  # noqa: RUF012 - it is how sqlglot declares a dialect

    # sqlglot names a dialect's generator by a variable, which its own dialects subclass as well.
    class Generator(SQLite.Generator):  # type: ignore[valid-type,misc]
        """Calls the sandbox's functions where sqlite differs."""

        TRANSFORMS = {  # noqa: RUF012 - it is how sqlglot declares a dialect
            **SQLite.Generator.TRANSFORMS,
            exp.Add: lambda self, e: self.func("ow_plus", e.this, e.expression),
            exp.Cast: lambda self, e: _cast(self, e.this, e.to),
            exp.TryCast: lambda self, e: _cast(self, e.this, e.to),
            exp.Convert: _convert,
            exp.CurrentTimestamp: _now,
            exp.DateAdd: _span("ow_dateadd", "expression", "this"),
            exp.DateDiff: _span("ow_datediff", "expression", "this"),
            exp.TimeStrToTime: lambda self, e: self.sql(e, "this"),
            exp.GroupConcat: _string_agg,
            exp.Concat: lambda self, e: self.func("ow_concat", *e.expressions),
            exp.Left: lambda self, e: self.func("ow_left", e.this, e.expression),
            exp.Right: lambda self, e: self.func("ow_right", e.this, e.expression),
            exp.Length: lambda self, e: f"LENGTH(RTRIM({self.sql(e, 'this')}))",
            exp.National: lambda self, e: self.sql(exp.Literal.string(e.name)),
        }
