// What live development asks of a runtime: several loads as one, hooks, sessions,
// taps.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Compiler, type CompiledForm } from "../src/compiler.js";
import { JankError, Runtime } from "../src/runtime.js";

let runtime: Runtime;
let compiler: Compiler;

const fresh = (options: object = {}) =>
  Runtime.load({
    moduleUrl: new URL(`file://${process.cwd()}/sdk-js/dist/jank.mjs`),
    write: () => undefined,
    ...options,
  });

const runtimeOnly = () =>
  fresh({ moduleUrl: new URL(`file://${process.cwd()}/sdk-js/dist/runtime-only/jank.mjs`) });

before(async () => {
  runtime = await fresh();
  compiler = new Compiler(runtime);
});

function evaluate(source: string, of = runtime, ns = "user"): string {
  const { value, error } = new Compiler(of).eval(source, { ns });
  assert.equal(error, undefined, error?.message);
  return value ?? "";
}

const message = (source: string, of = runtime) =>
  new Compiler(of).eval(source).error?.message ?? "no error";

/** Evaluates in a transaction that is then taken back. */
function takenBack(source: string, of = runtime): void {
  of.begin();
  evaluate(source, of);
  of.rollback();
}

function formsOf(source: string, of = runtime): CompiledForm[] {
  const forms: CompiledForm[] = [];
  new Compiler(of).eval(source, { onForm: (form) => forms.push(form) });
  return forms;
}

// ---- Transactions -----------------------------------------------------------------

test("a rollback takes back what several patches have defined, in one go", () => {
  evaluate('(ns tx1) (defn a [] 1) (def ^{:doc "old"} b 1) (defn c [] (+ (a) b))');
  takenBack(`(ns tx1) (defn a [] 10) (def ^{:doc "new"} b 10) (defn d [] 5)
             (defn a [] 100) (defmacro m [] 1)`);
  assert.equal(evaluate("[(tx1/c) (tx1/a) tx1/b (:doc (meta #'tx1/b))]"), '[2 1 1 "old"]');
  assert.match(message("(tx1/d)"), /unbound/i);
  assert.match(message("(tx1/m)"), /unbound/i);
});

test("a commit keeps it", () => {
  runtime.begin();
  evaluate("(ns tx2) (defn a [] 10) (def b 20)");
  runtime.commit();
  assert.equal(evaluate("(+ (tx2/a) tx2/b)"), "30");
  takenBack("(ns tx2) (def b 21)");
  assert.equal(evaluate("tx2/b"), "20");
});

test("a load that fails takes back itself; the transaction goes on, and can be committed", () => {
  evaluate("(ns tx3) (def a 1) (def b 1)");
  runtime.begin();
  evaluate("(ns tx3) (def a 2)");
  const bad = '(ns tx3) (do (alter-var-root #\'b inc) (throw (ex-info "no" {})))';
  const unit = compiler.open(bad, { ns: "tx3" });
  for (let step = unit.next(); step.status === "form"; step = unit.next())
    runtime.install(step.form.bytes, step.form.entry);
  unit.close();
  runtime.commit();
  assert.equal(evaluate("tx3/a"), "2");
});

test("a var that was made in it is unbound, and who holds it sees its next definition", () => {
  evaluate("(ns tx4) (def held (atom nil))");
  takenBack("(ns tx4) (defn later [] 1) (reset! held (fn [] (later)))");
  assert.match(message("(@tx4/held)"), /unbound/i);
  evaluate("(ns tx4) (defn later [] 42)");
  assert.equal(evaluate("(@tx4/held)"), "42");
});

test("a name that hid one of the library, or one that was referred, shows that again", () => {
  evaluate("(ns tx5-lib) (def x :of-lib) (ns tx5 (:require [tx5-lib :refer [x]]))");
  takenBack("(ns tx5) (def x :own) (defn map [& _] :own)");
  assert.equal(evaluate("(ns tx5) [x (vec (map inc [1 2]))]"), "[:of-lib [2 3]]");
});

test("what an ns form has made goes: aliases, referred names, the namespace's being loaded", () => {
  evaluate("(ns tx6-lib) (def x 1) (ns tx6)");
  takenBack("(ns tx6 (:require [tx6-lib :as lib :refer [x]])) (ns tx6-new) (def y 1)");
  assert.match(message("(ns tx6) lib/x"), /lib/);
  assert.match(message("(ns tx6) x"), /x/);
  const asked: string[] = [];
  compiler.eval("(require 'tx6-new)", { resolveNamespace: (ns) => void asked.push(ns) });
  assert.deepEqual(asked, ["tx6-new"]);
});

test("methods, types and protocols are as they were", () => {
  evaluate(`(ns tx7)
    (defmulti area :shape) (defmethod area :square [_] :old)
    (defprotocol Named (title [this]))
    (defrecord Point [x] Named (title [_] (str "old " x)))
    (def point (->Point 1))`);
  const state = `(ns tx7) [(area {:shape :square}) (count (methods area)) (title point)
                  (try (title "text") (catch Exception _ :none))]`;
  const before = evaluate(state);
  runtime.begin();
  evaluate(`(ns tx7)
    (defmethod area :square [_] :new) (defmethod area :circle [_] :new)
    (defrecord Point [x] Named (title [_] (str "new " x)))
    (extend-type String Named (title [s] s))`);
  assert.notEqual(evaluate(state), before);
  runtime.rollback();
  assert.equal(evaluate(state), before);
});

test("what a program does is not taken back: atoms, output", async () => {
  evaluate("(ns tx8) (def n (atom 0))");
  let printed = "";
  runtime.capture(
    (_stream, text) => (printed += text),
    () => {
      runtime.begin();
      runtime.install(...pairOf("(ns tx8) (let [x (swap! n inc)] (println :said))"));
      runtime.rollback();
    },
  );
  assert.equal(evaluate("@tx8/n"), "1");
  assert.equal(printed, ":said\n");
});

function pairOf(source: string): [Uint8Array, string] {
  const unit = compiler.open(source);
  let last: CompiledForm | undefined;
  for (let step = unit.next(); step.status === "form"; step = unit.next()) {
    if (step.form.kind === "ns") runtime.install(step.form.bytes, step.form.entry);
    last = step.form;
  }
  unit.close();
  assert.ok(last);
  return [last.bytes, last.entry];
}

test("a root that changes often in a transaction is kept once", () => {
  evaluate("(ns tx9) (def n 0)");
  const { memory_bytes } = runtime.stats();
  takenBack("(ns tx9) (dotimes [_ 300000] (alter-var-root #'n inc))");
  assert.equal(evaluate("tx9/n"), "0");
  assert.ok(runtime.stats().memory_bytes - memory_bytes < 8 * 1024 * 1024);
});

test("a change under `binding` is not mistaken for that of the root", () => {
  evaluate("(ns tx10) (def ^:dynamic *d* :root)");
  takenBack(`(ns tx10) (binding [*d* :bound] (alter-var-root #'*d* (fn [_] :altered)))
             (alter-var-root #'*d* (fn [_] :second))`);
  assert.equal(evaluate("tx10/*d*"), ":root");
});

test("what the engine throws in the middle leaves the transaction as it is", () => {
  evaluate("(ns tx11) (def a 1)");
  runtime.begin();
  evaluate("(ns tx11) (def a 2)");
  const outcome = runtime.guard(
    () => {
      throw new RangeError("Maximum call stack size exceeded");
    },
    ({ class: name }) => name,
  );
  assert.equal(outcome, "StackOverflowError");
  assert.match(message("(ns tx11) (def a 3) (defn deep [n] (inc (deep n))) (deep 1)"), /stack/i);
  assert.equal(evaluate("tx11/a"), "3");
  runtime.rollback();
  assert.equal(evaluate("tx11/a"), "1");
});

test("a rollback lets the patches go that it takes back", () => {
  const forms = formsOf("(ns tx12) (defn f [] 1)");
  const { bytes, entry } = forms[1]!;
  for (let i = 0; i < 600; i++)
    runtime.transaction(() => ({ ...runtime.install(bytes, entry), ok: false }));
  const before = runtime.stats();
  for (let i = 0; i < 600; i++)
    runtime.transaction(() => ({ ...runtime.install(bytes, entry), ok: false }));
  const after = runtime.stats();
  assert.ok(after.reclaimed_modules > before.reclaimed_modules);
  assert.equal(after.table_slots, before.table_slots);
});

test("begin in a transaction, and commit or rollback without one, are refused", () => {
  const refuses = (call: () => void, what: RegExp) =>
    assert.throws(call, (error: JankError) => {
      assert.match(error.report.message, what);
      return error instanceof JankError;
    });
  refuses(() => runtime.commit(), /no transaction is open/);
  refuses(() => runtime.rollback(), /no transaction is open/);
  runtime.begin();
  evaluate("(def tx13 1)");
  refuses(() => runtime.begin(), /open already/);
  runtime.rollback();
  assert.equal(evaluate("(bound? #'tx13)"), "false");
});

test("a transaction cannot begin or end in code that a patch runs", () => {
  evaluate("(def tx14 1)");
  const errors: unknown[] = [];
  const attempt = (call: () => void) => () => {
    try {
      call();
    } catch (error) {
      errors.push((error as JankError).message);
    }
  };
  Object.assign(globalThis, {
    jankTestBegin: attempt(() => runtime.begin()),
    jankTestEnd: attempt(() => runtime.rollback()),
  });
  evaluate("(js/jankTestBegin)");
  runtime.begin();
  evaluate("(do (def tx14 2) (js/jankTestEnd))");
  runtime.commit();
  assert.equal(evaluate("tx14"), "2");
  assert.match(String(errors[0]), /cannot begin in a patch/);
  assert.match(String(errors[1]), /cannot end in a patch/);
});

test("transaction() rolls back what is not ok, and what throws", () => {
  evaluate("(def tx15 1)");
  const set = (n: number) => evaluate(`(def tx15 ${n})`);
  assert.deepEqual(
    runtime.transaction(() => ({ ok: true, was: set(2) })),
    { ok: true, was: "#'user/tx15" },
  );
  assert.equal(evaluate("tx15"), "2");
  runtime.transaction(() => ({ ok: false, was: set(3) }));
  assert.equal(evaluate("tx15"), "2");
  assert.throws(
    () =>
      runtime.transaction(() => {
        set(4);
        throw new TypeError("mine");
      }),
    TypeError,
  );
  assert.equal(evaluate("tx15"), "2");
  runtime.begin();
  runtime.rollback();
});

test("a runtime without the compiler has transactions, too", async () => {
  const only = await runtimeOnly();
  const one = formsOf("(ns tx16) (defn f [] 1)");
  const two = formsOf("(ns tx16) (defn f [] 2) (defn g [] 3)");
  const install = (forms: CompiledForm[]) =>
    forms.forEach(({ bytes, entry }) => assert.ok(only.install(bytes, entry).ok));
  install(one);
  only.begin();
  install(two);
  assert.equal(only.invoke("tx16/f"), 2);
  only.rollback();
  assert.equal(only.invoke("tx16/f"), 1);
  assert.throws(() => only.invoke("tx16/g"), /no such var/);
});

// ---- Hooks ------------------------------------------------------------------------

test("hooks are known by their metadata, in order of definition", async () => {
  const own = await fresh();
  assert.deepEqual(own.hooks(), { before: [], after: [] });
  evaluate(
    `(ns hooks)
     (defn ^:dev/after-load start [] :started)
     (defn ^:dev/before-load stop [] :stopped)
     (defn ^:dev/before-load-async quiesce [done] (done))
     (defn ^{:dev/after-load true} paint [] nil)`,
    own,
  );
  const all = {
    before: ["hooks/stop", "hooks/quiesce"],
    after: ["hooks/start", "hooks/paint"],
  };
  assert.deepEqual(own.hooks(), all);
  evaluate("(ns hooks) (defn ^:dev/after-load start [] :again)", own);
  assert.deepEqual(own.hooks(), all, "a redefinition keeps its place");
  takenBack("(ns hooks) (defn start [] 1) (defn ^:dev/after-load more [] 1)", own);
  assert.deepEqual(own.hooks(), all, "a rollback takes hooks back");
  evaluate("(ns hooks) (defn start [] :plain)", own);
  assert.deepEqual(own.hooks().after, ["hooks/paint"]);
  evaluate("(ns-unmap 'hooks 'paint)", own);
  assert.deepEqual(own.hooks().after, []);
  evaluate("(ns hooks) (declare ^:dev/after-load never)", own);
  assert.deepEqual(own.hooks().after, [], "one without a value cannot be called");
});

test("a hook is called from JavaScript, and its result is what JavaScript sees", async () => {
  evaluate(`(ns calls)
    (def n (atom 0))
    (defn count! [] (swap! n inc))
    (defn promised [] (js/Promise.resolve 7))
    (defn text [& more] (str "none: " (count more)))
    (defn fails [] (throw (ex-info "broken hook" {:a 1})))
    (defn js-fails [] (js/JSON.parse "{"))
    (defn deep [] (inc (deep)))`);
  assert.equal(runtime.callHook("calls/count!"), 1);
  const promise = runtime.callHook("calls/promised");
  assert.ok(promise instanceof Promise);
  assert.equal(await promise, 7);
  assert.equal(runtime.callHook("calls/text"), "none: 0");
  const report = (name: string) => {
    try {
      runtime.callHook(name);
    } catch (error) {
      assert.ok(error instanceof JankError);
      return error.report;
    }
    return assert.fail("it did not throw");
  };
  assert.equal(report("calls/fails").message, "broken hook");
  assert.equal(report("calls/fails").trace[0]?.name, "calls/fails");
  assert.equal(report("calls/js-fails").class, "SyntaxError");
  assert.equal(report("calls/deep").class, "StackOverflowError");
  for (const name of ["calls/missing", "calls", "/", "", "calls/"]) report(name);
  assert.equal(runtime.callHook("calls/count!"), 2);
});

test("an async hook gets a function to call when it is done, if it takes one", async () => {
  evaluate(`(ns async-hooks)
    (def done-later (atom nil))
    (defn ^:dev/before-load-async waits [done] (reset! done-later done))
    (defn ^:dev/before-load-async plain [] 5)
    (defn ^:dev/before-load takes-one [x] x)
    (defn ^:dev/after-load-async fails [done] (throw (ex-info "at once" {})))`);
  let finished = false;
  const waiting = Promise.resolve(runtime.callHook("async-hooks/waits")).then(() => {
    finished = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(finished, false);
  evaluate("(@async-hooks/done-later)");
  await waiting;
  assert.equal(finished, true);
  assert.equal(runtime.callHook("async-hooks/plain"), 5);
  assert.throws(() => runtime.callHook("async-hooks/takes-one"), /takes 1 argument, got 0/);
  await assert.rejects(async () => runtime.callHook("async-hooks/fails"), /at once/);
});

// ---- ^:dev/once, ^:dev/always -----------------------------------------------------

test("^:dev/once is evaluated only while the var has no value", () => {
  evaluate("(ns once) (def ^:dev/once state (atom 1)) (defn ^:dev/once f [] 1) (def g 1)");
  evaluate("(ns once) (swap! state inc)");
  evaluate(`(ns once) (def ^:dev/once state (throw (ex-info "evaluated" {})))
            (defn ^{:dev/once true :doc "new"} f [] 2) (def ^:dev/once g 2)`);
  assert.equal(evaluate("[@once/state (once/f) once/g (:doc (meta #'once/f))]"), '[2 1 1 "new"]');
  evaluate("(jank.dev/unbind! 'once/f)");
  evaluate("(ns once) (defn ^:dev/once f [] 3)");
  assert.equal(evaluate("(once/f)"), "3");
  evaluate("(ns once) (declare ^:dev/once later) (def ^:dev/once later 5)");
  assert.equal(evaluate("once/later"), "5");
  evaluate("(ns once) (defn ^{:dev/once false} f [] 4)");
  assert.equal(evaluate("(once/f)"), "4");
});

test("a form says whether it is sent once, or always", () => {
  const flags = (source: string) =>
    formsOf(source).map(({ kind, once, always }) => [kind, once, always]);
  assert.deepEqual(flags("(ns ^:dev/once flags1)"), [["ns", true, undefined]]);
  assert.deepEqual(
    flags(`(ns ^:dev/always flags2) (def ^:dev/always a 1) (defn b [] 1)
           (defmulti ^:dev/always c :x) (def ^{:dev/always false} d 1) (+ 1 2)`),
    [
      ["ns", undefined, true],
      ["def", undefined, true],
      ["def", undefined, undefined],
      ["def", undefined, true],
      ["def", undefined, undefined],
      ["expr", undefined, undefined],
    ],
  );
});

// ---- Sessions ---------------------------------------------------------------------

const results = "[*1 *2 *3 (ex-message *e)]";

test("a session has its own *1, *2, *3 and *e", async () => {
  const own = await fresh();
  evaluate("(+ 1 1)", own);
  own.session("a");
  evaluate("1 2 3", own);
  new Compiler(own).eval('(throw (ex-info "of a" {}))');
  own.session("b");
  evaluate("(def x 10) :b", own);
  own.session("a");
  assert.equal(evaluate(results, own), '[3 2 1 "of a"]');
  assert.equal(evaluate("*1", own), '[3 2 1 "of a"]');
  own.session("b");
  assert.equal(evaluate(results, own), "[:b #'user/x nil nil]");
  own.session("");
  assert.equal(evaluate(results, own), "[nil nil nil nil]");
});

test("a rollback leaves the results of a session as they are", async () => {
  const own = await fresh();
  own.session("a");
  takenBack("(def y 1) :second", own);
  assert.equal(evaluate("[*1 (bound? *2)]", own), "[:second false]");
});

test("an error of the compiler is *e, too, and what is no exception is *e as it is", async () => {
  const own = await fresh();
  own.session("a");
  assert.ok(new Compiler(own).eval("(no-such-function)").error);
  assert.match(evaluate("(ex-message *e)", own), /no-such-function/);
  assert.ok(new Compiler(own).eval("(throw :thrown)").error);
  assert.match(evaluate("*e", own), /:thrown/);
});

test("the 64 sessions that were used last are kept", async () => {
  const own = await fresh();
  for (let i = 0; i < 65; i++) {
    own.session(`s${i}`);
    evaluate(`${i}`, own);
    if (i === 60) own.session("s0");
  }
  const value = (id: string) => {
    own.session(id);
    return evaluate("*1", own);
  };
  assert.equal(value("s0"), "0");
  assert.equal(value("s64"), "64");
  assert.equal(value("s2"), "2");
  assert.equal(value("s1"), "nil");
});

test("an id may be any text", async () => {
  const own = await fresh();
  for (const id of ["x".repeat(100_000), "日本", "a\nb"]) {
    own.session(id);
    evaluate(":mine", own);
    own.session("");
    own.session(id);
    assert.equal(evaluate("*1", own), ":mine");
  }
});

test("*ns* is the namespace that the expression is evaluated in", () => {
  evaluate("(ns of-ns) (defn where [] (str *ns*))");
  const inNs = (source: string) => evaluate(source, runtime, "of-ns");
  assert.equal(inNs("(str *ns*)"), '"of-ns"');
  assert.equal(inNs("(ns-name *ns*)"), "of-ns");
  assert.equal(inNs("(where)"), '"of-ns"');
  assert.equal(evaluate("(str *ns*)"), '"user"');
  const form = formsOf("(ns of-ns) (str *ns*)")[1]!;
  evaluate("1");
  const installed = runtime.install(form.bytes, form.entry);
  assert.ok(installed.ok);
  assert.deepEqual([installed.value, installed.ns], ['"of-ns"', "of-ns"]);
});

// ---- unbind! ----------------------------------------------------------------------

test("unbind! undoes a definition; who calls it sees the next one", () => {
  evaluate("(ns un) (defn ^:dev/after-load f [] 1) (defn g [] (f)) (def v 1)");
  assert.equal(evaluate("(ns elsewhere) (jank.dev/unbind! 'un/f)"), "true");
  assert.match(message("(un/g)"), /unbound fn: #'un\/f/);
  assert.deepEqual(runtime.hooks().after.includes("un/f"), false);
  assert.equal(evaluate("(meta #'un/f)"), "nil");
  assert.equal(evaluate("[(jank.dev/unbind! 'un/f) (jank.dev/unbind! 'un/none)]"), "[false false]");
  assert.equal(evaluate("(jank.dev/unbind! 'no.such.ns/x)"), "false");
  evaluate("(ns un) (defn f [] 2)");
  assert.equal(evaluate("(un/g)"), "2");
  assert.match(message("(jank.dev/unbind! 'f)"), /expected a qualified symbol/);
  assert.match(message("(jank.dev/unbind! 1)"), /expected a qualified symbol/);
  takenBack("(jank.dev/unbind! 'un/v)");
  assert.equal(evaluate("un/v"), "1");
});

test("unbind! of a name that hides one of the library shows that again", () => {
  evaluate("(ns un2) (defn map [& _] :own)");
  evaluate("(jank.dev/unbind! 'un2/map)");
  assert.equal(evaluate("(ns un2) (vec (map inc [1]))"), "[2]");
});

test("unbind! works without the compiler", async () => {
  const only = await runtimeOnly();
  for (const { bytes, entry } of formsOf("(ns un3) (defn f [] 1) (jank.dev/unbind! 'un3/f)"))
    assert.ok(only.install(bytes, entry).ok);
  assert.throws(() => only.invoke("un3/f"), /no such var/);
});

// ---- tap> -------------------------------------------------------------------------

test("what is given to tap> reaches JavaScript, and add-tap's functions", async () => {
  const heard: string[] = [];
  const own = await fresh({ onTap: (text: string) => heard.push(text) });
  evaluate('(def mine (atom [])) (add-tap (fn [x] (swap! mine conj x))) (tap> {:a "b"})', own);
  assert.deepEqual(heard, ['{:a "b"}']);
  assert.equal(evaluate("@mine", own), '[{:a "b"}]');
  assert.equal(evaluate("(tap> nil)", own), "true");
  assert.deepEqual(heard.slice(1), ["nil"]);
});

test("a listener comes late, and goes", () => {
  const heard: string[] = [];
  evaluate("(tap> :before)");
  const stop = runtime.onTap((text) => heard.push(text));
  const stopOther = runtime.onTap(() => undefined);
  evaluate("(tap> :heard)");
  stop();
  evaluate("(tap> :after)");
  stopOther();
  evaluate("(tap> :after)");
  assert.deepEqual(heard, [":heard"]);
});

test("an endless or large value is cut, and the program goes on", () => {
  const heard: string[] = [];
  const stop = runtime.onTap((text) => heard.push(text));
  const tapped = (source: string) => {
    evaluate(`(tap> ${source})`);
    return heard.pop() ?? "";
  };
  assert.match(tapped("(range)"), /^\(0 1 2 .* 999 \.\.\.\)$/);
  assert.match(tapped("(map pr-str (range))"), /^\("0" .* "999" \.\.\.\)$/);
  assert.equal(tapped("(repeat (repeat 1))").length, 65536 + 3);
  const text = tapped('(apply str (repeat 200000 "é"))');
  assert.ok(text.endsWith("é...") && text.length < 33_000);
  assert.ok(tapped("(zipmap (range 5000) (range))").length < 65536);
  evaluate("(alter-var-root #'*print-length* (fn [_] 3))");
  assert.equal(tapped("(range)"), "(0 1 2 ...)");
  evaluate("(alter-var-root #'*print-length* (fn [_] nil))");
  assert.match(tapped('(lazy-seq (throw (ex-info "when printed" {})))'), /#error.*when printed/);
  assert.match(tapped("(letfn [(f [] (lazy-seq [(f)]))] (f))"), /StackOverflowError|^\(\(\(/);
  stop();
  assert.match(evaluate("(pr-str (range 1500))"), / 1499\)"$/, "only taps are cut");
});

test("a listener that throws, or evaluates, is no trouble for who calls tap>", (t) => {
  const told = t.mock.method(console, "error", () => undefined);
  const stops = [
    runtime.onTap(() => {
      throw new Error("listener");
    }),
    runtime.onTap(() => void evaluate("(def from-tap :set)")),
  ];
  assert.equal(evaluate("(let [x (tap> 1)] [x :then])"), "[true :then]");
  assert.equal(evaluate("from-tap"), ":set");
  assert.equal(told.mock.callCount(), 1);
  stops.forEach((stop) => stop());
});
