// `nrepl-client` of npm, which other tools are made with, over a real socket.
//
// Its callback is called at every message that has a status, with all that came
// until then: after an error, at "eval-error" and again at "done".

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { after, before, test } from "node:test";
import { TestServer } from "./harness.js";

interface Message {
  [key: string]: unknown;
  status?: string[];
}
type Callback = (error: unknown, messages: Message[]) => void;
interface Connection extends Socket {
  sessions: string[];
  clone(callback: Callback): void;
  describe(session: undefined, verbose: boolean, callback: Callback): void;
  lsSessions(callback: Callback): void;
  eval(
    ...args: [code: string, ns: string, session: string, id: string, evaluate: "", done: Callback]
  ): void;
  interrupt(session: string, id: string, callback: Callback): void;
  loadFile(
    ...args: [text: string, name: string, path: string, session: "", id: "", done: Callback]
  ): void;
  close(session: string, callback: Callback): void;
}
interface Library {
  connect(options: { port: number; host: string }): Connection;
}

let server: TestServer;
let connection: Connection;

before(async () => {
  const { connect } = createRequire(import.meta.url)("nrepl-client") as Library;
  server = await TestServer.start({ "src/eita.jank": "(ns eita)\n(defn ggg [v] (+ 48 v))\n" });
  connection = connect({ port: server.server.nreplPort, host: "127.0.0.1" });
  await new Promise((done) => connection.once("connect", done));
});
after(async () => {
  connection.destroy();
  await server.close();
});

/** All messages of a request, when the last has come. */
function asked(request: (callback: Callback) => void): Promise<Message[]> {
  return new Promise((done, failed) =>
    request((error, messages) => {
      if (error) failed(new Error(String(error)));
      if (messages.some(({ status }) => status?.includes("done"))) done(messages);
    }),
  );
}

const clone = async (): Promise<string> =>
  (await asked((done) => connection.clone(done)))[0]?.["new-session"] as string;

let evaluations = 0;
const evaluate = (code: string, session: string, ns = "", id = `eval-${++evaluations}`) =>
  asked((done) => connection.eval(code, ns, session, id, "", done));

const all = (messages: Message[], key: string): unknown[] =>
  messages.flatMap((message) => (key in message ? [message[key]] : []));

test("describe and clone", async () => {
  const [described] = await asked((done) => connection.describe(undefined, true, done));
  assert.ok(Object.hasOwn(described?.ops as object, "load-file"));
  const session = await clone();
  assert.deepEqual(connection.sessions, [session]);
  const [listed] = await asked((done) => connection.lsSessions(done));
  assert.deepEqual(listed?.sessions, [session]);
});

test("values, output and namespaces; texts that are not ASCII", async () => {
  const session = await clone();
  const messages = await evaluate('(println "é 漢 😀") (+ 1 2) "ü"', session);
  assert.deepEqual(all(messages, "value"), ["nil", "3", '"ü"']);
  assert.equal(all(messages, "out").join(""), "é 漢 😀\n");
  assert.deepEqual(all(await evaluate("(ggg 2)", session, "eita"), "value"), ["50"]);
});

test("an error, after which the session goes on", async () => {
  const session = await clone();
  const messages = await evaluate("(/ 1 0)", session);
  assert.deepEqual(all(messages, "value"), []);
  assert.deepEqual(all(messages, "ex"), ["ArithmeticException"]);
  assert.match(all(messages, "err").join(""), /Divide by zero/);
  assert.deepEqual(all(messages, "status").flat(), ["eval-error", "done"]);
  assert.deepEqual(all(await evaluate("*e", session), "status").flat(), ["done"]);
  assert.deepEqual(all(await evaluate("(+ 1 1)", session), "value"), ["2"]);
});

test("load-file", async () => {
  const text = "(ns loaded)\n(defn f [x] (* 2 x))\n";
  const messages = await asked((done) =>
    connection.loadFile(text, "loaded.jank", "src/loaded.jank", "", "", done),
  );
  assert.deepEqual(all(messages, "value"), ["#'loaded/f"]);
  assert.equal(await server.here("(loaded/f 21)"), "42");
});

test("an evaluation without end is interrupted", async () => {
  const session = await clone();
  const endless = evaluate("(loop [] (recur))", session, "", "endless");
  const answer = await asked((done) => connection.interrupt(session, "endless", done));
  assert.deepEqual(answer[0]?.status, ["done"]);
  assert.deepEqual(all(await endless, "status").flat(), ["interrupted", "done"]);
  assert.deepEqual(all(await evaluate("(+ 1 1)", session), "value"), ["2"]);
});

test("close", async () => {
  const session = await clone();
  const [closed] = await asked((done) => connection.close(session, done));
  assert.deepEqual(closed?.status, ["session-closed", "done"]);
  assert.ok(!connection.sessions.includes(session));
  const refused = await evaluate("1", session);
  assert.deepEqual(all(refused, "status").flat(), ["error", "unknown-session", "done"]);
});
