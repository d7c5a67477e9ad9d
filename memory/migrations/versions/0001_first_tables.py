"""The first tables: everything the assistant keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _seq() -> sa.Column[int]:
    return sa.Column("seq", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "effects",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_effects_id"),
    )
    op.create_index(
        "ix_effects_due",
        "effects",
        ["due"],
        sqlite_where=sa.text("state IN ('pending', 'started')"),
        postgresql_where=sa.text("state IN ('pending', 'started')"),
    )
    op.create_index(
        "ix_effects_open",
        "effects",
        ["space", "place", "seq"],
        sqlite_where=sa.text("state IN ('pending', 'started')"),
        postgresql_where=sa.text("state IN ('pending', 'started')"),
    )
    op.create_index(
        "ix_effects_unknown",
        "effects",
        ["space", "seq"],
        sqlite_where=sa.text("state = 'unknown'"),
        postgresql_where=sa.text("state = 'unknown'"),
    )
    op.create_table(
        "events",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("open", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attempts", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_events_id"),
        sa.UniqueConstraint("space", "key", name="uq_events_key"),
    )
    op.create_index(
        "ix_events_due",
        "events",
        ["due"],
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open = 1"),
    )
    op.create_index(
        "ix_events_open",
        "events",
        ["space", "place", "seq"],
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open = 1"),
    )
    op.create_table(
        "journal",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("turn", sa.Text(), nullable=False),
        sa.Column("ask", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "turn", "ask", name="uq_journal_ask"),
    )
    op.create_table(
        "ledger",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("space", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lines",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("space", "place", "seq"),
        sa.UniqueConstraint("space", "slot", "place", name="uq_lines_slot"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "marks",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("space", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "missions",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("next_due", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_missions_id"),
        sa.UniqueConstraint("space", "number", name="uq_missions_number"),
    )
    op.create_index(
        "ix_missions_due",
        "missions",
        ["next_due"],
        sqlite_where=sa.text("phase = 'active' AND next_due IS NOT NULL"),
        postgresql_where=sa.text("phase = 'active' AND next_due IS NOT NULL"),
    )
    op.create_table(
        "notes",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("learned", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("live", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_notes_id"),
    )
    op.create_index(
        "ix_notes_live",
        "notes",
        ["space", "scope", "learned", "seq"],
        sqlite_where=sa.text("live = 1"),
        postgresql_where=sa.text("live = 1"),
    )
    op.create_table(
        "people",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_people_id"),
    )
    op.create_table(
        "proposals",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("turn", sa.Text(), nullable=False),
        sa.Column("ask", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("expires", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_proposals_id"),
        sa.UniqueConstraint("space", "ref", name="uq_proposals_ref"),
    )
    op.create_index("ix_proposals_ask", "proposals", ["space", "turn", "ask"])
    op.create_index(
        "ix_proposals_expires",
        "proposals",
        ["expires"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_proposals_pending",
        "proposals",
        ["space", "seq"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "subjects",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("space", "subject", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tickets",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("expires", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("space", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "turns",
        _seq(),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("space", "id", name="uq_turns_id"),
    )
    op.create_index(
        "ix_turns_parked",
        "turns",
        ["space", "started", "seq"],
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_table(
        "identities",
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["space", "person"], ["people.space", "people.id"], name="fk_identities_person"
        ),
        sa.PrimaryKeyConstraint("space", "identity"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identities_person", "identities", ["space", "person"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            """
CREATE VIRTUAL TABLE notes_words USING fts5(
    scope, text, tokenize = 'porter unicode61 remove_diacritics 2'
)
"""
        )


def downgrade() -> None:
    """There is nothing before the first tables."""
    raise NotImplementedError
