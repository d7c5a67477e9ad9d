"""The due times of missions and what became of each."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "occurrences",
        sa.Column("seq", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("mission", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("over", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_occurrences_id"),
    )
    op.create_index("ix_occurrences_mission", "occurrences", ["space", "mission", "due"], unique=False)
    over = sa.text("over = 1")
    op.create_index(
        "ix_occurrences_over",
        "occurrences",
        ["space", "due"],
        unique=False,
        sqlite_where=over,
        postgresql_where=over,
    )
