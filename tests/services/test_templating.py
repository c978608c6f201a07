"""The language of editable texts: what it can do, what it refuses, and that its size is known before any data come."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Invalid, KontorError
from services.template_check import check
from services.template_walk import render
from services.templating import ADDRESS, ENTRIES, LARGEST, LINE, SHORT, Placeholder, known

OFFERED = known([
    Placeholder("customer.name"), Placeholder("invoice.number", SHORT), Placeholder("link", ADDRESS),
    Placeholder("run.parked", parts=("customer", "reason")),
])  # fmt: skip
VALUES: dict[str, Any] = {
    "customer": {"name": "Änne Müller"}, "invoice": {"number": "RE-1"}, "link": "",
    "run": {"parked": [{"customer": "K1", "reason": "zu spät"}, {"customer": "K2", "reason": "fehlt"}]},
}  # fmt: skip

ATTACKS = [
    ("{{ ''.__class__ }}", "template_expression"),
    ("{{ customer.__class__ }}", "template_unknown"),
    ("{{ customer.name.__class__.__mro__[1].__subclasses__() }}", "template_expression"),
    ("{{ config }}", "template_unknown"),
    ("{{ config.SECRET_KEY }}", "template_unknown"),
    ("{{ self._TemplateReference__context }}", "template_unknown"),
    ("{{ customer['name'] }}", "template_expression"),
    ("{{ customer.name() }}", "template_expression"),
    ("{{ lipsum.__globals__.os.popen('id').read() }}", "template_expression"),
    ("{{ cycler.__init__.__globals__ }}", "template_unknown"),
    ("{{ customer.name | attr('__class__') }}", "template_filter"),
    ("{{ customer.name | map(attribute='x') }}", "template_filter"),
    ("{{ customer.name | default(lipsum) }}", "template_filter"),
    ("{{ customer.name | replace('a', 'bbbbbbbbbb') }}", "template_filter"),
    ("{{ '%999999999d' | format(1) }}", "template_filter"),
    ("{% for x in range(10 ** 9) %}a{% endfor %}", "template_loop_over"),
    ("{% for a in run.parked %}{% for b in run.parked %}x{% endfor %}{% endfor %}", "template_loop"),
    ("{% for a in run.parked recursive %}{{ loop(a) }}{% endfor %}", "template_loop"),
    ("{% for a in customer.name %}x{% endfor %}", "template_loop_over"),
    ("{% while true %}x{% endwhile %}", "template_tag"),
    ("{{ 'a' * 10000000 }}", "template_expression"),
    ("{{ 9 ** 9 ** 9 }}", "template_expression"),
    ("{{ customer.name ~ customer.name }}", "template_expression"),
    ("{{ 'x' if customer.name else 'y' }}", "template_expression"),
    ("{{ [customer.name] }}", "template_expression"),
    ("{% set x = customer.name %}", "template_tag"),
    ("{% include '/etc/passwd' %}", "template_tag"),
    ("{% import 'os' as os %}", "template_tag"),
    ("{% from 'os' import system %}", "template_tag"),
    ("{% extends 'letter.html' %}", "template_tag"),
    ("{% macro a() %}{{ a() }}{% endmacro %}", "template_tag"),
    ("{% call a() %}{% endcall %}", "template_tag"),
    ("{% filter upper %}x{% endfilter %}", "template_tag"),
    ("{% with a = 1 %}{% endwith %}", "template_tag"),
    ("{% block x %}{% endblock %}", "template_tag"),
    ("{% autoescape false %}x{% endautoescape %}", "template_tag"),
    ("{% if customer.name is defined %}x{% endif %}", "template_expression"),
    ("{% if customer.name < 'x' %}x{% endif %}", "template_expression"),
    ("{{ run.parked }}", "template_list_as_value"),
    ("{{ customer.nmae }}", "template_unknown_meant"),
    ("{{ Kunde }}", "template_unknown"),
    ("{{ customer.name", "template_unclosed"),
    ("{% if customer.name %}x", "template_unclosed"),
    ("{# x", "template_unclosed"),
    ("{{ }}", "template_unclosed"),
    ("{{ customer name }}", "template_unclosed"),
    ("{% endif %}", "template_tag"),
    ("{% if customer.name %}" * 400 + "{% endif %}" * 400, "template_too_deep"),
    ("{{ " + "(" * 5000, "template_too_deep"),
    ("{{ " + "9" * 5000 + " }}", "template_too_deep"),
    ("{{ customer.name }}" * 900, "template_too_large"),
    ("{% for a in run.parked %}" + "{{ a.customer }}" * 20 + "{% endfor %}", "template_too_large"),
    ("x" * 10_000_000, "too_long"),
]  # fmt: skip


def refusal(source: str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        check(source, OFFERED, field="body", longest=20_000)
    return refused.value


@pytest.mark.feature("S10")
@pytest.mark.parametrize(("source", "code"), ATTACKS, ids=[source[:40] for source, _ in ATTACKS])
def test_what_is_more_than_words_and_placeholders_is_refused(source: str, code: str) -> None:
    refused = refusal(source)
    assert (refused.field, refused.code) == ("body", code)
    assert "line" in refused.facts or code in ("too_long", "template_too_large", "template_too_deep")


def test_a_refusal_names_the_line_and_what_may_have_been_meant() -> None:
    refused = refusal("Guten Tag,\n\n{% if link %}\n{{ invoice.nummer }}\n{% endif %}")
    assert (refused.facts["line"], refused.facts["what"]) == (4, "invoice.nummer")
    assert refused.facts["meant"] == "invoice.number"


def test_the_text_with_its_values() -> None:
    source = (
        "Guten Tag {{ customer.name | upper }},\n"
        "{% if link and not invoice.number %}a{% elif invoice.number == 'RE-1' %}b{% else %}c{% endif %}"
        "{{ link | default('kein Link') }}\n"
        "{% for one in run.parked %}\n- {{ one.customer }}: {{ one.reason }}\n{% endfor %}"
    )
    check(source, OFFERED, field="body", longest=20_000)
    wanted = "Guten Tag ÄNNE MÜLLER,\nbkein Link\n- K1: zu spät\n- K2: fehlt\n"
    assert render(source, OFFERED, VALUES) == wanted


@pytest.mark.feature("S10")
@pytest.mark.parametrize("name", ["{{ 7*7 }}", "{% for x in y %}", "{{ config }}", "<svg onload=alert(1)>", "{#"])
def test_a_value_is_never_read_as_a_text(name: str) -> None:
    values = VALUES | {"customer": {"name": name}}
    assert render("{{ customer.name }}!", OFFERED, values) == f"{name}!"


def test_long_values_and_long_lists_are_cut() -> None:
    values = VALUES | {
        "customer": {"name": "x" * 5000},
        "run": {"parked": [{"customer": "y" * 999, "reason": ""}] * 99},
    }
    assert len(render("{{ customer.name }}", OFFERED, values)) == LINE
    # A loop's name that looks like another placeholder does not give it that one's length.
    source = "{% for link in run.parked %}{{ link.customer }}{% endfor %}"
    check(source, OFFERED, field="body", longest=100)
    assert len(render(source, OFFERED, values)) == ENTRIES * LINE


def test_a_text_that_was_never_checked_still_cannot_outgrow_the_limit_or_call_anything() -> None:
    values = VALUES | {"customer": {"name": "x" * 5000}}
    for source in ("{{ customer.name }}" * 5000, "{{ ''.__class__ }}", "{% include 'x' %}", "{{ customer.secret }}"):
        with pytest.raises(KontorError):
            render(source, OFFERED, values)


PIECES = st.recursive(
    st.sampled_from(["", "Guten Tag ", "{{ customer.name }}", "{{ invoice.number | upper }}", "{{ link | lower }}",
                     "{{ link | default('-') }}", "ß\n"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map("".join),
        inner.map(lambda text: "{% if link %}" + text + "{% else %}x" + text + "{% endif %}"),
        inner.map(lambda text: "{% for e in run.parked %}{{ e.reason | upper }}" + text + "{% endfor %}"),
    ),
    max_leaves=8,
)  # fmt: skip
VALUE = st.one_of(st.text(max_size=50), st.just("ΐ" * 2000), st.just("{{ link }}" * 300))


@pytest.mark.feature("S10")
@given(source=PIECES, repeated=st.integers(1, 40), name=VALUE, link=VALUE, reasons=st.lists(VALUE, max_size=120))
def test_whatever_was_saved_stays_within_its_limit_for_any_data(
    source: str, repeated: int, name: str, link: str, reasons: list[str]
) -> None:
    try:
        check(source * repeated, OFFERED, field="body", longest=20_000)
    except Invalid:
        return
    values = {"customer": {"name": name}, "invoice": {"number": name}, "link": link,
              "run": {"parked": [{"customer": name, "reason": reason} for reason in reasons]}}  # fmt: skip
    assert len(render(source * repeated, OFFERED, values)) <= LARGEST
