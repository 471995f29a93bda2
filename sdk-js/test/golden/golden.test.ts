// Golden disassemblies. Each file of this folder, NAME.jank, has a form, after those that
// it needs; NAME.wat is the patch that the compiler makes of the last one, as text (or the
// patches, of a form that is a `do`). So a change of what is emitted is read in review.
//
//   JANK_GOLDEN=NAME,NAME     of these files
//   JANK_GOLDEN_UPDATE=1      what is emitted becomes what is expected

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findPrinter, type Printer } from "../../src/cli/wat.js";
import { Compiler, type CompiledForm } from "../../src/compiler.js";
import { Runtime, type CreateModule } from "../../src/runtime.js";

const ROOT = new URL("../../../", import.meta.url);
const FOLDER = new URL("sdk-js/test/golden/", ROOT);
const MODULE = new URL("build/wasm/jank.mjs", ROOT);
const ID = "golden";

const { JANK_GOLDEN, JANK_GOLDEN_UPDATE } = process.env;

const namesOf = (ending: string): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(ending))
    .map((file) => basename(file, ending))
    .sort();

let print: Printer;
let createModule: CreateModule;
before(async () => {
  print = await findPrinter();
  createModule = ((await import(MODULE.href)) as { default: CreateModule }).default;
});

/** The patches of the last form; those before are installed. */
async function lastPatches(text: string, file: string): Promise<CompiledForm[]> {
  const runtime = await Runtime.load({ createModule, write: () => undefined });
  const unit = new Compiler(runtime).open(text, { file });
  const patches: CompiledForm[] = [];
  try {
    for (;;) {
      const step = unit.next(ID);
      if (step.status !== "form") assert.fail(`${file}: ${JSON.stringify(step)}`);
      const { form } = step;
      const result = runtime.install(form.bytes, form.entry);
      assert.ok(result.ok, `${file}: ${JSON.stringify(result)}`);
      if (!patches.at(-1)?.more) patches.length = 0;
      patches.push(form);
      if (form.last && !form.more) return patches;
    }
  } finally {
    unit.close();
  }
}

/** What is to be done to `expected` to make it `actual`, as `diff -u` says it. */
function difference(expected: string, actual: string): string {
  const labels = ["--label", "expected", "--label", "emitted"];
  const { stdout, error } = spawnSync("diff", ["-u", ...labels, expected, "-"], {
    input: actual,
    encoding: "utf8",
  });
  return error ? `(no diff: ${error.message})` : stdout;
}

for (const name of JANK_GOLDEN?.split(",") ?? namesOf(".jank")) {
  test(`golden: ${name}`, async () => {
    const source = readFileSync(new URL(`${name}.jank`, FOLDER), "utf8");
    const expected = fileURLToPath(new URL(`${name}.wat`, FOLDER));
    const patches = await lastPatches(source, `${name}.jank`);
    for (const { bytes } of patches) assert.ok(WebAssembly.validate(bytes as BufferSource));
    const text = patches.map(({ bytes }) => print(bytes)).join("\n");
    const old = existsSync(expected) ? readFileSync(expected, "utf8") : undefined;
    if (text === old) return;
    if (JANK_GOLDEN_UPDATE) {
      writeFileSync(expected, text);
      console.log(`${old === undefined ? "written" : "updated"}: ${name}.wat`);
      return;
    }
    const what = old === undefined ? "It has no .wat yet." : difference(expected, text);
    const update = `npm test -- golden/${name} --update`;
    assert.fail(`${name}.wat is not what is emitted:\n${what}\nIf that is meant: ${update}`);
  });
}

test("golden: every .wat is of a .jank file", () => {
  const sources = new Set(namesOf(".jank"));
  const orphans = namesOf(".wat").filter((name) => !sources.has(name));
  if (JANK_GOLDEN_UPDATE) {
    for (const name of orphans) rmSync(new URL(`${name}.wat`, FOLDER));
  } else assert.deepEqual(orphans, []);
});
