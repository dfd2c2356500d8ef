import { useQuery } from "@tanstack/react-query";

import { ask, type Page } from "./client";

interface Asset {
  asset: string;
  decimals: number;
}

/** Decimals of every asset, by its code. */
export function useDecimals(): ReadonlyMap<string, number> {
  const { data } = useQuery({
    queryKey: ["decimals"],
    queryFn: async ({ signal }) => {
      const found = new Map<string, number>();
      let cursor: string | null = null;
      do {
        const page: Page<Asset> = await ask<Page<Asset>>("/v1/assets", { limit: 1000, cursor }, signal);
        for (const one of page.items) found.set(one.asset, one.decimals);
        cursor = page.next_cursor;
      } while (cursor !== null);
      return found;
    },
    staleTime: 60_000,
  });
  return data ?? NONE;
}

const NONE: ReadonlyMap<string, number> = new Map();
