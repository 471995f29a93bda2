// Whether what was typed is whole, and how a history has it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FormReader } from "../../src/cli/form-reader.js";

function read(text: string): FormReader {
  const reader = new FormReader();
  for (const line of text.split("\n")) reader.add(line);
  return reader;
}

const WHOLE = [
  "",
  "1",
  "(+ 1 2)",
  "[1 {:a #{2}}]",
  '"a ( b"',
  '"a \\" b"',
  '#"[(]"',
  "\\(",
  '(f \\" \\( \\newline \\u0041)',
  "\\",
  "'x",
  "'(1 2)",
  "#'map",
  "@a",
  "`(a ~b ~@c)",
  "^:private x",
  '^{:doc "("} (f)',
  "#_ x",
  "' #_ x y",
  "#(+ % 1)",
  '#inst "2020"',
  "##Inf",
  "a' b# c'd",
  "(f) ; (",
  ")",
  "(a))",
  'é 漢 ("ü")',
];
for (const text of WHOLE)
  test(`whole: ${JSON.stringify(text)}`, () => assert.equal(read(text).isUnfinished, false));

const UNFINISHED = [
  "(",
  "(+ 1",
  "[(a)",
  "{:a",
  '"a',
  '"a\\"',
  '(f "a)',
  "(f) (g",
  "( ; )",
  "'",
  "''",
  "@",
  "#'",
  "~@",
  "^:private",
  "^{:a 1}",
  "#_",
  "' #_ x",
  "#_ #_ x",
  "#inst",
  "#(",
  '#"a',
  "(f \\)",
  '(str \\"',
];
for (const text of UNFINISHED)
  test(`unfinished: ${JSON.stringify(text)}`, () => assert.equal(read(text).isUnfinished, true));

test("blanks and comments are nothing to evaluate", () => {
  for (const text of ["", "  ", "; (a", "\n ,\n;x\n"]) assert.equal(read(text).isBlank, true);
  for (const text of ["a", "nil", ")", "#_ a"]) assert.equal(read(text).isBlank, false);
});

test("one line has all of it, without comments, and reads as the same", () => {
  assert.equal(read("(defn f [x] ; doc (\n   (* 2\tx))").line, "(defn f [x] (* 2 x))");
  assert.equal(read('(str "a\n  b" ;c\n x)').line, '(str "a\\n  b" x)');
  assert.equal(read("[\\ \n  1 \\;  2]").line, "[\\  1 \\; 2]");
  assert.equal(read("; first\n(a)\n").line, "(a)");
});

test("a form of many lines takes no longer than its length", () => {
  const reader = new FormReader();
  const started = performance.now();
  reader.add("(");
  for (let i = 0; i < 20_000; i++) reader.add(`  (f ${i} "text" ; comment`);
  assert.ok(reader.isUnfinished);
  assert.ok(performance.now() - started < 5_000);
});
