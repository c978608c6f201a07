"""Each rule of the core names the tests that prove it, and these exist."""

from __future__ import annotations

import ast
import re
from functools import cache

from config import ROOT
from tests.docs.pages import rows

PAGE = ROOT / "docs" / "billing-rules.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def proofs() -> dict[str, list[tuple[str, str]]]:
    """Rule -> (file, test) pairs."""
    table = [cells for cells in rows(PAGE.read_text()) if cells[0] != "rule"]
    return {cells[0]: TEST.findall(cells[1]) for cells in table}


def test_every_rule_is_proved() -> None:
    assert proofs()
    assert [rule for rule, tests in proofs().items() if not tests] == []


def test_every_proof_is_there() -> None:
    named = [proof for tests in proofs().values() for proof in tests]
    assert [f"{file}::{test}" for file, test in named if test not in proving(file)] == []


def test_every_rule_of_the_pure_core_has_its_file_of_tests_among_them() -> None:
    named = {file for tests in proofs().values() for file, _ in tests}
    pure = {f"tests/billing/test_{path.stem}.py" for path in (ROOT / "billing").glob("*.py")}
    without_rules = {"tests/billing/test___init__.py", "tests/billing/test_errors.py",
                     "tests/billing/test_states.py", "tests/billing/test_words.py",
                     "tests/billing/test_likeness.py", "tests/billing/test_unseen.py"}  # fmt: skip
    assert pure - without_rules <= named


@cache
def proving(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.exists():
        return frozenset()
    module = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef))
