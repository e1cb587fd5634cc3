"""The measurements run at a tiny size, and their table has the rows. How long anything took decides nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from retail_sync.bench.figures import Extent, Figure
from retail_sync.bench.ground import Ground
from retail_sync.bench.suite import MEASUREMENTS, measure
from retail_sync.bench.usage import Usage
from retail_sync.cli.main import app
from retail_sync.errors import ConfigurationError, StopError

#: Some forty processes are started and Airflow is imported in ten of them: minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)
_TINY = Extent(scale=0.001)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    where = Path(tempfile.mkdtemp(prefix="retail-sync-bench-"))
    where.chmod(0o755)
    yield where
    shutil.rmtree(where)


@pytest.fixture(scope="module")
def printed(folder: Path) -> str:
    """What the command prints when it has measured everything."""
    arguments = ["bench", "--scale", str(_TINY.scale), "--repeat", "1", "--folder", str(folder)]
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "240"})
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def report(folder: Path, printed: str) -> dict[str, Any]:
    """The report that it leaves."""
    return dict(json.loads((folder / "report.json").read_text()))


@pytest.fixture(scope="module")
def figures(report: dict[str, Any]) -> list[Figure]:
    """What was measured, as the report has it."""
    names = Figure.__struct_fields__
    return [
        msgspec.convert({name: figure[name] for name in names}, Figure, strict=False) for figure in report["figures"]
    ]


@pytest.mark.req("OPS-3")
def test_every_mark_is_measured_beside_a_floor(figures: list[Figure]) -> None:
    marked = [figure.what for figure in figures if figure.mark]
    assert marked == [
        "extract + stage",
        "extract + stage",
        "push, 50 requests/s allowed, 1 worker",
        "push, 50 requests/s allowed, 4 workers",
        "push, 50 requests/s allowed, 1 worker",
        "push, 50 requests/s allowed, 4 workers",
        "push, no limit",
        "plan",
        "unchanged run",
        "parse, slowest file",
        "parse, in a task",
    ]
    # Push has one floor without a limit, and one for each size of its requests.
    assert sum(figure.floor for figure in figures) == len(MEASUREMENTS) + 2
    assert all((figure.holds is not None) == bool(figure.mark) for figure in figures)


def test_what_was_measured_was_done(figures: list[Figure]) -> None:
    by_name = {figure.what: figure for figure in figures}
    assert by_name["plan"].notes["rows read"] == 20
    assert by_name["plan"].notes["queued"]
    assert by_name["unchanged run"].notes["writes"] == 0
    assert by_name["parse, in a task"].notes["DAGs"] == 1
    assert by_name["push, no limit"].count == 500


def test_the_report_tells_of_what_it_is(report: dict[str, Any]) -> None:
    assert report["scale"] == _TINY.scale
    assert report["machine"]["cores"] > 0
    assert all(figure["rate"] > 0 for figure in report["figures"] if figure["count"])


def test_what_was_measured_is_kept_where_a_measurement_breaks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Figure(what="first", size="one", usage=Usage())

    def breaks(ground: Ground, extent: Extent) -> Iterator[Figure]:
        yield measured
        raise StopError("the second broke", fix="Mend it.")

    monkeypatch.setattr("retail_sync.bench.suite.MEASUREMENTS", {"breaks": breaks})
    done = CliRunner().invoke(app, ["bench", "--folder", str(folder / "broken")], env={"COLUMNS": "240"})
    assert done.exit_code == 1
    assert "first" in done.output
    kept = json.loads((folder / "broken" / "report.json").read_text())
    assert [figure["what"] for figure in kept["figures"]] == ["first"]


def test_an_unknown_measurement_is_named(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="'speed'"):
        list(measure(folder, ["speed"], _TINY))


def test_the_command_prints_every_figure(printed: str, figures: list[Figure]) -> None:
    assert [figure.what.strip() for figure in figures if figure.what.strip() not in printed] == []
    assert "floor: fetch, flatten, copy" in printed
