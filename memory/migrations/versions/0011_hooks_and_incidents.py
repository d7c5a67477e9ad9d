"""Where facts come in from outside, and what is wrong until it is over."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hooks",
        sa.Column("seq", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_hooks_id"),
        sa.UniqueConstraint("space", "name", name="uq_hooks_name"),
    )
    op.create_table(
        "incidents",
        sa.Column("seq", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("open", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_incidents_id"),
        sa.UniqueConstraint("space", "number", name="uq_incidents_number"),
        sa.UniqueConstraint("space", "ref", name="uq_incidents_ref"),
    )
    op.create_index("ix_incidents_topic", "incidents", ["space", "source", "topic", "number"], unique=False)
    open_ = sa.text("open = 1")
    op.create_index(
        "ix_incidents_open",
        "incidents",
        ["space", "number"],
        unique=False,
        sqlite_where=open_,
        postgresql_where=open_,
    )
    due = sa.text("due IS NOT NULL")
    op.create_index(
        "ix_incidents_due",
        "incidents",
        ["space", "due"],
        unique=False,
        sqlite_where=due,
        postgresql_where=due,
    )
