"""P-09: every address and call that changes something comes to a deed that leaves an activity, and says who did it.

The code is read from each view function and each call's handler on, through helpers, lambdas and declared deeds. What
the deeds themselves leave is proved in tests/services/test_every_deed.py.
"""

from __future__ import annotations

import ast
import dis
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from importlib import import_module
from inspect import signature, unwrap
from typing import Any

import pytest
from flask import Flask

from api import registry
from config import ROOT
from tests.services.deeds import DEEDS
from tests.services.deeds.untold import WITHOUT

pytestmark = pytest.mark.feature("P-09")
OURS = ("admin", "api", "hosted_pages")

# Addresses that are posted to and change nothing that anybody has to be told: why.
READING = {
    "admin_page_size.choose": "how many rows a person likes to see",
    "admin_customer_messages.preview": "draws a message that is not sent",
    "admin_texts.preview": "draws a text that is not saved",
    "admin_texts.sample": "draws a text that is not saved",
    "admin_customers.alike": "looks for records alike while somebody types; nothing is stored",
    "accountdata.discard": "a wish is forgotten before it was true; its asking stands in the trail",
    "payment.discard": "the same, of payment data",
    "admin_bank.upload": "a statement is read and shown; taking it in is the deed (admin_bank.take_in)",
    "admin_refunds.look": "a provider is asked how far a refund is; what it answers is told (refund_calls)",
    "admin_provider_events.try_again": "the same news once more; what it does is told by what it is about",
    "gateway_events.take_event": "a provider's news is stored; what it does is told by what it is about",
    "sandbox_provider.choose": "a test card at the sandbox's provider, which is the outside",
    "sandbox_provider.answer": "the customer's bank, which is the outside",
}
# The same for calls of the API.
READING_CALLS = {
    "invoice.sign": "not offered: it always answers so",
    "invoice.sendbypost": "not offered: it always answers so",
}


def reached(start: Any, of: type | None) -> set[str]:
    """The services, as "module.function", that this callable may come to. `of`: the class that `self` is."""
    found: set[str] = set()
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if service := _service(thing):
            found.add(service)
        else:
            waiting += _within(thing, of)
    return found


def _service(thing: Any) -> str:
    module = getattr(thing, "__module__", None) or ""
    named = isinstance(thing, types.FunctionType) and module.startswith("services.")
    return f"{module.partition('.')[2]}.{thing.__name__}" if named else ""


def _within(thing: Any, of: type | None) -> Iterator[Any]:
    """What this function may call, or what this declaration holds."""
    if isinstance(thing, partial):
        yield from (thing.func, *thing.args, *thing.keywords.values())
    elif isinstance(thing, (tuple, list)):
        yield from thing
    elif isinstance(thing, Mapping):
        yield from thing.values()
    elif isinstance(thing, types.MethodType):
        yield thing.__func__
    elif isinstance(thing, types.FunctionType) and thing.__module__.partition(".")[0] in OURS:
        bare = unwrap(thing)
        yield from (cell.cell_contents for cell in bare.__closure__ or () if cell.cell_contents is not None)
        yield from _named(bare.__code__, bare.__globals__, of)
    elif is_dataclass(thing) and not isinstance(thing, type) and type(thing).__module__.partition(".")[0] in OURS:
        yield from (getattr(thing, each.name) for each in fields(thing))


def _named(code: types.CodeType, names: dict[str, Any], of: type | None) -> Iterator[Any]:
    """Globals, attributes of modules, and what is taken from `self`, in a function and those inside it."""
    before: dis.Instruction | None = None
    above = ""  # the global that is being called: super
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL" and not isinstance(names.get(step.argval), types.ModuleType):
            yield names.get(step.argval)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and before is not None:
            if before.opname == "LOAD_GLOBAL" and isinstance(names.get(before.argval), types.ModuleType):
                yield getattr(names[before.argval], step.argval, None)
            elif before.argval == "self" and of is not None:
                yield getattr(of, step.argval, None)
            elif above == "super" and of is not None:
                yield from (vars(each)[step.argval] for each in of.__mro__ if step.argval in vars(each))
        above = step.argval if step.opname == "LOAD_GLOBAL" else above if step.opname in ("PRECALL", "CALL") else ""
        before = step
    for inside in code.co_consts:
        if isinstance(inside, types.CodeType):
            yield from _named(inside, names, of)


def posted(app: Flask) -> Iterator[tuple[str, Any, type | None]]:
    """endpoint, function and class of everything that can be posted to, but for the API's one address."""
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint != "api.call_api":
            view = app.view_functions[rule.endpoint]
            owner = getattr(view, "__self__", None)
            yield rule.endpoint, getattr(view, "__func__", view), type(owner) if owner is not None else None


def test_every_address_that_is_posted_to_comes_to_a_deed_that_leaves_an_activity(shared: Flask) -> None:
    dumb = {end for end, view, of in posted(shared) if not reached(view, of) & DEEDS.keys()}
    assert dumb - READING.keys() == set()


def test_every_writing_call_of_the_api_comes_to_a_deed_that_leaves_an_activity(shared: Flask) -> None:
    dumb = {each.name for each in registry.declared() if each.writes and not reached(each.handler, None) & DEEDS.keys()}
    assert dumb - READING_CALLS.keys() == set()


def test_nothing_is_excused_that_is_not_there_or_that_is_told_anyway(shared: Flask) -> None:
    roads = {end: reached(view, of) for end, view, of in posted(shared)}
    assert [end for end in READING if end not in roads or roads[end] & DEEDS.keys()] == []
    calls = {each.name: reached(each.handler, None) for each in registry.declared() if each.writes}
    assert [name for name in READING_CALLS if name not in calls or calls[name] & DEEDS.keys()] == []


def test_whoever_reads_may_not_write(shared: Flask) -> None:
    """A call that only reads comes to no deed."""
    loud = {each.name for each in registry.declared() if not each.writes and reached(each.handler, None) & DEEDS.keys()}
    assert loud == set()


def test_the_reader_of_roads_sees_a_deed_behind_a_helper_a_lambda_and_a_declaration(shared: Flask) -> None:
    roads = {end: reached(view, of) for end, view, of in posted(shared)}
    assert "customer_edits.edit_customer" in roads["admin_customers.edit_view"]
    assert "customer_tags.put_on" in roads["admin_customers.many"]
    assert "contract_pauses.pause" in roads["admin_contracts.ask"]


# Who asks, as each room knows it.
WHO = {
    "admin": {"actor()", "actor", "who", "me.actor", "found.actor", "person.actor"},
    "api": {"ask.actor"},
    "hosted_pages": {"actor_of(row)"},
}


def test_every_deed_is_done_in_the_name_of_who_asked() -> None:
    """No screen and no call does a deed as the system or as somebody else."""
    wrong = []
    for room, known in WHO.items():
        for file in sorted((ROOT / room).glob("*.py")):
            for call, name in _deeds_called(file.read_text()):
                given = ast.unparse(call.args[0]) if call.args else ""
                if _wants_actor(name) and given not in known:
                    wrong.append(f"{room}/{file.name}:{call.lineno} {name}({given})")
    assert wrong == []


def _deeds_called(source: str) -> Iterator[tuple[ast.Call, str]]:
    """Calls of deeds by their module, or by a name that was taken from it."""
    tree = ast.parse(source)
    taken = {each.asname or each.name: f"{node.module.partition('.')[2]}.{each.name}" for node in ast.walk(tree)
             if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("services.")
             for each in node.names}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _name_of(node.func, taken)) in DEEDS:
            yield node, name


def _name_of(called: ast.expr, taken: Mapping[str, str]) -> str:
    if isinstance(called, ast.Name):
        return taken.get(called.id, "")
    named = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name)
    return ast.unparse(called) if named else ""


def _wants_actor(name: str) -> bool:
    module, _, function = name.partition(".")
    found = getattr(import_module(f"services.{module}"), function)
    return next(iter(signature(found).parameters)) == "actor"


def test_what_tells_nobody_is_nobody_s_only_road(shared: Flask) -> None:
    """An address that comes to a silent service alone is either excused here or does not write at all."""
    for end, view, of in posted(shared):
        road = reached(view, of)
        assert road & DEEDS.keys() or end in READING, (end, road & WITHOUT.keys())
