// The language suite as WebAssembly in Node: sdk-c/test/lang/*.jank, each file
// in a runtime of its own. JANK_MODULE names another main module than the
// build's; JANK_LANG a part of the names of the files to run.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mismatch, parseCases } from "./cases.mjs";
import { startEngine } from "./engine.mjs";

const SUITE = fileURLToPath(new URL("../../../sdk-c/test/lang/", import.meta.url));
const MODULE =
  process.env.JANK_MODULE ??
  fileURLToPath(new URL("../../../build/wasm/jank.mjs", import.meta.url));

for (const name of readdirSync(SUITE).sort()) {
  if (!name.endsWith(".jank") || !name.includes(process.env.JANK_LANG ?? "")) continue;
  test(`language: ${name}`, async () => {
    const engine = await startEngine(MODULE);
    const cases = parseCases(readFileSync(SUITE + name, "utf8"));
    const failures = [];
    let ns = "user";
    for (const expected of cases) {
      const actual = engine.evaluate(expected.source, { file: name, ns, line: expected.line });
      ns = actual.ns;
      const problem = mismatch(expected, actual);
      if (problem)
        failures.push(`${name}:${expected.line}: ${expected.source.trim()}\n     ${problem}`);
    }
    assert.equal(
      failures.length,
      0,
      `${failures.length} of ${cases.length} cases failed\n  ${failures.join("\n  ")}`,
    );
  });
}
