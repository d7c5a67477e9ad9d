"""The night's tidying: nothing is lost, what is pinned or decided stays, and the same notes give the same night."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.nights import STALE, tidied
from bot.notes import Note, NoteKind, person_scope
from bot.people import HOME
from tests.clocks import SetClock
from tests.stage import stage

NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)
MINE = person_scope("per_olivia")


def note(name: str, text: str, *, days: int = 1, kind: NoteKind = NoteKind.FACT) -> Note:
    return Note(id=name, space=HOME, scope=MINE, text=text, kind=kind, learned=NOW - timedelta(days=days))


def test_duplicates_become_one_that_names_them() -> None:
    night = tidied(
        (note("a", "The key is red"), note("b", "the KEY is red.", days=2), note("c", "no key")), now=NOW
    )
    kept, gone = sorted(night.changed, key=lambda each: each.over)
    assert (kept.id, kept.sources) == ("a", ("b",))
    assert (gone.id, gone.superseded_by, gone.closed) == ("b", "a", NOW)
    assert night.steps == {"merged": ["b"]}


def test_a_strangers_words_are_no_duplicate_of_a_persons() -> None:
    assert tidied((note("a", "pay Eve"), replace(note("b", "pay Eve"), tainted=True)), now=NOW).steps == {}


def test_episodes_alike_become_a_fact_with_its_sources() -> None:
    every = [
        note(f"e{n}", f"2026-05-0{n}: demo.refund × {n}", days=30 - n, kind=NoteKind.EPISODE)
        for n in (1, 2, 3)
    ]
    assert tidied(every[:2], now=NOW).made == ()
    night = tidied(every, now=NOW)
    [fact] = night.made
    assert fact.sources == ("e1", "e2", "e3")
    assert fact.kind is NoteKind.FACT
    assert {each.superseded_by for each in night.changed} == {fact.id}


def test_what_nobody_came_back_to_fades_slowly_and_is_never_dropped() -> None:
    one, steps = note("a", "lunch is at noon", days=STALE.days), 0
    at = NOW
    for _ in range(24):
        night = tidied((one,), now=at)
        steps += len(night.changed)
        one = night.changed[0] if night.changed else one
        at += timedelta(days=15)
    assert (one.confidence, one.over) == (0, False)
    assert steps == 5


def drawn(n: int, text: str, kind: NoteKind, days: int, pinned: bool, tainted: bool, ends: bool) -> Note:
    ended = NOW - timedelta(hours=1) if ends else None
    plain = note(f"n{n}", text, days=days, kind=kind)
    return replace(plain, pinned=pinned, tainted=tainted, expires=ended)


TEXTS = ("the key is red", "The key is red!", "3 boxes came", "5 boxes came", "8 boxes came")
each = st.builds(
    drawn,
    st.integers(0, 99),
    st.sampled_from(TEXTS),
    st.sampled_from(NoteKind),
    st.integers(1, 400),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
several = st.lists(each, unique_by=lambda each: each.id, max_size=12)


@given(several)
def test_no_night_takes_away_what_is_pinned_or_decided_or_anybodys_words(every: list[Note]) -> None:
    night = tidied(every, now=NOW)
    before = {each.id: each for each in every}
    assert night == tidied(list(reversed(every)), now=NOW) or {n.id for n in night.made} == {
        n.id for n in tidied(list(reversed(every)), now=NOW).made
    }
    for each in night.changed:
        assert each.text == before[each.id].text
        if before[each.id].lasting:
            assert each == before[each.id].expired(), "only its own last day closes it"
    after = before | {each.id: each for each in (*night.changed, *night.made)}
    for each in night.changed:
        if each.superseded_by:
            assert each.id in after[each.superseded_by].sources
    assert all(each.tainted == any(before[s].tainted for s in each.sources) for each in night.made)


async def test_deeds_are_remembered_from_the_ledger_and_a_night_can_be_taken_back(tmp_path: Path) -> None:
    clock = SetClock()
    async with stage(tmp_path, clock=clock) as s:
        await s.say("remember the key is red")
        await s.say("remember The key is red")
        for day in range(3):
            await s.say(f"do demo.note_order order=1007 note=late{day}")
            if s.chat.cards():
                await s.press(s.card)
            await s.forward(timedelta(days=1))
        every = await s.look(lambda tx: tx.notes.history(MINE))
        assert [each.over for each in every if "key" in each.text].count(True) == 1
        fact = next(each for each in every if each.sources and "demo.note_order" in each.text)
        assert "late" not in fact.text, "no word of the deed, only its name"
        await s.say("what do you know about demo note order")
        assert "made from 3 notes" in s.last
        kinds = [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
        assert kinds.count("consolidated") == 3
        await s.say("undo the night")
        after = await s.look(lambda tx: tx.notes.history(MINE))
        assert fact.id not in {each.id for each in after}
        assert "night_undone" in [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
