// Why the original was shelved, and that it does not happen here.

import { edit, expect, expectCall, invoke, openPage, test } from "./support.js";

test("reason 1: the compiler knows the page's requires and aliases", async ({ page, jank }) => {
  await openPage(page, jank);
  await jank.eval(
    `(ns eita (:require [clojure.set :as set] [clojure.string :as str]))
     (defn ggg [v] (str/join "," (sort (set/union #{v} #{1 2}))))`,
  );
  await expectCall(page, 10, "1,2,10");
  // The aliases of the file are there for an edit that does not repeat them.
  await jank.eval("(in-ns 'eita) (defn ggg [v] (set/intersection #{v 1} #{v 2}))");
  await expectCall(page, 10, [10]);
});

test("reason 2: a patch lands in its own namespace", async ({ page, jank }) => {
  await openPage(page, jank);
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 49 v)"));
  await expectCall(page, 10, 59);
  expect(await jank.eval("(resolve 'user/ggg)")).toBe("nil");
  await jank.eval("(defn ggg [v] :mine)"); // in user
  expect(await invoke(page, "user/ggg", 1)).toBe("mine");
  expect(await invoke(page, "eita/ggg", 10)).toBe(59);
});

test("reason 3: a patch may use the whole language", async ({ page, jank }) => {
  await openPage(page, jank);
  await jank.eval(String.raw`
    (ns eita)
    (defmacro twice [x] ${"`"}(do ~x ~x))
    (defn helper
      "With a docstring, arities and a rest."
      ([] 0)
      ([a] a)
      ([a & more] (apply + a more)))
    (defn ggg [v]
      (let [{:keys [a b] :or {b 5}} {:a v}
            double (fn [x] (* 2 x))
            words ["x" \y :z nil true 1.5]
            total (loop [i 0 sum 0] (if (< i 4) (recur (inc i) (+ sum i)) sum))]
        (if (and (= a v) (not= a b))
          {:sum (helper a b (double 3) total)
           :none (helper)
           :count (count words)
           :caught (try (throw (ex-info "e" {:v v})) (catch Exception e (:v (ex-data e))))
           :macro (let [n (atom 0)] (twice (swap! n inc)))
           :lazy (take 3 (map inc (range)))}
          :no)))`);
  expect(await jank.invoke(page, "eita/ggg", 10)).toEqual({
    sum: 27,
    none: 0,
    count: 6,
    caught: 10,
    macro: 2,
    lazy: [1, 2, 3],
  });
});

test("reason 4: the same function can be replaced again and again", async ({ page, jank }) => {
  await openPage(page, jank);
  for (let n = 1; n <= 20; n++) {
    await jank.eval(`(ns eita) (defn ggg [v] (+ ${n} v))`);
    expect(await invoke(page, "eita/ggg", 10)).toBe(10 + n);
  }
});
