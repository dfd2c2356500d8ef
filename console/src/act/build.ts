/**
 * From what a form holds to the bytes that are signed: fields in the order in which the node declares
 * them, defaults left out, no blanks, whole numbers of any size in digits.
 */
import type { Field } from "../api/modules";

/** What a form holds: text as typed, switches, lists, and values with fields of their own. */
export type Filled = string | boolean | undefined | null | Filled[] | { [name: string]: Filled };

/** Why a value cannot be sent, and where it stands. */
export class Unfit extends Error {
  constructor(
    readonly path: string,
    readonly reason: "missing" | "amount" | "whole",
  ) {
    super(`${path}: ${reason}`);
  }
}

/** How the amounts of a form are read: its asset's decimals, once they are known. */
export type DecimalsOf = (asset: string) => number | undefined;

const WHOLE = /^-?\d{1,40}$/;
const NUMBERS = new Set(["count", "moment", "duration", "code", "whole"]);

/** An action as JSON, in the one spelling. Raises Unfit. */
export function actionText(type: string, fields: Field[], filled: Record<string, Filled>, decimals: DecimalsOf): string {
  return `{${[`"type":${JSON.stringify(type)}`, ...members(fields, filled, "", filled, decimals)].join(",")}}`;
}

/** A body around actions, as it is signed. */
export function bodyText(chain: string, party: string, reference: string, expiresAtMs: number, actions: string[], memo = ""): string {
  const parts = [
    `"chain":${JSON.stringify(chain)}`, `"party":${JSON.stringify(party)}`,
    `"reference":${JSON.stringify(reference)}`, `"expires_at_ms":${expiresAtMs}`,
    `"actions":[${actions.join(",")}]`,
  ];
  return `{${[...parts, ...(memo === "" ? [] : [`"memo":${JSON.stringify(memo)}`])].join(",")}}`;
}

function members(fields: Field[], given: Record<string, Filled>, path: string, form: Record<string, Filled>, decimals: DecimalsOf): string[] {
  const found: string[] = [];
  for (const field of fields) {
    const text = valueText(field, given[field.name], `${path}${field.name}`, { ...form, ...given }, decimals);
    if (text === undefined) {
      if (field.required) throw new Unfit(`${path}${field.name}`, "missing");
      continue;
    }
    if (field.required || text !== JSON.stringify(field.default)) found.push(`${JSON.stringify(field.name)}:${text}`);
  }
  return found;
}

function valueText(field: Field, given: Filled, path: string, form: Record<string, Filled>, decimals: DecimalsOf): string | undefined {
  if (field.listed) {
    if (!Array.isArray(given) || given.length === 0) return undefined;
    const one = { ...field, listed: false };
    const parts = given.map((item, place) => {
      const text = valueText(one, item, `${path}.${place}`, form, decimals);
      if (text === undefined) throw new Unfit(`${path}.${place}`, "missing");
      return text;
    });
    return `[${parts.join(",")}]`;
  }
  if (Object.keys(field.variants).length > 0) return variantText(field, given, path, form, decimals);
  if (field.fields.length > 0) {
    if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
    return `{${members(field.fields, given, `${path}.`, form, decimals).join(",")}}`;
  }
  if (field.kind === "switch") return given === undefined || given === null ? undefined : String(given === true);
  if (typeof given !== "string" || given.trim() === "") return undefined;
  return scalarText(field, given.trim(), path, form, decimals);
}

function variantText(field: Field, given: Filled, path: string, form: Record<string, Filled>, decimals: DecimalsOf): string | undefined {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
  const tag = given["variant"];
  const fields = typeof tag === "string" ? field.variants[tag] : undefined;
  if (typeof tag !== "string" || fields === undefined) return undefined;
  const name = JSON.stringify(field.name);
  return `{${[`${name}:${JSON.stringify(tag)}`, ...members(fields, given, `${path}.`, form, decimals)].join(",")}}`;
}

function scalarText(field: Field, text: string, path: string, form: Record<string, Filled>, decimals: DecimalsOf): string {
  if (field.kind === "amount") return minor(text, path, form, decimals);
  if (NUMBERS.has(field.kind)) {
    if (!WHOLE.test(text)) throw new Unfit(path, "whole");
    return BigInt(text).toString();
  }
  return JSON.stringify(text);
}

/** Units as typed (`1,250.50`) in minor units of the form's asset, exactly. */
function minor(text: string, path: string, form: Record<string, Filled>, decimals: DecimalsOf): string {
  const asset = form["asset"];
  const digits = typeof asset === "string" ? decimals(asset) : undefined;
  const plain = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(",", "") : text;
  const parts = /^(\d{1,40})(?:\.(\d{1,18}))?$/.exec(plain);
  const part = parts?.[2] ?? "";
  if (parts === null || digits === undefined || part.length > digits) throw new Unfit(path, "amount");
  return BigInt(`${parts[1] ?? "0"}${part.padEnd(digits, "0")}`).toString();
}
