"""Secrets of the settings that change are audited, and are themselves nowhere."""

import json
from datetime import UTC, datetime, timedelta

from bot import rotations
from bot.store import Store, Tx
from memory.twin.store import MemoryStore

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
KEY = b"a key of the installation"
OLD, NEW = "old-signing-secret", "new-signing-secret"


async def test_a_secret_that_changed_between_two_starts_is_in_the_ledger_and_only_its_name() -> None:
    """SAFETY 11"""
    store: Store = MemoryStore()

    async def start(*secrets: str) -> tuple[str, ...]:
        def note(tx: Tx) -> tuple[str, ...]:
            return rotations.note(
                tx, {"SLACK_SIGNING_SECRET": secrets}, key=KEY, now=NOON + timedelta(hours=1)
            )

        return await store.write(note)

    assert await start(OLD) == ()
    assert await start(OLD) == ()
    assert await start(NEW, OLD) == ("SLACK_SIGNING_SECRET",)
    assert await start(OLD, NEW) == ()
    assert await start(NEW) == ("SLACK_SIGNING_SECRET",)
    rows = await store.read(lambda tx: tx.ledger.read())
    assert [row.kind for row in rows] == ["secret_rotated", "secret_rotated"]
    told = [{name: row.body[name] for name in ("added", "removed", "valid")} for row in rows]
    assert told == [{"added": 1, "removed": 0, "valid": 2}, {"added": 0, "removed": 1, "valid": 1}]
    kept = json.dumps([dict(row.body) for row in rows])
    kept += json.dumps(await store.read(lambda tx: tx.marks.get("secrets:SLACK_SIGNING_SECRET")))
    assert OLD not in kept
    assert NEW not in kept
