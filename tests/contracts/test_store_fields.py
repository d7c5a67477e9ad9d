"""Rules about fields, and pins, come back from every store as they were put."""

from datetime import UTC, datetime

from bot import fieldrules, pinning
from bot.actions import Mode
from bot.fieldmodes import FieldRule
from bot.pins import Definition, Pin
from bot.store import Store

NOW = datetime(2026, 11, 28, 20, 0, 1, 5, tzinfo=UTC)
FIXED = FieldRule(fixed={"minor": 4_990, "currency": "EUR"}, by="per_olivia", at=NOW)
PICKED = FieldRule(mode=Mode.SELECTOR, default="é“", by="per_olivia", at=NOW)


async def test_rules_come_back_and_plain_ones_are_gone(store: Store) -> None:
    await store.write(lambda tx: fieldrules.put(tx, "demo.refund", "amount", FIXED))
    await store.write(lambda tx: fieldrules.put(tx, "demo.refund", "order", PICKED))
    await store.write(lambda tx: fieldrules.put(tx, "demo.note", "text", PICKED))
    found = await store.read(fieldrules.every)
    assert found == {"demo.refund": {"amount": FIXED, "order": PICKED}, "demo.note": {"text": PICKED}}
    await store.write(lambda tx: fieldrules.put(tx, "demo.note", "text", FieldRule(by="per_olivia", at=NOW)))
    assert list(await store.read(fieldrules.every)) == ["demo.refund"]
    assert await store.read(lambda tx: fieldrules.of(tx, "demo.note")) == {}


async def test_rules_are_of_one_space(store: Store) -> None:
    await store.write(lambda tx: fieldrules.put(tx, "demo.refund", "amount", FIXED), space="elsewhere")
    assert await store.read(fieldrules.every) == {}


async def test_a_pin_comes_back_whole(store: Store) -> None:
    one = Definition(name="send", schema={"type": "object"}, annotations={"readOnlyHint": True})
    pin = Pin(kept=one, since=NOW, seen=Definition(name="send", description="ü"), told=True)
    await store.write(lambda tx: pinning.put(tx, "abc", "send", pin))
    assert await store.read(lambda tx: pinning.find(tx, "abc", "send")) == pin
    assert await store.read(lambda tx: pinning.find(tx, "other", "send")) is None
