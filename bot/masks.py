"""What the ledger may not keep: secrets are masked, and what a deed is about never is. Pure.

Two things decide. What a field means: destinations, amounts and objects are kept as they are, whatever they
look like, because a record that hides them answers nothing. And what a text looks like: the published shapes of
tokens and keys, and values that stand behind a name such as `password`.
"""

import re
from collections.abc import Mapping

from bot.actions import Action, Field, Kind, Part
from bot.speech import Tongue
from bot.tickets import BRINGING
from bot.values import Json, is_mapping, is_sequence, shown

KEPT_PARTS = frozenset({Part.OBJECT, Part.RECIPIENT, Part.AMOUNT})
KEPT_KINDS = frozenset(
    {
        Kind.OBJECT, Kind.EMAIL, Kind.MONEY, Kind.INTEGER, Kind.BOOLEAN, Kind.CHOICE, Kind.DATE, Kind.MOMENT,
    }
)  # fmt: skip
"""A secret is a text: what can only be an address, a number or a choice is none."""

# Prefixes are the providers' own: Stripe, Slack, GitHub, GitLab, AWS, Google, OpenAI and Anthropic, Shopify,
# HubSpot, Notion, Airtable, SendGrid, npm, PyPI; then JSON Web Tokens, Telegram bot tokens, PEM blocks.
_SHAPES = re.compile(
    r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|\bwhsec_[A-Za-z0-9+/=]{16,}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}"
    r"|\bgh[oprsu]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[\w-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}"
    r"|\bsk-(?:ant-|proj-)?[\w-]{20,}"
    r"|\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{20,}"
    r"|\bpat-(?:na|eu)[0-9]-[A-Fa-f0-9-]{20,}"
    r"|\b(?:secret|ntn)_[A-Za-z0-9]{30,}"
    r"|\bpat[A-Za-z0-9]{14}\.[a-f0-9]{40,}"
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w-]{40,}"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"
    r"|\b[0-9]{6,12}:[A-Za-z0-9_-]{30,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.ASCII | re.DOTALL,
)
_NAMES = (
    r"pass(?:word|phrase|wd)?|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key"
    r"|client[_-]?secret|credentials?|authorization|mot de passe"
)
_NAMED = re.compile(
    rf"(?P<name>\b(?:[\w-]*[_-])?(?:{_NAMES})[\"']?\s*(?:[:=]|\bis\b|\best\b)\s*[\"']?)"
    r"(?P<secret>(?!⟦)[^\s\"',;&]{4,})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?P<name>\b(?:Bearer|Basic)\s+)(?P<secret>[A-Za-z0-9+/=._~-]{12,})")
# Our own one-time codes, as people are told to send them: `link Y8XH…`.
_CODE = re.compile(
    rf"(?P<name>\b(?:{'|'.join(BRINGING)})\s+)(?P<secret>[\w-]{{20,}})", re.ASCII | re.IGNORECASE
)
_SECRET_KEY = re.compile(rf"(?:.*[_-])?(?:{_NAMES})", re.IGNORECASE)
_KEPT_KEY = re.compile(
    r"(?:.*_)?(?:to|cc|bcc|recipients?|e?mail|address|iban|account|destination|phone|url|host|amount|total"
    r"|minor|currency|price|id|order|object|customer|invoice|number|code|sku)",
    re.IGNORECASE,
)


def text(value: str) -> str:
    """Free text with whatever looks like a secret masked."""
    value = _SHAPES.sub(lambda found: mask(found[0]), value)
    for named in (_BEARER, _CODE):
        value = named.sub(lambda found: found["name"] + mask(found["secret"]), value)
    return _NAMED.sub(lambda found: found["name"] + mask(found["secret"]), value)


_STANDING = re.compile(r"⟦(?P<how>masked|not kept here), (?P<n>[0-9]{1,9}) characters⟧")


def keys(value: str) -> str:
    """Free text with whatever has the published shape of a key masked, and nothing else of it."""
    return _SHAPES.sub(lambda found: mask(found[0]), value)


def mask(secret: str) -> str:
    """What stands in its place: that there was something, and how long. Never a digest: short secrets can be
    guessed from one."""
    return f"⟦masked, {len(secret)} characters⟧"


def away(value: Json) -> str:
    """What stands in the place of words that may have to be forgotten: that there were some, and how many
    characters. What exactly was done is bound by the digest of the call."""
    return f"⟦not kept here, {len(shown(value))} characters⟧"


def told(text: str, tongue: Tongue) -> str:
    """The same text with what stands in the place of secrets and words in somebody's language: the record has it in one."""
    return _STANDING.sub(lambda found: _in(found["how"], int(found["n"]), tongue), text)


def _in(how: str, n: int, tongue: Tongue) -> str:
    if how == "masked":
        return tongue.many("(masked: {n} character)", "(masked: {n} characters)", n)
    return tongue.many("(not kept here: {n} character)", "(not kept here: {n} characters)", n)


def arguments(action: Action | None, given: Mapping[str, Json]) -> dict[str, Json]:
    """The arguments of a call as the ledger keeps them. `action` is None when its definition is gone."""
    fields = {field.name: field for field in action.fields} if action else {}
    return {name: _argument(name, fields.get(name), value) for name, value in given.items()}


def _argument(name: str, field: Field | None, value: Json) -> Json:
    if field is not None and field.forgettable:
        return away(value)
    if field is not None and (field.part in KEPT_PARTS or field.kind in KEPT_KINDS):
        return value
    # Without a definition a name must do: what can be a destination, an amount or an object is kept.
    return value if field is None and _KEPT_KEY.fullmatch(name) else inside(value, name)


def inside(value: Json, name: str = "") -> Json:
    """JSON with the secrets in it masked; `name` is the key it stands under."""
    match value:
        case {"minor": int(), "currency": str()}:
            return value
        case str():
            return mask(value) if value and _SECRET_KEY.fullmatch(name) else text(value)
        case _ if is_mapping(value):
            return {
                key: item if _KEPT_KEY.fullmatch(key) and not is_mapping(item) else inside(item, key)
                for key, item in value.items()
            }
        case _ if is_sequence(value):
            return [inside(item, name) for item in value]
        case _:
            return value
