/**
 * JSON read strictly and without loss: whole numbers of any size, every field as often as it stands
 * there, in order. The rules are those of msgspec, with which `tongbao verify` reads the same files:
 * RFC 8259, valid Unicode, and for bytes the base64 of RFC 4648 with its padding.
 */
import { base64Decode } from "@bufbuild/protobuf/wire";

import { Fault } from "./fault";

/** A number as it is written. */
export class Numeral {
  constructor(readonly text: string) {}
}

/** An object, with each of its fields in order, and its text as it is written. */
export class Fields {
  constructor(
    readonly entries: readonly (readonly [string, Json])[],
    readonly source: string,
  ) {}
}

/** A value as it stands in the file. */
export type Json = null | boolean | string | Numeral | Fields | readonly Json[];

/** Reads a value of one kind. `where` names its place for the sentence of a fault. */
export type Reader<T> = (value: Json, where: string) => T;

/** Nested deeper than this nothing is read: Python gives up at about the same depth. */
const MAX_DEPTH = 900;
/** Python takes no whole number with more digits. */
const MAX_DIGITS = 4_300;
const NOT_BASE64 = /[^A-Za-z0-9+/]/;
const WHOLE = /^-?[0-9]+$/;
const BLANK = new Set([" ", "\t", "\r", "\n"]);

/** The bytes of a file, which may be given as text. */
export function bytesOf(file: string | Uint8Array): Uint8Array {
  return typeof file === "string" ? new TextEncoder().encode(file) : file;
}

/** The text of a file. A Fault where it is not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault("it is not UTF-8");
  }
}

/** The value that a text is. A Fault where it is not JSON. */
export function parse(text: string): Json {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Fault(error instanceof Error ? error.message : "it is not JSON");
  }
  return new Scanner(text).value(0);
}

/** Goes through a text that is known to be JSON. */
class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): Json {
    if (depth > MAX_DEPTH) throw new Fault("it is nested too deep");
    switch (this.next()) {
      case "{":
        return this.fields(depth);
      case "[":
        return this.items(depth);
      case '"':
        return this.string();
      case "t":
        return this.word("true", true);
      case "f":
        return this.word("false", false);
      case "n":
        return this.word("null", null);
      default:
        return this.numeral();
    }
  }

  /** The next character that is no blank. */
  private next(): string {
    while (BLANK.has(this.text.charAt(this.at))) this.at += 1;
    return this.text.charAt(this.at);
  }

  private fields(depth: number): Fields {
    const entries: [string, Json][] = [];
    const begin = this.at;
    this.at += 1;
    while (this.next() !== "}") {
      if (this.next() === ",") this.at += 1;
      this.next();
      const name = this.string();
      this.next();
      this.at += 1; // the colon
      entries.push([name, this.value(depth + 1)]);
    }
    this.at += 1;
    return new Fields(entries, this.text.slice(begin, this.at));
  }

  private items(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.at += 1;
    while (this.next() !== "]") {
      if (this.next() === ",") this.at += 1;
      items.push(this.value(depth + 1));
    }
    this.at += 1;
    return items;
  }

  private string(): string {
    let end = this.at + 1;
    while (this.text.charAt(end) !== '"') end += this.text.charAt(end) === "\\" ? 2 : 1;
    const value = JSON.parse(this.text.slice(this.at, end + 1)) as string;
    this.at = end + 1;
    if (/\p{Surrogate}/u.test(value)) throw new Fault("a text holds half of a surrogate pair");
    return value;
  }

  private word<T>(word: string, value: T): T {
    this.at += word.length;
    return value;
  }

  private numeral(): Numeral {
    const begin = this.at;
    while (/[-+.0-9eE]/.test(this.text.charAt(this.at))) this.at += 1;
    return new Numeral(this.text.slice(begin, this.at));
  }
}

/** A JSON text without blanks, each string and number as it is written. */
export function compact(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = at;
    if (text.charAt(at) === '"') {
      end += 1;
      while (text.charAt(end) !== '"') end += text.charAt(end) === "\\" ? 2 : 1;
      end += 1;
    } else {
      while (end < text.length && !BLANK.has(text.charAt(end)) && text.charAt(end) !== '"') end += 1;
    }
    parts.push(text.slice(at, end));
    at = end;
    while (BLANK.has(text.charAt(at))) at += 1;
  }
  return parts.join("");
}

/** An object of these fields and no others; those in `defaults` may be absent, the last of two counts. */
export function object<T extends object>(
  fields: { readonly [Name in keyof T]-?: Reader<T[Name]> },
  defaults: Partial<T> = {},
  unknown: "refused" | "ignored" = "refused",
): Reader<T> {
  return (value, where) => {
    if (!(value instanceof Fields)) throw new Fault(`${where} is not an object`);
    const found: Partial<T> = { ...defaults };
    for (const [name, one] of value.entries) {
      if (Object.hasOwn(fields, name)) {
        const key = name as keyof T;
        found[key] = fields[key](one, `${where}.${name}`);
      } else if (unknown === "refused") {
        throw new Fault(`${where} has an unknown field ${name.slice(0, 40)}`);
      }
    }
    for (const name of Object.keys(fields)) {
      if (!Object.hasOwn(found, name)) throw new Fault(`${where} lacks the field ${name}`);
    }
    return found as T;
  };
}

/** A list, of at most so many. */
export function list<T>(item: Reader<T>, most = Number.POSITIVE_INFINITY): Reader<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw new Fault(`${where} is not a list`);
    if (value.length > most) throw new Fault(`${where} has more than ${most} items`);
    return (value as readonly Json[]).map((one, place) => item(one, `${where}[${place}]`));
  };
}

/** A list of exactly two. */
export function pair<A, B>(first: Reader<A>, second: Reader<B>): Reader<readonly [A, B]> {
  return (value, where) => {
    const both = Array.isArray(value) ? (value as readonly Json[]) : [];
    const [one, other] = both;
    if (both.length !== 2 || one === undefined || other === undefined) {
      throw new Fault(`${where} is not a pair`);
    }
    return [first(one, `${where}[0]`), second(other, `${where}[1]`)];
  };
}

/** A text. */
export const text: Reader<string> = (value, where) => {
  if (typeof value !== "string") throw new Fault(`${where} is not a text`);
  return value;
};

/** A whole number from `least` to below `below`, where these are given. */
export function whole(least?: bigint, below?: bigint): Reader<bigint> {
  return (value, where) => {
    if (!(value instanceof Numeral) || value.text.length > MAX_DIGITS || !WHOLE.test(value.text)) {
      throw new Fault(`${where} is not a whole number`);
    }
    const number = BigInt(value.text);
    if ((least !== undefined && number < least) || (below !== undefined && number >= below)) {
      throw new Fault(`${where} is out of range`);
    }
    return number;
  };
}

/** Bytes, which stand in JSON as base64; of a length from `least` to `most`. */
export function bytes(least = 0, most = Number.POSITIVE_INFINITY): Reader<Uint8Array> {
  return (value, where) => {
    if (typeof value !== "string" || !isBase64(value)) throw new Fault(`${where} is not base64`);
    const found = base64Decode(value);
    if (found.length < least || found.length > most) {
      throw new Fault(`${where} has ${found.length} bytes`);
    }
    return found;
  };
}

/** Whether a text is base64 with its padding. No pattern repeats here: files may be of megabytes. */
function isBase64(value: string): boolean {
  const padding = value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0;
  return value.length % 4 === 0 && !NOT_BASE64.test(value.slice(0, value.length - padding));
}

/** Anything. */
export const anything: Reader<Json> = (value) => value;

/**
 * A value as JavaScript has it. Whole numbers that a `number` cannot hold exactly are a `bigint`.
 * A Fault where a number is too large for Python.
 */
export function plain(value: Json): unknown {
  if (value instanceof Fields) {
    return Object.fromEntries(value.entries.map(([name, one]) => [name, plain(one)]));
  }
  if (Array.isArray(value)) return (value as readonly Json[]).map(plain);
  if (!(value instanceof Numeral)) return value;
  const near = value.text.length > MAX_DIGITS ? Number.NaN : Number(value.text);
  if (!Number.isFinite(near)) throw new Fault("a number is out of range");
  return WHOLE.test(value.text) && !Number.isSafeInteger(near) ? BigInt(value.text) : near;
}
