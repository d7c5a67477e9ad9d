"""A backup as one file: a compressed tar of named members behind a list of them, sealed with a passphrase or not.

The list stands first, with the size and SHA-256 of each member: whatever does not come out as it went in is refused, and so is any
member that the list does not have. Sealed, nobody without the passphrase can have changed it either. Knows files by
the names it was given; knows nothing of what they mean.
"""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from adapters import agefile
from adapters.agefile import Damaged, Opening, Sealing
from bot.errors import Misconfigured, Refused
from bot.values import Json, is_mapping

LIST = "manifest.json"
_FORM = 1
_GZIP = b"\x1f\x8b"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST_LIST = 1_000_000
_CHUNK = 1 << 20
_BUFFER = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in an archive: `about` are facts for people and for whoever restores it, members by name with size and
    SHA-256."""

    about: Mapping[str, Json]
    members: Mapping[str, tuple[int, str]]
    sealed: bool


def write(
    target: BinaryIO, members: Mapping[str, Path], about: Mapping[str, Json], *, passphrase: str
) -> None:
    """Writes the archive; "" for a passphrase leaves it open to whoever can read the file."""
    listed = {name: {"size": path.stat().st_size, "sha256": _digest(path)} for name, path in members.items()}
    head = json.dumps({"form": _FORM, "about": about, "members": listed}, indent=1).encode()
    with ExitStack() as stack:
        out: BinaryIO = target
        if passphrase:
            out = cast("BinaryIO", stack.enter_context(Sealing(target, passphrase)))
        tar = stack.enter_context(tarfile.open(fileobj=out, mode="w|gz", format=tarfile.PAX_FORMAT))
        tar.addfile(_entry(LIST, len(head)), io.BytesIO(head))
        for name, path in members.items():
            with path.open("rb") as file:
                tar.addfile(_entry(name, path.stat().st_size), file)


def is_sealed(file: Path) -> bool:
    """Whether a passphrase is needed. Raises Misconfigured for what is no archive."""
    try:
        with file.open("rb") as found:
            begins = found.read(len(agefile.MAGIC))
    except OSError as error:
        raise Misconfigured("{file}: {why}", file=file, why=error.strerror) from error
    if begins == agefile.MAGIC:
        return True
    if begins.startswith(_GZIP):
        return False
    raise Damaged("{file} is no backup of Vigie", file=file.name)


def unpack(file: Path, into: Path, *, passphrase: str) -> Contents:
    """Puts every member into the folder, mode 0600. Raises Refused, and then what is in the folder is not to be
    used."""
    sealed = is_sealed(file)
    with file.open("rb") as source, _damage(), ExitStack() as stack:
        plain: BinaryIO = source
        if sealed:
            plain = cast("BinaryIO", io.BufferedReader(Opening(source, passphrase), _BUFFER))
        # Not by tarfile, which never looks at the checksum behind the last byte.
        packed = stack.enter_context(gzip.GzipFile(fileobj=plain, mode="rb"))
        tar = stack.enter_context(tarfile.open(fileobj=packed, mode="r|"))
        contents, seen = _list(tar, sealed=sealed), set[str]()
        while (member := tar.next()) is not None:
            if member.name not in contents.members or member.name in seen or not member.isreg():
                raise Damaged("the backup holds something that is not on its list")
            seen.add(member.name)
            _take(tar, member, into / member.name, *contents.members[member.name])
        if missing := set(contents.members) - seen:
            raise Damaged("the backup lacks {name}", name=min(missing))
        for each in (packed, plain):
            while each.read(_CHUNK):
                # To the very end: a piece behind what tar needs may be the changed one.
                pass
    return contents


def _list(tar: tarfile.TarFile, *, sealed: bool) -> Contents:
    first = tar.next()
    file = tar.extractfile(first) if first is not None and first.name == LIST and first.isreg() else None
    if file is None or first is None or first.size > _LONGEST_LIST:
        raise Damaged("the file is no backup of Vigie")
    try:
        found: Json = json.loads(file.read())
        if found["form"] != _FORM:
            raise Refused("the backup was written by a newer Vigie: restore it with that one")
        members = {
            str(name): (int(each["size"]), str(each["sha256"])) for name, each in found["members"].items()
        }
        about = found["about"]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Damaged("the list of the backup cannot be read") from None
    if not is_mapping(about) or not all(_NAME.fullmatch(name) for name in members):
        raise Damaged("the list of the backup cannot be read")
    return Contents(about=about, members=members, sealed=sealed)


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, size: int, digest: str) -> None:
    file = tar.extractfile(member)
    if file is None or member.size != size:
        raise Damaged("{name} is not as it was", name=member.name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        sha = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            sha.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if sha.hexdigest() != digest:
        raise Damaged("{name} is not as it was", name=member.name)


@contextmanager
def _damage() -> Generator[None]:
    """What tar and zlib say of a broken file, in our words."""
    try:
        yield
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise Damaged("the file is cut short, or was changed") from error


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return _digest_of(file)


def _digest_of(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]
