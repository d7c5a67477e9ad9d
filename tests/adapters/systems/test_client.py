"""The manners of `adapters.systems.client`: what is repeated, what never is, and what each failure is called."""

import gzip
import logging
from collections.abc import Callable, Iterator, Sequence

import httpx
import pytest

from adapters.systems.client import Client, Declined, KeyRefused, Pace, Reply, Timer, pages, segment
from bot.errors import BadInput, Failed, OutcomeUnknown, Unreachable, VigieError
from bot.values import Json

KEY = "CanaryKeyOfTheVendor"

Answer = httpx.Response | Exception


class Hours:
    """A clock that moves when somebody sleeps, and remembers each sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def timer(self, chance: float = 0.5) -> Timer:
        return Timer(now=lambda: self.now, sleep=self.sleep, chance=lambda: chance)


class Vendor:
    """Answers in turn; the last answer stands for all that follow. Keeps every request."""

    def __init__(self, *answers: Answer) -> None:
        self._answers: Iterator[Answer] = iter(answers)
        self._last: Answer = httpx.Response(200, json={})
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self._last = next(self._answers, self._last)
        if isinstance(self._last, Exception):
            raise self._last
        # A response is read once; each call gets its own.
        last = self._last
        return httpx.Response(last.status_code, headers=last.headers, stream=httpx.ByteStream(last.content))


async def _key(*, fresh: bool = False) -> str:
    return KEY


def client(
    vendor: Callable[[httpx.Request], httpx.Response],
    hours: Hours | None = None,
    *,
    pace: Pace | None = None,
    explain: Callable[[Reply], VigieError | None] | None = None,
    token: Callable[..., object] | None = _key,
) -> Client:
    return Client(
        vendor="Acme",
        base="https://api.acme.test/v1/",
        token=token,  # pyright: ignore[reportArgumentType] (tests hand in coroutines of their own)
        pace=pace or Pace(),
        explain=explain,
        transport=httpx.MockTransport(vendor),
        timer=(hours or Hours()).timer(),
    )


def ok(body: Json = None, **headers: str) -> httpx.Response:
    return httpx.Response(200, json={} if body is None else body, headers=headers)


def no(status: int, body: Json = None, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


DOWN = httpx.ConnectError("no route")
LOST = httpx.ReadTimeout("nothing came")


# What is sent


async def test_a_call_says_who_asks_with_which_key_and_for_what() -> None:
    vendor = Vendor(ok({"id": "x"}))
    reply = await client(vendor).read("/things", params={"q": "a b&c", "deep": True, "none": None})
    (asked,) = vendor.asked
    assert str(asked.url) == "https://api.acme.test/v1/things?q=a+b%26c&deep=true"
    assert asked.headers["user-agent"].startswith("Vigie/")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert reply.body == {"id": "x"}


async def test_a_form_may_name_a_thing_twice() -> None:
    vendor = Vendor()
    await client(vendor).write("POST", "/things", form=[("tag", "a"), ("tag", "b"), ("none", None)])
    assert vendor.asked[0].content == b"tag=a&tag=b"
    assert vendor.asked[0].headers["content-type"] == "application/x-www-form-urlencoded"


async def test_json_goes_out_as_json() -> None:
    vendor = Vendor()
    await client(vendor).write("PATCH", "/things/1", json={"name": "Zoë"})
    assert vendor.asked[0].content == '{"name":"Zoë"}'.encode()
    assert vendor.asked[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize("value", ["..", ".", ""])
def test_an_id_that_climbs_is_none(value: str) -> None:
    with pytest.raises(BadInput):
        segment(value)


async def test_an_id_is_one_part_of_a_path() -> None:
    vendor = Vendor()
    await client(vendor).read(f"/things/{segment('a/../b?c')}")
    assert vendor.asked[0].url.raw_path == b"/v1/things/a%2F..%2Fb%3Fc"
    with pytest.raises(BadInput, match="out of its place"):
        await client(vendor).read("/things/../keys")


async def test_the_key_never_goes_to_another_address() -> None:
    vendor = Vendor()
    assert (await client(vendor).read("https://api.acme.test/v1/things?page=2")).good
    for elsewhere in ("https://evil.test/v1/x", "http://api.acme.test/v1/x", "https://api.acme.test:8443/v1"):
        with pytest.raises(Failed, match="not its own"):
            await client(vendor).read(elsewhere)
    assert len(vendor.asked) == 1


async def test_a_redirect_is_not_followed() -> None:
    vendor = Vendor(no(302, location="https://evil.test/"))
    with pytest.raises(Declined):
        await client(vendor).read("/things")
    assert len(vendor.asked) == 1


# What is repeated


@pytest.mark.parametrize("trouble", [DOWN, LOST, no(500), no(502), no(503), no(429), no(408)])
async def test_a_read_is_tried_again(trouble: Answer) -> None:
    vendor, hours = Vendor(trouble, trouble, ok({"n": 1})), Hours()
    assert (await client(vendor, hours).read("/things")).body == {"n": 1}
    assert len(vendor.asked) == 3
    assert hours.slept == [0.25, 0.5]  # half of a bound that doubles


@pytest.mark.parametrize("trouble", [DOWN, LOST, no(500), no(503), no(429)])
async def test_a_read_that_fails_for_good_can_be_tried_later(trouble: Answer) -> None:
    vendor = Vendor(trouble)
    with pytest.raises(Unreachable):
        await client(vendor).read("/things")
    assert len(vendor.asked) == 3


@pytest.mark.parametrize("trouble", [LOST, no(500), no(502), no(504), no(408), httpx.ReadError("cut")])
async def test_a_write_without_a_key_is_sent_once(trouble: Answer) -> None:
    vendor = Vendor(trouble, ok())
    with pytest.raises(OutcomeUnknown):
        await client(vendor).write("POST", "/things", json={})
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("trouble", [DOWN, no(429), no(503)])
async def test_a_write_that_was_not_taken_is_certainly_not_done(trouble: Answer) -> None:
    vendor = Vendor(trouble)
    with pytest.raises(Unreachable):
        await client(vendor).write("POST", "/things", json={})
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("trouble", [DOWN, LOST, no(500), no(503)])
async def test_a_write_with_a_key_is_tried_again_unchanged(trouble: Answer) -> None:
    vendor = Vendor(trouble, ok({"id": "1"}))
    await client(vendor).write("POST", "/things", json={"a": 1}, headers={"Idempotency-Key": "k"}, key="k")
    first, second = vendor.asked
    assert (first.content, first.headers["idempotency-key"]) == (second.content, "k")
    assert second.headers["idempotency-key"] == "k"


@pytest.mark.parametrize("then", [DOWN, no(429), no(503), no(401), no(409, {"error": "in use"})])
async def test_after_a_lost_answer_no_failure_says_that_nothing_was_done(then: Answer) -> None:
    vendor = Vendor(LOST, then)
    with pytest.raises(OutcomeUnknown):
        await client(vendor).write("POST", "/things", json={}, key="k")


async def test_a_no_is_not_repeated() -> None:
    vendor = Vendor(no(404, {"message": "no such thing"}))
    with pytest.raises(Declined, match="no such thing"):
        await client(vendor).read("/things/1")
    assert len(vendor.asked) == 1


# Waiting


async def test_retry_after_is_kept_to() -> None:
    vendor, hours = Vendor(no(429, retry_after="3"), ok()), Hours()
    await client(vendor, hours).read("/things")
    assert hours.slept == [3.0]


async def test_a_long_retry_after_is_for_the_caller_and_holds_for_everybody() -> None:
    vendor, hours = Vendor(no(429, retry_after="120"), ok()), Hours()
    acme = client(vendor, hours)
    with pytest.raises(Unreachable) as first:
        await acme.read("/things")
    assert first.value.retry_after == 120
    hours.now += 60
    with pytest.raises(Unreachable) as second:
        await acme.read("/others")
    assert second.value.retry_after == pytest.approx(60)
    assert len(vendor.asked) == 1
    hours.now += 61
    assert (await acme.read("/others")).good


@pytest.mark.parametrize("word", ["soon", "-1", "nan", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_an_odd_retry_after_counts_as_none(word: str) -> None:
    vendor, hours = Vendor(no(429, retry_after=word), ok()), Hours()
    await client(vendor, hours).read("/things")
    assert hours.slept == [0.25]


async def test_calls_keep_the_pace_of_the_connection() -> None:
    hours = Hours()
    acme = client(Vendor(), hours, pace=Pace(rate=2, burst=3))
    for _ in range(5):
        await acme.read("/things")
    assert hours.slept == [0.5, 0.5]
    hours.now += 60
    await acme.read("/things")
    assert len(hours.slept) == 2


async def test_a_vendor_that_is_down_is_left_alone_and_tried_once_later() -> None:
    vendor, hours = Vendor(*([DOWN] * 4), ok()), Hours()
    acme = client(vendor, hours, pace=Pace(trips=3, rest=30, tries=1, rate=1_000, burst=100))
    for _ in range(3):
        with pytest.raises(Unreachable, match="cannot be reached"):
            await acme.read("/things")
    with pytest.raises(Unreachable, match="left alone") as alone:
        await acme.write("POST", "/things", json={})
    assert alone.value.retry_after == 30
    assert len(vendor.asked) == 3
    hours.now += 30
    with pytest.raises(Unreachable, match="cannot be reached"):
        await acme.read("/things")
    with pytest.raises(Unreachable, match="left alone"):
        await acme.read("/things")
    hours.now += 30
    assert (await acme.read("/things")).good
    assert (await acme.read("/things")).good


async def test_a_no_does_not_count_as_a_failure_of_the_line() -> None:
    vendor = Vendor(no(404))
    acme = client(vendor, pace=Pace(trips=2))
    for _ in range(4):
        with pytest.raises(Declined):
            await acme.read("/things")
    assert len(vendor.asked) == 4


# The answer


async def test_an_answer_is_bounded_packed_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.systems.replies.read.__kwdefaults__", {"largest": 1_000})
    bomb = gzip.compress(b'"' + b"0" * 5_000 + b'"')
    packed = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(bomb))

    def answer(_: httpx.Request) -> httpx.Response:
        return packed

    with pytest.raises(Unreachable, match="too large"):
        await client(answer, pace=Pace(tries=1)).read("/things")
    with pytest.raises(OutcomeUnknown, match="too large"):
        await client(Vendor(ok("0" * 5_000))).write("POST", "/things", json={})


async def test_a_packed_answer_is_unpacked() -> None:
    stream = httpx.ByteStream(gzip.compress(b'{"a": 1}'))

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    assert (await client(answer).read("/things")).body == {"a": 1}


@pytest.mark.parametrize("text", ["<html>", "{", '{"a": NaN}', "[" * 100_000])
async def test_what_is_not_json_is_no_success(text: str) -> None:
    with pytest.raises(Unreachable, match="not JSON"):
        await client(Vendor(httpx.Response(200, text=text)), pace=Pace(tries=1)).read("/things")
    with pytest.raises(OutcomeUnknown, match="not JSON"):
        await client(Vendor(httpx.Response(200, text=text))).write("POST", "/things", json={})


async def test_an_empty_answer_is_none() -> None:
    assert (await client(Vendor(httpx.Response(204))).write("DELETE", "/things/1")).body is None


@pytest.mark.parametrize(
    ("body", "sentence", "field"),
    [
        # the published shapes of Stripe, HubSpot, Notion, Airtable, Zoho and GraphQL
        ({"error": {"type": "invalid_request_error", "message": "No such coin", "param": "currency"}},
         "Acme says no to currency: No such coin", "currency"),
        ({"status": "error", "message": "Property values were not valid",
          "errors": [{"message": "e-mail is bad", "context": {"propertyName": ["email"]}}]},
         "Acme says no to email: Property values were not valid", "email"),
        ({"object": "error", "status": 400, "code": "validation_error", "message": "body.parent is missing"},
         "Acme says no: body.parent is missing", ""),
        ({"error": "NOT_FOUND"}, "Acme says no: NOT_FOUND", ""),
        ({"data": [{"code": "INVALID_DATA", "details": {"api_name": "Email"}, "message": "invalid data"}]},
         "Acme says no to Email: invalid data", "Email"),
        ({"errors": [{"message": "Title can't be blank", "path": ["input", "title"]}]},
         "Acme says no to input.title: Title can't be blank", "input.title"),
        ("out of tea", "Acme says no: out of tea", ""),
        (None, "Acme says no: HTTP 400", ""),
        ({"message": 7}, "Acme says no: HTTP 400", ""),
    ],
)  # fmt: skip
async def test_a_no_is_a_sentence_that_names_the_field(body: Json, sentence: str, field: str) -> None:
    with pytest.raises(Declined) as error:
        await client(Vendor(no(400, body))).read("/things")
    assert (str(error.value), error.value.field) == (sentence, field)
    assert (error.value.status, error.value.body) == (400, body)


async def test_a_vendor_may_be_explained_even_where_its_status_is_good() -> None:
    def explain(reply: Reply) -> VigieError | None:
        return Unreachable("busy", retry_after=1) if reply.body == {"errors": "THROTTLED"} else None

    vendor, hours = Vendor(ok({"errors": "THROTTLED"}), ok({"data": 1})), Hours()
    assert (await client(vendor, hours, explain=explain).read("/things")).body == {"data": 1}
    assert hours.slept == [1.0]


# Keys


async def test_a_refused_token_is_renewed_once() -> None:
    given = iter(["old", "new"])
    shown: list[bool] = []

    async def token(*, fresh: bool = False) -> str:
        shown.append(fresh)
        return next(given)

    vendor = Vendor(no(401), ok({"id": "1"}))
    assert (await client(vendor, token=token).write("POST", "/things", json={})).body == {"id": "1"}
    assert [each.headers["authorization"] for each in vendor.asked] == ["Bearer old", "Bearer new"]
    assert shown == [False, True]


async def test_a_key_that_is_refused_says_to_connect_again() -> None:
    vendor = Vendor(no(401))
    with pytest.raises(KeyRefused, match="Acme does not accept the key; connect it again"):
        await client(vendor).read("/things")
    assert len(vendor.asked) == 1  # a fixed key is the same the second time


@pytest.mark.parametrize("key", ["", "two\nlines", "cl\xe9", "a\x00b"])
async def test_a_key_that_cannot_be_sent_is_not_quoted(key: str) -> None:
    async def token(*, fresh: bool = False) -> str:
        return key

    vendor = Vendor()
    with pytest.raises(KeyRefused) as error:
        await client(vendor, token=token).read("/things")
    assert not vendor.asked
    assert not key or key not in str(error.value)


async def test_the_key_is_in_no_error_log_or_representation(caplog: pytest.LogCaptureFixture) -> None:
    """SAFETY 31"""
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    echo = {"message": f"key {KEY} is not good, nor is sk_live_0123456789abcdef"}
    for answer in (
        DOWN,
        LOST,
        no(400, echo),
        no(500, echo),
        no(401, echo),
        httpx.LocalProtocolError(KEY),
        ok(),
    ):
        acme = client(Vendor(answer))
        try:
            await acme.write("POST", "/things", json={})
        except VigieError as error:
            said += [str(error), repr(error), str(error.values)]
        said.append(repr(acme))
    everything = "\n".join(said) + caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert KEY not in everything
    assert "sk_live_0123456789abcdef" not in everything


# Pages


async def test_pages_are_read_to_the_end_or_to_enough() -> None:
    book = {"": ([1, 2], "b"), "b": ([3, 4], "c"), "c": ([5], "")}

    async def fetch(cursor: str) -> tuple[Sequence[Json], str]:
        return book[cursor]

    assert await pages(fetch) == [1, 2, 3, 4, 5]
    assert await pages(fetch, most=3) == [1, 2, 3]


async def test_a_vendor_that_turns_in_a_circle_is_not_followed() -> None:
    asked: list[str] = []

    async def fetch(cursor: str) -> tuple[Sequence[Json], str]:
        asked.append(cursor)
        return [cursor], "again"

    assert await pages(fetch) == ["", "again"]
    assert asked == ["", "again"]
