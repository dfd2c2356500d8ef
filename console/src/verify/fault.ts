/**
 * How a proof is written down while it is verified: one link after the other, up to the first that
 * does not hold.
 */
import { bytesToHex } from "@noble/hashes/utils.js";

/** What a link compares, by the order of the proof. The page has a sentence for each. */
export type LinkName =
  | "file"
  | "trust_file"
  | "chain"
  | "header"
  | "validators"
  | "commit"
  | "signatures"
  | "next_validators"
  | "time"
  | "trust"
  | "block"
  | "height"
  | "transaction"
  | "result";

/**
 * One link: what was computed from the receipt, and what it has to be; hashes in hex. Both are empty
 * where something cannot be read, so that there is nothing to compare.
 */
export interface Link {
  readonly name: LinkName;
  /** The block whose header, commit or content this link is about; empty where it is of none. */
  readonly block: string;
  readonly holds: boolean;
  readonly computed: string;
  readonly expected: string;
}

/** Values for the sentence of a refusal, by the names in its template. */
export type Values = Readonly<Record<string, string>>;

/** Something that cannot be read, or a comparison that fails: a sentence for whoever looks closer. */
export class Fault extends Error {}

/** Why a receipt or a trust file is not accepted: the same number and name as in the ledger's codes. */
export class Refused extends Error {
  override readonly name: string;

  constructor(
    readonly code: number,
    name: string,
    readonly values: Values,
    /** Every link that was looked at; the last is the one that does not hold. */
    readonly links: readonly Link[],
  ) {
    super(`${name}: ${JSON.stringify(values)}`);
    this.name = name;
  }

  /** The link that does not hold. */
  get link(): Link | undefined {
    return this.links.at(-1);
  }
}

const shown = (value: string | bigint | Uint8Array): string =>
  value instanceof Uint8Array ? bytesToHex(value) : value.toString();

/** The links of one proof, in order. */
export class Proof {
  readonly links: Link[] = [];
  private block = "";

  /** The links from here on are about this block. */
  about(height: bigint): void {
    this.block = height.toString();
  }

  /** Write a link down; a Fault where it does not hold. Whoever catches it has it as the last. */
  link(
    name: LinkName,
    holds: boolean,
    computed: string | bigint | Uint8Array,
    expected: string | bigint | Uint8Array,
    reason: string,
  ): void {
    const both = { computed: shown(computed), expected: shown(expected) };
    this.links.push({ name, block: this.block, holds, ...both });
    if (!holds) throw new Fault(reason);
  }

  /** A link that holds where two byte strings are the same. */
  same(name: LinkName, computed: Uint8Array, expected: Uint8Array, reason: string): void {
    this.link(name, equalBytes(computed, expected), computed, expected, reason);
  }

  /** Do something that can fail before there is anything to compare: that failure is the link's. */
  within<T>(name: LinkName, work: () => T): T {
    try {
      return work();
    } catch (error) {
      const broken = this.links.at(-1)?.holds === false;
      if (!broken && error instanceof Fault) {
        this.links.push({ name, block: this.block, holds: false, computed: "", expected: "" });
      }
      throw error;
    }
  }
}

/** Whether two byte strings are the same. Nothing here is secret. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}
