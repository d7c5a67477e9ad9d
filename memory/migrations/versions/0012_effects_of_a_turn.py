"""What a turn said and did is found by the turn, so that all of it can be forgotten."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_effects = sa.table("effects", sa.column("seq"), sa.column("turn"), sa.column("body"))


def upgrade() -> None:
    op.add_column("effects", sa.Column("turn", sa.Text(), nullable=True))
    connection = op.get_bind()
    rows = connection.execute(sa.select(_effects.c.seq, _effects.c.body)).all()
    turns = [{"at": seq, "of": turn} for seq, body in rows if (turn := json.loads(body).get("turn"))]
    if turns:
        change = (
            sa.update(_effects).where(_effects.c.seq == sa.bindparam("at")).values(turn=sa.bindparam("of"))
        )
        connection.execute(change, turns)
    where = sa.text("turn IS NOT NULL")
    op.create_index(
        "ix_effects_turn",
        "effects",
        ["space", "turn", "seq"],
        unique=False,
        sqlite_where=where,
        postgresql_where=where,
    )
