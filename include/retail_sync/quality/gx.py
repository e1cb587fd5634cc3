"""Great Expectations, tamed: an ephemeral context without progress bars, telemetry or warnings of its own making."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict

from .results import PLACE, Place

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

STORE = {"module_name": "retail_sync.quality.results_store", "class_name": "ResultsStore"}
#: How many results the site lists and the store keeps.
LISTED = 300
_SITE = "quality"
_IN_MEMORY = {"class_name": "InMemoryStoreBackend"}


@contextmanager
def quality_context(place: Place, site: Path | None = None) -> Iterator[EphemeralDataContext]:
    """A context whose validation results live at `place`. Imports Great Expectations: seconds and 240 MB.

    One at a time in a process: Great Expectations keeps the newest context as the process's own.

    Args:
        place: The database of the results, and the run that they are of.
        site: An empty folder to build Data Docs in, or None for a context that builds none.
    """
    token = PLACE.set(place)
    try:
        # Its imports and its validator emit deprecation warnings of its own dependencies, which are not ours to mend.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield _open(site)
    finally:
        PLACE.reset(token)


def _open(site: Path | None) -> EphemeralDataContext:
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        stores=_stores(),
        expectations_store_name="expectations",
        validation_results_store_name="validation_results",
        checkpoint_store_name="checkpoints",
        data_docs_sites={} if site is None else {_SITE: _site(site)},
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _stores() -> dict[str, Any]:
    return {
        "expectations": {"class_name": "ExpectationsStore", "store_backend": dict(_IN_MEMORY)},
        "validation_results": {"class_name": "ValidationResultsStore", "store_backend": dict(STORE)},
        "checkpoints": {"class_name": "CheckpointStore", "store_backend": dict(_IN_MEMORY)},
        "validation_definition_store": {"class_name": "ValidationDefinitionStore", "store_backend": dict(_IN_MEMORY)},
    }


def _site(folder: Path) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        # By itself Great Expectations hides runs with "profiling" in their name; no run name of ours holds a slash.
        "site_section_builders": {"profiling": "None", "validations": {"run_name_filter": {"not_includes": "/"}}},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "validation_results_limit": LISTED},
    }


def sqlalchemy_url(dsn: str, settings: Mapping[str, str]) -> str:
    """A DSN of libpq as the URL that Great Expectations wants, with settings that hold for each of its connections.

    The result holds the password: it must not reach a log or an error. All of it is percent-quoted, so that no `$` is
    left for Great Expectations to substitute. A host is always named, since it refuses an address without one.
    """
    given = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}
    host = given.pop("host", "localhost")
    port = given.pop("port", None)
    user, password = given.pop("user", ""), given.pop("password", "")
    database = given.pop("dbname", user)
    if host.startswith("/") or "," in host:
        given["host"], host = host, "localhost"
    given["options"] = " ".join([given.get("options", ""), *map(_option, settings.items())]).strip()
    who = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    where = f"[{host}]" if ":" in host else quote(host, safe="")
    place = f"{where}:{port}" if port else where
    return f"postgresql+psycopg://{who}{place}/{quote(database, safe='')}?{urlencode(given, quote_via=quote)}"


def _option(setting: tuple[str, str]) -> str:
    name, value = setting
    escaped = "".join(f"\\{letter}" if letter.isspace() or letter == "\\" else letter for letter in value)
    return f"-c {name}={escaped}"
