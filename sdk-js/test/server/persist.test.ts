// The patch log outlives the server: pages find the same epoch, and nothing is sent,
// or run, a second time.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startServer as startAnother } from "jank-hot-reload/server";
import type { TestServer } from "./harness.js";
import { until } from "./harness.js";
import { inPage, isCurrent, openPage, startServer } from "./live-pages.js";

const APP = `(ns app)
(def starts (atom 0))
(swap! starts inc)
(defn f [] 1)
`;
const KEPT = { persist: true };

const logFile = (server: TestServer) => join(server.root, ".jank-hot", "patches.jsonl");
const state = (server: TestServer) => {
  const { epoch, seq } = server.server.engine.log;
  return { epoch, seq };
};

test("a server that starts again has the same epoch, and sends nothing that pages have", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, KEPT);
  const page = await openPage(t, server);
  await server.eval("(in-ns 'app) (defn typed [] 5)");
  await isCurrent(page, server);
  inPage(page, "(swap! app/starts + 10)");
  const before = state(server);
  const { installed } = page.stats();
  await server.restart();
  await until("the connection", () => page.stats().connected && page.stats().reconnects === 1);
  assert.deepEqual(state(server), before);
  await isCurrent(page, server);
  assert.equal(page.stats().installed, installed);
  assert.equal(inPage(page, "@app/starts"), "11");
  assert.equal(await server.here("[(app/f) (app/typed)]"), "[1 5]");
});

test("what was saved while the server was down is sent when it is up, and only that", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, KEPT);
  const page = await openPage(t, server);
  await server.server.close();
  server.write("src/app.jank", APP.replace("[] 1", "[] 2"));
  await server.restart();
  await until("the edit", () => page.invoke("app/f") === 2);
  assert.deepEqual(page.stats().last?.changes, [{ name: "app/f", from: 1, to: 2 }]);
  assert.equal(inPage(page, "@app/starts"), "1");
});

test("undo reaches over the restart", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, KEPT);
  await server.eval("(in-ns 'app) (defn f [] 2)");
  await server.eval("(in-ns 'app) (defn f [] 3)");
  await server.restart();
  const page = await openPage(t, server);
  await page.undo();
  await server.restart();
  await until("the connection", () => page.stats().connected);
  await page.undo();
  assert.equal(page.invoke("app/f"), 1);
});

test("a last line without its end is dropped; the rest is there", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, KEPT);
  await server.eval("(in-ns 'app) (defn typed [] 5)");
  await server.server.close();
  const before = state(server);
  appendFileSync(logFile(server), '{"type":"transaction","seq":99,"for');
  await server.restart();
  assert.deepEqual(state(server), before);
  assert.equal(await server.here("(app/typed)"), "5");
});

for (const [what, spoil] of [
  ["is no log", () => "hello\n"],
  ["is empty", () => ""],
  ["is of another build", (text: string) => text.replace(/"build":"\w/, '"build":"_')],
  ["is of another format", (text: string) => text.replace('"format":1', '"format":99')],
] as const)
  test(`a log that ${what} begins anew`, async (t) => {
    const server = await startServer(t, { "src/app.jank": APP }, KEPT);
    const { epoch } = state(server);
    await server.server.close();
    writeFileSync(logFile(server), spoil(readFileSync(logFile(server), "utf8")));
    await server.restart();
    assert.notEqual(state(server).epoch, epoch);
    assert.equal(await server.here("(app/f)"), "1");
  });

test("fresh: the log that is there is forgotten", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, { persist: true, fresh: true });
  await server.eval("(in-ns 'app) (defn typed [] 5)");
  const { epoch } = state(server);
  await server.restart();
  assert.notEqual(state(server).epoch, epoch);
  assert.equal(await server.here("(resolve 'app/typed)"), "nil");
});

test("two servers on one folder: the second goes without the log, and says so", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, KEPT);
  const lines: string[] = [];
  const other = await startAnother({
    root: server.root,
    port: 0,
    wsPort: 0,
    nreplPort: 0,
    portFile: false,
    log: (line) => lines.push(line),
  });
  t.after(() => other.close());
  assert.ok(lines.some((line) => /the patch log is not kept: another server/.test(line)));
  assert.notEqual(other.engine.log.epoch, state(server).epoch);
});

test("without persist nothing is written", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, { persist: false });
  assert.ok(!existsSync(logFile(server)));
});

test("ten thousand edits leave a log of bounded size", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, KEPT);
  const { log } = server.server.engine;
  const { result } = { result: await server.server.engine.evaluate("(in-ns 'app) (defn f [] 2)") };
  assert.equal(result.error, undefined);
  const form = log.since(null, 0).at(-1);
  assert.ok(form);
  const bytes = new Uint8Array(Buffer.from(form.data, "base64"));
  for (let i = 0; i < 10_000; i++)
    log.append([
      {
        entry: form.symbolName,
        kind: "def",
        ns: "app",
        line: 1,
        column: 1,
        hash: form.hash,
        symbols: form.symbols,
        bytes,
        compileMs: 1,
      },
    ]);
  const { size } = (await import("node:fs")).statSync(logFile(server));
  assert.ok(size < 10 * 1024 * 1024, `${size} bytes`);
});
