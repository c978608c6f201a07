"""What is documented is what validates."""

from __future__ import annotations

import pytest

from api.reading import Call
from api.reference import markdown
from api.refusals import business_errors
from api.registry import declared, find
from billing.errors import Conflict, Invalid, NotAllowed, NotFound

BUILT = {
    "article.create", "article.get", "customer.create", "customer.delete", "customer.get", "customer.update",
    "invoice.get", "shipment.create", "shipment.delete", "shipment.get", "shipment.update", "subscription.create",
    "subscription.get", "subscription.update", "subscription.changearticle", "subscription.setaddon",
    "subscription.cancel", "subscription.reactivate", "subscription.getupcomingamount", "subscription.postpone",
    "subscription.renew",
    "invoice.create", "invoice.update", "invoice.delete", "invoice.complete", "invoice.cancel", "invoice.sendbyemail",
    "subscription.setusagedata", "subscription.getusagedata", "subscription.deleteusagedata", "coupon.get",
    "coupon.check", "customer.addcredits",
    "invoice.setpaid", "invoice.sign", "invoice.sendbypost", "item.get", "item.delete",
}  # fmt: skip


@pytest.mark.feature("M1-32")
@pytest.mark.feature("M2-40")
@pytest.mark.feature("D-7")
def test_every_service_and_every_field_that_is_read_stands_in_the_reference() -> None:
    text = markdown()
    assert {service.name for service in declared()} == BUILT
    for service in declared():
        section = text.split(f"## {service.name}\n")[1].split("\n## ")[0]
        assert service.says in section
        for field in service.fields:
            assert f"| `{field.name}` |" in section
            assert ("**required**" in section.split(f"| `{field.name}` |")[1].split("\n")[0]) == field.required


def test_names_are_declared_once_and_speak_of_one_thing() -> None:
    for service in declared():
        names = [name for field in service.fields for name in (field.name, *field.aliases)]
        assert len(names) == len(set(names)) and all(name == name.upper() for name in names)
        assert len({field.to for field in service.fields}) == len(service.fields)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (Invalid("ext_uid"), "missing / invalid field: CUSTOMER_EXT_UID"),
        (Conflict("taken", field="number"), "missing / invalid field: CUSTOMER_NUMBER"),
        (NotFound("unknown_customer", field="customer_id"), "missing / invalid field: CUSTOMER_ID"),
        (NotAllowed("erased", field="customer_id"), "Customer Error: customer is deleted: CUSTOMER_ID"),
        (Conflict("unknown_number_range"), "Customer Error: unknown number range"),
        (NotAllowed("some_rule"), "Customer Error: some rule"),
    ],
)
def test_a_refused_deed_is_told_in_the_contracts_words(error: Exception, text: str) -> None:
    service = find("customer.update")
    assert service is not None
    assert business_errors(service, error, Call("json")) == [text]


@pytest.mark.parametrize("key", ["START", "START_DATE"])
def test_a_refused_deed_names_the_key_that_the_call_had(key: str) -> None:
    service = find("subscription.create")
    assert service is not None
    call = Call("json", {"DATA": {key: "2026-01-01"}})
    assert business_errors(service, Invalid("starts_on"), call) == [f"missing / invalid field: {key}"]
