"""Paying a file from a client: what the ledger knows of it already, then only what is missing.

A batch is named by the file's message id and its number, so the ledger says whether a file was paid
before. The same file again moves nothing and has the first answer; a run that ended in the middle
is finished by the next one. Another file under a message id that was used is a duplicate.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from tongbao.iso20022.findings import finding
from tongbao.iso20022.model import PaymentFile, PaymentGroup, PaymentLine
from tongbao.kernel.codes import KernelCode
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.money import owner_of
from tongbao.kernel.registry import Registry
from tongbao.paymentfiles.answer import LedgerRefusal, Settled
from tongbao.paymentfiles.earlier import marked
from tongbao.paymentfiles.judging import Directory, Terms, read_file
from tongbao.paymentfiles.plan import Batch, Plan, Refused, plan, reference_of
from tongbao.paymentfiles.send import HttpDirectory, Sealed, failed_in, send_one
from tongbao.sdk import Client
from tongbao.sdk.answers import Problem, Recorded
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.texts import folded

_PART = re.compile(r"part (\d+) of (\d+)$")
_BULK = "payments.bulk_transfer"


@dataclass(frozen=True, slots=True)
class Known:
    """A plan beside what the ledger knows of its file."""

    plan: Plan
    """What has still to be sent, and what is refused."""
    settled: tuple[Settled, ...]
    """Batches that stand on the ledger, with what became of them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file."""

    plan: Plan
    settled: tuple[Settled, ...]
    earlier: bool
    """Whether nothing was sent now: it is the answer of an earlier run."""
    broken_off: str = ""
    """Why the rest was not sent: the node did not answer. Running it again goes on."""

    @property
    def digest(self) -> str:
        """SHA-256 of the file, hex."""
        return self.plan.digest

    @property
    def answered_at(self) -> datetime:
        """Time of the last block that settled part of it, so that the first answer can be written
        again as it was; the clock where nothing stands on the ledger."""
        times = [one.time_ms for one in self.settled if one.height]
        if not times:
            return datetime.now(UTC)
        return datetime.fromtimestamp(max(times) / 1000, UTC)


def looked_up(
    content: bytes, client: Client, registry: Registry, terms: Terms, *, whole: bool | None = None
) -> Known:
    """What a file would do, judged as the desk judges it: accounts as they stand, ids used before,
    what of it is settled. DocumentRefused where the file as a whole is refused.
    """
    read = read_file(content, terms)
    directory = HttpDirectory(client)
    numbers = [group.debtor_account.number for group in read.groups]
    directory.prepare(numbers + [line.creditor_account.number for line in read.lines])
    _look_at_accounts(read, directory)
    digest = content_digest(content).hex()

    def payer(group: PaymentGroup) -> str:
        return _owner(directory.account_of(group.debtor_account.number))

    read = marked(read, payer, lambda party, ids: directory.used_before(party, ids, digest))
    return known(plan(read, content, directory, terms, whole=whole), directory, client, registry)


def _look_at_accounts(read: PaymentFile, directory: HttpDirectory) -> None:
    """Ask for the standings of all accounts at once, currency by currency."""
    wanted: dict[str, dict[str, None]] = {}
    for group in read.groups:
        for line in group.lines:
            accounts = wanted.setdefault(line.currency, {})
            for number in (group.debtor_account.number, line.creditor_account.number):
                if (account := directory.account_of(number)) is not None:
                    accounts[account] = None
    for currency, accounts in wanted.items():
        if directory.decimals_of(currency) is not None:
            directory.look_at(list(accounts), currency)


def known(made: Plan, directory: Directory, client: Client, registry: Registry) -> Known:
    """Take out of a plan what stands on the ledger already, or what may not be sent any more."""
    owners = {
        owner_of(account)
        for account in (directory.account_of(g.debtor_account.number) for g in made.file.groups)
        if account is not None
    }
    settled: list[Settled] = []
    for party in sorted(owners):
        recorded = list(_recorded(made, party, client))
        if recorded:
            made, found = _settle(made, party, recorded, directory, registry)
            settled += found
    return Known(made, tuple(settled))


def pay(
    found: Known,
    seal: Callable[[Batch], Sealed],
    client: Client,
    registry: Registry,
    progress: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Send what is missing, batch by batch; one that is refused does not hold the others up."""
    settled = list(found.settled)
    sealed = [seal(batch) for batch in found.plan.batches]
    done = 0
    for one in sealed:
        try:
            settled.append(send_one(one, client, registry))
        except httpx.HTTPError as fault:
            return Outcome(found.plan, tuple(settled), False, str(fault) or type(fault).__name__)
        done += len(one.batch.lines)
        progress(done)
    return Outcome(found.plan, tuple(settled), earlier=bool(settled) and not sealed)


def _recorded(plan: Plan, party: str, client: Client) -> Iterator[Recorded]:
    """The party's transactions under the file's message id, in order, until one is not there."""
    number = 1
    while True:
        try:
            one = client.transaction_named(party, reference_of(plan.file.message_id, number))
        except Problem as problem:
            if problem.code == GatewayCode.NOT_FOUND:
                return
            raise
        yield one
        number += 1


def _settle(
    plan: Plan, party: str, recorded: Sequence[Recorded], directory: Directory, registry: Registry
) -> tuple[Plan, list[Settled]]:
    """A party's part of a file of which some stands on the ledger."""
    mine = [
        line
        for group in plan.file.groups
        for line in group.lines
        if _owner(directory.account_of(group.debtor_account.number)) == party
    ]
    others = tuple(batch for batch in plan.batches if batch.party != party)
    own = [batch for batch in plan.batches if batch.party == party]
    if not all(_is_of(one, plan.digest) for one in recorded):
        used = tuple(_refused(line, "desk.message_id_used", plan.file.message_id) for line in mine)
        return _with(plan, others, mine, used), []
    settled = list(_read(plan, party, recorded, mine, registry))
    there = {line.path for one in settled for line in one.batch.lines}
    # What was planned for later parts still goes, if the first ones came out as they did before.
    rest = own[len(recorded) :] if _goes_on(own, settled, recorded) else []
    there |= {line.path for batch in rest for line in batch.lines}
    left = [line for line in mine if line.path not in there]
    before = {one.line.path: one for one in plan.refused}
    refused = tuple(before.get(line.path) or _refused(line, "desk.refused_before") for line in left)
    return _with(plan, (*others, *rest), mine, refused), settled


def _owner(account: str | None) -> str:
    return "" if account is None else owner_of(account)


def _refused(line: PaymentLine, rule: str, value: str = "") -> Refused:
    return Refused(line, (finding(rule, line.line, line.path, value),))


def _with(
    plan: Plan,
    batches: tuple[Batch, ...],
    mine: Sequence[PaymentLine],
    refused: tuple[Refused, ...],
) -> Plan:
    paths = {line.path for line in mine}
    kept = tuple(one for one in plan.refused if one.line.path not in paths)
    return replace(plan, batches=batches, refused=(*kept, *refused))


def _is_of(one: Recorded, digest: str) -> bool:
    """Whether a transaction is a part of the very file."""
    actions: list[dict[str, Any]] = one.body.get("actions", [])
    return bool(actions) and all(
        action.get("type") == _BULK and action.get("document") == digest for action in actions
    )


def _goes_on(
    own: Sequence[Batch], settled: Sequence[Settled], recorded: Sequence[Recorded]
) -> bool:
    """Whether parts are missing, and those that are there are the plan's first ones."""
    part = _PART.search(str(recorded[-1].body.get("memo", "")))
    if part is None or int(part[1]) >= int(part[2]) or int(part[2]) != len(own):
        return False
    first = [[line.path for line in batch.lines] for batch in own[: len(settled)]]
    return first == [[line.path for line in one.batch.lines] for one in settled]


def _read(
    plan: Plan,
    party: str,
    recorded: Sequence[Recorded],
    mine: Sequence[PaymentLine],
    registry: Registry,
) -> Iterator[Settled]:
    """What became of the recorded parts: their lines are found in the file again, in its order."""
    groups = {line.path: group for group in plan.file.groups for line in group.lines}
    waiting: dict[tuple[str, ...], deque[PaymentLine]] = {}
    for line in mine:
        key = (line.currency, folded(line.end_to_end_id), line.uetr, str(line.amount_minor))
        waiting.setdefault(key, deque()).append(line)
    for number, one in enumerate(recorded, start=1):
        lines: list[PaymentLine] = []
        for action in one.body["actions"]:
            for paid in action["lines"]:
                name, uetr = str(paid["payee_reference"]), str(paid.get("uetr", ""))
                key = (action["asset"], name, uetr, str(paid["amount_minor"]))
                if waiting.get(key):
                    lines.append(waiting[key].popleft())
        if lines:
            part = (number, len(recorded))
            made = Batch(groups[lines[0].path], one.reference, party, (), tuple(lines), part)
            yield _settled(made, one, registry)


def _settled(batch: Batch, one: Recorded, registry: Registry) -> Settled:
    refusal = None
    if one.code:
        refusal = LedgerRefusal(registry.codes.get(one.code, KernelCode.INTERNAL), dict(one.values))
    counts = [len(action["lines"]) for action in one.body["actions"]]
    failed = failed_in(counts, one.events, registry) if refusal is None else {}
    return Settled(batch, one.height, one.time_ms, one.digest, refusal, failed)
