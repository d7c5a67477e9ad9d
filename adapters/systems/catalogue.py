"""Every vendor that can be connected, by name. A new one is plugged in by one more line here."""

from collections.abc import Mapping

from adapters.systems import (
    airtable,
    email,
    hubspot,
    notion,
    prometheus,
    shopify,
    sql,
    stripe,
    web_request,
    zoho,
)
from adapters.systems.vendors import Vendor

VENDORS: Mapping[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        # one per line, in alphabetical order: a package's VENDOR
        airtable.VENDOR,
        email.VENDOR,
        hubspot.VENDOR,
        notion.VENDOR,
        prometheus.VENDOR,
        shopify.VENDOR,
        sql.VENDOR,
        stripe.VENDOR,
        web_request.VENDOR,
        zoho.VENDOR,
    )
}
