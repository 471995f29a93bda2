// `npm test` as a command: what it says of itself, and that nothing chosen is an error.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../../tools/test.mjs", import.meta.url));

function npmTest(...args) {
  const child = spawnSync(process.execPath, [COMMAND, ...args], { encoding: "utf8" });
  return { status: child.status, stdout: child.stdout, stderr: child.stderr };
}

test("--help explains with examples, and names the suites", () => {
  const { status, stdout } = npmTest("--help");
  assert.equal(status, 0);
  for (const part of [/npm test -- lang\/seqs -t range/, /--only/, /--list/, /suites: format, /])
    assert.match(stdout, part);
});

test("--list has each suite with its files, or those that are chosen", () => {
  const { status, stdout } = npmTest("--list");
  assert.equal(status, 0);
  assert.match(stdout, /^lint +ESLint\nt/m);
  assert.match(stdout, /^unit .*\n(?: +.*\n)*? +.*\bcollections\b/m);
  assert.match(stdout, /server\/bencode/);
  assert.doesNotMatch(npmTest("--list", "lang").stdout, /server\/bencode|^unit/m);
});

test("without a terminal there are no colours", () => {
  assert.ok(!npmTest("--list").stdout.includes("\x1b"));
});

for (const [args, message] of [
  [["lang/seq"], /no file "seq".*Did you mean lang\/seqs\?/],
  [["--only", "lang,unti"], /no suite "unti".*Did you mean unit\?/],
  [["lang", "-t", "no case says this"], /No test of lang has "no case says this" in its name\./],
  [["lang", "-t", "no such|none"], /between slashes: -t '\/no such\|none\/'/],
  [["lint", "-t", "x"], /The suite lint has no tests with names/],
  [["lang", "--update"], /--update is for the suite golden/],
  [["--update"], /--update is for the suite golden/],
  [["lang", "-t"], /-t, --test.*\n?usage: npm test/s],
  [["lang", "-t", ""], /-t needs a part of a test's name/],
  [["--nonsense"], /usage: npm test/],
])
  test(`${args.join(" ")}: exit code 1, and why`, () => {
    const { status, stdout, stderr } = npmTest(...args);
    assert.equal(status, 1);
    assert.match(stderr, message);
    assert.doesNotMatch(stdout, /passed|^ok/m);
  });
