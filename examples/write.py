"""Write payment files for the demonstration into a folder (default: here), dated today."""

from __future__ import annotations

import csv
import secrets
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from tongbao import iso20022
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.iso20022.model import Account, Agent, Party, Remittance
from tongbao.scenarios import remit
from tongbao.scenarios.consortium import MEMBERS, employee_account, main_account

SALARIES = 12
HAMBURG, SHENZHEN = Agent(bic="DEUTDEFFXXX"), Agent(bic="BKCHCNBJXXX")


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
    abroad = folder / "abroad.xml"
    abroad.write_bytes(iso20022.write_pacs008(_abroad()))
    return [payroll, suppliers, abroad]


def _abroad() -> iso20022.TransferMessage:
    """500.00 EUR from the buyer to the supplier of the remittance story, both screened there."""
    now = datetime.now(UTC)
    transfer = iso20022.CreditTransfer(
        f"MD-{now:%H%M%S}", iso20022.Money("EUR", 50_000), instruction_id="I-1",
        transaction_id="T-1", uetr=str(uuid.uuid4()), settlement_date=f"{now:%Y-%m-%d}",
        charge_bearer="SHAR", debtor_agent=HAMBURG, creditor_agent=SHENZHEN,
        debtor=Party(name=remit.BUYER, country="DE"),
        debtor_account=Account(other_id=remit.PAYER),
        creditor=Party(name=remit.SUPPLIER, country="DE"),
        creditor_account=Account(other_id=remit.PAYEE), purpose="GDDS",
        remittance=Remittance(("Gear housings, invoice MD-1188",)),
    )  # fmt: skip
    return iso20022.TransferMessage(
        "", f"MSG-{secrets.token_hex(8)}", f"{now:%Y-%m-%dT%H:%M:%SZ}", "INDA",
        settlement_date=f"{now:%Y-%m-%d}", instructing_agent=HAMBURG, instructed_agent=SHENZHEN,
        transfers=(transfer,),
    )  # fmt: skip


if __name__ == "__main__":
    for path in write(Path(sys.argv[1] if len(sys.argv) > 1 else ".")):
        print(path)
