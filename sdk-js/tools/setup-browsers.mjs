// setup-browsers.mjs - what the language suite runs in: Chromium, Firefox, and
// WebKitGTK's MiniBrowser with its driver and an X server. The system's; else
// Debian's packages are installed.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setupChromium } from "./setup-chromium.mjs";
import { findOrInstall, isMain, runTool, UserError, which } from "./system.mjs";

const { FIREFOX, MINIBROWSER } = process.env;

const findFirefox = () => FIREFOX ?? ["firefox-esr", "firefox"].map(which).find(Boolean);

// Debian has it under the machine's triplet, others in libexec.
function findMiniBrowser() {
  if (MINIBROWSER) return MINIBROWSER;
  const folders = ["/usr/libexec", "/usr/lib64", "/usr/lib"].filter(existsSync);
  const triplets = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith("-linux-gnu"))
      .map((name) => join(folder, name)),
  );
  return [...folders, ...triplets]
    .flatMap((folder) =>
      ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"].map((version) =>
        join(folder, version, "MiniBrowser"),
      ),
    )
    .find(existsSync);
}

const findWebKit = () => which("WebKitWebDriver") && which("Xvfb") && findMiniBrowser();

async function setup(find, packages, help) {
  const path = await findOrInstall(find, packages, help);
  if (!existsSync(path)) throw new UserError(`${path}: there is no such file.`);
  return path;
}

const SETUPS = {
  chromium: async () => ({ CHROMIUM: await setupChromium() }),
  firefox: async () => ({
    FIREFOX: await setup(
      findFirefox,
      ["firefox-esr"],
      "No Firefox was found for the browser tests. Install it, or give FIREFOX=/path/to/firefox.",
    ),
  }),
  webkit: async () => ({
    MINIBROWSER: await setup(
      findWebKit,
      ["webkit2gtk-driver", "xvfb"],
      `WebKitGTK was not found for the browser tests. They need the programs WebKitWebDriver, Xvfb
and MiniBrowser (Debian: webkit2gtk-driver, xvfb); or give MINIBROWSER=/path/to/MiniBrowser.`,
    ),
  }),
};

/** The paths of the browsers, or of some, as the environment of their tests. */
export async function setupBrowsers(names = Object.keys(SETUPS)) {
  const paths = {};
  for (const name of names) Object.assign(paths, await SETUPS[name]());
  return paths;
}

if (isMain(import.meta.url)) await runTool(async () => console.log(await setupBrowsers()));
