"""What PostgreSQL's errors mean for people: an error of the driver in, one of ours out. Pure. Told apart by the
standard's five-letter codes; a connection that could not be made has none."""

import psycopg
from sqlalchemy.exc import DBAPIError

from bot.errors import (
    BadInput,
    Failed,
    Misconfigured,
    Refused,
    Stale,
    StoreAway,
    StoreUnknown,
    VigieError,
)

_AWAY = "The database cannot be reached. Check that it runs and that DATABASE_URL is right; then try again."
_LOCKED = "The database kept us waiting too long. Try again in a moment."
_FULL = "The disk of the database is full. Free some space on it; then try again."
_LOST = "The connection to the database broke while this was being kept: it may be kept or not."
_WRONG_USER = "the database refuses the user or the password of DATABASE_URL"
_NO_DATABASE = "DATABASE_URL names a database that does not exist; make it first"
_NO_RIGHT = "the user of DATABASE_URL may not do this in the database; make it the owner of the schema"
_GONE = ("08", "57P", "25P03")
"""How codes begin after which the connection is of no use."""


def ours(error: BaseException, *, committing: bool = False) -> BaseException:
    """The error as callers should see it: the driver's become ours, everything else stays. `committing` says that the
    connection broke during the commit: whether it was done is not known then."""
    driven = _driven(error)
    if driven is None:
        return error
    if lost(error):
        return StoreUnknown(_LOST) if committing else _unreached(str(driven))
    return _meant(driven)


def lost(error: BaseException) -> bool:
    """Whether the connection is gone, or was not to be had, and another one may do."""
    driven = _driven(error)
    if driven is None or not isinstance(driven, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return driven.sqlstate is None or driven.sqlstate.startswith(_GONE)


def _driven(error: BaseException) -> psycopg.Error | None:
    inner = error.orig if isinstance(error, DBAPIError) else error
    return inner if isinstance(inner, psycopg.Error) else None


def _unreached(text: str) -> VigieError:
    # While connecting, the server's own words are all there is.
    if "password authentication failed" in text or "no password supplied" in text:
        return Misconfigured(_WRONG_USER)
    if "database" in text and "does not exist" in text:
        return Misconfigured(_NO_DATABASE)
    return StoreAway(_AWAY)


def _meant(error: psycopg.Error) -> VigieError:
    match error.sqlstate or "":
        case "25006":
            return Refused("this only looks; it may not write")
        case "53100":
            return StoreAway(_FULL)
        case "55P03" | "40P01" | "40001":
            return StoreAway(_LOCKED)
        case "42501":
            return Misconfigured(_NO_RIGHT)
        case code if code.startswith("23"):
            return Stale("something else has this name or number already")
        case code if code.startswith("22") or isinstance(error, psycopg.DataError):
            return BadInput("this holds something that cannot be kept as text")
        case _:
            return Failed(f"the database refused a statement ({type(error).__name__})")
