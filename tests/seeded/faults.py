"""The faults, as data: a file, a text that occurs in it exactly once, what stands there instead, and the tests
that must notice. `tests/seeded/test_faults.py` checks that every one still applies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MODEL = "tests/model"
APPROVALS = "tests/stories/test_approvals.py"
BATCHES = "tests/stories/test_batches.py"
MISSIONS = "tests/stories/test_missions.py"
MINDS = "tests/stories/test_model.py"
LISTS = "tests/stories/test_lists.py"
TALLIES = "tests/bot/test_tallies.py"
CARRYING = "tests/stories/test_carrying.py"
WRITING = "tests/stories/test_writebacks.py"
STORES = "tests/contracts/test_store_work.py"
AUTHORITY = "tests/stories/test_authority.py"
POLICY = "tests/bot/test_policy.py"
POWER = "tests/stories/test_power_cut.py"
LINKING = "tests/stories/test_linking.py"
FACTORS = "tests/stories/test_second_factor.py"
SAFETY = "tests/safety"
PROCEDURES = "tests/stories/test_procedures.py"
PROCEDURE_MINDS = "tests/stories/test_procedure_minds.py"
PROCEDURE_POWER = "tests/stories/test_procedure_power.py"
RECIPES = "tests/bot/test_recipes.py"
DISCRETION = "tests/stories/test_discretion.py"
GRANTS = "tests/stories/test_grants.py"
GRANTED = "tests/bot/test_grants.py"
TERMS = "tests/bot/test_terms.py"
HOLDS = "tests/stories/test_holds.py"
OAUTH = "tests/adapters/systems/test_grants.py"
SEALS = "tests/adapters/test_seals.py"
ACCOUNTS = "tests/stories/test_connections.py"
BUDGETS = "tests/stories/test_budgets.py"
LIMITS = "tests/safety/test_budgets.py"
LOOPS = "tests/stories/test_loops.py"
RUNS = "tests/stories/test_runs.py"
YEAR = "tests/bot/test_year.py"
TRIGGERS = "tests/bot/test_triggers.py"
THRESHOLDS = "tests/bot/test_thresholds.py"
WATCHES = "tests/stories/test_watches.py"
GAUGES = "tests/adapters/signals/test_gauges.py"
FORGETTING = "tests/stories/test_forgetting.py"
MAIL = "tests/stories/test_mail.py"
PHRASES = "tests/stories/test_phrases.py"
QUIET = "tests/stories/test_quiet.py"
LONG = "tests/stories/test_long_reports.py"
ROOMS = "tests/adapters/web/test_rooms.py"
TRYING = "tests/stories/test_trying.py"
MACHINES = "tests/adapters/test_distributed.py"
DECLARED = "tests/stories/test_declared_modes.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`old` and `new` are exact texts; `tests` are tried in their order until one fails."""

    name: str
    file: str
    old: str
    new: str
    tests: Sequence[str] = (APPROVALS, MODEL)

    def planted(self, text: str) -> str:
        """The file with the fault in it. Raises ValueError when it does not apply exactly once."""
        if text.count(self.old) != 1 or self.old == self.new:
            raise ValueError(f"{self.name}: {self.file} has its text {text.count(self.old)} times, not once")
        return text.replace(self.old, self.new)


FAULTS = (
    Fault(
        name="a restore writes over what lives there",
        file="vigie/backups.py",
        old="if target.exists() and (not target.is_dir() or any(target.iterdir())):",
        new="if target.exists() and not target.is_dir():",
        tests=("tests/test_backup.py",),
    ),
    Fault(
        name="what was restored acts at once",
        file="vigie/backups.py",
        old='StopFile(staging / STOP).pull(f"restored from a backup of {made}: look before anything acts")',
        new="StopFile(staging / STOP).let_go()",
        tests=("tests/test_backup.py",),
    ),
    Fault(
        name="a copy is no backup until it was restored",
        file="vigie/backups.py",
        old="        if not verdict.holds:",
        new="        if False:",
        tests=("tests/test_backup.py",),
    ),
    Fault(
        name="a sealed file may lose its end",
        file="adapters/agefile.py",
        old='self._number.to_bytes(11, "big") + bytes([last])',
        new='self._number.to_bytes(12, "big")',
        tests=("tests/adapters/test_agefile.py",),
    ),
    Fault(
        name="the log tells an error's words",
        file="adapters/telemetry/logs.py",
        old="    if isinstance(error, OSError) and error.strerror:",
        new='    return f"{name}: {error}"\n    if isinstance(error, OSError) and error.strerror:',
        tests=("tests/adapters/telemetry/test_logs.py",),
    ),
    Fault(
        name="a secret in a field of the log",
        file="adapters/telemetry/logs.py",
        old="return hide(value[:LONGEST])",
        new="return value",
        tests=("tests/adapters/telemetry/test_logs.py",),
    ),
    Fault(
        name="a deaf chat counts as ready",
        file="vigie/readiness.py",
        old="            health = await door.check()",
        new="            health = _WELL",
        tests=("tests/test_readiness.py",),
    ),
    Fault(
        name="a press begins a trace of its own for the deed behind it",
        file="adapters/telemetry/traces.py",
        old="trace_id(step.turn), _root_id(step.turn), is_remote=True",
        new="_number(128), _number(64), is_remote=True",
        tests=("tests/adapters/telemetry/test_traces.py",),
    ),
    Fault(
        name="the doctor believes that a socket works",
        file="adapters/chat/slack/connect.py",
        old="if not token.well or not self._settings.app_token:",
        new="if True:",
        tests=("tests/stories/peers/test_doctor.py",),
    ),
    Fault(
        name="the doctor does not look at the clock",
        file="vigie/checking.py",
        old="if abs(worst) > SKEW:",
        new="if abs(worst) > 1_000 * SKEW:",
        tests=("tests/stories/peers/test_doctor.py",),
    ),
    Fault(
        name="the ledger keeps what was remembered",
        file="bot/masks.py",
        old="if field is not None and field.forgettable:",
        new="if field is None:",
        tests=(FORGETTING,),
    ),
    Fault(
        name="a stranger's words stand first",
        file="bot/notes.py",
        old="return (*(n for n in every if not n.tainted), *(n for n in every if n.tainted))",
        new="return every",
        tests=("tests/stories/test_notes.py",),
    ),
    Fault(
        name="a quote is taken on a mind's word",
        file="bot/desk/memory.py",
        old='raise BadInput(context.tongue("the quote is not in the words of this message"), field="quote")',
        new="pass",
        tests=("tests/stories/test_notes.py",),
    ),
    Fault(
        name="what is past its day is told as if it held",
        file="bot/notes.py",
        old="return not self.over and (self.expires is None or now < self.expires)",
        new="return not self.over",
        tests=("tests/stories/test_notes.py",),
    ),
    Fault(
        name="a night changes what was pinned or decided",
        file="bot/nights.py",
        old="if not note.over and not note.lasting]",
        new="if not note.over]",
        tests=("tests/bot/test_nights.py",),
    ),
    Fault(
        name="a night loses its sources",
        file="bot/nights.py",
        old="sources=(*kept.sources, *(each.id for each in rest))",
        new="sources=kept.sources",
        tests=("tests/bot/test_nights.py",),
    ),
    Fault(
        name="a private conversation is remembered",
        file="bot/desk/memory.py",
        old="if privacy.standing(tx, context.place.key):",
        new="if privacy.standing(tx, context.space):",
        tests=("tests/stories/test_privacy.py",),
    ),
    Fault(
        name="the ledger quotes what came of remembering",
        file="bot/entries.py",
        old='"result": "" if quotes else result',
        new='"result": result',
        tests=(FORGETTING,),
    ),
    Fault(
        name="forgotten words stay between the rows of a page",
        file="memory/sqlite.py",
        old="            files.rewrite(self._writing)\n",
        new="",
        tests=("tests/memory/test_sqlite.py",),
    ),
    Fault(
        name="the journal keeps what was forgotten",
        file="bot/forgetting.py",
        old="    tx.traces.unthink(turn)\n",
        new="",
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
        name="a member takes back what others said",
        file="bot/forgetting.py",
        old="kept.person == person.id or person.role is Role.OWNER",
        new="bool(kept.person)",
        tests=(FORGETTING,),
    ),
    Fault(
        name="a watch fires without having been beyond its limit for long enough",
        file="bot/thresholds.py",
        old="    held = after.at - after.since >= timedelta(seconds=rule.hold)\n",
        new="    held = True\n",
        tests=(THRESHOLDS,),
    ),
    Fault(
        name="a watch forgets its cooldown",
        file="bot/thresholds.py",
        old="return held and (after.fired is None or",
        new="return held and (True or",
        tests=(THRESHOLDS,),
    ),
    Fault(
        name="a watch clears at its limit and not where it was told to",
        file="bot/thresholds.py",
        old="return self.limit if self.clear is None else self.clear",
        new="return self.limit",
        tests=(THRESHOLDS,),
    ),
    Fault(
        name="a source that fails is told again and again",
        file="bot/thresholds.py",
        old="told = (News.GONE,) if long and not after.gone else ()",
        new="told = (News.GONE,) if long else ()",
        tests=(THRESHOLDS,),
    ),
    Fault(
        name="a reading that another process claimed is made again",
        file="bot/watching.py",
        old="    claimed = watch.claimed(now)\n",
        new="    claimed = watch\n",
        tests=(WATCHES,),
    ),
    Fault(
        name="what is read between card and press voids the card of a watch",
        file="bot/actions.py",
        old="                *map(list, self.facts),\n",
        new="                *map(list, (*self.facts, *self.asides)),\n",
        tests=(WATCHES,),
    ),
    Fault(
        name="an address inside the network is watched unasked",
        file="adapters/signals/watchers/pages.py",
        old="return origin is not None and origin in self._allowed",
        new="return origin is not None",
        tests=(GAUGES,),
    ),
    Fault(
        name="a query that would write is asked of a database that is watched",
        file="adapters/systems/sql/numbers.py",
        old=" or _WRITES.search(bare)",
        new="",
        tests=(GAUGES,),
    ),
    Fault(
        name="a code that was handed in is kept",
        file="bot/inbox.py",
        old="replace(body, text=tickets.without_code(body.text))",
        new="replace(body, text=str(body.text))",
        tests=("tests/safety/test_canary.py",),
    ),
    Fault(
        name="a code that was kept as its hash opens nothing",
        file="bot/tickets.py",
        old='return code.removeprefix("sha256-") if _KEPT.fullmatch(code) else hashed(code)',
        new="return hashed(code)",
        tests=("tests/safety/test_canary.py",),
    ),
    # lists
    Fault(
        name="what was forgotten still stands in a list",
        file="bot/forgetting.py",
        old="if {each.id, each.of} & items and tx.tallies.drop(each.id)",
        new="if each.id == each.of",
        tests=(LISTS,),
    ),
    Fault(
        name="what is decided is lost when its lines leave the window",
        file="bot/thinking.py",
        old="            carrying.carry(tx, turn.place)\n",
        new="",
        tests=(CARRYING,),
    ),
    Fault(
        name="what a stranger said is carried over as the person's own",
        file="bot/carrying.py",
        old="        tainted=gist.tainted,\n",
        new="        tainted=False,\n",
        tests=(CARRYING,),
    ),
    Fault(
        name="a model's word is taken for what was written",
        file="bot/desk/writebacks.py",
        old="        if found is None:\n            continue\n",
        new='        if found is None:\n            found = (Counter(), "", "")\n',
        tests=(WRITING,),
    ),
    Fault(
        name="what was written back is written again",
        file="bot/desk/writebacks.py",
        old="left = [item for item in listed.items if not _written(item, to)]",
        new="left = [item for item in listed.items if item.id]",
        tests=(WRITING,),
    ),
    Fault(
        name="currencies are added together",
        file="bot/tallies.py",
        old="found[item.unit] = found.get(item.unit, Decimal(0))",
        new='found["EUR"] = found.get("EUR", Decimal(0))',
        tests=(TALLIES, LISTS),
    ),
    Fault(
        name="what was undone in a list still stands",
        file="bot/tallies.py",
        old="if stroke.deed in undone:",
        new="if stroke.id in undone:",
        tests=(TALLIES, LISTS),
    ),
    Fault(
        name="a private list is everybody's",
        file="bot/tallies.py",
        old="person_scope(person) if place.private else place_scope(place.key)",
        new='place_scope("")',
        tests=(TALLIES, LISTS),
    ),
    Fault(
        name="a list's item of a stranger's words is told as the person's own",
        file="adapters/minds/llm/prompts.py",
        old="fence.around(words) if item.tainted else words",
        new="words",
        tests=(LISTS,),
    ),
    Fault(
        name="a forgotten list lingers in the log of the database",
        file="memory/sql/tallies.py",
        old="self.forgot |= gone or emptied",
        new="self.forgot |= False",
        tests=(LISTS,),
    ),
    # procedures
    Fault(
        name="a model puts a procedure in force",
        file="bot/authority.py",
        old='    "vigie.put_procedure": (),\n',
        new="",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="a model switches a procedure on",
        file="bot/attempts.py",
        old='"vigie.switch_procedure",',
        new="",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="a model is told of procedures that a stranger had a hand in as if a person had written them",
        file="adapters/minds/llm/prompts.py",
        old="clean = [each for each in briefing.procedures if not each.tainted]",
        new="clean = list(briefing.procedures)",
        tests=(PROCEDURE_MINDS,),
    ),
    Fault(
        name="what a procedure read taints nothing it fills in",
        file="bot/attempts.py",
        old="return not recipes.fixed(self.procedure.recipe, ask.action, ask.arguments, self.typed)",
        new="return False",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="inputs that a model chose pass for typed ones",
        file="bot/desk/procedures.py",
        old="        typed=context.in_person,\n",
        new="        typed=True,\n",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="once for each item of a list counts as fixed",
        file="bot/recipes.py",
        old="if step.action != action or step.each or not uses(step) <= set(given):",
        new="if step.action != action or not uses(step) <= set(given):",
        tests=(RECIPES,),
    ),
    Fault(
        name="what is filled into a value by name brings more values with it",
        file="bot/recipes.py",
        old="        given = properties.parse(given)\n",
        new="        properties.parse(given)\n",
        tests=(RECIPES, PROCEDURES),
    ),
    Fault(
        name="a run under way changes its version",
        file="bot/errands.py",
        old="return tx.procedures.get(mission.procedure, wake.errand.version)",
        new="return tx.procedures.get(mission.procedure, mission.version)",
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
        name="a procedure goes on behind a step that failed",
        file="adapters/minds/builtin/steps.py",
        old="        if strict and (progress.again or progress.unsure):\n",
        new="        if strict and progress.unsure:\n",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="a step whose outcome nobody knows is done again",
        file="bot/desk/procedures.py",
        old="    if not how:\n        raise BadInput(",
        new='    if how == "never":\n        raise BadInput(',
        tests=(PROCEDURES,),
    ),
    Fault(
        name="anybody acts through the procedure of somebody else",
        file="bot/desk/procedures.py",
        old="    if not (person.may_approve or person.id == mission.owner):\n",
        new="    if not person.may_act:\n",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="a deed wakes the procedure that did it",
        file="bot/hearing.py",
        old="if trigger is None or mission.id == effect.mission:",
        new="if trigger is None:",
        tests=(PROCEDURES,),
    ),
    Fault(
        name="the name of a deleted procedure is never free again",
        file="memory/sql/procedures.py",
        old=".values(living=0)",
        new=".values(living=1)",
        tests=("tests/contracts/test_store_procedures.py",),
    ),
    # what groups may see
    Fault(
        name="a group sees the card",
        file="bot/discretion.py",
        old="    if policy.private_cards is not None:\n        return policy.private_cards\n",
        new="",
        tests=(DISCRETION,),
    ),
    Fault(
        name="a button in a group approves",
        file="bot/presses.py",
        old="        if discretion.veils(event.place, house):\n",
        new="        if not event.place:\n",
        tests=(DISCRETION,),
    ),
    Fault(
        name="the card is not brought to its approver",
        file="bot/discretion.py",
        old="        if home is not None and _put_new(tx, members, home.key, now):\n",
        new="        if home is None and _put_new(tx, members, person.id, now):\n",
        tests=(DISCRETION,),
    ),
    Fault(
        name="the first private word fetches nothing",
        file="bot/whereabouts.py",
        old="return place.private and known is None",
        new="return False",
        tests=(DISCRETION,),
    ),
    Fault(
        name="pending tells a group what it is about",
        file="bot/desk/cards.py",
        old="discreet = discretion.veils(context.place.key, means.house())",
        new="discreet = False",
        tests=(DISCRETION,),
    ),
    # standing permissions
    Fault(
        name="a grant covers money and access",
        file="bot/grants.py",
        old="return Risk.R1 <= action.risk <= Risk.R2 and",
        new="return Risk.R1 <= action.risk <= Risk.R3 and",
        tests=(GRANTED, GRANTS),
    ),
    Fault(
        name="a grant is used after reading a stranger",
        file="bot/grants.py",
        old='"tainted": not use.tainted,',
        new='"tainted": True,',
        tests=(GRANTED, GRANTS),
    ),
    Fault(
        name="reading a stranger earns a grant",
        file="bot/grants.py",
        old="and not (tainted or cut or proposal.batch)",
        new="and not (cut or proposal.batch)",
        tests=(GRANTS,),
    ),
    Fault(
        name="a cut card earns a grant",
        file="bot/grants.py",
        old="and not (tainted or cut or proposal.batch)",
        new="and not (tainted or proposal.batch)",
        tests=(GRANTS,),
    ),
    Fault(
        name="a use is not consumed",
        file="bot/granting.py",
        old="if not tx.grants.swap(grant, grant.consumed(case.call)):",
        new="if not tx.grants.swap(grant, grant):",
        tests=(GRANTS, MODEL),
    ),
    Fault(
        name="a grant is good at its very end",
        file="bot/grants.py",
        old='"over": use.now < grant.until,',
        new='"over": use.now <= grant.until,',
        tests=(GRANTED, GRANTS),
    ),
    Fault(
        name="a withdrawn grant is found all the same",
        file="bot/granting.py",
        old="over = grant.withdrawn(person.id, now)",
        new="over = grant",
        tests=(GRANTS, MODEL),
    ),
    Fault(
        name="a grant is good beyond its amount",
        file="bot/grants.py",
        old="and grant.spent + _sum(use.call) <= total.minor",
        new="and _sum(use.call) <= total.minor",
        tests=(GRANTED,),
    ),
    Fault(
        name="a grant is anybody's",
        file="bot/grants.py",
        old='"requester": use.requester == scope.requester and bool(use.requester),',
        new='"requester": True,',
        tests=(GRANTS, MODEL),
    ),
    Fault(
        name="a grant follows another account",
        file="bot/grants.py",
        old='"account": (use.call.account.label, use.call.account.live) == (scope.account, scope.live),',
        new='"account": True,',
        tests=(GRANTED, MODEL),
    ),
    Fault(
        name="a grant outlives its giver's role",
        file="bot/granting.py",
        old="""    except NotAllowed:
        return "giver"
""",
        new="""    except NotAllowed:
        return ""
""",
        tests=(GRANTS, MODEL),
    ),
    Fault(
        name="one grant stands for two people",
        file="bot/granting.py",
        old='return "people" if authority.missing(asked, (given,)) else ""',
        new='return ""',
        tests=(GRANTS,),
    ),
    Fault(
        name="a mind may ask for a grant",
        file="bot/attempts.py",
        old="if deed.action.name == grants.GIVE:",
        new="if False:",
        tests=(GRANTS,),
    ),
    Fault(
        name="who asked gives it to themselves",
        file="bot/earning.py",
        old="demand=authority.stricter(last.demand, gate.demand(verdict)),",
        new="demand=gate.demand(verdict),",
        tests=(GRANTS,),
    ),
    Fault(
        name="a field no term speaks of is free",
        file="bot/terms.py",
        old="return set(arguments) <= spoken and all(",
        new="return bool(spoken) and all(",
        tests=(TERMS,),
    ),
    Fault(
        name="what is held does not wait",
        file="bot/attempts.py",
        old="        due=hold.until,",
        new="        due=scene.now,",
        tests=(HOLDS,),
    ),
    Fault(
        name="what is held is not checked again",
        file="bot/outbox.py",
        old='            return tongue("the rules ask for a press now.")',
        new='            return ""',
        tests=(HOLDS,),
    ),
    # who
    Fault(
        name="a member may approve",
        file="bot/people.py",
        old="return self.role in (Role.OWNER, Role.APPROVER)",
        new="return self.role is not Role.GUEST",
    ),
    Fault(
        name="who asked may approve where others must",
        file="bot/authority.py",
        old="asked = demand.others_only and person.id == requester",
        new="asked = False",
        tests=(AUTHORITY,),
    ),
    Fault(
        name="one person counts twice",
        file="bot/authority.py",
        old="if person.id in spoken or seat in spoken:",
        new="if False:",
        tests=(AUTHORITY,),
    ),
    Fault(
        name="a delegation never ends",
        file="bot/authority.py",
        old=" and now < deputy.until",
        new="",
        tests=(AUTHORITY,),
    ),
    Fault(
        name="one is enough where two must press",
        file="bot/authority.py",
        old="return max(demand.people - sum(",
        new="return max(1 - sum(",
        tests=(AUTHORITY,),
    ),
    Fault(
        name="guests act",
        file="bot/policy.py",
        old="if at.person.role is Role.GUEST and action.name not in FOR_EVERYONE:",
        new="if False:",
        tests=(MODEL,),
    ),
    # with which code
    Fault(
        name="a press needs no code where the rule asks for one",
        file="bot/authority.py",
        old="if demand.step_up and not proof:",
        new="if False:",
        tests=(FACTORS,),
    ),
    Fault(
        name="the boundary takes an approval without the code it needs by now",
        file="bot/authority.py",
        old="if each.proven or not demand.step_up",
        new="",
        tests=(FACTORS,),
    ),
    Fault(
        name="a code is good twice",
        file="bot/secondfactor.py",
        old="if step <= self.last:",
        new="if False:",
        tests=(FACTORS,),
    ),
    Fault(
        name="a used code is good again a step later",
        file="bot/proving.py",
        old="keep(tx, person.id, taken)\n    return taken",
        new="return taken",
        tests=(FACTORS,),
    ),
    Fault(
        name="any code will do",
        file="bot/proving.py",
        old="if step is None:",
        new="if False:",
        tests=(FACTORS,),
    ),
    Fault(
        name="wrong codes are not counted",
        file="bot/proving.py",
        old="keep(tx, person.id, factor.missed(now))",
        new="pass",
        tests=(FACTORS,),
    ),
    Fault(
        name="a new key forgets the wrong codes",
        file="bot/desk/factors.py",
        old="wrong = factor.wrong if factor else ()",
        new="wrong = ()",
        tests=(FACTORS,),
    ),
    Fault(
        name="a delivered secret stays in the record",
        file="bot/posts.py",
        old="if after.over and isinstance(deed.content, Notice):",
        new="if False:",
        tests=(FACTORS,),
    ),
    # which account
    Fault(
        name="a link code joins at once",
        file="bot/joining.py",
        old="    ref = ids.reference()\n",
        new="    join(tx, newcomer, giver, tuple(moved), now=now)\n    ref = ids.reference()\n",
        tests=(LINKING,),
    ),
    Fault(
        name="anybody confirms a link",
        file="bot/joining.py",
        old='if not here or person is None or person.id != asked["giver"]:',
        new="if not here or person is None:",
        tests=(LINKING,),
    ),
    Fault(
        name="a link is confirmed from anywhere",
        file="bot/joining.py",
        old='here = asked and event.place == asked["place"]',
        new="here = asked",
        tests=(LINKING,),
    ),
    Fault(
        name="the question about an account waits for ever",
        file="bot/joining.py",
        old='if now >= datetime.fromisoformat(asked["until"]):',
        new="if False:",
        tests=(LINKING,),
    ),
    Fault(
        name="a code that others read still works",
        file="bot/desk/people.py",
        old="            tx.tickets.use(handed_in(code), purpose, now)\n        text",
        new="            pass\n        text",
        tests=(LINKING,),
    ),
    Fault(
        name="a yes stays with the account it came from",
        file="bot/joining.py",
        old="person=after if each.person == before else each.person,",
        new="person=each.person,",
        tests=(LINKING,),
    ),
    Fault(
        name="who asked through another account is somebody else",
        file="bot/joining.py",
        old="requester = after if proposal.requester == before else proposal.requester",
        new="requester = proposal.requester",
        tests=(LINKING,),
    ),
    # when
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
        name="an approval holds a moment too long",
        file="bot/outbox.py",
        old="is not None and context.now >= run.authority.expires",
        new="is not None and context.now > run.authority.expires",
        tests=(SAFETY, MODEL),
    ),
    # what was seen
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
    # where
    Fault(
        name="any place will do",
        file="bot/locators.py",
        old='if who.platform != "web" and not _delivered(',
        new='if who.platform == "web" and not _delivered(',
    ),
    Fault(
        name="any message will do",
        file="bot/locators.py",
        old='line.ref in ("", message)',
        new="line.ref is not None",
    ),
    Fault(
        name="any place will do for a batch",
        file="bot/locators.py",
        old='here = who.platform == "web" or stands(',
        new='here = who.platform != "web" or stands(',
        tests=(SAFETY,),
    ),
    # once
    Fault(
        name="a proposal is settled twice",
        file="memory/sql/proposals.py",
        old="        return self._hands.execute(_SWAP, row).first() is not None",
        new="        self._hands.execute(_SWAP, row)\n        return True",
        tests=(STORES,),
    ),
    Fault(
        name="a proposal is settled twice in memory",
        file="memory/twin/work.py",
        old="if found is None or (found.state, found.revision) != (before.state, before.revision):",
        new="if found is None:",
        tests=(STORES,),
    ),
    Fault(
        name="an authority is consumed twice",
        file="memory/sql/effects.py",
        old="        return self._hands.execute(_SWAP, row).first() is not None",
        new="        self._hands.execute(_SWAP, row)\n        return True",
        tests=(STORES,),
    ),
    Fault(
        name="an authority is consumed twice in memory",
        file="memory/twin/work.py",
        old="if found is None or (found.state, found.attempts) != (before.state, before.attempts):",
        new="if found is None:",
        tests=(STORES,),
    ),
    Fault(
        name="an effect gets a new id each time",
        file="bot/proposals.py",
        old='return ids.derived("eff", self.id)',
        new='return ids.new("eff")',
    ),
    Fault(
        name="a delivery is kept twice",
        file="bot/inbox.py",
        old="        key=arrival.key if arrival.within is None else",
        new='        key=ids.new("key") if arrival.within is None else',
        tests=(MODEL,),
    ),
    Fault(
        name="what somebody else is finding out is called unknown",
        file="bot/attempts.py",
        old="if effect.state is EffectState.STARTED else _answer",
        new="if False else _answer",
        tests=(PROCEDURE_POWER,),
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
        name="what was under way is forgotten after a restart",
        file="bot/dispatch.py",
        old="deeds = tuple(effect for effect in found if isinstance(effect.deed, Run))",
        new="deeds = tuple(effect for effect in found[:0] if isinstance(effect.deed, Run))",
        tests=(MODEL, POWER),
    ),
    # the freeze
    Fault(
        name="the freeze is not looked for at the press",
        file="bot/settling.py",
        old="if freezing.holding(tx, proposal.call.action, proposal.mission, house=house):",
        new="if False:",
        tests=(SAFETY,),
    ),
    Fault(
        name="the freeze is not looked for where the authority is consumed",
        file="bot/outbox.py",
        old="    if _held(tx, effect, house):\n        refusal",
        new="    if False:\n        refusal",
        tests=(SAFETY,),
    ),
    Fault(
        name="a freeze leaves waiting cards alone",
        file="bot/freezing.py",
        old="    for proposal in cancelled:\n",
        new="    for proposal in cancelled[:0]:\n",
    ),
    Fault(
        name="a freeze leaves approved deeds to be resumed",
        file="bot/freezing.py",
        old="    for effect in stopped:\n",
        new="    for effect in stopped[:0]:\n",
        tests=(SAFETY, MODEL),
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
    # the ledger
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
    # authority
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
    # the gate
    Fault(
        name="allow before ask before deny",
        file="bot/policy.py",
        old="    for effect in (Decision.DENY, Decision.ASK, Decision.ALLOW):\n        for rule in policy.of(effect):\n            if speaks",
        new="    for effect in (Decision.ALLOW, Decision.ASK, Decision.DENY):\n        for rule in policy.of(effect):\n            if speaks",
        tests=(MINDS,),
    ),
    Fault(
        name="taint is dropped",
        file="bot/attempts.py",
        old="            tainted=scene.taints(self.ask),\n            own_words",
        new="            tainted=False,\n            own_words",
        tests=(MINDS,),
    ),
    Fault(
        name="an id in a message counts as chosen",
        file="bot/provenance.py",
        old="if field is not None and not _is_id(field) and said(",
        new="if field is not None and said(",
        tests=(SAFETY,),
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
        name="a mission takes any action",
        file="bot/policy.py",
        old="if at.mission is not None and acts and action.name not in OF_ITSELF and not _listed(action, at):",
        new="if False:",
        tests=(POLICY,),
    ),
    Fault(
        name="what was denied is asked again at once",
        file="bot/attempts.py",
        old="if until <= scene.now or (",
        new="if until > scene.now or (",
        tests=(MISSIONS,),
    ),
    # batches
    Fault(
        name="a stale batch is good",
        file="bot/batches.py",
        old="if revision != self.revision:",
        new="if revision > self.revision:",
        tests=(BATCHES,),
    ),
    Fault(
        name="a batch goes on after a failure",
        file="bot/outbox.py",
        old="if after.state is not EffectState.CONFIRMED:",
        new="if False:",
        tests=(BATCHES,),
    ),
    # budgets
    Fault(
        name="a limit is passed by one",
        file="bot/budgets.py",
        old="if used.get(account.key, 0) + wanted > most:",
        new="if used.get(account.key, 0) + wanted > most + 1:",
        tests=(LIMITS, BUDGETS),
    ),
    Fault(
        name="a limit is looked at and nothing is held back",
        file="bot/spending.py",
        old="    if over is not None:\n        tx.spending.settle(id, {})",
        new="    if True:\n        tx.spending.settle(id, {})",
        tests=(LIMITS,),
    ),
    Fault(
        name="what nobody knows is given back",
        file="bot/spending.py",
        old="case EffectState.FAILED | EffectState.PENDING:",
        new="case EffectState.FAILED | EffectState.PENDING | EffectState.UNKNOWN:",
        tests=(LIMITS,),
    ),
    Fault(
        name="what a dead process held back is given back",
        file="bot/spending.py",
        old="    for each in dead:\n        tx.spending.settle(each.id, None)",
        new="    for each in dead:\n        tx.spending.settle(each.id, {})",
        tests=(LIMITS,),
    ),
    Fault(
        name="a thought taken again is not counted again",
        file="bot/thinking.py",
        old='held = ids.new("res")',
        new='held = f"res:{turn.id}"',
        tests=(LIMITS,),
    ),
    Fault(
        name="a press is not held to the budget",
        file="bot/outbox.py",
        old="if not refusal and (over := spending.for_deed(tx, effect, house=house)):",
        new="if refusal and (over := spending.for_deed(tx, effect, house=house)):",
        tests=(BUDGETS,),
    ),
    Fault(
        name="a rule raises a limit without a press",
        file="bot/policy.py",
        old="pressed = rule.effect is Decision.ALLOW and action.name in OWN_PRESS",
        new="pressed = False",
        tests=(BUDGETS,),
    ),
    Fault(
        name="a no at a limit is asked about again",
        file="bot/raising.py",
        old="return before.state is State.CANCELLED",
        new="return before.state is not State.PENDING",
        tests=(BUDGETS,),
    ),
    # loops
    Fault(
        name="missions wake one another for ever",
        file="bot/waking.py",
        old="if chain.depth <= most:",
        new="if chain.depth <= most * 100:",
        tests=(LOOPS,),
    ),
    Fault(
        name="a chain is forgotten from wake to wake",
        file="bot/loops.py",
        old="depth=cause.depth + 1",
        new="depth=1",
        tests=(LOOPS,),
    ),
    Fault(
        name="an hour has no end of wakes",
        file="bot/loops.py",
        old="if this.count < most else None",
        new="if this.count <= most else None",
        tests=(LOOPS,),
    ),
    Fault(
        name="the same notice again and again",
        file="bot/waking.py",
        old="    if tally.told:\n        return False\n",
        new="    if False:\n        return False\n",
        tests=(LOOPS,),
    ),
    Fault(
        name="two bots talk for ever",
        file="bot/turns.py",
        old="if message.machine and not await",
        new="if not message.machine and not await",
        tests=(LOOPS,),
    ),
    # in time
    Fault(
        name="a due time that had its wake is owed again",
        file="bot/wakes.py",
        old="tx.missions.put(triggers.woken(mission, now, calendar=calendar))",
        new="tx.missions.put(replace(mission, next_due=triggers.next_due(mission, now, calendar=calendar)))",
        tests=(RUNS,),
    ),
    Fault(
        name="a due time that passed leaves no row",
        file="bot/triggers.py",
        old="passed = times[: len(times) - len(waking)]",
        new="passed = times[1 : len(times) - len(waking)]",
        tests=(RUNS, YEAR),
    ),
    Fault(
        name="a run is lost in an outage",
        file="bot/triggers.py",
        old="waking = times[-1:]\n        case Missed.SKIP",
        new="waking = times[-1:] if len(times) == 1 else []\n        case Missed.SKIP",
        tests=(RUNS, YEAR),
    ),
    Fault(
        name="the clocks' changes are not heeded",
        file="bot/triggers.py",
        old="    if _wall(due, zone) == wall:\n        return due\n",
        new="    if due:\n        return due\n",
        tests=(TRIGGERS, YEAR),
    ),
    Fault(
        name="a report that failed is called delivered",
        file="bot/agendas.py",
        old='        case EffectState.FAILED:\n            return "undelivered"\n',
        new='        case EffectState.FAILED:\n            return "delivered"\n',
        tests=(RUNS,),
    ),
    Fault(
        name="a mission fails for ever",
        file="bot/outcomes.py",
        old="if len(newest) < MOST_FAILURES or",
        new="if len(newest) < 99 or",
        tests=(RUNS,),
    ),
    # connections
    Fault(
        name="a way back is anybody's",
        file="adapters/systems/switchboard.py",
        old="if ticket is None or ticket.person != person:",
        new="if ticket is None:",
        tests=(OAUTH,),
    ),
    Fault(
        name="a way back is good again and again",
        file="adapters/systems/switchboard.py",
        old="tx.tickets.use(hash_, Purpose.GRANT, now)",
        new="tx.tickets.peek(hash_, Purpose.GRANT, now)",
        tests=(OAUTH,),
    ),
    Fault(
        name="the verifier is shown instead of its digest",
        file="adapters/systems/grants.py",
        old='code_challenge_method="S256",',
        new='code_challenge_method="plain",',
        tests=(OAUTH,),
    ),
    Fault(
        name="two renew a token at once",
        file="adapters/systems/tokens.py",
        old="if await self._swap(row, claimed):",
        new="if await self._swap(row, claimed) or True:",
        tests=(OAUTH,),
    ),
    Fault(
        name="a secret opens wherever it is put",
        file="adapters/seals.py",
        old="return canonical([_VERSION, name, spot.space, spot.table, spot.row, spot.column]).encode()",
        new="return canonical([_VERSION, name]).encode()",
        tests=(SEALS,),
    ),
    Fault(
        name="a key in a chat is kept",
        file="bot/inbox.py",
        old="return replace(body, text=text, keys=True)",
        new="return replace(body, keys=True)",
        tests=(ACCOUNTS,),
    ),
    Fault(
        name="which account it is is asked once and never again",
        file="adapters/systems/connected.py",
        old="self._now() >= self._asked + FRESH",
        new="False",
        tests=(ACCOUNTS,),
    ),
    Fault(
        name="a clock set back silences every mission",
        file="bot/pulse.py",
        old="each.last_woke > now]",
        new="each.last_woke < now]",
        tests=("tests/stories/test_pulse.py",),
    ),
    Fault(
        name="a mailbox is read further although the mail was not kept",
        file="bot/letters.py",
        old="return inbox.keep(tx, arrival, now)",
        new="return True",
        tests=(MAIL,),
    ),
    Fault(
        name="a mailbox that counts anew tells everything again",
        file="bot/letters.py",
        old="not in (None, validity)",
        new="== 0",
        tests=(MAIL,),
    ),
    Fault(
        name="two mails that look alike are one",
        file="bot/letters.py",
        old="fresh = not _met(tx, box.name, letter.digest, box.validity)",
        new="fresh = tx.mailboxes.seen(box.name, letter.digest) is None",
        tests=(MAIL,),
    ),
    Fault(
        name="a mission that waits for mail starts without a card",
        file="bot/policy.py",
        old='"mail_from", ',
        new="",
        tests=(MAIL,),
    ),
    Fault(
        name="what is hidden in a mail is read aloud",
        file="adapters/signals/mailbox/extraction.py",
        old="self._silent or tag in _SILENT or any",
        new="self._silent or tag in _SILENT and any",
        tests=("tests/adapters/signals/test_mail_reading.py",),
    ),
    Fault(
        name="the reader of mails has no limits",
        file="adapters/signals/mailbox/extraction.py",
        old="again = _limit()",
        new="again = lambda: None",
        tests=("tests/adapters/signals/test_mail_reading.py",),
    ),
    Fault(
        name="a phrase is heard where its owner cannot read",
        file="bot/overhearing.py",
        old="if _reads(tx, mission, words.place, now)",
        new="if True",
        tests=(PHRASES,),
    ),
    Fault(
        name="a phrase wakes its mission again and again",
        file="bot/overhearing.py",
        old="if _rested(tx, mission, trigger, now)",
        new="if True",
        tests=(PHRASES,),
    ),
    Fault(
        name="a key that was overheard is kept",
        file="bot/overhearing.py",
        old="text = masks.keys(words.text[:LONGEST])",
        new="text = words.text[:LONGEST]",
        tests=(PHRASES,),
    ),
    Fault(
        name="a mission hears after its last day",
        file="bot/waking.py",
        old="if mission.ends is not None and house.clock.now() >= mission.ends:",
        new="if False:",
        tests=(PHRASES,),
    ),
    Fault(
        name="a report of the night is said and told again in the morning",
        file="bot/thinking.py",
        old="            if not held:\n",
        new="            if True:\n",
        tests=(QUIET,),
    ),
    Fault(
        name="what is critical waits for the morning",
        file="bot/quieting.py",
        old="signal is not None and incidents.is_loud(signal.severity)",
        new="False",
        tests=(QUIET,),
    ),
    Fault(
        name="a report that waits is called silent for ever",
        file="bot/quieting.py",
        old="replace(run, held=False, report=effect.id)",
        new="replace(run, held=False)",
        tests=(QUIET,),
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
        name="a chat works because a message was sent",
        file="bot/trying.py",
        old="return bool(tx.marks.get(_mark(person, platform)))",
        new='return bool(tx.marks.get(f"try:{platform}:{person}:slot"))',
        tests=(TRYING,),
    ),
    Fault(
        name="anybody's press proves a chat",
        file="bot/trying.py",
        old="if person is None or not slot or press.ref != asked:",
        new="if person is None or not slot:",
        tests=(TRYING,),
    ),
    Fault(
        name="the key of a model that was tried replaces the one that works",
        file="adapters/minds/llm/trial.py",
        old="os.environ[name] = before",
        new="os.environ[name] = key",
        tests=("tests/test_ways.py",),
    ),
    # many machines
    Fault(
        name="two processes write in one space at once",
        file="memory/server.py",
        old='execute("SELECT pg_advisory_xact_lock(%s)", (key(f"vigie:space:{space}"),))',
        new='execute("SELECT 1")',
        tests=("tests/memory/test_postgres.py",),
    ),
    Fault(
        name="a process that hangs keeps its lease",
        file="adapters/engine/leases.py",
        old="            await self._connection.execute(setting)\n",
        new="",
        tests=(MACHINES,),
    ),
    Fault(
        name="a space that floods is served before the others",
        file="adapters/engine/order.py",
        old="self._clocks[space] = mine + EACH",
        new="self._clocks[space] = mine",
        tests=(MACHINES,),
    ),
    Fault(
        name="a place is left to a worker that is silent",
        file="adapters/engine/distributed.py",
        old="            await queue.retry_job(job)\n",
        new="",
        tests=(MACHINES,),
    ),
    Fault(
        name="a moved ledger is not walked",
        file="memory/moving.py",
        old="if not verdict.holds or _head(",
        new="if _head(",
        tests=("tests/memory/test_moving.py",),
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
        name="what a system declares of a field is only a hint",
        file="bot/fieldmodes.py",
        old="if rule.mode is None and each.mode in (Mode.MANUAL, Mode.SELECTOR):",
        new="if False:",
        tests=(DECLARED,),
    ),
    Fault(
        name="of several options that are meant the first is picked",
        file="bot/fieldrules.py",
        old="        case [only]:",
        new="        case [only, *_]:",
        tests=(DECLARED,),
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
        name="a freeze said while a form is open is a value of it",
        file="bot/dispatch.py",
        old="may_answer = event.body.trusted and not house.minds.halts(event.body.text)",
        new="may_answer = event.body.trusted",
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
        name="a mild incident wakes whoever sleeps",
        file="bot/alerting.py",
        old="    if not places and _waits(tx, incident, now):\n        return\n",
        new="",
        tests=(QUIET,),
    ),
    Fault(
        name="a critical incident waits for the morning",
        file="bot/alerting.py",
        old="person = None if incident.loud else resting.sleeper(",
        new="person = resting.sleeper(",
        tests=(QUIET,),
    ),
    Fault(
        name="what waits is not found when it is to be forgotten",
        file="bot/forgetting.py",
        old="    resting.drop(tx, kept.person, lambda held: held.turn == turn)\n",
        new="",
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
    Fault(
        name="what is picked is held as text alone",
        file="bot/fieldrules.py",
        old="if any(value in (each, field.read(each)) for each in offered):",
        new="if any(value == each for each in offered):",
        tests=("tests/stories/test_field_modes.py",),
    ),
)
