"""Small payment files, and how a client pays one."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tongbao import paymentfiles
from tongbao.modules import protocols
from tongbao.node.clock import utc_ms
from tongbao.paymentfiles import paying
from tongbao.paymentfiles.judging import Directory, Terms
from tongbao.scenarios import consortium
from tongbao.sdk import Client
from tongbao.sdk.wallet import Wallet

CASES = Path(__file__).parents[3] / "shared" / "data" / "cases"
EMPLOYEES = [consortium.employee_account(place) for place in range(1, 6)]
FIRST, SECOND = EMPLOYEES[:2]
TODAY = datetime.now(UTC).date()
_NUMBERS = itertools.count(1)


def case(name: str) -> bytes:
    """A case of ../shared/data, where it is; its requested day is made today's."""
    path = CASES / name
    if not path.is_file():
        pytest.skip(f"../shared/data/cases/{name} is not here")
    return path.read_bytes()


def today(content: bytes) -> bytes:
    """The file as if it had been made for today."""
    return content.replace(b"2026-11-30", TODAY.isoformat().encode())


def payment(
    amount: str = "1.00", account: str = FIRST[1], *, id: str = "", currency: str = "CNY",
    more: str = "", before: str = "",
) -> str:  # fmt: skip
    """One CdtTrfTxInf; `more` follows the account, `before` the amount."""
    name = id or f"E{next(_NUMBERS)}"
    kind = "IBAN" if account[:2].isalpha() and account[2:4].isdecimal() else "Othr><Id"
    close = "/Othr" if kind != "IBAN" else ""
    number = f"<{kind}>{account}</{kind.split('><')[-1]}>" + (f"<{close}>" if close else "")
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{name}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt>{before}'
        f"<Cdtr><Nm>Payee</Nm></Cdtr><CdtrAcct><Id>{number}</Id></CdtrAcct>{more}</CdtTrfTxInf>"
    )


def filed(
    *payments: str, message: str = "", day: str = "", batch: bool = False, before: str = "",
    bearer: str = "", payer: str = "hengtong/main", supplement: str = "",
) -> bytes:  # fmt: skip
    """A pain.001.001.09 with one group."""
    name = message or f"MSG-{next(_NUMBERS)}-{utc_ms()}"
    date = day or f"<Dt>{TODAY.isoformat()}</Dt>"
    kept = f"<SplmtryData><Envlp>{supplement}</Envlp></SplmtryData>" if supplement else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>\n'
        f"<GrpHdr><MsgId>{name}</MsgId><CreDtTm>2026-11-28T09:00:00+08:00</CreDtTm>"
        f"<NbOfTxs>{len(payments)}</NbOfTxs><InitgPty><Nm>Hengtong</Nm></InitgPty></GrpHdr>\n"
        f"<PmtInf><PmtInfId>G1</PmtInfId><PmtMtd>TRF</PmtMtd>"
        f"<BtchBookg>{str(batch).lower()}</BtchBookg>{before}<ReqdExctnDt>{date}</ReqdExctnDt>"
        f"<Dbtr><Nm>Hengtong</Nm></Dbtr><DbtrAcct><Id><Othr><Id>{payer}</Id></Othr></Id></DbtrAcct>"
        f"<DbtrAgt><FinInstnId><Nm>Bank</Nm></FinInstnId></DbtrAgt>{bearer}\n"
        + "\n".join(payments)
        + f"\n</PmtInf>{kept}</CstmrCdtTrfInitn></Document>\n"
    ).encode()


class Known(Directory):
    """The demonstration's first employees and the payer's main account."""

    def __init__(self, **decimals: int) -> None:
        """Currencies with their decimals; CNY with two where none is stated."""
        self.decimals = decimals or {"CNY": 2, "EUR": 2}

    def account_of(self, number: str) -> str | None:
        known = {number: account for account, number in EMPLOYEES}
        return known.get(number, number if number == "hengtong/main" else None)

    def decimals_of(self, asset: str) -> int | None:
        return self.decimals.get(asset)

    def holding_state(self, account: str, asset: str) -> str:
        return ""


def terms(*, waits: bool = False) -> Terms:
    """Now, in UTC."""
    return Terms(utc_ms(), waits=waits)


def planned(
    content: bytes, *, waits: bool = False, whole: bool | None = None, **decimals: int
) -> paymentfiles.Plan:
    """The plan of a file, as both doors make it."""
    at = terms(waits=waits)
    return paymentfiles.plan(
        paymentfiles.read_file(content, at), content, Known(**decimals), at, whole=whole
    )


def paid(client: Client, wallet: Wallet, content: bytes) -> paying.Outcome:
    """What `tongbao pay file` does, without the terminal."""
    registry = protocols().newest
    found = paying.looked_up(content, client, registry, terms())
    status = client.status()

    def seal(batch: paymentfiles.Batch) -> paymentfiles.Sealed:
        return paymentfiles.sign(batch, status.chain, status.time_ms, wallet, ["maker", "checker"])

    return paying.pay(found, seal, client, registry)


def ahead(days: int) -> str:
    """A day to come, as ISO text."""
    return (TODAY + timedelta(days=days)).isoformat()
