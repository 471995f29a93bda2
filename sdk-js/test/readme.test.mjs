// The README's data path names functions that exist where it says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url);
const read = (file) => readFileSync(new URL(file, ROOT), "utf8");

// A definition, not a call: at a line's start, with a type, a name or nothing in front.
const defines = (text, name) =>
  new RegExp(
    `^(?:[\\w*]+[ *]+)*(?:static |async )?[\\w *<>]*?${name.replace("#", "\\#")}(?:<\\w+>)?(?:\\(|: \\()`,
    "m",
  ).test(text.replace(/^ +/gm, ""));

test("every function of the README's data path is defined in the file that it names", () => {
  const [, table] = /<!-- data path[^>]*-->([\s\S]*?)<!-- end -->/.exec(read("README.md"));
  const rows = table
    .trim()
    .split("\n")
    .slice(2)
    .map((row) => row.split("|").map((cell) => cell.trim()));
  assert.ok(rows.length >= 10);
  for (const [, , functions, file] of rows) {
    const text = read(file.replaceAll("`", ""));
    for (const [, name] of functions.matchAll(/`([^`]+)`/g))
      assert.ok(defines(text, name), `${file} does not define ${name}`);
  }
});

test("a function that is not there is noticed", () => {
  assert.ok(!defines(read("sdk-c/src/load/patch.c"), "jank_patch_missing"));
});
