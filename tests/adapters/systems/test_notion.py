"""Notion over its twin: what a person typed by the live schema, what Notion refuses, and what became of a lost answer."""

import json

import httpx
import pytest

from adapters.systems.client import Client
from adapters.systems.notion import VENDOR, Notion
from adapters.systems.notion.wire import explain
from adapters.systems.vendors import Login, fixed
from bot.errors import BadInput, Failed, OutcomeUnknown, Refused, Unknowable, Unreachable
from bot.values import Json
from tests.adapters.systems.asking import call, context, preview, run
from tests.contracts.systems.hubspot import PACE
from tests.contracts.systems.notion import BLOCK, DATABASE, HOME, OLD, PLAN, TASK, TASKS, connected, twin
from tests.twins.notion import TOKEN, NotionTwin
from tests.twins.published import Cutting, Fault

ONE = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def there() -> NotionTwin:
    return twin()


@pytest.fixture
def notion(there: NotionTwin) -> Notion:
    return connected(there)


def changes(of: Json) -> list[tuple[str, Json, Json]]:
    return [(change.title, change.before, change.after) for change in of.changes]


# Properties -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Task=Ring", {"Task": {"title": [{"type": "text", "text": {"content": "Ring"}}]}}),
        ("Notes=", {}),
        ("Points=1 234,5", {"Points": {"number": 1234.5}}),
        ("Points=-7", {"Points": {"number": -7}}),
        ("Priority=high", {"Priority": {"select": {"name": "High"}}}),
        ("status=IN PROGRESS", {"Status": {"status": {"name": "In progress"}}}),
        ("Tags=blue, Green", {"Tags": {"multi_select": [{"name": "blue"}, {"name": "green"}]}}),
        ('Tags=["blue"]', {"Tags": {"multi_select": [{"name": "blue"}]}}),
        ("Tags=", {"Tags": {"multi_select": []}}),
        ("Due=", {"Due": {"date": None}}),
        ("Due=2026-12-01", {"Due": {"date": {"start": "2026-12-01"}}}),
        ("Due=2026-12-01 -> 2026-12-03", {"Due": {"date": {"start": "2026-12-01", "end": "2026-12-03"}}}),
        ("Due=2026-12-01T09:00+01:00", {"Due": {"date": {"start": "2026-12-01T09:00:00.000+01:00"}}}),
        ("Billed=oui", {"Billed": {"checkbox": True}}),
        ("Site=https://x.example", {"Site": {"url": "https://x.example"}}),
        ("Mail=a@x.example", {"Mail": {"email": "a@x.example"}}),
        ("Call=+33 1 23", {"Call": {"phone_number": "+33 1 23"}}),
        (f"Owner={ONE}", {"Owner": {"people": [{"object": "user", "id": ONE}]}}),
        (
            f"Part of=https://www.notion.so/Plan-{PLAN.replace('-', '')}",
            {"Part of": {"relation": [{"id": PLAN}]}},
        ),
    ],
)
async def test_values_become_their_types_by_the_live_schema(
    notion: Notion, there: NotionTwin, typed: str, sent: dict[str, Json]
) -> None:
    if not sent:
        with pytest.raises(BadInput, match="has these values already"):
            await run(notion, "update_page", page=TASK, properties=typed)
        return
    receipt = await run(notion, "update_page", page=TASK, properties=typed)
    assert there.desk.calls[-1].body == {"properties": sent}
    assert receipt.undo is not None
    before = there.held(TASK)
    again = await run(notion, "update_page", "eff_2", **receipt.undo.arguments)
    assert again.changes == tuple(
        type(change)(title=change.title, before=change.after, after=change.before)
        for change in receipt.changes
    )
    assert before is there.held(TASK)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("Stats=Done", "no property Stats here; there are: Status"),
        ("xyz=1", "no property xyz here"),
        ("Status=Finished", "Status is one of: Not started, In progress, Done"),
        ("Tags=red, pink", "Tags is one of: red, green, blue"),
        ("Priority=Urgent", "Priority is one of: Low, High"),
        ("Points=1,000", "without thousands marks"),
        ("Points=0.1234567890123456789", "more digits"),
        ("Due=tomorrow", "Due is a date"),
        ("Due=2026-12-01T09:00", "Due is a date"),
        ("Due=2026-12-01 → 2026-12-02T09:00+01:00", "Due is a date"),
        ("Due=2026-12-01..2026-12-02..2026-12-03", "Due is a date"),
        ("Billed=maybe", "Billed is yes or no"),
        ("Mail=nobody", "Mail is an e-mail address"),
        (f"Site=https://x.example/{'a' * 2000}", "at most 2000 characters"),
        ("Owner=Ana", "takes ids of Notion; Ana is none"),
        ("Part of=Plan", "takes ids of Notion; Plan is none"),
        ("Made=2026-12-01", "kept by Notion itself"),
        ('Status=["Done", "Done"]', "holds one value"),
        ("Status=Done; status=Done", "given twice"),
    ],
)
async def test_what_a_property_cannot_hold_is_refused_before_anybody_is_asked(
    notion: Notion, there: NotionTwin, typed: str, why: str
) -> None:
    for verb, target in (("update_page", {"page": TASK}), ("create_row", {"data_source": TASKS})):
        with pytest.raises(BadInput, match=why) as refusal:
            await preview(notion, verb, properties=typed, **target)
        assert refusal.value.field == "properties"
    assert not [seen for seen in there.desk.calls if seen.method == "PATCH"]


async def test_a_page_outside_of_tables_has_its_title_alone(notion: Notion, there: NotionTwin) -> None:
    receipt = await run(notion, "update_page", page=PLAN, properties="Title=Plan B")
    assert changes(receipt) == [("title", "Plan", "Plan B")]
    with pytest.raises(BadInput, match="there are: title"):
        await preview(notion, "update_page", page=PLAN, properties="Status=Done")


async def test_styles_that_an_undo_loses_are_said_on_the_card(notion: Notion, there: NotionTwin) -> None:
    there.held(TASK)["Task"]["title"][0]["annotations"]["bold"] = True
    shown = await preview(notion, "update_page", page=TASK, properties="Task=Ring")
    assert shown.notes == ("The links and styles of the old text do not come back with an undo.",)
    assert (await preview(notion, "update_page", page=TASK, properties="Status=Done")).notes == ()


# Pages and text ---------------------------------------------------------------------------------------------


async def test_a_long_text_is_split_where_notion_needs_it(notion: Notion, there: NotionTwin) -> None:
    long = "🙂" * 1500 + "é" * 2500
    many = "\n\n".join(f"Paragraph {n}." for n in range(350))
    receipt = await run(notion, "create_page", parent=HOME, title="Long", text=long)
    assert there.words(receipt.id) == [long, "Vigie · eff_1"]
    await run(notion, "append_text", "eff_2", page=PLAN, text=many)
    words = there.words(PLAN)
    assert len(words) <= 101
    assert "\n\n".join(words[1:-1]) == many
    assert words[-1] == "Vigie · eff_2"


async def test_a_page_is_read_over_all_its_pages_and_cut_where_it_ends_nowhere(
    notion: Notion, there: NotionTwin
) -> None:
    def paragraph(text: str) -> Json:
        return {"type": "paragraph", "paragraph": {"rich_text": [{"text": {"content": text}}]}}

    page = there.add_page("Long", children=[paragraph(f"Line {n}.") for n in range(250)])
    told = await run(notion, "read_page", page=page)
    assert told.data["text"].split("\n") == [f"Line {n}." for n in range(250)]
    endless = there.add_page("Endless", children=[paragraph(f"Line {n}.") for n in range(600)])
    assert (await run(notion, "read_page", page=endless)).text.endswith(
        "… the page goes on; this is cut here."
    )


async def test_our_own_signature_is_not_told_as_text(notion: Notion) -> None:
    await run(notion, "append_text", page=PLAN, text="More.")
    told = await run(notion, "read_page", page=PLAN)
    assert told.data["text"] == "First words.\nMore."


async def test_tables_are_found_by_title_and_by_their_database(notion: Notion, there: NotionTwin) -> None:
    found = await run(notion, "search", query="task", what="tables")
    assert [each["id"] for each in found.data] == [TASKS]
    rows = await run(notion, "rows", data_source=DATABASE)
    assert (
        rows.text
        == "Call Lumen · Status: Not started · Tags: red · Due: 2026-11-30 · Billed: no · Made: "
        + (there.pages[TASK].created.isoformat())
    )
    other = there.add_table("Archive")
    there.tables[other].database = DATABASE
    with pytest.raises(
        BadInput, match=f"several tables; name one of: Tasks \\({TASKS}\\), Archive"
    ) as refusal:
        await run(notion, "rows", data_source=DATABASE)
    assert refusal.value.field == "data_source"


@pytest.mark.parametrize(
    ("verb", "arguments", "field"),
    [
        ("create_page", {"parent": OLD, "title": "x"}, "parent"),
        ("append_text", {"page": OLD, "text": "x"}, "page"),
        ("update_page", {"page": OLD, "properties": "title=x"}, "page"),
        ("archive_page", {"page": OLD}, "page"),
        ("restore_page", {"page": PLAN}, "page"),
        ("remove_blocks", {"page": PLAN, "blocks": ["x"]}, "blocks"),
        ("remove_blocks", {"page": PLAN, "blocks": []}, "blocks"),
        ("search", {"query": "x", "limit": "51"}, "limit"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    notion: Notion, verb: str, arguments: dict[str, Json], field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        await preview(notion, verb, **arguments)
    assert refusal.value.field == field


# Lost answers -----------------------------------------------------------------------------------------------


async def lost(there: NotionTwin, verb: str, method: str, key: str = "eff_1", **arguments: Json) -> None:
    """Done over there, and the line breaks before the answer."""
    there.desk.faults.append(Fault("cut", method=method))
    with pytest.raises(OutcomeUnknown):
        await run(connected(there), verb, key, **arguments)


async def found(there: NotionTwin, verb: str, key: str = "eff_1", **arguments: Json) -> Json:
    """What another process finds."""
    system = connected(there)
    return await system.look_up(call(system, verb, **arguments), context(key))


ROW = {"data_source": TASKS, "properties": "Task=Ring Ana; Status=In progress"}
CHILD = {"parent": HOME, "title": "Minutes", "text": "We met."}


@pytest.mark.parametrize(("verb", "arguments"), [("create_row", ROW), ("create_page", CHILD)])
async def test_of_pages_of_one_name_the_one_of_this_deed_is_found(
    there: NotionTwin, verb: str, arguments: dict[str, str]
) -> None:
    before = len(there.pages)
    first = await run(connected(there), verb, "eff_1", **arguments)
    await lost(there, verb, "POST", key="eff_2", **arguments)
    second = await found(there, verb, "eff_2", **arguments)
    assert len(there.pages) == before + 2
    assert second.id == list(there.pages)[-1] != first.id
    assert second.undo.arguments == {"page": second.id}
    assert await found(there, verb, "eff_3", **arguments) is None


async def test_a_row_among_too_many_is_not_said_to_be_missing(there: NotionTwin) -> None:
    for n in range(101):
        there.add_row(TASKS, {"Task": {"title": [{"text": {"content": f"Other {n}"}}]}})
    with pytest.raises(Unknowable, match="too many rows"):
        await found(there, "create_row", **ROW)


async def test_added_text_whose_answer_was_lost_is_found_by_its_signature(there: NotionTwin) -> None:
    await lost(there, "append_text", "PATCH", page=PLAN, text="One.\n\nTwo.")
    receipt = await found(there, "append_text", page=PLAN, text="One.\n\nTwo.")
    assert there.words(PLAN) == ["First words.", "One.", "Two.", "Vigie · eff_1"]
    await run(connected(there), receipt.undo.action.partition(".")[2], "eff_2", **receipt.undo.arguments)
    assert there.words(PLAN) == ["First words."]
    assert BLOCK in [block["id"] for block in there.pages[PLAN].children if not block["in_trash"]]


async def test_a_change_whose_answer_was_lost_is_done_and_says_what_is_not_known(there: NotionTwin) -> None:
    arguments = {"page": TASK, "properties": "Status=Done; Points=5"}
    assert await found(there, "update_page", **arguments) is None
    await lost(there, "update_page", "PATCH", **arguments)
    receipt = await found(there, "update_page", **arguments)
    assert receipt.text == "Call Lumen holds in Notion what was asked; what stood there before is not known."
    assert (receipt.undo, receipt.changes) == (None, ())


async def test_a_write_is_sent_once(there: NotionTwin, notion: Notion) -> None:
    there.desk.faults.append(Fault("500", method="POST", part="/v1/pages"))
    with pytest.raises(OutcomeUnknown):
        await run(notion, "create_page", **CHILD)
    there.desk.faults.append(Fault("429", method="POST", part="/v1/pages"))
    with pytest.raises(Unreachable):
        await run(notion, "create_page", "eff_2", **{**CHILD, "title": "Other"})
    sent = [seen for seen in there.desk.calls if (seen.method, seen.path) == ("POST", "/v1/pages")]
    assert len(sent) == 2
    assert [page.parent.get("page_id") for page in there.pages.values()].count(HOME) == 3


# Accounts and refusals --------------------------------------------------------------------------------------


async def test_two_workspaces_at_once_do_not_meet() -> None:
    twins = {"notion": twin(), "notion_lab": NotionTwin(token="ntn_other", workspace="Lab")}
    lab = twins["notion_lab"].add_page("Lab home")
    systems = {
        name: VENDOR.open(
            Login(
                name=name,
                values={"token": t.desk.token, "api_url": "http://n.test"},
                transport=Cutting(t.app),
            )
        )
        for name, t in twins.items()
    }
    for system in systems.values():
        assert (await system.check()).well
    assert {s.account().label for s in systems.values()} == {"Atelier", "Lab"}
    made = await run(systems["notion_lab"], "create_page", parent=lab, title="x")
    assert made.undo is not None
    assert made.undo.action == "notion_lab.archive_page"
    with pytest.raises(BadInput, match="not shared with the connection"):
        await run(systems["notion"], "read_page", page=ONE)


async def test_a_key_that_is_refused_says_to_connect_again_and_is_nowhere(there: NotionTwin) -> None:
    secret = "ntn_canary_0000"
    login = Login(
        name="notion", values={"token": secret, "api_url": "http://n.test"}, transport=Cutting(there.app)
    )
    system = VENDOR.open(login)
    health = await system.check()
    assert (health.well, "connect it again" in health.text) == (False, True)
    with pytest.raises(Failed) as refused:
        await run(system, "read_page", page=PLAN)
    assert secret not in f"{refused.value} {refused.value!r} {login!r} {system!r} {health}"
    assert TOKEN not in repr(login)


@pytest.mark.parametrize(
    ("status", "body", "said", "field"),
    [
        (
            400,
            {"code": "validation_error", "message": "Points is expected to be number."},
            "Points is expected",
            "Points",
        ),
        (
            400,
            {"message": "body failed validation: body.properties.Due.date.start should be a string."},
            "Notion refuses this",
            "Due",
        ),
        (
            403,
            {"code": "restricted_resource", "message": "Insufficient permissions"},
            "Insufficient permissions",
            None,
        ),
        (404, {"code": "object_not_found", "message": "x"}, "not shared with the connection", None),
        (409, {"code": "conflict_error", "message": "x"}, "changing the same thing", None),
        (400, None, "HTTP 400", None),
    ],
)
async def test_refusals_become_sentences(status: int, body: Json, said: str, field: str | None) -> None:
    transport = httpx.MockTransport(
        lambda _: httpx.Response(status, stream=httpx.ByteStream(json.dumps(body).encode()))
    )
    client = Client(
        vendor="Notion",
        base="http://n.test",
        token=fixed("t0ken"),
        pace=PACE,
        explain=explain,
        transport=transport,
    )
    with pytest.raises((Failed, Refused, Unreachable), match=said) as refusal:
        await client.read("/v1/pages/1")
    assert getattr(refusal.value, "field", None) in (field, "")
