"""Connections at run time: tried before they are kept, known by what the other side says, gone when they are gone."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.seals import AesSeals
from adapters.speech.languages import tongues
from adapters.systems.client import KeyRefused
from adapters.systems.switchboard import Given, Switchboard
from bot import whereabouts
from bot.actions import Call
from bot.connections import Condition, How
from bot.errors import BadInput, Refused
from bot.house import House
from bot.people import Person, Role
from bot.places import Place
from bot.store import Store, Tx
from bot.world import Context, System
from memory.sqlite import SqliteStore
from memory.twin import MemoryStore
from tests.clocks import SetClock
from tests.twins import acme
from tests.twins.granting import Authority
from tests.twins.served import served

KEY = "CanaryKeyOfAcme"
BACK = "https://vigie.test/oauth/acme/callback"
OWNER = Person(id="per_owner", name="Olivia", role=Role.OWNER)


@dataclass
class Room:
    """A house with Acme on offer."""

    board: Switchboard
    house: House
    store: Store
    clock: SetClock
    systems: dict[str, System]
    twin: Authority

    async def run(self, action: str, **arguments: str) -> str:
        system = self.systems[action.partition(".")[0]]
        found = next(each for each in system.actions() if each.name == action)
        call = Call(
            action=action, fingerprint=found.fingerprint, account=system.account(), arguments=arguments
        )
        at = Context(
            key="eff_1",
            space="home",
            place=Place(platform="web", channel="c"),
            person=OWNER,
            now=self.clock.now(),
            tongue=tongues()("en"),
        )
        await system.preview(call, at)
        return (await system.run(call, at)).text

    async def kinds(self) -> list[str]:
        return [entry.kind for entry in await self.store.read(lambda tx: tx.ledger.read())]


def room(twin: Authority, url: str, store: Store | None = None, **more: Given) -> Room:
    clock, systems = SetClock(), dict[str, System]()
    store = store or MemoryStore()
    board = Switchboard(
        house=lambda: house, systems=systems, vendors={"acme": acme.VENDOR}, given={**acme.given(url), **more}
    )
    house = House(
        store=store,
        clock=clock,
        minds=Choice(builtin=BuiltinMind(), understands=understands),
        chats={},
        systems=systems,
        tongues=tongues(),
        url="https://vigie.test",
        seals=AesSeals((b"a key of the tests alone",)),
        plugs=board,
    )
    return Room(board, house, store, clock, systems, twin)


@pytest.fixture
def twin() -> Authority:
    return Authority(back=BACK)


@pytest.fixture
def url(twin: Authority) -> Generator[str]:
    with served(twin) as address:
        yield address


@pytest.fixture
def at(twin: Authority, url: str) -> Room:
    return room(twin, url)


async def test_an_account_is_asked_who_it_is_and_then_kept(at: Room) -> None:
    row = await at.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    assert (row.name, row.vendor, row.how, row.account, row.live) == (
        "acme",
        "acme",
        How.KEY,
        "Atelier Acme (acct_1)",
        True,
    )
    assert KEY not in row.sealed
    assert KEY not in repr(row)
    assert at.systems["acme"].account().label == "Atelier Acme (acct_1)"
    assert await at.run("acme.note", text="hello") == "noted"
    assert at.twin.notes == [{"text": "hello"}]
    assert await at.kinds() == ["connected"]
    await at.board.close()
    assert "acme" not in at.systems


async def test_a_check_that_fails_replaces_nothing(at: Room) -> None:
    await at.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    before = await at.store.read(lambda tx: tx.connections.get("acme"))
    with pytest.raises(Refused, match="Acme was not connected: Acme does not accept the key"):
        await at.board.connect("acme", "", {"api_key": "CanaryOfAWrongKey"}, person=OWNER.id)
    assert await at.store.read(lambda tx: tx.connections.get("acme")) == before
    assert await at.run("acme.note", text="still here") == "noted"
    await at.board.close()


async def test_a_failed_first_check_keeps_nothing(at: Room) -> None:
    with pytest.raises(Refused):
        await at.board.connect("acme", "", {"api_key": "CanaryOfAWrongKey"}, person=OWNER.id)
    assert await at.store.read(lambda tx: tx.connections.all()) == ()
    assert "acme" not in at.systems
    assert await at.kinds() == []


@pytest.mark.parametrize(
    ("vendor", "name", "values", "why"),
    [
        ("acne", "", {"api_key": KEY}, "I cannot connect “acne”; I know: acme"),
        ("acme", "", {"api_key": "  "}, "Acme needs Key"),
        ("acme", "Acme!", {"api_key": KEY}, "cannot name a connection"),
        ("acme", "vigie", {"api_key": KEY}, "cannot name a connection"),
    ],
)
async def test_what_makes_no_sense_is_said(
    at: Room, vendor: str, name: str, values: dict[str, str], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        await at.board.connect(vendor, name, values, person=OWNER.id)
    assert at.twin.asked == []


async def test_a_second_account_has_a_name_of_its_own(at: Room) -> None:
    await at.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    await at.board.connect("acme", "acme_eu", {"api_key": KEY}, person=OWNER.id)
    assert await at.run("acme_eu.note", text="bonjour") == "noted"
    assert [row.name for row in at.board.plugged()] == ["acme", "acme_eu"]
    await at.board.close()


async def test_what_is_kept_is_plugged_in_at_the_next_start(twin: Authority, url: str) -> None:
    store = MemoryStore()
    first = room(twin, url, store)
    await first.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    await first.board.close()
    second = room(twin, url, store)
    await second.board.open()
    assert second.systems["acme"].account().label == "Atelier Acme (acct_1)"
    assert await second.run("acme.note", text="again") == "noted"
    await second.board.close()


async def test_the_settings_connect_without_a_row(twin: Authority, url: str) -> None:
    at = room(twin, url, acme=Given(values={"api_key": KEY, "api_url": url}))
    at.board.plug_settings()
    assert at.twin.asked == []
    await at.board.open()
    (row,) = at.board.plugged()
    assert (row.how, row.account, row.sealed) == (How.SETTINGS, "Atelier Acme (acct_1)", "")
    assert await at.store.read(lambda tx: tx.connections.all()) == ()
    with pytest.raises(BadInput, match="connected by the settings"):
        await at.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    await at.board.close()


async def test_another_process_plugs_in_and_out_what_changed(twin: Authority, url: str) -> None:
    store = MemoryStore()
    one, two = room(twin, url, store), room(twin, url, store)
    await one.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    assert "acme" not in two.systems
    await two.board.reread()
    assert await two.run("acme.note", text="from the other") == "noted"
    await store.write(lambda tx: tx.connections.remove("acme"))
    await two.board.reread()
    assert "acme" not in two.systems
    await one.board.close()


async def test_another_account_under_the_same_key_shows_before_the_deed(at: Room) -> None:
    """SAFETY 59"""
    await at.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    system = at.systems["acme"]
    shown = system.account()
    at.twin.account = {"id": "acct_2", "name": "Somebody Else", "live": True}
    at.clock.forward(timedelta(minutes=2))
    await at.run("acme.notes")
    assert system.account() != shown
    assert system.account().label == "Somebody Else (acct_2)"
    row = await at.store.read(lambda tx: tx.connections.get("acme"))
    assert row is not None
    assert row.account == "Somebody Else (acct_2)"
    await at.board.close()


async def test_a_fresh_answer_is_not_asked_for_again(at: Room) -> None:
    await at.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    before = at.twin.asked.count("GET /me")
    for _ in range(5):
        await at.run("acme.notes")
    assert at.twin.asked.count("GET /me") == before
    await at.board.close()


async def test_a_dead_key_is_said_once_to_each_owner(at: Room) -> None:
    def people(tx: Tx) -> None:
        tx.people.put(OWNER)
        tx.people.put(replace(OWNER, id="per_second", name="Second"))
        tx.people.put(Person(id="per_member", name="Mark", role=Role.MEMBER))

    await at.store.write(people)
    await at.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    at.twin.revoke()
    for _ in range(3):
        with pytest.raises(KeyRefused):
            await at.run("acme.note", text="x")
    (row,) = at.board.plugged()
    assert row.condition is Condition.DEAD
    assert (await at.kinds()).count("connection_died") == 1
    owners = (OWNER, replace(OWNER, id="per_second"))
    told = await at.store.read(
        lambda tx: [tx.effects.open(whereabouts.alone_with(tx, owner).key) for owner in owners]
    )
    assert [len(each) for each in told] == [1, 1]
    # a person put the key back on the other side
    at.twin.keys.add(KEY)
    assert (await at.board.check("acme")).condition is Condition.WELL
    assert (await at.kinds())[-1] == "connection_back"
    await at.board.close()


async def test_use_is_noted_now_and_then(at: Room) -> None:
    await at.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    await at.run("acme.notes")
    row = await at.store.read(lambda tx: tx.connections.get("acme"))
    assert row is not None
    assert row.used == at.clock.now()
    revision = row.revision
    await at.run("acme.notes")
    again = await at.store.read(lambda tx: tx.connections.get("acme"))
    assert again is not None
    assert again.revision == revision
    await at.board.close()


async def test_the_key_is_nowhere_in_the_file(twin: Authority, url: str, tmp_path: Path) -> None:
    """SAFETY 89"""
    store = SqliteStore.open(tmp_path / "vigie.db")
    at = room(twin, url, store)
    await at.board.connect("acme", "", {"api_key": KEY}, person=OWNER.id)
    await at.board.close()
    await store.close()
    files = sorted(tmp_path.iterdir())  # noqa: ASYNC240 (a few small files)
    assert files
    assert not [file.name for file in files if KEY.encode() in file.read_bytes()]
