"""HubSpot over its twin: what a person typed, what HubSpot refuses, and what became of a lost answer."""

import json

import httpx
import pytest

from adapters.systems.client import Client
from adapters.systems.hubspot import VENDOR, HubSpot
from adapters.systems.hubspot.columns import Column
from adapters.systems.hubspot.wire import explain
from adapters.systems.vendors import Login, fixed
from bot.errors import BadInput, Failed, OutcomeUnknown, Refused, Unknowable, Unreachable
from bot.values import Json
from bot.world import Context
from tests.adapters.systems.asking import call, context, preview, run
from tests.contracts.systems.hubspot import PACE, connected, twin
from tests.twins.hubspot import TOKEN, HubSpotTwin
from tests.twins.published import Cutting, Fault


@pytest.fixture
def there() -> HubSpotTwin:
    return twin()


@pytest.fixture
def hubspot(there: HubSpotTwin) -> HubSpot:
    return connected(there)


def changes(of: Json) -> list[tuple[str, Json, Json]]:
    return [(change.title, change.before, change.after) for change in of.changes]


# Changes ----------------------------------------------------------------------------------------------------


async def test_only_what_changes_is_shown_and_sent(hubspot: HubSpot, there: HubSpotTwin) -> None:
    typed = "Lifecycle Stage=Customer; First Name=Gigi; phone=+33 1 23"
    shown = await preview(hubspot, "update_contact", contact="gigi@example.com", properties=typed)
    assert shown.subject == "Gigi Hamilton <gigi@example.com>"
    assert changes(shown) == [("Lifecycle Stage", "Lead", "Customer"), ("Phone Number", "", "+33 1 23")]
    receipt = await run(hubspot, "update_contact", contact="gigi@example.com", properties=typed)
    assert there.desk.calls[-1].body == {"properties": {"lifecyclestage": "customer", "phone": "+33 1 23"}}
    assert receipt.undo is not None
    assert receipt.undo.arguments == {"contact": "101", "properties": {"lifecyclestage": "lead", "phone": ""}}


async def test_what_is_so_already_is_said_and_not_sent(hubspot: HubSpot, there: HubSpotTwin) -> None:
    with pytest.raises(BadInput, match="has these values already") as refusal:
        await run(hubspot, "update_contact", contact="101", properties="firstname=Gigi")
    assert refusal.value.field == "properties"
    assert [seen.method for seen in there.desk.calls] == ["GET", "GET"]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("score=1 234,5", {"score": "1234.5"}),
        ("score=-3", {"score": "-3"}),
        ("newsletter=Oui", {"newsletter": "true"}),
        ("newsletter=no", {"newsletter": "false"}),
        ("birthday=2026-03-31", {"birthday": "2026-03-31"}),
        ("last_call=2026-03-31T09:00+02:00", {"last_call": "2026-03-31T07:00:00.000Z"}),
        ("hobbies=Go, chess", {"hobbies": "go;chess"}),
        ('hobbies=["Tea, green"]', {"hobbies": "tea,_green"}),
        ('hobbies="Chess;Tea, green"', {"hobbies": "chess;tea,_green"}),
        ("LIFECYCLE STAGE=sales_qualified_lead", {"lifecyclestage": "sales_qualified_lead"}),
        ("lastname=", {"lastname": ""}),
    ],
)
async def test_values_become_what_hubspot_keeps(
    hubspot: HubSpot, there: HubSpotTwin, typed: str, sent: dict[str, str]
) -> None:
    await run(hubspot, "update_contact", contact="101", properties=typed)
    assert there.desk.calls[-1].body == {"properties": sent}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("fone=1", "no property fone here; the nearest: phone"),
        ("zzzzzz=1", "no property zzzzzz here"),
        ("lifecyclestage=Friend", "one of: Lead, Sales Qualified Lead, Customer"),
        ("hobbies=Go, Skating", "Hobbies is one of"),
        ("hs_object_id=5", "kept by HubSpot itself"),
        ("score=1,000", "without thousands marks"),
        ("score=1.000,5", "without thousands marks"),
        ("score=many", "without thousands marks"),
        ("score=1e99", "without thousands marks"),
        ("birthday=31/03/2026", "is a date"),
        ("last_call=2026-03-31T09:00", "is a moment"),
        ("newsletter=perhaps", "yes or no"),
        ('phone=["1", "2"]', "holds one value"),
        ("phone=1; Phone Number=2", "given twice"),
    ],
)
async def test_what_a_property_cannot_hold_is_refused_before_anybody_is_asked(
    hubspot: HubSpot, there: HubSpotTwin, typed: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why) as refusal:
        await preview(hubspot, "update_contact", contact="101", properties=typed)
    assert refusal.value.field == "properties"
    assert not [seen for seen in there.desk.calls if seen.method == "PATCH"]


# New contacts -----------------------------------------------------------------------------------------------


async def test_an_address_that_is_taken_is_a_sentence_with_the_contact(hubspot: HubSpot) -> None:
    with pytest.raises(BadInput, match=r"belongs to Gigi Hamilton <gigi@example.com> already \(number 101\)"):
        await preview(hubspot, "create_contact", email="GIGI@example.com", first_name="G")


async def test_an_address_that_was_taken_meanwhile_is_the_same_sentence(
    hubspot: HubSpot, there: HubSpotTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*_: object) -> None:
        return None

    monkeypatch.setattr(hubspot, "_by_address", nobody)
    with pytest.raises(BadInput, match=r"belongs to Gigi Hamilton .* \(number 101\)") as refusal:
        await run(hubspot, "create_contact", email="gigi@example.com")
    assert refusal.value.field == "email"
    assert len(there.of("contacts")) == 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "email"),
        ({"phone": "", "company": " "}, "email"),
        ({"first_name": "Ana", "properties": "firstname=Anna"}, "properties"),
        ({"first_name": "Ana", "properties": "nope=1"}, "properties"),
    ],
)
async def test_a_contact_without_sense_is_refused(
    hubspot: HubSpot, arguments: dict[str, Json], field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        await preview(hubspot, "create_contact", **arguments)
    assert refusal.value.field == field


async def test_hubspots_own_refusal_names_the_property(hubspot: HubSpot, there: HubSpotTwin) -> None:
    with pytest.raises(BadInput, match=r"email: ana@x\.invalid was not valid for email") as refusal:
        await run(hubspot, "create_contact", email="ana@x.invalid")
    assert refusal.value.field == "email"
    assert len(there.of("contacts")) == 1


# Notes ------------------------------------------------------------------------------------------------------


async def test_a_note_is_text_and_says_who_wrote_it(hubspot: HubSpot, there: HubSpotTwin) -> None:
    await run(hubspot, "add_note", key="eff_7", deal="103", text="1 < 2\n<script>")
    [_, note] = there.of("notes")
    assert note.held["hs_note_body"] == "1 &lt; 2<br>&lt;script&gt;<br><br>Vigie · eff_7"
    assert note.on == [("deals", "103")]


@pytest.mark.parametrize("on", [{}, {"contact": "101", "company": "102"}])
async def test_a_note_stands_on_one_thing(hubspot: HubSpot, on: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="one contact, one company or one deal"):
        await preview(hubspot, "add_note", text="x", **on)


# Finding ----------------------------------------------------------------------------------------------------


async def test_what_is_found_is_told_with_its_number(hubspot: HubSpot) -> None:
    found = await run(hubspot, "find_contacts", query="hamilton")
    assert found.text == "Gigi Hamilton <gigi@example.com> · 101"
    assert (await run(hubspot, "find_contacts", query="nobody")).text == "Nothing matches in HubSpot."
    one = await run(hubspot, "get_deal", deal="103")
    assert one.data == {
        "id": "103",
        "dealname": "Lamps for Lumen",
        "amount": "1200",
        "dealstage": "in_progress",
    }


@pytest.mark.parametrize("limit", ["0", "51"])
async def test_a_list_has_bounds(hubspot: HubSpot, limit: str) -> None:
    with pytest.raises(BadInput) as refusal:
        await run(hubspot, "find_deals", query="x", limit=limit)
    assert refusal.value.field == "limit"


async def test_people_pick_from_what_is_there(hubspot: HubSpot) -> None:
    action = next(each for each in hubspot.actions() if each.name == "hubspot.update_contact")
    options = await hubspot.options(action, "contact", "gigi", context())
    assert [(option.value, option.label) for option in options] == [
        ("101", "Gigi Hamilton <gigi@example.com>")
    ]
    assert await hubspot.options(action, "contact", "nobody", context()) == ()


# Lost answers -----------------------------------------------------------------------------------------------


async def lost(there: HubSpotTwin, verb: str, method: str, key: str = "eff_1", **arguments: Json) -> None:
    """Done over there, and the line breaks before the answer."""
    there.desk.faults.append(Fault("cut", method=method))
    with pytest.raises(OutcomeUnknown):
        await run(connected(there), verb, key, **arguments)


async def found(there: HubSpotTwin, verb: str, key: str = "eff_1", **arguments: Json) -> Json:
    """What another process finds."""
    system = connected(there)
    return await system.look_up(call(system, verb, **arguments), context(key))


ANA = {"email": "ana@example.com", "first_name": "Ana", "properties": "lifecyclestage=lead"}


async def test_a_contact_whose_answer_was_lost_is_found_by_its_address(there: HubSpotTwin) -> None:
    await lost(there, "create_contact", "POST", **ANA)
    receipt = await found(there, "create_contact", **ANA)
    assert (receipt.id, receipt.undo.arguments) == ("105", {"contact": "105"})
    assert changes(receipt) == [
        ("Email", None, "ana@example.com"),
        ("First Name", None, "Ana"),
        ("Lifecycle Stage", None, "Lead"),
    ]
    assert len(there.of("contacts")) == 2


async def test_a_contact_that_somebody_else_made_meanwhile_is_not_claimed(there: HubSpotTwin) -> None:
    there.add("contacts", email="ana@example.com", firstname="Anastasia")
    with pytest.raises(
        Unknowable, match=r"Anastasia <ana@example.com> is in HubSpot \(number 105\), but not as asked"
    ):
        await found(there, "create_contact", **ANA)


async def test_a_contact_without_an_address_cannot_be_known(there: HubSpotTwin) -> None:
    await lost(there, "create_contact", "POST", first_name="Ana", last_name="Lima")
    with pytest.raises(Unknowable, match="whether Ana Lima was created: look there"):
        await found(there, "create_contact", first_name="Ana", last_name="Lima")


async def test_a_change_whose_answer_was_lost_is_told_from_the_history(there: HubSpotTwin) -> None:
    arguments = {"deal": "103", "properties": "dealstage=Closed Won; amount=1300"}
    await lost(there, "update_deal", "PATCH", **arguments)
    receipt = await found(there, "update_deal", **arguments)
    assert changes(receipt) == [("Amount", "1200", "1300"), ("Deal Stage", "In Progress", "Closed Won")]
    assert receipt.undo.arguments["properties"] == {"amount": "1200", "dealstage": "in_progress"}


async def test_the_same_note_twice_is_told_apart_by_its_key(there: HubSpotTwin) -> None:
    arguments = {"contact": "101", "text": "Called."}
    await run(connected(there), "add_note", "eff_1", **arguments)
    await lost(there, "add_note", "POST", key="eff_2", **arguments)
    assert (await found(there, "add_note", "eff_1", **arguments)).id == "105"
    assert (await found(there, "add_note", "eff_2", **arguments)).id == "106"
    assert await found(there, "add_note", "eff_3", **arguments) is None
    assert len(there.of("notes")) == 3


async def test_a_write_is_sent_once_and_a_read_again(there: HubSpotTwin, hubspot: HubSpot) -> None:
    there.desk.faults.append(Fault("500", method="POST"))
    with pytest.raises(OutcomeUnknown):
        await run(hubspot, "create_contact", **ANA)
    assert len([seen for seen in there.desk.calls if seen.method == "POST"]) == 1
    there.desk.faults.append(Fault("503", method="GET"))
    assert (await run(hubspot, "get_contact", contact="ana@example.com")).id == "105"


async def test_too_many_calls_are_put_off_and_not_done(there: HubSpotTwin, hubspot: HubSpot) -> None:
    there.desk.faults.append(Fault("429", method="POST"))
    with pytest.raises(Unreachable) as later:
        await run(hubspot, "create_contact", **ANA)
    assert later.value.retry_after == 0
    assert len(there.of("contacts")) == 1


# Accounts ---------------------------------------------------------------------------------------------------


async def test_two_accounts_at_once_do_not_meet() -> None:
    here, there = HubSpotTwin(), HubSpotTwin(token="pat-eu1-other", portal=7)
    systems = [
        VENDOR.open(
            Login(
                name=name,
                values={"access_token": token, "api_url": "http://h.test"},
                transport=Cutting(t.app),
            )
        )
        for name, token, t in (("hubspot", TOKEN, here), ("hubspot_us", "pat-eu1-other", there))
    ]
    assert [(await system.check()).well for system in systems] == [True, True]
    assert [system.account().label for system in systems] == ["HubSpot 144000", "HubSpot 7"]
    for system in systems:
        assert {action.system for action in system.actions()} == {system.name}
        await run(system, "create_contact", email=f"{system.name}@example.com")
    assert [each.held["email"] for each in here.of("contacts")] == ["hubspot@example.com"]
    receipt = await run(systems[1], "get_contact", contact="hubspot_us@example.com")
    assert receipt.link == "https://app-eu1.hubspot.com/contacts/7/record/0-1/101"
    undone = await run(systems[1], "archive_contact", "eff_2", contact="101")
    assert undone.text
    assert not there.of("contacts")


async def test_a_key_that_is_refused_says_to_connect_again_and_is_nowhere(there: HubSpotTwin) -> None:
    secret = "pat-eu1-canary-0000"
    login = Login(
        name="hubspot",
        values={"access_token": secret, "api_url": "http://h.test"},
        transport=Cutting(there.app),
    )
    system = VENDOR.open(login)
    health = await system.check()
    assert not health.well
    assert "connect it again" in health.text
    with pytest.raises(Failed) as refused:
        await run(system, "get_contact", contact="101")
    assert secret not in f"{refused.value} {refused.value!r} {login!r} {system!r} {health}"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (
            403,
            {
                "message": "This app hasn't been granted all required scopes",
                "category": "MISSING_SCOPES",
                "errors": [
                    {"message": "m", "context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}
                ],
            },
            "wants the scope crm.objects.contacts.write",
        ),
        (400, {"message": "Unable to infer object type"}, "HubSpot refuses: Unable to infer object type"),
        (
            400,
            {
                "message": 'Property values were not valid: [{"isValid":false,"message":"not a number",'
                '"error":"INVALID_DOUBLE","name":"amount"}]'
            },
            "HubSpot refuses amount: not a number",
        ),
        (400, {"message": "not valid: [{broken"}, "not valid"),
        (400, ["odd"], "HTTP 400"),
        (404, None, "no such object"),
    ],
)
async def test_refusals_become_sentences(status: int, body: Json, said: str) -> None:
    transport = httpx.MockTransport(
        lambda _: httpx.Response(status, stream=httpx.ByteStream(json.dumps(body).encode()))
    )
    client = Client(
        vendor="HubSpot",
        base="http://h.test",
        token=fixed("t0ken"),
        pace=PACE,
        explain=explain,
        transport=transport,
    )
    with pytest.raises((Failed, Refused), match=said):
        await client.read("/crm/v3/objects/contacts/1")


async def test_a_person_reads_it_in_their_language(hubspot: HubSpot) -> None:
    in_french: Context = context(lang="fr")
    with pytest.raises(BadInput) as refusal:
        await hubspot.preview(call(hubspot, "get_contact", contact="999"), in_french)
    assert str(refusal.value) == "HubSpot n’a pas de contact 999."


@pytest.mark.parametrize(
    ("kind", "held", "wanted", "same"),
    [
        ("number", "1200", "1200.00", True),
        ("number", "1200", "1201", False),
        ("number", "odd", "1", False),
        ("datetime", "2026-03-31T07:00:00Z", "2026-03-31T07:00:00.000Z", True),
        ("datetime", "", "2026-03-31T07:00:00.000Z", False),
        ("string", "Gigi", "gigi", False),
    ],
)
def test_one_value_may_be_written_two_ways(kind: str, held: str, wanted: str, same: bool) -> None:
    assert Column(name="x", label="X", type=kind).same(held, wanted) is same


def test_choices_have_no_order_and_addresses_no_capitals() -> None:
    assert Column(name="x", label="X", type="enumeration", many=True).same("a;b", "b;a")
    assert Column(name="email", label="Email", type="string").same("ana@example.com", "Ana@Example.com")
