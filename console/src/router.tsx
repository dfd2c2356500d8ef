import {
  createRootRoute, createRoute, createRouter, lazyRouteComponent,
} from "@tanstack/react-router";

import { Shell } from "./shell/Shell";
import { Absent } from "./shell/States";

const root = createRootRoute({ component: Shell, notFoundComponent: Absent });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./explorer/Home"), "Home"),
});
const block = createRoute({
  getParentRoute: () => root,
  path: "/blocks/$height",
  component: lazyRouteComponent(() => import("./explorer/BlockPage"), "BlockPage"),
});
const transaction = createRoute({
  getParentRoute: () => root,
  path: "/transactions/$digest",
  component: lazyRouteComponent(() => import("./explorer/TransactionPage"), "TransactionPage"),
});
const act = createRoute({
  getParentRoute: () => root,
  path: "/act/$type",
  component: lazyRouteComponent(() => import("./act/ActionPage"), "ActionPage"),
});
const verify = createRoute({
  getParentRoute: () => root,
  path: "/verify",
  component: lazyRouteComponent(() => import("./receipts/VerifyPage"), "VerifyPage"),
});
const search = createRoute({
  getParentRoute: () => root,
  path: "/search",
  validateSearch: (given: Record<string, unknown>) => ({ q: typeof given["q"] === "string" ? given["q"] : "" }),
  component: lazyRouteComponent(() => import("./explorer/SearchPage"), "SearchPage"),
});

/** What stands in the address of a list: its filters, its order, and where it goes on. */
export type ListSearch = Record<string, string>;

export const list = createRoute({
  getParentRoute: () => root,
  path: "/lists/$plural",
  validateSearch: (given: Record<string, unknown>): ListSearch =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])),
  component: lazyRouteComponent(() => import("./derived/RecordList"), "RecordList"),
});
const row = createRoute({
  getParentRoute: () => root,
  path: "/lists/$plural/$key",
  component: lazyRouteComponent(() => import("./derived/RecordPage"), "RecordPage"),
});

/** The pages, by address. */
export function makeRouter() {
  return createRouter({
    routeTree: root.addChildren([home, block, transaction, act, verify, search, list, row]),
    basepath: "/console",
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
