"""What mail can do: its actions. Those that need the mailbox are offered where there is one. Definitions only."""

from bot.actions import Action, Field, Kind, Part, Reversal, Risk

_TO = Field(
    name="to",
    title="To",
    help="The e-mail address it goes to.",
    kind=Kind.EMAIL,
    part=Part.RECIPIENT,
)
_CC = Field(
    name="cc",
    title="Copy to",
    help="An e-mail address that gets a copy.",
    kind=Kind.EMAIL,
    part=Part.RECIPIENT,
    required=False,
)
_SUBJECT = Field(name="subject", title="Subject", part=Part.CONTENT, longest=300)
_BODY = Field(name="body", title="Text", kind=Kind.LONG_TEXT, part=Part.CONTENT, longest=50_000)
_IN_REPLY_TO = Field(
    name="in_reply_to",
    title="In reply to",
    help="The id of the mail it answers, for example <a1@example.com>.",
    required=False,
    longest=400,
)
_FILES = (
    Field(
        name="file_name",
        title="File name",
        help="For a text that goes along as a file, for example report.csv.",
        required=False,
        part=Part.CONTENT,
        longest=120,
    ),
    Field(
        name="file",
        title="File",
        help="The text of that file.",
        kind=Kind.LONG_TEXT,
        required=False,
        part=Part.CONTENT,
        longest=200_000,
    ),
)
_MESSAGE = Field(
    name="message",
    title="Mail",
    help="The id of a mail in the mailbox, for example <a1@example.com>.",
    kind=Kind.OBJECT,
    part=Part.OBJECT,
    longest=400,
)


def sending(name: str) -> tuple[Action, ...]:
    """What a server for outgoing mail is enough for."""
    return (
        Action(
            name=f"{name}.send",
            title="Send a mail",
            help="Sends an e-mail. What was sent cannot be taken back.",
            risk=Risk.R2,
            fields=(_TO, _CC, _SUBJECT, _BODY, _IN_REPLY_TO, *_FILES),
        ),
    )


def reading(name: str) -> tuple[Action, ...]:
    """What needs the mailbox, too."""
    return (
        Action(
            name=f"{name}.find",
            title="Find mails",
            help="Lists mails of the mailbox that hold all the words, the newest first. Nothing is marked as read.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(
                Field(
                    name="query",
                    title="Search words",
                    help="Words of the mail, its subject or an address. Leave empty for all.",
                    required=False,
                    longest=200,
                ),
                Field(
                    name="limit",
                    title="At most",
                    help="How many to list, from 1 to 50.",
                    kind=Kind.INTEGER,
                    default=10,
                ),
            ),
        ),
        Action(
            name=f"{name}.read",
            title="Read a mail",
            help="The text of one mail. It is not marked as read.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(_MESSAGE,),
        ),
        Action(
            name=f"{name}.reply",
            title="Answer a mail",
            help="Sends an answer that stands in the thread of the mail.",
            risk=Risk.R2,
            fields=(_MESSAGE, _TO, _CC, _BODY, *_FILES),
        ),
        Action(
            name=f"{name}.draft",
            title="Draft a mail",
            help="Puts a mail among the drafts of the mailbox, for somebody to look at and send.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(_TO, _CC, _SUBJECT, _BODY, _IN_REPLY_TO, *_FILES),
        ),
        Action(
            name=f"{name}.discard_draft",
            title="Discard a draft",
            help="Deletes a draft that was put into the mailbox here.",
            risk=Risk.R3,
            fields=(
                Field(
                    name="draft",
                    title="Draft",
                    help="The id of the draft.",
                    part=Part.OBJECT,
                    longest=400,
                ),
            ),
        ),
    )
