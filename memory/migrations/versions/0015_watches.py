"""Numbers that are watched: when each is read next, and what was read."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("seq", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_watches_id"),
    )
    op.create_index("ix_watches_series", "watches", ["space", "series"], unique=False)
    due = sa.text("due IS NOT NULL")
    op.create_index(
        "ix_watches_due", "watches", ["due"], unique=False, sqlite_where=due, postgresql_where=due
    )
    op.create_table(
        "samples",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Double[float](), nullable=False),
        sa.PrimaryKeyConstraint("space", "series", "at"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_samples_at", "samples", ["space", "at"], unique=False)
