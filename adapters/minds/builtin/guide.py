"""The reference page of the words, written from the table that is obeyed.

python -m adapters.minds.builtin.guide    writes docs/reference/words.md
"""

from pathlib import Path

from adapters.minds.builtin.vocabulary import WORDS
from adapters.minds.builtin.word import Takes, Word

PAGE = Path(__file__).parents[3] / "docs/reference/words.md"

_BEHIND = {
    Takes.NOTHING: "",
    Takes.TOPIC: "[word]",
    Takes.NUMBER: "NUMBER",
    Takes.SUBJECT: "NUMBER, CODE or ID",
    Takes.CODE: "CODE",
    Takes.DEPUTY: "NAME until DATE (or for N days)",
    Takes.ACCOUNT: "SYSTEM [as NAME]",
    Takes.CONNECTION: "NAME",
    Takes.LABEL: "NAME to LABEL",
    Takes.CODE_AND_WHY: "CODE reason",
    Takes.HOOK: "NAME SENDER [SECONDS]",
    Takes.HOOK_NAME: "NAME",
    Takes.ESCALATION: "NAME to PERSON after N minutes",
    Takes.LIMIT: "WHOSE WHAT by AMOUNT",
    Takes.ACTION: "[SYSTEM.ACTION]",
    Takes.FIELD: "SYSTEM.ACTION FIELD HOW […]",
    Takes.CHANGE: "N WHEN, WHAT",
    Takes.HANDED: "N to NAME",
    Takes.PART: "N PART",
    Takes.NUMBER_AND_WHY: "N [why]",
    Takes.NAME: "NAME",
    Takes.SPAN: "[today|tomorrow|this week|next week]",
    Takes.RULE: "… (or NUMBER on, off, first, drop)",
    Takes.ABOUT: "…",
    Takes.CORRECT: "… to …",
    Takes.NEWS: "… changed to …",
    Takes.SAID: "NAME NUMBER",
    Takes.RECIPE: "NAME: RECIPE",
    Takes.ERRAND: "NAME [INPUT=…]",
    Takes.GOING_ON: "NAME [done|again]",
    Takes.SWITCH: "on|off NAME",
    Takes.REMEMBER: "…",
    Takes.ZONE: "ZONE",
    Takes.QUIET: "HH:MM-HH:MM",
    Takes.LANGUAGE: "LANGUAGE",
    Takes.TEXT: "…",
    Takes.MAYBE_CODE: "[CODE]",
    Takes.MAYBE_TEXT: "[…]",
    Takes.SYSTEM: "[system]",
    Takes.ITEMS: "NAME: …",
    Takes.ITEM: "NAME: NUMBER or words",
    Takes.ITEM_TO: "NAME: NUMBER to …",
    Takes.LIST_NAME: "NAME",
    Takes.LIST_TO: "NAME to NAME",
    Takes.SHOWN: "NAME [I added] [today|yesterday|this week|this month]",
    Takes.AMOUNT: "NAME add AMOUNT [for …]",
    Takes.WRITTEN: "[NAME] to SYSTEM PLACE [as COLUMN]",
    Takes.COUNTED: "NAME +N (or -N, = N)",
}

_TOP = """\
# Words

<!-- Written by python -m adapters.minds.builtin.guide; a test compares it with what is obeyed. -->

These words work in every chat, in English and French alike whatever language you are answered in, and without a
language model. Case, accents and punctuation do not matter. In Slack `/vigie status`, in Telegram `/status`, and
anywhere `Vigie, status` mean the same as `status`.

A word counts only when the message says nothing else. Everything that is not understood is quoted back with the
nearest thing that is. Messages that were forwarded, and other words that only pass through you, are never commands.

When a language model is configured, the words marked with ● are still answered without it; the others go to the model.
So are `run`, `try` and `continue` with the name of a procedure that there is, and the very words that begin one.

| English | French | does |
|---|---|---|
"""

_REST = """
`annule` with a number cancels a mission, with a short code it takes a deed back. `défais` always takes back.

## Asking for an action ●

```text
do SYSTEM.ACTION field=value other="a value in quotes"
fais SYSTEM.ACTION champ=valeur
```

`actions` lists what there is. A value may be in `"…"`, `'…'`, `“…”` or `« … »`, where `\\"` is a quotation mark and
`\\n` a new line; without quotes it ends where the next field of the action begins. Amounts are written `49.90 EUR`,
dates `2026-03-31`, moments `2026-03-31T09:00+02:00`. Values by name, such as the properties of a page or the fields of
a record, are parted by semicolons: `properties=Status=Done; Due=2026-03-31`; nothing behind the `=` empties one. What the action may do on its own and what waits for a press is
the same as for anybody else.

## Making a mission

When, a comma, and what. Times are read in your own time zone; say `time zone Europe/Paris` to change it.

| when | English | French |
|---|---|---|
| every day | `every day at 9, …` · `every morning, …` | `tous les jours à 9h30, …` · `chaque matin, …` |
| working days | `every weekday at 9:00, …` · `monday to friday at 8, …` · `weekdays at 9, …` | `chaque jour ouvré à 9h, …` · `du lundi au vendredi à 8h, …` · `en semaine à 9h, …` |
| all but some | `every day except sunday at 9, …` | `tous les jours sauf le dimanche à 9h, …` |
| every other | `every other friday at 10, …` · `every 3 days at 9, …` · `every 2 months on the 1st, …` | `un vendredi sur deux à 10h, …` · `tous les quinze jours à 9h, …` |
| some days | `every monday and thursday at 17:30, …` · `on mondays at 9, …` | `tous les lundis et jeudis à 17h30, …` · `le lundi à 9h, …` |
| weekends | `every weekend at 10, …` | `chaque week-end à 10h, …` |
| several times | `every day at 9, 12:15 and 17, …` | `tous les jours à 9h et 17h, …` |
| hours of a day | `every hour from 9 to 17 on weekdays, …` | `toutes les 2 heures entre 9h et 17h, …` |
| a day of the month | `on the 1st of each month at 8, …` · `every first monday of the month at 8, …` · `on the last day of the month, …` · `on the first working day of the month, …` | `le 1er et le 15 de chaque mois à 8h, …` · `tous les premiers lundis à 8h, …` · `le dernier jour du mois, …` · `le premier jour ouvré du mois, …` |
| a day of the year | `every year on 1 January at 9, …` · `every quarter, …` | `tous les 1er janvier à 9h, …` · `tous les trimestres, …` |
| an interval | `every 15 minutes, …` · `every hour, …` | `toutes les 15 minutes, …` · `toutes les heures, …` |
| later | `in 10 minutes, …` · `in 2 hours and 30 minutes, …` · `in 3 days at 9, …` | `dans 10 minutes, …` · `dans trois jours à 9h, …` |
| one day | `tomorrow at 9, …` · `next friday at 8, …` · `this evening, …` | `demain à 9h, …` · `vendredi prochain à 8h, …` · `ce soir, …` |
| one date | `on 3 March at 14:00, …` · `2026-12-24 at 10, …` | `le 3 mars à 14h, …` · `24/12/2026 à 10h, …` |
| an end | `every day at 9 until 24 December, …` · `every hour 5 times, …` · `every monday at 9 for 3 weeks, …` | `tous les jours à 9h jusqu'au 24 décembre, …` · `toutes les heures 5 fois, …` |
| another clock | `every weekday at 9 New York time, …` · `tomorrow at 9 Europe/Paris, …` | `chaque jour ouvré à 9h heure de Paris, …` |
| another place for its reports | `every day at 9, …, report to #ops` · `edit 3 report to #ops` · `edit 3 report to here` | `tous les jours à 9h, … et dis-le à #ops` · `modifie 3 rapporte ici` |
| a calendar's rule | `RRULE:FREQ=MONTHLY;BYDAY=1MO, …` | the same |
| a signal | `when stock_low, …` | `quand stock_low, …` |
| a mail | `when an e-mail from bob@example.com arrives with subject invoice, …` · `when mail arrives, …` | `quand un e-mail de bob@example.com arrive avec pour objet facture, …` · `quand je reçois un mail, …` |
| words somebody says | `when someone mentions invoice 42, …` · `when anybody says “late order” at most once an hour, …` | `quand quelqu'un mentionne la facture 42, …` · `quand on parle de la facture 42 au plus une fois par heure, …` |
| a number beyond its limit | `watch disk above 90 for 10 minutes clear below 80, tell me` · `watch number visitors below 10, …` | `surveille disque au-dessus de 90 pendant 10 minutes rétabli sous 80, préviens-moi` |
| a reminder | `remind me tomorrow at 9 to call Bob` | `rappelle-moi dans 10 minutes d'appeler Bob` |

An order to look may stand first: `check late orders every weekday at 9`. Without a time of day, a day means 9:00, an
afternoon 14:00 and an evening 18:00; `this evening at 8` is 20:00. `lundi à 9h` is the next Monday;
`le lundi à 9h` is every Monday. A time of day that has passed means the next day that fits; a date that has passed is
refused, and so are times and dates that do not exist. `03/04/2027` is refused in English, because it means two days.
Words behind a time that are not understood as one (`except on holidays`, `starting in March`) are refused, never passed over.
[What can be watched](../how-to/watch-a-number.md) and how has a page of its own.

What follows the comma is one of

- `do SYSTEM.ACTION …`: the mission takes this action each time it wakes, with a card wherever one is needed;
- a word of the table above that only reads, such as `status` or `pending`: its answer is posted;
- plain words for what the connected systems offer, in parts with `;`, a comma, `and` or `then` between them:
  - what to look at: `check late orders` · `list open orders` · `look at the stock below 5` · `vérifie les ventes des 7
    derniers jours`;
  - who hears of it: `tell #ops` · `dis-le à #ops`;
  - what to propose for each entry of a list: `propose refunds over 3 days late` · `propose refunds for orders over 3 days
    late` · `propose de rembourser celles de plus de 3 jours`. What is proposed waits for a press whatever the policy allows;
    said outright (`refund orders over 3 days late`), the policy decides. What the list does not say, a person fills in on
    the card;
- anything else: posted as a reminder, and its card says so.

`every weekday at 9 check late orders and tell #ops; propose refunds over 3 days late` does all of that. An action is found by
the words of its title (`actions` lists them), in English and in French; where two systems fit, name one: `check the stock in
shopify`. When only some of a sentence is understood, the answer says which part is not, and nothing is kept.
"""


def page() -> str:
    """The whole page."""
    return _TOP + "".join(_row(word) for word in WORDS) + _REST


def _row(word: Word) -> str:
    mark = " ●" if word.control else ""
    return f"| {_forms(word.en, word)}{mark} | {_forms(word.fr, word)} | {word.says} |\n"


def _forms(forms: tuple[str, ...], word: Word) -> str:
    behind = f" {_BEHIND[word.takes]}" if _BEHIND[word.takes] else ""
    return " · ".join(
        f"`{form}{'' if form.endswith(chr(39)) else ' '}{behind.strip()}`".replace(" `", "`")
        for form in forms
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
