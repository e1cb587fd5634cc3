"""As a program: steps of a run in a process of its own, as tasks are, for tests that kill it."""

from __future__ import annotations

import sys

from retail_sync.steps.context import open_road
from retail_sync.steps.perform import perform
from retail_sync.steps.registry import function_of

if __name__ == "__main__":
    pair, run_id, *steps = sys.argv[1:]
    for step in steps:
        perform(open_road(pair), run_id, step, function_of(step))
