"""A small office of records, posts and letters that fails as it is told: for what happens between two steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.actions import Account, Action, Call, Field, Kind, Option, Part, Preview, Receipt, Reversal, Risk
from bot.errors import OutcomeUnknown, Unknowable, VigieError
from bot.values import Json
from bot.world import Context, Health

_RECORD = Field(name="record", title="Record", kind=Kind.OBJECT, part=Part.OBJECT)
_TEXT = Field(name="text", title="Text", kind=Kind.LONG_TEXT, part=Part.CONTENT)
ACTIONS = (
    Action(
        name="office.read",
        title="Read a record",
        risk=Risk.R0,
        reversal=Reversal.REVERSIBLE,
        fields=(_RECORD,),
    ),
    Action(
        name="office.note",
        title="Note on a record",
        risk=Risk.R1,
        reversal=Reversal.REVERSIBLE,
        fields=(_RECORD, _TEXT),
    ),
    Action(
        name="office.fill",
        title="Fill in a record",
        risk=Risk.R1,
        reversal=Reversal.REVERSIBLE,
        fields=(_RECORD, Field(name="values", title="Values", kind=Kind.FIELDS, part=Part.CONTENT)),
    ),
    Action(
        name="office.send",
        title="Send a letter",
        risk=Risk.R2,
        fields=(Field(name="to", title="To", part=Part.RECIPIENT), _TEXT),
    ),
)


@dataclass
class Office:
    """Implements `bot.world.System`. What is in `faults` is raised before a deed (None lets it pass), what is in `lost` after it; nobody
    can find out afterwards."""

    name: str = "office"
    records: dict[str, Json] = field(default_factory=dict[str, Json])
    did: list[tuple[str, Mapping[str, Json]]] = field(default_factory=list[tuple[str, Mapping[str, Json]]])
    faults: list[VigieError | None] = field(default_factory=list[VigieError | None])
    lost: list[OutcomeUnknown] = field(default_factory=list[OutcomeUnknown])

    def account(self) -> Account:
        return Account(system="office", label="Office")

    def actions(self) -> tuple[Action, ...]:
        return ACTIONS

    async def preview(self, call: Call, context: Context) -> Preview:
        return Preview(subject=str(call.arguments.get("record", call.arguments.get("to", ""))))

    async def run(self, call: Call, context: Context) -> Receipt:
        if call.action == "office.read":
            return Receipt(text="read", data=self.records.get(str(call.arguments["record"])))
        if self.faults and (fault := self.faults.pop(0)):
            raise fault
        self.did.append((call.action, call.arguments))
        if self.lost:
            raise self.lost.pop(0)
        return Receipt(text=f"{call.action} is done.", data={"id": len(self.did)})

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        raise Unknowable("the office keeps no record of it")

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        if field != "record":
            return ()
        return tuple(Option(value=each, label=f"Record {each}") for each in self.records)

    async def check(self) -> Health:
        return Health(well=True, text="ok")
