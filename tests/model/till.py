"""A till: the smallest system with something to lose. It counts every payment that reaches it, repeated ones
too, and fails on command. It knows nothing of who may pay.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from bot.actions import Account, Action, Call, Field, Kind, Option, Part, Preview, Receipt, Risk
from bot.errors import OutcomeUnknown, Unreachable
from bot.world import Context, Health
from tests.twins.crash import PowerCut

Payment = tuple[str, int, str]
"""To whom, how much, from which account."""


class Mishap(StrEnum):
    """What goes wrong with the next payment."""

    LOST = "paid, and the answer is lost"
    AWAY = "out of reach"
    CUT_BEFORE = "the power fails before it"
    CUT_AFTER = "the power fails after it"


PAY = Action(
    name="till.pay",
    title="Pay",
    risk=Risk.R3,
    fields=(
        Field(name="to", title="To", kind=Kind.OBJECT, part=Part.RECIPIENT),
        Field(name="amount", title="Amount", kind=Kind.INTEGER, part=Part.AMOUNT),
    ),
)
TIP = Action(name="till.tip", title="Tip", risk=Risk.R2, fields=PAY.fields)
JOT = Action(name="till.jot", title="Jot", risk=Risk.R1, fields=(Field(name="text", title="Text"),))


@dataclass
class Till:
    """Implements `bot.world.System`."""

    name: str = "till"
    label: str = "front"
    versions: Counter[str] = field(default_factory=Counter[str])
    paid: list[Payment] = field(default_factory=list[Payment])
    jotted: list[str] = field(default_factory=list[str])
    receipts: dict[str, Receipt] = field(default_factory=dict[str, Receipt])
    mishap: Mishap | None = None
    pay: Action = PAY

    def account(self) -> Account:
        return Account(system="till", label=self.label)

    def actions(self) -> tuple[Action, ...]:
        return (self.pay, TIP, JOT)

    async def preview(self, call: Call, context: Context) -> Preview:
        to = str(call.arguments.get("to", ""))
        return Preview(subject=to, version=str(self.versions[to]))

    async def run(self, call: Call, context: Context) -> Receipt:
        mishap, self.mishap = self.mishap, None
        if mishap is Mishap.AWAY:
            raise Unreachable("the till is away")
        if mishap is Mishap.CUT_BEFORE:
            raise PowerCut
        if call.action == "till.jot":
            self.jotted.append(str(call.arguments["text"]))
            return Receipt(id=context.key, text="jotted")
        to, amount = str(call.arguments["to"]), call.arguments["amount"]
        self.paid.append((to, amount, self.label))
        receipt = self.receipts[context.key] = Receipt(id=context.key, text=f"paid {amount} to {to}")
        if mishap is Mishap.LOST:
            raise OutcomeUnknown("the answer was lost")
        if mishap is Mishap.CUT_AFTER:
            raise PowerCut
        return receipt

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        return self.receipts.get(context.key)

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def check(self) -> Health:
        return Health(well=True, text="open")
