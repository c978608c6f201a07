"""The books hold after any story: three hundred on SQLite and fifty on PostgreSQL in a full sweep, drawn by
the run's seed. The ordinary run tells a few, always the same ones: it cannot fail by chance."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import POSTGRES, fresh_database
from tests.faults.bank_deeds import DebitDeeds, RefundDeeds
from tests.faults.deeds import ContractDeeds, InvoiceDeeds, MoneyDeeds, RecordDeeds
from tests.faults.dunning_deeds import DunningDeeds
from tests.faults.market import open_market
from tests.faults.statement_deeds import BankDeeds
from tests.sweeps import FULL, SEED

PARTS = 5 if FULL else 1  # so that both cores have something to do
STORIES = (10 if POSTGRES else 60) if FULL else (2 if POSTGRES else 4)
DEEDS = 40 if FULL else 15
FIRST = int(SEED) if FULL else 9


class AnyStory(ContractDeeds, InvoiceDeeds, MoneyDeeds, RecordDeeds, RefundDeeds, DebitDeeds, BankDeeds, DunningDeeds):
    """All of it."""


@pytest.fixture(scope="module")
def market(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("market")
    with fresh_database(template, folder) as url:
        open_market(url, folder)
        yield url


@pytest.mark.feature("L1", "L2", "L3", "L4", "L6", "L7")
@pytest.mark.feature("F4", "F15", "S24")
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_in_whatever_order_the_books_hold(market: str, tmp_path: Path, part: int) -> None:
    told = settings(
        max_examples=STORIES, stateful_step_count=DEEDS, deadline=None, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(seed(FIRST + part)(partial(AnyStory, market, tmp_path)), settings=told)
