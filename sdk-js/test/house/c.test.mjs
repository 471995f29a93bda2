// The house of sdk-c/src: folders are floors. A file uses its own folder and those below,
// in what it includes and in what it calls; no file needs itself, by whatever way round.
// What a file needs is read from its object: a name that it uses and another defines.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setupPcre2 } from "../../tools/setup-pcre2.mjs";
import { each, filesIn } from "../../tools/system.mjs";
import { circleIn } from "./graph.mjs";

const C = fileURLToPath(new URL("../../../sdk-c/", import.meta.url));
const SOURCES = join(C, "src");
const CC = process.env.CC ?? "cc";
const execute = promisify(execFile);

/** From the ground up. Files of no folder are on top, and may use everything. */
const FLOORS = [
  "base",
  "host",
  "value",
  "number",
  "collection",
  "runtime",
  "read",
  "load",
  "analyze",
  "emit",
  "builtins",
];

const MAX_FILE_LINES = 1000;
const MAX_FUNCTION_LINES = 60;

/** What is declared here is defined elsewhere: by the host, in tables, by the compiler. */
const DECLARED_FOR_OTHERS = ["host/host.h", "builtins/tables.h", "core_entries.h"];

function floorOf(file) {
  if (!file.includes("/")) return FLOORS.length;
  const floor = FLOORS.indexOf(file.split("/", 1)[0]);
  assert.ok(floor >= 0, `${file}: FLOORS does not say where its folder is`);
  return floor;
}

const textOf = (file) => readFileSync(join(SOURCES, file), "utf8");
const files = filesIn(SOURCES, /\.[ch]$/);
const sources = files.filter((file) => file.endsWith(".c"));

/** A name that another file may use, of a function or of data. */
const EXTERNAL = /^[A-TV-Z]$/;

/** `flags`: of the compiler. Out: names that the file defines, and that it needs. */
async function symbolsOf(file, object, flags) {
  const sections = ["-O0", "-ffunction-sections", "-fdata-sections", "-w"];
  await execute(CC, ["-std=c11", ...sections, ...flags, "-c", file, "-o", object]);
  const { stdout } = await execute("nm", ["-P", object]);
  const rows = stdout.split("\n").map((row) => row.split(" "));
  return {
    defines: rows.filter(([, kind]) => EXTERNAL.test(kind ?? "")).map(([name]) => name),
    uses: rows.filter(([, kind]) => kind === "U").map(([name]) => name),
  };
}

/** By file. */
async function symbolsOfAll(root, names, flags) {
  const folder = mkdtempSync(join(tmpdir(), "jank-house-"));
  const object = (name) => join(folder, `${name.replaceAll("/", ".")}.o`);
  try {
    const found = await each(names, (name) => symbolsOf(join(root, name), object(name), flags));
    return new Map(names.map((name, i) => [name, found[i]]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const definersOf = (symbols) =>
  new Map([...symbols].flatMap(([file, { defines }]) => defines.map((name) => [name, file])));

function needsOf(symbols) {
  const definers = definersOf(symbols);
  return new Map(
    [...symbols].map(([file, { uses }]) => {
      const needed = uses.map((name) => definers.get(name)).filter((each) => each !== undefined);
      return [file, [...new Set(needed)].filter((each) => each !== file)];
    }),
  );
}

/** Functions from their heads on: of no indentation, to a brace of none. */
function functionsOf(text) {
  const heads =
    /^(?!\s|typedef|struct [\w]+ \{|enum|#|\/\*)[^;{}=\n]*(?:\n[^;{}=\n]*){0,6}\)\s*\{\n.*?^\}/gms;
  return [...text.matchAll(heads)].map(([body]) => body);
}

/** Names of functions and data that a header, without comments, says are somewhere. */
function declaredIn(text) {
  const functions = /^(?!\s|#|typedef|static).*?\b(\w+)\([^;{]*\)(?:\s*__attribute__.*)?;/gms;
  const data = /^extern [^;(]*;/gm;
  return [
    ...[...text.matchAll(functions)].map(([, name]) => name),
    ...[...text.matchAll(data)].flatMap(([words]) => words.match(/\w+(?=\s*[,;[])/g)),
  ];
}

/** Of value/equal.c: "equal_...", or by the floor, "value_...". jank_ is public. */
function isNamedAfter(name, file) {
  const prefixes = ["jank", posix.basename(file, ".c"), posix.dirname(file)];
  return prefixes.some((prefix) => name === prefix || name.startsWith(`${prefix}_`));
}

let symbols;
before(async () => {
  await setupPcre2(CC);
  const flags = ["-D_GNU_SOURCE", `-I${join(C, "include")}`, `-I${SOURCES}`];
  symbols = await symbolsOfAll(SOURCES, sources, flags);
});

test("a file of sdk-c/src includes its own folder and those below, by their full names", () => {
  for (const file of files)
    for (const [, name] of textOf(file).matchAll(/^#\s*include "([^"]+)"/gm)) {
      if (/^jank\w*\.h$/.test(name)) continue; // sdk-c/include
      assert.ok(files.includes(name), `${file} includes ${name}, which is not in sdk-c/src`);
      assert.ok(floorOf(name) <= floorOf(file), `${file} includes ${name}, which is above it`);
    }
});

test("a file of sdk-c/src uses only what its own folder and those below define", () => {
  for (const [file, needed] of needsOf(symbols))
    for (const other of needed)
      assert.ok(floorOf(other) <= floorOf(file), `${file} uses ${other}, which is above it`);
});

test("no file of sdk-c/src needs itself, through others", () => {
  const needs = needsOf(symbols);
  assert.ok(needs.get("unit.c").includes("read/reader.c"));
  assert.equal(circleIn(needs), undefined);
});

test("a header of sdk-c/src declares what one file defines, the one of its name", () => {
  const definers = definersOf(symbols);
  let declared = 0;
  for (const file of files.filter((each) => each.endsWith(".h"))) {
    if (DECLARED_FOR_OTHERS.includes(file)) continue;
    const text = textOf(file).replaceAll(/\/\*.*?\*\//gs, "");
    const own = file.replace(/h$/, "c");
    for (const name of declaredIn(text)) {
      const definer = definers.get(name);
      declared += definer === own;
      assert.ok(!definer || definer === own, `${file} declares ${name}, which is in ${definer}`);
    }
  }
  assert.ok(declared > 400, `${declared} functions were found`);
});

test("what other files may use is named after its file", () => {
  const others = [...symbols].flatMap(([file, { defines }]) =>
    defines.filter((name) => !isNamedAfter(name, file)).map((name) => `${file}: ${name}`),
  );
  assert.deepEqual(others, []);
});

test("no file has more lines than can be read, and no function", () => {
  const library = filesIn(join(C, "core"), /\.jank$/).map((name) => `../core/${name}`);
  for (const file of [...files, ...library]) {
    const lines = textOf(file).split("\n").length;
    assert.ok(lines <= MAX_FILE_LINES, `${file} has ${lines} lines`);
  }
  const functions = sources.flatMap((file) =>
    functionsOf(textOf(file)).map((body) => ({ file, lines: body.split("\n") })),
  );
  assert.ok(functions.length > 1500, `${functions.length} functions were found`);
  for (const { file, lines } of functions)
    assert.ok(lines.length <= MAX_FUNCTION_LINES, `${file}: ${lines.length} lines: ${lines[0]}`);
});

test("a kind of node that a switch forgets does not compile: none has a default", () => {
  const switches = sources.flatMap((file) =>
    functionsOf(textOf(file))
      .filter((body) => /\bcase NODE_\w+:/.test(body))
      .map((body) => ({ file, body })),
  );
  assert.ok(switches.length >= 3);
  for (const { file, body } of switches)
    assert.ok(!/\bdefault:/.test(body), `${file}: ${body.split("\n", 1)[0]}`);
});
