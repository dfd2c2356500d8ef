"""What a chain accepts is stated by its genesis and state, never by the release a node runs.

`toy` is a suite that this release is taught for the test: 8 bytes of key, and a signature is a
digest that anybody could make.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from tests.node.conftest import Ledger, founded

from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.genesis import GenesisCode, read_genesis
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import Key, key_id
from tongbao.kernel.protocols import state_hash_of, suites_of
from tongbao.kernel.signing import SUITES, Suite, signed_bytes
from tongbao.kernel.transaction import Signature, Transaction
from tongbao.modules.parties import AddKey
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.payments import Transfer
from tongbao.node.answers import Answer
from tongbao.node.audit import audit
from tongbao.paymentfiles.desk.orders import live
from tongbao.sdk.build import build, new_reference, seal

PUBLIC = b"toy-key1"
BOTH = ("ed25519", "toy")
PAY = Transfer(payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=100)


def sign(message: bytes, public: bytes = PUBLIC) -> bytes:
    return content_digest(public + message)


def _verify(items: Sequence[tuple[bytes, bytes, bytes]]) -> list[bool]:
    return [sign(message, public) == given for public, given, message in items]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that knows a second suite."""
    monkeypatch.setitem(SUITES, "toy", Suite("toy", len(PUBLIC), 32, _verify))


def by_toy(ledger: Ledger, action: Transaction, *, wrong: bool = False) -> Answer:
    """Signed by hengtong's toy key and by its maker's."""
    raw = ledger.envelope("hengtong", action, labels=("maker",), reference=new_reference())
    one = msgspec.json.decode(raw)
    body = build(
        ledger.app.genesis.chain, "hengtong", one["body"]["reference"], (action,),
        one["body"]["expires_at_ms"],
    )  # fmt: skip
    message = signed_bytes(body)
    own = msgspec.convert(one["signatures"], tuple[Signature, ...])
    made = sign(b"other" if wrong else message)
    return ledger.submit(seal(body, [*own, Signature("toy", PUBLIC, made)]))


@pytest.mark.usefixtures("toy")
def test_a_chain_that_names_a_second_suite_takes_keys_and_signatures_of_both() -> None:
    ledger = founded(None, suites=BOTH)
    ledger.engine.start()
    try:
        added = ledger.send("hengtong", AddKey(party="hengtong", key=Key("toy", PUBLIC)))
        short = AddKey(party="hengtong", key=Key("toy", PUBLIC[1:]))
        assert added.outcome.code == 0
        assert ledger.send("hengtong", short).outcome.code == PartiesCode.BAD_KEY
        before = ledger.posted("mingda/main")
        assert by_toy(ledger, PAY, wrong=True).outcome.code == KernelCode.BAD_SIGNATURE
        assert by_toy(ledger, PAY).outcome.code == 0
        assert ledger.posted("mingda/main") == before + 100
        view = ledger.app.view()
        assert (suites_of(view), state_hash_of(view)) == (BOTH, "sha256")
        name, _ = live(Signature("toy", PUBLIC, sign(b"order")), "hengtong", b"order", view)
        assert name == key_id("toy", PUBLIC)
    finally:
        ledger.engine.stop()
    assert audit(ledger.app).findings == ()


@pytest.mark.usefixtures("toy")
def test_a_chain_that_does_not_name_a_suite_refuses_it_though_the_release_knows_it() -> None:
    ledger = founded(None)
    ledger.engine.start()
    try:
        add = AddKey(party="hengtong", key=Key("toy", PUBLIC))
        assert ledger.send("hengtong", add).outcome.code == KernelCode.UNKNOWN_SUITE
        assert by_toy(ledger, PAY).outcome.code == KernelCode.UNKNOWN_SUITE
        assert tuple(ledger.app.registry.suites) == suites_of(ledger.app.view()) == ("ed25519",)
    finally:
        ledger.engine.stop()


@pytest.mark.usefixtures("toy")
def test_a_chain_of_the_second_suite_alone_refuses_the_usual_one() -> None:
    app = founded(None).app
    assert app.protocols.of(1, suites=("toy",)).suites.keys() == {"toy"}
    assert app.protocols.newest.suites == {}, "without a chain nothing is accepted"
    with pytest.raises(Refusal, match="ed25519 is not accepted on this chain"):
        founded(None, suites=("toy",))  # the demonstration's keys are of the other suite


def test_a_release_refuses_a_genesis_whose_suite_or_hash_it_does_not_know_in_one_sentence() -> None:
    genesis = founded(None).app.genesis
    for fields, code, sentence in (
        ({"suites": BOTH}, GenesisCode.UNKNOWN_SUITE,
         "the genesis names the signature suite toy, and this release of Tongbao knows ed25519"),
        ({"hash": "sm3"}, GenesisCode.UNKNOWN_HASH,
         "the genesis names the state hash sm3, and this release of Tongbao knows sha256"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            read_genesis(msgspec.structs.replace(genesis, **fields).encode())
        assert refused.value.code is code
        assert refused.value.code.text(refused.value.values) == sentence
