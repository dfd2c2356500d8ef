"""Who acts at the desk: signed statements, and everything that is wrong with one."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import PASSPHRASE, Node, payroll, refused

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.transaction import Signature
from tongbao.modules.parties import AddKey
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.sdk import Client
from tongbao.sdk import desk as sdk
from tongbao.sdk.desk import DeskClient
from tongbao.sdk.wallet import Wallet


@pytest.fixture
def client(desk_node: Node) -> Client:
    return desk_node.client()


def statement_of(client: Client, about: bytes, **changes: Any) -> sdk.Statement:
    made = sdk.Statement(
        "upload", client.status().chain, "hengtong", "p.xml", 0,
        hashlib.sha256(about).hexdigest(), time.time_ns() // 1_000_000,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"action": "cancel"}, DeskCode.BAD_STATEMENT),
        ({"chain": "other"}, KernelCode.WRONG_CHAIN),
        ({"content": "00"}, DeskCode.BAD_STATEMENT),
        ({"at_ms": 1}, DeskCode.STATEMENT_TIME),
        ({"party": "mingda"}, KernelCode.UNKNOWN_KEY),
        ({"subject": "a\nb"}, DeskCode.BAD_STATEMENT),
    ],
)
def test_a_statement_says_what_is_done_when_and_by_whom(
    client: Client, wallet: Wallet, changes: dict[str, Any], code: int
) -> None:
    content = payroll()
    order = sdk.prepare(statement_of(client, content, **changes), wallet,
                        [wallet.public("hengtong--maker")], content)  # fmt: skip
    assert refused(lambda: client.call(sdk.order("files", order))).code == code


def test_a_signature_over_other_bytes_and_one_by_a_key_without_the_scope_do_not_count(
    client: Client, wallet: Wallet, desk_node: Node, tmp_path: Path
) -> None:
    content = payroll()
    statement = statement_of(client, content)
    good = sdk.prepare(statement, wallet, [wallet.public("hengtong--maker")], content)
    (signature,) = good.signatures
    forged = replace_signature(signature)
    order = msgspec.structs.replace(good, signatures=(forged,))
    problem = refused(lambda: client.call(sdk.order("files", order)))
    assert problem.code == DeskCode.BAD_STATEMENT_SIGNATURE
    taken = DeskClient(client, wallet, "hengtong", "maker").upload(content, "p.xml")
    (batch,) = client.walk(sdk.batches(taken.file))
    signed = sdk.BatchSignatures({batch.batch: (forged,), 9: (forged,)})
    for number, code in ((1, DeskCode.BAD_BATCH_SIGNATURE), (9, DeskCode.BATCH_UNKNOWN)):
        body = msgspec.json.encode(sdk.BatchSignatures({number: signed.batches[number]}))
        order = sdk.prepare(
            statement_of(client, body, action="sign", subject=taken.file, version=taken.version),
            wallet, [wallet.public("hengtong--maker")], body,
        )  # fmt: skip
        where = f"files/{taken.file}/sign"
        assert refused(lambda o=order, w=where: client.call(sdk.order(w, o))).code == code  # type: ignore[misc]
    narrow = Wallet(tmp_path, PASSPHRASE)
    public = narrow.create("hengtong", "reader")
    add_key(desk_node, public.ledger_key(scopes=("parties",)))
    order = sdk.prepare(statement_of(client, content), narrow, [public], content)
    problem = refused(lambda: client.call(sdk.order("files", order)))
    assert problem.code == DeskCode.KEY_WITHOUT_SCOPE


def replace_signature(signature: Signature) -> Signature:
    broken = bytes((signature.signature[0] ^ 1,)) + signature.signature[1:]
    return msgspec.structs.replace(signature, signature=broken)


def add_key(node: Node, key: Any) -> None:
    from tests.gateway.conftest import new_envelope

    node.client().submit_and_wait(new_envelope(AddKey(party="hengtong", key=key)))


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"statement":"!"}', b"\xff"])
def test_an_order_that_cannot_be_read_is_refused(desk_node: Node, raw: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = desk_node.http.post("/v1/desk/files", content=raw, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, DeskCode.BAD_STATEMENT)
