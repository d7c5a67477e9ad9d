"""Accessibility, examined by axe-core in a real browser: every page and state, both themes, narrow and wide. And how much
a first load weighs.
"""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.adapters.web.states import house, states, window
from tests.adapters.web.tour import demo, tour
from tests.docs.film import LARGEST, weighed
from tests.peers.processes import cache

pytestmark = [pytest.mark.peer("chromium"), pytest.mark.peer("axe-core")]

SERIOUS = ("serious", "critical")


async def found(page: Page, axe: str) -> list[str]:
    """What axe finds serious, with the elements it means."""
    # Through the protocol, past the page's own policy: that one lets no script of ours in, as it should.
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe)
    told: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['impact']} {each['id']}: {node['html'][:160]}"
        for each in told["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(
    ("scheme", "width", "lang"),
    [("light", 1200, "en"), ("dark", 1200, "fr"), ("light", 400, "fr"), ("dark", 400, "en")],
)
async def test_nothing_serious_is_found_on_any_page(scheme: str, width: int, lang: str) -> None:
    axe = (cache() / "node_modules/axe-core/axe.min.js").read_text()
    faults: dict[str, list[str]] = {}
    overflow: dict[str, int] = {}
    seen = 0
    async with demo(lang=lang, scheme=scheme, width=width) as (page, url):
        async for stop in tour(page, url):
            seen += 1
            if wrong := await found(stop.page, axe):
                faults[stop.name] = wrong
            over: int = await stop.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if over > 0:
                overflow[stop.name] = over
    assert faults == {}
    assert overflow == {}
    assert seen >= 20


LOOKS = {"en": (("light", 400), ("dark", 1200)), "fr": (("dark", 400), ("light", 1200))}
"""Between them: each theme in each language, narrow and wide."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("lang", LOOKS)
async def test_nothing_serious_is_found_in_any_state(lang: str, tmp_path: Path) -> None:
    """Signed out, empty, full, and where something went wrong; in each theme."""
    axe = (cache() / "node_modules/axe-core/axe.min.js").read_text()
    faults: dict[str, list[str]] = {}
    seen = 0
    async with house(tmp_path) as (standing, url), window(lang) as page:
        async for stop in states(standing, url, page, lang):
            seen += 1
            for scheme, width in LOOKS[lang]:
                await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                await page.set_viewport_size({"width": width, "height": 850})
                wrong = await found(page, axe)
                over: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                if wrong or over > 0:
                    faults[f"{stop.name} {scheme} {width}"] = [
                        *wrong,
                        *([f"{over} too wide"] if over > 0 else []),
                    ]
    assert faults == {}
    assert seen >= 40


async def test_a_first_load_is_light() -> None:
    async with demo() as (page, url):
        for path in ("", "now", "chat", "missions", "connections", "policy", "ledger"):
            size, _ = await weighed(page, url, path)
            assert 0 < size < LARGEST, path
