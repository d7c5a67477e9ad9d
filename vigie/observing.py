"""What others watch this process by: alive, ready, and its numbers."""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.telemetry.metrics import CONTENT_TYPE, Around
from bot import vitals
from bot.errors import VigieError
from bot.vitals import Vitals
from vigie.plugging import Plugged
from vigie.readiness import PATIENCE, Readiness, said


def watched(plugged: Plugged) -> list[BaseRoute]:
    """`/healthz`: the process answers. `/readyz`: it does its work, or 503 with what is not so. `/metrics`."""
    readiness = Readiness(plugged=plugged)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        ready, words = said(await readiness.look())
        return PlainTextResponse(words, status_code=200 if ready else 503)

    async def metrics(_: Request) -> Response:
        found, looked = await asyncio.gather(readiness.look(), _vitals(plugged))
        around = Around(
            ready=said(found)[0],
            workers=plugged.engine.busy,
            doors={name: found[name].well for name in plugged.doors},
        )
        return Response(plugged.metrics.text(looked, around), media_type=CONTENT_TYPE)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


async def _vitals(plugged: Plugged) -> Vitals | None:
    """None while the store is away: whoever asks gives up after a few seconds, and is to learn that it is not ready."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await vitals.look(house=plugged.house)
    except (VigieError, TimeoutError):
        return None
