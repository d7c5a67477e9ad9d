"""The desk's people: who owns, which accounts are whose, how each is spoken to."""

from collections.abc import Mapping
from dataclasses import replace

from bot import doors, joining, quiets, trying
from bot.actions import Receipt
from bot.desk.means import Means, checked_zone, in_private, somebody, whisper
from bot.errors import BadInput, NotAllowed, Refused
from bot.house import House
from bot.people import Identity, Person, Role
from bot.store import Tx
from bot.tickets import Purpose, handed_in
from bot.values import Json
from bot.visible import visible
from bot.world import Context, Discreet

LONGEST_NAME = 60


def claim(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """With the code the program printed: the owner. A code that joins accounts is taken here too, because a
    person holds a code and need not know of which kind."""
    return _with_code(tx, arguments["code"].strip(), context, means)


def link(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Without a code: one to send from the other account. With it: its giver is asked."""
    person = somebody(context)
    code = arguments.get("code", "").strip()
    if code:
        return _with_code(tx, code, context, means)
    in_private(context)
    if person.role is Role.GUEST:
        raise NotAllowed(context.tongue("only members may invite another account"))
    token = doors.mint(tx, purpose=Purpose.LINK, person=person.id, lifetime=doors.LINK, house=means.house())
    joining.offered(tx, token, context.place)
    text = context.tongue(
        "From your other account, within 10 minutes and once, send me: link {code}", code=token
    )
    address = _telegram(context, means, token)
    if address:
        text += "\n" + context.tongue(
            "On Telegram, this opens the chat and says it for you: {url}", url=address
        )
    whisper(tx, context, text, picture=address)
    return Receipt(text=context.tongue("Then I ask you here, by a button, whether that account is yours."))


def _telegram(context: Context, means: Means, token: str) -> str:
    """The address that opens the chat with us on Telegram and hands the code in there, "" where there is none.
    Telegram says `start` only for somebody who presses it, so a preview of the link uses nothing up."""
    chat = means.house().chats.get("telegram")
    door = chat.door if isinstance(chat, Discreet) and context.place.platform != "telegram" else ""
    return f"{door}?start={token}" if door else ""


def _with_code(tx: Tx, code: str, context: Context, means: Means) -> Receipt:
    person, now = somebody(context), context.now
    if not context.place.private:
        # Others have read it: it is worth nothing from now on, whoever sends it.
        for purpose in (Purpose.LINK, Purpose.CLAIM):
            tx.tickets.use(handed_in(code), purpose, now)
        text = context.tongue(
            "Others can read that here, so this code is worth nothing any more. Begin again, in private."
        )
        return Receipt(text=text)
    try:
        giver = joining.ask(tx, code, person, at=context.place, now=now, house=means.house())
    except Refused as error:
        # Raised further, it would bring back the code that was used up.
        return Receipt(text=context.tongue("Not joined: {why}.", why=error.said(context.tongue)))
    if giver is not None:
        text = context.tongue(
            "Now press the button where the code came from: I have asked {name} there.", name=giver.name
        )
        return Receipt(text=text)
    if tx.tickets.use(handed_in(code), Purpose.CLAIM, now):
        return _claimed(tx, person, context, means.house())
    raise Refused(
        context.tongue(
            "this code is unknown, used or expired; say “link” where you are known, or start the program again"
        )
    )


def _claimed(tx: Tx, person: Person, context: Context, house: House) -> Receipt:
    first = doors.owner(tx)
    if first is not None and first.id != person.id:
        _join(tx, person, first, context, house)
        name = (tx.people.get(first.id) or first).name
        text = context.tongue("Welcome back, {name}: this account now speaks for the owner.", name=name)
    else:
        tx.people.put(replace(person, role=Role.OWNER))
        text = context.tongue("Welcome. You are the owner: you set the limits and approve what matters.")
    tx.ledger.append(
        "claimed", {"person": (first or person).id, "platform": context.place.platform}, context.now
    )
    return Receipt(text=text)


def try_chat(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """A message with a button, where the asker last wrote alone on that platform; or, that they pressed it in vain."""
    house = means.house()
    platform = str(arguments["platform"]).strip().lower()
    if platform not in house.chats:
        raise BadInput(
            "no chat “{name}” is connected; there is {known}",
            name=platform[:60],
            known=", ".join(sorted(house.chats)),
            field="platform",
        )
    if arguments.get("lost"):
        trying.lose(tx, _current(tx, context), platform, context.now)
        return Receipt(
            text=context.tongue(
                "Then buttons do not reach me from there. What is off stands on the page, under Connections."
            )
        )
    place = trying.ask(tx, _current(tx, context), platform, house=house, key=context.key)
    text = context.tongue("A message with a button is on its way to you there. Press it.")
    return Receipt(id=place, text=text)


def dashboard(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    house = means.house()
    if not house.url:
        raise Refused(context.tongue("there is no web page in this installation"))
    if not context.place.private:
        raise Refused(
            context.tongue("ask me that in a private conversation, so that nobody else sees the link")
        )
    token = doors.mint(tx, purpose=Purpose.SIGN_IN, person=person.id, lifetime=doors.SIGN_IN, house=house)
    url = f"{house.url}/sign-in?token={token}"
    whisper(tx, context, context.tongue("Your page, once and within 10 minutes: {url}", url=url))
    return Receipt(text=context.tongue("The link opens the page once; ask again for another."))


def name(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """An owner who was never met through a chat account has no name yet. Others keep that of their account, so
    that nobody signs as somebody else."""
    person, wanted = _current(tx, context), " ".join(arguments["name"].split())
    if not doors.unnamed(person, means.house()):
        raise NotAllowed(context.tongue("your name is that of your account: {name}", name=person.name))
    if not wanted or len(wanted) > LONGEST_NAME or visible(wanted) != wanted:
        raise BadInput(
            context.tongue("a name has {n} plain characters at most", n=LONGEST_NAME), field="name"
        )
    if any(wanted.casefold() == each.name.casefold() for each in tx.people.all()):
        raise BadInput(context.tongue("somebody here is called {name} already", name=wanted), field="name")
    tx.people.put(replace(person, name=wanted))
    tx.ledger.append("named", {"person": person.id, "name": wanted}, context.now)
    return Receipt(text=context.tongue("From now on you are {name} here.", name=wanted))


def language(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    house = means.house()
    tx.people.put(doors.speaking(_current(tx, context), arguments["lang"], house))
    tongue = house.tongues(arguments["lang"])
    return Receipt(text=tongue("From now on I speak English with you."))


def zone(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    zone = checked_zone(arguments["zone"])
    tx.people.put(replace(_current(tx, context), zone=zone))
    return Receipt(
        text=context.tongue(
            "Your time zone is {zone}: it is {now}.",
            zone=zone,
            now=context.tongue.moment(context.now, zone),
        )
    )


def quiet(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """When what can wait is not said to this person. Without hours: which there are."""
    person, tongue = _current(tx, context), context.tongue
    if arguments.get("hours"):
        person = replace(person, quiet=quiets.read(arguments["hours"]))
        tx.people.put(person)
        tx.ledger.append("quiet_hours", {"person": person.id, "hours": person.quiet}, context.now)
    if not person.quiet:
        return Receipt(text=tongue("You have no quiet hours: I tell you everything at once."))
    text = tongue(
        "From {start} to {end} ({zone}) reports, cards and incidents of your missions wait, and what I have to say of"
        " myself. What is critical and what you ask for come at once.",
        start=person.quiet.partition("-")[0],
        end=person.quiet.partition("-")[2],
        zone=person.zone,
    )
    return Receipt(text=text)


def _current(tx: Tx, context: Context) -> Person:
    """The person as they are kept now: what changed since the turn began, a role above all, stays changed."""
    person = somebody(context)
    return tx.people.get(person.id) or person


def _join(tx: Tx, newcomer: Person, known: Person, context: Context, house: House) -> None:
    """The newcomer's accounts on this platform lead to the known person from now on."""
    moved = tuple(k for k in newcomer.identities if Identity.parse(k).platform == context.place.platform)
    joined = tx.people.get(known.id) or known
    if doors.unnamed(joined, house):
        # Made before anyone was known: the first account that joins says what they are called.
        joined = replace(joined, name=newcomer.name, lang=newcomer.lang, zone=newcomer.zone)
        tx.people.put(joined)
    joining.join(tx, newcomer, joined, moved, now=context.now)
