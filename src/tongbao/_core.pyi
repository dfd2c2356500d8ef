"""The Rust core: signatures, Merkle lists, CometBFT encodings, the state tree and its store.

Every function takes and gives plain data. Hashes are 32 raw bytes. ValueError says in a sentence
what was wrong with an argument; no input makes the core panic.
"""

from collections.abc import Sequence
from typing import Any, final

from tongbao._core_engine import abci_answer as abci_answer
from tongbao._core_engine import abci_split as abci_split
from tongbao._core_engine import signed_header_from_json as signed_header_from_json
from tongbao._core_engine import signed_header_to_json as signed_header_to_json
from tongbao._core_engine import signer_pong as signer_pong
from tongbao._core_engine import signer_public_key as signer_public_key
from tongbao._core_engine import signer_read as signer_read
from tongbao._core_engine import signer_refused as signer_refused
from tongbao._core_engine import signer_signed as signer_signed
from tongbao._core_market import Market as Market
from tongbao._core_state import Existence as Existence
from tongbao._core_state import Frozen as Frozen
from tongbao._core_state import Proof as Proof
from tongbao._core_state import Scrub as Scrub
from tongbao._core_state import StateStats as StateStats

BlockId = tuple[bytes, int, bytes]
"""Block hash, number of parts, hash of the part set."""

# ---- signatures and hashes -----------------------------------------------------------------------

def ed25519_verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature holds by the ZIP-215 rules. Wrong lengths are False."""

def ed25519_verify_batch(items: Sequence[tuple[bytes, bytes, bytes]]) -> list[bool]:
    """The same answers for each (public, signature, message), on all cores, without the GIL."""

def sha256_many(items: Sequence[bytes]) -> list[bytes]:
    """SHA-256 of each item, without the GIL."""

def sha256_is_accelerated() -> bool:
    """Whether this machine has the SHA instructions that the core uses when present."""

def net_payments(
    capacities: Sequence[int], units: Sequence[Any], by_count: bool, always_approximate: bool
) -> list[int]:
    """What settles together of units (effects, payments, value), as modules/settlement/netting."""

# ---- Merkle trees over lists (RFC 6962, as CometBFT) ---------------------------------------------

def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over a list; SHA-256 of nothing for the empty list."""

def merkle_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The sibling hashes ("aunts") of one leaf, bottom-up. IndexError outside the list."""

def merkle_paths(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The path of every leaf, sharing the hashing."""

def merkle_verify(root: bytes, leaf: bytes, index: int, total: int, path: Sequence[bytes]) -> bool:
    """Whether `leaf` stands at `index` of a list of `total` leaves with this root."""

@final
class MerkleList:
    """A Merkle tree over a list with all its levels kept: root and every path without hashing."""

    def __new__(cls, leaves: Sequence[bytes]) -> MerkleList:
        """Hash the list once."""

    def __len__(self) -> int:
        """Number of leaves."""

    def root(self) -> bytes:
        """The root."""

    def path(self, index: int) -> list[bytes]:
        """The path of one leaf, bottom-up. IndexError outside the list."""

# ---- CometBFT v0.38 encodings --------------------------------------------------------------------

def data_hash(txs: Sequence[bytes]) -> bytes:
    """A header's data_hash: the Merkle root over the SHA-256 of each transaction."""

def data_path(txs: Sequence[bytes], index: int) -> list[bytes]:
    """The path of transaction `index` under data_hash; its leaf is the transaction's SHA-256."""

def result_leaf(code: int, data: bytes) -> bytes:
    """The deterministic ExecTxResult (code, data; gas 0): a leaf under last_results_hash."""

def results_hash(results: Sequence[tuple[int, bytes]]) -> bytes:
    """A header's last_results_hash over (code, data) of each transaction."""

def results_path(results: Sequence[tuple[int, bytes]], index: int) -> list[bytes]:
    """The path of result `index` under results_hash; its leaf is `result_leaf`."""

def validator_address(public: bytes) -> bytes:
    """Address of an Ed25519 public key: the first 20 bytes of its SHA-256."""

def validators_hash(validators: Sequence[tuple[bytes, int]]) -> bytes:
    """Hash of a set of (public key, power), put in CometBFT's order first."""

def consensus_params_hash(max_bytes: int, max_gas: int) -> bytes:
    """A header's consensus_hash: SHA-256 of the encoded HashedParams."""

def make_header(
    *,
    chain_id: str,
    height: int,
    time_ms: int,
    last_block_id: BlockId | None,
    last_commit_hash: bytes,
    data_hash: bytes,
    validators_hash: bytes,
    next_validators_hash: bytes,
    consensus_hash: bytes,
    app_hash: bytes,
    last_results_hash: bytes,
    evidence_hash: bytes,
    proposer_address: bytes,
    app_version: int = 0,
    block_version: int = 11,
    time_ns: int = 0,
) -> bytes:
    """A tendermint.types.Header in protobuf.

    `time_ms` is UTC since 1970; `time_ns` are the nanoseconds beyond it (0 to 999,999).
    """

def header_hash(header: bytes) -> bytes:
    """The hash of an encoded header: the block's hash."""

def header_fields(header: bytes) -> dict[str, Any]:
    """An encoded header taken apart: the arguments of `make_header` by name."""

def block_id(header: bytes, txs: Sequence[bytes], last_commit: bytes | None) -> BlockId:
    """The id that CometBFT gives the block: header hash, and its parts of 65,536 bytes.

    No evidence. `last_commit` is None (or empty) for the first block.
    """

def commit_sign_bytes(
    chain_id: str, height: int, round: int, block_id: BlockId, time_ms: int, time_ns: int = 0
) -> bytes:
    """What a validator signs: the canonical precommit, length-delimited."""

def make_commit(
    height: int, round: int, block_id: BlockId, signatures: Sequence[tuple[bytes, int, bytes]]
) -> bytes:
    """A tendermint.types.Commit of (address, time_ms, signature).

    In the validator set's order; an empty address stands for a validator that is absent.
    """

def commit_hash(commit: bytes) -> bytes:
    """A header's last_commit_hash; of None-like b"" the hash of an empty commit."""

def commit_fields(commit: bytes) -> dict[str, Any]:
    """An encoded commit taken apart: height, round, block_id, signatures.

    Signatures are (flag, address, time_ms, signature); flag 1 absent, 2 commit, 3 nil.
    """

def verify_commit(
    chain_id: str, header: bytes, commit: bytes, validators: Sequence[tuple[bytes, int]]
) -> None:
    """ValueError unless more than 2/3 of the power of `validators` signed this header.

    The header must name this set in validators_hash and this chain, and the commit this header.
    """

def light_step(
    trusted: bytes,
    trusted_next: Sequence[tuple[bytes, int]],
    header: bytes,
    commit: bytes,
    validators: Sequence[tuple[bytes, int]],
    next_validators: Sequence[tuple[bytes, int]] | None,
    *,
    now_ms: int,
    trusting_s: int,
    threshold: tuple[int, int],
    drift_s: int = 10,
) -> tuple[str, str]:
    """Whether a header may be believed because the header `trusted` was.

    `trusted_next` is the set that signs after `trusted`; `threshold` of it has to have signed
    ((1, 3) by custom). Gives `success`, `not_enough_trust` (go by a header between the two) or
    `invalid`, and why. ValueError for what cannot be decoded.
    """

# ---- state ---------------------------------------------------------------------------------------

def state_verify(root: bytes, key: bytes, value: bytes | None, proof: Proof) -> bool:
    """Whether `proof` shows that `key` has `value` (None: is absent) under a state root."""

def state_root(rows: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The state root over rows with distinct keys, without a State."""

@final
class Draft:
    """Writes over the newest committed state, with nested savepoints. For one thread at a time."""

    def __len__(self) -> int:
        """Number of keys written."""

    def get(self, key: bytes, /) -> bytes | None:
        """The value under a key, own writes first."""

    def put(self, key: bytes, value: bytes, /) -> None:
        """Write one row."""

    def delete(self, key: bytes, /) -> None:
        """Remove one row; nothing happens where there is none."""

    def scan(
        self, prefix: bytes, after: bytes | None, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Up to `limit` rows whose key starts with `prefix`, own writes merged in, in key order.

        From after `after` (before it when `reverse`, which goes down).
        """

    def begin(self) -> None:
        """Open a savepoint inside the newest one."""

    def accept(self) -> None:
        """Close the newest savepoint and keep its writes."""

    def rollback(self) -> None:
        """Close the newest savepoint and undo its writes."""

    def writes(self) -> list[tuple[bytes, bytes | None]]:
        """Every key written, in order, with its new value (None: removed)."""

    def move(
        self,
        debit_account: str,
        credit_account: str,
        asset: str,
        amount: int,
        floor: int,
        referenced: bool = True,
    ) -> int:
        """Post `amount` from one holding to another. 0, or the first rule broken, in this order:

        11 amount outside 1 to 2**127 - 1; 8 same account; 1 debit holding missing; 2 credit
        holding missing; 3 debit frozen or closed; 4 credit frozen or closed; 9 debit and 7 credit
        not on the allow list it requires; 10 credit requires a reference; 5 less than `floor`
        would remain available (issuing: less than -(2**127 - 1)); 6 credit beyond 2**127 - 1.
        Nothing is written then.
        """

    def bulk_move(
        self,
        debit_account: str,
        asset: str,
        credits: Sequence[str],
        amounts: Sequence[int],
        referenced: bool,
        floor: int,
        all_or_none: bool,
    ) -> list[tuple[int, int]]:
        """`move` for each line in order, the debit written once; (line, code) of those that failed.

        With `all_or_none` the first failure alone is given and nothing is written.
        """

    def holding_deltas(self) -> list[tuple[str, int]]:
        """Change of the sum of `posted` by asset over the written holdings; zero sums left out."""

@final
class State:
    """All rows of the ledger: an authenticated map in memory, durable in a folder.

    Readers may work in other threads while one thread commits.
    """

    @staticmethod
    def open(path: str | None, keep_versions: int = 100) -> State:
        """Open or create the store in a folder; None keeps everything in memory only.

        The tree is rebuilt and its root compared: ValueError when a stored byte has changed, and
        when another process has the store open.
        """

    @staticmethod
    def import_snapshot(
        path: str | None,
        directory: str,
        expected_root: bytes,
        height: int,
        blocks: Sequence[tuple[int, bytes]] | None = None,
    ) -> State:
        """A new store from exported chunks. ValueError, and no store, when the root differs.

        `blocks` are the records to begin with; the last of them has the height of the snapshot.
        """

    def export_snapshot(self, directory: str, chunk_bytes: int) -> list[bytes]:
        """Write the newest version as files chunk-000000 and on; the SHA-256 of each file."""

    def frozen(self) -> Frozen:
        """The newest version, to be read while commits go on; it costs nothing to take."""

    def height(self) -> int:
        """Height of the newest version; -1 before the first commit."""

    def root(self) -> bytes:
        """Root of the newest version; 32 zero bytes when it has no rows."""

    def root_at(self, height: int) -> bytes:
        """Root at a height. ValueError where that version is not kept."""

    def versions(self) -> list[int]:
        """Heights that can be read and proved, ascending."""

    def __len__(self) -> int:
        """Number of rows."""

    def get(self, key: bytes, /) -> bytes | None:
        """The value under a key in the newest version."""

    def get_at(self, height: int, key: bytes) -> bytes | None:
        """The value under a key at a height. ValueError where that version is not kept."""

    def scan(
        self, prefix: bytes, after: bytes | None, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Up to `limit` rows below `prefix`, after `after` in key order (`reverse`: before it)."""

    def prove(self, key: bytes, height: int | None = None) -> Proof:
        """Proof that a key has its value, or is absent: by its neighbours. ValueError: not kept."""

    def draft(self) -> Draft:
        """A new draft over the newest version."""

    def stage(self, draft: Draft) -> bytes:
        """The root that the draft would give; a commit of the same draft reuses the work.

        ValueError when something was committed since the draft was made.
        """

    def commit(
        self,
        draft: Draft,
        blocks: Sequence[tuple[int, bytes]],
        index: Sequence[tuple[bytes, bytes]],
    ) -> bytes:
        """Make a draft, block records by height and index rows durable in one sync; the new root.

        All or nothing, at any instant. Heights follow one another and the newest block. Every one
        of them gets the new version. ValueError for a stale draft, open savepoints, wrong heights.
        """

    def block(self, height: int) -> bytes | None:
        """The block record at a height."""

    def block_from(self, height: int, /) -> int:
        """Height of the first block record at or above a height; -1 where there is none."""

    def prune(
        self, blocks: Sequence[int], gone: Sequence[bytes], index: Sequence[tuple[bytes, bytes]]
    ) -> None:
        """Forget block records and index rows, and write others: all or nothing at any instant.

        Durable with the next commit. ValueError for the newest block.
        """

    def reclaim(self) -> None:
        """Give the room of what was forgotten back to the file system; takes a while."""

    def annotate(
        self, index: Sequence[tuple[bytes, bytes]], blocks: Sequence[tuple[int, bytes]] = ()
    ) -> None:
        """Write index rows and records of older blocks, which belong to no new block.

        They are durable with the next commit at latest. ValueError for a block that is not below
        the newest one.
        """

    def index_get(self, key: bytes) -> bytes | None:
        """One index row."""

    def index_scan(
        self, prefix: bytes, after: bytes | None, limit: int
    ) -> list[tuple[bytes, bytes]]:
        """Index rows whose key starts with `prefix`, in key order, after `after`."""

    def stats(self) -> StateStats:
        """Figures about this state."""

    def verify_integrity(self) -> None:
        """Hash every row again. ValueError names the first key that does not agree."""

    def scrub(self) -> Scrub:
        """Begin to read everything again."""

    def close(self) -> None:
        """Release the store; anything but `close` raises ValueError afterwards."""
