"""What is waited for: a mail, as the words between “when” and the first comma say it. Pure.

`an e-mail from bob@example.com arrives with subject invoice`, `un e-mail de bob@example.com arrive avec pour objet
facture`. Words that are no such sentence to their end are None: they name some other signal.
"""

import re

from bot.errors import BadInput
from bot.missions import OnMail
from bot.values import Json
from bot.watchwords import folded

ANY = "*"
"""Said for a mailbox, it is any of them."""

_QUOTES = " \t«»“”\"'’\u00a0\u202f"
_MAIL = re.compile(
    r"(?:(?:i|we|someone|somebody)\s+(?:gets?|receives?)\s+|(?:je\s+re[çc]ois|on\s+re[çc]oit|nous\s+recevons)\s+)?"
    r"(?:(?:an?|any|the|un|une|le|la|l['’]|du|de\s+l['’])\s*)?(?:new\s+|nouve(?:l|au)\s+)?"
    r"(?:e-?mails?|courriels?|mails?)(?=[\s]|$)",
    re.IGNORECASE,
)
_ARRIVES = re.compile(
    r"\s*\b(?:arrives?|comes?\s+in|is\s+received|lands|arrivent|est\s+re[çc]u)(?=\s|$)", re.IGNORECASE
)
_PARTS = re.compile(
    r"\s+(?:"
    r"(?P<about>(?:with\s+(?:the\s+)?(?:words?\s+)?(?:subject|title)(?:\s+(?:containing|with))?|"
    r"whose\s+subject\s+(?:contains|is|says)|about|"
    r"avec\s+(?:pour\s+|comme\s+|l['’]\s*|le\s+)?(?:objet|sujet)|ayant\s+pour\s+objet|"
    r"dont\s+(?:l['’]\s*objet|le\s+sujet)\s+(?:contient|est|dit)|"
    r"au\s+sujet\s+d(?:e\s+|u\s+|es\s+|['’]\s*)|à\s+propos\s+d(?:e\s+|u\s+|es\s+|['’]\s*)))"
    r"|(?P<sender>from|sent\s+by|de\s+la\s+part\s+de|envoyé\s+par|venant\s+de|provenant\s+de|de|du|d['’])"
    r"|(?P<box>in|into|to|dans|sur|à|pour)"
    r")(?=[\s«“\"']|(?<=['’]))\s*",
    re.IGNORECASE,
)
_FROM = re.compile(r"\s+(?:from|de|to|in|dans)\s+[^\s@]*@[^\s@]+", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@]*@[^\s@]+")


def mail(clause: str) -> dict[str, Json] | None:
    """The arguments of the mail that is meant, or None when the words are not about one."""
    begins = _MAIL.match(clause.strip())
    if begins is None:
        return None
    rest = _ARRIVES.sub("", clause.strip()[begins.end() :], count=1)
    found: dict[str, Json] = {}
    while rest.strip(_QUOTES):
        part = _PARTS.match(rest if rest[:1].isspace() else f" {rest}")
        if part is None or part.lastgroup is None:
            return None
        text = (rest if rest[:1].isspace() else f" {rest}")[part.end() :]
        name = {"about": "mail_subject", "sender": "mail_from", "box": "mailbox"}[part.lastgroup]
        value, rest = _value(text, name)
        if not value or name in found or (name == "mailbox" and not _ADDRESS.match(value)):
            return None
        found[name] = value
    return found or {"mailbox": ANY}


def _value(text: str, name: str) -> tuple[str, str]:
    """What stands there, and what follows it: quoted words, an address, or the words up to the next part."""
    quoted = re.match(r"\s*[«“\"]\s*([^»”\"]+?)\s*[»”\"]", text)
    if quoted:
        return quoted[1], text[quoted.end() :]
    if name != "mail_subject" and (address := re.match(r"\s*([^\s@]*@[^\s@]+|[\w-]+(?:\.[\w-]+)+)", text)):
        return address[1].strip("<>"), text[address.end() :]
    # A subject may hold any words; only an address ends it.
    following = (_FROM if name == "mail_subject" else _PARTS).search(text)
    end = following.start() if following else len(text)
    return text[:end].strip(_QUOTES), text[end:]


def awaited(sender: str, subject: str, mailbox: str) -> OnMail:
    """The trigger that these words mean; what is empty is no condition. Raises BadInput."""
    sender, subject, mailbox = sender.strip(), subject.strip(), mailbox.strip()
    if subject and not folded(subject):
        raise BadInput("mail_subject: name at least one word", field="mail_subject")
    return OnMail(id="mail", sender=sender, subject=subject, mailbox="" if mailbox == ANY else mailbox)
