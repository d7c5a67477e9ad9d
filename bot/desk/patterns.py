"""Ready-made missions: `template NAME` begins one. Data, and how it fills what was asked for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.actions import Receipt
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`goal` is a sentence to be translated; the rest are arguments of `vigie.create_mission`."""

    name: str
    goal: str
    arguments: Mapping[str, Json]


def _patterns(tongue: Tongue) -> tuple[Pattern, ...]:
    late: Json = [
        {"action": "demo.late_orders", "arguments": {"days": 3}, "save": "late"},
        {
            "action": "demo.refund",
            "each": "late",
            "arguments": {"order": "{item.order}", "amount": "{item.refundable}"},
            "text": tongue("Order {item.order} was promised {item.days_late} days ago."),
        },
    ]
    return (
        Pattern(
            name="pending",
            goal=tongue("Say each working morning what waits for a press"),
            arguments={"cron": "0 9 * * 1-5", "steps": [{"action": "vigie.pending"}]},
        ),
        Pattern(
            name="status",
            goal=tongue("Say on Mondays how things stand"),
            arguments={"cron": "0 9 * * 1", "steps": [{"action": "vigie.status"}]},
        ),
        Pattern(
            name="week",
            goal=tongue("Say on Mondays what I will do this week"),
            arguments={
                "cron": "30 8 * * 1",
                "steps": [{"action": "vigie.agenda", "arguments": {"when": "this week"}}],
            },
        ),
        Pattern(
            name="late-orders",
            goal=tongue("Watch for late orders of the demo shop and offer a refund"),
            arguments={"cron": "0 9 * * 1-5", "steps": late},
        ),
    )


def listed(tongue: Tongue, actions: Collection[str]) -> Receipt:
    """The templates whose actions there are, and how to begin one."""
    found = [
        each
        for each in _patterns(tongue)
        if all(step["action"] in actions for step in each.arguments["steps"])
    ]
    lines = [tongue("Templates; begin one with “template NAME”:")]
    lines += [f"• {each.name} — {each.goal}" for each in found]
    return Receipt(text="\n".join(lines), data=[each.name for each in found])


def filled(arguments: Mapping[str, Json], tongue: Tongue) -> Mapping[str, Json]:
    """With what the named template says where nothing else is said. Raises BadInput."""
    name = arguments.get("template")
    if not name:
        return arguments
    for each in _patterns(tongue):
        if each.name == name:
            return {"goal": each.goal, **each.arguments, **{k: v for k, v in arguments.items() if v}}
    raise BadInput(tongue("there is no template {name}; say “templates”", name=name), field="template")
