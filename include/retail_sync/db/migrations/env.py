"""What Alembic runs: the revisions, on the connection that `migrate` opened and inside its transaction."""

from __future__ import annotations

from typing import Any

from alembic import context

applied: list[str] = context.config.attributes["applied"]


def _note(*_: Any, **told: Any) -> None:
    applied.append(told["step"].up_revision_id)


context.configure(
    connection=context.config.attributes["connection"],
    version_table="schema_version",
    version_table_schema="public",
    on_version_apply=_note,
)
context.run_migrations()
