"""A button is one service call: done, told in words, and back to a page (Post, Redirect, Get)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from admin.refusals import in_words
from billing.errors import AlreadyDone, KontorError


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the deed is done, and what the service gave back; else its refusal. `already`: it was so before."""

    done: bool
    value: Any = None
    refusal: KontorError | None = None
    already: bool = False


def attempt(deed: Callable[[], Any], form: FlaskForm | None = None) -> Outcome:
    """Do it. A refusal stands at the field that it is about, or above the page; AlreadyDone is success."""
    try:
        return Outcome(True, deed())
    except AlreadyDone:
        return Outcome(True, already=True)
    except KontorError as error:
        _tell(error, form)
        return Outcome(False, refusal=error)


def done_by_button(deed: Callable[[], Any], said: Any, back_to: str) -> ResponseReturnValue:
    """The answer to a button: the deed, a sentence, the way back."""
    if attempt(deed).done:
        flash(str(said), "good")
    return redirect(back_to)


def _tell(error: KontorError, form: FlaskForm | None) -> None:
    name = str(error.facts.get("field", ""))
    field = form._fields.get(name) if form is not None else None
    if field is None:
        flash(in_words(error), "bad")
    else:
        field.errors = [*field.errors, in_words(error)]
