"""The archive of a customer's data: a JSON of the whole profile, every file, and a README (DSG-1, R-24).

Files go in first, some at a time: the archive on the disk is always whole, so whoever is interrupted goes on after the
last file in it. The profile comes last, streamed table by table, and tells of each file where it lies and its digest.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from billing.errors import KontorError
from services import clock, disclosure, files, profiles
from services.profiles import StoredFile

FORMAT, VERSION = "kontor-customer-profile", 1
PROFILE, README, FOLDER = "profil.json", "README.txt", "dateien"


def path_in(file: StoredFile) -> str:
    """Where a file lies in the archive; the id makes it unique."""
    return f"{FOLDER}/{file.id}-{files.safe_name(file.filename)}"


def add_files(archive: Path, aside: Path, wanted: list[StoredFile], until: Callable[[], bool]) -> int:
    """Add the files that are not in it yet, until the time is up; gives how many of them are dealt with.

    Works on a copy (`aside`) that takes the archive's place when it is whole and on the disk.
    """
    there = _names(archive)
    missing = [file for file in wanted if path_in(file) not in there]
    if not missing:
        return len(wanted)
    if there:
        shutil.copyfile(archive, aside)
    added = 0
    with zipfile.ZipFile(aside, "a" if there else "w", zipfile.ZIP_DEFLATED) as into:
        for file in missing:
            _add(into, file)
            added += 1
            if until():
                break
    _put_in_place(aside, archive)
    return len(wanted) - len(missing) + added


def finish(archive: Path, aside: Path, customer_id: int, number: str, all_files: list[StoredFile]) -> None:
    """Write the profile and the README into it."""
    there = _names(archive)
    if there:
        shutil.copyfile(archive, aside)
    with zipfile.ZipFile(aside, "a" if there else "w", zipfile.ZIP_DEFLATED) as into:
        into.writestr(README, disclosure.readme(number, clock.today(), len(all_files)))
        with into.open(PROFILE, "w", force_zip64=True) as out:
            for piece in _pieces(customer_id, number, [_told(into, file) for file in all_files]):
                out.write(piece.encode())
    _put_in_place(aside, archive)


def _add(into: zipfile.ZipFile, file: StoredFile) -> None:
    """The bytes, or an empty entry where they are damaged: the profile says so and the rest is handed over."""
    try:
        content = files.read(file.id).content
    except KontorError:
        content = b""
    into.writestr(path_in(file), content)


def _told(archive: zipfile.ZipFile, file: StoredFile) -> dict[str, Any]:
    whole = archive.getinfo(path_in(file)).file_size == file.size
    return {
        "id": file.id, "path": path_in(file), "filename": file.filename, "media_type": file.media_type,
        "kind": file.kind, "size": file.size, "sha256": file.sha256, "damaged": not whole,
    }  # fmt: skip


def _pieces(customer_id: int, number: str, told: list[dict[str, Any]]) -> Iterator[str]:
    """The document as text, a row at a time."""
    head = {
        "format": FORMAT, "version": VERSION, "made_at": clock.instant().isoformat(timespec="seconds"),
        "customer_number": number, "information": disclosure.information(), "files": told,
        "tag_names": profiles.tag_names(customer_id),
    }  # fmt: skip
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "tables": {'
    for count, name in enumerate(profiles.exported()):
        yield f'{"," if count else ""}\n  "{name}": ['
        for place, row in enumerate(profiles.rows_of(name, customer_id)):
            yield f"{',' if place else ''}\n   {json.dumps(dict(row), ensure_ascii=False, default=plain)}"
        yield "]"
    yield "\n }\n}\n"


def plain(value: Any) -> str:
    """A column's value as JSON can hold it: days and instants in ISO 8601, exact decimals as text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(type(value).__name__)


def _names(archive: Path) -> set[str]:
    """What is in it; nothing where there is none or it cannot be read, which begins it anew."""
    try:
        with zipfile.ZipFile(archive) as found:
            return set(found.namelist())
    except (FileNotFoundError, zipfile.BadZipFile):
        return set()


def _put_in_place(aside: Path, archive: Path) -> None:
    with aside.open("rb") as file:
        _sync(file)
    aside.replace(archive)


def _sync(file: IO[bytes]) -> None:
    os.fsync(file.fileno())
