"""What must hold when all has come to rest. Each function names what does not."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from adapters.systems.demo.nouns import Refund
from bench.chaos.script import Fate, Kind, Saying
from bench.chaos.sights import Seen, Sights
from bot import outcomes
from bot.effects import EffectState, Notice, Run, Say
from bot.missions import Mission
from bot.occurrences import Fate as WakeFate
from bot.store import Tx
from bot.values import Json

Entry = Mapping[str, Json]


def wake_of(saying: Saying, seen: Sequence[Seen]) -> list[Seen]:
    """The messages in which the reminder came: they do not speak of a mission."""
    return [each for each in seen if "Mission " not in each.text]


def finished(saying: Saying, seen: Sequence[Seen]) -> bool:
    """Whether people see what must come of it."""
    match saying.kind:
        case Kind.TALK | Kind.NOTE:
            return bool(seen)
        case Kind.REMINDER:
            return bool(wake_of(saying, seen))
        case Kind.REFUND:
            return bool(seen) and not (
                saying.decided and any(each.asks or "…" in each.text[-80:] for each in seen)
            )


def of_sights(sights: Sights, script: Sequence[Saying]) -> Iterator[str]:
    """Everything said was answered; a message stands twice only where the second says that it may be a repetition."""
    for saying in script:
        seen = sights.of(saying.token)
        wakes = wake_of(saying, seen) if saying.kind is Kind.REMINDER else []
        groups = {"answer": [each for each in seen if each not in wakes]}
        if saying.kind is Kind.REMINDER:
            groups["reminder"] = wakes
        if saying.kind is Kind.REFUND:
            groups = _cards(seen)
        for name, group in groups.items():
            unmarked = sum(not each.marked for each in group)
            if not group:
                yield f"LOST: {saying.text!r} of {saying.user} has no {name}"
            elif unmarked > 1:
                yield f"TWICE: {saying.text!r} of {saying.user} has {unmarked} times its {name}, unmarked"
            if saying.slack and unmarked < len(group):
                yield f"{saying.text!r} has a {name} marked as possibly repeated, although Slack can be asked"
        if saying.decided and any(each.asks for each in seen):
            yield f"LOST: {saying.text!r} still asks, although it was pressed ({saying.fate})"


def _cards(seen: Sequence[Seen]) -> dict[str, list[Seen]]:
    """Each card by itself: what changed meanwhile is asked for again on another."""
    if not seen or not seen[0].slot:
        gone = ("Replaced by", "a new card asks")
        return {"card": [each for each in seen if not any(words in each.text for words in gone)]}
    found: dict[str, list[Seen]] = {}
    for each in seen:
        found.setdefault(each.slot, []).append(each)
    return found


def of_refunds(refunds: Sequence[Refund], script: Sequence[Saying]) -> Iterator[str]:
    """What was approved was paid back once; nothing else was."""
    paid = Counter(refund.reason for refund in refunds)
    for saying in script:
        if saying.kind is Kind.REFUND:
            wanted = 1 if saying.fate is Fate.APPROVED else 0
            if (times := paid.pop(saying.token, 0)) != wanted:
                word = "LOST" if times < wanted else "TWICE"
                yield f"{word}: the refund of {saying.token} ({saying.fate}) was paid back {times} times"
    yield from (
        f"TWICE: {reason!r} was paid back and never asked for" for reason in paid if reason.startswith("kt")
    )


def of_ledger(entries: Sequence[Entry], script: Sequence[Saying]) -> Iterator[str]:
    """One confirmed row for each deed, an approval before each refund, one end of each turn."""
    done, approved = Counter[tuple[str, str]](), set[str]()
    for entry in entries:
        body = entry["body"]
        if entry["kind"] == "approved":
            approved.add(str(body["proposal"]))
        if entry["kind"] == "confirmed":
            arguments: Mapping[str, Json] = body.get("arguments", {})
            done[str(body["action"]), str(arguments.get("reason") or arguments.get("note"))] += 1
            if body["action"] == "demo.refund" and body["proposal"] not in approved:
                yield f"row {entry['seq']} confirms a refund that nobody had approved"
    for saying in script:
        match saying.kind:
            case Kind.NOTE:
                deed, wanted = ("demo.note_order", saying.token), 1
            case Kind.REFUND:
                deed, wanted = ("demo.refund", saying.token), int(saying.fate is Fate.APPROVED)
            case _:
                continue
        if done[deed] != wanted:
            yield f"the ledger confirms {deed} {done[deed]} times"
    ended = Counter(entry["body"]["turn"] for entry in entries if entry["kind"] == "turn")
    yield from (f"TWICE: the ledger ends turn {turn} {n} times" for turn, n in ended.items() if n != 1)


def of_wakes(tx: Tx, script: Sequence[Saying]) -> Iterator[str]:
    """Each reminder is one mission with one due time, which was run and delivered once."""
    missions: dict[str, list[Mission]] = {}
    for mission in tx.missions.all(over=True):
        missions.setdefault(mission.goal.rpartition(" ")[2], []).append(mission)
    for saying in script:
        if saying.kind is not Kind.REMINDER:
            continue
        mine = missions.get(saying.token, [])
        if len(mine) != 1:
            yield f"{'TWICE' if mine else 'LOST'}: {saying.text!r} made {len(mine)} missions"
            continue
        rows = tx.occurrences.last(mine[0].id, 10)
        if len(rows) != 1:
            yield f"{'TWICE' if rows else 'LOST'}: {saying.text!r} has {len(rows)} due times, mission {mine[0].phase}"
        for row in rows:
            delivered = outcomes.delivery(tx, row)
            if (row.fate, delivered) != (WakeFate.DONE, EffectState.CONFIRMED):
                yield f"LOST: the wake of {saying.text!r} is {row.fate} ({row.why}), its report {delivered}"


def of_store(tx: Tx, script: Sequence[Saying]) -> Iterator[str]:
    """Nothing is under way, waiting or unknown; only what nobody pressed is still open."""
    for state in (EffectState.PENDING, EffectState.STARTED, EffectState.UNKNOWN, EffectState.FAILED):
        for effect in tx.effects.in_state(state):
            if state is EffectState.FAILED and (isinstance(effect.deed, Run) or _notice(effect.deed)):
                continue  # a deed that failed was said; what only one person saw for a moment may be gone
            yield f"{effect.id} ({effect.deed.kind}, {effect.attempts} attempts, {effect.error!r}) is left {state}"
    if events := tx.events.count_open():
        yield f"LOST: {events} events are left open"
    left = {saying.token for saying in script if saying.kind is Kind.REFUND and saying.fate is Fate.LEFT}
    asked = [proposal for proposal in tx.proposals.pending() if not proposal.mission]
    yield from (f"{p.id} is left pending" for p in asked if p.call.arguments.get("reason") not in left)
    waiting = {proposal.turn for proposal in tx.proposals.pending()}
    yield from (f"turn {turn.id} is parked for ever" for turn in tx.turns.parked() if turn.id not in waiting)


def _notice(said: Say) -> bool:
    return isinstance(said.content, Notice)


def of_output(name: str, printed: Sequence[str]) -> Iterator[str]:
    """No stack trace: whatever breaks when a process or a database dies was foreseen."""
    found = Counter[str]()
    for at, line in enumerate(printed):
        if line.startswith("Traceback"):
            after = next((each for each in printed[at + 1 :] if each and not each.startswith(" ")), "")
            found[after[:120]] += 1
    yield from (f"{name} printed a stack trace {n} times: {what}" for what, n in found.items())
