"""Schema 3: Alembic's own table names the schema; `meta` names the chain alone."""

from __future__ import annotations

from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Take the old name of the schema away."""
    op.execute("DELETE FROM meta WHERE name = 'version'")
