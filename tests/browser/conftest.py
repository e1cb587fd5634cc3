"""All of Airflow, and a browser that is signed in to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow.up_process import Up

from .chromium import Browser, browser, found

_PICTURES = "RETAIL_SYNC_PICTURES"


@pytest.fixture(scope="module")
def up(request: pytest.FixtureRequest) -> Up:
    """The command with a pair that was synced; not even started where there is no browser."""
    if found() is None:
        pytest.skip("no Chromium on this machine; with one (Debian's package chromium) the interface is tried too")
    watched: Up = request.getfixturevalue("watched")
    return watched


@pytest.fixture(scope="module")
def tab(up: Up, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that has signed in as a person does. Pictures go to the folder that RETAIL_SYNC_PICTURES names."""
    command = found()
    assert command is not None
    home = tmp_path_factory.mktemp("chromium")
    pictures = Path(os.environ.get(_PICTURES) or tmp_path_factory.mktemp("pictures"))
    with browser(command, home, pictures) as tab:
        tab.go(up.url)
        tab.write("document.querySelector('input[name=username]')", up.user)
        tab.write("document.querySelector('input[name=password]')", up.password)
        tab.click("document.querySelector('button[type=submit]')")
        tab.wait("location.pathname === '/' && document.body.innerText.includes('Dags')")
        yield tab
