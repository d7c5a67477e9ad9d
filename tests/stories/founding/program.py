"""The real program, in a world where api.example.com answers at a port of this machine: the guard lets no address inside
through, whatever is listed.

usage: API_PORT=… python -m tests.stories.founding.program up
"""

import os
import sys

import httpx

import vigie
from adapters.net.guarded import Guarded
from adapters.systems import web_request
from tests.adapters.net.hostile import PUBLIC, names
from tests.adapters.systems.test_web_request import Tls


def led(*, inner: httpx.AsyncBaseTransport | None = None) -> Guarded:
    """What `Guarded` is to the rest of the program."""
    assert inner is None
    return Guarded(resolve=names(api_example_com=[PUBLIC]), inner=Tls(int(os.environ["API_PORT"])))


if __name__ == "__main__":
    setattr(web_request, "Guarded", led)  # noqa: B010 (a class becomes a function)
    sys.exit(vigie.main())
