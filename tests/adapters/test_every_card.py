"""Every card of every action: of each vendor, of the demo shop and of the assistant itself; as it asks, in full, beside
others of its kind, and as each receipt it can become; in Slack, in Telegram and on the page; in each language.

The ten longest are also drawn by a real browser, narrow, for somebody to look at: `VIGIE_TEST_PICTURES` names a folder
that keeps them.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from playwright.async_api import Route, async_playwright
from slack_sdk.models.blocks import Block

from adapters.chat.slack import cards as slack
from adapters.chat.slack import modal
from adapters.chat.telegram import cards as telegram
from adapters.chat.web import drawn
from adapters.chat.web.render import Desk, Renderer
from adapters.chat.web.rooms.pending import PENDING, Pending
from adapters.speech.languages import tongues
from adapters.systems.catalogue import VENDORS
from bot import batch_cards, cards, forms
from bot.actions import Account, Action, Call, Change, Field, Kind, Preview, Receipt
from bot.batches import Batch
from bot.cards import Card
from bot.effects import Authority, Effect, Run
from bot.people import Person, Role
from bot.places import Place
from bot.proposals import Proposal, Source, SourceKind, State
from bot.speech import Tongue
from bot.values import Json
from tests import accents
from tests.adapters.telegram.samples import KEY
from tests.adapters.telegram.test_entities import accepted
from tests.adapters.test_same_card import page_of, said
from tests.bot.drawing import KNOWN, LANGUAGES, NOW, proposal
from tests.docs.systems import offered
from tests.peers.servers import CHROMIUM_FLAGS, chromium_path
from tests.twins import slack_rules, telegram_rules

ACTIONS = (*(action for vendor in VENDORS.values() for action in offered(vendor)), *KNOWN)
PLACE = Place(platform="slack", team="T0123", channel="D0123", private=True)
PEOPLE = {"per_1": "Marie-Antoinette de La Rochefoucauld", "per_2": "Ana"}
REASON = "She wrote that the parcel never came, and the carrier says it was lost."
PAGES = Renderer(tongues())


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One card that somebody may get to see."""

    name: str
    card: Card
    tongue: Tongue


# --- what may be asked -------------------------------------------------------------------------------------


def everyday(field: Field) -> Json:
    """Something a person would write there."""
    match field.kind:
        case Kind.MONEY:
            return {"minor": 1_234_567, "currency": "EUR"}
        case Kind.INTEGER:
            return 14
        case Kind.BOOLEAN:
            return True
        case Kind.CHOICE:
            return field.choices[-1]
        case Kind.DATE:
            return "2026-12-24"
        case Kind.MOMENT:
            return "2026-12-24T18:30:00+01:00"
        case Kind.EMAIL:
            return "marie-antoinette.de-la-rochefoucauld@accounting.example.com"
        case Kind.URL:
            return "https://shop.example.com/orders/1042?tab=payments&from=mail"
        case Kind.FIELDS:
            return {"Status": "Done", "Due date": "2026-03-31", "Tags": ["late", "refunded"]}
        case Kind.JSON:
            return [{"action": "demo.refund", "fields": {"order": "1042", "amount": "12.50 EUR"}}]
        case Kind.TERMS:
            return [["order", "any", None], ["amount", "most", {"minor": 5_000, "currency": "EUR"}]]
        case Kind.OBJECT:
            return "gid://shop/Order/5678901234567"
        case Kind.TEXT:
            return "Parcel 1042 of the Dupont family"[: field.longest]
        case Kind.LONG_TEXT:
            return ("Dear Ana,\n\nyour parcel was lost; the money is on its way.\n\nYours, the shop")[
                : field.longest
            ]


def longest(field: Field) -> Json:
    """As much of it as the field takes."""
    match field.kind:
        case Kind.TEXT | Kind.LONG_TEXT | Kind.OBJECT:
            return ("Parcels that never came, and what became of each. " * 500)[: field.longest].strip()
        case Kind.FIELDS:
            return {f"Property number {n}": "what it says, in a sentence" for n in range(100)}
        case _:
            return everyday(field)


def asked(action: Action, *, full: bool, number: int = 1) -> Proposal:
    """A call of it that waits, with every field filled in."""
    fill = longest if full else everyday
    given = {field.name: field.read(fill(field)) for field in action.fields}
    call = Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=Account(system=action.system, label="Atelier Dupont …4242", live=True),
        arguments=given,
    )
    preview = Preview(
        subject="Order 1042, Ana Dupont",
        link="https://shop.example.com/orders/1042",
        recipient="Ana Dupont <ana@example.com>",
        changes=(
            Change(
                title="Amount", before={"minor": 0, "currency": "EUR"}, after={"minor": 1, "currency": "EUR"}
            ),
        ),
        facts=(("Paid", "12.50 EUR"),),
    )
    sources = {
        name: Source(kind=kind, detail="demo.orders", at=NOW)
        for name, kind in zip(given, 9 * tuple(SourceKind), strict=False)
    }
    made = proposal(
        call, id=f"pro_{number}", preview=preview, reason=REASON, zone="Europe/Paris", sources=sources
    )
    return replace(made, mission="mis_1")


def receipts(made: Proposal) -> Iterator[tuple[str, Proposal, Effect | None]]:
    """What becomes of a card."""
    settled = {"settled_by": "per_1", "settled_at": NOW + timedelta(minutes=5)}
    yield "denied", replace(made, state=State.DENIED, note="Ask her first.", **settled), None
    yield "by-hand", replace(made, state=State.DENIED, by_hand=True, **settled), None
    yield "expired", replace(made, state=State.EXPIRED), None
    yield "cancelled", replace(made, state=State.CANCELLED, **settled), None
    approved = replace(made, state=State.APPROVED, **settled)
    authority = Authority(by="press", rule=made.rule, digest=made.call.digest, person="per_1")
    run = Effect(
        id=made.effect, space="main", place=made.place, due=NOW, deed=Run(call=made.call, authority=authority)
    )
    yield "running", approved, run.started()
    back = Receipt(
        id="re_3PqR4s5T6u7V8w9X", text="Refunded 12.50 EUR.", link="https://shop.example.com/refunds/1"
    )
    yield "done", approved, run.confirmed(back)
    yield "failed", approved, run.failed("The card was closed, and the bank takes nothing back.")
    yield "unknown", approved, run.unknown("The shop did not answer in time.")


def samples(action: Action, tongue: Tongue) -> Iterator[Sample]:
    """Every card of one action."""

    def draw(name: str, made: Proposal, effect: Effect | None = None, *, full: bool = False) -> Sample:
        card = cards.draw(
            made,
            action=action,
            tongue=tongue,
            zone="Europe/Paris",
            effect=effect,
            people=PEOPLE,
            mission="Refund what never arrived",
            full=full,
            always=True,
        )
        return Sample(name=f"{action.name}-{name}", card=card, tongue=tongue)

    made = asked(action, full=False)
    yield draw("asks", made)
    yield draw("full", made, full=True)
    yield draw("long", asked(action, full=True))
    yield draw("long-full", asked(action, full=True), full=True)
    yield draw("waits", replace(made, waits=tuple(field.name for field in action.editable)))
    for name, after, effect in receipts(made):
        yield draw(name, after, effect)
    for count in (2, 12):
        members = [asked(action, full=False, number=number) for number in range(count)]
        batch = Batch(
            id="bat_1",
            space="main",
            place=made.place,
            turn="trn_1",
            ref="B" * 22,
            created=NOW,
            members=tuple(each.id for each in members),
            requester="per_1",
            zone="Europe/Paris",
        )
        for full in (False, True):
            card = batch_cards.draw_batch(
                batch, [(each, action, None) for each in members], tongue=tongue, people=PEOPLE, full=full
            )
            yield Sample(name=f"{action.name}-{count}-together{'-full' * full}", card=card, tongue=tongue)


# --- what each platform takes ------------------------------------------------------------------------------


def of_slack(sample: Sample) -> Iterator[str]:
    """What Slack would refuse, or what would mislead there."""
    message = slack.drawn(sample.card, tongue=sample.tongue)
    yield from slack_rules.of_message(message.blocks, message.text)
    for block in message.blocks:
        # slack_sdk types its dictionaries only half
        parsed = Block.parse(cast("dict[str, Json]", block))  # pyright: ignore[reportUnknownMemberType]
        if parsed is None:
            yield f"an unknown block {block['type']}"
        else:
            parsed.validate_json()
    shown = "".join(text for _, text in slack_rules.texts(message.blocks))
    whole = all(row.label in shown and said(row) in shown for row in sample.card.rows)
    acts = {button["action_id"] for button in slack_rules.buttons(message.blocks)}
    if not whole and "vigie:approve" in acts:
        yield "can be approved, but not read"


def of_telegram(sample: Sample) -> Iterator[str]:
    post = telegram.draw(sample.card, tongue=sample.tongue, chat="-1001234567890123", key=KEY)
    for page in post.pages:
        accepted(page)
    keyboard = post.keyboard
    if keyboard is not None:
        telegram_rules.check_markup({"reply_markup": keyboard.to_dict()})
    labels = [button.text for row in keyboard.inline_keyboard for button in row] if keyboard else []
    cut = [
        label
        for label in labels
        if label.endswith("…") and label not in {button.label for button in sample.card.buttons}
    ]
    if cut:
        yield f"a label is cut: {cut}"
    lines = [sample.tongue("{label}: {value}", label=row.label, value=said(row)) for row in sample.card.rows]
    whole = all(line in post.pages[0].text for line in lines)
    if not whole and sample.tongue("Approve") in labels:
        yield "can be approved, but not read"


def of_page(sample: Sample) -> Iterator[str]:
    facts = page_of(sample.card, sample.tongue)
    told = [(label, value) for [label], [value] in zip(facts.rows[::2], facts.rows[1::2], strict=True)]
    apart = (sample.tongue("Risk"), sample.tongue("Code"))
    if told != [(row.label, said(row)) for row in sample.card.rows if row.label not in apart]:
        yield "not every row"


PLATFORMS = {"slack": of_slack, "telegram": of_telegram, "page": of_page}


@pytest.mark.parametrize("tongue", LANGUAGES, ids=lambda tongue: tongue.lang)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_card_of_every_action_fits(platform: str, tongue: Tongue) -> None:
    """SAFETY 51: and where not all of it can be read, it cannot be approved."""
    wrong = [
        f"{sample.name}: {fault}"
        for action in ACTIONS
        for sample in samples(action, tongue)
        for fault in PLATFORMS[platform](sample)
    ]
    assert wrong == []


@pytest.mark.parametrize("tongue", LANGUAGES, ids=lambda tongue: tongue.lang)
def test_the_form_of_every_action_fits_slack(tongue: Tongue) -> None:
    wrong: list[str] = []
    for action in ACTIONS:
        for full in (False, True):
            sheet = forms.sheet(asked(action, full=full), action=action, tongue=tongue)
            if modal.fits(sheet, PLACE):
                view = modal.view(sheet, place=PLACE, tongue=tongue)
                wrong += [f"{action.name}: {fault}" for fault in slack_rules.of_view(view)]
            elif not full:
                wrong += [f"{action.name}: everyday values do not fit"] if sheet.entries else []
    assert wrong == []


# --- in a language that nobody has seen ---------------------------------------------------------------------


_DATA = (
    *("Marie-Antoinette de La Rochefoucauld", "Ana", "Europe/Paris", "UTC", "Nov", "Paid", "Dupont", "EUR"),
    *("Ask her first.", "Refunded 12.50 EUR.", "The shop did not answer in time."),
    *("The card was closed, and the bank takes nothing back.", "days"),
)
"""What the samples say in the words of people, systems and Babel."""


def test_every_card_and_form_says_all_its_own_words_through_the_catalogue(tmp_path: Path) -> None:
    """Values are data, and often English; what stands around them is ours to say."""
    tongue = accents.catalogue(tmp_path)(accents.CODE)
    wrong: dict[str, str] = {}
    for action in ACTIONS:
        names = (*_DATA, action.name, *(field.name for field in action.fields))
        for sample in samples(action, tongue):
            card = sample.card
            ours = [card.title, card.status, *(row.label for row in card.rows)]
            ours += [text for button in card.buttons for text in (button.label, button.confirm)]
            wrong |= {f"{sample.name}: {each}": each for each in ours if each and accents.plain(each, names)}
        sheet = forms.sheet(asked(action, full=False), action=action, tongue=tongue)
        ours = [sheet.title, *(text for entry in sheet.entries for text in (entry.title, entry.help))]
        wrong |= {f"{action.name}: {each}": each for each in ours if accents.plain(each, names)}
    assert wrong == {}


# --- to be looked at ---------------------------------------------------------------------------------------


def page_with(sample: Sample) -> str:
    """The room of what waits, with this card alone in it."""
    viewer = drawn.Viewer(
        person=Person(id="per_1", name="Ana", role=Role.OWNER),
        place=Place(platform="web", channel="per_1", private=True),
        tongue=sample.tongue,
    )
    frame = drawn.Frame(pending=1)
    view = Pending(frame=frame, cards=(drawn.lay_out(sample.card, sample.tongue),))
    desk = Desk(viewer=viewer, csrf="x")
    around = {"here": "/pending", "live": "pending", "state": "", "notices": ()}
    return PAGES.page("room", desk, frame, room=PENDING, view=view, **around)


@pytest.mark.peer("chromium")
async def test_the_longest_cards_are_drawn_within_the_window_of_a_phone(tmp_path: Path) -> None:
    """Nothing of them is cut off at the side or hidden under something else."""
    folder = Path(os.environ.get("VIGIE_TEST_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once, on a disk of ours
    whole = [
        sample
        for tongue in LANGUAGES
        for action in ACTIONS
        for sample in samples(action, tongue)
        if sample.name == f"{action.name}-full"
    ]
    chosen = sorted(whole, key=lambda sample: len(sample.card.plain))[-10:]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        page = await browser.new_page(viewport={"width": 400, "height": 850})
        shown: dict[str, str] = {}

        async def answer(route: Route) -> None:
            name = route.request.url.partition("?")[0].rpartition("/")[2]
            if name in PAGES.assets:
                asset = PAGES.assets[name]
                await route.fulfill(body=asset.body, content_type=asset.media_type)
            elif name == "card":
                await route.fulfill(body=shown["card"], content_type="text/html; charset=utf-8")
            else:
                await route.abort()

        await page.route("**/*", answer)
        over: list[str] = []
        for sample in chosen:
            shown["card"] = page_with(sample)
            await page.goto("http://vigie.test/card")
            card = page.locator(".card")
            over += [
                f"{sample.name} {sample.tongue.lang}: {each}"
                for each in await card.evaluate(
                    """card => [...card.querySelectorAll("*")]
                        .filter(each => !each.closest(".unseen") && each.getBoundingClientRect().right > innerWidth)
                        .map(each => each.outerHTML.slice(0, 120))"""
                )
            ]
            await card.screenshot(path=folder / f"{sample.tongue.lang}-{sample.name}.png")
        await browser.close()
    assert over == []
