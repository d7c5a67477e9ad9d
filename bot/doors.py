"""What the doors need besides the inbox: signing in on the web page, and codes that let people in."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import ids
from bot.house import House
from bot.people import HOME, Identity, Person, Role
from bot.store import Tx
from bot.tickets import Purpose, Ticket, hashed

SESSION = timedelta(days=30)
SIGN_IN = timedelta(minutes=10)
LINK = timedelta(minutes=10)
CLAIM = timedelta(days=1)
OWNER_NAME = "Owner"


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

    def write(tx: Tx) -> str | None:
        now = house.clock.now()
        hash_ = hashed(token)
        ticket = tx.tickets.use(hash_, Purpose.SIGN_IN, now)
        person = tx.people.get(ticket.person) if ticket else None
        if ticket is None and tx.tickets.use(hash_, Purpose.CLAIM, now):
            person = owner(tx) or first_owner(tx, house)
        if person is None:
            return None
        if person.name == OWNER_NAME and not person.identities:
            person = replace(person, lang=lang or person.lang, zone=zone if is_zone(zone) else person.zone)
            _follow(tx, person)
        person = person.linked(web_identity(person))
        tx.people.put(person)
        tx.ledger.append("signed_in", {"person": person.id}, now)
        return mint(tx, purpose=Purpose.SESSION, person=person.id, lifetime=SESSION, house=house)

    return await house.store.write(write, space=space)


def is_zone(zone: str) -> bool:
    """An IANA name that exists here."""
    try:
        return bool(zone) and bool(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _follow(tx: Tx, person: Person) -> None:
    """Missions made for an owner before they were met speak their language and keep their time."""
    for mission in tx.missions.all():
        if mission.owner == person.id:
            tx.missions.put(replace(mission, lang=person.lang, zone=person.zone))


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
    person = Person(id=ids.new("per"), name=OWNER_NAME, role=Role.OWNER, lang=lang)
    tx.people.put(person)
    tx.ledger.append("claimed", {"person": person.id, "role": Role.OWNER}, house.clock.now())
    return person


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
