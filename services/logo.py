"""The company's logo: checked, made plain, kept in the file store, and put on what is issued from now on.

A letterhead freezes the file's id: invoices that were issued keep the logo of their day, so files are never removed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from billing.errors import AlreadyDone, Invalid
from documents.logo import plain_logo
from extensions import db
from models import Company, File
from services import activities, clock, files
from services.actor import Actor
from services.company import lock_company
from services.unit import write


@dataclass(frozen=True, slots=True)
class LogoFile:
    """The logo in use: its file and the digest that its address carries."""

    file_id: int
    filename: str
    size: int
    sha256: str


def set_logo(actor: Actor, content: bytes, filename: str) -> int:
    """Use this picture from now on; gives the file's id.

    Kept is what was decoded and written anew: no metadata, no second file behind the picture (S12). Raises
    Invalid("logo", code): logo_empty, logo_too_large, logo_unknown_format, logo_too_many_pixels, logo_broken.
    """
    try:
        plain, media_type = plain_logo(content)
    except Invalid as refusal:
        facts = {name: value for name, value in refusal.facts.items() if name != "field"}
        raise Invalid("logo", f"logo_{refusal.code}", **facts) from None
    name = f"{files.safe_name(filename).rpartition('.')[0] or 'logo'}.{media_type.partition('/')[2]}"
    with write():
        company = lock_company()
        before = _name_of(company.logo_file_id)
        file_id = files.store(plain, name, media_type, "logo")
        _use(actor, company, file_id, (before, name))
        return file_id


def remove_logo(actor: Actor) -> None:
    """No logo from now on. AlreadyDone where there is none."""
    with write():
        company = lock_company()
        if company.logo_file_id is None:
            raise AlreadyDone("no_logo")
        _use(actor, company, None, (_name_of(company.logo_file_id), ""))


def current_logo() -> LogoFile | None:
    """The logo in use, in one statement."""
    columns = (File.id, File.filename, File.size, File.sha256)
    row = db.session.execute(select(*columns).join(Company, Company.logo_file_id == File.id)).one_or_none()
    return LogoFile(*row) if row else None


def _use(actor: Actor, company: Company, file_id: int | None, names: tuple[str, str]) -> None:
    company.logo_file_id = file_id
    company.updated_at, company.version = clock.instant(), company.version + 1
    activities.record(actor, "company.logo_changed", "company", 1, changes={"logo_file_id": names})


def _name_of(file_id: int | None) -> str:
    return str(db.session.scalar(select(File.filename).where(File.id == file_id)) or "") if file_id else ""
