import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "jank-hot-reload";
import { WebSocket } from "ws";
import { MAX_MESSAGE_BYTES } from "../../src/protocol.js";
import { hello, TestServer, until } from "./harness.js";

let server: TestServer;

before(async () => {
  server = await TestServer.start({ "src/eita.jank": "(ns eita)\n(defn ggg [v] (+ 48 v))\n" });
});
after(() => server.close());

/** A definition: an expression may meet the page that is just going away. */
const isAlive = async () => assert.equal((await server.eval("(def alive 1)")).status, 200);

test("the WebSocket answers on its own port and on the HTTP port", async () => {
  for (const port of [server.server.wsPort, server.server.port]) {
    const socket = await server.socket({}, `ws://localhost:${port}/repl`);
    await socket.settle();
    socket.destroy();
  }
});

test("elsewhere than at /repl there is none", async () => {
  for (const path of ["/", "/other", "/repl/x", "/%zz", "//"])
    await assert.rejects(server.socket({}, `ws://localhost:${server.server.wsPort}${path}`), /404/);
});

for (const origin of ["http://evil.test", "http://localhost:3000", "null", "file://"])
  test(`a page of ${origin} cannot connect`, async () => {
    await assert.rejects(server.socket({ origin }), /403/);
    await assert.rejects(
      server.socket({ origin }, `ws://localhost:${server.server.port}/repl`),
      /403/,
    );
  });

test("a rebound name cannot connect", async () => {
  await assert.rejects(server.socket({ headers: { host: "evil.test" } }), /403/);
  await assert.rejects(server.socket({ headers: { host: "[[" } }), /403|400/);
});

test("our own page can connect from the HTTP port to the other", async () => {
  const { port, token } = server.server;
  const origin = `http://localhost:${port}`;
  const socket = await server.socket({ origin, headers: { cookie: `jank-hot-${port}=${token}` } });
  await socket.settle();
  socket.destroy();
  await assert.rejects(server.socket({ origin }), /403/);
});

test("a page of an origin over plain http gives the token with its address", async (t) => {
  const origin = "http://app.test";
  const other = await TestServer.start({}, { allowedOrigins: [origin] });
  const Socket = class extends WebSocket {
    constructor(url: string) {
      super(url, { origin });
    }
  } as unknown as typeof globalThis.WebSocket;
  const client = new Client({ url: other.url, token: other.server.token, WebSocket: Socket });
  t.after(async () => {
    client.close();
    await other.close();
  });
  assert.equal((await client.jankEval("(+ 1 2)")).value, "3");
  await assert.rejects(other.socket({ origin }), /403/);
  await assert.rejects(other.socket({ origin }, `${other.url}?token=x`), /403/);
});

test("a page that connects gets the application", async () => {
  const page = await server.page();
  await page.settle();
  const names = page.patches.flatMap(({ symbols }) => symbols.map(({ name }) => name));
  assert.deepEqual(names, ["eita/ggg"]);
  page.destroy();
});

const BAD: [string, string | Uint8Array, RegExp][] = [
  ["not JSON", "{", /not JSON/],
  ["nothing", "", /not JSON/],
  ["no object", "[1]", /not an object/],
  ["null", "null", /not an object/],
  ["no type", "{}", /unknown type/],
  ["an unknown type", '{"type":"nonsense"}', /unknown type.*nonsense/],
  ["a name of JavaScript's", '{"type":"__proto__"}', /unknown type/],
  ["a message for pages", '{"type":"handshake_ack"}', /unknown type/],
  ["a missing field", '{"type":"eval","id":"1"}', /bad or missing field "code"/],
  ["a field of another type", '{"type":"eval","id":"1","code":7}', /bad or missing field "code"/],
  ["a binary message", Uint8Array.of(1, 2, 3), /not binary/],
];

for (const [what, message, expected] of BAD)
  test(`${what}: an error to its sender, and the connection stays`, async () => {
    const page = await server.page();
    page.send(message);
    const { error } = await page.next("error");
    assert.match(error.message, expected);
    await page.settle();
    page.destroy();
    await isAlive();
  });

test("before the handshake nothing is evaluated", async () => {
  const socket = await server.socket();
  socket.send({ type: "eval", id: "1", code: "(def early true)" });
  assert.match((await socket.next("error")).error.message, /handshake must come first/);
  assert.equal((await server.eval("(resolve 'user/early)")).json?.value, "nil");
  socket.destroy();
});

test("another version of the protocol is refused, with what to do", async () => {
  const socket = await server.socket();
  socket.send({ ...hello("a"), version: 99 });
  assert.match((await socket.next("error")).error.message, /version 99.*reload the page/s);
  await socket.settle();
  assert.equal(socket.patches.length, 0);
  socket.destroy();
});

test("a message over the limit ends its connection only", async () => {
  const page = await server.page();
  page.send("x".repeat(MAX_MESSAGE_BYTES + 1));
  assert.equal((await page.closed).code, 1009);
  await isAlive();
});

test("a page evaluates: a definition goes to all, an expression comes back to it", async () => {
  const [one, two] = [(await server.page("one")).obey("1"), (await server.page("two")).obey("2")];
  one.send({ type: "eval", id: "a", code: "(ns eita) (defn hhh [] 1)" });
  const defined = await one.next("eval_result");
  assert.deepEqual([defined.value, defined.ns, defined.error], ["#'eita/hhh", "eita", undefined]);
  assert.deepEqual(
    defined.pages.map(({ name, status }) => [name, status]),
    [
      ["one", "installed"],
      ["two", "installed"],
    ],
  );
  one.send({ type: "eval", id: "b", code: "(hhh)", ns: "eita" });
  const value = await one.next("eval_result", ({ id }) => id === "b");
  assert.equal(value.value, "1");
  assert.ok(two.messages.every(({ type }) => type !== "run"));
  one.destroy();
  two.destroy();
});

test("a page's evaluations are answered in order", async () => {
  const page = (await server.page()).obey();
  for (let i = 0; i < 20; i++)
    page.send({ type: "eval", id: `${i}`, code: i % 2 ? "(+ 1 1)" : "(def i 1)" });
  await page.next("eval_result", ({ id }) => id === "19");
  const ids = page.messages.flatMap((message) =>
    message.type === "eval_result" ? [message.id] : [],
  );
  assert.deepEqual(ids, [...Array(20).keys()].map(String));
  page.destroy();
});

test("an error has a place in the page's own text", async () => {
  const page = await server.page();
  page.send({ type: "eval", id: "1", code: "\n(nope)", file: "editor", line: 10 });
  const { error } = await page.next("eval_result");
  assert.deepEqual([error?.file, error?.line, error?.phase], ["editor", 11, "compile"]);
  page.destroy();
});

test("an expression typed elsewhere runs in the page that was focused last", async () => {
  const [one, two] = [(await server.page("one")).obey("1"), (await server.page("two")).obey("2")];
  const value = async () => (await server.eval("(identity 0)")).json?.value;
  const focus = async (page: typeof one) => {
    await new Promise((done) => setTimeout(done, 5));
    page.send({ type: "focus" });
    await page.settle();
  };
  await focus(one);
  assert.equal(await value(), "1");
  await focus(two);
  assert.equal(await value(), "2");
  two.destroy();
  await until("the page to be gone", () => server.server.pages.all.length === 1);
  assert.equal(await value(), "1");
  one.destroy();
});

test("a page that hangs holds up who asked, and nobody else", async () => {
  const hanging = await server.page("hanging");
  const asked = server.eval("(+ 1 2)");
  await hanging.next("run");
  const saved = await server.server.engine.evaluate("(defn meanwhile [] 1)");
  assert.equal(saved.error, undefined);
  hanging.destroy();
  assert.match(JSON.stringify((await asked).json), /went away/);
});

test("a page that comes again ends the connection it had", async () => {
  const old = await server.page("same");
  const now = await server.page("same");
  await old.closed;
  await now.settle();
  assert.equal(server.server.pages.all.filter(({ id }) => id === "same").length, 1);
  now.destroy();
});

test("a page that left in the middle of everything harms nobody", async () => {
  const page = await server.page();
  page.send({ type: "eval", id: "1", code: "(defn gone [] 1) (gone)" });
  page.destroy();
  await isAlive();
});

test("what a page that left has still asked for ends at once", async () => {
  const page = await server.page("leaving");
  for (let i = 0; i < 20; i++)
    page.send({ type: "eval", id: `${i}`, code: i % 2 ? "(+ 1 2)" : "(def asked 1)" });
  await page.next("run"); // the first expression waits for its answer
  const [kept] = server.server.pages.all;
  page.destroy();
  const started = performance.now();
  await kept?.evaluations;
  assert.ok(kept && performance.now() - started < 3000);
});

test("what a page prints is shown to the developer", async () => {
  const page = await server.page("printing");
  page.send({ type: "output", stream: "out", source: "program", text: "hello\nthere\n" });
  await until("its lines", () => server.lines.includes("[printing] there"));
  page.destroy();
});
