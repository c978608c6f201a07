"""Two records of one customer become one: what moves, what stays, what leads where (X-22, D-11, DSG-4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from billing.money import Money
from extensions import db
from models import (
    Activity,
    ActivityDetail,
    Collection,
    Coupon,
    CreditGrant,
    Customer,
    CustomerCode,
    CustomerLogin,
    File,
    Invoice,
    JournalEntry,
    Posting,
    Run,
    RunChunk,
    SearchWord,
    Subscription,
)
from models.fates import FATES, Merge
from queries.customers import CustomerFilter, find_customers, get_customer
from queries.lists import listing
from queries.lists.customers import customers as customer_list
from queries.lists.shape import Wish
from services import (
    billing_run,
    clock,
    coupons,
    credit,
    customer_status,
    customers,
    drafts,
    files,
    merge,
    parked,
    payments,
    tags,
)
from services.actor import SYSTEM, Actor
from services.bookings import Booking
from services.draft_lines import Position
from services.merge_preview import preview_merge
from services.payments import Receipt
from services.unit import end_reading, write
from tests.queries.test_statements import statements
from tests.services import shop

pytestmark = pytest.mark.usefixtures("context")
DESK = Actor("staff", 7, "Anke")
MUCH = Booking("plan", Decimal(100))  # an invoice over 250 euros asks for the whole address (section 33 UStDV)


def row_of(customer_id: int) -> Customer:
    end_reading()
    return db.session.get_one(Customer, customer_id, populate_existing=True)


def frozen() -> Mapping[str, Any]:
    """Everything that a merge must not touch, to the byte."""
    end_reading()
    names = [name for name, fate in FATES.items() if fate.merge is Merge.STAYS]
    names += ["invoice_lines", "invoice_tax_lines", "papers", "coupon_uses", "credit_uses", "claims"]
    kept = set(names) - {"customers", "activities"}
    return {name: db.session.execute(select(db.metadata.tables[name])).all() for name in sorted(kept)}


def balance(customer_id: int) -> int:
    """What the books say the customer owes, with all that was merged into it."""
    end_reading()
    family = select(Customer.id).where(Customer.survivor_id == customer_id)
    accounts = ("receivable", "credit")
    query = select(func.coalesce(func.sum(Posting.amount_cents), 0))
    return int(db.session.scalars(query.where(Posting.customer_id.in_(family), Posting.account.in_(accounts))).one())


def two() -> tuple[int, int]:
    """Two records of one person, each billed for January; the second has paid too much."""
    shop.stock()
    first = shop.somebody("Bleibt", email="anna@example.com", ext_uid="SHOP-1")
    second = shop.somebody("Dublette", email="anna@example.com", ext_uid="SHOP-2", phone="040 12")
    for who in (first, second):
        shop.contract(who)
    shop.bill("2026-01-01")
    with clock.stand_at(date(2026, 1, 5)):
        payments.prepay(SYSTEM, second, Receipt(Money(700, "EUR")))
    return first, second


@pytest.mark.feature("X-22", "R-19")
@pytest.mark.feature("DSG-4")
def test_the_books_of_both_are_the_survivors_and_no_document_changes() -> None:
    first, second = two()
    sums, before = (balance(first), balance(second)), frozen()
    done = merge.merge(DESK, first, second)
    assert (done.survivor_id, done.moved) == (first, {"subscriptions": 1})
    assert balance(first) == sum(sums) == 1190 + 1190 - 700
    assert balance(second) == 0, "nobody asks a merged record"
    assert frozen() == before
    assert shop.findings() == []


@pytest.mark.feature("X-22")
def test_the_next_run_bills_the_survivor_for_the_contracts_of_both() -> None:
    first, second = two()
    merge.merge(DESK, first, second)
    assert shop.bill("2026-02-01").issued == 1, "one invoice for both contracts"
    last = shop.invoices()[-1]
    assert (last.customer_id, last.gross_cents) == (first, 2380)
    assert shop.bill("2026-02-01").issued == 0
    assert shop.findings() == []


@pytest.mark.feature("D-11")
def test_every_key_of_the_merged_record_leads_to_the_survivor() -> None:
    first, second = two()
    old = row_of(second)
    keys = [
        CustomerFilter(ids=(second,)), CustomerFilter(numbers=(old.number,)), CustomerFilter(ext_uids=("SHOP-2",)),
        CustomerFilter(hash=old.hash), CustomerFilter(term=old.number), CustomerFilter(term="Dublette"),
    ]  # fmt: skip
    merge.merge(DESK, first, second)
    for key in (*keys, CustomerFilter(ext_uids=("SHOP-1",)), CustomerFilter(term="Bleibt")):
        assert [card.id for card in find_customers(key, 5)] == [first], key


@pytest.mark.feature("D-11")
def test_the_words_of_both_find_the_survivor_after_it_was_changed_too() -> None:
    first, second = two()
    merge.merge(DESK, first, second)
    customers.update_customer(DESK, second, {"last_name": "Neuname"})
    assert row_of(first).last_name == "Neuname", "what is changed by the old id changes the survivor"
    assert row_of(second).last_name == "Dublette", "the merged record is as it was"
    for word in ("Dublette", "Neuname"):
        assert [card.id for card in find_customers(CustomerFilter(term=word), 5)] == [first]
        end_reading()
        found = set(db.session.scalars(select(SearchWord.customer_id).where(SearchWord.word == word.lower())))
        assert found == {first, second}, "papers of before are found by the name of today, and the other way round"


@pytest.mark.feature("R-21")
def test_each_field_is_chosen_and_the_activity_says_how() -> None:
    first, second = two()
    customers.update_customer(SYSTEM, first, {"comment": "mag Rot", "bank_iban": "DE02120300000000202051"})
    customers.update_customer(SYSTEM, second, {"comment": "mag Blau", "bank_iban": "DE02500105170137075030"})
    merge.merge(DESK, first, second, {"last_name": "other", "comment": "both", "bank": "other", "phone": "this"})
    row = row_of(first)
    assert (row.last_name, row.comment, row.phone) == ("Dublette", "mag Rot\nmag Blau", "")
    assert row.bank_iban == "DE02500105170137075030"
    told = last_activity()
    assert told["choices"] == {
        "last_name": "other", "comment": "both", "bank": "other", "phone": "this", "ext_uid": "this",
    }  # fmt: skip
    assert told["changes"]["last_name"] == ["Bleibt", "Dublette"]
    assert told["changes"]["bank_iban"] == ["DE02 •••• 2051", "DE02 •••• 5030"]
    assert (told["other_number"], told["moved"]) == (row_of(second).number, {"subscriptions": 1})


def last_activity() -> Any:
    end_reading()
    query = select(ActivityDetail).join(Activity).where(Activity.code == "customer.merged").order_by(Activity.id.desc())
    found = db.session.scalars(query).first()
    assert found is not None
    return found.read()


@pytest.mark.feature("R-21")
def test_what_is_empty_here_and_filled_there_is_taken_from_there_unless_somebody_says_otherwise() -> None:
    first, second = two()
    customers.update_customer(
        SYSTEM, second, {"x_attributes": [{"KEY": "shoe", "VALUE": "39"}], "birthday": date(1990, 1, 1)}
    )
    merge.merge(DESK, first, second)
    row = row_of(first)
    assert (row.phone, row.birthday, row.x_attributes) == ("040 12", date(1990, 1, 1), [{"KEY": "shoe", "VALUE": "39"}])
    assert (row.last_name, row.ext_uid) == ("Bleibt", "SHOP-1"), "what stands there stays"


def test_attributes_of_both_stand_together_and_a_key_of_the_survivor_wins() -> None:
    first, second = two()
    mine, theirs = {"KEY": "shoe", "VALUE": "39"}, {"KEY": "shoe", "VALUE": "44"}
    customers.update_customer(SYSTEM, first, {"x_attributes": [mine]})
    customers.update_customer(SYSTEM, second, {"x_attributes": [theirs, {"KEY": "hat", "VALUE": "M"}]})
    merge.merge(DESK, first, second)
    assert row_of(first).x_attributes == [mine, {"KEY": "hat", "VALUE": "M"}]


@pytest.mark.feature("M1-39", "D-11")
def test_the_external_id_is_taken_over_and_both_go_on_leading_to_the_survivor() -> None:
    first, second = two()
    merge.merge(DESK, first, second, {"ext_uid": "other"})
    assert (row_of(first).ext_uid, row_of(second).ext_uid) == ("SHOP-2", "SHOP-1")
    assert last_activity()["changes"]["ext_uid"] == ["SHOP-1", "SHOP-2"]
    for key in ("SHOP-1", "SHOP-2"):
        assert [card.id for card in find_customers(CustomerFilter(ext_uids=(key,)), 5)] == [first]


@pytest.mark.feature("DSG-4")
def test_files_tags_coupons_granted_credit_and_drafts_come_along_and_codes_end() -> None:
    first, second = two()
    tags.set_tags(SYSTEM, first, "VIP, Nord")
    tags.set_tags(SYSTEM, second, "vip, Süd")
    coupon = coupons.create_coupon(
        SYSTEM, {"code": "NURSIE", "kind": "percent", "percent": Decimal(5), "customer_id": second}
    )
    grant = credit.grant_credit(SYSTEM, second, Money(300, "EUR"))
    supplied = {"service_from": date(2026, 1, 2)}
    draft = drafts.create_draft(SYSTEM, second, supplied, [Position("Leistung", Decimal(5))])
    with write() as session:
        login = CustomerLogin(customer_id=second, email="anna@example.com")
        session.add(login)
        contract = files.store(b"unterschrieben", "Vertrag.pdf", "application/pdf", "upload", second)
        session.add(CustomerCode(customer_id=second, purpose="accountdata", code_digest="", sent_to="anna@example.com",
                                 expires_at=clock.instant()))  # fmt: skip
    done = merge.merge(DESK, first, second)
    assert done.moved == {
        "coupons": 1, "credit_grants": 1, "customer_logins": 1, "customer_tags": 1,
        "drafts": 1, "files": 1, "subscriptions": 1,
    }  # fmt: skip
    card = get_customer(second)
    assert card is not None and (card.id, card.tags, card.credit_cents) == (first, ("Nord", "Süd", "VIP"), 1000)
    rows = db.session
    assert rows.scalar(select(CustomerLogin.customer_id)) == first
    assert rows.get_one(Coupon, coupon).customer_id == rows.get_one(CreditGrant, grant).customer_id == first
    assert rows.get_one(Invoice, draft).customer_id == rows.get_one(File, contract).customer_id == first
    named = rows.get_one(Invoice, draft)
    assert (named.customer_number, named.buyer["email"]) == (card.number, row_of(first).email), "whom it will go to"
    assert rows.scalar(select(func.count()).select_from(CustomerCode)) == 0
    with clock.stand_at(date(2026, 1, 20)):
        drafts.issue_draft(SYSTEM, draft)
    assert shop.invoices()[-1].customer_number == row_of(first).number
    assert shop.findings() == []


@pytest.mark.feature("DSG-4")
def test_nothing_that_moves_or_ends_is_left_with_the_merged_record() -> None:
    first, second = two()
    merge.merge(DESK, first, second)
    end_reading()
    for fate in (Merge.MOVES, Merge.ENDS):
        for name in merge.tables(fate):
            table = db.metadata.tables[name]
            assert db.session.execute(select(table).where(table.c[FATES[name].key] == second)).all() == [], name
    assert merge.tables(Merge.JOINED) == ["search_words", "customer_tags"], "a new one needs its own way of joining"


@pytest.mark.feature("X-22")
def test_a_chain_of_merges_leads_to_the_last_survivor() -> None:
    first, second = two()
    third = shop.somebody("Dritter")
    with clock.stand_at(date(2026, 1, 6)):
        payments.prepay(SYSTEM, third, Receipt(Money(50, "EUR")))
    total = balance(first) + balance(second) + balance(third)
    merge.merge(DESK, second, first)
    merge.merge(DESK, third, second)
    assert {row_of(each).survivor_id for each in (first, second, third)} == {third}
    assert balance(third) == total
    for word in ("Bleibt", "Dublette", "Dritter", row_of(first).number):
        assert [card.id for card in find_customers(CustomerFilter(term=word), 5)] == [third]
    assert shop.findings() == []


@pytest.mark.feature("X-22")
def test_what_a_merged_record_owes_stands_with_its_survivor_in_the_list() -> None:
    first, second = two()
    merge.merge(DESK, first, second)
    customers.update_customer(SYSTEM, first, {"city": "Kiel"})
    for owing in ("open", "overdue"):
        with clock.stand_at(date(2026, 3, 1)):
            rows = listing.page(customer_list(clock.today()), Wish(narrow={"owing": owing}), 5).rows
        assert [(row.id, row.open_cents) for row in rows] == [(first, 2380)]
        end_reading()


@pytest.mark.feature("D-12")
def test_the_status_is_chosen_too_and_is_set_by_its_own_deed() -> None:
    first, second = two()
    customer_status.change_status(SYSTEM, second, "block", "zahlt nicht")
    merge.merge(DESK, first, second, {"status": "other"})
    assert row_of(first).status == "blocked"
    codes = db.session.scalars(select(Activity.code).where(Activity.customer_id == first).order_by(Activity.id.desc()))
    assert codes.first() == "customer.blocked"


# --- what stands against it


def refusal(survivor: int, other: int, **more: Any) -> str:
    before = frozen()
    with pytest.raises((NotAllowed, Conflict, NotFound, Invalid)) as refused:
        merge.merge(DESK, survivor, other, **more)
    assert frozen() == before
    assert row_of(survivor).version == 1
    return refused.value.code


def test_nobody_is_merged_with_themselves_or_with_nobody() -> None:
    first = shop.somebody()
    assert refusal(first, first) == "same_record"
    assert refusal(first, first + 1) == "unknown_customer"


def test_who_is_merged_already_is_not_merged_again() -> None:
    first, second = two()
    third = shop.somebody("Dritter")
    merge.merge(DESK, first, second)
    assert refusal(third, second) == "already_merged"
    with pytest.raises(NotAllowed, match="already_merged"):
        merge.merge(DESK, second, first)


def test_a_deleted_record_is_not_merged() -> None:
    first, second = shop.somebody("A"), shop.somebody("B")
    with write() as session:
        session.get_one(Customer, second).erased_at = clock.instant()
    assert refusal(first, second) == "erased"


@pytest.mark.feature("F17")
@pytest.mark.parametrize("swapped", [False, True])
def test_a_run_that_still_has_to_bill_either_stands_against_it(swapped: bool) -> None:
    first, second = two()
    with clock.stand_at(date(2026, 2, 1)):
        run = billing_run.start(date(2026, 2, 1), SYSTEM, ring=False)
    assert refusal(*((second, first) if swapped else (first, second))) == "run_under_way"
    with clock.stand_at(date(2026, 2, 1)):
        for chunk in billing_run.pending_chunks(run):
            billing_run.run_chunk(chunk)
    merge.merge(DESK, first, second)
    assert [row.customer_id for row in shop.invoices()] == [first, second, first, second], "billed before it"
    assert shop.findings() == []


def test_a_run_that_has_nothing_to_bill_of_either_does_not_stand_against_it() -> None:
    first, second = shop.somebody("A"), shop.somebody("B")
    with write() as session:
        run = Run(on_date=date(2026, 2, 1), actor_kind="system")
        session.add(run)
        session.flush()
        session.add(RunChunk(run_id=run.id, first_customer_id=1, last_customer_id=10**6))
    assert merge.merge(DESK, first, second).survivor_id == first


@pytest.mark.feature("F17")
def test_a_document_that_waits_for_its_payment_stands_against_it() -> None:
    first, second = two()
    draft = drafts.create_draft(SYSTEM, second, {}, [Position("Leistung", Decimal(5))])
    with write() as session:
        session.get_one(Invoice, draft).status = "awaiting_payment"
        session.add(Collection(invoice_id=draft, customer_id=second))
    assert refusal(first, second) == "unfinished_documents"


@pytest.mark.feature("M2-27")
def test_who_chose_by_older_values_is_told() -> None:
    first, second = two()
    seen = {each: row_of(each).version for each in (first, second)}
    customers.update_customer(SYSTEM, second, {"city": "Kiel"})
    assert refusal(first, second, seen=seen) == "changed_meanwhile"


def test_a_choice_that_there_is_not_is_refused() -> None:
    first, second = two()
    assert refusal(first, second, choices={"last_name": "both"}) == "not_a_choice"
    assert refusal(first, second, choices={"number": "other"}) == "unknown_field"


def test_what_is_chosen_has_to_fit_together() -> None:
    first, second = two()
    customers.update_customer(SYSTEM, second, {"customer_type": "business", "organization": "Rad AG"})
    with pytest.raises(Invalid) as refused:
        merge.merge(DESK, first, second, {"customer_type": "other", "organization": "this"})
    assert (refused.value.code, refused.value.facts["field"]) == ("missing", "organization")
    assert row_of(second).survivor_id == second


# --- whom a run left out


@pytest.mark.feature("EB-25")
def test_whom_a_run_left_out_is_billed_with_the_survivor_and_settled() -> None:
    shop.stock()
    first, second = shop.somebody("Bleibt"), shop.somebody("Dublette", zipcode="")
    for who in (first, second):
        shop.contract(who, plan=MUCH)
    assert shop.bill("2026-01-01").failed == 1
    merge.merge(DESK, first, second)
    with clock.stand_at(date(2026, 1, 3)):
        (left_out,) = open_parked()
        assert parked.retry(DESK, left_out).issued == 1
    assert open_parked() == []
    assert [row.customer_id for row in shop.invoices()] == [first, first]
    assert shop.findings() == []


@pytest.mark.feature("EB-25")
def test_a_later_run_settles_it_too() -> None:
    shop.stock()
    first, second = shop.somebody("Bleibt"), shop.somebody("Dublette", zipcode="")
    shop.contract(second, plan=MUCH)
    assert shop.bill("2026-01-01").failed == 1
    merge.merge(DESK, first, second)
    assert shop.bill("2026-01-02").issued == 1
    assert open_parked() == []


def open_parked() -> list[int]:
    end_reading()
    table = db.metadata.tables["parked_customers"]
    return list(db.session.scalars(select(table.c.id).where(table.c.resolved_at.is_(None))))


# --- the preview


@pytest.mark.feature("R-20", "R-21")
def test_the_preview_says_what_will_come_together_and_what_is_to_be_chosen() -> None:
    first, second = two()
    end_reading()
    plan = preview_merge(first, second)
    assert [(line.subject, line.this, line.other, line.both, line.currency) for line in plan.together] == [
        ("subscriptions", 1, 1, 2, ""), ("invoices", 1, 1, 2, ""), ("payments", 0, 1, 1, ""),
        ("messages", 1, 1, 2, ""), *activities_line(plan), ("open", 1190, 1190, 2380, "EUR"),
        ("credit", 0, 700, 700, "EUR"),
    ]  # fmt: skip
    assert [(each.unit, each.proposed) for each in plan.differing] == [
        ("ext_uid", "this"), ("last_name", "this"), ("phone", "other"),
    ]  # fmt: skip
    assert plan.reasons == () and plan.equal > 40
    assert balance(first) == 1190, "looking changes nothing"


def activities_line(plan: Any) -> list[tuple[Any, ...]]:
    return [
        (each.subject, each.this, each.other, each.both, "") for each in plan.together if each.subject == "activities"
    ]


def test_the_preview_takes_a_fixed_number_of_statements() -> None:
    first, second = two()
    end_reading()
    before = asked(first, second)
    for month in ("2026-02-01", "2026-03-01", "2026-04-01"):
        shop.bill(month)
    end_reading()
    assert asked(first, second) == before == 10


def asked(first: int, second: int) -> int:
    end_reading()
    with statements() as sent:
        preview_merge(first, second)
    return len(sent)


def test_a_merge_takes_as_many_statements_for_a_long_history_as_for_a_short_one() -> None:
    first, second = two()
    third = shop.somebody("Kurz", email="b@example.com")
    fourth = shop.somebody("Kürzer", email="b@example.com", phone="040 13")
    for who in (third, fourth):
        shop.contract(who, starts_on=date(2026, 3, 1))
    shop.bill("2026-03-05")
    warm = (shop.somebody("Warm"), shop.somebody("Wärmer"))
    counts = []
    for survivor, other in (warm, (first, second), (third, fourth)):
        end_reading()
        with statements() as sent:
            merge.merge(DESK, survivor, other)
        counts.append([statement.split()[:3] for statement in sent])
    assert counts[1] == counts[2]


def test_the_entries_keep_the_id_they_were_born_with() -> None:
    first, second = two()
    merge.merge(DESK, first, second)
    end_reading()
    assert set(db.session.scalars(select(JournalEntry.customer_id))) == {first, second}
    assert set(db.session.scalars(select(Subscription.customer_id))) == {first}
