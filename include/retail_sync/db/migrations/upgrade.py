"""Running the migrations, safe to be called by several processes at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from retail_sync.db.database import connect

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

#: The advisory lock under which one process migrates while the others wait. The number means nothing.
_LOCK = 7_301_946_215


def migrate(dsn: str) -> list[str]:
    """Bring the database to the newest revision.

    Args:
        dsn: The database, as libpq understands it.

    Returns:
        The revisions that were applied, oldest first; none if it was up to date.

    Raises:
        ConfigurationError: The DSN is none.
        UnreachableError: Postgres does not answer, or refuses.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, pool

    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(dsn), poolclass=pool.NullPool)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    applied: list[str] = []
    with engine.begin() as connection:
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({_LOCK})")
        config.attributes |= {"connection": connection, "applied": applied}
        command.upgrade(config, "head")
    return applied


def run_schema(connection: Connection) -> None:
    """Run every file of `db/schema`, in the order of their names."""
    for path in sorted((Path(__file__).parents[1] / "schema").glob("*.sql")):
        driver: psycopg.Connection[tuple[object, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
        driver.execute(path.read_bytes())
