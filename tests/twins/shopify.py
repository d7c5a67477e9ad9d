"""A strict Shopify shop for what a mocked schema does not do: state, rules of business, idempotency keys, throttling.

It answers only what a document selects, under the names it selects; that the documents themselves fit Shopify's schema is
what `test_shopify_schema.py` shows against that schema. One shop in memory.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx

Thing: TypeAlias = dict[str, Any]

TOKEN = "shpat_twin"
PATH = "/admin/api/2026-10/graphql.json"
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}()]|@?[A-Za-z_$][\w$]*|\.\.\.')


def selected(document: str) -> Thing:
    """The selection of a document as a tree of names: `{orders: {nodes: {id: {}}}}`. Arguments are left out."""
    tokens = _TOKENS.findall(document[document.index("{") :])
    tree, at = _selection(tokens, 1)
    assert at == len(tokens), "the braces of a document fit"
    return tree


def _selection(tokens: list[str], at: int) -> tuple[Thing, int]:
    found: Thing = {}
    last = ""
    while True:
        token = tokens[at]
        if token == "}":
            return found, at + 1
        if token == "{":
            found[last], at = _selection(tokens, at + 1)
        elif token == "(":
            at = tokens.index(")", at) + 1
        elif token.startswith("@"):
            at += 1
        else:
            assert re.fullmatch(r"\w+", token), token
            last, at = token, at + 1
            found.setdefault(last, {})


def pruned(value: Any, tree: Thing) -> Any:
    """What the selection asks of a value."""
    if isinstance(value, list):
        return [pruned(each, tree) for each in value]  # pyright: ignore[reportUnknownVariableType]
    if not tree or value is None:
        assert tree or not isinstance(value, dict), "an object needs a selection"
        return value
    return {name: pruned(value[name], below) for name, below in tree.items()}


def bag(cents: int, currency: str = "EUR") -> Thing:
    amount = {"amount": f"{cents / 100:.2f}", "currencyCode": currency}
    return {"presentmentMoney": amount, "shopMoney": amount}


class Wrong(Exception):
    """A userError."""

    def __init__(self, message: str, *path: str, code: str = "") -> None:
        super().__init__(message)
        self.error = {"field": list(path) or None, "message": message, "code": code or None}


@dataclass(kw_only=True)
class ShopTwin:
    """`refuses` are GraphQL errors to answer with, the next first; `asked` is every operation with its variables,
    `bodies` the same as it was sent."""

    orders: dict[str, Thing] = field(default_factory=dict[str, Thing])
    levels: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    journal: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[tuple[str, Thing]] = field(default_factory=list[tuple[str, Thing]])
    bodies: list[str] = field(default_factory=list[str])
    refuses: list[str] = field(default_factory=list[str])
    told: list[str] = field(default_factory=list[str])
    available: float = 2000
    trial: bool = True
    _kept: dict[str, tuple[str, Thing]] = field(default_factory=dict[str, tuple[str, Thing]])

    def order(
        self, number: int, name: str, *, cents: int = 5_000, places: tuple[str, ...] = ("Paris",)
    ) -> Thing:
        id = f"gid://shopify/Order/{number}"  # noqa: A001
        first, _, last = name.partition(" ")
        self.orders[id] = {
            "id": id,
            "name": f"#{number}",
            "createdAt": f"2026-11-{number % 28 + 1:02}T09:00:00Z",
            "note": None,
            "tags": [],
            "email": f"{first.lower()}@example.com",
            "closed": False,
            "cancelledAt": None,
            "displayFinancialStatus": "PAID",
            "displayFulfillmentStatus": "UNFULFILLED",
            "customer": {"displayName": name},
            "total": cents,
            "shippingAddress": {
                **dict.fromkeys(("company", "address2", "provinceCode", "phone")),
                "firstName": first,
                "lastName": last,
                "address1": "1 rue de la Paix",
                "city": "Paris",
                "zip": "75002",
                "countryCodeV2": "FR",
            },
            "lineItems": {"nodes": [{"name": "Lamp", "sku": "LAMP", "currentQuantity": 1}]},
            "fulfillments": [],
            "refunds": [],
            "open": [[f"{id}/FO/{at}", place] for at, place in enumerate(places)],
        }
        return self.orders[id]

    def standing(self) -> Thing:
        """What counts in the shop."""
        kept = ("note", "tags", "shippingAddress", "displayFulfillmentStatus", "refunds")
        return {
            "orders": json.dumps(
                [[order[name] for name in kept] for order in self.orders.values()], sort_keys=True
            ),
            "stock": json.dumps(sorted((*where, count) for where, count in self.levels.items())),
        }

    # The interface.

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        status, body, more = self.answer(
            request.method, request.url.path, "", request.content.decode(), headers
        )
        told = httpx.ByteStream(json.dumps(body).encode())
        return httpx.Response(status, stream=told, headers={**more, "content-type": "application/json"})

    def answer(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, Thing, dict[str, str]]:
        if headers.get("x-shopify-access-token") != TOKEN:
            return 401, {"errors": "[API] Invalid API key or access token"}, {}
        if (method, path) != ("POST", PATH):
            return 404, {"errors": "Not Found"}, {}
        given = json.loads(body)
        operation, variables = re.match(r"(?:query|mutation) (\w+)", given["query"]), given["variables"]
        assert operation is not None
        self.asked.append((operation[1], variables))
        self.bodies.append(body)
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": self.available, "restoreRate": 100.0}
        cost = {"requestedQueryCost": 10, "throttleStatus": status}
        if self.refuses:
            error = {"message": "no", "extensions": {"code": self.refuses.pop(0)}}
            return 200, {"errors": [error], "extensions": {"cost": cost}}, {}
        tree = selected(given["query"])
        data = {
            name: pruned(self._do(name, variables, given["query"]), below) for name, below in tree.items()
        }
        return 200, {"data": data, "extensions": {"cost": cost}}, {}

    def _do(self, name: str, variables: Thing, document: str) -> Any:
        if name not in _MUTATIONS:
            return _QUERIES[name](self, variables)
        made, keyed = _MUTATIONS[name]
        result: Thing = {
            "order": None,
            "fulfillment": None,
            "refund": None,
            "inventoryAdjustmentGroup": None,
            "metafields": [],
        }
        assert keyed is ("@idempotent(key: $key)" in document), (
            "the directive is there exactly where Shopify knows it"
        )
        if keyed:
            sent = json.dumps(variables, sort_keys=True)
            before = self._kept.get(variables["key"])
            if before and before[0] != sent:
                why = "The same idempotency key cannot be used with different operation parameters."
                return {**result, "userErrors": [Wrong(why, code="IDEMPOTENCY_KEY_PARAMETER_MISMATCH").error]}
            if before:
                return before[1]
        try:
            result = {**result, **made(self, variables), "userErrors": []}
        except Wrong as wrong:
            return {**result, "userErrors": [wrong.error]}
        if keyed:
            self._kept[variables["key"]] = (json.dumps(variables, sort_keys=True), result)
        return result

    # Queries.

    def _order(self, order: Thing) -> Thing:
        back = sum(each["cents"] for each in order["refunds"])
        left = order["total"] - back
        way = {
            "gateway": "bogus",
            "amountSet": bag(left),
            "maximumRefundableSet": bag(left),
            "parentTransaction": {"id": "gid://shopify/OrderTransaction/1"},
        }
        return {
            **order,
            "totalPriceSet": bag(order["total"]),
            "totalRefundedSet": bag(back),
            "refunds": [{**each, "totalRefundedSet": bag(each["cents"])} for each in order["refunds"]],
            "suggestedRefund": {
                "maximumRefundableSet": bag(left),
                "suggestedTransactions": [way] if left else [],
            },
            "fulfillmentOrders": {
                "nodes": [
                    {
                        "id": id,
                        "status": "OPEN",
                        "assignedLocation": {
                            "name": place,
                            "location": {"id": f"gid://shopify/Location/{place}"},
                        },
                        "supportedActions": [{"action": "CREATE_FULFILLMENT"}],
                    }
                    for id, place in order["open"]  # noqa: A001
                ]
            },
        }

    def ask_order(self, variables: Thing) -> Any:
        found = self.orders.get(variables["id"])
        return self._order(found) if found else None

    def ask_orders(self, variables: Thing) -> Thing:
        query = str(variables.get("query") or "")
        words = [word.strip('"').casefold() for word in query.replace("name:", "").split() if ":" not in word]
        found = [
            self._order(order)
            for order in reversed(self.orders.values())
            if all(
                word in f"{order['name']} {order['customer']['displayName']} {order['email']}".casefold()
                for word in words
            )
            and ("status:cancelled" not in query or order["cancelledAt"])
        ]
        return {
            "nodes": found[: variables["first"]],
            "pageInfo": {"hasNextPage": len(found) > variables["first"]},
        }

    def _item(self, sku: str) -> Thing:
        levels = [
            {
                "location": {"id": f"gid://shopify/Location/{place}", "name": place},
                "quantities": [{"name": "available", "quantity": count}],
            }
            for (each, place), count in self.levels.items()
            if each == sku
        ]
        return {
            "id": f"gid://shopify/InventoryItem/{sku}",
            "sku": sku,
            "tracked": True,
            "inventoryLevels": {"nodes": levels},
            "variants": {"nodes": [{"displayName": sku.title()}]},
        }

    def ask_variants(self, variables: Thing) -> Thing:
        wanted = str(variables.get("query") or "").replace("sku:", "").replace('"', "").casefold()
        codes = [code for code in dict.fromkeys(sku for sku, _ in self.levels) if wanted in code.casefold()]
        found = [{"sku": c, "displayName": c.title(), "inventoryItem": self._item(c)} for c in codes]
        return {"nodes": found, "pageInfo": {"hasNextPage": False}}

    def ask_item(self, variables: Thing) -> Any:
        sku = variables["id"].rpartition("/")[2]
        return self._item(sku) if any(each == sku for each, _ in self.levels) else None

    def ask_shop(self, variables: Thing) -> Thing:
        plan = {"partnerDevelopment": self.trial}
        return {"name": "Atelier", "myshopifyDomain": "atelier.myshopify.com", "plan": plan}

    def ask_installation(self, variables: Thing) -> Thing:
        kept = self.journal.get(variables.get("page", ""))
        return {
            "id": "gid://shopify/AppInstallation/1",
            "metafield": {"value": kept} if kept else None,
            "accessScopes": [{"handle": "write_orders"}],
        }

    # Mutations.

    def begin(self, variables: Thing) -> Thing:
        (entry,) = variables["metafields"]
        assert entry["ownerId"] == "gid://shopify/AppInstallation/1"
        assert re.fullmatch(r"[\w-]{2,64}", entry["key"])
        self.journal[entry["key"]] = entry["value"]
        return {"metafields": [{"id": "gid://shopify/Metafield/1"}]}

    def update(self, variables: Thing) -> Thing:
        given = variables["input"]
        order = self.orders[given["id"]]
        if "note" in given:
            order["note"] = given["note"] or None
        if "tags" in given:
            order["tags"] = sorted(given["tags"], key=str.casefold)
        if "shippingAddress" in given:
            address = dict(given["shippingAddress"])
            if address["countryCode"] not in ("FR", "BE", "CA"):
                raise Wrong("Country is invalid", "input", "shippingAddress", "countryCode")
            order["shippingAddress"] = {**address, "countryCodeV2": address.pop("countryCode")}
            order["shippingAddress"].pop("countryCode", None)
        return {"order": order}

    def fulfil(self, variables: Thing) -> Thing:
        given = variables["fulfillment"]
        ids = {each["fulfillmentOrderId"] for each in given["lineItemsByFulfillmentOrder"]}
        order = next(o for o in self.orders.values() if all(each.startswith(o["id"] + "/") for each in ids))
        there = [each for each in order["open"] if each[0] in ids]
        if len(there) != len(ids):
            raise Wrong("The fulfillment order is closed", "fulfillment")
        if len({place for _, place in there}) > 1:
            raise Wrong("All fulfillment orders must have the same location", "fulfillment")
        order["open"] = [each for each in order["open"] if each[0] not in ids]
        order["gone"] = there
        order["displayFulfillmentStatus"] = "PARTIALLY_FULFILLED" if order["open"] else "FULFILLED"
        parcel = {
            "id": f"{order['id']}/F/{len(order['fulfillments'])}",
            "status": "SUCCESS",
            "trackingInfo": [{"company": None, "url": None, **given["trackingInfo"]}],
        }
        order["fulfillments"].append(parcel)
        if given["notifyCustomer"]:
            self.told.append(order["email"])
        return {"fulfillment": parcel}

    def cancel(self, variables: Thing) -> Thing:
        order = next(o for o in self.orders.values() if variables["id"].startswith(o["id"] + "/"))
        parcel = next(each for each in order["fulfillments"] if each["id"] == variables["id"])
        if parcel["status"] != "SUCCESS":
            raise Wrong("The fulfillment is cancelled", "id")
        parcel["status"] = "CANCELLED"
        order["open"] += order.pop("gone", [])
        order["displayFulfillmentStatus"] = "UNFULFILLED"
        return {"fulfillment": parcel}

    def refund(self, variables: Thing) -> Thing:
        given = variables["input"]
        order = self.orders[given["orderId"]]
        cents = sum(round(float(each["amount"]) * 100) for each in given["transactions"])
        assert all(each["kind"] == "REFUND" and each["parentId"] for each in given["transactions"])
        if cents > order["total"] - sum(each["cents"] for each in order["refunds"]):
            raise Wrong("Refund amount is more than is left", "transactions")
        made = {
            "id": f"gid://shopify/Refund/{len(order['refunds']) + 1}",
            "note": given["note"],
            "cents": cents,
        }
        order["refunds"].append(made)
        return {"refund": made}

    def set_stock(self, variables: Thing) -> Thing:
        (given,) = variables["input"]["quantities"]
        where = (given["inventoryItemId"].rpartition("/")[2], given["locationId"].rpartition("/")[2])
        if where not in self.levels:
            raise Wrong("The item is not stocked there", "input", "quantities", "0", "locationId")
        if given["changeFromQuantity"] not in (None, self.levels[where]):
            raise Wrong("The quantity changed", "input", "quantities", "0", code="CHANGE_FROM_QUANTITY_STALE")
        self.levels[where] = given["quantity"]
        return {"inventoryAdjustmentGroup": {"id": "gid://shopify/InventoryAdjustmentGroup/1"}}


_QUERIES: Mapping[str, Callable[[ShopTwin, Thing], Any]] = {
    "order": ShopTwin.ask_order,
    "orders": ShopTwin.ask_orders,
    "productVariants": ShopTwin.ask_variants,
    "inventoryItem": ShopTwin.ask_item,
    "shop": ShopTwin.ask_shop,
    "currentAppInstallation": ShopTwin.ask_installation,
}
_MUTATIONS: Mapping[str, tuple[Callable[[ShopTwin, Thing], Thing], bool]] = {
    "metafieldsSet": (ShopTwin.begin, False),
    "orderUpdate": (ShopTwin.update, False),
    "fulfillmentCreate": (ShopTwin.fulfil, False),
    "fulfillmentCancel": (ShopTwin.cancel, False),
    "refundCreate": (ShopTwin.refund, True),
    "inventorySetQuantities": (ShopTwin.set_stock, True),
}
"""Each with whether Shopify asks for an idempotency key there."""
