"""`vigie backup` and `vigie restore`: an installation as one file, beside the running program, and back into an empty folder.

A copy counts once it was restored: into a scratch folder, with its ledger walked and its secrets opened.
"""

import getpass
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from adapters import archive
from adapters.agefile import Damaged
from adapters.clock.wall import WallClock
from adapters.seals import AesSeals
from bot import anchors, sealing
from bot.errors import Misconfigured, Refused
from bot.people import HOME
from bot.values import Json
from memory import copies, files, moving
from memory.anchorbook import AnchorFile
from memory.brake import StopFile
from memory.sqlite import SqliteStore
from vigie.records import entries_of
from vigie.settings import STOP, VERSION, Settings, folder, kept_keys, read_keys
from vigie.stops import bare
from vigie.storing import distributed, with_driver

DATABASE, ANCHORS, POLICY, KEYS = "vigie.db", "ledger-anchors.jsonl", "policy.toml", "secret_keys"
SHORTEST = 8
"""Characters of a passphrase."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a restored folder holds: how long its ledger is, and how many anchors fit."""

    rows: int
    head: str
    anchors: int


async def backup(config: Settings, file: Path, *, encrypt: bool) -> int:
    """Writes the file, restores it into a scratch folder, and only then gives it its name. Raises VigieError, and
    then there is no such file."""
    passphrase = _passphrase(config, twice=True) if encrypt or config.backup_passphrase else ""
    part = _new(file)
    made = WallClock().now()
    with _scratch(folder(config.home)) as scratch, _gone_unless_whole(part):
        members = _collect(config, scratch, sealed=bool(passphrase))
        about = {"vigie": VERSION, "made": made.isoformat(timespec="seconds")}
        _write(part, members, about, passphrase)
        trial = folder(scratch / "restored")
        archive.unpack(part, trial, passphrase=passphrase)
        found = await _checked(config, trial)
        size = part.stat().st_size
        # A link, not a renaming: that would take the place of a file that came meanwhile.
        os.link(part, file)
    print(f"{file}: {size:,} bytes, tried by restoring it into a scratch folder.")
    print(f"Its ledger holds: {found.rows} rows, head {found.head}; {found.anchors} anchors fit.")
    print(_about_keys(config, sealed=bool(passphrase), keys=KEYS in members))
    return 0


def _new(file: Path) -> Path:
    """Where it is made. Raises Misconfigured when something is in the way."""
    if file.exists():
        raise Misconfigured("{file} is there already; a backup replaces nothing", file=file)
    if not file.parent.is_dir():
        raise Misconfigured("there is no folder {folder} to put the backup into", folder=file.parent)
    part = file.with_name(f"{file.name}.part")
    if part.exists():
        raise Misconfigured(
            "{part} is there: another backup is under way, or was cut off; remove it", part=part
        )
    return part


def _write(part: Path, members: Mapping[str, Path], about: Mapping[str, Json], passphrase: str) -> None:
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        archive.write(out, members, about, passphrase=passphrase)
        out.flush()
        os.fsync(out.fileno())


def _about_keys(config: Settings, *, sealed: bool, keys: bool) -> str:
    if keys:
        return "It is sealed, and holds the keys of this installation: the passphrase is all that is needed."
    if sealed:
        return "It is sealed. This installation has made no keys yet."
    where = "VIGIE_SECRET_KEYS" if config.secret_keys else str(config.home.resolve() / KEYS)
    return (
        "It is not sealed: whoever has the file reads all that was said and remembered. The keys are not in it:"
        f" keep {where} apart, or make a sealed one with --encrypt."
    )


def _collect(config: Settings, scratch: Path, *, sealed: bool) -> dict[str, Path]:
    """The members, copied to where nobody changes them any more."""
    home, found = config.home, dict[str, Path]()

    def keep(name: str, path: Path) -> None:
        if path.is_file():
            shutil.copyfile(path, scratch / name)
            found[name] = scratch / name

    # Anchors before the database: none of them may name a row that came after the copy.
    keep(ANCHORS, home / ANCHORS)
    _copy(config, scratch / DATABASE)
    found[DATABASE] = scratch / DATABASE
    if (home / "demo-shop.db").is_file():
        copies.snapshot(home / "demo-shop.db", scratch / "demo-shop.db")
        found["demo-shop.db"] = scratch / "demo-shop.db"
    keep(POLICY, Path(config.policy) if config.policy else home / POLICY)
    keep("mcp-tools.toml", Path(config.mcp_tools) if config.mcp_tools else home / "mcp-tools.toml")
    keep(STOP, home / STOP)
    if sealed and (keys := kept_keys(config)):
        (scratch / KEYS).write_text(keys + "\n", encoding="utf-8")
        found[KEYS] = scratch / KEYS
    return found


def _copy(config: Settings, into: Path) -> None:
    """The database as of one moment, as a SQLite file whichever it is: a backup needs no server to be opened, and what
    was restored is moved into a server as any other installation is."""
    if not distributed(config.database):
        copies.snapshot(config.database, into)
        return
    with_driver()
    from memory import server

    made = into.with_name(f"{into.name}.made")
    moving.move(server.engine(config.database), files.engine(made))
    # As one file, without the log beside it.
    copies.snapshot(made, into)
    made.unlink()


async def restore(config: Settings, file: Path, *, into: Path | None) -> int:
    """Puts the installation of the file into an empty folder, VIGIE_HOME when no other is named. Raises VigieError, and
    then nothing was touched. What was restored is frozen: deeds done after the copy are not known to it."""
    target = _empty(into or config.home)
    passphrase = _passphrase(config, twice=False) if archive.is_sealed(file) else ""
    with _prepared(target) as staging:
        try:
            contents = archive.unpack(file, staging, passphrase=passphrase)
        except Damaged as error:
            raise Damaged("{file}: {why}; nothing was restored", file=file, why=error) from error
        if DATABASE not in contents.members:
            raise Refused("the backup holds no database")
        found = await _checked(config, staging)
        made = str(contents.about.get("made", "?"))
        StopFile(staging / STOP).pull(f"restored from a backup of {made}: look before anything acts")
        _move(staging, target)
    print(f"Restored into {target}, as of {made}: {found.rows} rows of the ledger, head {found.head};")
    print(f"{found.anchors} anchors fit. It is frozen, for deeds done after the copy are not known to it:")
    print("start it, look at `pending` and at the systems themselves, then `vigie resume`.")
    if KEYS not in contents.members:
        print(
            f"The keys were not in it: put them into {target / KEYS} or VIGIE_SECRET_KEYS before the start."
        )
    if distributed(config.database):
        print(
            "DATABASE_URL names a server. To go on there, in a database that is empty, without its password here:"
        )
        print(f"vigie move sqlite:///{target / DATABASE} postgresql://…   It stays frozen there.")
    elif config.database_url:
        print(f"DATABASE_URL is set: sqlite:///{target / DATABASE} is what was restored.")
    return 0


def _empty(target: Path) -> Path:
    target = target.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Misconfigured(
            "{target} is not an empty folder, and a restore replaces nothing: name another with --into",
            target=target,
        )
    return target


def _move(staging: Path, target: Path) -> None:
    """The database goes last: without it a folder is no installation yet, should this be cut off."""
    for path in sorted(staging.iterdir(), key=lambda path: path.name == DATABASE):
        path.rename(target / path.name)


async def _checked(config: Settings, home: Path) -> Found:
    """Walks the ledger of a restored folder, and opens its secrets where its keys are beside them. Raises Refused."""
    if not copies.whole(home / DATABASE):
        raise Refused("the database in the backup is damaged")
    store = SqliteStore.open(home / DATABASE)
    try:
        kept = [each for each in AnchorFile(home / ANCHORS).read() if each.space == HOME]
        verdict = anchors.verify(await entries_of(store), kept)
        if not verdict.holds:
            raise Refused(
                "the ledger in the backup does not hold: row {row}: {why}", row=verdict.bad, why=verdict.why
            )
        if (home / KEYS).is_file():
            seals = AesSeals(read_keys((home / KEYS).read_text(encoding="utf-8")))
            await sealing.ready(house=replace(bare(config, store), seals=seals))
    finally:
        await store.close()
    return Found(rows=verdict.rows, head=verdict.head, anchors=len(kept))


def _passphrase(config: Settings, *, twice: bool) -> str:
    """From the setting, asked for without an echo at a terminal, or the first line of standard input."""
    if config.backup_passphrase:
        words = config.backup_passphrase
    elif sys.stdin.isatty():
        words = getpass.getpass("Passphrase of the backup: ")
        if twice and getpass.getpass("Once more: ") != words:
            raise Misconfigured("the two are not the same")
    else:
        words = sys.stdin.readline().rstrip("\n")
    if len(words) < SHORTEST:
        raise Misconfigured("a passphrase has at least {n} characters", n=SHORTEST)
    return words


@contextmanager
def _scratch(beside: Path) -> Generator[Path]:
    """A folder for us alone, gone afterwards; in the data folder, for what is put there is as secret as that."""
    try:
        made = Path(tempfile.mkdtemp(prefix=".backup-", dir=beside))
    except OSError as error:
        raise _of_disk(error) from error
    try:
        yield made
    except OSError as error:
        raise _of_disk(error) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _prepared(target: Path) -> Generator[Path]:
    """A folder inside the target in which everything is made ready. When it does not come so far, all is as before."""
    fresh = not target.exists()
    try:
        with _scratch(folder(target)) as staging:
            yield staging
    except BaseException:
        if fresh:
            with suppress(OSError):
                target.rmdir()
        raise


@contextmanager
def _gone_unless_whole(part: Path) -> Generator[None]:
    """The half-made file never stays, and never was somebody else's."""
    if part.exists():
        raise Misconfigured(
            "{part} is there: another backup is under way, or was cut off; remove it", part=part
        )
    try:
        yield
    finally:
        part.unlink(missing_ok=True)


def _of_disk(error: OSError) -> Misconfigured:
    return Misconfigured("{path}: {why}", path=error.filename or "the disk", why=error.strerror)
