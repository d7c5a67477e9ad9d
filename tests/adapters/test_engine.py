"""The in-process engine: one worker per place and lane, and one process per database."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.engine.alone import Alone
from adapters.engine.lanes import Key, Lane
from bot.errors import Misconfigured

HERE: Key = ("home", "here")
THERE: Key = ("home", "there")


async def test_one_place_has_one_worker_and_places_go_on_side_by_side() -> None:
    at_work: dict[Key, int] = {HERE: 0, THERE: 0}
    both = asyncio.Event()
    rounds: list[Key] = []

    async def work(key: Key) -> float | None:
        at_work[key] += 1
        assert at_work[key] == 1, "two workers in one place"
        if all(at_work.values()):
            both.set()
        await both.wait()
        at_work[key] -= 1
        rounds.append(key)
        return None

    lane = Lane("test", work)
    for key in (HERE, THERE, HERE, HERE):
        lane.ring(key)
    async with asyncio.timeout(30):
        await both.wait()
        await lane.idle()
    assert rounds.count(THERE) == 1
    assert rounds.count(HERE) == 1, "rings before the worker began are one"


async def test_a_ring_while_at_work_is_one_more_round() -> None:
    seen: list[int] = []

    async def work(key: Key) -> float | None:
        seen.append(len(seen))
        if len(seen) == 1:
            lane.ring(key)
            lane.ring(key)
        return None

    lane = Lane("test", work)
    lane.ring(HERE)
    async with asyncio.timeout(30):
        await lane.idle()
    assert seen == [0, 1]


async def test_work_that_breaks_is_logged_and_the_lane_lives(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[Key] = []

    async def work(key: Key) -> float | None:
        calls.append(key)
        if len(calls) == 1:
            raise OSError("the disk is gone")
        return None

    lane = Lane("test", work)
    for _ in range(2):
        lane.ring(HERE)
        async with asyncio.timeout(30):
            await lane.idle()
    assert len(calls) == 2
    assert "lane_broke" in caplog.text


async def test_what_must_wait_is_taken_up_again() -> None:
    done = asyncio.Event()
    calls: list[Key] = []

    async def work(key: Key) -> float | None:
        calls.append(key)
        if len(calls) == 1:
            return 0.01
        done.set()
        return None

    lane = Lane("test", work)
    lane.ring(HERE)
    async with asyncio.timeout(30):
        await done.wait()
    await lane.close()


async def test_a_closed_lane_begins_nothing() -> None:
    calls: list[Key] = []

    async def work(key: Key) -> float | None:
        calls.append(key)
        return None

    lane = Lane("test", work)
    await lane.close()
    lane.ring(HERE)
    assert not lane.busy
    assert calls == []


def test_a_second_process_on_the_same_data_is_refused_in_words(tmp_path: Path) -> None:
    database = tmp_path / "vigie.db"
    alone = Alone(database)
    code = (
        f"from pathlib import Path\nfrom adapters.engine.alone import Alone\nAlone(Path({str(database)!r}))"
    )
    second = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert second.returncode != 0
    assert f"another Vigie (process {os.getpid()})" in second.stderr
    alone.let_go()
    third = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert third.returncode == 0, third.stderr


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="file"):
        Alone(tmp_path / "file" / "vigie.db")
