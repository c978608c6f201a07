"""The way out to payment providers: no redirect, no second try, and no answer is not a no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateways import wire
from gateways.base import Refused, Unanswered
from tests.gateways.loopback import Call, Fault, Loopback, Reply, listening


@dataclass
class Echo(Loopback):
    def reply(self, call: Call) -> Reply:
        return 200, {"key": call.headers.get("x-api-key"), "sent": call.json}


@pytest.fixture
def server() -> Iterator[Echo]:
    server = Echo()
    with listening(server):
        yield server


def test_an_answer_is_status_headers_and_bytes(server: Echo) -> None:
    answer = wire.send("POST", f"{server.url}/a", {"x-api-key": "k"}, b'{"a": 1}')
    assert (answer.status, answer.body) == (200, b'{"key": "k", "sent": {"a": 1}}')
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.feature("S21")
def test_a_redirect_is_an_answer_and_the_key_goes_nowhere_else(server: Echo) -> None:
    server.faults.append("redirects")
    assert wire.send("GET", f"{server.url}/a", {"x-api-key": "k"}, None).status == 307
    assert [call.path for call in server.calls] == ["/a"]


@pytest.mark.feature("EB-51")
@pytest.mark.parametrize(("fault", "code"), [("loses", "connection_lost"), ("silent", "timeout")])
def test_who_does_not_answer_may_have_done_it(server: Echo, fault: Fault, code: str) -> None:
    server.faults.append(fault)
    with pytest.raises(Unanswered) as unanswered:
        wire.send("POST", f"{server.url}/a", {}, b"{}", seconds=0.3)
    assert unanswered.value.code == code
    assert len(server.calls) == 1, "nothing is sent twice"


def test_where_nobody_listens_nothing_was_done() -> None:
    with pytest.raises(Refused) as refused:
        wire.send("POST", "http://127.0.0.1:9/a", {}, b"{}")
    assert (refused.value.code, refused.value.permanent) == ("unreachable", False)
