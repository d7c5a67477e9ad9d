"""`vigie policy check` and `explain`: what may run, what asks, what never runs."""

import argparse
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.systems.demo import DemoShop
from bot import (
    policy,
    policywords,
)
from bot.actions import Call
from bot.errors import BadInput
from bot.house import House
from bot.people import Person, Role
from bot.rulebook import PolicyFile
from bot.rules import Circumstances
from vigie.plugging import plug
from vigie.settings import Settings, policy_file


async def policy_check(config: Settings, path: str) -> int:
    """Reads the policy and shows each rule as a sentence; 2 when it cannot be read, 1 when something is odd."""
    found = PolicyFile(Path(path)).read() if path else policy_file(config).read()
    async with _looking(config) as house:
        warnings = policywords.warnings(found, house.actions())
        known = policywords.Known(actions=house.actions())
        said = (
            *policywords.sentences(found, house.tongues("en"), known),
            *policywords.budget_sentences(found.budgets),
        )
    for line in (*said, *(f"warning: {warning}" for warning in warnings)):
        print(line)
    print(f"{found.source}: {len(found.rules)} rules, digest {found.digest[:12]}.")
    return 1 if warnings else 0


def _fields(words: Sequence[str]) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for word in words:
        name, mark, value = word.partition("=")
        if not mark or name in given:
            raise BadInput("{word}: each field once, as field=value", word=repr(word))
        given[name] = value
    return given


async def policy_explain(config: Settings, wanted: argparse.Namespace) -> int:
    """Which rule decides about one call, and why those before it did not."""
    given = _fields(wanted.fields)
    async with _looking(config) as house:
        action = house.action(wanted.action)
        call = Call(
            action=action.name,
            fingerprint=action.fingerprint,
            account=house.system(action.name).account(),
            arguments=action.read(given),
        )
        at = Circumstances(
            person=Person(id="per_example", name="Example", role=Role(wanted.role)),
            tainted=wanted.tainted,
            own_words=wanted.own_words,
            call=call,
            now=house.clock.now(),
        )
        rules, tongue = house.policy(), house.tongues("en")
    verdict, steps = policy.judge(action, at, rules), policy.explain(action, at, rules)
    known = policywords.Known(actions={action.name: action})
    for line in policywords.explained(steps, verdict, rules, tongue, known):
        print(line)
    return 0


@asynccontextmanager
async def _looking(config: Settings) -> AsyncGenerator[House]:
    """The house, and the demo shop for the examples of the documents: in a scratch folder, for who only looks should
    find none of it in the data folder afterwards."""
    plugged = plug(config, demo=False)
    try:
        await plugged.board.reread()
        for server in plugged.servers:
            await server.recall()
        with TemporaryDirectory(prefix="vigie-") as scratch:
            shop = DemoShop(Path(scratch) / "demo-shop.db", today=plugged.house.clock.now().date())
            yield replace(plugged.house, systems={**plugged.house.systems, "demo": shop})
    finally:
        await plugged.board.close()
        await plugged.store.close()
