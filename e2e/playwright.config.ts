import { defineConfig } from "@playwright/test";
import type { JankWorkerOptions } from "jank-hot-reload/playwright";

// A place that is clicked opens nobody's editor.
process.env.LAUNCH_EDITOR = "true";

export default defineConfig<object, JankWorkerOptions>({
  testDir: ".",
  timeout: 30_000,
  workers: 2,
  forbidOnly: true,
  outputDir: "../build/test/e2e",
  use: {
    launchOptions: { executablePath: process.env.CHROMIUM },
    viewport: { width: 1280, height: 900 },
    jankOptions: { root: "../build/demo-site" },
  },
});
