"""Systems, fields and procedures."""

from tests.seeded.fault import Fault

FACTORS = "tests/stories/test_second_factor.py"
PROCEDURES = "tests/stories/test_procedures.py"
RECIPES = "tests/bot/test_recipes.py"
OAUTH = "tests/adapters/systems/test_grants.py"
SEALS = "tests/adapters/test_seals.py"
ACCOUNTS = "tests/stories/test_connections.py"
GAUGES = "tests/adapters/signals/test_gauges.py"
DECLARED = "tests/stories/test_declared_modes.py"
POSTGRES_NUMBERS = "tests/adapters/signals/test_postgres_numbers.py"

FAULTS = (
    Fault(
        name="a mail server’s refusal is told with the password in it",
        file="adapters/systems/email/submission.py",
        old='    said = server.hidden(" ".join(str(error.message).split()))\n',
        new='    said = " ".join(str(error.message).split())\n',
        tests=("tests/adapters/systems/test_email.py",),
    ),
    Fault(
        name="a refused refresh token is told in the vendor’s words",
        file="adapters/systems/grants.py",
        old='*(form.get(name, "") for name in ("code", "code_verifier", "refresh_token")),',
        new="",
        tests=("tests/safety/test_canary.py",),
    ),
    Fault(
        name="a query ends the transaction that only reads, and goes on behind it",
        file="adapters/systems/sql/numbers.py",
        old='    "prepare_threshold": 0,\n',
        new="",
        tests=(POSTGRES_NUMBERS,),
    ),
    Fault(
        name="a database that is watched may be written to",
        file="adapters/systems/sql/numbers.py",
        old='    connection.exec_driver_sql("set session characteristics as transaction read only")\n',
        new="",
        tests=(POSTGRES_NUMBERS,),
    ),
    Fault(
        name="a database that is watched is kept busy for ever",
        file="adapters/systems/sql/numbers.py",
        old='    connection.exec_driver_sql(f"set statement_timeout = {int(patience * 1000)}")\n',
        new="",
        tests=(POSTGRES_NUMBERS,),
    ),
    Fault(
        name="a database's error tells what stands in its tables",
        file="adapters/systems/sql/numbers.py",
        old="    if code in _CODES or",
        new="    if code or",
        tests=(POSTGRES_NUMBERS,),
    ),
    Fault(
        name="a query that would write is asked of a database that is watched",
        file="adapters/systems/sql/numbers.py",
        old=" or _WRITES.search(bare)",
        new="",
        tests=(GAUGES,),
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
        name="which account it is is asked once and never again",
        file="adapters/systems/connected.py",
        old="self._now() >= self._asked + FRESH",
        new="False",
        tests=(ACCOUNTS,),
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
        name="what is picked is held as text alone",
        file="bot/fieldrules.py",
        old="if any(value in (each, field.read(each)) for each in offered):",
        new="if any(value == each for each in offered):",
        tests=("tests/stories/test_field_modes.py",),
    ),
)
