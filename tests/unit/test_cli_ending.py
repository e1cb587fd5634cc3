"""How a command that runs for long ends: with what it has started, whoever tells it to."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from retail_sync.db.processes import is_alive

#: A command with a child that would outlive it.
PROGRAM = """
import signal
import sys
from retail_sync.cli.demo import run_alone
from retail_sync.cli.ending import until_told_to_end

CHILD = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
# Whoever runs the tests in the background may have made them deaf to these.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
with until_told_to_end():
    run_alone([sys.executable, "-c", CHILD], {})
sys.exit(7)
"""


@pytest.mark.req("DAG-3")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_leaves_nothing_running(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        child = int(command.stdout.readline())
        command.send_signal(number)
        said = command.stdout.read()
    assert (command.returncode, said) == (7, "Everything has ended.\n")
    assert not is_alive(child)
