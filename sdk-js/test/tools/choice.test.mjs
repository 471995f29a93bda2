// Which tests the words of a command line mean.

import assert from "node:assert/strict";
import { test } from "node:test";
import { choicesOf, nearest, nothingMatches, patternOf } from "../../tools/test-choice.mjs";

const files =
  (...names) =>
  () =>
    names;
const SUITES = {
  format: {},
  unit: { files: files("collections", "seq") },
  lang: { files: files("seqs", "strings") },
  js: { files: files("client", "server/nrepl", "server/nrepl-input", "server/http") },
  oracle: { files: files("nrepl") },
};

const choose = (...words) => [...choicesOf(words, SUITES)];
const refusal = (...words) => {
  try {
    choose(...words);
  } catch ({ message }) {
    return message;
  }
  return assert.fail(`${words} was taken`);
};

test("a suite is all its files, a file is one, a folder those in it", () => {
  assert.deepEqual(choose("lang"), [["lang", undefined]]);
  assert.deepEqual(choose("lang/seqs"), [["lang", ["seqs"]]]);
  assert.deepEqual(choose("js/server/nrepl"), [["js", ["server/nrepl"]]]);
  const inServer = ["server/nrepl", "server/nrepl-input", "server/http"];
  assert.deepEqual(choose("js/server"), [["js", inServer]]);
  assert.deepEqual(choose("js/server/"), [["js", inServer]]);
});

test("a file's ending may be said", () => {
  assert.deepEqual(choose("lang/seqs.jank"), [["lang", ["seqs"]]]);
  assert.deepEqual(choose("unit/seq_test.c"), [["unit", ["seq"]]]);
  assert.deepEqual(choose("js/server/http.test.ts"), [["js", ["server/http"]]]);
});

test("several words are several choices, in their order; a whole suite stays whole", () => {
  assert.deepEqual(choose("js/client", "lang", "js/server/http", "lang/seqs", "js/client"), [
    ["js", ["client", "server/http"]],
    ["lang", undefined],
  ]);
  assert.deepEqual([...choicesOf(["unit/seq"], SUITES, ["js", "unit"])].length, 2);
  assert.deepEqual(choose(), []);
});

test("what there is not is refused, with what may have been meant", () => {
  assert.equal(refusal("lang/seq"), 'The suite lang has no file "seq". Did you mean lang/seqs?');
  assert.equal(refusal("unti"), 'There is no suite "unti". Did you mean unit?');
  assert.match(refusal("server/nrepl"), /Did you mean js\/server\/nrepl or oracle\/nrepl\?/);
  assert.match(refusal("js/sever"), /Did you mean js\/server\?/);
  assert.match(refusal("unit/coll"), /Did you mean unit\/collections\?/);
  assert.match(refusal("something/else"), /no suite "something".*--list/);
  assert.match(refusal("constructor"), /no suite "constructor"/);
  assert.match(refusal("format/x"), /The suite format has no files/);
  assert.match(refusal("lang", "nope"), /no suite "nope"/);
});

test("the nearest names come first, five at most", () => {
  assert.deepEqual(nearest("nrepl", ["js/server/http", "js/server/nrepl"]), ["js/server/nrepl"]);
  assert.equal(nearest("a", ["aa", "ab", "ac", "ad", "ae", "af"]).length, 5);
});

test("a pattern is text, in which nothing is special, or an expression between slashes", () => {
  const matches = (text, name) => patternOf(text).matches(name);
  assert.ok(matches("(range 5)", "seqs.jank:24: (range 5)"));
  assert.ok(!matches("(range 5)", "range 5"));
  assert.ok(matches("[1 2]", "(conj [1 2] 3)") && !matches("[1 2]", "(+ 1 2)"));
  assert.ok(matches("a/b", "a/b") && !matches("Range", "range"));
  assert.ok(matches("/range|take/", "(take 1 x)") && matches("/RANGE/i", "range"));
  assert.ok(matches("/", "a / b"));
});

test("a pattern as Node and Playwright get it means the same", () => {
  for (const text of ["a/b (c)", "/a\\/b|c/i", "[x]*"]) {
    const { expression } = patternOf(text);
    const [, source, flags] = /^\/(.*)\/([gi]*)$/.exec(String(expression));
    assert.equal(String(new RegExp(source, flags)), String(expression));
  }
});

test("a pattern that is none is refused", () => {
  assert.throws(() => patternOf(""), /-t needs a part of a test's name/);
  assert.throws(() => patternOf("/(/"), /-t \/\(\/: Invalid regular expression/);
});

test("when nothing matches, the error says what was looked for, and how else to", () => {
  const message = (text) => nothingMatches(patternOf(text), "lang");
  assert.equal(message("zzz"), 'No test of lang has "zzz" in its name.');
  assert.match(message("a|b"), /between slashes: -t '\/a\|b\/'$/);
  assert.equal(message("/zzz/"), "No test of lang has a name that /zzz/ matches.");
});
