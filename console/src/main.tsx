import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Problem } from "./api/client";
import { makeRouter } from "./router";
import { Look } from "./shell/Look";
import "./shell/page.css";
import { startWords } from "./words";

/** Whatever may pass by itself is asked for again; what was refused is not. */
function again(count: number, fault: Error): boolean {
  return count < 3 && fault instanceof Problem && (fault.status === 0 || fault.status === 503);
}

await startWords();
const queries = new QueryClient({ defaultOptions: { queries: { retry: again, staleTime: 1_000 } } });
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Look>
        <RouterProvider router={makeRouter()} />
      </Look>
    </QueryClientProvider>
  </StrictMode>,
);
