"""The queue of the gridlock story: the published exercise where it is at hand, else one like it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "lsm"
"""The published exercise beside the project; it is no part of it."""
PUBLISHED = {"settled": 4_500, "closing": [4_134_000, 1_000, 1_000, 0]}
"""The multilateral answer that was published with it."""


@dataclass(frozen=True)
class Line:
    """One payment of the queue."""

    payer: str
    payee: str
    amount_minor: int
    reference: str


@dataclass(frozen=True)
class Exercise:
    """Banks with what they have at first, and payments in sequence."""

    source: str
    """`published`, or `generated`."""
    opening: dict[str, int]
    payments: tuple[Line, ...]


def exercise() -> Exercise:
    """The published one, or where that is absent our own of the same character."""
    try:
        return published(DATA)
    except FileNotFoundError:
        return generated(1_000)


def published(folder: Path) -> Exercise:
    """Project Ubin's exercise: 5,000 payments among four banks. FileNotFoundError where absent."""
    with (folder / "ubin_balances.csv").open(newline="") as file:
        opening = {row["bic"].lower(): int(row["opening_balance"]) for row in csv.DictReader(file)}
    with (folder / "ubin_payments.csv").open(newline="") as file:
        payments = tuple(
            Line(row["payer_bic"].lower(), row["payee_bic"].lower(), int(row["amount"]),
                 row["reference"])
            for row in csv.DictReader(file)
        )  # fmt: skip
    return Exercise("published", opening, payments)


def generated(each: int) -> Exercise:
    """Four banks in a ring. Each owes the next one payment that nobody can make, and many small
    ones that grow from bank to bank; it begins with less than it owes."""
    banks = ("bank-east", "bank-west", "bank-hill", "bank-lake")
    opening = dict(zip(banks, (650_000, 640_000, 955_000, 1_070_000), strict=True))
    payments = []
    for place, payer in enumerate(banks):
        payee = banks[(place + 1) % len(banks)]
        amounts = [4_000_000 + place * 2_000, *([1_000 * (place + 1)] * each)]
        payments += [
            Line(payer, payee, amount, f"G{place}{number:04d}")
            for number, amount in enumerate(amounts)
        ]
    return Exercise("generated", opening, tuple(payments))
