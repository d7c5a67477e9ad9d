"""The desk's second factors: enrolled in private and confirmed by a code, dropped by a code, reset by an owner."""

from collections.abc import Mapping

from bot import proving
from bot.actions import Change, Preview, Receipt
from bot.desk.means import Means, in_private, somebody, whisper
from bot.desk.roles import full_name, named
from bot.errors import BadInput, NotAllowed
from bot.secondfactor import ENROL, Factor
from bot.store import Tx
from bot.values import Json
from bot.world import Context


def second_factor(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Without a code: a new secret, shown once. With one: confirmed."""
    in_private(context)
    person, house = somebody(context), means.house()
    code = arguments.get("code", "").strip()
    factor = proving.kept(tx, person.id)
    if code:
        return _confirm(tx, code, factor, context, means)
    if factor is not None and factor.since is not None:
        text = context.tongue(
            "Your second factor is in place since {since}. “remove second factor CODE” takes it away.",
            since=context.tongue.moment(factor.since, context.zone),
        )
        return Receipt(text=text)
    if not person.may_act:
        raise NotAllowed(context.tongue("only members may have a second factor"))
    begun = house.factors.begin(person.id, person.name)
    # Wrong codes go on counting: asking for a new secret opens no door that they have closed.
    wrong = factor.wrong if factor else ()
    proving.keep(tx, person.id, Factor(sealed=begun.sealed, made=context.now, wrong=wrong))
    tx.ledger.append("factor_begun", {"person": person.id, "turn": context.turn}, context.now)
    shown = context.tongue(
        "Put this into your authenticator, now and once: nobody can show it again.\nKey: {secret}\nLink: {uri}",
        secret=begun.secret,
        uri=begun.uri,
    )
    whisper(tx, context, shown, picture=begun.uri)
    text = context.tongue(
        "Then send me, within {n} minutes: second factor CODE", n=int(ENROL.total_seconds() // 60)
    )
    return Receipt(text=text)


def _confirm(tx: Tx, code: str, factor: Factor | None, context: Context, means: Means) -> Receipt:
    person = somebody(context)
    if factor is None or (factor.since is None and not factor.waits(context.now)):
        raise BadInput(context.tongue("there is nothing to confirm; say “second factor” for a new key"))
    if factor.since is not None:
        return Receipt(text=context.tongue("Your second factor is in place already."))
    try:
        proving.check(tx, person, code, about="enrolment", house=means.house())
    except NotAllowed as error:
        # Raised further, it would undo what was kept of the wrong code.
        return Receipt(text=context.tongue("Not confirmed: {why}.", why=error.said(context.tongue)))
    tx.ledger.append("factor_set", {"person": person.id, "turn": context.turn}, context.now)
    return Receipt(text=context.tongue("Your second factor is in place."))


def drop(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Whoever holds the authenticator may take it away."""
    person = somebody(context)
    factor = proving.kept(tx, person.id)
    if factor is None or factor.since is None:
        return Receipt(text=context.tongue("You have no second factor."))
    try:
        proving.check(tx, person, arguments["code"], about="removal", house=means.house())
    except NotAllowed as error:
        return Receipt(text=context.tongue("Not removed: {why}.", why=error.said(context.tongue)))
    proving.keep(tx, person.id, None)
    tx.ledger.append("factor_removed", {"person": person.id, "by": person.id}, context.now)
    return Receipt(text=context.tongue("Your second factor is gone."))


def reset(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """For somebody who lost it: by the press of an owner, which the policy cannot do without."""
    person = named(tx, arguments["person"], context.tongue)
    if proving.kept(tx, person.id) is None:
        return Receipt(text=context.tongue("{who} has no second factor.", who=person.name))
    proving.keep(tx, person.id, None)
    by = context.person.id if context.person else ""
    body = {"person": person.id, "by": by, "turn": context.turn}
    tx.ledger.append("factor_removed", body, context.now)
    return Receipt(text=context.tongue("The second factor of {who} is gone.", who=person.name))


def preview_reset(tx: Tx, arguments: Mapping[str, Json], context: Context) -> Preview:
    tongue = context.tongue
    person = named(tx, arguments["person"], tongue)
    factor = proving.kept(tx, person.id)
    if factor is None:
        raise BadInput(tongue("{who} has no second factor.", who=person.name), field="person")
    set_ = tongue("since {since}", since=tongue.moment(factor.since, context.zone)) if factor.since else ""
    before = set_ or tongue("begun, not confirmed")
    return Preview(
        subject=full_name(person),
        changes=(Change(title="Second factor", before=before, after=tongue("none")),),
        version=f"{person.id}:{factor.made.isoformat()}:{factor.since is not None}",
    )
