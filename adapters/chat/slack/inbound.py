"""Slack payload to Arrival. Pure: a dict in, something heard or None out; never raises, whatever the dict holds.

Nothing here asks Slack anything. Who somebody is to us (name, language, standing) is filled in afterwards
with `Incoming.told`. What may come of the words is decided in bot/.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast
from urllib.parse import quote, unquote

from adapters.chat.slack import words
from adapters.chat.slack.payload import NOTHING, id_of, is_id, part, parts, text_of, ts_of
from bot.events import Form, Message, Named, Press, Verb
from bot.homes import MESSAGE
from bot.inbox import Arrival
from bot.overhearing import Overheard
from bot.people import Identity, Standing
from bot.places import Place
from bot.values import Json

PLATFORM = "slack"
ACTION = "vigie"
"""First part of every action_id of ours: `vigie:approve`."""
EDIT_VIEW = "vigie:edit"
"""callback_id of the edit form."""
WORDS_VIEW = "vigie:words"
"""callback_id of the form whose fields become words."""
SAYING = f"{ACTION}:say"
"""First part of the action_id of a button on the home that says a word: `vigie:say:freeze`."""
WORDS = frozenset({"freeze", "unfreeze", "pending", "missions", "dashboard", "help"})
"""What such a button may say."""

_VALUE = re.compile(r"([A-Za-z0-9_.~%-]{1,200}):([0-9]{1,9})(?::(.*))?", re.ASCII | re.DOTALL)
_SPOKEN = {"", "file_share", "thread_broadcast", "me_message"}
"""Message subtypes that are somebody's own words; all others (edits, deletions, joins) are not."""
_NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Us:
    """Who we are in this workspace, from auth.test."""

    team: str
    user: str
    bot: str = ""
    name: str = "vigie"
    enterprise: str = ""
    """The organisation that the workspace belongs to, on Enterprise Grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What Slack says of a person. `lang` and `zone` are empty where it does not say. On Enterprise Grid somebody
    from a neighbouring workspace may belong to `ours` too."""

    name: str = ""
    lang: str = ""
    zone: str = ""
    standing: Standing = Standing.GUEST
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An Arrival without the person's profile. `addressed` is False for a reply in a thread that does not
    mention us: it is for us only where we take part. `machine` says that no person wrote it.

    `trigger` opens a form for this press, for three seconds. `alone` says that it belongs where its person is
    talked to alone, of which Slack did not tell the id; `command` that it was given by a command, which works also where
    we are not. `mentions` are the people named in the words, by id; `channels` the channels, by id, with their names.
    """

    arrival: Arrival
    addressed: bool = True
    machine: bool = False
    trigger: str = ""
    alone: bool = False
    command: bool = False
    mentions: tuple[str, ...] = ()
    channels: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def who(self) -> Identity:
        """Whose account it came through."""
        return _body(self.arrival).who

    def at(self, channel: str) -> "Incoming":
        """The same, in the conversation with this person alone."""
        place = replace(self.arrival.place, channel=channel, private=True)
        return replace(self, arrival=replace(self.arrival, place=place), alone=False)

    def told(
        self, profile: Profile, *, names: Mapping[str, str] = _NOBODY, named: tuple[Named, ...] = ()
    ) -> Arrival:
        """The complete Arrival; `names` are those of the people mentioned, `named` the channels."""
        who = _body(self.arrival).who
        if profile.ours:
            who = replace(who, team=self.arrival.place.team)
        match _body(self.arrival):
            case Message() as message:
                body = replace(
                    message,
                    who=who,
                    text=words.named(message.text, names),
                    name=profile.name,
                    lang=profile.lang,
                    zone=profile.zone,
                    standing=profile.standing,
                    trusted=message.trusted or (profile.ours and not message.machine),
                    named=named,
                )
            case Press() | Form() as answer:
                body = replace(answer, who=who, name=profile.name, standing=profile.standing)
        return replace(self.arrival, body=body)


def _body(arrival: Arrival) -> Message | Press | Form:
    assert isinstance(arrival.body, Message | Press | Form)
    return arrival.body


def well_formed(payload: Mapping[str, Json]) -> bool:
    """Whether what bolt itself looks into has the shape that it takes for granted."""
    match payload.get("type"):
        case "event_callback":
            return isinstance(payload.get("event"), Mapping)
        case "block_actions":
            return bool(parts(payload, "actions"))
        case "view_submission" | "view_closed":
            return isinstance(payload.get("view"), Mapping)
        case "shortcut" | "message_action":
            return isinstance(payload.get("callback_id"), str)
        case _:
            return True


def read(payload: Mapping[str, Json], *, us: Us) -> Incoming | None:
    """What a delivery says to us, or None when it is nothing of ours."""
    match payload:
        case {"type": "event_callback", "event": {"type": "message" | "app_mention"}}:
            return _message(payload, us)
        case {"type": "block_actions", "view": {"type": "home"}}:
            return _at_home(payload, us)
        case {"type": "block_actions"}:
            return _press(payload, us)
        case {"type": "view_submission", "view": {"callback_id": str(name)}} if name == EDIT_VIEW:
            return _form(payload, us)
        case {"type": "view_submission", "view": {"callback_id": str(name)}} if name == WORDS_VIEW:
            return _written(payload, us)
        case {"command": str(), "trigger_id": str()} if "type" not in payload:
            return _command(payload, us)
        case _:
            return None


def _message(payload: Mapping[str, Json], us: Us) -> Incoming | None:
    event = part(payload, "event")
    channel, ts = id_of(event, "channel"), ts_of(event, "ts")
    team = _our_team(payload, us)
    machine = "bot_id" in event or "bot_profile" in event or text_of(event, "subtype") == "bot_message"
    user = id_of(event, "user") or (id_of(event, "bot_id") if machine else "")
    if (
        not (team and channel and ts and user)
        or user == us.user
        or (us.bot and id_of(event, "bot_id") == us.bot)
    ):
        return None
    if text_of(event, "subtype") not in _SPOKEN | ({"bot_message"} if machine else set()):
        return None
    private = event.get("channel_type") == "im" or channel.startswith("D")
    thread = ts_of(event, "thread_ts")
    text = text_of(event, "text")
    mentioned = event.get("type") == "app_mention" or f"<@{us.user}" in text
    if not (private or mentioned) and (not thread or machine):
        return None
    their_team = id_of(event, "user_team") or id_of(event, "source_team") or id_of(event, "team") or team
    return Incoming(
        arrival=Arrival(
            key=f"{PLATFORM}:{team}:{channel}:{ts}",
            place=Place(
                platform=PLATFORM,
                team=team,
                channel=channel,
                thread=thread or ("" if private else ts),
                private=private,
            ),
            body=Message(
                who=Identity(platform=PLATFORM, team=their_team, user=user),
                text=words.plain(text, us=us.user, name=us.name),
                ref=ts,
                trusted=not machine and their_team == team,
                machine=machine,
            ),
        ),
        addressed=private or mentioned or text_of(event, "parent_user_id") == us.user,
        machine=machine,
        mentions=words.mentioned(text, but=us.user),
        channels=words.channels(text),
    )


def overheard(payload: Mapping[str, Json], *, us: Us) -> Overheard | None:
    """What a person says where others read it, whether or not it is said to us."""
    event = part(payload, "event")
    if event.get("channel_type") in ("im", "mpim") or event.get("type") not in ("message", "app_mention"):
        return None
    channel, ts, user, team = (
        id_of(event, "channel"),
        ts_of(event, "ts"),
        id_of(event, "user"),
        _our_team(payload, us),
    )
    machine = "bot_id" in event or "bot_profile" in event
    if (
        machine
        or not (team and channel and ts and user)
        or user == us.user
        or text_of(event, "subtype") not in _SPOKEN
        or channel.startswith("D")
    ):
        return None
    their_team = id_of(event, "user_team") or id_of(event, "source_team") or id_of(event, "team") or team
    return Overheard(
        key=f"{PLATFORM}:{team}:{channel}:{ts}",
        place=Place(platform=PLATFORM, team=team, channel=channel, thread=ts_of(event, "thread_ts")),
        who=Identity(platform=PLATFORM, team=their_team, user=user),
        text=words.plain(text_of(event, "text"), us=us.user, name=us.name),
    )


def _our_team(payload: Mapping[str, Json], us: Us) -> str:
    """The workspace we are installed in: in a shared channel `team_id` may be another's, and on Enterprise Grid an
    installation may name the organisation only."""
    match payload.get("authorizations"):
        case [{"team_id": str(team)}, *_] if is_id(team):
            return team
        case [{"enterprise_id": str(enterprise)}, *_] if enterprise and enterprise == us.enterprise:
            return us.team
        case _:
            return id_of(payload, "team_id")


def _pressed_in(payload: Mapping[str, Json], us: Us) -> str:
    """The workspace whose card or form it is. On Enterprise Grid the payload names the one that the person works
    in, or none; what is ours was delivered in ours."""
    team = id_of(part(payload, "team"), "id")
    if us.enterprise and id_of(part(payload, "enterprise"), "id") == us.enterprise:
        return us.team
    return team


def _who(payload: Mapping[str, Json], team: str) -> Identity | None:
    user = part(payload, "user")
    who = id_of(user, "id")
    their_team = id_of(user, "team_id") or id_of(part(payload, "team"), "id") or team
    return Identity(platform=PLATFORM, team=their_team, user=who) if who and team else None


def _command(payload: Mapping[str, Json], us: Us) -> Incoming | None:
    theirs, channel, user = id_of(payload, "team_id"), id_of(payload, "channel_id"), id_of(payload, "user_id")
    trigger = text_of(payload, "trigger_id")
    if not (theirs and channel and user and trigger):
        return None
    on_grid = bool(us.enterprise) and id_of(payload, "enterprise_id") == us.enterprise
    team, text = us.team if on_grid else theirs, text_of(payload, "text")
    return Incoming(
        arrival=Arrival(
            key=f"{PLATFORM}:cmd:{words.clean(trigger)[:200]}",
            place=Place(platform=PLATFORM, team=team, channel=channel, private=channel.startswith("D")),
            body=Message(
                who=Identity(platform=PLATFORM, team=theirs, user=user),
                text=words.plain(text).strip() or "help",
            ),
        ),
        command=True,
        mentions=words.mentioned(text),
    )


def _press(payload: Mapping[str, Json], us: Us) -> Incoming | None:
    """A button under a message."""
    team, channel = _pressed_in(payload, us), id_of(part(payload, "channel"), "id")
    container, message = part(payload, "container"), part(payload, "message")
    ts = ts_of(container, "message_ts") or ts_of(message, "ts")
    thread = ts_of(container, "thread_ts") or ts_of(message, "thread_ts")
    place = Place(
        platform=PLATFORM,
        team=team,
        channel=channel,
        # The first message of a thread names itself as the thread.
        thread="" if thread == ts else thread,
        private=channel.startswith("D"),
    )
    return _verb(payload, place, ts, team) if channel and ts else None


def _at_home(payload: Mapping[str, Json], us: Us) -> Incoming | None:
    """A button on the home: one of a card that hangs there, or one that says a word."""
    team = _pressed_in(payload, us)
    place = Place(platform=PLATFORM, team=team, channel="", private=True)
    action, who = _ours(payload), _who(payload, team)
    said, at = text_of(action, "action_id"), text_of(action, "action_ts")
    if not said.startswith(f"{SAYING}:"):
        pressed = _verb(payload, place, MESSAGE, team)
        return replace(pressed, alone=True) if pressed is not None else None
    word = said.removeprefix(f"{SAYING}:")
    if who is None or not at or word not in WORDS:
        return None
    key = words.clean(f"{PLATFORM}:home:{team}:{who.user}:{at[:40]}:{word}")
    return Incoming(arrival=Arrival(key=key, place=place, body=Message(who=who, text=word)), alone=True)


def _verb(payload: Mapping[str, Json], place: Place, message: str, team: str) -> Incoming | None:
    """What the pressed button asks for, from the message that carries it."""
    action, who = _ours(payload), _who(payload, team)
    action_id, action_ts = text_of(action, "action_id"), text_of(action, "action_ts")
    verb = next((each for each in Verb if each == action_id.split(":")[1:2][0]), None) if action else None
    found = _VALUE.fullmatch(text_of(action, "value") or text_of(part(action, "selected_option"), "value"))
    if who is None or not action_ts or verb is None or found is None:
        return None
    return Incoming(
        arrival=Arrival(
            key=words.clean(
                f"{PLATFORM}:press:{team}:{who.user}:{action_ts[:40]}:{action_id[:100]}:{message}"
            ),
            place=place,
            body=Press(
                who=who,
                ref=unquote(found[1]),
                revision=int(found[2]),
                verb=verb,
                value=words.clean(found[3] or ""),
                message=message,
            ),
        ),
        trigger=text_of(payload, "trigger_id"),
    )


def _ours(payload: Mapping[str, Json]) -> Mapping[str, Json]:
    """The pressed button, when it is one of ours."""
    ours = (each for each in parts(payload, "actions") if text_of(each, "action_id").startswith(f"{ACTION}:"))
    return next(ours, NOTHING)


def _form(payload: Mapping[str, Json], us: Us) -> Incoming | None:
    view, team = part(payload, "view"), _pressed_in(payload, us)
    view_id, view_hash = id_of(view, "id"), text_of(view, "hash")
    bound, who = bound_to(text_of(view, "private_metadata")), _who(payload, team)
    if who is None or not view_id or bound is None or bound[2].team != team:
        return None
    ref, revision, place = bound
    return Incoming(
        arrival=Arrival(
            key=words.clean(f"{PLATFORM}:form:{view_id}:{view_hash[:80]}"),
            place=place,
            body=Form(
                who=who, ref=ref, revision=revision, values=_values(part(part(view, "state"), "values"))
            ),
        )
    )


def _written(payload: Mapping[str, Json], us: Us) -> Incoming | None:
    """A form whose fields are words: whoever saves it says them, where they are talked to alone."""
    view, team = part(payload, "view"), _pressed_in(payload, us)
    view_id, who = id_of(view, "id"), _who(payload, team)
    said = _sentence(text_of(view, "private_metadata"), _values(part(part(view, "state"), "values")))
    if who is None or not view_id or not said:
        return None
    return Incoming(
        arrival=Arrival(
            key=words.clean(f"{PLATFORM}:words:{view_id}:{text_of(view, 'hash')[:80]}"),
            place=Place(platform=PLATFORM, team=team, channel="", private=True),
            body=Message(who=who, text=said),
        ),
        alone=True,
    )


def _sentence(kind: str, values: Mapping[str, str]) -> str:
    """What the fields say together, "" where something is missing."""
    text, when = values.get("text", "").strip(), " ".join(values.get("when", "").split())
    match kind:
        case "remember" if text:
            return f"remember {text}"
        case "mission" if text and when:
            # A sentence that starts a mission is one line.
            return f"{when}, {' '.join(text.split())}"
        case "ask":
            return text
        case _:
            return ""


def binding(ref: str, revision: int, place: Place) -> str:
    """What a form carries so that it comes back to where it belongs."""
    return json.dumps({"ref": ref, "revision": revision, "place": place.key}, separators=(",", ":"))


def bound_to(metadata: str) -> tuple[str, int, Place] | None:
    """The inverse of `binding`. Only locators: who may do what is checked on the record."""
    try:
        match json.loads(metadata):
            case {"ref": str(ref), "revision": int(revision), "place": str(key)} if ref:
                place = Place.parse(key)
                return (ref, revision, place) if place.platform == PLATFORM else None
            case _:
                return None
    except (ValueError, RecursionError):
        return None


def value_of(ref: str, revision: int, choice: str | None = None) -> str:
    """What a button carries."""
    locator = quote(ref, safe="", errors="surrogatepass")
    value = f"{locator}:{revision}"
    return value if choice is None else f"{value}:{choice}"


FIELD = "field:"
"""Prefix of the block_id of each input of the edit form."""


def _values(state: Mapping[str, Json]) -> dict[str, str]:
    values: dict[str, str] = {}
    for block, inputs in state.items():
        if not block.startswith(FIELD) or not isinstance(inputs, Mapping):
            continue
        for entry in cast("Mapping[str, Json]", inputs).values():
            if isinstance(entry, Mapping):
                each = cast("Mapping[str, Json]", entry)
                chosen = text_of(each, "value") or text_of(part(each, "selected_option"), "value")
                values[words.clean(block.removeprefix(FIELD))] = words.clean(chosen)
    return values
