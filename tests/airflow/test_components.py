"""Components of `up`: none outlives it, whatever happened to whom."""

from __future__ import annotations

from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.operate.components import Components
from retail_sync.operate.house import House

LEAVES_A_CHILD = "sleep 600 & echo $!; echo no more room; exit 3"
IGNORES_TERM = "trap '' TERM; sleep 600 & wait"


def awaited(components: Components) -> ConfigurationError:
    while True:
        try:
            components.require_all()
        except ConfigurationError as error:
            return error


@pytest.mark.req("DAG-3")
def test_a_component_that_dies_is_told_of_and_its_orphans_end_too(tmp_path: Path) -> None:
    with Components(tmp_path) as components:
        components.start("scheduler", ["sh", "-c", LEAVES_A_CHILD], {"PATH": "/usr/bin:/bin"})
        error = awaited(components)
        orphan = psutil.Process(int((tmp_path / "scheduler.log").read_text(encoding="utf-8").split()[0]))
        assert orphan.is_running()
    assert "scheduler ended with status 3" in str(error)
    assert "no more room" in str(error)
    psutil.wait_procs([orphan], timeout=10)
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


@pytest.mark.req("DAG-3")
def test_a_component_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    with Components(tmp_path, grace_seconds=0.2) as components:
        components.start("stubborn", ["sh", "-c", IGNORES_TERM], {"PATH": "/usr/bin:/bin"})
        components.require_all()
        (own,) = [one for one in psutil.Process().children() if "trap" in " ".join(one.cmdline())]
    assert not own.is_running()


@pytest.mark.req("DAG-3")
def test_one_house_at_a_time_lives_in_a_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "house").mkdir()
    first = House(tmp_path / "house")
    first._enter_folder()
    with pytest.raises(ConfigurationError, match="another process already lives"), House(tmp_path / "house"):
        pass
    first.close()
