"""What a sandbox account is told at its start; each assumption about the real API that is uncertain is a setting."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

#: Event types that are registered unless others are named.
EVENT_TYPES = (
    "order_confirmed",
    "order_captured",
    "payment_captured",
    "order_shipped",
    "order_cancelled",
    "order_refunded",
    "review_request",
    "back_in_stock",
    "added_to_basket",
    "basket_left",
    "viewed_collection",
)


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account and its traps.

    Attributes:
        api_keys: Keys that are let in.
        push_per_second: Pushes that the account may make; older documents say 4.
        data_per_second: Other requests it may make.
        mails_per_second: Transactional mails; older documents say 10.
        erasures_per_minute: Requests about erasures.
        merges_per_minute: Merges of profiles.
        push_status: HTTP status of a push that was taken. ASSUMED: 200.
        validate_seconds: How long a record waits in the queue before it is validated and stored.
        queue_limit: Records that may wait at once, None for no limit; only older documents have one.
        queue_headers: Whether a push is told the queue's limit and what is left of it.
        errors_kept: How many errors are remembered.
        errors_order: In which order they are listed. ASSUMED: the newest first.
        update: What a known contact or product becomes that is sent without `@merge`. ASSUMED: it is merged.
        order_update: What a known order becomes. Documents say both.
        optout_sticks: Whether a listing that once opted out keeps its profile out, though the listing itself says
            otherwise later, unforced. ASSUMED: it does.
        refuse_email_ids: Whether a listing's id may not look like an address. Documents forbid it; ASSUMED: refused.
        event_types: Custom events that Ometria's staff has registered.
        event_sent_again: What a custom event does whose id is known. ASSUMED: it replaces the first and sets off
            nothing.
        profile_by_email: What `/profiles?email=` answers; documents say an object, clients see an array.
        merge_form: The generation of `/merge-profile`.
        erasure_seconds: How long an erasure takes; the real one takes up to 14 days.
        form_collection: Where listings of the vendor's own sign-up form are. ASSUMED.
        import_collection: Where listings of imported files are. ASSUMED.
        latency: Seconds that each request is kept in work.
        seed: Decides where the kit's faults with a probability strike.
    """

    api_keys: tuple[str, ...] = ("0123456789abcdef0123456789abcdef",)
    push_per_second: float = 8.0
    data_per_second: float = 4.0
    mails_per_second: float = 30.0
    erasures_per_minute: float = 6.0
    merges_per_minute: float = 1.0
    push_status: int = 200
    validate_seconds: float = 0.01
    queue_limit: int | None = 50_000
    queue_headers: bool = True
    errors_kept: int = 100
    errors_order: Literal["newest_first", "oldest_first"] = "newest_first"
    update: Literal["merge", "replace"] = "merge"
    order_update: Literal["merge", "replace"] = "merge"
    optout_sticks: bool = True
    refuse_email_ids: bool = True
    event_types: tuple[str, ...] = EVENT_TYPES
    event_sent_again: Literal["replaces", "sets_off"] = "replaces"
    profile_by_email: Literal["array", "object"] = "array"
    merge_form: Literal["survivor", "email"] = "survivor"
    erasure_seconds: float = 0.01
    form_collection: str = "signup_form"
    import_collection: str = "csv_import"
    latency: float = 0.0
    seed: int = 0
