"""What a sandbox account is told at its start; each assumption about the real API that is uncertain is a setting."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class AudienceSetup(Struct, frozen=True, kw_only=True):
    """A list that stands from the beginning."""

    id: str
    name: str = "Shop"
    double_optin: bool = False


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account and its traps.

    Attributes:
        api_keys: Keys that are let in, as Basic password or as Bearer token.
        dc: Data centre, the part of a key after its dash.
        audiences: Lists that exist at the start and after a reset.
        campaigns: Campaign ids that orders and carts may name.
        merge_field_limit: Merge fields an audience can have.
        concurrency: Requests in work at once; the next one gets 429.
        latency: Seconds that each request is kept in work.
        fake_domains: Domains whose addresses look invented to the API.
        fake_addresses: Single addresses that do.
        batch_state_seconds: How long a batch stays in each state before `finished`.
        batch_pending_limit: Unfinished batches an account may have.
        batch_operations_per_file: Operations that share one file of a result.
        batch_lifetime: Seconds after which a finished batch is gone. ASSUMED: seven days.
        batch_url_lifetime: Seconds for which a result's address is good. ASSUMED: ten minutes.
        seed: Decides the order of execution inside a batch, which the API leaves open.
        list_archived_members: Whether a reading without `status` gives archived contacts. ASSUMED: it does not.
        count_cancelled_orders: Whether orders with `cancelled_at_foreign` count in orders_count and total_spent.
            ASSUMED: they don't.
        put_order_replaces_lines: Whether a PUT order drops lines that it does not name. ASSUMED: it keeps them, as
            PATCH does.
        store_activity_unarchives: Whether a customer, order or cart brings an archived contact back. Seen by some.
        orders_move: What a PATCH order with another known customer does. ASSUMED: the order moves; else the customer is
            ignored with a 200, or the request refused.
        customer_deletion: What becomes of the orders of a customer that is deleted. ASSUMED: they are kept.
        form_source: What `source` says of contacts that used the hosted sign-up form. ASSUMED.
    """

    api_keys: tuple[str, ...] = ("0123456789abcdef0123456789abcdef-us99",)
    dc: str = "us99"
    audiences: tuple[AudienceSetup, ...] = (AudienceSetup(id="5a3d0c9b1e"),)
    campaigns: tuple[str, ...] = ()
    merge_field_limit: int = 30
    concurrency: int = 10
    latency: float = 0.0
    fake_domains: tuple[str, ...] = ("example.com", "example.org", "example.net", "yopmail.com")
    fake_addresses: tuple[str, ...] = ("alex@gmail.com", "spam@pharma.org")
    batch_state_seconds: float = 0.005
    batch_pending_limit: int = 500
    batch_operations_per_file: int = 100
    batch_lifetime: float = 7 * 86400.0
    batch_url_lifetime: float = 600.0
    seed: int = 0
    list_archived_members: bool = False
    count_cancelled_orders: bool = False
    put_order_replaces_lines: bool = False
    store_activity_unarchives: bool = False
    orders_move: Literal["moved", "ignored", "refused"] = "moved"
    customer_deletion: Literal["orders_kept", "orders_deleted"] = "orders_kept"
    form_source: str = "Hosted Signup Form"
