"""Every rule of the package, and the rules of a pair."""

from __future__ import annotations

from retail_sync.errors import ConfigurationError
from retail_sync.pairs.config import Pair

from .rule import Rule, Sheet
from .rules.customers import ATTRIBUTES, CUSTOMERS
from .rules.order_contents import LINES, PARCELS
from .rules.orders import ORDERS
from .rules.products import PRODUCTS
from .rules.returns import RETURNS
from .rules.shopping import SHOPPING

#: All rules, by id.
CATALOGUE: dict[str, Rule] = {
    rule.id: rule for rule in CUSTOMERS + ATTRIBUTES + ORDERS + LINES + PARCELS + RETURNS + PRODUCTS + SHOPPING
}


def rules_of(pair: Pair) -> tuple[Rule, ...]:
    """The rules that a pair is judged by, with its overrides, in the order of the catalogue.

    Raises:
        ConfigurationError: The pair file overrides a rule that there is not, or gives one an effect that it can't have.
    """
    if unknown := sorted(pair.rules.keys() - CATALOGUE.keys()):
        raise ConfigurationError(
            f"overrides the unknown rule {unknown[0]!r}", record=pair.pair, fix=f"Known are: {', '.join(CATALOGUE)}."
        )
    found = ((rule, pair.rules.get(rule.id)) for rule in CATALOGUE.values() if rule.source in pair.streams)
    return tuple(_changed(pair, rule) for rule, override in found if override is None or override.enabled)


def _changed(pair: Pair, rule: Rule) -> Rule:
    changed = rule.changed_by(pair.rules.get(rule.id))
    if changed.effect not in rule.possible:
        raise ConfigurationError(
            f"the rule {rule.id} can't have the effect {changed.effect}",
            record=pair.pair,
            fix=f"It can have {', '.join(sorted(rule.possible))}.",
        )
    return changed


def rules_by_stream(rules: tuple[Rule, ...]) -> dict[Sheet, tuple[Rule, ...]]:
    """The same rules, by the rows that they judge."""
    streams = dict.fromkeys(rule.stream for rule in rules)
    return {stream: tuple(rule for rule in rules if rule.stream == stream) for stream in streams}
