"""opsdroid over Slack's events, with one skill that says back what it hears. Run by the Python of its environment.

It has no setting for the address of Slack's Web API, so the default of its library is set here.
"""
# pyright: basic, reportMissingImports=false

import asyncio
import os
import sys
from pathlib import Path

from slack_sdk.web.async_base_client import AsyncBaseClient

SKILL = """
from opsdroid.matchers import match_regex
from opsdroid.skill import Skill


class Echo(Skill):
    @match_regex(r"(?s).*")
    async def echo(self, message):
        await message.respond(message.text)
"""
CONFIGURATION = """
logging: {{level: warning}}
welcome-message: false
web: {{host: 127.0.0.1, port: {port}}}
parsers: {{regex: {{enabled: true}}}}
connectors:
  slack: {{bot-token: {token}, socket-mode: false}}
skills:
  echo: {{path: {skill}, no-cache: true}}
"""


def at(url):
    begin = AsyncBaseClient.__init__

    def elsewhere(self, *given, **named):
        begin(self, *given, **{**named, "base_url": url, "ssl": None})

    AsyncBaseClient.__init__ = elsewhere


def main():
    at(os.environ["SLACK_API_URL"])
    skill, configuration = Path("echo.py").resolve(), Path("configuration.yaml").resolve()
    skill.write_text(SKILL)
    configuration.write_text(
        CONFIGURATION.format(port=os.environ["PORT"], token=os.environ["SLACK_BOT_TOKEN"], skill=skill)
    )
    from opsdroid.cli import cli  # noqa: PLC0415 (after the address was set)

    asyncio.set_event_loop(asyncio.new_event_loop())
    sys.argv = ["opsdroid", "start", "-f", str(configuration)]
    cli()


if __name__ == "__main__":
    main()
