"""What the invented shop sells: collections of clothes in colours and sizes, with a price tag for every currency."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from random import Random

from retail_sync.sandbox.world.events import ProductListed, VariantSpec
from retail_sync.sandbox.world.markets import MARKETS, Market

GIFT_CARDS = "Gift cards"
GIFT_CARD_PRODUCT = 1
COLLECTIONS = (
    "Core", "Denim Works", "Nordic Light", "Slow Summer", "Midnight Sun", "Harbour", "Archive 97", "Studio",
    "Active Trail", "Wool & Co", "Linen Days", "First Frost", "Festival", "Garden Party", "Little Ones",
)  # fmt: skip
#: How many of the collections are there from the start; the others come in the course of the history.
FIRST_COLLECTIONS = 9
PRODUCTS_A_COLLECTION = 17
_CLOTHES = ("XS", "S", "M", "L", "XL")
_KINDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("T-shirt", 199, 499, _CLOTHES),
    ("Shirt", 499, 1199, _CLOTHES),
    ("Knit", 699, 1899, _CLOTHES),
    ("Jeans", 899, 1699, ("28", "30", "32", "34")),
    ("Dress", 699, 2299, _CLOTHES),
    ("Jacket", 1299, 4499, _CLOTHES),
    ("Sneaker", 999, 1999, ("37", "39", "41", "43")),
    ("Tote bag", 149, 899, ("One size",)),
    ("Socks", 79, 149, ("36-40", "41-45")),
)
_WORDS = (
    "Alva",
    "Birk",
    "Cirrus",
    "Dune",
    "Ebba",
    "Fjäll",
    "Gry",
    "Hav",
    "Isa",
    "Juni",
    "Kelp",
    "Luna",
    "Måne",
    "Nord",
)
_COLOURS = ("Black", "Off-white", "Navy", "Rust", "Sage", "Rosé", "Sky", "Café au lait")
_GIFT_VALUES = (250, 500, 1000)
_CENT = Decimal("0.01")


def price_tag(market: Market, base: int) -> Decimal:
    """A price in the market's currency as a shop would print it: whole, or ending in .95 where money is dear."""
    converted = base * market.factor
    if market.factor < Decimal("0.5"):
        return (converted.to_integral_value() + Decimal("0.95")).quantize(_CENT)
    return (converted / 10).to_integral_value() * 10 - Decimal("1.00")


def gift_card(at: datetime) -> ProductListed:
    """The gift card, worth the same round sums in every market's currency."""
    variants = tuple(
        VariantSpec(
            variant_id=GIFT_CARD_PRODUCT * 100 + place,
            sku=f"GIFT-{value}",
            colour="",
            size=str(value),
            prices={one.currency: (Decimal(value) * one.factor).quantize(_CENT) for one in MARKETS},
            stock=100_000,
        )
        for place, value in enumerate(_GIFT_VALUES)
    )
    return ProductListed(
        at=at,
        product_id=GIFT_CARD_PRODUCT,
        number="GIFT",
        name="Gift card",
        brand="Kustlinje",
        collection=GIFT_CARDS,
        variants=variants,
        image_url="https://img.kustlinje.test/gift.jpg",
    )


def collection(place: int, at: datetime, chance: Random) -> Iterator[ProductListed]:
    """All products of one collection, listed at a time."""
    for number in range(PRODUCTS_A_COLLECTION):
        yield _product(1000 + place * 100 + number, COLLECTIONS[place], at, chance)


def _product(product_id: int, name_of_collection: str, at: datetime, chance: Random) -> ProductListed:
    kind, cheapest, dearest, sizes = chance.choice(_KINDS)
    base = chance.randrange(cheapest, dearest + 1, 10)
    prices = {market.currency: price_tag(market, base) for market in MARKETS}
    number = f"KL{product_id}"
    variants = tuple(
        VariantSpec(
            variant_id=product_id * 100 + place,
            sku=f"{number}-{colour[:3].upper()}-{size.replace(' ', '').upper()}",
            colour=colour,
            size=size,
            prices=prices,
            stock=chance.randrange(0, 120),
        )
        for place, (colour, size) in enumerate(
            (colour, size) for colour in chance.sample(_COLOURS, chance.randint(1, 3)) for size in sizes
        )
    )
    return ProductListed(
        at=at,
        product_id=product_id,
        number=number,
        name=f"{chance.choice(_WORDS)} {kind}",
        brand="Kustlinje",
        collection=name_of_collection,
        variants=variants,
        image_url=f"https://img.kustlinje.test/{number.lower()}.jpg" if chance.random() < 0.97 else None,
    )
