"""The ledger: whatever is done to its rows shows, and nothing is done that it cannot hold."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot import ledger
from bot.ledger import GENESIS, Entry

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
bodies = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3)


def chain(rows: list[dict[str, object]]) -> list[Entry]:
    entries: list[Entry] = []
    before = GENESIS
    for seq, body in enumerate(rows, start=1):
        entries.append(ledger.link(space="home", seq=seq, at=NOW, kind="k", body=body, before=before))
        before = entries[-1].hash
    return entries


@given(st.lists(bodies, min_size=2, max_size=8), st.data())
def test_a_row_edited_removed_or_moved_is_named(rows: list[dict[str, object]], data: st.DataObject) -> None:
    """SAFETY 97"""
    entries = chain(rows)
    assert ledger.verify(entries).holds
    at = data.draw(st.integers(0, len(entries) - 2))
    edited = [*entries[:at], replace(entries[at], body={"edited": at}), *entries[at + 1 :]]
    removed = entries[:at] + entries[at + 1 :]
    moved = [*entries[:at], entries[at + 1], entries[at], *entries[at + 2 :]]
    assert ledger.verify(edited).bad == at + 1
    assert ledger.verify(removed).bad == at + 1
    assert ledger.verify(moved).bad == at + 1


@given(st.lists(bodies, min_size=2, max_size=8), st.data())
def test_a_cut_tail_and_a_chain_written_anew_show_against_an_anchor(
    rows: list[dict[str, object]], data: st.DataObject
) -> None:
    """SAFETY 97"""
    entries = chain(rows)
    anchor = (len(entries), entries[-1].hash)
    cut = entries[: data.draw(st.integers(0, len(entries) - 1))]
    assert ledger.verify(entries, anchor=anchor).holds
    assert not ledger.verify(cut, anchor=anchor).holds
    anew = chain([{**row, "anew": 1} for row in rows])
    assert ledger.verify(anew).holds, "a chain alone cannot tell"
    assert not ledger.verify(anew, anchor=anchor).holds
