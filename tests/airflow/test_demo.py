"""The demo as a user has it: a command, its report, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .pair_files import PAIR

#: A few times what it takes on a quiet machine.
pytestmark = pytest.mark.timeout(900)


@pytest.mark.req("REC-1", "DAG-3")
def test_a_demo_ends_well_and_reports_every_run_and_what_both_sides_hold(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    folder = tmp_path / "demo"
    said = demo(folder, PAIR, "--customers", "5", "--orders", "5")

    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert list(report["pairs"]) == [PAIR]
    pair = report["pairs"][PAIR]
    first, unchanged, later, night = pair["runs"]
    assert [run["label"] for run in pair["runs"]] == ["first", "unchanged", "a day later", "night"]
    assert first["extracted"]["orders"] >= 5
    assert first["outbound_writes"] > 0
    assert unchanged["outbound_writes"] == report["sources"]["centra_main"]["unchanged"] == 0
    assert unchanged["staged"]["orders"] == 0
    assert later["extracted"]["orders"] > 0
    assert later["opt_outs_written_back"] > 0
    assert report["sources"]["centra_main"]["a day later"] > 0
    assert night["audited"]["healed"] > 0
    found = pair["reconciliation"]
    assert (found["missing"], found["extra"], found["different"]) == (0, 0, 0)
    assert found["by_kind"]["order"]["sampled"] == found["ours"]["order"] > 0
    assert pair["money"]["by_currency"]["SEK"]["orders"] > 0
    assert "both sides' orders" in said


def demo(folder: Path, *arguments: str) -> str:
    """Run the command to its good end, in an environment that names no other Airflow; gives what it says."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RETAIL_SYNC"))}
    command = [str(Path(sys.executable).with_name("retail-sync")), "demo", *arguments, "--folder", str(folder)]
    done = subprocess.run(command, env={**outside, "COLUMNS": "200"}, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
