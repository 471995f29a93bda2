// setup-chromium.mjs - the path of a Chromium for the browser tests: $CHROMIUM,
// the system's, Playwright's own; else Debian's package is installed.

import { existsSync } from "node:fs";
import { findOrInstall, isMain, runTool, UserError, which } from "./system.mjs";

const HELP = `No Chromium was found for the browser tests. Install one:
  npx playwright install chromium
or give the path of one that is installed:
  CHROMIUM=/path/to/chromium npm test`;

async function playwrightsOwn() {
  try {
    const { chromium } = await import("@playwright/test");
    const path = chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

const find = async () =>
  ["chromium", "chromium-browser"].map(which).find(Boolean) ?? (await playwrightsOwn());

/** The path of a Chromium, installed first when there is none. */
export async function setupChromium() {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) {
    if (existsSync(CHROMIUM)) return CHROMIUM;
    throw new UserError(`CHROMIUM is ${CHROMIUM}, and there is no such file.`);
  }
  return findOrInstall(find, ["chromium"], HELP);
}

if (isMain(import.meta.url)) await runTool(async () => console.log(await setupChromium()));
