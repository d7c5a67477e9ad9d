"""Mail over a real server (Dovecot): what comes in wakes who waits for it, once, whatever happens to the line, to the
mailbox or to us, and whatever is in it.
"""

import asyncio
import smtplib
import ssl
import time
import zipfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from imaplib import IMAP4
from io import BytesIO
from pathlib import Path

import pytest

from adapters.net.mailservers import Server
from adapters.signals.mailbox import MailDoor, servers
from adapters.signals.mailbox.watch import Pace
from bot.events import Event, Signal
from tests.peers.processes import folder_for
from tests.peers.services import Mailbox, dovecot
from tests.stage import Stage, stage
from tests.stories.peers.record import until
from tests.twins.office import Office

pytestmark = pytest.mark.peer("dovecot")

QUICK = Pace(wait=30, poll=0.2, first=0.05, longest=0.2, refused=0.2)
BOB = "bob@example.test"


def mailboxes(box: Mailbox, *, password: str = "", trusts: bool = True) -> dict[str, Server]:
    trust = ssl.create_default_context(cafile=str(box.certificate)) if trusts else None
    word = password or box.password
    url = f"imaps://{box.user.replace('@', '%40')}:{word}@localhost:{box.imaps}/INBOX"
    return dict(servers(url, tls=trust))


@asynccontextmanager
async def watching(s: Stage, found: dict[str, Server]) -> AsyncGenerator[MailDoor]:
    door = MailDoor(found, house=s.house, pace=QUICK)
    await door.open()
    try:
        yield door
    finally:
        async with asyncio.timeout(20):
            await door.close()


async def watched(door: MailDoor, *, well: bool = True) -> None:
    async def look() -> bool:
        return all([(await watch.check()).well == well for watch in door.watches])

    await until(look, "the mailbox was never watched" if well else "nobody saw that the server is gone")


def deliver(box: Mailbox, *mails: bytes | str, sender: str = BOB) -> None:
    with smtplib.LMTP("127.0.0.1", box.lmtp, timeout=30) as line:
        for mail in mails:
            line.sendmail(sender, [box.user], mail)


def mail(subject: str, text: str = "words", *, sender: str = BOB, more: str = "") -> str:
    return f"From: Bob <{sender}>\r\nSubject: {subject}\r\nMessage-ID: <{subject.replace(' ', '.')}@x>\r\n{more}\r\n{text}\r\n"


async def heard(s: Stage) -> Sequence[Signal]:
    """Every mail that was kept, in order."""
    entries = await s.look(lambda tx: tx.ledger.read())
    events: list[Event | None] = [
        await s.look(lambda tx, e=entry: tx.events.get(e.body["event"]))
        for entry in entries
        if entry.kind == "signal"
    ]
    return [event.body for event in events if event is not None and isinstance(event.body, Signal)]


async def comes(s: Stage, count: int) -> Sequence[Signal]:
    async def look() -> Sequence[Signal]:
        found = await heard(s)
        return found if len(found) >= count else ()

    return await until(look, f"{count} mails never came")


async def test_a_mail_wakes_the_mission_that_waits_for_it_within_three_seconds(tmp_path: Path) -> None:
    with dovecot() as box:
        async with stage(tmp_path) as s:
            await s.begin(f"when an e-mail from {BOB} arrives with subject invoice, pay attention")
            async with watching(s, mailboxes(box)) as door:
                await watched(door)
                loop = asyncio.get_running_loop()
                for n in range(3):
                    began = loop.time()
                    deliver(box, mail("lunch"), mail("your Invoice", sender="eve@example.test"))
                    deliver(box, mail(f"Invoice {n}"))
                    await s.chat.until(lambda n=n: any(f"Invoice {n}" in words for words in s.chat.words()))
                    assert loop.time() - began < 3
        told = [words for words in s.chat.words() if "pay attention" in words]
        assert len(told) == 4, "the card, and one report for each mail of his"
        with IMAP4("127.0.0.1", box.imap) as line:
            line.login(box.user, box.password)
            line.select("INBOX", readonly=True)
            assert line.search(None, "SEEN")[1] == [b""], "looking marks nothing as read"


async def test_a_mail_begins_a_procedure_that_files_it(tmp_path: Path) -> None:
    """One run for each of many that come at once, with what stands in that one."""
    office = Office()
    bill = EmailMessage()
    bill["From"], bill["Subject"] = f"Bob <{BOB}>", "Invoice 7"
    bill.set_content("Please pay.")
    bill.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="invoice-7.pdf")
    with dovecot() as box:
        async with stage(tmp_path, systems={"office": office}) as s:
            await s.begin(
                f"procedure bills: whenever a mail from {BOB} arrives with subject invoice, do office.fill record=bills"
                ' values="Subject={mail.subject}; From={mail.sender}; Text={mail.text}; Files={mail.attachments}"'
            )
            async with watching(s, mailboxes(box)) as door:
                await watched(door)
                deliver(box, mail("lunch"), mail("Invoice 8", sender="eve@example.test"))
                deliver(box, bill.as_bytes(), mail("Invoice 9"))

                async def asked() -> bool:
                    await s.forward(timedelta(seconds=6))
                    return len([card for card in s.chat.cards() if card.title == "Fill in a record"]) == 2

                await until(asked, "no card came for each of the two")
                for card in [card for card in s.chat.cards() if card.title == "Fill in a record"]:
                    await s.press(card)
    assert sorted(given["values"]["Subject"] for _, given in office.did) == ["Invoice 7", "Invoice 9"]
    values = next(given["values"] for _, given in office.did if given["values"]["Subject"] == "Invoice 7")
    assert values == {
        "Subject": "Invoice 7",
        "From": f"Bob <{BOB}>",
        "Text": "Please pay.",
        "Files": ["invoice-7.pdf"],
    }


async def test_what_came_while_we_were_away_is_heard_once_each(tmp_path: Path) -> None:
    """And what was there before anybody watched is no news."""
    with dovecot() as box:
        deliver(box, mail("old"))
        async with stage(tmp_path) as s:
            await s.begin("when an e-mail arrives, count it")
            async with watching(s, mailboxes(box)) as door:
                await watched(door)
        deliver(box, *(mail(f"n{n}", more="X-A: b\r\n") for n in range(500)))
        async with stage(tmp_path, clock=s.clock, chat=s.chat) as s:
            async with watching(s, mailboxes(box)):
                await comes(s, 500)
            # Once more from where we are: there is nothing left.
            async with watching(s, mailboxes(box)) as door:
                await watched(door)
            found = await heard(s)
            assert sorted(each.name for each in found) == sorted(f"n{n}" for n in range(500))
            await s.forward(timedelta(seconds=10))
            told = [words for words in s.chat.words() if "n499" in words or "more" in words]
            assert told
            assert await s.look(lambda tx: tx.events.count_open()) == 0


async def test_a_server_that_is_started_again_while_we_wait_loses_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        with folder_for() as folder:
            with dovecot(folder) as box:
                pass
            ports = {"imap": box.imap, "imaps": box.imaps}
            async with AsyncExitStack() as stack:
                with dovecot(folder, **ports):
                    door = await stack.enter_async_context(watching(s, mailboxes(box)))
                    await watched(door)
                await watched(door, well=False)
                with dovecot(folder, **ports) as again:
                    deliver(again, mail("while you were coming back"))
                    await comes(s, 1)
                    deliver(again, mail("and after"))
                    found = await comes(s, 2)
        assert [each.name for each in found] == ["while you were coming back", "and after"]


async def test_a_mailbox_that_is_made_again_tells_nothing_twice_and_hides_nothing(tmp_path: Path) -> None:
    with dovecot() as box:
        deliver(box, mail("before anybody watched"))
        async with stage(tmp_path) as s, watching(s, mailboxes(box)) as door:
            await watched(door)
            deliver(box, mail("one"), mail("two"))
            await comes(s, 2)
            before = await s.look(lambda tx: tx.mailboxes.get(box.user))
            assert before is not None
            # A mailbox is named by the second in which it is made (RFC 3501, 2.3.1.1): it has to be another.
            await asyncio.sleep(before.validity + 1 - time.time())
            # As a restore from a backup does it: the same mails, counted anew, and one that came meanwhile.
            for file in box.folder.glob("mail/*/dovecot*"):
                file.unlink()
            with IMAP4("127.0.0.1", box.imap) as line:
                line.login(box.user, box.password)
                line.select("INBOX", readonly=True)
            deliver(box, mail("three"))
            found = await comes(s, 3)
            after = await s.look(lambda tx: tx.mailboxes.get(box.user))
            assert after is not None
            assert before.validity != after.validity
            assert [each.name for each in found] == ["one", "two", "three"]


async def test_a_wrong_password_and_a_certificate_nobody_vouches_for_say_what_to_do(tmp_path: Path) -> None:
    with dovecot() as box:
        async with stage(tmp_path) as s:
            for found, words in (
                (
                    mailboxes(box, password="wrong"),
                    "does not accept the name and password; set IMAP_URL anew",
                ),
                (
                    mailboxes(box, trusts=False),
                    "the certificate of localhost does not hold; nothing was sent",
                ),
            ):
                async with watching(s, found) as door:
                    (watch,) = door.watches
                    for health in (await watch.check(), await watch.check()):
                        assert not health.well
                        assert words in health.text
                        assert "wrong" not in health.text
                asked = MailDoor(found, house=s.house, pace=QUICK).watches[0]
                assert words in (await asked.try_once()).text
            assert (await MailDoor(mailboxes(box), house=s.house).watches[0].try_once()).well


async def test_what_is_made_to_break_its_reader_holds_up_nothing(tmp_path: Path) -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 50_000_000)
    packed = EmailMessage()
    packed["From"], packed["Subject"] = BOB, "bomb"
    packed.set_content("see the file")
    packed.add_attachment(bomb.getvalue(), maintype="application", subtype="zip", filename="../../bomb.zip")
    nested = (
        b"From: bob@example.test\r\nSubject: nested\r\n"
        + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 3_000
    )
    broken = b"From: =?utf-8?q?=ff=fe?= <bob@example.test>\r\nSubject: =?x?b?###\r\nContent-Type: text/plain; charset=nobody\r\n\r\n\xff\xfe\x00 words\r\n"
    huge = b"From: bob@example.test\r\nSubject: huge\r\n\r\n" + b"a long line of words\r\n" * 600_000
    odd = b"From: bob@example.test\r\nSubject: " + b"=?utf-8?q?" + b"=C3=A9" * 20_000 + b"?=\r\n\r\nx\r\n"
    mails = [packed.as_bytes(), nested, broken, huge, odd, mail("last").encode()]
    with dovecot() as box:
        async with stage(tmp_path) as s, watching(s, mailboxes(box)) as door:
            await watched(door)
            for each in mails:
                deliver(box, each)
            found = await comes(s, len(mails))
    assert all(each.labels["from"] == BOB for each in found)
    assert [found[0].name, found[1].name, found[3].name, found[5].name] == ["bomb", "nested", "huge", "last"]
    assert found[0].body["attachments"][0]["name"] == "../../bomb.zip"
    assert "text" not in found[0].body["attachments"][0], "nothing is unpacked"
    assert "words" in found[2].body["text"]
    assert len(found[3].body["text"]) == 20_000
    assert found[3].body["cut"]
