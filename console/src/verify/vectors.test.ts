/**
 * Agreement with the core on headers, commits and signatures, and with `tongbao verify` on receipts.
 * tests/console/test_receipt_verifier.py has the file written and runs this.
 */
import { readFileSync } from "node:fs";

import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";

import { decodeCommit, verifySignature } from "./commit";
import { Fault, Refused } from "./fault";
import { decodeHeader, headerHash } from "./header";
import { verifyReceipt } from "./receipt";

interface Case {
  readonly kind: string;
  /** The file's bytes, base64. */
  readonly receipt: string;
  /** Place of the file that is trusted. */
  readonly trust: number;
  readonly verified: boolean;
  readonly [field: string]: unknown;
}

interface Vectors {
  /** Files that are trusted: genesis or trust files, base64. */
  readonly trusts: readonly string[];
  readonly cases: readonly Case[];
  /** Encoded headers, and the hash of each; none where it is no header. */
  readonly headers: readonly (readonly [string, string])[];
  /** Encoded commits, and whether each is one. */
  readonly commits: readonly (readonly [string, boolean])[];
  /** Public key, signature, message, and whether it holds. */
  readonly signatures: readonly (readonly [string, string, string, boolean])[];
}

const path = process.env.TONGBAO_CONSOLE_VECTORS;

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

function median(numbers: number[]): string {
  return numbers.sort((one, other) => one - other)[numbers.length >> 1]?.toFixed(1) ?? "-";
}

/** What the verifier says, in the fields of the file. */
function verdict(receipt: Uint8Array, trust: Uint8Array): Record<string, unknown> {
  try {
    const proven = verifyReceipt(receipt, trust);
    const { base, steps, signers, validators } = proven.grounds;
    expect(proven.links.every((one) => one.holds)).toBe(true);
    return {
      verified: true,
      height: Number(proven.height),
      position: proven.position,
      time_ms: proven.timeMs,
      digest: proven.digest,
      grounds: [Number(base), steps, signers, validators],
    };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    expect(error.link?.holds).toBe(false);
    expect(error.links.slice(0, -1).every((one) => one.holds)).toBe(true);
    return { verified: false, code: error.code, name: error.name };
  }
}

/** What some work gives, or something else where it is a fault. */
function unless<T>(fallback: T, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) return fallback;
    throw error;
  }
}

describe.skipIf(path === undefined)("what Python and the core say", () => {
  const vectors = JSON.parse(path === undefined ? "{}" : readFileSync(path, "utf-8")) as Vectors;

  it("of each header and its hash is the same here", () => {
    const differ = vectors.headers.filter(([raw, hash]) => {
      return unless("", () => bytesToHex(headerHash(decodeHeader(bytes(raw))))) !== hash;
    });
    expect(differ).toEqual([]);
  });

  it("of each commit is the same here", () => {
    const differ = vectors.commits.filter(([raw, sound]) => {
      return unless(undefined, () => decodeCommit(bytes(raw))) !== undefined !== sound;
    });
    expect(differ).toEqual([]);
  });

  it("of each signature is the same here", () => {
    const differ = vectors.signatures.filter(([key, signature, message, holds]) => {
      return verifySignature(bytes(key), bytes(signature), bytes(message)) !== holds;
    });
    expect(differ).toEqual([]);
  });

  it("of each receipt is the same here", () => {
    const trusts = vectors.trusts.map(bytes);
    const wrong: unknown[] = [];
    const took = { golden: [] as number[], all: [] as number[] };
    for (const [place, one] of vectors.cases.entries()) {
      const { kind, receipt, trust, ...expected } = one;
      const began = performance.now();
      const found = verdict(bytes(receipt), trusts[trust] ?? new Uint8Array());
      took.all.push(performance.now() - began);
      if (kind.startsWith("golden")) took.golden.push(performance.now() - began);
      try {
        expect(found).toEqual(expected);
      } catch {
        wrong.push({ place, kind, found, expected });
      }
    }
    const { length } = vectors.cases;
    console.log(
      `${length - wrong.length} of ${length} receipts have the same verdict;`,
      `${median(took.all)} ms each, those of the scenarios ${median(took.golden)} ms,`,
      `the longest ${Math.max(...took.all).toFixed(0)} ms`,
    );
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(length).toBeGreaterThan(0);
  }, 600_000);
});
