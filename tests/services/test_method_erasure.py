"""A deleted customer is forgotten at their payment providers, too: asked until they answer."""

from __future__ import annotations

import pytest
from flask import Flask

from billing.errors import NotAllowed
from gateways.base import Unanswered
from models import Customer, Mandate, Message, PaymentMethod
from services import clock, mandates, method_removal, sweep
from services.actor import SYSTEM
from services.company import change_company
from services.customer_erasure import delete_customer, preview_deletion
from services.merge_reasons import reasons_against
from services.unit import write
from tests.services import shop
from tests.services.charged import FIRST, Till, keep_card, open_till

IBAN = "DE89370400440532013000"


@pytest.fixture
def till(context: Flask) -> Till:
    with clock.stand_at(FIRST):
        return open_till(context)


def forgotten(till: Till) -> int:
    with till.gateway._store.open() as found:
        return int(found.execute("SELECT coalesce(sum(forgotten), 0) FROM methods").fetchone()[0])


@pytest.mark.feature("DSG-2", "D-5")
def test_a_provider_is_told_until_it_answers_and_then_its_names_go(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    customer_id = shop.somebody("Geheim", email="g@beispiel.example")
    method_id = keep_card(customer_id, "succeeds")
    token = till.all(PaymentMethod)[-1].token
    delete_customer(SYSTEM, customer_id)
    row = till.all(PaymentMethod)[-1]
    assert (row.state, row.token, row.brand, row.last4, row.expires_on) == ("removed", token, "", "", None)
    assert method_removal.to_forget(10) == [method_id]
    with monkeypatch.context() as patch:
        patch.setattr(type(till.gateway), "forget", _silent)
        method_removal.forget(method_id)
    assert till.all(PaymentMethod)[-1].token == token and forgotten(till) == 0
    method_removal.forget(method_id)
    row = till.all(PaymentMethod)[-1]
    assert (row.token, row.provider_customer, row.setup_id) == ("", "", None) and forgotten(till) == 1
    assert method_removal.to_forget(10) == [] and till.all(Customer)[-1].erased_at is not None
    sweep.sweep()


def _silent(*_: object) -> None:
    raise Unanswered("timeout")


@pytest.mark.feature("DSG-2")
def test_whose_provider_is_gone_keeps_no_names_either(till: Till) -> None:
    customer_id = shop.somebody("Geheim")
    keep_card(customer_id, "succeeds")
    with write() as session:
        session.get_one(PaymentMethod, till.all(PaymentMethod)[-1].id).gateway = "gone"
    assert delete_customer(SYSTEM, customer_id).outcome == "erased"
    assert till.all(PaymentMethod) == [] and [row.id for row in till.all(Customer)] == [till.customer_id]


@pytest.mark.feature("DSG-2", "SEP-1")
def test_a_mandate_that_was_never_used_goes_with_its_customer(till: Till) -> None:
    change_company(SYSTEM, {"creditor_id": "DE98ZZZ09999999999", "iban": IBAN})
    customer_id = shop.somebody("Geheim")
    mandates.grant(SYSTEM, customer_id, mandates.Grant(iban=IBAN))
    delete_customer(SYSTEM, customer_id)
    assert till.all(Mandate) == [] and till.all(PaymentMethod) == []
    assert till.all(Message) == []


@pytest.mark.feature("DSG-3", "DSG-4")
def test_while_a_provider_s_page_is_open_nobody_is_deleted_or_merged(till: Till) -> None:
    customer_id, other = shop.somebody("Geheim"), shop.somebody("Geheim")
    with write() as session:
        session.add(PaymentMethod(customer_id=customer_id, kind="card", gateway="sandbox", state="pending"))
    with write() as session:
        assert preview_deletion(session, customer_id).reasons == ("setups_open",)
        rows = [session.get_one(Customer, each) for each in (other, customer_id)]
        assert reasons_against(session, *rows) == ("setup_open",)
    with pytest.raises(NotAllowed, match="setups_open"):
        delete_customer(SYSTEM, customer_id)
