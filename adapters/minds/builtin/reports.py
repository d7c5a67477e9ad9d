"""What became of an ask, in words. Nothing is called done unless its outcome says so."""

from bot.journal import Answer, Outcome
from bot.speech import Tongue


def line(answer: Answer, tongue: Tongue) -> str:
    """One answer as a line for the person; "" when it already stands on a card."""
    if answer.shown and answer.outcome is not Outcome.WAITING:
        return ""
    match answer.outcome:
        case Outcome.DONE:
            said = answer.text or tongue("Done.")
            return f"{said}\n{answer.link}" if answer.link and answer.link not in said else said
        case Outcome.UNKNOWN:
            return tongue("Nobody knows whether this was done: {why}", why=answer.text or "?")
        case Outcome.WAITING:
            return answer.text or tongue("This already waits for approval.")
        case Outcome.REFUSED | Outcome.DENIED | Outcome.EXPIRED | Outcome.FAILED | Outcome.STALE:
            return _not_done(answer.text, tongue)


def _not_done(why: str, tongue: Tongue) -> str:
    if not why:
        return tongue("Not done.")
    begun = tongue("Not done: {why}", why="").rstrip()
    return why if why.startswith(begun) else tongue("Not done: {why}", why=why)
