"""What can be done with many documents at once: drafts are issued or deleted, invoices are cancelled."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from admin.bulk import Bulk
from admin.fields import Form, text
from services import drafts
from services.corrections import LONGEST_REASON, cancel


class CancelForm(Form):
    reason = text(_l("Reason"), longest=LONGEST_REASON, help=_l("Stands in the activities, not on the paper."))


def _issuing(count: int) -> str:
    return ngettext(
        "%(num)s draft is issued: numbered, dated today, frozen and sent.",
        "%(num)s drafts are issued: numbered, dated today, frozen and sent.", count,
    )  # fmt: skip


def _deleting(count: int) -> str:
    return ngettext(
        "%(num)s draft is deleted. Drafts have no number, so the series keeps no gap.",
        "%(num)s drafts are deleted. Drafts have no number, so the series keeps no gap.", count,
    )  # fmt: skip


def _cancelling(count: int) -> str:
    return ngettext(
        "A cancellation invoice is issued for all that is left of %(num)s invoice. What was paid becomes credit.",
        "A cancellation invoice is issued for all that is left of each of %(num)s invoices. What was paid becomes "
        "credit.", count,
    )  # fmt: skip


def _issued(count: int, _form: Form) -> str:
    return ngettext("The draft is issued.", "%(num)s drafts are issued now.", count)


def _deleted(count: int, _form: Form) -> str:
    return ngettext("The draft is deleted. No number has been used.",
                    "%(num)s drafts are deleted. No number has been used.", count)  # fmt: skip


def _cancelled(count: int, _form: Form) -> str:
    return ngettext("The invoice is cancelled.", "%(num)s invoices are cancelled now.", count)


DEEDS = (
    Bulk("issue", _l("Issue drafts"), "invoices.write", _issuing,
         lambda who, number, _form: drafts.issue_draft(who, number), said=_issued),
    Bulk("delete", _l("Delete drafts"), "invoices.write", _deleting,
         lambda who, number, _form: drafts.delete_draft(who, number), danger=True, said=_deleted),
    Bulk("cancel", _l("Cancel invoices"), "invoices.write", _cancelling,
         lambda who, number, form: cancel(who, number, reason=form.reason.data or ""), CancelForm, True,
         said=_cancelled),
)  # fmt: skip
