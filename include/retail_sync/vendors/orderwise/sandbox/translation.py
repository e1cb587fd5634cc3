"""From the T-SQL of an export definition to what the sandbox's engine runs, with nothing left out on the way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from retail_sync.vendors.orderwise.sandbox.database import BITS
from retail_sync.vendors.orderwise.sandbox.dialect import Engine, RefusedDefinitionError

#: What SQL Server can do here and this sandbox can't: a definition that needs it is refused rather than misread.
_BEYOND_US: dict[type[exp.Expression], str] = {
    exp.Lateral: "APPLY",
    exp.Into: "SELECT INTO",
    exp.ForClause: "FOR XML or FOR JSON",
    exp.Insert: "INSERT",
    exp.Update: "UPDATE",
    exp.Delete: "DELETE",
}


@dataclass(frozen=True, slots=True)
class Translated:
    """A definition that can be run.

    Attributes:
        sql: For sqlite, with parameters such as `@since`.
        parameters: Their names without the sign, in small letters.
        flags: Columns that are a `bit`, and so come as true or false.
    """

    sql: str
    parameters: frozenset[str]
    flags: frozenset[str]


@lru_cache(maxsize=256)
def translate(text: str) -> Translated:
    """Translate one definition.

    Raises:
        RefusedDefinitionError: It is not one SELECT, or it needs what the sandbox can't do.
    """
    query = _parse(text)
    _refuse(query)
    parameters = list(query.find_all(exp.Parameter))
    for parameter in parameters:
        parameter.set("this", exp.Var(this=parameter.name.lower()))
    for table in query.find_all(exp.Table):
        # dbo. and the name of the database lead to the same tables.
        table.set("db", None)
        table.set("catalog", None)
        if table.name.lower().startswith(("sqlite_", "pragma_")):
            raise RefusedDefinitionError(f"no such table: {table.name}")
    sql = query.sql(dialect=Engine, comments=False, identify=True)
    return Translated(sql, frozenset(parameter.name for parameter in parameters), _flags(query))


def _parse(text: str) -> exp.Query:
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect="tsql") if tree is not None]
    except SqlglotError as error:
        raise RefusedDefinitionError(f"it is no T-SQL: {str(error).splitlines()[0]}") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise RefusedDefinitionError("a definition is one SELECT")
    return trees[0]


def _refuse(query: exp.Query) -> None:
    """Refuse what can't be run, or would be translated into something else."""
    for kind, name in _BEYOND_US.items():
        if query.find(kind) is not None:
            raise RefusedDefinitionError(f"{name} can't be run here")
    for limit in query.find_all(exp.Limit):
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("with_ties") or options.args.get("percent")):
            raise RefusedDefinitionError("TOP with ties or percent can't be run here")


def _flags(query: exp.Query) -> frozenset[str]:
    return frozenset(column.alias_or_name for column in query.selects if _is_bit(column.unalias()))


def _is_bit(value: exp.Expr) -> bool:
    """Whether a value is a `bit`: cast to one, a column of that type, or a choice between such."""
    if isinstance(value, exp.Convert):
        return bool(value.this.this == exp.DataType.Type.BIT)
    if isinstance(value, exp.Cast):
        return bool(value.to.this == exp.DataType.Type.BIT)
    if isinstance(value, exp.Case):
        choices = [one.args["true"] for one in value.args["ifs"]]
        choices += [value.args["default"]] if value.args.get("default") else []
        return all(_is_bit(one) or isinstance(one, exp.Null) for one in choices)
    return isinstance(value, exp.Column) and value.name.lower() in BITS
