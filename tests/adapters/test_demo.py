"""The demo shop: what it starts with, what it refuses, and how it misbehaves when it is told to."""

import asyncio
import multiprocessing
import signal
import sqlite3
import stat
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adapters.speech.languages import tongues
from adapters.systems.demo import DemoShop, Fault
from adapters.systems.demo.nouns import Status
from bot.actions import Call, Preview, Receipt
from bot.errors import BadInput, Failed, OutcomeUnknown, Refused, SchemaTooNew, Unreachable
from bot.places import Place
from bot.values import Json, Money
from bot.world import Context

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOW.date()
REFUND = {"order": "1007", "amount": "89.90 EUR"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "shop.db"


@pytest.fixture
def shop(path: Path) -> DemoShop:
    return DemoShop(path, today=TODAY)


def context(key: str = "eff_1", *, lang: str = "en", now: datetime = NOW, zone: str = "UTC") -> Context:
    return Context(
        key=key,
        space="home",
        place=Place(platform="web", channel="c1"),
        person=None,
        zone=zone,
        now=now,
        tongue=tongues()(lang),
    )


def call(shop: DemoShop, name: str, arguments: Mapping[str, Json]) -> Call:
    action = next(action for action in shop.actions() if action.name == name)
    return Call(
        action=name,
        fingerprint=action.fingerprint,
        account=shop.account(),
        arguments=action.read(arguments),
    )


async def run(shop: DemoShop, name: str, arguments: Mapping[str, Json], at: Context | None = None) -> Receipt:
    return await shop.run(call(shop, name, arguments), at or context())


async def look(shop: DemoShop, name: str, arguments: Mapping[str, Json]) -> Preview:
    return await shop.preview(call(shop, name, arguments), context())


class TestItsFile:
    def test_only_its_owner_may_read_it(self, shop: DemoShop, path: Path) -> None:
        # Side files exist only while somebody has it open.
        with sqlite3.connect(path) as open_elsewhere:
            open_elsewhere.execute("select count(*) from orders").fetchone()
            assert shop.refunds() == ()
            files = list(path.parent.iterdir())
            assert {file.name for file in files} >= {"shop.db", "shop.db-wal"}
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        open_elsewhere.close()
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    async def test_what_was_done_outlives_the_process(self, shop: DemoShop, path: Path) -> None:
        await run(shop, "demo.refund", REFUND)
        again = DemoShop(path, today=TODAY + timedelta(days=3))
        assert [refund.order for refund in again.refunds()] == ["1007"]
        assert again.order("1007").promised == shop.order("1007").promised

    async def test_a_reset_is_the_first_day_again(self, shop: DemoShop) -> None:
        fresh = shop.orders()
        await run(shop, "demo.refund", REFUND)
        await run(shop, "demo.note_order", {"order": "1007", "note": "hm"}, context("eff_2"))
        shop.fault = Fault.FAIL
        shop.reset(today=TODAY)
        assert shop.orders() == fresh
        assert (shop.refunds(), shop.notes(), shop.fault) == ((), {}, None)

    def test_the_first_day_is_always_the_same(self, shop: DemoShop, tmp_path: Path) -> None:
        other = DemoShop(tmp_path / "other.db", today=TODAY)
        assert other.orders() == shop.orders()
        assert other.customers() == shop.customers()

    def test_a_file_of_a_newer_version_is_refused(self, shop: DemoShop, path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute("pragma user_version = 99")
        connection.close()
        with pytest.raises(SchemaTooNew, match="newer"):
            DemoShop(path, today=TODAY)
        assert shop.name

    async def test_a_file_that_is_no_shop_says_so(self, shop: DemoShop, path: Path) -> None:
        _overwrite(path, b"not a database" * 100)
        health = await shop.check()
        assert not health.well
        with pytest.raises(Failed):
            await run(shop, "demo.get_order", {"order": "1007"})

    async def test_while_the_file_is_held_nothing_is_done(self, path: Path) -> None:
        shop = DemoShop(path, today=TODAY, patience=0.05)
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("begin immediate")
        with pytest.raises(Unreachable):
            await run(shop, "demo.refund", REFUND)
        holder.execute("rollback")
        holder.close()
        assert shop.refunds() == ()

    def test_several_processes_may_make_it_at_once(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        holder.execute("begin immediate")  # what another one's first steps do
        letting_go = threading.Timer(0.3, holder.execute, ["rollback"])
        letting_go.start()
        shop = DemoShop(path, today=TODAY)
        letting_go.join()
        holder.close()
        assert len(shop.orders()) > 0


class TestReads:
    async def test_late_orders_come_latest_first_with_what_a_refund_needs(self, shop: DemoShop) -> None:
        receipt = await run(shop, "demo.late_orders", {})
        assert [(row["order"], row["days_late"]) for row in receipt.data] == [
            ("1007", 7),
            ("1011", 5),
            ("1013", 4),
        ]
        assert receipt.data[0] | {"placed": "", "status": ""} == {
            "order": "1007",
            "customer": "Gigi Hamilton",
            "email": "gigi.hamilton@example.com",
            "status": "",
            "placed": "",
            "promised": "2026-11-14",
            "total": {"minor": 8990, "currency": "EUR"},
            "refundable": {"minor": 8990, "currency": "EUR"},
            "days_late": 7,
        }
        assert receipt.text.startswith("3 orders are late by more than 3 days.")

    @pytest.mark.parametrize(("days", "number"), [(0, 4), (2, 3), (3, 3), (4, 2), (6, 1), (7, 0)])
    async def test_late_is_strictly_more_than_so_many_days(
        self, shop: DemoShop, days: int, number: int
    ) -> None:
        assert len((await run(shop, "demo.late_orders", {"days": days})).data) == number

    async def test_the_day_is_that_of_the_person(self, shop: DemoShop) -> None:
        late_evening = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
        for zone, days in (("UTC", 7), ("Asia/Tokyo", 8), ("America/Los_Angeles", 7)):
            receipt = await run(shop, "demo.late_orders", {"days": 5}, context(now=late_evening, zone=zone))
            assert receipt.data[0]["days_late"] == days

    async def test_what_is_shipped_is_late_no_more(self, shop: DemoShop) -> None:
        await run(shop, "demo.ship_order", {"order": "1007", "tracking": "X"})
        receipt = await run(shop, "demo.late_orders", {})
        assert [row["order"] for row in receipt.data] == ["1011", "1013"]

    async def test_search_does_not_mind_case_and_accents(self, shop: DemoShop) -> None:
        receipt = await run(shop, "demo.find_customers", {"query": "NOEMIE font"})
        assert [row["name"] for row in receipt.data] == ["Noémie Fontaine"]

    async def test_a_long_list_says_how_many_are_left_out(self, shop: DemoShop) -> None:
        receipt = await run(shop, "demo.find_orders", {"limit": 3})
        assert len(receipt.data) == 3
        assert receipt.text.splitlines()[0] == "25 orders found."
        assert receipt.text.splitlines()[-1] == "• and 22 more"

    @pytest.mark.parametrize("limit", [0, 51, -1])
    async def test_a_limit_out_of_bounds_is_bad_input(self, shop: DemoShop, limit: int) -> None:
        with pytest.raises(BadInput) as refusal:
            await run(shop, "demo.find_orders", {"limit": limit})
        assert refusal.value.field == "limit"

    async def test_cancelled_orders_are_no_sales(self, shop: DemoShop) -> None:
        before = (await run(shop, "demo.sales", {"days": 7})).data
        await run(shop, "demo.cancel_order", {"order": "1025"})
        after = (await run(shop, "demo.sales", {"days": 7})).data
        assert after["orders"] == before["orders"] - 1
        assert after["total"]["minor"] == before["total"]["minor"] - 8700
        assert len(after["days"]) == 7

    async def test_stock_can_be_looked_at_from_below(self, shop: DemoShop) -> None:
        receipt = await run(shop, "demo.stock", {"below": 4})
        assert {row["product"] for row in receipt.data} == {"CLOCK-WALL", "KETTLE-STL"}


class TestRefunds:
    async def test_the_preview_shows_before_and_after_and_who_receives(self, shop: DemoShop) -> None:
        await run(shop, "demo.refund", {"order": "1007", "amount": "10 EUR"})
        preview = await look(shop, "demo.refund", {"order": "1007", "amount": "20 EUR"})
        assert preview.subject == "Order 1007 · Gigi Hamilton"
        assert preview.recipient == "Gigi Hamilton <gigi.hamilton@example.com>"
        assert [(each.title, each.before["minor"], each.after["minor"]) for each in preview.changes] == [
            ("Paid back", 1000, 3000),
            ("Left to refund", 7990, 5990),
        ]

    async def test_parts_add_up_to_the_total_and_no_further(self, shop: DemoShop) -> None:
        await run(shop, "demo.refund", {"order": "1007", "amount": "49.90 EUR"}, context("a"))
        with pytest.raises(BadInput, match=r"only €40.00 of order 1007 is left") as refusal:
            await run(shop, "demo.refund", {"order": "1007", "amount": "40.01 EUR"}, context("b"))
        assert refusal.value.field == "amount"
        receipt = await run(shop, "demo.refund", {"order": "1007", "amount": "40 EUR"}, context("c"))
        assert receipt.id == "R0002"
        assert [refund.amount for refund in shop.refunds()] == [Money(4990, "EUR"), Money(4000, "EUR")]
        assert [refund.key for refund in shop.refunds()] == ["a", "c"]

    async def test_many_at_once_never_pay_back_more_than_was_paid(self, shop: DemoShop) -> None:
        tries = [
            run(shop, "demo.refund", {"order": "1007", "amount": "30 EUR"}, context(f"eff_{n}"))
            for n in range(8)
        ]
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(result, Receipt) for result in results) == 2
        assert shop.order("1007").refunded == 6000

    async def test_only_in_the_currency_of_the_shop(self, shop: DemoShop) -> None:
        with pytest.raises(BadInput, match="EUR only"):
            await look(shop, "demo.refund", {"order": "1007", "amount": "5 USD"})

    async def test_a_discount_lowers_what_can_be_refunded(self, shop: DemoShop) -> None:
        await run(shop, "demo.discount", {"order": "1007", "percent": 50})
        assert shop.order("1007").refundable == Money(4495, "EUR")

    async def test_no_discount_below_what_was_paid_back(self, shop: DemoShop) -> None:
        await run(shop, "demo.refund", {"order": "1007", "amount": "60 EUR"})
        with pytest.raises(BadInput, match="paid back already"):
            await look(shop, "demo.discount", {"order": "1007", "percent": 50})

    async def test_a_key_stands_for_one_deed(self, shop: DemoShop) -> None:
        await run(shop, "demo.refund", REFUND)
        with pytest.raises(Failed, match="another deed"):
            await run(shop, "demo.refund", {**REFUND, "order": "1011"})
        with pytest.raises(BadInput, match="key"):
            await run(shop, "demo.refund", REFUND, context(""))
        assert len(shop.refunds()) == 1


class TestOtherWrites:
    async def test_an_undo_of_the_first_note_removes_it(self, shop: DemoShop) -> None:
        first = await run(shop, "demo.note_order", {"order": "#1007", "note": "one"}, context("a"))
        second = await run(shop, "demo.note_order", {"order": "1007", "note": "two"}, context("b"))
        assert shop.notes() == {"1007": "two"}
        assert first.undo
        assert second.undo
        await run(shop, second.undo.action, second.undo.arguments, context("c"))
        assert shop.notes() == {"1007": "one"}
        await run(shop, first.undo.action, first.undo.arguments, context("d"))
        assert shop.notes() == {}

    async def test_a_message_is_kept_in_the_outbox(self, shop: DemoShop) -> None:
        written = {"recipient": "gigi.hamilton@example.com", "subject": "Hi", "body": "Dear Gigi"}
        receipt = await run(shop, "demo.message_customer", written)
        (message,) = shop.messages()
        assert (message.id, message.recipient, message.body) == (
            receipt.id,
            written["recipient"],
            "Dear Gigi",
        )

    async def test_the_card_says_when_an_address_is_nobodys(self, shop: DemoShop) -> None:
        known = {"recipient": "Gigi.Hamilton@example.com", "subject": "Hi", "body": "Dear Gigi"}
        assert (await look(shop, "demo.message_customer", known)).notes == ()
        preview = await look(shop, "demo.message_customer", {**known, "recipient": "eve@example.org"})
        assert preview.recipient == "eve@example.org"
        assert preview.notes == ("This address belongs to no customer.",)

    async def test_shipping_tells_the_customer_once(self, shop: DemoShop) -> None:
        for _ in range(2):
            await run(shop, "demo.ship_order", {"order": "1007", "tracking": "T1"})
        assert shop.order("1007").status is Status.SHIPPED
        assert [message.recipient for message in shop.messages()] == ["gigi.hamilton@example.com"]

    async def test_only_open_orders_are_shipped_and_cancelled(self, shop: DemoShop) -> None:
        with pytest.raises(BadInput, match="order 1001 is delivered"):
            await look(shop, "demo.ship_order", {"order": "1001", "tracking": "T1"})
        with pytest.raises(BadInput, match="order 1004 is cancelled"):
            await look(shop, "demo.cancel_order", {"order": "1004"})

    async def test_a_customer_with_an_open_order_stays(self, shop: DemoShop) -> None:
        with pytest.raises(BadInput, match="1007"):
            await look(shop, "demo.delete_customer", {"customer": "c01"})
        await run(shop, "demo.delete_customer", {"customer": "c12"})
        assert shop.order("1017").name == ""

    async def test_selectors_offer_only_what_can_be_used(self, shop: DemoShop) -> None:
        cancel = next(action for action in shop.actions() if action.name == "demo.cancel_order")
        offered = await shop.options(cancel, "order", "hamilton", context())
        assert [option.value for option in offered] == ["1020", "1007"]
        assert await shop.options(cancel, "order", "nobody", context()) == ()

    async def test_it_speaks_the_persons_language(self, shop: DemoShop) -> None:
        receipt = await run(shop, "demo.get_order", {"order": "1007"}, context(lang="fr"))
        assert "89,90\xa0€" in receipt.text
        assert "passée le sam. 7 nov. 2026, promise pour le sam. 14 nov. 2026" in receipt.text


class TestTheFaultSwitch:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault.FAIL, Failed),
            (Fault.REFUSE, Refused),
            (Fault.UNREACHABLE, Unreachable),
        ],
    )
    async def test_nothing_is_done_while_it_fails(
        self, shop: DemoShop, fault: Fault, error: type[Exception]
    ) -> None:
        shop.fault = fault
        with pytest.raises(error):
            await run(shop, "demo.refund", REFUND)
        assert shop.refunds() == ()
        assert await shop.look_up(call(shop, "demo.refund", REFUND), context()) is None
        shop.fault = None
        await run(shop, "demo.refund", REFUND)
        assert len(shop.refunds()) == 1

    async def test_a_lost_answer_was_a_deed(self, shop: DemoShop) -> None:
        shop.misbehave("lost", times=1)
        with pytest.raises(OutcomeUnknown):
            await run(shop, "demo.refund", REFUND)
        found = await shop.look_up(call(shop, "demo.refund", REFUND), context())
        assert found == await run(shop, "demo.refund", REFUND)
        assert len(shop.refunds()) == 1

    async def test_what_hangs_can_be_given_up_and_was_not_done(self, shop: DemoShop) -> None:
        shop.fault = Fault.HANG
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await run(shop, "demo.refund", REFUND)
        assert shop.refunds() == ()

    async def test_it_counts_down(self, shop: DemoShop) -> None:
        shop.misbehave("unreachable", times=2)
        for _ in range(2):
            with pytest.raises(Unreachable):
                await run(shop, "demo.refund", REFUND)
        assert shop.fault is None
        await run(shop, "demo.refund", REFUND)

    async def test_reads_go_on_unless_they_are_meant(self, shop: DemoShop) -> None:
        shop.fault = Fault.FAIL
        assert (await run(shop, "demo.late_orders", {})).data
        assert (await look(shop, "demo.refund", REFUND)).version
        shop.misbehave(Fault.FAIL, action="demo.late_orders")
        await run(shop, "demo.refund", REFUND)
        with pytest.raises(Failed):
            await run(shop, "demo.late_orders", {})

    async def test_another_process_can_set_it(self, shop: DemoShop, path: Path) -> None:
        _in_another_process(_set_fault, path)
        assert shop.fault is Fault.UNREACHABLE

    async def test_it_can_die_after_the_deed_and_be_found_out(self, shop: DemoShop, path: Path) -> None:
        shop.misbehave(Fault.DIE_AFTER, times=1)
        assert _in_another_process(_refund, path) == -signal.SIGKILL
        assert [refund.key for refund in shop.refunds()] == ["eff_1"]
        found = await shop.look_up(call(shop, "demo.refund", REFUND), context())
        assert found is not None
        assert _in_another_process(_refund, path) == 0
        assert len(shop.refunds()) == 1


def _in_another_process(work: Callable[[Path], None], path: Path) -> int:
    process = multiprocessing.get_context("spawn").Process(target=work, args=(path,))
    process.start()
    process.join(30)
    assert process.exitcode is not None, "it still runs"
    return process.exitcode


def _set_fault(path: Path) -> None:
    DemoShop(path, today=date(2026, 11, 21)).fault = Fault.UNREACHABLE


def _refund(path: Path) -> None:
    asyncio.run(run(DemoShop(path, today=TODAY), "demo.refund", REFUND))


def _overwrite(path: Path, content: bytes) -> None:
    for file in path.parent.iterdir():
        file.unlink()
    path.write_bytes(content)
