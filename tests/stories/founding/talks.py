"""One driver for each chat: what a person says there, which card they see, and what it becomes once they press it."""

import html
import itertools
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from bot.values import Json
from tests.running import Program
from tests.stories.peers.record import until
from tests.twins import slack_events
from tests.twins.slack import SlackTwin
from tests.twins.telegram import Twin, buttons

ALICE = "U0ALICE"


class Talk(Protocol):
    """One person in one chat."""

    async def say(self, text: str) -> None: ...

    async def hears(self, *words: str) -> str:
        """The newest thing said to them that has all these words."""
        ...

    async def card(self, *words: str, yes: str = "Approve") -> str:
        """What stands on the newest card with these words that can be said yes to, in whose chat ever it is; `yes` is
        what the button is called."""
        ...

    async def approve(self) -> None:
        """Presses yes on that card, and again where they are asked again."""
        ...

    async def becomes(self, *words: str) -> str:
        """What stands on that card once it has these words."""
        ...

    async def seen(self) -> str:
        """Everything that was shown."""
        ...


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


@dataclass
class OnSlack:
    """Over signed HTTP, as Slack delivers."""

    program: Program
    twin: SlackTwin
    http: httpx.AsyncClient
    _card: str = ""
    _yes: str = "Approve"
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def _post(self, payload: dict[str, Json]) -> None:
        body, headers = slack_events.request(payload)
        answer = await self.http.post(f"{self.program.url}/slack/events", content=body, headers=headers)
        assert answer.status_code == 200, answer.text

    async def say(self, text: str) -> None:
        at = f"{time.time():.0f}.{next(self._numbers):06}"
        await self._post(slack_events.said(text, user=ALICE, ts=at, event_id=f"Ev{at}"))

    def _texts(self) -> Iterator[tuple[Json, str]]:
        for message in reversed(self.twin.messages):
            yield message, html.unescape(json.dumps(message, ensure_ascii=False))

    async def hears(self, *words: str) -> str:
        async def look() -> str:
            return next((text for _, text in self._texts() if _has(text, words)), "")

        return await until(look, f"Slack did not say {words}; last: {self.twin.messages[-1:]}")

    async def card(self, *words: str, yes: str = "Approve") -> str:
        async def look() -> str:
            for message, text in self._texts():
                if _has(text, words) and _button(message, yes):
                    self._card, self._yes = message["ts"], yes
                    return text
            return ""

        return await until(look, f"no card with {words} on Slack")

    async def approve(self) -> None:
        message = next(each for each in self.twin.messages if each["ts"] == self._card)
        button = _button(message, self._yes)
        assert button is not None
        stamp = f"{time.time():.6f}"
        pressed = slack_events.pressed(
            button["action_id"], button["value"], user=ALICE, ts=self._card, action_ts=stamp
        )
        await self._post(pressed)

    async def becomes(self, *words: str) -> str:
        async def look() -> str:
            found = (text for message, text in self._texts() if message["ts"] == self._card)
            return next((text for text in found if _has(text, words)), "")

        return await until(look, f"the card on Slack did not say {words}")

    async def seen(self) -> str:
        return repr(self.twin.calls) + repr(self.twin.messages)


def _button(message: Json, label: str) -> Json:
    actions = [block for block in message.get("blocks") or () if block["type"] == "actions"]
    found = [each for block in actions for each in block["elements"] if each["text"]["text"] == label]
    return found[0] if found else None


@dataclass
class OnTelegram:
    """By long polling. Somebody new for each sentence: a bot may write once a second to one person."""

    twin: Twin
    people: Iterator[int]
    _user: int = 0
    _before: list[int] = field(default_factory=list[int])
    _card: int = 0
    _yes: str = "Approve"

    async def say(self, text: str) -> None:
        self._user = next(self.people)
        self._before.append(self._user)
        self.twin.say(text, user=self._user)

    async def hears(self, *words: str) -> str:
        def look() -> str:
            texts = (m["text"] for m in reversed(self.twin.messages(self._user)))
            return next((text for text in texts if _has(text, words)), "")

        return await self.twin.until(look)

    async def card(self, *words: str, yes: str = "Approve") -> str:
        def look() -> str:
            for user in reversed(self._before):
                for message in reversed(self.twin.messages(user)):
                    if yes in buttons(message) and _has(message["text"], words):
                        self._user, self._card, self._yes = user, message["message_id"], yes
                        return message["text"]
            return ""

        return await self.twin.until(look)

    def _standing(self) -> Json:
        return self.twin.standing[self._user][self._card]

    async def approve(self) -> None:
        self.twin.press(self._yes, message=self._card, user=self._user)
        await self.twin.until(lambda: self._yes not in buttons(self._standing()))
        for again in ("Yes, approve", "Oui, approuver"):
            if again in buttons(self._standing()):
                self.twin.press(again, message=self._card, user=self._user)

    async def becomes(self, *words: str) -> str:
        await self.twin.until(lambda: _has(self._standing()["text"], words))
        return self._standing()["text"]

    async def seen(self) -> str:
        return repr(self.twin.calls)


_ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)
_LINE = re.compile(r"<li id=\"line-.*?</li>", re.DOTALL)


def _plain(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))


@dataclass
class OnTheWeb:
    """A browser without scripts, signed in by the printed link."""

    program: Program
    http: httpx.AsyncClient
    pages: list[str] = field(default_factory=list[str])
    _card: str = ""
    _ref: str = ""

    async def enter(self) -> None:
        token = self.program.link.partition("token=")[2]
        await self.http.get(f"/sign-in?token={token}")
        answer = await self.http.post("/sign-in", data={"token": token})
        assert answer.status_code == 303, answer.text

    async def _chat(self) -> str:
        answer = await self.http.get("/chat")
        assert answer.status_code == 200, answer.text
        self.pages.append(answer.text)
        return answer.text

    async def say(self, text: str) -> None:
        hidden = _hidden(await self._chat())
        answer = await self.http.post(
            "/say", data={"csrf": hidden["csrf"], "nonce": hidden["nonce"], "text": text}
        )
        assert answer.status_code == 303, answer.text

    async def hears(self, *words: str) -> str:
        async def look() -> str:
            lines = [
                _plain(each) for each in _LINE.findall(await self._chat()) if 'class="line ours"' in each
            ]
            return next((text for text in reversed(lines) if _has(text, words)), "")

        return await until(look, f"the page did not say {words}")

    async def card(self, *words: str, yes: str = "Approve") -> str:
        async def look() -> str:
            for each in reversed(_ARTICLE.findall(await self._chat())):
                if 'name="verb" value="approve"' in each and _has(_plain(each), (*words, yes)):
                    self._card, self._ref = each, re.search(r'data-ref="([^"]*)"', each)[1]  # pyright: ignore[reportOptionalSubscript]
                    return _plain(each)
            return ""

        return await until(look, f"no card with {words} on the page")

    async def approve(self) -> None:
        forms = self._card.split("<form")
        form = next(each for each in forms if 'name="verb" value="approve"' in each)
        fields = _hidden(form)
        answer = await self.http.post("/press", data=fields)
        if fields.get("unsure") and answer.status_code == 200:
            answer = await self.http.post("/press", data=_hidden(answer.text.split("<form")[-1]))
        assert answer.status_code == 303, answer.text

    async def becomes(self, *words: str) -> str:
        async def look() -> str:
            cards = [
                each for each in _ARTICLE.findall(await self._chat()) if f'data-ref="{self._ref}"' in each
            ]
            return next((_plain(each) for each in cards if _has(_plain(each), words)), "")

        return await until(look, f"the card on the page did not say {words}")

    async def seen(self) -> str:
        return "\n".join(self.pages)


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}
