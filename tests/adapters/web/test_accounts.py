"""The pages where an account is connected: for owners and approvers alone, from our own forms, and no key comes back out."""

import html
import re
from collections.abc import AsyncGenerator, Generator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bot.people import Person, Role
from tests.adapters.web.rig import MARK, OLIVIA, URL, Rig, Visitor, hidden, rig
from tests.twins import acme
from tests.twins.granting import Authority
from tests.twins.served import served

KEY = "CanaryKeyOfAcme"
WRONG = "CanaryOfAWrongKey"


@pytest.fixture
def twin() -> Authority:
    return Authority(back=f"{URL}/oauth/acme/callback")


@pytest.fixture
def url(twin: Authority) -> Generator[str]:
    with served(twin) as address:
        yield address


@pytest.fixture
async def shop(tmp_path: Path, url: str) -> AsyncGenerator[Rig]:
    async with rig(tmp_path, vendors={"acme": acme.VENDOR}, given=acme.given(url)) as standing:
        yield standing


async def send(visitor: Visitor, **fields: str) -> httpx.Response:
    page = (await visitor.http.get("/connect/acme")).text
    return await visitor.http.post("/connect/acme", data={"csrf": hidden(page, "csrf"), **fields})


async def kept(rig: Rig) -> list[str]:
    return [row.name for row in await rig.store.read(lambda tx: tx.connections.all())]


async def test_an_owner_types_a_key_and_it_is_never_shown_again(shop: Rig) -> None:
    async with shop.browser() as visitor:
        page = (await visitor.http.get("/connect/acme")).text
        assert 'type="password" name="value.api_key" value=""' in page
        assert "ACME_API_URL" not in page
        answer = await send(visitor, way="key", **{"value.api_key": KEY})
        assert (answer.status_code, answer.headers["location"]) == (303, "/chat")
        chat = (await visitor.http.get("/chat")).text
        assert "Connected: acme is Atelier Acme (acct_1) (live)." in chat
        assert KEY not in chat
        assert KEY not in (await visitor.http.get("/connect/acme")).text
    assert await kept(shop) == ["acme"]


async def test_why_a_key_does_not_work_is_said_in_the_readers_language(shop: Rig) -> None:
    french = replace(OLIVIA, lang="fr")
    await shop.write(lambda tx: tx.people.put(french))
    async with shop.browser(french) as visitor:
        answer = await send(visitor, way="key", name="acme_eu", **{"value.api_key": WRONG})
        assert "Acme n’est pas connecté\u00a0: Acme n’accepte pas la clé" in answer.text


async def test_a_key_that_does_not_work_comes_back_as_a_sentence_without_it(shop: Rig) -> None:
    async with shop.browser() as visitor:
        answer = await send(visitor, way="key", name="acme_eu", **{"value.api_key": WRONG})
        assert answer.status_code == 422
        assert "Acme was not connected: Acme does not accept the key" in answer.text
        assert WRONG not in answer.text
        assert 'name="name" value="acme_eu"' in answer.text
        assert answer.headers["cache-control"] == "no-store"
        empty = await send(visitor, way="key", **{"value.api_key": ""})
        assert (empty.status_code, "Acme needs Key" in empty.text) == (422, True)
        assert 'aria-invalid="true"' in empty.text
    assert await kept(shop) == []


async def test_an_approver_connects_an_account_and_tries_no_model(shop: Rig) -> None:
    ana = Person(id="per_ana", name="Ana", role=Role.APPROVER, zone="Europe/Paris")
    await shop.store.write(lambda tx: tx.people.put(ana))
    async with shop.browser(ana) as visitor:
        assert 'href="/connect/acme"' in (await visitor.http.get("/connections")).text
        answer = await send(visitor, way="key", **{"value.api_key": KEY})
        assert (answer.status_code, answer.headers["location"]) == (303, "/chat")
        token = hidden((await visitor.http.get("/chat")).text, "csrf")
        tried = await visitor.http.post("/model", data={"csrf": token, "model": "test", "key": ""})
        assert tried.status_code == 403
    assert await kept(shop) == ["acme"]
    (entry,) = [
        each for each in await shop.store.read(lambda tx: tx.ledger.read()) if each.kind == "connected"
    ]
    assert entry.body["person"] == ana.id


async def test_a_member_may_not(shop: Rig) -> None:
    async with shop.browser(MARK) as visitor:
        assert (await visitor.http.get("/connect/acme")).status_code == 403
        token = hidden((await visitor.http.get("/chat")).text, "csrf")
        answer = await visitor.http.post("/connect/acme", data={"csrf": token, "value.api_key": KEY})
        assert answer.status_code == 403
    assert await kept(shop) == []
    assert shop.door.open_pages() == 0


@pytest.mark.parametrize("token", ["", "0" * 32])
async def test_a_forged_form_connects_nothing(shop: Rig, twin: Authority, token: str) -> None:
    async with shop.browser() as visitor:
        answer = await visitor.http.post("/connect/acme", data={"csrf": token, "value.api_key": KEY})
    assert answer.status_code == 403
    assert twin.asked == []


async def test_what_nobody_offers_is_nothing(shop: Rig) -> None:
    async with shop.browser() as visitor:
        assert (await visitor.http.get("/connect/acne")).status_code == 404


async def test_a_sign_in_link_leads_to_the_page_and_nowhere_else(shop: Rig) -> None:
    for wanted, reached in (
        ("/connect/acme", "/connect/acme"),
        ("/connect/acme?name=acme_eu", "/connect/acme?name=acme_eu"),
        ("//evil.test/connect/acme", "/"),
        ("/connect/acme?name=x&y=//evil", "/"),
        ("https://evil.test", "/"),
        ("/chat", "/"),
    ):
        token = await shop.invitation()
        async with shop.browser(None) as visitor:
            page = (await visitor.http.get("/sign-in", params={"token": token, "next": wanted})).text
            after = html.unescape(hidden(page, "next"))
            assert after in (wanted, "")
            answer = await visitor.http.post("/sign-in", data={"token": token, "next": wanted})
            assert (answer.status_code, answer.headers["location"]) == (303, reached)


async def agreed(visitor: Visitor) -> str:
    """The person goes to the vendor, agrees, and is sent back to this path of ours."""
    page = (await send(visitor, way="grant")).text
    address = re.search(r'rel="noreferrer" href="([^"]+)"', page)
    assert address, page
    async with httpx.AsyncClient() as outside:
        answer = await outside.get(html.unescape(address[1]))
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}"


async def test_an_owner_agrees_on_the_vendors_page_and_comes_back(shop: Rig, twin: Authority) -> None:
    """SAFETY 92"""
    async with shop.browser() as visitor:
        page = (await visitor.http.get("/connect/acme")).text
        assert "<code>notes.read</code>" in page
        assert "<code>notes.write</code>" in page
        back = await agreed(visitor)
        answer = await visitor.http.get(back)
        assert (answer.status_code, answer.headers["location"]) == (303, "/chat")
        assert "Connected: acme is Atelier Acme" in (await visitor.http.get("/chat")).text
        again = await visitor.http.get(back)
        assert again.status_code == 303
        assert "unknown, used, too old" in (await visitor.http.get("/chat")).text
    assert await kept(shop) == ["acme"]
    assert twin.asked.count("POST /token") == 1


async def test_nobody_else_comes_back_in_their_place(shop: Rig, twin: Authority) -> None:
    """SAFETY 92"""
    async with shop.browser() as visitor:
        back = await agreed(visitor)
    async with shop.browser(None) as stranger:
        assert (await stranger.http.get(back)).status_code == 401
    async with shop.browser(MARK) as mark:
        assert (await mark.http.get(back)).status_code == 303
        assert "only an owner or an approver connects accounts" in (await mark.http.get("/chat")).text
    async with shop.browser(OLIVIA) as visitor:
        twice = await visitor.http.get(f"{back}&state=another")
        assert twice.status_code == 400
    assert "POST /token" not in twin.asked
    assert await kept(shop) == []
