"""Time of reading a payment file and of writing its answers; one JSON object.

Usage: python benchmarks/iso20022.py [payments]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from tongbao.gateway import iso20022
from tongbao.gateway.iso20022.model import AccountStatement, Entry, EntryDetail, PaymentFile

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


def main(payments: int) -> None:
    """Measure and print."""
    accounts = [f"62220000{place:08d}" for place in range(1000)]
    data = iso20022.payroll_file(payments, "6222000000000001", accounts)
    file = iso20022.read_pain001(data)
    made = statement(file)
    document = iso20022.read_document(data)
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
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
