"""The desk's tools of others: turning one on again that its server defined anew. Nothing here runs without an owner's
press on a card that shows the difference.
"""

from collections.abc import Mapping

from bot import pinning
from bot.actions import Preview, Receipt
from bot.desk.means import Means, somebody
from bot.errors import BadInput
from bot.pins import Pin, difference
from bot.store import Tx
from bot.values import Json
from bot.world import Context


def accept(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """What its server says now is in force. Bound to the very definition the card showed."""
    identity, pin = _changed(tx, arguments, context)
    after = pin.accepted(somebody(context).id, context.now)
    pinning.put(tx, identity, pin.kept.name, after)
    body: Mapping[str, Json] = {
        "system": arguments["system"],
        "server": identity,
        "tool": pin.kept.name,
        "before": pin.kept.digest,
        "definition": after.kept.digest,
        "person": somebody(context).id,
    }
    tx.ledger.append("tool_accepted", body, context.now)
    text = context.tongue(
        "“{tool}” of {system} is on again, as its server defines it now.",
        tool=pin.kept.name,
        system=arguments["system"],
    )
    return Receipt(text=text, changes=difference(arguments["system"], pin).changes, tainted=True)


def preview(tx: Tx, arguments: Mapping[str, Json], context: Context) -> Preview:
    """The difference, part by part."""
    return difference(arguments["system"], _changed(tx, arguments, context)[1])


def _changed(tx: Tx, arguments: Mapping[str, Json], context: Context) -> tuple[str, Pin]:
    system, tool = arguments["system"], arguments["tool"]
    identity = pinning.identity_of(tx, system)
    pin = pinning.find(tx, identity, tool) if identity else None
    if pin is None:
        why = context.tongue("no tool “{tool}” of a server “{system}” is known", tool=tool, system=system)
        raise BadInput(why, field="tool")
    if pin.seen is None:
        raise BadInput(context.tongue("“{tool}” is on: nothing about it changed", tool=tool), field="tool")
    wanted = arguments.get("definition")
    if wanted and not pin.seen.digest.startswith(wanted):
        why = context.tongue("“{tool}” was changed once more since the card", tool=tool)
        raise BadInput(why, field="definition")
    return identity, pin
