"""The words for lists, counters and totals, and how what stands behind each is read. Pure."""

import re
from collections.abc import Mapping

from adapters.minds.builtin.text import fold
from adapters.minds.builtin.word import Takes, Word
from bot.values import Json

SHOW = "vigie.show_list"
REPORT = "report"
"""What is written when it is no list."""

LIST_WORDS: tuple[Word, ...] = (
    Word(
        name="recap",
        action="vigie.recap",
        en=("where were we", "where did we stand", "recap"),
        fr=("où en étions-nous", "où en est-on", "récapitule"),
        example="where were we?",
        exemple="où en étions-nous ?",
        says="what was decided, is open and was counted in this conversation",
    ),
    Word(
        name="lists",
        action="vigie.lists",
        en=("lists", "my lists", "show lists", "list lists"),
        fr=("listes", "mes listes", "les listes"),
        example="lists",
        exemple="listes",
        says="the lists, counters and totals of this conversation, with their figures",
    ),
    Word(
        name="list add",
        action="vigie.add_to_list",
        field="name",
        takes=Takes.ITEMS,
        en=("list add", "add to list", "add to the list"),
        fr=("ajoute à la liste", "ajouter à la liste", "liste ajoute"),
        example="list add features: dark mode",
        exemple="ajoute à la liste idées : mode sombre",
        says="one item more, or one per line; a list begins with its first item",
    ),
    Word(
        name="show list",
        action=SHOW,
        field="name",
        takes=Takes.SHOWN,
        en=("show list", "show the list", "show total", "show counter"),
        fr=("montre la liste", "affiche la liste", "montre le total", "montre le compteur"),
        example="show list features",
        exemple="montre la liste idées",
        says="what stands in it, with who and when; the figure is computed from the rows",
    ),
    Word(
        name="list",
        action=SHOW,
        field="name",
        takes=Takes.SHOWN,
        control=False,
        en=("list all the", "list all", "list every", "list"),
        fr=("liste toutes les", "liste tous les", "liste"),
        example="list all the features I submitted today",
        exemple="liste toutes les idées que j'ai ajoutées aujourd'hui",
        says="the same, of those I added, and of today, yesterday, this week or this month",
    ),
    Word(
        name="list edit",
        action="vigie.edit_item",
        field="name",
        takes=Takes.ITEM_TO,
        en=("list edit", "list change"),
        fr=("modifie dans la liste", "liste modifie"),
        example="list edit features: 2 to dark theme",
        exemple="liste modifie idées : 2 en thème sombre",
        says="another text, or another amount, in the place of the second",
    ),
    Word(
        name="list remove",
        action="vigie.remove_item",
        field="name",
        takes=Takes.ITEM,
        en=("list remove", "remove from list", "remove from the list"),
        fr=("retire de la liste", "enlève de la liste", "liste retire"),
        example="list remove features: 2",
        exemple="retire de la liste idées : 2",
        says="takes the second out, or the one with these words",
    ),
    Word(
        name="list clear",
        action="vigie.clear_list",
        field="name",
        takes=Takes.LIST_NAME,
        en=("list clear", "clear list", "clear the list"),
        fr=("vide la liste", "liste vide"),
        example="list clear features",
        exemple="vide la liste idées",
        says="takes everything out; its history stays",
    ),
    Word(
        name="list undo",
        action="vigie.undo_list",
        field="name",
        takes=Takes.LIST_NAME,
        en=("list undo", "undo list"),
        fr=("liste annule", "annule dans la liste"),
        example="list undo features",
        exemple="liste annule idées",
        says="takes the last change back; once more, the one before",
    ),
    Word(
        name="list rename",
        action="vigie.rename_list",
        field="name",
        takes=Takes.LIST_TO,
        en=("list rename", "rename list", "rename total", "rename counter"),
        fr=("renomme la liste", "renomme le total", "renomme le compteur"),
        example="list rename features to ideas",
        exemple="renomme la liste idées en envies",
        says="calls it something else",
    ),
    Word(
        name="list history",
        action="vigie.list_history",
        field="name",
        takes=Takes.LIST_NAME,
        en=("list history", "history of list", "history of the list"),
        fr=("historique de la liste", "liste historique"),
        example="list history features",
        exemple="historique de la liste idées",
        says="who changed what and when, what was taken back too",
    ),
    Word(
        name="list forget",
        action="vigie.forget_list",
        field="name",
        takes=Takes.LIST_NAME,
        en=("list forget", "forget list", "forget the list"),
        fr=("oublie la liste", "liste oublie"),
        example="list forget features",
        exemple="oublie la liste idées",
        says="asks, and then it is gone with its history",
    ),
    Word(
        name="report",
        action="vigie.report",
        en=("report", "give me a report", "show report"),
        fr=("rapport", "fais un rapport", "montre le rapport"),
        example="report",
        exemple="rapport",
        says="user stories by priority, leads, notes, totals, decisions and open questions, computed from what is kept here",
    ),
    Word(
        name="write list",
        action="vigie.unwritten",
        field="name",
        takes=Takes.WRITTEN,
        en=("write list", "write the list", "write report", "write the report"),
        fr=("écris la liste", "reporte la liste", "écris le rapport", "reporte le rapport"),
        example="write list features to airtable Ideas",
        exemple="écris la liste idées dans airtable Idées",
        says="writes what is not there yet, as `airtable` rows, on a `notion` page or as a `hubspot` note; `every day at 18, write list …` does it by itself; `write report to …` writes the report",
    ),
    Word(
        name="total add",
        action="vigie.add_to_total",
        field="name",
        takes=Takes.AMOUNT,
        en=("total",),
        fr=("total", "total de", "total des"),
        example="total expenses add 12.50 EUR for taxi",
        exemple="total dépenses ajoute 12,50 EUR pour taxi",
        says="one amount more; `total expenses` says the sum, and currencies are never added together",
    ),
    Word(
        name="count",
        action="vigie.count",
        field="name",
        takes=Takes.COUNTED,
        en=("count", "counter"),
        fr=("compte", "compteur"),
        example="count visitors +3",
        exemple="compte visiteurs +3",
        says="counts up or down; `= 10` sets it, and `count visitors` alone says how many",
    ),
)

_TO = r"\s+(?:to|en|=|→)\s+"
_NAME = r"(?P<name>[^:\n]{1,60}?)"
_ITEMS = re.compile(_NAME + r"\s*:\s*(?P<text>\S.*)", re.DOTALL)
_ITEM = re.compile(_NAME + r"(?:\s*:\s*#?(?P<item>\S.*?)|\s+#?(?P<number>\d{1,4}))\s*")
_ITEM_TO = re.compile(
    _NAME + rf"(?:\s*:\s*#?(?P<item>\S.*?)|\s+#?(?P<number>\d{{1,4}})){_TO}(?P<text>\S.*)", re.IGNORECASE
)
_ONLY = re.compile(_NAME + r"\s*[?.!]*\s*")
_RENAMED = re.compile(_NAME + _TO + r"(?P<to>[^:\n]{1,60}?)\s*[.!]?", re.IGNORECASE)
_SHOWN = re.compile(
    r"(?:(?:all|the|my|our|every|tous|toutes|les|la|le|des|mes|nos)\s+)*"
    + _NAME
    + r"(?P<mine>\s+(?:that\s+|which\s+)?(?:I|we)(?:\s+have|['’]ve)?\s+(?:submitted|added|noted|entered|gave you)"
    + r"|\s+que\s+(?:j['’]ai|nous\s+avons)\s+(?:ajout|soumis|not|donn)\w*)?"
    + r"(?:\s+(?P<when>today|yesterday|this week|this month|aujourd['’]hui|hier|cette semaine|ce mois(?:-ci)?))?"
    + r"\s*[?.!]*\s*",
    re.IGNORECASE,
)
_ADDING = re.compile(r"\b(?:add|ajoute|ajouter)\b", re.IGNORECASE)
"""What is meant to be added, with a colon or an amount that is missing, is no name of a list."""
_QUANTITY = r"[+\-−]?\s*(?:[€$£¥]\s*|[A-Z]{3}\s+)?\d[\d \u00a0\u202f.,]*?\s*(?:[€$£¥%]|[^\W\d_](?:[^\W\d_]|[/²³]){0,11})?"
_AMOUNT = re.compile(
    _NAME
    + rf"(?:\s+(?:add|plus|ajoute|ajouter)\s*:?\s*|\s*:?\s*(?=[+\-−]))(?P<amount>{_QUANTITY})"
    + r"(?:(?:\s*:\s+|\s+(?:for|pour)\s+)(?P<text>\S.*))?",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    _NAME + r"\s*:?\s*(?:(?P<sign>[+\-−])\s*(?P<by>\d{1,12})?|(?:=|\bto\b|\bà\b)\s*(?P<to>-?\d{1,12}))\s*",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"(?:"
    + _NAME
    + r"\s+)?(?:to|into|in|dans|vers|sur)\s+(?P<system>[A-Za-z]\w{0,29})\s+(?P<target>[^\n]{1,150}?)"
    r"(?:\s+(?:as|comme)\s+(?P<column>[^\n]{1,60}?))?\s*[.!]?",
    re.IGNORECASE,
)
_WHEN: Mapping[str, str] = {
    "aujourd'hui": "today",
    "hier": "yesterday",
    "cette semaine": "this week",
    "ce mois": "this month",
    "ce mois-ci": "this month",
}


def read(takes: Takes, rest: str) -> dict[str, Json] | None:
    """The arguments in what stands behind the word, None when it says something else."""
    rest = rest.strip(" \u00a0\u202f").replace("\u00a0", " ").replace("\u202f", " ")
    match takes:
        case Takes.ITEMS:
            return _parts(_ITEMS.fullmatch(rest))
        case Takes.ITEM:
            return _item(_ITEM.fullmatch(rest))
        case Takes.ITEM_TO:
            return _item(_ITEM_TO.fullmatch(rest))
        case Takes.LIST_NAME:
            return _parts(_ONLY.fullmatch(rest))
        case Takes.LIST_TO:
            return _parts(_RENAMED.fullmatch(rest))
        case Takes.SHOWN:
            return _shown(rest)
        case Takes.AMOUNT:
            return _parts(_AMOUNT.fullmatch(rest)) or _only(rest)
        case Takes.WRITTEN:
            return _written(rest)
        case Takes.COUNTED:
            return _counted(rest)
        case _:
            return None


def _written(rest: str) -> dict[str, Json] | None:
    found = _WRITTEN.fullmatch(rest)
    if found is None:
        return None
    told: dict[str, Json] = {"name": (found["name"] or REPORT).strip()}
    told |= {"system": found["system"].lower(), "target": found["target"].strip()}
    return {**told, "column": found["column"].strip()} if found["column"] else told


def only_shows(arguments: Mapping[str, Json]) -> bool:
    """Whether a total or counter was named and nothing was said to do with it."""
    return set(arguments) == {"name"}


def _parts(found: re.Match[str] | None) -> dict[str, Json] | None:
    if found is None:
        return None
    return {name: text.strip() for name, text in found.groupdict().items() if text}


def _item(found: re.Match[str] | None) -> dict[str, Json] | None:
    parts = _parts(found)
    if parts is not None and "number" in parts:
        parts["item"] = parts.pop("number")
    return parts


def _shown(rest: str) -> dict[str, Json] | None:
    found = _SHOWN.fullmatch(rest)
    if found is None or _ADDING.search(found["name"]):
        return None
    told: dict[str, Json] = {"name": found["name"].strip()}
    if found["when"]:
        when = fold(found["when"])
        told["when"] = _WHEN.get(when, when)
    return {**told, "mine": True} if found["mine"] else told


def _only(rest: str) -> dict[str, Json] | None:
    return None if _ADDING.search(rest) else _parts(_ONLY.fullmatch(rest))


def _counted(rest: str) -> dict[str, Json] | None:
    found = _COUNTED.fullmatch(rest)
    if found is None:
        return _only(rest)
    if found["to"] is not None:
        return {"name": found["name"].strip(), "to": int(found["to"])}
    step = int(found["by"] or 1)
    return {"name": found["name"].strip(), "by": step if found["sign"] == "+" else -step}
