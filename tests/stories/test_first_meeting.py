"""What was made for an owner before anybody came is theirs in language and zone, whichever way they come."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import doors, ids, triggers
from bot.events import Message
from bot.inbox import Arrival
from bot.missions import Every, Mission, Step
from bot.people import Identity, Standing
from bot.places import Place
from bot.store import Tx
from tests.stage import Stage, stage

ODILE = Identity(platform="twin", user="700")
DIRECT = Place(platform="twin", channel="700", private=True)


async def waiting(s: Stage, *identities: str) -> None:
    """An owner nobody has met, whose mission has asked already."""

    def write(tx: Tx) -> None:
        now = s.clock.now()
        olivia = tx.people.get("per_olivia")
        assert olivia is not None
        name = "700" if identities else doors.OWNER_NAME
        tx.people.put(replace(olivia, name=name, identities=identities, zone="UTC"))
        mission = Mission(
            id=ids.derived("mis", tx.space, "demo"),
            number=tx.missions.next_number(),
            space=tx.space,
            owner="per_olivia",
            place=Place(platform="web", channel="per_olivia", private=True).key,
            goal="Watch for late orders and offer a refund",
            triggers=(Every(id="every", seconds=3600, start=now + timedelta(seconds=6)),),
            steps=(
                Step(action="demo.late_orders", arguments={"days": 5}, save="late"),
                Step(
                    action="demo.refund",
                    each="late",
                    arguments={"order": "{item.order}", "amount": "{item.refundable}"},
                    text="Order {item.order} was promised {item.days_late} days ago.",
                ),
            ),
            may=("demo.late_orders", "demo.refund"),
            created=now,
            source="demo",
        )
        tx.missions.put(triggers.armed(mission, now, calendar=s.calendar))

    await s.store.write(write)
    await s.forward(timedelta(seconds=10))


async def hear(s: Stage, text: str, standing: Standing) -> None:
    body = Message(who=ODILE, text=text, name="Odile", lang="fr", zone="Europe/Paris", standing=standing)
    await s.arrive(Arrival(key=f"heard:{next(s.numbers)}", place=DIRECT, body=body))


async def code(s: Stage) -> str:
    return f"claim {await doors.first_code(house=s.house)}"


@pytest.mark.parametrize("way", ["a code", "appointed"])
async def test_what_waits_for_an_owner_is_in_their_language_however_they_come(
    tmp_path: Path, way: str
) -> None:
    async with stage(tmp_path) as s:
        if way == "a code":
            await waiting(s)
            await hear(s, await code(s), Standing.STRANGER)
        else:
            await waiting(s, ODILE.key)
            await hear(s, "bonjour", Standing.MEMBER)
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None
        assert (mission.lang, mission.zone) == ("fr", "Europe/Paris")
        assert mission.goal == "Repérer les commandes en retard et proposer un remboursement"
        await hear(s, "mission 1", Standing.MEMBER)
        assert "attend · un appui sur" in s.last
        assert "Rembourser une commande" in s.last
        card = await s.look(lambda tx: tx.proposals.pending()[0])
        assert (card.lang, card.zone) == ("fr", "Europe/Paris")
        assert "Commande 1007" in card.preview.subject
        assert card.reason == "La commande 1007 était promise il y a 7 jours."


async def test_what_an_owner_made_in_their_own_words_stays_as_they_said_it(tmp_path: Path) -> None:
    """They came by the page, where they have no name yet, and write from another account later."""

    def unnamed(tx: Tx) -> None:
        olivia = tx.people.get("per_olivia")
        assert olivia is not None
        tx.people.put(replace(olivia, name=doors.OWNER_NAME).linked(ODILE))

    async with stage(tmp_path) as s:
        await s.begin("every day at 9, do demo.late_orders")
        await s.store.write(unnamed)
        await hear(s, "bonjour", Standing.MEMBER)
        owner = await s.look(lambda tx: tx.people.get("per_olivia"))
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert owner is not None
        assert (owner.name, owner.lang) == ("Odile", "fr")
        assert mission is not None
        assert mission.lang == "en"
