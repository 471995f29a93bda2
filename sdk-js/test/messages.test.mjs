// An error is caught, again and again: memory does not grow by it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startEngine } from "./lang/node-engine.mjs";

const MODULE = fileURLToPath(new URL("../../build/wasm/jank.mjs", import.meta.url));

/**
 * Each throws; of most the message tells of a value that is large, or has no end. `times`:
 * what they leave behind, if it is no more than a message, is more than a page then.
 */
const SHORT = { times: 40_000 };
const THROWS = [
  ["(inc (range))", SHORT],
  ["(nth [1] (iterate inc 0))", SHORT],
  ["((range) 1)", SHORT],
  ["(even? (cycle [1]))", SHORT],
  ["(f)", SHORT],
  ["(f 1)", SHORT],
  ["(name (vec (range 5000)))"],
  ['(inc (apply str (repeat 5000 "long ")))'],
  ["(case (vec (range 5000)) 1 2)"],
  ["(inc (nth (iterate vector []) 500))"],
  ["(eval (list 'let (list 'quote (vec (range 10000))) 1))"],
  ['(clojure.string/replace "aaa" #"a" (fn [_] (throw (ex-info "inner" {}))))'],
  ['(clojure.string/join "," (map (fn [i] (if (= i 5000) (inc nil) i)) (range 6000)))'],
  ['(format "%s %d" (apply str (repeat 5000 "x")) :no-number)'],
  ["(pr-str (map (fn [i] (if (= i 5000) (inc nil) i)) (range 6000)))"],
  ["(with-out-str (doseq [i (range 2000)] (print i)) (inc nil))"],
  ['(read-string (str "[" (apply str (repeat 3000 "1 "))))'],
  ["(reduce (fn [a i] (if (= i 5000) (inc nil) (conj a i))) [] (range 6000))"],
];

/** Bytes of memory after the form was caught `n` times. */
function caught({ evaluate, module }, form, n) {
  const { value, error } = evaluate(
    `(loop [i 0 n 0]
       (if (< i ${n})
         (recur (inc i) (+ n (try ${form} 0 (catch Exception e 1))))
         n))`,
  );
  assert.equal(error, undefined);
  assert.equal(value, String(n), `${form} throws`);
  return module.HEAPU8.byteLength;
}

for (const [form, { times } = { times: 300 }] of THROWS)
  test(`memory stays as it is when this is caught ${times} times: ${form.slice(0, 60)}`, async () => {
    const engine = await startEngine(MODULE);
    engine.evaluate("(defn f [a b] nil)");
    const before = caught(engine, form, times / 10);
    const after = caught(engine, form, times);
    assert.ok(after - before <= 1 << 20, `${before} bytes, then ${after}`);
  });

test("memory stays as it is when 300 reports are written", async () => {
  const { evaluate, module } = await startEngine(MODULE);
  const report = () =>
    evaluate('(throw (ex-info "bad" {:a (range) :b (map (fn [i] (/ i 0)) [1])}))').error;
  for (let i = 0; i < 30; i++) assert.equal(report(), "bad");
  const before = module.HEAPU8.byteLength;
  for (let i = 0; i < 300; i++) report();
  assert.ok(module.HEAPU8.byteLength - before <= 1 << 20);
});

/** Whose every trap throws. */
const hostile = () =>
  new Proxy(
    {},
    new Proxy(
      {},
      {
        get: () => () => {
          throw new Error("a trap");
        },
      },
    ),
  );

/** Functions that an embedder gives, each with a form that calls it. */
const HOOKS = { jankWrite: "(println 1)", jankTap: "(tap> 1)", jankReadLine: "(read-line)" };

for (const [hook, form] of Object.entries(HOOKS))
  test(`whatever ${hook} throws is an error of the form that called it`, async () => {
    for (const thrown of [2, undefined, new Error("plain"), hostile()]) {
      const { evaluate, module } = await startEngine(MODULE);
      module._jank_tap_listen(1);
      module[hook] = () => {
        throw thrown;
      };
      assert.notEqual(evaluate(form).error, undefined);
      delete module[hook];
      assert.equal(evaluate("(+ 1 2)").value, "3");
    }
  });
