"""`vigie doctor`: what can be checked from here."""

from bot import (
    sealing,
)
from bot.world import Health
from vigie.plugging import plug
from vigie.settings import Settings


async def doctor(config: Settings) -> int:
    """Checks what can be checked from here; 1 when something needs a hand."""
    plugged = plug(config, demo=False)
    try:
        rules = plugged.house.policy()
        found = {
            "database": Health(well=True, text=config.database),
            "policy": Health(well=not rules.trouble, text=rules.trouble or rules.source),
        }
        await sealing.ready(house=plugged.house)
        await plugged.board.reread()
        for name, door in plugged.doors.items():
            found[name] = await door.check()
        for watch in plugged.mail.watches:
            found[f"mailbox {watch.name}"] = await watch.try_once()
        for name, system in plugged.house.systems.items():
            found[name] = await system.check()
    finally:
        for server in plugged.servers:
            await server.close()
        await plugged.board.close()
        await plugged.store.close()
    for name, health in found.items():
        print(f"{'ok  ' if health.well else 'FAIL'} {name}: {health.text}")
    return 0 if all(health.well for health in found.values()) else 1
