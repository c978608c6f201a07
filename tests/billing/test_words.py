"""A search finds a name however its umlauts are typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.words import MAX_WORD, MAX_WORDS, index_words, query_words


def finds(query: str, *texts: str) -> bool:
    """What a search means: each typed word begins a word of the record."""
    index = index_words(*texts)
    return all(any(word.startswith(typed) for word in index) for typed in query_words(query))


@pytest.mark.parametrize("query", ["müller", "mueller", "muller", "MÜLLER", "Mü", "mue", "mul", "Mu\u0308ller"])
@pytest.mark.parametrize("name", ["Müller", "Mueller", "MÜLLER", "Mu\u0308ller", "Möbel Müller GmbH"])
def test_every_way_of_typing_finds_every_mueller(query: str, name: str) -> None:
    assert finds(query, name)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Weiß", "WEISS"), ("weiss", "Weiß"), ("weiß", "Weiẞ"), ("Strasse", "Hauptstraße Straße"),
        ("düsseldorf", "Duesseldorf"), ("koln", "Köln"), ("koeln", "Köln"), ("jose", "José"), ("José", "Jose"),
        ("andre", "Andre\u0301"), ("soren", "Søren"), ("lodz", "Łódź"), ("bäuerle", "Baeuerle"), ("goethe", "Göthe"),
        ("käßmüller", "Kaessmueller"), ("kaessmuller", "Käßmüller"), ("raphael müller", "Raphael Mueller"),
        ("bauer", "Bauer"), ("quelle", "Quelle"), ("neuenbürg", "Neuenbuerg"), ("ﬁsch", "Fisch"),
        ("istanbul", "İstanbul"), ("10042", "Nr. 10042"), ("müller köln", "Müller, 50667 Köln"),
        ("gmbh radwerk", "Radwerk-Nord GmbH & Co. KG"),
    ],
)  # fmt: skip
def test_names_are_found(query: str, name: str) -> None:
    assert finds(query, name)


@pytest.mark.parametrize(
    ("query", "name"), [("maller", "Müller"), ("üller", "Müller"), ("müller bonn", "Müller Köln"), ("buer", "Bauer")]
)
def test_what_is_not_there_is_not_found(query: str, name: str) -> None:
    assert not finds(query, name)


@pytest.mark.feature("B-20")
@pytest.mark.parametrize(
    "query", ["max.muster@example.com", "MAX.MUSTER@EXAMPLE", "max.muster@", "muster", "example.com"]
)
def test_an_address_is_found_whole_and_by_its_parts(query: str) -> None:
    assert finds(query, "Max Muster <max.muster@example.com>")


def test_a_whole_address_is_one_word() -> None:
    assert query_words("Max.Müller@Example.com, Köln") == ["max.muller@example.com", "koln"]
    assert not finds("max.muster@example.com", "max.muster@example.org", "example.com")


@pytest.mark.feature("S26")
def test_long_words_and_long_texts_are_cut() -> None:
    assert query_words("x" * 1000) == ["x" * MAX_WORD] and finds("x" * 1000, "x" * 70)
    many = index_words("Anna", " ".join(f"wort{n}" for n in range(5000)))
    assert len(many) == MAX_WORDS and "anna" in many
    assert len(index_words("ü" * 60)) == 2, "many umlauts do not multiply without end"


def test_nothing_has_no_words() -> None:
    assert index_words("", None, " -- ") == frozenset()
    assert query_words(" % _ ' ") == []


@given(st.text(max_size=40))
def test_every_text_finds_itself_in_any_unicode_form(text: str) -> None:
    for form in (text, unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)):
        assert finds(form, text)
    assert all(len(word) <= MAX_WORD and word == word.casefold() for word in index_words(text))
