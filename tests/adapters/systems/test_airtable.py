"""Airtable over its twin, and the twin held to pyairtable, which knows the real one."""

from pathlib import Path

import pytest
from pyairtable import Api
from pyairtable.models.schema import BaseSchema
from requests import HTTPError

from adapters.systems.airtable import VENDOR, Airtable
from adapters.systems.airtable.columns import escaped, quoted
from adapters.systems.airtable.wire import explain
from adapters.systems.client import Client
from adapters.systems.vendors import Login, fixed
from bot.effects import EffectState
from bot.errors import BadInput, Failed, OutcomeUnknown, Refused, Unknowable, Unreachable
from bot.values import Json
from tests.adapters.systems.asking import call, context, preview, run
from tests.contracts.systems.airtable import PACE, connected, twin
from tests.stage import stage
from tests.twins.airtable import BASE, TOKEN, AirtableTwin
from tests.twins.published import Cutting, Fault, served


@pytest.fixture
def there() -> AirtableTwin:
    return twin()


@pytest.fixture
def airtable(there: AirtableTwin) -> Airtable:
    return connected(there)


async def test_a_deal_is_added_and_marked_in_progress(tmp_path: Path, there: AirtableTwin) -> None:
    """ "Add this deal and mark it *in progress*": the choice is Airtable's own, whatever its case."""
    async with stage(tmp_path, systems={"airtable": connected(there)}) as s:
        await s.say("do airtable.add_record table=Deals fields=Name=Atelier; Status=in progress")
        assert "Atelier is in Deals" in s.last
        await s.say("do airtable.last_records table=Deals")
        lines = [line for line in s.last.splitlines() if " · rec" in line]
        assert [line.partition(" · ")[0].split()[-1] for line in lines] == ["Atelier", "Lumen", "ACME"]
    record = there.sheets["tblDEALS000000001"].records["rec00000000000004"]
    assert record.fields["Status"] == "In progress"


async def test_a_choice_that_is_not_there_is_refused_with_those_that_are(
    airtable: Airtable, there: AirtableTwin
) -> None:
    with pytest.raises(BadInput, match="Status is one of: New, In progress, Won, Lost") as refusal:
        await preview(airtable, "add_record", table="Deals", fields="Name=X; Status=Doing")
    assert refusal.value.field == "fields"
    assert {seen.method for seen in there.desk.calls} == {"GET"}


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Amount=1 234,5", {"Amount": 1234.5}),
        ("Amount=7", {"Amount": 7}),
        ("chance=25%", {"Chance": 0.25}),
        ("Chance=0.5", {"Chance": 0.5}),
        ("Due=2026-12-24", {"Due": "2026-12-24"}),
        ("Call=2026-12-01T09:00+01:00", {"Call": "2026-12-01T08:00:00.000Z"}),
        ("Hot=oui", {"Hot": True}),
        ("Tags=LAMP, chair", {"Tags": ["lamp", "chair"]}),
        ("Tags=desk, oak", {"Tags": ["desk, oak"]}),
        ("Owner=ana@example.com", {"Owner": {"email": "ana@example.com"}}),
        ("People=rec00000000000003", {"People": ["rec00000000000003"]}),
        ("Name=", {"Name": None}),
        ("fldSTAT0000000001=won", {"Status": "Won"}),
    ],
)
async def test_values_become_what_airtable_keeps(
    airtable: Airtable, there: AirtableTwin, typed: str, sent: dict[str, Json]
) -> None:
    await run(airtable, "update_record", table="Deals", record="ACME", fields=typed)
    body = {"records": [{"fields": sent, "id": "rec00000000000001"}], "typecast": False}
    assert there.desk.calls[-1].body == body


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("Price=1", "has no column Price"),
        ("Nam=x", "has no column Nam; it has: Name"),
        ("Amount=1,000", "without thousands marks"),
        ("Amount=NaN", "without thousands marks"),
        ("Due=tomorrow", "Due is a date"),
        ("Call=2026-12-01T09:00", "Call is a moment"),
        ("Hot=perhaps", "Hot is yes or no"),
        ('Status=["Won", "Lost"]', "Status holds one value"),
        ("Tags=lamp, sofa", "Tags is one of: lamp, desk, oak, chair"),
        ("Total=1", "Total cannot be set from here"),
        ("People=Gigi", "by their ids"),
        ("Name=a; name=b", "is given twice"),
    ],
)
async def test_what_a_column_cannot_hold_is_refused_before_anybody_is_asked(
    airtable: Airtable, there: AirtableTwin, typed: str, why: str
) -> None:
    for verb, more in (("update_record", {"record": "ACME"}), ("add_record", {})):
        with pytest.raises(BadInput, match=why) as refusal:
            await preview(airtable, verb, table="Deals", fields=typed, **more)
        assert refusal.value.field == "fields"
    assert {seen.method for seen in there.desk.calls} == {"GET"}


async def test_only_what_changes_is_shown_and_sent(airtable: Airtable, there: AirtableTwin) -> None:
    typed = "Status=Won; Name=ACME; Tags=lamp; Amount="
    shown = await preview(airtable, "update_record", table="deals", record="acme", fields=typed)
    assert shown.subject == "Deals · ACME"
    assert [(c.title, c.before, c.after) for c in shown.changes] == [
        ("Amount", "1200", ""),
        ("Status", "New", "Won"),
    ]
    receipt = await run(airtable, "update_record", table="deals", record="acme", fields=typed)
    assert there.desk.calls[-1].body["records"][0]["fields"] == {"Amount": None, "Status": "Won"}
    assert receipt.undo is not None
    assert receipt.undo.arguments["fields"] == {"Amount": "1200", "Status": "New"}
    with pytest.raises(BadInput, match="has these values already"):
        await preview(airtable, "update_record", table="deals", record="acme", fields="Status=Won")


async def test_the_last_five_are_the_newest_five() -> None:
    """Whatever order Airtable lists them in, on however many pages, and however long ago they came."""
    there = twin(page=2)
    for day in (1, 9, 3, 7, 5):
        there.add("Deals", created=f"2026-0{day}-01T09:00:00.000Z", Name=f"Old {day}")
    listed = await run(connected(there), "last_records", table="Deals")
    assert [each["fields"]["Name"] for each in listed.data] == ["Lumen", "ACME", "Old 9", "Old 7", "Old 5"]
    two = await run(connected(there), "last_records", table="Deals", limit=2)
    assert [each["fields"]["Name"] for each in two.data] == ["Lumen", "ACME"]
    there.add("People", Name="Mark")
    people = await run(connected(there), "last_records", table="People", limit=1)
    assert [each["fields"]["Name"] for each in people.data] == ["Mark"]
    with pytest.raises(BadInput) as refusal:
        await run(connected(there), "last_records", table="Deals", limit=0)
    assert refusal.value.field == "limit"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("acm", ["ACME"]),
        ("WON", ["Lumen"]),
        ("lamp", ["ACME"]),
        ('") , 1=1, ("', []),
        ("\\", []),
        ("nobody", []),
    ],
)
async def test_words_are_found_and_are_never_part_of_the_formula(
    airtable: Airtable, query: str, found: list[str]
) -> None:
    listed = await run(airtable, "find_records", table="Deals", query=query)
    assert [each["fields"]["Name"] for each in listed.data] == found


async def test_two_records_of_one_name_are_asked_about(airtable: Airtable, there: AirtableTwin) -> None:
    there.add("Deals", Name="acme")
    with pytest.raises(
        BadInput, match="several records are called ACME: rec00000000000001, rec00000000000004"
    ) as refusal:
        await preview(airtable, "delete_record", table="Deals", record="ACME")
    assert refusal.value.field == "record"


# Lost answers -----------------------------------------------------------------------------------------------


async def test_a_lost_answer_to_adding_is_one_record_where_there_is_a_column_for_keys(tmp_path: Path) -> None:
    there = twin()
    there.add("Deals", Name="Atelier")
    there.desk.faults.append(Fault("cut", part="/v0/appSHOP", method="PATCH"))
    async with stage(tmp_path, systems={"airtable": connected(there)}) as s:
        await s.say("do airtable.add_record table=Deals fields=Name=Atelier")
        assert "Atelier is in Deals" in s.last
        assert not await s.look(lambda tx: tx.effects.in_state(EffectState.UNKNOWN))
    before, made = [
        k for k in there.sheets["tblDEALS000000001"].records.values() if k.fields["Name"] == "Atelier"
    ]
    assert str(made.fields["Vigie key"]).startswith("eff_")
    assert "Vigie key" not in before.fields
    assert there.desk.faults[0].times == 0, "the line was cut"


async def test_a_lost_answer_to_adding_is_a_question_where_there_is_none(tmp_path: Path) -> None:
    there = twin()
    there.desk.faults.append(Fault("cut", method="POST"))
    async with stage(tmp_path, systems={"airtable": connected(there)}) as s:
        await s.say("do airtable.add_record table=People fields=Name=Ana")
        (unknown,) = await s.look(lambda tx: tx.effects.in_state(EffectState.UNKNOWN))
        assert "Vigie key" in unknown.error
    names = [kept.fields["Name"] for kept in there.sheets["tblPEOPLE00000001"].records.values()]
    assert names.count("Ana") == 1
    system = connected(there)
    with pytest.raises(Unknowable, match="Vigie key"):
        await system.look_up(call(system, "add_record", table="People", fields="Name=Ana"), context())


async def test_a_lost_answer_to_a_change_is_settled_by_what_stands_there(there: AirtableTwin) -> None:
    there.desk.faults.append(Fault("cut", method="PATCH"))
    system, asked = connected(there), {"table": "Deals", "record": "ACME", "fields": "Status=Won"}
    with pytest.raises(OutcomeUnknown):
        await run(system, "update_record", **asked)
    found = await connected(there).look_up(call(system, "update_record", **asked), context())
    assert found is not None
    assert found.id == "rec00000000000001"
    other = call(system, "update_record", **{**asked, "fields": "Status=Lost"})
    assert await connected(there).look_up(other, context()) is None


async def test_too_many_calls_and_a_dead_key(there: AirtableTwin) -> None:
    there.desk.faults.append(Fault("429", times=9))
    with pytest.raises(Unreachable):
        await run(connected(there), "tables")
    with pytest.raises(Failed, match="does not accept the key"):
        await run(connected(twin(), token="patWRONG"), "tables")
    health = await connected(twin(), token="patWRONG").check()
    assert not health.well
    assert "patWRONG" not in health.text
    with pytest.raises(Failed, match="does not let this token"):
        await run(connected(twin(), base="appOTHER000000001"), "tables")


async def test_what_airtable_refuses_is_told_in_its_words() -> None:
    """A choice that went away between the card and the deed."""
    there = twin()
    system = connected(there)

    def never(kind: str, choices: tuple[str, ...], value: Json) -> bool:
        return False

    there.fits = never
    with pytest.raises(Refused, match='Field "Name" cannot accept the provided value'):
        await run(system, "update_record", table="Deals", record="ACME", fields="Name=Other")


# Connections ------------------------------------------------------------------------------------------------


async def test_two_bases_are_two_systems(there: AirtableTwin) -> None:
    other = twin()
    one, two = connected(there), connected(other, name="airtable_eu")
    await run(two, "add_record", table="Deals", fields="Name=Only there")
    assert two.actions()[0].name == "airtable_eu.tables"
    assert one.account() != two.account()
    assert len(there.sheets["tblDEALS000000001"].records) == 2
    receipt = await run(two, "add_record", "eff_2", table="Deals", fields="Name=x")
    assert receipt.undo is not None
    assert receipt.undo.action == "airtable_eu.delete_record"


async def test_a_login_finds_its_only_base_and_asks_about_several(there: AirtableTwin) -> None:
    login = Login(
        name="airtable",
        values={"token": TOKEN, "api_url": "http://airtable.test"},
        transport=Cutting(there.app),
    )
    system = VENDOR.open(login)
    assert (await system.check()).well
    assert system.account().label == BASE
    there.bases.append(("appOTHER000000001", "Other"))
    health = await VENDOR.open(login).check()
    assert "Shop (appSHOP0000000001), Other (appOTHER000000001)" in health.text
    assert TOKEN not in repr(login)


async def test_tables_and_records_are_offered(airtable: Airtable) -> None:
    add, update = airtable.actions()[4], airtable.actions()[5]
    assert [o.value for o in await airtable.options(add, "table", "dea", context())] == ["Deals"]
    (record,) = await airtable.options(update, "record", "Deals / acm", context())
    assert (record.value, record.label) == ("rec00000000000001", "Deals · ACME")


# The twin, held to Airtable's own shapes --------------------------------------------------------------------


def test_the_twin_is_read_by_pyairtable_as_airtable_is(there: AirtableTwin) -> None:
    with served(there.app) as url:
        api = Api(TOKEN, endpoint_url=url)
        base = api.base(BASE)
        schema = base.schema()
        assert isinstance(schema, BaseSchema)
        assert [table.name for table in schema.tables] == ["Deals", "People"]
        assert [field.type for field in schema.table("Deals").fields[:2]] == [
            "singleLineText",
            "singleSelect",
        ]
        assert [each.id for each in api.bases()] == [BASE]
        deals = base.table("Deals")
        made = deals.create({"Name": "Py", "Status": "New"})
        assert deals.get(made["id"])["fields"] == {"Name": "Py", "Status": "New"}
        deals.update(made["id"], {"Status": "Won"})
        deals.batch_upsert([{"fields": {"Name": "Py", "Amount": 3}}], key_fields=["Name"])
        assert deals.first(formula='LOWER({Name} & "") = "py"') == deals.get(made["id"])
        assert deals.get(made["id"])["fields"] == {"Name": "Py", "Status": "Won", "Amount": 3}
        there.page = 2
        assert len(deals.all()) == 3
        assert deals.delete(made["id"])["deleted"]
        for name, value in (("Status", "Doing"), ("Price", 1), ("Total", 1), ("Amount", "7")):
            with pytest.raises(HTTPError, match="422"):
                deals.create({name: value})
        with pytest.raises(HTTPError, match="422"):
            deals.all(formula="NOPE()")


@pytest.mark.parametrize("text", ["plain", 'a "quoted" word', "back\\slash", "two\nlines", "tab\t", "it's"])
def test_a_text_in_a_formula_is_that_text(text: str) -> None:
    there = twin()
    there.add("People", Name=text)
    with served(there.app) as url:
        people = Api(TOKEN, endpoint_url=url).base(BASE).table("People")
        assert len(people.all(formula=f"{{Name}} = {quoted(text)}")) == 1
    assert escaped("a}b") == "a\\}b"


async def test_a_closed_line_is_unreachable() -> None:
    client = Client(
        vendor="Airtable", base="http://127.0.0.1:1", token=fixed(TOKEN), pace=PACE, explain=explain
    )
    with pytest.raises(Unreachable):
        await run(Airtable(name="airtable", client=client, base=BASE), "tables")
    await client.close()
