"""An Airtable base as a `bot.world.System`. Airtable keeps no idempotency key and no hidden place for one: where a table
has a text column for it, a new record carries the key of its deed there, is made once however often it is asked for,
and is found again by it. Where there is none, a lost answer to adding leaves it unknown.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from adapters.systems.airtable import offer
from adapters.systems.airtable.columns import (
    SEARCHED,
    WRITABLE,
    Column,
    Table,
    escaped,
    formula_of,
    quoted,
    same,
    shown,
)
from adapters.systems.airtable.wire import Gone, Record, Wire
from adapters.systems.client import Client
from adapters.systems.planned import Arguments, Plan, Planned, Write
from adapters.systems.spelled import differences
from bot.actions import MOST_OPTIONS, Account, Action, Call, Option, Preview, Receipt, Undo
from bot.errors import BadInput, Failed, Unknowable, VigieError
from bot.values import Json, digest
from bot.values import shown as in_words
from bot.world import Context, Health

MARK = "Vigie key"
_MOST_LISTED = 50
_SPANS = (timedelta(days=2), timedelta(days=60))
"""How far back the newest records are looked for, before all are."""


class Airtable:
    """One base. `name` is the connection's; `mark` names the text column that holds keys, where a table has it."""

    def __init__(self, *, name: str, client: Client, base: str, mark: str = MARK) -> None:
        self._name, self._mark = name, mark
        self._wire = Wire(client, base)
        self._actions = offer.actions(name)
        self._planned = Planned(
            reads={
                "tables": self._tables,
                "last_records": self._last,
                "find_records": self._find,
                "get_record": self._get,
            },
            writes={
                "add_record": Write(plan=self._add, look_up=self._added),
                "update_record": Write(plan=self._update, look_up=self._updated),
                "delete_record": Write(plan=self._delete, look_up=self._deleted),
            },
        )

    @property
    def name(self) -> str:
        return self._name

    def account(self) -> Account:
        """The base."""
        return Account(system=self._name, label=self._wire.base or "Airtable", live=True)

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
        """The tables. Records are offered by table and words: `Deals / acme`."""
        tables = await self._schema()
        if field == "table":
            found = [each for each in tables if query.casefold() in each.name.casefold()]
            return tuple(Option(value=each.name, label=each.name) for each in found[:MOST_OPTIONS])
        if field != "record":
            return ()
        of, _, words = query.rpartition("/")
        chosen = [each for each in tables if each.name.casefold() == of.strip().casefold()] or list(
            tables[:3]
        )
        options: list[Option] = []
        for table in chosen:
            records = await self._wire.found(table, _searching(table, words.strip()), most=MOST_OPTIONS)
            options += [
                Option(value=each.id, label=f"{table.name} · {_called(table, each)}"[:150])
                for each in records
            ]
        return tuple(options[:MOST_OPTIONS])

    async def check(self) -> Health:
        """Whether the token opens the base. Finds the base when the token opens only one. Harmless."""
        try:
            if not self._wire.base:
                self._wire.base = _only(await self._wire.bases())
            tables = await self._wire.tables()
        except VigieError as error:
            return Health.of(error)
        return Health(
            well=True, text=f"Airtable answers for base {self._wire.base} with {len(tables)} tables"
        )

    async def close(self) -> None:
        """Closes its lines."""
        await self._wire.close()

    # Reads --------------------------------------------------------------------------------------------------

    async def _tables(self, arguments: Arguments, context: Context) -> Receipt:
        found = await self._schema()
        lines = [f"{each.name}: {', '.join(column.name for column in each.columns)}" for each in found]
        data = [
            {
                "table": each.name,
                "columns": [
                    {"name": c.name, "type": c.type, **({"choices": list(c.choices)} if c.choices else {})}
                    for c in each.columns
                ],
            }
            for each in found
        ]
        return Receipt(text="\n".join(lines) or context.tongue("The base has no tables."), data=data)

    async def _last(self, arguments: Arguments, context: Context) -> Receipt:
        table = await self._table(arguments, context)
        most = _limit(arguments, context)
        return self._listed(table, await self._newest(table, most, context), context)

    async def _newest(self, table: Table, most: int, context: Context) -> Sequence[Record]:
        """By a column of Airtable's own moments where there is one; else by when each was created, looked for
        further and further back."""
        moments = [each.name for each in table.columns if each.type == "createdTime"]
        if moments:
            return await self._wire.sorted(table, moments[0], most)
        found: list[Record] = []
        for span in _SPANS:
            since = (context.now - span).isoformat(timespec="seconds")
            found = await self._wire.found(table, f"IS_AFTER(CREATED_TIME(), {quoted(since)})")
            if len(found) >= most:
                break
        else:
            found = await self._wire.found(table)
        return sorted(found, key=lambda each: each.created, reverse=True)[:most]

    async def _find(self, arguments: Arguments, context: Context) -> Receipt:
        table = await self._table(arguments, context)
        formula = _searching(table, str(arguments["query"]))
        return self._listed(
            table, await self._wire.found(table, formula, most=_limit(arguments, context)), context
        )

    async def _get(self, arguments: Arguments, context: Context) -> Receipt:
        table = await self._table(arguments, context)
        found = await self._record(table, arguments, context)
        told = [f"{name}: {in_words(value)}" for name, value in shown(table, found.fields).items()]
        return Receipt(
            id=found.id,
            text="\n".join((f"{_called(table, found)} · {found.id}", *told)),
            link=self._link(table, found.id),
            data=_data(table, found),
        )

    def _listed(self, table: Table, found: Sequence[Record], context: Context) -> Receipt:
        lines = [_line(table, each) for each in found]
        return Receipt(
            text="\n".join(lines) or context.tongue("Nothing matches in {table}.", table=table.name),
            data=[_data(table, each) for each in found],
        )

    # A new record -------------------------------------------------------------------------------------------

    async def _add(self, arguments: Arguments, context: Context) -> Plan:
        table = await self._table(arguments, context)
        values = {
            c: value
            for c, value in table.kept(arguments["fields"], context.tongue).items()
            if value is not None
        }
        if not values:
            raise BadInput(context.tongue("name at least one value."), field="fields")
        mark = self._marking(table)
        fields = {column.name: value for column, value in values.items()}

        async def make() -> Receipt:
            made = await (
                self._wire.upsert(table, fields, mark, context.key)
                if mark
                else self._wire.create(table, fields)
            )
            return self._made(table, made, values, context)

        return Plan(
            preview=Preview(
                subject=table.name,
                link=self._link(table),
                changes=differences({}, values, context),
                version=digest([table.id, [[c.id, c.type, list(c.choices)] for c in values]])[:16],
            ),
            make=make,
        )

    async def _added(self, arguments: Arguments, context: Context) -> Receipt | None:
        """By the key in its column. Raises Unknowable where the table has none."""
        table = await self._table(arguments, context)
        mark = self._marking(table)
        if not mark:
            raise Unknowable(
                "{table} has no text column “{mark}”, so nobody can say whether the record was added; look there.",
                table=table.name,
                mark=self._mark,
            )
        formula = f"{{{escaped(mark)}}} = {quoted(context.key)}"
        found = await self._wire.found(table, formula, most=1)
        if not found:
            return None
        values = table.kept(arguments["fields"], context.tongue)
        return self._made(table, found[0], {c: v for c, v in values.items() if v is not None}, context)

    def _made(self, table: Table, made: Record, values: Mapping[Column, Json], context: Context) -> Receipt:
        return Receipt(
            id=made.id,
            text=context.tongue("{record} is in {table}.", record=_called(table, made), table=table.name),
            link=self._link(table, made.id),
            changes=differences({}, values, context),
            data=_data(table, made),
            undo=Undo(
                action=f"{self._name}.delete_record", arguments={"record": made.id, "table": table.name}
            ),
        )

    # Changes ------------------------------------------------------------------------------------------------

    async def _update(self, arguments: Arguments, context: Context) -> Plan:
        table = await self._table(arguments, context)
        values = table.kept(arguments["fields"], context.tongue)
        found = await self._record(table, arguments, context)
        after = {
            column: value
            for column, value in values.items()
            if not same(found.fields.get(column.name), value)
        }
        if not after:
            raise BadInput(
                context.tongue("{record} has these values already.", record=_called(table, found)),
                field="fields",
            )
        before = {column: found.fields.get(column.name) for column in after}

        async def make() -> Receipt:
            changed = await self._wire.update(table, found.id, {c.name: value for c, value in after.items()})
            return self._changed(table, changed, before, after, context)

        return Plan(
            preview=Preview(
                subject=f"{table.name} · {_called(table, found)}",
                link=self._link(table, found.id),
                changes=differences(before, after, context),
                version=digest([table.id, found.id, dict(found.fields)])[:16],
            ),
            make=make,
        )

    async def _updated(self, arguments: Arguments, context: Context) -> Receipt | None:
        """All at once or none: when the columns hold what was asked, it was done. What they held before is gone."""
        table = await self._table(arguments, context)
        values = table.kept(arguments["fields"], context.tongue)
        found = await self._record(table, arguments, context)
        if any(not same(found.fields.get(column.name), value) for column, value in values.items()):
            return None
        return Receipt(
            id=found.id,
            text=context.tongue(
                "{record} is changed in {table}.", record=_called(table, found), table=table.name
            ),
            link=self._link(table, found.id),
            data=_data(table, found),
        )

    def _changed(
        self,
        table: Table,
        found: Record,
        before: Mapping[Column, Json],
        after: Mapping[Column, Json],
        context: Context,
    ) -> Receipt:
        old = {
            column.name: column.told(value)
            for column, value in sorted(before.items(), key=lambda p: p[0].name)
        }
        return Receipt(
            id=found.id,
            text=context.tongue(
                "{record} is changed in {table}.", record=_called(table, found), table=table.name
            ),
            link=self._link(table, found.id),
            changes=differences(before, after, context),
            data=_data(table, found),
            undo=Undo(
                action=f"{self._name}.update_record",
                arguments={"fields": old, "record": found.id, "table": table.name},
            ),
        )

    # Deleting -----------------------------------------------------------------------------------------------

    async def _delete(self, arguments: Arguments, context: Context) -> Plan:
        table = await self._table(arguments, context)
        found = await self._record(table, arguments, context)
        kept = {c: found.fields[c.name] for c in table.columns if c.name in found.fields and _settable(c)}

        async def make() -> Receipt:
            await self._wire.delete(table, found.id)
            back = {
                column.name: column.told(value) for column, value in kept.items() if column.name != self._mark
            }
            undo = Undo(
                action=f"{self._name}.add_record",
                arguments={"fields": dict(sorted(back.items())), "table": table.name},
            )
            return Receipt(
                id=found.id,
                text=context.tongue(
                    "{record} is gone from {table}.", record=_called(table, found), table=table.name
                ),
                changes=differences(kept, {}, context),
                undo=undo if back else None,
            )

        return Plan(
            preview=Preview(
                subject=f"{table.name} · {_called(table, found)}",
                link=self._link(table, found.id),
                changes=differences(kept, {}, context),
                version=digest([table.id, found.id, dict(found.fields)])[:16],
            ),
            make=make,
        )

    async def _deleted(self, arguments: Arguments, context: Context) -> Receipt | None:
        """By its absence."""
        table, record = await self._table(arguments, context), str(arguments["record"])
        try:
            await self._record(table, arguments, context)
        except BadInput:
            return Receipt(
                id=record,
                text=context.tongue("{record} is gone from {table}.", record=record, table=table.name),
            )
        return None

    # What is meant ------------------------------------------------------------------------------------------

    async def _schema(self) -> tuple[Table, ...]:
        if not self._wire.base:
            self._wire.base = _only(await self._wire.bases())
        return await self._wire.tables()

    async def _table(self, arguments: Arguments, context: Context) -> Table:
        wanted, tables = str(arguments["table"]), await self._schema()
        for table in tables:
            if wanted in (table.id, table.name):
                return table
        alike = [table for table in tables if table.name.casefold() == wanted.casefold()]
        if len(alike) == 1:
            return alike[0]
        raise BadInput(
            context.tongue(
                "there is no table {name}; the base has: {tables}.",
                name=wanted,
                tables=", ".join(table.name for table in tables),
            ),
            field="table",
        )

    async def _record(self, table: Table, arguments: Arguments, context: Context) -> Record:
        """By its id, or by what stands in its first column, when that is one record. Raises BadInput."""
        wanted = str(arguments["record"])
        try:
            return await self._wire.one(table, wanted)
        except Gone:
            pass
        name = table.named_by
        same_name = f'LOWER({{{escaped(name)}}} & "") = {quoted(wanted.casefold())}'
        found = await self._wire.found(table, same_name, most=MOST_OPTIONS) if name else []
        if len(found) == 1:
            return found[0]
        if not found:
            raise BadInput(
                context.tongue("{table} has no record {name}.", table=table.name, name=wanted), field="record"
            )
        raise BadInput(
            context.tongue(
                "several records are called {name}: {ids}; name one by its id.",
                name=wanted,
                ids=", ".join(each.id for each in found),
            ),
            field="record",
        )

    def _marking(self, table: Table) -> str:
        """The column of keys, "" where the table has none."""
        named = [c.name for c in table.columns if c.name == self._mark and c.type == "singleLineText"]
        return named[0] if named else ""

    def _link(self, table: Table, record: str = "") -> str:
        return "/".join(filter(None, ("https://airtable.com", self._wire.base, table.id, record)))


def _only(bases: Sequence[tuple[str, str]]) -> str:
    if len(bases) == 1:
        return bases[0][0]
    names = ", ".join(f"{name} ({key})" for key, name in bases)
    raise Failed("name the base of this connection: {bases}", bases=names or "none")


def _limit(arguments: Arguments, context: Context) -> int:
    limit = int(arguments["limit"])
    if not 1 <= limit <= _MOST_LISTED:
        raise BadInput(context.tongue("list from 1 to {most}.", most=_MOST_LISTED), field="limit")
    return limit


def _searching(table: Table, words: str) -> str:
    columns = [each for each in table.columns if each.type in SEARCHED]
    return formula_of(columns, words) if words and columns else ""


def _settable(column: Column) -> bool:
    return column.type in WRITABLE


def _called(table: Table, record: Record) -> str:
    name = shown(table, {table.named_by: record.fields.get(table.named_by)}).get(table.named_by)
    return in_words(name) if name else record.id


def _line(table: Table, record: Record) -> str:
    told = {name: value for name, value in shown(table, record.fields).items() if name != table.named_by}
    rest = ", ".join(f"{name}: {in_words(value)[:60]}" for name, value in list(told.items())[:6])
    return f"{_called(table, record)} · {record.id}" + (f" · {rest}" if rest else "")


def _data(table: Table, record: Record) -> dict[str, Json]:
    return {"id": record.id, "created": record.created, "fields": shown(table, record.fields)}
