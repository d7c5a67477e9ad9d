"""Whatever is done to them, in whatever order, all stores give the same answers as the one in memory."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import ledger
from bot.effects import EffectState
from bot.errors import Stale, VigieError
from bot.journal import Answer, Outcome, Thought, TurnState
from bot.missions import Phase
from bot.people import Identity
from bot.proposals import State
from bot.store import Store, Tx
from bot.tickets import Purpose
from tests.contracts.stores import (
    ELSEWHERE,
    NOON,
    PLACE,
    STORES,
    effect,
    event,
    grant,
    later,
    line,
    mission,
    note,
    person,
    procedure,
    proposal,
    stroke,
    tally,
    ticket,
    turn,
)

NAMES = ("n1", "n2")
SPACES = ("home", "other")
PLACES = (PLACE, ELSEWHERE)
SCOPES = ("person:ann", "place:x")
AUTHORS = ("per_ann", "per_bob")
KEYS = ("slack:T:U", "telegram:7")
WORDS = ("red key", "the key is red", "blue doors", "door", "café refunds", "refunding cafe", "")

names, places, scopes = st.sampled_from(NAMES), st.sampled_from(PLACES), st.sampled_from(SCOPES)
seconds, words = st.integers(0, 5), st.sampled_from(WORDS)
purposes = st.sampled_from((Purpose.SESSION, Purpose.SIGN_IN))

steps: st.SearchStrategy[tuple[Any, ...]] = st.one_of(
    st.tuples(st.just("event"), names, names, places),
    st.tuples(st.just("next"), places, seconds),
    st.tuples(st.just("close"), names),
    st.tuples(st.just("postpone"), names, seconds),
    st.tuples(st.just("turn"), names, st.sampled_from(TurnState), seconds),
    st.tuples(st.just("thought"), names),
    st.tuples(st.just("answer"), names, names, st.sampled_from(Outcome)),
    st.tuples(st.just("person"), names, st.lists(st.sampled_from(KEYS), unique=True).map(tuple)),
    st.tuples(st.just("mission"), names, st.integers(1, 4), st.sampled_from(Phase), seconds),
    st.tuples(st.just("procedure"), names, st.integers(1, 3), names, st.sampled_from(AUTHORS)),
    st.tuples(st.just("retire"), names),
    st.tuples(st.just("rewrite"), names, st.integers(1, 3)),
    st.tuples(st.just("proposal"), names, names, seconds),
    st.tuples(st.just("settle"), names, st.integers(1, 3), st.sampled_from(State)),
    st.tuples(st.just("effect"), names, places, st.sampled_from(EffectState), seconds),
    st.tuples(st.just("start"), names, st.integers(0, 1)),
    st.tuples(st.just("line"), places, words, st.sampled_from(("", "s1", "s2")), st.sampled_from(("", "r1"))),
    st.tuples(st.just("newest"), places),
    st.tuples(st.just("refer"), places, st.sampled_from(("s1", "s2")), st.sampled_from(("r2", "r3"))),
    st.tuples(st.just("rename"), places, st.sampled_from(("s1", "s2")), st.sampled_from(("s3", "s4"))),
    st.tuples(st.just("note"), names, scopes, words, st.sampled_from(("", "n9")), seconds),
    st.tuples(st.just("tally"), names, scopes, names),
    st.tuples(st.just("stroke"), names, words, names),
    st.tuples(st.just("forget tally"), names),
    st.tuples(st.just("search"), words, st.lists(scopes), st.integers(0, 3)),
    st.tuples(st.just("forget"), names),
    st.tuples(st.just("append"), names, names),
    st.tuples(st.just("ticket"), names, purposes, names, seconds),
    st.tuples(st.just("use"), names, purposes, seconds),
    st.tuples(st.just("revoke"), purposes, st.none() | names),
    st.tuples(st.just("mark"), names, st.none() | st.integers() | st.lists(words)),
    st.tuples(st.just("saw"), names, words, st.integers(1, 3)),
    st.tuples(st.just("mails"), names, st.integers(0, 2)),
    st.tuples(st.just("grant"), names, st.integers(1, 3)),
    st.tuples(st.just("grant taken"), names, st.integers(0, 2), st.booleans(), st.booleans()),
    st.tuples(st.just("ring"), places),
)
change = st.tuples(
    st.sampled_from(SPACES), st.lists(steps, min_size=2, max_size=10), st.integers(0, 3).map(lambda n: n == 0)
)


def take(tx: Tx, step: tuple[Any, ...]) -> object:
    """One step of a transaction, and what it answered."""
    space = tx.space
    match step:
        case ("event", name, key, place):
            return tx.events.add(event(name, key=key, place=place, space=space))
        case ("next", place, at):
            return tx.events.next(place, later(at))
        case ("close", name):
            return tx.events.close(name)
        case ("postpone", name, at):
            return tx.events.postpone(name, later(at))
        case ("turn", name, state, at):
            return tx.turns.put(replace(turn(name, space=space), state=state, started=later(at)))
        case ("thought", name):
            return tx.turns.append(name, Thought(text="let me see"))
        case ("answer", name, ask, outcome):
            return tx.turns.append(name, Answer(ask=ask, outcome=outcome))
        case ("person", name, keys):
            return tx.people.put(person(name, *keys))
        case ("mission", name, number, phase, at):
            due = later(at) if at else None
            return tx.missions.put(replace(mission(name, number, space=space, due=due), phase=phase))
        case ("procedure", name, version, called, author):
            new = procedure(called, id=name, version=version, space=space)
            return tx.procedures.add(replace(new, person=author))
        case ("rewrite", name, version):
            kept = tx.procedures.get(name, version)
            return tx.procedures.rewrite(replace(kept, person="", at=NOON)) if kept else None
        case ("retire", name):
            return tx.procedures.retire(name)
        case ("proposal", name, ask, at):
            return tx.proposals.add(proposal(name, ask=ask, space=space, expires=later(at)))
        case ("settle", name, revision, state):
            before = replace(proposal(name, space=space), revision=revision)
            return tx.proposals.swap(before, replace(before, revision=revision + 1, state=state))
        case ("effect", name, place, state, at):
            new = effect(name, place=place, space=space, due=later(at))
            return tx.effects.add(replace(new, state=state))
        case ("start", name, attempts):
            kept = tx.effects.get(name) or effect(name, space=space)
            before = replace(kept, state=EffectState.PENDING, attempts=attempts)
            return tx.effects.swap(before, before.started())
        case ("line", place, text, slot, ref):
            return tx.lines.put(line(text, place=place, slot=slot, ref=ref))
        case ("refer", place, slot, ref):
            return tx.lines.refer(place, slot, ref)
        case ("rename", place, slot, to):
            return tx.lines.by_slot(place, to) or tx.lines.rename(place, slot, to)
        case ("newest", place):
            return tx.lines.last(place, 1)
        case ("note", name, scope, text, by, at):
            new = note(name, text, scope=scope, space=space, learned=later(at))
            return tx.notes.put(replace(new, superseded_by=by))
        case ("search", text, inside, limit):
            return tx.recall.find(text, inside, limit)
        case ("forget", name):
            return tx.notes.forget(name)
        case ("tally", name, scope, called):
            return tx.tallies.put(tally(called, id=name, scope=scope, space=space))
        case ("stroke", name, text, of):
            return tx.tallies.add(stroke(name, text, of=of, space=space))
        case ("forget tally", name):
            return tx.tallies.forget(name)
        case ("append", kind, subject):
            return tx.ledger.append(kind, {"subject": subject}, NOON)
        case ("ticket", name, purpose, holder, at):
            return tx.tickets.add(replace(ticket(name, purpose=purpose, person=holder), expires=later(at)))
        case ("use", name, purpose, at):
            return tx.tickets.use(name, purpose, later(at))
        case ("revoke", purpose, holder):
            return tx.tickets.revoke(purpose, holder)
        case ("mark", name, value):
            return tx.marks.put(name, value)
        case ("grant", name, number):
            return tx.grants.add(grant(name, number, space=space))
        case ("grant taken", name, used, ended, ends):
            at = later(1) if ended else None
            before = replace(tx.grants.get(name) or grant(name, space=space), used=used, ended=at)
            return tx.grants.swap(before, replace(before, used=used + 1, ended=later(2) if ends else at))
        case ("saw", name, digest, validity):
            return tx.mailboxes.saw(name, digest, validity)
        case ("mails", name, keep):
            return tx.mailboxes.forget(name, keep)
        case ("ring", place):
            return tx.ring(place)
        case _:
            raise AssertionError(step)


def everything(tx: Tx) -> list[object]:
    """All that can be seen in a space."""
    entries = tx.ledger.read()
    assert ledger.verify(entries).holds
    return [
        *((tx.events.get(n), tx.turns.get(n), tx.turns.rows(n), tx.people.get(n)) for n in NAMES),
        *((tx.missions.get(n), tx.proposals.get(n), tx.proposals.by_ref(f"ref:{n}")) for n in NAMES),
        *((tx.effects.get(n), tx.notes.get(n), tx.marks.get(n), tx.ledger.about(n, limit=2)) for n in NAMES),
        *((tx.tickets.peek(n, p, NOON), tx.proposals.of_ask("t1", n)) for n in NAMES for p in Purpose),
        *((tx.events.next(p, later(3)), tx.effects.open(p), tx.lines.last(p, 3)) for p in PLACES),
        *((tx.lines.since(p, 1), tx.lines.by_slot(p, "s1"), tx.lines.last(p, 9, before=2)) for p in PLACES),
        *(tx.people.by_identity(Identity.parse(key)) for key in KEYS),
        *(tx.notes.all(scope) for scope in SCOPES),
        *(tx.notes.history(scope) for scope in SCOPES),
        *(tx.tallies.all(scope) for scope in SCOPES),
        *((tx.tallies.get(n), tx.tallies.strokes(n), tx.tallies.named(SCOPES[0], n)) for n in NAMES),
        *(tx.recall.find(text, SCOPES, 9) for text in WORDS),
        *(tx.effects.in_state(state) for state in EffectState),
        *(tx.missions.by_number(number) for number in range(5)),
        tx.events.count_open(),
        tx.turns.parked(),
        tx.people.all(),
        tx.missions.all(),
        tx.missions.all(over=True),
        tx.missions.next_number(),
        tx.proposals.pending(),
        [(tx.procedures.named(n), tx.procedures.versions(n), tx.procedures.get(n, 2)) for n in NAMES],
        tx.procedures.all(),
        [(tx.grants.get(n), tx.grants.by_number(2), tx.grants.next_number()) for n in NAMES],
        (tx.grants.all(), tx.grants.of_action("demo.message_customer"), tx.grants.of_action("demo.refund")),
        [tx.mailboxes.seen(n, word) for n in NAMES for word in WORDS],
        tx.lines.of_slot("s1"),
        entries,
    ]


async def outcomes(store: Store, changes: list[tuple[str, list[tuple[Any, ...]], bool]]) -> list[object]:
    """What the changes answered, what rang, and all that can be seen afterwards."""
    seen: list[object] = []
    store.listen(lambda space, place: seen.append(("rang", space, place)))
    for space, taken, fails in changes:

        def run(tx: Tx, taken: list[tuple[Any, ...]] = taken, fails: bool = fails) -> list[object]:
            answers = [take(tx, step) for step in taken]
            if fails:
                raise Stale("no")
            return answers

        try:
            seen.append(await store.write(run, space=space))
        except VigieError as error:
            seen.append(type(error))
    seen += [await store.read(everything, space=space) for space in SPACES]
    for at in (NOON, later(2), later(5)):
        seen += [
            await store.busy_places(at),
            await store.due_missions(at, limit=3),
            await store.overdue_proposals(at, limit=3),
            await store.retry_at(at),
        ]
    await store.close()
    return seen


def agree(name: str, changes: list[tuple[str, list[tuple[Any, ...]], bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = asyncio.run(outcomes(STORES["memory"](Path(folder)), changes))
        assert asyncio.run(outcomes(STORES[name](Path(folder)), changes)) == expected


@settings(deadline=None, max_examples=50)
@given(changes=st.lists(change, min_size=10, max_size=30))
def test_every_store_answers_as_the_one_in_memory_does(
    changes: list[tuple[str, list[tuple[Any, ...]], bool]],
) -> None:
    agree("sqlite", changes)


@pytest.mark.peer("postgresql")
@settings(deadline=None, max_examples=15)  # each opens and closes a database, which takes a second
@given(changes=st.lists(change, min_size=10, max_size=30))
def test_postgresql_answers_as_the_one_in_memory_does(
    changes: list[tuple[str, list[tuple[Any, ...]], bool]],
) -> None:
    agree("postgresql", changes)
