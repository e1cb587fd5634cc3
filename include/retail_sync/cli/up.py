"""`retail-sync up`: all of Airflow with the pairs and sandboxes, on this machine, until Ctrl-C."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console

from retail_sync.operate.airflow_services import AirflowServices
from retail_sync.operate.components import Components
from retail_sync.operate.house import PRODUCT, ROOT, House, as_environment
from retail_sync.operate.mail_catcher import MailCatcher
from retail_sync.pairs.files import read_all
from retail_sync.sandbox.world import cases
from retail_sync.sandbox.world.history import history
from retail_sync.steps.requests import Dag

from .ending import until_told_to_end
from .failures import told_plainly

_out = Console(soft_wrap=True, highlight=False)


def up(
    *,
    customers: Annotated[int, typer.Option(min=1, help="Customers of the invented shop.")] = 500,
    orders: Annotated[int, typer.Option(min=1, help="Orders of eighteen months.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed invents the same shop.")] = 1,
    folder: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("var/up"),
    port: Annotated[int, typer.Option(help="The interface's port; 0 finds one and keeps it.")] = 0,
    unpause: Annotated[bool, typer.Option("--unpause", help="Let every DAG run on its schedule at once.")] = False,
) -> None:
    """Run Airflow with every pair, sandboxes of their systems, and a mail catcher, until Ctrl-C.

    Airflow's database is kept from one time to the next. The shop, the sandboxes and the product's own database begin
    anew, since the sandboxes live in memory.
    """
    with told_plainly(), until_told_to_end(), ExitStack() as stack:
        pairs, _ = read_all()
        house = House(folder, pairs, fresh=[PRODUCT])
        _out.print(f"Starting Postgres and the sandboxes of {', '.join(house.systems)}.")
        stack.enter_context(house)
        now = datetime.now(UTC)
        past = [*history(seed, customers, orders, until=now), *cases.past(cases.all_cases(now))]
        for control in house.sandboxes.values():
            control.apply(past)
        catcher = stack.enter_context(MailCatcher(house.folder / "mail", _tell))
        environment = house.environment() | as_environment({"smtp_default": catcher.connection})
        services = AirflowServices(house.airflow_home, environment, port)
        _out.print("Starting Airflow.")
        services.migrate()
        components = stack.enter_context(Components(house.folder / "logs"))
        services.start(components)
        services.await_health(components, dags=_number_of_dags(len(pairs)))
        if unpause:
            services.unpause()
        _introduce(house, services, catcher)
        while True:
            components.require_all()
            time.sleep(1)


def _number_of_dags(pairs: int) -> int:
    """One of each sort for every pair, each sort from a file that is called after it, and that of upkeep."""
    sorts = [sort for sort in get_args(Dag) if (ROOT / "dags" / f"retail_sync_{sort}.py").exists()]
    return len(sorts) * pairs + 1


def _introduce(house: House, services: AirflowServices, catcher: MailCatcher) -> None:
    pairs, _ = read_all()
    sandboxes = " ".join(control.url for control in house.sandboxes.values())
    _out.print(f"\n[bold]Airflow[/]   {services.url}   user {services.user}, password {services.password}")
    _out.print(
        f"Trigger a pair in the interface (its DAG is called {pairs[0].pair if pairs else '...'}), or let all of"
    )
    _out.print("them run on their schedules: unpause them there, or start with --unpause.")
    _out.print(f"Data quality, exceptions and runs: Browse, Data quality; or {services.url}/retail-sync/.")
    _out.print(f"Mails are kept in {catcher.folder}; logs of the services are in {house.folder / 'logs'}.")
    _out.print(f"Let the shop live on: RETAIL_SYNC_SANDBOXES='{sandboxes}' retail-sync sandbox advance --days 1")
    _out.print("Ctrl-C ends all of it.")


def _tell(mail: EmailMessage) -> None:
    _out.print(f"Mail to {mail['To']}: {mail['Subject']}", markup=False)
