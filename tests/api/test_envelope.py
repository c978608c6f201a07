"""The envelope: what a request may look like, and what every answer looks like."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from tests.api.wire import PATH, Wire

JSON_TYPE = "application/json; charset=utf-8"
XML_TYPE = "application/xml; charset=utf-8"
EMPTY = {"REQUEST": {"SERVICE": "customer.get"}, "RESPONSE": {"CUSTOMERS": []}}
ASK = b'{"SERVICE":"customer.get"}'


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/xml",
        "multipart/form-data",
        None,
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_the_first_byte_says_json_whatever_the_content_type_says(
    shared: Wire, content_type: str | None, chunked: bool
) -> None:
    answer = shared.post(ASK, {"Content-Type": content_type} if content_type else {}, chunked=chunked)
    assert (answer.status, answer.headers["Content-Type"], answer.json) == (200, JSON_TYPE, EMPTY)


@pytest.mark.parametrize("content_type", ["application/xml", "application/json", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("chunked", [False, True])
def test_the_first_byte_says_xml_whatever_the_content_type_says(shared: Wire, content_type: str, chunked: bool) -> None:
    body = b"<FBAPI><SERVICE>customer.get</SERVICE></FBAPI>"
    answer = shared.post(body, {"Content-Type": content_type}, chunked=chunked)
    assert (answer.status, answer.headers["Content-Type"]) == (200, XML_TYPE)
    assert answer.body == (
        b'<?xml version="1.0" encoding="utf-8"?>\n<FBAPI><REQUEST><SERVICE>customer.get</SERVICE></REQUEST>'
        b"<RESPONSE><CUSTOMERS></CUSTOMERS></RESPONSE></FBAPI>"
    )


@pytest.mark.parametrize("before", [b"", b"\r\n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b" " * 500])
def test_blanks_and_a_mark_before_the_first_byte_do_not_matter(shared: Wire, before: bytes) -> None:
    assert shared.post(before + ASK).json == EMPTY
    assert shared.post(before + b"<FBAPI><SERVICE>customer.get</SERVICE></FBAPI>").status == 200


@pytest.mark.parametrize(
    ("sent", "echo"),
    [
        ({"service": "customer.get"}, {"SERVICE": "customer.get"}),
        ({"Service": "customer.get", "LIMIT": 2}, {"SERVICE": "customer.get", "LIMIT": 2}),
        ({"service": "customer.get", "filter": {}}, {"SERVICE": "customer.get", "FILTER": []}),
        ({"service": "customer.get", "filter": []}, {"SERVICE": "customer.get", "FILTER": []}),
        ({"service": "customer.get", "filter": None, "limit": None}, {"SERVICE": "customer.get"}),
        (
            {" service ": "customer.get", "FILTER ": {"city ": "X"}},
            {"SERVICE": "customer.get", "FILTER": {"CITY": "X"}},
        ),
        (
            {"service": "customer.get", "filter": {"zip": None, "term": "X", "a": False, "b": [1, None, "2"]}},
            {"SERVICE": "customer.get", "FILTER": {"TERM": "X", "A": False, "B": [1, "2"]}},
        ),
        ({"SERVICE": "customer.get", "X": "not part of a call"}, {"SERVICE": "customer.get"}),
        ({"SERVICE": "CUSTOMER.GET"}, {"SERVICE": "CUSTOMER.GET"}),
    ],
)
def test_the_request_is_echoed_with_upper_case_keys_and_without_nulls(shared: Wire, sent: Any, echo: Any) -> None:
    answer = shared.raw(json.dumps(sent))
    assert answer.json["REQUEST"] == echo
    assert list(answer.json) == ["REQUEST", "RESPONSE"]
    assert list(answer.response) == ["ERRORS" if echo["SERVICE"] == "foo" else "CUSTOMERS"]


def test_numbers_are_echoed_with_the_digits_they_had(shared: Wire) -> None:
    sent = '{"SERVICE":"customer.get","FILTER":{"A":12.50,"B":1e999999999,"C":123456789012345678901234567890}}'
    assert b'"A":12.50,"B":1E+999999999,"C":123456789012345678901234567890' in shared.raw(sent).body


@pytest.mark.feature("M2-40")
@pytest.mark.parametrize("name", ["foo.bar", "customer", "customer.", "..getnewargs..", "subscription.delete"])
def test_an_unknown_service_is_answered_with_400_and_both_entries(shared: Wire, name: str) -> None:
    answer = shared.call(name)
    assert answer.status == 400
    assert answer.json == {
        "REQUEST": {"SERVICE": name},
        "RESPONSE": {"ERRORS": [f"unknown SERVICE: {name}", "unknown SERVICE: "]},
    }


def test_an_unknown_service_in_xml(shared: Wire) -> None:
    answer = shared.post(b"<FBAPI><SERVICE>foo</SERVICE></FBAPI>")
    errors = [entry.text for entry in answer.xml.findall("RESPONSE/ERRORS/ERROR")]
    assert (answer.status, errors) == (400, ["unknown SERVICE: foo", "unknown SERVICE: "])


@pytest.mark.parametrize("body", [b"{}", b'{"SERVICE":null}', b'{"SERVICE":["customer.get"]}', b'{"DATA":{}}'])
def test_a_call_without_a_service_is_unknown(shared: Wire, body: bytes) -> None:
    answer = shared.post(body)
    assert (answer.status, answer.response) == (400, {"ERRORS": ["unknown SERVICE: ", "unknown SERVICE: "]})


@pytest.mark.feature("S26")
def test_a_long_service_name_is_cut_in_the_answer(shared: Wire) -> None:
    assert shared.call("x" * 100_000).response["ERRORS"][0] == "unknown SERVICE: " + "x" * 100


@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"[]", b'"customer.get"', b"{", b'{"SERVICE":}', b'{"SERVICE":"a"}}', b"SERVICE=customer.get",
     b"\xff\xfe{\x00", b'{"SERVICE":"\xff"}', b'{"SERVICE":"customer.get","LIMIT":NaN}'],
)  # fmt: skip
def test_a_body_that_is_no_call_is_malformed(shared: Wire, body: bytes) -> None:
    answer = shared.post(body)
    assert answer.status == 400
    assert answer.json["REQUEST"] == {}
    assert [error.startswith("malformed request: ") for error in answer.response["ERRORS"]] == [True]


@pytest.mark.parametrize(
    "body",
    [b"<", b"<FBAPI>", b"<FBAPI></BAPI>", b"<FBAPI><A></FBAPI>", b"<OTHER/>", b"<FBAPI/><FBAPI/>", b"<FBAPI>\x00",
     b'<?xml version="1.0" encoding="nonsense"?><FBAPI/>', b"<FBAPI>&nbsp;</FBAPI>", b"<FBAPI>text</FBAPI>"],
)  # fmt: skip
def test_malformed_xml_is_answered_in_xml(shared: Wire, body: bytes) -> None:
    answer = shared.post(body)
    assert (answer.status, answer.headers["Content-Type"]) == (400, XML_TYPE)
    errors = [entry.text or "" for entry in answer.xml.findall("RESPONSE/ERRORS/ERROR")]
    assert len(errors) == 1 and errors[0].startswith("malformed request: ")


def test_xml_comes_in_any_declared_encoding(shared: Wire) -> None:
    body = '<?xml version="1.0" encoding="ISO-8859-1"?><FBAPI><SERVICE>foo</SERVICE><DATA><A>Müller</A></DATA></FBAPI>'
    assert shared.post(body.encode("latin-1")).xml.findtext("REQUEST/DATA/A") == "Müller"


def test_lists_and_special_signs_survive_the_way_through_xml(shared: Wire) -> None:
    body = (
        "<fbapi><service>foo</service><filter/><data><name>a &lt; b &amp; ü</name><id>1</id><id>2</id>"
        "<items><item><n>1</n></item></items></data></fbapi>"
    )
    assert shared.post(body.encode()).body.decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n<FBAPI><REQUEST><SERVICE>foo</SERVICE><FILTER></FILTER><DATA>'
        "<NAME>a &lt; b &amp; ü</NAME><ID>1</ID><ID>2</ID><ITEMS><ITEM><N>1</N></ITEM></ITEMS></DATA></REQUEST>"
        "<RESPONSE><ERRORS><ERROR>unknown SERVICE: foo</ERROR><ERROR>unknown SERVICE: </ERROR></ERRORS></RESPONSE>"
        "</FBAPI>"
    )


@pytest.mark.parametrize("name", ["X-Username", "X-Password"])
def test_headers_that_name_another_user_do_not_matter(shared: Wire, name: str) -> None:
    assert shared.post(ASK, {name: "somebody"}).json == EMPTY


def test_answers_are_not_cached_and_set_no_cookie(shared: Wire) -> None:
    headers = shared.post(ASK).headers
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_post_is_answered(shared: Wire, method: str) -> None:
    connection = http.client.HTTPConnection(shared.host, shared.port, timeout=10)
    connection.request(method, PATH)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.read() == b'{"REQUEST":{},"RESPONSE":{"ERRORS":["the call API answers POST only"]}}'
    connection.close()
