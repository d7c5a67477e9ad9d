"""The outbox: the only code that causes an effect outside, and the only one that records what came of it.

A deed is written down as started before it is made. Whoever starts one shows an authority for exactly its
digest, checked in the transaction that consumes it. A started deed without a receipt is looked up, never
blindly repeated; where nobody can know, it is called unknown and a person is asked.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot import (
    asking,
    entries,
    errands,
    fieldmodes,
    fieldrules,
    freezing,
    gate,
    granting,
    hearing,
    holds,
    ids,
    raising,
    sayings,
    spending,
)
from bot.actions import Preview, Receipt
from bot.authority import demanded, missing, presser
from bot.effects import Effect, EffectState, Run
from bot.errors import (
    BadInput,
    Failed,
    NotAllowed,
    OutcomeUnknown,
    Refused,
    Stale,
    StoreAway,
    StoreUnknown,
    Unknowable,
    Unreachable,
    VigieError,
)
from bot.gate import Case
from bot.house import House
from bot.instruments import Part, call_step
from bot.missions import Phase
from bot.places import Place
from bot.policy import Decision
from bot.proposals import Proposal, State
from bot.store import Tx
from bot.values import Json
from bot.world import Context, System

log = logging.getLogger(__name__)

TRIES = 8
"""How often an approved deed that certainly did not happen is tried again."""


def account_of(effect: Effect, house: House) -> Mapping[str, Json]:
    """What the ledger keeps of a deed."""
    return entries.deed(effect, house.known(_run(effect).call.action))


async def perform(effect: Effect, context: Context, *, house: House) -> Effect:
    """Makes a started deed and records the outcome. Raises NotAllowed when it was not written down as started
    for exactly these arguments: whoever calls this, nothing runs on a caller's word."""
    run = _run(effect)
    kept = await house.store.read(lambda tx: tx.effects.get(effect.id), space=effect.space)
    authorised = run.authority.digest == run.call.digest and kept == effect
    if effect.state is not EffectState.STARTED or not authorised:
        raise NotAllowed("the executor refuses a deed without authority for exactly these arguments")
    if not house.awake():
        raise Stale("another machine has taken over here")
    try:
        receipt = await _make(run, context, house)
    except (StoreAway, StoreUnknown):
        # A deed of our own, in our own store: nothing is known of it by this. It stays started, and whoever takes it up
        # again finds out.
        raise
    except (Refused, Failed, Stale) as error:
        return await record(effect, effect.failed(error.said(context.tongue)), house)
    except Unreachable as error:
        return await record(effect, _not_yet(effect, error, context, house), house)
    except OutcomeUnknown as error:
        return await reconcile(effect, context, house=house, why=error.said(context.tongue))
    return await record(effect, effect.confirmed(receipt), house)


def _check_target(run: Run, context: Context, house: House) -> None:
    """The connection still leads to the account on the card, and the action is still the one it named. Raises
    Failed: nothing of it was done."""
    if house.system(run.call.action).account() != run.call.account:
        raise Failed(context.tongue("another account is connected than the one on the card."))
    if house.action(run.call.action).fingerprint != run.call.fingerprint:
        raise Failed(context.tongue("what this action does was changed since the card."))


async def _make(run: Run, context: Context, house: House) -> Receipt:
    _check_target(run, context, house)
    try:
        with house.instruments.over(call_step(Part.DEED, run.call, context)):
            async with asyncio.timeout(house.patience):
                return await house.system(run.call.action).run(run.call, context)
    except TimeoutError as error:
        raise OutcomeUnknown(
            context.tongue("no answer within {n} seconds.", n=round(house.patience))
        ) from error
    except (Refused, Failed, Stale, Unreachable, OutcomeUnknown):
        raise
    except Exception as error:
        # A defect in an adapter says nothing about whether the deed was done.
        log.exception("deed_broke", extra={"action": run.call.action, "effect": context.key})
        raise OutcomeUnknown(context.tongue("the connection to the system broke down.")) from error


def _not_yet(effect: Effect, error: Unreachable, context: Context, house: House) -> Effect:
    """Certainly not done. What a person approved is tried again for a while; a mind is told at once."""
    authority, why = _run(effect).authority, error.said(context.tongue)
    now = house.clock.now()
    pause = timedelta(seconds=error.retry_after or min(2**effect.attempts, 300))
    in_time = authority.expires is not None and now + pause < authority.expires
    if authority.by == "press" and in_time and effect.attempts < TRIES:
        return effect.waiting(now + pause, why)
    return effect.failed(why)


async def reconcile(effect: Effect, context: Context, *, house: House, why: str = "") -> Effect:
    """Finds out what became of a started deed: its receipt, made now if it certainly was not, or unknown."""
    run = _run(effect)
    tongue = context.tongue
    try:
        with house.instruments.over(call_step(Part.LOOK_UP, run.call, context)):
            async with asyncio.timeout(house.patience):
                receipt = await _same_account(run, context, house).look_up(run.call, context)
    except (StoreAway, StoreUnknown):
        raise
    except Unknowable as error:
        return await record(effect, effect.unknown(error.said(tongue) or why), house)
    except (VigieError, TimeoutError) as error:
        log.warning("look_up_failed", extra={"action": run.call.action, "effect": effect.id})
        told = error.said(tongue) if isinstance(error, VigieError) else ""
        reason = why or tongue("the system could not be asked whether it was done: {error}", error=told)
        look_at = house.clock.now() + timedelta(seconds=min(30 * 2**effect.attempts, 3600))
        unknown = replace(effect.unknown(reason, look_at=look_at), attempts=effect.attempts + 1)
        return await record(effect, unknown, house)
    if receipt is not None:
        return await record(effect, effect.confirmed(receipt), house)
    return await perform_again(effect, context, house=house)


def _same_account(run: Run, context: Context, house: House) -> System:
    """The system, while it is connected to the account of the call: another account has no record of the deed,
    which proves nothing, and must not be given it. Raises Unreachable, or BadInput when it is not connected."""
    system = house.system(run.call.action)
    if system.account() != run.call.account:
        raise Unreachable(context.tongue("another account is connected than the one on the card."))
    return system


async def perform_again(effect: Effect, context: Context, *, house: House) -> Effect:
    """The look-up said that it was certainly not done: once more under the same key."""
    if effect.attempts >= TRIES:
        return await record(effect, effect.failed(context.tongue("it was tried too often.")), house)
    started = effect.started()

    def write(tx: Tx) -> Effect:
        after = effect.failed(_frozen(context)) if _held(tx, effect, house) else started
        if not tx.effects.swap(effect, after):
            return tx.effects.get(effect.id) or effect
        if after.over:
            _told(tx, after, house)
        return after

    after = await house.store.write(write, space=effect.space)
    return await perform(started, context, house=house) if after is started else after


async def record(before: Effect, after: Effect, house: House) -> Effect:
    """The outcome, the ledger, the card and the waiting turn, in one transaction."""

    def write(tx: Tx) -> Effect:
        # What waits to be tried again must not outlive a freeze that began meanwhile.
        stops = after.state is EffectState.PENDING and _held(tx, after, house)
        final = after.failed(after.error) if stops else after
        if not tx.effects.swap(before, final):
            return tx.effects.get(before.id) or final
        _told(tx, final, house)
        return final

    recorded = await house.store.write(write, space=before.space)
    log.info("effect_recorded", extra={"effect": recorded.id, "state": recorded.state, "turn": recorded.turn})
    return recorded


def _told(tx: Tx, effect: Effect, house: House) -> None:
    """What came of a deed: in the ledger, on its budgets, on its card, and to the turn that waits."""
    now = house.clock.now()
    tx.ledger.append(effect.state, account_of(effect, house), now)
    spending.after_deed(tx, effect)
    hearing.deed_done(tx, effect, house=house)
    holds.tell(tx, effect, house=house)
    undoable = effect.receipt is not None and effect.receipt.undo is not None
    if undoable or _run(effect).authority.grant:
        tx.marks.put(f"code:{ids.short_code(effect.id)}", {"effect": effect.id})
    proposal = tx.proposals.get(_run(effect).authority.proposal)
    if proposal is not None:
        sayings.show(tx, proposal, now=now)
        if effect.over:
            sayings.resume(tx, proposal, cause=effect.id, now=now)
        else:
            tx.ring(effect.place)
    elif effect.over:
        sayings.deed_over(tx, effect, now=now)


def _held(tx: Tx, effect: Effect, house: House) -> bool:
    return freezing.holding(tx, _run(effect).call.action, effect.mission, house=house) is not None


def _frozen(context: Context) -> str:
    return context.tongue("it is frozen; an owner can say unfreeze.")


async def finish(effect: Effect, *, house: House) -> Effect:
    """What became of a deed found in the journal: known already, or found out now."""
    if effect.state is not EffectState.STARTED:
        return effect
    return await reconcile(effect, await context_of(effect, house), house=house)


async def preview_of(run: Run, context: Context, house: House) -> Preview:
    """What it would do now. Raises what the system raises."""
    with house.instruments.over(call_step(Part.PREVIEW, run.call, context)):
        return await house.system(run.call.action).preview(run.call, context)


async def run_one(effect: Effect, house: House) -> None:
    """Makes an approved deed: looked at again, started, done, recorded."""
    context = await context_of(effect, house)
    run = _run(effect)
    try:
        _check_target(run, context, house)
        preview = await preview_of(run, context, house)
    except (StoreAway, StoreUnknown):
        raise
    except Unreachable as error:
        await record(
            effect, _not_yet(replace(effect, attempts=effect.attempts + 1), error, context, house), house
        )
        return
    except VigieError as error:
        await record(effect, effect.failed(error.said(context.tongue)), house)
        return
    if preview.seen != run.version:
        why = context.tongue("what it is about changed meanwhile; a new card asks again.")
        if run.hold is not None:
            why = context.tongue("what it is about changed meanwhile.")
        await _ask_again(effect, preview, context, house, why=why)
        return
    started = await house.store.write(
        lambda tx: _start(tx, effect, context, house, receives=preview.recipient), space=effect.space
    )
    if started.state is EffectState.STARTED:
        await perform(started, context, house=house)


def _start(tx: Tx, effect: Effect, context: Context, house: House, *, receives: str = "") -> Effect:
    """Consumes the authority: the one transaction in which freeze, approval, digest, policy and budgets are
    checked."""
    run = _run(effect)
    proposal = tx.proposals.get(run.authority.proposal)
    if (now := tx.effects.get(effect.id)) is None or (now.state, now.attempts) != (
        effect.state,
        effect.attempts,
    ):
        return replace(effect, state=EffectState.UNKNOWN)
    after = effect
    refusal = _unapproved(tx, effect, proposal, context, house)
    case: Case | None = None
    if not refusal:
        try:
            case = _case(tx, effect, context, house)
            refusal = _forbidden(tx, case, proposal, run, receives, context, house)
            after = replace(effect, deed=replace(run, outlay=gate.outlay(case)))
        except BadInput as error:
            refusal = error.said(context.tongue)
    if not refusal and (over := spending.for_deed(tx, effect, house=house)):
        reached = raising.at_limit(tx, over, _asker(tx, effect, context), house=house, what=run.call.action)
        if reached.mine:
            return _wait_for_more(tx, effect, reached, context)
        refusal = reached.words
    after = after.failed(refusal) if refusal else after.started()
    if not tx.effects.swap(effect, after):
        return replace(effect, state=EffectState.UNKNOWN)
    if not refusal and run.authority.by == "grant" and case is not None:
        _consume(tx, run, case)
    tx.ledger.append("refused" if refusal else "started", account_of(after, house), context.now)
    holds.tell(tx, after, house=house)
    if refusal and proposal is not None:
        sayings.show(tx, proposal, now=context.now)
        sayings.resume(tx, proposal, cause=after.id, now=context.now)
    return after


def _asker(tx: Tx, effect: Effect, context: Context) -> raising.Asker:
    return raising.Asker(
        turn=effect.turn,
        place=effect.place,
        person=tx.people.get(effect.person),
        mission=effect.mission,
        tongue=context.tongue,
        zone=context.zone,
        now=context.now,
    )


def _wait_for_more(tx: Tx, effect: Effect, reached: raising.Reached, context: Context) -> Effect:
    """What was approved waits for a higher limit as long as its approval holds."""
    until = _run(effect).authority.expires or context.now
    held = raising.hold(tx, effect, reached, until)
    if not tx.effects.swap(effect, held):
        return replace(effect, state=EffectState.UNKNOWN)
    raising.show(tx, reached.proposal, context.now)
    if proposal := tx.proposals.get(_run(effect).authority.proposal):
        sayings.show(tx, proposal, now=context.now)
    return held


def _unapproved(tx: Tx, effect: Effect, proposal: Proposal | None, context: Context, house: House) -> str:
    """Why no approval stands behind it, "" when one does."""
    run = _run(effect)
    refusal = ""
    if _held(tx, effect, house):
        refusal = _frozen(context)
    elif run.hold is not None and run.authority.by != "press":
        refusal = _unheld(tx, effect, context)
    elif proposal is None or proposal.state is not State.APPROVED or proposal.effect != effect.id:
        refusal = context.tongue("there is no approval for it.")
    elif not proposal.call.digest == run.call.digest == run.authority.digest:
        refusal = context.tongue("what was approved is not what would run.")
    elif run.authority.expires is not None and context.now >= run.authority.expires:
        refusal = context.tongue("the approval is too old.")
    return refusal


def _unheld(tx: Tx, effect: Effect, context: Context) -> str:
    """Why what was held does not go out after all, before the rules are asked again."""
    run = _run(effect)
    mission = tx.missions.get(effect.mission) if effect.mission else None
    if run.authority.digest != run.call.digest:
        return context.tongue("what was approved is not what would run.")
    if run.authority.expires is None or context.now >= run.authority.expires:
        return context.tongue("it should have gone out long ago; ask for it again.")
    if mission is not None and mission.phase in (Phase.PAUSED, Phase.CANCELLED):
        return context.tongue("its mission was stopped.")
    return ""


def _consume(tx: Tx, run: Run, case: Case) -> None:
    grant = tx.grants.get(run.authority.grant)
    if grant is None:
        raise Stale("this permission was used or withdrawn at the same moment")
    granting.consume(tx, grant, case)


def _case(tx: Tx, effect: Effect, context: Context, house: House) -> Case:
    """The call as the gate judges it now, for the person who asked. Raises BadInput when nobody offers it."""
    call, hold = _run(effect).call, _run(effect).hold
    return Case(
        action=house.action(call.action),
        call=call,
        effect=effect.id,
        person=tx.people.get(effect.person) or context.person,
        mission=errands.mission_of(tx, effect.mission, effect.turn),
        tainted=hold.tainted if hold is not None else context.tainted,
        own_words=hold is not None and hold.own_words,
        zone=context.zone,
        now=context.now,
    )


def _forbidden(
    tx: Tx,
    case: Case,
    proposal: Proposal | None,
    run: Run,
    receives: str,
    context: Context,
    house: House,
) -> str:
    """Why what was approved may not run any more, "" when it may. The policy may have become stricter since
    the card, another deed may have used up a limit, and the connection may be another one by now."""
    tongue = context.tongue
    if case.action.fingerprint != case.call.fingerprint:
        return tongue("what this action does was changed since the card.")
    if house.system(case.call.action).account() != case.call.account:
        return tongue("another account is connected than the one on the card.")
    if proposal is None or not proposal.ask.startswith("undo:"):  # what takes back says what it has to
        fieldmodes.held(case.action, fieldrules.of(tx, case.call.action), case.call.arguments)
    verdict = gate.judge(tx, case, house=house)
    if verdict.decision is Decision.ASK and proposal is not None:
        asked = demanded(case.call.action, gate.demand(verdict), presser(case.call, proposal.requester))
        if missing(asked, proposal.approvals):
            if missing(replace(asked, step_up=False), proposal.approvals):
                return tongue("the rules ask for more people now than approved it.")
            return tongue("the rules ask for a second factor now, and it was approved without.")
    if verdict.decision is Decision.ASK and proposal is None:
        grant = tx.grants.get(run.authority.grant) if run.authority.grant else None
        if grant is None or granting.silent_because(tx, grant, case, verdict, receives=receives, house=house):
            return tongue("the rules ask for a press now.")
    return verdict.said(tongue) if verdict.decision is Decision.DENY else ""


async def _ask_again(effect: Effect, preview: Preview, context: Context, house: House, *, why: str) -> None:
    """Nothing is done, and a new card asks for the same over what is there now."""

    def write(tx: Tx) -> None:
        asking.together(tx, ask_anew(tx, effect, preview, context, house, why), now=context.now)

    await house.store.write(write, space=effect.space)


def ask_anew(
    tx: Tx, effect: Effect, preview: Preview, context: Context, house: House, why: str
) -> Sequence[Proposal]:
    """What asks again for a deed that is not done, on no card yet; none where nobody is to be asked."""
    old = tx.proposals.get(_run(effect).authority.proposal)
    failed = effect.failed(_frozen(context) if _held(tx, effect, house) else why)
    if not tx.effects.swap(effect, failed):
        return ()
    if old is None:
        # Nobody was ever asked: it must neither run nor come round again.
        tx.ledger.append("refused", account_of(failed, house), context.now)
        holds.tell(tx, failed, house=house)
        return ()
    if failed.error != why:
        _told(tx, failed, house)
        return ()
    new = old.successor(preview, now=context.now)
    tx.proposals.add(new)
    tx.ledger.append("changed", {**account_of(failed, house), "successor": new.id}, context.now)
    sayings.show(tx, old, now=context.now)
    return (new,)


async def context_of(effect: Effect, house: House) -> Context:
    """Who asked for a deed and where, from the record. In the language and zone of its card, if it has one: what
    is read again is compared with what was shown."""
    proposal_id = _run(effect).authority.proposal
    person, turn, proposal, mission = await house.store.read(
        lambda tx: (
            tx.people.get(effect.person),
            tx.turns.get(effect.turn),
            tx.proposals.get(proposal_id) if proposal_id else None,
            tx.missions.get(effect.mission) if effect.mission else None,
        ),
        space=effect.space,
    )
    shown = proposal or mission or person
    return Context(
        key=effect.id,
        space=effect.space,
        place=Place.parse(effect.place),
        person=person,
        turn=effect.turn,
        mission=effect.mission,
        zone=shown.zone if shown else "UTC",
        now=house.clock.now(),
        tongue=house.tongues(shown.lang if shown else "en"),
        tainted=turn is not None and turn.tainted,
    )


async def reread(effect: Effect, house: House) -> Effect:
    """As it is kept now."""
    found = await house.store.read(lambda tx: tx.effects.get(effect.id), space=effect.space)
    return found or effect


def _run(effect: Effect) -> Run:
    assert isinstance(effect.deed, Run)
    return effect.deed


async def look_again(space: str, *, house: House) -> int:
    """Asks again about unknown outcomes that a look-up may still settle. Returns how many were asked."""
    now = house.clock.now()
    found = await house.store.read(lambda tx: tx.effects.in_state(EffectState.UNKNOWN), space=space)
    asked = [e for e in found if e.check and e.due <= now and e.attempts < TRIES and isinstance(e.deed, Run)]
    for effect in asked:
        await reconcile(effect, await context_of(effect, house), house=house, why=effect.error)
    return len(asked)
