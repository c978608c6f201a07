"""Bank statements on their screens: suggestions, by hand, ignored; no other file is ever shown."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import BankBatch, BankLine, File, Invoice, Receivable
from services import bank_aside, bank_facts, bank_import, bank_matching, payments
from services.actor import SYSTEM
from tests.admin.conftest import Desk
from tests.admin.furniture import XSS, House
from tests.documents.statements import Entry, Part, camt, notice, paid_in

BANK = "/admin/bank/"
DAY = "2026-11-10"


def told(people: Flask, *payments: tuple[str, str]) -> list[int]:
    """A statement with these payments in the house, matched; gives the lines."""
    with people.app_context():
        entries = [paid_in(amount, purpose, day=DAY, name=f"Vogel{XSS}") for amount, purpose in payments]
        done = bank_import.bring_in(SYSTEM, bank_import.keep(camt(entries, key=str(payments)), "auszug.xml"))
        bank_matching.match_statement(done.statement_ids[0])
        return list(db.session.scalars(select(BankLine.id).order_by(BankLine.id)))


def an_open_invoice(people: Flask) -> tuple[str, int]:
    with people.app_context():
        query = select(Invoice.number, Receivable.open_cents).join(Invoice, Invoice.id == Receivable.invoice_id)
        number, cents = db.session.execute(query.where(Receivable.open_cents > 1000).limit(1)).one()
        return str(number), int(cents)


@pytest.mark.feature("X-06")
def test_the_empty_screen_offers_the_first_step(owner: Desk, house: House) -> None:
    page = owner.get(BANK)
    assert "Hier werden eingegangene Zahlungen stehen" in page and f"{BANK}upload/" in page


@pytest.mark.feature("X-06")
def test_a_line_is_shown_with_its_suggestion_and_hostile_text_stays_text(
    owner: Desk, people: Flask, house: House
) -> None:
    number, cents = an_open_invoice(people)
    (line,) = told(people, (f"{(cents + 500) / 100:.2f}", number))
    page = owner.get(BANK)
    assert number in page and "So verbuchen" in page and "<svg" not in page
    assert "Zahlung auf dem Konto ist nicht zugeordnet" in owner.get("/admin/")
    page = owner.post(f"{BANK}choose/", {"id": line, "invoice": number, "amount": "10,00", "customer": "", "key": "k"},
                      seen_on=f"{BANK}choose/?id={line}")  # fmt: skip
    assert "warten noch" in page


@pytest.mark.feature("X-06")
def test_a_line_is_ignored_with_a_reason_and_taken_up_again(owner: Desk, people: Flask, house: House) -> None:
    (line,) = told(people, ("1.00", "Zinsen"))
    owner.post(f"{BANK}ignore/", {"id": line, "reason": "Zinsen der Bank"}, seen_on=f"{BANK}ignore/?id={line}")
    assert "Zinsen der Bank" in owner.get(f"{BANK}?state=ignored")
    owner.post(f"{BANK}take-up/", {"id": line}, seen_on=f"{BANK}?state=ignored")
    assert "Beiseitelegen" in owner.get(BANK)


@pytest.mark.feature("X-06")
def test_where_nothing_is_booked_nobody_is_asked_whether_to_undo_it(owner: Desk, people: Flask, house: House) -> None:
    (line,) = told(people, ("1.00", "Zinsen"))
    assert owner.client.get(f"{BANK}undo/?id={line}").status_code == 302
    assert "nichts zurückzunehmen" in owner.get(BANK)


@pytest.mark.feature("SEP-8", "X-06")
def test_a_sum_is_taken_apart_by_a_click_and_put_together_again(owner: Desk, people: Flask, house: House) -> None:
    parts = [Part([f"A{XSS}"], f"Vogel{XSS}", amount="40.00"), Part(["B"], amount="60.00")]
    with people.app_context():
        file_id = bank_import.keep(notice([Entry("100.00", DAY, parts)]), "avis.xml")
    page = owner.get(f"{BANK}preview/?file={file_id}")
    assert "Sammelbuchungen und ihre Einzelposten" in page and "100,00" in page and "Einlesen" in page
    page = owner.post(f"{BANK}bring-in/", {"file": file_id}, seen_on=f"{BANK}preview/?file={file_id}")
    assert "Einzelposten von 1 Sammelbuchung sind jetzt bekannt" in page
    assert "die auf ihren Kontoauszug warten" in owner.get(f"{BANK}statements/")
    with people.app_context():
        done = bank_import.bring_in(SYSTEM, bank_import.keep(camt([Entry("100.00", DAY, [Part()])]), "auszug.xml"))
        bank_matching.match_statement(done.statement_ids[0])
        line, batch = db.session.scalars(select(BankLine.id)).one(), db.session.scalars(select(BankBatch.id)).one()
        db.session.remove()
    assert "2 Einzelposten: 100,00" in owner.get(BANK)
    page = owner.post(f"{BANK}take-apart/", {"id": line, "batch": batch}, seen_on=BANK)
    assert "steht jetzt in Einzelposten" in page and "Teil einer Sammelbuchung über 100,00" in owner.get(BANK)
    assert "aufgelöst in 2 Einzelposten" in owner.get(f"{BANK}?state=booked") and "<svg" not in owner.get(BANK)
    undo = f"{BANK}undo/?id={line}"
    assert "ihre 2 Einzelposten werden beiseitegelegt" in owner.get(undo)
    owner.post(f"{BANK}undo/", {"id": line, "reason": "verwechselt"}, seen_on=undo)
    assert "In Einzelposten auflösen" in owner.get(BANK) and "verwechselt" in owner.get(f"{BANK}?state=ignored")


@pytest.mark.feature("SEP-8", "X-06")
def test_a_large_statement_is_matched_by_a_worker_and_the_page_tells_how_far(
    owner: Desk, people: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_matching, "AT_ONCE", 1)
    with people.app_context():
        entries = [paid_in("1.00", each, day=DAY) for each in "AB"]
        file_id = bank_import.keep(camt(entries), "jahr.xml")
    page = owner.post(f"{BANK}bring-in/", {"file": file_id}, seen_on=f"{BANK}preview/?file={file_id}")
    assert "2 neue Umsätze" in page and "Umsätze werden zugeordnet" in page and "von 2 Umsätzen" in page
    assert "0 von 2 geprüft" in owner.get(f"{BANK}statements/")
    assert owner.client.get(f"{BANK}progress/").get_json() == {"state": "running", "per_cent": 0, "done": 0}
    with people.app_context():
        bank_matching.work(db.session.scalars(select(BankLine.statement_id).limit(1)).one())
    assert owner.client.get(f"{BANK}progress/").get_json() == {"state": "finished"}
    assert "werden zugeordnet" not in owner.get(BANK)


def test_no_other_file_of_the_house_is_looked_at_as_a_statement(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        other = db.session.scalar(select(File.id).where(File.kind != bank_import.KIND).limit(1)) or 4711
    assert owner.client.get(f"{BANK}preview/?file={other}").status_code == 404
    assert owner.client.get(f"{BANK}layout/?file={other}").status_code == 404


@pytest.mark.feature("X-06", "SEP-5")
def test_a_return_that_fits_nothing_is_taken_back_by_hand_and_undone(owner: Desk, people: Flask, house: House) -> None:
    number, cents = an_open_invoice(people)
    with people.app_context():
        paid = db.session.scalars(select(Invoice.id).where(Invoice.number == number)).one()
        payments.mark_paid(SYSTEM, paid)
        out = Entry(f"-{(cents + 350) / 100:.2f}", day=DAY, parts=[Part(code="MD06", name=f"Vogel{XSS}")])
        bank_import.bring_in(SYSTEM, bank_import.keep(camt([out], key="back"), "auszug.xml"))
        line = db.session.scalars(select(BankLine.id).order_by(BankLine.id.desc())).first()
        db.session.remove()
    form = f"{BANK}take-back/?id={line}"
    assert "Zahlung zurückbuchen" in owner.get(BANK) and "Gebühr der Bank darin" in owner.get(form)
    page = owner.post(f"{BANK}take-back/", {"id": line, "invoice": number, "fee": ""}, seen_on=form)
    assert "Keine Zahlung dieser Rechnung passt" in page
    page = owner.post(f"{BANK}take-back/", {"id": line, "invoice": number, "fee": "3,50"}, seen_on=form)
    assert "Die Zahlung ist zurückgebucht." in page and "Zurückgebucht" in owner.get(f"{BANK}?state=booked")
    undo = f"{BANK}undo/?id={line}"
    assert "gilt wieder als bezahlt" in owner.get(undo)
    owner.post(f"{BANK}undo/", {"id": line, "reason": "verwechselt"}, seen_on=undo)
    assert "Zahlung zurückbuchen" in owner.get(BANK)


@pytest.mark.feature("X-06")
def test_a_movement_that_failed_says_so_and_its_statement_how_many(owner: Desk, people: Flask, house: House) -> None:
    (line,) = told(people, ("1.00", "Spende"))
    with people.app_context():
        bank_aside.set_aside(line)
    page = owner.get(BANK)
    assert "1 Umsatz konnte nicht automatisch zugeordnet werden" in page and "Es ist nichts davon verbucht" in page
    assert "So verbuchen" not in page and "Von Hand zuordnen" in page
    assert "1 davon wegen eines Fehlers" in owner.get(f"{BANK}statements/")


@pytest.mark.feature("X-06")
def test_an_invoice_that_is_paid_already_is_told_and_so_much_credit_is_asked_first(
    owner: Desk, people: Flask, house: House
) -> None:
    number, cents = an_open_invoice(people)
    (first,) = told(people, (f"{cents / 100:.2f}", number))
    *_, line = told(people, (f"{cents / 100:.2f}", f"nochmals {number}"))
    page = owner.get(BANK)
    assert f"Rechnung {number} ist bereits bezahlt." in page and "So verbuchen …" in page
    with people.app_context():
        (offer,) = bank_facts.offers([db.session.get_one(BankLine, line)])[line]
        db.session.remove()
    asked = f"{BANK}accept-credit/?id={line}&seen={offer.mark}"
    assert "werden Guthaben von" in owner.get(asked)
    page = owner.post(f"{BANK}accept-credit/", {"id": line, "seen": offer.mark}, seen_on=asked)
    assert "Der Umsatz ist verbucht." in page
    assert owner.client.get(f"{BANK}accept-credit/?id={line}&seen=other").status_code == 302


@pytest.mark.feature("X-06", "F13")
def test_a_second_click_leads_to_the_statement_that_the_first_one_brought(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        file_id = bank_import.keep(camt([paid_in("1.00", "Spende", day=DAY)]), "auszug.xml")
    look, ends = f"{BANK}preview/?file={file_id}", []
    for said in ("1 neuer Umsatz", "Nichts wurde doppelt verbucht"):
        page = owner.post(f"{BANK}bring-in/", {"file": file_id}, seen_on=look)
        assert said in page
        ends.append("Spende" in page and 'name="statement"' in page)
    assert ends == [True, True]
