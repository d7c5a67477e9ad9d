"""A time zone by its name. Platforms hand over any text as one; a name nobody knows must not stop a turn."""

import logging
from zoneinfo import ZoneInfo

log = logging.getLogger(__name__)


def zone_named(name: str) -> ZoneInfo:
    """The zone of that IANA name, UTC for an unknown one."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        log.warning("unknown_zone", extra={"zone": name[:64]})
        return ZoneInfo("UTC")
