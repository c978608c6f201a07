"""The customer record is the same whoever makes it."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask

from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from extensions import db
from models import Activity, ActivityDetail, Customer, SearchWord, Sequence
from queries.customers import CustomerCard, CustomerFilter, find_customers, get_customer
from services import company, customers
from services.actor import SYSTEM, Actor
from services.unit import write

pytestmark = pytest.mark.usefixtures("context")
SHOP = Actor("api", 1, "Shop")
STAFF = Actor("staff", 7, "Bea Beispiel")


def make(**values: Any) -> Customer:
    values = {"last_name": "Müller"} | values
    row = db.session.get(Customer, customers.create_customer(SHOP, values))
    assert row is not None
    return row


def card(customer_id: int) -> CustomerCard:
    found = get_customer(customer_id)
    assert found is not None
    return found


@pytest.mark.feature("M1-20")
def test_a_name_and_an_e_mail_are_enough() -> None:
    row = make(last_name="Meier", email="meier@example.com")
    assert (row.customer_type, row.country_code, row.currency_code, row.language_code) == (
        "consumer",
        "DE",
        "EUR",
        "de",
    )


@pytest.mark.feature("M1-18")
def test_transfer_is_the_payment_type_nobody_chose() -> None:
    assert make().payment_type == 1


@pytest.mark.feature("M1-19")
def test_another_payment_type_is_chosen_explicitly() -> None:
    assert make(payment_type=4).payment_type == 4


@pytest.mark.feature("M1-16")
@pytest.mark.feature("M1-17")
def test_bank_data_may_come_with_the_record_or_later() -> None:
    row = make()
    customers.update_customer(SHOP, row.id, {"bank_iban": "DE02 1203 0000 0000 2020 51"})
    assert row.bank_iban == "DE02120300000000202051"
    assert make(bank_iban="DE02120300000000202051").bank_iban == "DE02120300000000202051"


@pytest.mark.feature("M1-34")
@pytest.mark.feature("M1-36")
def test_the_number_comes_from_the_range_and_goes_up_by_one() -> None:
    numbers = [int(make().number) for _ in range(3)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


@pytest.mark.feature("M1-34")
def test_a_number_typed_by_hand_is_taken_and_the_range_steps_over_it() -> None:
    first = int(make().number)
    assert make(number=str(first + 1)).number == str(first + 1)
    assert make().number == str(first + 2)


@pytest.mark.feature("M1-34")
def test_a_refused_record_draws_no_number() -> None:
    make(ext_uid="A")
    before = db.session.query(Sequence.next_value).all()
    with pytest.raises(Conflict):
        make(ext_uid="A")
    assert db.session.query(Sequence.next_value).all() == before


@pytest.mark.feature("M1-39")
@pytest.mark.parametrize("field", ["ext_uid", "number"])
def test_an_external_id_and_a_number_belong_to_one_record(field: str) -> None:
    holder = make(**{field: "X-1"})
    other = make()
    with pytest.raises(Conflict) as on_create:
        make(**{field: "X-1"})
    with pytest.raises(Conflict) as on_update:
        customers.update_customer(SHOP, other.id, {field: "X-1"})
    told = {"field": field, "other_id": holder.id, "other_number": holder.number}
    assert on_create.value.facts == on_update.value.facts == told


@pytest.mark.feature("M1-39")
def test_two_that_take_one_external_id_at_the_same_moment_leave_one_record(app: Flask) -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(4)

    def try_it() -> None:
        with app.app_context():
            barrier.wait()
            try:
                customers.create_customer(SHOP, {"last_name": "Eilig", "ext_uid": "RACE"})
                outcomes.append("made")
            except Conflict as conflict:
                outcomes.append(str(conflict.facts["field"]))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ext_uid", "ext_uid", "ext_uid", "made"]


@pytest.mark.feature("M1-39")
def test_the_unique_index_speaks_in_the_same_words_as_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    make(ext_uid="A")
    monkeypatch.setattr(customers, "_refuse_taken", lambda *_: None)  # as if both had looked before either wrote
    with pytest.raises(Conflict) as refusal:
        make(ext_uid="A")
    assert refusal.value.facts == {"field": "ext_uid"}


@pytest.mark.feature("M1-37")
def test_many_records_may_have_no_external_id() -> None:
    assert [make(ext_uid="").ext_uid, make(ext_uid=None).ext_uid] == [None, None]


@pytest.mark.feature("M1-33")
@pytest.mark.parametrize("field", ["id", "hash", "status", "survivor_id", "created_at", "erased_at", "balance"])
def test_what_the_system_gives_cannot_be_written(field: str) -> None:
    row = make()
    with pytest.raises(Invalid) as refusal:
        customers.update_customer(SHOP, row.id, {field: 1})
    assert refusal.value.field == field


@pytest.mark.feature("M1-40")
def test_every_record_has_a_random_hash_of_128_bits_that_can_be_renewed() -> None:
    row, other = make(), make()
    old = row.hash
    assert len(old) == 32 and int(old, 16) >= 0 and old != other.hash
    assert customers.renew_hash(STAFF, row.id) == row.hash != old


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"last_name": ""}, "last_name"),
        ({"customer_type": "business"}, "organization"),
        ({"customer_type": "person"}, "customer_type"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.de\r\nBcc: c@d.de"}, "email"),
        ({"email_cc": "a@b.de, nobody"}, "email_cc"),
        ({"email_cc": ",".join(["a@b.de"] * 28)}, "email_cc"),
        ({"country_code": "QQ"}, "country_code"),
        ({"currency_code": "JPY"}, "currency_code"),
        ({"language_code": "fr"}, "language_code"),
        ({"payment_type": 7}, "payment_type"),
        ({"days_for_payment": -1}, "days_for_payment"),
        ({"bank_iban": "DE02120300000000202052"}, "bank_iban"),
        ({"bank_bic": "NOBANK"}, "bank_bic"),
        ({"vat_id": "DE136695975"}, "vat_id"),
        ({"allowed_payment_types": "1,3"}, "allowed_payment_types"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"city": "Ham\x00burg"}, "city"),
        ({"comment": "\x1b[2J"}, "comment"),
        ({"last_name": 5}, "last_name"),
        ({"birthday": "1990-01-01"}, "birthday"),
        ({"newsletter_optin": "maybe"}, "newsletter_optin"),
        ({"tags": "x" * 61}, "tags"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_field_and_nothing_is_kept(values: Any, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make(**values)
    assert refusal.value.field == field
    assert db.session.query(Customer).count() == db.session.query(SearchWord).count() == 0


@pytest.mark.feature("S8")
def test_signs_that_nobody_sees_and_that_turn_what_follows_are_not_kept() -> None:
    row = make(
        last_name="\u202eretsüK\u202c", city="Ham\u200bburg", comment="Eins\u2067\nzwei", email="\u200ba@b.example"
    )
    assert (row.last_name, row.city, row.comment, row.email) == ("retsüK", "Hamburg", "Eins\nzwei", "a@b.example")


@pytest.mark.parametrize(
    ("given", "country", "kept"),
    [("136 695 976", "DE", "DE136695976"), ("ATU13585627", "DE", "ATU13585627"), ("094259216", "GR", "EL094259216"),
     ("che-107.787.577 iva", "CH", "CHE107787577IVA"), ("", "DE", "")],
)  # fmt: skip
def test_a_vat_id_is_kept_with_its_prefix(given: str, country: str, kept: str) -> None:
    assert make(vat_id=given, country_code=country).vat_id == kept


@pytest.mark.feature("EIN-7")
@pytest.mark.parametrize(
    ("format", "reference", "fits"),
    [
        ("xrechnung", "991-03730-19", True), ("xrechnung", "991-03730-18", False),
        ("xrechnung", "04011000-1234512345-06", True), ("xrechnung", "04011000-1234512345-07", False),
        ("xrechnung", "", True), ("xrechnung", "Bestellung 4711", True), ("xrechnung", "2026-12", True),
        ("zugferd", "991-03730-18", True),
    ],
)  # fmt: skip
def test_a_leitweg_id_has_its_check_digits_where_it_is_needed(format: str, reference: str, fits: bool) -> None:
    with nullcontext() if fits else pytest.raises(Invalid, match="not_a_leitweg_id"):
        make(einvoice_format=format, buyer_reference=reference)


def test_a_record_keeps_its_name_when_it_changes() -> None:
    row = make(customer_type="business", organization="Radwerk GmbH", last_name="")
    with pytest.raises(Invalid) as refusal:
        customers.update_customer(SHOP, row.id, {"organization": ""})
    assert refusal.value.field == "organization"


def test_fields_that_are_never_empty_stay_when_emptied() -> None:
    row = make(number="K-1", payment_type=4)
    customers.update_customer(SHOP, row.id, {"number": "", "payment_type": None, "country_code": "", "city": "Kiel"})
    assert (row.number, row.payment_type, row.country_code, row.city) == ("K-1", 4, "DE", "Kiel")


@pytest.mark.feature("P-19")
def test_a_change_is_told_with_who_what_before_and_after() -> None:
    row = make(city="Kiel")
    customers.update_customer(STAFF, row.id, {"city": "Hamburg", "last_name": "Müller"})
    activity = db.session.query(Activity).filter_by(code="customer.changed").one()
    detail = db.session.get(ActivityDetail, activity.id)
    assert (activity.actor_kind, activity.actor_id, activity.customer_id) == ("staff", 7, row.id)
    assert detail is not None
    assert detail.read() == {"actor": "Bea Beispiel", "changes": {"city": ["Kiel", "Hamburg"]}}


def test_a_change_that_changes_nothing_leaves_no_trace() -> None:
    row = make()
    version = row.version
    customers.update_customer(STAFF, row.id, {"last_name": "Müller"})
    assert db.session.query(Activity).filter_by(code="customer.changed").count() == 0
    assert row.version == version


@pytest.mark.parametrize("typed", ["müller", "MUELLER", "mul", "kiel", "mail@muell", "K-77", "müll kie", "haupts"])
def test_each_typed_word_begins_a_word_of_the_record(typed: str) -> None:
    row = make(last_name="Müller", city="Kiel", email="mail@mueller.example", number="K-77", address="Hauptstr. 1")
    make(last_name="Schmidt", city="Köln")
    assert [card.id for card in find_customers(CustomerFilter(term=typed), 10)] == [row.id]


@pytest.mark.parametrize("typed", ["üller", "%", "_", "müller köln", "---"])
def test_other_words_find_nothing(typed: str) -> None:
    make(last_name="Müller", city="Kiel")
    assert find_customers(CustomerFilter(term=typed), 10) == []


def test_a_changed_name_is_found_by_the_new_one_only() -> None:
    row = make(last_name="Alt")
    customers.update_customer(SHOP, row.id, {"last_name": "Neumann"})
    assert find_customers(CustomerFilter(term="alt"), 10) == []
    assert [card.id for card in find_customers(CustomerFilter(term="neumann"), 10)] == [row.id]


@pytest.mark.feature("X-22")
@pytest.mark.feature("M1-30")
def test_every_key_of_a_merged_record_leads_to_the_survivor() -> None:
    old, new = make(ext_uid="OLD", number="K-OLD"), make(last_name="Bleibt")
    with write():
        old.survivor_id = new.id
    for wanted in (
        CustomerFilter(ids=(old.id,)),
        CustomerFilter(numbers=("K-OLD",)),
        CustomerFilter(ext_uids=("OLD",)),
        CustomerFilter(hash=old.hash),
    ):
        assert [card.id for card in find_customers(wanted, 10)] == [new.id]
    assert [card.id for card in find_customers(CustomerFilter(), 10)] == [new.id]
    assert customers.update_customer(SHOP, old.id, {"city": "Kiel"}) == new.id


def test_an_unknown_record_is_not_found() -> None:
    with pytest.raises(NotFound):
        customers.update_customer(SHOP, 4711, {"city": "Kiel"})
    assert get_customer(4711) is None


@pytest.mark.feature("M1-41")
def test_tags_are_the_same_in_any_case_and_are_replaced_as_a_whole() -> None:
    one, two = make(tags="VIP, Händler"), make(tags=["vip"])
    customers.update_customer(SHOP, one.id, {"tags": "Archiv"})
    cards = {card.id: card.tags for card in find_customers(CustomerFilter(), 10)}
    assert cards == {one.id: ("Archiv",), two.id: ("VIP",)}
    customers.update_customer(SHOP, one.id, {"tags": ""})
    assert card(one.id).tags == ()


def test_days_for_payment_are_the_companys_until_the_record_says_otherwise() -> None:
    row = make()
    company.change_company(SYSTEM, {"days_for_payment": 30})
    assert card(row.id).days_for_payment == 30
    customers.update_customer(SHOP, row.id, {"days_for_payment": 0})
    assert card(row.id).days_for_payment == 0


@pytest.mark.feature("M1-11")
def test_every_channel_makes_the_same_record() -> None:
    values = {"last_name": "Gleich", "first_name": "Ida", "email": "ida@example.com", "city": "Kiel"}
    actors = (SHOP, STAFF, SYSTEM, Actor("customer", 3, "Ida Gleich"))
    rows = [db.session.get(Customer, customers.create_customer(actor, values)) for actor in actors]
    own = {"id", "number", "hash", "survivor_id", "created_at", "updated_at"}
    columns = [column.key for column in Customer.__table__.columns if column.key not in own]
    assert len({tuple(str(getattr(row, name)) for name in columns) for row in rows}) == 1


@pytest.mark.feature("D-12")
@pytest.mark.parametrize("status", ["blocked", "deactivated"])
def test_who_is_blocked_or_deactivated_cannot_book(status: str) -> None:
    row = make()
    row_status = Customer(status=status)
    with pytest.raises(NotAllowed) as refusal:
        customers.require_bookable(row_status)
    assert refusal.value.code == f"customer_{status}"
    customers.require_bookable(row)
