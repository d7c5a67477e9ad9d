"""Slack: a door (signed HTTP or Socket Mode), a way out (the Chat port), and the manifest of the app."""

from adapters.chat.slack.connect import SlackDoor, SlackSettings
from adapters.chat.slack.manifest import manifest
from adapters.chat.slack.stream import Pulse
from adapters.chat.slack.subscriptions import Missed

__all__ = ["Missed", "Pulse", "SlackDoor", "SlackSettings", "manifest"]
