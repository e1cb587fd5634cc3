"""Parse: what Airflow's processor waits for when there are five hundred pairs, and what a task of one of them does."""

from __future__ import annotations

import os
import runpy
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from retail_sync.pairs.files import find, folder

from . import floors, tasks
from .figures import Extent, Figure
from .ground import PAIR, Ground
from .usage import Meter, Usage

_PAIRS = 500
_SECONDS = 2.0
_MARK = f"≤ {_SECONDS:g} s a file"
_MARK_OWN = "only its own DAG"
_DAGS = Path(__file__).resolve().parents[3] / "dags"
#: The file that looks at all pairs together. However little is measured, it is.
_JUDGE = "retail_sync_broken_pairs"
#: How Airflow tells a file which DAG a task is of.
_PARSING_FOR = "_AIRFLOW_PARSING_CONTEXT_DAG_ID"


class Parsed(Struct):
    """What one DAG file took, and how many DAGs it gave."""

    usage: Usage
    dags: int


def measure(ground: Ground, extent: Extent) -> Iterator[Figure]:  # noqa: ARG001 - as the others
    """Parse every DAG file for all pairs, the slowest of them for one task, and a plain loop."""
    pairs = extent.of(_PAIRS, 2)
    with _pair_files(pairs) as (where, names):
        files = sorted(_DAGS.glob("*.py"), key=lambda file: (file.stem != _JUDGE, file.stem))
        parsed = {file.stem: _parse(file, where) for file in files[: extent.of(len(files), 1)]}
        slowest = max(parsed, key=lambda name: parsed[name].usage.seconds)
        own = _parse(_DAGS / "retail_sync_live.py", where, names[0])
        floor = _parse(None, where, dags=pairs)
    seconds = parsed[slowest].usage.seconds
    yield Figure(
        what="parse, slowest file",
        size=f"{pairs} pairs",
        usage=parsed[slowest].usage,
        mark=_MARK,
        holds=seconds <= _SECONDS,
        notes={"files": len(parsed), "all files, s": round(sum(one.usage.seconds for one in parsed.values()), 2)},
    )
    yield Figure(
        what="parse, in a task",
        size=f"{pairs} pairs",
        usage=own.usage,
        mark=_MARK_OWN,
        holds=own.dags == 1,
        notes={"DAGs": own.dags},
    )
    yield Figure(what="floor: a plain loop", size=f"{pairs} DAGs", usage=floor.usage, floor=True)


@contextmanager
def _pair_files(count: int) -> Iterator[tuple[Path, list[str]]]:
    """A folder of copies of the shipped pair file, each with an audience of its own, and the copies' names."""
    text = (folder() / f"{PAIR}.yaml").read_text(encoding="utf-8")
    audience = str(find(PAIR).destination.settings["audience"])
    names = [f"shop{number:03}_to_mailchimp" for number in range(count)]
    with tempfile.TemporaryDirectory() as where:
        for number, name in enumerate(names):
            copy = text.replace(PAIR, name).replace("mailchimp_main", f"{name}_main")
            copy = copy.replace(audience, f"{number:010x}")
            (Path(where) / f"{name}.yaml").write_text(copy, encoding="utf-8")
        yield Path(where), names


def _parse(file: Path | None, where: Path, task_of: str | None = None, dags: int = 0) -> Parsed:
    return tasks.run(
        "parsing:parse", Parsed, file=str(file) if file else None, pairs=str(where), task_of=task_of, dags=dags
    )


def parse(file: str | None, pairs: str, task_of: str | None, dags: int) -> Parsed:
    """Run a DAG file as the processor does, in a process that has Airflow's own modules already."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"RETAIL_SYNC_PAIRS": pairs, "AIRFLOW_HOME": home}
        if task_of:
            os.environ[_PARSING_FOR] = task_of
        from airflow.sdk import DAG

        with Meter() as meter:
            found = runpy.run_path(file) if file else floors.parse(dags)
        return Parsed(meter.usage, sum(isinstance(value, DAG) for value in found.values()))
