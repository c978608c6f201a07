"""What a customer reads when something cannot be: the codes of services in kind words, with the next step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from billing.errors import KontorError

WORDS: Mapping[str, Any] = {
    "missing": _l("Please fill in this field."),
    "control_character": _l("This text contains characters that cannot be printed."),
    "too_long": _l("This text is too long (at most %(longest)s characters)."),
    "not_an_email": _l("This is not a valid e-mail address."),
    "not_an_iban": _l("This is not a valid IBAN. Please check the digits."),
    "not_a_bic": _l("This is not a valid BIC."),
    "not_a_vat_id": _l("This is not a valid VAT ID."),
    "not_a_choice": _l("Please choose one of the values offered."),
    "mandate_missing": _l("Please agree to the direct debit, or choose another payment method."),
    "changed_meanwhile": _l("Your data were changed in the meantime. Your entries are below; please compare and save "
                            "again."),
    "login_failed": _l("E-mail address or password is not correct."),
    "login_stopped": _l("Your access is not active at the moment. Please contact us."),
    "password_length": _l("The password needs %(shortest)s to 200 characters."),
    "same_password": _l("Please choose another one than before."),
    "wrong_password": _l("Your present password is not correct."),
    "attempt_under_way": _l("A payment by it is on its way at the moment. Please try again when it is done."),
    "method_not_active": _l("This payment method cannot be used any more. Please choose or add another one."),
    "payment_method": _l("This payment method is no longer kept. Please choose another one."),
    "too_many_codes": _l("Too many codes were asked for. Please try again in an hour."),
    "no_address": _l("We know no e-mail address of yours to which a code could go. Please contact us, and we will "
                     "change it for you. Nothing was saved."),
    "no_mail_server": _l("At the moment we cannot send you a code by e-mail. Please contact us, and we will change it "
                         "for you. Nothing was saved."),
}  # fmt: skip


def in_words(error: KontorError) -> str:
    """One or two sentences; the facts fill the blanks."""
    text = WORDS.get(error.code)
    if text is None:
        return gettext("This value is not possible.")
    return str(text) % error.facts if "%(" in str(text) else str(text)
