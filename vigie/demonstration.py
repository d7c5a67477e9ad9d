"""The mission of the demo. Knows the demo shop; opens nothing."""

import os
from datetime import datetime, timedelta

from bot import (
    doors,
    ids,
    triggers,
)
from bot.missions import Every, Mission, Step
from bot.places import Place
from bot.store import Tx
from vigie.plugging import Plugged


async def demo_mission(plugged: Plugged) -> None:
    """The mission of the demo: looks for late orders, proposes a refund for each, and says what it found."""
    now = plugged.house.clock.now()

    def write(tx: Tx) -> datetime | None:
        lang = plugged.house.tongues(os.environ.get("LANG", "en")[:2].lower()).lang
        owner = doors.owner(tx) or doors.first_owner(tx, plugged.house, lang=lang)
        # Whoever comes first is told in their own language, which is made out of the English.
        spoken = "en" if doors.unmet(owner, plugged.house) else owner.lang
        mission_id = ids.derived("mis", tx.space, "demo")
        if tx.missions.get(mission_id) is not None:
            return None
        tongue = plugged.house.tongues(spoken)
        mission = Mission(
            id=mission_id,
            number=tx.missions.next_number(),
            space=tx.space,
            owner=owner.id,
            place=Place(platform="web", channel=owner.id, private=True).key,
            goal=tongue("Watch for late orders and offer a refund"),
            triggers=(Every(id="every", seconds=3600, start=now + timedelta(seconds=6)),),
            steps=(
                Step(action="demo.late_orders", arguments={"days": 5}, save="late"),
                Step(
                    action="demo.refund",
                    each="late",
                    arguments={"order": "{item.order}", "amount": "{item.refundable}"},
                    text=tongue("Order {item.order} was promised {item.days_late} days ago."),
                ),
            ),
            may=("demo.late_orders", "demo.refund"),
            lang=spoken,
            zone=owner.zone,
            created=now,
            source="demo",
        )
        armed = triggers.armed(mission, now, calendar=plugged.calendar)
        tx.missions.put(armed)
        body = {"mission": armed.id, "number": armed.number, "person": owner.id, "goal": armed.goal}
        tx.ledger.append("mission_started", {**body, "may": list(armed.may)}, now)
        return armed.next_due

    due = await plugged.store.write(write)
    if due is not None:
        plugged.alarm.nudge(due)
