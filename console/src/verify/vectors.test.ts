/**
 * Agreement with `tongbao verify`, receipt by receipt. tests/console/test_receipt_verifier.py has the
 * file written and runs this.
 */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { Refused } from "./fault";
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

describe.skipIf(path === undefined)("receipts with the verdict of `tongbao verify`", () => {
  it("have the same verdict here", () => {
    const vectors = JSON.parse(readFileSync(path ?? "", "utf-8")) as Vectors;
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
