"""Requests to web addresses that an installation has listed."""

from adapters.systems.web_request.hosts import Hosts
from adapters.systems.web_request.requests import WebRequests

__all__ = ["Hosts", "WebRequests"]
