"""What a sandbox account is told at its start; each assumption about the real API that is uncertain is a setting."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

ApplicationType = Literal[
    "shorttext", "longtext", "largetext", "date", "url", "numeric", "singlechoice", "multichoice", "special"
]


class FieldSetup(Struct, frozen=True, kw_only=True):
    """A custom contact field that stands from the beginning.

    Attributes:
        string_id: Its name for programs.
        name: Its title; the string id unless given.
        indexed: Whether the vendor's support made an index, without which it can't be a key.
        choices: Labels of a choice field; their ids count from 1.
    """

    string_id: str
    name: str = ""
    application_type: ApplicationType = "shorttext"
    indexed: bool = False
    choices: tuple[str, ...] = ()


class EventSetup(Struct, frozen=True, kw_only=True):
    """An external event that stands from the beginning.

    Attributes:
        id: Its number; 0 gives it the next one.
        mail: Whether an e-mail hangs on it.
    """

    name: str
    id: int = 0
    mail: bool = True


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account and its traps.

    Attributes:
        client_id: Name of the OAuth2 client, for version 3.
        client_secret: Its secret.
        token_seconds: For how long a token is good.
        wsse: Whether version 2 is still answered.
        wsse_user: Name of the API user of version 2.
        wsse_secret: Its secret.
        wsse_window_seconds: How far the time in a WSSE header may be off.
        nonce_once: Whether a nonce is refused that was used before. ASSUMED.
        permissions: Patterns of the endpoints that the credentials may use, such as `* /contact*`.
        requests_a_minute: The allowance of one API user.
        content_type: What the API says of its JSON. CONFIRMED for writes of contacts, ASSUMED elsewhere.
        fields: Custom contact fields at the start.
        index_new_fields: Whether a field made by the API can be a key at once. CONFIRMED that it can't.
        long_text: What happens to a text that is too long for its field. ASSUMED: it is refused.
        duplicate_keys: What happens to a batch that names a key twice: its rows are refused, or the call. ASSUMED.
        several_are_read: Whether reading by a key that several contacts have gives them all. ASSUMED: it gives an
            error and none of them.
        single_answers_id: Whether the answer to a single contact has `id` instead of `ids`.
        lists: Names of contact lists at the start.
        events: External events at the start.
        mail_on_new_events: Whether an e-mail hangs on events that the API makes.
        interactions: Whether the account has Interactions, so that a trigger of nothing is still a success.
        export_state_seconds: How long an export stays in each state before `done`.
        export_lifetime: Seconds for which the file of an export is kept. ASSUMED.
        export_header_counts: Whether the header is the first of the lines that offset and limit count. ASSUMED: it is
            not, and stands on the first page only.
        export_lines: Lines that a page of a file has at most, however many are asked for; 0 for any number. ASSUMED: it
            has as many as are asked for.
        changes_by_time: Whether support has allowed times in the range of `getchanges`.
        any_change_is_exported: Whether `getchanges` shows API changes of other fields than address and opt-in. The
            documentation says both; ASSUMED: it does not.
        links_are_changes: Whether `getchanges` of all origins shows who used an unsubscribe link. ASSUMED.
        campaign_id: The e-mail whose unsubscribe link people use.
        merchant: Name of the account at the sales data and catalogue interface.
        merchant_token: Its token.
        sales_columns: Header of sales data as fixed at onboarding; empty: what the first accepted upload has.
        customer_field: String id of the contact field that `customer` of sales data means.
        sales_folder: Folder that is looked through for files of Sales Data Batch Loads; empty for none.
        latency: Seconds that each request is kept in work.
        seed: Decides where a fault with a probability strikes.
    """

    client_id: str = "retail-sync-client"
    client_secret: str = "retail-sync-secret"  # noqa: S105 - an invented account
    token_seconds: int = 3600
    wsse: bool = True
    wsse_user: str = "shop001"
    wsse_secret: str = "s3cret"  # noqa: S105 - an invented account
    wsse_window_seconds: int = 300
    nonce_once: bool = True
    permissions: tuple[str, ...] = ("*",)
    requests_a_minute: int = 1000
    content_type: str = "text/html; charset=utf-8"
    fields: tuple[FieldSetup, ...] = (FieldSetup(string_id="retail_sync_id", indexed=True),)
    index_new_fields: bool = False
    long_text: Literal["refused", "cut"] = "refused"
    duplicate_keys: Literal["rows", "call"] = "rows"
    several_are_read: bool = False
    single_answers_id: bool = True
    lists: tuple[str, ...] = ()
    events: tuple[EventSetup, ...] = ()
    mail_on_new_events: bool = True
    interactions: bool = True
    export_state_seconds: float = 0.005
    export_lifetime: float = 7 * 86400.0
    export_header_counts: bool = False
    export_lines: int = 0
    changes_by_time: bool = False
    any_change_is_exported: bool = False
    links_are_changes: bool = True
    campaign_id: int = 89268
    merchant: str = "1A2B3C4D"
    merchant_token: str = "merchant-token"  # noqa: S105 - an invented account
    sales_columns: tuple[str, ...] = ()
    customer_field: str = "retail_sync_id"
    sales_folder: str = ""
    latency: float = 0.0
    seed: int = 0
