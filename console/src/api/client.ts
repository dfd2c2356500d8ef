/** Talking to the node that served this page: its public API and nothing else. */

/** What a node answers instead: a problem (RFC 9457), or that it was not reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly detailZh: string,
    readonly code: number,
    readonly codeName: string,
  ) {
    super(detail);
  }

  /** In the language of the screen. */
  in(language: string): string {
    return language === "zh" && this.detailZh ? this.detailZh : this.detail;
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

/** The block that this browser has seen last: what it submitted, it reads. */
let seenHeight = 0;

/** A question's answer as JSON; raises a Problem. */
export async function ask<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) {
      parameters.set(name, String(value));
    }
  }
  const asked = parameters.size > 0 ? `${path}?${parameters}` : path;
  const answer = await reach(asked, {
    headers: { Accept: "application/json, application/problem+json", ...freshness() },
    ...(signal === undefined ? {} : { signal }),
  });
  return (await read(answer)) as T;
}

/** Send something as JSON; what is answered, or a Problem. */
export function send<T>(path: string, content: unknown): Promise<T> {
  return sendText<T>(path, JSON.stringify(content));
}

/** Send JSON whose spelling counts, as it is. */
export async function sendText<T>(path: string, text: string): Promise<T> {
  const answer = await reach(path, {
    method: "POST",
    headers: { Accept: "application/json, application/problem+json", "Content-Type": "application/json" },
    body: text,
  });
  return (await read(answer)) as T;
}

function freshness(): Record<string, string> {
  return seenHeight > 0 ? { "Tongbao-At-Least-Height": String(seenHeight) } : {};
}

async function reach(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: "same-origin", ...request });
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw new Problem(0, "Not reached", "", "", 0, "NOT_REACHED");
  }
}

async function read(answer: Response): Promise<unknown> {
  const height = Number(answer.headers.get("Tongbao-Height") ?? "0");
  if (Number.isSafeInteger(height)) seenHeight = Math.max(seenHeight, height);
  const text = await answer.text();
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Problem(answer.status, `HTTP ${answer.status}`, text.slice(0, 200), "", 0, "UNREADABLE");
  }
  if (!answer.ok) throw problemOf(answer.status, said);
  return said;
}

function problemOf(status: number, said: unknown): Problem {
  const told = (typeof said === "object" && said !== null ? said : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof told[name] === "string" ? told[name] : "");
  const code = typeof told["code"] === "number" ? told["code"] : 0;
  return new Problem(
    status, text("title"), text("detail"), text("detail_zh"), code, text("name"),
  );
}

/** One page of a list. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total: number | null;
  more: boolean;
}
