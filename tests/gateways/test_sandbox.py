"""The sandbox's own provider: its cards behave as they are named, and its truth survives a killed worker."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config import ROOT
from gateways.base import Charge, Event, Kind, Method, Refused, Unanswered
from gateways.sandbox import SandboxGateway, choices
from gateways.sandbox_cards import CARDS
from gateways.sandbox_store import Store
from tests.gateways.world import charge, refund_wish, refunded, setup_wish, wish_of

FILE = "sandbox-provider.sqlite3"


@dataclass
class Days:
    """The house's clock."""

    now: datetime = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def provider(tmp_path: Path, days: Days) -> SandboxGateway:
    return SandboxGateway(tmp_path / FILE, "https://kontor.example/", days)


def method(provider: SandboxGateway, card: str) -> Method:
    setup = provider.begin_setup(setup_wish(CARDS[card].kind))
    provider.choose(setup.id, card)
    found = provider.read_setup(setup.id).method
    assert found is not None
    return found


def read(provider: SandboxGateway, charge_id: str) -> Charge:
    found = provider.fetch(charge_id)
    assert found is not None
    return found


def told(provider: SandboxGateway, now: datetime) -> list[Event]:
    """What is pending, taken in as the house would."""
    requests = provider.pending_events(now)
    events = [event for headers, body in requests for event in provider.read_events(headers, body, now)]
    provider.delivered(headers for headers, _ in requests)
    return events


# --- its page ---


def test_the_page_offers_the_cards_of_its_kind_and_takes_one(provider: SandboxGateway) -> None:
    setup = provider.begin_setup(setup_wish("sepa_debit"))
    assert setup.url == f"https://kontor.example/sandbox-provider/setup/{setup.id}"
    assert provider.setup_page(setup.id) == ("sepa_debit", "https://kontor.example/portal/payment")
    assert choices("sepa_debit") == ("debit", "debit_returns")
    for card in ("succeeds", "paypal", "", "<svg onload=alert(1)>"):
        with pytest.raises(Refused, match="unknown_card"):
            provider.choose(setup.id, card)
    provider.choose(setup.id, "debit")
    assert provider.setup_page(setup.id) is None
    with pytest.raises(Refused, match="unknown_setup"):
        provider.choose(setup.id, "debit")


def test_a_page_that_nobody_knows_is_none(provider: SandboxGateway) -> None:
    assert provider.setup_page("nothing") is None
    assert provider.read_setup("nothing").status == "failed"
    with pytest.raises(Refused):
        provider.choose("nothing", "succeeds")
    with pytest.raises(Refused):
        provider.act("nothing", True)


def test_every_card_is_offered_by_one_page() -> None:
    kinds: tuple[Kind, ...] = ("card", "paypal", "sepa_debit")
    assert sorted(name for kind in kinds for name in choices(kind)) == sorted(CARDS)


def test_a_card_ends_on_the_last_day_of_its_month_and_an_expired_one_has_ended(provider: SandboxGateway) -> None:
    assert method(provider, "succeeds").expires_on == date(2029, 11, 30)
    assert method(provider, "expired").expires_on == date(2026, 10, 31)
    debit = method(provider, "debit")
    assert debit.expires_on is None and debit.mandate.startswith("SBX-")


# --- its cards ---


@pytest.mark.parametrize(
    ("card", "status", "kind", "code"),
    [
        ("succeeds", "succeeded", "", ""),
        ("declines_hard", "declined", "hard", "stolen_card"),
        ("declines_soft", "declined", "soft", "insufficient_funds"),
        ("declines_first_day", "declined", "soft", "insufficient_funds"),
        ("expired", "declined", "hard", "expired_card"),
        ("needs_action", "needs_action", "", ""),
        ("charges_back_later", "succeeded", "", ""),
        ("debit", "processing", "", ""),
        ("debit_returns", "processing", "", ""),
        ("paypal", "succeeded", "", ""),
    ],
)
def test_a_card_behaves_as_it_is_named(provider: SandboxGateway, card: str, status: str, kind: str, code: str) -> None:
    answer = charge(provider, wish_of(method(provider, card)))
    assert (answer.status, answer.decline_kind, answer.decline_code) == (status, kind, code)
    assert answer == read(provider, answer.id)


def test_a_soft_decline_may_pass_on_the_second_day(provider: SandboxGateway, days: Days) -> None:
    card = method(provider, "declines_first_day")
    for key in ("try-1", "try-2"):
        assert charge(provider, wish_of(card, key)).decline_kind == "soft"
    days.pass_by(1)
    assert charge(provider, wish_of(card, "try-3")).status == "succeeded"
    assert charge(provider, wish_of(card, "try-1")).status == "declined", "the old key keeps its answer"


@pytest.mark.feature("EB-51")
def test_an_answer_that_got_lost_after_leaves_money_that_reading_finds(provider: SandboxGateway) -> None:
    wish = wish_of(method(provider, "times_out_and_succeeds"))
    with pytest.raises(Unanswered):
        charge(provider, wish)
    found = provider.find(wish)
    assert found is not None and (found.status, found.cents) == ("succeeded", 11_900)
    assert charge(provider, wish) == found


@pytest.mark.feature("EB-51")
def test_an_answer_that_got_lost_before_leaves_nothing_and_the_next_try_passes(provider: SandboxGateway) -> None:
    wish = wish_of(method(provider, "times_out_before"))
    with pytest.raises(Unanswered):
        charge(provider, wish)
    found = provider.find(wish)
    assert found is not None and (found.status, found.cents) == ("created", 0)
    assert charge(provider, wish).status == "succeeded"


def test_who_has_to_act_does_so_on_a_page_of_the_house(provider: SandboxGateway, days: Days) -> None:
    asked = charge(provider, wish_of(method(provider, "needs_action")))
    assert asked.url == f"https://kontor.example/sandbox-provider/act/{asked.id}"
    provider.act(asked.id, True)
    assert read(provider, asked.id).status == "succeeded"
    with pytest.raises(Refused, match="charge_state"):
        provider.act(asked.id, True)
    assert [event.type for event in told(provider, days())][-2:] == ["charge.needs_action", "charge.succeeded"]


@pytest.mark.parametrize(("card", "status"), [("debit", "succeeded"), ("debit_returns", "declined")])
def test_the_bank_answers_for_a_debit_after_two_days(
    provider: SandboxGateway, days: Days, card: str, status: str
) -> None:
    taken = charge(provider, wish_of(method(provider, card)))
    days.pass_by(1)
    assert read(provider, taken.id).status == "processing"
    days.pass_by(1)
    assert [event.type for event in told(provider, days())][-1] == f"charge.{status}"
    assert read(provider, taken.id).status == status


def test_money_is_charged_back_ten_days_later_with_a_fee_and_once(provider: SandboxGateway, days: Days) -> None:
    paid = charge(provider, wish_of(method(provider, "charges_back_later")))
    days.pass_by(9)
    assert "chargeback" not in {event.kind for event in told(provider, days())}
    days.pass_by(3)
    [event] = told(provider, days())
    assert (event.kind, event.object_id, event.cents, event.fee_cents) == ("chargeback", paid.id, 11_900, 1_500)
    assert event.occurred_at == days() - timedelta(days=2), "it happened when it was due"
    assert read(provider, paid.id).charged_back_cents == 11_900
    days.pass_by(30)
    assert told(provider, days()) == []


def test_the_bank_takes_back_what_was_refunded_before_and_nothing_is_refunded_after(
    provider: SandboxGateway, days: Days
) -> None:
    paid = charge(provider, wish_of(method(provider, "charges_back_later")))
    refunded(provider, paid, cents=11_900)
    days.pass_by(10)
    after = read(provider, paid.id)
    assert (after.refunded_cents, after.charged_back_cents) == (11_900, 11_900)
    other = charge(provider, wish_of(method(provider, "charges_back_later"), "other"))
    days.pass_by(10)
    read(provider, other.id)
    with pytest.raises(Refused, match="refund_too_large"):
        refunded(provider, other, "refund-2", 1)


def test_only_taken_money_of_the_same_currency_is_given_back(provider: SandboxGateway) -> None:
    declined = charge(provider, wish_of(method(provider, "declines_hard")))
    with pytest.raises(Refused, match="charge_state"):
        refunded(provider, declined)
    paid = charge(provider, wish_of(method(provider, "succeeds"), "other"))
    with pytest.raises(Refused, match="currency"):
        provider.refund(
            type(refund_wish(paid.id))(key="r", charge_id=paid.id, cents=1, currency="CHF", reference="ST-1")
        )
    with pytest.raises(Refused, match="refund_too_large"):
        refunded(provider, paid, cents=0)


# --- its events ---


def test_an_event_is_sent_until_it_was_taken_in(provider: SandboxGateway, days: Days) -> None:
    charge(provider, wish_of(method(provider, "succeeds")))
    first, again = provider.pending_events(days()), provider.pending_events(days())
    assert first == again and len(first) == 2
    provider.delivered([first[0][0]])
    assert provider.pending_events(days()) == first[1:]
    days.pass_by(1)
    [(headers, body)] = provider.pending_events(days())
    assert provider.read_events(headers, body, days()), "signed anew, it is not too old"


# --- its file ---

KILLED = """
import os, signal, sys
from pathlib import Path
from gateways import sandbox_deeds as deeds
from gateways.base import Method
from gateways.sandbox import SandboxGateway
from tests.gateways.world import wish_of

folder, token, when = sys.argv[1:]
provider = SandboxGateway(Path(folder), "http://127.0.0.1")
kill = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
if when == "inside":
    deeds.tell = kill
provider.confirm(wish_of(Method(token, "card")), "")
kill()
"""


@pytest.mark.feature("F3")
@pytest.mark.parametrize(("when", "status"), [("inside", ""), ("after", "succeeded")])
def test_a_worker_that_is_killed_leaves_the_whole_charge_or_none(
    tmp_path: Path, provider: SandboxGateway, when: str, status: str
) -> None:
    card = method(provider, "succeeds")
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / FILE), card.token, when], cwd=ROOT, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    found = provider.find(wish_of(card))
    assert (found.status if found else "") == status
    assert charge(provider, wish_of(card)).status == "succeeded"


@pytest.mark.feature("F1")
def test_many_at_once_find_one_file_one_charge_and_one_refund(tmp_path: Path, provider: SandboxGateway) -> None:
    card, answers, start = method(provider, "succeeds"), set[str](), threading.Barrier(8)

    def ask() -> None:
        own = SandboxGateway(tmp_path / FILE, "http://127.0.0.1")
        start.wait()
        paid = charge(own, wish_of(card))
        answers.update({paid.id, refunded(own, paid, cents=100).id})

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    assert read(provider, next(one for one in answers if "charge" in one)).refunded_cents == 100


def test_many_first_calls_at_once_make_one_file_with_one_secret(tmp_path: Path) -> None:
    secrets, start = list[bytes](), threading.Barrier(12)

    def begin() -> None:
        start.wait()
        secrets.append(Store(tmp_path / FILE).secret())

    threads = [threading.Thread(target=begin) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) == 12 and len(set(secrets)) == 1 and len(secrets[0]) == 64
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in tmp_path.iterdir()} == {FILE}
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
