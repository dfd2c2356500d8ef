/**
 * Receipts: one JSON file that proves, offline, that a transaction is in a block with a result. Twin of
 * src/tongbao/kernel/receipts.py: the same links in the same order, the same codes.
 *
 * Validators that are trusted signed the header after the block: those of the genesis, or those to whom
 * a path of light blocks leads. That header names the block before it and the hash of its results; the
 * block's header names the hash of its transactions; Merkle paths lead from there to the transaction
 * and to its result, whose data is the SHA-256 of its place and the encoded outcome.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";

import { countSigners, decodeCommit, verifySigned } from "./commit";
import { equalBytes, Fault, type Link, type LinkName, Proof, Refused, type Values } from "./fault";
import { type CheckedHeader, decodeHeader, hashOf, headerHash, milliseconds } from "./header";
import * as json from "./json";
import { type LightBlock, lightBlock, nearest, pairs, step } from "./light";
import { climb } from "./merkle";
import { knownBlocks, readTrust, type Trust } from "./trust";
import { type Pair, validatorSet } from "./validators";
import { HASHES, resultLeaf } from "./wire";

/** Why a receipt is not accepted: `ReceiptCode` of kernel/receipts.py. */
export const RECEIPT_CODES = {
  UNREADABLE: 101,
  OTHER_CHAIN: 102,
  NOT_SIGNED: 103,
  NOT_LINKED: 104,
  TRANSACTION_NOT_IN_BLOCK: 105,
  RESULT_NOT_IN_BLOCK: 106,
} as const;
type ReceiptCode = keyof typeof RECEIPT_CODES;

/** The file. Transaction and result are text, so that a person can read them. */
export interface Receipt {
  readonly format: string;
  readonly chain: string;
  readonly height: bigint;
  /** Place in the block, from 0. */
  readonly index: bigint;
  /** How many transactions the block has. */
  readonly total: bigint;
  readonly transaction: string;
  readonly result: string;
  readonly transaction_path: readonly Uint8Array[];
  readonly result_path: readonly Uint8Array[];
  readonly header: Uint8Array;
  readonly next_header: Uint8Array;
  readonly next_commit: Uint8Array;
  readonly validators: readonly Pair[];
  readonly path: readonly LightBlock[];
}

/** Why a receipt is accepted. */
export interface Grounds {
  /** Height of the trusted block it was stepped from; 0 is the genesis. */
  readonly base: bigint;
  /** How many light blocks lead from there to the header that proves; 0: it was trusted itself. */
  readonly steps: number;
  /** How many validators signed that header, and of how many. */
  readonly signers: number;
  readonly validators: number;
}

/** What a verified receipt says. */
export interface Proven {
  readonly chain: string;
  readonly height: bigint;
  readonly position: number;
  /** Block time, UTC milliseconds. */
  readonly timeMs: number;
  /** SHA-256 of the envelope, hex. */
  readonly digest: string;
  /** The envelope and the outcome (code, values, events) as plain values. */
  readonly envelope: unknown;
  readonly outcome: unknown;
  readonly grounds: Grounds;
  /** Every link of the proof, in order. */
  readonly links: readonly Link[];
}

const FORMAT = "tongbao.receipt/1";
const MAX_RECEIPT_BYTES = 8 * 1_048_576;
const MAX_PATH = 1_000;
const place = json.whole(0n, 2n ** 31n);
const hashes = json.list(json.bytes());

const receiptOf = json.object<Receipt>(
  {
    format: json.text,
    chain: json.text,
    height: json.whole(),
    index: place,
    total: place,
    transaction: json.text,
    result: json.text,
    transaction_path: hashes,
    result_path: hashes,
    header: json.bytes(),
    next_header: json.bytes(),
    next_commit: json.bytes(),
    validators: pairs,
    path: json.list(lightBlock, MAX_PATH),
  },
  { path: [] },
);

/** The one field of an outcome that the results hash covers beside its digest. */
const headOf = json.object<{ readonly code: bigint }>(
  { code: json.whole(0n, 2n ** 32n) },
  { code: 0n },
  "ignored",
);

/**
 * Verify a receipt file with nothing but a genesis or a trust file. Throws Refused, which names the
 * first link that does not hold.
 */
export function verifyReceipt(receipt: string | Uint8Array, trust: string | Uint8Array): Proven {
  return verify(readReceipt(receipt), readTrust(trust));
}

/** Read a receipt file. Throws Refused. */
export function readReceipt(file: string | Uint8Array): Receipt {
  const verifier = new Verifier();
  return verifier.check("file", "UNREADABLE", () => {
    const raw = json.bytesOf(file);
    if (raw.length > MAX_RECEIPT_BYTES) throw new Fault(`larger than ${MAX_RECEIPT_BYTES} bytes`);
    const receipt = receiptOf(json.parse(json.textOf(raw)), "the receipt");
    if (receipt.format !== FORMAT) throw new Fault(receipt.format.slice(0, 40));
    return receipt;
  });
}

/** Verify a receipt, link by link. Throws Refused. */
export function verify(receipt: Receipt, given: Trust): Proven {
  const verifier = new Verifier();
  const { proof } = verifier;
  const { before } = given;
  const older = before?.chain === receipt.chain && receipt.height < before.until;
  const trust = older ? before : given;
  const named = { given: receipt.chain.slice(0, 64), chain: trust.chain };
  verifier.check("chain", "OTHER_CHAIN", () => {
    const same = receipt.chain === trust.chain;
    proof.link("chain", same, receipt.chain, trust.chain, "it is of another chain");
  }, named); // prettier-ignore
  const [header, following, grounds] = verifier.check("header", "NOT_SIGNED", () =>
    verifyHeaders(receipt, trust, proof),
  );
  proof.about(header.height);
  verifier.check("block", "NOT_LINKED", () => verifyLinked(receipt, header, following, proof));
  const where = { index: receipt.index.toString(), height: receipt.height.toString() };
  const transaction = json.bytesOf(receipt.transaction);
  const digest = sha256(transaction);
  verifier.check("transaction", "TRANSACTION_NOT_IN_BLOCK", () => {
    const root = climb(digest, receipt.index, receipt.total, receipt.transaction_path);
    proof.same("transaction", root, hashOf(header, HASHES.data), "it is another transaction");
  }, where); // prettier-ignore
  const leaf = verifier.check("result", "UNREADABLE", () => leafOf(receipt));
  verifier.check("result", "RESULT_NOT_IN_BLOCK", () => {
    const root = climb(leaf, receipt.index, receipt.total, receipt.result_path);
    proof.same("result", root, hashOf(following, HASHES.lastResults), "it is another result");
  }, where); // prettier-ignore
  const [envelope, outcome] = verifier.check("file", "UNREADABLE", () =>
    [receipt.transaction, receipt.result].map((one) => json.plain(json.parse(one))),
  );
  return {
    chain: receipt.chain,
    height: receipt.height,
    position: Number(receipt.index),
    timeMs: Number(milliseconds(header.time)),
    digest: bytesToHex(digest),
    envelope,
    outcome,
    grounds,
    links: proof.links,
  };
}

/** Turns what fails into a refusal with the code of the link at which it fails. */
class Verifier {
  readonly proof = new Proof();

  check<T>(link: LinkName, code: ReceiptCode, work: () => T, values?: Values): T {
    try {
      return this.proof.within(link, work);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const said = values ?? (code === "NOT_LINKED" ? {} : { reason: error.message.slice(0, 300) });
      throw new Refused(RECEIPT_CODES[code], code, said, this.proof.links);
    }
  }
}

/** The header of the block and the signed one after it, with why that one is trusted. */
function verifyHeaders(
  receipt: Receipt,
  trust: Trust,
  proof: Proof,
): [CheckedHeader, CheckedHeader, Grounds] {
  const following = decodeHeader(receipt.next_header);
  const same = following.chainId === trust.chain;
  if (!same) proof.link("chain", false, following.chainId, trust.chain, "it is of another chain");
  const proving: LightBlock = {
    height: following.height,
    header: receipt.next_header,
    commit: receipt.next_commit,
    validators: receipt.validators,
    next_validators: [],
  };
  const grounds = verifyPath(receipt.path, proving, trust, proof);
  proof.about(receipt.height);
  return [decodeHeader(receipt.header), following, grounds];
}

/** Step from what is trusted, along a path, to the block that proves. */
function verifyPath(
  path: readonly LightBlock[],
  proving: LightBlock,
  trust: Trust,
  proof: Proof,
): Grounds {
  const known = proof.within("trust_file", () => knownBlocks(trust));
  const first = path[0] ?? proving;
  let at = nearest(known, first.height);
  if (at === undefined) {
    throw new Fault(`it is of a time before block ${first.height}, which nothing trusted reaches`);
  }
  let base = at.height;
  let steps = 0;
  for (const block of [...path, proving]) {
    const better = nearest(known, block.height);
    if (better !== undefined && better.height > at.height) {
      [at, base, steps] = [better, better.height, 0];
    }
    if (block.height === at.height && equalBytes(block.header, at.header)) {
      if (block === proving) verifyTrusted(proving, proof);
      continue;
    }
    step(at, block, proof);
    at = block;
    steps += 1;
  }
  const commit = decodeCommit(proving.commit);
  return { base, steps, signers: countSigners(commit), validators: commit.signatures.length };
}

/** The block that proves is a trusted one: that its own set signed it is verified all the same. */
function verifyTrusted(block: LightBlock, proof: Proof): void {
  proof.about(block.height);
  const header = decodeHeader(block.header);
  const commit = proof.within("commit", () => decodeCommit(block.commit));
  const set = proof.within("validators", () => validatorSet(block.validators));
  verifySigned(header, commit, set, proof);
  const hash = headerHash(header);
  proof.same("trust", hash, hash, "it is the trusted block");
}

/** The block after names this one, and the receipt's height is that of its header. */
function verifyLinked(
  receipt: Receipt,
  header: CheckedHeader,
  following: CheckedHeader,
  proof: Proof,
): void {
  const { lastBlockId: before } = following;
  const named = before?.hash ?? new Uint8Array();
  proof.same("block", headerHash(header), named, "the next header names another block");
  const next = header.height + 1n;
  proof.link("height", following.height === next, following.height, next, "it is not the next");
  proof.link("height", header.height === receipt.height, receipt.height, header.height, "other");
}

/** The result as it stands under the results hash: its code, and the digest of place and outcome. */
function leafOf(receipt: Receipt): Uint8Array {
  const { code } = headOf(json.parse(receipt.result), "the result");
  const where = new DataView(new ArrayBuffer(8));
  where.setUint32(0, Number(receipt.index));
  where.setUint32(4, Number(receipt.total));
  const placed = concatBytes(new Uint8Array(where.buffer), json.bytesOf(receipt.result));
  return resultLeaf(Number(code), sha256(placed));
}
