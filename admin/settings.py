"""The settings as one tree, in the words of the team: what can be set, where it stands, and a sentence about each.

An entry is shown to those who may open its screen; one whose screen is not there yet is not shown at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from admin.door import ANYONE, Door, opens


@dataclass(frozen=True, slots=True)
class Leaf:
    """One screen of the settings, with a sentence that says what it is for."""

    label: Any
    endpoint: str
    sentence: Any

    @property
    def screen(self) -> str:
        return self.endpoint.partition(".")[0]

    def is_here(self, blueprint: str | None) -> bool:
        return blueprint == self.screen


TREE: tuple[tuple[Any, tuple[Leaf, ...]], ...] = (
    (_l("Basic settings"), (
        Leaf(_l("Company"), "admin_company.index",
             _l("Name, address, register, taxes and bank account, as they stand on every invoice.")),
        Leaf(_l("Logo"), "admin_logo.index", _l("The picture at the head of letters and of the customers' pages.")),
        Leaf(_l("VAT"), "admin_vat.index",
             _l("Regular or small business, how VAT IDs are checked, and consumers in other EU countries.")),
        Leaf(_l("VAT rates"), "admin_vat_rates.index_view", _l("Which rate holds in which country from which day on.")),
        Leaf(_l("Number ranges"), "admin_number_ranges.index_view",
             _l("What customer numbers and invoice numbers look like, and where they go on.")),
        Leaf(_l("Payments"), "admin_payment_settings.index",
             _l("When a declined payment is tried again, what follows, and which providers are offered.")),
        Leaf(_l("Texts"), "admin_texts.index_view", _l("The words of letters and mails, in German and English.")),
        Leaf(_l("Message templates"), "admin_message_templates.index_view",
             _l("Words that the team keeps for messages to customers.")),
        Leaf(_l("E-mail"), "admin_mail.index", _l("Who mails come from, and whether they leave the house.")),
        Leaf(_l("Test clock"), "admin_clock.index", _l("A sandbox goes forward day by day, to see what will come.")),
    )),
    (_l("Staff access"), (
        Leaf(_l("People"), "admin_staff.index_view", _l("Who works here, in which role, and who may log in.")),
        Leaf(_l("Roles"), "admin_roles.index_view", _l("What a role may see and do.")),
    )),
    (_l("Customer self-service"), (
        Leaf(_l("Hosted pages"), "admin_hosted_pages.index",
             _l("The addresses of the pages that customers open by link, as examples to copy.")),
        Leaf(_l("Customer portal"), "admin_portal.index",
             _l("Where customers log in, and how many can.")),
    )),
    (_l("Dunning"), (
        Leaf(_l("Dunning levels"), "admin_dunning_levels.index",
             _l("When who is reminded of what, what it costs, and what happens before and after.")),
        Leaf(_l("Base rates"), "admin_base_rates.index",
             _l("The base rates by which interest on arrears is counted, as the Bundesbank announces them.")),
    )),
    (_l("API & notifications"), (
        Leaf(_l("API keys"), "admin_api_keys.index_view", _l("Keys by which shops and programs use the call API.")),
    )),
)  # fmt: skip


class SettingsScreen(Door, BaseView):
    """The whole tree on one page; each person sees what their role may open."""

    deeds = {"index": ANYONE}

    def __init__(self) -> None:
        super().__init__(name="settings", endpoint="admin_settings", url="settings")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return self.render("admin/settings.html", tree=visible(), title=gettext("Settings"))


def visible() -> list[tuple[Any, list[Leaf]]]:
    """The groups with the entries that the person may open; empty groups are left out."""
    groups = ((title, [leaf for leaf in leaves if opens(leaf.endpoint)]) for title, leaves in TREE)
    return [(title, leaves) for title, leaves in groups if leaves]


def tree_beside() -> list[tuple[Any, list[Leaf]]]:
    """What a page of the settings shows beside itself; nothing elsewhere."""
    return visible() if request.blueprint in SCREENS else []


SCREENS = tuple(leaf.screen for _, leaves in TREE for leaf in leaves)


def init_app(app: Flask) -> None:
    """Let the frame of every page ask for the tree."""
    app.jinja_env.globals["settings_tree"] = tree_beside
