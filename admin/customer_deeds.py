"""What can be done with many customers at once: tags, and what they may book (P-11, M1-41)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import SelectField

from admin import merging
from admin.bulk import Bulk
from admin.fields import Form, text
from models import Tag
from queries.lists.customers import offered_tags
from services import customer_tags
from services.customer_status import change_status


class TagForm(Form):
    tag = text(_l("Tag"), Tag.__table__.c.name, required=True, help=_l("A new name makes a new tag."))


class WornTagForm(Form):
    tag = SelectField(_l("Tag"), coerce=int)


class ReasonForm(Form):
    reason = text(_l("Reason"), longest=200, help=_l("Stands in the activities of each customer."))


def _worn_tag_form() -> Form:
    form = WornTagForm()
    form.tag.choices = offered_tags()
    return form


def _tagging(count: int) -> str:
    return ngettext("%(num)s customer gets the tag.", "%(num)s customers get the tag.", count)


def _untagging(count: int) -> str:
    return ngettext("The tag is taken off %(num)s customer.", "The tag is taken off %(num)s customers.", count)


def _blocking(count: int) -> str:
    return ngettext(
        "%(num)s customer is blocked: nothing new can be booked. Running contracts are billed on.",
        "%(num)s customers are blocked: nothing new can be booked. Running contracts are billed on.", count,
    )  # fmt: skip


def _deactivating(count: int) -> str:
    return ngettext(
        "%(num)s customer is deactivated: contracts are not billed, and these periods are not made up later. Open "
        "invoices stay owed.",
        "%(num)s customers are deactivated: contracts are not billed, and these periods are not made up later. Open "
        "invoices stay owed.", count,
    )  # fmt: skip


def _activating(count: int) -> str:
    return ngettext("%(num)s customer is activated again.", "%(num)s customers are activated again.", count)


MOVES = frozenset({"activate", "block", "deactivate"})  # as in billing.states; offered where the state has them
DEEDS = (
    Bulk("tag", _l("Add tag"), "customers.write", _tagging,
         lambda who, number, form: customer_tags.put_on(who, number, form.tag.data), TagForm),
    Bulk("untag", _l("Remove tag"), "customers.write", _untagging,
         lambda who, number, form: customer_tags.take_off(who, number, form.tag.data), _worn_tag_form),
    Bulk("activate", _l("Activate"), "customers.write", _activating,
         lambda who, number, form: change_status(who, number, "activate", form.reason.data or ""), ReasonForm),
    Bulk("block", _l("Block"), "customers.write", _blocking,
         lambda who, number, form: change_status(who, number, "block", form.reason.data or ""), ReasonForm, True),
    Bulk("deactivate", _l("Deactivate"), "customers.write", _deactivating,
         lambda who, number, form: change_status(who, number, "deactivate", form.reason.data or ""), ReasonForm, True),
    Bulk("merge", _l("Merge"), "customers.merge", lambda count: "", lambda who, number, form: None,
         instead=merging.of_two),
)  # fmt: skip
