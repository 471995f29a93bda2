// A page that does not read, and one that is not there: nobody else waits for them,
// and what waits for them is bounded.

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { Compiler, Client } from "jank-hot-reload";
import { WebSocket } from "ws";
import { hello, until, type TestServer } from "./harness.js";
import { openPage, startServer } from "./live-pages.js";

const APP_FILE = { "src/app.jank": '(ns app)\n(defn f [] 0)\n(def big "")\n' };
const MIB = 1024 * 1024;
/** See MAX_BACKLOG of pages.ts. */
const BACKLOG = 16 * MIB;

/** A page of which nothing is read any more. */
async function deadPage(t: TestContext, server: TestServer): Promise<WebSocket> {
  let tcp!: Socket;
  const createConnection = () => (tcp = connect(server.server.wsPort, "127.0.0.1"));
  const socket = new WebSocket(server.url, { createConnection } as never);
  socket.on("error", () => undefined);
  t.after(() => socket.terminate());
  await new Promise((done) => socket.once("open", done));
  socket.send(JSON.stringify(hello("dead")));
  await new Promise((done) => socket.once("message", done));
  tcp.pause();
  return socket;
}

const isThere = (server: TestServer) => server.server.pages.find("dead") !== undefined;

/** What waits for it in the server. */
const backlog = (server: TestServer) =>
  server.server.pages.find("dead")?.socket.bufferedAmount ?? 0;

test("a page that does not read holds up no other, is cut off at the limit, and catches up", async (t) => {
  const server = await startServer(t, APP_FILE);
  await deadPage(t, server);
  const page = await openPage(t, server);
  new Compiler(page.runtime).eval("(ns own) (def state (atom 1))");
  const { engine } = server.server;
  let most = 0;
  let edits = 0;
  const reports: Promise<unknown>[] = [];
  while (isThere(server)) {
    const n = ++edits;
    assert.ok(n < 100, "it is never cut off");
    reports.push(engine.evaluate(`(def big "${"x".repeat(MIB)}") (defn f [] ${n})`, { ns: "app" }));
    const started = performance.now();
    await until(`edit ${n} in the other page`, () => page.invoke("app/f") === n);
    assert.equal((await page.jankEval("(app/f)")).value, `${n}`);
    assert.ok(performance.now() - started < 2500, "it waits for the dead page");
    most = Math.max(most, backlog(server));
  }
  assert.ok(most > MIB, "nothing has waited");
  assert.ok(most < BACKLOG + 4 * MIB, `${most} bytes have waited`);
  await Promise.all(reports);
  const again = await server.page("dead");
  await again.settle();
  assert.equal(again.messages.find(({ type }) => type === "current")?.type, "current");
  assert.equal(again.patches.at(-1)?.seq, engine.log.seq);
  assert.ok(again.patches.length < 10, "what was superseded is not sent");
  assert.equal(page.stats().reconnects, 0);
});

test("a good save that a dead page is late to answer does not hide the error of the next one", async (t) => {
  const server = await startServer(t, APP_FILE);
  await deadPage(t, server);
  const page = await openPage(t, server);
  const app = (n: number) => `(ns app)\n(defn f [] ${n})\n`;
  server.write("src/app.jank", app(1));
  await until("the good save", () => page.invoke("app/f") === 1);
  server.write("src/app.jank", `${app(2)}(wrong)\n`);
  const told = (what: RegExp) => server.lines.findIndex((line) => what.test(line));
  await until(
    "both reports",
    () => told(/Unable to resolve.*wrong/) >= 0 && told(/f v1 -> v2/) >= 0,
  );
  assert.ok(told(/Unable to resolve/) < told(/f v1 -> v2/), "the good save is reported later");
  const { json } = await server.http("/status");
  assert.equal((json?.errors as unknown[]).length, 1);
});

test("a page that asks and never reads the answers is cut off, too", async (t) => {
  const server = await startServer(t, APP_FILE);
  const dead = await deadPage(t, server);
  const page = await openPage(t, server);
  const pings = '{"type":"ping","at":1}';
  let most = 0;
  for (let i = 0; isThere(server); i++) {
    assert.ok(i < 2_000, "it is never cut off");
    for (let n = 0; n < 1000; n++) dead.send(pings);
    await until("its questions", () => dead.bufferedAmount < MIB || !isThere(server));
    most = Math.max(most, backlog(server));
  }
  assert.ok(most < BACKLOG + 4 * MIB, `${most} bytes have waited`);
  assert.equal((await page.jankEval("(app/f)")).value, "0");
});

test("what a page asks while there is no server is bounded, and more is refused clearly", async (t) => {
  const client = new Client({
    url: "ws://127.0.0.1:9/repl",
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    write: () => undefined,
  });
  t.after(() => client.close());
  await client.ready;
  const waiting = Array.from({ length: 1000 }, () => client.jankEval("1"));
  for (const each of waiting) each.catch(() => undefined);
  assert.equal(client.stats().queued, 1000);
  for (const ask of [() => client.jankEval("1"), () => client.undo()])
    await assert.rejects(ask, /too many requests are waiting/);
  assert.equal(client.stats().queued, 1000);
  client.close();
  for (const each of waiting) await assert.rejects(each, /the client is closed/);
  assert.equal(client.stats().queued, 0);
});
