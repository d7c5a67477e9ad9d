"""The local web chat: server-rendered pages, live by server-sent events. `door` is where to start.

Text of people, systems and minds reaches HTML only through the templates, which escape it. Nothing here knows
another platform, a database or the settings' names.
"""

from adapters.chat.web.door import WebDoor, WebSettings

__all__ = ["WebDoor", "WebSettings"]
