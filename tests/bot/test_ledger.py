"""The ledger's chain: whatever is changed, taken out, moved or cut shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot import ledger
from bot.ledger import GENESIS, Entry

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def chain(kinds: list[str]) -> list[Entry]:
    entries: list[Entry] = []
    for seq, kind in enumerate(kinds, start=1):
        before = entries[-1].hash if entries else GENESIS
        at = AT + timedelta(seconds=seq)
        entries.append(
            ledger.link(space="home", seq=seq, at=at, kind=kind, body={"n": seq, "who": "é"}, before=before)
        )
    return entries


CHAINS = st.lists(st.sampled_from(["proposed", "approved", "confirmed"]), min_size=2, max_size=12).map(chain)


@given(CHAINS)
def test_an_untouched_chain_holds(entries: list[Entry]) -> None:
    verdict = ledger.verify(entries)
    assert (verdict.holds, verdict.rows, verdict.head) == (True, len(entries), entries[-1].hash)


def test_an_empty_ledger_holds() -> None:
    assert ledger.verify([]).holds


@given(CHAINS, st.data())
def test_a_row_that_was_edited_is_named(entries: list[Entry], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(entries) - 1))
    row = entries[at]
    edited = data.draw(
        st.sampled_from(
            [
                replace(row, kind="denied"),
                replace(row, body={**row.body, "who": "e"}),
                replace(row, at=row.at + timedelta(microseconds=1)),
                replace(row, space="other"),
            ]
        )
    )
    verdict = ledger.verify([*entries[:at], edited, *entries[at + 1 :]])
    assert (verdict.bad, verdict.rows) == (row.seq, at)


@given(CHAINS, st.data())
def test_a_row_that_was_rewritten_with_a_fitting_hash_breaks_the_one_after_it(
    entries: list[Entry], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(entries) - 2))
    row = entries[at]
    forged = ledger.link(
        space=row.space, seq=row.seq, at=row.at, kind="denied", body=row.body, before=row.before
    )
    assert ledger.verify([*entries[:at], forged, *entries[at + 1 :]]).bad == row.seq + 1


@given(CHAINS, st.data())
def test_a_row_that_was_taken_out_or_moved_is_missed(entries: list[Entry], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(entries) - 2))
    assert ledger.verify([*entries[:at], *entries[at + 1 :]]).bad == at + 1
    swapped = [*entries[:at], entries[at + 1], entries[at], *entries[at + 2 :]]
    assert ledger.verify(swapped).bad == at + 1


@given(CHAINS, st.data())
def test_a_tail_that_was_cut_shows_against_an_anchor_and_only_so(
    entries: list[Entry], data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, len(entries) - 1))
    anchor = (entries[-1].seq, entries[-1].hash)
    assert ledger.verify(entries[:at]).holds
    assert not ledger.verify(entries[:at], anchor=anchor).holds
    assert ledger.verify(entries, anchor=anchor).holds
