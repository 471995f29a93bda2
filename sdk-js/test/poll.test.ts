// LoadOptions.poll: whatever runs can be interrupted, and the instance lives on.

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { Compiler, JankError, Runtime, type ErrorReport } from "jank-hot-reload";
import type { CompiledForm } from "../src/compiler.js";

const NEVER = Infinity;
/** What is asked that often is told to end. */
const AFTER = 3;

let runtime: Runtime;
let compiler: Compiler;
let asked = 0;
let limit = NEVER;
let longest = 0;
let last = 0;

before(async () => {
  runtime = await Runtime.load({
    write: () => undefined,
    poll: () => {
      const now = performance.now();
      if (asked > 0) longest = Math.max(longest, now - last);
      last = now;
      return ++asked >= limit;
    },
  });
  compiler = new Compiler(runtime);
  evaluate(`(def kept (atom 0))
            (defn square [x] (* x x))
            (def endless (atom true))
            (defn spin [] (loop [] (recur)))
            (def ^:dynamic *bound* :root)`);
});

beforeEach(() => quiet());

function quiet(): void {
  asked = longest = 0;
  limit = NEVER;
}

function evaluate(source: string): string | undefined {
  quiet();
  const { value, error } = compiler.eval(source);
  assert.equal(error, undefined, source);
  return value;
}

function interrupted(source: string): ErrorReport {
  quiet();
  limit = AFTER;
  const { error } = compiler.eval(source, { file: "endless.jank" });
  const [asks, gap] = [asked, longest];
  assert.equal(error?.class, "InterruptedException", `${source}: ${error?.message}`);
  assert.equal(error.message, "interrupted");
  assert.equal(error.phase, "run");
  assert.ok(asks >= AFTER && asks <= AFTER + 1, `${source}: asked ${asks} times`);
  assert.ok(gap < 1000, `${source}: not asked for ${gap} ms`);
  return error;
}

let rounds = 0;

function assertSound(): void {
  rounds++;
  assert.equal(evaluate("(+ 1 2)"), "3");
  assert.equal(evaluate("(swap! kept inc)"), String(rounds));
  assert.equal(evaluate("(square 7)"), "49");
  assert.equal(
    evaluate("[*bound* (reduce + (map inc (filter even? (range 100))))]"),
    "[:root 2500]",
  );
  assert.equal(
    evaluate('(try (throw (ex-info "still" {})) (catch Exception e :caught))'),
    ":caught",
  );
}

const PROGRAMS: Record<string, string[]> = {
  "a loop": [
    "(loop [] (recur))",
    "(while true)",
    "(loop [i 0] (if (< i 9000000000000000000) (recur (inc i)) i))",
    "(let [n 9000000000000000000] (loop [i 0 s 0.0] (if (< i n) (recur (inc i) (+ s 0.5)) s)))",
    "(loop [i 0.0] (recur (+ i 1.0)))",
    "(loop [x :a] (recur (if (= x :a) :b :a)))",
    "(dotimes [i 9000000000000000000] i)",
    "((fn [x] (recur x)) 1)",
    "((fn [x & more] (recur x more)) 1 2)",
    "(case (loop [] (recur)) 1 2)",
    "(if (loop [] (recur)) 1 2)",
    "(+ 1 (long (loop [i 1] (recur (- i)))))",
  ],
  "loops in loops": [
    "(loop [] (loop [i 0] (if (< i 3) (recur (inc i)) i)) (recur))",
    "(loop [] (loop [i 3] (if (pos? i) (recur (dec i)) i)) (recur))",
    "(loop [] (loop [i 0] (if (< i 0) (recur (inc i)) i)) (recur))",
    "(loop [] (loop [i 0] (when (= i 1) (recur i))) (recur))",
    "(loop [] (let [x (loop [i 0] (if (< i 2) (recur (inc i)) i))] (loop [j x] (when (pos? j) (recur (dec j))))) (recur))",
    "(defn leaf [n] (loop [i 0] (if (< i n) (recur (inc i)) i))) (defn step [] (leaf 5) (leaf 3)) (loop [] (step) (recur))",
    "(defn leaf [n] (loop [i n] (if (pos? i) (recur (dec i)) i))) (loop [i 0] (leaf 3000) (recur (inc i)))",
    "(doseq [a (range 1e9) b (range 3) :when (> a b)] a)",
  ],
  recursion: [
    "(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 90)",
    "(declare b) (defn a [n] (if (< n 2) n (+ (b (- n 1)) (b (- n 2))))) (defn b [n] (if (< n 2) n (+ (a (- n 1)) (a (- n 2))))) (a 90)",
    "(letfn [(f [n] (when (pos? n) (g (dec n)) (g (dec n)))) (g [n] (when (pos? n) (f (dec n)) (f (dec n))))] (f 90))",
    "(defn deep [n] (if (< n 2) n (+ (deep (- n 1)) (deep (- n 2))))) ((fn down [i] (if (zero? i) (deep 90) (+ 1 (down (dec i))))) 500)",
    "(defn tree [n] (when (pos? n) (run! tree [(dec n) (dec n)]))) (tree 90)",
    "(defn anon [f n] (if (pos? n) (do (f f (dec n)) (f f (dec n))) 0)) (anon anon 90)",
    "(trampoline (fn f [] f))",
  ],
  "C that steps through what has no end": [
    "(count (range))",
    "(reduce + (range))",
    "(reduce (fn [a _] a) 0 (range 0 1000000000))",
    "(dorun (repeat 1))",
    "(dorun 1000000000000 (range))",
    "(doall (iterate inc 0))",
    "(into [] (range))",
    "(into #{} (range))",
    "(into () (repeat 1))",
    "(vec (iterate inc 0))",
    "(set (range))",
    "(to-array (range))",
    "(apply + (range))",
    "(apply max (range))",
    "(apply < (range))",
    "(apply conj [] (range))",
    "(apply list (range))",
    "(apply hash-map (range))",
    "(apply vector (cycle [1 2]))",
    "(last (range))",
    "(nth (range) 1000000000000)",
    "(reverse (range))",
    "(sort (range))",
    "(sort-by - (range))",
    "(= (range) (range))",
    "(hash (range))",
    "(compare (vec (range)) [])",
    "(def ones (lazy-seq (cons 1 ones))) (count ones)",
    "(def ones (lazy-seq (cons 1 ones))) (reduce + ones)",
    "(def it (lazy-seq it)) (seq it)",
    "(defn more [] (lazy-seq (more))) (seq (more))",
  ],
  "lazy seqs and transducers": [
    "(first (filter neg? (range)))",
    "(count (map inc (range)))",
    "(first (drop-while pos? (iterate inc 1)))",
    "(first (mapcat (fn [_] nil) (range)))",
    "(first (apply concat (repeat [])))",
    "(first (remove int? (range)))",
    "(count (distinct (repeat 1)))",
    "(last (partition 2 (range)))",
    "(last (interleave (range) (range)))",
    "(last (for [x (range) :when (odd? x)] x))",
    "(last (repeatedly (fn [] 1)))",
    "(some neg? (range))",
    "(every? int? (range))",
    "(not-any? neg? (range))",
    "(run! identity (range))",
    "(group-by odd? (range))",
    "(frequencies (repeat 1))",
    "(zipmap (range) (range))",
    "(mapv inc (range))",
    "(transduce (map inc) + (range))",
    "(into [] (comp (filter odd?) (map inc)) (range))",
    "(last (sequence (map inc) (range)))",
    "(reduce + (eduction (map inc) (range)))",
    "(transduce (take-while int?) conj (range))",
  ],
  "functions of the program that do not return": [
    "(reduce-kv (fn [_ _ _] (spin)) nil {:a 1})",
    "(reduce-kv (fn [_ _ _] (spin)) nil [1])",
    "(defprotocol Spins (turn [this])) (deftype Top [] Spins (turn [this] (loop [] (recur)))) (turn (->Top))",
    "(defprotocol Turns (left [this n]) (right [this n])) (deftype Both [] Turns (left [this n] (when (pos? n) (right this (dec n)) (right this (dec n)))) (right [this n] (when (pos? n) (left this (dec n)) (left this (dec n))))) (left (->Both) 90)",
    "(defmulti many identity) (defmethod many :default [x] (spin)) (many 1)",
    "(defmulti picks (fn [x] (spin))) (defmethod picks :default [x] x) (picks 1)",
    "(sort (fn [a b] (spin)) [2 1])",
    "(sort-by (fn [x] (spin)) [2 1])",
    "(sorted-map-by (fn [a b] (spin)) 1 1 2 2)",
    "(swap! (atom 1) (fn [x] (spin)))",
    "(vswap! (volatile! 1) (fn [x] (spin)))",
    "(update {:a 1} :a (fn [x] (spin)))",
    "(deftype Same [] Object (equals [_ o] (spin)) (hashCode [_] 1)) (= (->Same) (->Same))",
    "(deftype Key [] Object (equals [_ o] (spin)) (hashCode [_] 1)) (hash-map (->Key) 1 (->Key) 2)",
    "@(delay (spin))",
    "@(future (spin))",
    "((memoize (fn [x] (spin))) 1)",
    "(eval '(loop [] (recur)))",
    "(binding [*bound* 1] (spin))",
    "(with-redefs [square (fn [x] x)] (spin))",
    "(with-out-str (spin))",
    "(locking 1 (spin))",
    "(-> (agent 1) (send (fn [x] (spin))))",
    "(add-watch (doto (atom 1) (add-watch :k (fn [& _] (spin))) (reset! 2)) :x 1)",
    "(clojure.walk/postwalk (fn [x] (spin)) [1])",
    '(clojure.string/replace "a" #"a" (fn [x] (spin)))',
  ],
  text: [
    "(apply str (range))",
    "(str (range))",
    "(pr-str (range))",
    "(println (range))",
    '(format "%s" (range))',
    '(clojure.string/join "," (range))',
    '(loop [s ""] (recur (if (< (count s) 1000) (str s "x") "")))',
    "(range)",
    "(iterate inc 0)",
  ],
  "catch and finally": [
    "(try (spin) (catch Throwable e :caught))",
    "(try (spin) (catch Object e :caught))",
    "(try (spin) (catch :default e :caught))",
    "(try (spin) (catch Exception e :caught))",
    "(try (spin) (catch InterruptedException e :caught))",
    "(try (spin) (catch js/Error e :caught))",
    "(try (spin) (catch js/Object e :caught) (finally 1))",
    "(while true (try (spin) (catch Throwable e)))",
    "(loop [] (try (loop [i 0] (if (< i 10) (recur (inc i)) i)) (catch Throwable e)) (recur))",
    '(try (try (spin) (finally (throw (ex-info "other" {})))) (catch Throwable e :caught))',
    '(try (throw (ex-info "a" {})) (catch Throwable e (spin)) (finally (throw (ex-info "b" {}))))',
    "(try 1 (finally (spin)))",
  ],
  "calls through JavaScript": [
    "(.forEach #js [1] (fn [& _] (spin)))",
    "(.map #js [1 2] (fn [x & _] (.map #js [x] (fn [& _] (spin)))))",
    '((js/Function. "f" "for (;;) f()") (fn []))',
    "(try (.forEach #js [1] (fn [& _] (spin))) (catch js/Error e :caught))",
    "(try (.forEach #js [1] (fn [& _] (try (.forEach #js [1] (fn [& _] (spin))) (catch :default e)))) (catch Throwable e))",
    '((js/Function. "f" "try { f() } catch { return 1 }") spin)',
    '(try ((js/Function. "f" "try { f() } catch { throw new TypeError(\'other\') }") spin) (catch js/TypeError e :caught))',
    '((js/Function. "f" "try { f() } catch (e) { return String(e) }") spin)',
    "(.sort #js [2 1] (fn [a b] (spin)))",
    '(.replace "a" "a" (fn [& _] (spin)))',
  ],
  "what the compiler runs": [
    "(defmacro never [] (loop [] (recur))) (never)",
    "(defmacro never [] (spin)) (defn uses [] (never))",
    "(defmacro again [] '(again)) (again)",
    "(defmacro many [] (cons 'do (range))) (many)",
    "(def value (loop [] (recur)))",
    "(def ^{:a 1} value (spin))",
    "(do (def one 1) (spin))",
  ],
};

for (const [kind, programs] of Object.entries(PROGRAMS))
  test(`${kind}: can be interrupted, and all goes on`, () => {
    for (const program of programs) {
      interrupted(program);
      assertSound();
    }
  });

test("an interruption says where it was", () => {
  const error = interrupted("(defn where []\n  (loop [i 0]\n    (recur (inc i))))\n\n(where)");
  assert.equal(error.file, "endless.jank");
  assert.ok(error.line === 2 || error.line === 3, `line ${error.line}`);
  assert.deepEqual(
    error.trace?.map(({ name, line }) => [name, line > 3 ? line : 0]),
    [
      ["user/where", 0],
      ["user", 5],
    ],
  );
  const macro = interrupted("(defmacro slow [x]\n  (loop [] (recur)))\n\n\n(slow 1)");
  assert.equal(macro.line, 2);
  assert.equal(macro.trace?.[0]?.name, "user/slow");
});

test("finally runs, and what it throws does not take the interruption's place", () => {
  evaluate("(def log (atom []))");
  interrupted(
    `(try (try (try (spin) (catch Throwable e (swap! log conj :catch)) (finally (swap! log conj :inner)))
               (finally (swap! log conj :outer) (throw (ex-info "x" {}))))
          (catch Throwable e (swap! log conj :caught)))`,
  );
  assert.equal(evaluate("@log"), "[:inner :outer]");
});

test("a finally without end is interrupted as well", () => {
  limit = 1;
  const { error } = compiler.eval("(try (spin) (finally (spin)))");
  assert.equal(error?.class, "InterruptedException");
  assert.equal(asked, 2);
});

test("a binding and a redefinition are undone", () => {
  interrupted("(with-redefs [square (fn [x] :other)] (binding [*bound* 1] (spin)))");
  assert.equal(evaluate("[(square 2) *bound*]"), "[4 :root]");
});

test("a lazy seq and a delay that were interrupted can be realised later", () => {
  evaluate(`(reset! endless true)
            (defn wait [x] (if @endless (spin) x))
            (def late (lazy-seq (wait nil) [1 2 3]))
            (def mapped (map (fn [i] (if (= i 40) (wait i) i)) (range 100)))
            (def one-by-one (map (fn [i] (if (= i 40) (wait i) i)) (iterate inc 0)))
            (def later (delay (wait :done)))
            (def filtered (filter (fn [i] (and (wait i) (= i 5000))) (range)))`);
  for (const use of [
    "late",
    "(reduce + mapped)",
    "(nth one-by-one 99)",
    "@later",
    "(first filtered)",
  ])
    interrupted(use);
  interrupted("(do (reset! endless false) (last filtered))");
  assert.equal(evaluate("late"), "(1 2 3)");
  assert.equal(evaluate("(reduce + mapped)"), "4950");
  assert.equal(evaluate("(nth one-by-one 99)"), "99");
  assert.equal(evaluate("@later"), ":done");
  assert.equal(evaluate("(first filtered)"), "5000");
  evaluate("(reset! endless true)");
});

test("collections and atoms are as they were", () => {
  evaluate("(def store (atom {:a [1]})) (def table (transient {}))");
  interrupted("(swap! store (fn [m] (assoc m :a (vec (range)))))");
  interrupted("(reduce (fn [t i] (assoc! t (mod i 100) i)) table (range))");
  assert.equal(evaluate("@store"), "{:a [1]}");
  assert.equal(evaluate("(count (persistent! table))"), "100");
});

test("a def that is interrupted leaves the var", () => {
  evaluate("(def constant 1)");
  interrupted("(def constant (spin))");
  assert.equal(evaluate("constant"), "1");
});

test("a patch whose init is interrupted changes nothing", () => {
  evaluate("(reset! endless false)");
  const unit = compiler.open("(defn version [] 2)\n(when @endless (spin))");
  let patch: CompiledForm;
  try {
    for (let step = unit.next(); step.status === "form"; step = unit.next())
      assert.ok(runtime.install(step.form.bytes, step.form.entry).ok);
    patch = unit.bundle("poll_whole");
  } finally {
    unit.close();
  }
  evaluate("(defn version [] 1) (reset! endless true)");
  limit = AFTER;
  const result = runtime.install(patch.bytes, patch.entry);
  assert.ok(!result.ok);
  assert.equal(result.error.class, "InterruptedException");
  assert.equal(evaluate("(version)"), "1");
  evaluate("(reset! endless false)");
  assert.ok(runtime.install(patch.bytes, patch.entry).ok);
  assert.equal(evaluate("(version)"), "2");
  evaluate("(reset! endless true)");
});

test("a callback of JavaScript's own leaves as an Error", () => {
  const host = globalThis as { pollTick?: (n?: number) => unknown };
  evaluate(
    "(set! (.-pollTick js/globalThis)\n  (fn [& [n]] (if n (* 2 n)\n    (try (spin) (catch Throwable e :caught)))))",
  );
  limit = AFTER;
  assert.throws(
    () => host.pollTick?.(),
    (error: Error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, "InterruptedException");
      assert.match(error.stack ?? "", /at user\/spin \(<eval>:4\)/);
      return true;
    },
  );
  quiet();
  assert.equal(host.pollTick?.(21), 42);
  // Nothing of it is left for the next one.
  assert.equal(evaluate("(.map #js [1] (fn [x & _] (inc x)))"), "#js [2]");
  delete host.pollTick;
});

test("invoke is interrupted, too", () => {
  limit = AFTER;
  assert.throws(
    () => runtime.invoke("user/spin"),
    (error) => error instanceof JankError && error.report.class === "InterruptedException",
  );
  assert.equal(runtime.invoke("user/square", 3), 9);
});

test("a program's own InterruptedException is one like any other", () => {
  assert.equal(
    evaluate('(try (throw (InterruptedException. "mine")) (catch Exception e (ex-message e)))'),
    '"mine"',
  );
});

test("what has an end is not disturbed, and is asked no more than once in 5 ms", () => {
  evaluate("(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))");
  quiet();
  const started = performance.now();
  assert.equal(compiler.eval("(fib 31)").value, "1346269"); // some 100 ms
  assert.equal(
    compiler.eval("(loop [i 0 s 0] (if (< i 3000000) (recur (inc i) (+ s i)) s))").value,
    "4499998500000",
  );
  assert.equal(
    compiler.eval("(loop [i 300000 s 0] (if (pos? i) (recur (dec i) (+ s i)) s))").value,
    "45000150000",
  );
  assert.equal(compiler.eval("(count (vec (range 300000)))").value, "300000");
  const most = 1 + (performance.now() - started) / 5;
  assert.ok(asked > 0 && asked <= most, `asked ${asked} times, at most ${most}`);
});

test("the edges of loops over integers are where they were", () => {
  const loops = (start: string, end: string) =>
    `(let [n ${end}] (loop [i ${start} c 0] (if (< i n) (recur (inc i) (inc c)) [i c])))`;
  for (const [start, end, expected] of [
    ["0", "0", "[0 0]"],
    ["5", "-5", "[5 0]"],
    ["0", "4095", "[4095 4095]"],
    ["0", "4096", "[4096 4096]"],
    ["0", "4097", "[4097 4097]"],
    ["-10000", "10000", "[10000 20000]"],
    ["9223372036854770000", "9223372036854775807", "[9223372036854775807 5807]"],
    ["9223372036854775807", "-9223372036854775808", "[9223372036854775807 0]"],
    ["-9223372036854775808", "-9223372036854770000", "[-9223372036854770000 5808]"],
  ] as const) {
    assert.equal(evaluate(loops(start, end)), expected);
    assert.equal(
      evaluate(
        `(let [f (fn [n] (loop [i ${start} c 0] (if (> n i) (recur (inc i) (inc c)) [i c])))] (f ${end}))`,
      ),
      expected,
    );
  }
  assert.equal(
    evaluate("(loop [i 0 c 0] (if (< i 10000) (recur (inc i) (if (odd? i) (inc c) c)) c))"),
    "5000",
  );
  assert.equal(
    evaluate("(loop [i 0] (if (< i 10000) (if (= i 5000) :out (recur (inc i))) :end))"),
    ":out",
  );
});

test("a poll that throws counts as a yes", async () => {
  const other = await Runtime.load({
    write: () => undefined,
    poll: () => {
      throw new Error("the host is gone");
    },
  });
  const evaluator = new Compiler(other);
  assert.equal(evaluator.eval("(loop [] (recur))").error?.class, "InterruptedException");
  assert.equal(evaluator.eval("(+ 1 2)").value, "3");
});
