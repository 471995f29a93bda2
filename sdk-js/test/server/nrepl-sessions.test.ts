// Sessions, interrupts, and where evaluations run.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeBencode, type Bencode, type BencodeDictionary } from "../../src/server/bencode.js";
import { reportOf } from "../../src/protocol.js";
import {
  acknowledgement,
  pause,
  summary,
  TestServer,
  until,
  type NreplConnection,
  type TestSocket,
} from "./harness.js";

let server: TestServer;
let nrepl: NreplConnection;

before(async () => {
  server = await TestServer.start({}, { evalTimeout: 60 });
  nrepl = await server.nrepl();
});
after(() => server.close());

type Fields = Record<string, Bencode>;

const evaluate = async (code: string, more: Fields = {}) =>
  summary(await nrepl.request({ op: "eval", code, ...more }));
const statuses = (answers: BencodeDictionary[]) => answers.flatMap(({ status }) => status ?? []);

/** Sent, and not waited for. */
function post(id: string, fields: Fields): void {
  nrepl.socket.write(encodeBencode({ id, ...fields }));
}
const answersOf = (id: string) => nrepl.messages.filter((message) => message.id === id);

const ENDLESS = '(do (println "begun") (loop [] (recur)))';
const begun = (id: string) => until("the evaluation", () => summary(answersOf(id)).out !== "");

// ---- Sessions ---------------------------------------------------------------------

test("the values of a session are its own: *1 *2 *3 *e", async () => {
  const [one, other] = [await nrepl.clone(), await nrepl.clone()];
  for (const code of [":a", ":b", ":c"]) await evaluate(code, { session: one });
  await evaluate(":other", { session: other });
  assert.deepEqual((await evaluate("[*1 *2 *3]", { session: one })).values, ["[:c :b :a]"]);
  assert.deepEqual((await evaluate("*1", { session: other })).values, [":other"]);
  assert.deepEqual((await evaluate("*1")).values, ["nil"]);
  await evaluate('(throw (ex-info "mine" {:a 1}))', { session: one });
  assert.deepEqual((await evaluate("(ex-data *e)", { session: one })).values, ["{:a 1}"]);
  assert.deepEqual((await evaluate("*e", { session: other })).values, ["nil"]);
});

test("a session is there for the next connection", async () => {
  const first = await server.nrepl();
  const session = await first.clone();
  await first.request({ op: "eval", session, code: "(ns kept.space) (def kept 7)" });
  first.destroy();
  await first.closed;
  const second = await server.nrepl();
  const [answer] = await second.request({ op: "ls-sessions" });
  assert.ok((answer?.sessions as string[]).includes(session));
  const answers = await second.request({ op: "eval", session, code: "kept" });
  assert.deepEqual(summary(answers).values, ["7"]);
  second.destroy();
});

test("sessions that nobody uses any more are bounded, those in use are not ended", async () => {
  const used = await nrepl.clone();
  const crowd = await server.nrepl();
  const sessions = await Promise.all(Array.from({ length: 300 }, () => crowd.clone()));
  crowd.destroy();
  await until("the end of the oldest", () => crowd.socket.destroyed);
  await pause(50);
  const [answer] = await nrepl.request({ op: "ls-sessions" });
  const left = answer?.sessions as string[];
  const waiting = sessions.filter((id) => left.includes(id));
  assert.ok(waiting.length > 100 && waiting.length <= 256, String(waiting.length));
  assert.deepEqual(waiting, sessions.slice(-waiting.length), "the newest");
  assert.ok(left.includes(used));
});

test("a session waits for its own evaluations, others do not", async () => {
  const page = (await server.page("slow")).socket;
  const [one, other] = [await nrepl.clone(), await nrepl.clone()];
  post("waits", { op: "eval", session: one, code: "(+ 1 1)" });
  post("behind", { op: "eval", session: one, code: "(jank.repl/runtimes)" });
  assert.match(
    (await evaluate("(jank.repl/runtimes)", { session: other })).values[0] ?? "",
    /slow/,
  );
  assert.equal((await nrepl.request({ op: "describe", session: one })).length, 1);
  assert.deepEqual([answersOf("waits"), answersOf("behind")], [[], []]);
  page.terminate();
  assert.deepEqual(summary(await nrepl.answers("behind")).status, ["done"]);
});

// ---- Interrupts -------------------------------------------------------------------

test("interrupt: done to it, interrupted to the evaluation, and the session goes on", async () => {
  const session = await nrepl.clone();
  post("endless", { op: "eval", session, code: ENDLESS });
  await begun("endless");
  assert.deepEqual(
    statuses(await nrepl.request({ op: "interrupt", session, "interrupt-id": "endless" })),
    ["done"],
  );
  const { values, err, ex, status } = summary(await nrepl.answers("endless"));
  assert.deepEqual([values, err, ex, status], [[], "", undefined, ["interrupted", "done"]]);
  assert.deepEqual((await evaluate("(+ 1 2)", { session })).values, ["3"]);
  assert.equal(summary(answersOf("endless")).status.length, 2, "nothing came behind");
});

test("interrupt without an id ends what runs; what waits goes on", async () => {
  const session = await nrepl.clone();
  post("runs", { op: "eval", session, code: ENDLESS });
  post("its-turn", { op: "eval", session, code: "(+ 2 2)" });
  await begun("runs");
  assert.deepEqual(statuses(await nrepl.request({ op: "interrupt", session })), ["done"]);
  assert.deepEqual(summary(await nrepl.answers("runs")).status, ["interrupted", "done"]);
  assert.deepEqual(summary(await nrepl.answers("its-turn")).values, ["4"]);
});

test("interrupt of what has not begun: it never runs", async () => {
  const session = await nrepl.clone();
  post("first", { op: "eval", session, code: ENDLESS });
  post("second", { op: "eval", session, code: "(def was-run true)" });
  await begun("first");
  for (const id of ["second", "first"])
    assert.deepEqual(
      statuses(await nrepl.request({ op: "interrupt", session, "interrupt-id": id })),
      ["done"],
    );
  assert.deepEqual(summary(await nrepl.answers("second")).status, ["interrupted", "done"]);
  assert.deepEqual((await evaluate("(resolve 'was-run)", { session })).values, ["nil"]);
});

test("interrupt: of nothing, of another, of what is over, without a session", async () => {
  const session = await nrepl.clone();
  const interrupt = async (fields: Fields) =>
    statuses(await nrepl.request({ op: "interrupt", ...fields }));
  assert.deepEqual(await interrupt({ session }), ["session-idle", "done"]);
  assert.deepEqual(await interrupt({ session, "interrupt-id": "x" }), ["session-idle", "done"]);
  assert.deepEqual(await interrupt({}), ["error", "session-ephemeral", "done"]);
  post("finished", { op: "eval", session, code: "1" });
  await nrepl.answers("finished");
  post("running", { op: "eval", session, code: ENDLESS });
  await begun("running");
  // As CIDER does: one for each id that it knows.
  for (const id of ["finished", "never-was"])
    assert.deepEqual(await interrupt({ session, "interrupt-id": id }), [
      "error",
      "interrupt-id-mismatch",
      "done",
    ]);
  assert.deepEqual(await interrupt({ session, "interrupt-id": "running" }), ["done"]);
});

test("interrupt of load-file, and by a number", async () => {
  const session = await nrepl.clone();
  nrepl.socket.write(
    encodeBencode({ id: 4711, op: "load-file", session, file: `(def never-kept 1) ${ENDLESS}` }),
  );
  await until("the file", () => nrepl.messages.some(({ id, out }) => id === 4711 && out));
  assert.deepEqual(
    statuses(await nrepl.request({ op: "interrupt", session, "interrupt-id": 4711 })),
    ["done"],
  );
  const last = await until("its end", () =>
    nrepl.messages.find(({ id, status }) => id === 4711 && status),
  );
  assert.deepEqual(last.status, ["interrupted", "done"]);
});

test("a session that is closed takes what it runs with it", async () => {
  const session = await nrepl.clone();
  post("abandoned", { op: "eval", session, code: ENDLESS });
  await begun("abandoned");
  assert.deepEqual(statuses(await nrepl.request({ op: "close", session })), [
    "session-closed",
    "done",
  ]);
  assert.deepEqual(summary(await nrepl.answers("abandoned")).status, ["interrupted", "done"]);
  assert.deepEqual((await evaluate("(+ 1 1)")).values, ["2"]);
});

// ---- Where it runs ------------------------------------------------------------------

/** A page that gives its name as the value of every expression. */
const pageThatObeys = async (name: string): Promise<TestSocket> =>
  (await server.page(name)).obey(`"${name}"`);

test("a value tells where it comes from; without a page that is said, once", async () => {
  const session = await nrepl.clone();
  const typed = { session, file: "a.jank", line: 3 };
  const init = await nrepl.request({ op: "eval", session, code: "1" });
  assert.equal(summary(init).out, "", "not to what editors evaluate by themselves");
  assert.equal(init[0]?.runtime, "server");
  assert.match((await evaluate("1", typed)).out, /no page is connected/);
  assert.equal((await evaluate("1", typed)).out, "");
  const page = await pageThatObeys("there");
  const [answer] = await nrepl.request({ op: "eval", code: "1", ...typed });
  assert.deepEqual([answer?.value, answer?.runtime], ['"there"', "there"]);
  page.destroy();
  await until("its end", () => server.server.pages.all.length === 0);
  assert.match((await evaluate("1", typed)).out, /no page is connected/);
});

test("jank/runtimes and jank/select-runtime", async () => {
  const [one, two] = [await pageThatObeys("one"), await pageThatObeys("two")];
  const session = await nrepl.clone();
  const runtimes = async () =>
    structuredClone((await nrepl.request({ op: "jank/runtimes", session }))[0]);
  const select = async (runtime: string) =>
    structuredClone((await nrepl.request({ op: "jank/select-runtime", session, runtime }))[0]);
  one.send({ type: "focus" });
  await one.settle();
  assert.deepEqual((await runtimes())?.runtimes, [
    { id: "one", name: "one", focused: "true" },
    { id: "two", name: "two", focused: "false" },
    { id: "server", name: "the server's own instance", focused: "false" },
  ]);
  assert.deepEqual((await evaluate("1", { session })).values, ['"one"']);
  assert.equal((await select("two"))?.runtime, "two");
  assert.equal((await runtimes())?.selected, "two");
  assert.deepEqual((await evaluate("1", { session })).values, ['"two"']);
  assert.deepEqual((await evaluate("1")).values, ['"one"'], "others have not chosen");
  assert.equal((await select("server"))?.runtime, "server");
  assert.deepEqual((await evaluate("(+ 20 1)", { session })).values, ["21"]);
  assert.deepEqual((await select("three"))?.status, ["error", "unknown-runtime", "done"]);
  assert.equal((await runtimes())?.selected, "server", "nothing changed");
  assert.equal((await select(""))?.runtime, "");
  assert.deepEqual((await evaluate("1", { session })).values, ['"one"']);
  for (const page of [one, two]) page.destroy();
});

test("the same as text: (jank.repl/runtimes), (jank.repl/select ...)", async () => {
  const [one, two] = [await pageThatObeys("first"), await pageThatObeys('the "2nd"')];
  const session = await nrepl.clone();
  const { values } = await evaluate(" (jank.repl/runtimes)\n", { session });
  assert.match(values[0] ?? "", /:name "first"/);
  assert.deepEqual((await evaluate('(jank.repl/select "the \\"2nd\\"")', { session })).values, [
    '"the \\"2nd\\""',
  ]);
  assert.deepEqual((await evaluate("1", { session })).values, ['"the "2nd""']);
  assert.deepEqual((await evaluate("(jank.repl/select nil)", { session })).values, ["nil"]);
  const { err, status } = await evaluate('(jank.repl/select "nobody")', { session });
  assert.match(err, /no runtime "nobody"; there are .*"first"/);
  assert.deepEqual(status, ["eval-error", "done"]);
  for (const page of [one, two]) {
    assert.ok(
      !page.messages.some((message) => message.type === "run" && /select/.test(message.data)),
    );
    page.destroy();
  }
});

test("only a whole call with literal arguments is one", async () => {
  const session = await nrepl.clone();
  for (const code of [
    "(jank.repl/select x)",
    "(do (jank.repl/select nil))",
    "(jank.repl/select nil) 1",
    "(jank.repl/select (str 1))",
    "(jank.repl/nothing)",
    "jank.repl/select",
  ]) {
    const { err } = await evaluate(code, { session });
    assert.match(err, /jank\.repl/, code);
  }
  const { err } = await evaluate('(jank.repl/select "a" "b")', { session });
  assert.match(err, /takes the name or id/);
});

test("a page that was chosen and is gone is named", async () => {
  const page = await pageThatObeys("leaves");
  const session = await nrepl.clone();
  await nrepl.request({ op: "jank/select-runtime", session, runtime: "leaves" });
  page.destroy();
  await until("its end", () => server.server.pages.all.length === 0);
  const { err, ex, status } = await evaluate("1", { session });
  assert.match(err, /"leaves" is not connected any more/);
  assert.equal(ex, "ConnectionException");
  assert.deepEqual(status, ["eval-error", "done"]);
  const again = await pageThatObeys("leaves");
  assert.deepEqual((await evaluate("1", { session })).values, ['"leaves"'], "it came again");
  again.destroy();
});

test("undo, as an operation and as text", async () => {
  const session = await nrepl.clone();
  await evaluate("(ns undoing) (defn f [] 1)", { session });
  await evaluate("(defn f [] 2)", { session });
  await evaluate("(defn f [] 3)", { session });
  const [answer] = await nrepl.request({ op: "jank/undo", session });
  assert.deepEqual(structuredClone(answer?.changes), [{ name: "undoing/f", from: 3, to: 2 }]);
  assert.deepEqual((await evaluate("(f)", { session })).values, ["2"]);
  const { values } = await evaluate("(jank.repl/undo 'f)", { session });
  assert.deepEqual(values, ['[{:name "undoing/f" :from 2 :to 1}]']);
  assert.deepEqual((await evaluate("(f)", { session })).values, ["1"]);
  const { err, status } = await evaluate("(jank.repl/undo 'no/such)", { session });
  assert.match(err, /nothing to go back to/);
  assert.deepEqual(status, ["eval-error", "done"]);
  const [refused] = await nrepl.request({ op: "jank/undo", vars: ["no/such"] });
  assert.deepEqual(refused?.status, ["undo-error", "done"]);
});

test("a page that refuses a definition is named, others are not", async () => {
  const [good, bad] = [await pageThatObeys("good"), await server.page("bad")];
  const answers = nrepl.request({ op: "eval", code: "(defn refused [] 4)" });
  const { epoch, seq } = await bad.next(
    "patch",
    ({ symbols }) => symbols[0]?.name === "user/refused",
  );
  const error = reportOf("load", "PatchException", "no room");
  bad.send(acknowledgement({ epoch, seq, status: "failed", error }));
  const { values, err, status } = summary(await answers);
  assert.deepEqual([values, status], [["#'user/refused"], ["done"]]);
  assert.equal(err, 'in the page "bad": PatchException: no room\n');
  for (const page of [good, bad]) page.destroy();
});

test("what pages print by themselves comes to the last evaluation of each session in use", async () => {
  const other = await server.nrepl();
  const idle = await other.clone();
  const [mine, theirs] = [await nrepl.clone(), await other.clone()];
  post("mine-1", { op: "eval", session: mine, code: "1" });
  await nrepl.answers("mine-1");
  await other.request({ op: "eval", session: theirs, code: "1" });
  const page = await pageThatObeys("talks");
  page.send({ type: "output", stream: "out", source: "program", text: "by itself\n" });
  const late = await until("it", () =>
    answersOf("mine-1").find(({ out }) => out === "by itself\n"),
  );
  assert.deepEqual(structuredClone(late), { id: "mine-1", session: mine, out: "by itself\n" });
  await until("it there", () =>
    other.messages.find(({ session, out }) => session === theirs && out),
  );
  page.send({ type: "output", stream: "err", source: "console", text: "red\n" });
  await until("the other", () => answersOf("mine-1").find(({ err }) => err === "red\n"));
  assert.ok(!other.messages.some(({ session, out }) => session === idle && out));
  page.destroy();
  other.destroy();
});

// ---- Places --------------------------------------------------------------------------

test("a place is that of the file: the column counts in the first line only", async () => {
  const at = async (code: string, more: Fields) =>
    (await evaluate(code, { file: "p.jank", ...more })).err;
  assert.match(await at("(nope)", { line: 10, column: 5 }), /^p\.jank:10:5: /);
  assert.match(await at("(do 1 (nope))", { line: 10, column: 5 }), /^p\.jank:10:11: /);
  assert.match(await at("(do\n (nope))", { line: 10, column: 5 }), /^p\.jank:11:2: /);
  assert.match(await at("1 (nope)", { line: "10", column: "5" }), /^p\.jank:10:7: /);
  assert.match(await at("(nope)", { line: 0, column: 0 }), /^p\.jank:1:1: /);
  assert.match(await at('(throw (ex-info "x" {}))', { line: 7, column: 3 }), /^p\.jank:7:3: /);
});
