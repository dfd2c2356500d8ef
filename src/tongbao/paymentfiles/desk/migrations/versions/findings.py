"""Schema 2: all findings of a payment are kept, and the statements that were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = None
"""Files of schema 1 are where the migrations begin."""


def upgrade() -> None:
    """Nothing of what stood there is lost."""
    findings = sa.Column("findings", sa.String, nullable=False, server_default="")
    op.add_column("payments", findings)
    op.create_table(
        "spent",
        sa.Column("statement", sa.String, primary_key=True),
        sa.Column("party", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_index("spent_order", "spent", ["party", "action", "at_ms"], if_not_exists=True)
