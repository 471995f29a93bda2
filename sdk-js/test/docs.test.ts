// What the library says of its own names, and when it is read.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Compiler, Runtime, type LoadOptions } from "jank-hot-reload";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.resolve("jank-hot-reload")));
const NAMESPACES = [
  "clojure.core",
  "clojure.string",
  "clojure.math",
  "clojure.set",
  "clojure.walk",
];

interface Known {
  name: string;
  type: string;
  arglists?: string[][];
  doc?: string;
  file?: string;
  line?: number;
}

const folder = mkdtempSync(join(tmpdir(), "jank-docs-"));
after(() => rmSync(folder, { recursive: true }));

async function started(options: LoadOptions = {}): Promise<Compiler> {
  const compiler = new Compiler(await Runtime.load({ write: () => undefined, ...options }));
  assert.equal(compiler.eval("(require 'jank.dev)").error, undefined);
  return compiler;
}

function valueOf(compiler: Compiler, code: string): string {
  const { value, error } = compiler.eval(code);
  assert.equal(error, undefined);
  return value as string;
}

// ---- Every name ---------------------------------------------------------------------

let compiler: Compiler;
before(async () => {
  compiler = await started();
});

const namesOf = (ns: string) => compiler.runtime.invoke("jank.dev/vars", ns) as string[];
const lookup = (name: string, ns: string) =>
  compiler.runtime.invoke("jank.dev/lookup", name, ns) as Known;

const sources = new Map<string, string[]>();

/** The lines of a file of the package from one on. */
function linesFrom(file: string, line: number): string[] {
  const path = file.startsWith("sdk-c/") ? file : `sdk-c/core/${file}`;
  if (!sources.has(path)) sources.set(path, readFileSync(join(PACKAGE, path), "utf8").split("\n"));
  return sources.get(path)?.slice(line - 1) ?? [];
}

/** Where a name stands for itself: a definition begins with its form, a row names it. */
function holds({ name, file = "", line = 0 }: Known): boolean {
  const [first = "", ...more] = linesFrom(file, line);
  if (file.endsWith(".c")) return first.includes(`"${name}"`);
  if (first.startsWith("(array-functions* ")) return true; // it makes several names
  const end = more.findIndex((text) => text.startsWith("("));
  return first.startsWith("(") && [first, ...more.slice(0, end)].join("\n").includes(name);
}

for (const ns of NAMESPACES)
  test(`${ns}: every public name has a doc and a place, and what is called has arglists`, () => {
    const names = namesOf(ns);
    assert.ok(names.length > 5);
    for (const each of names) {
      const known = lookup(each, ns);
      const { type, arglists, doc, file, line } = known;
      assert.ok(doc, `${ns}/${each} has a doc`);
      assert.ok(file && line, `${ns}/${each} has a place`);
      if (type !== "var" && type !== "class") assert.ok(arglists, `${ns}/${each} has arglists`);
      assert.ok(holds(known), `${file}:${line} holds ${each}`);
    }
  });

test("the arglists are those that the functions take", () => {
  const taken = (f: string, count: number) =>
    compiler.eval(`(${f}${" nil".repeat(count)})`).error?.class !== "ArityException";
  for (const ns of ["clojure.core", "clojure.string", "clojure.math"])
    for (const each of namesOf(ns)) {
      const { arglists = [], type, file } = lookup(each, ns);
      if (type !== "function" || !file?.endsWith(".c")) continue;
      const least = Math.min(
        ...arglists.map((list) => (list.includes("&") ? list.indexOf("&") : list.length)),
      );
      if (least > 0) assert.ok(!taken(`${ns}/${each}`, least - 1), `${each}: ${least} at least`);
    }
});

test("a call with other arguments is told the arglists, without the docs being read", async () => {
  const asked = await started({ docsUrl: join(folder, "none.txt") });
  const { error } = asked.eval("(nth 1)");
  assert.match(error?.message ?? "", /nth takes 2 or 3 .*\(nth \[coll index\] \[coll index not-fo/);
});

// ---- Reading ------------------------------------------------------------------------

const DOCS = readFileSync(new URL("jank-docs.txt", import.meta.resolve("jank-hot-reload")), "utf8");

test("docs are read when one is wanted, once", async () => {
  const file = join(folder, "later.txt");
  const later = await started({ docsUrl: pathToFileURL(file) });
  writeFileSync(file, DOCS); // it was not there at the start
  assert.match(valueOf(later, "(:doc (meta #'clojure.core/map))"), /lazy seq/);
  rmSync(file);
  assert.match(valueOf(later, "(:doc (meta #'clojure.core/filter))"), /lazy seq/);
});

test("where there are none, names have no doc, and nothing else changes", async () => {
  const file = join(folder, "never.txt");
  const without = await started({ docsUrl: file });
  assert.equal(valueOf(without, "(:doc (meta #'clojure.core/map))"), "nil");
  writeFileSync(file, DOCS); // too late: it is asked for once
  assert.equal(valueOf(without, "(:doc (meta #'clojure.core/nth))"), "nil");
  assert.equal(
    valueOf(without, "(:arglists (meta #'clojure.core/nth))"),
    "([coll index] [coll index not-found])",
  );
  assert.equal(valueOf(without, "(:line (meta #'map))"), String(lookup("map", "user").line));
});

test("what a server answers in their place is not taken for docs", async () => {
  const file = join(folder, "page.txt");
  writeFileSync(file, "<!doctype html>\nclojure.core/map\tclojure/core/seqs.jank\t1\tNo.\n");
  const fooled = await started({ docsUrl: file });
  assert.equal(valueOf(fooled, "(:doc (meta #'clojure.core/map))"), "nil");
});

test("docs are looked for beside jank.wasm", async () => {
  const wasmUrl = pathToFileURL(join(folder, "jank.wasm"));
  copyFileSync(new URL("jank.wasm", import.meta.resolve("jank-hot-reload")), wasmUrl);
  const mine = DOCS.replace(/^(clojure.core\/map\t.*\t).*/m, "$1Mine.");
  writeFileSync(join(folder, "jank-docs.txt"), mine);
  for (const address of [wasmUrl, fileURLToPath(wasmUrl)]) {
    const moved = await started({ wasmUrl: address });
    assert.equal(valueOf(moved, "(:doc (meta #'clojure.core/map))"), '"Mine."');
  }
});

// ---- A program's own ------------------------------------------------------------------

test("what a program defines anew has its own metadata", async () => {
  const own = await started();
  valueOf(own, "(ns app) (defn map [x] x) (in-ns 'clojure.core) (def keep 1)");
  assert.equal(valueOf(own, "(:doc (meta #'app/map))"), "nil");
  assert.equal(valueOf(own, "[(:doc (meta #'clojure.core/keep))]"), "[nil]");
  valueOf(own, "(alter-meta! #'clojure.core/nth assoc :mine 1)");
  assert.equal(
    valueOf(own, "(select-keys (meta #'clojure.core/nth) [:mine :name])"),
    "{:mine 1, :name nth}",
  );
});

test("clojure.repl prints what is known of a name", () => {
  valueOf(compiler, "(require '[clojure.repl :refer [doc dir apropos find-doc]])");
  const printed = (code: string) => compiler.eval(code).out;
  assert.match(
    printed("(doc nth)"),
    /^-+\nclojure\.core\/nth\n\(\[coll index\] .*\)\n {2}The item/,
  );
  assert.match(printed("(doc when)"), /\nMacro\n/);
  assert.match(printed("(doc if)"), /\nif\n.*\nSpecial Form\n/);
  assert.equal(printed("(doc no-such-name)"), "");
  assert.match(printed("(dir clojure.set)"), /^difference\nindex\n/);
  assert.match(printed('(find-doc "hypotenuse")'), /^-+\nclojure\.math\/hypot\n/);
  assert.equal(valueOf(compiler, '(apropos "chunked")'), "(clojure.core/chunked-seq?)");
});
