"""Pages for everybody: nothing that bars people (axe-core), by day and by night, and everything by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from commands.shooting.walk import SIGNED_OUT, screens
from tests.admin.furniture import PASSWORD, PEOPLE, House
from tests.admin.test_screens import screens as known_screens
from tests.browser.barriers import violations
from tests.browser.conftest import Guest
from tests.sweeps import FULL, some

pytestmark = pytest.mark.browser
A_SAMPLE = 4  # screens a run; all of them in a full sweep
SOME_QUESTIONS, SOME_FORMS = 3, 2
FORMS = ("drafts/", "subscriptions/new/", "coupons/new/", "vat-rates/new/", "shipments/new/", "customers/new/")
LONG = "tbody tr:nth-child(n+4)"  # further rows of a table say nothing new
BARS = ("serious", "critical")
WCAG = {"preload": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
CONTRAST = {"preload": False, "runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


@pytest.mark.feature("X-21")
def test_no_screen_of_the_back_office_bars_anybody_by_day_or_by_night(guest: Guest, house: House) -> None:
    found = [bar for path in SIGNED_OUT for bar in bars(guest.open(path), path)]
    guest.log_in()
    beside = {f"/admin/customers/details/?id={house.hostile}": "a hostile name", "/admin/nowhere/at/all": "not there"}
    for path, kind in [*some(every_screen(guest, house), A_SAMPLE), *beside.items()]:
        guest.open(path)
        found += bars(guest.page, kind)
    assert found == []
    assert [said for said in guest.complaints if "404" not in said] == []


@pytest.mark.feature("X-21")
def test_no_question_before_a_deed_bars_anybody_by_day_or_by_night(guest: Guest, house: House) -> None:
    guest.log_in()
    found = []
    for path, link in some(questions(guest, house), SOME_QUESTIONS):
        page = guest.open(path)
        page.locator(f'main a[data-dialog][href="{link}"]').first.evaluate("link => link.click()")
        expect(page.get_by_role("dialog")).to_be_visible()
        found += bars(page, f"{path} asks {link}")
    assert found == []
    assert guest.complaints == []


def questions(guest: Guest, house: House) -> list[tuple[str, str]]:
    """(page, address of the question) of everything that these pages ask before they do it."""
    pages = (
        f"/admin/subscriptions/details/?id={house.subscription}", f"/admin/invoices/details/?id={house.invoice}",
        f"/admin/customers/details/?id={house.customer}", "/admin/vat/", "/admin/clock/",
    )  # fmt: skip
    hrefs = "links => [...new Set(links.map(link => link.getAttribute('href')))]"
    return [
        (path, link) for path in pages
        for link in guest.open(path).eval_on_selector_all("main a[data-dialog]", hrefs)
    ]  # fmt: skip


@pytest.mark.feature("X-21")
def test_no_refused_form_bars_anybody_and_each_says_why_in_german(guest: Guest, house: House) -> None:
    guest.log_in()
    found = []
    for form in some(FORMS, SOME_FORMS):
        page = guest.open(f"/admin/{form}")
        page.locator("main input:is([type=text], :not([type]))").evaluate_all("all => all.forEach(it => it.value = '')")
        page.locator("main form[method=post] button.primary").first.click()
        expect(page.locator("main .wrong").first).to_be_visible()
        expect(page.get_by_text("This field is required")).to_have_count(0)
        found += bars(page, f"{form} refused")
    assert found == []
    assert guest.complaints == []


def every_screen(guest: Guest, house: House) -> list[tuple[str, str]]:
    """Address and kind of each. Walking the whole house by its links takes as long as looking at it, so a sample is
    taken from the list that is known."""
    if not FULL:
        return [(path, path) for path in known_screens(house)]
    found = screens(guest.page, guest.address + "/admin/", beside=())
    return [(address.removeprefix(guest.address), kind) for kind, address in found.items()]


def bars(page: Page, name: str) -> list[str]:
    """What axe-core calls serious or critical here, with the first element that it is about."""
    page.wait_for_load_state()
    page.evaluate("rows => document.querySelectorAll(rows).forEach(row => row.remove())", LONG)
    page.emulate_media(color_scheme="light")
    found = violations(page, WCAG)
    page.emulate_media(color_scheme="dark")
    found += violations(page, CONTRAST)
    return [f"{name}: {each['id']} at {each['nodes'][0]['html'][:120]}" for each in found if each["impact"] in BARS]


@pytest.mark.feature("X-21")
def test_a_customer_is_found_opened_and_changed_by_keyboard_alone(guest: Guest, house: House) -> None:
    page = guest.open("/admin/login")
    press(page, "E-Mail-Adresse", role="textbox", key="")
    page.keyboard.type(PEOPLE["Inhaber"])
    page.keyboard.press("Tab")
    expect(page.get_by_label("Passwort")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    press(page, "Kunden", role="link")
    press(page, "", role="searchbox", key="")
    page.keyboard.type("werft")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=werft**")
    press(page, "Örtliche Werft", role="link")
    press(page, "Verwalten", role="summary")
    press(page, "Löschen", role="link")
    expect(page.get_by_role("dialog", name="Kunden löschen")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Löschen")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Löschen")).to_be_hidden()
    press(page, "Bearbeiten", role="link", back=True)
    page.wait_for_url("**/edit/**")
    press(page, "Ort", role="textbox", key="")
    page.keyboard.press("Control+a")
    page.keyboard.type("Wedel")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Gespeichert.")).to_be_visible()
    assert guest.complaints == []


def press(page: Page, name: str, *, role: str, key: str = "Enter", back: bool = False) -> None:
    """Walk with Tab to what has this role and name, see that it shows where one is, and press the key."""
    wanted = (page.get_by_role(role, name=name, exact=True) if name else page.get_by_role(role)).first
    wanted = page.locator("summary", has_text=name).first if role == "summary" else wanted
    wanted.wait_for(state="attached")
    page.wait_for_load_state()  # without the style sheets nothing shows where one is
    for _step in range(120):
        if wanted.evaluate("it => it === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab" if back else "Tab")
    expect(wanted).to_be_focused()
    assert wanted.evaluate("it => getComputedStyle(it).outlineStyle") != "none", f"{name or role} shows no focus"
    if key:
        page.keyboard.press(key)
