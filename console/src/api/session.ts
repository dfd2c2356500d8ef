import { useQuery, useQueryClient } from "@tanstack/react-query";

import { ask, send } from "./client";

/** As whom the node answers. */
export interface Who {
  party: string;
  person: string;
  roles: string[];
}

/** Somebody of the demonstration, under `tongbao dev` alone. */
export interface DemonstrationPerson {
  party: string;
  person: string;
  name: string;
  name_local: string;
  roles: string[];
}

/** Who asks: the session stands in a cookie that scripts do not read. */
export function useWho(): Who | undefined {
  return useQuery({ queryKey: ["who"], queryFn: ({ signal }) => ask<Who>("/v1/whoami", {}, signal), staleTime: 60_000 }).data;
}

/** Everybody of the demonstration; nobody at any other node. */
export function usePeople(): DemonstrationPerson[] {
  const { data } = useQuery({
    queryKey: ["people"],
    queryFn: ({ signal }) => ask<DemonstrationPerson[]>("/v1/demonstration/people", {}, signal),
    retry: false,
    staleTime: Infinity,
  });
  return data ?? [];
}

/** Become somebody, or nobody again; whatever was read before is forgotten. */
export function useSwitch() {
  const queries = useQueryClient();
  const become = async (person: { party: string; person: string } | undefined) => {
    await (person === undefined
      ? send<Who>("/v1/logout", {})
      : send<unknown>("/v1/demonstration/login", { party: person.party, person: person.person }));
    await queries.resetQueries();
  };
  return become;
}
