// The language suite as WebAssembly in Node, each file in a runtime of its own.
// JANK_MODULE names another main module than the build's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { report, runCases } from "./cases.mjs";
import { suiteFiles } from "./files.mjs";
import { startEngine } from "./node-engine.mjs";

const MODULE =
  process.env.JANK_MODULE ??
  fileURLToPath(new URL("../../../build/wasm/jank.mjs", import.meta.url));

for (const { name, text, lines } of suiteFiles()) {
  test(`language: ${name}`, async () => {
    const result = runCases(await startEngine(MODULE), name, text, lines);
    assert.equal(result.failures.length, 0, report(result));
  });
}
