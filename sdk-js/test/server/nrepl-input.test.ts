// What evaluations read: `stdin`, "need-input", and what waits for a line meanwhile.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeBencode, type Bencode } from "../../src/server/bencode.js";
import { eventually, pause, summary, TestServer, until, type NreplConnection } from "./harness.js";

const APP = "(ns app)\n(defn twice [x] (* 2 x))\n";

let server: TestServer;
let nrepl: NreplConnection;

before(async () => {
  server = await TestServer.start({ "src/app.jank": APP }, { evalTimeout: 0.5 });
  nrepl = await server.nrepl();
});
after(() => server.close());

type Fields = Record<string, Bencode>;

let evaluations = 0;

/** An evaluation that waits for input. */
async function reading(code: string, session?: string) {
  const [id, own] = [`reading-${++evaluations}`, session ?? (await nrepl.clone())];
  nrepl.socket.write(encodeBencode({ op: "eval", code, id, session: own }));
  const answers = () => nrepl.messages.filter((message) => message.id === id);
  const asks = () => summary(answers()).status.filter((each) => each === "need-input").length;
  await until("need-input", () => asks() > 0);
  return {
    id,
    session: own,
    answers,
    type: (stdin: string) => nrepl.request({ op: "stdin", session: own, stdin }),
    asked: (count: number) => until(`question ${count}`, () => asks() === count),
    ending: async () => summary(await nrepl.answers(id)),
  };
}

const evaluate = async (code: string, more: Fields = {}) =>
  summary(await nrepl.request({ op: "eval", code, ...more }));

test("what is printed comes before need-input, which stands alone", async () => {
  const evaluation = await reading('(do (print "name? ") (str "hello " (read-line)))');
  assert.deepEqual(
    evaluation.answers().map(({ id: _, session: __, ...rest }) => rest),
    [{ out: "name? " }, { status: ["need-input"] }],
  );
  assert.deepEqual(summary(await evaluation.type("Ada\n")).status, ["done"]);
  const { values, status } = await evaluation.ending();
  assert.deepEqual([values, status], [['"hello Ada"'], ["need-input", "done"]]);
});

test("a session reads its own input, not that of another", async () => {
  const other = await nrepl.clone();
  await nrepl.request({ op: "stdin", session: other, stdin: "other\n" });
  const evaluation = await reading("(read-line)");
  await nrepl.request({ op: "stdin", session: other, stdin: "more\n" });
  await pause(100);
  assert.equal(evaluation.answers().length, 1, "it still waits");
  await evaluation.type("mine\n");
  assert.deepEqual((await evaluation.ending()).values, ['"mine"']);
  assert.deepEqual((await evaluate("[(read-line) (read-line)]", { session: other })).values, [
    '["other" "more"]',
  ]);
});

test("without a session, over HTTP, in a callback and in a file there is no input, and no wait", async () => {
  assert.deepEqual((await evaluate("(read-line)")).values, ["nil"]);
  assert.equal(await server.here("(read-line)"), "nil");
  await nrepl.request({ op: "stdin", stdin: "lost\n" });
  const session = await nrepl.clone();
  await evaluate("(def seen (atom :none))", { session });
  await evaluate("(js/setTimeout (fn [] (reset! seen (read-line))) 1)", { session });
  await eventually("the callback", async () => (await server.here("@seen")) === "nil");
  server.write("src/reads.jank", "(ns reads) (def line [(read-line)])");
  await eventually("the file", async () => (await server.here("reads/line")) === "[nil]");
});

test("interrupted while it waits: the session goes on, and reads what comes next", async () => {
  const evaluation = await reading("(do (read-line) :not-reached)");
  const { id, session } = evaluation;
  await nrepl.request({ op: "interrupt", session, "interrupt-id": id });
  assert.deepEqual((await evaluation.ending()).status, ["need-input", "interrupted", "done"]);
  assert.deepEqual((await evaluate("(+ 1 2)", { session })).values, ["3"]);
  await nrepl.request({ op: "stdin", session, stdin: "next\n" });
  assert.deepEqual((await evaluate("(read-line)", { session })).values, ['"next"']);
});

test("no `catch` gets the interruption, `finally` runs", async () => {
  const session = await nrepl.clone();
  await evaluate("(def ran (atom []))", { session });
  const code =
    "(try (read-line) (swap! ran conj :went-on) (catch :default e (swap! ran conj :caught))" +
    " (finally (swap! ran conj :finally)))";
  for (let i = 0; i < 10; i++) {
    const evaluation = await reading(code, session);
    await nrepl.request({ op: "interrupt", session });
    await evaluation.ending();
  }
  const expected = `[${Array(10).fill(":finally").join(" ")}]`;
  assert.deepEqual((await evaluate("@ran", { session })).values, [expected]);
});

test("the time in which it waits is not counted: the limit is 0.5 s", async () => {
  const evaluation = await reading("(do (def a (read-line)) (def b (read-line)) [a b])");
  await pause(700);
  await evaluation.type("one\n");
  await evaluation.asked(2);
  await pause(700);
  await evaluation.type("two\n");
  assert.deepEqual((await evaluation.ending()).values, ['["one" "two"]']);
  const late = await reading("(do (read-line) (loop [] (recur)))");
  await pause(700);
  await late.type("\n");
  assert.match((await late.ending()).err, /longer than 0\.5 s/);
});

test("an edit does not wait: what waits for input gives way, and is told why", async () => {
  const evaluation = await reading("(do (read-line) :not-reached)");
  server.write("src/app.jank", APP.replace("* 2 x", "* 3 x"));
  const { err, status } = await evaluation.ending();
  assert.match(err, /InterruptedException: interrupted: an edit came while it waited for input/);
  assert.deepEqual(status, ["need-input", "eval-error", "done"]);
  await eventually("the edit", async () => (await server.here("(app/twice 7)")) === "21");
});

test("only what waits gives way to an edit, not what runs at the next one", async (t) => {
  const other = await TestServer.start({}, { evalTimeout: 60 });
  t.after(() => other.close());
  const editor = await other.nrepl();
  const session = await editor.clone();
  await other.here("(def kept (atom 7))");
  editor.socket.write(encodeBencode({ op: "eval", id: "reads", session, code: "(read-line)" }));
  await until("need-input", () => summary(editor.messages).status.includes("need-input"));
  other.write("src/first.jank", "(ns first) (def x 1)");
  await eventually("the edit", async () => (await other.here("first/x")) === "1");
  const slow = other.here(
    "(let [end (+ (js/performance.now) 1500)] (while (< (js/performance.now) end)) @kept)",
  );
  await pause(100);
  other.write("src/second.jank", "(ns second) (def x 2)");
  assert.equal(await slow, "7");
  await eventually("the next edit", async () => (await other.here("second/x")) === "2");
});

test("a client that goes away ends the input of what waits for it", async () => {
  const gone = await server.nrepl();
  const session = await gone.clone();
  gone.socket.write(
    encodeBencode({ op: "eval", id: "gone", session, code: "(def line [(read-line)])" }),
  );
  await until("need-input", () => summary(gone.messages).status.includes("need-input"));
  gone.destroy();
  assert.deepEqual((await evaluate("line")).values, ["[nil]"]);
});

test("too much input, and input that is none, are refused; what waits still waits", async () => {
  const evaluation = await reading("(count (read-line))");
  const { session } = evaluation;
  const half = "x".repeat(600_000);
  assert.deepEqual(summary(await evaluation.type(half)).status, ["done"]);
  const { err, status } = summary(await evaluation.type(half));
  assert.equal(err, "too much input waits to be read\n");
  assert.deepEqual(status, ["error", "too-much-input", "done"]);
  const bad = await nrepl.request({ op: "stdin", session, stdin: ["a"] });
  assert.deepEqual(summary(bad).status, ["error", "bad-field", "done"]);
  await evaluation.type("\n");
  assert.deepEqual((await evaluation.ending()).values, ["600000"]);
});
