"""Bodies that are attacks: large, deep, full of entities, or just anything."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.registry import declared
from tests.api.wire import Answer, Wire
from tests.sweeps import FULL

pytestmark = pytest.mark.usefixtures("nothing_is_stored")
MISSING = "missing / invalid field: "


def large(form: str, size: int) -> bytes:
    if form == "json":
        return b'{"SERVICE":"customer.create","DATA":{"COMMENT":"' + b"x" * size + b'"}}'
    return b"<FBAPI><SERVICE>customer.create</SERVICE><DATA><COMMENT>" + b"x" * size + b"</COMMENT></DATA></FBAPI>"


def first_error(answer: Answer, form: str) -> str:
    if form == "json":
        return str(answer.response["ERRORS"][0])
    return str(answer.xml.findtext("RESPONSE/ERRORS/ERROR"))


@pytest.mark.feature("S26")
@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("chunked", [False, True])
def test_two_megabytes_are_too_much(shared: Wire, form: str, chunked: bool) -> None:
    body = b"  " + large(form, 2_000_000)
    pieces = body if not chunked else body[:1_200_000]
    answer = shared.post(pieces, chunked=chunked)
    assert answer.status == 413
    assert first_error(answer, form) == "request too large: 1048576 bytes at most"


BOMB = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">' + b"".join(
    b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k"))
) + b"]><FBAPI><SERVICE>&j;</SERVICE></FBAPI>"  # fmt: skip
ATTACKS = {
    "entity bomb": BOMB,
    "quadratic bomb": b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 50_000 + b'">]><FBAPI>' + b"&a;" * 20_000 + b"</FBAPI>",
    "local file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><FBAPI><SERVICE>&a;</SERVICE></FBAPI>',
    "external DTD": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><FBAPI><SERVICE>customer.get</SERVICE></FBAPI>',
    "parameter entity": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]><FBAPI/>',
    "plain DTD": b"<!DOCTYPE FBAPI><FBAPI><SERVICE>customer.get</SERVICE></FBAPI>",
    "depth": b"<FBAPI>" + b"<A>" * 100_000,
    "closed depth": b"<FBAPI>" + b"<A>" * 20 + b"</A>" * 20 + b"</FBAPI>",
    "breadth": b"<FBAPI><DATA>" + b"<A/>" * 200_000 + b"</DATA></FBAPI>",
    "attributes": b"<FBAPI " + b" ".join(b'a%d="1"' % n for n in range(50_000)) + b"><A>",
    "json depth": b'{"A":' * 100_000,
    "closed json depth": b'{"A":' * 20 + b"1" + b"}" * 20,
    "json lists": b'{"DATA":' + b"[" * 100_000,
    "json breadth": b'{"DATA":[' + b"1," * 300_000 + b"1]}",
    "json digits": b'{"DATA":' + b"9" * 500_000 + b"}",
}  # fmt: skip


@pytest.mark.feature("S14")
@pytest.mark.feature("S26")
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_body_that_is_an_attack_is_malformed_and_answered_at_once(shared: Wire, attack: str) -> None:
    body = ATTACKS[attack]
    began = time.monotonic()
    answer = shared.post(body)
    form = "xml" if body.startswith(b"<") else "json"
    assert (answer.status, first_error(answer, form)[:19]) == (400, "malformed request: ")
    assert b"root:" not in answer.body
    assert time.monotonic() - began < 5


@pytest.mark.feature("S14")
def test_nothing_is_fetched_for_a_document_type(shared: Wire) -> None:
    """A listener that would be asked for the DTD, and is not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.dtd"
        body = f'<!DOCTYPE x SYSTEM "{address}" [<!ENTITY a SYSTEM "{address}">]><FBAPI><A>&a;</A></FBAPI>'
        assert shared.post(body.encode()).status == 400
        with pytest.raises(TimeoutError):
            listener.accept()


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_READING = sorted(service.name for service in declared() if not service.writes)


@settings(max_examples=150 if FULL else 40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(service=st.sampled_from(_READING), data=st.data())
def test_whatever_is_asked_for_is_answered_in_the_contracts_form(shared: Wire, service: str, data: Any) -> None:
    """Any value in any declared field: rows or named fields, never a trace, never another status."""
    entry = next(entry for entry in declared() if entry.name == service)
    fields = [field.name for field in entry.fields]
    filter_ = data.draw(st.dictionaries(st.sampled_from(fields), _VALUES))
    answer = shared.call(service, filter=filter_, limit=data.draw(_VALUES))
    assert answer.status == 200
    key = next(iter(answer.response))
    if key == "ERRORS":
        assert {error.removeprefix(MISSING) for error in answer.response["ERRORS"]} <= {*fields, "LIMIT", "FILTER"}
    else:
        assert key in entry.answers
