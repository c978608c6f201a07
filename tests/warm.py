"""What is the same in every test of a process is worked out once: compiled SQL, page templates and addresses.

Each test has a database of its own. A new engine compiles every statement again, a new application every template and
all its 1200 addresses, which was half of all the work of the suite. And whatever was imported stays to the end: no
search for garbage looks at it again.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from extensions import db

STATEMENTS_KEPT = 3000
GARBAGE = (50_000, 20, 50)  # Python's own 700 suit a program that was not loaded with half a million objects


class TemplatesKept(BytecodeCache):
    """Jinja's own door for what it compiled; it looks at the text itself whether it is still the same.

    In memory, and in the folder that all workers of a whole run share (commands/test.py).
    """

    def __init__(self, folder: str = "") -> None:
        self._kept: dict[str, bytes] = {}
        self._shared = FileSystemBytecodeCache(folder) if folder else None

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])
        elif self._shared:
            self._shared.load_bytecode(bucket)
            if bucket.code:
                self._kept[bucket.key] = bucket.bytecode_to_string()

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()
        if self._shared:
            self._shared.dump_bytecode(bucket)


@contextmanager
def kept_warm() -> Iterator[None]:
    """Every application made meanwhile shares its templates and addresses, every engine its dialect and its compiled
    statements."""
    make, options, build = db._make_engine, Flask.jinja_options, Rule._compile_builder
    db._make_engine = _sharing(make)
    Rule._compile_builder = _remembering(build)
    Flask.jinja_options = {**options, "bytecode_cache": TemplatesKept(os.environ.get("KONTOR_TEST_TEMPLATES", ""))}
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    yield
    db._make_engine, Flask.jinja_options, Rule._compile_builder = make, options, build


def _sharing(make: Callable[..., Engine]) -> Callable[..., Engine]:
    first: dict[str, tuple[Dialect, Any]] = {}

    def made(*how: Any) -> Engine:
        engine = make(*how)
        # A kept statement is found by its text's key and the dialect that it was compiled for.
        kept = first.setdefault(engine.dialect.name, (engine.dialect, LRUCache(STATEMENTS_KEPT)))
        engine.dialect, engine._compiled_cache = kept
        return engine

    return made


def _remembering(build: Callable[[Rule, bool], Any]) -> Callable[[Rule, bool], Any]:
    """What puts an address together is made of nothing but its text, its defaults and the kinds of its parts."""
    kept: dict[tuple[Any, ...], Any] = {}

    def built(rule: Rule, append_unknown: bool = True) -> Any:
        kinds = tuple((name, type(kind)) for name, kind in rule._converters.items())
        key = (rule.rule, repr(rule.defaults), kinds, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = build(rule, append_unknown)
        return kept[key]

    return built
