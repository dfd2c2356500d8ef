import { describe, expect, it } from "vitest";

import { duration, units } from "./amounts";

describe("units", () => {
  it.each([
    ["0", 2, "0.00"], ["5", 2, "0.05"], ["-5", 2, "-0.05"], ["1250050", 2, "12,500.50"],
    ["100", 0, "100"], ["1000", 0, "1,000"], ["170141183460469231731687303715884105727", 3,
      "170,141,183,460,469,231,731,687,303,715,884,105.727"],
  ])("%s with %i decimals is %s", (minor, decimals, said) => {
    expect(units(minor, decimals)).toBe(said);
  });
});

describe("duration", () => {
  it.each([[0, "0 ms"], [1_500, "1500 ms"], [90_000, "90 s"], [120_000, "2 min"], [86_400_000, "1 d"]])(
    "%i ms is %s", (length, said) => {
      expect(duration(length)).toBe(said);
    });
});
