// Which cases of the language suite run when some are chosen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { casesUpTo, parseCases, runCases } from "../lang/cases.mjs";
import { isNative, languageFiles, suiteFiles } from "../lang/files.mjs";

const TEXT = "(def a 1)\na ;=> 1\n(inc a) ;=> 3\n(dec a) ;=> 0\n";

/** Gives what it is told, and remembers what it was asked. */
const engine = (values) => {
  const asked = [];
  const evaluate = (source) => {
    asked.push(source);
    return { value: values[asked.length - 1], ns: "user", out: "" };
  };
  return { asked, evaluate };
};

test("those before the last that is chosen run, and are not judged", () => {
  const some = engine(["wrong", "2", "0"]);
  const { count, failures } = runCases(some, "x.jank", TEXT, [3]);
  assert.equal(some.asked.length, 2);
  assert.equal(count, 1);
  assert.match(failures.join(), /^x\.jank:3: \(inc a\)\n +expected: 3\n +got: 2$/);
});

test("without a choice, all run and are judged", () => {
  const { count, failures } = runCases(engine(["wrong", "2", "0"]), "x.jank", TEXT);
  assert.equal(count, 3);
  assert.equal(failures.length, 2);
  const cases = parseCases(TEXT);
  assert.ok(casesUpTo(cases).cases.every(casesUpTo(cases).isJudged));
});

test("a case is chosen by its place, its source and what it expects", () => {
  const lines = (JANK_CASES) => suiteFiles({ JANK_LANG: "seqs", JANK_CASES })[0]?.lines ?? [];
  assert.ok(lines("range").length > 10);
  assert.ok(lines("(range 5)").length < lines("range").length);
  const [first] = lines("(range 5)");
  assert.deepEqual(lines(`seqs.jank:${first}:`), [first]);
  assert.ok(lines("(0 1 2 3 4)").includes(first));
  assert.deepEqual(lines("no case says this"), []);
});

test("files are chosen by their whole names", () => {
  const names = (JANK_LANG) => suiteFiles({ JANK_LANG }).map(({ name }) => name);
  assert.deepEqual(names("seqs,live"), ["live.jank", "seqs.jank"]);
  assert.deepEqual(names("seq"), []);
  assert.equal(names().length, languageFiles().length);
});

test("native programs have the files of every engine but eval", () => {
  const native = languageFiles().filter(isNative);
  assert.ok(native.length > 10);
  assert.ok(native.every(({ name }) => name !== "eval" && name !== "javascript"));
});
