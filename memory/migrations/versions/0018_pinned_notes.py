"""Pinned notes are found without reading all that is remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "notes",
        sa.Column(
            "pinned", sa.BigInteger(), autoincrement=False, nullable=False, server_default=sa.text("0")
        ),
    )
    # In a note's own words the quotation marks stand behind a backslash.
    op.execute("""UPDATE notes SET pinned = 1 WHERE body LIKE '%"pinned"\\:true%'""")
    pinned = sa.text("live = 1 AND pinned = 1")
    op.create_index(
        "ix_notes_pinned",
        "notes",
        ["space", "scope", "learned", "seq"],
        unique=False,
        sqlite_where=pinned,
        postgresql_where=pinned,
    )
