"""Missions that something else than a clock can wake are found without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "missions",
        sa.Column("hears", sa.BigInteger(), autoincrement=False, nullable=False, server_default=sa.text("0")),
    )
    op.execute("""UPDATE missions SET hears = 1 WHERE body LIKE '%"kind":"signal"%'""")
    awake = sa.text("phase = 'active' AND hears = 1")
    op.create_index(
        "ix_missions_hears",
        "missions",
        ["space", "number"],
        unique=False,
        sqlite_where=awake,
        postgresql_where=awake,
    )
