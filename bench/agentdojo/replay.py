"""One conversation from the message to rest: a scripted mind, the real inbox, turns, policy, proposals and
executor over the store in memory, and a person who approves nothing but their own task.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.minds.builtin.mind import BuiltinMind
from adapters.minds.chooser import Choice
from adapters.speech.languages import tongues
from bench.agentdojo.border import ToolCall
from bench.agentdojo.system import SuiteSystem, actions_of
from bot import dispatch, inbox
from bot.actions import Action, Risk
from bot.batches import Batch
from bot.cards import Card
from bot.errors import Refused
from bot.events import Body, Form, Message, Press, Verb
from bot.house import House
from bot.inbox import Arrival
from bot.journal import Answer, Ask, Thought
from bot.mind import Briefing, Stream
from bot.people import HOME, Identity, Person, Role, Standing
from bot.places import Place
from bot.procedures import Procedure
from bot.proposals import Proposal
from bot.store import Tx
from bot.values import Json
from memory.twin import MemoryStore
from tests.clocks import SetClock
from tests.twins.chat import TwinChat

EMMA = Identity(platform="twin", user="emma")
HERE = Place(platform="twin", channel="emma", private=True)
SPEAK = tongues()


def _nobody_understands(text: str, procedures: Collection[Procedure] = ()) -> bool:
    """No message of a suite is a word of control: all of them go to the mind under test."""
    return False


@dataclass
class ScriptedMind:
    """A mind that makes these calls, whatever it reads. Neighbouring calls of one sort are one thought."""

    thoughts: Sequence[Thought]
    name: str = "hijacked"
    costly: bool = True

    async def think(
        self, briefing: Briefing, *, state: str, answers: tuple[Answer, ...], stream: Stream
    ) -> Thought:
        step = int(state or 0)
        return replace(self.thoughts[step], state=str(step + 1))


def script(suite: str, calls: Sequence[ToolCall], said: str, actions: Mapping[str, Action]) -> list[Thought]:
    """The calls as thoughts: reads together, then writes together, in order; the words last."""
    thoughts: list[Thought] = []
    group: list[Ask] = []
    before: bool | None = None
    for number, call in enumerate(calls):
        action = actions[f"{suite}.{call.tool}"]
        reads = action.risk is Risk.R0 and not action.egress
        if group and reads != before:
            thoughts.append(Thought(asks=tuple(group)))
            group = []
        group.append(Ask(id=f"a{number}", action=action.name, arguments=call.arguments))
        before = reads
    if group:
        thoughts.append(Thought(asks=tuple(group)))
    return [*thoughts, Thought(text=said)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one conversation."""

    ran: tuple[ToolCall, ...]
    asked: int
    presses: int
    cards: int
    said: str


def canonical(action: Action, arguments: Mapping[str, Json]) -> str:
    """One text per call, to tell whether two are the same."""
    return f"{action.name} {json.dumps(action.read(arguments), sort_keys=True, ensure_ascii=False)}"


async def replay(
    suite: Any,
    world: Any,
    *,
    prompt: str,
    thoughts: Sequence[Thought],
    own: Sequence[ToolCall],
) -> Outcome:
    """Says the prompt, lets the mind go through its script, and presses as the ideal approver does: what is
    one of the `own` calls is approved, as often as it is one; everything else is denied."""
    system = SuiteSystem(name=suite.name, suite=suite, world=world)
    store, clock, chat = MemoryStore(), SetClock(), TwinChat()
    mind = ScriptedMind(thoughts)
    house = House(
        store=store,
        clock=clock,
        minds=Choice(builtin=BuiltinMind(), understands=_nobody_understands, model=mind),
        chats={"twin": chat},
        systems={suite.name: system},
        tongues=SPEAK,
    )
    owner = Person(id="per_emma", name="Emma", role=Role.OWNER).linked(EMMA)
    await store.write(lambda tx: tx.people.put(owner))
    actions = {action.name: action for action in system.offered}
    approver = Approver(
        house=house,
        chat=chat,
        wanted=Counter(canonical(actions[f"{suite.name}.{call.tool}"], call.arguments) for call in own),
    )
    await arrive(house, Message(who=EMMA, text=prompt, ref="1", standing=Standing.MEMBER))
    while await approver.press():
        pass
    asked = await store.read(lambda tx: sum(entry.kind == "proposed" for entry in tx.ledger.read()))
    await store.close()
    return Outcome(
        ran=tuple(system.ran),
        asked=asked,
        presses=approver.presses,
        cards=len(chat.cards()),
        said=chat.words()[-1] if chat.words() else "",
    )


_numbers = iter(range(10**9))


async def arrive(house: House, body: Body) -> None:
    """Something happens in the place; everything that follows from it comes to rest."""
    await inbox.accept(
        Arrival(key=f"twin:{next(_numbers)}", place=HERE, body=body), store=house.store, clock=house.clock
    )
    while await house.store.busy_places(house.clock.now()):
        found = await dispatch.look(HOME, HERE.key, house=house, urgent=True)
        if found.event is None:
            found = await dispatch.look(HOME, HERE.key, house=house)
        if found.event is not None:
            await dispatch.deliver_born(await dispatch.take(found, house=house) or (), house=house)
        left = await dispatch.deliver(HOME, HERE.key, house=house)
        if left.deeds:
            await dispatch.do_deeds(HOME, HERE.key, house=house)
        if found.event is None and not left.deeds and await house.store.busy_places(house.clock.now()):
            raise Refused("the conversation does not come to rest")


@dataclass
class Approver:
    """The ideal approver: knows which calls are theirs, and reads every card to its end."""

    house: House
    chat: TwinChat
    wanted: "Counter[str]"
    presses: int = 0

    async def press(self) -> bool:
        """Settles the oldest card that waits. False when none does."""
        waiting = await self.house.store.read(lambda tx: tx.proposals.pending(), space=HOME)
        if not waiting:
            return False
        first = waiting[0]
        batch = await self.house.store.read(lambda tx: _batch(tx, first), space=HOME)
        members = [first]
        if batch is not None:
            members = [each for name in batch.members for each in waiting if each.id == name]
        mine = [self._is_mine(each) for each in members]
        code = batch.code if batch else first.code
        card = self._card(code)
        if all(mine):
            await self._press(card, Verb.APPROVE)
        elif not any(mine):
            await self._press(card, Verb.DENY)
        else:
            values = {f"item{n}": "yes" if yes else "no" for n, yes in enumerate(mine, 1)}
            self.presses += 1
            await arrive(self.house, Form(who=EMMA, ref=card.ref, revision=card.revision, values=values))
            await self._press(self._card(code), Verb.APPROVE)
        return True

    def _is_mine(self, proposal: Proposal) -> bool:
        action = self.house.action(proposal.call.action)
        text = canonical(action, proposal.call.arguments)
        if self.wanted[text] <= 0:
            return False
        self.wanted[text] -= 1
        return True

    def _card(self, code: str) -> Card:
        return next(card for card in self.chat.cards() if card.code == code and card.buttons)

    async def _press(self, card: Card, verb: Verb) -> None:
        self.presses += 1
        await arrive(self.house, Press(who=EMMA, ref=card.ref, revision=card.revision, verb=verb))


def _batch(tx: Tx, proposal: Proposal) -> Batch | None:
    return tx.batches.get(proposal.batch) if proposal.batch else None


def effects_of(suite: str, calls: Sequence[ToolCall], tools: Any) -> "Counter[str]":
    """What of these calls changed or carried out something."""
    actions = {action.name: action for action in actions_of(suite, tools)}
    found = [(actions[f"{suite}.{call.tool}"], call) for call in calls]
    return Counter(canonical(a, call.arguments) for a, call in found if a.risk > Risk.R0 or a.egress)
