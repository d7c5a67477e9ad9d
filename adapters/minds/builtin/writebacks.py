"""Writing a list or a report into another system, as declared steps: what is not there yet, one write per item, what came
of it. The same steps run at once or as a mission, and are taken up after a crash from the turn's journal. Pure.
"""

from collections.abc import Mapping

from adapters.minds.builtin.listwords import REPORT
from bot.actions import Action
from bot.errors import BadInput
from bot.mind import Briefing
from bot.missions import Mission, Step
from bot.values import Json

COLUMN = "Name"
"""The column of a table that an item goes into when nobody names one."""


def steps(arguments: Mapping[str, Json], actions: Mapping[str, Action]) -> tuple[Step, ...]:
    """What is to be done for `write list features to airtable Deals`. Raises BadInput when that system takes no such
    writes."""
    system, target = str(arguments["system"]).lower(), str(arguments["target"])
    name, to = str(arguments["name"]), f"{system} {target}"
    if f"{system}.add_record" in actions and name != REPORT:
        column = str(arguments.get("column") or COLUMN)
        write = Step(
            action=f"{system}.add_record",
            each="new.items",
            arguments={"table": target, "fields": {column: "{item.text}"}},
        )
        return (_unwritten(name, to), write, _wrote(name, to))
    text, ask = _text(system, target, actions), _unwritten(name, to)
    if name == REPORT:
        report = Step(action="vigie.report", save="report")
        return (report, Step(action=text[0], arguments={**text[1], "text": "{report.text}"}))
    page = Step(action=text[0], each="new.pages", arguments={**text[1], "text": "{item.text}"})
    return (ask, page, _wrote(name, to))


def as_json(found: tuple[Step, ...]) -> list[Json]:
    """The steps as an action that creates a mission takes them."""
    return [
        {
            "action": step.action,
            "arguments": dict(step.arguments),
            **({"each": step.each} if step.each else {}),
            **({"save": step.save} if step.save else {}),
        }
        for step in found
    ]


def mission(found: tuple[Step, ...], briefing: Briefing) -> Mission:
    """The steps as a run that begins and ends with this turn: it is kept nowhere."""
    return Mission(
        id="",
        number=0,
        space="",
        owner=briefing.person.id if briefing.person else "",
        place=briefing.place.key,
        goal=briefing.text,
        created=briefing.now,
        steps=found,
    )


def _unwritten(name: str, to: str) -> Step:
    return Step(action="vigie.unwritten", arguments={"name": name, "to": to}, save="new")


def _wrote(name: str, to: str) -> Step:
    # Once, and only when something was to be written: a wake with nothing new stays silent.
    return Step(action="vigie.wrote", each="new.pages", arguments={"name": name, "to": to})


def _text(system: str, target: str, actions: Mapping[str, Action]) -> tuple[str, dict[str, Json]]:
    """Which action adds text there, and to what."""
    if f"{system}.append_text" in actions:
        return f"{system}.append_text", {"page": target}
    note = actions.get(f"{system}.add_note")
    if note is not None and any(field.name == "contact" for field in note.fields):
        return f"{system}.add_note", {"contact": target}
    raise BadInput("“{name}” takes no lists; connect Airtable, Notion or HubSpot", name=system[:60])
