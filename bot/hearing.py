"""Who waits for a deed: once one is confirmed, the missions whose trigger names it wake, each once for this deed.

What came with the deed may hold a stranger's words, and the wake says so. No mission hears its own deeds, and who
wakes whom is counted in one chain (`waking`): two procedures that answer each other come to an end.
"""

from bot import waking
from bot.effects import Effect, EffectState, Run
from bot.events import Wake
from bot.house import House
from bot.missions import Mission, OnDeed
from bot.procedures import Errand
from bot.store import Tx
from bot.values import Json


def deed_done(tx: Tx, effect: Effect, *, house: House) -> None:
    """In the transaction that writes the receipt down."""
    if effect.state is not EffectState.CONFIRMED or not isinstance(effect.deed, Run):
        return
    for mission in tx.missions.hearing():
        trigger = _heard(mission, effect.deed.call.action)
        if trigger is None or mission.id == effect.mission:
            continue
        wake = Wake(
            mission=mission.id,
            trigger=trigger.id,
            due=house.clock.now(),
            errand=Errand(version=mission.version, inputs={"deed": _told(effect, effect.deed)}, tainted=True),
        )
        waking.by_event(
            tx,
            mission,
            wake,
            key=f"wake:{mission.id}:{trigger.id}:{effect.id}",
            cause=tx.events.get(effect.turn),
            house=house,
        )


def _heard(mission: Mission, action: str) -> OnDeed | None:
    triggers = (each for each in mission.triggers if isinstance(each, OnDeed))
    return next((each for each in triggers if each.action == action), None)


def _told(effect: Effect, run: Run) -> Json:
    """What the run is told of the deed: the call that was made, and what came back."""
    receipt = effect.receipt
    return {
        "action": run.call.action,
        "given": dict(run.call.arguments),
        "got": receipt.data if receipt is not None else None,
        "link": receipt.link if receipt is not None else "",
    }
