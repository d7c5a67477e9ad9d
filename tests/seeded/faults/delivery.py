"""What is said: the outbox, posts, the chats."""

from tests.seeded.fault import Fault

MODEL = "tests/model"
BATCHES = "tests/stories/test_batches.py"
FACTORS = "tests/stories/test_second_factor.py"
SAFETY = "tests/safety"
PROCEDURE_POWER = "tests/stories/test_procedure_power.py"
HOLDS = "tests/stories/test_holds.py"
BUDGETS = "tests/stories/test_budgets.py"
HICCUPS = "tests/contracts/test_hiccups.py"
FORESEEN = "tests/adapters/test_foreseen.py"
LONG = "tests/stories/test_long_reports.py"
ROOMS = "tests/adapters/web/test_rooms.py"

FAULTS = (
    Fault(
        name="what was seen of an event counts although somebody has it in hand by now",
        file="adapters/engine/inprocess.py",
        old="        if not self._turns.has_begun(key):\n            self._foreseen",
        new="        if True:\n            self._foreseen",
        tests=(FORESEEN,),
    ),
    Fault(
        name="what came together with an event that was looked at ahead waits for the next round",
        file="adapters/engine/inprocess.py",
        old="if found is None or rings != 1:",
        new="if found is None:",
        tests=(FORESEEN,),
    ),
    Fault(
        name="what arrives is not kept because it cannot be looked at",
        file="bot/dispatch.py",
        old='        log.exception("event_not_foreseen", extra={"event": event.id, "kind": event.body.kind})\n        return None\n',
        new="        raise\n",
        tests=(FORESEEN,),
    ),
    Fault(
        name="everybody's messages wait for what a model is to be told",
        file="bot/dispatch.py",
        old="    if house.minds.costly:\n        return None\n",
        new="",
        tests=(FORESEEN,),
    ),
    Fault(
        name="what two transactions rang together rings once",
        file="memory/lanes.py",
        old="        for job in jobs:\n            self._bells.ring(job.rings)\n",
        new="        self._bells.ring(ring for job in jobs for ring in job.rings)\n",
        tests=(FORESEEN,),
    ),
    Fault(
        name="nothing is looked at ahead",
        file="bot/inbox.py",
        old="return True, None if event.urgent else ahead(tx, event)",
        new="return True, None",
        tests=(FORESEEN,),
    ),
    Fault(
        name="after a crash what stood behind a failure is done without a word",
        file="bot/series.py",
        old="if not ahead.isdisjoint((EffectState.FAILED, EffectState.UNKNOWN)):",
        new="if False:",
        tests=(BATCHES,),
    ),
    Fault(
        name="the doctor believes that a socket works",
        file="adapters/chat/slack/connect.py",
        old="if not token.well or not self._settings.app_token:",
        new="if True:",
        tests=("tests/stories/peers/test_doctor.py",),
    ),
    Fault(
        name="what is held is not checked again",
        file="bot/outbox.py",
        old='            return tongue("the rules ask for a press now.")',
        new='            return ""',
        tests=(HOLDS,),
    ),
    Fault(
        name="a delivered secret stays in the record",
        file="bot/posts.py",
        old="if after.over and isinstance(deed.content, Notice):",
        new="if False:",
        tests=(FACTORS,),
    ),
    Fault(
        name="an approval holds a moment too long",
        file="bot/outbox.py",
        old="is not None and context.now >= run.authority.expires",
        new="is not None and context.now > run.authority.expires",
        tests=(SAFETY, MODEL),
    ),
    Fault(
        name="a target that changed is not looked at again",
        file="bot/outbox.py",
        old="if preview.seen != run.version:",
        new="if False:",
    ),
    Fault(
        name="another account will do",
        file="bot/outbox.py",
        old="if house.system(case.call.action).account() != case.call.account:",
        new="if False:",
        tests=(SAFETY, MODEL),
    ),
    Fault(
        name="another definition of the action will do",
        file="bot/outbox.py",
        old="if case.action.fingerprint != case.call.fingerprint:",
        new="if False:",
        tests=(SAFETY,),
    ),
    Fault(
        name="who parked for a deed under way is not woken",
        file="bot/outbox.py",
        old="        sayings.deed_over(tx, effect, now=now)",
        new="        pass",
        tests=(PROCEDURE_POWER,),
    ),
    Fault(
        name="what nobody knows is done again",
        file="bot/outbox.py",
        old="return await reconcile(effect, context, house=house, why=error.said(context.tongue))",
        new="return await perform_again(effect, context, house=house)",
        tests=(SAFETY, MODEL),
    ),
    Fault(
        name="the freeze is not looked for where the authority is consumed",
        file="bot/outbox.py",
        old="    if _held(tx, effect, house):\n        refusal",
        new="    if False:\n        refusal",
        tests=(SAFETY,),
    ),
    Fault(
        name="what a crash cut short is done in a freeze",
        file="bot/outbox.py",
        old="after = effect.failed(_frozen(context)) if _held(tx, effect, house) else started",
        new="after = started",
        tests=(SAFETY, MODEL),
    ),
    Fault(
        name="what a crash cut short is done on another account",
        file="bot/outbox.py",
        old="    if system.account() != run.call.account:\n",
        new="    if False:\n",
        tests=(SAFETY, MODEL),
    ),
    Fault(
        name="a denied request runs",
        file="bot/outbox.py",
        old="proposal.state is not State.APPROVED",
        new="proposal.state is State.PENDING",
        tests=(SAFETY,),
    ),
    Fault(
        name="a deed of another request runs",
        file="bot/outbox.py",
        old=" or proposal.effect != effect.id:",
        new=":",
        tests=(SAFETY, MODEL),
    ),
    Fault(
        name="other arguments than the approved ones run",
        file="bot/outbox.py",
        old="elif not proposal.call.digest == run.call.digest == run.authority.digest:",
        new="elif not run.call.digest == run.authority.digest:",
        tests=(SAFETY, MODEL),
    ),
    Fault(
        name="the executor takes a caller's word",
        file="bot/outbox.py",
        old="if effect.state is not EffectState.STARTED or not authorised:",
        new="if effect.state is not EffectState.STARTED:",
        tests=(SAFETY,),
    ),
    Fault(
        name="the policy is not asked at the last moment",
        file="bot/outbox.py",
        old='return verdict.said(tongue) if verdict.decision is Decision.DENY else ""',
        new='return ""',
        tests=(SAFETY, MODEL),
    ),
    Fault(
        name="a batch goes on after a failure",
        file="bot/series.py",
        old="if after.state is not EffectState.CONFIRMED:",
        new="if False:",
        tests=(BATCHES,),
    ),
    Fault(
        name="a press is not held to the budget",
        file="bot/outbox.py",
        old="if not refusal and (over := spending.for_deed(tx, effect, house=house)):",
        new="if refusal and (over := spending.for_deed(tx, effect, house=house)):",
        tests=(BUDGETS,),
    ),
    Fault(
        name="a member sees everybody's missions on the page",
        file="adapters/chat/web/rooms/now.py",
        old="if person.may_approve or each.owner == person.id]",
        new="if person.may_approve or each.owner]",
        tests=(ROOMS,),
    ),
    Fault(
        name="everybody reads the whole ledger",
        file="adapters/chat/web/rooms/ledger.py",
        old="whole = asking.person.role is Role.OWNER",
        new="whole = asking.person.role is not None",
        tests=(ROOMS,),
    ),
    Fault(
        name="a room is open to who is not shown its door",
        file="adapters/chat/web/door.py",
        old="if not room.open_to(viewer.person, self._house):",
        new="if viewer.person is None:",
        tests=(ROOMS,),
    ),
    Fault(
        name="another role is asked for by a form of somebody else's",
        file="adapters/chat/web/guard.py",
        old='if not hmac.compare_digest(fields.get("csrf", "").encode(), form_token(session).encode()):',
        new='if not fields.get("csrf", ""):',
        tests=(ROOMS,),
    ),
    Fault(
        name="words that stand without their file count as delivered",
        file="bot/posts.py",
        old="        return None, replace(sending, ref=ref)\n    return ref, sending",
        new="        return ref, sending\n    return ref, sending",
        tests=(LONG,),
    ),
    Fault(
        name="a file that stands already is put again",
        file="adapters/chat/slack/outbound.py",
        old="            standing = await self._standing(file, ts, sending)\n",
        new="            pass\n",
        tests=("tests/contracts/chats/test_slack.py",),
    ),
    Fault(
        name="what is forgotten stays in its file",
        file="adapters/chat/slack/outbound.py",
        old="            await self._take_away(file, sending)\n",
        new="            pass\n",
        tests=("tests/contracts/chats/test_slack.py",),
    ),
    Fault(
        name="an address where no file is hands out the file before it",
        file="adapters/chat/web/takeaway.py",
        old="if found == seq:",
        new="if found:",
        tests=("tests/adapters/web/test_rooms.py",),
    ),
    Fault(
        name="a press from a home counts for a card that never hung there",
        file="bot/homes.py",
        old="    return slot in (kept or [])",
        new="    return True",
        tests=("tests/adapters/slack/test_surfaces.py",),
    ),
    Fault(
        name="whoever shares an organisation is a member",
        file="adapters/chat/slack/roster.py",
        old="""        case {"enterprise_user": {"teams": [*teams]}}:
            return team in teams""",
        new="""        case {"enterprise_user": {"teams": [*teams]}}:
            return bool(teams)""",
        tests=("tests/adapters/slack/test_surfaces.py",),
    ),
    Fault(
        name="what a failure of the store left begun is never found",
        file="adapters/engine/inprocess.py",
        old="        self._mending.ring(key)",
        new="        pass",
        tests=(HICCUPS,),
    ),
    Fault(
        name="a place in which the database failed is simply done",
        file="adapters/engine/distributed.py",
        old="        self._broken.add(key)",
        new="        pass",
        tests=(HICCUPS,),
    ),
    Fault(
        name="a turn that the store broke leaves nothing behind",
        file="adapters/engine/places.py",
        old="        if born is None:\n            self._broke(key)\n",
        new="",
        tests=(HICCUPS,),
    ),
    Fault(
        name="a failure of our own store is told as the outcome of a deed",
        file="bot/attempts.py",
        old="    except (StoreAway, StoreUnknown):",
        new="    except ZeroDivisionError:",
        tests=(HICCUPS,),
    ),
    Fault(
        name="a store that goes on failing is asked again at once",
        file="adapters/engine/inprocess.py",
        old="        self._words.soon(key)",
        new="        self._words.ring(key)",
        tests=(HICCUPS,),
    ),
    Fault(
        name="a worker ends a job that somebody else has by now",
        file="adapters/engine/ownjobs.py",
        old="""    FOR UPDATE
)
SELECT procrastinate_finish_job_v1""",
        new="""    OR id = %(job_id)s FOR UPDATE
)
SELECT procrastinate_finish_job_v1""",
        tests=("tests/adapters/test_distributed.py",),
    ),
    Fault(
        name="a turn ends once for everybody who thought it through",
        file="bot/thinking.py",
        old="        if tx.events.close(self.start.event.id):",
        new="        if tx.events.close(self.start.event.id) or True:",
        tests=("tests/contracts/test_engine.py",),
    ),
    Fault(
        name="who comes back does not count as alive",
        file="adapters/engine/leases.py",
        old="        if self._alive:\n",
        new="        if True:\n            self._alive = True\n",
        tests=("tests/adapters/test_distributed.py",),
    ),
    Fault(
        name="what was asked in time is refused because we came too late",
        file="bot/desk/missions.py",
        old="    if armed.schedules and armed.next_due is None:\n        return triggers",
        new="    if False:\n        return triggers",
        tests=(HICCUPS,),
    ),
)
