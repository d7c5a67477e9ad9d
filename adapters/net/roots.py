"""The authorities that we trust, read once: reading them costs tens of milliseconds, and every caller wants the same.

Knows no address and no connection.
"""

import ssl
from functools import cache

import httpx


@cache
def roots() -> ssl.SSLContext:
    """Verifies a server's certificate and name against the authorities that httpx carries, or those of
    `SSL_CERT_FILE` or `SSL_CERT_DIR`. Shared: never change it."""
    return httpx.create_ssl_context()
