// Patches that a C toolchain built: written by hand, and emitted by the compiler.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { setupEmscripten } from "../../tools/setup-emscripten.mjs";
import { BUILD, DIST, ROOT, run, which } from "../../tools/system.mjs";

const OUT = join(BUILD, "test/c-patch");
const SOURCE = join(ROOT, "sdk-c/test/patches/eita_patch.c");

let emcc;
let jank;
const printed = [];

async function compile(source, name, ...options) {
  const output = join(OUT, `${name}.wasm`);
  const include = `-I${join(ROOT, "sdk-c/include")}`;
  await run(emcc, ["-sSIDE_MODULE=1", "-O2", include, ...options, source, "-o", output]);
  return readFileSync(output);
}

before(async () => {
  mkdirSync(OUT, { recursive: true });
  emcc = await setupEmscripten();
  const { default: create } = await import(pathToFileURL(join(DIST, "jank.mjs")).href);
  jank = await create({ jankWrite: (_stream, text) => printed.push(text) });
  assert.equal(jank._jank_runtime_init(), 0);
});

function withStrings(strings, body) {
  const pointers = strings.map((text) => {
    const size = jank.lengthBytesUTF8(text) + 1;
    const pointer = jank._malloc(size);
    jank.stringToUTF8(text, pointer, size);
    return pointer;
  });
  try {
    return body(...pointers);
  } finally {
    pointers.forEach((pointer) => jank._free(pointer));
  }
}

function load(bytes, path, entry = "jank_patch_symbols_7") {
  jank.FS.writeFile(path, bytes);
  const status = withStrings([path, entry], (p, e) => jank._jank_hot_reload_load_patch(p, e));
  jank.FS.unlink(path);
  return status;
}

const lastError = () => jank.UTF8ToString(jank._jank_hot_reload_last_error());

function invoke(name, args = "[]") {
  const text = withStrings([name, args], (n, a) => jank.UTF8ToString(jank._jank_invoke(n, a)));
  const result = JSON.parse(text);
  return result.ok ? result.value : `error: ${result.error.message}`;
}

test("ten functions written in C against jank.h load and work", async () => {
  assert.equal(load(await compile(SOURCE, "first"), "/first.wasm"), 0, lastError());
  assert.equal(invoke("eita/ggg", "[10]"), "58");
  assert.equal(printed.join(""), ":FROM_CLJ_..._I_MEAN_JANK_IN_WASM!!\n60\n#{15 999 3 30}\n");
  assert.equal(invoke("eita/constant"), '"from C"');
  assert.equal(invoke("eita/vector", "[1 :a]"), "[1 :a]");
  assert.equal(invoke("eita/map", "[3]"), "{:v 3, :eita/w nil}");
  assert.equal(invoke("eita/list", "[1 2 3]"), "[rest (1 2 3)]");
  assert.equal(invoke("eita/half", "[5]"), "2.5");
  assert.equal(invoke("eita/choose", "[nil]"), "false");
  assert.equal(invoke("eita/apply", "[:k {:k 1}]"), "1");
  assert.match(invoke("eita/fail"), /thrown from C/);
  assert.match(invoke("eita/deref"), /error: .*state/);
  assert.match(invoke("eita/ggg", '["text"]'), /error: .*number/);
  assert.match(invoke("eita/vector", "[1]"), /takes 2 arguments, got 1/);
});

test("a second build at a new path replaces the functions; the same path is refused", async () => {
  const second = await compile(SOURCE, "second", "-DVERSION=49");
  assert.equal(load(second, "/first.wasm"), -9);
  assert.match(lastError(), /path/);
  assert.equal(invoke("eita/ggg", "[10]"), "58");
  assert.equal(load(second, "/second.wasm"), 0, lastError());
  assert.equal(invoke("eita/ggg", "[10]"), "59");
});

test("an import that does not exist is refused, and later modules load", async () => {
  const missing = await compile(SOURCE, "missing", "-DMISSING");
  assert.equal(load(missing, "/missing.wasm"), -4);
  assert.match(lastError(), /env\.not_in_the_runtime/);
  const third = await compile(SOURCE, "third", "-DVERSION=50");
  assert.equal(load(third, "/third.wasm"), 0, lastError());
  assert.equal(invoke("eita/ggg", "[10]"), "60");
});

test("the C that the compiler emits is a patch as well", async () => {
  const source = '(ns c.emitted) (defn f ([x] (f x 1)) ([x y] (str "<" (+ x y) ">")))';
  const unit = withStrings([source, "f.jank", "user"], (s, f, n) =>
    jank._jank_unit_open(s, f, n, 1),
  );
  for (let id = 1; ; id++) {
    const status = withStrings([`form_${id}`], (name) => jank._jank_unit_next(unit, name));
    assert.ok(status >= 0);
    if (status === 0) break;
    const { entry } = JSON.parse(jank.UTF8ToString(jank._jank_unit_describe(unit)));
    const start = jank._jank_unit_patch(unit);
    const bytes = jank.HEAPU8.slice(start, start + jank._jank_unit_patch_size(unit));
    assert.equal(load(bytes, `/form-${id}.wasm`, entry), 0, lastError());
  }
  assert.equal(
    withStrings(["emitted"], (name) => jank._jank_unit_emit_c(unit, name)),
    1,
  );
  const c = join(OUT, "emitted.c");
  writeFileSync(c, jank.UTF8ToString(jank._jank_unit_patch(unit)));
  jank._jank_unit_close(unit);
  const bytes = await compile(c, "emitted");
  assert.equal(load(bytes, "/emitted.wasm", "jank_patch_symbols_emitted"), 0, lastError());
  assert.equal(invoke("c.emitted/f", "[41]"), '"<42>"');
});

const CLI = join(DIST, "cli.js");
const emitted = async (name, ...options) => {
  const folder = join(OUT, name);
  mkdirSync(folder, { recursive: true });
  const source = join(folder, "eita.jank");
  writeFileSync(
    source,
    "(ns eita)\n(defn ggg [v] (+ 48 v))\n(defn all [x & more] (mapv (fn [z] (* x z)) more))\n",
  );
  await run(process.execPath, [CLI, "patch", "--emit", "c", "-o", folder, ...options, source]);
  return readFileSync(join(folder, "eita_patch.wasm"));
};

test("patch --emit c names the source's lines, and emcc's module of it is installed", async () => {
  const bytes = await emitted("by-emcc", "--cc", emcc, "--patch-id", "by_emcc");
  const c = readFileSync(join(OUT, "by-emcc/eita_patch.c"), "utf8");
  assert.match(c, /#line 2 ".*eita\.jank"/);
  assert.equal(load(bytes, "/by-emcc.wasm", "jank_patch_symbols_by_emcc"), 0, lastError());
  assert.equal(invoke("eita/all", "[2 3 4]"), "[6 8]");
});

test("clang's module of the same C is installed, and its values outlive collections", async () => {
  const clang = ["clang-19", "clang"].map(which).find(Boolean);
  assert.ok(clang, "the Emscripten set-up brings a clang");
  const bytes = await emitted("by-clang", "--cc", clang, "--patch-id", "1");
  assert.equal(load(bytes, "/by-clang.wasm", "jank_patch_symbols_1"), 0, lastError());
  assert.equal(invoke("eita/ggg", "[10]"), "58");
  const numbers = Array.from({ length: 20000 }, (_, i) => i);
  const expected = numbers.map((n) => n * 1e9).join(" ");
  assert.equal(invoke("eita/all", `[1000000000 ${numbers.join(" ")}]`), `[${expected}]`);
});

test("patch --emit c says what is missing when the compiler is none", async () => {
  await assert.rejects(emitted("by-none", "--cc", "/no/such/compiler"), /--cc: there is no/);
});
