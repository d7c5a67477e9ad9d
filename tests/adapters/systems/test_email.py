"""Mail against a real server for outgoing mail and a real mailbox."""

import smtplib
import ssl
from base64 import b64encode
from collections.abc import Generator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.net.mailservers import Server
from adapters.systems.email import letters
from adapters.systems.email.mail import Mail
from adapters.systems.email.mailbox import Box
from bot.effects import EffectState
from bot.errors import BadInput, Failed, OutcomeUnknown, Unknowable, Unreachable, VigieError
from bot.values import Json
from tests.adapters.net.test_guarded import certificate
from tests.adapters.systems.asking import call, context, preview, run
from tests.adapters.systems.posts import PASSWORD, USER, Post, post
from tests.contracts.systems.sample import NOW
from tests.peers.services import Mailbox, dovecot
from tests.stage import stage

SENDER = letters.mailbox("Vigie <vigie@example.com>", field="sender")
MAIL: dict[str, Json] = {
    "to": "gigi@example.com",
    "subject": "Your lamp",
    "body": "Dear Gigi,\n\nit is on its way.",
}


def smtp_of(port: int, *, scheme: str = "smtp", login: str = "", tls: ssl.SSLContext | None = None) -> Server:
    url = f"{scheme}://{login}127.0.0.1:{port}"
    return Server.read(url, schemes=("smtps", "smtp"), need="url", tls=tls)


def mail(port: int, *, scheme: str = "smtp", login: str = "", tls: ssl.SSLContext | None = None) -> Mail:
    return Mail(sender=SENDER, server=smtp_of(port, scheme=scheme, login=login, tls=tls), box=None)


LOGIN = f"{USER}:{quote(PASSWORD)}@"


async def test_a_mail_goes_out_as_the_card_said() -> None:
    with post() as server:
        system = mail(server.port)
        card = await preview(system, "send", **MAIL, cc="mark@example.com")
        assert (card.subject, card.recipient) == ("Your lamp", "gigi@example.com, mark@example.com")
        receipt = await run(system, "send", **MAIL, cc="mark@example.com")
    (letter,) = server.letters()
    assert server.kept[0].rcpt_tos == ["gigi@example.com", "mark@example.com"]
    assert server.kept[0].mail_from == "vigie@example.com"
    assert letter["From"] == "Vigie <vigie@example.com>"
    assert (letter["To"], letter["Cc"], letter["Subject"]) == (
        "gigi@example.com",
        "mark@example.com",
        "Your lamp",
    )
    assert letter["Message-ID"] == receipt.id == "<eff_1.vigie@example.com>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().strip().replace("\r\n", "\n") == MAIL["body"]
    assert letter["Date"] == "Sat, 21 Nov 2026 13:00:00 +0100"


async def test_a_refusal_that_repeats_the_password_is_told_without_it() -> None:
    """As it is, as it stands in an address, and as it goes over the wire. SAFETY 89"""
    wire = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    with post(login=True, plain=True) as server:
        server.refuse[str(MAIL["to"])] = f"550 no: {PASSWORD} {quote(PASSWORD, safe='')} {wire}"
        with pytest.raises(Failed) as refused:
            await run(mail(server.port, login=LOGIN), "send", **MAIL)
    assert "550 no:" in str(refused.value)
    assert not [each for each in (PASSWORD, quote(PASSWORD, safe=""), wire) if each in str(refused.value)]


async def test_accents_a_file_and_the_thread_arrive() -> None:
    with post() as server:
        await run(
            mail(server.port),
            "send",
            to="gigi@example.com",
            subject="Reçu — été",
            body="Voilà ☂\n" + "é" * 2_000,
            in_reply_to="a1@shop.example.com",
            file_name="résumé.csv",
            file="a;b\n1;é\n",
        )
    (letter,) = server.letters()
    assert letter["Subject"] == "Reçu — été"
    assert letter["In-Reply-To"] == letter["References"] == "<a1@shop.example.com>"
    (attached,) = letter.iter_attachments()
    assert isinstance(attached, EmailMessage)
    assert (attached.get_filename(), attached.get_content_type()) == ("résumé.csv", "text/csv")
    assert attached.get_content().replace("\r\n", "\n") == "a;b\n1;é\n"
    body = letter.get_body()
    assert body is not None
    assert body.get_content().startswith("Voilà ☂")
    assert all(
        len(line) <= 998 and line.isascii() for line in (server.kept[0].original_content or b"").splitlines()
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "a\nBcc: evil@example.net"),
        ("subject", "a\r\nBcc: evil@example.net"),
        ("subject", "a\u2028b"),
        ("subject", "a\x0bb"),
        ("in_reply_to", "<a@b>\nX: y"),
        ("in_reply_to", "no id"),
        ("to", "a@example.com, b@example.com"),
        ("to", "a@example.com\nBcc: b@example.com"),
        ("to", "a@localhost"),
        ("to", '"a b"@example.com'),
        ("to", "é@example.com"),
        ("cc", "<a@example.com>"),
        ("file_name", "a\nb.txt"),
        ("file_name", "../../etc/passwd"),
        ("file_name", ".profile"),
    ],
)
async def test_what_no_mail_can_hold_is_refused_before_anybody_is_asked(field: str, value: str) -> None:
    with post() as server:
        system = mail(server.port)
        more = {"file": "x"} if field == "file_name" else {}
        with pytest.raises(BadInput) as refusal:
            await preview(system, "send", **{**MAIL, **more, field: value})
        assert refusal.value.field == field
        with pytest.raises(BadInput):
            await run(system, "send", **{**MAIL, **more, field: value})
    assert server.kept == []


@pytest.mark.parametrize("half", [{"file": "x"}, {"file_name": "a.txt"}])
async def test_a_file_has_a_name_and_a_text(half: dict[str, Json]) -> None:
    with pytest.raises(BadInput, match="a name and a text"):
        await preview(mail(1), "send", **MAIL, **half)


@given(
    subject=st.text(max_size=200),
    body=st.text(max_size=500),
    name=st.text(max_size=50),
    answer=st.text(max_size=50),
)
def test_nothing_that_is_written_becomes_a_header(subject: str, body: str, name: str, answer: str) -> None:
    """Every text is a mail with exactly our headers, or is refused."""
    arguments = {
        "to": "a@example.com",
        "subject": subject,
        "body": body,
        "in_reply_to": answer,
        "file_name": name,
    }
    try:
        letter = letters.written(
            {**arguments, "file": "x" if name else ""}, sender=SENDER, key="k", now=NOW, zone="UTC"
        )
        raw = letter.as_bytes(policy=letters.POLICY)
    except VigieError:
        return
    except UnicodeEncodeError:
        assert not body.isprintable()
        return
    ours = {"from", "to", "subject", "date", "message-id", "auto-submitted", "in-reply-to", "references"}
    ours |= {"content-type", "content-transfer-encoding", "mime-version"}
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    names = [line.partition(b":")[0].decode().lower() for line in head.split(b"\r\n")]
    assert set(names) <= ours
    assert len(names) == len(set(names))


async def test_a_refused_recipient_means_that_nobody_got_it() -> None:
    with post() as server:
        server.refuse = {"mark@example.com": "550 5.1.1 no such user"}
        with pytest.raises(Failed, match=r"does not take mark@example\.com: 550"):
            await run(mail(server.port), "send", **MAIL, cc="mark@example.com")
        server.refuse = {"gigi@example.com": "450 4.2.1 mailbox busy"}
        with pytest.raises(Unreachable, match="450"):
            await run(mail(server.port), "send", **MAIL)
        server.refuse = {"DATA": "554 5.7.1 looks like spam"}
        with pytest.raises(Failed, match="looks like spam"):
            await run(mail(server.port), "send", **MAIL)
        server.refuse = {"DATA": "451 4.3.0 later"}
        with pytest.raises(Unreachable, match="later"):
            await run(mail(server.port), "send", **MAIL)
    assert server.kept == []


async def test_a_server_that_is_not_there_was_given_nothing() -> None:
    with pytest.raises(Unreachable, match="cannot be reached"):
        await run(mail(1), "send", **MAIL)
    assert not (await mail(1).check()).well


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it speaks TLS, and is not told
async def test_tls_is_verified_and_the_password_is_shown_to_nobody(tmp_path: Path) -> None:
    """SAFETY 89: a wrong password and a broken certificate are told without either."""
    theirs, ours = certificate(tmp_path, "127.0.0.1")
    for starttls in (False, True):
        with post(theirs, starttls=starttls, login=True) as server:
            scheme = "smtp" if starttls else "smtps"
            good = mail(server.port, scheme=scheme, login=LOGIN, tls=ours)
            health = await good.check()
            assert health.well, health.text
            await run(good, "send", **MAIL)
            wrong = mail(server.port, scheme=scheme, login="vigie:wrong-canary@", tls=ours)
            with pytest.raises(Failed, match="name and password") as refusal:
                await run(wrong, "send", **MAIL)
            assert "canary" not in f"{refusal.value!r} {refusal.value} {smtp_of(1, login=LOGIN)!r}"
            untrusting = mail(server.port, scheme=scheme, login=LOGIN)
            with pytest.raises(Failed, match="certificate"):
                await run(untrusting, "send", **MAIL)
        assert len(server.kept) == 1


async def test_no_password_goes_over_a_wire_without_tls() -> None:
    with post() as server:
        elsewhere = Server(
            scheme="smtp", host="localhost.localdomain", port=server.port, user="a", password="b"
        )
        assert not elsewhere.here
        with pytest.raises((Unreachable, Failed)):
            await run(Mail(sender=SENDER, server=elsewhere, box=None), "send", **MAIL)
    assert server.kept == []


async def test_a_line_cut_after_the_mail_was_taken_leaves_it_unknown_with_a_question(tmp_path: Path) -> None:
    with post() as server:
        server.hang_up = True
        async with stage(tmp_path, systems={"email": mail(server.port)}) as s:
            await s.say('do email.send to=gigi@example.com subject="Your lamp" body=hello')
            (unknown,) = await s.look(lambda tx: tx.effects.in_state(EffectState.UNKNOWN))
            assert "nobody can say whether the mail went out" in unknown.error
        server.hang_up = False
        async with stage(tmp_path, systems={"email": mail(server.port)}):
            pass
    assert len(server.kept) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://mail.example.com",
        "smtp://",
        "smtp://user@mail.example.com",
        "smtp://a:b@h:port",
        "smtp://a:b@h:99999",
    ],
)
def test_an_address_of_a_server_that_cannot_be_read_is_not_quoted(url: str) -> None:
    with pytest.raises(BadInput) as refusal:
        Server.read(url, schemes=("smtps", "smtp"), need="url")
    assert "reads like smtps://" in str(refusal.value)


# With a mailbox ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def box() -> Generator[Mailbox]:
    with dovecot() as running:
        yield running


def imap_of(box: Mailbox) -> Server:
    tls = ssl.create_default_context(cafile=str(box.certificate))
    url = f"imaps://{quote(box.user)}:{quote(box.password)}@localhost:{box.imaps}/INBOX"
    return Server.read(url, schemes=("imaps", "imap"), need="mailbox", tls=tls)


def whole(server: Post | None, box: Mailbox) -> Mail:
    return Mail(sender=SENDER, server=smtp_of(server.port if server else 1), box=Box(imap_of(box)))


async def deliver(box: Mailbox, **headers: str) -> None:
    letter = EmailMessage(policy=default)
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content("Where is my lamp?\n")
    with smtplib.LMTP("127.0.0.1", box.lmtp) as line:
        line.sendmail("x@example.com", box.user, letter.as_bytes())


@pytest.mark.peer("dovecot")
async def test_a_mail_is_found_read_and_answered_in_its_thread(box: Mailbox) -> None:
    await deliver(
        box,
        From="Gigi Hamilton <gigi@example.com>",
        To=box.user,
        Subject="The lamp zanzibar",
        Message_ID="<lamp-2@example.com>",
        References="<lamp-1@example.com>",
    )
    with post() as server:
        system = whole(server, box)
        assert (await system.check()).well
        found = await run(system, "find", query="zanzibar")
        assert [(each["message"], each["from"]) for each in found.data] == [
            ("<lamp-2@example.com>", "Gigi Hamilton <gigi@example.com>")
        ]
        assert (await run(system, "find", query='x" OR ALL')).data == []
        read = await run(system, "read", message="<lamp-2@example.com>")
        assert read.data["text"] == "Where is my lamp?"
        assert not [path for path in box.stored() if "S" in path.name.rpartition(",")[2]], "only peeked at"
        (option, *_) = await system.options(system.actions()[3], "to", "zanzibar", context())
        assert option.value == "gigi@example.com"
        card = await preview(
            system, "reply", message="<lamp-2@example.com>", to="gigi@example.com", body="Soon."
        )
        assert (card.subject, card.notes) == ("Re: The lamp zanzibar", ())
        other = await preview(
            system, "reply", message="<lamp-2@example.com>", to="evil@example.net", body="Soon."
        )
        assert other.notes == ("This address has no part in the mail that is answered.",)
        await run(system, "reply", message="<lamp-2@example.com>", to="gigi@example.com", body="Soon.")
    (letter,) = server.letters()
    assert letter["In-Reply-To"] == "<lamp-2@example.com>"
    assert letter["References"] == "<lamp-1@example.com> <lamp-2@example.com>"
    assert letter["Subject"] == "Re: The lamp zanzibar"
    with pytest.raises(BadInput) as refusal:
        await preview(system, "reply", message="<nobody@example.com>", to="gigi@example.com", body="x")
    assert refusal.value.field == "message"


@pytest.mark.peer("dovecot")
async def test_a_draft_lies_in_the_mailbox_and_its_undo_takes_it_out(box: Mailbox) -> None:
    system = whole(None, box)
    receipt = await run(system, "draft", "eff_draft", **MAIL)
    assert await system.look_up(call(system, "draft", **MAIL), context("eff_draft")) is not None
    fresh = whole(None, box)
    found = await fresh.look_up(call(fresh, "draft", **MAIL), context("eff_draft"))
    assert found is not None
    assert found.id == receipt.id
    await fresh.run(call(fresh, "draft", **MAIL), context("eff_draft"))  # the same key: still one
    assert len([path for path in box.stored() if b"eff_draft" in path.read_bytes()]) == 1
    assert receipt.undo is not None
    back = call(system, "discard_draft", **receipt.undo.arguments)
    assert await system.look_up(back, context("eff_back")) is None
    await system.run(back, context("eff_back"))
    assert await fresh.look_up(back, context("eff_back")) is not None
    with pytest.raises(BadInput):
        await preview(system, "discard_draft", draft=receipt.id)


@pytest.mark.peer("dovecot")
async def test_the_folder_of_sent_mail_proves_that_one_went_out(box: Mailbox) -> None:
    """As providers do that keep what is submitted to them."""
    with post() as server:
        server.hang_up = True
        system = whole(server, box)
        with pytest.raises(OutcomeUnknown):
            await run(system, "send", "eff_sent", **MAIL)
        with pytest.raises(Unknowable):
            await system.look_up(call(system, "send", **MAIL), context("eff_sent"))
        await Box(imap_of(box)).keep(server.letters()[0], "Sent")
        found = await system.look_up(call(system, "send", **MAIL), context("eff_sent"))
        assert found is not None
        assert found.id == "<eff_sent.vigie@example.com>"


@pytest.mark.peer("dovecot")
async def test_the_mailbox_refuses_in_words(box: Mailbox) -> None:
    """SAFETY 89: without the password that it refuses."""
    good = imap_of(box)
    for server, what in (
        (replace(good, password="wrong-canary"), "name and password"),
        (replace(good, tls=None), "certificate"),
        (replace(good, port=1), "cannot be reached"),
    ):
        lost = Mail(sender=SENDER, server=smtp_of(1), box=Box(server))
        with pytest.raises((Failed, Unreachable), match=what) as refusal:
            await run(lost, "find")
        assert "canary" not in f"{refusal.value!r} {server!r}"
