/** Verifies beside the page, so that a large file never freezes it. Nothing is sent anywhere. */
import { Refused, type Link } from "../verify/fault";
import { verifyReceipt } from "../verify/receipt";

/** What is asked. */
export interface Asked {
  receipt: string;
  trust: string;
}

/** What came of it, as plain values. */
export type Told =
  | { kind: "proven"; links: Link[]; chain: string; height: string; timeMs: number; digest: string; signers: number; validators: number; envelope: unknown; outcome: unknown }
  | { kind: "refused"; links: Link[]; code: number; name: string; reason: string };

/** Verify, and say what came of it. */
export function tell({ receipt, trust }: Asked): Told {
  try {
    const proven = verifyReceipt(receipt, trust);
    const { chain, timeMs, digest, envelope, outcome, grounds } = proven;
    return {
      kind: "proven", chain, timeMs, digest, envelope, outcome, links: [...proven.links],
      height: proven.height.toString(), signers: grounds.signers, validators: grounds.validators,
    };
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
    const reason = Object.values(fault.values).join(" ");
    return { kind: "refused", code: fault.code, name: fault.name, reason, links: [...fault.links] };
  }
}

self.onmessage = (message: MessageEvent<Asked>) => {
  self.postMessage(tell(message.data));
};
