"""Mail, over a server for outgoing mail and a mailbox, whoever runs them."""

from adapters.systems.email.mail import Mail

__all__ = ["Mail"]
