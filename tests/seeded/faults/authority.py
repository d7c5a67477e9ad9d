"""Who may: policy, roles, grants, budgets, discretion, freezes."""

from tests.seeded.fault import Fault

MODEL = "tests/model"
MINDS = "tests/stories/test_model.py"
AUTHORITY = "tests/stories/test_authority.py"
POLICY = "tests/bot/test_policy.py"
LINKING = "tests/stories/test_linking.py"
FACTORS = "tests/stories/test_second_factor.py"
SAFETY = "tests/safety"
PROCEDURES = "tests/stories/test_procedures.py"
DISCRETION = "tests/stories/test_discretion.py"
GRANTS = "tests/stories/test_grants.py"
GRANTED = "tests/bot/test_grants.py"
TERMS = "tests/bot/test_terms.py"
BUDGETS = "tests/stories/test_budgets.py"
LIMITS = "tests/safety/test_budgets.py"
LOOPS = "tests/stories/test_loops.py"
MAIL = "tests/stories/test_mail.py"

FAULTS = (
    Fault(
        name="a code that was kept as its hash opens nothing",
        file="bot/tickets.py",
        old='return code.removeprefix("sha256-") if _KEPT.fullmatch(code) else hashed(code)',
        new="return hashed(code)",
        tests=("tests/safety/test_canary.py",),
    ),
    Fault(
        name="a model puts a procedure in force",
        file="bot/authority.py",
        old='    "vigie.put_procedure": (),\n',
        new="",
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
        name="a group sees the card",
        file="bot/discretion.py",
        old="    if policy.private_cards is not None:\n        return policy.private_cards\n",
        new="",
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
        name="allow before ask before deny",
        file="bot/policy.py",
        old="    for effect in (Decision.DENY, Decision.ASK, Decision.ALLOW):\n        for rule in policy.of(effect):\n            if speaks",
        new="    for effect in (Decision.ALLOW, Decision.ASK, Decision.DENY):\n        for rule in policy.of(effect):\n            if speaks",
        tests=(MINDS,),
    ),
    Fault(
        name="a mission takes any action",
        file="bot/policy.py",
        old="if at.mission is not None and acts and action.name not in OF_ITSELF and not _listed(action, at):",
        new="if False:",
        tests=(POLICY,),
    ),
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
        name="a rule raises a limit without a press",
        file="bot/policy.py",
        old="pressed = rule.effect is Decision.ALLOW and action.name in OWN_PRESS",
        new="pressed = False",
        tests=(BUDGETS,),
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
        name="a mission that waits for mail starts without a card",
        file="bot/policy.py",
        old='"mail_from", ',
        new="",
        tests=(MAIL,),
    ),
)
