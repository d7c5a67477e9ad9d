"""Every system that is held to the contract, by name. A new one: a file with its SAMPLE, and a line here."""

from collections.abc import Mapping

from tests.contracts.systems import (
    airtable,
    demo,
    email,
    hubspot,
    mcp,
    notion,
    shopify,
    stripe,
    web_request,
    zoho,
)
from tests.contracts.systems.sample import Sample

SAMPLES: Mapping[str, Sample] = {
    "airtable": airtable.SAMPLE,
    "demo": demo.SAMPLE,
    "email": email.SAMPLE,
    "http": web_request.SAMPLE,
    "hubspot": hubspot.SAMPLE,
    "mcp": mcp.SAMPLE,
    "notion": notion.SAMPLE,
    "shopify": shopify.SAMPLE,
    "stripe": stripe.SAMPLE,
    "zoho": zoho.SAMPLE,
}
