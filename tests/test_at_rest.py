"""What a program that waits has loaded: nothing that only some installations, or only some moments, need. By its modules
and not by its size, which differs from machine to machine.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, environment

SELDOM = {
    "alembic": "an older database",
    "dateparser": "dates that our own grammar does not read",
    "jinja2": "a page that somebody opens",
    "segno": "the picture of a second factor",
    "PIL": "a chart in a chat",
    "psutil": "a watch of this machine",
    "cryptography.x509": "a watch of a certificate",
    "imapclient": "a mailbox",
    "imaplib": "a mailbox",
    "aiosmtplib": "outgoing mail",
    "authlib": "an OAuth grant",
    "slack_bolt": "Slack",
    "aiohttp": "Slack",
    "telegram": "Telegram",
    "mcp": "MCP servers",
    "jsonschema": "MCP servers",
    "httpx2": "MCP servers, and models",
    "pydantic_ai": "a model",
    "openai": "a model of OpenAI's",
    "anthropic": "a model of Anthropic's",
    "psycopg": "PostgreSQL",
    "procrastinate": "PostgreSQL",
    "sqlalchemy.dialects.postgresql": "PostgreSQL",
    "sqlalchemy.orm": "nobody: rows are read by statements",
    "opentelemetry": "traces",
    "numpy": "recall by meaning",
}
"""Each with what it is for."""
_WAITS = """
import asyncio, sys
import vigie.command_line
from bot import doors
from vigie import plugging, serving
from vigie.settings import settings

async def wait():
    plugged = plugging.plug(settings(), demo={demo})
    serving.application(plugged)
    async with serving.running(plugged):
        await doors.first_code(house=plugged.house)
        print(*sys.modules)

asyncio.run(wait())
"""


@pytest.mark.parametrize("demo", [False, True])
def test_what_is_seldom_needed_is_not_loaded_while_nothing_happens(tmp_path: Path, demo: bool) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _WAITS.format(demo=demo)],
        env=environment(tmp_path, {}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ran.stdout.split())
    assert "vigie.serving" in loaded
    assert {name: why for name, why in SELDOM.items() if name in loaded} == {}
