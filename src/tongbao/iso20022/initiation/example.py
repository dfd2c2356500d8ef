"""An example file for demonstrations and tests: a company pays its salaries.

Deterministic: the same arguments give the same bytes, on every machine. Names are drawn from
common Chinese and European ones and name nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from random import Random
from uuid import UUID

from tongbao.iso20022.currencies import to_text
from tongbao.iso20022.model import Account, Agent, Party, Remittance
from tongbao.iso20022.xml.writing import Writer, iso_time

_SURNAMES = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹")
_GIVEN = tuple("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文玉兰斌宇浩然思远子涵")
_FIRST = ("Anna", "Björn", "Chloé", "David", "Élise", "Farid", "Giulia", "Hannah", "Igor", "João")
_LAST = ("Schmidt", "Müller", "Dubois", "Rossi", "García", "Novák", "Jensen", "O'Neill", "Kowalski")
_CHINA = timezone(timedelta(hours=8))


def payroll_file(
    n: int,
    debtor_account: str,
    creditor_accounts: Sequence[str],
    seed: int = 1,
    *,
    currency: str = "CNY",
    decimals: int = 2,
    day: date = date(2026, 1, 15),
    debtor_name: str = "深圳星河制造有限公司",
    debtor_bic: str = "BKCHCNBJXXX",
    creditor_bic: str = "ICBKCNBJXXX",
    batch_booking: bool = False,
) -> bytes:
    """A valid pain.001.001.09 with `n` salaries (at least one) between 4,500.00 and 38,000.00.

    Accounts are IBANs or other numbers of at most 34 characters (an IBAN is known by its two
    letters and two digits); creditor accounts are used in turn when there are fewer than `n`.
    """
    random = Random(seed)  # noqa: S311 - an example is drawn, not a secret
    amounts = [random.randrange(4_500, 38_001) * 10**decimals for _ in range(n)]
    total = to_text(sum(amounts), decimals)
    name = f"PAYROLL-{day:%Y%m}-{seed}"
    writer = Writer("pain.001.001.09", "CstmrCdtTrfInitn")
    created = datetime(day.year, day.month, day.day, 9, tzinfo=_CHINA)
    head = writer.group_header(name, iso_time(created))
    writer.leaf(head, "NbOfTxs", str(n))
    writer.leaf(head, "CtrlSum", total)
    writer.party(head, "InitgPty", Party(name=debtor_name))
    group = writer.node(writer.body, "PmtInf")
    for tag, value in (
        ("PmtInfId", name + "-1"),
        ("PmtMtd", "TRF"),
        ("BtchBookg", "true" if batch_booking else "false"),
        ("NbOfTxs", str(n)),
        ("CtrlSum", total),
    ):
        writer.leaf(group, tag, value)
    writer.code(writer.node(group, "PmtTpInf"), "CtgyPurp", "SALA")
    writer.date(group, "ReqdExctnDt", day.isoformat())
    writer.party(group, "Dbtr", Party(name=debtor_name, town="深圳", country="CN"))
    writer.account(group, "DbtrAcct", _account(debtor_account, currency))
    writer.agent(group, "DbtrAgt", Agent(bic=debtor_bic))
    writer.leaf(group, "ChrgBr", "SLEV")
    for place, amount in enumerate(amounts):
        node = writer.node(group, "CdtTrfTxInf")
        ids = writer.node(node, "PmtId")
        writer.leaf(ids, "InstrId", f"{name}-{place + 1:05d}")
        writer.leaf(ids, "EndToEndId", f"SAL-{day:%Y%m}-{seed}-{place + 1:05d}")
        writer.leaf(ids, "UETR", str(UUID(int=random.getrandbits(128), version=4)))
        writer.money(writer.node(node, "Amt"), "InstdAmt", to_text(amount, decimals), currency)
        writer.agent(node, "CdtrAgt", Agent(bic=creditor_bic))
        writer.party(node, "Cdtr", Party(name=_name(random), country="CN"))
        number = creditor_accounts[place % len(creditor_accounts)]
        writer.account(node, "CdtrAcct", _account(number, ""))
        writer.code(node, "Purp", "SALA")
        writer.remittance(node, "RmtInf", Remittance((f"{day.year}年{day.month}月工资 Salary",)))
    return writer.finish()


def _account(number: str, currency: str) -> Account:
    """An account by what its number looks like."""
    if number[:2].isalpha() and number[:2].isupper() and number[2:4].isdigit():
        return Account(iban=number, currency=currency)
    return Account(other_id=number, currency=currency)


def _name(random: Random) -> str:
    """Four of five names are Chinese, one is Latin."""
    if random.randrange(5):
        return random.choice(_SURNAMES) + "".join(random.sample(_GIVEN, random.randint(1, 2)))
    return f"{random.choice(_FIRST)} {random.choice(_LAST)}"
