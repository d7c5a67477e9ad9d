"""One MCP server as a system: its tools, as they were agreed to, are actions.

Above it: the outbox and the gate. Below it: a link. What the server says is content: quoted, cut, tainting. What it asks
of us (to think for it, to question a person) is never answered.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import mcp_types as mcp

from adapters.systems.mcp import answers, tools, wires
from adapters.systems.mcp.classes import ClassFile
from adapters.systems.mcp.link import CONNECT_WITHIN, Link, Streams
from adapters.systems.mcp.servers import Entry, Http, ServerFile
from adapters.systems.mcp.tools import Around, Tool
from bot import pinning
from bot.actions import Account, Action, Call, Option, Part, Preview, Receipt, Risk
from bot.errors import BadInput, Failed, NotAllowed, OutcomeUnknown, Unknowable, Unreachable, VigieError
from bot.house import House
from bot.pins import Definition, Pin
from bot.values import Json, shown
from bot.world import Context, Health

log = logging.getLogger(__name__)

FRESH = 30.0
"""Seconds for which a list of tools is believed before a call that is not only a read: a server need not say that it changed."""
REMEMBERED = 500
"""Deeds whose receipts are kept in memory, so that the same key does nothing twice while the program runs."""


class McpServer:
    """The System of one server. Offers nothing until its tools were listed once."""

    def __init__(
        self,
        entry: Entry,
        *,
        file: ServerFile,
        classes: ClassFile,
        house: House,
        streams: Callable[[], Streams] | None = None,
    ) -> None:
        self.entry, self.fresh = entry, FRESH
        self._file, self._classes, self._house = file, classes, house
        self._headers: Mapping[str, str] = entry.way.headers if isinstance(entry.way, Http) else {}
        self.link = Link(
            name=entry.name,
            streams=streams or self._open,
            listed=self._listed,
            fix=f"“{entry.key}” in {file.path.name}",
        )
        self._pins: Mapping[str, Pin] = {}
        self._tools: Mapping[str, Tool] = {}
        self._left: Mapping[str, str] = {}
        self._stamp = classes.stamp
        self._sent: OrderedDict[str, Receipt | OutcomeUnknown] = OrderedDict()
        self._turns: dict[str, asyncio.Lock] = {}

    @property
    def name(self) -> str:
        return self.entry.name

    def account(self) -> Account:
        """The server itself: an approval is for this address or command, whatever the key in the file."""
        return Account(system=self.name, label=self.entry.label, live=True)

    def actions(self) -> tuple[Action, ...]:
        return tuple(tool.action for tool in self._offered().values())

    async def open(self) -> None:
        """Begins to connect, and returns at once. What it offered last is offered meanwhile."""
        await self.recall()
        self.link.start()

    async def recall(self) -> None:
        """What it offered when it was listed last."""
        self._take(await pinning.last_seen(self.name, self.entry.identity, house=self._house))

    async def close(self) -> None:
        await self.link.stop()

    # The port ------------------------------------------------------------------------------------------

    async def preview(self, call: Call, context: Context) -> Preview:
        """What would be sent, checked against the tool's definition as it is now. Of what it would do nothing is asked: the
        protocol has no question for that."""
        if not self.link.up:
            await self.link.ready(CONNECT_WITHIN)
        elif time.monotonic() - self.link.listed_at >= self.fresh:
            await self.link.refresh(CONNECT_WITHIN)
        tool = await self._tool(call, context)
        tool.shape.sent(call.arguments)
        parts = {field.part: field.name for field in tool.action.fields if field.name in call.arguments}
        subject = parts.get(Part.OBJECT)
        return Preview(
            subject=shown(call.arguments[subject]) if subject else "",
            version=tool.action.definition,
            notes=(
                context.tongue(
                    "{system} is a server of others; what it does with this cannot be seen beforehand.",
                    system=self.name,
                ),
            ),
        )

    async def run(self, call: Call, context: Context) -> Receipt:
        """Calls the tool, once per key. The protocol has no key of its own."""
        async with self._turns.setdefault(context.key, asyncio.Lock()):
            try:
                return await self._once(call, context)
            finally:
                self._turns.pop(context.key, None)

    async def _once(self, call: Call, context: Context) -> Receipt:
        if context.key in self._sent:
            done = self._sent[context.key]
            if isinstance(done, Receipt):
                return replace(done, repeated=True)
            raise self._unknowable(done)
        tool = await self._tool(call, context)
        arguments = tool.shape.sent(call.arguments)
        reads = tool.action.risk is Risk.R0
        if not reads:
            self._remember(context.key, OutcomeUnknown("it was sent, and the answer was lost"))
        try:
            result = await self.link.call(tool.name, arguments, patience=self._patience)
            receipt = self._receipt(tool, result, context)
        except OutcomeUnknown as error:
            if reads:
                raise Unreachable("{why}", why=error) from error
            if tool.idempotent:
                self._sent.pop(context.key, None)
                raise
            self._remember(context.key, error)
            raise self._unknowable(error) from error
        except VigieError:
            self._sent.pop(context.key, None)
            raise
        if not reads:
            self._remember(context.key, receipt)
        return receipt

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        """Nobody can ask a server what it did under a key. Only what may be done again anyway is known not to
        matter."""
        done = self._sent.get(context.key)
        if isinstance(done, Receipt):
            return done
        tool = self._offered().get(call.action)
        if tool is not None and (tool.idempotent or tool.action.risk is Risk.R0):
            return None
        raise self._unknowable(done)

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def check(self) -> Health:
        """Connects where it is not, lists again, and says what is off or left out."""
        try:
            await self.link.refresh(CONNECT_WITHIN)
        except VigieError as error:
            return Health.of(self._away(error))
        offered = self._offered()
        unclassified = sum(tool.says is tools.UNCLASSIFIED for tool in offered.values())
        off = sorted(tool.name for tool in offered.values() if tool.pin.off)
        parts = [f"{self.entry.label}, {len(offered)} tools, {unclassified} of them unclassified (R3)"]
        if off:
            parts.append(f"off until an owner accepts their change: {', '.join(off)}")
        parts += [f"left out: {name} ({why})" for name, why in list(self._left.items())[:5]]
        if self._classes.trouble:
            parts.append(self._classes.trouble)
        return Health(well=not off and not self._classes.trouble, text="; ".join(parts))

    def _away(self, error: VigieError) -> VigieError:
        """Why it is not there, and what to do."""
        if self.link.fix not in str(error):
            error = Unreachable("{why}; look at {where}, and whether it runs", why=error, where=self.link.fix)
        if said := self.link.last_words:
            return Unreachable("{why}. It said: {said}", why=error, said=said)
        return error

    # What the gate and the desk ask besides --------------------------------------------------------------

    def inner(self, call: Call) -> Action | None:
        """What a call of a tool that calls tools would call (`bot.world.Indirect`)."""
        tool = self._offered().get(call.action)
        if tool is None or not tool.inner:
            return None
        around = Around(tools=self._tools, classes=self._classes)
        return tools.inner_action(self.name, tool, call.arguments, around)

    async def reread(self) -> None:
        """An owner may have accepted a change (`bot.world.Pinned`)."""
        found = await pinning.known(self.entry.identity, list(self._pins), house=self._house)
        self._take({**self._pins, **found})

    # Inside ----------------------------------------------------------------------------------------------

    def _open(self) -> Streams:
        way = self.entry.way
        if isinstance(way, Http):
            return wires.http(way.url, self._key, patience=self._patience)
        return wires.program(way, heard=self._last_words)

    def _key(self, fresh: bool) -> Mapping[str, str]:
        if fresh:
            self._headers = self._file.headers(self.entry.key) or self._headers
        return self._headers

    def _last_words(self, said: str) -> None:
        """The end of what its program wrote, without what it was given as a secret."""
        way = self.entry.way
        for secret in () if isinstance(way, Http) else (*way.env.values(), *way.args):
            said = said.replace(secret, "…") if len(secret) > 3 else said
        self.link.last_words = answers.cut(" ".join(said.split()), 200)

    @property
    def _patience(self) -> float:
        return min(self.entry.timeout, max(self._house.patience - 5, 1.0))

    async def _listed(self, listed: Sequence[mcp.Tool]) -> None:
        definitions = {each.name: definition(each) for each in listed}
        usable = [each for each in definitions.values() if _keepable(each)]
        pins = await pinning.observe(self.name, self.entry.identity, usable[: tools.MOST], house=self._house)
        self._take(pins)

    def _take(self, pins: Mapping[str, Pin]) -> None:
        self._pins, self._stamp = pins, self._classes.stamp
        self._tools, self._left = tools.offered(self.name, pins, self._classes)

    def _offered(self) -> Mapping[str, Tool]:
        if self._classes.stamp != self._stamp:
            self._take(self._pins)
        return self._tools

    async def _tool(self, call: Call, context: Context) -> Tool:
        """The tool, as it stands in the record now. Raises BadInput, or NotAllowed for one that is off."""
        tool = self._offered().get(call.action)
        if tool is None:
            raise BadInput("no connected system offers “{name}”", name=call.action)
        kept = (await pinning.known(self.entry.identity, [tool.name], house=self._house)).get(tool.name)
        if kept is None or kept.off or kept.kept.digest != tool.pin.kept.digest:
            raise NotAllowed(
                context.tongue(
                    "“{tool}” of {system} is turned off: its server defines it differently now. An owner"
                    " decides on the card, or with: do vigie.accept_tool system={system} tool={tool}",
                    tool=tool.name,
                    system=self.name,
                )
            )
        return tool

    def _receipt(
        self, tool: Tool, result: mcp.CallToolResult | mcp.InputRequiredResult, context: Context
    ) -> Receipt:
        if isinstance(result, mcp.InputRequiredResult):
            raise Failed(
                context.tongue(
                    "{system} asked for something back instead of doing it. Servers are not answered.",
                    system=self.name,
                )
            )
        result = answers.without(result, self._keys())
        if result.is_error:
            words = answers.cut(answers.spoken(result.content, context.tongue), answers.LONGEST_WORDS)
            raise Failed(
                context.tongue("“{tool}” says that it failed: “{words}”", tool=tool.name, words=words or "—")
            )
        return answers.receipt(tool.name, result, context.tongue)

    def _keys(self) -> tuple[str, ...]:
        """What an answer may not repeat: the words of our headers, and the variables of a program."""
        way = self.entry.way
        values = self._headers.values() if isinstance(way, Http) else way.env.values()
        return tuple(word for value in values for word in value.split())

    def _unknowable(self, why: OutcomeUnknown | None) -> Unknowable:
        if why is None:
            return Unknowable(
                "{system} keeps no record that could be asked whether it was done", system=self.name
            )
        return Unknowable("{why}; it keeps no record that could be asked whether it was done", why=why)

    def _remember(self, key: str, came: Receipt | OutcomeUnknown) -> None:
        self._sent[key] = came
        self._sent.move_to_end(key)
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)


def definition(tool: mcp.Tool) -> Definition:
    """A tool as its server defines it now."""
    claims: Json = (
        tool.annotations.model_dump(by_alias=True, mode="json", exclude_none=True)
        if tool.annotations
        else None
    )
    return Definition(
        name=tool.name,
        title=tool.title or "",
        description=tool.description or "",
        schema=tool.input_schema,
        annotations=claims,
    )


def _keepable(told: Definition) -> bool:
    """Whether it can be written down at all."""
    try:
        return len(told.name) <= 200 and bool(told.digest)
    except BadInput:
        return False
