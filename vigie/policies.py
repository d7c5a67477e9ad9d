"""`vigie policy check` and `explain`: what may run, what asks, what never runs."""

import argparse
from pathlib import Path

from bot import (
    policy,
    policywords,
)
from bot.actions import Call
from bot.people import Person, Role
from bot.rulebook import PolicyFile
from bot.rules import Circumstances
from vigie.plugging import plug
from vigie.settings import Settings, policy_file


async def policy_check(config: Settings, path: str) -> int:
    """Reads the policy and shows each rule as a sentence; 2 when it cannot be read, 1 when something is odd."""
    found = PolicyFile(Path(path)).read() if path else policy_file(config).read()
    plugged = plug(config, demo=True)
    await plugged.store.close()
    warnings = policywords.warnings(found, plugged.house.actions())
    said = (
        *policywords.sentences(found, plugged.house.tongues("en")),
        *policywords.budget_sentences(found.budgets),
    )
    for line in (*said, *(f"warning: {warning}" for warning in warnings)):
        print(line)
    print(f"{found.source}: {len(found.rules)} rules, digest {found.digest[:12]}.")
    return 1 if warnings else 0


async def policy_explain(config: Settings, wanted: argparse.Namespace) -> int:
    """Which rule decides about one call, and why those before it did not."""
    plugged = plug(config, demo=True)
    await plugged.store.close()
    action = plugged.house.action(wanted.action)
    given = dict(word.partition("=")[::2] for word in wanted.fields)
    call = Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=plugged.house.system(action.name).account(),
        arguments=action.read(given),
    )
    at = Circumstances(
        person=Person(id="per_example", name="Example", role=Role(wanted.role)),
        tainted=wanted.tainted,
        own_words=wanted.own_words,
        call=call,
        now=plugged.house.clock.now(),
    )
    rules = plugged.house.policy()
    verdict = policy.judge(action, at, rules)
    for line in policywords.explained(policy.explain(action, at, rules), verdict):
        print(line)
    return 0
