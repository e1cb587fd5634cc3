"""New customers and what people put in their baskets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from random import Random

from msgspec import structs

from retail_sync.sandbox.world import names
from retail_sync.sandbox.world.assortment import GIFT_CARD_PRODUCT
from retail_sync.sandbox.world.events import CustomerKnown, LineSpec, OrderPlaced, PlaceOfLiving, VariantSpec
from retail_sync.sandbox.world.markets import BY_NAME, MARKETS, Market, rate_on
from retail_sync.sandbox.world.state import World

_CENT = Decimal("0.01")
_NOTHING = Decimal("0.00")
_MARKET_SHARES = [market.share for market in MARKETS]
_PERCENT_VOUCHERS = (("WELCOME10", 10), ("CLUB15", 15), ("FRIENDS20", 20))
_MARKDOWNS = (Decimal("0.80"), Decimal("0.70"), Decimal("0.50"))
_MARKETPLACES = ("zalando", "amazon")
_PAYMENTS = ("klarna", "klarna", "klarna", "adyen_card", "adyen_card", "paypal", "swish")


def buys_wholesale(customer_id: int) -> bool:
    """Whether a customer is a shop that buys for resale: a trait, so that it needs no remembering."""
    return customer_id % 89 == 7


def pays_full_price(customer_id: int) -> bool:
    """Whether a customer never buys marked down nor with a voucher."""
    return customer_id % 6 == 1


def newcomer(world: World, at: datetime, chance: Random, *, registered: bool) -> CustomerKnown:
    """A customer nobody knew. A guest may be somebody who is registered under the same address."""
    number = world.last_customer + 1
    registered = registered or buys_wholesale(number)
    twin = _somebody(world, chance) if not registered and chance.random() < 0.09 else None
    if twin is not None:
        email = twin.email.upper() if chance.random() < 0.15 else twin.email
        return structs.replace(twin, at=at, customer_id=number, email=email, registered=False, newsletter=False)
    market = chance.choices(MARKETS, _MARKET_SHARES)[0]
    first, last = names.person(chance)
    mistyped = not registered and chance.random() < 0.008
    return CustomerKnown(
        at=at,
        customer_id=number,
        email=names.mistyped(first, number, chance) if mistyped else names.address(first, last, number, chance),
        first_name=first,
        last_name=last,
        registered=registered,
        newsletter=chance.random() < (0.55 if registered else 0.2),
        home=home(market, chance),
        market=market.name,
        birthdate=_birthdate(chance) if registered and chance.random() < 0.4 else None,
    )


def home(market: Market, chance: Random) -> PlaceOfLiving:
    """Somewhere to live in a market."""
    postcode, city = chance.choice(market.towns)
    phone = f"{market.dialling}{chance.randrange(10**6, 10**7)}" if chance.random() < 0.9 else None
    return PlaceOfLiving(
        line1=f"{chance.choice(market.streets)} {chance.randint(1, 180)}",
        postcode=postcode,
        city=city,
        country=market.country,
        phone=phone,
    )


def moved(customer: CustomerKnown, at: datetime, chance: Random) -> CustomerKnown:
    """The same customer at a new address in the same country."""
    return structs.replace(customer, at=at, home=home(BY_NAME[customer.market], chance))


def returning(world: World, chance: Random) -> CustomerKnown:
    """Somebody who buys again; a few buy often."""
    return world.customers[world.customer_ids[int(len(world.customer_ids) * chance.random() ** 2.2)]]


def order(world: World, customer: CustomerKnown, at: datetime, chance: Random) -> OrderPlaced:
    """An order of a customer: its lines, shipping less discount are what the customer owes."""
    market = BY_NAME[customer.market]
    number = world.last_order + 1
    wholesale = buys_wholesale(customer.customer_id)
    lines = _basket(world, customer, market, number, chance, wholesale=wholesale)
    goods = sum((line.unit_price * line.quantity for line in lines if not line.gift_card), Decimal(0))
    voucher, discount = None, _NOTHING
    if not wholesale and not pays_full_price(customer.customer_id):
        voucher, discount = _voucher(market, goods, chance)
    affiliate = chance.choice(_MARKETPLACES) if not wholesale and chance.random() < 0.015 else None
    return OrderPlaced(
        at=at,
        number=number,
        customer_id=customer.customer_id,
        email=customer.email,
        store_type="WHOLESALE" if wholesale else "DIRECT_TO_CONSUMER",
        market=market.name,
        currency=market.currency,
        rate=rate_on(market, at),
        lines=lines,
        shipping=_shipping(market, goods - discount, wholesale=wholesale),
        ship_to=customer.home if chance.random() < 0.93 else home(market, chance),
        first_name=customer.first_name,
        last_name=customer.last_name,
        discount=discount,
        voucher=voucher,
        captured=not wholesale and chance.random() < 0.8,
        payment_method="invoice" if wholesale else affiliate or chance.choice(_PAYMENTS),
        affiliate=affiliate,
    )


def _somebody(world: World, chance: Random) -> CustomerKnown | None:
    if not world.customer_ids:
        return None
    one = world.customers[chance.choice(world.customer_ids)]
    return one if one.registered and not buys_wholesale(one.customer_id) else None


def _birthdate(chance: Random) -> str:
    return f"{chance.randint(1950, 2006)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


def _basket(
    world: World, customer: CustomerKnown, market: Market, number: int, chance: Random, *, wholesale: bool
) -> tuple[LineSpec, ...]:
    if not wholesale and chance.random() < 0.012:
        return (_gift_card_line(world, market, number, chance),)
    wanted = chance.randint(4, 9) if wholesale else chance.choice((1, 1, 1, 2, 2, 3, 4))
    lines = []
    for place in range(wanted):
        product_id, variant = _choose(world, customer, place, chance)
        price = variant.prices[market.currency]
        lines.append(
            LineSpec(
                line_id=number * 100 + place,
                product_id=product_id,
                variant_id=variant.variant_id,
                sku=variant.sku,
                name=world.products[product_id].name,
                quantity=chance.randint(6, 24) if wholesale else chance.choice((1, 1, 1, 1, 1, 1, 2, 3)),
                unit_price=_asked(price, customer, chance, wholesale=wholesale),
                list_price=price,
            )
        )
    return tuple(lines)


def _choose(world: World, customer: CustomerKnown, place: int, chance: Random) -> tuple[int, VariantSpec]:
    """A variant; now and then the very one that the customer bought last."""
    before = world.bought_last.get(customer.customer_id)
    if place == 0 and before is not None and before[0] != GIFT_CARD_PRODUCT and chance.random() < 0.15:
        return before[0], world.variant(*before)
    product_id = GIFT_CARD_PRODUCT
    while product_id == GIFT_CARD_PRODUCT:
        product_id = chance.choice(world.product_ids)
    return product_id, chance.choice(world.products[product_id].variants)


def _asked(price: Decimal, customer: CustomerKnown, chance: Random, *, wholesale: bool) -> Decimal:
    if wholesale:
        return (price * Decimal("0.45")).quantize(_CENT)
    if pays_full_price(customer.customer_id) or chance.random() >= 0.25:
        return price
    return (price * chance.choice(_MARKDOWNS)).quantize(_CENT)


def _gift_card_line(world: World, market: Market, number: int, chance: Random) -> LineSpec:
    card = world.products[GIFT_CARD_PRODUCT]
    variant = chance.choice(card.variants)
    price = variant.prices[market.currency]
    return LineSpec(
        line_id=number * 100,
        product_id=GIFT_CARD_PRODUCT,
        variant_id=variant.variant_id,
        sku=variant.sku,
        name=card.name,
        quantity=1,
        unit_price=price,
        list_price=price,
        gift_card=True,
    )


def _voucher(market: Market, goods: Decimal, chance: Random) -> tuple[str | None, Decimal]:
    drawn = chance.random()
    if not goods or drawn > 0.14:
        return None, _NOTHING
    if drawn < 0.03:
        off = (100 * market.factor).quantize(_CENT)
        return ("HELLO100", off) if goods > 3 * off else (None, _NOTHING)
    code, percent = chance.choice(_PERCENT_VOUCHERS)
    return code, (goods * percent / 100).quantize(_CENT)


def _shipping(market: Market, goods: Decimal, *, wholesale: bool) -> Decimal:
    return _NOTHING if wholesale or not goods or goods >= market.free_from else market.shipping
