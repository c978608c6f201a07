"""What can be done with many customers at once: tags, and what they may book (P-11, M1-41)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import SelectField

from admin import merging
from admin.bulk import Bulk
from admin.fields import Form, text
from admin.status_words import ReasonForm, bulk_told, said
from models import Tag
from queries.cards.status import movable
from queries.lists.customers import offered_tags
from services import customer_tags
from services.actor import Actor
from services.customer_status import change_status


class TagForm(Form):
    tag = text(_l("Tag"), Tag.__table__.c.name, required=True, help=_l("A new name makes a new tag."))


class WornTagForm(Form):
    tag = SelectField(_l("Tag"), coerce=int)


def _worn_tag_form() -> Form:
    form = WornTagForm()
    form.tag.choices = offered_tags()
    return form


def _tagging(count: int) -> str:
    return ngettext("%(num)s customer gets the tag.", "%(num)s customers get the tag.", count)


def _untagging(count: int) -> str:
    return ngettext("The tag is taken off %(num)s customer.", "The tag is taken off %(num)s customers.", count)


def _tagged(count: int, form: Form) -> str:
    return ngettext("The tag “%(tag)s” was added.", "The tag “%(tag)s” was added to %(num)s customers.", count,
                    tag=form.tag.data)  # fmt: skip


def _untagged(count: int, form: Form) -> str:
    name = dict(form.tag.choices).get(form.tag.data, "")
    return ngettext("The tag “%(tag)s” was removed.", "The tag “%(tag)s” was removed from %(num)s customers.", count,
                    tag=name)  # fmt: skip


def _blocking(count: int) -> str:
    return ngettext("%(num)s customer is blocked.", "%(num)s customers are blocked.", count)


def _deactivating(count: int) -> str:
    return ngettext("%(num)s customer is deactivated.", "%(num)s customers are deactivated.", count)


def _activating(count: int) -> str:
    return ngettext("%(num)s customer is activated again.", "%(num)s customers are activated again.", count)


def _moving(move: str, label: Any, what: Callable[[int], str], *, danger: bool) -> Bulk:
    def do(who: Actor, number: int, form: Form) -> str:
        return change_status(who, number, move, form.reason.data)

    return Bulk(move, label, "customers.write", what, do, ReasonForm, danger,
                told=lambda ids: bulk_told(move, ids), able=lambda ids: movable(move, ids),
                said=lambda count, _form: said(move, count))  # fmt: skip


DEEDS = (
    Bulk("tag", _l("Add tag"), "customers.write", _tagging,
         lambda who, number, form: customer_tags.put_on(who, number, form.tag.data), TagForm,
         said=_tagged),
    Bulk("untag", _l("Remove tag"), "customers.write", _untagging,
         lambda who, number, form: customer_tags.take_off(who, number, form.tag.data), _worn_tag_form,
         said=_untagged),
    _moving("activate", _l("Activate"), _activating, danger=False),
    _moving("block", _l("Block"), _blocking, danger=True),
    _moving("deactivate", _l("Deactivate"), _deactivating, danger=True),
    Bulk("merge", _l("Merge"), "customers.merge", lambda count: "", lambda who, number, form: None,
         instead=merging.of_two),
)  # fmt: skip
