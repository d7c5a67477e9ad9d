"""The desk's standing permissions: given by a press on an offer, listed, withdrawn."""

from collections.abc import Mapping

from bot import earning, granting, grants
from bot.actions import Preview, Receipt
from bot.desk.means import Means, somebody
from bot.effects import Run
from bot.errors import BadInput, NotAllowed
from bot.grants import Grant, Limits
from bot.people import Person
from bot.proposals import State
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.world import Context


def give(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """In force from now on. Only the press on its card makes it so, and who pressed is who gave it."""
    house = means.house()
    effect = tx.effects.get(context.key)
    deed = effect.deed if effect is not None else None
    proposal = tx.proposals.get(deed.authority.proposal) if isinstance(deed, Run) else None
    if (
        not isinstance(deed, Run)
        or deed.authority.by != "press"
        or proposal is None
        or proposal.state is not State.APPROVED
        or proposal.call.digest != deed.call.digest
        or dict(deed.call.arguments) != dict(arguments)
    ):
        raise NotAllowed("only a press on its card gives a permission")
    scope, limits = grants.scope_of(arguments), Limits.of(arguments)
    grants.check(house.known(scope.action), scope, limits, earning=house.policy().earning, now=context.now)
    giver = tx.people.get(deed.authority.person)
    tongue = house.tongues(giver.lang if giver else "en")
    zone, asker = giver.zone if giver else "UTC", tx.people.get(scope.requester)
    grant = Grant(
        id=grants.new_id(proposal.id),
        number=tx.grants.next_number(),
        space=tx.space,
        scope=scope,
        uses=limits.uses,
        total=limits.total,
        until=limits.until,
        giver=deed.authority.person,
        proposal=proposal.id,
        said=grants.said(
            scope, limits, tongue, zone=zone, requester=asker.name if asker else scope.requester
        ),
        created=context.now,
    )
    if not tx.grants.add(grant):
        grant = tx.grants.get(grant.id) or grant
    else:
        body: Mapping[str, Json] = {
            "grant": grant.id,
            "number": grant.number,
            "person": grant.giver,
            "proposal": proposal.id,
            "action": scope.action,
            "said": grant.said,
        }
        tx.ledger.append("granted", body, context.now)
    text = context.tongue(
        "Permission {n} is in force: {said}. “withdraw {n}” ends it.", n=grant.number, said=grant.said
    )
    return Receipt(id=str(grant.number), text=text)


def listed(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Those that stand, for those they concern."""
    person, tongue = somebody(context), context.tongue
    standing = [grant for grant in tx.grants.all() if grant.stands_at(context.now)]
    mine = [grant for grant in standing if person.may_approve or person.id in _concerned(grant)]
    if not mine:
        return Receipt(text=tongue("No standing permission is in force."), data=[])
    lines = [tongue.many("{n} standing permission:", "{n} standing permissions:", len(mine))]
    lines += [_line(tx, grant, tongue, context) for grant in mine]
    lines.append(tongue("“withdraw N” ends one at once."))
    # What a permission is about was read from a system.
    return Receipt(text="\n".join(lines), data=[grant.number for grant in mine], tainted=True)


def _concerned(grant: Grant) -> tuple[str, str]:
    return (grant.giver, grant.scope.requester)


def _line(tx: Tx, grant: Grant, tongue: Tongue, context: Context) -> str:
    giver = tx.people.get(grant.giver)
    left = grants.limits_words(grant, tongue, context.zone)
    who = tongue("given by {who}", who=_named(giver, tongue))
    return f"{grant.number} · {grant.said} · {who} · {left}"


def _named(person: Person | None, tongue: Tongue) -> str:
    return person.name if person else tongue("someone")


def withdraw(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Over at once, whatever is left of it."""
    person, tongue, number = somebody(context), context.tongue, int(arguments["number"])
    grant = tx.grants.by_number(number)
    if grant is None:
        raise BadInput(tongue("there is no permission {n}; say “grants” for the list", n=number))
    if grant.ended is None:
        granting.withdraw(tx, grant, tx.people.get(person.id) or person, house=means.house())
    return Receipt(
        id=str(number), text=tongue("Permission {n} is withdrawn. From now on it asks again.", n=number)
    )


def preview(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Preview:
    """What the card of an offer shows, as it would be now."""
    return earning.look(
        tx,
        arguments,
        tongue=context.tongue,
        now=context.now,
        house=means.house(),
    )
