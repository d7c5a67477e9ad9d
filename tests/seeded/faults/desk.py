"""The words of control and the minds that hear them."""

from tests.seeded.fault import Fault

LISTS = "tests/stories/test_lists.py"
WRITING = "tests/stories/test_writebacks.py"
LINKING = "tests/stories/test_linking.py"
FACTORS = "tests/stories/test_second_factor.py"
PROCEDURES = "tests/stories/test_procedures.py"
PROCEDURE_MINDS = "tests/stories/test_procedure_minds.py"
DISCRETION = "tests/stories/test_discretion.py"

FAULTS = (
    Fault(
        name="a model is sent every tool there is",
        file="adapters/minds/llm/toolbox.py",
        old="    chosen = frozenset((*usual, *wanted[:ROOM]))",
        new="    chosen = frozenset(actions)",
        tests=("tests/adapters/test_toolbox.py",),
    ),
    Fault(
        name="a tool is said to be at hand that there was no room for",
        file="adapters/minds/llm/toolbox.py",
        old="        there = {tool_name(name) for name in self.hand}",
        new="        there = {tool_name(name) for name in (*self.hand, *self.rest)}",
        tests=("tests/adapters/test_toolbox.py",),
    ),
    Fault(
        name="tools that were taken out are put back at once",
        file="adapters/minds/llm/mind.py",
        old="        box = toolbox.packed(briefing, toolbox.taken_out(history))",
        new="        box = toolbox.packed(briefing, ())",
        tests=("tests/adapters/test_toolbox.py",),
    ),
    Fault(
        name="a provider's library tries again behind our back",
        file="adapters/minds/llm/mind.py",
        old="_ONCE if retries_by_itself(model) else _SETTINGS",
        new="_SETTINGS",
        tests=("tests/adapters/test_economy.py",),
    ),
    Fault(
        name="a quote is taken on a mind's word",
        file="bot/desk/memory.py",
        old='raise BadInput(context.tongue("the quote is not in the words of this message"), field="quote")',
        new="pass",
        tests=("tests/stories/test_notes.py",),
    ),
    Fault(
        name="minus three days are three",
        file="adapters/minds/builtin/text.py",
        old='_BELOW_ZERO = re.compile(r"[-–]\\d")',
        new='_BELOW_ZERO = re.compile(r"[-–]\\d\\b\\B")',
        tests=("tests/adapters/test_builtin_words.py",),
    ),
    Fault(
        name="a private conversation is remembered",
        file="bot/desk/memory.py",
        old="    privacy.refuse(tx, context.place.key, tongue)",
        new="    privacy.refuse(tx, context.space, tongue)",
        tests=("tests/stories/test_privacy.py",),
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
        name="a list's item of a stranger's words is told as the person's own",
        file="adapters/minds/llm/prompts.py",
        old="fence.around(words) if item.tainted else words",
        new="words",
        tests=(LISTS,),
    ),
    Fault(
        name="a model is told of procedures that a stranger had a hand in as if a person had written them",
        file="adapters/minds/llm/prompts.py",
        old="clean = [each for each in briefing.procedures if not each.tainted]",
        new="clean = list(briefing.procedures)",
        tests=(PROCEDURE_MINDS,),
    ),
    Fault(
        name="inputs that a model chose pass for typed ones",
        file="bot/desk/procedures.py",
        old="        typed=context.in_person,\n",
        new="        typed=True,\n",
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
        name="pending tells a group what it is about",
        file="bot/desk/cards.py",
        old="discreet = discretion.veils(context.place.key, means.house())",
        new="discreet = False",
        tests=(DISCRETION,),
    ),
    Fault(
        name="a new key forgets the wrong codes",
        file="bot/desk/factors.py",
        old="wrong = factor.wrong if factor else ()",
        new="wrong = ()",
        tests=(FACTORS,),
    ),
    Fault(
        name="a code that others read still works",
        file="bot/desk/people.py",
        old="            tx.tickets.use(handed_in(code), purpose, now)\n        text",
        new="            pass\n        text",
        tests=(LINKING,),
    ),
    Fault(
        name="the key of a model that was tried replaces the one that works",
        file="adapters/minds/llm/trial.py",
        old="os.environ[name] = before",
        new="os.environ[name] = key",
        tests=("tests/test_ways.py",),
    ),
)
