"""What nobody sees is not kept (S28); what people write with is."""

from __future__ import annotations

import pytest

from billing.unseen import as_read, without_unseen

TURNS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HIDES = "\u00ad\u180e\u200b\u2060\u2061\u2064\u206a\u206f\ufeff\ufff9\ufffb"


@pytest.mark.feature("S8")
@pytest.mark.parametrize("sign", [*TURNS, *HIDES])
def test_a_sign_that_turns_or_hides_goes_wherever_it_stands(sign: str) -> None:
    assert without_unseen(f"{sign}Kiel{sign}er Rad{sign}") == "Kieler Rad"


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا بالعالم",
        "שלום עולם",
        "می\u200cخواهم",
        "👩\u200d🔧 Räder",
        "👍🏽 🇩🇪 ❤️",
        "Zeile\n\tzwei",
        "Zoë Ångström",
        "5\u00a0€",
    ],
)
def test_what_people_write_with_stays(text: str) -> None:
    assert without_unseen(text) == text


def test_nothing_is_left_around_a_text() -> None:
    assert as_read(" \u200b Kieler Rad \u202e ") == "Kieler Rad"
