"""Who stands on a paper: the seller's letterhead, the buyer, and where it is delivered to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.errors import NotFound
from documents.paper import Letterhead, Party
from extensions import db
from models import Letterhead as FrozenLetterhead
from services import files

_SAME_NAMES = (
    "name", "legal_form", "zipcode", "city", "country_code", "phone", "email", "website", "tax_number", "vat_id",
    "register_court", "register_number", "managing_directors", "seat", "bank_name", "bank_owner", "iban", "bic",
    "accent",
)  # fmt: skip
_PARTY = (
    "organization", "salutation", "first_name", "last_name", "address", "address_2", "zipcode", "city", "state",
    "country_code", "vat_id",
)  # fmt: skip


def frozen_letterhead(letterhead_id: int | None, with_logo: bool) -> tuple[Letterhead, bool]:
    row: FrozenLetterhead | None = db.session.get(FrozenLetterhead, letterhead_id) if letterhead_id else None
    if row is None:
        raise NotFound("letterhead", letterhead_id=letterhead_id)
    return letterhead_of(row.data, row.logo_file_id if with_logo else None), row.data.get("mode") == "sandbox"


def letterhead_of(data: Mapping[str, Any], logo_file_id: int | None) -> Letterhead:
    """The seller as printed; `data` has the names of `company.PRINTED`.

    Raises files.Damaged or NotFound("file") when the logo cannot be read.
    """
    logo = files.read(logo_file_id) if logo_file_id else None
    return Letterhead(
        **{name: data.get(name, "") for name in _SAME_NAMES},
        address_lines=tuple(line for line in (data.get("address"), data.get("address_2")) if line),
        logo=logo.content if logo else None,
        logo_media_type=logo.media_type if logo else "",
    )


def buyer_of(frozen: Mapping[str, Any], name: str) -> Party:
    party = Party(title=frozen.get("title_academic", ""), **{field: frozen.get(field, "") for field in _PARTY})
    nameless = not (party.organization or party.first_name or party.last_name)
    return Party(organization=name) if nameless and not frozen else party


def delivery_of(frozen: Mapping[str, Any]) -> Party | None:
    if not frozen.get("delivery_address") and not frozen.get("delivery_city"):
        return None
    places = ("address", "address_2", "zipcode", "city", "country_code")
    return Party(
        organization=frozen.get("delivery_recipient", ""),
        **{place: frozen.get(f"delivery_{place}", "") for place in places},
    )
