"""A deed that asks for a few values first: a page with a form, or a dialog where there is a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from admin.deeds import attempt
from admin.fields import Form
from admin.session import safe_target
from models import Customer
from queries.lists.names import name_of


class Asking:
    """Mixed into a screen, before it."""

    def asked(
        self: Any, form: Form, do: Callable[[], Any], *, title: Any, what: Sequence[Any], verb: Any, said: Any,
        back: str, extra: Mapping[str, Any], danger: bool = False, whose: Customer | None = None,
    ) -> ResponseReturnValue:  # fmt: skip
        """The question (GET), or the deed (POST) and back to where it was asked. `whose`: the customer it is about."""
        back = asked_from() or back
        if form.validate_on_submit():
            outcome = attempt(do, form)
            if outcome.already is not None:
                outcome.tell(said)
                return redirect(back)
            if outcome.done:
                return self.answered(outcome.value, said, back)
        return self.render(
            "admin/asked.html", form=form, title=title, what=what, verb=verb, danger=danger, back_to=back,
            action=this_page(), extra={**extra, **back_again()}, **named(whose),
        )  # fmt: skip

    def answered(self, _given: Any, said: Any, back: str) -> ResponseReturnValue:
        """After the deed; a screen that has to show what the deed gave does so here."""
        flash(str(said), "good")
        return redirect(back)


def this_page() -> str:
    """Where the form goes: its own address with all that it says, so that a refused one can be loaded again."""
    return request.full_path.rstrip("?")


def named(whose: Customer | None) -> dict[str, Any]:
    """Whose record a page is about, for its crumb and its head."""
    return {"whose": whose, "whose_name": name_of(whose) if whose else ""}


def asked_from() -> str | None:
    """The page that the deed was asked from, if it said so and is one of ours; one is led back there."""
    return safe_target(request.values.get("next"))


def back_again() -> dict[str, str]:
    """The same, to travel with the form."""
    found = asked_from()
    return {"next": found} if found else {}
