import { describe, expect, it } from "vitest";

import { Refused } from "./fault";
import { verifyReceipt } from "./receipt";
import { type Plain, sampleGenesis, sampleReceipt } from "./sample";

const TRUST = JSON.stringify(sampleGenesis());

function refusal(receipt: Plain | string, trust = TRUST): Refused {
  try {
    verifyReceipt(typeof receipt === "string" ? receipt : JSON.stringify(receipt), trust);
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

/** The same receipt with a byte of a base64 field changed. */
function spoiled(field: string, place: number): Plain {
  const receipt = sampleReceipt();
  const raw = Uint8Array.from(atob(receipt[field] as string), (one) => one.charCodeAt(0));
  raw[place] = (raw[place] ?? 0) ^ 1;
  return { ...receipt, [field]: btoa(String.fromCharCode(...raw)) };
}

describe("a receipt", () => {
  it("is proven by its genesis alone, link by link", () => {
    const proven = verifyReceipt(JSON.stringify(sampleReceipt()), TRUST);
    expect(proven).toMatchObject({ height: 7n, position: 0, outcome: { events: [] } });
    expect(proven.grounds).toEqual({ base: 0n, steps: 1, signers: 3, validators: 3 });
    expect(proven.links.map((one) => `${one.name} ${one.block}`.trim())).toEqual([
      "chain", "validators 8", "commit 8", "signatures 8", "trust 8", "block 7", "height 7",
      "height 7", "transaction 7", "result 7",
    ]); // prettier-ignore
    expect(proven.links.every((one) => one.holds)).toBe(true);
  });

  it("says at which link a changed one breaks, and what was compared", () => {
    const receipt = sampleReceipt();
    const transaction = (receipt.transaction as string).replace("pay-1", "pay-2");
    const broken = refusal({ ...receipt, transaction });
    expect(broken).toMatchObject({ code: 105, name: "TRANSACTION_NOT_IN_BLOCK" });
    expect(broken.values).toEqual({ index: "0", height: "7" });
    const { link, links } = broken;
    expect(link).toMatchObject({ name: "transaction", block: "7", holds: false });
    expect(link?.computed).toMatch(/^[0-9a-f]{64}$/);
    expect(link?.expected).toMatch(/^[0-9a-f]{64}$/);
    expect(links.slice(0, -1).every((one) => one.holds)).toBe(true);
  });

  it.each([
    ["format", { format: "other" }, 101, "file"],
    ["chain", { chain: "another" }, 102, "chain"],
    ["validators", { validators: [] }, 103, "validators"],
    ["height", { height: 8 }, 104, "height"],
    ["place", { index: 1, total: 2 }, 105, "transaction"],
    ["number of transactions", { total: 2 }, 105, "transaction"],
    ["result", { result: '{"code":9}' }, 106, "result"],
    ["result that is no JSON", { result: "no" }, 101, "result"],
    ["unknown field", { more: 1 }, 101, "file"],
  ])("with another %s is refused at that link", (_, change, code, link) => {
    const found = refusal({ ...sampleReceipt(), ...change });
    expect([found.code, found.link?.name]).toEqual([code, link]);
  });

  it.each([
    ["header", 60, 104, "block"],
    ["next_header", 60, 103, "commit"],
    ["next_commit", 90, 103, "signatures"],
  ])("with a byte of its %s changed is refused", (field, place, code, link) => {
    const found = refusal(spoiled(field, place));
    expect([found.code, found.link?.name]).toEqual([code, link]);
  });

  it("needs more than two thirds of the power", () => {
    const { link } = refusal(sampleReceipt(2));
    expect(link).toMatchObject({ name: "signatures", computed: "20", expected: "> 2/3 * 30" });
  });

  it("is not proven by another genesis, or by what is none", () => {
    const genesis = sampleGenesis();
    const stranger = { name: "stranger", public: btoa("x".repeat(32)) };
    const other = JSON.stringify({ ...genesis, validators: [stranger] });
    expect(refusal(sampleReceipt(), other).link).toMatchObject({ name: "trust", computed: "0" });
    expect(refusal(sampleReceipt(), "{}").link?.name).toBe("trust_file");
  });

  it("is refused where a field that stands twice is wrong once", () => {
    const text = JSON.stringify(sampleReceipt());
    expect(verifyReceipt(text.replace("{", '{"index":0,'), TRUST).height).toBe(7n);
    expect(refusal(text.replace("{", '{"index":"x",')).code).toBe(101);
  });
});
