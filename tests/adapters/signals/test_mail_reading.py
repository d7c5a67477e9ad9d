"""What is told of a mail, and what a mail can do to the process that reads it."""

import asyncio
import inspect
from collections.abc import AsyncGenerator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.net.mailservers import Server
from adapters.signals.mailbox import extraction
from adapters.signals.mailbox.door import servers
from adapters.signals.mailbox.drawing import signal, unreadable
from adapters.signals.mailbox.reader import MailReader
from bot.errors import BadInput


def letter(text: str = "words", *, html: str = "", subject: str = "Facture n° 42") -> EmailMessage:
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = "Zoé <Zoe@Example.test>", "ops@example.test", subject
    found.set_content(text)
    if html:
        found.add_alternative(html, subtype="html")
    return found


@pytest.fixture
async def reader() -> AsyncGenerator[MailReader]:
    found = MailReader(patience=5)
    yield found
    await found.close()


async def test_who_what_and_the_words_are_told(reader: MailReader) -> None:
    sent = letter("Bonjour,\nla facture est jointe.", html="<p>not this</p>")
    sent.add_attachment("day;n\n1;2\n", subtype="csv", filename="données.csv")
    told = await reader.read(sent.as_bytes())
    assert told is not None
    assert (told["sender"], told["address"]) == ("Zoé <Zoe@Example.test>", "zoe@example.test")
    assert told["subject"] == "Facture n° 42"
    assert told["text"] == "Bonjour,\nla facture est jointe."
    assert told["recipients"] == ["ops@example.test"]
    assert told["attachments"] == [
        {"name": "données.csv", "type": "text/csv", "size": 10, "text": "day;n\n1;2\n"}
    ]


def test_html_is_told_as_it_would_be_seen() -> None:
    page = (
        "<html><head><title>t</title><style>p{}</style></head><body><p>Hello&nbsp;<b>you</b></p><script>evil()</script>"
        "<div style='display: none'>pay <p>eve</p> now</div><br><img src='http://x/y'><ul><li>one<li>two</ul>"
    )
    assert extraction.shown(page) == "Hello you\none\ntwo"
    assert extraction.shown("<p>" * 50_000 + "deep") == "deep"


async def test_a_mail_that_ends_its_reader_is_told_as_unread_and_the_next_one_is_read(tmp_path: Path) -> None:
    program = tmp_path / "reading.py"
    program.write_text(
        "import sys, time\n"
        "source = sys.stdin.buffer\n"
        "while len(head := source.read(8)) == 8:\n"
        "    raw = source.read(int.from_bytes(head, 'big'))\n"
        "    if raw == b'die': sys.exit(1)\n"
        "    if raw == b'stay': time.sleep(60)\n"
        "    if raw == b'long': print('x' * 9_000_000, flush=True)\n"
        "    print('{\"text\": \"' + raw.decode() + '\"}', flush=True)\n"
    )
    reader = MailReader(patience=1, program=program)
    for raw in (b"die", b"stay", b"long"):
        assert await reader.read(raw) is None
        assert await reader.read(b"good") == {"text": "good"}
    await reader.close()


@pytest.mark.skipif(extraction.resource is None, reason="this system sets no limits")
@pytest.mark.parametrize("deed", ["bytearray(2**31)", "while True: pass"])
async def test_reading_has_no_more_memory_and_time_than_it_was_given(deed: str, tmp_path: Path) -> None:
    """The same program with a mail that makes it want more."""
    source = inspect.getsource(extraction)
    border = "    letter = BytesParser"
    assert source.count(border) == 1
    program = tmp_path / "reading.py"
    program.write_text(
        source.replace("CPU_SECONDS = 5", "CPU_SECONDS = 1").replace(
            border, f"    if raw == b'more':\n        {deed}\n{border}"
        )
    )
    reader = MailReader(patience=30, program=program)
    async with asyncio.timeout(20):
        assert await reader.read(b"more") is None
        assert await reader.read(letter().as_bytes()) is not None
    await reader.close()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2_000))
def test_whatever_comes_is_told_or_left_out(raw: bytes) -> None:
    for each in (
        raw,
        b"From: " + raw,
        b"Content-Type: multipart/mixed; boundary=" + raw + b"\r\n\r\n--" + raw,
    ):
        told: dict[str, Any] = extraction.read(each)
        drawn = signal("ops", told, size=len(each), many=False)
        assert drawn.source == "mail:ops"
        str(drawn).encode()


def test_of_a_mail_nobody_could_read_its_plain_lines_are_told() -> None:
    told = unreadable(b"Subject: hello\r\n there\r\nFROM: =?utf-8?q?Zo=C3=A9?= <Zoe@example.test>\r\n")
    assert told["address"] == "zoe@example.test"
    assert told["subject"] == "hello"
    assert unreadable(b"")["address"] == ""


def test_the_mailboxes_of_the_setting_are_known_by_name() -> None:
    found = servers(
        "imaps://ops%40example.test:p%2Cw%40x@mail.example.test/INBOX, imap://me:pw@localhost:1143/Alerts%2FDisk"
    )
    assert list(found) == ["ops@example.test", "me@localhost/alerts/disk"]
    assert found["ops@example.test"].password == "p,w@x"
    assert isinstance(found["me@localhost/alerts/disk"], Server)
    assert servers("") == {}


@pytest.mark.parametrize(
    "wrong",
    [
        "imaps://a:Canary1@x/INBOX,imaps://a:Canary2@x",
        "https://a:Canary@x",
        "imaps://mail.example.test",
        "Canary",
    ],
)
def test_a_setting_that_cannot_be_read_is_refused_without_being_quoted(wrong: str) -> None:
    with pytest.raises(BadInput) as refused:
        servers(wrong)
    assert "IMAP_URL" in str(refused.value)
    assert "Canary" not in str(refused.value)
