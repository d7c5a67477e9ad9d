"""A strict Stripe for what localstripe does not do: idempotency keys, over-refunds, sent invoices, payment links and
search. Refuses parameters Stripe does not publish; `test_stripe_shapes.py` holds its names to those of Stripe's own library.

One account in memory. `answer` is a pure HTTP exchange, for `httpx.MockTransport` or a real socket.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import httpx

Thing: TypeAlias = dict[str, Any]

KEY = "sk_test_twin"
NOW = 1_795_262_400  # 2026-11-21T12:00:00Z
_PAGED = frozenset({"limit", "starting_after", "expand"})
TAKES: Mapping[str, frozenset[str]] = {
    "GET /v1/account": frozenset(),
    "GET /v1/balance": frozenset(),
    "GET /v1/customers": _PAGED | {"email", "created"},
    "GET /v1/customers/search": frozenset({"query", "limit", "page", "expand"}),
    "GET /v1/customers/{id}": frozenset({"expand"}),
    "POST /v1/customers": frozenset({"name", "email", "description", "metadata"}),
    "GET /v1/payment_intents": _PAGED | {"customer", "created"},
    "GET /v1/payment_intents/{id}": frozenset({"expand"}),
    "GET /v1/charges/{id}": frozenset({"expand"}),
    "GET /v1/refunds": _PAGED | {"charge", "payment_intent", "created"},
    "POST /v1/refunds": frozenset({"charge", "payment_intent", "amount", "reason", "metadata"}),
    "GET /v1/invoices": _PAGED | {"customer", "status", "created"},
    "GET /v1/invoices/{id}": frozenset({"expand"}),
    "POST /v1/invoices": frozenset(
        {
            *("customer", "currency", "collection_method", "days_until_due", "auto_advance"),
            *("pending_invoice_items_behavior", "metadata", "description"),
        }
    ),
    "POST /v1/invoices/{id}": frozenset({"metadata", "description"}),
    "POST /v1/invoices/{id}/finalize": frozenset({"auto_advance"}),
    "POST /v1/invoices/{id}/send": frozenset(),
    "POST /v1/invoices/{id}/void": frozenset(),
    "POST /v1/invoiceitems": frozenset(
        {"customer", "invoice", "amount", "currency", "description", "metadata"}
    ),
    "GET /v1/payment_links": _PAGED | {"active"},
    "GET /v1/payment_links/{id}": frozenset({"expand"}),
    "POST /v1/payment_links": frozenset({"line_items", "metadata"}),
    "POST /v1/payment_links/{id}": frozenset({"active", "metadata"}),
}
"""What each address takes, a part of what Stripe publishes for it."""


_DATED = {"invoiceitems": "date", "payment_links": ""}
"""Where an object does not say with `created` when it was made."""


class Wrong(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str, **more: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": "invalid_request_error", "message": message, **more}}


@dataclass(kw_only=True)
class StripeTwin:
    """`sends` counts the e-mails that went out, by invoice; `asked` is every request with its idempotency key."""

    key: str = KEY
    live: bool = False
    searches: bool = True
    things: dict[str, dict[str, Thing]] = field(default_factory=dict[str, dict[str, Thing]])
    sends: list[str] = field(default_factory=list[str])
    asked: list[tuple[str, str, str, Thing]] = field(default_factory=list[tuple[str, str, str, Thing]])
    _answers: dict[str, tuple[str, int, Thing]] = field(default_factory=dict[str, tuple[str, int, Thing]])
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # What is there beforehand.

    def customer(self, name: str, email: str = "") -> str:
        return self._keep("customers", "cus", {"name": name, "email": email or None, "metadata": {}})["id"]

    def payment(self, amount: int, currency: str = "eur", customer: str | None = None) -> str:
        """A payment that succeeded."""
        paid: Thing = {"amount": amount, "currency": currency, "customer": customer, "status": "succeeded"}
        intent = self._keep("payment_intents", "pi", {**paid, "description": None, "metadata": {}})
        charge = self._keep("charges", "ch", {**paid, "amount_refunded": 0, "payment_intent": intent["id"]})
        intent["latest_charge"] = charge["id"]
        return intent["id"]

    def link(self, *, active: bool = True) -> str:
        """A payment link made by somebody else."""
        made = self._keep("payment_links", "plink", {"active": active, "currency": "eur", "metadata": {}})
        made["url"] = f"https://buy.example/{made['id']}"
        return made["id"]

    def standing(self) -> Thing:
        """What counts on the account: what can be paid, is owed, was paid back and was written to whom."""
        return {
            "links": sorted(each["id"] for each in self.all("payment_links") if each["active"]),
            "owed": sorted(
                (each["id"], each["total"]) for each in self.all("invoices") if each["status"] == "open"
            ),
            "back": sorted((each["charge"], each["amount"]) for each in self.all("refunds")),
            "customers": sorted(each["name"] for each in self.all("customers")),
        }

    def all(self, kind: str) -> list[Thing]:
        """The newest first, as Stripe lists them."""
        return list(self.things.get(kind, {}).values())[::-1]

    # The interface.

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        status, body, headers = self.answer(
            request.method,
            request.url.path,
            request.url.query.decode(),
            request.content.decode(),
            request.headers,
        )
        told = httpx.ByteStream(json.dumps(body).encode())
        return httpx.Response(status, stream=told, headers={**headers, "content-type": "application/json"})

    def answer(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, Thing, dict[str, str]]:
        given = _nested(parse_qsl(body if method == "POST" else query, keep_blank_values=True))
        key = headers.get("idempotency-key") or headers.get("Idempotency-Key") or ""
        self.asked.append((method, path, key, given))
        authorization = headers.get("authorization") or headers.get("Authorization")
        if authorization != f"Bearer {self.key}":
            return (
                401,
                {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}},
                {},
            )
        told = json.dumps([method, path, given], sort_keys=True)
        if method == "POST" and key in self._answers:
            before, status, kept = self._answers[key]
            if before != told:
                message = "Keys for idempotent requests can only be used with the same parameters"
                return 400, {"error": {"type": "idempotency_error", "message": message}}, {}
            return status, kept, {"Idempotent-Replayed": "true"}
        try:
            status, answer = 200, self._do(method, path, given)
        except Wrong as wrong:
            return wrong.status, wrong.body, {}
        answer = json.loads(json.dumps(answer))
        if method == "POST" and key:
            self._answers[key] = (told, status, answer)
        return status, answer, {}

    def forget_keys(self) -> None:
        """As Stripe does once they are a day old."""
        self._answers.clear()

    def _do(self, method: str, path: str, given: Thing) -> Thing:
        parts = path.removeprefix("/v1/").split("/")
        if len(parts) > 1 and parts[1] != "search":
            shape = "/".join([parts[0], "{id}", *parts[2:]])
        else:
            shape = "/".join(parts)
        takes = TAKES.get(f"{method} /v1/{shape}")
        if takes is None:
            raise Wrong(404, f"Unrecognized request URL ({method}: {path}).")
        for name in given:
            if name not in takes:
                raise Wrong(400, f"Received unknown parameter: {name}", param=name, code="parameter_unknown")
        kind, rest = parts[0], parts[1:]
        match method, kind, rest:
            case "GET", "account", []:
                return {
                    "object": "account",
                    "id": "acct_twin",
                    "settings": {"dashboard": {"display_name": "Atelier"}},
                }
            case "GET", "balance", []:
                return {"object": "balance", "livemode": self.live, "available": [], "pending": []}
            case "GET", "customers", ["search"]:
                return self._search(given["query"])
            case "GET", _, []:
                return self._list(kind, given)
            case "GET", _, [id]:
                return self._expanded(self._get(kind, id), given.get("expand", []))
            case "POST", _, []:
                return _CREATES[kind](self, given)
            case "POST", _, [id]:
                return self._update(self._get(kind, id), given)
            case "POST", "invoices", [id, step]:
                return getattr(self, f"step_{step}")(self._get(kind, id))
            case _:
                raise Wrong(404, f"Unrecognized request URL ({method}: {path}).")

    def _keep(self, kind: str, prefix: str, thing: Thing) -> Thing:
        number = next(self._numbers)
        made: Thing = {
            "id": f"{prefix}_{number:06}",
            "object": kind.removesuffix("s"),
            **({name: NOW + number} if (name := _DATED.get(kind, "created")) else {}),
            **({} if kind == "refunds" else {"livemode": self.live}),
            **thing,
        }
        self.things.setdefault(kind, {})[made["id"]] = made
        return made

    def _get(self, kind: str, id: str, param: str = "id") -> Thing:
        found = self.things.get(kind, {}).get(id)
        if found is None:
            raise Wrong(
                404, f"No such {kind.removesuffix('s')}: '{id}'", code="resource_missing", param=param
            )
        return found

    def _list(self, kind: str, given: Thing) -> Thing:
        found = self.all(kind)
        for name in given.keys() - {"limit", "starting_after", "expand", "created"}:
            found = [each for each in found if _same(each.get(name), given[name])]
        if "created" in given:
            found = [each for each in found if each["created"] >= int(given["created"]["gte"])]
        if "starting_after" in given:
            ids = [each["id"] for each in found]
            found = found[ids.index(given["starting_after"]) + 1 :]
        limit = int(given.get("limit", 10))
        if not 1 <= limit <= 100:
            raise Wrong(400, "Invalid integer: limit is 1 to 100", param="limit")
        paths = [path.removeprefix("data.") for path in given.get("expand", [])]
        data = [self._expanded(each, paths) for each in found[:limit]]
        return {"object": "list", "data": data, "has_more": len(found) > limit, "url": f"/v1/{kind}"}

    def _expanded(self, thing: Thing, paths: list[str]) -> Thing:
        kinds = {"latest_charge": "charges", "customer": "customers"}
        return {
            name: self.things[kinds[name]][value] if name in paths and value else value
            for name, value in thing.items()
        }

    def _search(self, query: str) -> Thing:
        if not self.searches:
            raise Wrong(400, "Search is not supported on this account")
        found = re.fullmatch(r'name~"((?:[^"\\]|\\.)*)" OR email~"\1"', query)
        if not found:
            raise Wrong(400, f"We were unable to parse your search query: {query}", param="query")
        text = re.sub(r"\\(.)", r"\1", found[1]).casefold()
        data = [
            each
            for each in self.all("customers")
            if text in each["name"].casefold() or text in (each["email"] or "").casefold()
        ]
        return {"object": "search_result", "data": data, "has_more": False, "url": "/v1/customers/search"}

    def _update(self, thing: Thing, given: Thing) -> Thing:
        thing["metadata"] = {**thing["metadata"], **given.get("metadata", {})}
        if "active" in given:
            thing["active"] = given["active"] == "true"
        return thing

    # Invoices.

    def step_finalize(self, invoice: Thing) -> Thing:
        if invoice["status"] != "draft":
            raise Wrong(400, "This invoice is already finalized", code="invoice_not_editable")
        who = self._get("customers", invoice["customer"])
        invoice.update(
            status="open",
            number=f"TWIN-{invoice['id'][-4:]}",
            customer_name=who["name"],
            customer_email=who["email"],
            hosted_invoice_url=f"https://invoice.example/{invoice['id']}",
        )
        return invoice

    def step_send(self, invoice: Thing) -> Thing:
        if invoice["status"] != "open" or invoice["collection_method"] != "send_invoice":
            raise Wrong(400, "You can only manually send an invoice that is open and to be sent")
        self.sends.append(invoice["id"])
        return invoice

    def step_void(self, invoice: Thing) -> Thing:
        if invoice["status"] not in ("open", "uncollectible"):
            raise Wrong(400, f"You cannot void an invoice that is {invoice['status']}")
        invoice["status"] = "void"
        return invoice

    # What is made.

    def make_customer(self, given: Thing) -> Thing:
        made = {"name": given.get("name"), "email": given.get("email"), "metadata": given.get("metadata", {})}
        return self._keep("customers", "cus", made)

    def make_refund(self, given: Thing) -> Thing:
        charge = self._get("charges", given["charge"], "charge")
        amount, left = int(given["amount"]), charge["amount"] - charge["amount_refunded"]
        if amount > left:
            message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
            raise Wrong(400, message, param="amount")
        charge["amount_refunded"] += amount
        return self._keep(
            *("refunds", "re"),
            {
                "charge": charge["id"],
                "payment_intent": charge["payment_intent"],
                "amount": amount,
                "currency": charge["currency"],
                "reason": given.get("reason"),
                "status": "succeeded",
                "metadata": given.get("metadata", {}),
            },
        )

    def make_invoice(self, given: Thing) -> Thing:
        self._get("customers", given["customer"], "customer")
        if given.get("collection_method") == "send_invoice" and "days_until_due" not in given:
            raise Wrong(400, "days_until_due or due_date is required", param="days_until_due")
        made = {
            "customer": given["customer"],
            "currency": given["currency"],
            "collection_method": given.get("collection_method", "charge_automatically"),
            "due_date": NOW + int(given["days_until_due"]) * 86_400,
            "status": "draft",
            "number": None,
            "total": 0,
            "customer_name": None,
            "customer_email": None,
            "hosted_invoice_url": None,
            "metadata": given.get("metadata", {}),
        }
        return self._keep("invoices", "in", made)

    def make_invoiceitem(self, given: Thing) -> Thing:
        invoice = self._get("invoices", given["invoice"], "invoice")
        if invoice["status"] != "draft" or invoice["currency"] != given["currency"]:
            raise Wrong(400, "The invoice cannot take this item", param="invoice")
        invoice["total"] += int(given["amount"])
        made = {name: given.get(name) for name in ("customer", "invoice", "currency", "description")}
        return self._keep("invoiceitems", "ii", {**made, "amount": int(given["amount"])})

    def make_payment_link(self, given: Thing) -> Thing:
        (item,) = given["line_items"]
        priced = item["price_data"]
        assert int(priced["unit_amount"]) > 0
        assert priced["currency"].islower()
        assert priced["product_data"]["name"]
        assert item["quantity"] == "1"
        made = self._keep(
            "payment_links",
            "plink",
            {"active": True, "currency": priced["currency"], "metadata": given.get("metadata", {})},
        )
        made["url"] = f"https://buy.example/{made['id']}"
        made["_asked"] = int(priced["unit_amount"])
        return made


_CREATES: Mapping[str, Callable[[StripeTwin, Thing], Thing]] = {
    "customers": StripeTwin.make_customer,
    "refunds": StripeTwin.make_refund,
    "invoices": StripeTwin.make_invoice,
    "invoiceitems": StripeTwin.make_invoiceitem,
    "payment_links": StripeTwin.make_payment_link,
}


def _same(kept: Any, asked: str) -> bool:
    return str(kept).lower() == asked if isinstance(kept, bool) else kept == asked


def _nested(pairs: list[tuple[str, str]]) -> Thing:
    """Stripe's form spelling as objects and lists."""
    tree: Thing = {}
    for name, value in pairs:
        steps = re.findall(r"[^\[\]]+", name)
        at = tree
        for step in steps[:-1]:
            at = at.setdefault(step, {})
        at[steps[-1]] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items: Thing = {name: _listed(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return list(items.values()) if items and all(name.isdigit() for name in items) else items
