"""The page of the reference that lists every vendor, opened as a connection opens it, with each of its actions.

Calls nobody: what a system offers is known before it is asked anything.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.systems.catalogue import VENDORS
from adapters.systems.demo import DemoShop
from adapters.systems.vendors import Login, Vendor
from bot.actions import Action, Field, Kind, Mode, Reversal

_EXAMPLES = {
    "SMTP_URL": "smtp://mail.example.com:25",
    "MAIL_FROM": "vigie@example.com",
    "IMAP_URL": "imap://name:password@mail.example.com:143/INBOX",
    "HTTP_HOSTS": "api.example.com",
    "PROMETHEUS_URL": "http://127.0.0.1:9090",
    "SQL_URL": "sqlite:////srv/shop.db",
}
"""What settings with a form of their own look like; for the others any text will do."""


def systems_page(written: str, afterwards: Mapping[Reversal, str]) -> str:
    lines = [
        "# Systems",
        "",
        written.format(module="adapters.systems.catalogue and the demo shop"),
        "",
        "Every vendor that can be connected ([how](../how-to/README.md)), and each of its actions. A second account of the",
        "same vendor has the same actions under its own name. Tools of MCP servers are not listed: they are what each",
        "server says and what people made of it ([MCP servers](../how-to/connect-mcp.md)).",
        "",
        "- Fields: name and kind. The mind fills them (`auto`), but for those marked **manual** (a person types) and",
        "  **selector** (a person picks); an owner may say otherwise of each ([field modes](../how-to/set-field-modes.md)).",
        "  An *object* can be picked from what there is at that moment. Fields in brackets may be left out.",
        "- Risk: R0 reads; R1 is reversible and private; R2 is seen by others; R3 is money, access or deletion.",
        "- Repeating: “never twice” where the provider itself keeps our key, so that a repetition is recognised; “looked up",
        "  first” where we ask what became of a deed before it would be repeated, and a person where that cannot be known.",
    ]
    for vendor in VENDORS.values():
        lines += ["", f"## {vendor.title}", "", *_needs(vendor), "", *_table(offered(vendor), afterwards)]
    lines += ["", "## The demo shop", "", "`vigie demo`; needs nothing.", ""]
    lines += _table(demo(), afterwards)
    return "\n".join(lines) + "\n"


def offered(vendor: Vendor) -> tuple[Action, ...]:
    """The actions of an account that gave everything a login takes."""
    wanted = [need for need in vendor.needs if need.required or need.setting in _EXAMPLES]
    values = {need.name: _EXAMPLES.get(need.setting, "example") for need in wanted}
    return vendor.open(Login(name=vendor.name, values=values)).actions()


def everything() -> frozenset[str]:
    """The names of all actions that systems offer, as people and policies write them."""
    return frozenset(
        action.name for actions in (demo(), *map(offered, VENDORS.values())) for action in actions
    )


def demo() -> tuple[Action, ...]:
    """What the demo shop offers."""
    with TemporaryDirectory() as folder:
        return DemoShop(Path(folder) / "shop.db", today=date(2026, 11, 21)).actions()


def _needs(vendor: Vendor) -> Iterator[str]:
    settings = [f"`{need.setting}`{'' if need.required else ' (optional)'}" for need in vendor.needs]
    yield f"Settings: {', '.join(settings)}."
    if vendor.oauth is not None:
        yield ""
        asked = ", ".join(f"`{scope}`" for scope in vendor.oauth.scopes) or "none to be named"
        yield f"By OAuth with `{vendor.oauth.client_id}`; scopes: {asked}."


def _table(actions: tuple[Action, ...], afterwards: Mapping[Reversal, str]) -> Iterator[str]:
    yield "| action | does | fields | risk | afterwards | repeating |"
    yield "|---|---|---|---|---|---|"
    for action in actions:
        fields = "<br>".join(_field(each) for each in action.fields)
        after = afterwards[action.reversal] if action.risk else ""
        again = ("never twice" if action.keyed else "looked up first") if action.risk else "harmless"
        does = action.title + (". It carries words out" if action.egress else "")
        yield f"| `{action.name}` | {does} | {fields} | R{int(action.risk)} | {after} | {again} |"


def _field(field: Field) -> str:
    required = field.required and field.default is None
    name = f"`{field.name}`" if required else f"[`{field.name}`]"
    kind = field.kind.replace("_", " ")
    if field.kind is Kind.CHOICE:
        kind += f" of {', '.join(field.choices)}"
    who = "" if field.mode is Mode.AUTO else f", **{field.mode}**"
    return f"{name} {kind}{who}".replace("|", "\\|")
