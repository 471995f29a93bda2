// A save is one transaction: a page has all of it or nothing, says what it changed,
// and calls the program's hooks around it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErrorReport } from "jank-hot-reload";
import { pause, until } from "./harness.js";
import { inPage, isCurrent, openPage, startServer } from "./live-pages.js";

const APP = `(ns app)
(defonce log (atom []))
(defn f [] 1)
(defn g [] 1)
`;

test("a page says of each var from which version to which it went, and how long it took", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  server.write("src/app.jank", APP.replaceAll("[] 1)", "[] 2)"));
  await until("the save", () => page.invoke("app/g") === 2);
  const last = page.stats().last;
  assert.deepEqual(last?.changes, [
    { name: "app/f", from: 1, to: 2 },
    { name: "app/g", from: 1, to: 2 },
  ]);
  assert.equal(last.cause, "save");
  assert.match(last.file ?? "", /app\.jank$/);
  assert.ok(last.compileMs > 0 && last.installMs > 0 && last.transferMs >= 0);
  const { json } = await server.http("/status");
  const [told] = json?.pages as { last: { changes: unknown; status: string } }[];
  assert.deepEqual([told?.last.status, told?.last.changes], ["installed", last.changes]);
  await until("a line for the developer", () =>
    server.lines.some((line) => /app\/f v1 -> v2, app\/g v1 -> v2/.test(line)),
  );
});

test("a file that is loaded while the server closes is answered with an error", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const path = server.write("src/slow.jank", "(ns slow)\n(while true)\n");
  const loads = [server.server.engine.loadFile(path), server.server.engine.loadFile(path)];
  await pause(50);
  await server.server.engine.close();
  for (const { error } of await Promise.all(loads))
    assert.match(error?.message ?? "no error", /instance ended|server has ended/);
});

test("of a var that a save defines twice, the first and the last version are told", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  server.write("src/app.jank", `${APP}(defn twice [] 1)\n(defn twice [] 2)\n`);
  await until("the save", () => page.stats().last?.changes[0]?.name === "app/twice");
  assert.deepEqual(page.stats().last?.changes, [{ name: "app/twice", from: null, to: 2 }]);
});

test("when one of its patches is refused, a page keeps all of the old code, and says why", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server);
  const errors: ErrorReport[] = [];
  page.on("error", (error) => errors.push(error));
  // It throws in pages only: the server's own instance has no such value.
  inPage(page, "(ns app) (def mine true)");
  server.write(
    "src/app.jank",
    `${APP.replaceAll("[] 1)", "[] 2)")}(when (some-> (resolve 'app/mine) deref) (throw (ex-info "not here" {})))\n`,
  );
  await until("the refusal", () => errors.length > 0);
  assert.match(errors[0]?.message ?? "", /not here/);
  assert.deepEqual([page.invoke("app/f"), page.invoke("app/g")], [1, 1]);
  assert.equal(await server.here("(app/f)"), "2");
  assert.deepEqual([page.stats().failed, page.stats().last?.changes], [1, []]);
  await until("a line for the developer", () =>
    server.lines.some((line) => /in the page "page": refused: .*not here/.test(line)),
  );
  server.write("src/app.jank", APP.replaceAll("[] 1)", "[] 3)"));
  await until("the next save", () => page.invoke("app/g") === 3);
});

test("a transaction of which the connection has brought half is not applied, and comes whole", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const raw = await server.page("raw");
  await raw.settle();
  const [, ...parts] = raw.patches;
  assert.deepEqual(new Set(raw.patches.map(({ commit }) => commit)), new Set([4]));
  assert.equal(parts.length, 3);
});

test("hooks are called before and after what is saved, in order, and waited for", async (t) => {
  const hooks = `(ns hooks (:require [app]))
(defn ^:dev/before-load stop [] (swap! app/log conj :stop) (js/Promise. (fn [done] (js/setTimeout (fn [] (swap! app/log conj :stopped) (done nil)) 20))))
(defn ^:dev/after-load start [] (swap! app/log conj [:start (app/f)]))
`;
  const server = await startServer(t, { "src/app.jank": APP, "src/hooks.jank": hooks });
  const page = await openPage(t, server);
  inPage(page, "(reset! app/log [])");
  server.write("src/app.jank", APP.replaceAll("[] 1)", "[] 2)"));
  await until("the hooks", () => inPage(page, "(count @app/log)") === "3");
  assert.equal(inPage(page, "@app/log"), "[:stop :stopped [:start 2]]");
  await page.jankEval("(defn f [] 3)", { ns: "app" });
  assert.equal(inPage(page, "(count @app/log)"), "3", "typing calls no hooks");
});

test("a hook that throws is told, and the patch is installed", async (t) => {
  const server = await startServer(t, {
    "src/app.jank": `${APP}(defn ^:dev/before-load stop [] (throw (ex-info "cannot stop" {})))\n`,
  });
  const page = await openPage(t, server);
  const errors: string[] = [];
  page.on("error", ({ message }) => errors.push(message));
  server.write("src/app.jank", APP.replaceAll("[] 1)", "[] 2)"));
  await until("the save", () => page.invoke("app/g") === 2);
  assert.deepEqual(errors, ["cannot stop"]);
});

test("what waits behind a hook comes after it, in its order", async (t) => {
  const slow = `${APP}(defn ^:dev/before-load stop [] (js/Promise. (fn [done] (js/setTimeout (fn [] (done nil)) 50))))\n`;
  const server = await startServer(t, { "src/app.jank": slow });
  const page = await openPage(t, server);
  const { seq } = server.server.engine.log;
  server.write("src/app.jank", slow.replaceAll("[] 1)", "[] 2)"));
  await until("the patch on its way", () => page.stats().seq > seq);
  const { value } = await page.jankEval("(app/f)", { ns: "user" });
  assert.equal(value, "2");
});

test("^:dev/once and defonce keep their value; ^:dev/always runs on every save", async (t) => {
  const text = (n: number) => `(ns app)
(defonce log (atom []))
(def ^:dev/once kept ${n})
(def ^:dev/always seen (swap! log conj :again))
(defn f [] ${n})
`;
  const server = await startServer(t, { "src/app.jank": text(1) });
  const page = await openPage(t, server);
  server.write("src/app.jank", text(2));
  await until("the save", () => page.invoke("app/f") === 2);
  assert.equal(inPage(page, "[app/kept @app/log]"), "[1 [:again :again]]");
});

test("rollback: what throws right after it was patched is gone back from, everywhere", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP });
  const page = await openPage(t, server, { rollback: true });
  const other = await openPage(t, server);
  const rolledBack: { message: string; changes: unknown }[] = [];
  page.on("rollback", ({ error, changes }) => rolledBack.push({ message: error.message, changes }));
  server.write("src/app.jank", APP.replace("f [] 1)", "f [] (/ 1 0))"));
  await until("the save", () => page.stats().last?.changes[0]?.to === 2);
  assert.throws(() => page.invoke("app/f"), /Divide by zero/);
  await until("the old code", () => rolledBack.length > 0);
  assert.deepEqual(rolledBack, [
    { message: "Divide by zero", changes: [{ name: "app/f", from: 2, to: 1 }] },
  ]);
  assert.equal(page.invoke("app/f"), 1);
  await isCurrent(other, server);
  assert.equal(other.invoke("app/f"), 1);
  await until("a line for the developer", () =>
    server.lines.some((line) => /rolled back: app\/f v2 -> v1/.test(line)),
  );
});

test("without the option nothing is rolled back, and neither is what was not patched just now", async (t) => {
  const server = await startServer(t, {
    "src/app.jank": `${APP}(defn bad [] (/ 1 0))\n`,
  });
  const plain = await openPage(t, server);
  const careful = await openPage(t, server, { rollback: 200 });
  await pause(250);
  assert.throws(() => careful.invoke("app/bad"));
  server.write("src/app.jank", `${APP}(defn bad [] (/ 2 0))\n`);
  await until("the save", () => plain.stats().last?.changes[0]?.to === 2);
  assert.throws(() => plain.invoke("app/bad"));
  await pause(50);
  assert.equal(server.server.engine.log.versions.find(([name]) => name === "app/bad")?.[1], 2);
});
