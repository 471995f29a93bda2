// jank-hot bundle: an application ahead of time, with real Emscripten, in Node.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { setupEmscripten } from "../../tools/setup-emscripten.mjs";
import { DIST } from "../../tools/system.mjs";

const folder = mkdtempSync(join(tmpdir(), "jank-bundle-"));
const CLI = join(DIST, "cli.js");
const FILES = {
  "src/app/core.jank": `(ns app.core (:require [app.util :as util] [clojure.set :as set]))
    (def state (atom 0))
    (defn ^:export greet [name] (util/hello name))
    (defn ^:export add! [& xs] (swap! state + (apply + xs)) {:total @state :all (vec xs)})
    (defn ^:export shape [x] [(map? x) (vector? x) (:a x)])
    (defn ^:export call-back [f] (f (inc 1)))
    (defn ^:export fails [] (throw (ex-info "on purpose" {:a 1})))
    (defn hidden [] 1)
    (println "started" (set/union #{1} #{1}))`,
  "src/app/util.jank": `(ns app.util)
    (defmacro twice [x] (list 'str x x))
    (defn hello [x] (str "hello " (twice x)))`,
  "src/bad.jank": "(ns bad)\n(defn f [x] (unknown x))",
};

const cli = (...args) =>
  new Promise((settle) => {
    const options = { cwd: folder, maxBuffer: 1 << 24 };
    execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) =>
      settle({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

let emcc;
let app;
before(async () => {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  emcc = await setupEmscripten();
  const { code, stderr } = await cli(
    ...["bundle", "src/app/core.jank", "-o", "dist", "-O", "1", "--emcc", emcc],
  );
  assert.equal(code, 0, stderr);
  app = await import(pathToFileURL(join(folder, "dist/index.js")).href);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("functions that are ^:export appear under their own names, and no others", () => {
  assert.deepEqual(Object.keys(app).sort(), [
    "add_BANG_",
    "call_back",
    "fails",
    "greet",
    "module",
    "shape",
  ]);
});

test("they take any number of arguments and every kind of value", () => {
  assert.equal(app.greet("you"), "hello youyou");
  assert.deepEqual(app.add_BANG_(1, 2, 3), { total: 6, all: [1, 2, 3] });
  assert.deepEqual(app.add_BANG_(), { total: 6, all: [] });
  assert.deepEqual(app.add_BANG_(...Array(30).fill(1)).total, 36);
  assert.deepEqual(app.shape({ a: "x" }), [true, false, "x"]);
  assert.deepEqual(app.shape([1]), [false, true, null]);
  assert.equal(
    app.call_back((n) => n * 21),
    42,
  );
  assert.throws(() => app.fails(), { name: "ExceptionInfo", message: "on purpose" });
});

test("a bundle takes patches like any other runtime, and keeps its state", async () => {
  const { Compiler, Runtime, load } = await import(pathToFileURL(join(DIST, "index.js")).href);
  const compiler = new Compiler((await load()).runtime);
  const runtime = Runtime.adopt(app.module);
  const forms = [];
  const result = compiler.eval('(ns app.util) (defn hello [x] (str "bye " x))', {
    onForm: (form) => forms.push(form),
  });
  assert.equal(result.error, undefined);
  for (const { bytes, entry } of forms) assert.equal(runtime.install(bytes, entry).ok, true);
  assert.equal(app.greet("you"), "bye you");
  assert.equal(app.add_BANG_().total, 36);
  assert.throws(() => new Compiler(runtime).eval("(+ 1 2)"), /has no compiler/);
});

test("a bundle follows a published folder that was made for it, and no other", async () => {
  const { Client, Runtime } = await import("jank-hot-reload");
  const server = createServer(({ url }, response) =>
    response.end(readFileSync(join(folder, "patches", url))),
  );
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const source = `http://127.0.0.1:${server.address().port}/manifest.json`;
  const publish = (...args) => cli("publish", "src/app/util.jank", "-o", "patches", ...args);
  assert.equal((await publish()).code, 0);
  const client = new Client({ source, runtime: Runtime.adopt(app.module) });
  await assert.rejects(client.goTo(), /made for another build of the runtime/);
  assert.equal((await publish("--runtime", "dist/app.wasm")).code, 0);
  assert.equal(await client.goTo(), 2);
  assert.equal(app.greet("me"), "hello meme");
  client.close();
  server.closeAllConnections();
  server.close();
});

test("wrong use is told with the way out, and nothing is written", async () => {
  const bad = await cli("bundle", "src/bad.jank", "--emcc", emcc);
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /bad\.jank:2:\d+.*Unable to resolve symbol: unknown/s);
  const missing = await cli("bundle", "src/none.jank", "--emcc", emcc);
  assert.match(missing.stderr, /cannot read src\/none\.jank/);
  const none = await cli("bundle", "src/app/core.jank", "--emcc", "/no/emcc");
  assert.match(none.stderr, /--emcc: there is no \/no\/emcc/);
  assert.equal((await cli("bundle")).code, 2);
});
