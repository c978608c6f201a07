"""JSON in and out, with exact numbers: decimals are never floats on either way."""

from __future__ import annotations

import json
from decimal import Decimal
from json.encoder import encode_basestring_ascii as quoted

CONTENT_TYPE = "application/json; charset=utf-8"  # with the blank: two Node clients break without it

LONGEST_INTEGER = 1000  # digits


def parse(body: bytes) -> object:
    """The value in `body`. Raises ValueError with words fit for the answer."""
    try:
        return json.loads(body.decode("utf-8"), parse_float=Decimal, parse_int=_whole, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("too deep") from None
    except UnicodeDecodeError:
        raise ValueError("the body is not UTF-8") from None
    except json.JSONDecodeError as problem:
        raise ValueError(f"no valid JSON at position {problem.pos}") from None
    except ArithmeticError:
        raise ValueError("a number is out of range") from None


def write(envelope: object) -> bytes:
    """`envelope` as JSON in ASCII; a Decimal becomes a number with the digits it has."""
    return _written(envelope).encode("ascii")


def _written(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{quoted(str(key))}:{_written(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | Decimal):
        return str(value)  # never format(): 1e999999999 is a short text and a very long number
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _whole(digits: str) -> int:
    """Refused here, in our words: Python itself refuses to read very long integers, and nobody could read the echo."""
    if len(digits) > LONGEST_INTEGER:
        raise ValueError("a number is out of range")
    return int(digits)


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")
