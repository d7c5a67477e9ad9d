"""`vigie freeze` and `vigie resume`: they work with every platform and model down."""

from adapters.clock.wall import WallClock
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.speech.languages import tongues as all_tongues
from bot import (
    freezing,
)
from bot.errors import Misconfigured, VigieError
from bot.freezes import ALL, COMMAND_LINE, EVERYTHING, Freeze, Scope
from bot.house import House
from bot.store import Store
from memory.brake import StopFile
from vigie.plugging import plug
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


async def freeze(config: Settings, *, words: str, reason: str) -> int:
    """The emergency stop: works with every platform and model down, and for everything also without database.

    The stop file comes first and stands until the freeze is kept for good.
    """
    scope, why = await _meant(config, words)
    reason = reason or why or "from the command line"
    file = stop_file(config)
    ours = scope == ALL and file.pulled() is None
    stuck = _pulled(file, reason) if ours else ""
    try:
        store = open_store(config)
        house = bare(config, store)
        frozen = Freeze(scope=scope, reason=reason, by=COMMAND_LINE, at=house.clock.now())
        await store.write(lambda tx: freezing.begin(tx, frozen, house=house))
        await store.close()
    except VigieError as error:
        if scope != ALL:
            raise
        if stuck:
            raise Misconfigured(
                "nothing is frozen: {stuck}, and {error}; end the process itself", stuck=stuck, error=error
            ) from None
        why = str(error).rstrip(".")
        print(f"Frozen by the stop file alone: {why}. It is taken into the record as soon as that can be.")
        return 0
    if ours and not stuck:
        file.let_go()
    what = "Nothing acts" if scope == ALL else f"Nothing of “{scope.key}” acts"
    print(f"Frozen. {what} until `vigie resume`, or an owner says unfreeze.")
    return 0


def _pulled(file: StopFile, reason: str) -> str:
    """Why the stop file could not be put there, "" when it was."""
    try:
        file.pull(reason)
    except OSError as error:
        return f"the stop file cannot be made ({error.strerror})"
    return ""


async def _meant(config: Settings, words: str) -> tuple[Scope, str]:
    """As in a chat: the scope, where it names something that is here; else everything, for this reason. An emergency
    must neither fail over a word too many nor stop nothing over a slip of the pen."""
    if words.casefold() in EVERYTHING:
        return ALL, ""
    try:
        plugged = plug(config, demo=(config.home / "demo-shop.db").is_file())
        try:
            await plugged.board.reread()
            for server in plugged.servers:
                await server.recall()
            return await plugged.store.read(lambda tx: freezing.meant(tx, words, house=plugged.house))
        finally:
            await plugged.board.close()
            await plugged.store.close()
    except (VigieError, OSError):
        # What is here cannot be told: then everything is meant.
        return ALL, words


async def resume(config: Settings, *, scope: Scope) -> int:
    """Lifts a freeze, or all of them, and takes the stop file away. Brings nothing back that was cancelled. Raises
    VigieError, and then everything stands still as before."""
    store = open_store(config)
    house = bare(config, store)
    file = stop_file(config)
    reason = file.pulled() if scope == ALL else None
    # The file goes first: a program that runs takes what it finds there into the record.
    _let_go(file, reason)
    scopes = () if scope == ALL else (scope,)
    try:
        lifted = await store.write(lambda tx: freezing.lift(tx, scopes, COMMAND_LINE, house=house))
    except VigieError:
        if reason is not None:
            file.pull(reason)
        raise
    finally:
        await store.close()
    named = ", ".join(each.scope.key for each in lifted) or ("all" if reason is not None else "")
    print(f"The freeze is lifted: {named}." if named else "Nothing was frozen there.")
    return 0


def _let_go(file: StopFile, reason: str | None) -> None:
    try:
        if reason is not None:
            file.let_go()
    except OSError as error:
        why = error.strerror
        raise Misconfigured("it stays frozen: the stop file cannot be taken away ({why})", why=why) from error
