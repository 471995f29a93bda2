// setup-packages.mjs - node_modules as package-lock.json has it. The stamp in
// node_modules is written last, and is the lock file that was installed.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash, isMain, readText, ROOT, run, runTool, step, withLock } from "./system.mjs";

const STAMP = join(ROOT, "node_modules/.installed");

export async function setupPackages() {
  const wanted = hash(readText(join(ROOT, "package-lock.json")), process.version);
  const isDone = () => readText(STAMP) === wanted;
  if (isDone()) return;
  await withLock("setup", async () => {
    if (isDone()) return;
    await step("setup: npm packages", () =>
      run("npm", ["ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]),
    );
    writeFileSync(STAMP, wanted);
  });
}

if (isMain(import.meta.url)) await runTool(setupPackages);
