"""What every store promises of what is known: people, missions, notes, the ledger, tickets and marks."""

import asyncio
from dataclasses import replace

import pytest

from bot import ledger
from bot.errors import BadInput, Refused
from bot.missions import Once, OnSignal, Phase, Step
from bot.people import Identity
from bot.store import Store, Tx
from bot.tickets import Purpose
from tests.contracts.stores import ANN, NOON, later, mission, note, person, ticket

MINE = "person:ann"

# People.


async def test_a_person_is_found_by_id_and_by_each_identity(store: Store) -> None:
    ann = person("ann", ANN.key, "telegram:7")
    await store.write(lambda tx: tx.people.put(ann))
    await store.write(lambda tx: tx.people.put(person("bob")))
    assert await store.read(lambda tx: tx.people.get("ann")) == ann
    assert await store.read(lambda tx: tx.people.by_identity(ANN)) == ann
    telegram = Identity(platform="telegram", user="7")
    assert await store.read(lambda tx: tx.people.by_identity(telegram)) == ann
    assert await store.read(lambda tx: tx.people.by_identity(replace(telegram, user="8"))) is None
    assert await store.read(lambda tx: tx.people.all()) == (ann, person("bob"))


async def test_an_identity_leads_to_the_last_person_who_took_it(store: Store) -> None:
    await store.write(lambda tx: tx.people.put(person("ann", ANN.key, "telegram:7")))
    await store.write(lambda tx: tx.people.put(person("bob", ANN.key)))
    assert await store.read(lambda tx: tx.people.by_identity(ANN)) == person("bob", ANN.key)
    assert await store.read(lambda tx: tx.people.get("ann")) == person("ann", "telegram:7")


async def test_an_identity_that_a_person_gave_up_leads_nowhere(store: Store) -> None:
    await store.write(lambda tx: tx.people.put(person("ann", ANN.key)))
    await store.write(lambda tx: tx.people.put(person("ann")))
    assert await store.read(lambda tx: tx.people.by_identity(ANN)) is None


# Missions.


async def test_a_mission_comes_back_whole(store: Store) -> None:
    whole = replace(
        mission("m1", 1, due=later(5)),
        triggers=(Once(id="t1", at=later(5), zone="Europe/Paris"), OnSignal(id="t2", name="stock")),
        steps=(Step(action="demo.orders", arguments={"late": True}, save="orders"), Step(text="done")),
    )
    await store.write(lambda tx: tx.missions.put(whole))
    assert await store.read(lambda tx: tx.missions.get("m1")) == whole
    assert await store.read(lambda tx: tx.missions.by_number(1)) == whole
    assert await store.read(lambda tx: tx.missions.by_number(2)) is None


async def test_numbers_are_never_given_twice(store: Store) -> None:
    def start(tx: Tx) -> int:
        number = tx.missions.next_number()
        tx.missions.put(mission(f"m{number}", number))
        return number

    numbers = await asyncio.gather(*(store.write(start) for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))
    assert await store.read(lambda tx: tx.missions.next_number(), space="other") == 1


async def test_missions_that_hear_are_found_among_those_that_follow_the_clock(store: Store) -> None:
    hears = (OnSignal(id="t", name="stock"),)
    for n, (triggers, phase) in enumerate(
        [((), Phase.ACTIVE), (hears, Phase.ACTIVE), (hears, Phase.PAUSED), (hears, Phase.ACTIVE)], 1
    ):
        whole = replace(mission(f"m{n}", n), triggers=triggers, phase=phase)
        await store.write(lambda tx, m=whole: tx.missions.put(m))
    assert [each.id for each in await store.read(lambda tx: tx.missions.hearing())] == ["m2", "m4"]
    deaf = replace(mission("m2", 2), triggers=())
    await store.write(lambda tx: tx.missions.put(deaf))
    assert [each.id for each in await store.read(lambda tx: tx.missions.hearing())] == ["m4"]
    assert await store.read(lambda tx: tx.missions.hearing(), space="other") == ()


async def test_finished_missions_are_listed_only_when_asked_for(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for number, phase in ((3, Phase.ACTIVE), (1, Phase.DONE), (2, Phase.PAUSED)):
            tx.missions.put(replace(mission(f"m{number}", number), phase=phase))

    await store.write(fill)
    assert [found.number for found in await store.read(lambda tx: tx.missions.all())] == [2, 3]
    assert [found.number for found in await store.read(lambda tx: tx.missions.all(over=True))] == [1, 2, 3]
    assert await store.read(lambda tx: tx.missions.next_number()) == 4


# Notes.


async def remember(store: Store, *texts: str, scope: str = MINE) -> None:
    def fill(tx: Tx) -> None:
        for n, text in enumerate(texts):
            tx.notes.put(note(f"{scope}:{n}", text, scope=scope))

    await store.write(fill)


async def found(store: Store, words: str, *scopes: str, limit: int = 9) -> list[str]:
    notes = await store.read(lambda tx: tx.recall.find(words, scopes or (MINE,), limit))
    return [each.text for each in notes]


async def test_notes_are_found_by_their_stem_and_without_accents(store: Store) -> None:
    await remember(store, "Invoices were refunded in Besançon", "the café opens at nine")
    assert await found(store, "refunding an invoice") == ["Invoices were refunded in Besançon"]
    assert await found(store, "besancon") == ["Invoices were refunded in Besançon"]
    assert await found(store, "CAFE\u0301S") == ["the café opens at nine"]


async def test_the_note_that_shares_the_most_comes_first(store: Store) -> None:
    await remember(store, "the red door", "the blue door and the red key", "nothing of the sort", "a window")
    assert (await found(store, "where is the red key for the door"))[0] == "the blue door and the red key"
    assert len(await found(store, "red door", limit=1)) == 1
    assert await found(store, "red door", limit=0) == []


async def test_a_search_stays_in_its_scopes(store: Store) -> None:
    """SAFETY 80"""
    await remember(store, "the key is red")
    await remember(store, "the key is blue", scope="person:bob")
    await remember(store, "the key is green", scope="place:slack/T1/C1/")
    assert await found(store, "key") == ["the key is red"]
    assert set(await found(store, "key", MINE, "place:slack/T1/C1/")) == {
        "the key is red",
        "the key is green",
    }
    assert await store.read(lambda tx: tx.recall.find("key", (), 9)) == ()
    assert await found(store, "person bob place", "person:bob") == []


@pytest.mark.parametrize(
    "words",
    [
        "",
        "   ",
        '"',
        "'",
        "red AND",
        "red NOT key",
        "NEAR(red key)",
        "red*",
        "^red",
        "scope:red",
        "text : red",
        "(red",
        "red) OR (",
        "{red} + key -",
        "🚀 red 🚀",
        "\x00",
        "\ud800",
        "—",
        "a_b",
        "%",
        "; DROP TABLE notes",
        "red " * 5000,
        " ".join(f"word{n}" for n in range(1000)),
    ],
)
async def test_any_text_can_be_searched_for(store: Store, words: str) -> None:
    await remember(store, "the red key")
    assert await found(store, words) == (["the red key"] if "red" in words else [])


async def test_notes_in_force_are_listed_by_age(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.notes.put(note("new", "new", learned=later(2)))
        tx.notes.put(note("old", "old", learned=later(1)))
        tx.notes.put(replace(note("gone", "gone"), superseded_by="new"))
        tx.notes.put(note("other", "other", scope="person:bob"))

    await store.write(fill)
    assert [each.id for each in await store.read(lambda tx: tx.notes.all(MINE))] == ["old", "new"]


async def test_a_superseded_note_is_kept_and_not_found(store: Store) -> None:
    await store.write(lambda tx: tx.notes.put(note("n1", "the key is red")))
    old = replace(note("n1", "the key is red"), superseded_by="n2")
    await store.write(lambda tx: tx.notes.put(old))
    assert await found(store, "key") == []
    assert await store.read(lambda tx: tx.notes.get("n1")) == old


async def test_a_changed_note_is_found_by_its_new_words_alone(store: Store) -> None:
    await store.write(lambda tx: tx.notes.put(note("n1", "the key is red")))
    await store.write(lambda tx: tx.notes.put(note("n1", "the door is open")))
    assert await found(store, "key") == []
    assert await found(store, "door") == ["the door is open"]


async def test_a_superseded_note_is_history_and_no_longer_found(store: Store) -> None:
    old = note("n1", "my address is 3 Oak Street")
    new = replace(note("n2", "my address is 5 Elm Street"), learned=later(60))

    def change(tx: Tx) -> None:
        tx.notes.put(old)
        tx.notes.put(new)
        tx.notes.put(old.supersede(new))

    await store.write(change)
    assert await found(store, "address") == [new.text]
    assert await store.read(lambda tx: tx.notes.all(MINE)) == (new,)
    assert await store.read(lambda tx: tx.notes.history(MINE)) == (old.supersede(new), new)
    assert await store.read(lambda tx: tx.notes.history("person:bob")) == ()


async def test_what_is_pinned_is_found_alone(store: Store) -> None:
    one, two = (note(name, f"{name} is pinned", scope=MINE) for name in ("one", "two"))

    def fill(tx: Tx) -> None:
        for each in (one, replace(two, pinned=True), note("theirs", "pinned", scope="person:bob")):
            tx.notes.put(each)

    await store.write(fill)
    assert [each.id for each in await store.read(lambda tx: tx.notes.pinned(MINE))] == ["two"]
    await store.write(lambda tx: tx.notes.put(replace(one, pinned=True)))
    await store.write(lambda tx: tx.notes.put(two))
    assert [each.id for each in await store.read(lambda tx: tx.notes.pinned(MINE))] == ["one"]
    await store.write(lambda tx: tx.notes.put(replace(one, pinned=True, superseded_by="two", closed=NOON)))
    assert await store.read(lambda tx: tx.notes.pinned(MINE)) == ()


async def test_a_forgotten_note_is_gone(store: Store) -> None:
    """SAFETY 81"""
    await remember(store, "the key is red", "the door is open")
    assert await store.write(lambda tx: tx.notes.forget(f"{MINE}:0"))
    assert not await store.write(lambda tx: tx.notes.forget(f"{MINE}:0"))
    assert await store.read(lambda tx: tx.notes.get(f"{MINE}:0")) is None
    assert await found(store, "key door") == ["the door is open"]


# The ledger.


async def test_the_ledger_reads_back_as_it_was_written(store: Store) -> None:
    body = {"turn": "t1", "amount": {"minor": 5, "currency": "EUR"}, "rate": 0.1, "list": [1, "ü", None]}

    def fill(tx: Tx) -> ledger.Entry:
        tx.ledger.append("first", {}, NOON)
        return tx.ledger.append("second", body, later(0.000001))

    entry = await store.write(fill)
    entries = await store.read(lambda tx: tx.ledger.read())
    assert entries[1] == entry
    assert (entry.seq, entry.kind, entry.body, entry.at) == (2, "second", body, later(0.000001))
    assert entry.before == entries[0].hash
    assert ledger.verify(entries, anchor=(2, entry.hash)).holds


async def test_the_ledger_is_read_in_pages(store: Store) -> None:
    await store.write(lambda tx: [tx.ledger.append("did", {"n": n}, NOON) for n in range(5)])
    page = await store.read(lambda tx: tx.ledger.read(after=1, limit=2))
    assert [entry.seq for entry in page] == [2, 3]
    assert await store.read(lambda tx: tx.ledger.read(after=5)) == ()


async def test_the_newest_entries_come_first_page_by_page(store: Store) -> None:
    await store.write(lambda tx: [tx.ledger.append("did", {"n": n}, NOON) for n in range(5)])
    await store.write(lambda tx: tx.ledger.append("did", {}, NOON), space="elsewhere")
    assert [entry.seq for entry in await store.read(lambda tx: tx.ledger.newest(2))] == [5, 4]
    assert [entry.seq for entry in await store.read(lambda tx: tx.ledger.newest(9, before=4))] == [3, 2, 1]
    assert await store.read(lambda tx: tx.ledger.newest(9, before=1)) == ()
    assert await store.read(lambda tx: tx.ledger.newest(0)) == ()


async def test_entries_are_found_by_what_they_are_about(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for n in range(5):
            tx.ledger.append("did", {"mission": "m1", "turn": f"t{n}", "n": n, "same": "m1"}, NOON)
        tx.ledger.append("did", {"mission": "m10"}, NOON)

    await store.write(fill)
    about = await store.read(lambda tx: tx.ledger.about("m1"))
    assert [entry.seq for entry in about] == [1, 2, 3, 4, 5]
    assert [entry.seq for entry in await store.read(lambda tx: tx.ledger.about("m1", limit=2))] == [4, 5]
    assert [entry.seq for entry in await store.read(lambda tx: tx.ledger.about("t3"))] == [4]
    assert await store.read(lambda tx: tx.ledger.about("mission")) == ()


async def test_an_entry_that_cannot_be_written_fails_the_deed_with_it(store: Store) -> None:
    """SAFETY 98"""

    def change(tx: Tx) -> None:
        tx.marks.put("deed", True)
        tx.ledger.append("did", {"what": float("nan")}, NOON)

    with pytest.raises(BadInput):
        await store.write(change)
    assert await store.read(lambda tx: tx.marks.get("deed")) is None


# Tickets.


async def test_of_two_who_use_a_ticket_one_gets_it(store: Store) -> None:
    """SAFETY 42"""
    await store.write(lambda tx: tx.tickets.add(ticket("h1")))
    got = await asyncio.gather(
        *(store.write(lambda tx: tx.tickets.use("h1", Purpose.SIGN_IN, NOON)) for _ in range(20))
    )
    assert [each for each in got if each] == [replace(ticket("h1"), used=NOON)]
    assert await store.read(lambda tx: tx.tickets.peek("h1", Purpose.SIGN_IN, NOON)) is None


async def test_a_ticket_serves_its_purpose_until_it_expires(store: Store) -> None:
    await store.write(lambda tx: tx.tickets.add(ticket("h1")))
    looks = [
        await store.read(lambda tx, p=purpose, at=at: tx.tickets.peek("h1", p, at))
        for purpose, at in (
            (Purpose.SIGN_IN, later(59)),
            (Purpose.SIGN_IN, later(60)),
            (Purpose.SESSION, NOON),
        )
    ]
    assert looks == [ticket("h1"), None, None]
    assert await store.write(lambda tx: tx.tickets.use("h1", Purpose.SESSION, NOON)) is None
    assert await store.write(lambda tx: tx.tickets.use("h1", Purpose.SIGN_IN, later(60))) is None
    assert await store.write(lambda tx: tx.tickets.use("unknown", Purpose.SIGN_IN, NOON)) is None


async def test_revoked_tickets_serve_nobody(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.tickets.add(ticket("ann", purpose=Purpose.SESSION))
        tx.tickets.add(ticket("bob", purpose=Purpose.SESSION, person="per_bob"))
        tx.tickets.add(ticket("link", purpose=Purpose.LINK))

    def good(tx: Tx) -> list[str]:
        purposes = {"ann": Purpose.SESSION, "bob": Purpose.SESSION, "link": Purpose.LINK}
        return [name for name, purpose in purposes.items() if tx.tickets.peek(name, purpose, NOON)]

    await store.write(fill)
    await store.write(lambda tx: tx.tickets.revoke(Purpose.SESSION, "per_ann"))
    assert await store.read(good) == ["bob", "link"]
    await store.write(lambda tx: tx.tickets.revoke(Purpose.SESSION))
    assert await store.read(good) == ["link"]


async def test_a_ticket_is_not_given_out_twice(store: Store) -> None:
    def change(tx: Tx) -> None:
        tx.tickets.add(ticket("h1"))
        tx.tickets.use("h1", Purpose.SIGN_IN, NOON)

    await store.write(change)
    with pytest.raises(Refused):
        await store.write(lambda tx: tx.tickets.add(ticket("h1")))
    assert await store.read(lambda tx: tx.tickets.peek("h1", Purpose.SIGN_IN, NOON)) is None


# Marks.


async def test_a_mark_holds_any_json_until_it_is_removed(store: Store) -> None:
    value = {"at": [1, 2.5, True, None, "ü"], "z": {"a": "b"}}
    await store.write(lambda tx: tx.marks.put("m", 1))
    await store.write(lambda tx: tx.marks.put("m", value))
    assert await store.read(lambda tx: tx.marks.get("m")) == value
    await store.write(lambda tx: tx.marks.put("m", None))
    await store.write(lambda tx: tx.marks.put("never", None))
    assert await store.read(lambda tx: tx.marks.get("m")) is None
