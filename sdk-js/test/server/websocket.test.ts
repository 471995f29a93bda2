// What a page gets that comes again; a real page beside one that misbehaves.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, Compiler } from "jank-hot-reload";
import { WebSocket } from "ws";
import { acknowledgement, hello, TestServer, until, type TestSocket } from "./harness.js";

let server: TestServer;

before(async () => {
  server = await TestServer.start({ "src/app.jank": "(ns app)\n(defn f [] 0)\n(defn g [] 0)\n" });
});

after(() => server.close());

async function realPage(t: { after(body: () => void): void }): Promise<Client> {
  const client = new Client({
    url: server.url,
    name: "real",
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    write: () => undefined,
  });
  t.after(() => client.close());
  await client.ready;
  assert.equal((await client.jankEval("(app/g)")).value, "0");
  return client;
}

const epoch = () => server.server.engine.log.epoch;
const seq = () => server.server.engine.log.seq;
const define = (n: number) => server.eval(`(in-ns 'app)\n(defn f [] ${n})`);

/** The numbers of the patches that a page gets at its handshake. */
async function replayed(epoch: string | null, seq: number): Promise<number[]> {
  const page = await server.page("replay", epoch, seq);
  await page.settle();
  page.destroy();
  return page.patches.map(({ seq }) => seq);
}

test("a page that comes again gets what it missed, and only that", async () => {
  await define(1);
  const had = seq();
  assert.deepEqual(await replayed(epoch(), had), []);
  await define(2);
  const missed = await replayed(epoch(), had);
  assert.equal(missed.at(-1), seq());
  assert.ok(missed.every((n) => n > had));
});

test("a page gets each number once and in order, also when patches are made meanwhile", async () => {
  const page = await server.page();
  page.obey();
  await Promise.all(Array.from({ length: 20 }, (_, i) => define(i)));
  await page.settle();
  const numbers = page.patches.map(({ seq }) => seq);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
  assert.equal(numbers.at(-1), seq());
  page.destroy();
});

test("a page of an epoch that is over, or of numbers that were never, gets everything it needs", async () => {
  const everything = await replayed(null, 0);
  assert.ok(everything.length >= 3);
  assert.deepEqual(await replayed("another", 5), everything);
  assert.deepEqual(await replayed("", Number.MAX_SAFE_INTEGER), everything);
  assert.deepEqual(await replayed(epoch(), Number.MAX_SAFE_INTEGER), everything);
});

test("a second handshake of one connection changes nothing", async () => {
  const page = await server.page("twice");
  await page.settle();
  const count = page.messages.length;
  page.send(hello("other"));
  await page.settle();
  assert.equal(page.messages.length, count + 1, "nothing but the pong");
  assert.equal(server.server.pages.all.filter(({ id }) => id === "other").length, 0);
  page.destroy();
});

const NONSENSE: [string, (page: TestSocket) => void][] = [
  ["not JSON", (page) => page.send("{{{")],
  ["an unknown type", (page) => page.send('{"type":"launch"}')],
  ["binary", (page) => page.send(Buffer.from('{"type":"focus"}'))],
  ["invalid UTF-8", (page) => page.socket.send(Buffer.from([0xc3, 0x28]), { binary: false })],
  ["a wrong version", (page) => page.send({ ...hello("x"), version: 99 })],
  ["no handshake", (page) => page.send({ type: "eval", id: "1", code: "(def harm 1)" })],
  [
    "an answer that nobody waits for",
    (page) =>
      page.send({ type: "eval_result", id: "run-1", ns: "", out: "", err: "", installMs: 0 }),
  ],
  ["an acknowledgement of nothing", (page) => page.send(acknowledgement({ epoch: "e", seq: 9 }))],
  ["17 MiB", (page) => page.send("x".repeat(17 * 1024 * 1024))],
];

test("whatever one connection sends, a real page goes on", async (t) => {
  const client = await realPage(t);
  const errors: unknown[] = [];
  client.on("error", (error) => errors.push(error));
  client.on("disconnect", () => errors.push("disconnect"));
  for (const [what, send] of NONSENSE) {
    const bad = await server.socket();
    send(bad);
    await until(
      "an answer, or the end",
      () => bad.messages.length > 0 || bad.socket.readyState === WebSocket.CLOSED,
    );
    for (const message of bad.messages) assert.equal(message.type, "error", what);
    bad.destroy();
    assert.equal((await client.jankEval("(+ 1 2)")).value, "3", what);
  }
  assert.deepEqual(errors, []);
  assert.equal((await server.eval("(resolve 'user/harm)")).json?.value, "nil");
});

test("another page's acknowledgements do not count for a page", async (t) => {
  const client = await realPage(t);
  const liar = (await server.page("liar")).obey();
  liar.send(acknowledgement({ epoch: epoch(), seq: seq() + 1, status: "failed" }));
  await liar.settle();
  const answer = await client.jankEval("(in-ns 'app) (defn g [] 0)");
  assert.equal(answer.pages.find(({ id }) => id === client.id)?.status, "installed");
  liar.destroy();
});

test("endless recursion in a page is an error to who asked, and the page lives", async (t) => {
  const client = await realPage(t);
  await assert.rejects(
    client.jankEval("(in-ns 'app) (defn deep [n] (+ 1 (deep n))) (deep 1)"),
    /overflow|deep/i,
  );
  assert.equal((await client.jankEval("(+ 1 2)")).value, "3");
  assert.equal(client.invoke("app/g"), 0);
});

test("a thousand edits in a row arrive, and the last one counts", async (t) => {
  const client = await realPage(t);
  const forms = Array.from({ length: 1000 }, (_, i) => `(defn f [] ${i})`).join("\n");
  const { pages } = await client.jankEval(`(in-ns 'app)\n${forms}`);
  assert.equal(pages.find(({ id }) => id === client.id)?.status, "installed");
  assert.equal(client.invoke("app/f"), 999);
  assert.ok((await replayed(null, 0)).length < 20);
});

test("two pages have the same functions and states of their own", async (t) => {
  const [one, two] = [await realPage(t), await realPage(t)];
  await one.jankEval("(in-ns 'app) (def own (atom 0)) (defn bump [] (swap! own inc))");
  await until(
    "the function",
    () => new Compiler(two.runtime).eval("(resolve 'app/bump)").value !== "nil",
  );
  one.invoke("app/bump");
  one.invoke("app/bump");
  two.invoke("app/bump");
  assert.deepEqual(
    [(await one.jankEval("@app/own")).value, (await two.jankEval("@app/own")).value],
    ["2", "1"],
  );
});
