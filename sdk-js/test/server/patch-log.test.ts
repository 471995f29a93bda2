import assert from "node:assert/strict";
import { test } from "node:test";
import { PatchLog } from "../../src/server/patch-log.js";
import type { CompiledForm } from "../../src/compiler.js";

let hashes = 0;

function form(
  names: string[],
  signature: string,
  kind: CompiledForm["kind"] = "def",
): CompiledForm {
  return {
    entry: "jank_patch_symbols_1",
    kind,
    ns: "eita",
    line: 1,
    column: 1,
    hash: `h${++hashes}`,
    symbols: names.map((name) => ({ name, signature })),
    bytes: Uint8Array.of(1, 2, 3),
    compileMs: 0.1,
  };
}

const fn = (...names: string[]) => form(names, "1");
const value = (...names: string[]) => form(names, "value");
const expression = () => form([], "", "expr");
const seqs = (log: PatchLog, since = 0) => log.since(log.epoch, since).map(({ seq }) => seq);

function logOf(...forms: CompiledForm[]): PatchLog {
  const log = new PatchLog();
  for (const each of forms) log.append([each]);
  return log;
}

test("numbers grow by one, from one", () => {
  const log = new PatchLog();
  assert.equal(log.seq, 0);
  assert.deepEqual(
    [log.append([fn("a")]), log.append([fn("b")])].map(({ commit }) => commit),
    [1, 2],
  );
  assert.equal(log.seq, 2);
});

test("each server's life has an epoch of its own", () => {
  assert.notEqual(new PatchLog().epoch, new PatchLog().epoch);
  assert.match(new PatchLog().epoch, /^[0-9a-f]{16}$/);
});

test("a page gets what it misses, in order", () => {
  const log = logOf(fn("a"), fn("b"), fn("c"));
  assert.deepEqual(seqs(log, 1), [2, 3]);
  assert.deepEqual(seqs(log, 3), []);
});

test("a page of another epoch, or of none, gets everything", () => {
  const log = logOf(fn("a"), fn("b"));
  assert.equal(log.since("another", 2).length, 2);
  assert.equal(log.since(null, 0).length, 2);
});

test("of each function the newest patch is kept", () => {
  assert.deepEqual(seqs(logOf(fn("a"), fn("b"), fn("a"), fn("a"))), [2, 4]);
});

test("a patch of several vars is kept until all of them are newer elsewhere", () => {
  assert.deepEqual(seqs(logOf(fn("a", "b"), fn("a"))), [1, 2]);
  assert.deepEqual(seqs(logOf(fn("a", "b"), fn("a"), fn("b"))), [2, 3]);
});

test("what a value was made from comes before it", () => {
  // (defn init [] 1) (def state (atom (init))) (defn init [] 2) (defn init [] 3)
  assert.deepEqual(seqs(logOf(fn("init"), value("state"), fn("init"), fn("init"))), [1, 2, 4]);
  // ... and when the value is new, it needs only the new one.
  assert.deepEqual(seqs(logOf(fn("init"), value("state"), fn("init"), value("state"))), [3, 4]);
});

test("a value that was defined again is kept once", () => {
  assert.deepEqual(seqs(logOf(value("a"), value("a"), value("a"))), [3]);
});

test("a form that runs sees what it saw", () => {
  assert.deepEqual(seqs(logOf(fn("a"), expression(), fn("a"))), [1, 2, 3]);
});

test("the same text of an expression is kept once, the newest", () => {
  const same = expression();
  assert.deepEqual(seqs(logOf(same, fn("a"), same)), [2, 3]);
});

test("the same ns form is kept once, where it came first", () => {
  const ns = form([], "", "ns");
  assert.deepEqual(seqs(logOf(ns, fn("a"), ns, fn("b"), ns)), [1, 2, 4]);
});

test("an ns form holds up nothing", () => {
  assert.deepEqual(seqs(logOf(fn("a"), form([], "", "ns"), fn("a"))), [2, 3]);
});

test("a file's ns form and expressions go when the file has them no more", () => {
  const [ns, run, a] = [form([], "", "ns"), expression(), fn("a")];
  const log = new PatchLog();
  for (const each of [ns, run, a]) log.append([each], { cause: "save" }, ["eita.jank"]);
  log.append([expression()], { cause: "save" }, ["other.jank"]);
  log.append([expression()]);
  log.forget("eita.jank", new Set([ns.hash]));
  assert.deepEqual(seqs(log), [1, 3, 4, 5]);
});

test("ten thousand edits do not grow the log", () => {
  const functions = new PatchLog();
  const values = new PatchLog();
  for (let i = 0; i < 10_000; i++) {
    functions.append([fn(i % 2 ? "a" : "b")]);
    values.append([value(i % 2 ? "a" : "b")]);
  }
  assert.deepEqual(seqs(functions), [9_999, 10_000]);
  const kept = seqs(values);
  assert.ok(kept.length <= 20, `${kept.length} kept`);
  assert.deepEqual(kept.slice(-2), [9_999, 10_000]);
});
