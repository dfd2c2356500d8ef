/**
 * Validator sets in CometBFT's order and their hash (v0.38, types/validator_set.go; twin of
 * core/src/comet/mod.rs and of the tendermint crate's `validator::Set`).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { Fault } from "./fault";
import { merkleRoot } from "./merkle";
import { encodeValidator } from "./wire";

/** Ed25519 public key and voting power, as files name them. */
export type Pair = readonly [Uint8Array, bigint];

/** One who signs blocks. */
export interface Validator {
  readonly publicKey: Uint8Array;
  readonly power: bigint;
  /** First 20 bytes of the key's SHA-256, in hex. */
  readonly address: string;
}

/** Validators by power downwards, then by address. */
export interface ValidatorSet {
  readonly validators: readonly Validator[];
  readonly total: bigint;
  readonly hash: Uint8Array;
}

/** What CometBFT allows for the sum of all powers (`types.MaxTotalVotingPower`). */
const MAX_TOTAL_POWER = (2n ** 63n - 1n) / 8n;
/** No set of validators is larger, by far. */
const MAX_VALIDATORS = 65_536;

/** The set of some validators, in any order. A Fault where a key or a power is none. */
export function validatorSet(pairs: readonly Pair[]): ValidatorSet {
  if (pairs.length > MAX_VALIDATORS) throw new Fault("there are too many validators");
  let total = 0n;
  const validators = pairs.map(([publicKey, power]): Validator => {
    total += power;
    if (power <= 0n || total > MAX_TOTAL_POWER) {
      throw new Fault("a validator's power, or the sum of all, is out of range");
    }
    if (publicKey.length !== 32) throw new Fault("a validator's key is not an Ed25519 public key");
    return { publicKey, power, address: bytesToHex(sha256(publicKey).subarray(0, 20)) };
  });
  validators.sort(byPowerAndAddress);
  const hash = merkleRoot(validators.map((one) => encodeValidator(one.publicKey, one.power)));
  return { validators, total, hash };
}

function byPowerAndAddress(one: Validator, other: Validator): number {
  if (one.power !== other.power) return one.power > other.power ? -1 : 1;
  if (one.address === other.address) return 0;
  return one.address < other.address ? -1 : 1;
}
