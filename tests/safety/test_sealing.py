"""Secrets at rest over a real file: another key refuses to start, a rotation that is killed goes on."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

import vigie
from adapters.seals import AesSeals
from bot import sealing
from bot.errors import Misconfigured, Refused
from bot.store import Store
from memory.sqlite import SqliteStore
from memory.twin import MemoryStore
from tests.running import vigie as command
from tests.safety.rotation import NAMES, NEW, OLD, connection, house


async def filled(store: Store) -> None:
    old = AesSeals((OLD,))
    await sealing.ready(house=house(store, old))
    for name in NAMES:
        await store.write(lambda tx, n=name: tx.connections.add(connection(n, old, f"secret of {n}")))


async def secrets(store: Store, *keys: bytes) -> list[str]:
    found = await store.read(lambda tx: tx.connections.all())
    return [AesSeals(keys).open(each.sealed, sealing.spot_of(each)) for each in found]


EVERY = [f"secret of {name}" for name in NAMES]


async def test_another_key_does_not_start_and_changes_nothing() -> None:
    """SAFETY 91"""
    store = MemoryStore()
    await filled(store)
    with pytest.raises(Misconfigured, match="VIGIE_SECRET_KEYS: these keys do not open"):
        await sealing.ready(house=house(store, AesSeals((NEW,))))
    assert await secrets(store, OLD) == EVERY
    await sealing.ready(house=house(store, AesSeals((NEW, OLD))))


async def test_a_secret_put_into_another_row_does_not_open() -> None:
    """SAFETY 91"""
    store = MemoryStore()
    await filled(store)
    stripe, notion = await store.read(lambda tx: (tx.connections.get("stripe"), tx.connections.get("notion")))
    assert stripe is not None
    assert notion is not None
    await store.write(lambda tx: tx.connections.swap(stripe, stripe.resealed(notion.sealed)))
    with pytest.raises(Refused):
        await secrets(store, OLD)
    with pytest.raises(Misconfigured):
        await sealing.ready(house=house(store, AesSeals((OLD,))))


async def test_after_a_rotation_the_old_key_is_not_needed() -> None:
    """SAFETY 91"""
    store = MemoryStore()
    await filled(store)
    both = house(store, AesSeals((NEW, OLD)))
    assert await sealing.rotate(house=both) == len(NAMES)
    assert await sealing.rotate(house=both) == 0
    assert await secrets(store, NEW) == EVERY
    await sealing.ready(house=house(store, AesSeals((NEW,))))
    with pytest.raises(Misconfigured):
        await sealing.ready(house=house(store, AesSeals((OLD,))))


@pytest.mark.parametrize("nth", [1, 2, 4, 5])
async def test_a_rotation_killed_half_way_reads_and_goes_on(tmp_path: Path, nth: int) -> None:
    """SAFETY 91"""
    path = tmp_path / "vigie.db"
    store = SqliteStore.open(path)
    await filled(store)
    await store.close()
    dying = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.safety.rotation", str(path), str(nth)
    )
    assert await asyncio.wait_for(dying.wait(), 60) == -signal.SIGKILL

    store = SqliteStore.open(path)
    both = AesSeals((NEW, OLD))
    found = await store.read(lambda tx: tx.connections.all())
    assert sum(both.fresh(each.sealed) for each in found) == min(nth - 1, len(NAMES))
    await sealing.ready(house=house(store, both))
    assert await secrets(store, NEW, OLD) == EVERY
    added = connection("zoho", both, "secret of zoho")
    await store.write(lambda tx: tx.connections.add(added))
    assert await sealing.rotate(house=house(store, both)) == len(NAMES) - min(nth - 1, len(NAMES))
    assert await secrets(store, NEW) == [*EVERY, "secret of zoho"]
    await sealing.ready(house=house(store, AesSeals((NEW,))))
    await store.close()


async def test_the_program_refuses_to_start_with_another_key(tmp_path: Path) -> None:
    """SAFETY 91"""
    first, second = "first-key-0123456789", "second-key-0123456789"
    code, printed = await command(tmp_path, "rotate-keys", settings={"VIGIE_SECRET_KEYS": first})
    assert (code, printed) == (
        0,
        "0 secrets were sealed again: older keys than the first are not needed any more.\n",
    )
    code, printed = await command(tmp_path, "up", settings={"VIGIE_SECRET_KEYS": second, "PORT": "0"})
    assert code == 2
    assert printed.startswith("vigie: setting")
    code, printed = await command(tmp_path, "rotate-keys", settings={"VIGIE_SECRET_KEYS": second})
    assert code == 2
    assert "these keys do not open the secrets kept in this database" in printed
    assert first not in printed
    both = {"VIGIE_SECRET_KEYS": f"{second},{first}"}
    assert (await command(tmp_path, "rotate-keys", settings=both))[0] == 0
    assert (await command(tmp_path, "rotate-keys", settings={"VIGIE_SECRET_KEYS": second}))[0] == 0


def test_keys_too_short_to_be_keys_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VIGIE_SECRET_KEYS", "short")
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert vigie.main(["doctor"]) == 1
