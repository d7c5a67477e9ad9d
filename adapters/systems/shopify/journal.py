"""A page of ours at the shop: under an effect's id, what stood there before its deed began.

It is a metafield of the app's own installation, which needs no scope and which nobody else sees. A deed is written
there before it is made; whoever looks it up later knows that it began, and compares.
"""

import hashlib
import json

from adapters.systems.shopify.graph import Graph, Thing
from adapters.systems.shopify.queries import BEGIN, JOURNAL
from bot.values import Json, canonical, is_mapping

NAMESPACE = "vigie"


def page(key: str) -> str:
    """Metafield keys have 2 to 64 plain characters; an effect's id may have others."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


async def begun(graph: Graph, key: str) -> Thing | None:
    """What stood there before, None when the deed certainly never began."""
    return _kept(await graph.ask(JOURNAL, namespace=NAMESPACE, page=page(key)), key)


async def begin(graph: Graph, key: str, before: Thing) -> Thing:
    """Writes it down, unless it is: what counts is what was written first."""
    found = await graph.ask(JOURNAL, namespace=NAMESPACE, page=page(key))
    kept = _kept(found, key)
    if kept is not None:
        return kept
    entry = {
        "ownerId": found["currentAppInstallation"]["id"],
        "namespace": NAMESPACE,
        "key": page(key),
        "type": "json",
        "value": canonical({"effect": key, "before": dict(before)}),
    }
    await graph.change(BEGIN, "metafieldsSet", metafields=[entry])
    return before


def _kept(found: Thing, key: str) -> Thing | None:
    installation = found.get("currentAppInstallation")
    field = installation.get("metafield") if is_mapping(installation) else None
    try:
        value: Json = json.loads(str(field["value"])) if is_mapping(field) else None
    except ValueError:
        return None
    match value:
        case {"effect": str(effect), "before": before} if effect == key and is_mapping(before):
            return before
        case _:
            return None
