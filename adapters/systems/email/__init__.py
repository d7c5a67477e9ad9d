"""Mail, over a server for outgoing mail and a mailbox, whoever runs them."""

from adapters.systems.vendors import Login, Need, Vendor
from bot.world import System

__all__ = ["VENDOR"]


def _open(login: Login) -> System:
    # Imported here: it brings libraries for mail, and who sends none does not pay for them.
    from adapters.net.mailservers import Server  # noqa: PLC0415
    from adapters.systems.email import letters  # noqa: PLC0415
    from adapters.systems.email.mail import Mail  # noqa: PLC0415
    from adapters.systems.email.mailbox import Box  # noqa: PLC0415

    # Several may be watched; the account that mail goes out from has the first.
    imap = login.value("mailbox").partition(",")[0].strip()
    return Mail(
        name=login.name,
        sender=letters.mailbox(login.required("sender"), field="sender"),
        server=Server.read(login.required("server"), schemes=("smtps", "smtp"), need="server"),
        box=Box(Server.read(imap, schemes=("imaps", "imap"), need="mailbox")) if imap else None,
    )


VENDOR = Vendor(
    name="email",
    title="E-mail",
    needs=(
        Need(
            name="server",
            title="Server for outgoing mail",
            setting="SMTP_URL",
            help="smtps://name:password@mail.example.com:465, or smtp:// with STARTTLS.",
        ),
        Need(
            name="sender",
            title="Sender",
            setting="MAIL_FROM",
            secret=False,
            help="The address mail goes out from, for example Vigie <vigie@example.com>.",
        ),
        Need(
            name="mailbox",
            title="Mailbox",
            setting="IMAP_URL",
            required=False,
            alone=True,
            help="imaps://name:password@mail.example.com:993/INBOX, to find, answer and draft mail.",
        ),
    ),
    open=_open,
    help="What any mail program asks for: the server for outgoing mail with name and password, and the mailbox.",
)
