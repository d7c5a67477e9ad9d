"""The vendors' published types, put together for Prism: what one file leaves open, another of the same vendor says."""

import json
from pathlib import Path

from bot.values import Json
from tests.peers.vendors import SPECS

_BODIES = {
    ("/v1/pages", "post"): ("CreatePageParameters", ""),
    ("/v1/pages/{page_id}", "patch"): ("UpdatePageParameters", "page_id"),
    ("/v1/blocks/{block_id}/children", "patch"): ("AppendBlockChildrenParameters", "block_id"),
    ("/v1/search", "post"): ("SearchParameters", ""),
    ("/v1/data_sources/{data_source_id}/query", "post"): ("QueryDataSourceParameters", "data_source_id"),
}
"""The bodies that Notion's client types describe in full, and which part of them travels in the path instead."""
_UNTYPED = ("/crm/v3/properties/{objectType}", "/account-info/v3/details")
"""What HubSpot's file says nothing of: it passes as it is."""


def notion(folder: Path) -> str:
    """Notion's interface, with the bodies as its own client types them. What `prism` takes."""
    document = json.loads((SPECS / "notion.json").read_text())
    types = json.loads(
        (SPECS / "notion-client.json").read_text().replace("#/definitions/", "#/components/schemas/")
    )
    document["components"]["schemas"] |= types["definitions"]
    for (path, method), (name, elsewhere) in _BODIES.items():
        wanted = document["components"]["schemas"][name]
        wanted["properties"].pop(elsewhere, None)
        wanted["required"] = [each for each in wanted.get("required", ()) if each != elsewhere]
        document["paths"][path][method]["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": wanted}},
        }
    return _written(folder / "notion.json", document)


def hubspot(folder: Path) -> str:
    """HubSpot's objects. One that is read by its number comes with its associations (`SimplePublicObjectWithAssociations`
    of its own client). What `prism` takes."""
    document = json.loads((SPECS / "hubspot.json").read_text())
    alone = document["components"]["schemas"]["SimplePublicObject"]
    one = {"type": "object", "required": ["id", "type"], "properties": {"id": _TEXT, "type": _TEXT}}
    some = {
        "type": "object",
        "required": ["results"],
        "properties": {"results": {"type": "array", "items": one}},
    }
    known = {**alone["properties"], "associations": {"type": "object", "additionalProperties": some}}
    document["components"]["schemas"]["WithAssociations"] = {**alone, "properties": known}
    for path, methods in document["paths"].items():
        if path.endswith("/{id}") and "get" in methods:
            answer = methods["get"]["responses"]["200"]["content"]["application/json"]
            answer["schema"] = {"$ref": "#/components/schemas/WithAssociations"}
    for path in _UNTYPED:
        named = [{"name": "objectType", "in": "path", "required": True, "schema": _TEXT}]
        document["paths"][path] = {
            "get": {
                "parameters": named if "{" in path else [],
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": {}}}}},
            }
        }
    return _written(folder / "hubspot.json", document)


_TEXT: Json = {"type": "string"}


def _written(file: Path, document: Json) -> str:
    file.write_text(json.dumps(document))
    return str(file.with_suffix(""))
