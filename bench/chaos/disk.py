"""A disk that can be full: a small one in memory, which only root may mount."""

import subprocess
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

SIZE = 256
"""Megabytes."""
SHOP = "demo-shop.db"
"""The file of the demo shop, which is somebody else's system and not on our disk: a shop that cannot be written to is told of, and
rightly nothing comes of what was asked of it."""
Full = Callable[[], AbstractContextManager[None]]


class NoDisk(Exception):
    """This machine lets nobody mount one here."""


@contextmanager
def small(folder: Path) -> Generator[Full]:
    """The folder on a disk of its own, for as long as the block runs: what fills it.

    Raises:
        NoDisk: it cannot be mounted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={SIZE}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        raise NoDisk(mounted.stderr.strip())
    try:
        (folder / SHOP).symlink_to(folder.parent.absolute() / SHOP)
        yield lambda: _filled(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


@contextmanager
def _filled(folder: Path) -> Generator[None]:
    """Not a byte is left."""
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            for piece in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(b"\0" * piece)
                except OSError:
                    continue
        yield
    finally:
        filler.unlink(missing_ok=True)
