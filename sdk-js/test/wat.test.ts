// Modules as text: by the npm package, by the program, or by neither.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { findPrinter, type Sources } from "../src/cli/wat.js";
import { UserError } from "../src/user-error.js";

const load = async () => (await import("wabt")).default();
const nowhere: Sources = { load: () => Promise.resolve(undefined), which: () => undefined };
const WASM2WAT = join(dirname(createRequire(import.meta.url).resolve("wabt")), "bin/wasm2wat");

/** What uses all that a patch may, and more than every WABT takes unasked. */
const TEXT = `(module
  (type $t0 (func (param i32) (result i32)))
  (tag $oops (param i32))
  (memory 1)
  (func $caught (type $t0)
    try (result i32)
      local.get 0
      throw $oops
    catch $oops
    end)
  (func $called (type $t0) local.get 0 return_call $caught)
  (func $filled i32.const 0 i32.const 0 i32.const 8 memory.fill))`;

async function bytes(): Promise<Uint8Array> {
  const toolkit = await load();
  const features = { exceptions: true, tail_call: true, bulk_memory: true };
  return toolkit.parseWat("all.wat", TEXT, features).toBinary({ write_debug_names: true }).buffer;
}

/** An executable file that is the package's own wasm2wat. */
function program(t: TestContext, text?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "jank-wat-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "wasm2wat");
  if (text === undefined) symlinkSync(WASM2WAT, path);
  else writeFileSync(path, text, { mode: 0o755 });
  return path;
}

test("the npm package prints exceptions, tail calls and bulk memory, with names", async () => {
  const print = await findPrinter({ ...nowhere, load });
  const text = print(await bytes());
  for (const part of ["func $caught", "throw", "return_call $caught", "memory.fill", "(type $t0)"])
    assert.ok(text.includes(part), `${part} in\n${text}`);
});

test("wasm2wat prints the same text", async (t) => {
  const which = () => program(t);
  const module = await bytes();
  const byPackage = (await findPrinter({ ...nowhere, load }))(module);
  const byProgram = (await findPrinter({ ...nowhere, which }))(module);
  assert.equal(byProgram, byPackage);
});

test("the npm package comes first", async () => {
  const which = () => assert.fail("the program was looked for");
  await findPrinter({ load, which });
});

test("bytes that are part of a larger buffer are printed as they are", async () => {
  const module = await bytes();
  const larger = new Uint8Array(module.length + 20).fill(255);
  larger.set(module, 7);
  const print = await findPrinter({ ...nowhere, load });
  assert.equal(print(larger.subarray(7, 7 + module.length)), print(module));
});

test("without either, the error says how to get one", async () => {
  await assert.rejects(findPrinter(nowhere), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /npm install --save-dev wabt\n.*wasm2wat.*apt-get install wabt/);
    return true;
  });
});

test("what wasm2wat complains of is told", async (t) => {
  const which = () => program(t, "#!/bin/sh\ncat >/dev/null\necho 'no such feature' >&2\nexit 1\n");
  const print = await findPrinter({ ...nowhere, which });
  assert.throws(() => print(new Uint8Array(8)), /wasm2wat: no such feature/);
});

test("a wasm2wat that cannot be started is an error for people", async () => {
  const print = await findPrinter({ ...nowhere, which: () => "/nowhere/wasm2wat" });
  assert.throws(() => print(new Uint8Array(8)), UserError);
});
