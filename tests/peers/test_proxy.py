"""The recording proxy: passes everything on, writes it down first, and goes wrong exactly as told."""

from collections.abc import Generator, Mapping
from typing import Any

import httpx
import pytest

from tests.peers.proxy import Fault, Proxy, proxy
from tests.twins.served import served


class Counter:
    """Counts what it is asked to do."""

    def __init__(self) -> None:
        self.done = 0

    def answer(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        self.done += method == "POST"
        return (
            201,
            {"path": path, "query": query, "body": body, "key": headers.get("x-key")},
            {"X-Own": "yes"},
        )


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def line(counter: Counter) -> Generator[Proxy]:
    with served(counter) as upstream, proxy(upstream) as standing:
        yield standing


def test_it_passes_everything_on_and_keeps_it(line: Proxy, counter: Counter) -> None:
    reply = httpx.post(f"{line.url}/a/b?c=d", content="hello", headers={"X-Key": "k1"})
    assert reply.status_code == 201
    assert reply.headers["x-own"] == "yes"
    assert reply.json() == {"path": "/a/b", "query": "c=d", "body": "hello", "key": "k1"}
    (kept,) = line.wait("POST", "/a/b", "hell")
    assert (kept.path, kept.text, kept.headers["x-key"], kept.status) == ("/a/b?c=d", "hello", "k1", 201)


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.DONE_HANG])
def test_it_goes_wrong_as_told_and_only_so_often(line: Proxy, counter: Counter, fault: Fault) -> None:
    line.fault(fault, method="POST", path="/a")
    assert httpx.get(f"{line.url}/a").status_code == 201
    if fault in (Fault.DONE_CUT, Fault.NOT_CUT):
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(f"{line.url}/a")
    else:
        assert httpx.post(f"{line.url}/a").status_code == (429 if fault is Fault.NOT_429 else 500)
    assert counter.done == (1 if fault.name.startswith("DONE") else 0)
    before = counter.done
    assert httpx.post(f"{line.url}/a").status_code == 201
    assert counter.done == before + 1


def test_it_hangs_until_its_block_ends(counter: Counter) -> None:
    with served(counter) as upstream, proxy(upstream) as line:
        line.fault(Fault.DONE_HANG)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{line.url}/a", timeout=0.2)
        assert line.wait("POST")
    assert counter.done == 1
