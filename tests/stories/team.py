"""A team for the stories: two approvers beside the owner, each reading in a place of their own."""

from dataclasses import dataclass, replace

from bot.cards import Card
from bot.events import Verb
from bot.people import Identity, Person, Role
from bot.places import Place
from bot.rulebook import InForce, parse, shipped_text
from bot.rules import Policy
from tests.stage import Stage

ANA = Identity(platform="twin", user="ana")
BEN = Identity(platform="twin", user="ben")


def place_of(who: Identity) -> Place:
    """Where this person talks in private."""
    return Place(platform="twin", channel=who.user, private=True)


def ruled(*rules: str) -> InForce:
    """The shipped policy with these rules before its own."""
    policy = parse("\n".join((*rules, shipped_text())), source="test")
    return lambda: policy


@dataclass
class Amended:
    """A policy that changes while the assistant runs."""

    now: InForce

    def __call__(self) -> Policy:
        return self.now()


TWO_FOR_REFUNDS = """
[[rule]]
name = "two-for-refunds"
effect = "ask"
action = "demo.refund"
people = 2
reason = "two people look at refunds"
"""


async def gather(s: Stage) -> None:
    """Ana and Ben may approve from now on."""
    for who in (ANA, BEN):
        person = Person(
            id=f"per_{who.user}", name=who.user.title(), role=Role.APPROVER, zone="Europe/Paris"
        ).linked(who)
        await s.store.write(lambda tx, p=person: tx.people.put(p))


async def role(s: Stage, person: str, role: Role) -> None:
    """Somebody's role as it stands from now on."""

    known = await s.look(lambda tx: tx.people.get(person))
    assert known is not None
    await s.store.write(lambda tx: tx.people.put(replace(known, role=role)))


async def press(s: Stage, who: Identity, verb: Verb = Verb.APPROVE, *, card: Card | None = None) -> None:
    """This person has the cards put before them, and presses on the newest (or on this one)."""
    await s.say("pending", who=who, place=place_of(who))
    await s.press(card or s.card, verb, who=who, place=place_of(who))


def told(s: Stage) -> str:
    """The last words that only one person saw."""
    content = s.chat.notices[-1].content
    return content.plain if isinstance(content, Card) else content.text
