"""What can go wrong with a model, as our own errors. The sentences hold no key, address or body of an answer."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from pydantic import ValidationError
from pydantic_ai import exceptions as ai

from bot.errors import Failed, Unreachable
from bot.speech import Tongue


@contextmanager
def translated(name: str, tongue: Tongue) -> Generator[None, None, None]:
    """Whatever a provider's library raises inside becomes Unreachable or Failed. Cancelling stays cancelling."""
    try:
        yield
    except ai.AgentRunError as error:
        raise _of_run(error, name, tongue) from error
    except ai.UserError as error:
        raise Failed(tongue("the model {model} cannot be asked this way", model=name)) from error
    except TimeoutError as error:
        raise _late(name, tongue) from error
    except (OSError, asyncio.IncompleteReadError) as error:
        raise Unreachable(tongue("there is no connection to the model {model}", model=name)) from error
    except (ValidationError, ValueError) as error:
        raise Unreachable(
            tongue("the model {model} answered with what cannot be read", model=name)
        ) from error


def _of_run(error: ai.AgentRunError, name: str, tongue: Tongue) -> Unreachable | Failed:
    match error:
        case ai.ModelRateLimitError():
            return Unreachable(
                tongue("the model {model} is over its limit of requests", model=name),
                retry_after=error.retry_after,
            )
        case ai.ModelQuotaExceededError():
            return Failed(tongue("the account of the model {model} has no credit left", model=name))
        case ai.ModelAuthenticationError():
            return Failed(tongue("the provider of {model} does not accept the key", model=name))
        case ai.ModelContextWindowExceededError():
            return Failed(tongue("this conversation is too long for the model {model}", model=name))
        case ai.ModelNotFoundError():
            return Failed(tongue("the provider knows no model {model}", model=name))
        case ai.ModelRequestRejectedError():
            return Failed(tongue("the provider of {model} refused the request", model=name))
        case ai.ContentFilterError():
            return Failed(tongue("the provider of {model} filtered this content", model=name))
        case ai.ModelTimeoutError() | ai.ModelRequestTimeout():
            return _late(name, tongue)
        case ai.ModelConnectionError():
            return Unreachable(tongue("there is no connection to the model {model}", model=name))
        case ai.ModelHTTPError():
            return _of_status(error, name, tongue)
        case ai.ModelAPIError():
            return Unreachable(
                tongue("the provider of {model} has trouble", model=name), retry_after=error.retry_after
            )
        case _:
            return Unreachable(tongue("the model {model} answered with what cannot be read", model=name))


def _late(name: str, tongue: Tongue) -> Unreachable:
    """It was asked, and may have worked: nobody knows what that cost."""
    late = Unreachable(tongue("the model {model} did not answer in time", model=name))
    late.spent = True
    return late


def _of_status(error: ai.ModelHTTPError, name: str, tongue: Tongue) -> Unreachable | Failed:
    match error.status_code:
        case 408 | 409 | 425 | 429:
            retry = True
        case status:
            retry = status >= 500
    if retry:
        return Unreachable(
            tongue("the provider of {model} has trouble", model=name), retry_after=error.retry_after
        )
    return Failed(tongue("the provider of {model} refused the request", model=name))
