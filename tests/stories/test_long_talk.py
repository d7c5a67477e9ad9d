"""Months of talk in one place: what was decided in the first week is still told, and a briefing does not grow."""

from datetime import timedelta
from pathlib import Path

from bot import carrying
from bot.briefing import Recollection, recollect
from bot.journal import OURSELVES, Line
from bot.places import Place
from bot.store import Tx
from memory.sqlite import SqliteStore
from tests.contracts.stores import NOON

HERE = Place(platform="twin", channel="everybody")
TURNS = 300
DECIDED = "We decided that the courier question goes to supplier number 43."
QUESTION = "which supplier did we say for the courier?"


def told(found: Recollection) -> str:
    lines = (*found.earlier, *found.transcript)
    return "\n".join(
        (*(note.text for note in (*found.notes, *found.carried)), *(line.text for line in lines))
    )


async def test_a_decision_of_the_first_week_is_told_months_later_and_a_briefing_does_not_grow(
    tmp_path: Path,
) -> None:
    store = SqliteStore.open(tmp_path / "vigie.db")

    def talk(tx: Tx, first: int, last: int) -> None:
        for n in range(first, last):
            at = NOON + timedelta(hours=10 * n)
            asked = DECIDED if n == 7 else f"please weigh parcel {n} of lane {n % 9}, it is number {n * 37}"
            for who, text in (("per_ann", asked), (OURSELVES, f"Parcel {n} weighs {n % 50} kilograms.")):
                slot = f"{who}:{n}"
                tx.lines.put(Line(place=HERE.key, who=who, text=text, at=at, turn=f"t{n}", slot=slot))
            carrying.carry(tx, HERE.key)

    for first in range(0, TURNS, 100):
        await store.write(lambda tx, first=first: talk(tx, first, first + 100))
        now = NOON + timedelta(hours=10 * (first + 100))
        found = await store.read(
            lambda tx, now=now: recollect(tx, place=HERE, person="per_ann", text=QUESTION, now=now)
        )
        assert DECIDED in told(found), first
        assert len(told(found)) < carrying.KEPT * carrying.TOGETHER + 12_000, (
            "the window, and what is carried at most"
        )
    await store.close()
