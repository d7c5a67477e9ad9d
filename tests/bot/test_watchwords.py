"""Whether words that are waited for are in what arrived."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Condition, Signal
from bot.missions import OnMail, OnSignal
from bot.watchwords import MOST_TOLD, among, comes, folded, hears, joined

ALERT = Signal(
    source="hook:prom",
    name="QueueDepthHigh",
    what="alert",
    summary="Queue orders has 250 waiting",
    labels={"queue": "orders", "status": "whatever its sender says"},
    severity="critical",
    condition=Condition.FIRING,
)


@pytest.mark.parametrize(
    ("name", "hit"),
    [
        ("QueueDepthHigh", True),
        ("queuedepthhigh", True),
        ("alert", True),
        ("prom", True),
        ("hook:prom", True),
        ("queue orders", True),
        ("Queue", True),
        ("depth", False),
        ("queue order", False),
        ("alert severity=critical", True),
        ("alert severity=warning", False),
        ("alert queue=orders", True),
        ("queue=Orders", True),
        ("queue=refunds", False),
        ("nothing=here", False),
        ("alert status=resolved", False),
        ("alert status=firing", True),
        ("", False),
        ("…", False),
    ],
)
def test_a_trigger_names_a_signal_in_many_ways(name: str, hit: bool) -> None:
    assert hears(OnSignal(id="t", name=name), ALERT) is hit


def test_that_something_is_over_wakes_only_who_asks_for_that() -> None:
    over = Signal(source="hook:prom", name="Q", summary="", condition=Condition.RESOLVED)
    assert not hears(OnSignal(id="t", name="Q"), over)
    assert hears(OnSignal(id="t", name="Q status=resolved"), over)


def test_words_are_compared_whole_and_without_their_dress() -> None:
    assert among("Facture 42", "la FACTURE n’est… facture, 42 !")
    assert not among("invoice 42", "invoice 421")
    assert not among("invoice 42", "invoice 4 2")
    assert folded("Résumé_stock—LOW") == "resume stock low"


@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_is_compared(text: str, words: str) -> None:
    assert (
        among(words, f"{text} {words} {text}")
        or not folded(words)
        or folded(words) not in folded(text + words)
    )
    assert folded(folded(text)) == folded(text)


def test_many_are_told_as_one_list_within_bounds() -> None:
    many = [Signal(source="hook:a", name="n", summary=f"number {n}") for n in range(MOST_TOLD + 7)]
    told = joined(many)
    assert told is not None
    assert told.summary.startswith(f"{MOST_TOLD + 7}:\n- n: number 0\n")
    assert told.summary.endswith("… 7 more")
    assert joined(many[:1]) is many[0]
    assert joined([]) is None


LETTER = Signal(
    source="mail:ops@example.test",
    name="Re: Your invoice 42",
    what="e-mail",
    summary="…",
    labels={"from": "bob@example.test", "sender": "Bob Martin <bob@example.test>"},
)


@pytest.mark.parametrize(
    ("trigger", "hit"),
    [
        (OnMail(id="t"), True),
        (OnMail(id="t", sender="Bob@Example.test"), True),
        (OnMail(id="t", sender="@example.test"), True),
        (OnMail(id="t", sender="example.test"), True),
        (OnMail(id="t", sender="martin"), True),
        (OnMail(id="t", sender="ob@example.test"), False),
        (OnMail(id="t", sender="@ample.test"), False),
        (OnMail(id="t", sender="example.test.evil.test"), False),
        (OnMail(id="t", sender="mart"), False),
        (OnMail(id="t", subject="INVOICE"), True),
        (OnMail(id="t", subject="invoice 4"), False),
        (OnMail(id="t", sender="bob@example.test", subject="order"), False),
        (OnMail(id="t", mailbox="ops@example.test"), True),
        (OnMail(id="t", mailbox="other@example.test"), False),
    ],
)
def test_a_mail_is_waited_for_by_sender_subject_and_mailbox(trigger: OnMail, hit: bool) -> None:
    assert comes(trigger, LETTER) is hit


def test_no_other_sender_can_pass_for_a_mailbox() -> None:
    assert not comes(OnMail(id="t"), replace(LETTER, source="hook:mail"))
