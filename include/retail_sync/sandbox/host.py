"""Runs sandboxes: in a thread for tests, in processes of their own for the demo and for kill -9.

As a program: `python -m retail_sync.sandbox.host NAME [--port N] [--settings JSON]` prints the URL once it listens.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import ModuleType, TracebackType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from retail_sync.db.processes import end
from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.sandbox.kit import SandboxApp
from retail_sync.sandbox.kit.wire import TRANSPORT

HERE = "127.0.0.1"
#: Names another address to listen at, such as 0.0.0.0 in a container whose neighbours are to be served.
_ADDRESS = "RETAIL_SYNC_SANDBOX_ADDRESS"
_STARTUP_SECONDS = 30.0


class _CuttableProtocol(HttpToolsProtocol):
    """Lets the application reach its connection, so that faults can cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}


def build(name: str, settings: Mapping[str, Any] | None = None) -> SandboxApp:
    """The sandbox of a vendor.

    Raises:
        ConfigurationError: No vendor of that name has a sandbox.
    """
    app: SandboxApp = _package(name).build(dict(settings or {}))
    return app


def settings_for(name: str, ends: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What a vendor's sandbox is to be set to, so that everything is there that pair files name.

    Args:
        name: The vendor.
        ends: The settings that pair files have for their end of that vendor.

    Raises:
        ConfigurationError: No vendor of that name has a sandbox.
    """
    serving = getattr(_package(name), "serving", None)
    return dict(serving(list(ends))) if serving else {}


def in_a_hurry(name: str) -> dict[str, Any]:
    """Settings of a pair's end of a vendor with which it asks the sandbox as fast as it can: nobody is to be spared."""
    return dict(getattr(_package(name), "HURRY", {}))


def _package(name: str) -> ModuleType:
    module = f"retail_sync.vendors.{name}.sandbox"
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise ConfigurationError(f"there is no sandbox called {name!r}", fix="Name a vendor's folder.") from error


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    address = os.environ.get(_ADDRESS) or HERE
    try:
        listener.bind((address, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"port {port} on {address} can't be had: {error.strerror}", fix="Take another port, or 0 for any."
        ) from error
    return listener


def _url(listener: socket.socket) -> str:
    return f"http://{HERE}:{listener.getsockname()[1]}"


def _server(app: SandboxApp) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=_CuttableProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="error",
            server_header=False,
            # A sandbox has a time of its own, and tells that.
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
    )


@contextmanager
def running(app: SandboxApp, port: int = 0) -> Iterator[str]:
    """Run a sandbox in a thread of this process; gives its URL.

    Args:
        app: The sandbox; the caller may look into it while holding `app.lock`.
        port: The port on 127.0.0.1, 0 for any that is free.

    Raises:
        ConfigurationError: The port is taken.
    """
    with _listen(port) as listener:
        server = _server(app)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name=f"sandbox {app.name}", daemon=True
        )
        thread.start()
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


class Host:
    """Sandboxes in processes of their own, ended together. They end with this process too, however it ends."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[str]] = {}

    def start(self, vendor: str, port: int = 0, settings: Mapping[str, Any] | None = None, *, called: str = "") -> str:
        """Start a vendor's sandbox; gives its URL once it listens.

        Args:
            vendor: The vendor.
            port: The port on 127.0.0.1, 0 for any that is free.
            settings: What the sandbox is set to.
            called: Its name here, where a vendor has several; that of the vendor if empty.

        Raises:
            ConfigurationError: It is running already.
            UnreachableError: It ended before it listened; what it said is on standard error.
        """
        name = called or vendor
        if name in self._processes:
            raise ConfigurationError(f"the {name} sandbox is running already", fix="Stop it first.")
        command = [sys.executable, "-m", "retail_sync.sandbox.host", vendor, "--port", str(port)]
        command += ["--settings", json.dumps(dict(settings or {}))]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._processes[name] = process
        url = _first_line(process)
        if not url.startswith("http"):
            self.kill(name)
            raise UnreachableError(f"the {name} sandbox ended before it listened", fix="Read its standard error.")
        return url

    def stop(self, name: str | None = None) -> None:
        """End one sandbox, or all."""
        self._end([name] if name else list(self._processes))

    def kill(self, name: str) -> None:
        """End a sandbox as a crash would."""
        self._processes[name].kill()
        self._end([name])

    def wait(self) -> None:
        """Wait until every sandbox has ended."""
        for process in list(self._processes.values()):
            process.wait()

    def _end(self, names: list[str]) -> None:
        processes = [self._processes.pop(name) for name in names]
        end(processes)
        for process in processes:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _first_line(process: subprocess.Popen[str]) -> str:
    """The first line that a process prints, empty if it ends or is silent for too long."""
    if process.stdout is None:
        return ""
    alarm = threading.Timer(_STARTUP_SECONDS, process.kill)
    alarm.start()
    try:
        return process.stdout.readline().strip()
    finally:
        alarm.cancel()


def _end_with_parent() -> None:
    """Leave when standard input closes: the parent has ended, even if it could not say so."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    """Run one sandbox until it is told to end."""
    parser = argparse.ArgumentParser(description="Run a vendor's sandbox.")
    parser.add_argument("name")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--settings", type=json.loads, default={})
    options = parser.parse_args()
    app = build(options.name, options.settings)
    with _listen(options.port) as listener:
        sys.stdout.write(_url(listener) + "\n")
        sys.stdout.flush()
        threading.Thread(target=_end_with_parent, daemon=True).start()
        with suppress(KeyboardInterrupt):
            _server(app).run(sockets=[listener])


if __name__ == "__main__":
    main()
