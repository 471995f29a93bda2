// What tests need built, told by what they are made from.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { needsOf } from "../../tools/test-needs.mjs";

const NEEDS = {
  "server/bencode.test.ts": "nothing",
  "protocol.test.ts": "nothing",
  "readme.test.mjs": "nothing",
  "link/link.test.mjs": "nothing",
  "oracle/oracle.test.mjs": "module",
  "golden/golden.test.ts": "module",
  "client.test.ts": "package", // imports it
  "server/nrepl.test.ts": "package", // what it imports does
  "patch/loader.test.ts": "package", // names a file of it
  "patch/c-patch.test.mjs": "package", // by a name of the tools
};

test("a test that imports the package needs it, one that reads sources needs nothing", async (t) => {
  const outdir = mkdtempSync(join(tmpdir(), "jank-needs-"));
  t.after(() => rmSync(outdir, { recursive: true }));
  const tests = fileURLToPath(new URL("../", import.meta.url));
  const needs = await needsOf(
    Object.keys(NEEDS).map((file) => join(tests, file)),
    outdir,
  );
  assert.deepEqual(needs, Object.values(NEEDS));
});
