// How the demo's editor sees a text as forms.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf, formsOf } from "../../../demo-site/src/forms.js";

const textsOf = (source: string) => formsOf(source).map(({ text }) => text);

test("a form is what begins with a parenthesis at the start of a line, to its end", () => {
  const source = ";; a\n(ns a)\n\n; b\n(defn f [x]\n  (g x)) ; end\n(def ^:private y 1)\n";
  assert.deepEqual(textsOf(source), ["(ns a)", "(defn f [x]\n  (g x))", "(def ^:private y 1)"]);
  assert.deepEqual(
    formsOf(source).map(({ name, line }) => [name, line]),
    [
      [null, 2],
      ["f", 5],
      ["^:private", 7],
    ],
  );
});

test("parentheses in texts, characters and comments are none", () => {
  for (const form of [
    '(f ")" "\\"(")',
    "(f \\( \\))",
    "(f ; )\n  1)",
    '(f "\n(x")',
    '(re #"\\)(")',
  ])
    assert.deepEqual(textsOf(`${form}\n(g)`), [form, "(g)"]);
});

test("a parenthesis that is missing spoils one form, not the comments after it", () => {
  const source = "(defn f [x]\n  (g x)\n\n;; About h.\n(defn h [])\n";
  assert.deepEqual(textsOf(source), ["(defn f [x]\n  (g x)", "(defn h [])"]);
  assert.deepEqual(textsOf('(f "never ends\n(g)'), ['(f "never ends\n(g)']);
  assert.deepEqual(textsOf("(f))\n(g)"), ["(f)", "(g)"]);
});

test("text without forms has none", () => {
  for (const source of ["", "\n", ";; (f)", "  (f)", "f"]) assert.deepEqual(textsOf(source), []);
});

test("forms are evaluated on the lines where they stand", () => {
  const source = "(ns a)\n\n(def b\n  1)\n\n\n(def c 2)\n(def d 3)";
  const [, b, , d] = formsOf(source);
  assert.ok(b && d);
  const { code, line } = codeOf([b, d]);
  assert.equal(line, 3);
  const lines = source.split("\n");
  code.split("\n").forEach((text, i) => {
    if (text) assert.equal(text, lines[line - 1 + i]);
  });
  assert.match(code, /\(def d 3\)$/);
  assert.deepEqual(codeOf([]), { code: "", line: 1 });
});
