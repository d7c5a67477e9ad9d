"""Prometheus: numbers by PromQL, to be watched."""

from adapters.systems.client import Client
from adapters.systems.prometheus.numbers import Prometheus
from adapters.systems.vendors import Login, Need, Vendor, fixed
from bot.errors import BadInput

__all__ = ["VENDOR", "Prometheus"]


def _open(login: Login) -> Prometheus:
    url = login.required("url").rstrip("/")
    if not url.startswith(("http://", "https://")) or "@" in url or "?" in url:
        raise BadInput("the address of Prometheus reads like http://127.0.0.1:9090", field="url")
    token = login.value("token")
    client = Client(
        vendor="Prometheus",
        base=url,
        token=fixed(token) if token else None,
        transport=login.transport,
        timeout=9,
    )
    return Prometheus(client, name=login.name, address=url)


VENDOR = Vendor(
    name="prometheus",
    title="Prometheus",
    needs=(
        Need(
            name="url",
            title="Address",
            setting="PROMETHEUS_URL",
            secret=False,
            help="Of the server or what stands before it, for example http://127.0.0.1:9090.",
        ),
        Need(
            name="token",
            title="Bearer token",
            setting="PROMETHEUS_TOKEN",
            required=False,
            help="Where one is asked for.",
        ),
    ),
    open=_open,
    help="Its numbers can be watched: watch prometheus 'rate(errors_total[5m])' above 5.",
)
