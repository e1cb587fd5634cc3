"""`retail-sync sandbox`: vendors to try the product on, filled with an invented shop or with real invoices."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import structs
from rich.console import Console
from rich.table import Table

from retail_sync.errors import RetailSyncError
from retail_sync.pairs.ends import Account, accounts
from retail_sync.pairs.files import read_all
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world import cases as showcase
from retail_sync.sandbox.world.day import day
from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.sandbox.world.history import history
from retail_sync.sandbox.world.invoices import read_invoices
from retail_sync.sandbox.world.state import World

app = typer.Typer(
    help="Servers that behave as the vendors do, to try everything without an account.", no_args_is_help=True
)
_out = Console(soft_wrap=True)
_VENDORS = ["centra", "fulfil", "orderwise", "mailchimp", "emarsys", "ometria"]
#: How long ago the first event of a squeezed day may seem to be: well within what a run reads again.
_SQUEEZED_INTO = timedelta(minutes=1)

Urls = Annotated[
    list[str],
    typer.Option(
        "--url",
        envvar="RETAIL_SYNC_SANDBOXES",
        help="A running sandbox, as `start` printed it. Repeat it for each; all hear of the same events.",
    ),
]


@app.command()
def start(
    vendors: Annotated[list[str] | None, typer.Argument(help="Which vendors; all that there are if none.")] = None,
    *,
    customers: Annotated[int, typer.Option(min=0, help="Customers of the invented shop.")] = 2000,
    orders: Annotated[int, typer.Option(min=0, help="Orders placed so far.")] = 5000,
    months: Annotated[int, typer.Option(min=1, help="How long ago the shop opened.")] = 18,
    seed: Annotated[int, typer.Option(help="The same seed invents the same shop.")] = 1,
    port: Annotated[int, typer.Option(help="Port of the first, the next ones follow; 0 takes any free ones.")] = 0,
    empty: Annotated[bool, typer.Option("--empty", help="Leave the shop empty, to `load` a file.")] = False,
) -> None:
    """Run sandboxes until Ctrl-C, filled with an invented shop that has lived until now: one for each account.

    A vendor has as many accounts as pair files name connections of it. Prints each URL, and the Airflow connection that
    reaches it as a line for the environment.
    """
    from retail_sync.sandbox.host import Host, settings_for

    with _plainly(), Host() as host:
        urls = {
            name: host.start(
                account.system, port + place if port else 0, settings_for(account.system, account.settings), called=name
            )
            for place, (name, account) in enumerate(_accounts(vendors or _VENDORS).items())
        }
        if not empty:
            now = datetime.now(UTC)
            past = list(history(seed, customers, orders, until=now, months=months))
            past += showcase.past(showcase.all_cases(now))
            _apply(list(urls.values()), past)
            _out.print(f"{customers} customers, {orders} orders, {len(past)} events in {months} months (seed {seed})")
        for name, url in urls.items():
            _introduce(name, url)
        _out.print(f"Steer them with: export RETAIL_SYNC_SANDBOXES='{' '.join(urls.values())}'. Ctrl-C ends them.")
        host.wait()


def _accounts(vendors: Sequence[str]) -> dict[str, Account]:
    """The accounts of vendors by connection, in the order of the vendors; each has one at least."""
    pairs, _ = read_all()
    named = accounts(pairs)
    found: dict[str, Account] = {}
    for vendor in vendors:
        own = {name: account for name, account in named.items() if account.system == vendor}
        found |= own or {f"{vendor}_default": Account(vendor)}
    return found


@app.command()
def load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Invoice lines, .parquet or .csv.")],
    url: Urls,
    keep: Annotated[
        bool, typer.Option("--keep", help="Add to what the sandboxes hold instead of emptying them.")
    ] = False,
) -> None:
    """Fill sandboxes with real invoice lines, and print what was left out and why.

    Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country. An invoice whose
    number starts with C takes goods back.
    """
    with _plainly():
        invoices = read_invoices(file)
        for one in [] if keep else url:
            with SandboxControl(one) as control:
                control.reset()
        _apply(url, invoices.events)
        _out.print(f"{len(invoices.events)} events from {file.name}")
        _out.print(_table(("left out", "lines"), [(reason, str(n)) for reason, n in invoices.left_out.most_common()]))


@app.command()
def advance(
    url: Urls,
    days: Annotated[float, typer.Option(min=0.001, help="How much of the shop's time passes.")] = 1.0,
    orders: Annotated[int | None, typer.Option(min=0, help="New orders; the shop's pace if not given.")] = None,
    customers: Annotated[int | None, typer.Option(min=0, help="How many of them are of new customers.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed lives another day.")] = 0,
) -> None:
    """Let the shop live on: new orders, parcels, returns, refunds, people who come and go.

    All of it carries the time of the last minute, so that the next run finds it as news.
    """
    with _plainly():
        with SandboxControl(url[0]) as control:
            past = control.events()
            world = World.read(past)
        now = datetime.now(UTC)
        span = timedelta(days=days)
        news = list(
            day(world, now, start=now - _SQUEEZED_INTO, span=span, seed=seed, orders=orders, customers=customers)
        )
        news += _news_of_cases(past, now - _SQUEEZED_INTO, _SQUEEZED_INTO / timedelta(days=1))
        _apply(url, news)
        _out.print(_table((f"in {days:g} days", "events"), _counted(news)))


def _news_of_cases(happened: Sequence[ShopEvent], start: datetime, squeezed: float) -> list[ShopEvent]:
    """The day after of the cases, squeezed behind `start`, if their past is there and that day is not."""
    told = showcase.all_cases(start)
    news = showcase.news(told)
    if not showcase.were_told(showcase.past(told), happened) or showcase.were_told(news, happened):
        return []
    return [structs.replace(event, at=start + (event.at - start) * squeezed) for event in news]


@app.command()
def cases() -> None:
    """List the cases that the invented shop contains, with the addresses and order numbers to look for."""
    for case in showcase.all_cases(datetime.now(UTC)):
        _out.print(f"[bold]{case.name}[/]: {case.about}")
        orders = f"; orders {', '.join(map(str, case.orders))}" if case.orders else ""
        _out.print(f"  {', '.join(case.emails)}{orders}", markup=False, highlight=False)
        if case.fault is not None:
            _out.print(f"  switch its fault on: retail-sync sandbox faults {_as_typed(case.fault)}", highlight=False)


def _as_typed(fault: Mapping[str, Any]) -> str:
    """A fault as the arguments of `faults`."""
    fields = {name: value for name, value in fault.items() if name not in ("fault", "options")}
    typed = [str(fault["fault"]), *(f"--{name} {value}" for name, value in fields.items())]
    return " ".join([*typed, *(f"--option {name}={value}" for name, value in fault.get("options", {}).items())])


@app.command()
def faults(
    name: Annotated[str | None, typer.Argument(help="The fault to switch on; none lists what is on.")] = None,
    *,
    url: Urls,
    endpoint: Annotated[str, typer.Option(help="Pattern of endpoint names, such as 'member*'.")] = "*",
    times: Annotated[int, typer.Option(min=0, help="How often it strikes; 0 is always.")] = 1,
    probability: Annotated[float, typer.Option(min=0, max=1, help="Chance to strike.")] = 1.0,
    status: Annotated[int, typer.Option(help="The status of fault `status`.")] = 500,
    seconds: Annotated[float, typer.Option(min=0, help="How long `slow` and `trickle` wait.")] = 1.0,
    skip: Annotated[int, typer.Option(min=0, help="How many requests it lets pass first.")] = 0,
    option: Annotated[
        list[str] | None, typer.Option(help="What a vendor's own fault takes, as name=value; JSON values are read.")
    ] = None,
    known: Annotated[bool, typer.Option("--known", help="List what may be switched on.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Switch all faults off first.")] = False,
) -> None:
    """Switch faults on, list them, or clear them."""
    fields: dict[str, Any] = {"endpoint": endpoint, "times": times or None, "probability": probability, "skip": skip}
    fields |= {"status": status, "seconds": seconds, "options": _options(option or [])}
    for one in url:
        with _plainly(), SandboxControl(one) as control:
            if clear:
                control.clear_faults()
            if name:
                control.fault(name, **fields)
            if known:
                _out.print(_table((f"fault of {one}", "what it does"), sorted(control.known_faults().items())))
                continue
            rows = [
                (on["fault"], on["endpoint"], str(on["times"] or "always"), str(on["fired"])) for on in control.faults()
            ]
            _out.print(_table((f"fault at {one}", "endpoint", "times", "struck"), rows))


def _options(given: Sequence[str]) -> dict[str, Any]:
    """Options of a fault from `name=value`; what is no JSON is text."""
    read: dict[str, Any] = {}
    for name, _, value in (one.partition("=") for one in given):
        try:
            read[name] = json.loads(value)
        except ValueError:
            read[name] = value
    return read


def _introduce(name: str, url: str) -> None:
    with SandboxControl(url) as control:
        connection = control.health()["connection"]
    _out.print(f"{name}: {url}")
    _out.print(f"  AIRFLOW_CONN_{name.upper()}='{json.dumps(connection)}'", markup=False)


def _apply(urls: Sequence[str], events: Sequence[ShopEvent]) -> None:
    for url in urls:
        with SandboxControl(url) as control:
            control.apply(events)


def _counted(events: Sequence[ShopEvent]) -> list[tuple[str, str]]:
    names = [type(event).__name__ for event in events]
    return [(name, str(names.count(name))) for name in dict.fromkeys(names)]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(*heads)
    for row in rows:
        table.add_row(*row)
    return table


@contextmanager
def _plainly() -> Iterator[None]:
    """Show what went wrong as a sentence instead of a traceback; Ctrl-C is no error."""
    try:
        yield
    except RetailSyncError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        typer.echo("")
