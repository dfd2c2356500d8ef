"""Write payment files for the demonstration into a folder (default: here), dated today."""

from __future__ import annotations

import csv
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from tongbao.gateway.iso20022.example import payroll_file
from tongbao.scenarios.consortium import MEMBERS, employee_account, main_account

SALARIES = 12


def write(folder: Path) -> list[Path]:
    """Write the files; where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [employee_account(place)[1] for place in range(1, SALARIES + 1)]
    today, seed = datetime.now(UTC).date(), secrets.randbelow(2**31)
    payroll = folder / "payroll.xml"
    payroll.write_bytes(payroll_file(
        SALARIES, main_account("hengtong"), numbers, day=today, seed=seed, debtor_name="恒通制造",
    ))  # fmt: skip
    suppliers = folder / "suppliers.csv"
    with suppliers.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("name", "account"))
        rows.writerows(
            (one.name_local or one.name, main_account(one.id))
            for one in MEMBERS if "supplier" in one.roles
        )  # fmt: skip
    return [payroll, suppliers]


if __name__ == "__main__":
    for path in write(Path(sys.argv[1] if len(sys.argv) > 1 else ".")):
        print(path)
