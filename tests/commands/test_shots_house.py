"""The house that `kontor shots` starts for its pictures ends with it, also when it is told to end in the middle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FAKE_HOUSE = """
import pathlib, signal, sys, time
def ended(*_):
    pathlib.Path(__file__).with_name("ended").write_text("by SIGINT")
    sys.exit(0)
signal.signal(signal.SIGINT, ended)
print("Kontor answers at http://127.0.0.1:1/admin/")
print("Log in anke@radwerk.example with geheim (shown this once)", flush=True)
time.sleep(60)
"""
SHOOTS = """
import pathlib, sys, time
from commands.shooting import demo
demo.ROOT = pathlib.Path(sys.argv[1])
with demo.demo_house() as access:
    print(access.email, flush=True)
    time.sleep(60)
"""


def test_a_house_for_pictures_ends_with_who_was_told_to_end(tmp_path: Path) -> None:
    (tmp_path / "kontor").write_text(FAKE_HOUSE)
    with subprocess.Popen([sys.executable, "-c", SHOOTS, str(tmp_path)], stdout=subprocess.PIPE, text=True) as shooting:
        assert shooting.stdout is not None
        assert shooting.stdout.readline() == "anke@radwerk.example\n"
        shooting.terminate()
        assert shooting.wait(30) == 1
    assert (tmp_path / "ended").read_text() == "by SIGINT"
