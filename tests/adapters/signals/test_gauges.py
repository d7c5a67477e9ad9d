"""What reads numbers, held to one contract: the number, or one of our errors, and nothing of what was read beside it."""

import asyncio
import json
import math
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from adapters.net.guarded import Guarded
from adapters.signals.watchers import pages
from adapters.signals.watchers.board import GaugeBoard
from adapters.signals.watchers.pages import Pages
from adapters.systems.demo import DemoShop
from adapters.systems.prometheus import VENDOR as PROMETHEUS
from adapters.systems.sql import Database
from adapters.systems.vendors import Login
from bot.errors import BadInput, Failed, Unreachable, VigieError
from bot.thresholds import Origin, Source
from bot.world import Measuring, System
from tests.clocks import SetClock
from tests.twins.meter import Meter

SECRET = "hunter2-and-more"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def streamed(status: int, body: object) -> httpx.Response:
    """An answer that comes as a line brings it: nothing of it was read yet."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(status, stream=httpx.ByteStream(content))


@dataclass
class Web:
    """Addresses and what they answer; the resolver gives a public address for every name."""

    answers: dict[str, tuple[int, object]] = field(default_factory=dict[str, tuple[int, object]])

    def transport(self) -> Guarded:
        async def resolve(host: str, port: int) -> Sequence[str]:
            return ["127.0.0.1"] if host.startswith("inside") else ["93.184.216.34"]

        return Guarded(resolve=resolve, inner=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        status, body = self.answers.get(request.url.path, (404, {"error": SECRET}))
        if isinstance(body, Exception):
            raise body
        return streamed(status, body)


def prometheus(answer: Callable[[httpx.Request], httpx.Response]) -> System:
    values = {"url": "http://prom.test:9090", "token": SECRET}
    return PROMETHEUS.open(Login(name="prometheus", values=values, transport=httpx.MockTransport(answer)))


def _vector(*values: str) -> httpx.Response:
    result = [{"metric": {"n": str(n)}, "value": [1, value]} for n, value in enumerate(values)]
    return streamed(200, {"status": "success", "data": {"resultType": "vector", "result": result}})


def _query(request: httpx.Request) -> httpx.Response:
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    match request.url.params["query"]:
        case "good":
            return _vector("42.5")
        case "scalar":
            data = {"resultType": "scalar", "result": [1, "7"]}
            return streamed(200, {"status": "success", "data": data})
        case "nan":
            return _vector("NaN")
        case "many":
            return _vector("1", "2")
        case "none":
            return _vector()
        case "odd":
            return streamed(200, {"hello": SECRET})
        case "down":
            raise httpx.ConnectError(SECRET)
        case _:
            return streamed(400, {"status": "error", "error": f"parse error {SECRET}"})


@pytest.fixture
def database(tmp_path: Path) -> Database:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as made:
        made.execute("create table orders (id integer, late integer, name text)")
        made.executemany("insert into orders values (?, ?, ?)", [(1, 4, "a"), (2, 0, SECRET), (3, 9, "c")])
    made.close()
    return Database.open(f"sqlite:///{path}", name="sql", patience=0.5)


@pytest.fixture
def board(tmp_path: Path, database: Database) -> GaugeBoard:
    web = Web(
        answers={
            "/stock": (200, {"stock": {"left": 12, "open": True, "text": "3.5", "list": [{"n": 5}]}}),
            "/broken": (200, b"{not json"),
            "/nan": (200, b'{"a": NaN}'),
            "/deep": (200, b"[" * 100_000),
            "/down": (503, {"secret": SECRET}),
            "/gone": (200, httpx.ConnectError(SECRET)),
        }
    )
    systems: dict[str, System] = {
        "demo": DemoShop(tmp_path / "demo.db", today=NOW.date()),
        "sql": database,
        "prometheus": prometheus(_query),
        "meter": Meter(value=3),
    }
    clock = SetClock(NOW)
    return GaugeBoard(systems=systems, clock=clock, pages=Pages(now=clock.now, transport=web.transport()))


def page(path: str, query: str = "", origin: Origin = Origin.PAGE) -> Source:
    return Source(origin=origin, name=f"https://shop.example{path}", query=query)


def asks(name: str, query: str) -> Source:
    return Source(origin=Origin.SYSTEM, name=name, query=query)


GOOD = [
    (Source(origin=Origin.MACHINE, name="memory"), None),
    (Source(origin=Origin.MACHINE, name="cpu"), None),
    (Source(origin=Origin.MACHINE, name="swap"), None),
    (Source(origin=Origin.MACHINE, name="load"), None),
    (Source(origin=Origin.MACHINE, name="disk", query="/"), None),
    (page("/stock", "stock.left"), 12),
    (page("/stock", "$.stock.open"), 1),
    (page("/stock", "stock.text"), 3.5),
    (page("/stock", "stock.list[0].n"), 5),
    (page("/stock", "stock.list.0.n"), 5),
    (page("/stock", origin=Origin.UP), 1),
    (asks("demo", "late_orders"), None),
    (asks("demo", "lowest_stock"), None),
    (asks("meter", "heat"), 3),
    (asks("prometheus", "good"), 42.5),
    (asks("prometheus", "scalar"), 7),
    (asks("sql", "select count(*) from orders where late > 3;"), 2),
    (asks("sql", "select avg(late) from orders where name <> 'a; delete' and late > 0"), 6.5),
]


@pytest.mark.parametrize(("source", "value"), GOOD, ids=lambda each: str(each)[-60:])
async def test_a_number_is_read(board: GaugeBoard, source: Source, value: float | None) -> None:
    await board.check(source)
    found = await board.read(source)
    assert math.isfinite(found)
    if value is not None:
        assert found == value


ABSENT = [
    (page("/stock", "stock.right"), "nothing at stock.right"),
    (page("/stock", "stock"), "is no number"),
    (page("/broken", "a"), "no readable JSON"),
    (page("/nan", "a"), "no readable JSON"),
    (page("/deep", "a"), "no readable JSON"),
    (page("/down", "a"), "answered 503"),
    (page("/gone", "a"), "shop.example"),
    (page("/down", origin=Origin.UP), "answered 503"),
    (page("/gone", origin=Origin.UP), "shop.example"),
    (asks("prometheus", "nan"), "NaN"),
    (asks("prometheus", "none"), "finds no series"),
    (asks("prometheus", "many"), "gives 2 series"),
    (asks("prometheus", "odd"), "no Prometheus"),
    (asks("prometheus", "down"), "cannot be reached"),
    (asks("prometheus", "rate("), ""),
    (asks("sql", "select late from orders"), "more or less than one"),
    (asks("sql", "select null"), "no number"),
    (asks("sql", f"select '{SECRET}'"), "no number"),
    (asks("sql", "select nothing from nowhere"), ""),
]


@pytest.mark.parametrize(("source", "why"), ABSENT, ids=lambda each: str(each)[-60:])
async def test_where_there_is_no_number_it_says_why_in_our_words(
    board: GaugeBoard, source: Source, why: str
) -> None:
    await board.check(source)
    with pytest.raises((Failed, Unreachable)) as told:
        await board.read(source)
    assert why in str(told.value)
    assert SECRET not in str(told.value)


REFUSED = [
    page("/x", "a b"),
    Source(origin=Origin.PAGE, name="http://127.0.0.1/x", query="a"),
    Source(origin=Origin.PAGE, name="http://169.254.169.254/latest", query="a"),
    Source(origin=Origin.UP, name="http://localhost:8080/"),
    Source(origin=Origin.UP, name="https://user:pw@shop.example/"),
    Source(origin=Origin.CERTIFICATE, name="10.0.0.1"),
    Source(origin=Origin.CERTIFICATE, name="shop.example/x"),
    Source(origin=Origin.MACHINE, name="soul"),
    Source(origin=Origin.MACHINE, name="disk", query="/no/such"),
    asks("nobody", "x"),
    asks("demo", "colour"),
    asks("prometheus", " "),
    asks("sql", "delete from orders"),
    asks("sql", "select 1; drop table orders"),
    asks("sql", "with x as (delete from orders returning 1) select count(*) from x"),
    asks("sql", "copy (select 1) to program 'true'"),
    asks("sql", "/* hello */ attach 'x' as y"),
    Source(origin=Origin.SAID, name="visitors"),
]


@pytest.mark.parametrize("source", REFUSED, ids=lambda each: str(each)[-60:])
async def test_what_cannot_or_must_not_be_read_is_refused_before_anything_is_asked(
    board: GaugeBoard, source: Source
) -> None:
    with pytest.raises(BadInput):
        await board.check(source)
    with pytest.raises(VigieError):
        await board.read(source)


async def test_a_name_that_means_an_address_inside_is_never_called(board: GaugeBoard) -> None:
    """SAFETY 86."""
    inside = Source(origin=Origin.PAGE, name="https://inside.example/stock", query="stock.left")
    await board.check(inside)
    with pytest.raises(BadInput, match="not an address on the internet"):
        await board.read(inside)


async def test_a_database_is_only_read(database: Database, tmp_path: Path) -> None:
    """The words are looked at first; this is what holds where they mislead."""
    for wicked in ("delete from orders", "insert into orders values (9, 9, 'x')", "create table t (a)"):
        with pytest.raises((Failed, Unreachable)):
            await asyncio.to_thread(database.one, wicked)
    with sqlite3.connect(tmp_path / "shop.db") as looked:
        assert looked.execute("select count(*) from orders").fetchone() == (3,)
    looked.close()


async def test_a_query_that_takes_too_long_is_stopped_by_the_database(database: Database) -> None:
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n"
    async with asyncio.timeout(20):
        with pytest.raises(Unreachable):
            await database.measure(endless, NOW)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        f"oracle://u:{SECRET}@h/d",
        f"sqlite://{SECRET}",
        "sqlite:///:memory:",
        "sqlite:///file:x",
    ],
)
def test_an_address_of_a_database_that_cannot_be_used_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(BadInput) as told:
        Database.open(url, name="sql")
    assert SECRET not in str(told.value)


async def test_prometheus_remembers(board: GaugeBoard) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        values = [[NOW.timestamp() - 600, "1"], [NOW.timestamp() - 300, "NaN"], [NOW.timestamp(), "3"]]
        data = {"resultType": "matrix", "result": [{"values": values}]}
        return streamed(200, {"status": "success", "data": data})

    system = prometheus(answer)
    assert isinstance(system, Measuring)
    found = await system.measured("up", datetime(2026, 10, 22, 12, tzinfo=UTC), NOW)
    assert [each.value for each in found] == [1.0, 3.0]
    assert asked[0].url.path == "/api/v1/query_range"
    assert int(asked[0].url.params["step"]) * 8_000 >= 30 * 86_400, "no more points than the server gives"


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("", ()),
        ("a", ("a",)),
        ("$.a.b", ("a", "b")),
        ("a[3].b", ("a", 3, "b")),
        ("[0]", (0,)),
        ("é-x.y", ("é-x", "y")),
    ],
)
def test_a_path_is_names_and_places(path: str, steps: tuple[str | int, ...]) -> None:
    assert pages.steps(path) == steps


@pytest.mark.parametrize("text", ["nonsense", "ftp://x", "http://u:p@x", "http://x/path"])
def test_what_the_operator_lists_are_origins(text: str) -> None:
    with pytest.raises(BadInput):
        pages.origins(text)
