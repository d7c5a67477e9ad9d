"""The manifest asks for what is used, and for no more."""

import json
import re
from pathlib import Path

from adapters.chat.slack import manifest
from adapters.chat.slack.manifest import EVENTS, text
from adapters.chat.slack.surfaces import SHORTCUTS


def test_without_an_address_the_app_connects_out() -> None:
    made = manifest(None)
    assert made["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in json.dumps(made)


def test_with_an_address_everything_arrives_there() -> None:
    made = manifest("https://vigie.example/")
    assert made["settings"]["socket_mode_enabled"] is False
    address = "https://vigie.example/slack/events"
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["features"]["slash_commands"][0]["url"] == address


def test_it_is_json_to_paste() -> None:
    assert json.loads(text(None)) == manifest(None)


def test_every_method_we_call_has_its_permission_and_no_permission_is_idle() -> None:
    needs = {
        "chat.postMessage": "chat:write",
        "chat.update": "chat:write",
        "chat.postEphemeral": "chat:write",
        "conversations.history": "im:history",
        "conversations.replies": "channels:history",
        "conversations.list": "channels:read",
        "users.conversations": "im:read",
        "conversations.members": "groups:read",
        "users.info": "users:read",
        "files.getUploadURLExternal": "files:write",
        "files.completeUploadExternal": "files:write",
        "files.delete": "files:write",
        "auth.test": "",
        "views.open": "",
        "views.publish": "",
        "conversations.open": "im:write",
        "assistant.threads.setStatus": "assistant:write",
        "assistant.threads.setSuggestedPrompts": "assistant:write",
    }
    source = "".join(path.read_text() for path in Path("adapters/chat/slack").glob("*.py"))
    called = set(re.findall(r'\.(?:ask|tell)\(\s*"([a-zA-Z.]+)"', source))
    assert called == set(needs)
    by_events = {
        "app_home_opened": "",
        "app_mention": "app_mentions:read",
        "assistant_thread_context_changed": "assistant:write",
        "assistant_thread_started": "assistant:write",
        "message.channels": "channels:history",
        "message.groups": "groups:history",
        "message.im": "im:history",
        "message.mpim": "mpim:history",
    }
    wanted = {*filter(None, needs.values()), *filter(None, (by_events[event] for event in EVENTS))}
    granted = set(manifest(None)["oauth_config"]["scopes"]["bot"])
    assert granted == wanted | {"commands", "metadata.message:read"}


def test_the_limits_of_a_manifest_are_kept() -> None:
    shown = manifest(None)["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(manifest(None)["features"]["bot_user"]["display_name"]) <= 80
    for shortcut in manifest(None)["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def test_every_surface_that_is_answered_is_in_it_and_no_other() -> None:
    """One link makes the whole app: home, pane, shortcuts and buttons, over HTTP as over Socket Mode."""
    for url in (None, "https://vigie.example"):
        features = manifest(url)["features"]
        assert {each["callback_id"] for each in features["shortcuts"]} == set(SHORTCUTS)
        assert features["app_home"]["home_tab_enabled"] is True
        assert 0 < len(features["assistant_view"]["assistant_description"]) <= 300
        assert manifest(url)["settings"]["interactivity"]["is_enabled"] is True
        assert "reaction_added" not in EVENTS
