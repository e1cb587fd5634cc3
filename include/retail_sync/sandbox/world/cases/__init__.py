"""Everything that real shops and real marketing do to a sync, one case each, under a name that stays.

Cases live beside the invented shop on numbers of their own (`state.OTHERS_*`) and are the same whatever its seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from inspect import cleandoc

from retail_sync.sandbox.world.cases import goods_cases, order_cases, parcel_cases, people_cases, platform_cases
from retail_sync.sandbox.world.cases.case import Case, Stage, Teller
from retail_sync.sandbox.world.cases.goods import products
from retail_sync.sandbox.world.events import OrderPlaced, ShopEvent

__all__ = ["NUMBERS", "Case", "all_cases", "news", "past", "were_told"]

#: The number of each case, which is that of its customers and orders; a number is never given again.
NUMBERS: Mapping[int, Teller] = {
    1: people_cases.guest_and_account,
    2: people_cases.two_addresses,
    3: people_cases.address_changed,
    4: people_cases.customers_merged,
    5: people_cases.only_wholesale,
    6: people_cases.only_marketplace,
    7: people_cases.shop_and_marketplace,
    8: parcel_cases.split_shipment,
    9: parcel_cases.unknown_carrier,
    10: parcel_cases.letter_post,
    11: parcel_cases.no_tracking_number,
    12: order_cases.all_at_once,
    13: order_cases.captured_later,
    14: order_cases.line_cancelled,
    15: order_cases.order_cancelled,
    16: order_cases.partial_return,
    17: order_cases.exchange,
    18: order_cases.zero_total,
    19: order_cases.four_hundred_lines,
    20: order_cases.several_currencies,
    21: order_cases.three_decimals,
    22: order_cases.on_hold,
    23: order_cases.unknown_product,
    24: order_cases.attribution,
    25: order_cases.cart_bought,
    26: order_cases.order_on_two_pages,
    27: order_cases.order_edited_while_paging,
    30: people_cases.invalid_address,
    31: people_cases.fake_address,
    32: people_cases.odd_names,
    33: people_cases.customer_erased,
    40: platform_cases.left_there_and_wanted_here,
    41: platform_cases.left_before_we_came,
    42: platform_cases.left_here,
    43: platform_cases.yes_that_comes_later,
    44: platform_cases.bounced,
    45: platform_cases.forgotten,
    46: platform_cases.archived,
    47: platform_cases.imported_again,
    48: platform_cases.signed_up_again,
    49: platform_cases.edited_by_hand,
    50: platform_cases.order_edited_by_hand,
    51: platform_cases.product_deleted_by_hand,
    52: platform_cases.deleted_product_is_bought,
    60: goods_cases.back_in_stock,
}


def all_cases(until: datetime) -> list[Case]:
    """Every case.

    Args:
        until: When the past ends and the day after begins (aware UTC).
    """
    return [_told(number, teller, until) for number, teller in NUMBERS.items()]


def _told(number: int, teller: Teller, until: datetime) -> Case:
    stage = Stage(number, teller.__name__.replace("_", "-"), until)
    teller(stage)
    return stage.case(cleandoc(teller.__doc__ or ""))


def were_told(events: Iterable[ShopEvent], happened: Iterable[ShopEvent]) -> bool:
    """Whether an order of these events is among what has happened."""
    numbers = {event.number for event in happened if isinstance(event, OrderPlaced)}
    return any(event.number in numbers for event in events if isinstance(event, OrderPlaced))


def past(cases: Iterable[Case]) -> list[ShopEvent]:
    """What had happened before the shop is read for the first time, in the order of time."""
    told = [event for case in cases for event in case.past]
    return sorted([*products(min(event.at for event in told)), *told], key=lambda event: event.at)


def news(cases: Iterable[Case]) -> list[ShopEvent]:
    """What happens on the day after, in the order of time."""
    return sorted((event for case in cases for event in case.news), key=lambda event: event.at)
