"""Servers that are started here: what they are given, and what their end does to us."""

import os
import sys
from pathlib import Path

import psutil
import pytest

from bot.effects import EffectState
from tests.adapters.mcp.connecting import connected, eventually
from tests.running import ROOT
from tests.stage import Stage, stage

R1 = '[[tool]]\nserver = "*"\ntool = "*"\nrisk = "R1"\n'
ENTRY = {
    "command": sys.executable,
    "args": ["-m", "tests.adapters.mcp.program"],
    "env": {"PYTHONPATH": str(ROOT), "SECRET": "canary-in-the-mine"},
    "cwd": str(ROOT),
}


async def unknown(s: Stage) -> int:
    return len(await s.look(lambda tx: tx.effects.in_state(EffectState.UNKNOWN)))


def children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [each for each in found if "tests.adapters.mcp.program" in " ".join(each.cmdline())]


async def test_a_program_that_greets_first_is_understood_and_gone_at_the_end(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        async with connected(s, tmp_path, {"prog": ENTRY}, R1):
            await s.say("do prog.echo text=hello")
            assert s.last == "“echo” answered: “hello”"
            assert len(children()) == 1
        assert children() == []


async def test_it_is_given_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server of others must not read our keys from the environment."""
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_canary")
    async with stage(tmp_path) as s, connected(s, tmp_path, {"prog": ENTRY}, R1):
        await s.say("do prog.environment")
        assert "STRIPE_API_KEY" not in s.last
        assert "SECRET" in s.last


async def test_one_that_dies_in_a_call_leaves_it_unknown_and_is_started_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as s, connected(s, tmp_path, {"prog": ENTRY}, R1) as found:
        await s.say("do prog.die")
        assert "broke off" in s.last
        assert await unknown(s) == 1
        await eventually(lambda: bool(found["prog"].link.last_words))
        assert "the secret is …" in found["prog"].link.last_words
        await found["prog"].link.ready(20)
        await s.say("do prog.echo text=again")
        assert s.last == "“echo” answered: “again”"


async def test_an_endless_line_is_not_read(tmp_path: Path) -> None:
    before = psutil.Process(os.getpid()).memory_info().rss
    async with stage(tmp_path) as s, connected(s, tmp_path, {"prog": ENTRY}, R1):
        await s.say("do prog.flood")
        assert await unknown(s) == 1
        assert psutil.Process(os.getpid()).memory_info().rss - before < 60_000_000


async def test_a_command_that_is_not_there_is_said(tmp_path: Path) -> None:
    entry = {"command": "/nowhere/server", "args": ["--token=canary-in-the-mine"]}
    async with stage(tmp_path) as s, connected(s, tmp_path, {"gone": entry}, R1, ready=False) as found:
        health = await found["gone"].check()
        assert not health.well
        assert "its command is not there" in health.text
        assert "canary" not in health.text + repr(found["gone"].entry) + found["gone"].account().label
