// What editors ask of the program, in the words of CIDER, Calva and vim-fireplace.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Bencode, BencodeDictionary } from "../../src/server/bencode.js";
import { summary, TestServer, type NreplConnection } from "./harness.js";

const EITA = `(ns eita (:require [clojure.set :as set]))
(defn ggg "Adds." [v] (+ 48 v))
(defmacro twice [& body] \`(do ~@body ~@body))
(def size 3)
(defn- hidden [] 1)
`;

let server: TestServer;
let nrepl: NreplConnection;

before(async () => {
  server = await TestServer.start({ "src/eita.jank": EITA });
  nrepl = await server.nrepl();
});
after(() => server.close());

/** The answer, which has to be one message, done. */
async function ask(op: string, fields: Record<string, Bencode> = {}): Promise<BencodeDictionary> {
  const answers = await nrepl.request({ op, ...fields });
  assert.equal(answers.length, 1, JSON.stringify(answers));
  const answer = structuredClone(answers[0] as BencodeDictionary);
  assert.ok((answer.status as string[]).includes("done"));
  return answer;
}

const candidates = async (op: string, fields: Record<string, Bencode>): Promise<string[]> =>
  ((await ask(op, fields)).completions as { candidate: string }[]).map(
    ({ candidate }) => candidate,
  );

for (const op of ["completions", "complete"])
  for (const field of ["prefix", "symbol"])
    test(`${op} by ${field}`, async () => {
      assert.deepEqual(await candidates(op, { [field]: "mapc" }), ["mapcat"]);
      assert.deepEqual(await candidates(op, { [field]: "set/un", ns: "eita" }), ["set/union"]);
      assert.deepEqual(await candidates(op, { [field]: "gg", ns: "eita" }), ["ggg"]);
      assert.deepEqual(await candidates(op, { [field]: "no-such-" }), []);
      assert.ok((await candidates(op, { [field]: "" })).includes("assoc"));
    });

test("completion knows types and namespaces", async () => {
  const { completions } = await ask("complete", { prefix: "eita/", ns: "user" });
  assert.deepEqual(completions, [
    { candidate: "eita/ggg", type: "function", ns: "eita" },
    { candidate: "eita/size", type: "var", ns: "eita" },
    { candidate: "eita/twice", type: "macro", ns: "eita" },
  ]);
});

test("completion sees what is defined now", async () => {
  await nrepl.request({ op: "eval", code: "(def fresh-name 1)" });
  assert.deepEqual(await candidates("complete", { prefix: "fresh-" }), ["fresh-name"]);
});

for (const [field, op] of [
  ["sym", "info"],
  ["symbol", "info"],
  ["sym", "lookup"],
] as const)
  test(`${op} by ${field}: a function of the application`, async () => {
    const answer = await ask(op, { [field]: "ggg", ns: "eita" });
    const found = (op === "lookup" ? answer.info : answer) as BencodeDictionary;
    const { name, ns, doc, line, column, file, type } = found;
    assert.deepEqual(
      [name, ns, doc, line, column, type],
      ["ggg", "eita", "Adds.", 2, 1, "function"],
    );
    assert.equal(found["arglists-str"], "[v]");
    assert.equal(file, `file:${join(server.root, "src/eita.jank")}`);
  });

test("info: aliases, macros, special forms, namespaces", async () => {
  const pick = async (sym: string, ...keys: string[]) => {
    const answer = await ask("info", { sym, ns: "eita" });
    return keys.map((key) => answer[key]);
  };
  assert.deepEqual(await pick("set/union", "ns", "name"), ["clojure.set", "union"]);
  assert.deepEqual(await pick("twice", "macro", "type"), ["true", "macro"]);
  assert.deepEqual(await pick("if", "special-form", "arglists-str"), ["true", "[test then else?]"]);
  assert.deepEqual(await pick("eita", "type", "line"), ["namespace", 1]);
  assert.deepEqual(await pick("first", "ns", "name"), ["clojure.core", "first"]);
});

test("info: an editor can open what the library is written in", async () => {
  for (const [sym, path] of [
    ["map", "sdk-c/core/clojure/core/seqs.jank"],
    ["when-let", "sdk-c/core/clojure/core/control.jank"],
    ["set/union", "sdk-c/core/clojure/set.jank"],
    ["nth", "sdk-c/src/"],
  ] as const) {
    const { file, doc, line } = await ask("info", { sym, ns: "eita" });
    assert.ok((file as string).includes(path), `${sym}: ${file as string}`);
    const lines = readFileSync(fileURLToPath(file as string), "utf8").split("\n");
    assert.ok(lines[(line as number) - 1]?.includes(sym.split("/").at(-1) as string));
    assert.equal(typeof doc, "string");
  }
});

for (const sym of [
  "nope",
  "nope/nope",
  "js/console",
  ")(",
  "a b",
  "",
  "'x",
  "\0",
  "x".repeat(10_000),
])
  test(`nothing is known of ${JSON.stringify(sym.slice(0, 10))}`, async () => {
    const status = sym === "" ? ["error", "no-sym", "done"] : undefined;
    assert.deepEqual((await ask("info", { sym })).status, status ?? ["no-info", "done"]);
    assert.deepEqual((await ask("eldoc", { sym })).status, status ?? ["no-eldoc", "done"]);
    const { info, status: looked } = await ask("lookup", { sym });
    assert.deepEqual(looked, status ?? ["done"]);
    if (!status) assert.deepEqual(info, {});
  });

test("eldoc: a list of arguments for each arity", async () => {
  const { eldoc, name, ns, type, docstring } = await ask("eldoc", { sym: "map", ns: "eita" });
  assert.deepEqual(eldoc, [["f"], ["f", "coll"], ["f", "a", "b"], ["f", "a", "b", "&", "colls"]]);
  assert.deepEqual([name, ns, type], ["map", "clojure.core", "function"]);
  assert.match(docstring as string, /lazy seq/);
  assert.equal((await ask("eldoc", { symbol: "size", ns: "eita" })).type, "variable");
  assert.deepEqual((await ask("eldoc", { symbol: "if" })).eldoc, [["test", "then", "else?"]]);
});

test("vim-fireplace loads a namespace before it evaluates in it", async () => {
  const load = (name: string) =>
    `(when-not (find-ns '${name}) (try (#'clojure.core/load-one '${name} true true)` +
    ` (catch Exception e (when-not (find-ns '${name}) (throw e)))))`;
  server.write("src/loaded/late.jank", "(ns loaded.late) (def x 5)");
  const say = async (code: string) =>
    summary(await nrepl.request({ op: "eval", code, ns: "user", session: "" }));
  for (const name of ["eita", "loaded.late"])
    assert.deepEqual((await say(load(name))).status, ["done"], name);
  assert.deepEqual((await say("loaded.late/x")).values, ["5"]);
  assert.match((await say(load("no.such.one"))).err, /Could not locate namespace no\.such\.one/);
  const parsed = `(symbol ((fn *vimify [x] (cond (map? x) (str "{" (apply str (interpose ", " (map (fn [[k v]]
    (str (*vimify k) ": " (*vimify v))) x))) "}") (coll? x) (str "[" (apply str (interpose ", " (map *vimify x))) "]")
    (true? x) "1" (false? x) "0" (number? x) (pr-str x) (keyword? x) (pr-str (name x)) :else (pr-str (str x)))) {:a [1 "b"]}))`;
  assert.deepEqual((await say(parsed)).values, ['{"a": [1, "b"]}']);
});

test("macroexpand", async () => {
  const expand = async (code: string, more: Record<string, string> = {}) =>
    (await ask("macroexpand", { code, ...more })).expansion;
  const nested = "(when a (when-not b c))";
  assert.equal(await expand(nested, { expander: "macroexpand-1" }), "(if a (do (when-not b c)))");
  assert.equal(await expand(nested), "(if a (do (when-not b c)))");
  assert.equal(
    await expand(nested, { expander: "macroexpand-all" }),
    "(if a (do (if b nil (do c))))",
  );
  assert.equal(await expand("(twice 1)", { ns: "eita" }), "(do 1 1)");
  const { err, ex, status } = await ask("macroexpand", { code: "(when" });
  assert.match(err as string, /EOF while reading/);
  assert.equal(ex, "ReaderException");
  assert.deepEqual(status, ["macroexpand-error", "done"]);
});

test("ns-list, ns-vars, apropos, classpath", async () => {
  const list = (await ask("ns-list"))["ns-list"] as string[];
  assert.ok(
    ["clojure.core", "eita", "user"].every((name) => list.includes(name)),
    String(list),
  );
  assert.deepEqual((await ask("ns-vars", { ns: "eita" }))["ns-vars"], ["ggg", "size", "twice"]);
  assert.deepEqual((await ask("apropos", { query: "ITA/gg" }))["apropos-matches"], [
    { name: "eita/ggg", type: "function", doc: "Adds." },
  ]);
  assert.ok(Array.isArray((await ask("classpath", { session: "" })).classpath));
});

test("a namespace that there is not", async () => {
  for (const [op, fields] of [
    ["completions", { prefix: "m" }],
    ["lookup", { sym: "map" }],
    ["info", { sym: "map" }],
    ["eldoc", { sym: "map" }],
    ["macroexpand", { code: "1" }],
    ["ns-vars", {}],
  ] as const)
    for (const ns of ["no.such", ") (println", "a b"])
      assert.ok(
        ((await ask(op, { ...fields, ns })).status as string[]).includes("namespace-not-found"),
        op,
      );
});

test("a session's namespace counts where none is given", async () => {
  const session = await nrepl.clone();
  await nrepl.request({ op: "eval", session, code: "(in-ns 'eita)" });
  assert.deepEqual(await candidates("complete", { session, prefix: "set/un" }), ["set/union"]);
  assert.equal((await ask("info", { session, sym: "ggg" })).ns, "eita");
});

test("editors' questions change nothing: no page gets anything, nothing can be undone", async () => {
  const page = await server.page("asked about");
  await ask("complete", { prefix: "ma" });
  await ask("macroexpand", { code: "(when a)" });
  await page.settle();
  assert.deepEqual(
    page.patches.map(({ ns }) => ns).filter((ns) => /^(jank|clojure)\./.test(ns)),
    [],
  );
  page.destroy();
});

test("describe tells of every operation, and in detail when asked", async () => {
  const { ops } = (await ask("describe")) as { ops: Record<string, object> };
  assert.deepEqual(
    Object.values(ops).filter((op) => Object.keys(op).length > 0),
    [],
  );
  const { ops: detailed } = (await ask("describe", { "verbose?": 1 })) as {
    ops: Record<string, { doc: string; requires: object; optional: object; returns: object }>;
  };
  assert.deepEqual(Object.keys(detailed), Object.keys(ops));
  for (const [name, { doc, requires, optional, returns }] of Object.entries(detailed))
    assert.ok(doc && requires && optional && returns, name);
  for (const op of Object.keys(ops)) {
    const { status } = summary(await nrepl.request({ op }));
    assert.ok(!status.includes("unknown-op"), op);
    assert.equal(status.filter((each) => each === "done").length, 1, op);
  }
});
