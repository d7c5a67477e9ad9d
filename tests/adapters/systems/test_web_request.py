"""Requests to web addresses: the list, the credentials, what each answer means, and what a cut wire leaves."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from adapters.net.guarded import Guarded
from adapters.systems.web_request import Hosts, WebRequests
from bot.actions import Risk
from bot.effects import EffectState
from bot.errors import BadInput, Failed, OutcomeUnknown, Unknowable, Unreachable
from bot.values import Json
from tests.adapters.net.hostile import (
    OTHER,
    PUBLIC,
    Seen,
    Wire,
    hostile,
    moved,
    names,
    plain,
)
from tests.adapters.systems.asking import call, context, preview, run
from tests.stage import stage

CANARY = "canary-6f21c0"
SEALED: Json = {"api.example.com": {"Authorization": f"Bearer {CANARY}", "X-Team": "blue1"}}


class Tls(Wire):
    """Leads to a server that speaks no TLS, as if it did: these tests are not about certificates."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http")
        return await super().handle_async_request(request)


def requests(
    port: int, hosts: str = "hooks.example.com, *.example.org", sealed: Json = SEALED
) -> WebRequests:
    known = {"api_example_com": [PUBLIC], "hooks_example_com": [OTHER], "a_example_org": [OTHER]}
    transport = Guarded(resolve=names(**known, inside_example_org=["10.0.0.9"]), inner=Tls(port))
    return WebRequests(Hosts.read(hosts, sealed), transport=transport)


async def test_a_read_tells_what_stands_there() -> None:
    async with hostile() as server:
        server.answers["/a"] = plain(b'{"n": [1]}', headers=[("content-type", "application/json")])
        server.answers["/t"] = plain(b"plain words", headers=[("content-type", "text/plain")])
        server.answers["/bad"] = plain(b"{", headers=[("content-type", "application/json")])
        system = requests(server.port)
        receipt = await run(system, "get", url="https://api.example.com/a", headers="Accept=application/json")
        assert receipt.data == {"status": 200, "type": "application/json", "content": {"n": [1]}}
        assert receipt.text == "api.example.com answered 200 OK."
        assert server.seen[0].headers["accept"] == "application/json"
        assert (await run(system, "get", url="https://a.example.org/t")).data["content"] == "plain words"
        assert (await run(system, "get", url="https://a.example.org/bad")).data["content"] == "{"


async def test_a_read_is_egress_and_what_acts_in_our_name_always_asks() -> None:
    """SAFETY 67: the address a read opens can carry anything out."""
    get, send, request = requests(1).actions()
    assert (get.risk, get.egress, send.risk, request.risk) == (Risk.R0, True, Risk.R2, Risk.R3)


@pytest.mark.parametrize(
    "url",
    [
        *("https://elsewhere.example.com/", "https://example.org/", "https://api.example.com:8443/"),
        *("http://api.example.com/", "https://evil-api.example.com/", "https://api.example.com.evil.net/"),
        *("https://127.0.0.1/", "https://inside.example.org/", "https://[::1]/", "https://xexample.org/"),
    ],
)
async def test_what_is_not_on_the_list_or_not_on_the_internet_is_refused_before_anybody_is_asked(
    url: str,
) -> None:
    """SAFETY 86: the list allows a name, and the address behind it is still judged."""
    async with hostile() as server:
        system = requests(server.port)
        for verb, risky in (("get", {}), ("request", {"method": "PUT"})):
            with pytest.raises(BadInput) as refusal:
                await preview(system, verb, url=url, **risky)
            assert refusal.value.field == "url"
            with pytest.raises(BadInput):
                await run(system, verb, url=url, **risky)
        assert server.seen == []


@pytest.mark.parametrize(
    "name", ["Authorization", "cookie", "HOST", "X-Api-Key", "Content-Length", "x-team", "X-Forwarded-For"]
)
async def test_credentials_and_framing_are_not_a_minds_to_write(name: str) -> None:
    """SAFETY 90: credentials are injected by reference."""
    with pytest.raises(BadInput) as refusal:
        await preview(requests(1), "get", url="https://api.example.com/", headers={name: "x"})
    assert refusal.value.field == "headers"


@pytest.mark.parametrize("headers", ['{"X-A": "b\\r\\nHost: c"}', '{"X-A\\r\\nB": "c"}', '{"X A": "b"}'])
async def test_no_header_becomes_two(headers: str) -> None:
    """SAFETY 88: line breaks in headers."""
    async with hostile() as server:
        with pytest.raises(BadInput):
            await run(requests(server.port), "get", url="https://api.example.com/", headers=headers)
        assert server.seen == []


async def test_a_credential_goes_to_its_host_and_is_seen_by_nobody() -> None:
    """SAFETY 87, 89, 90: sent by reference, to that origin alone, and blanked where a server repeats it."""

    async def echo(seen: Seen, writer: asyncio.StreamWriter) -> None:
        headers = [("location", f"/?k={CANARY}")]
        await plain(json.dumps(seen.headers).encode(), headers=headers)(seen, writer)

    async with hostile() as server:
        server.answers["/echo"] = echo
        server.answers["/away"] = moved("https://a.example.org/")
        server.answers["/back"] = moved("https://api.example.com/echo")
        system = requests(server.port)
        receipt = await run(system, "get", url="https://api.example.com/echo")
        assert server.seen[-1].headers["authorization"] == f"Bearer {CANARY}"
        assert CANARY not in repr(receipt)
        assert "[hidden]" in receipt.data["content"]
        await run(system, "get", url="https://api.example.com/away")
        assert "authorization" not in server.seen[-1].headers
        await run(system, "get", url="https://hooks.example.com/back")
        assert "authorization" not in server.seen[-1].headers, "a stranger's redirect borrows no credential"
    card = await preview(system, "request", url="https://api.example.com/")
    assert card.notes == ("The credential kept for this host goes along.",)
    for text in (repr(Hosts.read("", SEALED)), repr(card), str(system.account()), str(await system.check())):
        assert CANARY not in text


async def test_a_write_says_what_was_sent_and_to_whom() -> None:
    async with hostile() as server:
        system = requests(server.port)
        card = await preview(system, "send", url="https://hooks.example.com/x?y=1", body='{"a": 1}')
        assert (card.subject, card.recipient) == ("POST https://hooks.example.com/x?y=1", "hooks.example.com")
        await run(system, "send", url="https://hooks.example.com/x?y=1", body='{"a": 1}')
        await run(system, "request", key="eff_2", url="https://api.example.com/7", method="DELETE")
        await run(
            system,
            "send",
            key="eff_3",
            url="https://hooks.example.com/",
            body="hé",
            headers="Content-Type=text/csv",
        )
        assert [(s.line.split(" ")[0], s.body, s.headers.get("content-type")) for s in server.seen] == [
            ("POST", b'{"a": 1}', "application/json"),
            ("DELETE", b"", None),
            ("POST", "hé".encode(), "text/csv"),
        ]
        assert [seen.headers["idempotency-key"] for seen in server.seen] == ["eff_1", "eff_2", "eff_3"]


async def test_where_a_credential_is_kept_writing_is_always_asked_for() -> None:
    with pytest.raises(BadInput, match="a credential is kept"):
        await preview(requests(1), "send", url="https://api.example.com/")


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        ("404 Not Found", Failed, Failed),
        ("429 Too Many Requests", Unreachable, Unreachable),
        ("500 Oh", Failed, OutcomeUnknown),
        ("502 Oh", Failed, OutcomeUnknown),
        ("503 Busy", Unreachable, Unreachable),
    ],
)  # fmt: skip
async def test_what_a_refusal_means(status: str, read: type[Exception], write: type[Exception]) -> None:
    async with hostile() as server:
        server.answers["/"] = plain(b"no", status, [("retry-after", "7")])
        with pytest.raises(read) as refusal:
            await run(requests(server.port), "get", url="https://api.example.com/")
        if isinstance(refusal.value, Unreachable):
            assert refusal.value.retry_after == 7
        assert status[:3] in str(refusal.value)
        with pytest.raises(write):
            await run(requests(server.port), "request", url="https://api.example.com/")


async def test_a_long_answer_is_handed_on_as_far_as_it_goes() -> None:
    async with hostile() as server:
        server.answers["/"] = plain(b"x" * 3_000_000)
        data = (await run(requests(server.port), "get", url="https://api.example.com/")).data
    assert (len(data["content"]), data["cut"]) == (20_000, True)


async def _cut(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def test_a_wire_cut_after_the_deed_leaves_it_unknown_with_a_question(tmp_path: Path) -> None:
    """SAFETY 88: nobody can look it up, so it is never made again, and a person is asked."""
    async with hostile() as server:
        server.answers["/new"] = _cut
        async with stage(tmp_path, systems={"http": requests(server.port)}) as s:
            await s.say("do http.send url=https://hooks.example.com/new body=hello")
            unknown = await s.look(lambda tx: tx.effects.in_state(EffectState.UNKNOWN))
            assert len(unknown) == 1
            assert "hooks.example.com" in unknown[0].error
        assert len(server.seen) == 1
        async with stage(tmp_path, systems={"http": requests(server.port)}):
            pass
        assert len(server.seen) == 1, "not made again after a restart"


async def test_a_look_up_in_another_process_knows_nothing() -> None:
    async with hostile() as server:
        first, second = requests(server.port), requests(server.port)
        made = call(first, "send", url="https://hooks.example.com/")
        receipt = await first.run(made, context())
        known = await first.look_up(made, context())
        assert known is not None
        assert known.text == receipt.text
        with pytest.raises(Unknowable, match="hooks"):
            await second.look_up(made, context())


async def test_it_is_used_from_chat(tmp_path: Path) -> None:
    async with hostile() as server:
        server.answers["/status"] = plain(b"all is well")
        async with stage(tmp_path, systems={"http": requests(server.port)}) as s:
            await s.say("do http.get url=https://a.example.org/status")
            assert "a.example.org answered 200 OK" in s.last
            await s.say("do http.request url=https://api.example.com/7 method=DELETE")
            assert [seen.line for seen in server.seen] == ["GET /status HTTP/1.1"]
            await s.press(s.card)
            assert server.seen[-1].line == "DELETE /7 HTTP/1.1"
            await s.say("do http.get url=https://elsewhere.example.com/")
            assert "is not among the hosts" in s.last


@pytest.mark.parametrize(
    ("hosts", "sealed", "field"),
    [
        ("", None, "hosts"),
        ("api.example.com/path", None, "hosts"),
        ("ftp://a.com", None, "hosts"),
        ("*", None, "hosts"),
        ("127.0.0.1", None, "hosts"),
        ("localhost:8080", None, "hosts"),
        ("a.com", ["x"], "credentials"),
        ("a.com", {"a.com": "secret"}, "credentials"),
        ("a.com", {"a.com": {}}, "credentials"),
        ("a.com", {"a.com": {"X": 1}}, "credentials"),
        ("a.com", {"http://a.com": {"X": "y"}}, "credentials"),
        ("a.com", {"*.a.com": {"X": "y"}}, "credentials"),
    ],
)
def test_a_list_that_cannot_be_kept_is_refused(hosts: str, sealed: Json, field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        Hosts.read(hosts, sealed)
    assert refusal.value.field == field
    assert "secret" not in str(refusal.value)
    assert str(refusal.value) != "y"


async def test_it_says_which_name_is_not_known() -> None:
    health = await requests(1, hosts="gone.example.com", sealed=None).check()
    assert not health.well
    assert "gone.example.com" in health.text
