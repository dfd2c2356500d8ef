"""Where a bank's message is worked through: the node, the keys, the answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from tongbao.cli.shell.near import way
from tongbao.cli.shell.output import EXIT_REFUSED, output
from tongbao.files import write_private
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.iso20022 import BusinessHeader
    from tongbao.iso20022.model import Account, PaymentStatus
    from tongbao.kernel.transaction import Transaction
    from tongbao.paymentfiles.banking import Book, Finder, OrderRefused
    from tongbao.sdk import Client
    from tongbao.sdk.answers import Problem, Simulated
    from tongbao.sdk.documents_corridors import PaymentTrack
    from tongbao.sdk.wallet import Wallet


@dataclass
class Teller:
    """One message at the bank's counter."""

    ledger: Client
    purse: Wallet
    decimals: dict[str, int]
    folder: Path
    stem: str
    digest: str
    """SHA-256 of the file, hex."""
    sign: str
    nonce: str
    seal_to: tuple[str, ...]
    home: Path
    question: BusinessHeader | None = None
    """The header that the message came in: its answers go out in the same."""
    yes: bool = False
    dry_run: bool = False
    written: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    text_zh: dict[str, str] = field(default_factory=dict)
    """Path of a transfer -> why it is refused, in Chinese: a message's texts are English."""
    broken: set[str] = field(default_factory=set)
    """Names of the ledger's rules that transfers broke."""

    @cached_property
    def book(self) -> Book:
        """The names under which payments came."""
        from tongbao.paymentfiles.banking import Book

        return Book(self.home)

    @cached_property
    def zone(self) -> tzinfo:
        """Where the node keeps its accounts: a settlement date is a day there."""
        from tongbao.iso20022.dates import zone_named

        return zone_named(self.ledger.status().zone)

    @cached_property
    def finder(self) -> Finder:
        """Finds the payment that a message speaks of."""
        from tongbao.paymentfiles.banking import Finder
        from tongbao.sdk.texts import folded

        def by_reference(written: str) -> list[str]:
            reference = folded(written)
            if not reference.strip():
                return []
            listed = self.ledger.corridors.cross_border_payments(payee_reference=reference)
            within = self.ledger.search(reference, kind="payment")
            return [one.uetr for one in listed] + [
                one.uetr for one in within if one.uetr and one.payee_reference == reference
            ]

        return Finder(self.track, by_reference, self.book)

    def _body(self, action: Transaction, party: str, reference: str) -> bytes:
        from tongbao.sdk.build import build

        status = self.ledger.status()
        return build(status.chain, party, reference, (action,), status.time_ms + 3_600_000)

    def try_out(self, action: Transaction, party: str, reference: str) -> Simulated:
        """What would become of an action now."""
        return self.ledger.simulate(self._body(action, party, reference))

    def submit(self, action: Transaction, party: str, kind: str, uetr: str) -> None:
        """Sign as the policies ask, send, wait. The ledger takes a UETR once."""
        from tongbao.cli.client.acting import choose_keys
        from tongbao.paymentfiles.banking import transaction_reference
        from tongbao.sdk.build import seal

        body = self._body(action, party, transaction_reference(kind, uetr))
        tried = self.ledger.simulate(body)
        keys, missing = choose_keys(self.purse, tried.approvals, party, self.sign)
        if missing:
            output.fail("keys are missing here: {missing}", missing=", ".join(missing))
        self.ledger.submit_and_wait(seal(body, self.purse.sign(body, keys, namer=party)))

    def track(self, uetr: str) -> PaymentTrack | None:
        """A payment, abroad or within the ledger, or None where the ledger does not know it."""
        from tongbao.cli.commands.pay import domestic
        from tongbao.paymentfiles import banking
        from tongbao.sdk.answers import Problem

        try:
            found = domestic.abroad_or_within(self.ledger, uetr)
        except Problem as problem:
            if problem.status not in (404, 422):
                raise
            return None
        return banking.track_of(found) if domestic.is_within(found) else found

    def refused(self, path: str, fault: OrderRefused | Problem) -> PaymentStatus:
        """A transfer that is refused by us or by the ledger."""
        from tongbao.cli.shell.languages import chinese
        from tongbao.paymentfiles import banking
        from tongbao.sdk.answers import Problem

        if isinstance(fault, Problem):
            self.text_zh[path] = f"{fault.document.detail_zh}（{fault.name}，{fault.code}）"
            self.broken.add(fault.name)
        else:
            self.text_zh[path] = chinese(fault)
        return banking.refused_status(path, fault)

    def why(self, one: PaymentStatus) -> str:
        """Why a transfer is refused, for people."""
        english = " ".join(one.texts)
        return output.text(Both(english, self.text_zh.get(one.path) or english))

    def list_options(self) -> None:
        """What to type after what was refused."""
        for name in sorted(self.broken):
            output.say("{way}", "yellow", way=output.text(way(name)).strip())

    def account(self, account: str) -> Account:
        """An account as messages identify it; one of another bank's is known by its id alone."""
        from tongbao.paymentfiles.banking import account_of
        from tongbao.sdk.answers import Problem

        if account not in self.accounts:
            try:
                numbers = self.ledger.accounts.show(account).identifiers
            except Problem as problem:
                if problem.status != HTTPStatus.NOT_FOUND:
                    raise
                numbers = ()
            self.accounts[account] = account_of(account, numbers)
        return self.accounts[account]

    def write(self, kind: str, content: bytes, name: str, now: datetime) -> None:
        """Write an answer beside the file, in the header of the question where it had one."""
        from tongbao.iso20022 import answered

        if self.dry_run:
            return
        whole = answered(self.question, content, name, now)
        self.keep(kind.replace(".", "_"), f"{kind}.xml", whole)

    def keep(self, what: str, end: str, content: bytes) -> None:
        """Write a file that belongs to the message; payments are their owner's alone to read."""
        path = self.folder / f"{self.stem}.{end}"
        write_private(path, content)
        self.written[what] = str(path)


def message_id(now: datetime, mark: str = "") -> str:
    """A new message id."""
    return f"TB{now:%Y%m%d%H%M%S%f}{mark}"[:35]


def tell(teller: Teller, reported: dict[str, str], refused: bool) -> None:
    """Say what became of each part of a message, and which files were written."""

    def showing() -> None:
        for path, word in reported.items():
            output.say("{path}: {word}", path=path, word=word)
        for name in teller.written.values():
            output.say("  {name}", name=name)
        if teller.dry_run:
            output.say("Nothing was sent.")

    dry = {"dry_run": True} if teller.dry_run else {}
    output.result({**dry, "answers": reported, **teller.written}, showing)
    if refused:
        raise SystemExit(EXIT_REFUSED)
