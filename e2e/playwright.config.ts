import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  timeout: 30_000,
  workers: 2,
  forbidOnly: true,
  outputDir: "../build/test/e2e",
  use: {
    launchOptions: { executablePath: process.env.CHROMIUM },
    viewport: { width: 1280, height: 900 },
  },
});
