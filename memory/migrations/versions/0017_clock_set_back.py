"""When each watch was read last: what lies ahead was read before the clock was set back."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("watches", sa.Column("asked", sa.BigInteger(), autoincrement=False, nullable=True))
    due = sa.text("due IS NOT NULL")
    op.create_index(
        "ix_watches_asked", "watches", ["asked"], unique=False, sqlite_where=due, postgresql_where=due
    )
