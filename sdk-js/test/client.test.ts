import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, test } from "node:test";
import { Client, Compiler, JankError, Runtime, type ConnectOptions } from "jank-hot-reload";
import { WebSocket, WebSocketServer } from "ws";
import { backoffDelay } from "../src/client/connection.js";
import type { ClientMessage, PatchSymbol, ServerMessage } from "../src/protocol.js";
import { pause, TestServer, until } from "./server/harness.js";
import { nodeClient } from "./server/live-pages.js";

const SOURCE = `(ns app)
(def counter (atom 0))
(swap! counter inc)
(defn f [x] (+ 1 x))
`;

let server: TestServer;
const clients: Client[] = [];

before(async () => {
  server = await TestServer.start({ "src/app.jank": SOURCE });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

after(() => server.close());

/** A page in Node, with a runtime of its own. */
async function page(options: ConnectOptions = {}): Promise<Client> {
  const backoff = { first: 20, most: 100 };
  const client = nodeClient(server, { name: "test", backoff, ...options });
  clients.push(client);
  await client.ready;
  return client;
}

const connected = (client: Client) => until("the connection", () => client.stats().connected);
/** It knows this server, and has what it has sent. */
async function current(client: Client): Promise<void> {
  await until("the welcome", () => client.stats().epoch === server.server.engine.log.epoch);
  await client.jankEval("nil", { ns: "user" });
}

async function connectedPage(options?: ConnectOptions): Promise<Client> {
  const client = await page(options);
  await current(client);
  return client;
}

// ---- Back-off -------------------------------------------------------------------

test("the delay's bound doubles up to its most", () => {
  const bound = (attempt: number) => backoffDelay(attempt, { first: 100, most: 5000 }, () => 1);
  assert.deepEqual(
    [0, 1, 2, 3, 5, 6, 100, 1e9].map(bound),
    [100, 200, 400, 800, 3200, 5000, 5000, 5000],
  );
});

test("the delay is anything up to its bound, and never none", () => {
  const delays = Array.from({ length: 1000 }, () => backoffDelay(3, { first: 100, most: 5000 }));
  assert.ok(delays.every((delay) => delay >= 10 && delay <= 800));
  assert.ok(Math.min(...delays) < 100 && Math.max(...delays) > 700, "jitter over the whole range");
  assert.equal(
    backoffDelay(0, { first: 100, most: 5000 }, () => 0),
    10,
  );
});

// ---- With a server --------------------------------------------------------------

test("a page that connects has what the application's files define", async () => {
  const client = await connectedPage();
  assert.equal(client.invoke("app/f", 1), 2);
});

test("before it is ready, the runtime says that it is loading", async () => {
  const client = new Client({ url: server.url });
  clients.push(client);
  assert.throws(() => client.invoke("app/f", 1), /still loading/);
  assert.equal(client.stats().runtime, null);
  client.close();
  await client.ready;
});

test("a signal that is aborted after the answer, or before the question, disturbs nothing", async () => {
  const client = await connectedPage();
  const errors: unknown[] = [];
  client.on("error", (error) => errors.push(error));
  const controller = new AbortController();
  const { signal } = controller;
  await client.jankEval("(ns app) (def asked 0)", { signal });
  controller.abort();
  const late = client.jankEval("(def asked 1)", { ns: "app", signal });
  await assert.rejects(late, ({ report }: JankError) => report.class === "InterruptedException");
  assert.equal((await client.jankEval("app/asked")).value, "0");
  assert.deepEqual(errors, []);
});

test("an evaluation gives value, namespace and output of this page", async () => {
  const client = await connectedPage();
  const printed: string[] = [];
  client.on("output", ({ text }) => printed.push(text));
  const result = await client.jankEval("(ns app) (defn g [] 7) (println :here) (* 6 (g))");
  assert.equal(result.value, "42");
  assert.equal(result.ns, "app");
  assert.equal(result.out, ":here\n");
  assert.equal(result.pages.find(({ id }) => id === client.id)?.status, "installed");
  assert.equal(printed.join(""), ":here\n");
});

test("an evaluation begins where the last one ended, or where it is told", async () => {
  const client = await connectedPage();
  await client.jankEval("(ns app)");
  assert.equal((await client.jankEval("(f 1)")).value, "2");
  assert.equal((await client.jankEval("(str *ns*)", { ns: "user" })).value, '"user"');
  assert.equal((await client.jankEval("(f 1)")).value, "2");
});

test("an error rejects with a report that has the place", async () => {
  const client = await connectedPage();
  await assert.rejects(
    client.jankEval("(+ 1\n  (nonsense))", { file: "typed.jank", line: 10 }),
    (thrown) => {
      assert.ok(thrown instanceof JankError);
      assert.equal(thrown.report.file, "typed.jank");
      assert.equal(thrown.report.line, 11);
      assert.match(thrown.report.excerpt ?? "", /\^/);
      return true;
    },
  );
  assert.equal((await client.jankEval("(+ 1 2)")).value, "3");
});

test("a definition is in every page, an expression runs in the page that asked", async () => {
  const [one, two] = [await connectedPage(), await connectedPage()];
  await one.jankEval("(ns app) (def mine (atom 0))");
  await one.jankEval("(swap! mine inc)");
  assert.equal((await one.jankEval("@app/mine")).value, "1");
  assert.equal((await two.jankEval("@app/mine")).value, "0");
});

test("events tell of a patch before and after", async () => {
  const client = await connectedPage();
  const events: string[] = [];
  client.on("before-patch", ({ symbols }) => events.push(`before ${symbols[0]?.name}`));
  const stop = client.on("after-patch", ({ symbols, installMs, bytes, error }) => {
    assert.ok(installMs > 0 && bytes > 0 && !error);
    events.push(`after ${symbols[0]?.name}`);
  });
  await client.jankEval("(ns app)");
  events.length = 0;
  await client.jankEval("(defn told [] 1)");
  assert.deepEqual(events, ["before app/told", "after app/told"]);
  stop();
  await client.jankEval("(defn told [] 2)");
  assert.deepEqual(events.at(-1), "before app/told");
  assert.equal(client.stats().last?.symbols[0]?.name, "app/told");
});

test("a listener that throws does not stop the others, nor the patch", async () => {
  const client = await connectedPage();
  const said = console.error;
  console.error = () => undefined;
  let heard = 0;
  client.on("after-patch", () => assert.fail("on purpose"));
  client.on("after-patch", () => heard++);
  try {
    await client.jankEval("(def listened 1)", { ns: "app" });
  } finally {
    console.error = said;
  }
  assert.equal(heard, 1);
});

test("what a program prints is an event, the server's and the writer's", async () => {
  const written: string[] = [];
  const client = await connectedPage({ write: (_stream, text) => written.push(text) });
  const printed: string[] = [];
  client.on("output", ({ text }) => printed.push(text));
  client.invoke("clojure.core/println", "from the page");
  assert.equal(printed.join(""), "from the page\n");
  assert.equal(written.join(""), "from the page\n");
});

test("a runtime that is given is used, and heard while the client lives", async () => {
  const runtime = await Runtime.load({ write: () => undefined });
  const compiler = new Compiler(runtime);
  compiler.eval("(ns app) (def before 3)");
  const client = await connectedPage({ runtime });
  const printed: string[] = [];
  client.on("output", ({ text }) => printed.push(text));
  assert.equal(client.runtime, runtime);
  runtime.invoke("clojure.core/println", "heard");
  client.close();
  runtime.invoke("clojure.core/println", "not heard");
  assert.equal(printed.join(""), "heard\n");
  assert.equal(compiler.eval("(+ app/before (app/f 1))").value, "5");
});

test("an evaluation, or a value, that is too large for a message is an error", async () => {
  const client = await connectedPage();
  const events: string[] = [];
  client.on("disconnect", () => events.push("disconnect"));
  await assert.rejects(client.jankEval(`"${"x".repeat(17 * 1024 * 1024)}"`), /too large/);
  const doubled = '(loop [s "xxxxxxxx" n 0] (if (< n 22) (recur (str s s) (inc n)) s))';
  await assert.rejects(client.jankEval(doubled), /too large/);
  assert.equal((await client.jankEval("(+ 1 2)")).value, "3");
  assert.deepEqual(events, []);
});

// ---- Offline and back -------------------------------------------------------------

test("what is asked while there is no server waits for it", async () => {
  const other = await TestServer.start();
  const client = await page({ url: other.url });
  await connected(client);
  await other.server.close();
  await until("the loss", () => !client.stats().connected);
  const answers = ["(+ 1 1)", "(+ 2 2)"].map((code) => client.jankEval(code));
  assert.equal(client.stats().queued, 2);
  await pause(50);
  await other.restart();
  assert.deepEqual(
    (await Promise.all(answers)).map(({ value }) => value),
    ["2", "4"],
  );
  assert.equal(client.stats().queued, 0);
  client.close();
  await other.close();
});

test("a server that starts again finds the page, with its state, and runs nothing twice", async () => {
  const client = await connectedPage();
  const events: string[] = [];
  client.on("disconnect", () => events.push("disconnect"));
  client.on("connect", () => events.push("connect"));
  assert.equal((await client.jankEval("(swap! app/counter + 40)")).value, "41");
  const { installed } = client.stats();

  await server.restart();
  await current(client);
  assert.equal(client.stats().installed, installed, "everything was there");
  assert.equal((await client.jankEval("@app/counter")).value, "41");
  assert.deepEqual(events, ["disconnect", "connect"]);
  assert.ok(client.stats().reconnects >= 1);

  await client.jankEval("(ns app) (defn f [x] (+ 100 x))");
  assert.equal(client.invoke("app/f", 1), 101, "and takes the next edit");
  assert.equal((await client.jankEval("@app/counter")).value, "41");
});

test("what changed while the server was away is what the page gets", async () => {
  const client = await connectedPage();
  await client.jankEval("(ns app)");
  await client.jankEval("(reset! counter 5)");
  server.write("src/app.jank", SOURCE.replace("(+ 1 x)", "(+ 1000 x)"));
  await server.restart();
  await current(client);
  assert.equal(client.invoke("app/f", 1), 1001);
  assert.equal((await client.jankEval("@app/counter")).value, "5");
  server.write("src/app.jank", SOURCE);
  await until("the old text", () => client.invoke("app/f", 1) === 2);
});

test("an evaluation whose answer is lost is rejected, not repeated", async () => {
  const client = await connectedPage();
  const broken = client.jankEval(
    "(do (swap! app/counter inc) (loop [n 0] (when (< n 3) (recur (inc n)))))",
  );
  server.server.pages.all.forEach(({ socket }) => socket.terminate());
  await assert.rejects(broken, /connection was lost/);
  await connected(client);
});

// ---- With a server that misbehaves ------------------------------------------------

type Say = (message: ServerMessage | string) => void;
type Answer = (message: ClientMessage, say: Say) => void;

/** A server whose every word is the test's. */
class FakeServer {
  readonly received: ClientMessage[] = [];
  connections = 0;
  readonly #server = new WebSocketServer({ port: 0, host: "127.0.0.1" });

  private constructor(onMessage: Answer) {
    this.#server.on("connection", (socket) => {
      this.connections++;
      const say: Say = (message) =>
        socket.send(typeof message === "string" ? message : JSON.stringify(message));
      socket.on("error", () => undefined);
      socket.on("message", (data) => {
        const message = JSON.parse((data as Buffer).toString()) as ClientMessage;
        this.received.push(message);
        onMessage(message, say);
      });
    });
  }

  static async start(onMessage: Answer): Promise<FakeServer> {
    const server = new FakeServer(onMessage);
    await once(server.#server, "listening");
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  say(message: ServerMessage | string): void {
    for (const socket of this.#server.clients)
      socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  drop(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  of<T extends ClientMessage["type"]>(type: T): Extract<ClientMessage, { type: T }>[] {
    return this.received.filter((message) => message.type === type) as never;
  }

  close(): void {
    this.drop();
    this.#server.close();
  }
}

/** Shakes hands and nothing more. */
const polite = () =>
  FakeServer.start(({ type }, say) => {
    if (type === "handshake") say({ type: "handshake_ack", version: 1, epoch: "fake", seq: 0 });
  });

async function patchOf(
  code: string,
  seq: number,
): Promise<Extract<ServerMessage, { type: "patch" }>> {
  const compiler = new Compiler(await Runtime.load({ write: () => undefined }));
  const forms: { bytes: Uint8Array; entry: string; hash: string; symbols: PatchSymbol[] }[] = [];
  compiler.eval(code, { onForm: (form) => forms.push(form) });
  const [form] = forms;
  assert.ok(form);
  return {
    type: "patch",
    epoch: "fake",
    seq,
    after: 0,
    commit: seq,
    cause: "eval",
    file: null,
    data: Buffer.from(form.bytes).toString("base64"),
    symbolName: form.entry,
    symbols: form.symbols.map((symbol) => ({ ...symbol, version: seq })),
    ns: "user",
    hash: form.hash,
    timestamp: 0,
    compileMs: 0,
  };
}

test("a patch that was there before, or is late, is not run", async () => {
  const fake = await polite();
  const client = await page({ url: fake.url });
  await connected(client);
  await until("the welcome", () => client.stats().epoch === "fake");
  const one = await patchOf("(def x 1)", 1);
  const two = await patchOf("(def x 2)", 2);
  for (const message of [one, two, two, one, { ...one, seq: 3, epoch: "another" }])
    fake.say(message);
  const four = await patchOf("(def y 4)", 4);
  fake.say(four);
  await until("the last", () => client.stats().seq === 4);
  assert.equal(new Compiler(client.runtime).eval("x").value, "2");
  assert.deepEqual(
    fake.of("patch_ack").map(({ seq }) => seq),
    [1, 2, 4],
  );
  assert.equal(client.stats().installed, 3);
  fake.close();
});

test("a patch that is no patch is refused with a reason; the page runs on", async () => {
  const fake = await polite();
  const client = await page({ url: fake.url });
  const errors: string[] = [];
  client.on("error", ({ message }) => errors.push(message));
  await until("the welcome", () => client.stats().epoch === "fake");
  const good = await patchOf("(def x 1)", 3);
  fake.say({ ...good, seq: 1, commit: 1, data: good.data.slice(0, 100) });
  fake.say({ ...good, seq: 2, commit: 2, data: "*** not base64 ***" });
  fake.say(good);
  await until("three answers", () => fake.of("patch_ack").length === 3);
  assert.deepEqual(
    fake.of("patch_ack").map(({ status, error }) => [status, error !== undefined]),
    [
      ["failed", true],
      ["failed", true],
      ["installed", false],
    ],
  );
  assert.equal(errors.length, 2);
  assert.equal(client.stats().failed, 2);
  fake.close();
});

test("an expression that is no patch is answered with an error", async () => {
  const fake = await polite();
  const client = await page({ url: fake.url });
  await until("the welcome", () => client.stats().epoch === "fake");
  fake.say({ type: "run", id: "r1", data: "***", symbolName: "jank_patch_symbols_1", ns: "user" });
  const [result] = await until(
    "the answer",
    () => fake.of("eval_result").length > 0 && fake.of("eval_result"),
  );
  assert.equal(result?.id, "r1");
  assert.ok(result?.error);
  fake.close();
});

test("a message that is none is an error event, and the connection goes on", async () => {
  const fake = await polite();
  const client = await page({ url: fake.url });
  const errors: string[] = [];
  client.on("error", ({ message }) => errors.push(message));
  await until("the welcome", () => client.stats().epoch === "fake");
  fake.say("not JSON");
  fake.say('{"type":"launch"}');
  await until("the errors", () => errors.length === 2);
  assert.match(errors[0] ?? "", /from the server: the message is not JSON/);
  assert.match(errors[1] ?? "", /unknown type of message: "launch"/);
  assert.ok(client.stats().connected);
  fake.close();
});

test("what is asked before the welcome is asked once", async () => {
  const fake = await FakeServer.start(({ type }, say) => {
    if (type === "handshake")
      setTimeout(() => say({ type: "handshake_ack", version: 1, epoch: "fake", seq: 0 }), 50);
  });
  const client = await page({ url: fake.url });
  await connected(client);
  const answer = client.jankEval("(+ 1 2)");
  answer.catch(() => undefined);
  await until("the question", () => fake.of("eval").length > 0);
  await pause(100);
  assert.equal(fake.of("eval").length, 1);
  client.close();
  fake.close();
});

test("a connection on which nothing comes is dropped, and made again", async () => {
  const silent = await polite();
  const client = await page({ url: silent.url, heartbeat: 20 });
  await until("a second handshake", () => silent.of("handshake").length >= 2);
  assert.ok(silent.of("ping").length >= 2);
  client.close();
  silent.close();
});

test("a connection that answers is not dropped", async () => {
  const lively = await FakeServer.start((message, say) => {
    if (message.type === "handshake")
      say({ type: "handshake_ack", version: 1, epoch: "fake", seq: 0 });
    if (message.type === "ping") say({ type: "pong", at: message.at, epoch: "fake", seq: 0 });
  });
  const client = await page({ url: lively.url, heartbeat: 20 });
  await until("pings", () => lively.of("ping").length >= 10);
  assert.equal(lively.connections, 1);
  client.close();
  lively.close();
});

test("a server that drops every connection is asked ever more rarely", async () => {
  const rude: FakeServer = await FakeServer.start(() => rude.drop());
  const client = await page({ url: rude.url, backoff: { first: 20, most: 10_000 } });
  await pause(1500);
  assert.ok(rude.connections >= 2, "it tries again");
  assert.ok(rude.connections <= 20, `${rude.connections} connections in 1.5 s`);
  client.close();
  rude.close();
});

test("the status tells of loading, connecting, connected, closed", async () => {
  const fake = await polite();
  const client = new Client({
    url: fake.url,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    backoff: { first: 20, most: 100 },
    write: () => undefined,
  });
  clients.push(client);
  const seen = [client.status];
  client.on("status", (status) => seen.push(status));
  await until("the welcome", () => client.status === "connected");
  fake.drop();
  await until("the second", () => seen.length === 5);
  client.close();
  assert.deepEqual(seen, [
    "loading",
    "connecting",
    "connected",
    "connecting",
    "connected",
    "closed",
  ]);
  assert.equal(client.stats().status, "closed");
  fake.close();
});

test("a runtime that cannot be loaded is a failure that is said", async () => {
  const client = new Client({
    url: server.url,
    createModule: () => Promise.reject(new Error("no such wasm")),
  });
  const errors: string[] = [];
  client.on("error", ({ message }) => errors.push(message));
  await assert.rejects(client.ready, /no such wasm/);
  assert.deepEqual([client.status, ...errors], ["failed", "no such wasm"]);
  assert.throws(() => client.runtime, JankError);
});

test("closing ends the connection, rejects what waits and keeps the runtime", async () => {
  const fake = await polite();
  const client = await page({ url: fake.url });
  await until("the welcome", () => client.stats().epoch === "fake");
  const waiting = client.jankEval("(+ 1 2)");
  client.close();
  await assert.rejects(waiting, /closed/);
  await assert.rejects(client.jankEval("(+ 1 2)"), /closed/);
  await pause(300);
  assert.equal(fake.connections, 1, "it does not come back");
  assert.equal(client.stats().connected, false);
  assert.equal(new Compiler(client.runtime).eval("(+ 1 2)").value, "3");
  client.close();
  fake.close();
});

// ---- Patches from elsewhere -------------------------------------------------------

test("install takes bytes, and says why it refuses them", async () => {
  const client = await connectedPage();
  const { data, symbolName } = await patchOf("(defn by-hand [] 5)", 1);
  const bytes = new Uint8Array(Buffer.from(data, "base64"));
  const result = await client.install(bytes);
  assert.ok(result.ok);
  assert.equal(client.invoke("user/by-hand"), 5);
  for (const [bad, entry] of [
    [new Uint8Array(), undefined],
    [bytes.slice(0, 50), undefined],
    [Uint8Array.from({ length: 1000 }, (_, i) => i), undefined],
    [Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), undefined],
    [bytes, "jank_patch_symbols_another"],
    [bytes.slice(0, 50), symbolName],
  ] as const) {
    const refused = await client.install(bad, entry);
    assert.ok(!refused.ok && refused.error.message.length > 5);
  }
  assert.equal(client.invoke("user/by-hand"), 5);
});

test("install fetches a patch from any address, and says why it cannot", async () => {
  const client = await connectedPage();
  const { data } = await patchOf("(defn fetched [] 6)", 1);
  const address = `data:application/wasm;base64,${data}`;
  assert.ok((await client.install(address)).ok);
  assert.equal(client.invoke("user/fetched"), 6);
  const missing = await client.install(`http://localhost:${server.server.port}/none.wasm`);
  assert.ok(!missing.ok && /HTTP status 404/.test(missing.error.message));
  const nobody = await client.install("http://localhost:1/none.wasm");
  assert.ok(!nobody.ok && /localhost:1.*cannot be fetched/.test(nobody.error.message));
});
