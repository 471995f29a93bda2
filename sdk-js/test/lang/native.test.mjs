// The language suite as native programs, one per file, under AddressSanitizer
// and UBSan: the C emitter's code runs, and the compiler itself reads, analyzes
// and emits every case once more (sdk-c/test/lang_runner.c).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { casesUpTo, mismatch, parseCases, report } from "./cases.mjs";
import { each, filesIn } from "../../tools/system.mjs";
import { isNative, suiteFiles } from "./files.mjs";
import { startEngine } from "./node-engine.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const OUT = join(ROOT, "build/lang-native/");
const MODULE = process.env.JANK_MODULE ?? join(ROOT, "build/wasm/jank.mjs");
const INCLUDES = ["sdk-c/include", "sdk-c/src", "sdk-c/test"].map(
  (path) => `-I${join(ROOT, path)}`,
);
const CC = process.env.CC ?? "cc";
const FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-w", "-g1", "-fsanitize=address,undefined"];
const LIBRARIES = ["-lm", "-lpthread", "-lpcre2-8"];
const UNDEFINED = ["-fno-sanitize-recover=undefined"];

const run = promisify(execFile);
const limits = { maxBuffer: 1 << 28 };

const pathsIn = (folder, ending) =>
  filesIn(join(ROOT, folder), ending).map((name) => join(ROOT, folder, name));
const sourcesIn = (folder) => pathsIn(folder, /\.c$/);

const headers = ["sdk-c/include", "sdk-c/src", "sdk-c/test"].flatMap((folder) =>
  pathsIn(folder, /\.h$/),
);

const time = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);
const newestHeader = Math.max(...headers.map(time));

async function compile(source, optimize) {
  const name = relative(ROOT, source).replaceAll("/", ".").replace(/\.c$/, ".o");
  const object = OUT + name;
  if (time(object) > Math.max(time(source), newestHeader)) return object;
  await run(
    CC,
    [...FLAGS, ...UNDEFINED, optimize, ...INCLUDES, "-c", source, "-o", object],
    limits,
  );
  return object;
}

const cString = (text) =>
  `"${[...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}"`;

/** The C of every form of the file's cases, and the tables for the runner. */
async function generate(name, cases) {
  const engine = await startEngine(MODULE);
  const forms = [];
  const table = [];
  let ns = "user";
  cases.forEach((each, index) => {
    const entries = [];
    const compiled = (unit) => {
      const form = `case_${index}_${entries.length}`;
      forms.push(engine.cOf(unit, form).replace(/^#line.*$/gm, ""));
      entries.push(`jank_patch_symbols_${form}`);
    };
    const { source, line } = each;
    const loaded = () => entries.push("LOADED");
    ({ ns } = engine.evaluate(source, { file: name, ns, line, compiled, loaded }));
    forms.push(
      `static const patch_entry_fn forms_${index}[] = {${[...entries, "0"].join(", ")}};\n`,
    );
    table.push(`  {${line}, ${cString(source)}, ${entries.length}, forms_${index}},\n`);
  });
  return [
    '#include "lang_cases.h"\n',
    ...forms,
    `const char *const lang_file = ${cString(name)};\n`,
    `const struct lang_case lang_cases[] = {\n${table.join("")}};\n`,
    `const int lang_case_count = ${cases.length};\n`,
  ].join("\n");
}

let objects;
before(async () => {
  mkdirSync(OUT, { recursive: true });
  objects = await each(
    [
      ...sourcesIn("build/gen").map((file) => [file, "-O0"]),
      ...sourcesIn("sdk-c/src").map((file) => [file, "-O1"]),
      [join(ROOT, "sdk-c/test/lang_runner.c"), "-O1"],
    ],
    ([file, optimize]) => compile(file, optimize),
  );
});

for (const { name, text, lines } of suiteFiles().filter(isNative)) {
  test(`native language: ${name}`, async () => {
    const { cases, isJudged } = casesUpTo(parseCases(text), lines);
    const source = `${OUT}suite_${basename(name, ".jank")}.c`;
    writeFileSync(source, await generate(name, cases));
    const object = await compile(source, "-O0");
    const program = `${OUT}${basename(name, ".jank")}`;
    await run(CC, [...FLAGS, object, ...objects, ...LIBRARIES, "-o", program], limits);
    const { stdout } = await run(program, [], limits);
    const results = stdout
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text));
    assert.equal(results.length, cases.length);
    const failures = cases.flatMap((expected, i) => {
      const { error, ...rest } = results[i];
      const problem = isJudged(expected) && mismatch(expected, { ...rest, error: error?.message });
      return problem
        ? [`${name}:${expected.line}: ${expected.source.trim()}\n     ${problem}`]
        : [];
    });
    assert.equal(failures.length, 0, report({ count: lines?.length ?? cases.length, failures }));
  });
}
