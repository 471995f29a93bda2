// A compiler that waits for its arguments, with real processes: clang itself is in
// native.test.mjs.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Clang } from "../../src/native/clang.js";

/** A program in a folder of its own, which notes each of its starts there. */
function program(t: TestContext, body: string): { path: string; starts: () => number } {
  const folder = mkdtempSync(join(tmpdir(), "jank-hot-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "compiler");
  const log = join(folder, "log");
  writeFileSync(path, `#!/bin/sh\necho start >> '${log}'\n${body}\n`);
  chmodSync(path, 0o755);
  writeFileSync(log, "");
  return { path, starts: () => readFileSync(log, "utf8").split("\n").length - 1 };
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

test("one that has started gets the arguments, each in quotes", async (t) => {
  const { path, starts } = program(t, 'case "$1" in @*) cat "${1#@}";; *) echo "$@";; esac');
  const clang = new Clang(path);
  clang.prepare();
  clang.prepare();
  await pause(100);
  assert.equal(starts(), 1);
  assert.equal((await clang.run(["-c", 'a "b"\\c'])).stdout, '"-c"\n"a \\"b\\"\\\\c"');
  assert.equal((await clang.run(["-c", "next"])).stdout, "-c next\n", "no other one has started");
  assert.equal(starts(), 2);
});

test("where standard input has no name it is started as ever", async (t) => {
  const body = `case "$1" in @*) echo "cannot open file '/dev/stdin'" >&2; exit 1;; *) echo "$@";; esac`;
  const { path } = program(t, body);
  const clang = new Clang(path);
  clang.prepare();
  assert.deepEqual(await clang.run(["-c", "x"]), { error: null, stdout: "-c x\n", stderr: "" });
});

test("in place of one that has ended while it waited another is started", async (t) => {
  const { path } = program(t, 'case "$1" in @*) exit 1;; *) echo "$@";; esac');
  const clang = new Clang(path);
  clang.prepare();
  await pause(200);
  assert.equal((await clang.run(["x"])).stdout, "x\n");
});

test("errors and what is told of them are those of the program", async (t) => {
  const { path } = program(t, 'case "$1" in @*) cat > /dev/null;; esac; echo wrong >&2; exit 3');
  const clang = new Clang(path);
  const plain = await clang.run(["x"]);
  clang.prepare();
  const waited = await clang.run(["x"]);
  for (const { error, stderr } of [plain, waited]) {
    assert.equal((error as Error & { code: number }).code, 3);
    assert.equal(stderr, "wrong\n");
  }
});

test("after close none waits", async (t) => {
  const { path, starts } = program(t, 'case "$1" in @*) cat > /dev/null;; esac');
  const clang = new Clang(path);
  clang.prepare();
  await pause(100);
  clang.close();
  clang.prepare();
  await pause(100);
  assert.equal(starts(), 1);
});
