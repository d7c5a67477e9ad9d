"""What these tests share: a context, a call as a person would type it, and a Stripe or a Shopify at an address."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from adapters.speech.languages import tongues
from adapters.systems import shopify, stripe
from adapters.systems.vendors import Login
from bot.actions import Action, Call, Preview, Receipt
from bot.places import Place
from bot.values import Json
from bot.world import Context, System

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def context(key: str = "eff_1", *, lang: str = "en", now: datetime = NOW) -> Context:
    return Context(
        key=key,
        space="home",
        place=Place(platform="web", channel="c1"),
        person=None,
        zone="Europe/Paris",
        now=now,
        tongue=tongues()(lang),
    )


def named(system: System, verb: str) -> Action:
    return next(action for action in system.actions() if action.name == f"{system.name}.{verb}")


def call(system: System, verb: str, arguments: Mapping[str, Json]) -> Call:
    action = named(system, verb)
    return Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=system.account(),
        arguments=action.read(arguments),
    )


async def look(system: System, verb: str, **arguments: Json) -> Preview:
    return await system.preview(call(system, verb, arguments), context())


async def do(system: System, verb: str, key: str = "eff_1", **arguments: Json) -> Receipt:
    return await system.run(call(system, verb, arguments), context(key))


@asynccontextmanager
async def stripe_at(url: str, key: str, *, name: str = "stripe") -> AsyncGenerator[System]:
    """A connection to the Stripe at an address, until the block ends."""
    system = stripe.VENDOR.open(Login(name=name, values={"api_key": key, "api_url": url}))
    assert isinstance(system, stripe.Stripe)
    try:
        yield system
    finally:
        await system.close()


@asynccontextmanager
async def shopify_at(url: str, token: str, *, name: str = "shopify") -> AsyncGenerator[System]:
    """A connection to the Shopify at an address, until the block ends."""
    values = {"shop": "atelier.myshopify.com", "access_token": token, "api_url": url}
    system = shopify.VENDOR.open(Login(name=name, values=values))
    assert isinstance(system, shopify.Shopify)
    try:
        yield system
    finally:
        await system.close()
