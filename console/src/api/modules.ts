import { useQuery } from "@tanstack/react-query";

import { ask } from "./client";

/** A member of a row or a field of an action, as `/v1/modules` describes it. */
export interface Field {
  name: string;
  kind: string;
  label: string;
  label_zh: string;
  meaning: string;
  meaning_zh: string;
  record: string;
  required: boolean;
  default: unknown;
  listed: boolean;
  choices: string[];
  fields: Field[];
  variants: Record<string, Field[]>;
}

/** What can be listed. */
export interface RecordKind {
  record: string;
  plural: string;
  path: string;
  module: string;
  label: string;
  label_zh: string;
  meaning: string;
  meaning_zh: string;
  public: boolean;
  key: string[];
  members: Field[];
  shows: string[];
  filters: string[];
  states: Record<string, string>;
  line: string;
}

/** What can be done. */
export interface ActionKind {
  type: string;
  code: number;
  scope: string;
  module: string;
  label: string;
  label_zh: string;
  meaning: string;
  meaning_zh: string;
  fields: Field[];
}

/** A module: what it is for, lists and does. */
export interface Module {
  module: string;
  label: string;
  label_zh: string;
  meaning: string;
  meaning_zh: string;
  records: RecordKind[];
  actions: ActionKind[];
}

/** Everything that this node lists and does: it changes with the node's release alone. */
export function useModules() {
  return useQuery({
    queryKey: ["modules"],
    queryFn: ({ signal }) => ask<Module[]>("/v1/modules", {}, signal),
    staleTime: Infinity,
  });
}

/** A record by the last part of its path, e.g. `scheduled-transfers`. */
export function recordAt(modules: Module[], part: string): RecordKind | undefined {
  return modules.flatMap((one) => one.records).find((one) => one.path === `/v1/${part}`);
}

/** A record by its name. */
export function recordNamed(modules: Module[], name: string): RecordKind | undefined {
  return modules.flatMap((one) => one.records).find((one) => one.record === name);
}
