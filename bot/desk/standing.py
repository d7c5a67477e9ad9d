"""The desk's standing rules: give, list, switch, order, drop. In private they are the person's, elsewhere the place's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import ids, privacy, standing
from bot.actions import Receipt
from bot.desk.means import Means, somebody
from bot.errors import BadInput, NotAllowed
from bot.notes import person_scope, place_scope
from bot.people import Role
from bot.standing import StandingRule
from bot.store import Tx
from bot.values import Json
from bot.world import Context


def rules(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    found = standing.kept(tx, _scope(context))
    return Receipt(text=_listed(found, context), data=[each.text for each in found])


def rule(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """A new rule at the end, or a change of the one with that number."""
    person = somebody(context)
    if not context.place.private and person.role is not Role.OWNER:
        raise NotAllowed(context.tongue("what holds for everyone here is for an owner to say"))
    scope = _scope(context)
    before = standing.kept(tx, scope)
    text, number = (arguments.get("text") or "").strip(), arguments.get("number")
    how = arguments.get("how") or ""
    if text and number is None:
        privacy.refuse(tx, context.place.key, context.tongue)
        added = StandingRule(text=text, by=person.id, id=ids.derived("rul", context.key))
        again = bool(before) and before[-1] == replace(added, id=before[-1].id)
        now = before if again else (*before, added)
    elif number is not None and how and not text:
        now = standing.changed(before, number, how)
    else:
        raise BadInput(context.tongue("say the rule, or the number of one and what becomes of it"))
    standing.keep(tx, scope, now)
    body = {"scope": scope, "person": person.id, "rules": len(now), "on": sum(each.on for each in now)}
    tx.ledger.append("standing_rules", body, context.now)
    return Receipt(text=_listed(now, context), data=[each.text for each in now])


def _scope(context: Context) -> str:
    if context.place.private:
        return person_scope(somebody(context).id)
    return place_scope(context.place.key)


def _listed(found: Sequence[StandingRule], context: Context) -> str:
    tongue = context.tongue
    if not found:
        return tongue("No standing rule. Say for example “rule always answer in French”.")
    private = context.place.private
    head = tongue("Standing rules for you:") if private else tongue("Standing rules for everyone here:")
    off = tongue("off")
    lines = [f"{n}. {each.text}" + ("" if each.on else f" ({off})") for n, each in enumerate(found, start=1)]
    return "\n".join((head, *lines))
