"""Who gets in, and what is turned away at the door before any page thinks about it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from adapters.chat.web import WebDoor, WebSettings, guard
from adapters.clock.calendar import CronCalendar
from bot.events import Verb
from bot.forms import Sheet
from bot.inbox import Arrival
from bot.people import Identity
from bot.places import Place
from tests.adapters.web.rig import MARK, OLIVIA, URL, Rig, hidden

PAGES = [
    "/",
    "/chat",
    "/pending",
    "/missions",
    "/form/abc?revision=1",
    "/stream",
    "/connect/acme",
    "/oauth/acme/callback",
]
FORMS = ["/say", "/press", "/form/abc", "/connect/acme", "/sign-out"]


@pytest.mark.parametrize("page", PAGES)
async def test_nobody_sees_a_page_without_signing_in(assistant: Rig, page: str) -> None:
    async with assistant.browser(None) as visitor:
        answer = await visitor.http.get(page)
    assert answer.status_code == 401
    assert "dashboard" in answer.text


@pytest.mark.parametrize("page", PAGES)
async def test_a_forged_session_is_no_session(assistant: Rig, page: str) -> None:
    async with assistant.browser(None) as visitor:
        visitor.http.cookies.set("vigie_session", "A" * 22)
        answer = await visitor.http.get(page)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "page", [*PAGES[:4], "/sign-in", "/sign-in?token=x", "/nothing", "/static/vigie.css"]
)
async def test_every_answer_tells_the_browser_to_be_strict(assistant: Rig, page: str) -> None:
    async with assistant.browser() as visitor:
        answer = await visitor.http.get(page)
    assert answer.status_code == (404 if page == "/nothing" else 200)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for directive in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "script-src 'self'"):
        assert directive in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    if "static" not in page:
        assert answer.headers["cache-control"] == "no-store"


async def test_no_page_holds_what_the_policy_forbids(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        for page in ("/chat", "/pending", "/missions", "/sign-in?token=x", "/sign-in"):
            html = (await visitor.http.get(page)).text
            assert "<style" not in html
            assert " style=" not in html
            assert "<script>" not in html
            assert "//" not in html.replace("http://www.w3.org", "").split("</head>")[0]


async def test_a_sign_in_link_does_nothing_until_its_button_is_pressed(assistant: Rig) -> None:
    token = await assistant.invitation()
    async with assistant.browser(None) as visitor:
        pages = [await visitor.http.get("/sign-in", params={"token": token}) for _ in range(3)]
        assert [page.status_code for page in pages] == [200] * 3
        assert not visitor.http.cookies
        answer = await visitor.http.post("/sign-in", data={"token": hidden(pages[-1].text, "token")})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
        assert (await visitor.http.get("/")).status_code == 200


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(assistant: Rig) -> None:
    async with assistant.browser(None) as visitor:
        answer = await visitor.http.post("/sign-in", data={"token": await assistant.invitation()})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("vigie_session=")
    for part in ("httponly", "samesite=lax", "path=/", "max-age=2592000"):
        assert part in cookie
    assert "secure" not in cookie


async def test_over_https_the_cookie_never_travels_in_the_clear(assistant: Rig) -> None:
    async def accept(_: Arrival) -> bool:
        return True

    async def form(ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
        raise NotImplementedError

    settings = WebSettings(url="https://vigie.example", cookie_secure=True)
    door = WebDoor(settings, house=assistant.house, calendar=CronCalendar(), accept=accept, form=form)
    transport = httpx.ASGITransport(app=Starlette(routes=door.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="https://vigie.example") as http:
        answer = await http.post("/sign-in", data={"token": await assistant.invitation()})
    assert "secure" in answer.headers["set-cookie"].lower().split("; ")


async def test_a_sign_in_link_works_once(assistant: Rig) -> None:
    token = await assistant.invitation()
    async with assistant.browser(None) as visitor:
        assert (await visitor.http.post("/sign-in", data={"token": token})).status_code == 303
    async with assistant.browser(None) as other:
        again = await other.http.post("/sign-in", data={"token": token})
        assert again.status_code == 403
        assert "set-cookie" not in again.headers
        assert "dashboard" in again.text


@pytest.mark.parametrize("token", ["", "unknown", "é" * 30, "x" * 5000])
async def test_an_unknown_token_is_answered_with_how_to_get_one(assistant: Rig, token: str) -> None:
    async with assistant.browser(None) as visitor:
        answer = await visitor.http.post("/sign-in", data={"token": token})
    assert answer.status_code == 403
    assert "restart" in answer.text


async def test_an_expired_link_does_not_sign_in(assistant: Rig) -> None:
    token = await assistant.invitation()
    assistant.clock.forward(timedelta(minutes=11))
    async with assistant.browser(None) as visitor:
        assert (await visitor.http.post("/sign-in", data={"token": token})).status_code == 403


async def test_a_session_token_is_no_sign_in_link(assistant: Rig) -> None:
    session = await assistant.session()
    async with assistant.browser(None) as visitor:
        assert (await visitor.http.post("/sign-in", data={"token": session})).status_code == 403


async def test_signing_out_ends_the_session_on_the_server(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        session = visitor.http.cookies["vigie_session"]
        answer = await visitor.http.post("/sign-out", data=await visitor.form())
        assert answer.status_code == 303
    async with assistant.browser(None) as thief:
        thief.http.cookies.set("vigie_session", session)
        assert (await thief.http.get("/chat")).status_code == 401


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("csrf", [None, "", "0" * 32, "é"])
async def test_a_form_without_the_sessions_token_does_nothing(
    assistant: Rig, form: str, csrf: str | None
) -> None:
    fields = {"text": "hello", "nonce": "n" * 16, "ref": "abc", "revision": "1", "verb": "approve"}
    async with assistant.browser() as visitor:
        answer = await visitor.http.post(form, data=fields if csrf is None else {**fields, "csrf": csrf})
        assert answer.status_code == 403
        assert "Nothing was done" in answer.text
        assert (await visitor.http.get("/chat")).status_code == 200
    assert assistant.arrivals == []


async def test_a_form_with_somebody_elses_token_does_nothing(assistant: Rig) -> None:
    async with assistant.browser(MARK) as mark, assistant.browser(OLIVIA) as olivia:
        answer = await olivia.http.post("/say", data={**await mark.form(), "text": "freeze"})
    assert answer.status_code == 403
    assert assistant.arrivals == []


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
    ],
    ids=str,
)
async def test_a_form_from_another_site_does_nothing_even_with_a_token(
    assistant: Rig, headers: dict[str, str]
) -> None:
    async with assistant.browser() as visitor:
        fields = {**await visitor.form(), "text": "freeze"}
        assert (await visitor.http.post("/say", data=fields, headers=headers)).status_code == 403
        assert (await visitor.http.post("/sign-in", data={"token": "x"}, headers=headers)).status_code == 403
    assert assistant.arrivals == []


@pytest.mark.parametrize(
    "headers",
    [{"origin": "null"}, {"origin": URL}, {"sec-fetch-site": "same-origin", "origin": "null"}],
    ids=str,
)
async def test_a_form_from_our_own_page_arrives(assistant: Rig, headers: dict[str, str]) -> None:
    async with assistant.browser() as visitor:
        fields = {**await visitor.form(), "text": "status"}
        answer = await visitor.http.post("/say", data=fields, headers=headers)
    assert answer.status_code == 303
    assert len(assistant.arrivals) == 1


async def test_more_than_a_megabyte_is_not_read(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        answer = await visitor.http.post("/say", data={**await visitor.form(), "text": "x" * (1024 * 1024)})
        assert answer.status_code == 413
        assert "megabyte" in answer.text

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(10_000):
                yield b"x" * 10_000

        kind = {"content-type": "application/x-www-form-urlencoded"}
        answer = await visitor.http.post("/say", content=endless(), headers=kind)
        assert answer.status_code == 413
    assert assistant.arrivals == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\xff=\xfe", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(500)), "application/x-www-form-urlencoded", 400),
        (b'{"text": "hello"}', "application/json", 415),
        (b"", "multipart/form-data; boundary=x", 415),
        (b"hello", "", 415),
    ],
)
async def test_a_body_that_is_no_form_is_refused_in_words(
    assistant: Rig, body: bytes, kind: str, status: int
) -> None:
    async with assistant.browser() as visitor:
        answer = await visitor.http.post("/say", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert "could not be read" in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", "", "["]
)
async def test_a_name_somebody_else_points_here_is_not_answered(assistant: Rig, host: str) -> None:
    async with assistant.browser() as visitor:
        answer = await visitor.http.get("/chat", headers={"host": host})
    assert answer.status_code == 400
    assert URL in answer.text
    assert "Olivia" not in answer.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "192.168.1.7:8080"]
)
async def test_the_configured_name_and_any_address_are_answered(assistant: Rig, host: str) -> None:
    async with assistant.browser() as visitor:
        assert (await visitor.http.get("/chat", headers={"host": host})).status_code == 200


async def test_a_defect_is_answered_in_plain_words_and_logged(
    assistant: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    assistant.fault = RuntimeError("the secret inside")
    async with assistant.browser() as visitor:
        answer = await visitor.http.get("/form/abc?revision=1")
        told = await visitor.http.get("/form/abc?revision=1", headers={"accept": "application/json"})
    for each in (answer, told):
        assert each.status_code == 500
        assert "secret inside" not in each.text
        assert "Traceback" not in each.text
    assert "error" in told.json()
    assert [r.message for r in caplog.records if r.levelno == logging.ERROR] == ["page_broke", "page_broke"]


@pytest.mark.parametrize(
    ("path", "taken"), [("/say", "POST"), ("/chat", "GET, HEAD"), ("/form/abc", "GET, HEAD")]
)
async def test_a_method_that_is_not_taken_is_told_which_are(assistant: Rig, path: str, taken: str) -> None:
    """RFC 9110, 15.5.6."""
    async with assistant.browser() as visitor:
        answer = await visitor.http.request("DELETE", path)
    assert answer.status_code == 405
    assert {*answer.headers["allow"].split(", ")} >= {*taken.split(", ")}
    assert "content-security-policy" in answer.headers


async def test_a_form_that_never_ends_is_given_up(assistant: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may begin to sign in. SAFETY 84"""
    monkeypatch.setattr(guard, "PATIENCE", 0)
    never = asyncio.Event()

    async def trickle() -> AsyncIterator[bytes]:
        yield b"token="
        await never.wait()

    async with assistant.browser(None) as visitor:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await visitor.http.post("/sign-in", content=trickle(), headers=headers)
    assert answer.status_code == 408
    assert "did not arrive in time" in answer.text


async def test_who_asks_only_for_the_head_of_the_stream_leaves_nothing_running(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        answer = await visitor.http.head("/stream")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert assistant.door.open_pages() == 0


@pytest.mark.parametrize("number", ["1", "9" * 30])
async def test_a_file_that_no_line_has_is_not_there(assistant: Rig, number: str) -> None:
    async with assistant.browser() as visitor:
        assert (await visitor.http.get(f"/file/{number}")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/nothing", "/static/none.css", "/static/..%2fdoor.py", "/form/unknown?revision=1"]
)
async def test_what_is_not_there_is_said_in_words(assistant: Rig, path: str) -> None:
    async with assistant.browser() as visitor:
        answer = await visitor.http.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("fr-FR,fr;q=0.9", "fr"),
        ("fr-CA", "fr"),
        ("FR", "fr"),
        ("de, fr;q=0.4, en;q=0.3", "fr"),
        ("en-GB, fr;q=0.9", "en"),
        ("fr;q=0.2, en;q=0.8", "en"),
        ("fr;q=0", "en"),
        ("zz", "en"),
        # Friulian is not French, and no language of three letters is one of two.
        ("fur", "en"),
        ("frr-DE, fur", "en"),
        ("*", "en"),
        ("*;q=0.1, fr", "fr"),
        ("fr;q=banana, ;;;, -", "en"),
        ("," * 5_000, "en"),
        ("", "en"),
    ],
)
async def test_problems_are_told_in_the_language_that_the_browser_prefers(
    assistant: Rig, header: str, lang: str
) -> None:
    async with assistant.browser(None, headers={"accept-language": header}) as visitor:
        assert f'<html lang="{lang}">' in (await visitor.http.get("/chat")).text


async def test_a_problem_is_told_in_the_language_that_somebody_chose_who_is_signed_in(assistant: Rig) -> None:
    french = replace(OLIVIA, lang="fr")
    await assistant.write(lambda tx: tx.people.put(french))
    async with assistant.browser(french, headers={"accept-language": "en"}) as visitor:
        assert '<html lang="fr">' in (await visitor.http.get("/nothing")).text


async def test_a_static_file_is_kept_for_ever_under_its_own_version(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        html = (await visitor.http.get("/chat")).text
        address = html.split('rel="stylesheet" href="')[1].split('"')[0]
        assert "immutable" in (await visitor.http.get(address)).headers["cache-control"]
        assert "no-cache" in (await visitor.http.get("/static/vigie.css?v=old")).headers["cache-control"]


async def test_the_first_page_is_small(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        sizes = [
            len((await visitor.http.get(path)).content)
            for path in ("/chat", "/static/vigie.css", "/static/vigie.js", "/static/mark.svg")
        ]
    assert sum(sizes) < 150_000
