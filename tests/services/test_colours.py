"""Whatever colour a company chooses, people can read what is written in it and on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.colours import DARK_GROUND, LIGHT_GROUND, READABLE, contrast, shades


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.feature("X-21")
@given(colour=st.integers(0, 0xFFFFFF).map("#{:06x}".format), ground=st.sampled_from([LIGHT_GROUND, DARK_GROUND]))
def test_every_accent_has_a_shade_that_can_be_read_and_written_on(colour: str, ground: str) -> None:
    found = shades(colour, ground)
    assert contrast(found.accent, ground) >= READABLE
    assert contrast(found.accent, found.on_accent) >= READABLE


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert shades("#0b6b62").accent == "#0b6b62"
