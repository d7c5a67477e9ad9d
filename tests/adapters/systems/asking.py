"""How the tests of one system speak to it: a call as the assistant would make it, for somebody, under a key."""

from adapters.speech.languages import tongues
from bot.actions import Call, Preview, Receipt
from bot.places import Place
from bot.values import Json
from bot.world import Context, System
from tests.contracts.systems.sample import NOW


def context(key: str = "eff_1", lang: str = "en") -> Context:
    return Context(
        key=key,
        space="home",
        place=Place(platform="web", channel="c1"),
        person=None,
        zone="Europe/Paris",
        now=NOW,
        tongue=tongues()(lang),
    )


def call(system: System, verb: str, **arguments: Json) -> Call:
    """`verb` without the system's name; the arguments as a person would type them."""
    action = next(each for each in system.actions() if each.name == f"{system.name}.{verb}")
    return Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=system.account(),
        arguments=action.read(arguments),
    )


async def run(system: System, verb: str, key: str = "eff_1", **arguments: Json) -> Receipt:
    return await system.run(call(system, verb, **arguments), context(key))


async def preview(system: System, verb: str, **arguments: Json) -> Preview:
    return await system.preview(call(system, verb, **arguments), context())
