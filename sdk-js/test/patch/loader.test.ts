// Patches from outside: whatever their bytes are, the answer is a reason, nothing
// has changed, and the next good patch loads.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Compiler, type CompiledForm } from "../../src/compiler.js";
import { Runtime, type InstallResult } from "../../src/runtime.js";

let runtime: Runtime;
let compiler: Compiler;

before(async () => {
  runtime = await Runtime.load({ moduleUrl: fileUrl(), write: () => undefined });
  compiler = new Compiler(runtime);
});

function fileUrl(): URL {
  return new URL(`file://${process.cwd()}/sdk-js/dist/jank.mjs`);
}

/** Compiles one definition without installing it. */
function compile(source: string): CompiledForm {
  const unit = compiler.open(source);
  const step = unit.next();
  unit.close();
  assert.equal(step.status, "form", JSON.stringify(step));
  return (step as { form: CompiledForm }).form;
}

function evaluate(source: string): string {
  const { value, error } = compiler.eval(source);
  assert.equal(error, undefined, error?.message);
  return value ?? "";
}

/** A refusal: its message. The definition of `kept` must be untouched. */
function refused(result: InstallResult): string {
  assert.equal(result.ok, false);
  assert.equal(runtime.invoke("user/kept", 1), 2, "the old code runs on");
  return (result as { error: { message: string } }).error.message;
}

function goodPatchLoads(): void {
  evaluate("(defn kept [x] (+ x 1))");
  assert.equal(runtime.invoke("user/kept", 1), 2);
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

/** The module's sections: [id, start of the section, end]. */
function sections(bytes: Uint8Array): { id: number; start: number; end: number }[] {
  const result = [];
  for (let at = 8; at < bytes.length;) {
    const start = at;
    const id = bytes[at++] ?? 0;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += size;
    result.push({ id, start, end: at });
  }
  return result;
}

/** A changed module with the hash that its jank.patch section should have. */
function rehashed(bytes: Uint8Array): Uint8Array {
  const self = sections(bytes).find(
    ({ id, start, end }) => id === 0 && Buffer.from(bytes.slice(start, end)).includes("jank.patch"),
  );
  assert.ok(self);
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes.slice(0, self.start))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  const result = bytes.slice();
  new DataView(result.buffer).setBigUint64(self.end - 8, hash, true);
  return result;
}

const redefinition = () => compile("(defn kept [x] (+ x 1000))");

test("a patch that is empty, or is no WebAssembly, is refused", () => {
  goodPatchLoads();
  assert.match(refused(runtime.install(new Uint8Array(), "x")), /not a WebAssembly module/);
  assert.match(
    refused(runtime.install(new TextEncoder().encode("hello world"), "x")),
    /not a WebAssembly module/,
  );
  goodPatchLoads();
});

test("a truncated patch is refused, wherever it ends", () => {
  goodPatchLoads();
  const { bytes, entry } = redefinition();
  for (let size = 0; size < bytes.length; size++) {
    const result = runtime.install(bytes.slice(0, size), entry);
    // Without its last custom section it is whole: names are for people only.
    if (!result.ok) assert.equal(runtime.invoke("user/kept", 1), 2);
    else goodPatchLoads();
    if (size < bytes.length * 0.6) assert.equal(result.ok, false, `${size} bytes`);
  }
  goodPatchLoads();
});

test("random bytes and random changes of a good patch never break the runtime", () => {
  goodPatchLoads();
  const random = seeded(20261124);
  const { bytes, entry } = redefinition();
  for (let round = 0; round < 1500; round++) {
    const changed = bytes.slice();
    const changes = 1 + Math.floor(random() * 4);
    for (let i = 0; i < changes; i++)
      changed[8 + Math.floor(random() * (bytes.length - 8))] = Math.floor(random() * 256);
    const result = runtime.install(changed, entry);
    if (!result.ok) assert.ok(result.error.message.length > 0);
    else assert.ok([2, 1001].includes(runtime.invoke("user/kept", 1) as number));
  }
  for (let round = 0; round < 300; round++) {
    const noise = Uint8Array.from({ length: 200 }, () => Math.floor(random() * 256));
    noise.set([0, 97, 115, 109, 1, 0, 0, 0]);
    assert.equal(runtime.install(noise, entry).ok, false);
  }
  goodPatchLoads();
});

test("another ABI version, another entry, and a module without dylink.0 are refused", () => {
  goodPatchLoads();
  const { bytes, entry } = redefinition();
  const text = Buffer.from(bytes).toString("latin1");
  const version = text.indexOf("jank.patch") + "jank.patch".length;
  const newer = bytes.slice();
  newer[version] = 99;
  assert.match(refused(runtime.install(newer, entry)), /ABI version 99/);
  assert.match(refused(runtime.install(bytes, `${entry}x`)), /no such entry/);
  const [dylink] = sections(bytes);
  const without = Uint8Array.from([...bytes.slice(0, 8), ...bytes.slice(dylink?.end)]);
  assert.match(
    refused(runtime.install(rehashed(without), entry)),
    /dylink\.0 must be its first section/,
  );
  goodPatchLoads();
});

test("an import that the runtime does not have is refused before anything runs", () => {
  goodPatchLoads();
  const { bytes, entry } = compile("(defn kept [x] (+ x (* 3 (- x 1))))");
  const text = Buffer.from(bytes).toString("latin1");
  const at = text.indexOf("jank_mul");
  assert.ok(at > 0);
  const renamed = bytes.slice();
  renamed.set(new TextEncoder().encode("jank_mux"), at);
  assert.match(
    refused(runtime.install(rehashed(renamed), entry)),
    /env\.jank_mux, which this runtime/,
  );
  goodPatchLoads();
});

test("a patch of more than 4 MiB is refused, and one that asks for too much memory", () => {
  goodPatchLoads();
  const { bytes, entry } = redefinition();
  const large = new Uint8Array(4 * 1024 * 1024 + 1);
  large.set(bytes);
  assert.match(refused(runtime.install(large, entry)), /larger than 4 MiB/);
  const [dylink] = sections(bytes);
  const head = (dylink?.start ?? 0) + 2;
  // "dylink.0", then mem_info: kind 1, size, memory size ...
  const at = head + 9 + 2;
  const greedy = bytes.slice();
  greedy.set([0xff, 0xff], at);
  assert.equal(runtime.install(rehashed(greedy), entry).ok, false);
  goodPatchLoads();
});

test("a changed byte is noticed", () => {
  goodPatchLoads();
  const { bytes, entry } = redefinition();
  const changed = bytes.slice();
  changed[bytes.length >> 1] = (changed[bytes.length >> 1] ?? 0) ^ 1;
  assert.match(refused(runtime.install(changed, entry)), /damaged/);
});

test("a file that is not there is refused", () => {
  const status = runtime.withStrings(["/nothing.wasm", "x"], ([path, entry]) =>
    runtime.module._jank_hot_reload_load_patch(path, entry),
  );
  assert.equal(status, -1);
  assert.match(runtime.lastError().message, /cannot read the patch file \/nothing\.wasm/);
});

test("a form that throws takes everything back that its patch has bound", () => {
  goodPatchLoads();
  const unit = compiler.open('(defn kept [x] 0) (def other 1) (throw (ex-info "half-way" {}))');
  for (let step = unit.next(); step.status === "form"; step = unit.next());
  const bundle = unit.bundle("half");
  unit.close();
  assert.match(refused(runtime.install(bundle.bytes, bundle.entry)), /half-way/);
  goodPatchLoads();
});

test("endless recursion, wrong arity and a call of a non-function are errors; the runtime goes on", () => {
  evaluate("(defn deep [n] (inc (deep n)))");
  evaluate("(declare pong) (defn ping [n] (inc (pong n))) (defn pong [n] (inc (ping n)))");
  const message = (source: string) => compiler.eval(source).error?.message ?? "no error";
  for (let i = 0; i < 3; i++) {
    assert.match(message("(deep 1)"), /stack/i);
    assert.match(message("(ping 1)"), /stack/i);
  }
  assert.match(message("(deep 1 2)"), /deep takes 1 argument, got 2/);
  assert.match(message("(5 1)"), /5 .*cannot be called/);
  assert.match(message('("text" 1)'), /cannot be called/);
  goodPatchLoads();
});

test("callers run the new code, state survives, and a closure of old code keeps its code", () => {
  evaluate("(def state (atom 0))");
  evaluate("(defn step [x] (swap! state inc) (+ x 1))");
  evaluate("(defn caller [x] (step x))");
  evaluate("(defn make [] (let [n 7] (fn [x] (+ x n))))");
  evaluate("(def old (make))");
  evaluate("(defn use-old [x] (old x))");
  assert.equal(runtime.invoke("user/caller", 1), 2);
  for (let i = 0; i < 2000; i++) {
    evaluate(`(defn step [x] (swap! state inc) (+ x ${i}))`);
    if (i % 100 === 0) evaluate(`(defn make [] (let [n ${i}] (fn [x] (* x n))))`);
  }
  assert.equal(runtime.invoke("user/caller", 1), 2000);
  assert.equal(compiler.eval("@state").value, "2");
  assert.equal(runtime.invoke("user/use-old", 1), 8);
});

test("thousands of patches of one var reuse memory and table slots", () => {
  const round = (count: number) => {
    for (let i = 0; i < count; i++) evaluate(`(defn again [x] (+ x ${i}))`);
  };
  round(1000);
  const before = runtime.stats();
  round(2000);
  const after = runtime.stats();
  assert.equal(after.memory_bytes, before.memory_bytes);
  assert.equal(after.table_slots, before.table_slots);
  assert.ok(after.reclaimed_modules > before.reclaimed_modules + 1000);
});

test("the statistics have the original's keys", () => {
  const stats = runtime.stats();
  assert.ok(stats.loaded_modules > 0);
  assert.ok(stats.registered_symbols > 0);
  assert.ok(Array.isArray(stats.module_paths));
});
