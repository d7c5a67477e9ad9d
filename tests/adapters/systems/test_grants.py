"""OAuth against a strict authority over HTTP: one way back, good once, for one person; one renewal at a time."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from adapters.systems import grants
from adapters.systems.catalogue import VENDORS
from adapters.systems.client import KeyRefused, Timer
from adapters.systems.grants import Registration
from adapters.systems.secrets import Secret
from adapters.systems.tokens import CLAIM, GrantedToken
from bot import sealing
from bot.connections import Condition, How
from bot.errors import BadInput, Failed, Refused, Unreachable
from bot.store import Store
from memory.sqlite import SqliteStore
from memory.twin import MemoryStore
from tests.adapters.systems.test_switchboard import BACK, OWNER, Room, at, room, twin, url
from tests.twins import acme
from tests.twins.granting import Authority
from tests.twins.served import served

__all__ = ["at", "twin", "url"]


async def agree(address: str) -> dict[str, str]:
    """A person agrees on the vendor's page, and is sent back with this."""
    async with httpx.AsyncClient(follow_redirects=False) as browser:
        answer = await browser.get(address)
    assert answer.status_code == 302, answer.text
    location = answer.headers["location"]
    assert location.startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(location).query))


async def granted(at: Room) -> None:
    address = await at.board.begin("acme", "", {}, person=OWNER.id)
    await at.board.finish("acme", await agree(address), person=OWNER.id)


async def secret_of(at: Room) -> Secret:
    row = await at.store.read(lambda tx: tx.connections.get("acme"))
    assert row is not None
    return Secret.unpack(at.house.seals.open(row.sealed, sealing.spot_of(row)))


async def test_a_person_agrees_once_and_the_account_is_connected(at: Room) -> None:
    """SAFETY 92"""
    address = await at.board.begin("acme", "", {}, person=OWNER.id)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == BACK
    assert asked["scope"] == "notes.read notes.write"
    assert len(asked["state"]) >= 43  # 256 bits
    answer = await agree(address)
    row = await at.board.finish("acme", answer, person=OWNER.id)
    assert (row.how, row.account, row.scopes) == (
        How.OAUTH,
        "Atelier Acme (acct_1)",
        ("notes.read", "notes.write"),
    )
    assert await at.run("acme.note", text="granted") == "noted"
    assert "Canary" not in str(await at.store.read(lambda tx: tx.ledger.read()))
    await at.board.close()


async def test_the_way_back_is_good_once(at: Room) -> None:
    """SAFETY 92"""
    answer = await agree(await at.board.begin("acme", "", {}, person=OWNER.id))
    await at.board.finish("acme", answer, person=OWNER.id)
    calls = at.twin.asked.count("POST /token")
    with pytest.raises(Refused, match="unknown, used, too old, or somebody else's"):
        await at.board.finish("acme", answer, person=OWNER.id)
    assert at.twin.asked.count("POST /token") == calls
    await at.board.close()


async def test_the_way_back_is_somebodys_and_is_used_up_by_anybody_else(at: Room) -> None:
    """SAFETY 92"""
    answer = await agree(await at.board.begin("acme", "", {}, person=OWNER.id))
    for person in ("per_other", OWNER.id):
        with pytest.raises(Refused, match="somebody else's"):
            await at.board.finish("acme", answer, person=person)
    assert "POST /token" not in at.twin.asked
    assert await at.store.read(lambda tx: tx.connections.all()) == ()


@pytest.mark.parametrize("state", [None, "", "guessed", "x" * 43])
async def test_without_its_state_nothing_comes_back(at: Room, state: str | None) -> None:
    """SAFETY 92"""
    answer = await agree(await at.board.begin("acme", "", {}, person=OWNER.id))
    answer.pop("state")
    if state is not None:
        answer["state"] = state
    with pytest.raises(Refused):
        await at.board.finish("acme", answer, person=OWNER.id)
    assert "POST /token" not in at.twin.asked


async def test_the_way_back_ends_after_ten_minutes(at: Room) -> None:
    """SAFETY 92"""
    answer = await agree(await at.board.begin("acme", "", {}, person=OWNER.id))
    at.clock.forward(timedelta(minutes=10))
    with pytest.raises(Refused, match="too old"):
        await at.board.finish("acme", answer, person=OWNER.id)


@pytest.mark.parametrize(
    ("ours", "other"),
    [
        ("S256", "plain"),
        ("code_challenge=", "code_challenged="),
        ("oauth%2Facme", "oauth%2Fevil"),
        ("notes.write", "everything"),
        ("response_type=code", "response_type=token"),
    ],
)
async def test_the_authority_takes_nothing_less_strict(at: Room, ours: str, other: str) -> None:
    """That our addresses pass is worth something only when others do not. SAFETY 92"""
    address = await at.board.begin("acme", "", {}, person=OWNER.id)
    assert ours in address
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(address.replace(ours, other))).status_code == 400


async def test_a_stolen_code_is_worth_nothing_without_our_verifier(at: Room) -> None:
    """SAFETY 92"""
    mine = await agree(await at.board.begin("acme", "", {}, person=OWNER.id))
    other = await agree(await at.board.begin("acme", "", {}, person=OWNER.id))
    with pytest.raises(Failed, match="code_verifier"):
        await at.board.finish("acme", {**mine, "code": other["code"]}, person=OWNER.id)
    assert await at.store.read(lambda tx: tx.connections.all()) == ()


async def test_a_no_on_the_other_side_is_told_in_its_words(at: Room) -> None:
    at.twin.declines = "access_denied"
    answer = await agree(await at.board.begin("acme", "", {}, person=OWNER.id))
    with pytest.raises(Refused, match="Acme was not connected: access_denied"):
        await at.board.finish("acme", answer, person=OWNER.id)


# Renewal


async def test_many_who_need_a_fresh_token_make_one_call(at: Room) -> None:
    """SAFETY 92"""
    await granted(at)
    at.clock.forward(timedelta(hours=2))
    at.twin.expire()
    done = await asyncio.gather(*(at.run("acme.note", text=f"{n}") for n in range(8)))
    assert done == ["noted"] * 8
    assert at.twin.refreshes == 1
    await at.board.close()


async def test_a_token_that_is_refused_early_is_renewed_once(at: Room) -> None:
    """SAFETY 92"""
    await granted(at)
    at.twin.expire()
    done = await asyncio.gather(*(at.run("acme.note", text=f"{n}") for n in range(4)))
    assert done == ["noted"] * 4
    assert at.twin.refreshes == 1
    await at.board.close()


@pytest.fixture(params=["memory", "sqlite"])
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Store]:
    store = MemoryStore() if request.param == "memory" else SqliteStore.open(tmp_path / "vigie.db")
    yield store
    await store.close()


async def test_two_processes_that_need_a_fresh_token_make_one_call(
    shared: Store, twin: Authority, url: str
) -> None:
    """Each has its own locks and its own clock; only the row is shared. SAFETY 92"""
    one, two = room(twin, url, shared), room(twin, url, shared)
    await granted(one)
    await two.board.open()
    for each in (one, two):
        each.clock.forward(timedelta(hours=2))
    twin.expire()
    done = await asyncio.gather(*(each.run("acme.note", text="x") for each in (one, two) for _ in range(3)))
    assert done == ["noted"] * 6
    assert twin.refreshes == 1
    await one.board.close()
    await two.board.close()


async def test_a_claim_of_somebody_who_died_ends(at: Room) -> None:
    await granted(at)
    at.clock.forward(timedelta(hours=2))
    row = await at.store.read(lambda tx: tx.connections.get("acme"))
    assert row is not None
    claimed = row.claimed(at.clock.now() + CLAIM)
    await at.store.write(lambda tx: tx.connections.swap(row, claimed))

    async def sleep(_: float) -> None:
        at.clock.forward(timedelta(seconds=10))

    token = GrantedToken(
        "acme",
        by=lambda: at.board._registration(acme.VENDOR),  # pyright: ignore[reportPrivateUsage]
        house=at.house,
        timer=Timer(sleep=sleep),
    )
    assert (await token()).startswith("CanaryAccess")
    assert at.twin.refreshes == 1
    await at.board.close()


async def test_a_renewal_that_changes_the_label_of_nothing_is_kept_whatever_else_changes(at: Room) -> None:
    await granted(at)
    before = await secret_of(at)
    at.clock.forward(timedelta(hours=2))
    await asyncio.gather(at.run("acme.notes"), at.board.check("acme"), at.board.reread())
    after = await secret_of(at)
    assert before.grant is not None
    assert after.grant is not None
    assert before.grant.access != after.grant.access
    assert after.grant.refresh in at.twin.refresh
    await at.board.close()


async def test_a_grant_that_was_taken_back_is_dead_and_said_once(at: Room) -> None:
    await at.store.write(lambda tx: tx.people.put(OWNER))
    await granted(at)
    at.twin.revoke()
    for _ in range(2):
        with pytest.raises(KeyRefused, match="connect it again"):
            await at.run("acme.note", text="x")
    (row,) = at.board.plugged()
    assert row.condition is Condition.DEAD
    assert (await at.kinds()).count("connection_died") == 1
    # connecting again brings it back under the same name
    await granted(at)
    assert await at.run("acme.note", text="back") == "noted"
    assert at.board.plugged()[0].condition is Condition.WELL
    await at.board.close()


async def test_an_authority_that_cannot_be_reached_leaves_the_grant_alone(twin: Authority) -> None:
    with served(twin) as url:
        at = room(twin, url)
        await granted(at)
    at.clock.forward(timedelta(hours=2))
    before = await secret_of(at)
    with pytest.raises(Unreachable):
        await at.run("acme.note", text="x")
    assert (await secret_of(at)) == before
    row = await at.store.read(lambda tx: tx.connections.get("acme"))
    assert row is not None
    assert row.renewing is None
    await at.board.close()


# Shopify's own


def test_what_comes_back_signed_is_checked() -> None:
    query = {
        "code": "0907a61c0c8d55e99db179b68161bc00",
        "shop": "some-shop.myshopify.com",
        "timestamp": "1337178173",
    }
    text = "&".join(f"{name}={query[name]}" for name in sorted(query))
    query["hmac"] = hmac.new(b"hush", text.encode(), hashlib.sha256).hexdigest()
    assert grants.signed(query, "hush")
    assert not grants.signed({**query, "shop": "evil.myshopify.com"}, "hush")
    assert not grants.signed(query, "other")
    assert not grants.signed({k: v for k, v in query.items() if k != "hmac"}, "hush")


def address_of(vendor: str, **values: str) -> str:
    """Where a person would be sent, and what our registration shows there."""
    oauth = VENDORS[vendor].oauth
    assert oauth is not None
    by = Registration(oauth=oauth, title=vendor, client_id="us", client_secret="hush", back=BACK)
    return grants.address(by, state="s" * 43, verifier="v" * 64, values=values)


@pytest.mark.parametrize("text", ["", "evil.test", "a.myshopify.com.evil.test", "a/../b", "a b", "x@y", "-a"])
def test_nobody_is_sent_to_a_shop_that_is_none(text: str) -> None:
    with pytest.raises(BadInput, match="myshopify"):
        address_of("shopify", shop=text)


@pytest.mark.parametrize("text", ["atelier", "Atelier ", "https://atelier.myshopify.com/"])
def test_a_shop_is_named_shortly_or_wholly(text: str) -> None:
    assert address_of("shopify", shop=text).startswith("https://atelier.myshopify.com/admin/oauth/authorize?")


def test_zohos_data_centre_is_chosen_and_no_other_address() -> None:
    assert address_of("zoho").startswith("https://accounts.zoho.com/oauth/v2/auth?")
    assert address_of("zoho", accounts_url="eu").startswith("https://accounts.zoho.eu/oauth/v2/auth?")


@pytest.mark.parametrize("vendor", [name for name, each in VENDORS.items() if each.oauth is not None])
def test_every_vendor_is_asked_with_s256_a_state_and_the_one_way_back(vendor: str) -> None:
    """SAFETY 92"""
    address = urlsplit(address_of(vendor, shop="atelier"))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address.scheme == "https"
    assert asked["code_challenge_method"] == "S256"
    assert (asked["state"], asked["redirect_uri"], asked["client_id"]) == ("s" * 43, BACK, "us")
    assert asked["response_type"] == "code"
    assert "hush" not in address.query
