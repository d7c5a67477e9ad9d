"""The drill: an installation is saved while it runs and writes, and comes back whole, or not at all."""

import asyncio
import errno
import gzip
import io
import json
import tarfile
import tempfile
import zlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters import archive
from adapters.agefile import Damaged, WrongPassphrase
from adapters.seals import AesSeals
from bot import ledger, sealing
from bot.errors import Misconfigured, Refused, Unreachable
from bot.freezes import ALL
from memory import copies, files
from memory.postgres import PostgresStore
from memory.sqlite import SqliteStore
from tests.contracts.stores import NOON
from tests.contracts.test_store_same import everything, take
from tests.memory.test_moving import STEPS
from tests.peers import databases
from vigie import main
from vigie.backups import backup, restore
from vigie.moving import move
from vigie.plugging import Plugged, plug
from vigie.records import entries_of, verify_ledger
from vigie.serving import running
from vigie.settings import Settings, secret_keys
from vigie.stops import bare

WORDS = "quatre mots sans rapport"


def settings(home: Path, **more: str) -> Settings:
    return Settings.model_validate({"VIGIE_HOME": home, **more})


def sealed(home: Path) -> Settings:
    return settings(home, VIGIE_BACKUP_PASSPHRASE=WORDS)


@asynccontextmanager
async def installation(home: Path) -> AsyncGenerator[Plugged]:
    """One that runs, with a secret under its keys and some rows in its ledger."""
    plugged = plug(settings(home), demo=False)
    async with running(plugged):
        await plugged.house.store.write(
            lambda tx: tx.ledger.append("test", {"n": 0}, plugged.house.clock.now())
        )
        yield plugged


async def saved(home: Path, file: Path, *, sealing: bool = True) -> Path:
    async with installation(home):
        await backup(sealed(home) if sealing else settings(home), file, encrypt=False)
    return file


async def rows(home: Path) -> list[ledger.Entry]:
    store = SqliteStore.open(home / "vigie.db")
    try:
        return await entries_of(store)
    finally:
        await store.close()


def contents(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# The drill -------------------------------------------------------------------------------------------------


async def test_what_was_kept_before_the_copy_comes_back_and_the_program_never_waited(tmp_path: Path) -> None:
    home, new, file = tmp_path / "home", tmp_path / "new", tmp_path / "today.vigie"
    async with installation(home) as plugged:
        store, clock = plugged.house.store, plugged.house.clock
        written, over = 0, asyncio.Event()

        async def write() -> None:
            nonlocal written
            while not over.is_set():
                await store.write(lambda tx, n=written: tx.ledger.append("test", {"n": n}, clock.now()))
                written += 1

        writing = asyncio.create_task(write())
        await store.write(lambda tx: tx.marks.put("before", {"the": "copy"}))
        began = len(await entries_of(plugged.store))
        await asyncio.to_thread(lambda: asyncio.run(backup(sealed(home), file, encrypt=False)))
        during = written
        over.set()
        await writing
        assert during > 0, "the program wrote while it was copied"
    assert file.stat().st_mode & 0o777 == 0o600
    await restore(sealed(home), file, into=new)
    assert await verify_ledger(settings(new), anchor="") == 0
    back = await rows(new)
    assert began <= len(back) <= len(await rows(home))
    assert back == (await rows(home))[: len(back)]
    async with plugged_over(new) as again:
        assert await again.house.store.read(lambda tx: tx.marks.get("before")) == {"the": "copy"}


@asynccontextmanager
async def plugged_over(home: Path) -> AsyncGenerator[Plugged]:
    """The program over a restored folder; it starts with the keys that were in the backup."""
    plugged = plug(settings(home), demo=False)
    async with running(plugged):
        yield plugged


async def test_what_was_restored_acts_only_after_somebody_looked(tmp_path: Path) -> None:
    file = await saved(tmp_path / "home", tmp_path / "a.vigie")
    await restore(sealed(tmp_path), file, into=tmp_path / "new")
    async with plugged_over(tmp_path / "new") as again:
        assert "look before anything acts" in (again.house.brake.pulled() or "")


async def test_an_open_backup_holds_no_keys_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    file = await saved(home, tmp_path / "a.vigie", sealing=False)
    assert "The keys are not in it" in capsys.readouterr().out
    keys = (home / "secret_keys").read_bytes().strip()
    await restore(settings(home), file, into=tmp_path / "new")
    assert "The keys were not in it" in capsys.readouterr().out
    held = contents(tmp_path / "new")
    assert "secret_keys" not in held
    assert all(keys not in each for each in held.values())
    (tmp_path / "new/secret_keys").write_bytes(keys)
    async with plugged_over(tmp_path / "new"):
        pass


# Nothing is touched ----------------------------------------------------------------------------------------


async def test_a_living_installation_is_never_written_over(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = await saved(home, tmp_path / "a.vigie", sealing=False)
    before = contents(home)
    for into in (None, home):
        with pytest.raises(Misconfigured, match="is not an empty folder"):
            await restore(settings(home), file, into=into)
    assert contents(home) == before


async def test_a_backup_replaces_no_file(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "a.vigie"
    await saved(home, file, sealing=False)
    before = file.read_bytes()
    with pytest.raises(Misconfigured, match="there already"):
        await backup(settings(home), file, encrypt=False)
    assert file.read_bytes() == before


async def test_a_wrong_passphrase_leaves_nothing_behind(tmp_path: Path) -> None:
    file = await saved(tmp_path / "home", tmp_path / "a.vigie")
    with pytest.raises(WrongPassphrase):
        await restore(settings(tmp_path, VIGIE_BACKUP_PASSPHRASE="quatre mots"), file, into=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("sealing", [True, False])
async def test_a_file_that_is_not_whole_leaves_nothing_behind(tmp_path: Path, *, sealing: bool) -> None:
    file = await saved(tmp_path / "home", tmp_path / "a.vigie", sealing=sealing)
    (tmp_path / "empty").mkdir()
    for broken in broken_files(file.read_bytes(), by=1 if sealing else 50):
        (tmp_path / "b.vigie").write_bytes(broken)
        for name in ("new", "empty"):
            with pytest.raises(Refused):
                await restore(sealed(tmp_path), tmp_path / "b.vigie", into=tmp_path / name)
        assert not (tmp_path / "new").exists()
        assert not contents(tmp_path / "empty")


def broken_files(whole: bytes, *, by: int) -> list[bytes]:
    """Cut short, one bit changed, something else altogether, and nothing."""
    middle = len(whole) // 2
    changed = next(each for at in range(middle, len(whole)) if not same(each := flipped(whole, at), whole))
    return [whole[:-by], whole[:middle], changed, flipped(whole, -6), b"PK\3\4 a zip file", b""]


def flipped(whole: bytes, at: int) -> bytes:
    changed = bytearray(whole)
    changed[at] ^= 4
    return bytes(changed)


def same(changed: bytes, whole: bytes) -> bool:
    """Whether both unpack to the same: a copy of zeros taken from a little further off in the zeros is as good."""
    try:
        return gzip.decompress(changed) == gzip.decompress(whole)
    except (gzip.BadGzipFile, zlib.error, EOFError):
        return False


def archived(file: Path, members: Mapping[str, bytes], listed: Mapping[str, bytes]) -> Path:
    """An archive made by somebody else."""
    names = {name: {"size": len(data), "sha256": sha256(data).hexdigest()} for name, data in listed.items()}
    head = json.dumps({"form": 1, "about": {}, "members": names}).encode()
    with tarfile.open(file, "w:gz") as tar:
        for name, data in {"manifest.json": head, **members}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return file


@pytest.mark.parametrize(
    ("members", "listed"),
    [
        ({"../out": b"x"}, {"../out": b"x"}),
        ({"/out": b"x"}, {"/out": b"x"}),
        ({"vigie.db": b"x", "more": b"x"}, {"vigie.db": b"x"}),
        ({"vigie.db": b"y"}, {"vigie.db": b"x"}),
        ({}, {"vigie.db": b"x"}),
        ({"vigie.db": b"no database"}, {"vigie.db": b"no database"}),
        ({}, {}),
    ],
)
async def test_an_archive_that_lies_is_refused(
    tmp_path: Path, members: Mapping[str, bytes], listed: Mapping[str, bytes]
) -> None:
    file = archived(tmp_path / "a.vigie", members, listed)
    with pytest.raises(Refused):
        await restore(settings(tmp_path / "home"), file, into=tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert set(contents(tmp_path)) == {"a.vigie"}


async def test_a_copy_whose_ledger_does_not_hold_is_no_backup(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "a.vigie"
    async with installation(home):
        pass
    with files.engine(home / "vigie.db").begin() as connection:
        connection.execute(text("UPDATE ledger SET body = '{\"n\": 1}' WHERE kind = 'test'"))
    with pytest.raises(Refused, match="does not hold"):
        await backup(settings(home), file, encrypt=False)
    assert not [name for name in contents(tmp_path) if ".vigie" in name]
    assert set(contents(home)) >= {"vigie.db", "secret_keys"}


async def test_a_backup_of_a_newer_version_is_left_to_that_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with installation(home):
        pass
    with files.engine(home / "vigie.db").begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="run the newer Vigie"):
        await backup(settings(home), tmp_path / "a.vigie", encrypt=False)
    assert not (tmp_path / "a.vigie").exists()


async def test_a_short_passphrase_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with installation(home):
        with pytest.raises(Misconfigured, match="at least 8"):
            await backup(settings(home, VIGIE_BACKUP_PASSPHRASE="short"), tmp_path / "a.vigie", encrypt=True)
    assert not (tmp_path / "a.vigie").exists()


def test_where_nothing_can_be_put_a_backup_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read_only(**_: object) -> str:
        raise OSError(errno.EROFS, "Read-only file system", str(tmp_path))

    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    assert main(["migrate"]) == 0
    monkeypatch.setattr(tempfile, "mkdtemp", read_only)
    assert main(["backup", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err == f"vigie: {tmp_path}: Read-only file system\n"
    assert not (tmp_path / "file").exists()


def test_what_cannot_be_looked_at_is_not_called_damaged(tmp_path: Path) -> None:
    """Whoever is told so restores an old backup over what is whole."""
    with pytest.raises(Unreachable):
        copies.whole(tmp_path)
    (tmp_path / "junk.db").write_bytes(b"this is no database" * 400)
    assert not copies.whole(tmp_path / "junk.db")


def test_whether_a_file_is_sealed_is_told_from_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"hello")
    with pytest.raises(Damaged, match="no backup"):
        archive.is_sealed(tmp_path / "a")
    with pytest.raises(Misconfigured, match="No such file"):
        archive.is_sealed(tmp_path / "b")


# PostgreSQL ------------------------------------------------------------------------------------------------


async def server_installation(url: str, home: Path) -> tuple[Settings, PostgresStore]:
    """One whose database is on a server, with a ledger, a waiting card and keys of its own."""
    config = settings(home, DATABASE_URL=url, VIGIE_BACKUP_PASSPHRASE=WORDS)
    store = PostgresStore.open(url)
    await sealing.ready(house=replace(bare(config, store), seals=AesSeals(secret_keys(config))))
    for step in STEPS:
        await store.write(lambda tx, step=step: take(tx, step))
    return config, store


@pytest.mark.peer("postgresql")
async def test_a_database_on_a_server_is_saved_as_of_one_moment_while_it_is_written(tmp_path: Path) -> None:
    config, store = await server_installation(databases.fresh(), tmp_path / "home")
    over, written = asyncio.Event(), 0

    async def write() -> None:
        nonlocal written
        while not over.is_set():
            await store.write(lambda tx, n=written: tx.marks.put(f"late{n}", n))
            await store.write(lambda tx, n=written: tx.ledger.append("test", {"n": n}, NOON))
            written += 1

    writing = asyncio.create_task(write())
    # In a thread, for the copy is made in one go and would keep the writer waiting.
    file = tmp_path / "today.vigie"
    await asyncio.to_thread(lambda: asyncio.run(backup(config, file, encrypt=False)))
    over.set()
    await writing
    await store.close()

    await restore(sealed(tmp_path / "new"), tmp_path / "today.vigie", into=None)
    copy = SqliteStore.open(tmp_path / "new" / "vigie.db")
    entries = await entries_of(copy)
    assert ledger.verify(entries).holds
    late = await copy.read(lambda tx: [n for n in range(written) if tx.marks.get(f"late{n}") is not None])
    # Of every pair either both are there or none, or the moment fell between the two.
    assert late == list(range(len(late)))
    assert len([each for each in entries if each.kind == "test"]) in (len(late), len(late) - 1)
    await copy.close()


@pytest.mark.peer("postgresql")
async def test_what_was_restored_stays_frozen_on_the_server_it_is_moved_to(tmp_path: Path) -> None:
    config, store = await server_installation(databases.fresh(), tmp_path / "home")
    before = await store.read(everything)
    await backup(config, tmp_path / "today.vigie", encrypt=False)
    await store.close()
    await restore(sealed(tmp_path / "new"), tmp_path / "today.vigie", into=None)
    copy = SqliteStore.open(tmp_path / "new" / "vigie.db")
    assert await copy.read(everything) == before
    await copy.close()
    url = databases.bare()
    await move(sealed(tmp_path / "new"), f"sqlite:///{tmp_path / 'new' / 'vigie.db'}", url)

    there = PostgresStore.open(url)
    (freeze,) = await there.read(lambda tx: tx.freezes.all())
    assert freeze.scope == ALL
    assert freeze.reason.startswith("restored from a backup of ")
    assert ledger.verify(await entries_of(there)).holds
    await there.close()
