import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Compiler, formatReport, Runtime, type ErrorReport, type JankError } from "jank-hot-reload";
import { toEdn } from "../src/edn.js";

let runtime: Runtime;
let compiler: Compiler;

before(async () => {
  runtime = await Runtime.load({ write: () => undefined });
  compiler = new Compiler(runtime);
});

// ---- JavaScript values ------------------------------------------------------------

for (const [value, edn] of [
  [null, "nil"],
  [undefined, "nil"],
  [true, "true"],
  [-7, "-7"],
  [1.5, "1.5"],
  [-0, "-0.0"],
  [1e300, "1e+300"],
  [2 ** 53, "9007199254740992.0"],
  [NaN, "##NaN"],
  [-Infinity, "##-Inf"],
  [10n ** 18n, "1000000000000000000"],
  ['a "b" \\ \n', '"a \\"b\\" \\\\ \n"'],
  ["\0", '"\\u0000"'],
  [[1, [null]], "[1 [nil]]"],
  [new Uint8Array([1, 2]), "[1 2]"],
  [new Set(["a"]), '#{"a"}'],
  [{ a: 1, "b c": { "x-y?": [] } }, '{:a 1 "b c" {:x-y? []}}'],
  [new Map([[[1], "k"]]), '{[1] "k"}'],
] as const)
  test(`${edn.trim()} is what a jank function gets for it`, () => {
    assert.equal(toEdn(value), edn);
    const read = compiler.eval(`(= ${edn} ${edn})`);
    assert.equal(read.error, undefined);
  });

test("a value that contains itself, a function and a symbol are refused", () => {
  const endless: Record<string, unknown> = {};
  endless["itself"] = endless;
  assert.throws(() => toEdn(endless), /contains itself/);
  assert.throws(() => toEdn([() => 1]), /a function has no jank value/);
  assert.throws(() => runtime.invoke("clojure.core/str", Symbol("x")), TypeError);
  assert.equal(runtime.invoke("clojure.core/str", "still", 1), "still1");
});

test("any text arrives as it is, or what is no Unicode as U+FFFD", () => {
  const echo = (text: string) => runtime.invoke("clojure.core/str", text);
  for (const text of ["", "é", "日本", "🎉", "a\0b", '"\\"']) assert.equal(echo(text), text);
  assert.equal(echo("\ud800x"), "\ufffdx");
  assert.equal(compiler.eval('(count "\ud800")').value, "1");
});

// ---- Sources ----------------------------------------------------------------------

test("a NUL in a source is an error with its place; nothing of the source runs", () => {
  const { error } = compiler.eval("(def nul 1)\n  \0 (def nul 2)", { file: "n.jank", line: 10 });
  assert.equal(error?.phase, "read");
  assert.match(error?.message ?? "", /NUL/);
  assert.deepEqual([error?.file, error?.line, error?.column], ["n.jank", 11, 3]);
  assert.match(compiler.eval("nul").error?.message ?? "", /nul/);
});

test("a source that is too large is an error, and takes no memory", () => {
  const { memory_bytes } = runtime.stats();
  const { error } = compiler.eval(" ".repeat(16 * 1024 * 1024 + 1));
  assert.match(error?.message ?? "", /larger than 16 MiB/);
  assert.equal(runtime.stats().memory_bytes, memory_bytes);
});

test("output is the evaluation's, and a listener's what nobody captures", () => {
  const heard: string[] = [];
  const stop = runtime.listen((stream, text) => heard.push(`${stream}: ${text}`));
  assert.equal(compiler.eval("(println :captured)").out, ":captured\n");
  assert.deepEqual(heard, []);
  runtime.invoke("clojure.core/println", "said");
  assert.equal(heard.join(""), "out: said\n");
  stop();
  runtime.invoke("clojure.core/println", "unheard");
  assert.equal(heard.join(""), "out: said\n");
});

test("endless recursion is an error, and the runtime runs on", () => {
  const { error } = compiler.eval("(defn deep [n] (+ 1 (deep n)))\n(deep 1)");
  assert.equal(error?.class, "StackOverflowError");
  assert.equal(compiler.eval("(+ 1 2)").value, "3");
});

// ---- Patches ----------------------------------------------------------------------

test("a patch that is too large is refused before it is copied", () => {
  const { memory_bytes } = runtime.stats();
  const result = runtime.install(new Uint8Array(64 * 1024 * 1024), "jank_patch_symbols_1");
  assert.ok(!result.ok);
  assert.match(result.error.message, /larger than 4 MiB/);
  assert.equal(runtime.stats().memory_bytes, memory_bytes);
});

test("a seq that is consumed is not held by its head", async () => {
  const fresh = await Runtime.load({ write: () => undefined });
  const { memory_bytes: before } = fresh.stats();
  for (const consumer of [
    "(reduce + (map inc (range 2000000)))",
    "(loop [s (seq (map inc (range 2000000)))] (if s (recur (next s)) 1))",
    "(let [xs (map inc (range 2000000))] (first xs) (reduce + xs))",
    "(do (defn f [xs] (first xs) (reduce + xs)) (f (map inc (range 2000000))))",
  ])
    assert.equal(new Compiler(fresh).eval(consumer).error, undefined, consumer);
  assert.ok(fresh.stats().memory_bytes - before < 8 * 1024 * 1024);
});

test("memory that ends is an error that can be caught, and the runtime goes on", async () => {
  const full = new Compiler(await Runtime.load({ write: () => undefined }));
  const fill = `(let [s (nth (iterate (fn [s] (str s s)) "0123456789abcdef") 23)]
                  (loop [kept []] (recur (conj kept (str s (count kept))))))`;
  assert.equal(full.eval("(def kept {:a 1})").error, undefined);
  assert.equal(full.eval(`(try ${fill} (catch OutOfMemoryError e :caught))`).value, ":caught");
  assert.equal(full.eval(fill).error?.class, "OutOfMemoryError");
  assert.equal(full.eval("(reduce + (map inc (range 100000)))").value, "5000050000");
  assert.equal(full.eval("(defn twice [x] (* 2 x)) [(twice 21) kept]").value, "[42 {:a 1}]");
});

test("what an engine throws for want of memory is an error, not a stack overflow", () => {
  const outcome = runtime.guard(
    () => String(new Uint8Array(2 ** 53 - 1)),
    (error) => error.class,
  );
  assert.equal(outcome, "OutOfMemoryError");
  const tooDeep = Object.assign(new Error("too much recursion"), { name: "InternalError" });
  const inFirefox = runtime.guard(
    () => {
      throw tooDeep;
    },
    (error) => error.class,
  );
  assert.equal(inFirefox, "StackOverflowError");
});

test("a runtime without the compiler takes patches, and says that it has none", async () => {
  const only = await Runtime.load({
    moduleUrl: import.meta.resolve("jank-hot-reload/runtime-only/jank.mjs"),
    write: () => undefined,
  });
  const { error } = compiler.eval("(ns only) (defn f [x] (* 2 x))", {
    onForm: ({ bytes, entry }) => assert.equal(only.install(bytes, entry).ok, true),
  });
  assert.equal(error, undefined);
  assert.equal(only.invoke("only/f", 21), 42);
  assert.throws(() => new Compiler(only).eval("(+ 1 2)"), /has no compiler/);
});

// ---- Stacks -----------------------------------------------------------------------

const STACKS = `(ns stacks)
(defn inner [x]
  (let [y 1]
    (str y)
    (+ y
       (* 2 x))))
(defn outer [x]
  (when x
    (inner x)
    nil))
(defn each [xs]
  (doall
    (map (fn [x]
           (outer x))
         xs)))`;

const places = (error: ErrorReport | undefined) =>
  error?.trace.map(({ name, file, line }) => `${name} ${file}:${line}`);

test("a run-time error has the jank functions it was thrown in, with file and line", () => {
  assert.equal(compiler.eval(STACKS, { file: "src/stacks.jank" }).error, undefined);
  const { error } = compiler.eval('\n(stacks/each\n  [1 "a"])', { file: "typed.jank", line: 40 });
  assert.deepEqual(places(error), [
    "stacks/inner src/stacks.jank:6",
    "stacks/outer src/stacks.jank:9",
    "stacks/each/fn src/stacks.jank:14",
    "stacks/each src/stacks.jank:12",
    "user typed.jank:41",
  ]);
  assert.deepEqual([error?.file, error?.line], ["src/stacks.jank", 6]);
  assert.match(formatReport(error!), /\n {4}at stacks\/inner \(src\/stacks\.jank:6\)\n/);
});

test("a function that was defined again, elsewhere in its file, has its new lines", () => {
  const again = `(ns stacks)\n;\n;\n(defn inner [x]\n  (inc\n    (inc x)))`;
  assert.equal(compiler.eval(again, { file: "src/stacks.jank" }).error, undefined);
  const { error } = compiler.eval("(stacks/outer :k)");
  assert.equal(places(error)?.[0], "stacks/inner src/stacks.jank:6");
});

test("an exception keeps the stack of where it was made", () => {
  const { value } = compiler.eval(
    `(defn make [] (ex-info "made" {}))
     (def made (make))
     (try (throw made)
       (catch Exception e (ffirst (:trace (Throwable->map e)))))`,
    { file: "made.jank" },
  );
  assert.equal(value, "user/make");
});

test("an Error that jank's exception becomes in JavaScript has its stack", () => {
  const { value } = compiler.eval(
    `(defn fails [] (throw (ex-info "no" {})))
     (def caught (js/Function. "f" "try { f() } catch (e) { return e.stack }"))
     (caught fails)`,
    { file: "js.jank" },
  );
  assert.match(value ?? "", /ExceptionInfo: no\\n\s+at user\/fails \(js\.jank:1\)/);
});

test("endless recursion has a stack of bounded length", () => {
  const { error } = compiler.eval("(defn endless [n] (inc (endless n))) (endless 1)");
  assert.equal(error?.class, "StackOverflowError");
  assert.ok(error!.trace.length > 10 && error!.trace.length <= 50);
});

// ---- Without the compiler -------------------------------------------------------------

/** The patch of a text's last form. */
function lastPatch(of: Runtime, source: string): [Uint8Array, string] {
  let last: [Uint8Array, string] | undefined;
  new Compiler(of).eval(source, { onForm: ({ bytes, entry }) => (last = [bytes, entry]) });
  assert.ok(last);
  return last;
}

test("a runtime without the compiler has what the library's macros expand to", async () => {
  const only = await Runtime.load({
    moduleUrl: import.meta.resolve("jank-hot-reload/runtime-only/jank.mjs"),
    write: () => undefined,
  });
  const source = `
    (ns expanded)
    (defmulti area :shape)
    (defmethod area :square [{:keys [side] :or {side 2}}] (* side side))
    (defprotocol Named (title [this]))
    (defrecord Point [x y] Named (title [_] (str x "/" y)))
    (def ^:dynamic *depth* 1)
    (def later (delay (assert (= 1 1)) *depth*))
    (defn names [] (vec (sort (keep (fn [[k v]] (if (bound? v) (str k)))
                                    (ns-interns 'clojure.core)))))
    (defn all [& {:keys [a]}]
      [(area {:shape :square}) (title (->Point 1 2)) (binding [*depth* 3] @later)
       (for [x (range 9) :let [y (inc x)] :when (odd? y) :while (< x 5)] y)
       (case a 1 :one (2 3) :few :many) (with-out-str (prn a)) (doto (atom a) (swap! inc))
       (try (throw (ex-info "no" {})) (catch Exception e (ex-message e)))
       (cond-> a true inc) (some-> {:a a} :a inc) (condp = a 2 :two)])`;
  const { error } = compiler.eval(source, {
    onForm: ({ bytes, entry }) => assert.equal(only.install(bytes, entry).ok, true),
  });
  assert.equal(error, undefined);
  const call = "(expanded/all :a 2)";
  const { value } = compiler.eval(`(pr-str (update ${call} 6 deref))`);
  const { ok } = only.install(
    ...lastPatch(runtime, `(ns expanded) (defn text [] (pr-str (update ${call} 6 deref)))`),
  );
  assert.ok(ok);
  assert.equal(JSON.stringify(only.invoke("expanded/text")), value);
  const here = new Set(only.invoke("expanded/names") as string[]);
  const missing = (runtime.invoke("expanded/names") as string[]).filter(
    (name) => !here.has(name) && !name.endsWith("*"),
  );
  const { value: compiling } = compiler.eval(
    `(pr-str (vec (remove (fn [s] (:macro (meta (ns-resolve 'clojure.core (symbol s))))) ${JSON.stringify(missing).replaceAll(",", " ")})))`,
  );
  assert.equal(
    compiling,
    JSON.stringify('["eval" "macroexpand" "macroexpand-1" "special-symbol?"]'),
  );
});

// ---- Cut off --------------------------------------------------------------------

test("a runtime that was abandoned, even while its memory grew, is not entered again", async () => {
  const cutOff = await Runtime.load({ write: () => undefined });
  const unit = new Compiler(cutOff).open("(def a 1)\n  (def b 2)", { line: 5 });
  for (const line of [5, 6]) {
    unit.next();
    assert.equal(unit.place.line, line);
  }
  cutOff.module.wasmMemory.grow(1); // and HEAPU8 is not there yet
  cutOff.abandon();
  assert.deepEqual(unit.place, { line: 6, column: 3 });
  assert.equal(unit.isAbandoned, true);
  unit.close();
  const isRefused = ({ report }: JankError) => report.class === "InterruptedException";
  assert.throws(() => unit.next(), isRefused);
  assert.throws(() => new Compiler(cutOff).eval("1"), isRefused);
  assert.throws(() => cutOff.invoke("clojure.core/inc", 1), isRefused);
  assert.throws(() => cutOff.stats(), isRefused);
});
