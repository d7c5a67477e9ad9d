"""The page of the fields, and the form that a card which waits for some opens."""

import re

from tests.adapters.web.rig import MARK, Rig, hidden
from tests.adapters.web.test_pages import press_form, say


async def test_an_owner_sets_a_field_on_the_page_and_sees_it_there(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = (await visitor.http.get("/fields")).text
        assert 'href="/fields"' in page
        assert "demo.refund" in page
        fields = {"csrf": hidden(page, "csrf"), "nonce": hidden(page, "nonce")}
        sent = {**fields, "action": "demo.refund", "field": "reason", "how": "fixed", "value": "a “late” one"}
        answer = await visitor.http.post("/fields", data={**sent, "back": "/fields?system=demo"})
        assert answer.headers["location"] == "/fields?system=demo"
        await assistant.settled()
        page = (await visitor.http.get("/fields?system=demo")).text
        assert "fixed: a “late” one" in page
        assert "fixed: a “late” one" in (await visitor.http.get("/chat")).text


async def test_nobody_else_has_the_page_and_no_form_but_ours_is_taken(assistant: Rig) -> None:
    async with assistant.browser(MARK) as visitor:
        assert (await visitor.http.get("/fields")).status_code == 404
        assert 'href="/fields"' not in (await visitor.http.get("/chat")).text
        form = {**await visitor.form(), "action": "demo.refund", "field": "amount", "how": "manual"}
        await visitor.http.post("/fields", data=form)
        await assistant.settled()
        assert "only an owner says who fills a field" in (await visitor.http.get("/chat")).text
        assert await assistant.store.read(lambda tx: tx.marks.get("fields")) is None
    async with assistant.browser() as visitor:
        for wrong in ({"how": "often"}, {"action": "demo.refund amount"}, {"field": ""}):
            form = {**await visitor.form(), "action": "demo.refund", "field": "amount", "how": "manual"}
            assert (await visitor.http.post("/fields", data={**form, **wrong})).status_code == 400


async def test_what_a_person_picks_is_a_menu_of_live_options(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        await say(assistant, visitor, "set demo.refund order selector")
        page = await say(assistant, visitor, "do demo.refund amount=5")
        assert "A person fills in first: Order" in page
        assert "Fill in" in page
        link = re.search(r'href="(/form/[^"]+)"', page)
        assert link is not None
        form = (await visitor.http.get(link[1].replace("&amp;", "&"))).text
        assert re.search(r'<select [^>]*name="field.order"', form)
        assert re.search(r'<option value="1007">[^<]+</option>', form)
        filled = {name: hidden(form, name) for name in ("csrf", "nonce", "revision")}
        address = link[1].partition("?")[0]
        await visitor.http.post(address, data={**filled, "field.order": "1007", "field.amount": "5 EUR"})
        await assistant.settled()
        page = (await visitor.http.get("/chat")).text
        assert press_form(page, "approve")
