/** Amounts and moments as people read them. Amounts are strings of minor units from end to end. */

/** Minor units in units, grouped: `1250050`, 2 -> `12,500.50`. No float is ever made of them. */
export function units(minor: string, decimals: number): string {
  const negative = minor.startsWith("-");
  const digits = (negative ? minor.slice(1) : minor).padStart(decimals + 1, "0");
  const whole = decimals === 0 ? digits : digits.slice(0, -decimals);
  const part = decimals === 0 ? "" : `.${digits.slice(-decimals)}`;
  return `${negative ? "-" : ""}${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",")}${part}`;
}

/** An amount with its asset; nothing is guessed while its decimals are not known. */
export function money(minor: string, asset: string, decimals: number | undefined): string {
  return decimals === undefined ? `… ${asset}` : `${units(minor, decimals)} ${asset}`;
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment in this browser's zone, with the zone: a time without one says nothing. */
export function moment(timeMs: number, language: string): string {
  if (timeMs === 0) return "";
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
    year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
    timeZone: ZONE, timeZoneName: "short",
  }).format(timeMs);
}

/** A duration in its largest whole unit: `90000` -> `90 s`. */
export function duration(lengthMs: number): string {
  const parts: [number, string][] = [[86_400_000, "d"], [3_600_000, "h"], [60_000, "min"], [1_000, "s"]];
  const [size, unit] = parts.find(([one]) => lengthMs >= one && lengthMs % one === 0) ?? [1, "ms"];
  return `${lengthMs / size} ${unit}`;
}
