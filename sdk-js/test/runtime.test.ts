import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Runtime, type JankError } from "jank-hot-reload";
import { toEdn } from "../src/runtime.js";

let runtime: Runtime;

before(async () => {
  runtime = await Runtime.load({ write: () => undefined });
});

// ---- JavaScript values ------------------------------------------------------------

for (const [value, edn] of [
  [null, "nil"],
  [undefined, "nil"],
  [true, "true"],
  [-7, "-7"],
  [1.5, "1.5"],
  [-0, "-0.0"],
  [1e300, "1e+300"],
  [2 ** 53, "9007199254740992.0"],
  [NaN, "##NaN"],
  [-Infinity, "##-Inf"],
  [10n ** 18n, "1000000000000000000"],
  ['a "b" \\ \n', '"a \\"b\\" \\\\ \n"'],
  ["\0", '"\\u0000"'],
  [[1, [null]], "[1 [nil]]"],
  [new Uint8Array([1, 2]), "[1 2]"],
  [new Set(["a"]), '#{"a"}'],
  [{ a: 1, "b c": { "x-y?": [] } }, '{:a 1 "b c" {:x-y? []}}'],
  [new Map([[[1], "k"]]), '{[1] "k"}'],
] as const)
  test(`${edn.trim()} is what a jank function gets for it`, () => {
    assert.equal(toEdn(value), edn);
    const read = runtime.eval(`(= ${edn} ${edn})`);
    assert.equal(read.error, undefined);
  });

test("a value that contains itself, a function and a symbol are refused", () => {
  const endless: Record<string, unknown> = {};
  endless["itself"] = endless;
  assert.throws(() => toEdn(endless), /contains itself/);
  assert.throws(() => toEdn([() => 1]), /a function has no jank value/);
  assert.throws(() => runtime.invoke("clojure.core/str", Symbol("x")), TypeError);
  assert.equal(runtime.invoke("clojure.core/str", "still", 1), "still1");
});

test("any text arrives as it is, or what is no Unicode as U+FFFD", () => {
  const echo = (text: string) => runtime.invoke("clojure.core/str", text);
  for (const text of ["", "é", "日本", "🎉", "a\0b", '"\\"']) assert.equal(echo(text), text);
  assert.equal(echo("\ud800x"), "\ufffdx");
  assert.equal(runtime.eval('(count "\ud800")').value, "1");
});

// ---- Sources ----------------------------------------------------------------------

test("a NUL in a source is an error with its place; nothing of the source runs", () => {
  const { error } = runtime.eval("(def nul 1)\n  \0 (def nul 2)", { file: "n.jank", line: 10 });
  assert.equal(error?.phase, "read");
  assert.match(error?.message ?? "", /NUL/);
  assert.deepEqual([error?.file, error?.line, error?.column], ["n.jank", 11, 3]);
  assert.match(runtime.eval("nul").error?.message ?? "", /nul/);
});

test("a source that is too large is an error, and takes no memory", () => {
  const { memory_bytes } = runtime.stats();
  const { error } = runtime.eval(" ".repeat(16 * 1024 * 1024 + 1));
  assert.match(error?.message ?? "", /larger than 16 MiB/);
  assert.equal(runtime.stats().memory_bytes, memory_bytes);
});

test("output is the evaluation's, and a listener's what nobody captures", () => {
  const heard: string[] = [];
  const stop = runtime.listen((stream, text) => heard.push(`${stream}: ${text}`));
  assert.equal(runtime.eval("(println :captured)").out, ":captured\n");
  assert.deepEqual(heard, []);
  runtime.invoke("clojure.core/println", "said");
  assert.equal(heard.join(""), "out: said\n");
  stop();
  runtime.invoke("clojure.core/println", "unheard");
  assert.equal(heard.join(""), "out: said\n");
});

test("endless recursion is an error, and the runtime runs on", () => {
  const { error } = runtime.eval("(defn deep [n] (+ 1 (deep n)))\n(deep 1)");
  assert.equal(error?.class, "StackOverflowError");
  assert.equal(runtime.eval("(+ 1 2)").value, "3");
});

// ---- Patches ----------------------------------------------------------------------

test("a patch that is too large is refused before it is copied", () => {
  const { memory_bytes } = runtime.stats();
  const result = runtime.install(new Uint8Array(64 * 1024 * 1024), "jank_patch_symbols_1");
  assert.ok(!result.ok);
  assert.match(result.error.message, /larger than 4 MiB/);
  assert.equal(runtime.stats().memory_bytes, memory_bytes);
});

test("what an engine throws for want of memory is an error, not a stack overflow", () => {
  const outcome = runtime.guard(
    () => String(new Uint8Array(2 ** 53 - 1)),
    (error) => error.class,
  );
  assert.equal(outcome, "OutOfMemoryError");
  const tooDeep = Object.assign(new Error("too much recursion"), { name: "InternalError" });
  const inFirefox = runtime.guard(
    () => {
      throw tooDeep;
    },
    (error) => error.class,
  );
  assert.equal(inFirefox, "StackOverflowError");
});

test("a runtime without the compiler takes patches, and says that it has none", async () => {
  const only = await Runtime.load({
    moduleUrl: import.meta.resolve("jank-hot-reload/runtime-only/jank.mjs"),
    write: () => undefined,
  });
  const { error } = runtime.eval("(ns only) (defn f [x] (* 2 x))", {
    onForm: ({ bytes, entry }) => assert.equal(only.install(bytes, entry).ok, true),
  });
  assert.equal(error, undefined);
  assert.equal(only.invoke("only/f", 21), 42);
  assert.throws(() => only.eval("(+ 1 2)"), /has no compiler/);
});

// ---- Cut off --------------------------------------------------------------------

test("a runtime that was abandoned, even while its memory grew, is not entered again", async () => {
  const cutOff = await Runtime.load({ write: () => undefined });
  const unit = cutOff.open("(def a 1)\n  (def b 2)", { line: 5 });
  for (const line of [5, 6]) {
    unit.next();
    assert.equal(unit.place.line, line);
  }
  cutOff.module.wasmMemory.grow(1); // and HEAPU8 is not there yet
  cutOff.abandon();
  assert.deepEqual(unit.place, { line: 6, column: 3 });
  assert.equal(unit.isAbandoned, true);
  unit.close();
  const isRefused = ({ report }: JankError) => report.class === "InterruptedException";
  assert.throws(() => unit.next(), isRefused);
  assert.throws(() => cutOff.eval("1"), isRefused);
  assert.throws(() => cutOff.invoke("clojure.core/inc", 1), isRefused);
  assert.throws(() => cutOff.stats(), isRefused);
});
