"""Slack: a door (HTTP or Socket Mode) and a way out (the Chat port). See docs.slack.dev."""
