"""Views to HTML. The templates escape every value; `visible` spells out what would hide or mislead."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from adapters.charts import svg
from adapters.chat.web import marking, rooms
from adapters.chat.web.drawn import CardView, Frame, Shown, Viewer
from adapters.chat.web.rooms.room import View
from bot.actions import Kind
from bot.charts import Chart
from bot.effects import Question, Text
from bot.forms import Entry
from bot.house import House
from bot.speech import Tongue, Tongues
from bot.visible import visible

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One static file, held in memory. `version` stands in its address, so that it may be kept for ever."""

    body: bytes
    media_type: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """One line of the list of rooms."""

    path: str
    title: str
    group: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every page and fragment of one signed-in viewer needs: the token of its forms, a tongue, and the list of
    rooms they may enter."""

    viewer: Viewer
    csrf: str
    doors: tuple[Entrance, ...] = ()

    @property
    def tongue(self) -> Tongue:
        return self.viewer.tongue

    def nonce(self) -> str:
        """New for every form that is drawn."""
        return secrets.token_urlsafe(12)

    def day(self, at: datetime) -> str:
        return self.tongue.day(at, self.viewer.person.zone)


def entrances(viewer: Viewer, house: House) -> Iterable[Entrance]:
    """The list of rooms, as this person may enter them; the chat stands behind Now."""
    for room in rooms.open_to(viewer, house):
        if not room.within:
            yield Entrance(path=room.path, title=room.title(viewer.tongue), group=room.group)
        if room is rooms.NOW:
            yield Entrance(path="/chat", title=viewer.tongue("Chat"))


class Renderer:
    """The templates and the static files, read once. `tongues` are those one can change to."""

    def __init__(self, tongues: Tongues) -> None:
        self._tongues = tongues
        self.assets = {file.name: _asset(file) for file in sorted((_HERE / "static").iterdir())}

    @cached_property
    def _templates(self) -> "Environment":
        # Imported here: a process whose page nobody opens does not pay for it, and a worker never.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

        made = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters.update({"visible": visible, "marked": marking.to_html, "drawn": _drawn})
        made.tests.update(
            {"card": _is_card, "question": _is_question, "marked": _is_marked, "words": _is_words}
        )
        return made

    @cached_property
    def _common(self) -> Mapping[str, object]:
        return {
            "asset": self._address,
            "languages": tuple(self._tongues.languages.items()),
            "control": control,
        }

    def _address(self, name: str) -> str:
        return f"/static/{name}?v={self.assets[name].version}"

    def page(self, name: str, desk: Desk, frame: Frame, **values: object) -> str:
        """A whole page for somebody signed in."""
        around: dict[str, object] = {"query": "", **values}
        return self._templates.get_template(f"{name}.html").render(
            desk=desk, tongue=desk.tongue, frame=frame, **self._common, **around
        )

    def plain_page(self, name: str, tongue: Tongue, **values: object) -> str:
        """A page for anybody: sign-in and problems."""
        return self._templates.get_template(f"{name}.html").render(tongue=tongue, **self._common, **values)

    def line(self, shown: Shown, desk: Desk) -> str:
        return self._fragment("fragment_line.html", desk, {"shown": shown})

    def banner(self, frame: Frame, desk: Desk) -> str:
        return self._fragment("fragment_banner.html", desk, {"frame": frame})

    def listing(self, name: str, view: View, desk: Desk) -> str:
        """The part of a room that its stream replaces."""
        return self._fragment(f"fragment_{name}.html", desk, {"view": view})

    def _fragment(self, name: str, desk: Desk, values: Mapping[str, object]) -> str:
        return self._templates.get_template(name).render(desk=desk, tongue=desk.tongue, **values)


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    return Asset(
        body=body,
        media_type=_TYPES[file.suffix[1:]],
        version=hashlib.sha256(body).hexdigest()[:12],
    )


def _is_card(value: object) -> bool:
    return isinstance(value, CardView)


def _is_question(value: object) -> bool:
    return isinstance(value, Question)


def _is_marked(value: object) -> bool:
    return isinstance(value, Text) and value.mark


def _is_words(value: object) -> bool:
    return isinstance(value, Text)


def control(entry: Entry) -> str:
    """Which input asks for an entry: the type of an `<input>`, or `select` or `textarea`.

    A value with hidden characters or several lines never goes where the browser would drop or refuse it.
    """
    if entry.options:
        return "text" if entry.more else "select"
    if entry.choices and (entry.value in entry.choices or not entry.value):
        return "select"
    if "\n" in entry.value:
        return "textarea"
    if visible(entry.value) != entry.value:
        return "text"
    match entry.kind:
        case Kind.LONG_TEXT | Kind.FIELDS | Kind.JSON:
            return "textarea"
        case Kind.INTEGER:
            return "number"
        case Kind.DATE:
            return "date"
        case Kind.EMAIL:
            return "email"
        case Kind.URL:
            return "url"
        case _:
            return "text"


def _drawn(chart: Chart) -> Markup:
    """A chart as a picture; what it says is escaped where it is drawn."""
    return Markup(svg(chart))  # noqa: S704
