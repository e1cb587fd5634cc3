"""`retail-sync demo`: the pairs on Airflow against sandboxes, on this machine, with nothing to set up."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console

from retail_sync.db.processes import end
from retail_sync.operate.house import AIRFLOW, PRODUCT, House
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import PAIRS_FOLDER, find
from retail_sync.pairs.files import folder as pairs_folder
from retail_sync.sandbox.host import in_a_hurry

from .ending import until_told_to_end
from .failures import told_plainly

_out = Console()

PAIRS = [
    "centra_to_mailchimp",
    "centra_to_emarsys",
    "centra_to_ometria",
    "fulfil_to_mailchimp",
    "orderwise_to_mailchimp",
]


def demo(
    pairs: Annotated[list[str] | None, typer.Argument(help="Pairs to run; all that the demo knows if none.")] = None,
    *,
    customers: Annotated[int, typer.Option(min=1, help="Customers of the invented shop.")] = 2000,
    orders: Annotated[int, typer.Option(min=1, help="Orders of eighteen months.")] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed invents the same shop.")] = 1,
    folder: Annotated[Path, typer.Option(help="Where servers keep their data and the report goes.")] = Path("var/demo"),
) -> None:
    """Run pairs on Airflow: a whole shop, nothing new, a day later, a night. Ends with tables and a report."""
    status = 1  # of a demo that was told to end before its story has
    with told_plainly(), until_told_to_end():
        chosen = [hurried(find(name)) for name in pairs or PAIRS]
        house = House(folder, chosen, fresh=[PRODUCT, AIRFLOW])
        _out.print(f"Starting Postgres and the sandboxes of {', '.join(house.systems)}.")
        with house:
            environment = house.environment() | {PAIRS_FOLDER: str(_written(chosen, folder / "pairs"))}
            command = [sys.executable, "-m", "retail_sync_airflow.demo", "--report", str(folder / "report.json")]
            command += [f"--pair={pair.pair}" for pair in chosen]
            command += [f"--sandbox={name}={control.url}" for name, control in house.sandboxes.items()]
            command += ["--look", f"retail-sync within {folder}"]
            command += ["--customers", str(customers), "--orders", str(orders), "--seed", str(seed)]
            status = run_alone(command, environment)
    raise typer.Exit(status)


def run_alone(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program in a session of its own, which ends as a whole with it or with us; its exit status.

    Ctrl-C in the terminal reaches only us.
    """
    process = subprocess.Popen(command, env=dict(environment), start_new_session=True)
    try:
        return process.wait()
    finally:
        end([process])


def hurried(pair: Pair) -> Pair:
    """A pair that asks the sandboxes as fast as they can answer; an ERP would be spared.

    Each account has a connection of its own, and so a sandbox: what that counts is then the work of one pair.
    """
    content = pair.model_dump(mode="json", by_alias=True)
    for place in (content["source"], content["destination"]):
        place["settings"] |= in_a_hurry(place["system"])
        place["connection"] = place["account"]
    return Pair.model_validate(content)


def _written(pairs: list[Pair], where: Path) -> Path:
    """The folder, with files of the pairs and of whatever stands beside them."""
    where.mkdir(exist_ok=True)
    for pair in pairs:
        content = pair.model_dump(mode="json", by_alias=True)
        (where / f"{pair.pair}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    for aliases in pairs_folder().glob("*.csv"):
        shutil.copy(aliases, where)
    return where.absolute()
