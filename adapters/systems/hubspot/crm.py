"""HubSpot as a `bot.world.System`: it reads like the list of its actions. HubSpot keeps no idempotency key, so a
contact is found again by its address, a note by the line it ends with, and a change by what the property holds now.
"""

import html
import re
from collections.abc import Mapping
from functools import partial

from adapters.systems.client import Client
from adapters.systems.hubspot import offer
from adapters.systems.hubspot.columns import Column, kept
from adapters.systems.hubspot.sorts import COMPANY, CONTACT, DEAL, NOTE, NOTED, SORTS, Sort, Thing
from adapters.systems.hubspot.wire import Gone, Taken, Wire
from adapters.systems.planned import Arguments, Plan, Planned, Write
from adapters.systems.spelled import differences
from bot.actions import MOST_OPTIONS, Account, Action, Call, Change, Option, Preview, Receipt, Undo
from bot.errors import BadInput, Unknowable, VigieError
from bot.speech import Tongue
from bot.values import Json, digest
from bot.world import Context, Health

_TRIALS = frozenset(["SANDBOX", "DEVELOPER_TEST", "APP_DEVELOPER"])
"""Kinds of accounts in which nothing is real."""
_NOTES_READ = 5
"""The newest notes on an object, which are read with it."""
_MOST_LISTED = 50
_FORM = {
    "email": "email",
    "first_name": "firstname",
    "last_name": "lastname",
    "phone": "phone",
    "company": "company",
    "job_title": "jobtitle",
}
"""The fields of a new contact, as HubSpot calls them."""
_FINDS = {"find_contacts": CONTACT, "find_companies": COMPANY, "find_deals": DEAL}


class HubSpot:
    """One connected HubSpot account. `name` is the connection's."""

    def __init__(self, *, name: str, client: Client) -> None:
        self._name = name
        self._wire = Wire(client)
        self._actions = offer.actions(name)
        self._account = Account(system=name, label="HubSpot", live=True)
        self._door = ""
        self._planned = Planned(
            reads={
                **{verb: partial(self._find, sort) for verb, sort in _FINDS.items()},
                **{f"get_{sort.name}": partial(self._get, sort) for sort in NOTED},
            },
            writes={
                "create_contact": Write(plan=self._create_contact, look_up=self._created_contact),
                **{
                    f"update_{sort.name}": Write(
                        plan=partial(self._update, sort), look_up=partial(self._updated, sort)
                    )
                    for sort in NOTED
                },
                "add_note": Write(plan=self._add_note, look_up=self._added_note),
                **{
                    f"archive_{sort.name}": Write(
                        plan=partial(self._archive, sort), look_up=partial(self._archived, sort)
                    )
                    for sort in (CONTACT, NOTE)
                },
            },
        )

    @property
    def name(self) -> str:
        return self._name

    def account(self) -> Account:
        """The HubSpot account by its number, as the last check found it."""
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
        """Contacts, companies, deals or notes to choose from."""
        sort = SORTS.get(field)
        if sort is None:
            return ()
        words = query.strip()
        found = (
            await self._wire.search(sort, words, MOST_OPTIONS)
            if words
            else await self._wire.newest(sort, MOST_OPTIONS)
        )
        return tuple(Option(value=each.id, label=_line(each)) for each in found)

    async def check(self) -> Health:
        """Which account the token opens. Harmless."""
        try:
            told = await self._wire.account()
        except VigieError as error:
            return Health.of(error)
        number, kind = str(told.get("portalId") or "?"), str(told.get("accountType") or "STANDARD")
        live = kind not in _TRIALS
        self._account = Account(system=self._name, label=f"HubSpot {number}", live=live)
        self._door = f"https://{told.get('uiDomain') or 'app.hubspot.com'}/contacts/{number}/record"
        return Health(well=True, text=f"HubSpot answers for account {number} ({kind.lower()})")

    async def close(self) -> None:
        """Closes its lines."""
        await self._wire.close()

    # Reads --------------------------------------------------------------------------------------------------

    async def _find(self, sort: Sort, arguments: Arguments, context: Context) -> Receipt:
        limit = int(arguments["limit"])
        if not 1 <= limit <= _MOST_LISTED:
            raise BadInput(context.tongue("list from 1 to {most}.", most=_MOST_LISTED), field="limit")
        found = await self._wire.search(sort, arguments["query"], limit)
        lines = [f"{each.line} · {each.id}" for each in found]
        return Receipt(
            text="\n".join(lines) or context.tongue("Nothing matches in HubSpot."),
            data=[{"id": each.id, **_filled(each)} for each in found],
        )

    async def _get(self, sort: Sort, arguments: Arguments, context: Context) -> Receipt:
        found = await self._one(sort, arguments, context.tongue)
        told = [f"{name}: {value}" for name, value in _filled(found).items()]
        on = await self._wire.notes(sort, found.id, _NOTES_READ)
        notes = [_plain(each.properties.get("hs_note_body", "")) for each in on]
        return Receipt(
            id=found.id,
            text="\n".join((f"{found.line} · {found.id}", *told, *(f"• {note}" for note in notes))),
            link=self._link(found),
            data={"id": found.id, **_filled(found), **({"notes": notes} if notes else {})},
        )

    # A new contact ------------------------------------------------------------------------------------------

    async def _create_contact(self, arguments: Arguments, context: Context) -> Plan:
        tongue = context.tongue
        email = str(arguments.get("email", ""))
        values = await self._new_contact(arguments, tongue)
        if not values:
            raise BadInput(tongue("a contact needs an e-mail address or a name."), field="email")
        if email and (existing := await self._by_address(email)) is not None:
            raise _taken(existing, tongue)
        changes = differences({}, values, context)

        async def make() -> Receipt:
            try:
                made = await self._wire.create(CONTACT, {c.name: value for c, value in values.items()})
            except Taken as error:
                existing = await self._wire.one(CONTACT, error.existing or email)
                raise _taken(existing, tongue) from error
            return self._contact_made(made, changes, tongue)

        called = _called(arguments)
        return Plan(
            preview=Preview(subject=called, changes=changes, version=digest(["new", email])),
            make=make,
        )

    async def _new_contact(self, arguments: Arguments, tongue: Tongue) -> dict[Column, str]:
        """Every value of a new contact. Raises BadInput when a form field and a property say two things."""
        form = {name: arguments[field] for field, name in _FORM.items() if arguments.get(field)}
        more: Mapping[str, Json] = arguments.get("properties") or {}
        known = await self._wire.columns(CONTACT)
        values = kept(known, form, tongue)
        for column, value in kept(known, more, tongue).items():
            if column in values:
                raise BadInput(tongue("{name} is given twice", name=column.label), field="properties")
            values[column] = value
        return {column: value for column, value in values.items() if value}

    def _contact_made(self, made: Thing, changes: tuple[Change, ...], tongue: Tongue) -> Receipt:
        return Receipt(
            id=made.id,
            text=tongue(
                "{who} is a contact in HubSpot now, with the number {id}.", who=made.line, id=made.id
            ),
            link=self._link(made),
            changes=changes,
            data={"id": made.id},
            undo=Undo(action=f"{self._name}.archive_contact", arguments={"contact": made.id}),
        )

    async def _created_contact(self, arguments: Arguments, context: Context) -> Receipt | None:
        """By its address, which is HubSpot's own key for contacts: nobody had it when this was asked for."""
        tongue, email = context.tongue, str(arguments.get("email", ""))
        if not email:
            raise Unknowable(
                tongue("HubSpot cannot say whether {who} was created: look there.", who=_called(arguments))
            )
        values = await self._new_contact(arguments, tongue)
        found = await self._by_address(email, tuple(column.name for column in values))
        if found is None:
            return None
        if not all(c.same(found.properties.get(c.name, ""), value) for c, value in values.items()):
            raise Unknowable(
                tongue(
                    "{who} is in HubSpot (number {id}), but not as asked: look whether it is this one.",
                    who=found.line,
                    id=found.id,
                )
            )
        changes = differences({}, values, context)
        return self._contact_made(found, changes, tongue)

    async def _by_address(self, email: str, properties: tuple[str, ...] = ()) -> Thing | None:
        try:
            return await self._wire.one(CONTACT, email, properties)
        except Gone:
            return None

    # Changes ------------------------------------------------------------------------------------------------

    async def _update(self, sort: Sort, arguments: Arguments, context: Context) -> Plan:
        tongue = context.tongue
        values = kept(await self._wire.columns(sort), arguments["properties"], tongue)
        found = await self._one(sort, arguments, tongue, tuple(column.name for column in values))
        before = {column: found.properties.get(column.name, "") for column in values}
        changed = {c: value for c, value in values.items() if not c.same(before[c], value)}
        if not changed:
            raise BadInput(tongue("{who} has these values already.", who=found.line), field="properties")

        async def make() -> Receipt:
            await self._wire.update(sort, found.id, {c.name: value for c, value in changed.items()})
            return self._changed(found, before, changed, context)

        return Plan(
            preview=Preview(
                subject=found.line,
                link=self._link(found),
                changes=differences(before, changed, context),
                version=digest([found.id, sorted((c.name, value) for c, value in before.items())]),
            ),
            make=make,
        )

    def _changed(
        self, found: Thing, before: Mapping[Column, str], after: Mapping[Column, str], context: Context
    ) -> Receipt:
        old = {column.name: before[column] for column in after}
        return Receipt(
            id=found.id,
            text=context.tongue("{who} is changed in HubSpot.", who=found.line),
            link=self._link(found),
            changes=differences(before, after, context),
            data={"id": found.id},
            undo=Undo(
                action=f"{self._name}.update_{found.sort.name}",
                arguments={found.sort.name: found.id, "properties": dict(sorted(old.items()))},
            ),
        )

    async def _updated(self, sort: Sort, arguments: Arguments, context: Context) -> Receipt | None:
        """All at once or none: when they hold what was asked, it was done. What they held before is in their history."""
        tongue = context.tongue
        values = kept(await self._wire.columns(sort), arguments["properties"], tongue)
        names = [column.name for column in values]
        found = await self._one(sort, arguments, tongue, tuple(names))
        if not all(c.same(found.properties.get(c.name, ""), value) for c, value in values.items()):
            return None
        history = await self._wire.history(sort, found.id, names)
        before = {
            column: next((old for old in history[column.name] if not column.same(old, value)), "")
            for column, value in values.items()
        }
        changed = {c: value for c, value in values.items() if not c.same(before[c], value)}
        return self._changed(found, before, changed, context)

    # Notes --------------------------------------------------------------------------------------------------

    async def _add_note(self, arguments: Arguments, context: Context) -> Plan:
        tongue, text = context.tongue, str(arguments["text"])
        about = await self._noted(arguments, tongue)

        async def make() -> Receipt:
            body = {
                "hs_timestamp": context.now.isoformat(timespec="milliseconds"),
                "hs_note_body": _note(text, context.key),
            }
            made = await self._wire.create(NOTE, body, (about.sort, about.id))
            return self._note_made(made, about, text, tongue)

        return Plan(
            preview=Preview(
                subject=about.line,
                link=self._link(about),
                changes=(Change(title="Note", before=None, after=text),),
                version=digest([about.sort.name, about.id]),
            ),
            make=make,
        )

    async def _noted(self, arguments: Arguments, tongue: Tongue) -> Thing:
        given = [sort for sort in NOTED if arguments.get(sort.name)]
        if len(given) != 1:
            raise BadInput(
                tongue("name one contact, one company or one deal to write the note on."), field="contact"
            )
        return await self._one(given[0], arguments, tongue)

    def _note_made(self, made: Thing, about: Thing, text: str, tongue: Tongue) -> Receipt:
        return Receipt(
            id=made.id,
            text=tongue("The note is on {who} in HubSpot.", who=about.line),
            link=self._link(about),
            changes=(Change(title="Note", before=None, after=text),),
            data={"id": made.id},
            undo=Undo(action=f"{self._name}.archive_note", arguments={"note": made.id}),
        )

    async def _added_note(self, arguments: Arguments, context: Context) -> Receipt | None:
        """By the line it ends with, among the newest notes on it."""
        about = await self._noted(arguments, context.tongue)
        for each in await self._wire.notes(about.sort, about.id):
            if _plain(each.properties.get("hs_note_body", "")).endswith(_signature(context.key)):
                return self._note_made(each, about, str(arguments["text"]), context.tongue)
        return None

    # Archiving ----------------------------------------------------------------------------------------------

    async def _archive(self, sort: Sort, arguments: Arguments, context: Context) -> Plan:
        found = await self._one(sort, arguments, context.tongue)

        async def make() -> Receipt:
            await self._wire.archive(sort, found.id)
            return _archived(sort, _line(found), context.tongue)

        return Plan(
            preview=Preview(
                subject=_line(found),
                link=self._link(found),
                version=digest([found.id, sorted(found.properties.items())]),
                notes=("In HubSpot it can be restored by hand for 90 days.",),
            ),
            make=make,
        )

    async def _archived(self, sort: Sort, arguments: Arguments, context: Context) -> Receipt | None:
        try:
            await self._wire.one(sort, arguments[sort.name])
        except Gone:
            return _archived(sort, arguments[sort.name], context.tongue)
        return None

    async def _one(
        self, sort: Sort, arguments: Arguments, tongue: Tongue, properties: tuple[str, ...] = ()
    ) -> Thing:
        """The object an argument names. Raises BadInput when there is none."""
        given = str(arguments[sort.name])
        if not re.fullmatch(r"[0-9]{1,20}" + (r"|[^\s/@]+@[^\s/@]+" if sort is CONTACT else ""), given):
            raise BadInput(tongue("{id} is not a number in HubSpot.", id=given), field=sort.name)
        try:
            return await self._wire.one(sort, given, properties)
        except Gone as error:
            raise BadInput(_nothing(sort, given, tongue), field=sort.name) from error

    def _link(self, found: Thing) -> str:
        return f"{self._door}/{found.sort.type_id}/{found.id}" if self._door else ""


def _taken(existing: Thing, tongue: Tongue) -> BadInput:
    return BadInput(
        tongue(
            "this address belongs to {who} already (number {id}); update that contact instead.",
            who=existing.line,
            id=existing.id,
        ),
        field="email",
    )


def _called(arguments: Arguments) -> str:
    names = (str(arguments.get(field) or "") for field in ("first_name", "last_name"))
    return " ".join(filter(None, names)) or str(arguments.get("email") or arguments.get("company") or "")


def _nothing(sort: Sort, id: str, tongue: Tongue) -> str:
    match sort.name:
        case "contact":
            return tongue("HubSpot has no contact {id}.", id=id)
        case "company":
            return tongue("HubSpot has no company {id}.", id=id)
        case "deal":
            return tongue("HubSpot has no deal {id}.", id=id)
        case _:
            return tongue("HubSpot has no note {id}.", id=id)


def _archived(sort: Sort, called: str, tongue: Tongue) -> Receipt:
    said = tongue("The contact {who} is archived in HubSpot.", who=called)
    if sort is NOTE:
        said = tongue("The note {who} is archived in HubSpot.", who=called)
    return Receipt(text=said)


def _filled(found: Thing) -> dict[str, str]:
    return {
        name: _plain(value) if name == "hs_note_body" else value
        for name, value in found.properties.items()
        if value and (name in found.sort.listed)
    }


def _line(found: Thing) -> str:
    """What it is called in one short line; of a note, how it begins."""
    if found.sort is not NOTE:
        return found.line
    words = " ".join(_plain(found.properties.get("hs_note_body", "")).split())
    return (words if len(words) <= 80 else f"{words[:79]}…") or found.id


# The line a note ends with: by it a note is found again after a lost answer, and people see who wrote it.


def _note(text: str, key: str) -> str:
    return f"{html.escape(text, quote=False)}\n\n{html.escape(_signature(key))}".replace("\n", "<br>")


def _signature(key: str) -> str:
    return f"Vigie · {key}"


def _plain(body: str) -> str:
    text = re.sub(r"<br\s*/?>|</p>|</div>|</li>", "\n", body)
    return html.unescape(re.sub(r"<[^>]*>", "", text)).strip()
