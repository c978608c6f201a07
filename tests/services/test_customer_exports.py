"""Everything about a customer as a file: complete, only theirs, made once however often a job runs (DSG-1, R-24)."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from billing.errors import Conflict, NotAllowed, NotFound
from config import ROOT
from extensions import db
from models import Activity, Customer, CustomerExport, File, Staff
from models.fates import FATES, Export
from services import clock, customer_erasure, customer_exports, customers, files, profile_archive
from services.actor import SYSTEM, Actor
from services.unit import end_reading, write
from tests.services.canaries import World, fill

pytestmark = pytest.mark.usefixtures("context")
JULE = Actor("staff", 900, "Jule")


@pytest.fixture
def worlds() -> tuple[World, World]:
    return fill("A", 1001), fill("B", 2001)


def made(customer_id: int, actor: Actor = JULE) -> zipfile.ZipFile:
    """The finished archive of an order."""
    number = customer_exports.order(actor, customer_id)
    customer_exports.work(number)
    row = customer_exports.find(number, actor.id or 0)
    assert (row.state, row.error) == ("done", "") and row.file_id
    return zipfile.ZipFile(BytesIO(files.read(row.file_id).content))


def told(archive: zipfile.ZipFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(archive.read("profil.json"))
    return found


def everything_in(archive: zipfile.ZipFile) -> str:
    assert archive.testzip() is None
    return "".join(f"{name}\n{archive.read(name).decode()}" for name in archive.namelist())


def words(world: World, exported: bool) -> set[str]:
    """The words in columns that the customer gets, or in those that stay in the house."""
    found = set()
    for (table, column), word in world.words.items():
        fate = FATES[table]
        handed_over = fate.export is not Export.NONE and column not in fate.secrets
        if handed_over is exported:
            found.add(word)
    return found


@pytest.mark.feature("DSG-1")
@pytest.mark.feature("X-19")
@pytest.mark.feature("R-24")
def test_all_of_theirs_is_in_it_and_nothing_of_anybody_else(worlds: tuple[World, World]) -> None:
    mine, other = worlds
    text = everything_in(made(mine.number))
    assert {word for word in words(mine, exported=True) if word not in text} == set()
    assert mine.contents in text
    assert {
        word for word in (*words(mine, exported=False), *other.words.values(), other.contents) if word in text
    } == set()


@pytest.mark.feature("X-22")
def test_what_was_born_with_a_merged_record_is_in_it(worlds: tuple[World, World]) -> None:
    mine, merged = worlds
    with write() as session:
        session.query(Customer).filter_by(id=merged.number).update({"survivor_id": mine.number})
    text = everything_in(made(merged.number))
    assert {word for world in worlds for word in words(world, exported=True) if word not in text} == set()


@pytest.mark.feature("DSG-1")
def test_the_profile_is_as_its_schema_says(worlds: tuple[World, World]) -> None:
    archive = made(worlds[0].number)
    schema = json.loads((ROOT / "docs" / "customer-export.schema.json").read_text())
    profile = told(archive)
    check(profile, schema, schema)
    assert profile["tables"].keys() == {name for name, fate in FATES.items() if fate.export is not Export.NONE}
    for file in profile["files"]:
        assert sha256(archive.read(file["path"])).hexdigest() == file["sha256"] and not file["damaged"]


def test_the_schema_refuses_what_it_does_not_know() -> None:
    schema = json.loads((ROOT / "docs" / "customer-export.schema.json").read_text())
    with pytest.raises(AssertionError):
        check({"format": "kontor-customer-profile", "version": 2}, schema, schema)


@pytest.mark.feature("DSG-1")
def test_it_says_why_the_data_are_kept_how_long_and_who_gets_them(worlds: tuple[World, World], tmp_path: Path) -> None:
    archive = made(worlds[0].number)
    readme = archive.read("README.txt").decode()
    assert all(word in readme for word in ("Zwecke", "Empfänger", "8 Jahre", "Art. 17", "Radwerk Musterstadt GmbH"))
    (tmp_path / "datenauskunft.txt").write_text("Unser eigener Text.\n")
    own = made(worlds[0].number)
    assert "Unser eigener Text." in own.read("README.txt").decode()
    assert told(own)["information"]["own_text"] == "Unser eigener Text."


def test_who_is_interrupted_goes_on_after_the_last_file(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = worlds[0]
    more = [files.store(f"Blatt {n}".encode(), "Blatt.txt", "text/plain", "upload", mine.number) for n in range(3)]
    number = customer_exports.order(JULE, mine.number)
    monkeypatch.setattr(customer_exports, "WORK", -1.0)  # a slice is over after one file
    far = []
    for _ in range(4):
        customer_exports.work(number)
        row = customer_exports.find(number, 900)
        far.append((row.state, row.files_done, row.files_all))
        end_reading()
    assert far == [("running", 1, 4), ("running", 2, 4), ("running", 3, 4), ("done", 4, 4)]
    file_id = customer_exports.find(number, 900).file_id
    assert file_id
    paths = zipfile.ZipFile(files.proved(file_id).path).namelist()
    assert len(paths) == len(set(paths)) == 6 and all(f"dateien/{each}-Blatt.txt" in paths for each in more)


def test_a_half_written_copy_harms_nothing(worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch) -> None:
    mine = worlds[0]
    number = customer_exports.order(JULE, mine.number)

    def cut(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(profile_archive, "_put_in_place", cut)
        customer_exports.work(number)
    row = customer_exports.find(number, 900)
    assert (row.state, row.error) == ("running", "OSError")
    end_reading()
    with clock.stand_at(clock.real() + timedelta(minutes=5)):
        customer_exports.work(number)
        assert customer_exports.find(number, 900).state == "done"


def test_a_damaged_file_is_named_and_the_rest_is_handed_over(worlds: tuple[World, World]) -> None:
    mine = worlds[0]
    row = db.session.get(File, mine.file)
    assert row is not None
    files.path_of(row.storage_key).write_bytes(b"something else")
    (file,) = told(made(mine.number))["files"]
    assert file["damaged"] is True and file["size"] == len(mine.contents.encode())


@pytest.mark.feature("S22")
def test_nobody_finds_what_another_person_ordered(worlds: tuple[World, World]) -> None:
    number = customer_exports.order(JULE, worlds[0].number)
    with pytest.raises(NotFound):
        customer_exports.find(number, 901)


def test_an_order_that_waits_is_not_ordered_again_and_leaves_one_activity(worlds: tuple[World, World]) -> None:
    customer_exports.order(JULE, worlds[0].number)
    with pytest.raises(Conflict):
        customer_exports.order(JULE, worlds[0].number)
    assert db.session.query(Activity).filter_by(code="customer.exported").count() == 1


def test_two_workers_make_one_file(worlds: tuple[World, World]) -> None:
    number = customer_exports.order(JULE, worlds[0].number)
    customer_exports.work(number)
    customer_exports.work(number)
    assert db.session.query(File).filter_by(kind="profile").count() == 1


def test_after_a_week_order_and_file_are_forgotten(worlds: tuple[World, World]) -> None:
    made(worlds[0].number)
    (stored,) = db.session.query(File).filter_by(kind="profile")
    path = files.path_of(stored.storage_key)
    customer_exports.forget_old()
    assert path.exists()
    with clock.stand_at(clock.real() + timedelta(days=8)):
        customer_exports.forget_old()
    assert db.session.query(CustomerExport).count() == 0 and not path.exists()


@pytest.mark.feature("D-5")
def test_a_deleted_record_is_neither_exported_nor_does_its_export_outlive_it() -> None:
    customer_id = customers.create_customer(SYSTEM, {"last_name": "Kurz"})
    with write() as session:
        person = session.query(Staff).first()
        staff_id = person.id if person else fill("S", 3001) and 900
    who = Actor("staff", staff_id, "Jule")
    done, open_ = customer_exports.order(who, customer_id), 0
    customer_exports.work(done)
    open_ = customer_exports.order(who, customer_id)
    customer_erasure.delete_customer(SYSTEM, customer_id)
    assert db.session.query(CustomerExport).filter_by(customer_id=customer_id).count() == 0
    customer_exports.work(open_)
    with pytest.raises((NotAllowed, NotFound)):
        customer_exports.order(who, customer_id)


def check(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> None:
    """As much of JSON Schema as the schema uses."""
    if "$ref" in schema:
        return check(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    if "type" in schema:
        assert isinstance(value, kinds[schema["type"]]), (value, schema)
    assert value == schema.get("const", value), (value, schema)
    assert value in schema.get("enum", [value])
    if isinstance(value, dict):
        known = schema.get("properties", {})
        assert set(schema.get("required", ())) <= value.keys(), (schema.get("required"), list(value))
        for name, each in value.items():
            rest = schema.get("additionalProperties", True)
            assert name in known or rest, name
            if name in known or isinstance(rest, dict):
                check(each, known.get(name) or rest, root)
    if isinstance(value, list):
        for each in value:
            check(each, schema.get("items", {}), root)
