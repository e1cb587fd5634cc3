"""The results store that Great Expectations 1.x lacks: its validation results as rows of Postgres.

Great Expectations loads this module by its name (`gx.STORE`) and nothing else imports it, so it costs nobody else
the seconds that its own imports take.
"""

from __future__ import annotations

from typing import Any

from great_expectations.data_context.store.store_backend import StoreBackend  # noqa: TID253 - see above
from great_expectations.exceptions.exceptions import InvalidKeyError  # noqa: TID253 - see above

from . import results


class ResultsStore(StoreBackend):
    """Validation results as rows of `quality.validation_result`, of the database that `results.PLACE` names."""

    def __init__(self, store_name: str = "validation_results", **_: Any) -> None:
        super().__init__(fixed_length_key=True, suppress_store_backend_id=True, store_name=store_name)
        self._place = results.PLACE.get()

    @property
    def config(self) -> dict[str, Any]:
        """How to build this store again; holds no DSN."""
        return {"module_name": __name__, "class_name": type(self).__name__}

    def list_keys(self, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        """The keys that begin with `prefix`, the newest result first."""
        with self._place.database.connection() as connection:
            return [key for key in results.keys(connection) if key[: len(prefix)] == prefix]

    # The base class is annotated to return nothing where every store of Great Expectations returns something.
    def remove_key(self, key: Any) -> bool:  # type: ignore[override]
        """Forget a result; whether there was one."""
        with self._place.database.connection() as connection:
            return results.remove(connection, key.to_tuple() if hasattr(key, "to_tuple") else key)

    def _get(self, key: tuple[str, ...]) -> str:  # type: ignore[override]
        with self._place.database.connection() as connection:
            body = results.load(connection, key)
        if body is None:
            raise InvalidKeyError(f"there is no validation result {key}")
        return body

    def _get_all(self) -> list[str]:
        return [self._get(key) for key in self.list_keys()]

    def _set(self, key: tuple[str, ...], value: str, **_: Any) -> None:
        with self._place.database.connection() as connection:
            results.save(connection, key, self._place.run_id, value)

    def _has_key(self, key: tuple[str, ...]) -> bool:
        with self._place.database.connection() as connection:
            return results.load(connection, key) is not None

    def _move(self, source_key: tuple[str, ...], dest_key: tuple[str, ...], **_: Any) -> None:
        self._set(dest_key, self._get(source_key))
        self.remove_key(source_key)
