"""Settings -> Dunning: the levels, what holds for all of them, and the base rates (M2-15, MAH-3, MAH-5)."""

from __future__ import annotations

from datetime import date

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext, ngettext

from admin import formats
from admin.asking import Asking
from admin.deeds import done_by_button, told
from admin.door import Door, may
from admin.dunning_forms import BaseRateForm, HouseForm, LevelForm, shown_house, shown_level, with_currency
from admin.fields import Form
from admin.lists import row_id
from admin.people import actor
from billing.interest import half_year_of
from models import DunningLevel
from queries.dunning_settings import LevelRow, level_rows, rate_rows
from services import base_rates, clock, dunning_level_edits, dunning_settings
from services.company import get_company
from services.dunning_levels import DEFAULTS, LevelWish, levels, wish_of
from services.text_catalogue import REMINDERS


class DunningLevelScreen(Asking, Door, BaseView):
    deeds = {
        "index": "company.read",
        **dict.fromkeys(("save", "add", "edit", "remove", "take_recommended"), "company.write"),
    }

    def __init__(self) -> None:
        super().__init__(name="dunning levels", endpoint="admin_dunning_levels", url="/admin/dunning-levels")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self._show(HouseForm(formdata=None, data=shown_house(dunning_settings.house())))

    @expose("/save/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """What holds for all levels."""
        form = HouseForm()
        saved = gettext("Saved. It holds from the next run on.")
        if form.validate_on_submit() and told(lambda: dunning_settings.save_house(actor(), form.wish()), saved, form):
            return redirect(self.get_url(".index"))
        return self._show(form)

    @expose("/recommended/", methods=("POST",))
    def take_recommended(self) -> ResponseReturnValue:
        return done_by_button(
            lambda: dunning_level_edits.take_recommended(actor()),
            gettext("The recommended levels are set up. You may change each of them."), self.get_url(".index"),
        )  # fmt: skip

    @expose("/new/", methods=("GET", "POST"))
    def add(self) -> ResponseReturnValue:
        form = LevelForm(data=shown_level(_proposal(), ""))
        made = gettext("The level is set up. It holds from the next run on.")
        if form.validate_on_submit() and told(lambda: dunning_level_edits.add(actor(), form.wish()), made, form):
            return redirect(self.get_url(".index"))
        return self._ask(form, gettext("New level"), self.get_url(".add"))

    @expose("/edit/", methods=("GET", "POST"))
    def edit(self) -> ResponseReturnValue:
        row = _found()
        form = LevelForm(data=shown_level(wish_of(row), dunning_level_edits.fingerprint()))
        saved = gettext("Saved. Reminders that were sent stay as they are.")
        if form.validate_on_submit() and told(
            lambda: dunning_level_edits.change(actor(), row.level, form.wish(), form.seen.data or ""), saved, form
        ):
            return redirect(self.get_url(".index"))
        return self._ask(form, row.name, self.get_url(".edit", level=row.level))

    @expose("/remove/", methods=("GET", "POST"))
    def remove(self) -> ResponseReturnValue:
        """Asks first; where invoices stand at it or beyond it, says why it stays."""
        row, form = _found(), Form()
        standing = sum(each.standing for each in level_rows() if each.level.level >= row.level)
        seen = request.values.get("seen") or dunning_level_edits.fingerprint()
        return self.asked(
            form, lambda: dunning_level_edits.remove(actor(), row.level, seen),
            title=gettext("Remove %(level)s?", level=row.name), what=[_on_removal(standing)],
            verb="" if standing else gettext("Remove level"), said=gettext("The level is removed."),
            danger=True, back=self.get_url(".index"), extra={"level": row.level, "seen": seen},
        )  # fmt: skip

    def _ask(self, form: Form, title: str, action: str) -> ResponseReturnValue:
        return self.render(
            "admin/dunning_level.html", form=with_currency(form, get_company().currency_code), title=title,
            action=action, verb=gettext("Save"), back_to=self.get_url(".index"),
        )  # fmt: skip

    def _show(self, form: HouseForm) -> ResponseReturnValue:
        currency = get_company().currency_code
        return self.render(
            "admin/dunning_levels.html", form=with_currency(form, currency), rows=level_rows(), defaults=DEFAULTS,
            currency=currency, texts_of=_text_of, may_save=may("company.write"), title=gettext("Dunning levels"),
        )  # fmt: skip


class BaseRateScreen(Asking, Door, BaseView):
    deeds = {"index": "company.read", "enter": "company.write", "remove": "company.write"}

    def __init__(self) -> None:
        super().__init__(name="base rates", endpoint="admin_base_rates", url="/admin/base-rates")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        rows = rate_rows(clock.today())
        return self.render(
            "admin/base_rates.html", rows=rows, missing=[row for row in rows if row.percent is None],
            with_interest=any(row.with_interest for row in levels()), title=gettext("Base rates"),
        )  # fmt: skip

    @expose("/enter/", methods=("GET", "POST"))
    def enter(self) -> ResponseReturnValue:
        """One rate; entered again it is put right."""
        on = _day(request.args.get("on")) or half_year_of(clock.today())
        known = {row.valid_from: row.percent for row in base_rates.listed()}
        form = BaseRateForm(data={"valid_from": on, "percent": known.get(on)})
        return self.asked(
            form, lambda: base_rates.enter(actor(), form.valid_from.data, form.percent.data),
            title=gettext("Enter a base rate"),
            what=[gettext("The Deutsche Bundesbank announces it for 1 January and 1 July (section 247 BGB). Please "
                          "enter what stands there: interest is charged by it."),
                  gettext("Interest that was asked for stays as it is; what is asked for later counts by this rate.")],
            verb=gettext("Save"), said=gettext("The base rate is entered."), back=self.get_url(".index"), extra={},
        )  # fmt: skip

    @expose("/remove/", methods=("GET", "POST"))
    def remove(self) -> ResponseReturnValue:
        on = _day(request.values.get("on")) or abort(404)
        form = Form()
        return self.asked(
            form, lambda: base_rates.remove(actor(), on),
            title=gettext("Remove the base rate of %(day)s?", day=formats.day(on)),
            what=[gettext("Without it no interest is charged for that half-year. What was asked for stays.")],
            verb=gettext("Remove base rate"), said=gettext("The base rate is removed."), danger=True,
            back=self.get_url(".index"), extra={"on": on.isoformat()},
        )  # fmt: skip


def _found() -> DunningLevel:
    """The level of the address, or 404."""
    number = row_id(request.values.get("level"))
    return next((row for row in levels() if row.level == number), None) or abort(404)


def _proposal() -> LevelWish:
    """A level after the last one, as far behind it as that is behind the one before."""
    known = levels()
    if not known:
        return DEFAULTS[0]
    gap = known[-1].days - known[-2].days if len(known) > 1 else 7
    return LevelWish("", min(known[-1].days + gap, 999), known[-1].fee_cents, known[-1].consumer_fee_cents)


def _on_removal(standing: int) -> str:
    if not standing:
        return gettext("Reminders that were sent stay as they are; the levels after it move up by one.")
    return ngettext(
        "%(num)s open invoice stands at this level or a later one, so it stays: otherwise it would be reminded of the "
        "same twice. Once it is paid, the level can be removed; until then you may change it.",
        "%(num)s open invoices stand at this level or a later one, so it stays: otherwise they would be reminded of "
        "the same twice. Once they are paid, the level can be removed; until then you may change it.", standing,
    )  # fmt: skip


def _text_of(row: LevelRow) -> str:
    """The text of the house that speaks for the level."""
    return f"reminder_{min(row.level.level, REMINDERS)}"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
