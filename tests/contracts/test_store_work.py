"""What every store promises of what is under way: the inbox, turns, proposals, effects and the transcript."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.actions import Account, Call
from bot.effects import Authority, Effect, EffectState, Outlay, Per, Run
from bot.errors import BadInput, Stale
from bot.events import Message, Press, Verb
from bot.journal import Answer, Ask, Outcome, Thought, TurnState
from bot.missions import Phase
from bot.proposals import Proposal, State
from bot.store import Store, Tx
from bot.values import Money
from tests.contracts.stores import (
    ANN,
    ELSEWHERE,
    NOON,
    PLACE,
    batch,
    effect,
    event,
    in_state,
    later,
    line,
    mission,
    proposal,
    turn,
)

# The inbox.


async def test_an_event_is_kept_once_under_its_key(store: Store) -> None:
    assert await store.write(lambda tx: tx.events.add(event("e1", key="slack:1")))
    again = event("e2", key="slack:1", body=Message(who=ANN, text="other words"))
    assert not await store.write(lambda tx: tx.events.add(again))
    assert await store.read(lambda tx: tx.events.get("e1")) == event("e1", key="slack:1")
    assert await store.read(lambda tx: tx.events.get("e2")) is None
    assert await store.read(lambda tx: tx.events.count_open()) == 1


async def test_the_oldest_open_event_is_the_one_that_came_first(store: Store) -> None:
    assert await store.read(lambda tx: tx.events.oldest_open()) is None
    first, second = event("z"), replace(event("a", place=ELSEWHERE), at=later(1))
    await store.write(lambda tx: [tx.events.add(first), tx.events.add(second)])
    await store.write(lambda tx: tx.events.postpone("z", later(9)))
    assert await store.read(lambda tx: tx.events.oldest_open()) == NOON
    assert await store.read(lambda tx: tx.events.oldest_open(), space="other") is None
    await store.write(lambda tx: tx.events.close("z"))
    assert await store.read(lambda tx: tx.events.oldest_open()) == later(1)


async def test_of_many_deliveries_at_once_one_is_kept(store: Store) -> None:
    """SAFETY 6"""
    kept = await asyncio.gather(
        *(store.write(lambda tx, n=n: tx.events.add(event(f"e{n}", key="slack:1"))) for n in range(40))
    )
    assert kept.count(True) == 1


async def test_the_same_key_in_another_space_is_another_event(store: Store) -> None:
    assert await store.write(lambda tx: tx.events.add(event("e1", space="one")), space="one")
    assert await store.write(lambda tx: tx.events.add(event("e1", space="two")), space="two")


async def test_a_closed_event_still_keeps_its_key(store: Store) -> None:
    def change(tx: Tx) -> bool:
        tx.events.add(event("e1", key="slack:1"))
        tx.events.close("e1")
        return tx.events.add(event("e2", key="slack:1"))

    assert not await store.write(change)
    assert await store.read(lambda tx: tx.events.knows("slack:1"))
    assert not await store.read(lambda tx: tx.events.knows("slack:2"))
    assert not await store.read(lambda tx: tx.events.knows("slack:1"), space="another")


async def test_the_oldest_open_event_of_the_place_comes_first(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.events.add(event("z"))
        tx.events.add(event("other", place=ELSEWHERE))
        tx.events.add(event("a"))

    def take(tx: Tx) -> str | None:
        found = tx.events.next(PLACE, NOON)
        if found is None:
            return None
        tx.events.close(found.id)
        return found.id

    await store.write(fill)
    assert [await store.write(take) for _ in range(3)] == ["z", "a", None]
    assert await store.read(lambda tx: tx.events.count_open()) == 1


async def test_a_postponed_event_is_passed_over_until_it_is_due(store: Store) -> None:
    press = Press(who=ANN, ref="r", revision=1, verb=Verb.APPROVE)

    def fill(tx: Tx) -> int:
        tx.events.add(event("first"))
        tx.events.add(event("second", body=press))
        return tx.events.postpone("first", later(10))

    assert await store.write(fill) == 1
    found = [
        await store.read(lambda tx, at=at: tx.events.next(PLACE, at))
        for at in (NOON, later(10) - timedelta(microseconds=1), later(10))
    ]
    assert [each.id for each in found if each] == ["second", "second", "first"]


async def test_it_is_known_whether_more_stands_behind_an_event(store: Store) -> None:
    async def more(at: datetime) -> bool:
        return await store.read(lambda tx: tx.events.more(event("first"), at))

    await store.write(lambda tx: (tx.events.add(event("first")), tx.events.add(event("x", place=ELSEWHERE))))
    assert not await more(NOON)
    await store.write(lambda tx: (tx.events.add(event("second")), tx.events.postpone("second", later(10))))
    assert [await more(NOON), await more(later(10))] == [False, True]
    await store.write(lambda tx: tx.events.close("second"))
    assert not await more(later(10))


async def test_whether_more_stands_behind_follows_what_the_same_transaction_does(store: Store) -> None:
    def within(tx: Tx) -> list[bool]:
        found: list[bool] = []

        def look() -> None:
            first = tx.events.next(PLACE, NOON)
            assert first is not None
            assert first.id == "first"
            found.extend([tx.events.more(first, NOON), tx.events.more(first, later(10))])

        look()
        tx.events.add(event("second"))
        found.append(tx.events.more(event("first"), NOON))
        look()
        tx.events.postpone("second", later(10))
        found.append(tx.events.more(event("first"), NOON))
        look()
        tx.events.add(event("third"))
        look()
        tx.events.close("third")
        found.append(tx.events.more(event("first"), NOON))
        return found

    await store.write(lambda tx: tx.events.add(event("first")))
    assert await store.write(within) == [
        *(False, False, True),
        *(True, True, False),
        *(False, True, True, True, False),
    ]


async def test_postponing_counts_the_attempts(store: Store) -> None:
    await store.write(lambda tx: tx.events.add(event("e1")))
    counts = [await store.write(lambda tx: tx.events.postpone("e1", NOON)) for _ in range(3)]
    assert counts == [1, 2, 3]
    assert await store.read(lambda tx: tx.events.get("e1")) == replace(event("e1"), attempts=3)


async def test_a_closed_or_unknown_event_cannot_be_postponed(store: Store) -> None:
    def change(tx: Tx) -> tuple[int, int]:
        tx.events.add(event("e1"))
        tx.events.close("e1")
        tx.events.close("unknown")
        return tx.events.postpone("e1", NOON), tx.events.postpone("unknown", NOON)

    assert await store.write(change) == (0, 0)
    assert await store.read(lambda tx: tx.events.next(PLACE, NOON)) is None


async def test_text_that_no_file_can_hold_is_refused(store: Store) -> None:
    broken = event("e1", body=Message(who=ANN, text="half a character: \ud83d"))
    with pytest.raises(BadInput):
        await store.write(lambda tx: tx.events.add(broken))
    with pytest.raises(BadInput):
        await store.write(lambda tx: tx.ledger.append("did", {"text": "\ud83d"}, NOON))


async def test_any_other_text_comes_back_as_it_was(store: Store) -> None:
    text = '\'; DROP TABLE events; -- \x00 \u202e \U0001f680 "quoted" \\ \n\t% _ :name ?'
    kept = event("e1", key=text, place=text, body=Message(who=ANN, text=text))
    await store.write(lambda tx: tx.events.add(kept))
    assert await store.read(lambda tx: tx.events.next(text, NOON)) == kept


# Turns and journals.


async def test_a_turn_put_again_replaces_the_old_one(store: Store) -> None:
    done = replace(turn("t1"), state=TurnState.DONE, ended=later(1))
    await store.write(lambda tx: tx.turns.put(turn("t1")))
    await store.write(lambda tx: tx.turns.put(done))
    assert await store.read(lambda tx: tx.turns.get("t1")) == done


async def test_parked_turns_are_listed_by_age(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for name, started in (("new", 20), ("old", 10), ("same", 20)):
            tx.turns.put(replace(turn(name), state=TurnState.PARKED, started=later(started)))
        tx.turns.put(turn("open"))

    await store.write(fill)
    assert [found.id for found in await store.read(lambda tx: tx.turns.parked())] == ["old", "new", "same"]


async def test_the_journal_keeps_its_order_and_one_answer_per_ask(store: Store) -> None:
    thought = Thought(text="let me see", asks=(Ask(id="a1", action="demo.order", arguments={"id": 1}),))
    answer = Answer(ask="a1", outcome=Outcome.DONE, text="found", data={"total": 12})

    def fill(tx: Tx) -> None:
        tx.turns.append("t1", thought)
        tx.turns.append("t1", answer)
        tx.turns.append("t1", Answer(ask="a1", outcome=Outcome.FAILED))
        tx.turns.append("t1", thought)
        tx.turns.append("t2", Answer(ask="a1", outcome=Outcome.DENIED))

    await store.write(fill)
    assert await store.read(lambda tx: tx.turns.rows("t1")) == (thought, answer, thought)


# Proposals.


async def test_urgent_events_are_found_apart_from_the_others(store: Store) -> None:
    await store.write(lambda tx: tx.events.add(event("words")))
    await store.write(lambda tx: tx.events.add(replace(event("press"), urgent=True)))
    plain = await store.read(lambda tx: tx.events.next(PLACE, NOON))
    urgent = await store.read(lambda tx: tx.events.next(PLACE, NOON, urgent=True))
    assert plain is not None
    assert urgent is not None
    assert (plain.id, urgent.id) == ("words", "press")
    await store.write(lambda tx: tx.events.close("press"))
    assert await store.read(lambda tx: tx.events.next(PLACE, NOON, urgent=True)) is None


async def test_a_batch_is_added_once_and_found_by_its_reference(store: Store) -> None:
    assert await store.write(lambda tx: tx.batches.add(batch("b1")))
    assert not await store.write(lambda tx: tx.batches.add(replace(batch("b1"), lang="fr")))
    assert await store.read(lambda tx: tx.batches.get("b1")) == batch("b1")
    assert await store.read(lambda tx: tx.batches.by_ref("ref:b1")) == batch("b1")
    assert await store.read(lambda tx: tx.batches.by_ref("ref:b2")) is None
    assert await store.read(lambda tx: tx.batches.get("b1"), space="other") is None
    assert await store.read(lambda tx: tx.batches.by_ref("ref:b1"), space="other") is None


async def test_a_batch_is_swapped_only_from_the_revision_that_was_seen(store: Store) -> None:
    await store.write(lambda tx: tx.batches.add(batch("b1")))
    seen = batch("b1")
    chosen = seen.leaving_out(["p2"], revision=1)
    assert await store.write(lambda tx: tx.batches.swap(seen, chosen))
    assert not await store.write(lambda tx: tx.batches.swap(seen, seen.dissolved(revision=1)))
    assert await store.read(lambda tx: tx.batches.get("b1")) == chosen


async def test_a_line_learns_which_message_it_is(store: Store) -> None:
    def change(tx: Tx) -> tuple[bool, bool]:
        tx.lines.put(line("first", slot="card"))
        tx.lines.put(line("second", slot="other"))
        return tx.lines.refer(PLACE, "card", "1700.5"), tx.lines.refer(PLACE, "nothing", "1700.6")

    assert await store.write(change) == (True, False)
    found = await store.read(lambda tx: tx.lines.last(PLACE, 9))
    assert [(each.seq, each.slot, each.ref) for each in found] == [(1, "card", "1700.5"), (2, "other", "")]


async def test_a_renamed_slot_is_free_and_the_line_keeps_its_message(store: Store) -> None:
    def write(tx: Tx) -> None:
        tx.lines.put(line("first", slot="card", ref="m1"))
        tx.lines.rename(PLACE, "card", "card~1")
        tx.lines.rename(PLACE, "nothing", "nothing~1")
        tx.lines.put(line("second", slot="card"))

    await store.write(write)
    lines = await store.read(lambda tx: tx.lines.last(PLACE, 9))
    assert [(each.seq, each.slot, each.ref) for each in lines] == [(1, "card~1", "m1"), (2, "card", "")]
    old = await store.read(lambda tx: tx.lines.by_slot(PLACE, "card~1"))
    assert old is not None
    assert old.text == "first"


async def test_a_proposal_is_added_once(store: Store) -> None:
    assert await store.write(lambda tx: tx.proposals.add(proposal("p1")))
    assert not await store.write(lambda tx: tx.proposals.add(replace(proposal("p1"), reason="other")))
    assert await store.read(lambda tx: tx.proposals.get("p1")) == proposal("p1")


async def test_a_proposal_is_found_by_its_reference_and_by_its_ask(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.proposals.add(proposal("zz"))
        tx.proposals.add(proposal("aa"))
        tx.proposals.add(proposal("other", ask="a2"))

    await store.write(fill)
    assert await store.read(lambda tx: tx.proposals.by_ref("ref:zz")) == proposal("zz")
    assert await store.read(lambda tx: tx.proposals.by_ref("unknown")) is None
    assert await store.read(lambda tx: tx.proposals.of_ask("t1", "a1")) == proposal("aa")
    assert await store.read(lambda tx: tx.proposals.of_ask("t2", "a1")) is None


async def test_two_proposals_never_share_a_reference(store: Store) -> None:
    await store.write(lambda tx: tx.proposals.add(proposal("p1")))
    with pytest.raises(Stale):
        await store.write(lambda tx: tx.proposals.add(replace(proposal("p2"), ref="ref:p1")))


async def test_of_many_presses_at_once_one_settles(store: Store) -> None:
    """SAFETY 14, 15"""
    await store.write(lambda tx: tx.proposals.add(proposal("p1")))

    def press(n: int) -> Proposal:
        return replace(proposal("p1"), state=State.APPROVED, settled_by=str(n))

    won = await asyncio.gather(
        *(store.write(lambda tx, n=n: tx.proposals.swap(proposal("p1"), press(n))) for n in range(50))
    )
    assert won.count(True) == 1
    assert await store.read(lambda tx: tx.proposals.get("p1")) == press(won.index(True))


async def test_a_proposal_is_swapped_only_from_the_revision_that_was_seen(store: Store) -> None:
    """SAFETY 17"""
    seen = proposal("p1")
    edited = replace(seen, revision=2)
    await store.write(lambda tx: tx.proposals.add(seen))
    assert await store.write(lambda tx: tx.proposals.swap(seen, edited))
    assert not await store.write(lambda tx: tx.proposals.swap(seen, replace(seen, state=State.APPROVED)))
    assert await store.write(lambda tx: tx.proposals.swap(edited, replace(edited, state=State.DENIED)))
    assert not await store.write(lambda tx: tx.proposals.swap(proposal("unknown"), proposal("unknown")))


async def test_pending_proposals_are_listed_oldest_first(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for name in ("z", "settled", "a"):
            tx.proposals.add(proposal(name))
        tx.proposals.swap(proposal("settled"), replace(proposal("settled"), state=State.DENIED))

    await store.write(fill)
    assert [found.id for found in await store.read(lambda tx: tx.proposals.pending())] == ["z", "a"]


# Effects.


async def test_an_effect_is_added_once(store: Store) -> None:
    assert await store.write(lambda tx: tx.effects.add(effect("f1")))
    assert not await store.write(lambda tx: tx.effects.add(replace(effect("f1"), error="other")))
    assert await store.read(lambda tx: tx.effects.get("f1")) == effect("f1")


async def test_of_many_workers_at_once_one_starts_an_effect(store: Store) -> None:
    """SAFETY 14"""
    await store.write(lambda tx: tx.effects.add(effect("f1")))
    won = await asyncio.gather(
        *(store.write(lambda tx: tx.effects.swap(effect("f1"), effect("f1").started())) for _ in range(50))
    )
    assert won.count(True) == 1


async def test_a_retried_effect_is_not_swapped_by_who_saw_the_attempt_before(store: Store) -> None:
    waits = effect("f1")
    once = waits.started()
    again = once.waiting(NOON, "unreachable")
    await store.write(lambda tx: tx.effects.add(waits))
    for before, after in ((waits, once), (once, again)):
        assert await store.write(lambda tx, b=before, a=after: tx.effects.swap(b, a))
    assert not await store.write(lambda tx: tx.effects.swap(waits, waits.started()))
    assert await store.write(lambda tx: tx.effects.swap(again, again.started()))


async def test_a_settled_effect_is_not_swapped_by_who_saw_it_under_way(store: Store) -> None:
    started = effect("f1").started()
    await store.write(lambda tx: tx.effects.add(started))
    assert await store.write(lambda tx: tx.effects.swap(started, started.failed("refused")))
    assert not await store.write(lambda tx: tx.effects.swap(started, started.unknown("lost")))
    found = await store.read(lambda tx: tx.effects.get("f1"))
    assert found == started.failed("refused")


async def test_open_effects_of_a_place_keep_the_order_in_which_they_were_added(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for name in ("z", "done", "a"):
            tx.effects.add(effect(name))
        tx.effects.add(effect("other", place=ELSEWHERE))
        tx.effects.swap(effect("done"), in_state(effect("done"), EffectState.CONFIRMED))
        tx.effects.swap(effect("z"), effect("z").started())

    await store.write(fill)
    assert [found.id for found in await store.read(lambda tx: tx.effects.open(PLACE))] == ["z", "a"]


@pytest.mark.parametrize("state", EffectState)
async def test_effects_are_listed_by_state(store: Store, state: EffectState) -> None:
    def fill(tx: Tx) -> None:
        for each in EffectState:
            for name in ("z", "a"):
                tx.effects.add(in_state(effect(f"{name}:{each}"), each))

    await store.write(fill)
    found = await store.read(lambda tx: tx.effects.in_state(state))
    assert [each.id for each in found] == [f"z:{state}", f"a:{state}"]


# The transcript.


async def test_lines_are_numbered_in_the_order_of_their_place(store: Store) -> None:
    def fill(tx: Tx) -> list[int]:
        put = [tx.lines.put(line(text)) for text in ("one", "two", "three")]
        tx.lines.put(line("elsewhere", place=ELSEWHERE))
        return [each.seq for each in put]

    seqs = await store.write(fill)
    assert seqs == sorted(set(seqs))
    last = await store.read(lambda tx: tx.lines.last(PLACE, 2))
    assert [each.text for each in last] == ["two", "three"]
    before = await store.read(lambda tx: tx.lines.last(PLACE, 9, before=seqs[2]))
    assert [each.text for each in before] == ["one", "two"]
    since = await store.read(lambda tx: tx.lines.since(PLACE, seqs[0]))
    assert [each.text for each in since] == ["two", "three"]
    assert await store.read(lambda tx: tx.lines.last(PLACE, 0)) == ()


async def test_the_newest_line_is_told_as_this_very_transaction_left_it(store: Store) -> None:
    def change(tx: Tx) -> list[tuple[str, str, str]]:
        told = [tx.lines.last(PLACE, 1)]
        tx.lines.put(line("one", slot="s1"))
        told.append(tx.lines.last(PLACE, 1))
        tx.lines.refer(PLACE, "s1", "m1")
        told.append(tx.lines.last(PLACE, 1))
        tx.lines.rename(PLACE, "s1", "s2")
        told.append(tx.lines.last(PLACE, 1))
        tx.lines.put(line("two"))
        told.append(tx.lines.last(PLACE, 1))
        return [(each.text, each.slot, each.ref) for found in told for each in found]

    assert await store.write(change) == [
        ("one", "s1", ""),
        ("one", "s1", "m1"),
        ("one", "s2", "m1"),
        ("two", "", ""),
    ]


async def test_a_line_with_a_slot_that_stands_is_replaced_where_it_stood(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.lines.put(line("thinking", slot="s1", ref="m1"))
        tx.lines.put(line("meanwhile"))

    await store.write(fill)
    first = await store.write(lambda tx: tx.lines.put(line("the answer", slot="s1")))
    assert (first.ref, first.text) == ("m1", "the answer")
    moved = await store.write(lambda tx: tx.lines.put(line("the answer", slot="s1", ref="m2")))
    assert moved.ref == "m2"
    lines = await store.read(lambda tx: tx.lines.last(PLACE, 9))
    assert [(each.text, each.ref) for each in lines] == [("the answer", "m2"), ("meanwhile", "")]
    assert await store.read(lambda tx: tx.lines.by_slot(PLACE, "s1")) == lines[0] == moved


async def test_a_slot_is_found_in_every_place_where_it_stands(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.lines.put(line("card", place=ELSEWHERE, slot="card:1"))
        tx.lines.put(line("card", slot="card:1"))
        tx.lines.put(line("words"))

    await store.write(fill)
    found = await store.read(lambda tx: tx.lines.of_slot("card:1"))
    assert {each.place for each in found} == {PLACE, ELSEWHERE}
    assert await store.read(lambda tx: tx.lines.by_slot(PLACE, "card:2")) is None
    assert await store.read(lambda tx: tx.lines.of_slot("")) == ()


# What the clock asks of all spaces.


async def test_places_are_busy_with_what_is_open_and_due(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for name in ("open", "closed", "later"):
            tx.events.add(event(name, place=f"event:{name}", space=tx.space))
        tx.events.close("closed")
        tx.events.postpone("later", later(10))
        tx.effects.add(effect("pending", place="effect:pending", space=tx.space))
        tx.effects.add(effect("twice", place="event:open", space=tx.space))
        tx.effects.add(effect("later", place="effect:later", space=tx.space, due=later(20)))
        for state in (EffectState.STARTED, EffectState.CONFIRMED, EffectState.UNKNOWN):
            tx.effects.add(in_state(effect(state, place=f"effect:{state}", space=tx.space), state))

    for space in ("one", "two"):
        await store.write(fill, space=space)
    busy = {"event:open", "effect:pending", "effect:started"}
    found = await store.busy_places(NOON)
    assert len(found) == len(set(found))
    assert set(found) == {(space, place) for space in ("one", "two") for place in busy}
    assert ("one", "event:later") in await store.busy_places(later(10))
    assert ("one", "effect:later") in await store.busy_places(later(20))


async def test_the_next_retry_is_the_soonest_after_now(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.events.add(event("e1"))
        tx.events.postpone("e1", later(30))
        tx.effects.add(effect("now"))
        tx.effects.add(effect("soon", due=later(20)))
        tx.effects.add(in_state(effect("over", due=later(5)), EffectState.FAILED))

    assert await store.retry_at(NOON) is None
    await store.write(fill)
    assert await store.retry_at(NOON) == later(20)
    assert await store.retry_at(later(20)) == later(30)
    assert await store.retry_at(later(30)) is None


async def test_missions_that_are_due_come_soonest_first(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.missions.put(mission("late", 1, space=tx.space, due=later(30)))
        tx.missions.put(mission("soon", 2, space=tx.space, due=later(10)))
        tx.missions.put(mission("never", 3, space=tx.space))
        paused = mission("paused", 4, space=tx.space, due=NOON)
        tx.missions.put(replace(paused, phase=Phase.PAUSED))

    await store.write(fill, space="one")
    await store.write(fill, space="two")
    assert await store.due_missions(later(10), limit=9) == (
        ("one", "soon", later(10)),
        ("two", "soon", later(10)),
    )
    assert [name for _, name, _ in await store.due_missions(later(30), limit=3)] == ["soon", "soon", "late"]
    assert await store.due_missions(NOON, limit=9) == ()


async def test_proposals_past_their_deadline_are_found(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.proposals.add(proposal("late", expires=later(30), space=tx.space))
        tx.proposals.add(proposal("soon", expires=later(10), space=tx.space))
        settled: Proposal = replace(proposal("settled", expires=NOON, space=tx.space), state=State.DENIED)
        tx.proposals.add(settled)

    await store.write(fill, space="one")
    assert await store.overdue_proposals(NOON, limit=9) == ()
    assert await store.overdue_proposals(later(10), limit=9) == (("one", "soon"),)
    assert await store.overdue_proposals(later(30), limit=9) == (("one", "soon"), ("one", "late"))
    assert await store.overdue_proposals(later(30), limit=1) == (("one", "soon"),)


# What deeds count for.


def deed(
    name: str,
    at: float,
    *,
    account: str = "demo/shop/test",
    mission: str = "",
    to: tuple[str, ...] = (),
    state: EffectState = EffectState.CONFIRMED,
) -> Effect:
    call = Call(action="demo.refund", fingerprint="f", account=Account(system="demo", label="shop"))
    outlay = Outlay(
        effect=name,
        action=call.action,
        account=account,
        person="per_ann",
        mission=mission,
        recipients=to,
        amounts=(Money(500, "EUR"),),
        at=later(at),
    )
    run = Run(call=call, authority=Authority(by="rule", rule="r", digest=call.digest), outlay=outlay)
    return replace(in_state(effect(name), state), deed=run)


async def names_of(store: Store, per: Per, subject: str, since: float) -> list[str]:
    return [
        each.effect for each in await store.read(lambda tx: tx.effects.outlays(per, subject, later(since)))
    ]


async def test_deeds_are_counted_for_whom_and_since_when(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.effects.add(deed("late", 20, mission="m1", to=("eve@x.org", "bob@x.org")))
        tx.effects.add(deed("early", 10, to=("bob@x.org",)))
        tx.effects.add(deed("elsewhere", 15, account="demo/shop/live", to=("bob@x.organic",)))
        tx.effects.add(effect("words"))

    await store.write(fill)
    assert await names_of(store, "account", "demo/shop/test", 0) == ["early", "late"]
    assert await names_of(store, "account", "demo/shop/test", 10) == ["late"]
    assert await names_of(store, "account", "demo/shop/test", 20) == []
    assert await names_of(store, "person", "per_ann", 0) == ["early", "elsewhere", "late"]
    assert await names_of(store, "mission", "m1", 0) == ["late"]
    assert await names_of(store, "recipient", "bob@x.org", 0) == ["early", "late"]
    for per in ("account", "person", "mission", "recipient"):
        assert await names_of(store, per, "", 0) == []
        assert await names_of(store, per, "%", 0) == []
        assert await names_of(store, per, "_", 0) == []


async def test_what_failed_counts_for_nothing_and_what_nobody_knows_counts(store: Store) -> None:
    states = list(EffectState)
    await store.write(lambda tx: [tx.effects.add(deed(state, 1, state=state)) for state in states])
    counted = set(await names_of(store, "person", "per_ann", 0))
    assert counted == {state.value for state in states} - {"failed"}
    await store.write(
        lambda tx: tx.effects.swap(
            deed("started", 1, state=EffectState.STARTED), deed("started", 1, state=EffectState.FAILED)
        )
    )
    assert "started" not in await names_of(store, "person", "per_ann", 0)


async def test_a_deed_counts_from_the_moment_it_is_started(store: Store) -> None:
    waiting = deed("one", 1, state=EffectState.PENDING)
    assert isinstance(waiting.deed, Run)
    bare = replace(waiting, deed=replace(waiting.deed, outlay=None))
    await store.write(lambda tx: tx.effects.add(bare))
    assert await names_of(store, "person", "per_ann", 0) == []
    await store.write(lambda tx: tx.effects.swap(bare, waiting.started()))
    assert await names_of(store, "person", "per_ann", 0) == ["one"]


async def test_deeds_of_another_space_count_for_nothing(store: Store) -> None:
    await store.write(lambda tx: tx.effects.add(replace(deed("one", 1), space="other")), space="other")
    assert await names_of(store, "person", "per_ann", 0) == []
