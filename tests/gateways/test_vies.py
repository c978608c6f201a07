"""VIES over a real connection: what it says, and that an outage is never an answer (INV-9)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways import vies
from gateways.vies import Answer, Question
from tests.vies_server import ViesServer, vies_server

VAT_ID = "ATU13585627"
QUALIFIED = Question(VAT_ID, "DE136695976", "Radhaus Wien", "Neubaugasse 64", "1070", "Wien")


@pytest.fixture
def server() -> Iterator[ViesServer]:
    with vies_server() as running:
        yield running


@pytest.mark.feature("INV-9")
def test_a_qualified_question_brings_a_number_and_what_of_name_and_address_fits(server: ViesServer) -> None:
    assert vies.ask(server.url, QUALIFIED) == Answer("valid", "", "WAPIAAAA1", "match", "mismatch")
    assert server.asked == [
        {"countryCode": "AT", "vatNumber": "U13585627", "requesterMemberStateCode": "DE",
         "requesterNumber": "136695976", "traderName": "Radhaus Wien", "traderStreet": "Neubaugasse 64",
         "traderPostalCode": "1070", "traderCity": "Wien"}
    ]  # fmt: skip


def test_without_our_own_id_the_question_is_a_simple_one(server: ViesServer) -> None:
    assert vies.ask(server.url + "/", Question(VAT_ID)) == Answer("valid")
    assert server.asked == [{"countryCode": "AT", "vatNumber": "U13585627"}]


@pytest.mark.feature("INV-9")
@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ("valid", Answer("valid", "", "WAPIAAAA1", "match", "mismatch")),
        ("invalid", Answer("invalid")),
        ("MS_UNAVAILABLE", Answer("unavailable", "MS_UNAVAILABLE")),
        ("TIMEOUT", Answer("timeout", "TIMEOUT")),
        ("status", Answer("unavailable", "status_503")),
        ("garbage", Answer("unavailable", "unreadable")),
        ("redirect", Answer("unavailable", "status_302")),
    ],
)
def test_only_a_plain_yes_or_no_is_an_answer(server: ViesServer, wanted: str, answer: Answer) -> None:
    server.answers[VAT_ID] = wanted
    assert vies.ask(server.url, QUALIFIED) == answer
    assert len(server.asked) == 1, "a redirect leads nowhere"


@pytest.mark.feature("INV-9")
def test_who_does_not_answer_in_time_is_a_timeout(server: ViesServer) -> None:
    server.answers[VAT_ID] = "silent"
    assert vies.ask(server.url, QUALIFIED, seconds=0.2) == Answer("timeout", "no_answer")


def test_where_nobody_listens_it_is_unavailable(server: ViesServer) -> None:
    assert vies.ask("http://127.0.0.1:9/rest-api", QUALIFIED) == Answer("unavailable", "unreachable")


@given(
    st.one_of(
        st.binary(max_size=60),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                         st.sampled_from(["valid", "actionSucceed", "errorWrappers", "error"]), inner, max_size=3),
                     max_leaves=6).map(lambda told: json.dumps(told).encode()),
    )
)  # fmt: skip
def test_whatever_comes_back_is_read_without_an_error_and_believed_only_if_plain(body: bytes) -> None:
    answer = vies.read(body)
    if answer.result in ("valid", "invalid"):
        assert json.loads(body)["valid"] is (answer.result == "valid")
    assert answer.result in ("valid", "invalid", "unavailable", "timeout")
