// How a page catches up: from the server's side with raw sockets, from the page's
// with a socket that says what a real server has said, in any order.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Compiler, Client, type PatchRecord } from "jank-hot-reload";
import { WebSocket, WebSocketServer } from "ws";
import { PROTOCOL_VERSION, type ClientMessage, type ServerMessage } from "../../src/protocol.js";
import { Random } from "../fuzz/random.js";
import { until, type TestServer } from "./harness.js";
import { inPage, isCurrent, openPage, startServer } from "./live-pages.js";

const APP = `(ns app)
(def runs (atom []))
(defn f [] 0)
(defn g [] 0)
`;

const APP_FILE = { "src/app.jank": APP };
type Patch = Extract<ServerMessage, { type: "patch" }>;

const define = (server: TestServer, name: string, n: number) =>
  server.eval(`(ns app) (defn ${name} [] ${n})`);

/** The application with more forms is saved. */
async function save(server: TestServer, forms: string): Promise<void> {
  const { log } = server.server.engine;
  const { seq } = log;
  server.write("src/app.jank", APP + forms);
  await until("the save", () => log.seq > seq);
}

// ---- The server ------------------------------------------------------------------

test("what is asked for again comes from that number on, each patch naming the one before", async (t) => {
  const server = await startServer(t, APP_FILE);
  const page = (await server.page()).obey();
  await page.settle();
  const { epoch, seq: had } = server.server.engine.log;
  for (const [name, n] of [
    ["f", 1],
    ["g", 1],
    ["f", 2],
    ["f", 3],
    ["g", 2],
  ] as const)
    // prettier-ignore
    await define(server, name, n);
  await page.settle();
  const before = page.patches.length;
  page.send({ type: "resume", epoch, seq: had });
  await page.settle();
  const again = page.patches.slice(before);
  assert.ok(again.length >= 2 && again.length < 5, "compacted");
  for (const [i, { seq, after }] of again.entries()) {
    assert.equal(after, again[i - 1]?.seq ?? had);
    assert.ok(seq > after);
  }
  const current = page.messages.filter(({ type }) => type === "current").at(-1);
  const { seq } = server.server.engine.log;
  assert.deepEqual(current, { type: "current", epoch, after: again.at(-1)?.seq, seq });
});

test("a page whose number lies in a gap of the log gets what is newer, and the number to go on from", async (t) => {
  const server = await startServer(t, APP_FILE);
  for (let n = 1; n < 8; n++) await define(server, "f", n);
  const { epoch, seq } = server.server.engine.log;
  const page = await server.page("page", epoch, seq - 3);
  await page.settle();
  assert.deepEqual(
    page.patches.map((patch) => [patch.seq, patch.after, patch.commit]),
    [[seq, seq - 3, seq]],
  );
});

for (const [what, of] of [
  ["beyond the log", (epoch: string) => ({ epoch, seq: 1_000_000 })],
  ["of another epoch", () => ({ epoch: "another", seq: 3 })],
  ["of none", () => ({ epoch: null, seq: 3 })],
] as const)
  test(`a number ${what} is answered with everything`, async (t) => {
    const server = await startServer(t, APP_FILE);
    const page = await server.page();
    await page.settle();
    const everything = page.patches.map(({ seq }) => seq);
    page.send({ type: "resume", ...of(server.server.engine.log.epoch) });
    await page.settle();
    assert.deepEqual(
      page.patches.map(({ seq }) => seq),
      [...everything, ...everything],
    );
    assert.equal(page.patches[everything.length]?.after, 0);
  });

for (const seq of ["-1", "1.5", '"1"', "null", "1e400"])
  test(`a number that is none, ${seq}, is an error to its sender, and nothing else`, async (t) => {
    const server = await startServer(t, APP_FILE);
    const [page, other] = [await server.page("page"), await server.page("other")];
    await Promise.all([page.settle(), other.settle()]);
    const [count, others] = [page.messages.length, other.messages.length];
    page.send(`{"type":"resume","epoch":null,"seq":${seq}}`);
    const { error } = await page.next("error");
    assert.match(error.message, /resume: bad or missing field "seq"/);
    await Promise.all([page.settle(), other.settle()]);
    assert.equal(page.messages.length, count + 2, "the error and a pong");
    assert.equal(other.messages.length, others + 1, "a pong");
  });

test("a new epoch: everything comes again, and what a page has is not run again", async (t) => {
  const server = await startServer(t, APP_FILE, { persist: true, fresh: true });
  await save(server, "(swap! runs conj :saved)");
  const page = await openPage(t, server);
  new Compiler(page.runtime).eval("(swap! app/runs conj :own)");
  const { epoch, installed } = page.stats();
  await server.restart();
  await isCurrent(page, server);
  assert.notEqual(page.stats().epoch, epoch);
  assert.equal(page.stats().installed, installed);
  assert.equal(inPage(page, "@app/runs"), "[:saved :own]");
  await define(server, "f", 7);
  await until("the next edit", () => page.invoke("app/f") === 7);
});

test("a server that is killed right after a patch was written runs nothing of its file again", async (t) => {
  const server = await startServer(t, APP_FILE, { persist: true });
  const page = await openPage(t, server);
  await save(server, "(swap! runs conj :once)");
  await until("the form", () => inPage(page, "@app/runs") === "[:once]");
  await server.server.close();
  // What the log is when the next record was not written.
  const path = join(server.root, ".jank-hot", "patches.jsonl");
  const lines = readFileSync(path, "utf8").split("\n");
  const end = lines.map((line) => line.startsWith('{"type":"transaction"')).lastIndexOf(true);
  writeFileSync(path, `${lines.slice(0, end + 1).join("\n")}\n`);
  await server.restart();
  await isCurrent(page, server);
  assert.equal(inPage(page, "@app/runs"), "[:once]");
  assert.equal(await server.here("@app/runs"), "[:once]");
});

test("what is saved while the server starts is not missed", async (t) => {
  // So many folders that to watch them takes its time.
  const folders = Array.from({ length: 400 }, (_, i) => [`src/folder${i}/notes.txt`, ""]);
  const server = await startServer(t, { ...APP_FILE, ...Object.fromEntries(folders) });
  await server.server.close();
  const starting = server.restart();
  const { port } = server.server;
  // As soon as somebody can connect.
  for (let isThere = false; !isThere;) {
    const socket = new WebSocket(`ws://localhost:${port}/repl`);
    socket.on("error", () => undefined);
    await new Promise((done) => socket.on("open", done).on("close", done));
    isThere = socket.readyState === WebSocket.OPEN;
    socket.terminate();
  }
  server.write("src/app.jank", APP.replace("(defn f [] 0)", "(defn f [] 1)"));
  await starting;
  const page = await openPage(t, server);
  await until("the edit", () => page.invoke("app/f") === 1);
});

// ---- The page --------------------------------------------------------------------

/** A server that says only what it is told to, of what a real one has said. */
class Script {
  readonly received: ClientMessage[] = [];
  readonly #server = new WebSocketServer({ port: 0, host: "127.0.0.1" });

  constructor(readonly epoch: string) {
    this.#server.on("connection", (socket) => {
      socket.on("error", () => undefined);
      socket.on("message", (data: Buffer) =>
        this.received.push(JSON.parse(data.toString()) as ClientMessage),
      );
    });
  }

  async page(t: TestContext): Promise<{ client: Client; records: PatchRecord[] }> {
    await once(this.#server, "listening");
    const client = new Client({
      url: `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
      backoff: { first: 10, most: 20 },
      heartbeat: 100_000,
      write: () => undefined,
    });
    t.after(() => {
      client.close();
      this.cut();
      this.#server.close();
    });
    const records: PatchRecord[] = [];
    client.on("after-patch", (record) => records.push(record));
    await this.asks("handshake");
    return { client, records };
  }

  say(...messages: ServerMessage[]): void {
    for (const socket of this.#server.clients)
      for (const message of messages) socket.send(JSON.stringify(message));
  }

  welcome(seq: number): void {
    this.say({ type: "handshake_ack", version: PROTOCOL_VERSION, epoch: this.epoch, seq });
  }

  /** What the page sends next of this type. */
  async asks<T extends ClientMessage["type"]>(type: T): Promise<ClientMessage & { type: T }> {
    const at = await until(`"${type}"`, () => {
      const i = this.received.findIndex((message) => message.type === type);
      return i < 0 ? undefined : { i };
    });
    return this.received.splice(at.i, 1)[0] as ClientMessage & { type: T };
  }

  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }
}

/** What a real server has sent of these edits, one after the other; the application first. */
async function recorded(t: TestContext, edits: string[]): Promise<Patch[]> {
  const server = await startServer(t, APP_FILE);
  const page = (await server.page()).obey();
  for (const code of edits)
    await server.server.engine.evaluate(code, { ns: "app", page: "server" });
  await page.settle();
  return page.patches;
}

const last = (patches: Patch[]): number => patches.at(-1)?.seq ?? 0;

test("a page asks for what is missing in between, once, and installs it in order", async (t) => {
  const patches = await recorded(t, ["(defn f [] 1)", "(defn f [] 2)", "(defn g [] (f))"]);
  const script = new Script(patches[0]?.epoch ?? "");
  const { client, records } = await script.page(t);
  script.welcome(last(patches));
  const at = patches.length - 3;
  script.say(...patches.filter((_, i) => i !== at));
  const { seq } = await script.asks("resume");
  assert.equal(seq, patches[at - 1]?.seq);
  script.say(...patches.slice(at));
  await until("all", () => client.stats().seq === last(patches));
  assert.equal(client.invoke("app/g"), 2);
  assert.ok(!script.received.some(({ type }) => type === "resume"));
  assert.deepEqual(
    records.map((record) => record.seq),
    [...new Set(patches.map(({ commit }) => commit))],
  );
});

test("messages that come twice, late and in any order: each transaction once, in order", async (t) => {
  const random = new Random(11);
  const edits = Array.from({ length: 12 }, (_, i) => `(defn ${i % 2 ? "f" : "g"} [] ${i})`);
  const patches = await recorded(t, edits);
  const { epoch = "" } = patches[0] ?? {};
  for (let round = 0; round < 20; round++) {
    const script = new Script(epoch);
    const { client, records } = await script.page(t);
    script.welcome(last(patches));
    const bag = [...patches, ...patches].map((patch) => ({ patch, at: random.below(1000) }));
    script.say(...bag.sort((a, b) => a.at - b.at).map(({ patch }) => patch));
    const isDone = () => client.stats().seq === last(patches);
    while (!isDone()) {
      await until("all, or a question", () => isDone() || script.received.length > 0);
      const question = script.received.shift();
      if (question?.type !== "resume") continue;
      script.say(...patches.filter(({ seq }) => seq > question.seq));
    }
    const seqs = records.map(({ seq }) => seq);
    assert.deepEqual(seqs, [...new Set(patches.map(({ commit }) => commit))]);
    assert.deepEqual([client.invoke("app/g"), client.invoke("app/f")], [10, 11]);
    client.close();
  }
});

test("a welcome that comes a second time, late, does not start the page over", async (t) => {
  const patches = await recorded(t, ["(defn f [] 1)", "(defn f [] 2)"]);
  const script = new Script(patches[0]?.epoch ?? "");
  const { client, records } = await script.page(t);
  script.welcome(0);
  script.say(...patches);
  await until("all", () => client.stats().seq === last(patches));
  const count = records.length;
  script.welcome(0);
  script.say(...patches);
  script.say({ type: "pong", at: 1, epoch: script.epoch, seq: last(patches) + 1 });
  assert.equal((await script.asks("resume")).seq, last(patches));
  assert.equal(records.length, count);
});

test("a patch that overtakes the welcome is not taken for one of a longer log", async (t) => {
  const patches = await recorded(t, ["(defn f [] 1)", "(defn f [] 2)"]);
  const [next, before] = [patches.at(-1) as Patch, patches.slice(0, -1)];
  const script = new Script(next.epoch);
  const { client, records } = await script.page(t);
  script.welcome(last(before));
  script.say(...before);
  await until("the first", () => client.stats().seq === last(before));
  script.cut();
  await script.asks("handshake");
  script.say(next);
  script.welcome(last(before));
  script.say({ type: "pong", at: 1, epoch: next.epoch, seq: next.seq });
  assert.equal((await script.asks("resume")).seq, last(before));
  script.say(next);
  await until("the last", () => client.stats().seq === next.seq);
  assert.equal(new Set(records.map(({ seq }) => seq)).size, records.length);
  assert.equal(client.invoke("app/f"), 2);
});

test("a transaction of which half has come when the connection is cut is applied once, whole", async (t) => {
  const patches = await recorded(t, []);
  assert.ok(patches.length > 3 && patches.every(({ commit }) => commit === last(patches)));
  const script = new Script(patches[0]?.epoch ?? "");
  const { client, records } = await script.page(t);
  for (const half of [1, 2, 3]) {
    script.welcome(last(patches));
    script.say(...patches.slice(0, half));
    script.cut();
    const { seq } = await script.asks("handshake");
    assert.equal(seq, 0);
    assert.equal(records.length, 0);
    assert.notEqual(new Compiler(client.runtime).eval("(find-ns 'app)").value, "app");
  }
  script.welcome(last(patches));
  script.say(...patches);
  await until("all", () => client.stats().seq === last(patches));
  assert.deepEqual(
    records.map(({ seq }) => seq),
    [last(patches)],
  );
});

test("half a transaction, the rest of which is superseded meanwhile, does not become part of the next", async (t) => {
  const [ns, runs, f, g, next] = (await recorded(t, ["(defn g [] 1)"])) as [Patch, ...Patch[]];
  assert.ok(runs && f && g && next);
  const script = new Script(ns.epoch);
  const { client, records } = await script.page(t);
  script.welcome(g.seq);
  script.say(ns, runs, f);
  // Compacted: g of the first transaction is gone.
  script.say({ ...next, after: f.seq });
  assert.equal((await script.asks("resume")).seq, 0);
  const whole = [ns, runs, f].map((patch) => ({ ...patch, commit: f.seq }));
  script.say(...whole, { ...next, after: f.seq });
  script.say({ type: "current", epoch: ns.epoch, after: next.seq, seq: next.seq });
  await until("all", () => client.stats().seq === next.seq);
  assert.deepEqual(
    records.map(({ seq }) => seq),
    [f.seq, next.seq],
  );
});

test("`current` closes a gap at the end, and asks when something is missing before it", async (t) => {
  const patches = await recorded(t, ["(defn f [] 1)"]);
  const [next, before] = [patches.at(-1) as Patch, patches.slice(0, -1)];
  const script = new Script(next.epoch);
  const { client } = await script.page(t);
  const seq = last(before);
  const current = (after: number, to: number) =>
    script.say({ type: "current", epoch: next.epoch, after, seq: to });
  script.welcome(seq + 5);
  script.say(...before);
  current(seq, seq + 5);
  await until("the gap", () => client.stats().seq === seq + 5);
  current(seq, seq + 2); // late
  script.say({ ...next, seq: seq + 6, after: seq + 5, commit: seq + 6 });
  await until("the next", () => client.stats().seq === seq + 6);
  assert.equal(client.invoke("app/f"), 1);
  current(seq + 8, seq + 9);
  assert.equal((await script.asks("resume")).seq, seq + 6);
});

test("an expression that overtakes the definitions it needs waits for them", async (t) => {
  const server = await startServer(t, APP_FILE);
  const page = await server.page();
  const { log } = server.server.engine;
  await save(server, "(defn h [] 42)");
  void server.server.engine.evaluate("(app/h)").catch(() => undefined);
  const run = await page.next("run");
  assert.equal(run.after, log.seq);
  const script = new Script(log.epoch);
  const { client } = await script.page(t);
  script.welcome(log.seq);
  script.say(run, ...page.patches, run);
  const { id, value } = await script.asks("eval_result");
  assert.deepEqual([id, value], [run.id, "42"]);
  script.say({ type: "current", epoch: log.epoch, after: log.seq, seq: log.seq });
  await until("the page", () => client.stats().seq === log.seq);
  assert.ok(!script.received.some(({ type }) => type === "eval_result"), "run once");
});
