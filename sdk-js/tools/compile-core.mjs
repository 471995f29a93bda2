// compile-core.mjs STAGE0_MODULE OUTPUT_DIR RUNTIME_DIR - the core library, ahead of
// time.
//
// Stage 0 (runtime and compiler without a library) compiles sdk-c/core form by
// form, and gives the whole as C: one file per namespace, and the table of their
// entries. RUNTIME_DIR gets those for a module without the compiler: no macros, no
// documentation, no sources. What the library says of its names in jank is written
// to docs.json: core-docs.mjs. Same sources, same bytes.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startEngine } from "../test/lang/node-engine.mjs";
import { compiledDocs } from "./core-docs.mjs";

const CORE = fileURLToPath(new URL("../../sdk-c/core/", import.meta.url));

// In the order in which they are loaded.
const { namespaces: NAMESPACES } = JSON.parse(
  readFileSync(new URL("../../sdk-c/build-flags.json", import.meta.url), "utf8"),
);

// As source, compiled by who requires them: they need no place in every page's
// code. (clojure.string and clojure.math are C.)
const SOURCES = [
  "clojure.data",
  "clojure.edn",
  "clojure.pprint",
  "clojure.repl",
  "clojure.template",
  "clojure.test",
  "clojure.zip",
  "jank.async",
  "jank.dev",
];

const pathOf = (ns) => `${ns.replaceAll(".", "/").replaceAll("-", "_")}.jank`;
const symbolOf = (ns) => ns.replaceAll(/[.-]/g, "_");

function writeIfChanged(file, text) {
  let old = null;
  try {
    old = readFileSync(file, "utf8");
  } catch {
    // not there yet
  }
  if (old !== text) writeFileSync(file, text);
}

const cString = (text) =>
  text
    .split(/(?<=\n)/)
    .map((line) => `    ${JSON.stringify(line).replaceAll("?", "\\?")}`)
    .join("\n");

// Comments take no place; every line stays where an editor finds it.
const withoutComments = (source) => source.replaceAll(/^ *;.*$/gm, "");

function sourcesTable() {
  const rows = SOURCES.map((ns) => {
    const source = withoutComments(readFileSync(CORE + pathOf(ns), "utf8"));
    return `    {"${ns}", "${pathOf(ns)}",\n${cString(source)}},`;
  });
  return ["", "const struct core_source jank_core_sources[] = {", ...rows, "    {0},", "};", ""];
}

function entriesSource(sources) {
  const entries = NAMESPACES.map((ns) => `jank_patch_symbols_${symbolOf(ns)}`);
  return [
    "/* The core library's entries, in the order of loading. */",
    '#include "../../sdk-c/src/core_entries.h"',
    "",
    ...entries.map((entry) => `extern struct patch_symbol *${entry}(int *count);`),
    "",
    "const patch_entry_fn jank_core_entries[] = {",
    ...entries.map((entry) => `    ${entry},`),
    "    0,",
    "};",
    ...sources,
    "",
  ].join("\n");
}

/**
 * The whole of a namespace: where its file says (load "core/seqs"), the text of that
 * file; each file behind a line that names it.
 */
function sourceOf(ns) {
  const part = (file) => `(part* "${file}")\n${readFileSync(CORE + file, "utf8")}`;
  const folder = posix.dirname(pathOf(ns));
  return part(pathOf(ns)).replaceAll(/^\(load "([^"]+)"\)$/gm, (_, path) =>
    part(`${folder}/${path}.jank`),
  );
}

export async function compileCore(stage0, output, runtimeOnly) {
  const engine = await startEngine(resolve(stage0));
  mkdirSync(output, { recursive: true });
  mkdirSync(runtimeOnly, { recursive: true });
  for (const ns of NAMESPACES) {
    const c = engine.emitC(sourceOf(ns), {
      file: pathOf(ns),
      ns: "clojure.core",
      name: symbolOf(ns),
    });
    writeIfChanged(`${output}/${symbolOf(ns)}.c`, c.whole);
    writeIfChanged(`${runtimeOnly}/${symbolOf(ns)}.c`, c.runtimeOnly);
  }
  writeIfChanged(`${output}/docs.json`, JSON.stringify(compiledDocs(engine, NAMESPACES), null, 1));
  const none = "const struct core_source jank_core_sources[] = {{0}};";
  writeIfChanged(`${output}/core_entries.c`, entriesSource(sourcesTable()));
  writeIfChanged(`${runtimeOnly}/core_entries.c`, entriesSource([none]));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [stage0, output, runtimeOnly] = process.argv.slice(2);
  if (!runtimeOnly) {
    console.error("usage: compile-core.mjs STAGE0_MODULE OUTPUT_DIR RUNTIME_DIR");
    process.exit(2);
  }
  try {
    await compileCore(stage0, output, runtimeOnly);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
