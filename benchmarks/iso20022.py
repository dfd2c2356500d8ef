"""Time of reading a payment file and of writing its answers; one JSON object.

Usage: python benchmarks/iso20022.py [payments]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from tongbao import iso20022
from tongbao.iso20022.model import (
    Account,
    AccountStatement,
    Agent,
    Entry,
    EntryDetail,
    Party,
    PaymentFile,
    Remittance,
)

NOW = datetime(2026, 1, 15, tzinfo=UTC)


def best(work: Callable[[], object]) -> float:
    """Seconds of the best of three runs."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return round(min(times), 3)


def statement(file: PaymentFile) -> AccountStatement:
    """One debit entry a payment."""
    entries = tuple(
        Entry(
            line.amount_minor,
            credit=False,
            booked_on="2026-01-15",
            details=(
                EntryDetail(
                    end_to_end_id=line.end_to_end_id,
                    uetr=line.uetr,
                    amount_minor=line.amount_minor,
                    creditor=line.creditor,
                    creditor_account=line.creditor_account,
                    remittance=line.remittance,
                ),
            ),
        )
        for line in file.lines
    )
    return AccountStatement("S-1", file.groups[0].debtor_account, "CNY", 2, entries=entries)


def interbank(payments: int) -> bytes:
    """A pacs.008 with transfers as a bank sends them."""
    here, there = Agent(bic="BKCHCNBJXXX"), Agent(bic="DEUTDEFFXXX")
    transfers = tuple(
        iso20022.CreditTransfer(
            f"E-{place}",
            iso20022.Money("EUR", 100_00 + place),
            f"I-{place}",
            f"T-{place}",
            str(UUID(int=place, version=4)),
            settlement_date="2026-01-15",
            instructed=iso20022.Money("CNY", 800_00),
            exchange_rate="0.125",
            charge_bearer="SHAR",
            debtor=Party(name="深圳星河", town="深圳", country="CN"),
            debtor_account=Account(other_id=f"6222{place:012d}"),
            debtor_agent=here,
            creditor=Party(name="Käufer GmbH"),
            creditor_account=Account(iban="DE89370400440532013000"),
            creditor_agent=there,
            purpose="GDDS",
            remittance=Remittance((f"Invoice {place}",)),
        )
        for place in range(payments)
    )
    message = iso20022.TransferMessage(
        "pacs.008.001.08", "M-1", "2026-01-15T08:30:00Z", "INDA", instructing_agent=here,
        instructed_agent=there, transfers=transfers,
    )  # fmt: skip
    return iso20022.write_pacs008(message)


def main(payments: int) -> None:
    """Measure and print."""
    accounts = [f"62220000{place:08d}" for place in range(1000)]
    data = iso20022.payroll_file(payments, "6222000000000001", accounts)
    file = iso20022.read_pain001(data)
    made = statement(file)
    document = iso20022.read_document(data)
    between = interbank(payments)
    message = iso20022.read_pacs008(between)
    report = iso20022.report_on(message, [], message_id="R", created_at=NOW)
    print(
        json.dumps(
            {
                "payments": payments,
                "file_bytes": len(data),
                "parse_s": best(lambda: iso20022.read_document(data)),
                "validate_s": best(lambda: iso20022.validate(document)),
                "read_pain001_s": best(lambda: iso20022.read_pain001(data)),
                "write_pain002_s": best(
                    lambda: iso20022.write_pain002(file, [], message_id="R", created_at=NOW)
                ),
                "write_camt054_s": best(
                    lambda: iso20022.write_camt054([made], message_id="N", created_at=NOW)
                ),
                "pacs008_bytes": len(between),
                "read_pacs008_s": best(lambda: iso20022.read_pacs008(between)),
                "write_pacs008_unchanged_s": best(lambda: iso20022.write_pacs008(message)),
                "write_pacs008_new_s": best(lambda: interbank(payments)),
                "write_pacs002_s": best(lambda: iso20022.write_pacs002(report)),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
