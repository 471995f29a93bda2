// start.mjs [option...] - `npm start`: sets up and builds what is needed, then
// serves the demo site. Options go to `jank-hot serve`: npm start -- --port 8081.

import { spawn } from "node:child_process";
import { copyFileSync, watch } from "node:fs";
import { join } from "node:path";
import { buildAll, DEMO_BUILD } from "./build.mjs";
import { DIST, ROOT, runTool } from "./system.mjs";

const SOURCES = join(ROOT, "demo-site/src");
const SERVE = ["serve", DEMO_BUILD, "--source", SOURCES];

// What is edited is what the page's own editor reads.
function copySaved() {
  watch(SOURCES, (_event, name) => {
    if (!name?.endsWith(".jank")) return;
    try {
      copyFileSync(join(SOURCES, name), join(DEMO_BUILD, "src", name));
    } catch {
      // it is gone, or is just being replaced: then another event comes
    }
  });
}

// The server ends by itself on Ctrl-C, which the terminal sends to both.
function serve(options) {
  const child = spawn(process.execPath, [join(DIST, "cli.js"), ...SERVE, ...options], {
    cwd: ROOT,
    stdio: "inherit",
  });
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 0));
  });
}

await runTool(async () => {
  await buildAll();
  copySaved();
  process.exit(await serve(process.argv.slice(2)));
});
