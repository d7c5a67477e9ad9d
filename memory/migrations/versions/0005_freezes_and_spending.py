"""Freezes by scope, and budget accounts. A freeze that stands goes on standing."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _seq() -> sa.Column[int]:
    return sa.Column("seq", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "freezes",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "scope", name="uq_freezes_scope"),
    )
    op.create_table(
        "reservations",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_reservations_id"),
    )
    op.create_table(
        "spending",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("space", "account"),
        sqlite_with_rowid=False,
    )
    _carry_over(op.get_bind())


def _carry_over(connection: sa.Connection) -> None:
    found = connection.execute(sa.text("SELECT space, value FROM marks WHERE name = 'freeze'")).all()
    for space, value in found:
        mark = json.loads(value)
        body = {
            "scope": {"reach": "space", "name": ""},
            "reason": mark["reason"],
            "by": mark["by"],
            "at": mark["at"],
        }
        add = sa.text("INSERT INTO freezes (space, scope, body) VALUES (:space, 'all', :body)")
        connection.execute(add, {"space": space, "body": json.dumps(body)})
    connection.execute(sa.text("DELETE FROM marks WHERE name = 'freeze'"))
