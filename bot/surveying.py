"""Surveying: one person's home, drawn from the record at the moment they look. Changes nothing but what hangs there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot import freezes, freezing, homes, locators, masks, posts, reports, schedules
from bot.cards import Card
from bot.errors import NotAllowed
from bot.homes import Home
from bot.house import House
from bot.ledger import Entry
from bot.missions import Mission, Phase
from bot.people import HOME, Identity, Person, Role, Standing
from bot.places import Place
from bot.speech import Tongue
from bot.store import Tx

DEEDS = {"confirmed": "✓", "failed": "✗", "unknown": "?"}
"""What the ledger calls a deed that came to its end, and its mark."""
CARDS, LINES = 10, 8
"""How much of each a home holds."""
_FAR = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a door with homes asks."""

    house: House
    space: str = HOME

    async def home(self, who: Identity, place: Place, standing: Standing) -> Home:
        """The home of this account; `place` is where the same person is talked to alone."""
        return await self.house.store.write(
            lambda tx: look(tx, who, place, standing, house=self.house), space=self.space
        )

    async def moved(self) -> int:
        """Grows whenever something may have changed on a home."""
        newest = await self.house.store.read(lambda tx: tx.ledger.newest(1), space=self.space)
        return newest[0].seq if newest else 0


def look(tx: Tx, who: Identity, place: Place, standing: Standing, *, house: House) -> Home:
    """See `Survey.home`. A stranger, a guest and an account that was closed see an empty one."""
    person = tx.people.by_identity(who)
    try:
        locators.vouched(who, standing)
    except NotAllowed:
        person = None
    if person is None:
        homes.hang(tx, place.key, ())
        return Home(lang="", known=False)
    tongue = house.tongues(person.lang)
    shown = _waiting(tx, person, house)
    homes.hang(tx, place.key, [slot for slot, _ in shown[:CARDS]])
    missions = [each for each in tx.missions.all() if person.may_approve or each.owner == person.id]
    stands = freezing.standing(tx, house=house)
    return Home(
        lang=person.lang,
        frozen=tuple(reports.frozen(tx, freeze, tongue, person.zone) for freeze in stands),
        stopped=any(freeze.scope == freezes.ALL for freeze in stands),
        may_freeze=person.may_act,
        may_lift=person.role is Role.OWNER,
        cards=tuple(card for _, card in shown[:CARDS]),
        more=max(len(shown) - CARDS, 0),
        watch=tuple(_watch(each, tongue, person.zone) for each in missions[:LINES]),
        others=max(len(missions) - LINES, 0),
        done=tuple(_done(tx, person, tongue, house)),
    )


def deeds(tx: Tx, person: Person) -> Iterable[Entry]:
    """The newest deeds that came to their end, newest first; those of others only for owners, who see the whole
    ledger."""
    found: Sequence[Entry] = (
        tx.ledger.newest(_FAR) if person.role is Role.OWNER else tx.ledger.about(person.id)[::-1]
    )
    for entry in found:
        if entry.kind in DEEDS and not str(entry.body.get("action", "")).startswith("vigie."):
            yield entry


def said(entry: Entry) -> str:
    """A deed of the ledger in one line."""
    return (
        f"{DEEDS[entry.kind]} {masks.text(str(entry.body.get('result') or entry.body.get('action') or ''))}"
    )


def _waiting(tx: Tx, person: Person, house: House) -> list[tuple[str, Card]]:
    """The cards that this person may see, each with its slot, oldest first; a batch is one."""
    now = house.clock.now()
    found: dict[str, Card] = {}
    for proposal in tx.proposals.pending():
        if not (proposal.open_at(now) and locators.may_see(tx, proposal, person, now=now)):
            continue
        batch = tx.batches.get(proposal.batch) if proposal.batch else None
        if batch is not None and not batch.split:
            if batch.slot not in found:
                found[batch.slot] = posts.draw_batch(tx, batch, house=house, full=False, lang=person.lang)
        else:
            found[proposal.slot] = posts.draw(tx, proposal, house=house, full=False, lang=person.lang)
    return list(found.items())


def _watch(mission: Mission, tongue: Tongue, zone: str) -> str:
    parts = [f"{mission.number} · {mission.goal}", *(schedules.in_words(t, tongue) for t in mission.triggers)]
    if mission.phase is not Phase.ACTIVE:
        parts.append(reports.phase_words(mission.phase, tongue))
    elif mission.next_due is not None:
        parts.append(tongue("next {when}", when=tongue.day(mission.next_due, zone)))
    return " · ".join(parts)


def _done(tx: Tx, person: Person, tongue: Tongue, house: House) -> Iterable[str]:
    """Of today, on the person's own calendar."""
    zone = ZoneInfo(person.zone)
    today = house.clock.now().astimezone(zone).date()
    for entry in list(deeds(tx, person))[:LINES]:
        if entry.at.astimezone(zone).date() == today:
            yield f"{said(entry)} · {tongue.day(entry.at, person.zone)}"
