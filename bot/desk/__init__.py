"""The desk: the assistant's own system, behind the same port as Stripe. Minds ask for its actions by name
and the same gate judges them. Each deed is one transaction, and doing it twice under one key changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot import agendas, carrying, doors, fieldrules, outlets, pulse, reports, watching
from bot.actions import Account, Action, Call, Option, Preview, Receipt
from bot.desk import (
    accounts,
    book,
    budgets,
    cards,
    changes,
    factors,
    fields,
    grants,
    hooks,
    lists,
    memory,
    missions,
    patterns,
    people,
    procedures,
    pursuits,
    roles,
    standing,
    tools,
    watches,
    writebacks,
)
from bot.desk.means import Deed, Means
from bot.errors import BadInput
from bot.grants import GIVE
from bot.pins import ACCEPT
from bot.policy import RAISE
from bot.store import Tx
from bot.thresholds import Origin, Source
from bot.values import Json
from bot.world import Context, Health, Pinned

__all__ = ["Desk", "Means"]

DISCONNECT = "vigie.disconnect"
CODES = frozenset({"vigie.claim", "vigie.link"})
"""What brings a code, with which an account becomes the owner's."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The System named `vigie`."""

    means: Means

    @property
    def name(self) -> str:
        return "vigie"

    def account(self) -> Account:
        return Account(system="vigie", label="Vigie", live=True)

    def actions(self) -> tuple[Action, ...]:
        return book.actions(tuple(self.means.house().tongues.languages.items()))

    async def preview(self, call: Call, context: Context) -> Preview:
        """Changes of who may do what are shown as they would be now; the rest has nothing to show."""
        house = self.means.house()
        store = house.store
        await self._readable(call)
        if call.action in WATCHING and (named := call.arguments.get("report_to")):
            await outlets.find(named, context, house=house)
        if call.action in WATCHING and (watch := call.arguments.get("watch")):
            return await self._preview_watch(call, context, watch)
        if call.action == PUT_PROCEDURE:
            return await self._preview_put(call, context)
        if call.action == RAISE:
            return await store.read(
                lambda tx: budgets.preview(tx, call.arguments, context, house), space=context.space
            )
        if call.action == DISCONNECT:
            return await store.read(
                lambda tx: accounts.preview_disconnect(tx, call.arguments, context, self.means),
                space=context.space,
            )
        if shown := SHOWN.get(call.action):
            return await store.read(
                lambda tx: shown(tx, call.arguments, context, self.means), space=context.space
            )
        look = PREVIEWS.get(call.action)
        store = self.means.house().store
        if call.action == GIVE:
            return await store.read(
                lambda tx: grants.preview(tx, call.arguments, context, self.means), space=context.space
            )
        if look is None:
            return Preview()
        return await store.read(lambda tx: look(tx, call.arguments, context), space=context.space)

    async def check(self) -> Health:
        return Health(well=True, text="ok")

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        """Every deed here is safe to do again under its key, so "not done" is always a right answer."""
        return None

    async def run(self, call: Call, context: Context) -> Receipt:
        """One transaction: the deed and its receipt. A check of a connection alone asks somebody else."""
        if call.action == "vigie.test_connection":
            return await accounts.test(call.arguments, context, self.means)
        await self._readable(call)
        deed = DEEDS.get(call.action)
        if deed is None:
            raise BadInput("no connected system offers “{name}”", name=call.action)
        if call.action == SET_FIELD and call.arguments["how"] == "selector":
            await self._pickable(call.arguments["action"], call.arguments["field"], context, at="how")
        house = self.means.house()
        unmet = await self._unmet(context.space) if call.action in CODES else ""
        receipt = await house.store.write(
            lambda tx: deed(tx, call.arguments, context, self.means), space=context.space
        )
        if unmet:
            await doors.met(unmet, house=house, space=context.space)
        if call.action == ACCEPT:
            await self._reread(call.arguments["system"])
        if call.action == DISCONNECT:
            await self.means.house().plugs.reread()
        return receipt

    async def _unmet(self, space: str) -> str:
        """The owner whom nobody has met yet, "" where there is none."""
        house = self.means.house()
        owner = await house.store.read(doors.owner, space=space)
        return owner.id if owner is not None and doors.unmet(owner, house) else ""

    async def _preview_watch(self, call: Call, context: Context, watch: str) -> Preview:
        """The mission as it would be, and how often its watch would have woken somebody."""
        house, told = self.means.house(), missions.watched(watch)
        remembered = await watching.past(told.source, house=house)
        read = await watching.read(told.source, tongue=context.tongue, house=house)

        def look(tx: Tx) -> Preview:
            shown = SHOWN[call.action](tx, call.arguments, context, self.means)
            samples = watches.known(tx, told.source, remembered, context)
            return replace(
                shown,
                asides=(
                    watches.now(told.source, read, context.tongue),
                    *watches.tried(told, samples, context),
                ),
                picture=watches.drawn(told, samples, context),
            )

        return await house.store.read(look, space=context.space)

    async def _preview_put(self, call: Call, context: Context) -> Preview:
        """The procedure as it would be, and how often it would have begun."""
        for step in procedures.recipe_of(call.arguments, self.means).steps:
            for name in step.picked:
                await self._pickable(step.action, name, context, at="recipe")
        house, trigger = self.means.house(), procedures.threshold(call.arguments)
        remembered = await watching.past(trigger.source, house=house) if trigger is not None else ()
        return await house.store.read(
            lambda tx: procedures.preview_put(tx, call.arguments, context, self.means, remembered),
            space=context.space,
        )

    async def _readable(self, call: Call) -> None:
        """A number can only be watched where something here can read it. Raises BadInput."""
        source = _watched(call)
        if source is not None and source.origin is not Origin.SAID:
            await self.means.house().gauges.check(source)

    async def _pickable(self, of: str, field: str, context: Context, *, at: str) -> None:
        """A field can only be picked from options where its system has any. Raises BadInput."""
        house = self.means.house()
        action = house.action(of.strip().lower())
        name = action.field(field).name
        if not await fieldrules.options(action, name, "", context, house=house):
            why = context.tongue(
                "{system} offers nothing to pick “{field}” from now; manual lets a person type it",
                system=action.system,
                field=name,
            )
            raise BadInput(why, field=at)

    async def _reread(self, name: str) -> None:
        """A server goes by its pins at once; what other processes hold looks again by itself."""
        system = self.means.house().systems.get(name)
        if isinstance(system, Pinned):
            await system.reread()


def _watched(call: Call) -> Source | None:
    """The number that a call would have watched. Raises BadInput."""
    if call.action == PUT_PROCEDURE:
        trigger = procedures.threshold(call.arguments)
        return trigger.source if trigger is not None else None
    watch = call.arguments.get("watch") if call.action in WATCHING else None
    return missions.watched(watch).source if watch else None


def _help(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return Receipt(text=reports.help_text(context.tongue))


def _status(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return reports.status(tx, context, means.house())


def _missions(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return reports.missions(tx, context)


def _templates(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return patterns.listed(context.tongue, means.house().actions())


def _health(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return pulse.told(tx, context)


def _runs(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return agendas.runs(tx, missions.numbered(tx, arguments["number"], context), context)


def _agenda(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return agendas.coming(tx, arguments.get("when", ""), context, means.calendar)


def _actions(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return reports.actions(arguments.get("system", ""), context, means.house())


def _recap(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    found = carrying.stood(tx, context.place.key, leave=context.turn)
    text = reports.stood(found, context.tongue, context.zone)
    return Receipt(text=text, data=found.told(), tainted=found.tainted)


def _why(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return reports.why(tx, arguments["subject"], context, actions=means.house().actions())


SET_FIELD = "vigie.set_field"
PUT_PROCEDURE = "vigie.put_procedure"
WATCHING = frozenset({"vigie.create_mission", "vigie.edit_mission"})
SHOWN: Mapping[str, Callable[[Tx, Mapping[str, Json], Context, Means], Preview]] = {
    "vigie.create_mission": changes.preview_create,
    "vigie.edit_mission": changes.preview_edit,
    "vigie.hand_over": changes.preview_hand_over,
    "vigie.forget_list": lists.preview_forget,
}
"""Missions as they would be, and what would be gone, on their card."""

PREVIEWS: Mapping[str, roles.Look] = {
    **roles.PREVIEWS,
    "vigie.reset_second_factor": factors.preview_reset,
    ACCEPT: tools.preview,
}

DEEDS: Mapping[str, Deed] = {
    "vigie.connections": accounts.listing,
    "vigie.connect": accounts.connect,
    "vigie.rename_connection": accounts.rename,
    DISCONNECT: accounts.disconnect,
    "vigie.help": _help,
    "vigie.status": _status,
    "vigie.missions": _missions,
    "vigie.mission": changes.show,
    "vigie.templates": _templates,
    "vigie.procedures": procedures.listed,
    "vigie.procedure": procedures.show,
    "vigie.put_procedure": procedures.put,
    "vigie.try_procedure": procedures.attempt,
    "vigie.run_procedure": procedures.run,
    "vigie.continue_procedure": procedures.go_on,
    "vigie.switch_procedure": procedures.switch,
    "vigie.drop_procedure": procedures.drop,
    "vigie.edit_mission": changes.edit,
    "vigie.hand_over": changes.hand_over,
    "vigie.follow_up": pursuits.follow_up,
    "vigie.log": pursuits.log,
    "vigie.tick": pursuits.tick,
    "vigie.finish_mission": pursuits.finish,
    "vigie.health": _health,
    "vigie.runs": _runs,
    "vigie.agenda": _agenda,
    "vigie.actions": _actions,
    "vigie.why": _why,
    "vigie.budget": budgets.budget,
    RAISE: budgets.raise_budget,
    "vigie.pending": cards.pending,
    "vigie.undo": cards.undo,
    "vigie.deny": cards.deny,
    "vigie.hooks": hooks.listed,
    "vigie.add_hook": hooks.add,
    "vigie.rotate_hook": hooks.rotate,
    "vigie.remove_hook": hooks.remove,
    "vigie.escalate": hooks.escalate,
    "vigie.watches": watches.listed,
    "vigie.say_number": watches.say,
    "vigie.chart": watches.chart,
    "vigie.incidents": hooks.incidents,
    "vigie.acknowledge": hooks.acknowledge,
    "vigie.resolve": hooks.resolve,
    "vigie.freeze": cards.freeze,
    "vigie.unfreeze": cards.unfreeze,
    "vigie.rules": standing.rules,
    "vigie.rule": standing.rule,
    "vigie.recap": _recap,
    "vigie.lists": lists.lists,
    "vigie.show_list": lists.show,
    "vigie.list_history": lists.history,
    "vigie.unwritten": writebacks.unwritten,
    "vigie.wrote": writebacks.wrote,
    "vigie.report": writebacks.report,
    "vigie.add_to_list": lists.add,
    "vigie.add_to_total": lists.add_amount,
    "vigie.count": lists.count,
    "vigie.edit_item": lists.edit,
    "vigie.remove_item": lists.remove,
    "vigie.clear_list": lists.clear,
    "vigie.undo_list": lists.undo,
    "vigie.rename_list": lists.rename,
    "vigie.forget_list": lists.forget,
    "vigie.recall": memory.recall,
    "vigie.history": memory.history,
    "vigie.remember": memory.remember,
    "vigie.pin": memory.pin,
    "vigie.unpin": memory.unpin,
    "vigie.export_memory": memory.export,
    "vigie.briefing": memory.told,
    "vigie.begin_private": memory.begin_private,
    "vigie.end_private": memory.end_private,
    "vigie.retention": memory.retention,
    "vigie.undo_night": memory.undo_night,
    "vigie.forget": memory.forget,
    "vigie.create_mission": missions.create,
    "vigie.pause_mission": missions.pause,
    "vigie.resume_mission": missions.resume,
    "vigie.cancel_mission": missions.cancel,
    "vigie.grants": grants.listed,
    "vigie.withdraw": grants.withdraw,
    GIVE: grants.give,
    "vigie.set_role": roles.set_role,
    "vigie.delegate": roles.delegate,
    "vigie.undelegate": roles.undelegate,
    "vigie.second_factor": factors.second_factor,
    "vigie.drop_second_factor": factors.drop,
    "vigie.reset_second_factor": factors.reset,
    ACCEPT: tools.accept,
    "vigie.fields": fields.fields,
    SET_FIELD: fields.set_field,
    "vigie.claim": people.claim,
    "vigie.link": people.link,
    "vigie.try_chat": people.try_chat,
    "vigie.dashboard": people.dashboard,
    "vigie.name": people.name,
    "vigie.language": people.language,
    "vigie.zone": people.zone,
    "vigie.quiet": people.quiet,
}
