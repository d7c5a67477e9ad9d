"""nanobot over Slack's Socket Mode with a model of the OpenAI kind. Run by the Python of its environment.

Its own defaults, but for who may talk to it, the reactions it sets (two calls of Slack's API a message), and where
Slack and the model are.
"""
# pyright: basic, reportMissingImports=false

import json
import os
import sys
from pathlib import Path

from slack_sdk.web.async_base_client import AsyncBaseClient


def at(url):
    begin = AsyncBaseClient.__init__

    def elsewhere(self, *given, **named):
        begin(self, *given, **{**named, "base_url": url})

    AsyncBaseClient.__init__ = elsewhere


def main():
    at(os.environ["SLACK_API_URL"])
    home = Path.cwd()
    os.environ["HOME"] = str(home)
    found = home / ".nanobot" / "config.json"
    found.parent.mkdir()
    found.write_text(
        json.dumps(
            {
                "agents": {
                    "defaults": {
                        "workspace": str(home / "workspace"),
                        "model": os.environ["BENCH_MODEL"],
                        "provider": "custom",
                    }
                },
                "providers": {"custom": {"apiKey": "x", "apiBase": os.environ["OPENAI_BASE_URL"]}},
                "gateway": {"host": "127.0.0.1", "port": int(os.environ["PORT"])},
                "channels": {
                    "slack": {
                        "enabled": True,
                        "botToken": os.environ["SLACK_BOT_TOKEN"],
                        "appToken": os.environ["SLACK_APP_TOKEN"],
                        "reactEmoji": "",
                        "doneEmoji": "",
                        "allowFrom": ["*"],
                        "groupPolicy": "open",
                        "dm": {"enabled": True, "policy": "open", "allowFrom": ["*"]},
                    }
                },
            }
        )
    )
    from nanobot.cli.commands import app  # noqa: PLC0415 (reads HOME when it is imported)

    sys.argv = ["nanobot", "gateway", "--config", str(found)]
    app()


if __name__ == "__main__":
    main()
