"""How SQLite finds the rows of every statement that is run: a connection that asks it, once for each.

What grows with every message must be found by a key, or by a partial index of the few rows that are still open.
"""

import re
import sqlite3
from typing import Any

from memory.tables import metadata

GROW = frozenset(
    "events turns journal effects lines notes ledger subjects proposals occurrences samples strokes "
    "recall_docs recall_terms recall_vectors".split()
)
"""The tables that have more rows every day."""
OF_A_FEW = frozenset(
    str(index.name) for table in metadata.tables.values() for index in table.indexes if "where" in index.info
) - {f"ix_effects_{by}" for by in ("account", "person", "mission", "made", "turn")}
"""Indexes of the few rows to which something is still to happen."""
ON_PURPOSE = (
    # The recall index, built at the first start of a version.
    "SELECT DISTINCT lines.space, lines.place",
    # The newest row, of the ledger's order.
    "SELECT ledger.seq, ledger.hash",
    # Forgetting looks everywhere, and so does what takes away what is older than somebody wants it kept.
    "SELECT journal.turn, journal.body",
    "SELECT events.body \nFROM events \nWHERE events.space = ? AND events.body LIKE ?",
    "SELECT turns.body \nFROM turns \nWHERE turns.space = ? AND turns.started > ?",
    # What was known once, of people who ask for it, and by night.
    "SELECT DISTINCT notes.scope",
    "SELECT notes.body \nFROM notes \nWHERE notes.space = ? AND notes.scope = ? ORDER BY",
    # Only tests ask what was done.
    "SELECT effects.body \nFROM effects \nWHERE effects.space = ? AND state = 'confirmed'",
)
"""How statements begin that may read all of a space."""
_WALK = re.compile(
    r"SCAN (?P<table>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?"
    r"|SEARCH (?P<of_space>\w+) USING (?:(?:COVERING )?INDEX (?P<by>\w+)|PRIMARY KEY) \(space=\?\)"
)
"""A whole table, or all of a space, which mostly is the same."""
_READS = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")

walked: dict[str, str] = {}
"""Each statement that reads such a table from end to end, with how."""
_seen: set[str] = set()


class Explained(sqlite3.Connection):
    """Asks before it runs a statement for the first time in this process."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if sql not in _seen and not sql.startswith(ON_PURPOSE) and sql.lstrip().startswith(_READS):
            _seen.add(sql)
            for *_, step in super().execute(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall():
                walk = _WALK.fullmatch(step)
                if (
                    walk
                    and {walk["table"], walk["of_space"]} & GROW
                    and not {walk["index"], walk["by"]} & OF_A_FEW
                ):
                    walked[sql] = step
        return super().execute(sql, parameters)
