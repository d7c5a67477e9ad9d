"""The tables. Key columns that queries need, and beside them `body`: the noun itself as JSON text.

`space` comes first in every unique key and in every index that a transaction uses; the partial indexes
without it serve only the sweeps, which look over all spaces. `seq` numbers the rows of a table in the order
they were added. Moments are whole microseconds (see `memory.moments`). Nothing here is particular to one database:
the index that recall searches is rows like the others.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

metadata = MetaData()

# SQLite counts rows itself only under a column of exactly this type.
Seq = Integer().with_variant(BigInteger(), "postgresql")


# Compared byte by byte on both: how a name is sorted must not depend on the language of a database.
Words = Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, Words, primary_key=key, nullable=null)


def _number(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=null, autoincrement=False)


def _seq() -> Column[int]:
    return Column("seq", Seq, primary_key=True)


def _partial(name: str, *columns: Column[str] | Column[int], where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), info={"where": where})


@compiles(CreateIndex, "postgresql")
def _partial_there(create: CreateIndex, compiler: Any, **more: Any) -> str:
    """Named in the index itself, the other database's dialect would be loaded for everybody: 2 MB."""
    index = create.element
    if where := index.info.get("where"):
        index.dialect_options["postgresql"]["where"] = text(where)
    return str(compiler.visit_create_index(create, **more))


events = Table(
    "events",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("key"),
    _text("place"),
    _number("open"),
    _number("due"),
    _number("attempts"),
    _text("body"),
    Column("urgent", BigInteger, nullable=False, autoincrement=False, server_default=text("0")),
    UniqueConstraint("space", "id", name="uq_events_id"),
    UniqueConstraint("space", "key", name="uq_events_key"),
)
_partial("ix_events_open", events.c.space, events.c.place, events.c.seq, where="open = 1")
_partial("ix_events_due", events.c.due, where="open = 1")

turns = Table(
    "turns",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("state"),
    _number("started"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_turns_id"),
)
_partial("ix_turns_parked", turns.c.space, turns.c.started, turns.c.seq, where="state = 'parked'")

journal = Table(
    "journal",
    metadata,
    _seq(),
    _text("space"),
    _text("turn"),
    _text("ask", null=True),
    _text("body"),
    # A thought has no ask, and nulls are distinct: only answers are held to one per ask.
    UniqueConstraint("space", "turn", "ask", name="uq_journal_ask"),
)

people = Table(
    "people",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_people_id"),
)

identities = Table(
    "identities",
    metadata,
    _text("space", key=True),
    _text("identity", key=True),
    _text("person"),
    ForeignKeyConstraint(["space", "person"], ["people.space", "people.id"], name="fk_identities_person"),
    sqlite_with_rowid=False,
)
Index("ix_identities_person", identities.c.space, identities.c.person)

missions = Table(
    "missions",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _number("number"),
    _text("phase"),
    _number("next_due", null=True),
    _text("body"),
    Column("hears", BigInteger, nullable=False, autoincrement=False, server_default=text("0")),
    UniqueConstraint("space", "id", name="uq_missions_id"),
    UniqueConstraint("space", "number", name="uq_missions_number"),
)
_partial("ix_missions_hears", missions.c.space, missions.c.number, where="phase = 'active' AND hears = 1")
_partial("ix_missions_due", missions.c.next_due, where="phase = 'active' AND next_due IS NOT NULL")

occurrences = Table(
    "occurrences",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("mission"),
    _number("due"),
    _number("over"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_occurrences_id"),
)
Index("ix_occurrences_mission", occurrences.c.space, occurrences.c.mission, occurrences.c.due)
_partial("ix_occurrences_over", occurrences.c.space, occurrences.c.due, where="over = 1")

procedures = Table(
    "procedures",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _number("version"),
    _text("name"),
    _number("living"),
    _text("body"),
    UniqueConstraint("space", "id", "version", name="uq_procedures_version"),
)
_partial("ix_procedures_name", procedures.c.space, procedures.c.name, where="living = 1")

proposals = Table(
    "proposals",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("ref"),
    _text("turn"),
    _text("ask"),
    _text("state"),
    _number("revision"),
    _number("expires"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_proposals_id"),
    UniqueConstraint("space", "ref", name="uq_proposals_ref"),
)
Index("ix_proposals_ask", proposals.c.space, proposals.c.turn, proposals.c.ask)
_partial("ix_proposals_pending", proposals.c.space, proposals.c.seq, where="state = 'pending'")
_partial("ix_proposals_expires", proposals.c.expires, where="state = 'pending'")

batches = Table(
    "batches",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("ref"),
    _number("revision"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_batches_id"),
    UniqueConstraint("space", "ref", name="uq_batches_ref"),
)

effects = Table(
    "effects",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("place"),
    _text("state"),
    _number("attempts"),
    _number("due"),
    _text("body"),
    # What a deed counts for where a policy counts; empty for words, and for deeds that were not started.
    _text("account", null=True),
    _text("person", null=True),
    _text("mission", null=True),
    _text("recipients", null=True),
    _number("made", null=True),
    _text("turn", null=True),
    UniqueConstraint("space", "id", name="uq_effects_id"),
)
_OPEN = "state IN ('pending', 'started')"
_partial("ix_effects_open", effects.c.space, effects.c.place, effects.c.seq, where=_OPEN)
_partial("ix_effects_due", effects.c.due, where=_OPEN)
_COUNTS = "made IS NOT NULL AND state <> 'failed'"
_partial("ix_effects_account", effects.c.space, effects.c.account, effects.c.made, where=_COUNTS)
_partial("ix_effects_person", effects.c.space, effects.c.person, effects.c.made, where=_COUNTS)
_partial("ix_effects_mission", effects.c.space, effects.c.mission, effects.c.made, where=_COUNTS)
_partial("ix_effects_made", effects.c.space, effects.c.made, where=_COUNTS)
_partial("ix_effects_turn", effects.c.space, effects.c.turn, effects.c.seq, where="turn IS NOT NULL")
_partial("ix_effects_unknown", effects.c.space, effects.c.seq, where="state = 'unknown'")

lines = Table(
    "lines",
    metadata,
    _text("space", key=True),
    _text("place", key=True),
    _number("seq", key=True),
    _text("slot", null=True),
    _text("ref"),
    _text("body"),
    # What people said has no slot, and nulls are distinct.
    UniqueConstraint("space", "slot", "place", name="uq_lines_slot"),
    sqlite_with_rowid=False,
)

notes = Table(
    "notes",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("scope"),
    _number("learned"),
    _number("live"),
    _text("body"),
    Column("pinned", BigInteger, nullable=False, autoincrement=False, server_default=text("0")),
    UniqueConstraint("space", "id", name="uq_notes_id"),
)
_partial("ix_notes_live", notes.c.space, notes.c.scope, notes.c.learned, notes.c.seq, where="live = 1")
_partial(
    "ix_notes_pinned",
    notes.c.space,
    notes.c.scope,
    notes.c.learned,
    notes.c.seq,
    where="live = 1 AND pinned = 1",
)

recall_shelves = Table(
    "recall_shelves",
    metadata,
    _seq(),
    _text("space"),
    _text("kind"),
    _text("scope"),
    _text("body"),
    UniqueConstraint("space", "kind", "scope", name="uq_recall_shelves_scope"),
)

recall_docs = Table(
    "recall_docs",
    metadata,
    _number("shelf", key=True),
    _number("doc", key=True),
    _text("ref"),
    _number("at"),
    _text("who"),
    _number("session"),
    _number("pos"),
    _number("words"),
    _number("traits"),
    _text("terms"),
    UniqueConstraint("shelf", "ref", name="uq_recall_docs_ref"),
    sqlite_with_rowid=False,
)

recall_terms = Table(
    "recall_terms",
    metadata,
    _number("shelf", key=True),
    _text("term", key=True),
    _number("doc", key=True),
    _number("times"),
    sqlite_with_rowid=False,
)

recall_vectors = Table(
    "recall_vectors",
    metadata,
    _number("shelf", key=True),
    _number("doc", key=True),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

recall_owed = Table(
    "recall_owed",
    metadata,
    _number("shelf", key=True),
    _number("doc", key=True),
    sqlite_with_rowid=False,
)

ledger = Table(
    "ledger",
    metadata,
    _text("space", key=True),
    _number("seq", key=True),
    _number("at"),
    _text("kind"),
    _text("body"),
    _text("before"),
    _text("hash"),
    sqlite_with_rowid=False,
)

subjects = Table(
    "subjects",
    metadata,
    _text("space", key=True),
    _text("subject", key=True),
    _number("seq", key=True),
    sqlite_with_rowid=False,
)

tickets = Table(
    "tickets",
    metadata,
    _text("space", key=True),
    _text("hash", key=True),
    _text("purpose"),
    _text("person"),
    _number("expires"),
    _number("used", null=True),
    _text("body"),
    sqlite_with_rowid=False,
)

freezes = Table(
    "freezes",
    metadata,
    _seq(),
    _text("space"),
    _text("scope"),
    _text("body"),
    UniqueConstraint("space", "scope", name="uq_freezes_scope"),
)

grants = Table(
    "grants",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _number("number"),
    _text("action"),
    _number("live"),
    _number("used"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_grants_id"),
    UniqueConstraint("space", "number", name="uq_grants_number"),
)
_partial("ix_grants_action", grants.c.space, grants.c.action, grants.c.seq, where="live = 1")

spending = Table(
    "spending",
    metadata,
    _text("space", key=True),
    _text("account", key=True),
    _number("amount"),
    sqlite_with_rowid=False,
)

reservations = Table(
    "reservations",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_reservations_id"),
)

connections = Table(
    "connections",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("name"),
    _number("revision"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_connections_id"),
    UniqueConstraint("space", "name", name="uq_connections_name"),
)

hooks = Table(
    "hooks",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("name"),
    _number("revision"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_hooks_id"),
    UniqueConstraint("space", "name", name="uq_hooks_name"),
)

incidents = Table(
    "incidents",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _number("number"),
    _text("ref"),
    _text("source"),
    _text("topic"),
    _number("open"),
    _number("due", null=True),
    _number("revision"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_incidents_id"),
    UniqueConstraint("space", "number", name="uq_incidents_number"),
    UniqueConstraint("space", "ref", name="uq_incidents_ref"),
)
Index("ix_incidents_topic", incidents.c.space, incidents.c.source, incidents.c.topic, incidents.c.number)
_partial("ix_incidents_open", incidents.c.space, incidents.c.number, where="open = 1")
_partial("ix_incidents_due", incidents.c.space, incidents.c.due, where="due IS NOT NULL")

mailboxes = Table(
    "mailboxes",
    metadata,
    _text("space", key=True),
    _text("name", key=True),
    _text("body"),
    sqlite_with_rowid=False,
)

mails = Table(
    "mails",
    metadata,
    _seq(),
    _text("space"),
    _text("mailbox"),
    _text("digest"),
    _number("validity"),
    UniqueConstraint("space", "mailbox", "digest", name="uq_mails_digest"),
)
watches = Table(
    "watches",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("series"),
    _number("due", null=True),
    _number("revision"),
    _text("body"),
    _number("asked", null=True),
    UniqueConstraint("space", "id", name="uq_watches_id"),
)
Index("ix_watches_series", watches.c.space, watches.c.series)
_partial("ix_watches_due", watches.c.due, where="due IS NOT NULL")
_partial("ix_watches_asked", watches.c.asked, where="due IS NOT NULL")

samples = Table(
    "samples",
    metadata,
    _text("space", key=True),
    _text("series", key=True),
    _number("at", key=True),
    Column("value", Double[float](), nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_samples_at", samples.c.space, samples.c.at)

tallies = Table(
    "tallies",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("scope"),
    _text("name"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_tallies_id"),
    UniqueConstraint("space", "scope", "name", name="uq_tallies_name"),
)

strokes = Table(
    "strokes",
    metadata,
    _seq(),
    _text("space"),
    _text("id"),
    _text("tally"),
    _text("body"),
    UniqueConstraint("space", "id", name="uq_strokes_id"),
)
Index("ix_strokes_tally", strokes.c.space, strokes.c.tally, strokes.c.seq)

marks = Table(
    "marks",
    metadata,
    _text("space", key=True),
    _text("name", key=True),
    _text("value"),
    sqlite_with_rowid=False,
)
