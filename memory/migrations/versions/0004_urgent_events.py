"""Urgent events: presses and words of control are handled beside the turn under way."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "events",
        sa.Column(
            "urgent", sa.BigInteger(), autoincrement=False, nullable=False, server_default=sa.text("0")
        ),
    )
