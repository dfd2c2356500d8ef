/**
 * CometBFT v0.38 in protobuf: headers, commits, and what is signed and hashed (proto/tendermint/types;
 * twin of core/src/comet and of the tendermint crate's conversions).
 *
 * A decoder takes only the canonical encoding of a value: it encodes again and compares, so that no
 * two byte strings mean the same header or commit. Unknown, repeated and out-of-order fields and
 * overlong numbers fail by that comparison.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

import { equalBytes, Fault } from "./fault";

/** A protobuf timestamp. */
export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** Names a block: its header's hash, and how its encoding is cut into parts. */
export interface BlockId {
  readonly hash: Uint8Array;
  readonly parts: { readonly total: number; readonly hash: Uint8Array } | undefined;
}

/** A header as it stands in its encoding. */
export interface Header {
  readonly version: { readonly block: bigint; readonly app: bigint } | undefined;
  readonly chainId: string;
  readonly height: bigint;
  readonly time: Timestamp | undefined;
  readonly lastBlockId: BlockId | undefined;
  /** Fields 6 to 14, in order: see `HASHES`. */
  readonly hashes: readonly Uint8Array[];
}

/** One validator's place in a commit. */
export interface CommitSignature {
  readonly flag: number;
  readonly address: Uint8Array;
  readonly time: Timestamp | undefined;
  readonly signature: Uint8Array;
}

/** Who signed a header. */
export interface Commit {
  readonly height: bigint;
  readonly round: number;
  readonly blockId: BlockId | undefined;
  readonly signatures: readonly CommitSignature[];
}

/** Places in `Header.hashes`. */
export const HASHES = {
  lastCommit: 0,
  data: 1,
  validators: 2,
  nextValidators: 3,
  consensus: 4,
  app: 5,
  lastResults: 6,
  evidence: 7,
  proposer: 8,
} as const;
const FIRST_HASH = 6;
const EMPTY = new Uint8Array();
/** `SIGNED_MSG_TYPE_PRECOMMIT`. */
const PRECOMMIT = 2;

type Write = (writer: BinaryWriter) => void;

// ---- fields, each left out where it has its default --------------------------------------------

function message(writer: BinaryWriter, field: number, write: Write): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

function bytesField(writer: BinaryWriter, field: number, value: Uint8Array): void {
  if (value.length > 0) writer.tag(field, WireType.LengthDelimited).bytes(value);
}

function int64Field(writer: BinaryWriter, field: number, value: bigint): void {
  if (value !== 0n) writer.tag(field, WireType.Varint).int64(value);
}

function uint64Field(writer: BinaryWriter, field: number, value: bigint): void {
  if (value !== 0n) writer.tag(field, WireType.Varint).uint64(value);
}

function int32Field(writer: BinaryWriter, field: number, value: number): void {
  if (value !== 0) writer.tag(field, WireType.Varint).int32(value);
}

function uint32Field(writer: BinaryWriter, field: number, value: number): void {
  if (value !== 0) writer.tag(field, WireType.Varint).uint32(value);
}

function fixed64Field(writer: BinaryWriter, field: number, value: bigint): void {
  if (value !== 0n) writer.tag(field, WireType.Bit64).sfixed64(value);
}

function stringField(writer: BinaryWriter, field: number, value: string): void {
  if (value !== "") writer.tag(field, WireType.LengthDelimited).string(value);
}

function encoded(write: Write): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

// ---- decoding ----------------------------------------------------------------------------------

/** What to do with each field that a message has; a field that is not named makes it not canonical. */
type Read = Readonly<Record<number, (reader: BinaryReader) => void>>;

function readFields(reader: BinaryReader, fields: Read): void {
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const read = fields[field];
    if (read === undefined) reader.skip(wireType, field);
    else read(reader);
  }
}

function inner(reader: BinaryReader): BinaryReader {
  return new BinaryReader(reader.bytes());
}

/** Read a value and insist that these bytes are its one encoding. */
function canonical<T>(
  raw: Uint8Array,
  what: string,
  read: (reader: BinaryReader) => T,
  encode: (value: T) => Uint8Array,
): T {
  let value: T;
  try {
    value = read(new BinaryReader(raw));
  } catch {
    throw new Fault(`this is not a ${what}`);
  }
  if (!equalBytes(encode(value), raw)) throw new Fault(`this is not a ${what} in canonical form`);
  return value;
}

function readTimestamp(reader: BinaryReader): Timestamp {
  let seconds = 0n;
  let nanos = 0;
  readFields(reader, {
    1: (from) => (seconds = BigInt(from.int64())),
    2: (from) => (nanos = from.int32()),
  });
  return { seconds, nanos };
}

function readBlockId(reader: BinaryReader): BlockId {
  let hash: Uint8Array = EMPTY;
  let parts: BlockId["parts"];
  readFields(reader, {
    1: (from) => (hash = from.bytes()),
    2: (from) => {
      let total = 0;
      let partsHash: Uint8Array = EMPTY;
      readFields(inner(from), {
        1: (part) => (total = part.uint32()),
        2: (part) => (partsHash = part.bytes()),
      });
      parts = { total, hash: partsHash };
    },
  });
  return { hash, parts };
}

function readHeader(reader: BinaryReader): Header {
  let version: Header["version"];
  let chainId = "";
  let height = 0n;
  let time: Timestamp | undefined;
  let lastBlockId: BlockId | undefined;
  const hashes = Array.from({ length: 9 }, (): Uint8Array => EMPTY);
  const hashFields = hashes.map((_, place) => [
    FIRST_HASH + place,
    (from: BinaryReader): void => {
      hashes[place] = from.bytes();
    },
  ]);
  readFields(reader, {
    1: (from) => {
      let block = 0n;
      let app = 0n;
      readFields(inner(from), {
        1: (part) => (block = BigInt(part.uint64())),
        2: (part) => (app = BigInt(part.uint64())),
      });
      version = { block, app };
    },
    2: (from) => (chainId = from.string()),
    3: (from) => (height = BigInt(from.int64())),
    4: (from) => (time = readTimestamp(inner(from))),
    5: (from) => (lastBlockId = readBlockId(inner(from))),
    ...(Object.fromEntries(hashFields) as Read),
  });
  return { version, chainId, height, time, lastBlockId, hashes };
}

function readSignature(reader: BinaryReader): CommitSignature {
  let flag = 0;
  let address: Uint8Array = EMPTY;
  let time: Timestamp | undefined;
  let signature: Uint8Array = EMPTY;
  readFields(reader, {
    1: (from) => (flag = from.int32()),
    2: (from) => (address = from.bytes()),
    3: (from) => (time = readTimestamp(inner(from))),
    4: (from) => (signature = from.bytes()),
  });
  return { flag, address, time, signature };
}

function readCommit(reader: BinaryReader): Commit {
  let height = 0n;
  let round = 0;
  let blockId: BlockId | undefined;
  const signatures: CommitSignature[] = [];
  readFields(reader, {
    1: (from) => (height = BigInt(from.int64())),
    2: (from) => (round = from.int32()),
    3: (from) => (blockId = readBlockId(inner(from))),
    4: (from) => signatures.push(readSignature(inner(from))),
  });
  return { height, round, blockId, signatures };
}

/** A header from its canonical encoding. */
export function headerFrom(raw: Uint8Array): Header {
  return canonical(raw, "header", readHeader, encodeHeader);
}

/** A commit from its canonical encoding. */
export function commitFrom(raw: Uint8Array): Commit {
  return canonical(raw, "commit", readCommit, encodeCommit);
}

// ---- encoding ----------------------------------------------------------------------------------

function timestamp(time: Timestamp): Write {
  return (writer) => {
    int64Field(writer, 1, time.seconds);
    int32Field(writer, 2, time.nanos);
  };
}

function blockId(id: BlockId): Write {
  return (writer) => {
    bytesField(writer, 1, id.hash);
    const { parts } = id;
    if (parts === undefined) return;
    message(writer, 2, (part) => {
      uint32Field(part, 1, parts.total);
      bytesField(part, 2, parts.hash);
    });
  };
}

function version(header: Header): Write {
  return (writer) => {
    uint64Field(writer, 1, header.version?.block ?? 0n);
    uint64Field(writer, 2, header.version?.app ?? 0n);
  };
}

/** The canonical encoding of a header. */
export function encodeHeader(header: Header): Uint8Array {
  return encoded((writer) => {
    if (header.version !== undefined) message(writer, 1, version(header));
    stringField(writer, 2, header.chainId);
    int64Field(writer, 3, header.height);
    if (header.time !== undefined) message(writer, 4, timestamp(header.time));
    if (header.lastBlockId !== undefined) message(writer, 5, blockId(header.lastBlockId));
    header.hashes.forEach((hash, place) => bytesField(writer, FIRST_HASH + place, hash));
  });
}

/** The canonical encoding of a commit. */
export function encodeCommit(commit: Commit): Uint8Array {
  return encoded((writer) => {
    int64Field(writer, 1, commit.height);
    int32Field(writer, 2, commit.round);
    if (commit.blockId !== undefined) message(writer, 3, blockId(commit.blockId));
    for (const one of commit.signatures) {
      message(writer, 4, (part) => {
        int32Field(part, 1, one.flag);
        bytesField(part, 2, one.address);
        if (one.time !== undefined) message(part, 3, timestamp(one.time));
        bytesField(part, 4, one.signature);
      });
    }
  });
}

/**
 * The leaves of the tree whose root is a header's hash: each field in the wrapper that Go gives it
 * (types/block.go, `Header.Hash`; types/encoding_helper.go, `cdcEncode`).
 */
export function headerLeaves(header: Header): Uint8Array[] {
  const noBlock: BlockId = { hash: EMPTY, parts: { total: 0, hash: EMPTY } };
  return [
    encoded(version(header)),
    encoded((writer) => stringField(writer, 1, header.chainId)),
    encoded((writer) => int64Field(writer, 1, header.height)),
    encoded(timestamp(header.time ?? { seconds: 0n, nanos: 0 })),
    encoded(blockId(header.lastBlockId ?? noBlock)),
    ...header.hashes.map((hash) => encoded((writer) => bytesField(writer, 1, hash))),
  ];
}

/** What a validator signs for a block: the canonical precommit, after its length. */
export function signBytes(chainId: string, commit: Commit, time: Timestamp): Uint8Array {
  return encoded((writer) => {
    writer.fork();
    int32Field(writer, 1, PRECOMMIT);
    fixed64Field(writer, 2, commit.height);
    fixed64Field(writer, 3, BigInt(commit.round));
    if (commit.blockId !== undefined) message(writer, 4, blockId(commit.blockId));
    message(writer, 5, timestamp(time));
    stringField(writer, 6, chainId);
    writer.join();
  });
}

/** A validator as it stands under a set's hash (`SimpleValidator`). */
export function encodeValidator(publicKey: Uint8Array, power: bigint): Uint8Array {
  return encoded((writer) => {
    message(writer, 1, (key) => key.tag(1, WireType.LengthDelimited).bytes(publicKey));
    int64Field(writer, 2, power);
  });
}

/** A result as it stands under `last_results_hash` (`ExecTxResult`, code and data alone). */
export function resultLeaf(code: number, data: Uint8Array): Uint8Array {
  return encoded((writer) => {
    uint32Field(writer, 1, code);
    bytesField(writer, 2, data);
  });
}
