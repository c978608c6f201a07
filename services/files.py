"""The file store: bytes under random names in the data folder, outside any web root (S12), with their SHA-256.

The bytes are on the disk before their row is committed, so a row without bytes cannot be. Bytes whose transaction was
rolled back are never removed: nothing points to them, and a commit whose answer got lost may have happened after all.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from billing.errors import KontorError, NotFound
from billing.unseen import without_unseen
from extensions import db
from models import File
from services import clock
from services.unit import after_commit, write

_UNFIT = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\"*/:<>?\\|]+")


class Damaged(KontorError):
    """Stored bytes are gone or are not what was stored. `facts` name the file's id."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it was stored."""

    filename: str
    media_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Proved:
    """Where a file's bytes lie."""

    filename: str
    media_type: str
    path: Path


def store(content: bytes, filename: str, media_type: str, kind: str = "paper", customer_id: int | None = None) -> int:
    """Keep bytes; gives the file's id. Joins an open transaction."""
    key = secrets.token_hex(32)
    _write_atomically(path_of(key), content)
    row = File(
        storage_key=key, filename=safe_name(filename), media_type=media_type, size=len(content), kind=kind,
        sha256=sha256(content).hexdigest(), customer_id=customer_id, created_at=clock.instant(),
    )  # fmt: skip
    with write() as session:
        session.add(row)
        session.flush()
        return int(row.id)


def store_from(source: Path, filename: str, media_type: str, kind: str, customer_id: int | None) -> int:
    """Keep a large file that lies in the data folder already: it is moved, its digest taken piece by piece. Gives the
    file's id; joins an open transaction."""
    with source.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    key = secrets.token_hex(32)
    path = path_of(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = source.stat().st_size
    source.replace(path)
    _make_durable(path.parent)
    row = File(storage_key=key, filename=safe_name(filename), media_type=media_type, size=size, kind=kind,
               sha256=digest, customer_id=customer_id, created_at=clock.instant())  # fmt: skip
    with write() as session:
        session.add(row)
        session.flush()
        return int(row.id)


def proved(file_id: int) -> Proved:
    """Where the bytes lie, after they were proved piece by piece: for large files. Raises as `read`."""
    row = db.session.get(File, file_id)
    if row is None or row.erased_at is not None:
        raise NotFound("file", file_id=file_id)
    path = path_of(row.storage_key)
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError:
        raise Damaged("file_missing", file_id=file_id) from None
    if digest != row.sha256:
        raise Damaged("file_damaged", file_id=file_id)
    return Proved(row.filename, row.media_type, path)


def read(file_id: int) -> Stored:
    """The bytes, proved to be those that were stored. NotFound for no or an erased file, Damaged otherwise."""
    columns = (File.storage_key, File.filename, File.media_type, File.sha256, File.erased_at)
    row = db.session.execute(select(*columns).where(File.id == file_id)).one_or_none()
    if row is None or row.erased_at is not None:
        raise NotFound("file", file_id=file_id)
    try:
        content = path_of(row.storage_key).read_bytes()
    except OSError:
        raise Damaged("file_missing", file_id=file_id) from None
    if sha256(content).hexdigest() != row.sha256:
        raise Damaged("file_damaged", file_id=file_id)
    return Stored(row.filename, row.media_type, row.sha256, content)


def erase(file_id: int) -> None:
    """Throw the bytes away; the row stays and says when. Nothing for a file that is gone already."""
    with write() as session:
        row = session.get(File, file_id)
        if row is None or row.erased_at is not None:
            return
        row.erased_at = clock.instant()
        path = path_of(row.storage_key)
        after_commit(lambda: path.unlink(missing_ok=True))


def path_of(storage_key: str) -> Path:
    """Where a file's bytes lie; the first two characters keep folders small."""
    data_dir: Path = current_app.config["KONTOR"].data_dir
    return data_dir / "files" / storage_key[:2] / storage_key


def safe_name(filename: str) -> str:
    """A name that any system can save and that stays in one header: no path, no control character (S12)."""
    name = _UNFIT.sub("-", without_unseen(filename)).strip(" .-")[:200]
    return name or "datei"


def _write_atomically(path: Path, content: bytes) -> None:
    """Whole or not at all, also when the power fails: written aside, made durable, then named."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    _make_durable(path.parent)


def _make_durable(folder: Path) -> None:
    """The name in its folder, too; some file systems cannot, and need not."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
