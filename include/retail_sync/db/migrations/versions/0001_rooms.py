"""The schemas of all rooms."""

from __future__ import annotations

from alembic import op

from retail_sync.db.migrations.upgrade import run_schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL files of every room."""
    run_schema(op.get_bind())


def downgrade() -> None:
    """There is nothing before the first revision."""
    raise NotImplementedError
