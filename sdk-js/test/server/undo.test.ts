// Going back: every page, and the server's own instance, run the older code again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, JankError, type PatchRecord } from "jank-hot-reload";
import type { TestServer } from "./harness.js";
import { until } from "./harness.js";
import { inPage, isCurrent, openPage, startServer } from "./live-pages.js";

const APP = `(ns app)
(defonce state (atom 0))
(defn f [] 1)
(defn g [] (+ 10 (f)))
`;

const edit = (server: TestServer, code: string) => server.eval(`(in-ns 'app) ${code}`);

test("undo: the last transaction, in every page and on the server; state stays", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const [one, two] = [await openPage(t, server), await openPage(t, server)];
  await one.jankEval("(swap! app/state + 5)", { ns: "user" });
  await edit(server, "(defn f [] 2)");
  await isCurrent(two, server);
  const { changes, pages } = await two.undo();
  assert.deepEqual(changes, [{ name: "app/f", from: 2, to: 1 }]);
  assert.deepEqual(
    pages.map(({ status, changes }) => [status, changes]),
    [
      ["installed", changes],
      ["installed", changes],
    ],
  );
  await isCurrent(one, server);
  for (const page of [one, two]) assert.equal(inPage(page, "(app/g)"), "11");
  assert.equal(inPage(one, "@app/state"), "5");
  assert.equal(await server.here("(app/g)"), "11");
});

test("undo again goes further back; an edit after it is a new version", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  for (const n of [2, 3, 4]) await edit(server, `(defn f [] ${n})`);
  const values: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    await page.undo();
    values.push(page.invoke("app/f"));
  }
  assert.deepEqual(values, [3, 2, 1]);
  await edit(server, "(defn f [] 5)");
  await isCurrent(page, server);
  assert.deepEqual(page.stats().last?.changes, [{ name: "app/f", from: 1, to: 5 }]);
  await page.undo();
  assert.equal(page.invoke("app/f"), 1);
});

test("undo of one var leaves the others", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  await edit(server, "(defn f [] 2)");
  await edit(server, "(defn g [] 0)");
  const { changes } = await page.undo(["app/f"]);
  assert.deepEqual(changes, [{ name: "app/f", from: 2, to: 1 }]);
  assert.deepEqual([page.invoke("app/f"), page.invoke("app/g")], [1, 0]);
});

test("undo of a first definition leaves the var without a value", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  await edit(server, "(defn fresh [] 1)");
  const { changes } = await page.undo();
  assert.deepEqual(changes, [{ name: "app/fresh", from: 1, to: null }]);
  assert.throws(() => page.invoke("app/fresh"), /no such var|unbound/i);
  await edit(server, "(defn fresh [] 7)");
  await isCurrent(page, server);
  assert.equal(page.invoke("app/fresh"), 7);
  const late = await openPage(t, server);
  assert.equal(late.invoke("app/fresh"), 7);
});

test("a page that comes later has what was gone back to, and nothing of what was undone", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  await edit(server, "(defn f [] 2)");
  await edit(server, "(defn gone [] 1)");
  await page.undo();
  await page.undo();
  const late = await openPage(t, server);
  assert.equal(late.invoke("app/g"), 11);
  assert.throws(() => late.invoke("app/gone"));
});

test("a save of several definitions is undone as one", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  server.write("src/app.jank", APP.replace("[] 1)", "[] 2)").replace("10", "20"));
  await until("the save", () => page.invoke("app/g") === 22);
  const { changes } = await page.undo();
  assert.deepEqual(changes, [
    { name: "app/f", from: 2, to: 1 },
    { name: "app/g", from: 2, to: 1 },
  ]);
  assert.equal(page.invoke("app/g"), 11);
});

test("where there is nothing to go back to, that is said, and nothing changes", async (t) => {
  const server = await startServer(t, {});
  const page = await openPage(t, server);
  await assert.rejects(page.undo(), (error: JankError) =>
    /nothing to go back to/.test(error.message),
  );
  await assert.rejects(page.undo(["no/such"]), JankError);
  await edit(server, "(defn f [] 1)");
  await isCurrent(page, server);
  await assert.rejects(page.undo(["", "app", "'"]), JankError);
  assert.equal(page.invoke("app/f"), 1);
});

test("what the program begins with is not undone: neither files, nor what is required", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  assert.equal((await server.eval("(require 'jank.async)")).status, 200);
  await edit(server, "(defn f [] 2)");
  await isCurrent(page, server);
  assert.deepEqual((await page.undo()).changes, [{ name: "app/f", from: 2, to: 1 }]);
  await assert.rejects(page.undo(), /nothing to go back to/);
  assert.equal(inPage(page, "(app/g)"), "11");
  assert.deepEqual((await page.undo(["app/g"])).changes, [{ name: "app/g", from: 1, to: null }]);
});

test("a file that is new is undone, while the server knows it from its save only", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  const path = server.write("src/more.jank", "(ns more)\n(defn h [] 3)\n");
  await server.server.engine.loadFile(path);
  await isCurrent(page, server);
  assert.deepEqual((await page.undo()).changes, [{ name: "more/h", from: 1, to: null }]);
});

test("without a server, a page goes back by itself", async (t) => {
  const page = new Client({ compiler: "local", write: () => undefined });
  t.after(() => page.close());
  const records: PatchRecord[] = [];
  page.on("after-patch", (record) => records.push(record));
  await page.jankEval("(defn f [] 1)");
  await page.jankEval("(defn f [] 2) (defn g [] 3)");
  assert.deepEqual((await page.undo()).changes, [{ name: "user/g", from: 1, to: null }]);
  assert.deepEqual((await page.undo()).changes, [{ name: "user/f", from: 2, to: 1 }]);
  assert.equal(page.invoke("user/f"), 1);
  assert.throws(() => page.invoke("user/g"));
  assert.deepEqual(
    records.map(({ cause, changes }) => [cause, changes[0]?.name, changes[0]?.to]),
    [
      ["eval", "user/f", 1],
      ["eval", "user/f", 2],
      ["eval", "user/g", 1],
      ["undo", "user/g", null],
      ["undo", "user/f", 1],
    ],
  );
  await page.undo();
  await page.jankEval("(require 'jank.async)");
  await assert.rejects(page.undo(), JankError, "what is required is no edit");
});
