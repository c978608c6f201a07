"""Help beside the subject: the guides for the team, read in the house."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from admin import guides
from admin.help import OF_SCREEN
from tests.admin.conftest import Desk
from tests.admin.furniture import House


@pytest.mark.feature("R-35")
def test_the_card_leads_to_the_help_for_its_tab_and_to_vouchers_and_tags_too(reader: Desk, house: House) -> None:
    for path, wanted in (
        (f"/admin/customers/details/?id={house.customer}", "/admin/help/customer-record/"),
        (f"/admin/customers/vouchers/?id={house.customer}", "/admin/help/discounts-usage-credit/#gutscheine"),
        ("/admin/coupons/", "/admin/help/discounts-usage-credit/#gutscheine"), ("/admin/tags/", "/admin/help/lists/"),
    ):  # fmt: skip
        assert f'href="{wanted}">Hilfe</a>' in reader.get(path), path


@pytest.mark.feature("R-35")
def test_every_guide_opens_and_every_section_that_a_screen_leads_to_is_there(reader: Desk) -> None:
    pages = {name: reader.get(f"/admin/help/{name}/") for name in guides.GUIDES}
    for name, page in pages.items():
        assert guides.title_of(name) in page and "](" not in page.partition("<article")[2], name
    for target in OF_SCREEN.values():
        name, _, section = target.partition("#")
        assert not section or f'id="{section}"' in pages[name], target
    for page in pages.values():
        for name, section in re.findall(r'href="/admin/help/([\w-]+)/(?:#([^"]+))?"', page.partition("<article")[2]):
            assert name in pages and (not section or f'id="{unquote(section)}"' in pages[name])
    reader.get("/admin/help/operations/", 404)
    reader.get("/admin/help/..%2Fsecurity/", 404)


def test_what_is_no_markup_in_a_guide_is_text() -> None:
    written = (
        "# Titel\n\n## Über *uns*\n\nEin <b>Satz</b> mit `a < b`, **fett** und [Weg](vat.md).\n\n"
        "- eins\n  weiter\n- zwei\n\n| a | b |\n|---|---|\n| 1 | [x](../up.md) |\n"
    )
    assert guides.as_html(written, lambda target: "/v" if target == "vat.md" else "").splitlines() == [
        '<h2 id="über-uns">Über <i>uns</i></h2>',
        '<p>Ein &lt;b&gt;Satz&lt;/b&gt; mit <code>a &lt; b</code>, <b>fett</b> und <a href="/v">Weg</a>.</p>',
        "<ul><li>eins weiter</li><li>zwei</li></ul>",
        '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        "<tbody><tr><td>1</td><td>x</td></tr></tbody></table>",
    ]
