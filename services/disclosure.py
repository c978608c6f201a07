"""What a person has to be told beside the copy of their data (Art. 15 (1) DSGVO), and the words of the README.

The texts are the house's own to change: a file `datenauskunft.txt` in the data folder takes the place of ours
(docs/guides/data-protection.md).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from flask import current_app

from models.fates import BOOKS, LETTERS, VOUCHERS
from services.company import get_company

FILE = "datenauskunft.txt"
PURPOSES = (
    "Anbahnung, Abschluss und Erfüllung von Verträgen (Art. 6 Abs. 1 Buchst. b DSGVO)",
    "Abrechnung, Buchführung und steuerliche Pflichten (Art. 6 Abs. 1 Buchst. c DSGVO; §§ 147 AO, 14b UStG, 257 HGB)",
    "Einzug und Mahnung offener Forderungen (Art. 6 Abs. 1 Buchst. b und f DSGVO)",
    "Nachweis, wer wann was geändert hat, und Sicherheit der Verarbeitung (Art. 6 Abs. 1 Buchst. c und f DSGVO)",
    "Neuigkeiten per E-Mail, nur mit Einwilligung (Art. 6 Abs. 1 Buchst. a DSGVO)",
)
RECIPIENTS = (
    "die Beschäftigten, deren Rolle es erlaubt",
    "Banken und Zahlungsdienste, über die bezahlt wird",
    "Versender, die Briefe und Pakete zustellen, und der Betreiber des E-Mail-Servers",
    "Finanzbehörden und Steuerberatung; das Bundeszentralamt für Steuern und VIES bei der Prüfung einer USt-IdNr.",
)
RETENTION = (
    f"Rechnungen, Korrekturen und andere Buchungsbelege: {VOUCHERS.years} Jahre ab Ende des Kalenderjahres",
    f"Bücher, Buchungen und das Protokoll der Änderungen: {BOOKS.years} Jahre ab Ende des Kalenderjahres",
    f"Geschäftsbriefe, auch E-Mails: {LETTERS.years} Jahre ab Ende des Kalenderjahres",
    "alles andere: bis zur Löschung der Akte, spätestens wenn der Zweck entfällt",
)
RIGHTS = (
    "Berichtigung (Art. 16), Löschung (Art. 17), Einschränkung (Art. 18), Übertragung (Art. 20), Widerspruch (Art. 21)",
    "Widerruf einer Einwilligung mit Wirkung für die Zukunft (Art. 7 Abs. 3)",
    "Beschwerde bei einer Datenschutz-Aufsichtsbehörde (Art. 77)",
)
SOURCE = "Die Daten kommen von Ihnen selbst, aus Ihren Verträgen oder von dem Shop, in dem Sie bestellt haben."
DECISIONS = "Eine automatisierte Entscheidung im Einzelfall nach Art. 22 DSGVO findet nicht statt."


def information() -> dict[str, Any]:
    """The part `information` of an export; `own_text` is the house's own wording, if it has one."""
    own = _own_text()
    told: dict[str, Any] = {"controller": _controller()}
    if own:
        return told | {"own_text": own}
    return told | {
        "purposes": list(PURPOSES), "recipients": list(RECIPIENTS), "retention": list(RETENTION),
        "rights": list(RIGHTS), "source": SOURCE, "automated_decisions": DECISIONS,
    }  # fmt: skip


def readme(number: str, on: date, files: int) -> str:
    """What lies in the archive, and the same information to read."""
    told = information()
    begin = (
        f"Kundendaten von {told['controller']['name']}\n\n"
        f"Kundennummer {number}, Stand {on:%d.%m.%Y}\n\n"
        "profil.json  alle gespeicherten Angaben, Tabelle für Tabelle (maschinenlesbar, Art. 20 DSGVO)\n"
        f"dateien/     {files} Dateien: Rechnungen, Korrekturen, Anhänge und Hochgeladenes\n\n"
        "Beträge stehen in Cent, Zeitpunkte in UTC, Tage als JJJJ-MM-TT. Bei jeder Datei nennt profil.json die\n"
        "Prüfsumme (SHA-256). Passwörter, Schlüssel und Prüfwerte des Hauses sind nicht dabei.\n"
    )
    return f"{begin}\n{told['own_text'] if 'own_text' in told else _sections(told)}\n"


def _sections(told: dict[str, Any]) -> str:
    heads = {
        "Zwecke": "purposes",
        "Empfänger": "recipients",
        "Dauer der Speicherung": "retention",
        "Ihre Rechte": "rights",
    }
    listed = ["\n".join([head, *(f"- {line}" for line in told[key])]) for head, key in heads.items()]
    return "\n\n".join([*listed, told["source"], told["automated_decisions"], _address(told["controller"])])


def _address(controller: dict[str, str]) -> str:
    return "Verantwortlich: " + ", ".join(value for value in controller.values() if value)


def _controller() -> dict[str, str]:
    house = get_company()
    names = ("name", "address", "zipcode", "city", "email", "phone")
    return {name: str(getattr(house, name) or "") for name in names}


def _own_text() -> str:
    folder: Path = current_app.config["KONTOR"].data_dir
    try:
        return (folder / FILE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
