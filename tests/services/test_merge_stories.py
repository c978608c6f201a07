"""Whatever is merged in whatever order: no cent and no row is lost, no document changes, every key leads on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from billing.errors import NotAllowed
from billing.money import Money
from extensions import db
from models import Customer, Posting
from models.fates import FATES, Merge
from queries.customers import CustomerFilter, find_customers
from services import clock, coupons, credit, drafts, files, merge, payments, tags
from services.actor import SYSTEM
from services.draft_lines import Position
from services.payments import Receipt
from services.unit import end_reading
from tests.conftest import POSTGRES, fresh_database
from tests.faults.market import ground
from tests.services import shop
from tests.sweeps import FULL, SEED

RECORDS = 6
WORLDS = (60 if POSTGRES else 200) if FULL else (2 if POSTGRES else 8)
JOINED = ("customer_tags", "search_words", "activities", "activity_details", "customer_codes")
OWED = ("receivable", "credit")
UNITS = ("ext_uid", "bank", "comment", "email")

who = st.integers(1, RECORDS)
step = st.tuples(who, who, st.dictionaries(st.sampled_from(UNITS), st.sampled_from(("this", "other"))))


@pytest.fixture(scope="module")
def furnished_world(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Six records, each with something of another kind; all of them billed for January."""
    folder = tmp_path_factory.mktemp("records")
    with fresh_database(template, folder) as url:
        with ground(url, folder).app_context(), clock.stand_at(date(2026, 1, 5)):
            furnish()
            db.session.remove()
            db.engine.dispose()
        yield url, folder


def furnish() -> None:
    shop.stock()
    for n in range(1, RECORDS + 1):
        key = shop.somebody(f"Muster{n}", ext_uid=f"SHOP-{n}" if n % 2 else "", comment=f"Notiz {n}" if n > 3 else "")
        assert key == n
        shop.contract(key)
        tags.set_tags(SYSTEM, key, f"VIP, T{n}")
    shop.bill("2026-01-01")
    payments.prepay(SYSTEM, 2, Receipt(Money(700, "EUR")))
    credit.grant_credit(SYSTEM, 3, Money(300, "EUR"))
    coupons.create_coupon(SYSTEM, {"code": "X", "kind": "percent", "percent": Decimal(5), "customer_id": 4})
    drafts.create_draft(SYSTEM, 5, {"service_from": date(2026, 1, 2)}, [Position("Beratung", Decimal(80))])
    files.store(b"unterschrieben", "Vertrag.pdf", "application/pdf", "upload", 6)


@pytest.mark.feature("X-22")
@pytest.mark.feature("DSG-4")
@pytest.mark.feature("D-11")
def test_any_chain_of_merges_keeps_what_must_be_kept(furnished_world: tuple[str, Path]) -> None:
    url, folder = furnished_world

    @seed(int(SEED))
    @settings(
        max_examples=WORLDS, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(steps=st.lists(step, min_size=1, max_size=8))
    def hold(steps: Sequence[tuple[int, int, dict[str, str]]]) -> None:
        own = Path(mkdtemp(dir=folder))
        (own / "files").symlink_to(folder / "files")
        with fresh_database(url, own) as copy, ground(copy, own).app_context(), clock.stand_at(date(2026, 1, 20)):
            live_through(steps)
            db.session.remove()
            db.engine.dispose()

    hold()


def live_through(steps: Sequence[tuple[int, int, dict[str, str]]]) -> None:
    leads = {key: key for key in range(1, RECORDS + 1)}  # this test's own small book
    balances, frozen, counts, keys = by_record(), unchanging(), rows(), every_key()
    for survivor, other, choices in steps:
        lives = survivor != other and leads[survivor] == survivor and leads[other] == other
        try:
            merge.merge(SYSTEM, survivor, other, choices)
        except NotAllowed:
            assert not lives
            continue
        assert lives
        leads = {key: survivor if to == other else to for key, to in leads.items()}
    end_reading()
    assert {row.id: row.survivor_id for row in db.session.scalars(select(Customer))} == leads, "flattened, each of them"
    expected = {key: sum(balances[each] for each, to in leads.items() if to == key) for key in set(leads.values())}
    assert by_survivor() == expected
    assert (unchanging(), rows()) == (frozen, counts)
    for key, condition in keys:
        assert [card.id for card in find_customers(condition, 5)] == [leads[key]], condition
    assert shop.findings() == []


def by_record() -> Mapping[int, int]:
    query = select(Posting.customer_id, func.sum(Posting.amount_cents)).where(
        Posting.account.in_(("receivable", "credit"))
    )
    return {key: int(cents) for key, cents in db.session.execute(query.group_by(Posting.customer_id))}


def by_survivor() -> Mapping[int, int]:
    query = select(Customer.survivor_id, func.sum(Posting.amount_cents)).join(
        Posting, Posting.customer_id == Customer.id
    )
    query = query.where(Posting.account.in_(("receivable", "credit"))).group_by(Customer.survivor_id)
    return {int(key or 0): int(cents) for key, cents in db.session.execute(query)}


def unchanging() -> Mapping[str, Any]:
    """Every row of what stays, to the byte; of documents those that are issued."""
    end_reading()
    found = {}
    for name, fate in FATES.items():
        if fate.merge is Merge.STAYS and name not in ("customers", *JOINED):
            table = db.metadata.tables[name]
            query = select(table).where(table.c.status == "issued") if name == "invoices" else select(table)
            found[name] = sorted(map(repr, db.session.execute(query)))
    return found


def rows() -> Mapping[str, int]:
    """How many rows there are of everything; what is joined may become less, and each merge tells of itself."""
    end_reading()
    tables = [table for table in db.metadata.sorted_tables if table.name not in JOINED]
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def every_key() -> list[tuple[int, CustomerFilter]]:
    """By what each record is found before anything is merged."""
    end_reading()
    found: list[tuple[int, CustomerFilter]] = []
    for row in db.session.scalars(select(Customer)):
        found += [(row.id, CustomerFilter(numbers=(row.number,))), (row.id, CustomerFilter(hash=row.hash)),
                  (row.id, CustomerFilter(term=row.last_name)), (row.id, CustomerFilter(ids=(row.id,)))]  # fmt: skip
        found += [(row.id, CustomerFilter(ext_uids=(row.ext_uid,)))] if row.ext_uid else []
    return found
