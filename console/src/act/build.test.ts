import { describe, expect, it } from "vitest";

import type { Field } from "../api/modules";
import { actionText, bodyText, Unfit } from "./build";

const plain: Field = {
  name: "", kind: "text", label: "", label_zh: "", meaning: "", meaning_zh: "", record: "", required: true,
  default: null, listed: false, choices: [], fields: [], variants: {},
};
const TRANSFER: Field[] = [
  { ...plain, name: "payer", kind: "account" },
  { ...plain, name: "payee", kind: "account" },
  { ...plain, name: "asset", kind: "asset" },
  { ...plain, name: "amount_minor", kind: "amount" },
  { ...plain, name: "remittance", required: false, default: "" },
  { ...plain, name: "up_to", kind: "switch", required: false, default: false },
];
const decimals = (asset: string) => ({ CNY: 2, JPY: 0 })[asset];
const filled = { payer: "a/main", payee: "b/main", asset: "CNY", amount_minor: "1,250.50" };

describe("actionText", () => {
  it("has fields in their order, defaults left out, amounts in minor units", () => {
    expect(actionText("payments.transfer", TRANSFER, { ...filled, up_to: false, remittance: "" }, decimals)).toBe(
      '{"type":"payments.transfer","payer":"a/main","payee":"b/main","asset":"CNY","amount_minor":125050}',
    );
  });
  it("keeps amounts beyond 2^53 exact", () => {
    const text = actionText("payments.transfer", TRANSFER, { ...filled, amount_minor: "1701411834604692317316873037158.84" }, decimals);
    expect(text).toContain('"amount_minor":170141183460469231731687303715884');
  });
  it.each(["1250,50", "1.234", "1e3", "-1", "", "1,2345.00"])("refuses %s as an amount of CNY", (amount) => {
    expect(() => actionText("payments.transfer", TRANSFER, { ...filled, amount_minor: amount }, decimals)).toThrow(Unfit);
  });
  it("says where something is missing", () => {
    expect(() => actionText("payments.transfer", TRANSFER, { payer: "a/main" }, decimals)).toThrow("payee: missing");
  });
  it("writes lists and values with fields of their own", () => {
    const legs: Field[] = [
      { ...plain, name: "steps", kind: "nested", listed: true, fields: [
        { ...plain, name: "asset", kind: "asset" }, { ...plain, name: "amount_minor", kind: "amount" },
      ] },
    ];
    const text = actionText("x.y", legs, { steps: [{ asset: "JPY", amount_minor: "7" }, { asset: "CNY", amount_minor: "0.07" }] }, decimals);
    expect(text).toBe('{"type":"x.y","steps":[{"asset":"JPY","amount_minor":7},{"asset":"CNY","amount_minor":7}]}');
  });
});

describe("bodyText", () => {
  it("is what is signed, in its one spelling", () => {
    expect(bodyText("c", "p", "r", 5, ['{"type":"t"}'])).toBe(
      '{"chain":"c","party":"p","reference":"r","expires_at_ms":5,"actions":[{"type":"t"}]}',
    );
  });
});
