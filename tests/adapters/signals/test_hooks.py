"""The door for webhooks: who is heard, what is refused, and what of it is kept."""

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.seals import AesSeals
from adapters.signals import signatures
from adapters.signals.hooks import AT_ONCE_EACH, LARGEST, REFUSALS, Turned, payload_of
from adapters.signals.senders import READ, Letter, Unreadable
from adapters.signals.signatures import proven, signature
from bot import hooking
from bot.effects import Notice
from bot.events import Condition, Signal
from bot.hooks import Shape
from bot.people import Role
from memory import codec
from tests.adapters.signals.posting import Post, bearer, github, group, posting, stripe
from tests.safety.test_canary import on_disk
from tests.stage import MARK, OLIVIA
from tests.stories.team import role


async def kept(post: Post) -> list[Signal]:
    """The signals that were kept, oldest first."""
    rows = await post.s.look(lambda tx: [row for row in tx.ledger.read() if row.kind == "signal"])
    events = [await post.s.look(lambda tx, r=row: tx.events.get(str(r.body["event"]))) for row in rows]
    return [event.body for event in events if event is not None and isinstance(event.body, Signal)]


# Who is heard ----------------------------------------------------------------------------------------------


async def test_github_is_heard_by_its_signature_over_the_raw_bytes(tmp_path: Path) -> None:
    """SAFETY 82"""
    async with posting(tmp_path) as post:
        secret = await post.hook("code", "github")
        payload = {
            "action": "opened",
            "issue": {"number": 7, "title": "It  is\nslow"},
            "repository": {"full_name": "a/b"},
        }
        body = json.dumps(payload).encode()
        assert (await post.send("code", body, github(secret, body, event="issues"))).status_code == 200
        (signal,) = await kept(post)
        assert (signal.source, signal.name, signal.what) == ("hook:code", "issues.opened", "issues")
        assert signal.summary == "a/b: issues opened · #7 It is slow"
        again = json.dumps(payload, indent=1).encode()
        wrong = (
            (again, github(secret, body)),
            (body, github("another", body)),
            (body, {**github(secret, body), "x-hub-signature-256": signature(secret, body)}),
            (body, {**github(secret, body), "x-hub-signature-256": ""}),
            (body, {"x-github-event": "push", "x-github-delivery": "72d3162e"}),
        )
        for raw, headers in wrong:
            assert (await post.send("code", raw, headers)).status_code == 404
        assert len(await kept(post)) == 1
        form = b"payload=" + b"%7B%22zen%22%3A%22x%22%7D"
        answer = await post.send(
            "code",
            form,
            github(secret, form, event="ping", delivery="12345678"),
            kind="application/x-www-form-urlencoded",
        )
        assert (answer.status_code, answer.json()) == (200, {"status": "heard"})


async def test_stripe_is_heard_within_five_minutes_by_any_of_its_signatures(tmp_path: Path) -> None:
    """SAFETY 82"""
    async with posting(tmp_path) as post:
        await post.s.say("hook add pay stripe 0")
        assert "vigie hook pay" in post.s.last
        secret = "whsec_0123456789"
        await hooking.brought("pay", secret, house=post.s.house, by="test")
        now = int(post.s.clock.now().timestamp())

        def event(n: int) -> bytes:
            about = {"id": "in_1", "currency": "eur", "amount_due": 4990}
            return json.dumps({"id": f"evt_{n}", "type": "invoice.paid", "data": {"object": about}}).encode()

        for n, (late, status) in enumerate([(0, 200), (299, 200), (-299, 200), (301, 404), (-301, 404)]):
            assert (
                await post.send("pay", event(n), stripe(secret, event(n), now - late))
            ).status_code == status
        good = stripe(secret, event(7), now)["stripe-signature"].partition(",v1=")[2]
        several = {"stripe-signature": f"t={now},v1={'0' * 64},v0=abc,v1={good}"}
        assert (await post.send("pay", event(7), several)).status_code == 200
        twice = {"stripe-signature": f"t={now},t={now},v1={good}"}
        assert (await post.send("pay", event(7), twice)).status_code == 404
        assert (await kept(post))[0].summary == "test · in_1 · 49.90 EUR", "its name stands before it"


async def test_a_script_is_heard_by_a_signature_or_by_its_secret(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        signed, shown = await post.hook("cron", "hmac"), await post.hook("till", "bearer")
        body = b'{"name": "stock_low", "summary": "3 mugs left"}'
        assert (
            await post.send("cron", body, {"x-signature": f"sha256={signature(signed, body)}"})
        ).status_code == 200
        now = int(post.s.clock.now().timestamp())
        for stamp, status in ((now, 200), (now - 400, 404)):
            over = signature(signed, f"{stamp}.".encode() + body)
            headers = {"x-signature": over, "x-timestamp": str(stamp), "x-delivery-id": f"d{stamp}"}
            assert (await post.send("cron", body, headers)).status_code == status
        assert (await post.send("till", body, bearer(shown))).status_code == 200
        assert (await post.send("till", body, bearer(signed))).status_code == 404
        assert (await post.send("till", body, {"authorization": f"Basic {shown}"})).status_code == 404


async def test_two_secrets_are_good_while_one_is_changed_and_then_one(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        old = await post.hook("till", "bearer")
        await post.s.say("hook rotate till")
        notice = post.s.chat.notices[-1].content
        assert isinstance(notice, Notice)
        new = notice.text.rsplit(" ", 1)[1]
        assert new != old
        for n, secret in enumerate((old, new)):
            assert (await post.send("till", b'{"name": "%d"}' % n, bearer(secret))).status_code == 200
        await post.s.forward(timedelta(hours=25))
        assert (await post.send("till", b"{}", bearer(old))).status_code == 404
        assert (await post.send("till", b"{}", bearer(new))).status_code == 200
        await post.s.say("hook remove till")
        assert (await post.send("till", b"{}", bearer(new))).status_code == 404


async def test_hooks_are_made_by_owners_in_private_and_their_secret_is_seen_once(tmp_path: Path) -> None:
    """SAFETY 89"""
    async with posting(tmp_path) as post:
        await post.s.say("hook add till bearer", who=MARK)
        assert "only an owner may do that" in post.s.last
        secret = await post.hook("till", "bearer")
        assert secret not in "".join(post.s.chat.words())
        everything = await post.s.look(
            lambda tx: repr([*tx.ledger.read(), *tx.hooks.all(), *tx.lines.last("twin//olivia//!", 50)])
        )
        assert secret not in everything
        await post.s.say("hooks")
        assert "till · bearer · http://127.0.0.1:8080/hooks/till" in post.s.last
        await post.s.say("hook add till github")
        assert "there is a hook “till” already" in post.s.last
    assert secret.encode() not in on_disk(tmp_path)


# Once ------------------------------------------------------------------------------------------------------


async def test_a_redelivery_is_one_wake(tmp_path: Path) -> None:
    """SAFETY 83"""
    async with posting(tmp_path) as post:
        await post.s.begin("when push, look at it")
        secret = await post.hook("code", "github")
        body = b'{"ref": "refs/heads/main", "repository": {"full_name": "a/b"}}'
        answers = await asyncio.gather(*(post.send("code", body, github(secret, body)) for _ in range(5)))
        assert [answer.status_code for answer in answers] == [200] * 5
        assert sorted(answer.json()["status"] for answer in answers) == ["kept", *["known"] * 4]
        assert sum(text.startswith("look at it") for text in post.s.chat.words()) == 1


async def test_the_same_words_without_a_name_are_a_redelivery_for_a_while(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        secret = await post.hook("till", "bearer")
        for minutes, status in ((0, "kept"), (0, "known"), (9, "known"), (2, "kept")):
            await post.s.forward(timedelta(minutes=minutes))
            assert (await post.send("till", b"{}", bearer(secret))).json() == {"status": status}


# Limits ----------------------------------------------------------------------------------------------------


async def test_what_is_too_large_too_deep_too_slow_or_no_json_is_refused_within_bounds(
    tmp_path: Path,
) -> None:
    """SAFETY 84"""

    async def endless() -> AsyncGenerator[bytes]:
        for _ in range(10_000):
            yield b" " * 65_536

    async def stuck() -> AsyncGenerator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with posting(tmp_path, patience=2.0) as post:
        secret = await post.hook("till", "bearer")

        async def status(body: bytes, **headers: str) -> int:
            more = {name.replace("_", "-"): value for name, value in headers.items()}
            kind = more.pop("kind", "application/json")
            return (await post.send("till", body, {**bearer(secret), **more}, kind=kind)).status_code

        bomb = gzip.compress(b" " * 50_000_000)
        tracemalloc.start()
        assert await status(b" " * (LARGEST + 1)) == 413
        assert await status(b"{}", content_length=str(10**11)) == 413
        assert await status(b"{}", content_length="1e9") == 400
        chunked = await post.client.post(
            "/hooks/till", content=endless(), headers={"content-type": "application/json"}
        )
        assert chunked.status_code == 413
        assert await status(bomb, content_encoding="gzip") == 415
        assert await status(b"<a/>", kind="text/xml") == 415
        assert await status(b"{}", kind="") == 415
        assert await status(b"[" * 100_000) == 400
        assert await status(b'{"a":' * 65 + b"1" + b"}" * 65) == 400
        assert await status(b'{"a": ' + b"9" * 5_000 + b"}") == 400
        for body in (
            b"",
            b"[]",
            b"nothing",
            b'{"a": NaN}',
            b'{"a": 1e999}',
            b'{"a": "\\ud800"}',
            b"\xff\xfe",
        ):
            assert await status(body) == 400, body
        slow = await post.client.post(
            "/hooks/till", content=stuck(), headers={"content-type": "application/json"}
        )
        assert slow.status_code == 408
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20 * LARGEST
        assert await kept(post) == []


async def test_one_source_cannot_hold_every_place_nor_guess_for_ever(tmp_path: Path) -> None:
    """SAFETY 84, 85"""
    async with posting(tmp_path) as post:
        secret = await post.hook("till", "bearer")
        free, begun = asyncio.Event(), asyncio.Semaphore(0)

        async def slow() -> AsyncGenerator[bytes]:
            yield b"{"
            begun.release()
            await free.wait()
            yield b"}"

        headers = {"content-type": "application/json", **bearer(secret)}
        held = [
            asyncio.create_task(post.client.post("/hooks/till", content=slow(), headers=headers))
            for _ in range(AT_ONCE_EACH)
        ]
        for _ in held:
            await begun.acquire()
        assert (await post.client.post("/hooks/till", content=b"{}", headers=headers)).status_code == 503
        free.set()
        assert {(await task).status_code for task in held} == {200}
        for _ in range(REFUSALS):
            assert (await post.send("till", b"{}", bearer("guess"))).status_code == 404
        limited = await post.send("till", b"{}", bearer(secret))
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "60")


async def test_an_unknown_name_and_a_wrong_secret_are_answered_alike_after_the_same_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SAFETY 85"""
    async with posting(tmp_path) as post:
        await post.hook("till", "bearer")
        await post.hook("cron", "hmac")
        opened = compared = 0
        whole, check = AesSeals.open, signatures.hmac.compare_digest

        def counting_open(self: AesSeals, *args: object) -> str:
            nonlocal opened
            opened += 1
            return whole(self, *args)  # pyright: ignore[reportArgumentType]

        def counting_compare(a: str, b: str) -> bool:
            nonlocal compared
            compared += 1
            return check(a, b)

        monkeypatch.setattr(AesSeals, "open", counting_open)
        monkeypatch.setattr(signatures.hmac, "compare_digest", counting_compare)
        seen: set[tuple[int, bytes, int, int]] = set()
        for name in ("cron", "nothing", "x" * 500, "till"):
            opened = compared = 0
            answer = await post.send(name, b"{}", {"x-signature": "0" * 64, **bearer("guess")})
            seen.add((answer.status_code, answer.content, opened, compared))
        assert len(seen) == 1, seen


# Any delivery ----------------------------------------------------------------------------------------------

jsons = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "name event type summary message group status severity labels url version groupKey alerts commonLabels groupLabels "
    "truncatedAlerts action issue data id object currency amount livemode title repository sender ref error metric_alert"
).split()
payloads = st.dictionaries(
    st.sampled_from(NAMES), jsons | st.sampled_from(["4", "firing", "resolved", "evt_1"]), max_size=10
)


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200) | payloads.map(lambda each: json.dumps(each).encode()))
def test_any_body_of_a_proven_sender_is_kept_or_refused_in_a_sentence(body: bytes) -> None:
    """SAFETY 82, 84"""
    said: list[str] = []
    for shape, read in READ.items():
        headers = {
            "x-github-event": "push",
            "x-github-delivery": "12345678",
            "sentry-hook-resource": "issue",
            "request-id": "",
        }
        try:
            letter = Letter(
                source="hook:x", headers=headers, body=payload_of(body, "application/json"), digest="d" * 64
            )
            delivery = read(letter)
        except (Turned, Unreadable) as error:
            said.append(str(error))
            continue
        if delivery is None:
            continue
        signal = delivery.signal
        assert delivery.id, shape
        assert len(signal.summary) <= 2_000
        assert len(signal.name) <= 400
        assert (signal.condition is None) == (not signal.group)
        assert codec.BODY.copy(signal) == signal
    assert all(said)


@settings(max_examples=200, deadline=None)
@given(
    headers=st.dictionaries(
        st.sampled_from(
            "authorization x-signature x-timestamp x-hub-signature-256 stripe-signature sentry-hook-signature "
            "x-grafana-alerting-signature x-grafana-alerting-timestamp".split()
        ),
        st.lists(st.text(max_size=120), min_size=1, max_size=2),
        max_size=8,
    ),
    body=st.binary(max_size=50),
)
def test_no_header_passes_for_a_signature_and_none_breaks_the_check(
    headers: dict[str, list[str]], body: bytes
) -> None:
    """SAFETY 82"""
    for shape in Shape:
        assert not proven(
            shape, headers, body, secrets=("a secret of the test",), now=datetime(2026, 11, 21, tzinfo=UTC)
        )


async def test_grafana_sentry_and_alertmanager_say_what_is_wrong_and_when_it_is_over(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        prom, graf = await post.hook("prom", "alertmanager"), await post.hook("graf", "grafana")
        assert (await post.alert("prom", prom, group(("a", "firing"), ("b", "resolved")))).status_code == 200
        assert (await post.alert("prom", prom, {**group(("a", "firing")), "version": "3"})).status_code == 400
        title = {
            **group(("c", "firing"), name="HighLatency"),
            "version": "1",
            "title": "[FIRING:1] HighLatency",
        }
        body = json.dumps(title).encode()
        now = int(post.s.clock.now().timestamp())
        stamped = {
            "x-grafana-alerting-signature": signature(graf, f"{now}:".encode() + body),
            "x-grafana-alerting-timestamp": str(now),
        }
        assert (await post.send("graf", body, stamped)).status_code == 200
        await post.s.say("hook add bugs sentry 0")
        await hooking.brought("bugs", "client-secret-of-sentry", house=post.s.house, by="test")
        issue = {
            "action": "created",
            "data": {
                "issue": {
                    "id": "17",
                    "title": "KeyError: order",
                    "level": "error",
                    "project": {"slug": "shop"},
                }
            },
        }
        for action, event in (("created", "r-0000001"), ("resolved", "r-0000002")):
            raw = json.dumps({**issue, "action": action}).encode()
            sent = {
                "sentry-hook-resource": "issue",
                "sentry-hook-signature": signature("client-secret-of-sentry", raw),
                "request-id": event,
            }
            assert (await post.send("bugs", raw, sent)).status_code == 200
        alerts, latency, created, resolved = await kept(post)
        assert [alert.condition for alert in alerts.alerts] == [Condition.FIRING, Condition.RESOLVED]
        assert latency.summary == "[FIRING:1] HighLatency"
        assert (created.summary, created.severity) == ("shop: KeyError: order", "error")
        assert resolved.condition is Condition.RESOLVED
        assert created.group == resolved.group == "issue:17"


async def test_whoever_is_no_owner_any_more_makes_no_hooks(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        await role(post.s, "per_mark", Role.APPROVER)
        for words in (
            "hook add a bearer",
            "hook rotate a",
            "hook remove a",
            "escalate a to Olivia after 5 minutes",
        ):
            await post.s.say(words, who=MARK)
            assert "only an owner may do that" in post.s.last, words
        assert OLIVIA.user == "olivia"
