"""Full-text search over notes: the FTS5 index, and how any text becomes a search. Particular to SQLite.

Words are found by their English stem with accents folded. The scope is a word of the index too, so that a
search never reads what other scopes hold. Used by the SQLite store on its file, and by the twin in memory.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

CREATE = """
CREATE VIRTUAL TABLE notes_words USING fts5(
    scope, text, tokenize = 'porter unicode61 remove_diacritics 2'
)
"""
ADD = "INSERT INTO notes_words (rowid, scope, text) VALUES (?, ?, ?)"
REMOVE = "DELETE FROM notes_words WHERE rowid = ?"
FORGET = "INSERT INTO notes_words (notes_words) VALUES ('optimize')"
"""Merges the index into one segment. A deleted row's words stay in older segments until then."""
SEARCH = """
SELECT rowid FROM notes_words WHERE notes_words MATCH ?
ORDER BY bm25(notes_words, 0.0, 1.0), rowid LIMIT ?
"""

_WORD = re.compile(r"[^\W_]+")
# The search is a tree of ORs; SQLite refuses one deeper than 256.
_MOST = 64


def scope_word(space: str, scope: str) -> str:
    """The word that stands for a scope. Ends in a digit, so that stemming leaves it alone."""
    name = hashlib.sha256(f"{space}\x1f{scope}".encode())
    return f"s{name.hexdigest()[:32]}0"


def expression(words: str, space: str, scopes: Sequence[str]) -> str | None:
    """The search for any of the words in any of the scopes; None when there is nothing to look for."""
    found = list(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFC", words).casefold())))[:_MOST]
    inside = " OR ".join(scope_word(space, scope) for scope in dict.fromkeys(scopes))
    if not found or not inside:
        return None
    any_of = " OR ".join(f'"{word}"' for word in found)
    return f"scope : ({inside}) AND text : ({any_of})"
