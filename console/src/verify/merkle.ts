/**
 * Merkle trees over lists: RFC 6962 as CometBFT v0.38 uses it (spec/core/encoding, twin of
 * core/src/merkle.rs). Leaf = SHA-256(0x00 || bytes), inner = SHA-256(0x01 || left || right), a list
 * of n splits at the largest power of two below n, the empty list is SHA-256 of nothing.
 */
import { sha256 } from "@noble/hashes/sha2.js";

import { Fault } from "./fault";

/** A path longer than this belongs to no list that fits a machine. */
const MAX_PATH = 64;
const HASH_BYTES = 32;

function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256.create().update(Uint8Array.of(0)).update(leaf).digest();
}

function innerHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256.create().update(Uint8Array.of(1)).update(left).update(right).digest();
}

/**
 * The root over a list. Pairing neighbours and lifting an odd last one gives the same tree as
 * splitting at the largest power of two.
 */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let level = leaves.map(leafHash);
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let place = 0; place < level.length; place += 2) {
      const [left, right] = level.slice(place, place + 2);
      if (left !== undefined) above.push(right === undefined ? left : innerHash(left, right));
    }
    level = above;
  }
  return level[0] ?? sha256(new Uint8Array());
}

/**
 * The root that a path leads to from the leaf at `index` of `total`. The list's shape says on every
 * level on which side the sibling stands. A Fault where the path does not have that shape.
 */
export function climb(
  leaf: Uint8Array,
  index: bigint,
  total: bigint,
  path: readonly Uint8Array[],
): Uint8Array {
  if (index >= total || path.length > MAX_PATH) throw new Fault("the place is outside the list");
  let hash = leafHash(leaf);
  let used = 0;
  for (let at = index, last = total - 1n; last > 0n; at /= 2n, last /= 2n) {
    const right = at % 2n === 1n;
    if (!right && at === last) continue;
    const sibling = path[used++];
    if (sibling?.length !== HASH_BYTES) {
      throw new Fault("the path is too short, or a sibling is no hash");
    }
    hash = right ? innerHash(sibling, hash) : innerHash(hash, sibling);
  }
  if (used < path.length) throw new Fault("the path is too long");
  return hash;
}
