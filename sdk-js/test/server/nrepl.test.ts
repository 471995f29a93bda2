import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeBencode } from "../../src/server/bencode.js";
import { acknowledgement, http, summary, TestServer, type NreplConnection } from "./harness.js";

const EITA = `(ns eita (:require [clojure.set :as set]))
(defn ggg [v] (+ 48 v))
`;

let server: TestServer;
let nrepl: NreplConnection;

before(async () => {
  server = await TestServer.start({ "src/eita.jank": EITA });
  nrepl = await server.nrepl();
});
after(() => server.close());

const evaluate = async (code: string, more: Record<string, string | number> = {}) =>
  summary(await nrepl.request({ op: "eval", code, ...more }));

const statuses = (answers: Awaited<ReturnType<NreplConnection["request"]>>) =>
  answers.map(({ status }) => status as string[] | undefined);

test("clone is one message, with a session that ls-sessions has and close ends", async () => {
  const answers = await nrepl.request({ op: "clone" });
  assert.equal(answers.length, 1);
  const session = answers[0]?.["new-session"] as string;
  const list = async () => (await nrepl.request({ op: "ls-sessions" }))[0]?.sessions as string[];
  assert.ok((await list()).includes(session));
  assert.deepEqual(statuses(await nrepl.request({ op: "close", session })), [
    ["session-closed", "done"],
  ]);
  assert.ok(!(await list()).includes(session));
  assert.deepEqual(statuses(await nrepl.request({ op: "eval", session, code: "1" })), [
    ["error", "unknown-session", "done"],
  ]);
});

test("describe names every operation, and does not claim to be Clojure", async () => {
  const [answer] = await nrepl.request({ op: "describe" });
  const { ops, versions } = answer as unknown as Record<string, Record<string, unknown>>;
  for (const op of ["clone", "close", "describe", "eval", "load-file", "ls-sessions"])
    assert.equal(typeof ops?.[op], "object", op);
  assert.deepEqual(Object.keys(versions ?? {}).sort(), ["jank", "nrepl"]);
});

test("eval: a value and ns for each form, then done alone", async () => {
  const answers = await nrepl.request({ op: "eval", code: "(+ 1 2) :b" });
  assert.deepEqual(
    answers.map(({ value, ns, status }) => [value, ns, status]),
    [
      ["3", "user", undefined],
      [":b", "user", undefined],
      [undefined, undefined, ["done"]],
    ],
  );
});

test("eval: what is printed comes before the value", async () => {
  const answers = await nrepl.request({ op: "eval", code: '(do (println "é 漢") 7)' });
  const keys = answers.map((answer) =>
    Object.keys(answer).find((key) => /out|value|status/.test(key)),
  );
  assert.deepEqual(keys, ["out", "value", "status"]);
  assert.equal(summary(answers).out, "é 漢\n");
});

test("eval: an error has a place, ex and its own status; the session goes on", async () => {
  const session = await nrepl.clone();
  const answers = await nrepl.request({ op: "eval", session, code: "1\n(nope)", file: "a.jank" });
  const { values, err, ex, status } = summary(answers);
  assert.deepEqual(values, ["1"]);
  assert.match(err, /a\.jank:2:1: .*nope/);
  assert.ok(ex);
  assert.deepEqual(status, ["eval-error", "done"]);
  assert.deepEqual((await evaluate("(inc 1)", { session })).values, ["2"]);
});

test("eval: what was thrown is named, and the line is that of the editor", async () => {
  const { err, ex } = await evaluate('(throw (ex-info "boom" {:a 1}))', {
    line: 41,
    file: "b.jank",
  });
  assert.equal(ex, "ExceptionInfo");
  assert.match(err, /b\.jank:41:1: ExceptionInfo: boom/);
});

test("a session stays in its namespace, a request's ns is for that request", async () => {
  const session = await nrepl.clone();
  await evaluate("(in-ns 'eita)", { session });
  assert.equal((await evaluate("(ggg 10)", { session })).values[0], "58");
  assert.equal((await evaluate("(+ 1 1)", { session, ns: "user" })).ns, "user");
  assert.equal((await evaluate("1", { session })).ns, "eita");
  assert.equal((await evaluate("1")).ns, "user");
  assert.equal((await evaluate("(ggg 1)", { ns: "eita" })).values[0], "49");
});

test("aliases of the application are known (set/union)", async () => {
  assert.deepEqual((await evaluate("(set/union #{1} #{1})", { ns: "eita" })).values, ["#{1}"]);
});

test("a namespace that does not exist is refused", async () => {
  for (const ns of ["nope.nothing", "a b", "x) (println 1"])
    assert.deepEqual((await evaluate("1", { ns })).status, [
      "error",
      "namespace-not-found",
      "done",
    ]);
});

test("load-file: one value without ns; the session stays where it is", async () => {
  const session = await nrepl.clone();
  const file = "(ns loaded)\n(defn two [] 2)\n(two)";
  const answers = await nrepl.request({ op: "load-file", session, file, "file-path": "/l.jank" });
  assert.deepEqual(
    answers.map(({ value, ns, status }) => [value, ns, status]),
    [
      ["2", undefined, undefined],
      [undefined, undefined, ["done"]],
    ],
  );
  assert.equal((await evaluate("1", { session })).ns, "user");
  assert.deepEqual((await evaluate("(loaded/two)")).values, ["2"]);
});

test("load-file: an error names the file", async () => {
  const answers = await nrepl.request({ op: "load-file", file: "1\n\n(", "file-name": "l.jank" });
  assert.match(summary(answers).err, /l\.jank:3:/);
  assert.deepEqual(summary(answers).status, ["eval-error", "done"]);
});

test("what is missing is said", async () => {
  const status = async (fields: Record<string, string>) =>
    summary(await nrepl.request(fields)).status;
  assert.deepEqual(await status({ op: "eval" }), ["error", "no-code", "done"]);
  assert.deepEqual(await status({ op: "load-file" }), ["error", "no-file", "done"]);
  assert.deepEqual(await status({ op: "close" }), ["error", "no-session", "done"]);
  for (const op of ["nonsense", "__proto__", "constructor", ""])
    assert.deepEqual(await status({ op }), ["error", "unknown-op", "done"], op);
  assert.deepEqual(await status({}), ["error", "unknown-op", "done"]);
});

test("an empty session is none; an answer has no id and session that it was not given", async () => {
  assert.deepEqual((await evaluate("1", { session: "" })).values, ["1"]);
  const connection = await server.nrepl();
  connection.socket.write(encodeBencode({ op: "nonsense" }));
  while (!connection.messages.length) await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(Object.keys(connection.messages[0] ?? {}).sort(), ["op", "status"]);
});

test("a message in pieces, and several in one piece", async () => {
  const connection = await server.nrepl();
  const message = encodeBencode({ op: "eval", code: '(str "漢")', id: "pieces" });
  for (const byte of message) {
    connection.socket.write(Uint8Array.of(byte));
    await new Promise(setImmediate);
  }
  assert.deepEqual(summary(await connection.answers("pieces")).values, ['"漢"']);
  const all = [1, 2, 3, 4].map((n) =>
    encodeBencode({ op: "eval", code: `(* 2 ${n})`, id: `n${n}` }),
  );
  connection.socket.write(Buffer.concat(all));
  for (const n of [1, 2, 3, 4])
    assert.deepEqual(summary(await connection.answers(`n${n}`)).values, [`${2 * n}`]);
});

test("the evaluations of a session run in order; the next sees the namespace", async () => {
  const session = await nrepl.clone();
  const messages = ["(ns piped)", "(def x 5)", "(* 2 x)"].map((code, i) =>
    encodeBencode({ op: "eval", session, code, id: `piped-${i}` }),
  );
  nrepl.socket.write(Buffer.concat(messages));
  const answers = await nrepl.answers("piped-2");
  assert.deepEqual([summary(answers).values, summary(answers).ns], [["10"], "piped"]);
});

for (const garbage of [
  "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "POST / HTTP/1.1\r\n\r\nd2:op4:eval4:code11:(def bad 1)e",
  "\u0016\u0003\u0001\u0002",
  "d2:op4:eval4:code-1:xe",
  "d3:opi5",
  "d999999999:",
  `d1:a${"l".repeat(1000)}`,
])
  test(`garbage ends its own connection only: ${JSON.stringify(garbage.slice(0, 20))}`, async () => {
    const bad = await server.nrepl();
    bad.socket.write(garbage);
    if (garbage === "d3:opi5") bad.socket.write("x");
    await bad.closed;
    assert.deepEqual(bad.messages.at(-1)?.status, ["error", "bad-message", "done"]);
    assert.deepEqual((await evaluate("(resolve 'user/bad)")).values, ["nil"]);
  });

test("a connection that goes away in the middle harms nobody", async () => {
  const gone = await server.nrepl();
  gone.socket.write("d2:op4:eval4:code100:(");
  gone.destroy();
  const late = await server.nrepl();
  late.socket.write(encodeBencode({ op: "eval", code: "(println 1)" }));
  late.destroy();
  assert.deepEqual((await evaluate("(inc 1)")).values, ["2"]);
});

test("a browser that speaks HTTP to the port runs nothing", async () => {
  const code = "d2:op4:eval4:code18:(def intruder true)e";
  const answer = http(server.server.nreplPort, "/", { method: "POST", body: code });
  await assert.rejects(answer);
  assert.deepEqual((await evaluate("(resolve 'user/intruder)")).values, ["nil"]);
});

test("expressions are evaluated in the page, definitions in both", async () => {
  const page = (await server.page("the page")).obey("58");
  assert.deepEqual((await evaluate("(ggg 10)", { ns: "eita" })).values, ["58"]);
  assert.deepEqual((await evaluate("(defn three [] 3)")).values, ["#'user/three"]);
  assert.deepEqual(page.patches.at(-1)?.symbols, [
    { name: "user/three", signature: "0", version: 1 },
  ]);
  page.destroy();
});

test("a page that refuses a definition is heard", async () => {
  const page = await server.page("unwilling");
  const answers = nrepl.request({ op: "eval", code: "(defn four [] 4)" });
  const { epoch, seq } = await page.next(
    "patch",
    ({ symbols }) => symbols[0]?.name === "user/four",
  );
  page.send({
    ...acknowledgement({ epoch, seq, status: "failed" }),
    error: {
      phase: "load",
      class: "PatchException",
      message: "no room",
      file: null,
      line: 0,
      column: 0,
      excerpt: null,
      data: null,
      trace: [],
    },
  });
  assert.match(summary(await answers).err, /unwilling.*no room/);
  page.destroy();
});

test("a page that goes away during an evaluation is an error, at once", async () => {
  const page = await server.page("leaving");
  const answers = nrepl.request({ op: "eval", code: "(+ 1 2)" });
  await page.next("run");
  assert.equal(
    (await nrepl.request({ op: "describe" })).length,
    1,
    "others are answered meanwhile",
  );
  page.destroy();
  const { err, status } = summary(await answers);
  assert.match(err, /"leaving" went away/);
  assert.deepEqual(status, ["eval-error", "done"]);
});

test(".nrepl-port is there while the server is", async () => {
  const other = await TestServer.start();
  const file = join(other.root, ".nrepl-port");
  assert.equal(readFileSync(file, "utf8"), `${other.server.nreplPort}`);
  await other.server.close();
  assert.ok(!existsSync(file));
  await other.close();
});
