"""`retail-sync check` for OrderWise: is the installation what the package expects?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from retail_sync.errors import ConfigurationError, RetailSyncError, WaitError
from retail_sync.model.email import normalise
from retail_sync.model.ports import Clock, Finding
from retail_sync.model.reading import Window
from retail_sync.vendors.orderwise import reading
from retail_sync.vendors.orderwise.canonical import email
from retail_sync.vendors.orderwise.client import OrderWiseClient
from retail_sync.vendors.orderwise.exports import definition, is_label
from retail_sync.vendors.orderwise.facts import EXPORTS, ExportName, Settings
from retail_sync.vendors.orderwise.local_time import LocalTime
from retail_sync.vendors.orderwise.payloads import OrderRow
from retail_sync.vendors.orderwise.questions import Question, Questions
from retail_sync.vendors.orderwise.reading import Export, Raw

#: How far back orders are looked at, and how many of them at most.
_SAMPLE, _SAMPLE_SIZE = timedelta(days=7), 1_000
#: A server's clock may be wrong by that much.
_TOLERANCE = timedelta(minutes=10)
#: An account with the orders of so many addresses is nobody's own.
_MANY_ADDRESSES = 10


class Probe:
    """Looks at one installation.

    Args:
        client: The installation.
        settings: The pair file's settings.
        clock: The server's clock as the settings have it.
        now: The time.
    """

    def __init__(self, client: OrderWiseClient, settings: Settings, clock: LocalTime, now: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._now = now
        self._questions = Questions(settings, clock)

    def findings(self) -> Iterator[Finding]:
        """One finding for each thing that the package needs of the installation.

        Raises:
            WaitError: OrderWise can't be reached; nothing can be said of it.
        """
        try:
            self._client.log_in()
        except ConfigurationError as error:
            yield Finding("token", False, error.what, error.fix)
            return
        yield Finding("token", True, "OrderWise lets the API user in")
        names = [name for name in EXPORTS if name != "customers" or self._settings.customers == "definition"]
        answered: dict[ExportName, list[Raw]] = {}
        for name in names:
            yield self._definition(name, answered)
        if self._settings.customers == "rest":
            yield self._rest()
        if "orders" in answered:
            yield self._zone(answered["orders"][0])
            yield from self._orders()
        yield self._write_back()

    def _definition(self, name: ExportName, answered: dict[ExportName, list[Raw]]) -> Finding:
        """Ask for nothing, which is answered by a row with all of the columns."""
        subject = f"definition {name}"
        export = definition(name)
        try:
            given = {**self._nothing(), "@last_id": 0, "@page": 1}
            answer = self._client.export(name, {one: given[one] for one in export.parameters})
            rows = reading.checked(export, answer.value)
        except WaitError:
            raise
        except RetailSyncError as error:
            return Finding(subject, False, error.what, error.fix)
        answered[name] = rows
        further = [column for column in rows[0] if column not in export.columns and not is_label(column)]
        detail = f"every column and parameter is there; {', '.join(further)} not used" if further else "as shipped"
        return Finding(subject, True, detail)

    def _nothing(self) -> Question:
        now = self._now()
        return self._questions.listed(()) | self._questions.during(Window(now, now)) | {"@by": "listed"}

    def _rest(self) -> Finding:
        try:
            self._client.customers(0, 1)
        except WaitError:
            raise
        except RetailSyncError as error:
            return Finding("customers by REST", False, error.what, error.fix)
        return Finding("customers by REST", True, "they may be read; consent, category and times of change may not")

    def _zone(self, row: Raw) -> Finding:
        """Compare the server's clock with ours, as the settings read it."""
        shown = self._clock.readings(msgspec.convert(row["server_time"], datetime))
        off = min(abs(one - self._now()) for one in shown)
        detail = f"by {self._settings.timezone} the server's clock shows {shown[0]:%H:%M} UTC"
        if off <= _TOLERANCE:
            return Finding("timezone", True, detail)
        return Finding(
            "timezone",
            False,
            f"{detail}, which is {round(off.total_seconds() / 60)} minutes off",
            "Set source.settings.timezone to the zone of OrderWise's SQL server, or see to its clock.",
        )

    def _orders(self) -> Iterator[Finding]:
        """What the orders of the last days hold that the settings don't know."""
        now = self._now()
        export = Export(self._client, "orders", OrderRow, _SAMPLE_SIZE)
        chunk = next(export.read(self._questions.during(Window(now - _SAMPLE, now), "changed")))
        rows = [found.rows[0] for found in chunk.found if not found.unfit]
        unfit = [found for found in chunk.found if found.unfit]
        if unfit:
            yield Finding("orders", False, f"{len(unfit)} of {len(chunk.found)} can't be read, as: {unfit[0].unfit}",
                          "Compare definitions/orders.sql with the installation's own columns.")  # fmt: skip
        unknown = Counter(row.status or "" for row in rows if (row.status or "") not in self._settings.statuses)
        yield _unmapped("statuses", unknown, "Map them under source.settings.statuses.")
        types = Counter(str(row.order_type) for row in rows if row.order_type not in self._settings.order_types)
        yield _unmapped("order types", types, "Say under source.settings.order_types what they are.")
        yield self._web_accounts(rows)

    def _web_accounts(self, rows: list[OrderRow]) -> Finding:
        addresses: dict[int, set[str]] = defaultdict(set)
        for row in rows:
            mail = normalise(email(row.delivery_email))
            if mail and row.customer_id is not None and row.customer_id not in self._settings.web_accounts:
                addresses[row.customer_id].add(mail)
        shared = sorted(account for account, known in addresses.items() if len(known) >= _MANY_ADDRESSES)
        if not shared:
            return Finding("web accounts", True, "no other account holds the orders of many people")
        return Finding(
            "web accounts",
            False,
            f"orders under {_MANY_ADDRESSES} addresses or more are booked on customer {', '.join(map(str, shared))}",
            "If they are shared by all who have no account, name them under source.settings.web_accounts.",
        )

    def _write_back(self) -> Finding:
        flag = f"l_{self._settings.consent.flag} of the {self._settings.consent.holder}"
        if self._settings.write_back:
            return Finding("write_back", True, f"opt-outs are written to {flag}; that OrderWise takes them is ASSUMED")
        return Finding("write_back", True, f"opt-outs are listed for OrderWise's users, who unset {flag}")


def _unmapped(subject: str, unknown: Mapping[str, int], fix: str) -> Finding:
    if not unknown:
        return Finding(subject, True, "those of the last days are all known")
    named = ", ".join(f"{text or 'none'} ({number})" for text, number in sorted(unknown.items()))
    return Finding(subject, False, f"not known: {named}", fix)
