"""Stored bytes come back as they were, or not at all (GOB-3, S12)."""

from __future__ import annotations

from hashlib import sha256

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from billing.errors import NotFound
from extensions import db
from models import File
from services import clock, files
from services.unit import write
from tests.sweeps import FULL


def key_of(file_id: int) -> str:
    return db.session.get_one(File, file_id).storage_key


@pytest.mark.feature("GOB-3")
def test_bytes_come_back_with_their_digest(context: Flask) -> None:
    file_id = files.store(b"%PDF-1.7 ...", "RE-2026-00001.pdf", "application/pdf")
    stored = files.read(file_id)
    assert stored.content == b"%PDF-1.7 ..."
    assert (stored.filename, stored.media_type) == ("RE-2026-00001.pdf", "application/pdf")
    assert stored.sha256 == sha256(b"%PDF-1.7 ...").hexdigest()


@pytest.mark.feature("GOB-3")
@pytest.mark.parametrize("change", [b"%PDF-1.7 ..!", b"", b"%PDF-1.7 ... and more"])
def test_bytes_changed_on_the_disk_are_refused(context: Flask, change: bytes) -> None:
    file_id = files.store(b"%PDF-1.7 ...", "a.pdf", "application/pdf")
    files.path_of(key_of(file_id)).write_bytes(change)
    with pytest.raises(files.Damaged) as refusal:
        files.read(file_id)
    assert refusal.value.code == "file_damaged"


def test_bytes_gone_from_the_disk_are_told_apart_from_an_unknown_file(context: Flask) -> None:
    file_id = files.store(b"x", "a.pdf", "application/pdf")
    files.path_of(key_of(file_id)).unlink()
    with pytest.raises(files.Damaged) as refusal:
        files.read(file_id)
    assert refusal.value.code == "file_missing"
    with pytest.raises(NotFound):
        files.read(file_id + 1)


def test_an_erased_file_is_not_found(context: Flask) -> None:
    file_id = files.store(b"x", "a.png", "image/png", "upload")
    with write() as session:
        session.get_one(File, file_id).erased_at = clock.instant()
    with pytest.raises(NotFound):
        files.read(file_id)


@pytest.mark.feature("S12")
def test_files_lie_under_random_names_that_only_their_owner_may_read(context: Flask) -> None:
    path = files.path_of(key_of(files.store(b"x", "../../etc/passwd", "text/plain", "upload")))
    root = context.config["KONTOR"].data_dir / "files"
    assert path.is_relative_to(root) and "passwd" not in str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.feature("S12")
@settings(max_examples=200 if FULL else 40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300))
def test_any_name_becomes_one_that_stays_in_its_folder_and_header(name: str) -> None:
    safe = files.safe_name(name)
    assert 1 <= len(safe) <= 200
    assert not set(safe) & set('/\\:*?"<>|\r\n\0') and safe not in (".", "..")


def test_a_deed_that_fails_leaves_no_row_and_no_half_file(context: Flask) -> None:
    with pytest.raises(ZeroDivisionError), write():
        files.store(b"x", "a.pdf", "application/pdf")
        raise ZeroDivisionError
    assert db.session.scalars(select(File)).all() == []
    assert not list((context.config["KONTOR"].data_dir / "files").rglob("*.tmp"))
