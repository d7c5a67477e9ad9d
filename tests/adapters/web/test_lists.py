"""The page of lists: figures from the rows, and buttons that say words."""

import re

from tests.adapters.web.rig import MARK, Rig
from tests.adapters.web.test_pages import CANARY, say


async def test_the_page_shows_the_viewers_own_lists_with_their_figures(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        assert "No lists yet" in (await visitor.http.get("/lists")).text
        await say(assistant, visitor, "list add features: dark mode")
        await say(assistant, visitor, f"list add features: {CANARY}")
        await say(assistant, visitor, "total expenses add 12.50 EUR")
        await say(assistant, visitor, "total expenses add 7.50 EUR")
        await say(assistant, visitor, "count visitors +3")
        page = (await visitor.http.get("/lists")).text
    assert re.search(r"features <small>list · 2 items</small>", page)
    assert re.search(r"expenses <small>total · €20.00</small>", page)
    assert re.search(r"visitors <small>counter · 3</small>", page)
    assert "<script>alert" not in page
    async with assistant.browser(MARK) as other:
        assert "No lists yet" in (await other.http.get("/lists")).text


async def test_an_item_is_removed_and_brought_back_by_buttons(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        await say(assistant, visitor, "list add features: dark mode")
        page = (await visitor.http.get("/lists")).text
        assert 'data-act="list remove features: 1"' in page
        assert 'href="/chat?text=list%20edit%20features%3A%201%20to%20"' in page
        await say(assistant, visitor, "list remove features: 1")
        assert "dark mode" not in (await visitor.http.get("/lists")).text
        await say(assistant, visitor, "list undo features")
        assert "dark mode" in (await visitor.http.get("/lists")).text
