import { describe, expect, it } from "vitest";

import { Fault } from "./fault";
import { bytes, compact, Fields, parse, plain, whole } from "./json";

describe("JSON read strictly", () => {
  it("keeps whole numbers that a float would lose", () => {
    const text = '{"a":9007199254740993,"b":1e2,"c":[-0,true,null,"\\u5de5"]}';
    expect(plain(parse(text))).toEqual({ a: 9007199254740993n, b: 100, c: [-0, true, null, "工"] });
  });

  it("keeps fields that stand twice, in order, and how they are written", () => {
    const value = parse(' { "a" : 1 , "a" : { } } ') as Fields;
    expect(value.entries.map(([name]) => name)).toEqual(["a", "a"]);
    expect(compact(value.source)).toBe('{"a":1,"a":{}}');
    expect(compact('[ "a \\" b" , 1.0 ]')).toBe('["a \\" b",1.0]');
  });

  it.each(["", "{", "[1,]", "01", '"\\ud800"', "nul", "{}x", `${"[".repeat(950)}${"]".repeat(950)}`])(
    "refuses %j",
    (text) => expect(() => parse(text)).toThrow(Fault),
  );

  it.each(["1.0", "1e2", '"1"', "true", "null", "[]", "-1", "10"])(
    "takes %s for no whole number from 0 to 9",
    (text) => expect(() => whole(0n, 10n)(parse(text), "it")).toThrow(Fault),
  );

  it("reads base64 and numerals of megabytes", () => {
    expect(bytes()(parse(`"${"A".repeat(8_000_000)}"`), "it")).toHaveLength(6_000_000);
    expect(() => whole()(parse("9".repeat(8_000_000)), "it")).toThrow(Fault);
  });

  it.each(["AA", "A===", "A-_A", "AA==AAAA", "AAAA\\n", "===="])(
    "takes %s for no base64",
    (text) => expect(() => bytes()(parse(`"${text}"`), "it")).toThrow(Fault),
  );
});
