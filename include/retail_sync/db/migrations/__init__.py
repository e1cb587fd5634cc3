"""Bringing a database to the present schema, by Alembic.

May import only `errors`. Revisions live in `versions/`; the first one runs the SQL files of every room.
"""

from retail_sync.db.migrations.upgrade import migrate

__all__ = ["migrate"]
