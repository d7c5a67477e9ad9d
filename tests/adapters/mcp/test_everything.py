"""The protocol project's own server of everything, in another language than ours: by address, by address behind a bearer
token, and as a program.
"""

import urllib.parse
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.mcp.connecting import connected
from tests.peers.services import nginx_bearer
from tests.peers.vendors import mcp_everything, mcp_everything_command
from tests.stage import Stage, stage

pytestmark = pytest.mark.peer("mcp-everything")
CLASSES = """
[[tool]]
server = "all"
tool = ["echo", "get-*", "trigger-long-running-operation"]
risk = "R0"
egress = false
"""


def as_program() -> Mapping[str, Any]:
    command, *arguments = mcp_everything_command()
    return {"command": command, "args": arguments}


@asynccontextmanager
async def everything(tmp_path: Path, entry: Mapping[str, Any]) -> AsyncGenerator[Stage]:
    async with stage(tmp_path) as s, connected(s, tmp_path, {"all": entry}, CLASSES):
        yield s


async def use(s: Stage) -> None:
    """Valid and invalid calls of tools of every kind."""
    await s.say("do all.get_sum a=3 b=4")
    assert "The sum of 3 and 4 is 7." in s.last
    await s.say("do all.get_sum a=three b=4")
    assert "'three' is not of type 'number'" in s.last
    await s.say("do all.get_sum a=3")
    assert "needs b" in s.last
    await s.say("do all.get_sum c=1 a=3 b=4")
    assert "has no field" in s.last
    await s.say("do all.get_tiny_image")
    assert "[a picture, image/png, not shown]" in s.last
    await s.say("do all.get_structured_content location=chicago")
    assert "humidity" in s.last
    await s.say("do all.get_structured_content location=Paris")
    assert "choose one of New York, Chicago, Los Angeles" in s.last
    await s.say("do all.get_resource_reference resourceType=Blob resourceId=1")
    assert "not opened" in s.last
    await s.say("do all.get_resource_links count=2")
    assert s.last.count("[a reference:") == 2
    await s.say("do all.toggle_simulated_logging")
    assert s.card.title == "“toggle-simulated-logging”"


async def test_by_address(tmp_path: Path) -> None:
    with mcp_everything() as url:
        async with everything(tmp_path, {"url": url}) as s:
            await use(s)


async def test_as_a_program(tmp_path: Path) -> None:
    async with everything(tmp_path, as_program()) as s:
        await use(s)


@pytest.mark.peer("nginx")
async def test_behind_a_bearer_token(tmp_path: Path) -> None:
    with mcp_everything() as url, nginx_bearer(urllib.parse.urlsplit(url).port or 0) as front:
        entry = {"url": f"{front}/mcp", "headers": {"Authorization": "Bearer zap_test_token"}}
        async with everything(tmp_path, entry) as s:
            await use(s)


@pytest.mark.peer("nginx")
async def test_with_a_wrong_token_the_check_says_what_to_do(tmp_path: Path) -> None:
    with mcp_everything() as url, nginx_bearer(urllib.parse.urlsplit(url).port or 0) as front:
        entry = {"url": f"{front}/mcp", "headers": {"Authorization": "Bearer wrong_test_token"}}
        async with stage(tmp_path) as s, connected(s, tmp_path, {"all": entry}, ready=False) as found:
            health = await found["all"].check()
            assert not health.well
            assert "connect it again: “all” in mcp.json" in health.text
            assert "wrong_test_token" not in health.text


async def test_a_slow_tool_is_given_up_after_its_time_and_the_next_call_works(tmp_path: Path) -> None:
    with mcp_everything() as url:
        async with everything(tmp_path, {"url": url, "timeout": 1}) as s:
            await s.say("do all.trigger_long_running_operation duration=20 steps=1")
            assert "gave no answer within 1 seconds" in s.last
            await s.say("do all.echo message=still")
            assert "still" in s.last
