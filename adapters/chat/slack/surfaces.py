"""What people open or call up in Slack that is no words yet: their home, the assistant pane, a shortcut. Pure.

A shortcut on a message shows its text in a form first: only what somebody saves there are their words, whoever wrote
the message (docs.slack.dev, "App Home", "Developing an agent", "Implementing shortcuts").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adapters.chat.slack import cards, inbound, words
from adapters.chat.slack.inbound import PLATFORM, Us
from adapters.chat.slack.payload import id_of, part, text_of, ts_of
from bot.people import Identity
from bot.places import Place
from bot.speech import Tongue
from bot.values import Json
from bot.visible import visible

Kind = Literal["remember", "mission", "ask"]
SHORTCUTS: Mapping[str, Kind] = {f"vigie:{kind}": kind for kind in ("remember", "mission", "ask")}
"""By callback_id, as the manifest names them."""
_TITLE, _TYPED = 24, 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened:
    """Somebody looks at their home."""

    who: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneOpened:
    """Somebody opened a thread of the assistant pane, or looks at something else beside it."""

    who: Identity
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """Somebody called one up: on a message its `text` and who wrote it, an id or a name. `trigger` opens a form for
    three seconds."""

    who: Identity
    kind: Kind
    trigger: str
    text: str = ""
    author: str = ""


Surface = HomeOpened | PaneOpened | Shortcut


def read(payload: Mapping[str, Json], *, us: Us) -> Surface | None:
    """What was opened or called up, None when this is something else."""
    match payload:
        case {"type": "event_callback", "event": {"type": "app_home_opened", "tab": "home"}}:
            user = id_of(part(payload, "event"), "user")
            return HomeOpened(who=_identity(us, user)) if user else None
        case {
            "type": "event_callback",
            "event": {"type": "assistant_thread_started" | "assistant_thread_context_changed"},
        }:
            return _pane(part(part(payload, "event"), "assistant_thread"), us)
        case {"type": "shortcut" | "message_action", "callback_id": str(name)} if name in SHORTCUTS:
            return _shortcut(payload, SHORTCUTS[name])
        case _:
            return None


def _identity(us: Us, user: str) -> Identity:
    return Identity(platform=PLATFORM, team=us.team, user=user)


def _pane(thread: Mapping[str, Json], us: Us) -> PaneOpened | None:
    user, channel, ts = id_of(thread, "user_id"), id_of(thread, "channel_id"), ts_of(thread, "thread_ts")
    if not (user and channel and ts):
        return None
    place = Place(platform=PLATFORM, team=us.team, channel=channel, thread=ts, private=True)
    return PaneOpened(who=_identity(us, user), place=place)


def _shortcut(payload: Mapping[str, Json], kind: Kind) -> Shortcut | None:
    user, message = part(payload, "user"), part(payload, "message")
    who, team = id_of(user, "id"), id_of(user, "team_id") or id_of(part(payload, "team"), "id")
    trigger = text_of(payload, "trigger_id")
    if not (who and team and trigger):
        return None
    return Shortcut(
        who=Identity(platform=PLATFORM, team=team, user=who),
        kind=kind,
        trigger=trigger,
        text=words.plain(text_of(message, "text")),
        author=id_of(message, "user") or words.clean(text_of(message, "username"))[:80],
    )


def view(shortcut: Shortcut, *, author: str, tongue: Tongue) -> dict[str, Json]:
    """The form. Nothing is said before it is saved, and what is saved can be read in it."""
    titles = {
        "remember": tongue("Remember this"),
        "mission": tongue("A mission of this"),
        "ask": tongue("Ask Vigie"),
    }
    saves = {"remember": tongue("Remember"), "mission": tongue("Start it"), "ask": tongue("Ask")}
    told = tongue("{who} wrote this. What you save counts as your own words.", who=author)
    return {
        "type": "modal",
        "callback_id": inbound.WORDS_VIEW,
        "private_metadata": shortcut.kind,
        "title": cards.plain_text(titles[shortcut.kind], _TITLE),
        "submit": cards.plain_text(saves[shortcut.kind], _TITLE),
        "close": cards.plain_text(tongue("Cancel"), _TITLE),
        "blocks": [
            *_fields(shortcut, tongue),
            *([cards.context(visible(told))] if author else ()),
            cards.context(tongue("The answer comes in our direct messages.")),
        ],
    }


def _fields(shortcut: Shortcut, tongue: Tongue) -> list[Json]:
    match shortcut.kind:
        case "remember":
            return [_input("text", tongue("What to remember"), shortcut.text)]
        case "mission":
            hint = tongue("For example: every weekday at 9:00 · in 2 hours · when the hook “shop” reports")
            return [
                _input("when", tongue("When"), tongue("tomorrow at 9:00"), hint=hint, long=False),
                _input("text", tongue("What to do"), shortcut.text),
            ]
        case "ask":
            hint = tongue("For example: status · pending · every weekday at 9:00, what is new?")
            return [_input("text", tongue("What is it?"), "", hint=hint)]


def _input(name: str, label: str, value: str, *, hint: str = "", long: bool = True) -> Json:
    element: dict[str, Json] = {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": long,
        "max_length": _TYPED,
    }
    if value.strip():
        element["initial_value"] = cards.fitted(value, _TYPED)
    block: dict[str, Json] = {
        "type": "input",
        "block_id": f"{inbound.FIELD}{name}",
        "label": cards.plain_text(label, _TYPED),
        "element": element,
    }
    return {**block, "hint": cards.plain_text(hint, 2_000)} if hint else block


def prompts(place: Place, tongue: Tongue) -> dict[str, Json]:
    """What the assistant pane offers before anything was said (docs.slack.dev, "assistant.threads.
    setSuggestedPrompts": at most four). Each is a word that every mind understands."""
    offered = (
        (tongue("What waits for me?"), tongue("pending")),
        (tongue("What is on watch?"), tongue("missions")),
        (tongue("How are things?"), tongue("status")),
        (tongue("What can you do?"), tongue("help")),
    )
    return {
        "channel_id": place.channel,
        "thread_ts": place.thread,
        "title": tongue("What shall I look at?"),
        "prompts": [{"title": title, "message": message} for title, message in offered],
    }
