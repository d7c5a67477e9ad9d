"""Slack payload to Arrival. Pure: a dict in, something heard or None out; never raises, whatever the dict holds.

Nothing here asks Slack anything. Who somebody is to us (name, language, standing) is filled in afterwards
with `Incoming.told`. What may come of the words is decided in bot/.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import quote, unquote

from adapters.chat.slack import words
from bot.events import Form, Message, Press, Verb
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

_ID = re.compile(r"[A-Z0-9]{1,32}", re.ASCII)
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}", re.ASCII)
_VALUE = re.compile(r"([A-Za-z0-9_.~%-]{1,200}):([0-9]{1,9})(?::(.*))?", re.ASCII | re.DOTALL)
_SPOKEN = {"", "file_share", "thread_broadcast", "me_message"}
"""Message subtypes that are somebody's own words; all others (edits, deletions, joins) are not."""
_NOTHING: Mapping[str, Json] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Us:
    """Who we are in this workspace, from auth.test."""

    team: str
    user: str
    bot: str = ""
    name: str = "vigie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What Slack says of a person. `lang` and `zone` are empty where it does not say."""

    name: str = ""
    lang: str = ""
    zone: str = ""
    standing: Standing = Standing.GUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An Arrival without the person's profile. `addressed` is False for a reply in a thread that does not
    mention us: it is for us only where we take part. `machine` says that no person wrote it.

    `trigger` opens a form for this press, for three seconds.
    """

    arrival: Arrival
    addressed: bool = True
    machine: bool = False
    trigger: str = ""

    @property
    def who(self) -> Identity:
        """Whose account it came through."""
        return _body(self.arrival).who

    def told(self, profile: Profile) -> Arrival:
        """The complete Arrival."""
        match _body(self.arrival):
            case Message() as message:
                body = replace(
                    message,
                    name=profile.name,
                    lang=profile.lang,
                    zone=profile.zone,
                    standing=profile.standing,
                )
            case Press() | Form() as answer:
                body = replace(answer, name=profile.name, standing=profile.standing)
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
            return bool(_list(payload, "actions"))
        case "view_submission" | "view_closed":
            return isinstance(payload.get("view"), Mapping)
        case _:
            return True


def read(payload: Mapping[str, Json], *, us: Us) -> Incoming | None:
    """What a delivery says to us, or None when it is nothing of ours."""
    match payload:
        case {"type": "event_callback", "event": {"type": "message" | "app_mention"}}:
            return _message(payload, us)
        case {"type": "block_actions"}:
            return _press(payload)
        case {"type": "view_submission", "view": {"callback_id": str(name)}} if name == EDIT_VIEW:
            return _form(payload)
        case {"command": str(), "trigger_id": str()} if "type" not in payload:
            return _command(payload)
        case _:
            return None


def _message(payload: Mapping[str, Json], us: Us) -> Incoming | None:
    event = _mapping(payload, "event")
    channel, ts = _id(event, "channel"), _ts(event, "ts")
    team = _our_team(payload)
    machine = "bot_id" in event or "bot_profile" in event or _text(event, "subtype") == "bot_message"
    user = _id(event, "user") or (_id(event, "bot_id") if machine else "")
    if (
        not (team and channel and ts and user)
        or user == us.user
        or (us.bot and _id(event, "bot_id") == us.bot)
    ):
        return None
    if _text(event, "subtype") not in _SPOKEN | ({"bot_message"} if machine else set()):
        return None
    private = event.get("channel_type") == "im" or channel.startswith("D")
    thread = _ts(event, "thread_ts")
    text = _text(event, "text")
    mentioned = event.get("type") == "app_mention" or f"<@{us.user}" in text
    if not (private or mentioned) and (not thread or machine):
        return None
    their_team = _id(event, "user_team") or _id(event, "source_team") or _id(event, "team") or team
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
        addressed=private or mentioned or _text(event, "parent_user_id") == us.user,
        machine=machine,
    )


def overheard(payload: Mapping[str, Json], *, us: Us) -> Overheard | None:
    """What a person says where others read it, whether or not it is said to us."""
    event = _mapping(payload, "event")
    channel, ts, user, team = _id(event, "channel"), _ts(event, "ts"), _id(event, "user"), _our_team(payload)
    machine = "bot_id" in event or "bot_profile" in event
    if (
        event.get("type") not in ("message", "app_mention")
        or machine
        or not (team and channel and ts and user)
        or user == us.user
        or _text(event, "subtype") not in _SPOKEN
        or event.get("channel_type") in ("im", "mpim")
        or channel.startswith("D")
    ):
        return None
    their_team = _id(event, "user_team") or _id(event, "source_team") or _id(event, "team") or team
    return Overheard(
        key=f"{PLATFORM}:{team}:{channel}:{ts}",
        place=Place(platform=PLATFORM, team=team, channel=channel, thread=_ts(event, "thread_ts")),
        who=Identity(platform=PLATFORM, team=their_team, user=user),
        text=words.plain(_text(event, "text"), us=us.user, name=us.name),
    )


def _our_team(payload: Mapping[str, Json]) -> str:
    """The workspace we are installed in: in a shared channel `team_id` may be another's."""
    match payload.get("authorizations"):
        case [{"team_id": str(team)}, *_] if _ID.fullmatch(team):
            return team
        case _:
            return _id(payload, "team_id")


def _command(payload: Mapping[str, Json]) -> Incoming | None:
    team, channel, user = _id(payload, "team_id"), _id(payload, "channel_id"), _id(payload, "user_id")
    trigger = _text(payload, "trigger_id")
    if not (team and channel and user and trigger):
        return None
    return Incoming(
        arrival=Arrival(
            key=f"{PLATFORM}:cmd:{words.clean(trigger)[:200]}",
            place=Place(platform=PLATFORM, team=team, channel=channel, private=channel.startswith("D")),
            body=Message(
                who=Identity(platform=PLATFORM, team=team, user=user),
                text=words.plain(_text(payload, "text")).strip() or "help",
            ),
        )
    )


def _press(payload: Mapping[str, Json]) -> Incoming | None:
    team, channel = _id(_mapping(payload, "team"), "id"), _id(_mapping(payload, "channel"), "id")
    user = _mapping(payload, "user")
    who = _id(user, "id")
    container, message = _mapping(payload, "container"), _mapping(payload, "message")
    ts = _ts(container, "message_ts") or _ts(message, "ts")
    ours = [each for each in _list(payload, "actions") if _text(each, "action_id").startswith(f"{ACTION}:")]
    action = ours[0] if ours else _NOTHING
    action_id, action_ts = _text(action, "action_id"), _text(action, "action_ts")
    verb = next((each for each in Verb if each == action_id.split(":")[1:2][0]), None) if action else None
    found = _VALUE.fullmatch(_text(action, "value") or _text(_mapping(action, "selected_option"), "value"))
    if not (team and channel and who and ts and action_ts) or verb is None or found is None:
        return None
    thread = _ts(container, "thread_ts") or _ts(message, "thread_ts")
    return Incoming(
        arrival=Arrival(
            key=words.clean(f"{PLATFORM}:press:{team}:{who}:{action_ts[:40]}:{action_id[:100]}:{ts}"),
            place=Place(
                platform=PLATFORM,
                team=team,
                channel=channel,
                # The first message of a thread names itself as the thread.
                thread="" if thread == ts else thread,
                private=channel.startswith("D"),
            ),
            body=Press(
                who=Identity(platform=PLATFORM, team=_id(user, "team_id") or team, user=who),
                ref=unquote(found[1]),
                revision=int(found[2]),
                verb=verb,
                value=words.clean(found[3] or ""),
                message=ts,
            ),
        ),
        trigger=_text(payload, "trigger_id"),
    )


def _form(payload: Mapping[str, Json]) -> Incoming | None:
    view, user = _mapping(payload, "view"), _mapping(payload, "user")
    team, who = _id(_mapping(payload, "team"), "id"), _id(user, "id")
    view_id, view_hash = _id(view, "id"), _text(view, "hash")
    bound = bound_to(_text(view, "private_metadata"))
    if not (team and who and view_id) or bound is None or bound[2].team != team:
        return None
    ref, revision, place = bound
    return Incoming(
        arrival=Arrival(
            key=words.clean(f"{PLATFORM}:form:{view_id}:{view_hash[:80]}"),
            place=place,
            body=Form(
                who=Identity(platform=PLATFORM, team=_id(user, "team_id") or team, user=who),
                ref=ref,
                revision=revision,
                values=_values(_mapping(_mapping(view, "state"), "values")),
            ),
        )
    )


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
                chosen = _text(each, "value") or _text(_mapping(each, "selected_option"), "value")
                values[words.clean(block.removeprefix(FIELD))] = words.clean(chosen)
    return values


def _text(holder: Mapping[str, Json], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _id(holder: Mapping[str, Json], key: str) -> str:
    value = _text(holder, key)
    return value if _ID.fullmatch(value) else ""


def _ts(holder: Mapping[str, Json], key: str) -> str:
    value = _text(holder, key)
    return value if _TS.fullmatch(value) else ""


def _mapping(holder: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    value = holder.get(key)
    return cast("Mapping[str, Json]", value) if isinstance(value, Mapping) else _NOTHING


def _list(holder: Mapping[str, Json], key: str) -> Sequence[Mapping[str, Json]]:
    value = holder.get(key)
    if not isinstance(value, list):
        return ()
    return [
        cast("Mapping[str, Json]", each) for each in cast("list[Json]", value) if isinstance(each, Mapping)
    ]
