"""`./kontor start` with real processes: what it makes, what it survives, and that it leaves nothing behind."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import requests
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from app import create_app
from config import ROOT
from extensions import db
from services import staff

LOG_IN = re.compile(r"(\S+@\S+) with (\S+)")
PROCESSES = {"kontor-web", "kontor-worker-m", "kontor-worker-p", "kontor-tick", "valkey-server"}  # 15 bytes of a name


class House:
    """One `./kontor start` on a data folder of its own."""

    def __init__(self, data: Path, *options: str, **settings: str) -> None:
        self.data = data
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.settings = surroundings(data) | settings
        command = [str(ROOT / "kontor"), "start", "--port", str(self.port), *options]
        self.process = subprocess.Popen(
            command, env=self.settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def lines(self) -> list[str]:
        """The two lines, once the house is ready."""
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], 180.0)[0]:  # a ceiling
            self.end()
            pytest.fail(f"not ready after three minutes; its logs lie in {self.data / 'log'}")
        return [self.process.stdout.readline(), self.process.stdout.readline()]

    def processes(self) -> dict[str, int]:
        """The children that are alive: name -> pid."""
        return {name: pid for pid, name in children(self.process.pid)}

    def again(self, *options: str) -> subprocess.CompletedProcess[str]:
        """A second start on the same data."""
        command = [str(ROOT / "kontor"), "start", *options]
        return subprocess.run(command, env=self.settings, capture_output=True, text=True, timeout=30)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=15)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("installation") / "data", "--empty")
    house.greeting = house.lines()
    yield house
    if house.process.poll() is None:
        house.end()


def test_two_lines_say_where_to_look_and_how_to_log_in(house: House) -> None:
    where, how = house.greeting
    assert where == f"Kontor answers at {house.address}/admin/\n"
    assert "./kontor user add EMAIL" in how


def test_the_ready_house_is_healthy(house: House) -> None:
    assert requests.get(f"{house.address}/healthz", timeout=5).status_code == 200
    assert house.processes().keys() == PROCESSES


def test_everything_kept_is_its_owners_alone(house: House) -> None:
    assert stat.S_IMODE(house.data.stat().st_mode) == 0o700
    for path in house.data.rglob("*"):
        assert not path.stat().st_mode & 0o077, f"{path} can be opened by others"
    assert len((house.data / "secret_key").read_text()) == 64


def test_valkey_listens_on_its_socket_only_and_wants_the_password(house: House) -> None:
    valkey = house.processes()["valkey-server"]
    assert tcp_listeners(valkey) == set()
    assert tcp_listeners(house.processes()["kontor-web"]) == {house.port}
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=str(house.data / "valkey/valkey.sock"), retry=Retry(NoBackoff(), 0)).ping()
    assert redis.Redis.from_url((house.data / "redis_url").read_text()).ping()


def test_no_secret_stands_in_the_arguments_of_a_process(house: House) -> None:
    secret = (house.data / "valkey_password").read_text()
    for pid in [house.process.pid, *house.processes().values()]:
        assert secret not in Path(f"/proc/{pid}/cmdline").read_text()


def test_a_second_start_says_so_and_harms_nothing(house: House) -> None:
    before = house.processes()
    again = house.again("--port", str(free_port()))
    assert again.returncode == 1
    assert f"already running at {house.address}, pid {house.process.pid}" in again.stderr
    assert house.processes() == before
    assert requests.get(f"{house.address}/healthz", timeout=5).status_code == 200


def test_links_of_other_commands_carry_the_address_of_the_start(house: House) -> None:
    assert (house.data / "base_url").read_text() == house.address


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_what_dies_is_started_again(house: House, name: str) -> None:
    old = house.processes()[name]
    os.kill(old, signal.SIGKILL)
    until(lambda: house.processes().get(name, old) != old)
    until(lambda: requests.get(f"{house.address}/healthz", timeout=5).status_code == 200)


def test_sigterm_ends_all_within_seconds(house: House) -> None:
    pids = [house.process.pid, *house.processes().values()]
    assert house.end() == 0
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert not (house.data / "valkey/valkey.sock").exists()


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a path too long for a Unix socket, which then lies in a private folder elsewhere. With the demo company:
    its passwords are random, shown by the first start only, and lie in no file."""
    data = tmp_path / ("long" * 30)
    first = House(data)
    _where, how = first.lines()
    email, password = LOG_IN.findall(how)[0]
    assert may_log_in(data, email, password, monkeypatch)
    pids = list(first.processes().values())
    assert len(pids) == len(PROCESSES)
    first.end(signal.SIGKILL)
    second = House(data)
    where, how = second.lines()
    assert second.address in where
    assert not LOG_IN.findall(how)
    assert not [path for path in data.rglob("*") if path.is_file() and password.encode() in path.read_bytes()]
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    url = (data / "redis_url").read_text()
    assert redis.Redis.from_url(url).ping()
    assert second.end(signal.SIGINT) == 0
    assert not Path(url.partition("@")[2]).parent.exists()


def test_workers_live_and_work_whatever_the_data_folder_is_called_and_a_start_for_outside_asks_for_its_address(
    tmp_path: Path,
) -> None:
    """The socket's path stands in what the queue's server tells of its clients, and redis-py takes it apart there. One
    start for both, since a house takes seconds to build."""
    house = House(tmp_path / "Büro Ordner a=b", "--empty", "--host", "0.0.0.0")
    where, _how = house.lines()
    assert where == f"Kontor answers at {house.address}/admin/\n"
    before = house.processes()
    connection = redis.Redis.from_url((house.data / "redis_url").read_text())
    queue = Queue("money", connection=connection, serializer=JSONSerializer)
    job = queue.enqueue("jobs.messages.send", 4711)  # there is none: an expected failure, the job is done
    until(lambda: job.get_status() == "finished")
    until(lambda: len(Worker.all(connection=connection, serializer=JSONSerializer)) == 2)
    assert house.processes() == before
    assert house.end() == 0
    assert house.process.stderr is not None
    (hint,) = house.process.stderr.read().splitlines()
    assert hint.startswith("Hint: BASE_URL is not set") and "127.0.0.1" in hint


def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [str(ROOT / "kontor"), "start", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, env=surroundings(tmp_path / "data"), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: cannot listen on 127.0.0.1 port")
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_queue_is_refused(tmp_path: Path) -> None:
    command = [str(ROOT / "kontor"), "worker", "--queues", "now,later"]
    done = subprocess.run(command, env=surroundings(tmp_path), capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "now, money, paper" in done.stderr


def test_a_worker_without_a_queue_says_so(tmp_path: Path) -> None:
    done = subprocess.run([ROOT / "kontor", "worker"], env=surroundings(tmp_path), capture_output=True, text=True)
    assert done.returncode == 1
    assert "set REDIS_URL" in done.stderr


def surroundings(data: Path) -> dict[str, str]:
    """The environment without settings of whoever runs the tests, and a data folder."""
    own = ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "BASE_URL", "SECRET_KEY", "TRUSTED_PROXIES", "VIES_URL")
    return {key: value for key, value in os.environ.items() if key not in own} | {"KONTOR_DATA": str(data)}


def may_log_in(data: Path, email: str, password: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    for name in surroundings(data).keys() ^ os.environ.keys():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KONTOR_DATA", str(data))
    with create_app().app_context():
        done = staff.log_in(email, password, address="", agent="")
        db.session.remove()
        db.engine.dispose()
    return bool(done.token)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def children(parent: int) -> list[tuple[int, str]]:
    """(pid, name) of the living children, as the kernel tells."""
    pids = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [(int(pid), Path(f"/proc/{pid}/comm").read_text().strip()) for pid in pids if _lives(pid)]


def tcp_listeners(pid: int) -> set[int]:
    """The TCP ports on which a process listens."""
    sockets = {os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir() if _is_link(fd)}
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    listening = [row for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    return {int(row[1].rpartition(":")[2], 16) for row in listening}


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for the condition; a failed request counts as not yet."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def _lives(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _is_link(path: Path) -> bool:
    return path.is_symlink()
