"""What must hold when the program has come to rest, whatever was done to it. Each function names what does not."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from adapters.systems.demo.nouns import Refund
from bot.effects import Effect, EffectState
from bot.store import Tx
from bot.values import Json
from tests.kill.script import Fate, Kind, Saying
from tests.kill.workspace import Message, answers, button, slot
from tests.twins.slack import SlackTwin

Entry = Mapping[str, Json]
"""One line of `vigie ledger export`."""


def of_answers(twin: SlackTwin, script: Sequence[Saying]) -> Iterator[str]:
    """Every message has one answer, and every card stands in one place."""
    for saying in script:
        found = answers(twin, saying)
        if saying.kind is not Kind.REFUND and len(found) != 1:
            yield f"{saying.text!r} has {len(found)} answers"
        if saying.kind is Kind.REFUND and not found:
            yield f"{saying.text!r} has no card"
        if any("possibly repeated" in repr(message) for message in found):
            yield f"{saying.text!r} has an answer marked as possibly repeated, although Slack can be asked"
    standing = Counter((message["channel"], slot(message)) for message in twin.messages)
    yield from (f"{at} stands {n} times" for at, n in standing.items() if n != 1)


def of_refunds(refunds: Sequence[Refund], script: Sequence[Saying]) -> Iterator[str]:
    """What was approved was paid back once; nothing else was."""
    paid = Counter(refund.reason for refund in refunds)
    for saying in script:
        if saying.kind is not Kind.REFUND:
            continue
        wanted = 1 if saying.fate is Fate.APPROVED else 0
        if (times := paid.pop(saying.token, 0)) != wanted:
            yield f"{saying.token} ({saying.fate}) was paid back {times} times"
    yield from (f"{reason!r} was paid back and never asked for" for reason in paid)


def of_cards(twin: SlackTwin, refunds: Sequence[Refund], script: Sequence[Saying]) -> Iterator[str]:
    """Each card says in the end what became of it: one shows the refund's number, none but a left one a button."""
    numbers = {refund.reason: refund.id for refund in refunds}
    for saying in (each for each in script if each.kind is Kind.REFUND):
        shown = answers(twin, saying)
        if not all(slot(message).startswith("card:") for message in shown):
            yield f"{saying.token} has something beside its card"
        waiting = [message for message in shown if button(message, "approve")]
        if len(waiting) != (1 if saying.fate is Fate.LEFT else 0):
            yield f"{saying.token} ({saying.fate}) has {len(waiting)} cards that still ask"
        if saying.fate is Fate.APPROVED:
            yield from _of_receipt(saying, shown, f"[{numbers.get(saying.token)}]")


def _of_receipt(saying: Saying, shown: Sequence[Message], number: str) -> Iterator[str]:
    receipts = sum(number in repr(message.get("blocks")) for message in shown)
    if receipts != 1:
        yield f"{saying.token} has {receipts} receipts {number} on {len(shown)} cards"


def of_ledger(entries: Sequence[Entry], script: Sequence[Saying]) -> Iterator[str]:
    """One confirmed row for each deed that was done, and an approval before each refund."""
    done = Counter(_deed(entry) for entry in entries if entry["kind"] == "confirmed")
    approved: set[str] = set()
    for entry in entries:
        if entry["kind"] == "approved":
            approved.add(entry["body"]["proposal"])
        paid = entry["kind"] == "confirmed" and entry["body"]["action"] == "demo.refund"
        if paid and entry["body"]["proposal"] not in approved:
            yield f"row {entry['seq']} confirms a refund that nobody had approved"
    for saying in script:
        match saying.kind:
            case Kind.TALK:
                continue
            case Kind.NOTE:
                deed, wanted = ("demo.note_order", saying.token), 1
            case Kind.REFUND:
                deed, wanted = ("demo.refund", saying.token), int(saying.fate is Fate.APPROVED)
        if done[deed] != wanted:
            yield f"the ledger confirms {deed} {done[deed]} times"
    answered = Counter(entry["body"]["turn"] for entry in entries if entry["kind"] == "turn")
    yield from (f"the ledger ends turn {turn} {n} times" for turn, n in answered.items() if n != 1)


def _deed(entry: Entry) -> tuple[str, str]:
    arguments: Mapping[str, Json] = entry["body"].get("arguments", {})
    return str(entry["body"].get("action")), str(arguments.get("reason") or arguments.get("note"))


def of_store(tx: Tx, script: Sequence[Saying]) -> Iterator[str]:
    """Nothing is under way, waiting or unknown; only what nobody pressed is still open."""
    for state in (EffectState.PENDING, EffectState.STARTED, EffectState.UNKNOWN):
        yield from (f"{_named(effect)} is left {state}" for effect in tx.effects.in_state(state))
    if events := tx.events.count_open():
        yield f"{events} events are left open"
    left = {saying.token for saying in script if saying.fate is Fate.LEFT and saying.kind is Kind.REFUND}
    asked = [proposal for proposal in tx.proposals.pending() if not proposal.mission]
    yield from (f"{p.id} is left pending" for p in asked if p.call.arguments.get("reason") not in left)
    if len(asked) < len(left):
        yield f"{len(left) - len(asked)} proposals that nobody pressed are not pending any more"
    waiting = {proposal.turn for proposal in tx.proposals.pending()}
    yield from (f"turn {turn.id} is parked for ever" for turn in tx.turns.parked() if turn.id not in waiting)


def _named(effect: Effect) -> str:
    return f"{effect.id} ({effect.deed.kind}, {effect.attempts} attempts, {effect.error!r})"


def entries_of(exported: str) -> list[Entry]:
    """The rows of `vigie ledger export`."""
    return [json.loads(line) for line in exported.splitlines() if line.startswith("{")]


def of_output(printed: Sequence[str]) -> Iterator[str]:
    """No stack trace: whatever breaks when a process dies was foreseen."""
    for at, line in enumerate(printed):
        if line.startswith("Traceback"):
            after = (each for each in printed[at + 1 :] if each and not each.startswith(" "))
            yield f"{printed[at - 1] if at else ''} … {next(after, '')}"
