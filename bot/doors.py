"""What the doors need besides the inbox: signing in on the web page, and codes that let people in."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import ids, templates
from bot.errors import VigieError
from bot.house import House
from bot.instruments import Part, call_step
from bot.people import HOME, Identity, Person, Role
from bot.places import Place
from bot.proposals import Proposal
from bot.store import Tx
from bot.tickets import Purpose, Ticket, hashed
from bot.world import Context

SESSION = timedelta(days=30)
SIGN_IN = timedelta(minutes=10)
LINK = timedelta(minutes=10)
CLAIM = timedelta(days=1)
OWNER_NAME = "Owner"
READ_WITHIN = 5.0
"""Seconds in which a card is read again in another language."""

log = logging.getLogger(__name__)


async def first_code(*, house: House, space: str = HOME) -> str:
    """A fresh code for whoever starts the program: it signs in as the owner, and makes the first one.

    Codes printed by earlier starts stop working.
    """
    token = ids.reference()
    now = house.clock.now()

    def write(tx: Tx) -> None:
        tx.tickets.revoke(Purpose.CLAIM)
        tx.tickets.add(Ticket(hash=hashed(token), purpose=Purpose.CLAIM, expires=now + CLAIM))

    await house.store.write(write, space=space)
    return token


def mint(tx: Tx, *, purpose: Purpose, person: str, lifetime: timedelta, house: House) -> str:
    """A one-time token for a person; only its hash is kept."""
    token = ids.reference()
    tx.tickets.add(
        Ticket(hash=hashed(token), purpose=purpose, person=person, expires=house.clock.now() + lifetime)
    )
    return token


async def sign_in(
    token: str, *, house: House, space: str = HOME, lang: str = "", zone: str = ""
) -> str | None:
    """Trades a one-time token for a session token. None when it is unknown, used or expired.

    `lang` and `zone` are what the browser says; they are taken for an owner nobody has met yet.
    """

    waiting: list[Proposal] = []

    def write(tx: Tx) -> str | None:
        now = house.clock.now()
        hash_ = hashed(token)
        ticket = tx.tickets.use(hash_, Purpose.SIGN_IN, now)
        person = tx.people.get(ticket.person) if ticket else None
        if ticket is None and tx.tickets.use(hash_, Purpose.CLAIM, now):
            person = owner(tx) or first_owner(tx, house)
        if person is None:
            return None
        if unmet(person, house):
            person = speaking(person, lang or person.lang, house)
            person = replace(person, zone=zone if is_zone(zone) else person.zone)
            waiting[:] = _follow(tx, person, house)
        person = person.linked(web_identity(person))
        tx.people.put(person)
        tx.ledger.append("signed_in", {"person": person.id}, now)
        return mint(tx, purpose=Purpose.SESSION, person=person.id, lifetime=SESSION, house=house)

    session = await house.store.write(write, space=space)
    for card in waiting:
        await _read_again(card, house)
    return session


def is_zone(zone: str) -> bool:
    """An IANA name that exists here."""
    try:
        return bool(zone) and bool(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


async def met(person: str, *, house: House, space: str = HOME) -> None:
    """After the first words of an owner in a chat, or the code that made them one: as after the first sign-in, what was
    made for them before is theirs in language and zone."""

    def write(tx: Tx) -> list[Proposal]:
        owner = tx.people.get(person)
        return _follow(tx, owner, house) if owner is not None and owner.role is Role.OWNER else []

    for card in await house.store.write(write, space=space):
        await _read_again(card, house)


def _follow(tx: Tx, person: Person, house: House) -> list[Proposal]:
    """Missions made for an owner before they were met speak their language and keep their time. Their words are ours:
    no turn of anybody's began them. Returns their cards that wait already, as they shall be asked in that language."""
    tongue = house.tongues(person.lang)
    cards: list[Proposal] = []
    for mission in tx.missions.all():
        if mission.owner != person.id or tx.turns.get(mission.source) is not None:
            continue
        if (mission.lang, mission.zone) == (person.lang, person.zone):
            continue
        steps = tuple(replace(step, text=tongue(step.text)) for step in mission.steps)
        tx.missions.put(
            replace(mission, goal=tongue(mission.goal), steps=steps, lang=person.lang, zone=person.zone)
        )
        for waiting in tx.proposals.pending():
            if waiting.mission == mission.id:
                reason = waiting.reason
                for before, after in zip(mission.steps, steps, strict=True):
                    reason = templates.retold(reason, before.text, after.text) if before.text else reason
                cards.append(replace(waiting, reason=reason, lang=person.lang, zone=person.zone))
    return cards


async def _read_again(card: Proposal, house: House) -> None:
    """What a card shows is compared at the press with what is read then, in its language: so it changes its language
    together with what it shows, and keeps both when that cannot be read now."""
    context = Context(
        key=card.id,
        space=card.space,
        place=Place.parse(card.place),
        person=None,
        turn=card.turn,
        mission=card.mission,
        zone=card.zone,
        now=house.clock.now(),
        tongue=house.tongues(card.lang),
    )
    try:
        with house.instruments.over(call_step(Part.PREVIEW, card.call, context)):
            async with asyncio.timeout(READ_WITHIN):
                preview = await house.system(card.call.action).preview(card.call, context)
    except (VigieError, TimeoutError) as error:
        log.warning("card_kept_its_language", extra={"action": card.call.action, "why": type(error).__name__})
        return

    def write(tx: Tx) -> None:
        before = tx.proposals.get(card.id)
        if before is not None and before.revision == card.revision and before.state is card.state:
            tx.proposals.swap(before, replace(card, preview=preview))

    await house.store.write(write, space=card.space)


async def session_person(token: str, *, house: House, space: str = HOME) -> Person | None:
    """Who a session cookie speaks for. None when it is forged, signed out or expired."""

    def look(tx: Tx) -> Person | None:
        ticket = tx.tickets.peek(hashed(token), Purpose.SESSION, house.clock.now())
        return tx.people.get(ticket.person) if ticket else None

    return await house.store.read(look, space=space)


async def sign_out(token: str, *, house: House, space: str = HOME) -> None:
    """Ends this session."""
    now = house.clock.now()
    await house.store.write(lambda tx: tx.tickets.use(hashed(token), Purpose.SESSION, now), space=space)


def web_identity(person: Person) -> Identity:
    """How a person appears on the web page, once signed in."""
    return Identity(platform="web", user=person.id)


def owner(tx: Tx) -> Person | None:
    """The first owner of the space."""
    return next((person for person in tx.people.all() if person.role is Role.OWNER), None)


def first_owner(tx: Tx, house: House, *, lang: str = "en") -> Person:
    """Makes the owner of a space that has none; whoever brings the first code becomes this person."""
    name = house.tongues(lang)(OWNER_NAME)
    person = Person(id=ids.new("per"), name=name, role=Role.OWNER, lang=lang)
    tx.people.put(person)
    tx.ledger.append("claimed", {"person": person.id, "role": Role.OWNER}, house.clock.now())
    return person


def unmet(person: Person, house: House) -> bool:
    """Whether an owner was made before anybody came, and nobody came since."""
    return unnamed(person, house) and not person.identities


def unnamed(person: Person, house: House) -> bool:
    """The owner made before anybody was met, who is called so until we learn their name."""
    return person.name in (OWNER_NAME, house.tongues(person.lang)(OWNER_NAME))


def speaking(person: Person, lang: str, house: House) -> Person:
    """The person in another language; one without a name is called owner in that language."""
    name = house.tongues(lang)(OWNER_NAME) if unnamed(person, house) else person.name
    return replace(person, lang=lang, name=name)


async def appoint(identities: tuple[Identity, ...], *, house: House, space: str = HOME) -> None:
    """Makes these identities owners: the installation's settings say so, on every start."""

    def write(tx: Tx) -> None:
        for identity in identities:
            known = tx.people.by_identity(identity)
            if known is not None and known.role is Role.OWNER:
                continue
            person = known or Person(
                id=ids.derived("per", tx.space, identity.key), name=identity.user, role=Role.OWNER
            ).linked(identity)
            tx.people.put(_as_owner(person))
            tx.ledger.append(
                "appointed",
                {"person": person.id, "identity": identity.key, "by": "settings"},
                house.clock.now(),
            )

    await house.store.write(write, space=space)


async def at_the_keyboard(identity: Identity, *, house: House, space: str = HOME) -> None:
    """Whoever starts the program in a terminal is the owner: they hold the data in their hands anyway."""

    def write(tx: Tx) -> None:
        if tx.people.by_identity(identity) is None:
            person = owner(tx) or first_owner(tx, house)
            tx.people.put(person.linked(identity))

    await house.store.write(write, space=space)


def _as_owner(person: Person) -> Person:
    return replace(person, role=Role.OWNER)
