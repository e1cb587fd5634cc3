"""A browser for tests: Chromium without a window, spoken to by its own DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: Chromium would look for updates and models of its own; what is left then is what the pages ask for.
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--window-size=1440,1000",
    "--remote-debugging-port=0",
)
_PATIENCE = 90.0


def found() -> str | None:
    """The command of a Chromium on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One tab, with everything that it asked for over the network.

    Attributes:
        asked: The address of every request, of frames and workers too.
        refused: Every answer with a status of 400 or more, as `404 http://…`.
        complaints: What the browser itself held against the pages, such as what their security policy forbids.
    """

    def __init__(self, socket: ClientConnection, pictures: Path) -> None:
        self._socket = socket
        self._pictures = pictures
        self._number = 0
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.complaints: list[str] = []
        for domain in ("Network", "Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def go(self, url: str) -> None:
        """Open an address."""
        self._call("Page.navigate", url=url)

    def value(self, expression: str) -> Any:
        """What a JavaScript expression comes to in the page."""
        done = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, f"{expression}: {done['exceptionDetails']}"
        return done["result"].get("value")

    def wait(self, expression: str, seconds: float = _PATIENCE) -> Any:
        """Look again and again until an expression comes to something; what the page lacks so far is nothing."""
        until = time.monotonic() + seconds
        seen_here = f"const seen = ({expression}); return seen?.nodeType ? true : seen"
        tried = f"(() => {{ try {{ {seen_here} }} catch (error) {{ return null }} }})()"
        while not (seen := self.value(tried)):
            assert time.monotonic() < until, f"never came: {expression}; the page shows {self._shown()}"
            time.sleep(0.1)
        return seen

    def click(self, expression: str) -> None:
        """Click on an element, once it is there."""
        self.wait(expression)
        self.value(f"({expression}).click()")

    def write(self, expression: str, text: str) -> None:
        """Type into a field, once it is there."""
        self.wait(expression)
        self.value(f"({expression}).focus()")
        self._call("Input.insertText", text=text)

    def picture(self, name: str) -> Path:
        """Take a picture of the tab."""
        file = self._pictures / f"{name}.png"
        file.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))
        return file

    def hosts(self) -> set[str]:
        """Whom the tab has spoken to; what a page brings along itself is nobody."""
        parts = [urlsplit(address) for address in self.asked]
        return {part.hostname or "" for part in parts if part.scheme not in {"data", "blob", "about"}}

    def _shown(self) -> str:
        return str(self.value("location.href + ' ' + (document.body ? document.body.innerText.slice(0, 1500) : '')"))

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv(timeout=_PATIENCE))
            if said.get("id") == self._number:
                assert "error" not in said, f"{method}: {said['error']}"
                result: dict[str, Any] = said["result"]
                return result
            self._note(said.get("method", ""), said.get("params", {}))

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif event == "Network.responseReceived" and told["response"]["status"] >= 400:
            self.refused.append(f"{told['response']['status']} {told['response']['url']}")
        elif event == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.complaints.append(told["entry"]["text"])


@contextmanager
def browser(command: str, home: Path, pictures: Path) -> Iterator[Browser]:
    """A fresh browser with one empty tab.

    Args:
        command: The Chromium.
        home: A folder of its own.
        pictures: Where pictures go.
    """
    pictures.mkdir(parents=True, exist_ok=True)
    with (home / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            [command, *_FLAGS, f"--user-data-dir={home}", "about:blank"],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": str(home)},
            start_new_session=True,
        )
    try:
        # Nobody listens between two calls: what the tab tells meanwhile waits, and it need not be asked if it is there.
        with connect(_tab(process, home), max_size=None, max_queue=None, ping_interval=None) as socket:
            yield Browser(socket, pictures)
    finally:
        _end(process)


def _tab(process: subprocess.Popen[bytes], home: Path) -> str:
    """The address of the tab's socket."""
    until = time.monotonic() + _PATIENCE
    file = home / "DevToolsActivePort"
    while not (file.exists() and (lines := file.read_text(encoding="utf-8").splitlines())):
        said = (home / "chromium.log").read_text(encoding="utf-8", errors="replace")
        assert process.poll() is None, f"Chromium has ended: {said[-2000:]}"
        assert time.monotonic() < until, f"Chromium does not come up: {said[-2000:]}"
        time.sleep(0.1)
    tabs = requests.get(f"http://127.0.0.1:{lines[0]}/json/list", timeout=30).json()
    return str(next(tab for tab in tabs if tab["type"] == "page")["webSocketDebuggerUrl"])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it; its children are of its session and end with it."""
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
