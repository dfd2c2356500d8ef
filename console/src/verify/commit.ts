/**
 * Commits: who signed a header, and whether that is enough (CometBFT v0.38, light/verifier.go; twin of
 * core/src/comet/commit.rs and of the tendermint-light-client-verifier crate's `operations`).
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { Fault, type Proof } from "./fault";
import { type CheckedHeader, hashOf, headerHash, requireBlockId, requireTime } from "./header";
import type { Validator, ValidatorSet } from "./validators";
import { type BlockId, type Commit, commitFrom, type CommitSignature, HASHES, signBytes } from "./wire";

/** `BLOCK_ID_FLAG_*`: no vote arrived; a vote for the block; a vote for none. */
const ABSENT = 1;
const COMMIT = 2;
const NIL = 3;
const ADDRESS_BYTES = 20;
const SIGNATURE_BYTES = 64;
/** Go's zero time, which stands in an absent validator's place. */
const ZERO_SECONDS = -62_135_596_800n;

/** A part of a set's power. */
export interface Share {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Of its own set more than this has to have signed a header. */
export const TWO_THIRDS: Share = { numerator: 2n, denominator: 3n };
/** Of a trusted set more than this has to have signed a header further on. */
export const ONE_THIRD: Share = { numerator: 1n, denominator: 3n };

/** A commit whose parts are all there, and are what they have to be. */
export type CheckedCommit = Commit & { readonly blockId: BlockId };

/** Read a commit strictly. */
export function decodeCommit(raw: Uint8Array): CheckedCommit {
  const commit = commitFrom(raw);
  const { blockId } = commit;
  if (commit.height < 0n || commit.round < 0) throw new Fault("a height or a round is negative");
  requireBlockId(blockId);
  commit.signatures.forEach(requireSignature);
  return { ...commit, blockId };
}

function requireSignature(one: CommitSignature): void {
  if (one.flag === ABSENT) {
    const zero = one.time === undefined || (one.time.seconds === ZERO_SECONDS && one.time.nanos === 0);
    if (!zero || one.signature.length > 0) throw new Fault("an absent validator signs nothing");
    return;
  }
  if (one.flag !== COMMIT && one.flag !== NIL) throw new Fault("a vote is of an unknown kind");
  requireTime(one.time);
  if (one.signature.length !== SIGNATURE_BYTES || one.address.length !== ADDRESS_BYTES) {
    throw new Fault("a signature or an address has another length");
  }
}

/**
 * The votes of a commit for its block, each verified at most once.
 *
 * As in the crate, a signature that does not hold is a fault only where it is counted: once enough
 * power has been counted, no more signatures are looked at.
 */
export class Votes {
  private readonly byAddress = new Map<string, CommitSignature>();
  private readonly verified = new Set<string>();

  constructor(
    private readonly chainId: string,
    private readonly commit: CheckedCommit,
  ) {
    for (const one of commit.signatures) {
      if (one.flag !== COMMIT) continue;
      const address = bytesToHex(one.address);
      if (this.byAddress.has(address)) throw new Fault(`validator ${address} voted twice`);
      this.byAddress.set(address, one);
    }
  }

  /** How much of a set's power signed, counted until it is more than a share. */
  power(set: ValidatorSet, share: Share): bigint {
    const counted = new Set<string>();
    let power = 0n;
    for (const validator of set.validators) {
      if (!this.holds(validator)) continue;
      if (counted.has(validator.address)) {
        throw new Fault(`validator ${validator.address} stands in the set twice`);
      }
      counted.add(validator.address);
      power += validator.power;
      if (isMore(power, set.total, share)) break;
    }
    return power;
  }

  /** Whether a validator voted for the block. A Fault where the signature does not hold. */
  private holds(validator: Validator): boolean {
    const vote = this.byAddress.get(validator.address);
    if (vote?.time === undefined) return false;
    if (this.verified.has(validator.address)) return true;
    const signed = signBytes(this.chainId, this.commit, vote.time);
    if (!verifySignature(validator.publicKey, vote.signature, signed)) {
      throw new Fault(`the signature of validator ${validator.address} does not hold`);
    }
    this.verified.add(validator.address);
    return true;
  }
}

/** Whether some power is more than a share of a total. */
export function isMore(power: bigint, total: bigint, share: Share): boolean {
  return power * share.denominator > total * share.numerator;
}

/** What `isMore` asks for, in words that need no language. */
export function moreThan(total: bigint, share: Share): string {
  return `> ${share.numerator}/${share.denominator} * ${total}`;
}

/**
 * Whether an Ed25519 signature holds by the rules of ZIP-215, as everywhere on the chain: cofactored
 * equation, any encoding of A and R that decompresses, s below the group order.
 */
export function verifySignature(
  publicKey: Uint8Array,
  signature: Uint8Array,
  signed: Uint8Array,
): boolean {
  if (publicKey.length !== 32 || signature.length !== SIGNATURE_BYTES) return false;
  return ed25519.verify(signature, signed, publicKey, { zip215: true });
}

/** Verify that a header's own set is the one given, and that more than two thirds of it signed. */
export function verifySigned(
  header: CheckedHeader,
  commit: CheckedCommit,
  set: ValidatorSet,
  proof: Proof,
): Votes {
  proof.same(
    "validators", set.hash, hashOf(header, HASHES.validators),
    "the header names another validator set",
  ); // prettier-ignore
  proof.same(
    "commit", commit.blockId.hash, headerHash(header), "the commit is for another header",
  ); // prettier-ignore
  return proof.within("signatures", () => {
    if (commit.height !== header.height) throw new Fault("the commit is for another height");
    requireSigners(commit, set);
    const votes = new Votes(header.chainId, commit);
    const power = votes.power(set, TWO_THIRDS);
    proof.link(
      "signatures", isMore(power, set.total, TWO_THIRDS), power, moreThan(set.total, TWO_THIRDS),
      "not more than two thirds of the validators signed",
    ); // prettier-ignore
    return votes;
  });
}

/** The crate's `CommitValidator`: one entry a validator, and everyone who voted is one. */
function requireSigners(commit: Commit, set: ValidatorSet): void {
  const { signatures } = commit;
  if (signatures.every((one) => one.flag === ABSENT)) throw new Fault("nobody signed");
  if (signatures.length !== set.validators.length) {
    throw new Fault(`${signatures.length} votes of ${set.validators.length} validators`);
  }
  const known = new Set(set.validators.map((one) => one.address));
  for (const one of signatures) {
    if (one.flag !== ABSENT && !known.has(bytesToHex(one.address))) {
      throw new Fault(`${bytesToHex(one.address)}, who voted, is no validator`);
    }
  }
}

/** How many voted for the block. */
export function countSigners(commit: Commit): number {
  return commit.signatures.filter((one) => one.flag === COMMIT).length;
}
