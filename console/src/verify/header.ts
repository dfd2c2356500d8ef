/**
 * Headers that may be relied on to be headers, their hash and their time (twin of
 * core/src/comet/header.rs and of the tendermint crate's `block::Header`).
 */
import { Fault } from "./fault";
import { merkleRoot } from "./merkle";
import { type BlockId, HASHES, type Header, headerFrom, headerLeaves, type Timestamp } from "./wire";

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what a protobuf timestamp may name. */
const FIRST_SECOND = -62_135_596_800n;
const LAST_SECOND = 253_402_300_799n;
const SECOND_NS = 1_000_000_000n;
/** CometBFT's limit on the length of a chain's name, and the characters of one. */
const CHAIN_ID = /^[A-Za-z0-9._-]{1,50}$/;
const HASH_BYTES = 32;
const ADDRESS_BYTES = 20;
/** May be empty; else they are of 32 bytes. The state root has any length. */
const HASHED = [
  HASHES.lastCommit,
  HASHES.data,
  HASHES.validators,
  HASHES.nextValidators,
  HASHES.consensus,
  HASHES.lastResults,
  HASHES.evidence,
] as const;

/** A header whose parts are all there, and are what they have to be. */
export type CheckedHeader = Header & { readonly time: Timestamp };

/** Read a header strictly. */
export function decodeHeader(raw: Uint8Array): CheckedHeader {
  const header = headerFrom(raw);
  const { time, lastBlockId } = header;
  if (!CHAIN_ID.test(header.chainId)) throw new Fault("the header names no chain");
  if (header.height < 1n) throw new Fault("a header has a height of 1 or more");
  if (header.version === undefined) throw new Fault("the header has no version");
  requireTime(time);
  if (HASHED.some((place) => !isHash(hashOf(header, place)))) {
    throw new Fault("a hash in the header has another length than 32 bytes");
  }
  if (hashOf(header, HASHES.proposer).length !== ADDRESS_BYTES) {
    throw new Fault("the proposer's address has another length than 20 bytes");
  }
  if (lastBlockId !== undefined) requireBlockId(lastBlockId);
  if (header.height === 1n && lastBlockId !== undefined && !isNoBlock(lastBlockId)) {
    throw new Fault("the first block has none before it");
  }
  return { ...header, time };
}

/** One of the hashes that a header names. */
export function hashOf(header: Header, place: number): Uint8Array {
  return header.hashes[place] ?? new Uint8Array();
}

/** The hash of a header, by which its block is known. */
export function headerHash(header: Header): Uint8Array {
  return merkleRoot(headerLeaves(header));
}

/** Refuse the id of a block whose parts are none. */
export function requireBlockId(id: BlockId | undefined): asserts id is BlockId {
  if (id?.parts === undefined || !isHash(id.hash) || !isHash(id.parts.hash)) {
    throw new Fault("the id of a block lacks its parts, or a hash in it has another length");
  }
}

/** Refuse a time that is absent or outside the years 1 to 9999. */
export function requireTime(time: Timestamp | undefined): asserts time is Timestamp {
  if (time === undefined) throw new Fault("a time is absent");
  const { seconds, nanos } = time;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanos < 0 || nanos > 999_999_999) {
    throw new Fault("a timestamp is out of range");
  }
}

/** A time as nanoseconds since 1970. */
export function nanoseconds(time: Timestamp): bigint {
  return time.seconds * SECOND_NS + BigInt(time.nanos);
}

/** A time as whole milliseconds since 1970. */
export function milliseconds(time: Timestamp): bigint {
  return time.seconds * 1000n + BigInt(Math.floor(time.nanos / 1_000_000));
}

/** A time and so many seconds more. A Fault where that is after the year 9999. */
export function later(timeNs: bigint, seconds: bigint): bigint {
  const sum = timeNs + seconds * SECOND_NS;
  if (sum >= (LAST_SECOND + 1n) * SECOND_NS) throw new Fault("a time is after the year 9999");
  return sum;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === 0 || bytes.length === HASH_BYTES;
}

function isNoBlock(id: BlockId): boolean {
  const parts = id.parts ?? { total: 0, hash: new Uint8Array() };
  return id.hash.length === 0 && parts.total === 0 && parts.hash.length === 0;
}
