"""The index that recall searches, as rows of our own. What it holds is built when the database is opened."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.execute("DROP TABLE IF EXISTS notes_words")
    op.create_table(
        "recall_shelves",
        sa.Column("seq", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        _text("space"),
        _text("kind"),
        _text("scope"),
        _text("body"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "kind", "scope", name="uq_recall_shelves_scope"),
    )
    op.create_table(
        "recall_docs",
        _number("shelf"),
        _number("doc"),
        _text("ref"),
        _number("at"),
        _text("who"),
        _number("session"),
        _number("pos"),
        _number("words"),
        _number("traits"),
        _text("terms"),
        sa.PrimaryKeyConstraint("shelf", "doc"),
        sa.UniqueConstraint("shelf", "ref", name="uq_recall_docs_ref"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recall_terms",
        _number("shelf"),
        _text("term"),
        _number("doc"),
        _number("times"),
        sa.PrimaryKeyConstraint("shelf", "term", "doc"),
        sqlite_with_rowid=False,
    )
