// An application's configuration; see e2e/fixtures.spec.ts.

import { defineConfig } from "@playwright/test";

export default defineConfig({
  timeout: 60_000,
  workers: 2,
  use: {
    launchOptions: { executablePath: process.env.CHROMIUM },
    jankOptions: {
      root: "site",
      files: { "src/extra.jank": '(ns extra) (def text "a file more")' },
    },
  },
});
