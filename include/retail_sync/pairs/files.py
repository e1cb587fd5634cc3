"""Reading pair files: one bad file is reported and never stands in the way of the others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from retail_sync.errors import ConfigurationError

from .config import Pair

#: Names another folder of pair files.
PAIRS_FOLDER = "RETAIL_SYNC_PAIRS"
#: The parser in C, where PyYAML was built with it, reads ten times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class BrokenPair:
    """A pair file that can't be used, and why."""

    path: Path
    error: str


def folder() -> Path:
    """Where pair files lie: `RETAIL_SYNC_PAIRS`, else `include/pairs` beside the package."""
    named = os.environ.get(PAIRS_FOLDER)
    return Path(named) if named else Path(__file__).resolve().parents[2] / "pairs"


def read(path: Path) -> Pair:
    """Read one pair file.

    Raises:
        ConfigurationError: It can't be read, is no YAML, or keys are missing, unknown or of a wrong type; each is named
            by its path.
    """
    try:
        pair = _pair(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigurationError(f"is no YAML: {error}", record=path.name, fix="Mend the file.") from None
    except ValidationError as error:
        raise ConfigurationError(_explain(error), record=path.name, fix="Mend these keys.") from None
    except OSError as error:
        raise ConfigurationError(f"can't be read: {error.strerror}", record=path.name, fix="Mend the file.") from None
    except ValueError as error:
        # Bytes that are no UTF-8, a date that there is not.
        raise ConfigurationError(f"can't be read: {error}", record=path.name, fix="Mend the file.") from None
    if pair.pair != path.stem:
        raise ConfigurationError(f"names the pair {pair.pair!r}", record=path.name, fix="Give file and pair one name.")
    return pair


@lru_cache(maxsize=1024)
def _pair(text: str) -> Pair:
    """The pair of a file's text. Each run asks for it and for its neighbours; nobody changes what is in it."""
    return Pair.model_validate(yaml.load(text, Loader=LOADER))  # noqa: S506 - either is safe


def _explain(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors())


def read_all(where: Path | None = None) -> tuple[list[Pair], list[BrokenPair]]:
    """Read every `*.yaml` of the folder, the good ones and the broken ones."""
    good: list[Pair] = []
    broken: list[BrokenPair] = []
    for path in sorted((where or folder()).glob("*.yaml")):
        try:
            good.append(read(path))
        except ConfigurationError as error:
            broken.append(BrokenPair(path, str(error)))
    return good, broken


def find(name: str, where: Path | None = None) -> Pair:
    """The pair of that name.

    Raises:
        ConfigurationError: There is no such file, or it can't be used.
    """
    path = (where or folder()) / f"{name}.yaml"
    if not path.is_file():
        raise ConfigurationError(f"there is no pair {name!r}", fix=f"Look in {path.parent.name}/ for the names.")
    return read(path)
