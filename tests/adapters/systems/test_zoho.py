"""Zoho CRM over its twin, and the twin held to the models of Zoho's own SDK."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import zohocrmsdk

from adapters.systems.client import Client
from adapters.systems.zoho import VENDOR, Zoho
from adapters.systems.zoho.tokens import Refreshing, accounts, interface
from bot.actions import Account
from bot.effects import EffectState
from bot.errors import BadInput, Failed, OutcomeUnknown, Refused, Unreachable
from bot.values import Json, is_mapping
from tests.adapters.systems.asking import call, context, preview, run
from tests.contracts.systems.zoho import connected, twin
from tests.stage import stage
from tests.twins.published import Cutting, Fault
from tests.twins.zoho import CLIENT_ID, CLIENT_SECRET, REFRESH, ZohoTwin, refusal

GIGI = "4876876000000100001"


@pytest.fixture
def there() -> ZohoTwin:
    return twin()


@pytest.fixture
def zoho(there: ZohoTwin) -> Zoho:
    return connected(there)


async def test_a_customers_record_is_updated_by_name(tmp_path: Path, there: ZohoTwin) -> None:
    """ "Update Zoho customer info", in one line, with what is there now and what will be."""
    async with stage(tmp_path, systems={"zoho": connected(there)}) as s:
        await s.say('do zoho.update_record record="Gigi Hamilton" fields=Phone=+33 1 23; Lead Source=partner')
        assert "Gigi Hamilton <gigi@example.com> is changed in Zoho" in s.last
    kept = there.records["Contacts"][GIGI]
    assert (kept["Phone"], kept["Lead_Source"]) == ("+33 1 23", "External Partner")
    assert there.desk.calls[-1].body == {"data": [{"Phone": "+33 1 23", "Lead_Source": "External Partner"}]}


async def test_only_what_changes_is_shown_and_sent_and_can_be_undone(zoho: Zoho, there: ZohoTwin) -> None:
    typed = "Phone=2; First Name=Gigi; Lead Source=Web, site"
    shown = await preview(zoho, "update_record", record="gigi@example.com", fields=typed)
    assert [(c.title, c.before, c.after) for c in shown.changes] == [
        ("Lead Source", "", "Web, site"),
        ("Phone", "1", "2"),
    ]
    receipt = await run(zoho, "update_record", record="gigi@example.com", fields=typed)
    assert there.desk.calls[-1].body == {"data": [{"Lead_Source": "Web", "Phone": "2"}]}
    assert receipt.undo is not None
    assert receipt.undo.arguments == {
        "fields": {"Lead_Source": "", "Phone": "1"},
        "module": "Contacts",
        "record": GIGI,
    }
    with pytest.raises(BadInput, match="has these values already"):
        await preview(zoho, "update_record", record=GIGI, fields="Phone=2")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Worth=1 234,5", {"Worth": 1234.5}),
        ("Score=7", {"Score": 7}),
        ("newsletter=oui", {"Newsletter": True}),
        ("Newsletter=no", {"Newsletter": False}),
        ("date_of_birth=2000-03-31", {"Date_of_Birth": "2000-03-31"}),
        ("Next Call=2026-12-01T09:00+01:00", {"Next_Call": "2026-12-01T09:00:00+01:00"}),
        ("Interests=Desks, oak", {"Interests": ["desks"]}),
        ("Interests=lamps, desks", {"Interests": ["lamps", "desks"]}),
        ("Account Name=4876876000000100003", {"Account_Name": {"id": "4876876000000100003"}}),
        ("Phone=", {"Phone": None}),
    ],
)
async def test_values_become_what_zoho_keeps(
    zoho: Zoho, there: ZohoTwin, typed: str, sent: dict[str, Json]
) -> None:
    await run(zoho, "update_record", record=GIGI, fields=typed)
    assert there.desk.calls[-1].body == {"data": [sent]}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("Telephone=1", "has no field Telephone here; the nearest: Phone"),
        ("Lead Source=Friend", "Lead Source is one of: Partner, Web, site, Cold call"),
        ("Score=1.5", "Score is a whole number"),
        ("Worth=1,000", "without thousands marks"),
        ("Date of Birth=soon", "Date of Birth is a date"),
        ("Next Call=2026-12-01T09:00", "Next Call is a moment"),
        ("Newsletter=maybe", "Newsletter is yes or no"),
        ("Number=7", "Number cannot be set from here"),
        ("Full Name=x", "Full Name cannot be set from here"),
        ("Account Name=Lumen", "by its number"),
        ("Phone=" + "1" * 31, "Phone holds at most 30 characters"),
        ('Phone=["1", "2"]', "Phone holds one value"),
        ("Phone=1; phone=2", "is given twice"),
    ],
)
async def test_what_a_field_cannot_hold_is_refused_before_anybody_is_asked(
    zoho: Zoho, there: ZohoTwin, typed: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        await preview(zoho, "update_record", record=GIGI, fields=typed)
    assert refused.value.field == "fields"
    assert "PUT" not in {seen.method for seen in there.desk.calls}


async def test_what_zoho_refuses_names_the_field(zoho: Zoho) -> None:
    with pytest.raises(BadInput, match="Zoho refuses Last_Name: required field not found") as refused:
        await run(zoho, "update_record", record=GIGI, fields="Last Name=")
    assert refused.value.field == "fields"
    with pytest.raises(BadInput, match=r"Zoho refuses Email: invalid data \(email\)"):
        await run(zoho, "update_record", record=GIGI, fields="Email=nonsense")


async def test_two_customers_of_one_name_are_asked_about(zoho: Zoho, there: ZohoTwin) -> None:
    other = there.add("Contacts", Full_Name="gigi hamilton", Last_Name="Hamilton", Email="gh@example.net")
    with pytest.raises(BadInput, match=f"{GIGI}; gigi hamilton <gh@example.net> · {other}") as refused:
        await preview(zoho, "update_record", record="Gigi Hamilton", fields="Phone=1")
    assert refused.value.field == "record"


async def test_every_module_is_found_in_by_its_own_name(zoho: Zoho) -> None:
    for module, name, key in (
        ("Accounts", "atelier lumen", "4876876000000100003"),
        ("leads", "Mark Twain", "4876876000000100004"),
        ("Deals", "Lamps for Lumen", "4876876000000100005"),
    ):
        receipt = await run(zoho, "get_record", module=module, record=name)
        assert receipt.id == key
    found = await run(zoho, "find_records", module="Contacts", query="example.com")
    assert [each["Full Name"] for each in found.data] == ["Gigi Hamilton", "Ana Lima"]
    assert (await run(zoho, "find_records", query="nobody")).text == "Nothing matches in Zoho."
    for query, limit, field in (("x", 5, "query"), ("xy", 0, "limit")):
        with pytest.raises(BadInput) as refused:
            await run(zoho, "find_records", query=query, limit=limit)
        assert refused.value.field == field


async def test_a_note_says_who_wrote_it_and_its_undo_takes_it_off(zoho: Zoho, there: ZohoTwin) -> None:
    receipt = await run(zoho, "add_note", record=GIGI, title="Call", text="Wants ten.")
    assert there.notes[receipt.id]["Note_Content"] == "Wants ten.\n\nVigie · eff_1"
    assert receipt.undo is not None
    await zoho.run(call(zoho, "delete_note", **receipt.undo.arguments), context("eff_2"))
    assert receipt.id not in there.notes


# Lost answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (f"do zoho.add_note record={GIGI} text=More.", "POST"),
        (f"do zoho.update_record record={GIGI} fields=Phone=9", "PUT"),
    ],
)
async def test_a_lost_answer_is_settled_by_what_stands_there(tmp_path: Path, text: str, method: str) -> None:
    there = twin()
    there.desk.faults.append(Fault("cut", method=method, part="/crm/"))
    async with stage(tmp_path, systems={"zoho": connected(there)}) as s:
        await s.say(text)
        assert not await s.look(lambda tx: tx.effects.in_state(EffectState.UNKNOWN))
        assert "in Zoho" in s.last
    assert (len(there.notes), there.records["Contacts"][GIGI]["Phone"]) == (
        (2, "1") if method == "POST" else (1, "9")
    )
    assert [seen.method for seen in there.desk.calls].count(method) == 1


async def test_another_process_finds_what_was_done(there: ZohoTwin) -> None:
    there.desk.faults.append(Fault("cut", method="POST", part="Notes"))
    first, asked = connected(there), {"record": GIGI, "text": "More."}
    with pytest.raises(OutcomeUnknown):
        await run(first, "add_note", **asked)
    second = connected(there)
    found = await second.look_up(call(second, "add_note", **asked), context())
    assert found is not None
    assert found.undo is not None
    assert await second.look_up(call(second, "add_note", **asked), context("eff_other")) is None


# Tokens -----------------------------------------------------------------------------------------------------


async def test_a_token_that_ended_is_renewed_once_whoever_asks(zoho: Zoho, there: ZohoTwin) -> None:
    """SAFETY 92: one renewal at a time; the rest wait for it."""
    await run(zoho, "get_record", record=GIGI)
    assert there.given == 1
    there.expire()
    await asyncio.gather(*(run(zoho, "get_record", record=GIGI) for _ in range(5)))
    assert there.given == 2
    await run(zoho, "update_record", record=GIGI, fields="Phone=5")
    assert there.given == 2


async def test_a_token_is_renewed_before_it_ends(there: ZohoTwin) -> None:
    now = [0.0]
    client = Client(vendor="Zoho", base="http://accounts.zoho.test", token=None, transport=Cutting(there.app))
    token = Refreshing(
        client, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, refresh=REFRESH, now=lambda: now[0]
    )
    one = await token()
    now[0] = 3539.0
    assert await token() == one
    now[0] = 3541.0
    assert await token() != one
    assert token.api == "http://zoho.test"


async def test_five_who_were_refused_at_once_renew_it_once(there: ZohoTwin) -> None:
    """SAFETY 92: single flight."""

    class Slow(Cutting):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(0)
            return await super().handle_async_request(request)

    client = Client(vendor="Zoho", base="http://accounts.zoho.test", token=None, transport=Slow(there.app))
    token = Refreshing(client, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, refresh=REFRESH)
    await token()
    given = set(await asyncio.gather(*(token(fresh=True) for _ in range(5))))
    assert (there.given, given) == (2, {there.desk.token})


@pytest.mark.parametrize("wrong", ["client_id", "client_secret", "refresh_token"])
async def test_a_grant_that_is_dead_says_so_and_shows_nothing(there: ZohoTwin, wrong: str) -> None:
    """SAFETY 89: neither the secret nor the refresh token is in what is said."""
    system = connected(there, **{wrong: "canary-wrong"})
    with pytest.raises(Failed, match="connect it again") as refused:
        await run(system, "get_record", record=GIGI)
    health = await system.check()
    assert not health.well
    for text in (str(refused.value), repr(refused.value), health.text):
        assert "canary" not in text
        assert CLIENT_SECRET not in text
        assert REFRESH not in text


async def test_an_accounts_server_out_of_reach_leaves_nothing_done(there: ZohoTwin) -> None:
    async def down(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/v2/token":
            raise httpx.ReadError("cut", request=request)
        return await Cutting(there.app).handle_async_request(request)

    client = Client(
        vendor="Zoho", base="http://accounts.zoho.test", token=None, transport=httpx.MockTransport(down)
    )
    with pytest.raises(Unreachable):
        await Refreshing(client, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, refresh=REFRESH)()


async def test_limits_and_permissions_are_told_as_what_they_are(zoho: Zoho, there: ZohoTwin) -> None:
    there.desk.faults.append(Fault("429", part="/crm/v8", times=9))
    with pytest.raises(Unreachable):
        await run(zoho, "get_record", record=GIGI)
    there.desk.faults.clear()
    sorts: tuple[tuple[str, type[Exception]], ...] = (
        ("NO_PERMISSION", Failed),
        ("LIMIT_EXCEEDED", Unreachable),
        ("RECORD_LOCKED", Failed),
        ("SOMETHING_NEW", Failed),
    )
    for code, kind in sorts:
        system = connected(there)
        there.desk.refused = lambda code=code: refusal(403, code, "so it is")
        await system.check()
        there.desk.scheme = "Other"
        with pytest.raises(kind, match="so it is"):
            await run(system, "get_record", record=GIGI)
        there.desk.scheme = "Zoho-oauthtoken"


@pytest.mark.parametrize(
    ("typed", "home", "api"),
    [
        ("", "https://accounts.zoho.com", "https://www.zohoapis.com"),
        ("eu", "https://accounts.zoho.eu", "https://www.zohoapis.eu"),
        (".in", "https://accounts.zoho.in", "https://www.zohoapis.in"),
        ("AU", "https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
        ("accounts.zoho.jp", "https://accounts.zoho.jp", "https://www.zohoapis.jp"),
        ("https://accounts.zoho.com.cn/", "https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
        ("ca", "https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
        ("sa", "https://accounts.zoho.sa", "https://www.zohoapis.sa"),
    ],
)
def test_each_data_centre_has_its_own_doors(typed: str, home: str, api: str) -> None:
    assert accounts(typed) == home
    assert interface(home) == api


@pytest.mark.parametrize(
    "typed",
    ["ftp://accounts.zoho.eu", "https://a:b@accounts.zoho.eu", "https://accounts.zoho.eu/x", "https://"],
)
def test_what_is_no_data_centre_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        accounts(typed)


# Connections ------------------------------------------------------------------------------------------------


async def test_two_accounts_are_two_systems(there: ZohoTwin) -> None:
    other = twin()
    one, two = connected(there), connected(other, name="zoho_eu")
    assert (await two.check()).well
    assert two.account() == Account(system="zoho_eu", label="Atelier · 687600001", live=True)
    other.kind = "Sandbox"
    await two.check()
    assert not two.account().live
    await run(two, "update_record", record=GIGI, fields="Phone=7")
    assert there.records["Contacts"][GIGI]["Phone"] == "1"
    assert {action.system for action in two.actions()} == {"zoho_eu"}
    assert one.account().system == "zoho"
    link = (await run(two, "get_record", record=GIGI)).link
    assert link == f"http://crm.zoho.test/crm/org687600001/tab/Contacts/{GIGI}"


async def test_records_are_offered_by_module(zoho: Zoho) -> None:
    action = zoho.actions()[2]
    assert [o.label for o in await zoho.options(action, "record", "Deals / lamps", context())] == [
        "Lamps for Lumen"
    ]
    assert len(await zoho.options(action, "record", "", context())) == 2


def test_a_login_hides_what_it_holds() -> None:
    assert {need.setting for need in VENDOR.needs if need.secret} == {
        "ZOHO_CLIENT_SECRET",
        "ZOHO_REFRESH_TOKEN",
    }


# The twin, held to Zoho's own models ------------------------------------------------------------------------


MODELS: dict[str, dict[str, dict[str, Any]]] = json.loads(
    (Path(zohocrmsdk.__file__).parent / "src/json_details.json").read_text()
)
API = "zohocrmsdk.src.com.zoho.crm.api"


def strangers(body: Json, model: str) -> Iterator[str]:
    """What stands in an answer and not in the SDK's model of it, by path. A record's own fields are free."""
    known = {told["name"]: told for told in MODELS[f"{API}.{model}"].values() if "name" in told}
    if not is_mapping(body):
        yield f"{model}: {body!r}"
        return
    for key, value in body.items():
        told = known.get(key)
        if told is None:
            yield f"{model}.{key}"
        elif told.get("values") and value not in told["values"]:
            yield f"{model}.{key} = {value}"


async def test_what_the_twin_answers_is_what_zohos_own_library_reads(zoho: Zoho, there: ZohoTwin) -> None:
    async with httpx.AsyncClient(transport=Cutting(there.app), base_url="http://zoho.test") as line:
        await zoho.check()

        async def told(method: str, path: str, body: Json = None) -> Json:
            headers = {"authorization": f"Zoho-oauthtoken {there.desk.token}"}
            return (await line.request(method, f"/crm/v8{path}", json=body, headers=headers)).json()

        org = await told("GET", "/org")
        fields = await told("GET", "/settings/fields?module=Contacts")
        searched = await told("GET", "/Contacts/search?word=hamilton")
        notes = await told("GET", f"/Contacts/{GIGI}/Notes?fields=id,Note_Content")
        good = await told("PUT", f"/Contacts/{GIGI}", {"data": [{"Phone": "3"}]})
        bad = await told("PUT", f"/Contacts/{GIGI}", {"data": [{"Score": "many"}]})
        noted = await told(
            "POST",
            "/Notes",
            {"data": [{"Note_Content": "x", "Parent_Id": {"module": {"api_name": "Contacts"}, "id": GIGI}}]},
        )
        nowhere = await told("GET", "/Nothing/search?word=hamilton")
    found = [
        *(one for each in org["org"] for one in strangers(each, "org.Org")),
        *(one for each in fields["fields"] for one in strangers(each, "fields.Fields")),
        *(
            one
            for each in fields["fields"]
            for pick in each["pick_list_values"]
            for one in strangers(pick, "fields.PickListValue")
        ),
        *strangers(searched, "record.ResponseWrapper"),
        *strangers(searched["info"], "record.Info"),
        *strangers(notes, "notes.ResponseWrapper"),
        *(one for each in notes["data"] for one in strangers(each, "notes.Note")),
        *strangers(good, "record.ActionWrapper"),
        *strangers(good["data"][0], "record.SuccessResponse"),
        *strangers(bad["data"][0], "record.APIException"),
        *strangers(noted["data"][0], "notes.SuccessResponse"),
        *strangers(nowhere, "record.APIException"),
    ]
    assert found == []
    assert bad["data"][0]["details"]["api_name"] == "Score"
