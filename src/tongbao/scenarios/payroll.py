"""Payday: a pain.001 is checked, approved by a second person, settled, answered, proven."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from tongbao import paymentfiles
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.kernel.codes import Refusal
from tongbao.kernel.identity import Policy
from tongbao.kernel.transaction import Transaction
from tongbao.modules.parties import ApproveProposal, Propose, SetPolicy
from tongbao.modules.payments import BulkTransfer
from tongbao.paymentfiles.desk.statement import statement
from tongbao.scenarios.consortium import (
    CHECKER,
    EMPLOYEES,
    MAKER,
    MEMBERS,
    employee_account,
    main_account,
)
from tongbao.scenarios.stage import Stage, Story, insist
from tongbao.sdk.answers import Problem, Result
from tongbao.sdk.build import build, seal
from tongbao.sdk.verifier import explain, verify_file
from tongbao.words import Both

COMPANY = "hengtong"


def play(stage: Stage) -> Story:
    """Play the story; StoryFault where a step does not end as described."""
    plan = _file(stage)
    batch = plan.batches[0]
    proposal = _propose(stage, batch)
    _alone(stage)
    approved = _approve(stage, proposal)
    settled = [_settled(stage, batch, approved)]
    files = _answers(stage, plan, settled)
    proof = _proof(stage, approved.digest)
    return {
        "scenario": "payroll",
        "payments": len(plan.file.lines),
        "settled": len(settled[0].paid()),
        "total_minor": str(batch.totals["CNY"]),
        "block": approved.height,
        "digest": approved.digest,
        **files,
        **proof,
    }


def _money(minor: int) -> str:
    return f"{minor // 100:,}.{minor % 100:02d} CNY"


def _now(stage: Stage) -> datetime:
    return datetime.fromtimestamp(stage.inputs.now_ms() / 1000, UTC)


def _file(stage: Stage) -> paymentfiles.Plan:
    """The company's file: written, read back as from outside, checked."""
    say = stage.narrator.say
    company = next(m for m in MEMBERS if m.id == COMPANY)
    numbers = [employee_account(number)[1] for number in range(1, EMPLOYEES + 1)]
    today = _now(stage)
    content = payroll_file(
        EMPLOYEES, main_account(COMPANY), numbers, seed=int(today.timestamp()) % 1_000_000,
        day=date(today.year, today.month, today.day), debtor_name=company.name_local,
        batch_booking=True,
    )  # fmt: skip
    path = stage.folder / "payroll.pain.001.xml"
    path.write_bytes(content)
    say(
        "1. {company} hands its bank a payment file: {path}, {size} bytes.",
        company=Both(company.name, company.name_local),
        path=path.name,
        size=f"{len(content):,}",
    )
    terms = paymentfiles.Terms(int(today.timestamp() * 1000))
    read = paymentfiles.read_file(content, terms)
    directory = paymentfiles.HttpDirectory(stage.client)
    directory.prepare([line.creditor_account.number for line in read.lines])
    plan = paymentfiles.plan(read, content, directory, terms)
    insist(not plan.refused and len(plan.batches) == 1, "the payroll file was not accepted whole")
    ((_, total),) = plan.batches[0].totals.items()
    say(
        "   Checked against schema and rules: {count} salaries, {total}, every account known."
        " Nothing moved yet.",
        count=len(read.lines),
        total=_money(total),
    )
    return plan


def _submit(stage: Stage, action: Transaction, label: str, reference: str) -> Result:
    status = stage.client.status()
    expires = status.time_ms + 3_600_000
    body = build(status.chain, COMPANY, reference, (action,), expires)
    signatures = stage.wallet.sign(body, [f"{COMPANY}--{label}"], namer=COMPANY)
    return stage.client.submit_and_wait(seal(body, signatures))


def _propose(stage: Stage, batch: paymentfiles.Batch) -> str:
    """The first person proposes; alone that moves nothing."""
    raw = msgspec.Raw(msgspec.json.encode(batch.actions))
    due = stage.client.status().time_ms + 24 * 3_600_000
    action = Propose(proposer=COMPANY, actions=raw, expires_at_ms=due, memo=batch.group.id)
    result = _submit(stage, action, MAKER, batch.reference)
    proposal = str(result.events[0]["proposal"])
    insist(len(result.events) == 1, "one person alone moved money")
    stage.narrator.say(
        "2. The first person (maker) proposes it. Two have to approve payments, so it"
        " waits on the ledger: {proposal}",
        proposal=proposal,
    )
    return proposal


def _alone(stage: Stage) -> None:
    """Two persons are asked for whatever changes that two persons are asked for."""
    lower = SetPolicy(COMPANY, "payments", Policy(keys=1, weight=1))
    try:
        _submit(stage, lower, MAKER, stage.inputs.reference("P"))
    except Problem as problem:
        why = problem.document
    else:
        insist(False, "one person alone changed how many have to approve")
    insist(
        why.name == "APPROVAL_MISSING", "the change of the policy was refused for another reason"
    )
    stage.narrator.say(
        "   Could the maker alone let one approval be enough? Refused: {why} ({name})",
        why=Both(why.detail, why.detail_zh),
        name=why.name,
    )


def _approve(stage: Stage, proposal: str) -> Result:
    """The second person approves, and the ledger applies it at once."""
    action = ApproveProposal(party=COMPANY, proposal=proposal)
    result = _submit(stage, action, CHECKER, stage.inputs.reference("A"))
    kinds = [event["event"] for event in result.events]
    insist("payments.bulk_transferred" in kinds, "the approval did not carry the payments out")
    event = result.events[-1]
    stage.narrator.say(
        "3. The second person (checker) approves. Block {height} settles all {count}"
        " salaries at once: final, and durable before the answer came.",
        "green",
        height=result.height,
        count=event["count"],
    )
    return result


def _settled(stage: Stage, batch: paymentfiles.Batch, result: Result) -> paymentfiles.Settled:
    time_ms = stage.client.block(result.height).time_ms
    insist(isinstance(batch.actions[0], BulkTransfer), "a payroll is a bulk transfer")
    return paymentfiles.Settled(batch, result.height, time_ms, result.digest)


def _answers(stage: Stage, plan: paymentfiles.Plan, settled: list[paymentfiles.Settled]) -> Story:
    """pain.002, camt.054 and camt.053, written and explained."""
    now = _now(stage)
    name = f"{now:%Y%m%d%H%M%S}"
    report = paymentfiles.status_report(plan, settled, message_id=f"STS{name}", created_at=now)
    notice = paymentfiles.notification(
        settled, message_id=f"NTF{name}", created_at=now, original=plan.file.message_id
    )
    insist(notice is not None, "nothing was booked")
    book = statement(stage.client, main_account(COMPANY), "CNY", f"STM{name}", now)
    files: Story = {}
    for kind, content in (("pain.002", report), ("camt.054", notice or b""), ("camt.053", book)):
        path = stage.folder / f"payroll.{kind}.xml"
        path.write_bytes(content)
        files[kind.replace(".", "_")] = str(path)
    stage.narrator.say(
        "4. The bank answers in its own language: pain.002 says ACSC for every payment,"
        " camt.054 notifies the booking, camt.053 is the statement."
    )
    return files


def _proof(stage: Stage, digest: str) -> Story:
    """The receipt is trusted; with one byte changed it is not."""
    raw = stage.client.receipt(digest)
    path, genesis = stage.folder / "payroll.receipt.json", stage.folder / "genesis.json"
    path.write_bytes(raw)
    genesis.write_bytes(stage.genesis)
    proven = verify_file(raw, stage.genesis)
    language = stage.narrator.language
    first = "\n".join("   " + line for line in explain(proven, language).splitlines()[:4])
    stage.narrator.say(
        "5. The receipt {name} verifies with the genesis alone, no node, no network:\n{first}",
        "green",
        name=path.name,
        first=first,
    )
    place = raw.index(b"hengtong/main")
    forged = raw[:place] + bytes((raw[place] ^ 1,)) + raw[place + 1 :]
    try:
        verify_file(forged, stage.genesis)
    except Refusal as refusal:
        why = refusal.code
        text = refusal.text
    else:
        insist(False, "a forged receipt was trusted")
    stage.narrator.say(
        "6. One byte of it is changed: refused. {text} ({name})", text=text, name=why.name
    )
    return {"receipt": str(path), "verified": True, "forged_refused_with": why.name}
