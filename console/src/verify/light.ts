/**
 * Light blocks, and verifying one because another is trusted: the rules of CometBFT's light client
 * (v0.38, light/verifier.go) for proofs about the past, where the time of whoever asks is that of the
 * block itself. Twin of src/tongbao/kernel/light.py, core/src/comet/light.rs and the
 * tendermint-light-client-verifier crate.
 */
import {
  decodeCommit, isMore, moreThan, ONE_THIRD, verifySigned, type Votes,
} from "./commit"; // prettier-ignore
import { equalBytes, Fault, type Proof } from "./fault";
import {
  type CheckedHeader, decodeHeader, hashOf, later, milliseconds, nanoseconds,
} from "./header"; // prettier-ignore
import * as json from "./json";
import { merkleRoot } from "./merkle";
import { type Pair, type ValidatorSet, validatorSet } from "./validators";
import { encodeHeader, HASHES } from "./wire";

/** All that a light client needs of a block. */
export interface LightBlock {
  /** 0 is the genesis, whose header nobody signed: see `genesisBlock`. */
  readonly height: bigint;
  readonly header: Uint8Array;
  readonly commit: Uint8Array;
  readonly validators: readonly Pair[];
  /** Who signs the block after it; where it is empty nothing can be based on this block. */
  readonly next_validators: readonly Pair[];
}

/** What CometBFT allows in one set (`types.MaxVotesCount`). */
const MAX_VALIDATORS = 10_000;
const MAX_HEADER_BYTES = 2_048;
const MAX_COMMIT_BYTES = 2_097_152;
/** A trusting period for what is past, as in Python: how long ago does not matter. */
const FOR_EVER_S = 100n * 365n * 86_400n;
/** How far a header may lie in the future. */
const DRIFT_S = 10n;

/** (Ed25519 public key, power) of each validator, in any order. */
export const pairs = json.list(
  json.pair(json.bytes(32, 32), json.whole(1n, 2n ** 60n)),
  MAX_VALIDATORS,
);

/** A light block as it stands in a file. */
export const lightBlock = json.object<LightBlock>({
  height: json.whole(0n, 2n ** 62n),
  header: json.bytes(0, MAX_HEADER_BYTES),
  commit: json.bytes(0, MAX_COMMIT_BYTES),
  validators: pairs,
  next_validators: pairs,
});

/** The genesis as something to step from: a header that nobody signed, at height 0. */
export function genesisBlock(
  chainId: string,
  validators: readonly Pair[],
  timeMs: bigint,
): LightBlock {
  const named = validatorSet(validators).hash;
  const empty = merkleRoot([]);
  const none = new Uint8Array();
  const ms = timeMs > 0n ? timeMs : 0n;
  const header = encodeHeader({
    version: { block: 11n, app: 0n },
    chainId,
    height: 1n,
    time: { seconds: ms / 1000n, nanos: Number(ms % 1000n) * 1_000_000 },
    lastBlockId: { hash: none, parts: { total: 0, hash: none } },
    hashes: [empty, empty, named, named, empty, none, empty, empty, new Uint8Array(20)],
  });
  decodeHeader(header);
  return { height: 0n, header, commit: none, validators, next_validators: validators };
}

/** The highest of some blocks that is not above a height. */
export function nearest(blocks: readonly LightBlock[], height: bigint): LightBlock | undefined {
  let best: LightBlock | undefined;
  for (const one of blocks) {
    if (one.height <= height && (best === undefined || one.height > best.height)) best = one;
  }
  return best;
}

/** Verify a block because another is trusted. A Fault says why it does not follow from that one. */
export function step(trusted: LightBlock, block: LightBlock, proof: Proof): void {
  proof.about(block.height);
  const [base, header] = proof.within("header", () => [
    decodeHeader(trusted.header),
    decodeHeader(block.header),
  ]);
  proof.within("time", () => requireUnexpired(base, header));
  const first = trusted.height === 0n && block.height === 1n;
  if (header.height !== block.height) {
    const reason = `the header says height ${header.height}, not ${block.height}`;
    proof.link("height", false, header.height, block.height, reason);
  }
  if (header.chainId !== base.chainId) {
    proof.link("chain", false, header.chainId, base.chainId, "it is of another chain");
  }
  const next = proof.within("trust", () => nextSet(base, trusted));
  const votes = verifyOwn(header, block, proof);
  if (first) {
    followAdjacent(header, next, proof);
    return;
  }
  proof.within("time", () => requireLater(base, header));
  if (header.height === base.height + 1n) followAdjacent(header, next, proof);
  else followFurther(base, next, header, votes, proof);
}

/** The set that signed, and the set that it names for the next block where that is given. */
function verifyOwn(header: CheckedHeader, block: LightBlock, proof: Proof): Votes {
  const commit = proof.within("commit", () => decodeCommit(block.commit));
  const set = proof.within("validators", () => validatorSet(block.validators));
  const votes = verifySigned(header, commit, set, proof);
  if (block.next_validators.length > 0) {
    const following = proof.within("next_validators", () => validatorSet(block.next_validators));
    proof.same(
      "next_validators", following.hash, hashOf(header, HASHES.nextValidators),
      "the header names another next validator set",
    ); // prettier-ignore
  }
  return votes;
}

/** The set that a trusted block names for the next one, which has to be the one it came with. */
function nextSet(base: CheckedHeader, trusted: LightBlock): ValidatorSet {
  const next = validatorSet(trusted.next_validators);
  if (!equalBytes(next.hash, hashOf(base, HASHES.nextValidators))) {
    throw new Fault("the trusted header names another next validator set");
  }
  return next;
}

/** The next block is signed by the set that the trusted one names; block 1 by that of the genesis. */
function followAdjacent(header: CheckedHeader, next: ValidatorSet, proof: Proof): void {
  proof.same(
    "trust", hashOf(header, HASHES.validators), next.hash,
    "it is not signed by the validators that the trusted block names",
  ); // prettier-ignore
}

/** A block further on is signed by enough of the set that the trusted one names. */
function followFurther(
  base: CheckedHeader,
  next: ValidatorSet,
  header: CheckedHeader,
  votes: Votes,
  proof: Proof,
): void {
  if (header.height <= base.height) {
    const reason = "it is not above the trusted block";
    proof.link("height", false, header.height, `> ${base.height}`, reason);
  }
  const power = proof.within("trust", () => votes.power(next, ONE_THIRD));
  proof.link(
    "trust", isMore(power, next.total, ONE_THIRD), power, moreThan(next.total, ONE_THIRD),
    "validators changed in between, and there is no path between the two",
  ); // prettier-ignore
}

/** The trusting period has not ended, and its end can be said. */
function requireUnexpired(base: CheckedHeader, header: CheckedHeader): void {
  const now = milliseconds(header.time);
  if (milliseconds(base.time) + FOR_EVER_S * 1000n <= now) {
    throw new Fault("the trusted block is older than the trusting period");
  }
}

/** Time goes upwards from block to block. */
function requireLater(base: CheckedHeader, header: CheckedHeader): void {
  later(nanoseconds(base.time), FOR_EVER_S);
  if (nanoseconds(header.time) <= nanoseconds(base.time)) {
    throw new Fault("it is not later than the trusted block");
  }
  later(milliseconds(header.time) * 1_000_000n, DRIFT_S);
}
