"""An error is an English sentence, and the same sentence in another language."""

import pytest

from adapters.speech.languages import tongues
from bot.actions import Action, Field, Kind, Part
from bot.errors import BadInput, Failed, Unreachable, VigieError

FRENCH = tongues()("fr")
PAY = Action(
    name="shop.pay",
    title="Pay",
    fields=(
        Field(name="amount", title="Amount", kind=Kind.MONEY, part=Part.AMOUNT, help="Why, for the books."),
    ),
)


def shouted(message: str, /, **values: object) -> str:
    """A language that says everything loud, and what it was given."""
    return f"{message.upper()} {sorted(values)}"


def test_values_fill_the_places_and_braces_of_theirs_stay() -> None:
    error = VigieError("{name} wrote {text}", name="Gigi", text="{name}")
    assert str(error) == "Gigi wrote {name}"
    assert error.said(shouted) == "{NAME} WROTE {TEXT} ['name', 'text']"


def test_a_message_without_values_is_kept_as_it_is() -> None:
    assert str(Failed("100 % of {this} and {}")) == "100 % of {this} and {}"


def test_what_belongs_to_the_program_is_no_value() -> None:
    assert BadInput("{name}", name="x", field="amount").field == "amount"
    assert Unreachable("{name}", name="x", retry_after=2.0).retry_after == 2.0


@pytest.mark.parametrize(
    ("typed", "english", "french"),
    [
        (
            "0 EUR",
            "amount: an amount must be more than zero",
            "amount : un montant doit être supérieur à zéro",
        ),
        (
            "much",
            "amount: 'much' is not one amount; write for example 49.90 EUR",
            "amount : 'much' n’est pas un montant ; écris par exemple 49,90 EUR",
        ),
        (
            "",
            "shop.pay needs amount: Why, for the books.",
            "shop.pay a besoin de amount : Pourquoi, pour la comptabilité.",
        ),
    ],
)
def test_a_refusal_is_said_in_the_language_of_who_hears_it(typed: str, english: str, french: str) -> None:
    with pytest.raises(BadInput) as caught:
        PAY.read({"amount": typed})
    assert str(caught.value) == english
    plain = caught.value.said(FRENCH).replace("\u00a0", " ").replace("\u202f", " ")
    assert plain == french
