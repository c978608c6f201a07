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

SAME_FORM = "already_done"  # by the form's own key (F1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the deed is done, and what the service gave back; else its refusal. `already`: it was so before, by
    somebody else or an earlier click. The very same form that comes twice is no such thing: its deed was done."""

    done: bool
    value: Any = None
    refusal: KontorError | None = None
    already: AlreadyDone | None = None

    def tell(self, said: Any) -> None:
        """That it is done, or that there was nothing to do."""
        if self.already is not None:
            flash(in_words(self.already), "info")
        else:
            flash(str(said), "good")


def attempt(deed: Callable[[], Any], form: FlaskForm | None = None) -> Outcome:
    """Do it. A refusal stands at the field that it is about, or above the page."""
    try:
        return Outcome(True, deed())
    except AlreadyDone as error:
        return Outcome(True, already=None if error.code == SAME_FORM else error)
    except KontorError as error:
        _tell(error, form)
        return Outcome(False, refusal=error)


def done_by_button(deed: Callable[[], Any], said: Any, back_to: str) -> ResponseReturnValue:
    """The answer to a button: the deed, a sentence, the way back."""
    told(deed, said)
    return redirect(back_to)


def told(deed: Callable[[], Any], said: Any, form: FlaskForm | None = None) -> bool:
    """Do it and say what came of it; whether it is done."""
    outcome = attempt(deed, form)
    if outcome.done:
        outcome.tell(said)
    return outcome.done


def _tell(error: KontorError, form: FlaskForm | None) -> None:
    name = str(error.facts.get("field", ""))
    field = form._fields.get(name) if form is not None else None
    if field is None:
        flash(in_words(error), "bad")
    else:
        field.errors = [*field.errors, in_words(error)]
