"""A mail as it goes out, built from plain values, and what is told of one that came in. Pure.

Nothing a person or a mind writes can become a header: values that hold control characters are refused, and the
standard library folds and encodes the rest. The id of a mail is made of the key of its deed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, parseaddr
from zoneinfo import ZoneInfo

from bot.errors import BadInput
from bot.values import Json

POLICY = SMTP.clone(cte_type="7bit")
LONGEST_FILE = 200_000
"""Characters of a text that goes along as a file."""
_MESSAGE_ID = re.compile(r"<[^\s<>@]{1,200}@[^\s<>@]{1,200}>")
_USER = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_DOTS = re.compile(r"^\.|\.\.|\.$")
_FILE_NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,120}")
_MOST_REFERENCES = 20


def mailbox(text: str, *, field: str) -> Address:
    """`Vigie <vigie@example.com>` or a bare address, its domain in ASCII. Raises BadInput naming the field."""
    if not text.isprintable():
        raise BadInput("{text} is not an e-mail address", text=repr(text), field=field)
    name, address = parseaddr(text)
    user, _, domain = address.rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    if not _USER.fullmatch(user) or not _DOMAIN.fullmatch(host) or _DOTS.search(user):
        raise BadInput("{text} is not an e-mail address", text=repr(text), field=field)
    return Address(display_name=name, addr_spec=f"{user}@{host}")


def id_of(key: str, sender: Address) -> str:
    """The id of the mail that is sent under a key: the same again for the same key."""
    return f"<{re.sub(r'[^A-Za-z0-9_.-]', '-', key)}.vigie@{sender.domain}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What is told of a mail in the box. `message` is its id, `thread` the ids of those before it."""

    message: str
    sender: str
    addresses: tuple[str, ...]
    subject: str
    at: str
    text: str
    thread: tuple[str, ...] = ()

    def shown(self) -> dict[str, Json]:
        """As data for whoever reads on."""
        return {
            "message": self.message,
            "from": self.sender,
            "subject": self.subject,
            "date": self.at,
            "text": self.text,
        }


def written(
    arguments: Mapping[str, Json],
    *,
    sender: Address,
    key: str,
    now: datetime,
    zone: str,
    answered: Received | None = None,
) -> EmailMessage:
    """The mail of these arguments. Raises BadInput for what no mail can hold."""
    letter = EmailMessage(policy=POLICY)
    letter["From"] = sender
    letter["To"] = mailbox(str(arguments["to"]), field="to")
    if arguments.get("cc"):
        letter["Cc"] = mailbox(str(arguments["cc"]), field="cc")
    letter["Subject"] = _one_line(subject_of(arguments, answered), field="subject")
    letter["Date"] = format_datetime(now.astimezone(ZoneInfo(zone)))
    letter["Message-ID"] = id_of(key, sender)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine need answer it
    thread = _thread(arguments, answered)
    if thread:
        letter["In-Reply-To"] = thread[-1]
        letter["References"] = " ".join(thread)
    letter.set_content(str(arguments["body"]))
    _attach(letter, arguments)
    return letter


def subject_of(arguments: Mapping[str, Json], answered: Received | None) -> str:
    """Its own, or that of the mail it answers."""
    if arguments.get("subject") or answered is None:
        return str(arguments.get("subject", ""))
    subject = " ".join(answered.subject.split())[:300]
    return subject if re.match(r"(?i)(re|aw|ré)\s*:", subject) else f"Re: {subject}"


def _thread(arguments: Mapping[str, Json], answered: Received | None) -> tuple[str, ...]:
    if answered is not None:
        kept = answered.thread[:1] + answered.thread[1:][-_MOST_REFERENCES:]
        return (*kept, answered.message)
    named = str(arguments.get("in_reply_to", ""))
    return (identified(named, field="in_reply_to"),) if named else ()


def identified(text: str, *, field: str) -> str:
    """The id of a mail, with its brackets. Raises BadInput."""
    whole = text if text.startswith("<") else f"<{text}>"
    if not _MESSAGE_ID.fullmatch(whole):
        raise BadInput(
            "{text} is not the id of a mail, for example <a1@example.com>", text=repr(text), field=field
        )
    return whole


def _attach(letter: EmailMessage, arguments: Mapping[str, Json]) -> None:
    text, name = str(arguments.get("file", "")), str(arguments.get("file_name", ""))
    if bool(text) != bool(name):
        raise BadInput("a file has a name and a text", field="file_name" if text else "file")
    if not text:
        return
    if not _FILE_NAME.fullmatch(name) or name.startswith("."):
        raise BadInput("{text} is not the name of a file", text=repr(name), field="file_name")
    kinds = {"csv": "csv", "md": "markdown", "html": "html", "ics": "calendar"}
    subtype = kinds.get(name.rpartition(".")[2].lower(), "plain")
    letter.add_attachment(text, subtype=subtype, filename=name)


def _one_line(text: str, *, field: str) -> str:
    if not text.isprintable():
        raise BadInput("this is one line, without characters that cannot be seen", field=field)
    return text


def received(letter: EmailMessage, *, longest: int = 2_000) -> Received:
    """What is told of a mail that came in. Nothing in it is believed, and a broken one is told as far as it goes."""
    body = letter.get_body(("plain", "html"))
    try:
        text = str(body.get_content()) if body is not None else ""
    except (LookupError, KeyError, UnicodeError):
        text = ""
    answers = [str(letter.get(name, "")) for name in ("Reply-To", "From")]
    others = [str(value) for name in ("To", "Cc") for value in letter.get_all(name, [])]
    known = [address for _, address in getaddresses([*answers, *others]) if "@" in address]
    return Received(
        message=next(iter(_MESSAGE_ID.findall(str(letter.get("Message-ID", "")))), ""),
        sender=_flat(str(letter.get("From", ""))),
        addresses=tuple(dict.fromkeys(address.lower() for address in known)),
        subject=_flat(str(letter.get("Subject", ""))),
        at=_flat(str(letter.get("Date", ""))),
        text=text.strip()[:longest],
        thread=tuple(_MESSAGE_ID.findall(str(letter.get("References", letter.get("In-Reply-To", ""))))),
    )


def _flat(text: str) -> str:
    return " ".join(text.split())[:300]
