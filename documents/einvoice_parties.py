"""Seller, buyer and place of delivery in an e-invoice (BG-4 to BG-15)."""

from __future__ import annotations

from typing import Final

from drafthorse.models.delivery import TradeDelivery
from drafthorse.models.party import PostalTradeAddress, TaxRegistration, TradeParty

from documents.einvoice_data import EinvoiceData
from documents.einvoice_text import clean
from documents.letter import full_name
from documents.paper import Party
from documents.text import one_line
from documents.words import words

_CODE_OF: Final = {"XK": "1A"}  # Kosovo has no code of ISO 3166, and another one in the norm's list
EMAIL: Final = "EM"  # electronic address scheme (EAS)


def put_seller(party: TradeParty, data: EinvoiceData) -> None:
    head = data.paper.letterhead
    outside = _is_outside(data)
    party.name = clean(full_name(head))
    party.description = clean(_legal_words(data, outside))
    if head.register_number:
        party.legal_organization.id = ("", clean(head.register_number))
    _put_contact(party, data)
    _put_address(party.address, head.address_lines, head.zipcode, head.city, "", head.country_code)
    if data.contact.email:
        party.electronic_address.uri_ID = (EMAIL, clean(data.contact.email))
    # BR-O-02: with a supply outside VAT neither party's VAT id may stand in its field.
    for scheme, number in (("VA", "" if outside else head.vat_id), ("FC", head.tax_number)):
        if number:
            party.tax_registrations.add(TaxRegistration(id=(scheme, clean(number))))


def put_buyer(party: TradeParty, data: EinvoiceData) -> None:
    paper = data.paper
    buyer = paper.buyer
    if paper.customer_number:
        party.id = clean(paper.customer_number)
    party.name = name_of(buyer)
    if buyer.organization and _person(buyer):
        party.contact.person_name = _person(buyer)
    country = buyer.country_code or paper.letterhead.country_code
    _put_address(party.address, (buyer.address, buyer.address_2), buyer.zipcode, buyer.city, buyer.state, country)
    if data.buyer_email:
        party.electronic_address.uri_ID = (EMAIL, clean(data.buyer_email))
    if buyer.vat_id and not _is_outside(data):
        party.tax_registrations.add(TaxRegistration(id=("VA", clean(buyer.vat_id))))


def put_delivery(delivery: TradeDelivery, data: EinvoiceData) -> None:
    """Where to and when. An intra-Community supply of goods has to name its place (BR-IC-12)."""
    paper, place = data.paper, data.paper.delivery
    goods_abroad = any(tax.category == "K" for tax in paper.taxes)
    if place is None and goods_abroad:
        place = paper.buyer
    if place is not None and place.zipcode and place.city:  # BR-DE-10, BR-DE-11
        country = place.country_code or paper.buyer.country_code or paper.letterhead.country_code
        delivery.ship_to.name = name_of(place) or name_of(paper.buyer)
        lines = (place.address, place.address_2)
        _put_address(delivery.ship_to.address, lines, place.zipcode, place.city, "", country)
    day = data.delivered_on or (paper.service_from if paper.service_from == paper.service_last else None)
    if day is not None:
        delivery.event.occurrence = day


def name_of(party: Party) -> str:
    """The organisation, else the person (BT-44)."""
    return clean(one_line(party.organization)) or _person(party)


def _person(party: Party) -> str:
    return clean(one_line(f"{party.title} {party.first_name} {party.last_name}"))


def _put_contact(party: TradeParty, data: EinvoiceData) -> None:
    """BG-6; XRechnung asks for all three (BR-DE-5 to 7)."""
    contact = data.contact
    if contact.name:
        party.contact.person_name = clean(contact.name)
    if contact.phone:
        party.contact.telephone.number = clean(contact.phone)
    if contact.email:
        party.contact.email.address = clean(contact.email)


def _put_address(
    address: PostalTradeAddress, lines: tuple[str, ...], zipcode: str, city: str, state: str, country: str
) -> None:
    one, two, *more = (*(clean(one_line(line)) for line in lines if line.strip()), "", "")
    address.line_one, address.line_two = one, two
    address.line_three = ", ".join(filter(None, more))
    address.postcode, address.city_name = clean(zipcode), clean(city)
    address.country_subdivision = clean(state)
    address.country_id = _CODE_OF.get(country, clean(country))


def _legal_words(data: EinvoiceData, outside: bool) -> str:
    """What a business letter has to say of its sender (BT-33; §35a GmbHG, INV-12)."""
    head, word = data.paper.letterhead, words(data.paper.language)
    parts = [
        _named(word["seat"], head.seat),
        f"{head.register_court} {head.register_number}",
        _named(word["directors"], head.managing_directors),
        _named(word["vat_id"], head.vat_id) if outside else "",
    ]
    return "; ".join(one_line(part) for part in parts if part.strip())


def _named(name: str, value: str) -> str:
    return f"{name}: {value}" if value.strip() else ""


def _is_outside(data: EinvoiceData) -> bool:
    return any(tax.category == "O" for tax in data.paper.taxes)
