"""The list of placeholders shows an example of each: there is one for every placeholder of every text."""

from __future__ import annotations

from functools import reduce

import pytest
from flask import Flask

from services import text_previews
from services.text_catalogue import MAILS, PAPERS


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_placeholder_of_every_text_has_an_example(context: Flask, language: str) -> None:
    values = text_previews.example(language) | {"company": dict.fromkeys(("name",), "…"), "closing": "…"}
    plain = {name for text in (*MAILS, *PAPERS) for name, placeholder in text.placeholders.items()
             if not placeholder.parts and not name.startswith("company.")}  # fmt: skip
    assert len(plain) > 20
    for name in plain:
        assert str(reduce(lambda found, part: found[part], name.split("."), values))
