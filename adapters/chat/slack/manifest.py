"""The app's manifest: what an administrator pastes at api.slack.com/apps to make the app. Pure.

Asks for no more than is used (docs.slack.dev, "App manifest reference").
"""

import json
from urllib.parse import quote

from bot.values import Json

SCOPES = {
    "app_mentions:read": "hear when somebody in a channel calls it",
    "channels:read": "find the channel that somebody names for reports",
    "groups:read": "the same for private channels it is in, for those who are in them too",
    "channels:history": "hear replies in its threads, and find its own messages after a crash",
    "groups:history": "the same in private channels",
    "im:history": "the same in direct messages",
    "mpim:history": "the same in group conversations",
    "assistant:write": "the assistant pane: what it offers, and that it thinks",
    "chat:write": "speak",
    "commands": "the command /vigie",
    "files:write": "charts as pictures, long reports as files",
    "im:read": "find direct messages that did not arrive, and say which event is missing",
    "im:write": "answer alone who pressed on the home or called up a shortcut",
    "metadata.message:read": "find its own messages after a crash",
    "users:read": "names, languages, time zones, and who is a guest",
}
"""Each permission and what it is for."""

EVENTS = (
    "app_home_opened",
    "app_mention",
    "assistant_thread_context_changed",
    "assistant_thread_started",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
)
_SHORTCUTS = (
    ("vigie:remember", "message", "Remember this", "Keeps what a message says, after you read it over"),
    ("vigie:mission", "message", "Make a mission of this", "Watches over what a message says, when you say"),
    ("vigie:ask", "global", "Ask Vigie", "Asks it something from anywhere"),
)
"""callback_id, where it is called up, its name (at most 24 characters) and what it does (at most 150)."""


def manifest(url: str | None) -> dict[str, Json]:
    """The manifest. With `url` (the address of this installation) Slack posts to it; without, the app
    connects out by Socket Mode."""
    request = f"{url.rstrip('/')}/slack/events" if url else None
    command: dict[str, Json] = {
        "command": "/vigie",
        "description": "Ask Vigie from any conversation it is in",
        "usage_hint": "help | status | pending | missions | every weekday at 9:00, …",
        "should_escape": True,
    }
    events: dict[str, Json] = {"bot_events": list(EVENTS)}
    interactivity: dict[str, Json] = {"is_enabled": True}
    if request:
        command["url"] = events["request_url"] = interactivity["request_url"] = request
    return {
        "display_information": {
            "name": "Vigie",
            "description": "Keeps watch, remembers, and asks before anything that matters",
            "background_color": "#1b3a4b",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "assistant_view": {
                "assistant_description": "Keeps watch, remembers, and asks before anything that matters",
            },
            "bot_user": {"display_name": "Vigie", "always_online": True},
            "shortcuts": [
                {"name": name, "type": kind, "callback_id": callback, "description": says}
                for callback, kind, name, says in _SHORTCUTS
            ],
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": request is None,
            "token_rotation_enabled": False,
        },
    }


def link(url: str | None) -> str:
    """The address at Slack that opens the form of a new app with all of it filled in (docs.slack.dev, "Configuring
    apps with app manifests")."""
    filled = json.dumps(manifest(url), separators=(",", ":"), ensure_ascii=False)
    return f"https://api.slack.com/apps?new_app=1&manifest_json={quote(filled, safe='')}"


def text(url: str | None) -> str:
    """The same as JSON, ready to paste."""
    return json.dumps(manifest(url), indent=2, ensure_ascii=False)
