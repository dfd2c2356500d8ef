"""Rows with proofs from real nodes over HTTP: verified, compared, and liars named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.gateway.conftest import TOKEN, Node, new_envelope, start_node, transfer
from tests.light.forms import gateway_provider, light_client, quorum_reader, verify_with_node

from tongbao.kernel.codes import Refusal
from tongbao.kernel.money import HoldingFlag, holding_key
from tongbao.kernel.receipts import Receipt
from tongbao.kernel.validators import SEATS
from tongbao.modules.accounts.state import ACCOUNTS
from tongbao.node.light import LOOK_BACK
from tongbao.node.pruning import prune_slice
from tongbao.scenarios import consortium
from tongbao.sdk import Problem
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.light import GatewayProvider as Gateway
from tongbao.sdk.light import LightCode, Options, RowProof, TrustedStore

pytestmark = pytest.mark.usefixtures("form")
ACCOUNT, ASSET = "hengtong/main", "CNY"


def store_of(node: Node) -> TrustedStore:
    """Trust in the node's genesis."""
    return TrustedStore.from_genesis(node.application.genesis)


@pytest.fixture
def provider(node: Node) -> Iterator[Gateway]:
    """The node as somebody who verifies asks it."""
    node.client().submit([new_envelope(transfer(1))])
    made = gateway_provider(node.url, token=TOKEN)
    yield made
    made.close()


class Lies(Gateway):
    """A node whose answers are spoiled on the way."""

    def __init__(self, url: str, spoil: Callable[[RowProof], RowProof], name: str = "liar") -> None:
        super().__init__(url, token=TOKEN)
        self._spoil = spoil
        self._name = name

    @property
    def name(self) -> str:
        """Its name in reports."""
        return self._name

    def row(self, key: bytes, height: int | None = None) -> RowProof:
        """A proof, spoiled."""
        return self._spoil(super().row(key, height))


# ---- what nodes show -----------------------------------------------------------------------------


def test_a_balance_is_proven_against_a_header_that_the_genesis_vouches_for(
    node: Node, provider: Gateway
) -> None:
    before = quorum_reader(store_of(node), [provider]).holding(ACCOUNT, ASSET)
    client = node.client()
    client.submit([new_envelope(transfer(700))])
    row = quorum_reader(store_of(node), [provider]).holding(ACCOUNT, ASSET)
    assert before.value is not None
    assert row.value is not None
    assert row.value.posted == before.value.posted - 700
    assert row.height > before.height
    assert row.nodes == (provider.name,)
    shown = next(h for h in client.accounts.holdings(account=ACCOUNT) if h.asset == ASSET)
    assert str(row.value.posted) == shown.posted_minor


def test_that_there_is_no_row_is_proven_too(node: Node, provider: Gateway) -> None:
    reader = quorum_reader(store_of(node), [provider])
    assert reader.holding("hengtong/none", ASSET).value is None
    account = reader.row(ACCOUNTS, ACCOUNT).value
    assert account is not None
    assert reader.row(SEATS, consortium.OPERATOR).value is not None
    assert reader.raw(holding_key(ACCOUNT, ASSET)).value is not None


def test_the_same_row_is_shown_by_account_by_table_and_by_key(
    node: Node, provider: Gateway
) -> None:
    # Waits until a block proves the payment's: a node that has only begun proves nothing yet.
    quorum_reader(store_of(node), [provider]).holding(ACCOUNT, ASSET)
    key = holding_key(ACCOUNT, ASSET)
    paths = [f"/v1/proofs/holdings/{ACCOUNT}/{ASSET}", f"/v1/proofs/rows/{key.hex()}"]
    shown = [node.http.get(path).json() for path in paths]
    assert shown[0] == shown[1]
    seat = node.http.get("/v1/proofs/tables/seats", params={"key": consortium.OPERATOR}).json()
    assert msgspec.convert(seat, RowProof, strict=False, builtin_types=()).holds()
    timers = node.http.get("/v1/proofs/tables/holds_by_payer", params={"key": ["a", "b", "c"]})
    assert timers.json()["value"] is None


BAD: dict[str, tuple[str, int, GatewayCode]] = {
    "future state": ("/v1/proofs/rows/aa?height=999999999", 503, GatewayCode.NOT_PROVEN_YET),
    "no hex": ("/v1/proofs/rows/xyz", 422, GatewayCode.BAD_PARAMETER),
    "half a byte": ("/v1/proofs/rows/abc", 422, GatewayCode.BAD_PARAMETER),
    "a key without end": (f"/v1/proofs/rows/{'aa' * 1025}", 422, GatewayCode.BAD_PARAMETER),
    "no such table": ("/v1/proofs/tables/gold?key=a", 404, GatewayCode.NOT_FOUND),
    "too few parts": ("/v1/proofs/tables/keys?key=a", 422, GatewayCode.BAD_PARAMETER),
    "no parts": ("/v1/proofs/tables/keys", 422, GatewayCode.BAD_PARAMETER),
    "future block": ("/v1/light/blocks/999999999", 404, GatewayCode.NOT_FOUND),
    "block 0": ("/v1/light/blocks/0", 422, GatewayCode.BAD_PARAMETER),
    "negative": ("/v1/light/blocks/-1", 422, GatewayCode.BAD_PARAMETER),
}


@pytest.mark.parametrize("what", BAD)
def test_a_question_that_cannot_be_answered_is_a_problem(node: Node, what: str) -> None:
    path, status, code = BAD[what]
    answer = node.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_a_state_that_is_too_old_is_said_to_be_so(tmp_path: Path) -> None:
    for node in start_node(tmp_path):
        for _ in range(LOOK_BACK // 2 + 2):
            node.client().submit([new_envelope(transfer(1))])
        answer = node.http.get("/v1/proofs/rows/aa", params={"height": 1})
        assert (answer.status_code, answer.json()["code"]) == (410, GatewayCode.STATE_TOO_OLD)


def test_a_node_before_its_first_block_has_nothing_to_show(tmp_path: Path) -> None:
    for node in start_node(tmp_path):
        assert node.http.get("/v1/light/blocks/latest").status_code == 404
        assert node.http.get("/v1/proofs/rows/aa").status_code == 503


def test_a_pruned_block_is_said_to_be_pruned(tmp_path: Path) -> None:
    for node in start_node(tmp_path):
        for _ in range(3):
            node.client().submit([new_envelope(transfer(1))])
        [first] = node.client().submit([new_envelope(transfer(1), reference="pruned/1")])
        assert prune_slice(node.application, first.height + 1)[0] == first.height
        oldest = first.height + 1
        for path in (
            "/v1/light/blocks/2", "/v1/blocks/2", "/v1/history?from=2",
            f"/v1/receipts/{first.digest}", f"/v1/transactions/{first.digest}",
            "/v1/parties/hengtong/transactions/pruned/1",
        ):  # fmt: skip
            answer = node.http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (410, GatewayCode.PRUNED), path
            assert answer.json()["values"]["oldest"] == oldest
            assert "归档" in answer.json()["detail_zh"]
        assert node.client().network().oldest_block == node.client().status().oldest_block == oldest
        assert node.http.get("/v1/blocks").json()["items"][-1]["height"] == oldest
        again = node.client().submit([new_envelope(transfer(2), reference="pruned/1")])
        assert again[0].name == "NAME_USED"
        reached = light_client(store_of(node), gateway_provider(node.url, token=TOKEN)).verify_to()
        assert (reached.base, reached.block.height) == (0, node.application.tip.height)


# ---- the light client over HTTP ------------------------------------------------------------------


@pytest.mark.parametrize("sequential", [False, True])
def test_a_client_follows_a_real_node(node: Node, provider: Gateway, sequential: bool) -> None:
    client = light_client(store_of(node), provider, (), Options(sequential=sequential))
    reached = client.verify_to()
    assert reached.block.hash() == node.application.tip.block_id[0]  # type: ignore[index]
    assert len(reached.path) == (reached.block.height if sequential else 1)


def test_a_receipt_of_a_real_node_verifies_with_it_and_without(
    node: Node, provider: Gateway
) -> None:
    [result] = node.client().submit([new_envelope(transfer(5))])
    receipt = Receipt.decode(node.client().receipt(result.digest))
    proven = verify_with_node(receipt, provider, node.application.genesis.trust())
    assert proven.height == result.height


def test_a_receipt_is_made_for_who_trusts_a_later_block(node: Node) -> None:
    with node.client() as client:
        [result] = client.submit([new_envelope(transfer(6))])
        raws = [client.receipt(result.digest, height) for height in (None, 0, 1, result.height)]
        assert len(set(raws)) == 1  # nobody changed: no way is needed
        with pytest.raises(Problem) as caught:
            client.receipt(result.digest, result.height + 2)
    assert caught.value.code == LightCode.BELOW_TRUST
    too_large = node.http.get(f"/v1/receipts/{result.digest}", params={"from_trust": -1})
    assert too_large.json()["code"] == GatewayCode.BAD_PARAMETER


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[" * 100_000, b"\xff\xfe", b'{"height":5}', b"null", b" " * 9_000_000],
    ids=["empty", "no fields", "deep", "no text", "half", "null", "oversize"],
)
def test_an_answer_that_is_no_light_block_is_refused(content: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
    provider = gateway_provider("http://node", transport=transport)
    for ask in (lambda: provider.light_block(5), lambda: provider.row(b"k")):
        with pytest.raises(Refusal) as caught:
            ask()
        assert caught.value.code is LightCode.UNREADABLE
        assert "http://node" in str(caught.value)


def test_a_node_that_is_away_or_refuses_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongbao.sdk.light.fetching.PAUSE_S", 0.0)
    tries: list[str] = []

    def away(request: httpx.Request) -> httpx.Response:
        tries.append(request.url.path)
        raise httpx.ConnectError("away")

    def busy(request: httpx.Request) -> httpx.Response:
        tries.append(request.url.path)
        return httpx.Response(503, json={"detail": "not now"})

    for answer, count in ((away, 3), (busy, 3), (lambda _: httpx.Response(404), 0)):
        tries.clear()
        provider = gateway_provider("http://node", transport=httpx.MockTransport(answer))
        with pytest.raises(Refusal) as caught:
            provider.light_block(None)
        assert (caught.value.code, len(tries)) == (LightCode.NO_ANSWER, count)


def test_sets_commits_and_paths_without_end_are_not_read(node: Node, provider: Gateway) -> None:
    block: dict[str, Any] = node.http.get("/v1/light/blocks/latest").json()
    row: dict[str, Any] = node.http.get(f"/v1/proofs/holdings/{ACCOUNT}/{ASSET}").json()
    key = block["validators"][0]
    step = row["exists"][2][0]
    spoiled = [
        {**block, "validators": [key] * 10_001}, {**block, "header": "A" * 4_000},
        {**block, "commit": "A" * 3_000_000}, {**block, "validators": [[key[0], -1]]},
        {**block, "validators": [["AAAA", 1]]}, {**block, "more": 1}, {**block, "height": -1},
    ]  # fmt: skip
    long = {**row, "exists": [*row["exists"][:2], [step] * 257]}
    short = {**row, "exists": [*row["exists"][:2], [[True, "AAAA"]]]}
    for document in (*spoiled, long, short):
        raw = msgspec.json.encode(document)
        transport = httpx.MockTransport(lambda _, raw=raw: httpx.Response(200, content=raw))
        hostile = gateway_provider("http://node", transport=transport)
        with pytest.raises(Refusal) as caught:
            hostile.row(b"k") if "exists" in document else hostile.light_block(None)
        assert caught.value.code is LightCode.UNREADABLE


# ---- several nodes -------------------------------------------------------------------------------


def change(proof: RowProof, value: bytes) -> RowProof:
    """Another value in a proof, made to look whole."""
    assert proof.exists is not None
    exists = (proof.key, value, proof.exists[2])
    return msgspec.structs.replace(proof, value=value, exists=exists)


RICH = HoldingFlag(0).to_bytes(1, "big") + (10**15).to_bytes(16, "big") + bytes(16)
LIES: dict[str, Callable[[RowProof], RowProof]] = {
    "another value": lambda proof: change(proof, RICH),
    "no row": lambda proof: msgspec.structs.replace(proof, value=None, exists=None),
    "another key": lambda proof: msgspec.structs.replace(proof, key=b"\x10other"),
    "a shorter path": lambda proof: msgspec.structs.replace(
        proof, exists=(proof.exists[0], proof.exists[1], proof.exists[2][1:])  # type: ignore[index]
    ),
    "an older header": lambda proof: msgspec.structs.replace(proof, height=proof.height - 1),
    "no header": lambda proof: msgspec.structs.replace(
        proof, block=msgspec.structs.replace(proof.block, header=b"")
    ),
    "no commit": lambda proof: msgspec.structs.replace(
        proof, block=msgspec.structs.replace(proof.block, commit=b"")
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_node_that_lies_is_named_and_the_others_answer(
    node: Node, provider: Gateway, lie: str
) -> None:
    liar = Lies(node.url, LIES[lie])
    second = Lies(node.url, lambda proof: proof, "second")
    row = quorum_reader(store_of(node), [liar, provider, second]).holding(ACCOUNT, ASSET)
    assert row.nodes == (provider.name, "second")
    assert list(row.faults) == ["liar"]
    if lie == "another key":
        values = {"node": "liar", "reason": "it is of another row"}
        assert row.faults["liar"] == LightCode.FALSE_PROOF.text(values)
    assert row.value is not None
    assert row.value.posted < 10**15
    with pytest.raises(Refusal) as caught:
        quorum_reader(store_of(node), [liar]).holding(ACCOUNT, ASSET)
    assert caught.value.code is LightCode.TOO_FEW_NODES
    assert "liar" in str(caught.value)


def test_a_node_that_is_behind_is_named_with_its_height(node: Node, provider: Gateway) -> None:
    old = provider.row(holding_key(ACCOUNT, ASSET))
    node.client().submit([new_envelope(transfer(11))])
    behind = Lies(node.url, lambda _: old, "behind")
    second = Lies(node.url, lambda proof: proof, "second")
    row = quorum_reader(store_of(node), [behind, provider, second]).holding(ACCOUNT, ASSET)
    assert row.behind == {"behind": old.height}
    assert row.nodes == (provider.name, "second")
    # Where enough nodes is all of them, the answer is as old as the slowest.
    row = quorum_reader(store_of(node), [behind, provider], need=2).holding(ACCOUNT, ASSET)
    assert (row.height, row.nodes, row.behind) == (old.height, ("behind", provider.name), {})


def test_as_many_nodes_as_needed_have_to_exist(node: Node, provider: Gateway) -> None:
    for nodes, need in (([], 1), ([provider], 2), ([provider], 0), ([provider] * 2, 1)):
        with pytest.raises(ValueError, match="node"):
            quorum_reader(store_of(node), nodes, need=need)


def test_two_nodes_with_two_histories_are_an_attack(tmp_path: Path) -> None:
    """One validator's key makes two ledgers of one genesis: it has signed twice."""
    first_folder, second_folder = tmp_path / "a", tmp_path / "b"
    first_folder.mkdir()
    second_folder.mkdir()
    for first in start_node(first_folder):
        genesis = first.application.genesis
        for second in start_node(second_folder, genesis=genesis):
            for number, node in enumerate((first, second)):
                envelopes = [new_envelope(transfer(number + 1))]
                assert node.client().submit(envelopes)[0].done
            nodes = [gateway_provider(one.url, token=TOKEN) for one in (first, second)]
            with pytest.raises(Refusal) as caught:
                reader = quorum_reader(store_of(first), nodes, evidence=tmp_path)
                reader.holding(ACCOUNT, ASSET)
            assert caught.value.code is LightCode.ATTACK
            with pytest.raises(Refusal) as caught:
                light_client(store_of(first), *nodes[:1], nodes[1:], evidence=tmp_path).verify_to()
            assert caught.value.code is LightCode.ATTACK
            assert list(tmp_path.glob("attack-*.json"))
