"""What the customer's record asks, opened and refused: nothing that bars people (axe-core)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.admin.furniture import House
from tests.browser.conftest import Guest
from tests.browser.test_for_everybody import bars
from tests.sweeps import some

pytestmark = pytest.mark.browser
A_SAMPLE = 4  # a run; all of them in a full sweep
QUESTIONS = (
    "messages/write/", "documents/upload/", "activities/add/", "status/", "logins/invite/", "vouchers/redeem/",
    "settings/change/?part=money", "settings/hold/", "many/tag/", "delete/confirm/",
)  # fmt: skip


@pytest.mark.feature("X-21")
def test_no_question_of_the_record_bars_anybody_empty_or_refused(guest: Guest, house: House) -> None:
    guest.log_in()
    found = []
    for question in some(QUESTIONS, A_SAMPLE):
        path = f"/admin/customers/{question}{'&' if '?' in question else '?'}id={house.customer}"
        found += bars(guest.open(path), question)
        emptied = "all => all.forEach(it => { it.value = ''; it.checked = false })"
        guest.page.locator("main form[method=post] :is(input:not([type=hidden]), textarea)").evaluate_all(emptied)
        send = guest.page.locator("main form[method=post] button:is(.primary, .danger)").first
        if send.count():  # a record that cannot be deleted has no such button
            send.click()
            found += bars(guest.page, f"{question} refused")
    assert found == []
    assert guest.complaints == []


@pytest.mark.feature("X-21")
@pytest.mark.feature("R-20")
def test_neither_the_search_of_a_second_record_nor_the_comparison_bars_anybody(guest: Guest, house: House) -> None:
    guest.log_in()
    merge = f"/admin/merge/?id={house.customer}"
    found = bars(guest.open(merge), "merge search")
    page = guest.open(f"{merge}&other=niemand")
    expect(page.locator("main .wrong")).to_be_visible()
    found += bars(page, "merge search refused")
    compare = f"/admin/merge/compare/?id={house.customer}&other="
    found += bars(guest.open(f"{compare}{house.hostile}"), "merge compare")
    found += bars(guest.open(f"{compare}{house.customer}"), "merge compare refused")
    assert found == []
    assert [said for said in guest.complaints if "404" not in said] == []
