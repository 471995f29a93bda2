// Golden disassemblies. Each file of this folder, NAME.jank, has a form, after those that
// it needs; NAME.wat is the patch that the compiler makes of the last one, as text (or the
// patches, of a form that is a `do`). So a change of what is emitted is read in review.
// Some have a NAME.ast as well: what the form is analyzed to, from which that is emitted.
// (An empty one and --update make another.)
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

const ENDINGS = [".wat", ".ast"] as const;
type Ending = (typeof ENDINGS)[number];

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

interface Emitted {
  form: CompiledForm;
  ast: string;
}

/** What is emitted of the last form; those before are installed. */
async function lastForms(text: string, file: string): Promise<Emitted[]> {
  const runtime = await Runtime.load({ createModule, write: () => undefined });
  const unit = new Compiler(runtime).open(text, { file });
  const emitted: Emitted[] = [];
  try {
    for (;;) {
      const step = unit.next(ID);
      if (step.status !== "form") assert.fail(`${file}: ${JSON.stringify(step)}`);
      const { form } = step;
      const ast = unit.emitAst(ID);
      const result = runtime.install(form.bytes, form.entry);
      assert.ok(result.ok, `${file}: ${JSON.stringify(result)}`);
      if (!emitted.at(-1)?.form.more) emitted.length = 0;
      emitted.push({ form, ast });
      if (form.last && !form.more) return emitted;
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

/** The file is what it was, or becomes so. */
function check(name: string, ending: Ending, text: string): void {
  const expected = fileURLToPath(new URL(`${name}${ending}`, FOLDER));
  const old = existsSync(expected) ? readFileSync(expected, "utf8") : undefined;
  if (text === old) return;
  if (JANK_GOLDEN_UPDATE) {
    writeFileSync(expected, text);
    console.log(`${old === undefined ? "written" : "updated"}: ${name}${ending}`);
    return;
  }
  const what = old === undefined ? `It has no ${ending} yet.` : difference(expected, text);
  const update = `npm test -- golden/${name} --update`;
  assert.fail(`${name}${ending} is not what is emitted:\n${what}\nIf that is meant: ${update}`);
}

for (const name of JANK_GOLDEN?.split(",") ?? namesOf(".jank")) {
  test(`golden: ${name}`, async () => {
    const source = readFileSync(new URL(`${name}.jank`, FOLDER), "utf8");
    const emitted = await lastForms(source, `${name}.jank`);
    for (const { form } of emitted) assert.ok(WebAssembly.validate(form.bytes as BufferSource));
    // First what the other comes from.
    if (existsSync(new URL(`${name}.ast`, FOLDER)))
      check(name, ".ast", emitted.map(({ ast }) => ast).join("\n"));
    check(name, ".wat", emitted.map(({ form }) => print(form.bytes)).join("\n"));
  });
}

for (const ending of ENDINGS)
  test(`golden: every ${ending} is of a .jank file`, () => {
    const sources = new Set(namesOf(".jank"));
    const orphans = namesOf(ending).filter((name) => !sources.has(name));
    if (JANK_GOLDEN_UPDATE) {
      for (const name of orphans) rmSync(new URL(`${name}${ending}`, FOLDER));
    } else assert.deepEqual(orphans, []);
  });
