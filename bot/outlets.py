"""Where a mission reports when that is not where it was made: the place that a name means, and who hears that its
report did not arrive.

Which place a name means the platform says, when somebody asks for it, or has said with a message of the same person in
which it was picked from a list. What others call so leads nowhere. What a run for such a place looks up, it looks up as somebody who stands in no place: the private
conversation in which the mission was made is not told to others.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot import resting
from bot.effects import Effect, EffectState, Question, Say, Text
from bot.errors import BadInput, Failed, Unreachable, VigieError
from bot.events import Named
from bot.house import House
from bot.missions import Mission, OnPhrase, Outlet
from bot.people import Identity, Person
from bot.places import Place
from bot.speech import Tongue, Tongues
from bot.store import Tx
from bot.values import Json
from bot.world import Context, Naming

HERE = frozenset({"here", "ici"})


def note(tx: Tx, person: str, place: Place, named: Sequence[Named]) -> None:
    """Which places this person means by these names, and whether we can speak there, as the platform says it now."""
    for each in named:
        tx.marks.put(_mark(person, place, each.name), {"channel": each.channel, "inside": each.inside})


async def find(words: str, context: Context, *, house: House) -> None:
    """Asks the platforms which place is meant by a name, and keeps the answer for `named`. Where one does not answer, what
    it said before holds. Raises BadInput when it means more than one, or nobody says."""
    name, person = _bare(words), context.person
    if not name or person is None:
        return
    silent: VigieError | None = None
    for who in _sides(person, context.place):
        chat = house.chats.get(who.platform)
        if not isinstance(chat, Naming):
            continue
        try:
            found = await chat.named(name, who)
        except (Unreachable, Failed) as error:
            silent = silent or error
            continue
        side = Place(platform=who.platform, team=who.team, channel="-")
        known = await house.store.read(
            lambda tx, s=side: tx.marks.get(_mark(person.id, s, name)), space=context.space
        )
        meant = [each for each in found if known and each.channel == known["channel"]] or found
        if len(meant) > 1:
            raise BadInput(
                "#{name} is {n} channels. Write # in your message and pick the one you mean from the list",
                name=name,
                n=len(meant),
                field="report_to",
            )
        if meant:
            await house.store.write(
                lambda tx, s=side, m=meant: note(tx, person.id, s, m), space=context.space
            )
            return
    if silent is not None and not await house.store.read(
        lambda tx: _known(tx, name, person, context.place), space=context.space
    ):
        raise BadInput(
            "nobody can tell me now which place #{name} is: {why} Say it again later", name=name, why=silent
        )


def named(tx: Tx, words: str, person: str, place: Place, tongue: Tongue) -> Outlet | None:
    """The place that a person who speaks in `place` means; None for the one where the mission is. Raises BadInput."""
    name, who = _bare(words), tx.people.get(person)
    if not name or who is None:
        return None
    known = _known(tx, name, who, place)
    if known is None:
        raise BadInput(
            tongue(
                "I know no channel #{name}. In Slack, invite me there, or write # in your message and pick it from the"
                " list; without Slack a mission reports where it is made",
                name=name,
            ),
            field="report_to",
        )
    side, found = known
    if not found["inside"]:
        raise BadInput(
            tongue(
                "I am not in #{name}, so I cannot report there. Write “/invite” with my name there, then say it again",
                name=name,
            ),
            field="report_to",
        )
    there = Place(platform=side.platform, team=side.team, channel=found["channel"])
    if (
        not place.private
        and (there.platform, there.channel) == (place.platform, place.channel)
        and not place.thread
    ):
        return None
    shown = f"#{name}" if there.platform == place.platform else f"#{name} ({there.platform.title()})"
    return Outlet(place=there.key, name=shown)


def _bare(words: str) -> str:
    """The name without its mark, "" for where the mission is."""
    name = words.strip().lstrip("#")
    return "" if name.casefold() in HERE else name


def _sides(person: Person, place: Place) -> list[Identity]:
    """The accounts of this person on platforms whose places may be meant: the one where they speak first."""
    every = [Identity.parse(each) for each in person.identities]
    here = [each for each in every if (each.platform, each.team) == (place.platform, place.team)]
    return [*here, *(each for each in every if each.platform != place.platform)]


def _known(tx: Tx, name: str, person: Person, place: Place) -> tuple[Place, Json] | None:
    """What a platform said of this name to this person last, and which."""
    sides = [place, *(Place(platform=w.platform, team=w.team, channel="-") for w in _sides(person, place))]
    for side in sides:
        found: Json = tx.marks.get(_mark(person.id, side, name))
        if found:
            return side, found
    return None


def checked(mission: Mission, tongue: Tongue) -> Mission:
    """The mission, if it may report where it is to. Raises BadInput."""
    if mission.outlet is not None and any(isinstance(each, OnPhrase) for each in mission.triggers):
        # Who reads there need not read where it was said.
        raise BadInput(
            tongue("a mission that listens to what people say reports where it was made; make it there"),
            field="report_to",
        )
    return mission


def audience(mission: Mission | None, place: Place) -> Place:
    """As whom a run in `place` looks things up: as nobody in particular, where others read its report."""
    if mission is None or mission.outlet is None:
        return place
    there = Place.parse(mission.outlet.place)
    return replace(there, channel=mission.id, thread="")


def delivered(tx: Tx, effect: Effect, now: datetime, tongues: Tongues) -> None:
    """What became of a report: its owner hears of one that did not arrive, and then no more until one has."""
    mission = tx.missions.get(effect.mission) if effect.mission else None
    if mission is None or mission.outlet is None or mission.outlet.place != effect.place:
        return
    mark = f"unheard:{mission.id}"
    if effect.state is EffectState.CONFIRMED and tx.marks.get(mark):
        tx.marks.put(mark, None)
    if effect.state is not EffectState.FAILED or tx.marks.get(mark) == effect.place:
        return
    tx.marks.put(mark, effect.place)
    said = effect.deed.content if isinstance(effect.deed, Say) else None
    words = tongues(mission.lang)(
        "Mission {n} could not report to {place}: {why} Invite me there, or say “edit {n} report to here”. What it had"
        " to say:\n{report}",
        n=mission.number,
        place=mission.outlet.name,
        why=effect.error,
        report=said.text if isinstance(said, Text | Question) else "",
    )
    resting.tell(
        tx,
        place=mission.place,
        slot=f"unheard:{effect.id}",
        content=Text(text=words),
        now=now,
        lang=mission.lang,
        mission=mission.id,
        number=mission.number,
        tainted=True,
    )


def _mark(person: str, place: Place, name: str) -> str:
    return f"named:{person}:{place.platform}/{place.team}:{name.casefold()}"
