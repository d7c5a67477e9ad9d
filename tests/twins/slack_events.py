"""What Slack delivers, as it delivers it: events, presses, forms, commands; and the signature on them.

Plain dictionaries after the examples on docs.slack.dev ("Events API", "block_actions payload", "view_submission
payload", "Slash commands"), with nothing left out that Vigie reads.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from bot.values import Json
from tests.twins.slack import BOT, SECRET, TEAM, direct


def event(inner: Mapping[str, Json], *, event_id: str = "Ev01", team: str = TEAM) -> dict[str, Json]:
    """An Events API delivery around one event."""
    return {
        "type": "event_callback",
        "team_id": team,
        "api_app_id": "A0VIGIE",
        "event_id": event_id,
        "event_time": 1_700_000_000,
        "authorizations": [{"enterprise_id": None, "team_id": team, "user_id": BOT, "is_bot": True}],
        "event": dict(inner),
    }


def said(
    text: str,
    *,
    user: str = "U0ALICE",
    channel: str = "D0ALICE",
    ts: str = "1700000000.000100",
    kind: str = "message",
    event_id: str = "Ev01",
    **more: Json,
) -> dict[str, Json]:
    """A person's message."""
    inner = {"type": kind, "user": user, "channel": channel, "text": text, "ts": ts, "event_ts": ts}
    if kind == "message":
        inner["channel_type"] = "im" if channel.startswith("D") else "channel"
    return event({**inner, **more}, event_id=event_id)


def pressed(
    action_id: str,
    value: str,
    *,
    user: str = "U0ALICE",
    channel: str = "D0ALICE",
    ts: str = "1700000000.000200",
    thread: str = "",
    action_ts: str = "1700000001.1",
    trigger: str = "1.2.trigger",
    team: str = TEAM,
) -> dict[str, Json]:
    """A press of a button in a message."""
    threaded = {"thread_ts": thread} if thread else {}
    return {
        "type": "block_actions",
        "team": {"id": team, "domain": "twin"},
        "user": {"id": user, "username": user.lower(), "team_id": team},
        "api_app_id": "A0VIGIE",
        "trigger_id": trigger,
        "response_url": "https://hooks.slack.com/actions/T0/1/x",
        "channel": {"id": channel, "name": "somewhere"},
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, **threaded},
        "message": {"type": "message", "user": BOT, "ts": ts, "text": "card", **threaded},
        "actions": [
            {
                "type": "button",
                "action_id": action_id,
                "block_id": "b",
                "value": value,
                "action_ts": action_ts,
            }
        ],
    }


def home_opened(user: str = "U0ALICE", *, tab: str = "home") -> dict[str, Json]:
    """Somebody opens the home of the app."""
    inner = {"type": "app_home_opened", "user": user, "channel": direct(user), "tab": tab}
    return event({**inner, "event_ts": "1700000000.000300"}, event_id="Ev0HOME")


def pane_opened(
    user: str = "U0ALICE", *, thread: str = "1700000000.000400", kind: str = "assistant_thread_started"
) -> dict[str, Json]:
    """Somebody opens a thread of the assistant pane, or looks at another channel beside it."""
    opened = {
        "user_id": user,
        "context": {"channel_id": "C0SHOP", "team_id": TEAM, "enterprise_id": None},
        "channel_id": direct(user),
        "thread_ts": thread,
    }
    return event({"type": kind, "assistant_thread": opened, "event_ts": thread}, event_id="Ev0PANE")


def called_up(
    callback: str, *, user: str = "U0ALICE", message: Mapping[str, Json] | None = None, trigger: str = "1.2.s"
) -> dict[str, Json]:
    """A shortcut, on a message or from anywhere."""
    called = {
        "type": "shortcut" if message is None else "message_action",
        "callback_id": callback,
        "trigger_id": trigger,
        "action_ts": "1700000002.1",
        "team": {"id": TEAM, "domain": "twin"},
        "user": {"id": user, "username": user.lower(), "team_id": TEAM},
    }
    if message is None:
        return called
    return {
        **called,
        "channel": {"id": "C0SHOP", "name": "shop"},
        "message_ts": message["ts"],
        "message": message,
    }


def at_home(
    button: Mapping[str, Json], *, user: str = "U0ALICE", action_ts: str = "1700000003.1"
) -> dict[str, Json]:
    """A press of a button on the home."""
    return {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "twin"},
        "user": {"id": user, "username": user.lower(), "team_id": TEAM},
        "trigger_id": "1.2.h",
        "container": {"type": "view", "view_id": "V0HOME"},
        "view": {"id": "V0HOME", "type": "home", "team_id": TEAM},
        "actions": [{"type": "button", "block_id": "b", "action_ts": action_ts, **button}],
    }


def submitted(
    view: Mapping[str, Json], values: Mapping[str, str], *, user: str = "U0ALICE", team: str = TEAM
) -> dict[str, Json]:
    """A modal that was saved: `values` by field name."""
    state = {f"field:{name}": {"value": _typed(value)} for name, value in values.items()}
    return {
        "type": "view_submission",
        "team": {"id": team},
        "user": {"id": user, "team_id": team},
        "view": {**view, "state": {"values": state}},
    }


def _typed(value: str) -> Json:
    return {"type": "plain_text_input", "value": value or None}


def commanded(
    text: str, *, user: str = "U0ALICE", channel: str = "D0ALICE", trigger: str = "1.2.c"
) -> dict[str, Json]:
    """A slash command."""
    return {
        "team_id": TEAM,
        "channel_id": channel,
        "user_id": user,
        "command": "/vigie",
        "text": text,
        "trigger_id": trigger,
        "response_url": "https://hooks.slack.com/commands/T0/1/x",
        "is_enterprise_install": "false",
    }


def request(
    payload: Mapping[str, Json], *, secret: str = SECRET, at: float | None = None
) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of the signed HTTP request that carries it."""
    if "command" in payload:
        body, kind = urlencode(payload).encode(), "application/x-www-form-urlencoded"
    elif payload.get("type") in ("block_actions", "view_submission", "shortcut", "message_action"):
        body, kind = urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded"
    else:
        body, kind = json.dumps(payload).encode(), "application/json"
    return body, headers(body, kind, secret=secret, at=at)


def headers(body: bytes, kind: str, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """Signed headers for these bytes."""
    stamp = str(int(time.time() if at is None else at))
    base = f"v0:{stamp}:".encode() + body
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature,
    }
