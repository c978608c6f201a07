"""Statements as banks write them: builders of camt.053 files, by version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

OWN = "DE89370400440532013000"
VERSIONS = ("02", "04", "06", "08", "12")


@dataclass(frozen=True, slots=True)
class Part:
    """What one payment of an entry tells (TxDtls). `amount`: of a part of a batch."""

    purpose: Sequence[str] = ()
    name: str = ""
    iban: str = ""
    end_to_end: str = ""
    mandate: str = ""
    amount: str = ""
    code: str = ""
    charges: str = ""
    reference: str = ""
    came_in: bool | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    amount: str
    day: str = "2026-11-10"
    parts: Sequence[Part] = ()
    reference: str = ""
    status: str = "BOOK"
    reversal: bool = False
    currency: str = "EUR"
    notice: str = ""


def paid_in(amount: str, purpose: str, **more: str) -> Entry:
    """One payment that came in."""
    words = {name: more.pop(name) for name in ("name", "iban", "end_to_end") if name in more}
    return Entry(amount, parts=[Part([purpose], **words)], **more)


def camt(
    entries: Sequence[Entry], version: str = "08", opening: str = "1000.00", *, key: str = "2026-211", day: str = "",
    iban: str = OWN, closing: str = "", head: str = "",
) -> bytes:  # fmt: skip
    """A file with one statement; the closing balance follows from the entries unless it is given."""
    return document([statement(entries, version, opening, key=key, day=day, iban=iban, closing=closing)], version, head)


def document(statements: Sequence[str], version: str = "08", head: str = "") -> bytes:
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    group = "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-10T20:00:00</CreDtTm></GrpHdr>"
    body = f'<Document xmlns="{space}"><BkToCstmrStmt>{group}{"".join(statements)}</BkToCstmrStmt></Document>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}{body}'.encode()


def statement(
    entries: Sequence[Entry], version: str = "08", opening: str = "1000.00", *, key: str = "2026-211", day: str = "",
    iban: str = OWN, closing: str = "",
) -> str:  # fmt: skip
    moved = sum((Decimal(each.amount) for each in entries if each.status == "BOOK"), Decimal(0))
    last = day or max((each.day for each in entries), default="2026-11-10")
    first = min((each.day for each in entries), default=last)
    at_end = closing or str(Decimal(opening) + moved)
    return (f"<Stmt><Id>{escape(key)}</Id><Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
            f"{_balance('OPBD', opening, first)}{_balance('CLBD', at_end, last)}"
            f"{''.join(_entry(each, version) for each in entries)}</Stmt>")  # fmt: skip


def notice(
    sums: Sequence[Entry], version: str = "08", *, key: str = "N-1", iban: str = OWN, account: bool = True
) -> bytes:  # fmt: skip
    """A notification (camt.054) of these sums, each with its parts; `key` is the name that a statement refers to."""
    entries = "".join(_entry(each, version) for each in sums)
    owner = f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>" if account else ""
    return (f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.'
            f'{version}"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>{escape(key)}</MsgId></GrpHdr><Ntfctn><Id>{escape(key)}'
            f"</Id>{owner}{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>").encode()  # fmt: skip


def _balance(kind: str, amount: str, day: str) -> str:
    return (f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_amount(amount)}{_direction(amount)}"
            f"<Dt><Dt>{day}</Dt></Dt></Bal>")  # fmt: skip


def _entry(entry: Entry, version: str) -> str:
    status = entry.status if version == "02" else f"<Cd>{entry.status}</Cd>"
    reference = f"<AcctSvcrRef>{escape(entry.reference)}</AcctSvcrRef>" if entry.reference else ""
    reversal = "<RvslInd>true</RvslInd>" if entry.reversal else ""
    parts = "".join(_part(each, entry, version) for each in entry.parts)
    referred = f"<AddtlInfInd><MsgId>{escape(entry.notice)}</MsgId></AddtlInfInd>" if entry.notice else ""
    details = f"<NtryDtls>{parts}</NtryDtls>" if parts else ""
    return (f"<Ntry>{_amount(entry.amount, entry.currency)}{_direction(entry.amount)}{reversal}<Sts>{status}</Sts>"
            f"<BookgDt><Dt>{entry.day}</Dt></BookgDt><ValDt><Dt>{entry.day}</Dt></ValDt>{reference}"
            f"<BkTxCd><Domn><Cd>PMNT</Cd></Domn></BkTxCd>{referred}{details}</Ntry>")  # fmt: skip


def _part(part: Part, entry: Entry, version: str) -> str:
    came_in = part.came_in if part.came_in is not None else not entry.amount.startswith("-")
    told = {"AcctSvcrRef": part.reference, "EndToEndId": part.end_to_end, "MndtId": part.mandate}
    refs = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in told.items() if text)
    amount = _amount(part.amount, entry.currency) if part.amount else ""
    sign = f"<CdtDbtInd>{'CRDT' if came_in else 'DBIT'}</CdtDbtInd>" if part.came_in is not None else ""
    side = "Dbtr" if came_in or part.code else "Cdtr"
    name = (
        f"<Nm>{escape(part.name)}</Nm>" if version in ("02", "04", "06") else f"<Pty><Nm>{escape(part.name)}</Nm></Pty>"
    )
    account = f"<{side}Acct><Id><IBAN>{part.iban}</IBAN></Id></{side}Acct>" if part.iban else ""
    parties = f"<RltdPties><{side}>{name}</{side}>{account}</RltdPties>" if part.name or part.iban else ""
    purpose = "".join(f"<Ustrd>{escape(line)}</Ustrd>" for line in part.purpose)
    remittance = f"<RmtInf>{purpose}</RmtInf>" if purpose else ""
    returned = f"<RtrInf><Rsn><Cd>{part.code}</Cd></Rsn></RtrInf>" if part.code else ""
    return f"<TxDtls><Refs>{refs}</Refs>{amount}{sign}{_charges(part, version)}{parties}{remittance}{returned}</TxDtls>"


def _charges(part: Part, version: str) -> str:
    if not part.charges:
        return ""
    amount = _amount(part.charges)
    return f"<Chrgs>{amount}</Chrgs>" if version == "02" else f"<Chrgs><Rcrd>{amount}</Rcrd></Chrgs>"


def _amount(text: str, currency: str = "EUR") -> str:
    return f'<Amt Ccy="{currency}">{text.removeprefix("-")}</Amt>'


def _direction(text: str) -> str:
    return f"<CdtDbtInd>{'DBIT' if text.startswith('-') else 'CRDT'}</CdtDbtInd>"
