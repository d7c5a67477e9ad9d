"""`vigie freeze` and `vigie resume`: they work with every platform and model down."""

from adapters.clock.wall import WallClock
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.speech.languages import tongues as all_tongues
from bot import (
    freezing,
)
from bot.errors import VigieError
from bot.freezes import ALL, COMMAND_LINE, Freeze, Scope
from bot.house import House
from bot.store import Store
from vigie.settings import Settings, stop_file
from vigie.storing import open_store


def bare(config: Settings, store: Store) -> House:
    """A house without platforms, systems or model, for the commands that must work when those do not."""
    minds = Choice(builtin=BuiltinMind(), understands=understands, model=None)
    return House(
        store=store,
        clock=WallClock(),
        minds=minds,
        chats={},
        systems={},
        tongues=all_tongues(),
        brake=stop_file(config),
    )


async def freeze(config: Settings, *, scope: Scope, reason: str) -> int:
    """The emergency stop: works with every platform and model down, and for everything also without database.

    The stop file comes first and stands until the freeze is kept for good.
    """
    file = stop_file(config)
    ours = scope == ALL and file.pulled() is None
    if ours:
        file.pull(reason)
    try:
        store = open_store(config)
        house = bare(config, store)
        frozen = Freeze(scope=scope, reason=reason, by=COMMAND_LINE, at=house.clock.now())
        await store.write(lambda tx: freezing.begin(tx, frozen, house=house))
        await store.close()
    except VigieError as error:
        if scope != ALL:
            raise
        print(f"Frozen by the stop file alone: {error}. It is taken into the record as soon as that can be.")
        return 0
    if ours:
        file.let_go()
    what = "Nothing acts" if scope == ALL else f"Nothing of “{scope.key}” acts"
    print(f"Frozen. {what} until `vigie resume`, or an owner says unfreeze.")
    return 0


def meant(words: str) -> tuple[Scope, str]:
    """The scope, or everything for this reason: an emergency must not fail over a word too many."""
    try:
        return Scope.parse(words), ""
    except VigieError:
        return ALL, words


async def resume(config: Settings, *, scope: Scope) -> int:
    """Lifts a freeze, or all of them, and takes the stop file away. Brings nothing back that was cancelled."""
    if scope == ALL:
        stop_file(config).let_go()
    store = open_store(config)
    house = bare(config, store)
    scopes = () if scope == ALL else (scope,)
    lifted = await store.write(lambda tx: freezing.lift(tx, scopes, COMMAND_LINE, house=house))
    await store.close()
    named = ", ".join(each.scope.key for each in lifted)
    print(f"The freeze is lifted: {named}." if named else "Nothing was frozen there.")
    return 0
