"""Channel rules of a pair, compiled to one SQL expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from retail_sync.pairs.config import ChannelRule

#: Where a staged order keeps its channel facts.
CHANNEL = sql.SQL("doc -> 'channel'")


def channel_case(rules: Sequence[ChannelRule], channel: sql.Composable = CHANNEL) -> tuple[sql.Composable, list[Any]]:
    """The class of an order by the first rule that fits, as a text expression; NULL where none does.

    A rule fits when every fact that it names has one of the values it lists. Values are compared without regard to
    case and to blanks around them, since systems spell their own codes differently over the years.

    Args:
        rules: `Pair.channels`, in their order.
        channel: A jsonb expression of the order's channel facts, such as `{"store_type": "WHOLESALE"}`. It is
            repeated, so it must hold no placeholder.

    Returns:
        The expression and its parameters, in the order of its `%s` placeholders.
    """
    parameters: list[Any] = []
    branches = [_branch(rule, channel, parameters) for rule in rules]
    if not branches:
        return sql.SQL("null::text"), []
    return sql.SQL("case {} end").format(sql.SQL(" ").join(branches)), parameters


def _branch(rule: ChannelRule, channel: sql.Composable, parameters: list[Any]) -> sql.Composable:
    conditions: list[sql.Composable] = []
    for fact, values in rule.when.items():
        conditions.append(sql.SQL("lower(btrim(({}) ->> %s::text)) = any(%s::text[])").format(channel))
        parameters += [fact, [value.strip().lower() for value in values]]
    parameters.append(rule.is_)
    fits = sql.SQL(" and ").join(conditions) if conditions else sql.SQL("true")
    return sql.SQL("when {} then %s::text").format(fits)
