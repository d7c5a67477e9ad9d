"""Cards, presses and attempts: what may go wrong between a proposal and its receipt."""

from tests.seeded.fault import Fault

MODEL = "tests/model"
APPROVALS = "tests/stories/test_approvals.py"
BATCHES = "tests/stories/test_batches.py"
MISSIONS = "tests/stories/test_missions.py"
MINDS = "tests/stories/test_model.py"
CARRYING = "tests/stories/test_carrying.py"
POWER = "tests/stories/test_power_cut.py"
FACTORS = "tests/stories/test_second_factor.py"
SAFETY = "tests/safety"
PROCEDURES = "tests/stories/test_procedures.py"
PROCEDURE_POWER = "tests/stories/test_procedure_power.py"
DISCRETION = "tests/stories/test_discretion.py"
GRANTS = "tests/stories/test_grants.py"
HOLDS = "tests/stories/test_holds.py"
LIMITS = "tests/safety/test_budgets.py"
LOOPS = "tests/stories/test_loops.py"
RUNS = "tests/stories/test_runs.py"
WATCHES = "tests/stories/test_watches.py"
FORGETTING = "tests/stories/test_forgetting.py"
QUIET = "tests/stories/test_quiet.py"

FAULTS = (
    Fault(
        name="a mind hears that something waits which is done",
        file="bot/attempts.py",
        old="                if pending.turn == scene.turn.id\n",
        new="                if False\n",
        tests=("tests/stories/test_hijacked_mind.py",),
    ),
    Fault(
        name="the ledger keeps what was remembered",
        file="bot/masks.py",
        old="if field is not None and field.forgettable:",
        new="if field is None:",
        tests=(FORGETTING,),
    ),
    Fault(
        name="the ledger quotes what came of remembering",
        file="bot/entries.py",
        old='"result": "" if quotes else result',
        new='"result": result',
        tests=(FORGETTING,),
    ),
    Fault(
        name="who forgets is quoted for ever",
        file="bot/thinking.py",
        old="            forgetting.at_the_end(",
        new="            _ = lambda: forgetting.at_the_end(",
        tests=(FORGETTING,),
    ),
    Fault(
        name="what is read between card and press voids the card of a watch",
        file="bot/actions.py",
        old="                *map(list, self.facts),\n",
        new="                *map(list, (*self.facts, *self.asides)),\n",
        tests=(WATCHES,),
    ),
    Fault(
        name="what is decided is lost when its lines leave the window",
        file="bot/thinking.py",
        old="            carrying.carry(tx, turn.place)\n",
        new="",
        tests=(CARRYING,),
    ),
    Fault(
        name="a model switches a procedure on",
        file="bot/attempts.py",
        old='"vigie.switch_procedure",',
        new="",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="what a procedure read taints nothing it fills in",
        file="bot/attempts.py",
        old="return not recipes.fixed(self.procedure.recipe, ask.action, ask.arguments, self.typed)",
        new="return False",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="what a run may do is what the newest version may",
        file="bot/gate.py",
        old="return replace(found, may=mission.may) if mission.procedure else found",
        new="return found",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="a button in a group approves",
        file="bot/presses.py",
        old="        if discretion.veils(event.place, house):\n",
        new="        if not event.place:\n",
        tests=(DISCRETION,),
    ),
    Fault(
        name="a mind may ask for a grant",
        file="bot/attempts.py",
        old="if deed.action.name == grants.GIVE:",
        new="if False:",
        tests=(GRANTS,),
    ),
    Fault(
        name="what is held does not wait",
        file="bot/attempts.py",
        old="        due=hold.until,",
        new="        due=scene.now,",
        tests=(HOLDS,),
    ),
    Fault(
        name="a code is good twice",
        file="bot/secondfactor.py",
        old="if step <= self.last:",
        new="if False:",
        tests=(FACTORS,),
    ),
    Fault(
        name="the deadline itself is in time",
        file="bot/proposals.py",
        old='if now >= self.expires:\n            raise Stale("this request expired',
        new='if now > self.expires:\n            raise Stale("this request expired',
    ),
    Fault(
        name="a card counts as open at its deadline",
        file="bot/proposals.py",
        old="return self.state is State.PENDING and now < self.expires",
        new="return self.state is State.PENDING and now <= self.expires",
    ),
    Fault(
        name="a card expires before its time",
        file="bot/proposals.py",
        old="if self.state is not State.PENDING or now < self.expires:",
        new="if self.state is not State.PENDING:",
        tests=(SAFETY,),
    ),
    Fault(
        name="a stale card is good",
        file="bot/proposals.py",
        old='if revision != self.revision:\n            raise Stale("this card',
        new='if revision > self.revision:\n            raise Stale("this card',
    ),
    Fault(
        name="an edit keeps the revision",
        file="bot/proposals.py",
        old="            revision=self.revision + 1,",
        new="            revision=self.revision,",
    ),
    Fault(
        name="saving an edit approves",
        file="bot/proposals.py",
        old="            revision=self.revision + 1,",
        new="            revision=self.revision + 1,\n            state=State.APPROVED,",
    ),
    Fault(
        name="an effect gets a new id each time",
        file="bot/proposals.py",
        old='return ids.derived("eff", self.id)',
        new='return ids.new("eff")',
    ),
    Fault(
        name="what somebody else is finding out is called unknown",
        file="bot/attempts.py",
        old="if effect.state is EffectState.STARTED else _answer",
        new="if False else _answer",
        tests=(PROCEDURE_POWER,),
    ),
    Fault(
        name="what was under way is forgotten after a restart",
        file="bot/dispatch.py",
        old="deeds = tuple(effect for effect in found if isinstance(effect.deed, Run))",
        new="deeds = tuple(effect for effect in found[:0] if isinstance(effect.deed, Run))",
        tests=(MODEL, POWER),
    ),
    Fault(
        name="the freeze is not looked for at the press",
        file="bot/settling.py",
        old="if freezing.holding(tx, proposal.call.action, proposal.mission, house=house):",
        new="if False:",
        tests=(SAFETY,),
    ),
    Fault(
        name="an approval is not in the ledger",
        file="bot/settling.py",
        old='    tx.ledger.append("approved", ',
        new='    print("approved", ',
        tests=(APPROVALS,),
    ),
    Fault(
        name="a row's content is not part of its hash",
        file="bot/ledger.py",
        old="canonical([space, seq, at.astimezone(UTC).isoformat(), kind, body, before])",
        new="canonical([space, seq, at.astimezone(UTC).isoformat(), kind, before])",
        tests=(SAFETY,),
    ),
    Fault(
        name="taint is dropped",
        file="bot/attempts.py",
        old="            tainted=scene.taints(self.ask, self.action),\n            own_words",
        new="            tainted=False,\n            own_words",
        tests=(MINDS,),
    ),
    Fault(
        name="a tool nobody classified is harmless",
        file="bot/actions.py",
        old="    risk: Risk = Risk.R3\n",
        new="    risk: Risk = Risk.R1\n",
        tests=(SAFETY,),
    ),
    Fault(
        name="a tool nobody knows is harmless",
        file="bot/gate.py",
        old='UNKNOWN = Action(name="unknown.tool", title="Unknown")',
        new='UNKNOWN = Action(name="unknown.tool", title="Unknown", risk=Risk.R1)',
        tests=(SAFETY,),
    ),
    Fault(
        name="what was denied is asked again at once",
        file="bot/attempts.py",
        old="if until <= scene.now or (",
        new="if until > scene.now or (",
        tests=(MISSIONS,),
    ),
    Fault(
        name="a stale batch is good",
        file="bot/batches.py",
        old="if revision != self.revision:",
        new="if revision > self.revision:",
        tests=(BATCHES,),
    ),
    Fault(
        name="a thought taken again is not counted again",
        file="bot/thinking.py",
        old='held = ids.new("res")',
        new='held = f"res:{turn.id}"',
        tests=(LIMITS,),
    ),
    Fault(
        name="two bots talk for ever",
        file="bot/turns.py",
        old="if message.machine and not await",
        new="if not message.machine and not await",
        tests=(LOOPS,),
    ),
    Fault(
        name="a mission fails for ever",
        file="bot/outcomes.py",
        old="if len(newest) < MOST_FAILURES or",
        new="if len(newest) < 99 or",
        tests=(RUNS,),
    ),
    Fault(
        name="a report of the night is said and told again in the morning",
        file="bot/thinking.py",
        old="            if not held:\n",
        new="            if True:\n",
        tests=(QUIET,),
    ),
    Fault(
        name="a freeze said while a form is open is a value of it",
        file="bot/dispatch.py",
        old="may_answer = event.body.trusted and not stops and not house.minds.halts(event.body.text)",
        new="may_answer = event.body.trusted and not stops",
        tests=("tests/stories/test_approvals.py",),
    ),
    Fault(
        name="cards of missions do not wait for the morning",
        file="bot/thinking.py",
        old="            if not self.hold_cards(tx):\n",
        new="            if True:\n",
        tests=(QUIET,),
    ),
    Fault(
        name="a late press answers the question that is asked now",
        file="bot/forms.py",
        old="return value.removeprefix(mine) if value.startswith(mine) else None",
        new='return value.partition(":")[2]',
        tests=("tests/stories/test_approvals.py",),
    ),
    Fault(
        name="a no without a reason denies another card",
        file="bot/declining.py",
        old='if mark and of in ("", mark["ref"]) else None',
        new="if mark else None",
        tests=("tests/stories/test_approvals.py",),
    ),
)
