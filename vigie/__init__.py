"""The composition root: the rooms that know everybody. Settings in, ports plugged, doors opened.

Everything below `vigie` is handed its collaborators here and reads no environment of its own.
"""

from vigie.command_line import main

__all__ = ["main"]
