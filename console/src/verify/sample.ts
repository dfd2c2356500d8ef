/** A small chain of three validators made here, with one receipt: for tests, and to try a page with. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { base64Encode } from "@bufbuild/protobuf/wire";

import { headerHash } from "./header";
import { merkleRoot } from "./merkle";
import { validatorSet } from "./validators";
import {
  type BlockId, type Commit, encodeCommit, encodeHeader, type Header, resultLeaf, signBytes,
} from "./wire"; // prettier-ignore

const CHAIN = "sample-1";
const START_S = 1_790_000_000n;
const HEIGHT = 7n;
const TRANSACTION = '{"body":{"party":"hengtong","reference":"pay-1","actions":[]}}';
const RESULT = '{"events":[]}';
const EMPTY = new Uint8Array();

const secrets = [1, 2, 3].map((number) => sha256(Uint8Array.of(number)));
const validators = secrets.map((one) => [ed25519.getPublicKey(one), 10n] as const);
const set = validatorSet(validators);

/** The fields of a receipt file, as JSON has them. */
export type Plain = Record<string, unknown>;

function header(height: bigint, before: BlockId, roots: { data?: Uint8Array; results?: Uint8Array }): Header {
  const empty = merkleRoot([]);
  const { data = empty, results = empty } = roots;
  const named = set.hash;
  return {
    version: { block: 11n, app: 1n },
    chainId: CHAIN,
    height,
    time: { seconds: START_S + height, nanos: 0 },
    lastBlockId: before,
    hashes: [empty, data, named, named, empty, EMPTY, results, empty, new Uint8Array(20)],
  };
}

function blockId(hash: Uint8Array): BlockId {
  return { hash, parts: { total: 1, hash: new Uint8Array(32) } };
}

/** A commit over a header by some of the validators; the others are absent. */
export function commitOver(one: Header, signing: number): Commit {
  const time = { seconds: START_S + one.height, nanos: 0 };
  const commit: Commit = {
    height: one.height, round: 0, blockId: blockId(headerHash(one)), signatures: [],
  }; // prettier-ignore
  const signed = signBytes(CHAIN, commit, time);
  const signatures = set.validators.map(({ address, publicKey }, place) => {
    const secret = secrets.find((_, at) => validators[at]?.[0] === publicKey) ?? EMPTY;
    return place < signing
      ? { flag: 2, address: hexToBytes(address), time, signature: ed25519.sign(signed, secret) }
      : { flag: 1, address: EMPTY, time: undefined, signature: EMPTY };
  });
  return { ...commit, signatures };
}

/** A receipt whose proving header is signed by so many of the three. */
export function sampleReceipt(signing = 3): Plain {
  const result = new TextEncoder().encode(RESULT);
  const digest = sha256(concatBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1), result));
  const data = merkleRoot([sha256(new TextEncoder().encode(TRANSACTION))]);
  const block = header(HEIGHT, blockId(new Uint8Array(32).fill(7)), { data });
  const results = merkleRoot([resultLeaf(0, digest)]);
  const next = header(HEIGHT + 1n, blockId(headerHash(block)), { results });
  return {
    format: "tongbao.receipt/1",
    chain: CHAIN,
    height: Number(HEIGHT),
    index: 0,
    total: 1,
    transaction: TRANSACTION,
    result: RESULT,
    transaction_path: [],
    result_path: [],
    header: base64Encode(encodeHeader(block)),
    next_header: base64Encode(encodeHeader(next)),
    next_commit: base64Encode(encodeCommit(commitOver(next, signing))),
    validators: validators.map(([key, power]) => [base64Encode(key), Number(power)]),
  };
}

/** The genesis of the chain. */
export function sampleGenesis(): Plain {
  return {
    chain: CHAIN,
    time_ms: Number(START_S) * 1000,
    validators: validators.map(([key, power], place) => ({
      name: `bank-${place}`, public: base64Encode(key), power: Number(power),
    })), // prettier-ignore
  };
}
