"""The desk's fields: who fills which field of an action. Only an owner changes that, in their own exact words, and may
set it against what the system declares.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot import fieldrules, renderings
from bot.actions import Action, Field, Mode, Receipt, Undo
from bot.desk.means import Means, somebody
from bot.errors import BadInput, NotAllowed
from bot.fieldmodes import FieldRule
from bot.people import Role
from bot.rules import OWN
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json, canonical, shown
from bot.world import Context

HOWS = ("auto", "manual", "selector", "fixed", "default")


def fields(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Each field of an action and who fills it; without an action, every action that has rules."""
    tongue = context.tongue
    wanted = arguments.get("action")
    if wanted:
        action = _action(wanted, means, context)
        rules = fieldrules.standing(tx, action)
        lines = [f"• {each.name}: {said(rules.get(each.name), tongue, each)}" for each in action.fields]
        data = {name: rule.as_json() for name, rule in rules.items()}
        return Receipt(text="\n".join([f"{action.name}:", *lines]), data=data)
    every = fieldrules.every(tx)
    lines = [
        f"• {action} {name}: {said(rule, tongue)}"
        for action, rules in every.items()
        for name, rule in rules.items()
    ]
    nothing = tongue(
        "Nobody has set a field: each is filled as its system says. “fields demo.refund” shows those of one action."
    )
    return Receipt(text="\n".join(lines) or nothing, data=sorted(every))


def set_field(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Sets one. The ledger has what it was and what it is."""
    tongue = context.tongue
    person = tx.people.get(somebody(context).id) or somebody(context)
    if person.role is not Role.OWNER:
        raise NotAllowed(tongue("only an owner says who fills a field"))
    action = _action(arguments["action"], means, context)
    field = action.field(str(arguments["field"]))
    before = fieldrules.of(tx, action.name).get(field.name, FieldRule())
    after = _changed(before, action, field.name, arguments, context)
    after = replace(after, by=person.id, at=context.now)
    fieldrules.put(tx, action.name, field.name, after)
    body: Mapping[str, Json] = {
        "action": action.name,
        "field": field.name,
        "declared": field.mode.value,
        "before": _effective(before, field).as_json(),
        "after": _effective(after, field).as_json(),
        "person": person.id,
    }
    tx.ledger.append("field_set", body, context.now)
    text = f"{action.name} {field.name}: {said(_effective(after, field), tongue, field)}"
    return Receipt(text=text, undo=_back(action.name, field, before))


def _effective(rule: FieldRule, field: Field) -> FieldRule:
    """With the mode that counts where none was set."""
    return rule if rule.mode else replace(rule, mode=field.mode, declared=field.mode is not Mode.AUTO)


def said(rule: FieldRule | None, tongue: Tongue, field: Field | None = None) -> str:
    """Who fills a field, in words. Where the `field` is known, its values as they are called."""
    if rule is None or rule.plain:
        return tongue("auto (the mind)")
    if rule.fixed is not None:
        return tongue("fixed: {value}", value=_called(rule.fixed, field, tongue))
    match rule.mode:
        case Mode.AUTO | Mode.FIXED | None:
            words = tongue("auto (the mind)")
        case Mode.MANUAL:
            words = tongue("manual (a person types)")
        case Mode.SELECTOR:
            words = tongue("selector (a person picks)")
    if rule.declared:
        words = tongue("{mode}, as the system says", mode=words)
    if rule.default is not None:
        words = tongue("{mode}, default {value}", mode=words, value=_called(rule.default, field, tongue))
    return words


def _called(value: Json, field: Field | None, tongue: Tongue) -> str:
    text = shown(value)
    return renderings.choices(field, tongue).get(text, text) if field else text


def _changed(
    before: FieldRule, action: Action, field: str, arguments: Mapping[str, Json], context: Context
) -> FieldRule:
    how, value = arguments["how"], arguments.get("value")
    given = value is not None and value != ""
    match how:
        case "fixed" | "default" if given:
            read = action.field(field).read(value)
            return (
                replace(before, fixed=read) if how == "fixed" else replace(before, fixed=None, default=read)
            )
        case "default":
            return replace(before, default=None)
        case "auto" | "manual" | "selector" if not given:
            mode = Mode(how)
            return replace(before, mode=None if mode is action.field(field).mode else mode, fixed=None)
        case _:
            why = context.tongue(
                "write for example: set {action} {field} fixed “…”", action=action.name, field=field
            )
            raise BadInput(why, field="value")


def _action(name: str, means: Means, context: Context) -> Action:
    action = means.house().action(str(name).strip().lower())
    if action.system == OWN:
        raise BadInput(context.tongue("the assistant's own actions have no field modes"), field="action")
    return action


def _back(action: str, field: Field, before: FieldRule) -> Undo | None:
    """How to take it back; two things at once are not taken back in one."""
    arguments: dict[str, Json] = {"action": action, "field": field.name}
    if before.fixed is not None:
        return Undo(
            action="vigie.set_field", arguments={**arguments, "how": "fixed", "value": _text(before.fixed)}
        )
    return Undo(action="vigie.set_field", arguments={**arguments, "how": (before.mode or field.mode).value})


def _text(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value)
