"""What a demo has left behind can be looked into with any other command."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from retail_sync.cli.main import app
from retail_sync.operate.house import House


@pytest.fixture
def left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a house that has ended."""
    monkeypatch.setenv("RETAIL_SYNC_DSN", "")
    folder = Path(tempfile.mkdtemp(prefix="retail-sync-"))
    folder.chmod(0o755)
    with House(folder):
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.mark.req("OPS-1", "OPS-2")
def test_exceptions_are_listed_once_the_servers_have_ended(left_behind: Path) -> None:
    answer = CliRunner().invoke(app, ["within", str(left_behind), "exceptions", "--owner", "cx"])
    assert (answer.exit_code, "0 open" in answer.output) == (0, True), answer.output


@pytest.mark.req("OPS-1")
def test_a_folder_in_which_nobody_lived_is_named(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["within", str(tmp_path), "exceptions"])
    assert answer.exit_code == 2
    assert "nothing was kept" in " ".join(answer.output.split())
