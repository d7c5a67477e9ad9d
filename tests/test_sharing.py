"""The policy of machines that share a database, where two processes have one data folder, as a web and a worker do: whatever the
one does in the middle of the other's look, the newest edit holds and no file is lost.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from bot import rulebook
from bot.store import Store
from memory.sqlite import SqliteStore
from tests.running import ROOT, environment
from vigie.settings import Settings
from vigie.sharing import MARK, SharedPolicy
from vigie.stops import bare

LOOSE = rulebook.shipped_text()
TIGHT = LOOSE + "\n# tighter\n"
_OTHER = """
import asyncio
from memory.sqlite import SqliteStore
from tests.test_sharing import shared
from vigie.settings import settings

async def look():
    config = settings()
    store = SqliteStore.open(config.home / "vigie.db")
    await shared(config, store).look()
    await store.close()

asyncio.run(look())
"""


def shared(config: Settings, store: Store) -> SharedPolicy:
    return SharedPolicy(config.home / "policy.toml", house=bare(config, store))


class Other:
    """Another process of the same folder, which looks when it is let."""

    def __init__(self, home: Path) -> None:
        self.home, self.looks = home, 1

    def look(self) -> None:
        if self.looks:
            self.looks = 0
            command = [sys.executable, "-c", _OTHER]
            subprocess.run(command, env=environment(self.home, {}), cwd=ROOT, check=True)


@pytest.mark.parametrize("moment", ["policy.toml", ".policy.toml.shared", "replace"])
async def test_another_process_that_looks_meanwhile_undoes_no_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """An edit from another machine is taken by both, and given back by neither."""
    config = Settings.model_validate({"VIGIE_HOME": tmp_path})
    policy = tmp_path / "policy.toml"
    policy.write_text(LOOSE)
    store = SqliteStore.open(tmp_path / "vigie.db")
    ours = shared(config, store)
    await ours.look()
    await store.write(lambda tx: tx.marks.put(MARK, {"text": TIGHT}))

    other, read, replace = Other(tmp_path), Path.read_text, Path.replace

    def reading(path: Path, *arguments: str, **options: str) -> str:
        text = read(path, *arguments, **options)
        if path.name == moment:
            other.look()
        return text

    def replacing(path: Path, target: Path) -> Path:
        if moment == "replace":
            other.look()
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_text", reading)
        patched.setattr(Path, "replace", replacing)
        await ours.look()
    assert not other.looks, "the other process looked in the middle"
    # At once, for other machines take what is there: the next look here would only seem to mend it.
    assert await store.read(lambda tx: tx.marks.get(MARK)) == {"text": TIGHT}
    await ours.look()
    assert policy.read_text() == TIGHT
    assert await store.read(lambda tx: tx.marks.get(MARK)) == {"text": TIGHT}
    assert list(tmp_path.glob(".*.new")) == []  # noqa: ASYNC240
    await store.close()
