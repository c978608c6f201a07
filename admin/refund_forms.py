"""What people are asked about a refund: never its amount."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import Length

from admin.fields import Form, day, select, text
from admin.payment_forms import OnceForm
from models import Payment

_TABLE = Payment.__table__.c
LONGEST_REASON = 60


class OrderForm(OnceForm):
    """`seen`: the cents that the person was shown."""

    seen = HiddenField(validators=[Length(max=18)])


class ReasonForm(Form):
    """Nothing but yes."""


class ReturnForm(Form):
    reason = text(_l("Reason"), longest=LONGEST_REASON, required=True)


class SentForm(Form):
    received_on = day(_l("Sent on"), required=True)
    reference = text(_l("Reference"), _TABLE.reference)


class DecideForm(Form):
    went = select(
        _l("At the payment provider"),
        [("", ""), ("yes", _l("the refund is there: it went")), ("no", _l("there is no such refund: it did not go"))],
    )
