"""The Store in memory: the same promises as on disk, except that it forgets when the process ends."""

from memory.twin.store import MemoryStore

__all__ = ["MemoryStore"]
