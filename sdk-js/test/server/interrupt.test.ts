// What does not end is ended, and everything else is as it was: a macro, a value,
// a printed sequence, a callback; asked for over HTTP, nREPL, a page or a file.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ErrorReport } from "../../src/protocol.js";
import { pause, summary, TestServer, until } from "./harness.js";

const APP = `(ns app (:require [clojure.zip :as zip]))
(def base 20)
(defn twice [x] (* 2 x))
(defmacro thrice [form] (list '* 3 form))
(defprotocol Shape (area [shape]))
(defrecord Square [side] Shape (area [_] (* side side)))
(defonce hits (atom 0))
(println :loading)
(swap! hits inc)
`;
/** The engine's own regular expressions ask nobody: the thread is ended. */
const UNSTOPPABLE = '(re-find #"(a+)+$" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")';
const ENDLESS_MACRO = "(defmacro endless [] (loop [] (recur)))\n";
const EVERYTHING =
  "[(app/twice app/base) (app/thrice 2) (app/area (app/->Square 3)) @app/hits (some? (find-ns 'clojure.zip))]";

async function start(
  t: TestContext,
  files: Record<string, string> = {},
  evalTimeout = 0.4,
): Promise<TestServer> {
  const server = await TestServer.start({ "src/app.jank": APP, ...files }, { evalTimeout });
  t.after(() => server.close());
  return server;
}

const here = async (server: TestServer, code: string) => (await server.eval(code)).json?.value;

async function interrupted(server: TestServer, code: string): Promise<ErrorReport> {
  const { status, json } = await server.eval(code);
  assert.equal(status, 400, JSON.stringify(json));
  const error = json?.error as ErrorReport;
  assert.equal(error.class, "InterruptedException");
  return error;
}

test("POST /eval: an endless macro is an error that says where, why, and what to do", async (t) => {
  const server = await start(t);
  const error = await interrupted(
    server,
    `${ENDLESS_MACRO}(def kept 1)\n  (endless)\n(def not-reached 2)`,
  );
  assert.deepEqual([error.file, error.line, error.column], ["/eval", 3, 3]);
  assert.match(error.message, /longer than 0\.4 s.*--eval-timeout/);
  assert.equal(await here(server, "[kept (resolve 'not-reached)]"), "[1 nil]");
});

for (const [what, code] of [
  ["a loop", "(loop [] (recur))"],
  ["the init of a definition", "(def bad (loop [] (recur)))"],
  ["a value that is printed without end", "(range)"],
  [
    "a loop that catches everything",
    '(loop [] (try (throw (ex-info "x" {})) (catch :default _ nil)) (recur))',
  ],
  ["a regular expression", UNSTOPPABLE],
  ["a callback of JavaScript", "(.forEach #js [1] (fn [_] (loop [] (recur))))"],
  ["one that allocates", "(loop [x nil] (recur (list x)))"],
  [
    "the reader",
    '(def seen (binding [*data-readers* {\'x (fn [_] (loop [] (recur)))}] (read-string "#x 1")))',
  ],
] as const)
  test(`interrupted: ${what}`, async (t) => {
    const server = await start(t);
    await interrupted(server, code);
    const isBound = (name: string) => `(boolean (some-> (resolve '${name}) bound?))`;
    assert.equal(await here(server, `[${isBound("bad")} ${isBound("seen")}]`), "[false false]");
    assert.equal(await here(server, EVERYTHING), "[40 6 9 1 true]");
  });

test("what was there is there: definitions, macros, types, what was required", async (t) => {
  const server = await start(t);
  await server.eval("(in-ns 'app) (defn twice [x] [x x]) (def late (atom 5))");
  await server.eval("(require '[clojure.zip :as z])");
  const { log } = server.server.engine;
  const before = { epoch: log.epoch, seq: log.seq };
  await interrupted(server, "(loop [] (recur))");
  assert.deepEqual({ epoch: log.epoch, seq: log.seq }, before);
  assert.equal(await here(server, "[(app/twice 1) (app/thrice 2) @app/late]"), "[[1 1] 6 5]");
  assert.equal(await here(server, "(z/node (z/vector-zip [1]))"), "[1]", "also an alias");
  assert.equal(log.seq, before.seq, "nothing was loaded again");
});

test("again and again", async (t) => {
  const server = await start(t, {}, 0.3);
  for (const n of [1, 2, 3]) {
    await interrupted(server, "(loop [] (recur))");
    assert.equal(await here(server, `(def n ${n}) n`), `${n}`);
  }
  assert.equal(await here(server, EVERYTHING), "[40 6 9 1 true]");
});

test("several at once: each gets its own answer", async (t) => {
  const server = await start(t, {}, 0.3);
  const [one, two, three, four] = await Promise.all([
    server.eval("(loop [] (recur))"),
    server.eval("(def a 1) (app/twice 4)"),
    server.eval("(range)"),
    server.http("/status"),
  ]);
  assert.deepEqual([one?.status, two?.status, three?.status, four?.status], [400, 200, 400, 200]);
  assert.equal(two?.json?.value, "8");
  assert.equal(await here(server, "a"), "1");
});

test("nREPL: an error, what was printed, done; the session goes on", async (t) => {
  const server = await start(t);
  const editor = await server.nrepl();
  const session = await editor.clone();
  const evaluate = async (code: string, ns?: string) =>
    summary(await editor.request({ op: "eval", session, code, ...(ns !== undefined && { ns }) }));
  assert.equal((await evaluate("(ns work) (def x 1)")).ns, "work");
  const bad = await evaluate('(+ 1 1)\n(do (println "so far") (loop [] (recur)))');
  assert.deepEqual(bad.values, ["2"]);
  assert.equal(bad.out, "so far\n");
  assert.match(bad.err, /^<nrepl>:2:\d+: InterruptedException: interrupted: .*longer than 0\.4 s/);
  assert.deepEqual([bad.ex, bad.status], ["InterruptedException", ["eval-error", "done"]]);
  assert.deepEqual((await evaluate("(inc x)")).values, ["2"]);
  assert.deepEqual((await evaluate("(twice base)", "app")).values, ["40"]);
});

test("nREPL: requests that wait behind it are answered in order", async (t) => {
  const server = await start(t);
  const editor = await server.nrepl();
  const codes = ["(def at 1)", "(loop [] (recur))", "(def at 2)", "at"];
  const answers = await Promise.all(codes.map((code) => editor.request({ op: "eval", code })));
  assert.equal(summary(answers[1] ?? []).ex, "InterruptedException");
  assert.deepEqual(summary(answers[3] ?? []).values, ["2"]);
});

test("a page that asks gets the error, and the next answer", async (t) => {
  const server = await start(t);
  const page = (await server.page()).obey();
  page.send({ type: "eval", id: "1", code: `${ENDLESS_MACRO}(endless)` });
  page.send({ type: "eval", id: "2", code: "(app/twice 1)" });
  const { error } = await page.next("eval_result", ({ id }) => id === "1");
  assert.equal(error?.class, "InterruptedException");
  const next = await page.next("eval_result", ({ id }) => id === "2");
  assert.equal(next.value, "from-the-page");
});

test("a saved file: pages are told, the next save works, its other forms are sent once", async (t) => {
  const server = await start(t);
  const page = (await server.page()).obey();
  await page.settle();
  const count = page.patches.length;
  const file = "src/app.jank";
  server.write(file, `${APP}${ENDLESS_MACRO}(defn bad [] (endless))\n(defn after [] 1)\n`);
  const { error } = await page.next("error");
  assert.match(error.file ?? "", /app\.jank$/);
  assert.deepEqual([error.class, error.line], ["InterruptedException", 11]);
  assert.deepEqual(
    page.patches.slice(count).map(({ symbols }) => symbols[0]?.name),
    [],
  );
  server.write(file, `${APP}(defn after [] 1)\n`);
  await page.next("mended");
  await page.settle();
  assert.deepEqual(
    page.patches.slice(count).map(({ symbols }) => symbols[0]?.name),
    ["app/after"],
  );
});

test("pages that are there notice nothing; one that comes later has everything once", async (t) => {
  const server = await start(t);
  const page = (await server.page("there")).obey();
  await page.settle();
  const had = page.patches.map(({ seq }) => seq);
  page.send({ type: "eval", id: "1", code: `${ENDLESS_MACRO}(endless)` });
  await page.next("eval_result");
  await server.eval("(def new 1)");
  await page.settle();
  const { epoch, seq } = server.server.engine.log;
  assert.deepEqual(
    page.patches.slice(had.length).map(({ symbols }) => symbols[0]?.name),
    ["user/endless", "user/new"],
  );
  assert.ok(page.patches.every((patch) => patch.epoch === epoch));
  const late = await server.page("late");
  await late.settle();
  const numbers = late.patches.map((patch) => patch.seq);
  assert.deepEqual(numbers, [...had, seq - 1, seq]);
  const again = await server.page("again", epoch, seq);
  await again.settle();
  assert.deepEqual(again.patches, []);
});

test("an evaluation that waits for a page goes on where it was", async (t) => {
  const server = await start(t);
  const page = await server.page("slow");
  const waiting = server.eval(
    "(ns work) (defmacro four [] 4)\n(println :in-the-page)\n(def sum (+ (four) (app/twice 3)))",
  );
  const run = await page.next("run");
  await interrupted(server, "(def bad (loop [] (recur)))");
  const { id, ns } = run;
  for (const patch of page.patches) page.acknowledge(patch);
  page.obey();
  page.send({ type: "eval_result", id, ns, value: "nil", out: "", err: "", installMs: 1 });
  const { json } = await waiting;
  assert.deepEqual([json?.error, json?.value, json?.ns], [undefined, "#'work/sum", "work"]);
  page.destroy();
  await until("the page to be gone", () => server.server.pages.all.length === 0);
  assert.equal(await here(server, "work/sum"), "10");
});

test("a macro that gives forms without end is interrupted between them", async (t) => {
  const server = await start(t);
  await server.eval("(swap! app/hits + 41)");
  const error = await interrupted(server, "(defmacro more [] '(do 1 (more)))\n(more)");
  assert.deepEqual([error.line, error.column], [2, 1]);
  assert.equal(await here(server, "@app/hits"), "42", "the instance is the same one");
});

test("forms may take their time each", async (t) => {
  const server = await start(t, {}, 0.5);
  const busy = "(let [end (+ (js/performance.now) 200)] (while (< (js/performance.now) end)))";
  const { status, json } = await server.eval(`${busy}\n${busy} \n${busy}  \n[1 ${busy}]\n:ended`);
  assert.deepEqual([status, json?.value], [200, ":ended"]);
});

test("a callback that does not end holds up nothing for ever", async (t) => {
  const server = await start(t, {}, 0.3);
  await server.eval("(js/setTimeout (fn [] (loop [] (recur))) 0)");
  await until("a line for the developer", () => server.lines.some((line) => /callback/.test(line)));
  assert.equal(await here(server, EVERYTHING), "[40 6 9 1 true]");
});

test("timers of an instance that is gone do nothing", async (t) => {
  const server = await start(t, {}, 0.3);
  const ticks = () => server.lines.filter((line) => line.includes(":tick")).length;
  await server.eval("(js/setInterval (fn [] (println :tick)) 5)");
  await until("ticks", () => ticks() > 2);
  await interrupted(server, UNSTOPPABLE);
  assert.equal(await here(server, "1"), "1");
  const then = ticks();
  await pause(50);
  assert.equal(ticks(), then);
});

test("what does not end when it is installed again is left out, and said", async (t) => {
  const server = await start(t, {}, 0.3);
  await server.eval("(def waits (atom true))\n(reset! waits false)");
  await server.eval("(def waited (while @waits))\n(def other 1)");
  await interrupted(server, UNSTOPPABLE);
  assert.equal(
    await here(server, "[@waits other (boolean (some-> (resolve 'waited) bound?))]"),
    "[true 1 false]",
  );
  assert.ok(server.lines.some((line) => /made again: user\/waited: interrupted/.test(line)));
  await interrupted(server, UNSTOPPABLE);
  assert.equal(server.lines.filter((line) => /made again/.test(line)).length, 1);
});

test("a file that was interrupted is tried again when what it names has changed", async (t) => {
  const server = await start(t, {
    "src/tools.jank": `(ns tools)\n${ENDLESS_MACRO}`,
    "src/uses.jank": "(ns uses (:require [tools]))\n(def x (tools/endless))\n",
    "src/zother.jank": "(ns zother)\n(def y 1)\n",
  });
  const errors = async () => (await server.http("/status")).json?.errors as ErrorReport[];
  assert.deepEqual(
    (await errors()).map(({ class: name }) => name),
    ["InterruptedException"],
  );
  assert.equal(await here(server, "zother/y"), "1");
  server.write("src/zother.jank", "(ns zother)\n(def y 2)\n");
  await until("the save", () => server.lines.filter((line) => /zother\/y/.test(line)).length > 1);
  await pause(20);
  assert.equal(await here(server, "zother/y"), "2");
  const tries = server.lines.filter((line) => /InterruptedException/.test(line)).length;
  assert.equal(tries, 1, "nobody waits for the file that was interrupted");
  server.write("src/tools.jank", "(ns tools)\n(defmacro endless [] 7)\n");
  for (let i = 0; i < 200 && (await errors()).length; i++) await pause(10);
  assert.equal(await here(server, "uses/x"), "7");
});

test("--eval-timeout 0: nothing is interrupted", async (t) => {
  const server = await start(t, {}, 0);
  const code =
    "(let [end (+ (js/performance.now) 300)] (while (< (js/performance.now) end)) :ended)";
  assert.equal(await here(server, code), ":ended");
});
