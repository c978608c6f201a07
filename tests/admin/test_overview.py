"""The start page as people of each role see it: kind, complete, and silent about what is not theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from admin import charts
from admin.charts import Group, Value
from app import create_app
from extensions import db
from models import Receivable
from services import roles, staff
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import PASSWORD, PEOPLE, TODAY, House, hire
from tests.conftest import fresh_database, settings_for

PICTURES = ("picture-recurring", "picture-issued", "picture-ages")


def plain(page: str) -> str:
    return page.replace("\xa0", " ")


def test_the_owner_sees_what_waits_each_with_one_link_to_exactly_that_list(reader: Desk, house: House) -> None:
    page = plain(reader.get("/admin/"))
    assert "Kunde wurde bei einem Rechnungslauf zurückgestellt" in page
    assert 'href="/admin/messages/?state=failed"' in page and 'href="/admin/papers/?state=failed"' in page
    assert "Alles erledigt" not in page


def test_each_picture_has_a_name_a_sentence_and_its_whole_table_without_a_script(reader: Desk, house: House) -> None:
    page = plain(reader.get("/admin/"))
    for name in PICTURES:
        part = page.partition(f'id="{name}"')[2].partition("</section>")[0]
        assert re.search(r'<svg class="chart" role="img" aria-labelledby="(\S+) (\S+)"', part), name
        assert "<title id=" in part and "<desc id=" in part and "<details" in part
        assert part.count("<tr>") == (7 if name == "picture-ages" else 13)
        assert "style=" not in part and "onclick" not in part
    assert "November 2026" in page


def test_the_head_of_the_page_names_the_sums_of_each_currency_and_pictures_can_be_switched(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        with write() as session:
            session.add(Receivable(kind="fee", customer_id=house.customer, currency_code="CHF", amount_cents=500,
                                   open_cents=500, due_on=TODAY))  # fmt: skip
        db.session.remove()
    page = plain(owner.get("/admin/"))
    assert page.index("€</b>") < page.index("CHF</b>"), "the company's currency comes first"
    assert '<b aria-current="true">EUR</b>' in page and "currency=CHF" in page
    assert '<b aria-current="true">CHF</b>' in plain(owner.get("/admin/?currency=CHF"))
    assert '<b aria-current="true">EUR</b>' in owner.get("/admin/?currency=%3Csvg%20onload%3D%3E")


@pytest.mark.feature("S22")
def test_a_role_without_money_sees_no_sum_and_no_picture(people: Flask, house: House) -> None:
    with people.app_context():
        roles.save_role(SYSTEM, None, name="Werkstatt", description="", is_enabled=True, permissions={"customers.read"})
        staff.add_staff(SYSTEM, "werk@example.com", role="Werkstatt", name="Willi Werk", password=PASSWORD)
        db.session.remove()
    desk = Desk(people.test_client())
    assert desk.log_in("werk@example.com") == 302
    page = plain(desk.get("/admin/"))
    assert "€" not in page and "chart" not in page.replace("charts.css", "")
    assert "Letzte Aktivitäten" not in page and "Nächster Rechnungslauf" not in page and "zurückgestellt" not in page
    assert "Nichts wartet." in page


def test_support_sees_money_but_neither_runs_nor_who_was_left_out(desk_of: Callable[[str], Desk], house: House) -> None:
    page = desk_of("Support").get("/admin/")
    assert all(name in page for name in PICTURES)
    assert "zurückgestellt" not in page and 'href="/admin/runs' not in page


def test_an_empty_house_invites_to_its_first_steps(template: str, tmp_path: Path) -> None:
    with fresh_database(template, tmp_path) as url:
        app = create_app(settings_for(tmp_path, url))
        hire(app)
        desk = Desk(app.test_client())
        desk.log_in(PEOPLE["Inhaber"])
        page = desk.get("/admin/")
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    assert "Erste Schritte" in page and 'href="/admin/products/new/"' in page and "Nichts wartet." in page
    assert "picture-" not in page and page.count('class="taken"') == 1, "the company's data are there"


def test_axes_have_round_steps() -> None:
    assert [charts.round_step(cents) for cents in (0, 3, 4_00, 4_01, 990_00, 123_456_78)] == [
        1, 1, 1_00, 2_00, 500_00, 50_000_00,
    ]  # fmt: skip


def test_bars_begin_at_zero_and_go_down_where_money_went_back(app: Flask) -> None:
    groups = [Group("a", (Value("accent", 100_00, ""),)), Group("b", (Value("accent", -50_00, ""),)),
              Group("c", (Value("accent", 0, ""),))]  # fmt: skip
    with app.test_request_context():
        chart = charts.bars(groups, "EUR")
    zero = next(tick.y for tick in chart.ticks if tick.is_zero)
    up, down = chart.bars
    assert (up.y + up.height, down.y) == (zero, zero) and up.height == pytest.approx(2 * down.height)
    assert [tick.label.replace("\xa0", " ") for tick in chart.ticks] == ["-50 €", "0 €", "50 €", "100 €"]


@pytest.mark.parametrize("cents", [1, 99, 10**13])
def test_an_axis_spells_small_and_huge_sums_and_everything_lies_inside(app: Flask, cents: int) -> None:
    with app.test_request_context():
        chart = charts.line([Group("x", (Value("accent", cents, ""),)) for _ in range(12)], "EUR")
    assert all(charts.TOP <= point.y <= charts.TOP + charts.HEIGHT for point in chart.points)
    assert all(len(tick.label) <= 14 for tick in chart.ticks) and len(chart.strokes) == 11
    assert 2 <= len(chart.ticks) <= 7
    assert Decimal(chart.points[0].x.rstrip("%")) > 0
