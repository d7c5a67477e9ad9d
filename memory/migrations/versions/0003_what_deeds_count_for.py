"""What deeds count for: the columns that a policy's rolling windows are counted by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COUNTS = "made IS NOT NULL AND state <> 'failed'"


def upgrade() -> None:
    for name in ("account", "person", "mission", "recipients"):
        op.add_column("effects", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("effects", sa.Column("made", sa.BigInteger(), autoincrement=False, nullable=True))
    for name, columns in (
        ("ix_effects_account", ["space", "account", "made"]),
        ("ix_effects_person", ["space", "person", "made"]),
        ("ix_effects_mission", ["space", "mission", "made"]),
        ("ix_effects_made", ["space", "made"]),
    ):
        op.create_index(
            name, "effects", columns, sqlite_where=sa.text(_COUNTS), postgresql_where=sa.text(_COUNTS)
        )
