"""Accessibility, examined by axe-core in a real browser: every page and state, both themes, narrow and wide. And how much
a first load weighs.
"""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.adapters.web.tour import demo, tour
from tests.docs.film import LARGEST, weighed
from tests.peers.processes import cache

pytestmark = [pytest.mark.peer("chromium"), pytest.mark.peer("axe-core")]

SERIOUS = ("serious", "critical")


async def found(page: Page, axe: str) -> list[str]:
    """What axe finds serious, with the elements it means."""
    # Through the protocol, past the page's own policy: that one lets no script of ours in, as it should.
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


async def test_a_first_load_is_light() -> None:
    async with demo() as (page, url):
        for path in ("", "now", "chat", "missions", "connections", "policy", "ledger"):
            size, _ = await weighed(page, url, path)
            assert 0 < size < LARGEST, path
