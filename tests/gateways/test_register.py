"""Which providers a house offers: by its keys and by its mode, and why one is not offered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from billing.errors import Invalid
from config import Settings
from gateways import PROVIDERS, Mode, Problem, offered, problems
from gateways.sandbox import SandboxGateway
from tests.gateways.adyen_server import AdyenServer
from tests.gateways.loopback import listening
from tests.gateways.unzer_server import UnzerServer
from tests.gateways.world import NAMES, charge, setup_wish, wish_of

TEST_KEYS = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
LIVE_KEYS = {"STRIPE_SECRET_KEY": "rk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}


def house(folder: Path, **environ: str) -> Settings:
    return Settings.from_environment({"KONTOR_DATA": str(folder), **environ})


def test_every_provider_of_the_register_stands_under_the_contract() -> None:
    assert {provider.name for provider in PROVIDERS} | {"sandbox"} == set(NAMES)


def test_a_house_without_keys_offers_its_own_provider_in_the_sandbox_and_none_live(tmp_path: Path) -> None:
    settings = house(tmp_path)
    assert set(offered(settings, "sandbox")) == {"sandbox"}
    assert offered(settings, "live") == {}
    assert problems(settings, "live") == problems(settings, "sandbox") == []


@pytest.mark.parametrize(
    ("mode", "keys", "names", "code"),
    [
        ("sandbox", TEST_KEYS, {"sandbox", "stripe"}, ""),
        ("sandbox", LIVE_KEYS, {"sandbox"}, "live_key"),
        ("live", LIVE_KEYS, {"stripe"}, ""),
        ("live", TEST_KEYS, set(), "test_key"),
    ],
)
def test_test_keys_belong_into_a_sandbox_and_live_keys_into_a_live_house(
    tmp_path: Path, mode: Mode, keys: dict[str, str], names: set[str], code: str
) -> None:
    settings = house(tmp_path, **keys)
    assert set(offered(settings, mode)) == names
    assert [problem.code for problem in problems(settings, mode)] == [code] * bool(code)


ADYEN = {"ADYEN_API_KEY": "AQE", "ADYEN_MERCHANT_ACCOUNT": "KontorECOM", "ADYEN_HMAC_KEY": "AB, CD"}
UNZER = {"UNZER_PRIVATE_KEY": "s-priv-1", "UNZER_PUBLIC_KEY": "s-pub-1"}


@pytest.mark.parametrize(
    ("name", "test", "live"),
    [
        ("adyen", ADYEN, ADYEN | {"ADYEN_LIVE_PREFIX": "1797a841fbb37ca7-Kontor"}),
        ("unzer", UNZER, {"UNZER_PRIVATE_KEY": "p-priv-1", "UNZER_PUBLIC_KEY": "p-pub-1"}),
    ],
)
def test_adyen_and_unzer_are_offered_in_their_own_world(
    tmp_path: Path, name: str, test: dict[str, str], live: dict[str, str]
) -> None:
    assert offered(house(tmp_path, **test), "sandbox")[name].traits.name == name
    assert offered(house(tmp_path, **live), "live")[name].traits.name == name
    assert [problem.code for problem in problems(house(tmp_path, **test), "live")] == ["test_key"]
    assert [problem.code for problem in problems(house(tmp_path, **live), "sandbox")] == ["live_key"]


@pytest.mark.parametrize("server", [AdyenServer(), UnzerServer()])
def test_a_house_speaks_to_the_address_that_is_set(tmp_path: Path, server: AdyenServer | UnzerServer) -> None:
    with listening(server):
        name = type(server).__name__.removesuffix("Server").lower()
        gateway = offered(house(tmp_path, **server.environment), "sandbox")[name]
        assert gateway.begin_setup(setup_wish()).url.startswith("https://")
    assert len(server.calls) == 1


def test_half_a_setting_is_not_offered_and_says_what_is_missing(tmp_path: Path) -> None:
    settings = house(tmp_path, STRIPE_SECRET_KEY="sk_test_1")
    assert set(offered(settings, "sandbox")) == {"sandbox"}
    assert problems(settings, "sandbox") == [Problem("stripe", "STRIPE_WEBHOOK_SECRET", "missing_key")]


def test_an_address_alone_offers_nothing(tmp_path: Path) -> None:
    settings = house(tmp_path, STRIPE_URL="http://127.0.0.1:9")
    assert set(offered(settings, "sandbox")) == {"sandbox"}
    assert problems(settings, "sandbox") == []


def test_a_gateway_is_built_once_and_keeps_its_connections(tmp_path: Path) -> None:
    settings = house(tmp_path, **TEST_KEYS)
    assert offered(settings, "sandbox")["stripe"] is offered(settings, "sandbox")["stripe"]


@pytest.mark.feature("S19")
def test_keys_travel_to_https_or_this_machine_alone_and_are_not_shown(tmp_path: Path) -> None:
    for url in (
        "http://api.stripe.example",
        "ftp://127.0.0.1",
        "https://",
        "api.stripe.com",
        "http://127.0.0.1.evil.de",
    ):
        with pytest.raises(Invalid, match="provider_address: STRIPE_URL"):
            house(tmp_path, STRIPE_URL=url)
    settings = house(tmp_path, STRIPE_URL="http://127.0.0.1:8420", **TEST_KEYS)
    assert "sk_test_1" not in repr(settings)


@pytest.mark.parametrize("keys", ["AB,CDE", "zz", "AB,", "AB CD,,EF"])
def test_a_mistyped_key_of_signatures_is_said_at_the_start(tmp_path: Path, keys: str) -> None:
    with pytest.raises(Invalid, match="hexadecimal_key: ADYEN_HMAC_KEY"):
        house(tmp_path, ADYEN_HMAC_KEY=keys)


def test_the_sandboxes_provider_counts_days_by_the_houses_clock(tmp_path: Path) -> None:
    gateway = offered(house(tmp_path), "sandbox", lambda: datetime(2027, 5, 1, tzinfo=UTC))["sandbox"]
    assert isinstance(gateway, SandboxGateway)
    setup = gateway.begin_setup(setup_wish())
    gateway.choose(setup.id, "succeeds")
    method = gateway.read_setup(setup.id).method
    assert method is not None and method.expires_on is not None and method.expires_on.year == 2030
    assert charge(gateway, wish_of(method)).status == "succeeded"
    assert (tmp_path / "sandbox-provider.sqlite3").stat().st_mode & 0o777 == 0o600
