"""Mailboxes as a source of signals, over IMAP (RFC 3501) and its IDLE (RFC 2177)."""

from adapters.signals.mailbox.door import MailDoor, servers

__all__ = ["MailDoor", "servers"]
