"""What remembered things mean, as vectors, and which are owed one: at first all."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "recall_vectors",
        _number("shelf"),
        _number("doc"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("shelf", "doc"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recall_owed",
        _number("shelf"),
        _number("doc"),
        sa.PrimaryKeyConstraint("shelf", "doc"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO recall_owed (shelf, doc) SELECT shelf, doc FROM recall_docs")
