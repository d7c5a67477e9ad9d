"""Incidents on the page: what goes wrong, with the buttons that say who looks after it, also without a script."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from bot import alerting
from bot.events import Alert
from bot.incidents import Incident, Stage
from bot.people import Person, Role
from bot.store import Tx
from tests.adapters.web.rig import MARK, OLIVIAS, Rig
from tests.adapters.web.test_browser import visit

GINA = Person(id="per_gina", name="Gina", role=Role.GUEST)


async def firing(assistant: Rig, number: int, *, name: str = "disk / (%)", severity: str = "warning") -> str:
    """An incident as one of a watch begins. Returns its id."""
    now = assistant.clock.now() - timedelta(minutes=number)
    incident = Incident(
        id=f"inc_{number}",
        number=number,
        space="home",
        ref=f"ref_{number}",
        source=f"watch:{number}",
        group="threshold",
        place=OLIVIAS.key,
        name=name,
        summary="95 · above 90",
        severity=severity,
        alerts=(Alert(id="threshold", title="95"),),
        opened=now,
        changed=now,
    )

    def put(tx: Tx) -> None:
        tx.incidents.add(incident)
        alerting.show(tx, incident, now=now, house=assistant.house)

    await assistant.write(put)
    await assistant.settled()
    return incident.id


async def stage_of(assistant: Rig, incident: str) -> tuple[Stage, str, str]:
    found = await assistant.store.read(lambda tx: tx.incidents.get(incident))
    assert found is not None
    return found.stage, found.acknowledged_by, found.resolved_by


def section(page: str) -> str:
    found = re.search(r'<section[^>]*aria-labelledby="incidents".*?</section>', page, re.DOTALL)
    return found.group() if found else ""


def fields_of(form: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form))


async def test_open_incidents_come_first_the_gravest_and_unanswered_before_the_others(assistant: Rig) -> None:
    await firing(assistant, 1)
    await firing(assistant, 2, severity="critical")
    other = await firing(assistant, 3)
    async with assistant.browser() as visitor:
        page = (await visitor.http.get("/now")).text
        assert "All is well" not in page
        numbers = re.findall(r"<p>(\d) · (\w+) · ", section(page))
        assert numbers == [("2", "firing"), ("3", "firing"), ("1", "firing")]
        forms = section(page).split("<form")[1:]
        mine = next(each for each in forms if 'value="ref_3"' in each and "acknowledge" in each)
        answer = await visitor.http.post("/press", data=fields_of(mine))
        assert answer.status_code == 303
        assert answer.headers["location"] == "/now"
        assert await stage_of(assistant, other) == (Stage.ACKNOWLEDGED, "per_olivia", "")
        page = (await visitor.http.get("/now")).text
        numbers = re.findall(r"<p>(\d) · (\w+) · ", section(page))
        assert numbers == [("2", "firing"), ("1", "firing"), ("3", "acknowledged")]
        assert "Olivia looks after it." in section(page)
        chat = (await visitor.http.get("/chat")).text
        assert "Incident 3 · acknowledged" in chat, "its one message is edited"


async def test_somebody_may_say_that_it_is_over_and_the_page_is_calm_again(assistant: Rig) -> None:
    only = await firing(assistant, 1)
    async with assistant.browser() as visitor:
        forms = section((await visitor.http.get("/now")).text).split("<form")[1:]
        over = next(each for each in forms if 'value="resolve"' in each)
        await visitor.http.post("/press", data=fields_of(over))
        assert await stage_of(assistant, only) == (Stage.RESOLVED, "", "per_olivia")
        page = (await visitor.http.get("/now")).text
        assert section(page) == ""
        assert "All is well" in page
        await visitor.http.post("/press", data={**fields_of(over), "nonce": "another-nonce-1"})
        assert "over already" in (await visitor.http.get("/now")).text, "the second hears that it was taken"


async def test_whoever_may_not_act_sees_no_button(assistant: Rig) -> None:
    await firing(assistant, 1)
    await assistant.write(lambda tx: tx.people.put(GINA))
    async with assistant.browser(GINA) as visitor:
        assert section((await visitor.http.get("/now")).text) == ""
    async with assistant.browser(MARK) as visitor:
        assert "acknowledge" in section((await visitor.http.get("/now")).text)


async def test_many_are_counted_and_what_their_sender_wrote_is_text(assistant: Rig) -> None:
    for number in range(1, 12):
        await firing(assistant, number, name="<b>fire</b>")
    async with assistant.browser() as visitor:
        found = section((await visitor.http.get("/now")).text)
        assert found.count("<li") == 8
        assert "… and 3 more" in found
        assert "<b>fire" not in found


@pytest.mark.peer("chromium")
@pytest.mark.parametrize("scripts", [True, False])
async def test_an_incident_is_acknowledged_by_a_click(assistant: Rig, scripts: bool) -> None:
    only = await firing(assistant, 1)
    async with visit(assistant, width=400, scripts=scripts) as here:
        await here.page.goto(f"{here.url}/now")
        await here.page.get_by_role("button", name="I look after it").click()
        await expect(here.page.get_by_text("Olivia looks after it.").first).to_be_visible()
        await expect(here.page.get_by_role("button", name="I look after it")).to_have_count(0)
        assert here.page.url == f"{here.url}/now"
        assert await here.overflow() <= 0
        assert (await stage_of(assistant, only))[:2] == (Stage.ACKNOWLEDGED, "per_olivia")


@pytest.mark.peer("chromium")
async def test_a_new_incident_appears_while_the_page_is_open(assistant: Rig) -> None:
    async with visit(assistant) as here:
        await here.page.goto(f"{here.url}/now")
        await expect(here.page.get_by_text("All is well.")).to_be_visible()
        await firing(assistant, 1)
        await expect(here.page.get_by_role("button", name="I look after it")).to_be_visible()
