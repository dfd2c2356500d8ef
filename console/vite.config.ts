import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Static files, served by the node itself: see src/tongbao/gateway/routes/console.py. */
export default defineConfig({
  plugins: [react()],
  base: "/console/",
  html: { cspNonce: "nonce-of-this-answer" },
  build: {
    outDir: "../src/tongbao/gateway/console",
    emptyOutDir: true,
    // Styles and scripts stand in files: the node allows no inline ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8420", "/openapi.json": "http://127.0.0.1:8420" } },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});
