import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { startProgram } from "./programs.mjs";

const READY = /WebDriver BiDi listening on (ws:\/\/\S+)/;

// Puppeteer would start Firefox in a process group of its own.
export async function startBrowser() {
  const profile = mkdtempSync(join(tmpdir(), "jank-firefox-"));
  const removeProfile = () =>
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  let firefox;
  try {
    firefox = await startProgram(process.env.FIREFOX, args, {
      env: { MOZ_CRASHREPORTER_DISABLE: "1" },
      ready: READY,
    });
    const browser = await puppeteer.connect({
      browserWSEndpoint: `${firefox.match[1]}/session`,
      protocol: "webDriverBiDi",
    });
    const page = await browser.newPage();
    const close = async () => {
      await browser.disconnect();
      await firefox.end();
      removeProfile();
    };
    return {
      visit: (url) => page.goto(url),
      evaluate: (expression) => page.evaluate(expression),
      close,
    };
  } catch (error) {
    await firefox?.end();
    removeProfile();
    throw error;
  }
}
