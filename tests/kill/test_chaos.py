"""A small run of `bench/chaos`: several processes over PostgreSQL, one over SQLite on a disk that fills up."""

import os
import time
from pathlib import Path

import pytest

from bench.chaos.disk import NoDisk
from bench.chaos.run import Wanted, chaos

SEED = int(os.environ.get("VIGIE_KILL_SEED", "0")) or int(time.time()) % 1_000_000

pytestmark = pytest.mark.timeout(600)


@pytest.mark.peer("postgresql")
async def test_whatever_dies_nothing_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    """SAFETY 6, 25"""
    wanted = Wanted(
        home=tmp_path,
        seed=SEED,
        seconds=10,
        every=4,
        webs=1,
        workers=2,
        outages=1,
        longest=3,
        ahead=10,
        rate=1.5,
        skew=1.0,
    )
    report = await chaos(wanted)
    print(report.table())  # noqa: T201 # shown when it fails: the seed is in it
    assert report.wrongs == []


async def test_on_a_disk_that_fills_up_neither(tmp_path: Path) -> None:
    """SAFETY 6, 25"""
    wanted = Wanted(home=tmp_path, seed=SEED, seconds=10, every=5, outages=1, ahead=10, rate=1.5, sqlite=True)
    try:
        report = await chaos(wanted)
    except NoDisk as error:
        pytest.skip(f"only root may mount a small disk: {error}")
    print(report.table())  # noqa: T201
    assert report.wrongs == []
