/**
 * What a verifier starts from: the genesis of a chain, or a trust file of `tongbao light sync`, which
 * holds the blocks that a light client has verified. Twin of `read_trust` in
 * src/tongbao/sdk/light/store.py and of src/tongbao/kernel/genesis.py.
 *
 * Of a genesis this reads all fields and judges those on which a proof depends. What only a node needs
 * of it (signature suites, how long names are kept, what its actions say) a node judges.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { Fault, Proof, Refused } from "./fault";
import * as json from "./json";
import { genesisBlock, type LightBlock, lightBlock, pairs } from "./light";
import type { Pair } from "./validators";

/** Of which chain, and whom a verifier trusts. */
export interface Trust {
  readonly chain: string;
  /** Those of the genesis; empty where trust began later, at a block. */
  readonly validators: readonly Pair[];
  /** Blocks that a light client has verified, in any order. */
  readonly blocks: readonly LightBlock[];
  /** Before the first block, UTC milliseconds. */
  readonly timeMs: bigint;
  /** In the chain that this one continues, as far as its genesis vouches for it. */
  readonly before?: Trust;
  /** In a chain that was continued: receipts of blocks below this height are accepted. */
  readonly until: bigint;
}

interface GenesisValidator {
  readonly name: string;
  readonly public: Uint8Array;
  readonly power: bigint;
}

interface Predecessor {
  readonly chain: string;
  readonly genesis: string;
  readonly height: bigint;
  readonly time_ms: bigint;
  readonly block: Uint8Array;
  readonly app_hash: Uint8Array;
  readonly validators: readonly GenesisValidator[];
}

interface Genesis {
  readonly chain: string;
  readonly time_ms: bigint;
  readonly validators: readonly GenesisValidator[];
  readonly format: string;
  readonly protocol: bigint;
  readonly hash: string;
  readonly suites: readonly string[];
  readonly name_memory_ms: bigint;
  readonly actions: json.Json;
  readonly predecessor: Predecessor | undefined;
}

/** Numbers and names as in kernel/genesis.py and sdk/light/codes.py. */
const UNREADABLE_GENESIS = { code: 121, name: "UNREADABLE" } as const;
const UNKNOWN_HASH = { code: 124, name: "UNKNOWN_HASH" } as const;
const UNREADABLE_STORE = { code: 149, name: "STORE_UNREADABLE" } as const;
const GENESIS_FORMAT = "tongbao.genesis/1";
const STORE_FORMAT = "tongbao.trust/1";
/** With which results are digested; a genesis may name no other. */
const STATE_HASH = "sha256";
const MAX_POWER = 2n ** 40n;
const MAX_BLOCKS = 1_000;
const MAX_FILE_BYTES = 64 * 1_048_576;

const genesisValidators = json.list(
  json.object<GenesisValidator>(
    { name: json.text, public: json.bytes(), power: json.whole() },
    { power: 1n },
  ),
);

const predecessor = json.object<Predecessor>({
  chain: json.text,
  genesis: json.text,
  height: json.whole(),
  time_ms: json.whole(),
  block: json.bytes(),
  app_hash: json.bytes(),
  validators: genesisValidators,
});

const genesisOf = json.object<Genesis>(
  {
    chain: json.text,
    time_ms: json.whole(),
    validators: genesisValidators,
    format: json.text,
    protocol: json.whole(),
    hash: json.text,
    suites: json.list(json.text),
    name_memory_ms: json.whole(),
    actions: json.anything,
    predecessor,
  },
  {
    format: GENESIS_FORMAT,
    protocol: 1n,
    hash: STATE_HASH,
    suites: [],
    name_memory_ms: 0n,
    actions: [],
    predecessor: undefined,
  },
);

const formatOf = json.object<{ readonly format: string }>(
  { format: json.text },
  { format: "" },
  "ignored",
);

interface Store {
  readonly format: string;
  /** SHA-256 of the content without blanks, hex. */
  readonly checksum: string;
  readonly content: json.Json;
}

const storeOf = json.object<Store>({
  format: json.text,
  checksum: json.text,
  content: json.anything,
});

interface Content {
  readonly chain: string;
  readonly genesis: string;
  readonly time_ms: bigint;
  readonly validators: readonly Pair[];
  readonly blocks: readonly LightBlock[];
}

const contentOf = json.object<Content>({
  chain: json.text,
  genesis: json.text,
  time_ms: json.whole(),
  validators: pairs,
  blocks: json.list(lightBlock, MAX_BLOCKS),
});

/** The trust that a file holds, be it a genesis or a trust file. Throws Refused. */
export function readTrust(file: string | Uint8Array): Trust {
  const bytes = json.bytesOf(file);
  let refusal: { readonly code: number; readonly name: string } = UNREADABLE_GENESIS;
  const proof = new Proof();
  try {
    return proof.within("trust_file", () => {
      const value = json.parse(json.textOf(bytes));
      if (!isStore(value)) return trustOfGenesis(genesisOf(value, "the genesis"));
      refusal = UNREADABLE_STORE;
      if (bytes.length > MAX_FILE_BYTES) throw new Fault("it is too large");
      return trustOfStore(value);
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const known = error instanceof UnknownHash ? UNKNOWN_HASH : refusal;
    throw new Refused(known.code, known.name, { reason: error.message }, proof.links);
  }
}

/** Everything to step from. A Fault where the validators are none. */
export function knownBlocks(trust: Trust): readonly LightBlock[] {
  if (trust.validators.length === 0) return trust.blocks;
  return [genesisBlock(trust.chain, trust.validators, trust.timeMs), ...trust.blocks];
}

function isStore(value: json.Json): boolean {
  try {
    return formatOf(value, "the file").format === STORE_FORMAT;
  } catch {
    return false;
  }
}

function trustOfStore(value: json.Json): Trust {
  const store = storeOf(value, "the trust file");
  const source = store.content instanceof json.Fields ? store.content.source : "";
  const digest = bytesToHex(sha256(json.bytesOf(json.compact(source))));
  if (digest !== store.checksum) throw new Fault("its checksum differs: the file was damaged");
  const content = contentOf(store.content, "content");
  if (content.validators.length + content.blocks.length === 0) {
    throw new Fault("trust begins with a genesis or a block");
  }
  const { chain, validators, blocks, time_ms: timeMs } = content;
  knownBlocks({ chain, validators, blocks: [], timeMs, until: 0n });
  return { chain, validators, blocks: blocks.filter((one) => one.height > 0n), timeMs, until: 0n };
}

class UnknownHash extends Fault {}

function trustOfGenesis(genesis: Genesis): Trust {
  if (genesis.format !== GENESIS_FORMAT) throw new Fault(genesis.format.slice(0, 40));
  const length = codePoints(genesis.chain);
  if (length < 1 || length > 50) throw new Fault("chain has 1 to 50 characters");
  requireValidators(genesis.validators);
  if (genesis.hash !== STATE_HASH) throw new UnknownHash(genesis.hash.slice(0, 40));
  if (genesis.protocol <= 0n) throw new Fault("a protocol version is above zero");
  const timeMs = genesis.time_ms > 1n ? genesis.time_ms - 1n : 0n;
  const { chain, validators } = genesis;
  const trust: Trust = { chain, validators: plain(validators), blocks: [], timeMs, until: 0n };
  if (genesis.predecessor === undefined) return trust;
  return { ...trust, before: trustBefore(genesis, genesis.predecessor) };
}

function requireValidators(validators: readonly GenesisValidator[]): void {
  if (validators.length === 0) throw new Fault("it names no validator");
  for (const one of validators) {
    if (one.public.length !== 32 || one.power <= 0n || one.power > MAX_POWER) {
      throw new Fault("a validator needs a 32-byte key and a power above zero");
    }
    const length = codePoints(one.name);
    if (length < 1 || length > 64) throw new Fault("a validator's name has 1 to 64 characters");
  }
  const names = new Set(validators.map((one) => one.name));
  const keys = new Set(validators.map((one) => bytesToHex(one.public)));
  if (names.size !== validators.length || keys.size !== validators.length) {
    throw new Fault("two validators share a name or a key");
  }
}

function trustBefore(genesis: Genesis, before: Predecessor): Trust {
  const hashes = before.block.length === 32 && before.app_hash.length === 32;
  const sound = before.height > 0n && hashes && codePoints(before.genesis) === 64;
  if (!sound || before.validators.length === 0) {
    throw new Fault("the predecessor needs a height, validators and hashes");
  }
  if (genesis.time_ms <= before.time_ms) {
    throw new Fault("the genesis is not later than the predecessor's last block");
  }
  if (genesis.chain === before.chain) {
    throw new Fault("a chain that continues another has a name of its own");
  }
  const validators = plain(before.validators);
  return { chain: before.chain, validators, blocks: [], timeMs: 0n, until: before.height };
}

function plain(validators: readonly GenesisValidator[]): readonly Pair[] {
  return validators.map((one) => [one.public, one.power]);
}

/** How many characters a text has, as Python counts them. */
function codePoints(text: string): number {
  return Array.from(text).length;
}
