// demo.mjs - `npm run demo`: sets up and builds what is needed, then the demo.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildAll } from "./build.mjs";
import { DIST, ROOT, runTool } from "./system.mjs";

await runTool(async () => {
  await buildAll();
  const { status } = spawnSync(process.execPath, [join(DIST, "cli.js"), "demo"], {
    cwd: ROOT,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
});
