"""The stores that the contract is held to, and small nouns to put into them. A store joins by one line here."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.actions import Account, Call, Kind, Preview
from bot.batches import Batch
from bot.effects import Effect, EffectState, Say, Text
from bot.events import Body, Event, Message
from bot.grants import Grant, Scope
from bot.journal import Line, Turn
from bot.missions import Mission, OnSignal, Step
from bot.notes import Note
from bot.people import HOME, Identity, Person, Role
from bot.procedures import Input, Procedure, Recipe
from bot.proposals import Proposal
from bot.store import Store
from bot.tallies import Move, Stroke, Tally
from bot.terms import Term
from bot.tickets import Purpose, Ticket
from bot.values import Money
from memory.postgres import PostgresStore
from memory.sqlite import SqliteStore
from memory.twin import MemoryStore
from tests.peers import databases


def _memory(_folder: Path) -> Store:
    return MemoryStore()


def _sqlite(folder: Path) -> Store:
    return SqliteStore.open(folder / "vigie.db")


def _postgresql(_folder: Path) -> Store:
    return PostgresStore.open(databases.fresh())


STORES: Mapping[str, Callable[[Path], Store]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}
"""Each opens an empty store; a folder of its own is there for it."""
KINDS = [
    pytest.param(name, marks=pytest.mark.peer(name)) if name == "postgresql" else name for name in STORES
]
"""Their names, for parameters: some need a server."""

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
PLACE = "slack/T1/C1/"
ELSEWHERE = "telegram//42/"
ANN = Identity(platform="slack", team="T1", user="U1")
RECIPE = Recipe(
    trigger=OnSignal(id="signal", name="crm"),
    inputs=(Input(name="sum", kind=Kind.MONEY),),
    steps=(
        Step(action="demo.orders", save="orders"),
        Step(action="demo.refund", arguments={"order": "{item.id}"}, each="orders", by_hand=("amount",)),
        Step(action="demo.note_order", picked=("order",), auto=("note",)),
        Step(text="done"),
    ),
)


def later(seconds: float) -> datetime:
    """A moment after noon."""
    return NOON + timedelta(seconds=seconds)


def event(
    name: str, *, key: str = "", place: str = PLACE, space: str = HOME, body: Body | None = None
) -> Event:
    return Event(
        id=name,
        space=space,
        key=key or f"key:{name}",
        place=place,
        at=NOON,
        body=body or Message(who=ANN, text="hello"),
    )


def turn(name: str, *, space: str = HOME) -> Turn:
    return Turn(id=name, space=space, place=PLACE, started=NOON)


def effect(name: str, *, place: str = PLACE, space: str = HOME, due: datetime = NOON) -> Effect:
    deed = Say(slot=f"slot:{name}", content=Text(text="hello"))
    return Effect(id=name, space=space, place=place, deed=deed, due=due)


def in_state(effect: Effect, state: EffectState) -> Effect:
    return replace(effect, state=state)


def proposal(name: str, *, ask: str = "a1", space: str = HOME, expires: datetime | None = None) -> Proposal:
    account = Account(system="demo", label="shop")
    call = Call(action="demo.refund", fingerprint="f", account=account, arguments={"order": "1"})
    return Proposal(
        id=name,
        space=space,
        place=PLACE,
        turn="t1",
        ask=ask,
        ref=f"ref:{name}",
        call=call,
        preview=Preview(subject="Order 1"),
        rule="asks",
        requester="per_ann",
        created=NOON,
        expires=expires or later(3600),
    )


def batch(name: str, *, space: str = HOME) -> Batch:
    return Batch(
        id=name, space=space, place=PLACE, turn="t1", ref=f"ref:{name}", members=("p1", "p2"), created=NOON
    )


def grant(name: str, number: int = 1, *, space: str = HOME) -> Grant:
    scope = Scope(
        action="demo.message_customer",
        definition="f",
        account="shop",
        live=False,
        requester="per_ann",
        rule="asks",
        terms=(Term(field="amount", test="most", value=Money(500, "EUR").as_json()),),
    )
    return Grant(
        id=name,
        number=number,
        space=space,
        scope=scope,
        uses=3,
        total=Money(1500, "EUR"),
        until=later(3600),
        giver="per_ann",
        created=NOON,
    )


def line(text: str, *, place: str = PLACE, slot: str = "", ref: str = "") -> Line:
    return Line(place=place, who="per_ann", text=text, at=NOON, slot=slot, ref=ref)


def person(name: str, *keys: str) -> Person:
    return Person(id=name, name=name.title(), role=Role.MEMBER, identities=keys)


def mission(name: str, number: int, *, space: str = HOME, due: datetime | None = None) -> Mission:
    return Mission(
        id=name,
        number=number,
        space=space,
        owner="per_ann",
        place=PLACE,
        goal="look",
        created=NOON,
        next_due=due,
    )


def note(
    name: str, text: str, *, scope: str = "person:ann", space: str = HOME, learned: datetime = NOON
) -> Note:
    return Note(id=name, space=space, scope=scope, text=text, learned=learned)


def ticket(hash: str, *, purpose: Purpose = Purpose.SIGN_IN, person: str = "per_ann") -> Ticket:
    return Ticket(hash=hash, purpose=purpose, person=person, expires=later(60))


def tally(name: str, *, scope: str = "person:ann", space: str = HOME, id: str = "") -> Tally:
    return Tally(id=id or f"tal_{name}", space=space, scope=scope, name=name, by="per_ann", began=NOON)


def stroke(name: str, text: str = "milk", *, of: str = "tal_shopping", space: str = HOME) -> Stroke:
    return Stroke(
        id=name, space=space, tally=of, deed=f"eff_{name}", move=Move.ADD, text=text, who="per_ann", at=NOON
    )


def procedure(name: str, *, id: str = "proc_1", version: int = 1, space: str = HOME) -> Procedure:
    return Procedure(
        id=id,
        version=version,
        space=space,
        name=name,
        mission="mis_1",
        recipe=RECIPE,
        person="per_1",
        at=NOON,
    )
