"""Zoho CRM as a `bot.world.System`: it reads like the list of its actions. Zoho keeps no idempotency key, so a note is
found again by the line it ends with, and a change by what the fields hold now.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from adapters.systems.answers import word
from adapters.systems.client import Client
from adapters.systems.planned import Arguments, Plan, Planned, Write
from adapters.systems.spelled import differences
from adapters.systems.zoho import offer
from adapters.systems.zoho.columns import kept, shown
from adapters.systems.zoho.wire import Gone, Wire
from bot.actions import MOST_OPTIONS, Account, Action, Call, Change, Option, Preview, Receipt, Undo
from bot.errors import BadInput, VigieError
from bot.speech import Tongue
from bot.values import Json, digest
from bot.values import shown as in_words
from bot.world import Context, Health

_MOST_LISTED = 50
_NAMED = {"Contacts": "Full_Name", "Leads": "Full_Name", "Accounts": "Account_Name", "Deals": "Deal_Name"}
_MAILED = ("Contacts", "Leads")
Record = Mapping[str, Json]


class Zoho:
    """One connected Zoho CRM account. `name` is the connection's; `open` gives the client; `door` is where people see
    their records, `https://crm.zoho.eu`; `also` is
    another client to close with it."""

    def __init__(
        self,
        *,
        name: str,
        open: Callable[[], Awaitable[Client]],
        door: str = "https://crm.zoho.com",
        also: Client | None = None,
    ) -> None:
        self._name, self._door, self._also = name, door, also
        self._wire = Wire(open)
        self._actions = offer.actions(name)
        self._account = Account(system=name, label="Zoho CRM", live=True)
        self._org = ""
        self._planned = Planned(
            reads={"find_records": self._find, "get_record": self._get},
            writes={
                "update_record": Write(plan=self._update, look_up=self._updated),
                "add_note": Write(plan=self._add_note, look_up=self._added_note),
                "delete_note": Write(plan=self._delete_note, look_up=self._deleted_note),
            },
        )

    @property
    def name(self) -> str:
        return self._name

    def account(self) -> Account:
        """The organisation, as the last check found it."""
        return self._account

    def actions(self) -> tuple[Action, ...]:
        """What it offers."""
        return self._actions

    async def preview(self, call: Call, context: Context) -> Preview:
        """What the call would do now."""
        return await self._planned.preview(call, context)

    async def run(self, call: Call, context: Context) -> Receipt:
        """Does it, once per key."""
        return await self._planned.run(call, context)

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        """What became of a deed whose answer was lost."""
        return await self._planned.look_up(call, context)

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        """Contacts, accounts, leads and deals to choose from; `Deals / lamp` looks among the deals."""
        if field != "record":
            return ()
        of, _, words = query.rpartition("/")
        module = next((m for m in offer.MODULES if m.casefold() == of.strip().casefold()), "Contacts")
        words = words.strip()
        records = (
            await self._wire.search(module, word=words, limit=MOST_OPTIONS)
            if len(words) > 1
            else await self._wire.newest(module, ["id", _NAMED[module], *_also(module)], MOST_OPTIONS)
        )
        return tuple(Option(value=word(each, "id"), label=_line(module, each)[:150]) for each in records)

    async def check(self) -> Health:
        """Which organisation the token opens. Harmless."""
        try:
            org = await self._wire.org()
        except VigieError as error:
            return Health.of(error)
        company, number = word(org, "company_name") or "Zoho CRM", word(org, "zgid")
        self._org = word(org, "domain_name")
        live = word(org, "type").casefold() not in ("sandbox", "developer")
        label = " · ".join(filter(None, (company, number)))
        self._account = Account(system=self._name, label=label, live=live)
        return Health(well=True, text=f"Zoho CRM answers for {label}")

    async def close(self) -> None:
        """Closes its lines."""
        await self._wire.close()
        if self._also is not None:
            await self._also.close()

    # Reads --------------------------------------------------------------------------------------------------

    async def _find(self, arguments: Arguments, context: Context) -> Receipt:
        module, query, limit = str(arguments["module"]), str(arguments["query"]), int(arguments["limit"])
        if not 1 <= limit <= _MOST_LISTED:
            raise BadInput(context.tongue("list from 1 to {most}.", most=_MOST_LISTED), field="limit")
        if len(query.strip()) < 2:
            raise BadInput(context.tongue("Zoho searches for two characters or more."), field="query")
        found = await self._wire.search(module, word=query, limit=limit)
        known = await self._wire.columns(module)
        return Receipt(
            text="\n".join(f"{_line(module, each)} · {word(each, 'id')}" for each in found)
            or context.tongue("Nothing matches in Zoho."),
            data=[{"id": word(each, "id"), **shown(known, each)} for each in found],
        )

    async def _get(self, arguments: Arguments, context: Context) -> Receipt:
        module, found = await self._one(arguments, context.tongue)
        told = shown(await self._wire.columns(module), found)
        lines = [f"{name}: {in_words(value)}" for name, value in told.items()]
        return Receipt(
            id=word(found, "id"),
            text="\n".join((f"{_line(module, found)} · {word(found, 'id')}", *lines)),
            link=self._link(module, found),
            data={"id": word(found, "id"), **told},
        )

    # Changes ------------------------------------------------------------------------------------------------

    async def _update(self, arguments: Arguments, context: Context) -> Plan:
        tongue = context.tongue
        values = kept(await self._wire.columns(str(arguments["module"])), arguments["fields"], tongue)
        module, found = await self._one(arguments, tongue)
        after = {c: value for c, value in values.items() if not c.same(found.get(c.name), value)}
        if not after:
            raise BadInput(
                tongue("{who} has these values already.", who=_line(module, found)), field="fields"
            )
        before = {column: found.get(column.name) for column in after}

        async def make() -> Receipt:
            await self._wire.update(module, word(found, "id"), {c.name: value for c, value in after.items()})
            old = {
                c.name: c.told(value) for c, value in sorted(before.items(), key=lambda pair: pair[0].name)
            }
            undo = Undo(
                action=f"{self._name}.update_record",
                arguments={"fields": old, "module": module, "record": word(found, "id")},
            )
            return self._changed(
                module, found, tongue, changes=differences(before, after, context), undo=undo
            )

        return Plan(
            preview=Preview(
                subject=_line(module, found),
                link=self._link(module, found),
                changes=differences(before, after, context),
                version=digest([word(found, "id"), word(found, "Modified_Time"), [before[c] for c in after]])[
                    :16
                ],
            ),
            make=make,
        )

    async def _updated(self, arguments: Arguments, context: Context) -> Receipt | None:
        """All at once or none: when the fields hold what was asked, it was done. What they held before is gone."""
        values = kept(await self._wire.columns(str(arguments["module"])), arguments["fields"], context.tongue)
        module, found = await self._one(arguments, context.tongue)
        if any(not column.same(found.get(column.name), value) for column, value in values.items()):
            return None
        return self._changed(module, found, context.tongue)

    def _changed(
        self,
        module: str,
        found: Record,
        tongue: Tongue,
        *,
        changes: tuple[Change, ...] = (),
        undo: Undo | None = None,
    ) -> Receipt:
        return Receipt(
            id=word(found, "id"),
            text=tongue("{who} is changed in Zoho.", who=_line(module, found)),
            link=self._link(module, found),
            changes=changes,
            data={"id": word(found, "id"), "module": module},
            undo=undo,
        )

    # Notes --------------------------------------------------------------------------------------------------

    async def _add_note(self, arguments: Arguments, context: Context) -> Plan:
        module, about = await self._one(arguments, context.tongue)
        text = f"{arguments['text']}\n\n{_signature(context.key)}"

        async def make() -> Receipt:
            made = await self._wire.add_note(
                module, word(about, "id"), title=str(arguments.get("title", "")), text=text
            )
            return self._noted(made, module, about, arguments, context.tongue)

        return Plan(
            preview=Preview(
                subject=_line(module, about),
                link=self._link(module, about),
                changes=_note_of(arguments),
                version=digest([module, word(about, "id")])[:16],
            ),
            make=make,
        )

    def _noted(self, note: str, module: str, about: Record, arguments: Arguments, tongue: Tongue) -> Receipt:
        return Receipt(
            id=note,
            text=tongue("The note is on {who} in Zoho.", who=_line(module, about)),
            link=self._link(module, about),
            changes=_note_of(arguments),
            data={"id": note},
            undo=Undo(action=f"{self._name}.delete_note", arguments={"note": note}),
        )

    async def _added_note(self, arguments: Arguments, context: Context) -> Receipt | None:
        """By the line it ends with, among the newest notes on the record."""
        module, about = await self._one(arguments, context.tongue)
        for each in await self._wire.notes(module, word(about, "id")):
            if word(each, "Note_Content").rstrip().endswith(_signature(context.key)):
                return self._noted(word(each, "id"), module, about, arguments, context.tongue)
        return None

    async def _delete_note(self, arguments: Arguments, context: Context) -> Plan:
        note = await self._note(arguments, context.tongue)
        text = word(note, "Note_Content")

        async def make() -> Receipt:
            await self._wire.delete_note(word(note, "id"))
            return _note_gone(
                word(note, "id"), context.tongue, (Change(title="Note", before=text, after=None),)
            )

        return Plan(
            preview=Preview(
                subject=word(note, "Note_Title") or text[:80],
                changes=(Change(title="Note", before=text, after=None),),
                version=digest([word(note, "id"), text])[:16],
            ),
            make=make,
        )

    async def _deleted_note(self, arguments: Arguments, context: Context) -> Receipt | None:
        """By its absence."""
        try:
            await self._note(arguments, context.tongue)
        except BadInput:
            return _note_gone(str(arguments["note"]), context.tongue)
        return None

    async def _note(self, arguments: Arguments, tongue: Tongue) -> Record:
        wanted = str(arguments["note"])
        try:
            if wanted.isascii() and wanted.isdigit():
                return await self._wire.note(wanted)
        except Gone:
            pass
        raise BadInput(tongue("Zoho has no note {note}.", note=wanted), field="note")

    # What is meant ------------------------------------------------------------------------------------------

    async def _one(self, arguments: Arguments, tongue: Tongue) -> tuple[str, Record]:
        """By number, e-mail address or name, when that is one record. Raises BadInput with those it could be."""
        module, wanted = str(arguments["module"]), str(arguments["record"])
        found: Sequence[Record] = ()
        if wanted.isascii() and wanted.isdigit():
            try:
                return module, await self._wire.one(module, wanted)
            except Gone:
                pass
        elif "@" in wanted and module in _MAILED:
            found = await self._wire.search(module, email=wanted, limit=MOST_OPTIONS)
        elif len(wanted) > 1:
            listed = await self._wire.search(module, word=wanted, limit=MOST_OPTIONS)
            found = [each for each in listed if _called(module, each).casefold() == wanted.casefold()]
        if len(found) == 1:
            return module, await self._wire.one(module, word(found[0], "id"))  # a search may lag behind
        if not found:
            raise BadInput(
                tongue("Zoho has no {name} among {module}.", name=wanted, module=tongue(module)),
                field="record",
            )
        several = "; ".join(f"{_line(module, each)} · {word(each, 'id')}" for each in found)
        raise BadInput(
            tongue(
                "several are called {name}: {several}; name one by its number.", name=wanted, several=several
            ),
            field="record",
        )

    def _link(self, module: str, found: Record) -> str:
        home = f"{self._door}/crm/{self._org}" if self._org else f"{self._door}/crm"
        return f"{home}/tab/{module}/{word(found, 'id')}"


def _also(module: str) -> tuple[str, ...]:
    return ("Email",) if module in _MAILED else ()


def _called(module: str, found: Record) -> str:
    name = word(found, _NAMED[module])
    if not name and module in _MAILED:
        name = " ".join(filter(None, (word(found, "First_Name"), word(found, "Last_Name"))))
    return name or word(found, "id")


def _line(module: str, found: Record) -> str:
    mail = word(found, "Email") if module in _MAILED else ""
    return f"{_called(module, found)} <{mail}>" if mail else _called(module, found)


def _note_of(arguments: Arguments) -> tuple[Change, ...]:
    return (Change(title="Note", before=None, after=str(arguments["text"])),)


def _note_gone(note: str, tongue: Tongue, changes: tuple[Change, ...] = ()) -> Receipt:
    return Receipt(id=note, text=tongue("The note is gone from Zoho."), changes=changes)


def _signature(key: str) -> str:
    """The last line of our notes: colleagues see who wrote it, and a look-up finds it."""
    return f"Vigie · {key}"
