"""The annotated cases of `bench/memory`, through the words people say, over both databases: what changed is told as it is now,
and what was forgotten is nowhere.
"""

from pathlib import Path

import psycopg
import pytest

from bench.memory import cases
from bot import memoirs
from tests.clocks import SetClock
from tests.peers import databases
from tests.peers.servers import cluster
from tests.scans import in_folder, in_rows
from tests.stage import Stage, stage


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer("postgresql"))])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty one, "" for a file."""
    return databases.fresh() if request.param == "postgresql" else ""


async def test_every_fact_that_changed_is_told_as_it_is_now_and_as_it_was_where_that_is_asked(
    tmp_path: Path, database: str
) -> None:
    clock = SetClock()
    async with stage(tmp_path, clock=clock, database=database) as s:
        told = await cases.updates(s, clock)
    assert told.cases >= 100
    assert told.wrong == []


async def test_nothing_of_a_hundred_forgotten_words_is_in_a_table_an_index_a_file_or_an_export(
    tmp_path: Path,
) -> None:
    """SAFETY 81"""
    async with stage(tmp_path) as s:
        assert await cases.forgetting(s, lambda word: in_folder(tmp_path, word)) == {}
        assert cases.CANARY not in await exported(s)
    assert in_folder(tmp_path, cases.CANARY) == []


@pytest.mark.peer("postgresql")
async def test_nothing_of_a_hundred_forgotten_words_is_in_a_row_of_postgresql_or_its_emptied_files(
    tmp_path: Path,
) -> None:
    """Its write-ahead log is its administrator's, and the answer to `forget` says so. SAFETY 81"""
    with cluster() as own:
        async with stage(tmp_path, database=own.url) as s:
            assert await cases.forgetting(s, lambda word: in_rows(own.url, word)) == {}
            assert cases.CANARY not in await exported(s)
        with psycopg.connect(own.url, autocommit=True) as connection:
            connection.execute("VACUUM FULL")
            connection.execute("CHECKPOINT")
        assert [each for each in own.holding(cases.CANARY) if "pg_wal" not in each.parts] == []


async def exported(s: Stage) -> str:
    """What is taken away as a file, in both forms."""
    found = await s.look(lambda tx: tx.notes.history(cases.MINE))
    tongue = s.house.tongues("en")
    return "\n".join(
        line
        for form in ("jsonl", "md")
        for line in memoirs.lines(found, (), format=form, tongue=tongue, zone="UTC")
    ).casefold()
