"""Calls to addresses that others chose, against a server that means harm."""

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.net import addresses, guarded
from adapters.net.guarded import Guarded, call
from bot.errors import BadInput, Failed, OutcomeUnknown, Refused, Unreachable
from tests.adapters.net.hostile import OTHER, PUBLIC, Answer, Seen, Wire, hostile, moved, names, plain

KEY = {"authorization": "Bearer canary-9d1f"}


def way(port: int, *, dead: Sequence[str] = (), **known: Sequence[str]) -> tuple[Guarded, Wire]:
    wire = Wire(port, dead=dead)
    return Guarded(resolve=names(**(known or {"shop_example_com": [PUBLIC]})), inner=wire), wire


async def test_a_read_comes_back_bounded_and_as_text() -> None:
    async with hostile() as server:
        server.answers["/a"] = plain(
            "é".encode("latin-1"), headers=[("content-type", "text/html; charset=latin-1")]
        )
        transport, wire = way(server.port)
        reply = await call("GET", "http://shop.example.com/a?b=c", transport=transport)
    assert (reply.status, reply.text, reply.cut) == (200, "é", False)
    assert wire.called == [PUBLIC]
    assert server.seen[0].line == "GET /a?b=c HTTP/1.1"
    assert server.seen[0].headers["host"] == "shop.example.com"


@pytest.mark.parametrize(
    "record", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"]
)
async def test_a_name_that_leads_inside_is_refused_before_any_connection(record: str) -> None:
    """SAFETY 86: after resolution, for every record returned."""
    transport, wire = way(1, shop_example_com=[PUBLIC, record])
    with pytest.raises(BadInput, match="not an address on the internet"):
        await call("GET", "http://shop.example.com/", transport=transport)
    assert wire.called == []


async def test_a_name_that_changes_its_mind_is_called_where_it_was_checked() -> None:
    """SAFETY 87: rebinding. The name is resolved once per hop, and the connection goes to what was judged."""
    async with hostile() as server:
        transport, wire = way(server.port, shop_example_com=[PUBLIC, "then", "127.0.0.1"])
        await call("GET", "http://shop.example.com/", transport=transport)
        assert wire.called == [PUBLIC]
        with pytest.raises(BadInput):
            await call("GET", "http://shop.example.com/", transport=transport)
    assert wire.called == [PUBLIC]


@pytest.mark.parametrize(
    "to",
    [
        *("http://127.0.0.1/", "http://169.254.169.254/latest/", "http://inner.example.com/", "http://[::1]/"),
        *("file:///etc/passwd", "gopher://shop.example.com/", "http://a:b@shop.example.com/", "//2130706433/"),
        *("unix:/run/docker.sock", "http://localhost/", "http://shop.example.com\\@127.0.0.1/"),
    ],
)  # fmt: skip
async def test_a_redirect_is_checked_like_the_first_address(to: str) -> None:
    """SAFETY 87, 88: every hop again, whatever it is spelled like."""
    async with hostile() as server:
        server.answers["/go"] = moved(to)
        transport, wire = way(server.port, shop_example_com=[PUBLIC], inner_example_com=["10.0.0.8"])
        with pytest.raises(Refused):
            await call("GET", "http://shop.example.com/go", transport=transport)
        assert len(server.seen) == 1
    assert wire.called == [PUBLIC]


async def test_three_hops_and_no_more() -> None:
    """SAFETY 87: a chain of redirects ends."""
    async with hostile() as server:
        for number in range(6):
            server.answers[f"/{number}"] = moved(f"/{number + 1}")
        server.answers["/3"] = plain(b"there")
        transport, _ = way(server.port)
        assert (await call("GET", "http://shop.example.com/0", transport=transport)).text == "there"
        server.answers["/3"] = moved("/4")
        with pytest.raises(Failed):
            await call("GET", "http://shop.example.com/0", transport=transport)
        assert len(server.seen) == 8


async def test_credentials_and_headers_stay_with_the_first_origin() -> None:
    """SAFETY 87: no credentials across origins, not even back again in disguise of another port."""
    async with hostile() as server:
        server.answers["/same"] = moved("/there")
        server.answers["/other"] = moved("http://other.example.com/there")
        server.answers["/port"] = moved("http://shop.example.com:8080/there")
        transport, _ = way(server.port, shop_example_com=[PUBLIC], other_example_com=[OTHER])
        for path, kept in (("same", True), ("other", False), ("port", False)):
            server.seen.clear()
            await call(
                "GET",
                f"http://shop.example.com/{path}",
                transport=transport,
                headers={"x-mine": "1"},
                credentials=KEY,
            )
            assert [("authorization" in s.headers, "x-mine" in s.headers) for s in server.seen] == [
                (True, True),
                (kept, kept),
            ]


async def test_whoever_permits_is_asked_about_every_hop() -> None:
    """SAFETY 87: an allow-list holds for redirects, too."""

    def only_the_shop(url: httpx.URL) -> None:
        if url.host != "shop.example.com":
            raise BadInput("not that one")

    async with hostile() as server:
        server.answers["/go"] = moved("http://other.example.com/")
        transport, wire = way(server.port, shop_example_com=[PUBLIC], other_example_com=[OTHER])
        with pytest.raises(BadInput, match="not that one"):
            await call("GET", "http://shop.example.com/go", transport=transport, permit=only_the_shop)
    assert wire.called == [PUBLIC]


async def test_a_write_follows_no_redirect() -> None:
    async with hostile() as server:
        server.answers["/go"] = moved("/there", "307 Temporary Redirect")
        transport, _ = way(server.port)
        reply = await call("POST", "http://shop.example.com/go", transport=transport, body=b"x")
        assert reply.status == 307
        assert [(seen.line, seen.body) for seen in server.seen] == [("POST /go HTTP/1.1", b"x")]


async def _forever(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def _drips(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _silent(_: Seen, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _endless_head(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: " + b"y" * 1000 + b"\r\n")
        await writer.drain()


async def _ten_gigabytes(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


@pytest.mark.parametrize("answer", [_forever, _ten_gigabytes])
async def test_an_endless_answer_is_cut(answer: Answer) -> None:
    """SAFETY 88: ten gigabytes, and a stream without an end."""
    async with hostile() as server:
        server.answers["/"] = answer
        transport, _ = way(server.port)
        reply = await call("GET", "http://shop.example.com/", transport=transport, most_bytes=100_000)
    assert reply.cut
    assert len(reply.body) == 100_000


@pytest.mark.parametrize("answer", [_drips, _silent, _endless_head])
async def test_a_slow_answer_ends_with_our_patience(answer: Answer) -> None:
    """SAFETY 88: one byte at a time is not an answer; a head without an end is none either."""
    async with hostile() as server:
        server.answers["/"] = answer
        transport, _ = way(server.port)
        began = asyncio.get_running_loop().time()
        with pytest.raises(Unreachable):
            await call("GET", "http://shop.example.com/", transport=transport, patience=0.4)
        with pytest.raises(OutcomeUnknown):
            await call("POST", "http://shop.example.com/", transport=transport, patience=0.4)
        assert asyncio.get_running_loop().time() - began < 5


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_small_answer_that_unpacks_to_a_large_one_is_cut(
    encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    """SAFETY 88: the bound holds for what is unpacked."""
    async with hostile() as server:
        server.answers["/"] = plain(pack(b"0" * 50_000_000), headers=[("content-encoding", encoding)])
        server.answers["/small"] = plain(pack(b"small"), headers=[("content-encoding", encoding)])
        transport, _ = way(server.port)
        tracemalloc.start()
        try:
            reply = await call("GET", "http://shop.example.com/", transport=transport)
            assert tracemalloc.get_traced_memory()[1] < 10 * guarded.MOST_BYTES, (
                "bounded while it unpacks, too"
            )
        finally:
            tracemalloc.stop()
        assert (len(reply.body), reply.cut) == (guarded.MOST_BYTES, True)
        small = await call("GET", "http://shop.example.com/small", transport=transport)
        assert (small.body, small.cut) == (b"small", False)


@pytest.mark.parametrize(
    "headers",
    [{"x-a": "b\r\nhost: c"}, {"x-a\r\nb": "c"}, {"x-a": "b\x00"}, {"x a": "b"}, {"": "b"}, {"x": "é"}],
)
async def test_a_header_cannot_become_two(headers: dict[str, str]) -> None:
    """SAFETY 88: line breaks in headers."""
    async with hostile() as server:
        transport, _ = way(server.port)
        with pytest.raises(BadInput):
            await call("GET", "http://shop.example.com/", transport=transport, headers=headers)
        with pytest.raises(BadInput):
            await call("GET", "http://shop.example.com/", transport=transport, credentials=headers)
        assert server.seen == []


async def _nonsense(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example.com ESMTP\r\n")


async def _half(_: Seen, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")


@pytest.mark.parametrize(
    "answer",
    [plain(b"x", headers=[("content-encoding", "gzip")]), _nonsense, _half],
    ids=["packed", "mail", "half"],
)
async def test_an_answer_that_makes_no_sense_is_ours_to_say(answer: Answer) -> None:
    """SAFETY 88: after a write nobody knows what it did; a read may be tried again."""
    async with hostile() as server:
        server.answers["/"] = answer
        transport, _ = way(server.port)
        with pytest.raises(Unreachable):
            await call("GET", "http://shop.example.com/", transport=transport)
        with pytest.raises(OutcomeUnknown):
            await call("POST", "http://shop.example.com/", transport=transport, body=b"x")


async def test_the_next_address_is_tried_when_one_takes_no_connection() -> None:
    async with hostile() as server:
        transport, wire = way(server.port, dead=[OTHER], shop_example_com=[OTHER, PUBLIC])
        assert (await call("GET", "http://shop.example.com/", transport=transport)).status == 200
        transport, _ = way(server.port, dead=[OTHER, PUBLIC], shop_example_com=[OTHER, PUBLIC])
        with pytest.raises(Unreachable, match="cannot be reached"):
            await call("POST", "http://shop.example.com/", transport=transport, body=b"x")
    assert wire.called == [OTHER, PUBLIC]


async def test_the_end_of_one_call_is_not_the_end_of_another() -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Seen, writer: asyncio.StreamWriter) -> None:
        began.set()
        await go_on.wait()
        await plain(b"slow")(_, writer)

    async with hostile() as server:
        server.answers["/slow"] = slow
        transport, _ = way(server.port)
        first = asyncio.create_task(call("GET", "http://shop.example.com/slow", transport=transport))
        await began.wait()
        await call("GET", "http://shop.example.com/", transport=transport)
        go_on.set()
        assert (await first).text == "slow"
        await transport.aclose()


async def test_a_name_nobody_knows_is_unreachable() -> None:
    transport, _ = way(1)
    with pytest.raises(Unreachable, match="is not known"):
        await call("POST", "http://nobody.example.com/", transport=transport)


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for a name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    known = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


async def test_tls_is_verified_against_the_name_not_the_address(tmp_path: Path) -> None:
    """SAFETY 87: a pinned connection is still one to the name on the certificate, and never leaves TLS."""
    server_side, client_side = certificate(tmp_path, "shop.example.com")
    async with hostile(server_side) as server:
        server.answers["/down"] = moved("http://shop.example.com/")
        known = {"shop_example_com": [PUBLIC], "other_example_com": [PUBLIC]}
        transport = Guarded(resolve=names(**known), inner=Wire(server.port, verify=client_side))
        assert (await call("GET", "https://shop.example.com/", transport=transport)).status == 200
        with pytest.raises(Failed, match="certificate"):
            await call("GET", "https://other.example.com/", transport=transport)
        with pytest.raises(BadInput, match="without TLS"):
            await call("GET", "https://shop.example.com/down", transport=transport)
        untrusting = Guarded(resolve=names(**known), inner=Wire(server.port))
        with pytest.raises(Failed, match="certificate"):
            await call("POST", "https://shop.example.com/", transport=untrusting, body=b"x")


async def test_the_machines_own_resolver_is_judged_like_any_other() -> None:
    """SAFETY 86: with nothing replaced, loopback by name or number is refused."""
    async with hostile() as server:
        transport = Guarded()
        for host in ("localhost", "127.0.0.1", "2130706433", "[::1]"):
            with pytest.raises(BadInput):
                await call("GET", f"http://{host}:{server.port}/", transport=transport)
        target = addresses.Target(scheme="http", host="localhost", port=server.port)
        with pytest.raises(BadInput):
            await transport.look(target)
        await transport.aclose()
        assert server.seen == []
