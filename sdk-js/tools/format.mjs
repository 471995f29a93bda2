// format.mjs [--write] - Prettier and clang-format over the tree; without
// --write, tells what they would change, and fails when there is anything.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setupPackages } from "./setup-packages.mjs";
import {
  aptInstall,
  commandLine,
  debianRelease,
  filesIn,
  isMain,
  ROOT,
  run,
  runTool,
  UserError,
  which,
} from "./system.mjs";

// Other versions lay out some lines otherwise.
const CLANG_FORMAT = "clang-format-19";

async function clangFormat() {
  const find = () => which(CLANG_FORMAT);
  if (!find() && debianRelease() >= 12) await aptInstall([CLANG_FORMAT]);
  const program = find() ?? which("clang-format");
  if (!program) throw new UserError(`${CLANG_FORMAT} is needed to check the C sources.`);
  return program;
}

export const runPrettier = (write) =>
  run(process.execPath, [
    join(ROOT, "node_modules/prettier/bin/prettier.cjs"),
    write ? "--write" : "--check",
    "--log-level=warn",
    ".",
  ]);

export async function runClangFormat(write) {
  const files = filesIn(join(ROOT, "sdk-c"), /\.[ch]$/).map((name) => join("sdk-c", name));
  const mode = write ? ["-i"] : ["--dry-run", "-Werror"];
  return run(await clangFormat(), [...mode, "--style=file", ...files]);
}

if (isMain(import.meta.url)) {
  await runTool(async () => {
    const { values } = commandLine("usage: format.mjs [--write]", { write: { type: "boolean" } });
    if (!existsSync(join(ROOT, "node_modules"))) await setupPackages();
    await runPrettier(values.write);
    await runClangFormat(values.write);
  });
}
