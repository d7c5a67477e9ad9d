"""What went wrong, in words for the person who looks at the page. Pure."""

from bot.speech import Tongue


def title(kind: str, tongue: Tongue) -> str:
    """A short heading."""
    match kind:
        case "signed-out":
            return tongue("You are not signed in")
        case "link":
            return tongue("This link does not work any more")
        case "forged":
            return tongue("This form was not sent from here")
        case "missing":
            return tongue("There is nothing here")
        case "large" | "long":
            return tongue("That is too much at once")
        case "host":
            return tongue("Wrong address")
        case "owners":
            return tongue("Only an owner tries a model")
        case "approvers":
            return tongue("Only an owner or an approver connects accounts")
        case "stale":
            return tongue("This card has moved on")
        case "broken":
            return tongue("Something broke here")
        case _:
            return tongue("That did not work")


def words(kind: str, tongue: Tongue, *, url: str) -> str:
    """What happened and what to do about it."""
    match kind:
        case "signed-out":
            return tongue(
                "Write “dashboard” to the assistant in Slack or Telegram and it sends you a link that signs you in. "
                "If you run it yourself, starting it prints one."
            )
        case "link":
            return tongue(
                "A sign-in link works once and only for a short time. For a new one, write “dashboard” to the "
                "assistant in Slack or Telegram, or restart it: it prints one."
            )
        case "forged":
            return tongue("Nothing was done. Open the page again and press the button there.")
        case "missing":
            return tongue("The address may be mistyped, or what it showed is gone.")
        case "method":
            return tongue("This address does not take that kind of request.")
        case "large":
            return tongue("At most one megabyte can be sent. Nothing was kept.")
        case "long":
            return tongue("A message can have at most 20,000 characters. Nothing was kept; shorten it.")
        case "slow":
            return tongue("What was sent did not arrive in time. Nothing was done; try again.")
        case "form":
            return tongue("The form could not be read. Nothing was done. Open the page again.")
        case "export":
            return tongue(
                "The ledger is exported with format=jsonl or format=csv, since=2026-03-31 (or a moment with its offset"
                " from UTC) and mission= with the number of one that there is. Nothing was exported."
            )
        case "takeaway":
            return tongue("Your memory is exported with format=jsonl or format=md. Nothing was exported.")
        case "owners":
            return tongue("Ask an owner of this assistant to do it. Nothing was done.")
        case "approvers":
            return tongue("Ask an owner or an approver of this assistant to do it. Nothing was done.")
        case "host":
            return tongue("The assistant does not answer at this address. Open {url} instead.", url=url)
        case "unready":
            return tongue(
                "What was sent could not be kept just now. Nothing was done; try again in a moment."
            )
        case _:
            return tongue(
                "The assistant made a note of it. What you sent may not have arrived: look before you repeat it."
            )
