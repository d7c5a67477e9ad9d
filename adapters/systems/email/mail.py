"""Mail as a `bot.world.System`: sent over SMTP, and with a mailbox also found, answered and drafted over IMAP.

SMTP keeps no key and answers no question. A mail carries the key of its deed in its id, so after a lost answer the
folder of sent mail can prove that it went out, where the provider keeps one; that it did not go out nobody can prove.
"""

from collections.abc import Awaitable, Callable, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Protocol

from adapters.net.mailservers import Server
from adapters.systems.email import letters, offer, submission
from adapters.systems.email.letters import Received
from adapters.systems.once import Once
from bot.actions import Account, Action, Call, Change, Option, Preview, Receipt, Undo
from bot.errors import BadInput, Unknowable, VigieError
from bot.values import digest
from bot.world import Context, Health

_MOST_LISTED = 50


class Submit(Protocol):
    """`submission.submit`."""

    async def __call__(
        self, letter: EmailMessage, *, sender: str, recipients: Sequence[str], server: Server
    ) -> None: ...


class Mailbox(Protocol):
    """What is asked of a mailbox: `Box`, over IMAP."""

    async def check(self) -> None: ...
    async def found(self, words: str, limit: int) -> tuple[Received, ...]: ...
    async def one(self, message: str) -> Received | None: ...
    async def holds(self, message: str, kind: str) -> bool: ...
    async def keep(self, letter: EmailMessage, kind: str) -> None: ...
    async def discard(self, message: str, kind: str) -> bool: ...


class Mail:
    """One sender. `box` is their mailbox, where there is one."""

    def __init__(
        self,
        *,
        sender: Address,
        server: Server,
        box: Mailbox | None,
        name: str = "email",
        submit: Submit = submission.submit,
        reach: Callable[[Server], Awaitable[None]] = submission.check,
    ) -> None:
        self._name, self._sender, self._server, self._box = name, sender, server, box
        self._submit, self._reach = submit, reach
        self._actions = (*offer.sending(name), *(offer.reading(name) if box else ()))
        self._once = Once()

    @property
    def name(self) -> str:
        return self._name

    def account(self) -> Account:
        """The address mail goes out from."""
        return Account(system=self._name, label=self._sender.addr_spec, live=True)

    def actions(self) -> tuple[Action, ...]:
        return self._actions

    async def preview(self, call: Call, context: Context) -> Preview:
        """What would go out, and to whom. Refuses what no mail can hold."""
        match _verb(call):
            case "send":
                letter = self._letter(call, context, None)
                return _sent(letter, version="new")
            case "reply":
                answered = await self._answered(call, context)
                known = str(call.arguments["to"]).lower() in answered.addresses
                return _sent(
                    self._letter(call, context, answered),
                    version=answered.message,
                    notes=() if known else ("This address has no part in the mail that is answered.",),
                )
            case "draft":
                letter = self._letter(call, context, None)
                return Preview(
                    subject=str(letter["Subject"]), changes=_drafted(letter), version=str(call.digest)[:16]
                )
            case "discard_draft":
                draft = letters.identified(str(call.arguments["draft"]), field="draft")
                await self._there(draft, context)
                return Preview(subject=draft, changes=_discarded(draft), version=digest(draft)[:16])
            case "read":
                await self._answered(call, context)
                return Preview()
            case _:
                return Preview()

    async def run(self, call: Call, context: Context) -> Receipt:
        """Does it, once per `context.key`."""
        match _verb(call):
            case "find":
                return await self._find(call, context)
            case "read":
                mail = await self._answered(call, context)
                return Receipt(id=mail.message, text=mail.subject or mail.message, data=mail.shown())
            case "draft":
                return await self._once(call, context, lambda: self._draft(call, context))
            case "discard_draft":
                return await self._once(call, context, lambda: self._discard(call, context))
            case _:
                return await self._once(call, context, lambda: self._send(call, context))

    async def _find(self, call: Call, context: Context) -> Receipt:
        limit = int(call.arguments["limit"])
        if not 1 <= limit <= _MOST_LISTED:
            raise BadInput("from 1 to {most} can be listed.", most=_MOST_LISTED, field="limit")
        found = await self._mailbox.found(str(call.arguments.get("query", "")), limit)
        return Receipt(
            text=context.tongue.many("{n} mail found.", "{n} mails found.", len(found)),
            data=[mail.shown() for mail in found],
        )

    async def _send(self, call: Call, context: Context) -> Receipt:
        answered = await self._answered(call, context) if _verb(call) == "reply" else None
        letter = self._letter(call, context, answered)
        await self._submit(
            letter, sender=self._sender.addr_spec, recipients=_recipients(letter), server=self._server
        )
        return self._went_out(letter, context)

    def _went_out(self, letter: EmailMessage, context: Context) -> Receipt:
        who = ", ".join(_recipients(letter))
        return Receipt(
            id=str(letter["Message-ID"]), text=context.tongue("The mail went to {recipient}.", recipient=who)
        )

    async def _draft(self, call: Call, context: Context) -> Receipt:
        letter = self._letter(call, context, None)
        await self._mailbox.keep(letter, "Drafts")
        return self._kept(letter, context)

    def _kept(self, letter: EmailMessage, context: Context) -> Receipt:
        message = str(letter["Message-ID"])
        return Receipt(
            id=message,
            text=context.tongue(
                "The mail to {recipient} is among the drafts.", recipient=_recipients(letter)[0]
            ),
            changes=_drafted(letter),
            undo=Undo(action=f"{self._name}.discard_draft", arguments={"draft": message}),
        )

    async def _discard(self, call: Call, context: Context) -> Receipt:
        draft = letters.identified(str(call.arguments["draft"]), field="draft")
        await self._there(draft, context)
        await self._mailbox.discard(draft, "Drafts")
        return _gone(draft, context)

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        """What the mailbox proves. Raises Unknowable where it proves nothing."""
        known = self._once.known(call, context)
        if known is not None:
            return known
        match _verb(call):
            case "draft":
                letter = self._letter(call, context, None)
                there = await self._mailbox.holds(str(letter["Message-ID"]), "Drafts")
                return self._kept(letter, context) if there else None
            case "discard_draft":
                draft = letters.identified(str(call.arguments["draft"]), field="draft")
                return None if await self._mailbox.holds(draft, "Drafts") else _gone(draft, context)
            case _:
                message = letters.id_of(context.key, self._sender)
                if self._box is not None and await self._box.holds(message, "Sent"):
                    who = str(call.arguments["to"])
                    text = context.tongue("The mail went to {recipient}.", recipient=who)
                    return Receipt(id=message, text=text)
                raise Unknowable("nobody can say whether the mail went out; look among the sent ones.")

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        """The newest mails, and who wrote them."""
        if self._box is None or field not in ("message", "to"):
            return ()
        found = [mail for mail in await self._box.found(query, 20) if mail.message and mail.addresses]
        if field == "message":
            return tuple(Option(value=m.message, label=f"{m.sender} · {m.subject}"[:150]) for m in found)
        senders = dict.fromkeys(mail.addresses[0] for mail in found)
        return tuple(Option(value=address, label=address) for address in senders)

    async def check(self) -> Health:
        """Logs in to both servers."""
        try:
            await self._reach(self._server)
            if self._box is not None:
                await self._box.check()
        except VigieError as error:
            return Health.of(error)
        return Health(well=True, text=f"mail goes out from {self._sender.addr_spec}")

    @property
    def _mailbox(self) -> Mailbox:
        if self._box is None:
            raise BadInput("{name} has no mailbox", name=self._name)
        return self._box

    async def _answered(self, call: Call, context: Context) -> Received:
        message = letters.identified(str(call.arguments["message"]), field="message")
        found = await self._mailbox.one(message)
        if found is None:
            raise BadInput("the mailbox holds no mail {message}.", message=message, field="message")
        return found

    async def _there(self, draft: str, context: Context) -> None:
        if not await self._mailbox.holds(draft, "Drafts"):
            raise BadInput("there is no draft {draft}.", draft=draft, field="draft")

    def _letter(self, call: Call, context: Context, answered: Received | None) -> EmailMessage:
        return letters.written(
            call.arguments,
            sender=self._sender,
            key=context.key,
            now=context.now,
            zone=context.zone,
            answered=answered,
        )


def _verb(call: Call) -> str:
    return call.action.partition(".")[2]


def _recipients(letter: EmailMessage) -> list[str]:
    told = [str(value) for name in ("To", "Cc") for value in letter.get_all(name, [])]
    return list(dict.fromkeys(address for _, address in getaddresses(told)))


def _sent(letter: EmailMessage, *, version: str, notes: tuple[str, ...] = ()) -> Preview:
    return Preview(
        subject=str(letter["Subject"]),
        recipient=", ".join(_recipients(letter)),
        version=version,
        notes=notes,
    )


def _drafted(letter: EmailMessage) -> tuple[Change, ...]:
    return (Change(title="Draft", before=None, after=str(letter["Subject"])),)


def _discarded(draft: str) -> tuple[Change, ...]:
    return (Change(title="Draft", before=draft, after=None),)


def _gone(draft: str, context: Context) -> Receipt:
    return Receipt(id=draft, text=context.tongue("The draft is discarded."), changes=_discarded(draft))
