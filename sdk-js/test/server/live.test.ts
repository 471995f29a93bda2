// What a developer relies on: a saved file is live, in every page, and a page
// that connects later has what one has that was there all the time.

import assert from "node:assert/strict";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { Compiler, Runtime } from "jank-hot-reload";
import { pause, TestServer, until, type TestSocket } from "./harness.js";

async function start(t: TestContext, files: Record<string, string>): Promise<TestServer> {
  const server = await TestServer.start(files);
  t.after(() => server.close());
  return server;
}

const patchedVars = (page: TestSocket) =>
  page.patches.flatMap(({ symbols }) => symbols.map(({ name }) => name));

/** A page of its own that replays the log: what the expressions give there. */
async function replayed(server: TestServer, ...expressions: string[]): Promise<unknown[]> {
  const runtime = await Runtime.load({ write: () => undefined });
  const compiler = new Compiler(runtime);
  for (const { data, symbolName } of server.server.engine.log.since(null, 0)) {
    const result = runtime.install(Buffer.from(data, "base64"), symbolName);
    assert.ok(result.ok, JSON.stringify(result));
  }
  return expressions.map((code) => compiler.eval(code).value);
}

const here = async (server: TestServer, code: string) => (await server.eval(code)).json?.value;

test("a saved form is live, and only what changed is sent", async (t) => {
  const text = "(ns eita)\n(def state (atom 0))\n(defn f [] 1)\n(defn g [] 2)\n";
  const server = await start(t, { "src/eita.jank": text });
  await here(server, "(swap! eita/state + 41)");
  const page = (await server.page()).obey("from-the-page");
  await page.settle();
  const before = page.patches.length;
  server.write("src/eita.jank", text.replace("[] 2", "[] 3"));
  await until("the patch", () => page.patches.length > before);
  await page.settle();
  assert.deepEqual(patchedVars(page).slice(3), ["eita/g"]);
  await until("a line for the developer", () =>
    server.lines.some((line) => /in the page "page": transfer .* installed in/.test(line)),
  );
  page.destroy();
  await until("the page to be gone", () => server.server.pages.all.length === 0);
  assert.equal(await here(server, "[@eita/state (eita/g)]"), "[41 3]");
});

test("a file that is new, or comes by renaming, is loaded", async (t) => {
  const server = await start(t, {});
  const page = await server.page();
  server.write("src/a/b_c.jank", "(ns a.b-c)\n(defn one [] 1)\n");
  await until("the new file", () => patchedVars(page).includes("a.b-c/one"));
  const other = server.write("other.txt", "(ns a.b-c)\n(defn two [] 2)\n");
  renameSync(other, `${server.root}/src/a/b_c.jank`);
  await until("the renamed file", () => patchedVars(page).includes("a.b-c/two"));
});

test("a bad edit names file, line and column, changes nothing, and is forgotten when mended", async (t) => {
  const text = "(ns eita)\n(defn f [] 1)\n";
  const server = await start(t, { "src/eita.jank": text });
  const page = await server.page();
  server.write("src/eita.jank", "(ns eita)\n(defn f [] (nope 1))\n");
  const { error } = await page.next("error");
  assert.match(error.file ?? "", /src\/eita\.jank$/);
  assert.deepEqual([error.line, error.phase, /nope/.test(error.message)], [2, "compile", true]);
  const late = await server.page("late");
  assert.equal((await late.next("error")).error.line, 2, "a page that connects later is told");
  assert.equal((await server.http("/status")).json?.errors instanceof Array, true);
  page.destroy();
  late.destroy();
  await until("the pages to be gone", () => server.server.pages.all.length === 0);
  assert.equal(await here(server, "(eita/f)"), "1");
  server.write("src/eita.jank", text.replace("[] 1", "[] 5"));
  const errors = async () => (await server.http("/status")).json?.errors as unknown[];
  for (let i = 0; i < 200 && (await errors()).length; i++) await pause(10);
  assert.deepEqual(await errors(), []);
  assert.equal(await here(server, "(eita/f)"), "5");
});

test("a bad file at the start keeps nothing else from being served", async (t) => {
  const server = await start(t, {
    "src/bad.jank": "(ns bad)\n(",
    "src/good.jank": "(ns good)\n(def x 1)\n",
  });
  assert.equal(await here(server, "good/x"), "1");
  assert.ok(server.lines.some((line) => /bad\.jank:2:/.test(line)));
  rmSync(`${server.root}/src/bad.jank`);
  const errors = async () => (await server.http("/status")).json?.errors as unknown[];
  for (let i = 0; i < 200 && (await errors()).length; i++) await pause(10);
  assert.deepEqual(await errors(), [], "its error goes with the file");
});

test("saves that follow each other at once are all seen", async (t) => {
  const server = await start(t, { "src/eita.jank": "(ns eita)\n(defn f [] 0)\n" });
  for (const gap of [0, 5, 20, 60, 150]) {
    server.write("src/eita.jank", "");
    await pause(gap);
    server.write("src/eita.jank", `(ns eita)\n(defn f []   ${gap})\n`);
    await pause(gap);
    server.write("src/eita.jank", `(ns eita)\n(defn f [] [${gap}])\n`);
    await pause(400);
    assert.equal(await here(server, "(eita/f)"), `[${gap}]`);
  }
});

test("a file that was wrong because of another is right with it", async (t) => {
  const server = await start(t, {
    "src/a.jank": "(ns a (:require [b]))\n(def x (b/y))\n",
    "src/b.jank": "(ns b)\n(defn y [] (nope))\n",
  });
  const errors = async () => (await server.http("/status")).json?.errors as unknown[];
  assert.match(JSON.stringify(await errors()), /b\.jank.*nope|nope.*b\.jank/);
  server.write("src/b.jank", "(ns b)\n(defn y [] 7)\n");
  for (let i = 0; i < 200 && (await errors()).length; i++) await pause(10);
  assert.deepEqual(await errors(), []);
  assert.equal(await here(server, "a/x"), "7");
});

test("an editor that empties the file before it writes loses no state", async (t) => {
  const text = "(ns eita)\n(def state (atom 0))\n(defn f [] 1)\n";
  const server = await start(t, { "src/eita.jank": text });
  await here(server, "(reset! eita/state 7)");
  const file = `${server.root}/src/eita.jank`;
  writeFileSync(file, "");
  await server.server.engine.loadFile(file);
  writeFileSync(file, text.replace("[] 1", "[] 2"));
  const { changes } = await server.server.engine.loadFile(file);
  assert.ok(changes.length <= 1, changes.join(" "));
  assert.equal(await here(server, "[@eita/state (eita/f)]"), "[7 2]");
});

test("a namespace is loaded from its file when it is required, whatever the order", async (t) => {
  const server = await start(t, {
    "src/a_first.jank": "(ns a-first (:require [lib.deep-er :as d]))\n(def x (d/two))\n",
    "src/lib/deep_er.jank":
      "(ns lib.deep-er (:require [lib.base :refer [one]]))\n(defn two [] (inc (one)))\n",
    "src/lib/base.cljc": "(ns lib.base)\n(defn one [] #?(:jank 1 :default 9))\n",
  });
  assert.equal(await here(server, "a-first/x"), "2");
  assert.deepEqual(await replayed(server, "a-first/x"), ["2"]);
});

test("namespaces that require each other are an error, not the end", async (t) => {
  const server = await start(t, {
    "src/a.jank": "(ns a (:require [b]))\n(def x 1)\n",
    "src/b.jank": "(ns b (:require [a]))\n(def y 1)\n",
  });
  assert.equal(await here(server, "(+ 1 2)"), "3");
});

test("a page that connects after three edits has all three", async (t) => {
  const server = await start(t, { "src/eita.jank": "(ns eita)\n(defn f [] 0)\n" });
  for (const n of [1, 2, 3]) await server.eval(`(ns eita) (defn f${n} [] ${n}) (defn f [] ${n})`);
  assert.deepEqual(await replayed(server, "[(eita/f) (eita/f1) (eita/f2) (eita/f3)]"), [
    "[3 1 2 3]",
  ]);
});

test("a late page has the values that were made from what has changed since", async (t) => {
  const server = await start(t, {
    "src/app.jank": "(ns app)\n(def base 10)\n(defn init [] (* 2 base))\n(def derived (init))\n",
  });
  await server.eval("(ns app) (def base 11) (defn helper [] 5) (defn init [] (helper))");
  const expression = "[app/base app/derived (app/init)]";
  assert.deepEqual(await replayed(server, expression), ["[11 20 5]"]);
  assert.equal(await here(server, expression), "[11 20 5]");
});

test("forms of one text are all there: twice in a file, or in one do", async (t) => {
  const server = await start(t, {
    "src/app.jank":
      "(ns app)\n(def log (atom []))\n(swap! log conj 1)\n(swap! log conj 1)\n" +
      "(do (swap! log conj 2) (swap! log conj 3))\n",
  });
  assert.equal(await here(server, "@app/log"), "[1 1 2 3]");
  assert.deepEqual(await replayed(server, "@app/log"), ["[1 1 2 3]"]);
});

test("macros, multimethods and values replay", async (t) => {
  const server = await start(t, {
    "src/app.jank": `(ns app)
(defmacro twice [x] \`(do ~x ~x))
(defmulti area :shape)
(defmethod area :square [{:keys [side]}] (* side side))
(defonce hits (atom 0))
(defn hit [] (twice (swap! hits inc)) @hits)
`,
  });
  const expression = "[(app/area {:shape :square :side 3}) (app/hit)]";
  assert.deepEqual(await replayed(server, expression), ["[9 2]"]);
});

test("edits while the watcher runs do not grow the log", async (t) => {
  const server = await start(t, { "src/eita.jank": "(ns eita)\n(defn f [] 0)\n" });
  const { engine } = server.server;
  for (let i = 1; i <= 300; i++) await engine.evaluate(`(ns eita) (defn f [] ${i})`);
  assert.ok(engine.log.since(null, 0).length <= 4);
  assert.deepEqual(await replayed(server, "(eita/f)"), ["300"]);
});

test("several servers do not share a log", async (t) => {
  const one = await start(t, {});
  const two = await start(t, {});
  await one.eval("(def here 1)");
  assert.notEqual(one.server.engine.log.epoch, two.server.engine.log.epoch);
  assert.equal((await two.eval("here")).status, 400);
});
