// The same requests to nREPL's own server (Debian's libnrepl-clojure, in a JVM) and to
// ours: the same messages, in the same order, with the same keys, statuses and, where
// the languages are the same, values.
//
// What must differ is normalised: ids of sessions, texts of errors, names of exceptions.
// What we do otherwise on purpose is not asked for: an answer to a request without a
// session has none, and the forms behind one that fails are not evaluated.

import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { encodeBencode, type Bencode, type BencodeDictionary } from "../../src/server/bencode.js";
import { NreplConnection, TestServer, until } from "../server/harness.js";

const JARS = ["clojure", "nrepl", "spec.alpha", "core.specs.alpha"].map(
  (name) => `/usr/share/java/${name}.jar`,
);
const START = `(require 'nrepl.server)
  (println (:port (nrepl.server/start-server :bind "127.0.0.1")))
  (flush)
  @(promise)`;

let ours: TestServer;
let reference: ChildProcess;
let referencePort: number;

before(async () => {
  ours = await TestServer.start();
  reference = spawn("java", ["-cp", JARS.join(":"), "clojure.main", "-e", START], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: reference.stdout as NodeJS.ReadableStream });
  const [line] = (await once(lines, "line")) as [string];
  referencePort = Number(line);
});
after(async () => {
  reference.kill("SIGKILL");
  await ours.close();
});

/** SESSION stands for a session that the test has cloned; GONE for one that it has closed. */
const SESSION = "<session>";
const GONE = "<gone>";

type Fields = Record<string, Bencode>;

/**
 * A request; `theirs`: what it is for the reference, where the languages differ;
 * `types`: what is sent at each "need-input".
 */
type Step = Fields & { theirs?: Fields; types?: string[] };

const on = (fields: Fields): Fields => ({ session: SESSION, ...fields });
const run = (code: string, more: Fields = {}): Fields => on({ op: "eval", code, ...more });
const reading = (code: string, ...types: string[]): Step => ({ ...run(code), types });

const SCRIPTS: Record<string, Step[]> = {
  "clone, of nothing and of a session": [{ op: "clone" }, on({ op: "clone" })],
  "a closed session is unknown": [
    on({ op: "close" }),
    run("1"),
    on({ op: "close" }),
    on({ op: "clone" }),
    on({ op: "describe" }),
  ],
  "a session that never was": [{ op: "eval", code: "1", session: GONE }],
  "a value for each form": [run('1 :a "b" nil (+ 1 2)'), run("[1 {:a #{2}}]")],
  "no form at all": [run(""), run("  ; nothing"), run("#_ 1")],
  "what is printed": [
    run('(println "é 漢 𝄞")'),
    run('(print "no newline")'),
    run("(do (print 1) (print 2) :done)"),
    run("(println 1) (println 2)"),
  ],
  "an error, and what stands behind it": [
    run("(/ 1 0)"),
    run('1 (throw (ex-info "no" {}))'),
    run('(println :first) (throw (ex-info "no" {}))'),
    run("(nope)"),
    run("(inc 1)"),
  ],
  "text that cannot be read": [run("("), run("1 )"), run("1 #<x> 2"), run('"open'), run("2")],
  "*1 *2 *3 *e": [
    run(":a"),
    run(":b"),
    run(":c"),
    run("[*1 *2 *3]"),
    run('(throw (ex-info "text" {}))'),
    run("(ex-message *e)"),
  ],
  namespaces: [
    run("(ns made.here)"),
    run("(def x 1)"),
    run("x"),
    run("(clojure.core/str *ns*)"),
    run("(+ 1 1)", { ns: "user" }),
    run("x"),
    run("x", { ns: "made.here" }),
    run("1", { ns: "made.nowhere" }),
    run("(in-ns 'user)", { ns: "made.here" }),
    run("x"),
    on({ op: "describe" }),
  ],
  "a clone is where its session was": [
    run("(ns clone.home)"),
    on({ op: "clone" }),
    run("(str *ns*)"),
  ],
  "eval without code": [on({ op: "eval" }), { op: "eval" }],
  "eval without a session": [
    { op: "eval", code: "(+ 1 2)" },
    { op: "eval", code: "*1" },
  ],
  "no such operation": [{ op: "nope" }, on({ op: "nope" }), { op: "" }],
  "idle sessions": [
    on({ op: "interrupt" }),
    on({ op: "interrupt", "interrupt-id": "nothing" }),
    { op: "interrupt" },
    { op: "interrupt", session: GONE },
  ],
  "load-file": [
    on({
      op: "load-file",
      file: "(ns loaded.file)\n(def a 5)\n(* 2 a)",
      "file-path": "a.clj",
      "file-name": "a.clj",
    }),
    run("(str *ns*)"),
    run("loaded.file/a"),
    on({ op: "load-file", file: "(println :out) nil", "file-path": "b.clj", "file-name": "b.clj" }),
    on({ op: "load-file", file: "", "file-path": "c.clj", "file-name": "c.clj" }),
    on({ op: "load-file", file: "(def b 1)\n(nope)", "file-path": "d.clj", "file-name": "d.clj" }),
    on({
      op: "load-file",
      file: "(def in-session 7) in-session",
      "file-path": "e.clj",
      "file-name": "e.clj",
    }),
  ],
  stdin: [on({ op: "stdin", stdin: "text\n" }), on({ op: "stdin", stdin: "" })],
  "a line that is asked for": [
    reading("(read-line)", "one\n"),
    reading('(do (print "name? ") (flush) (read-line))', "é 漢 😀\n"),
    reading("[(read-line) (read-line)]", "a\n", "b\n"),
    reading("(read-line) (read-line)", "first\n", "second\n"),
    reading("(read-line)", "\n"),
    reading("(read-line)", "two ", "parts\n"),
  ],
  "the end of the input, and more after it": [
    reading("(read-line)", ""),
    reading("(read-line)", "again\n"),
  ],
  "lines that come before they are asked for": [
    on({ op: "stdin", stdin: "early\nearlier\n" }),
    reading("[(read-line) (read-line)]"),
    reading("(read-line)", "late\n"),
  ],
  "what reads a text needs no input": [
    run('(with-in-str "a\\nb" [(read-line) (read-line) (read-line)])'),
  ],
  "ids of any kind": [
    run("1", { id: 7 }),
    run("1", { id: "" }),
    run("1", { id: "é" }),
    on({ op: "describe", id: 0 }),
  ],
  completions: [
    on({ op: "completions", prefix: "mapc" }),
    on({ op: "completions", prefix: "mapc", ns: "user" }),
    on({ op: "completions", prefix: "no-such-name" }),
    on({ op: "completions", prefix: "clojure.core/mapc" }),
  ],
  lookup: [
    on({ op: "lookup", sym: "mapv" }),
    on({ op: "lookup", sym: "mapv", ns: "user" }),
    on({ op: "lookup", sym: "when" }),
    on({ op: "lookup", sym: "if" }),
  ],
};

/** Where the value came from. */
const OUR_KEYS = ["runtime"];

const SHAPES: Record<string, (value: Bencode) => unknown> = {
  "new-session": () => "<new session>",
  session: () => "<session>",
  err: () => "<text>",
  ex: () => "<class>",
  "root-ex": () => "<class>",
  status: (value) => [...(value as string[])].sort(),
  value: (value) => (value as string).replace(/^#(object|namespace)\[.*/, "<namespace>"),
  ops: () => "<ops>",
  versions: (value) => Object.keys(value as object).filter((key) => key === "nrepl"),
  completions: (value) =>
    (value as BencodeDictionary[]).map(({ candidate, type }) => ({ candidate, type })),
  info: (value) => {
    const { name, ns, macro, "arglists-str": arglists } = value as BencodeDictionary;
    return { name, ns, macro, hasArglists: typeof arglists === "string" };
  },
};

const normalised = (message: BencodeDictionary, isInSession: boolean): object =>
  Object.fromEntries(
    Object.entries(structuredClone(message))
      .filter(([key]) => !OUR_KEYS.includes(key) && (isInSession || key !== "session"))
      .map(([key, value]) => [key, SHAPES[key]?.(value) ?? value])
      .sort(),
  );

/** What is printed comes in as many messages as it likes. */
function joined(messages: BencodeDictionary[]): BencodeDictionary[] {
  return messages.reduce<BencodeDictionary[]>((all, message) => {
    const last = all.at(-1);
    const stream = ["out", "err"].find((key) => last?.[key] && message[key]) as "out" | undefined;
    if (last && stream) last[stream] = `${last[stream] as string}${message[stream] as string}`;
    else all.push({ ...message });
    return all;
  }, []);
}

const isLast = ({ status }: BencodeDictionary): boolean =>
  Array.isArray(status) && status.includes("done");

const isAsking = ({ status }: BencodeDictionary): boolean =>
  Array.isArray(status) && status.includes("need-input");

/** The messages of an id; nREPL's own server ends a refused evaluation twice. */
function answersTo(id: Bencode, messages: BencodeDictionary[]): BencodeDictionary[] {
  const all = messages.filter((message) => JSON.stringify(message.id) === JSON.stringify(id));
  return all.slice(0, all.findIndex(isLast) + 1);
}

async function converse(port: number, side: "ours" | "theirs", steps: Step[]): Promise<object[]> {
  const connection = await NreplConnection.open(port);
  const session = await connection.clone();
  const requests: Fields[] = [];
  for (const [i, step] of steps.entries()) {
    const { theirs = {}, types = [], ...common } = step;
    const fields: Fields = { id: `step-${i}`, ...common, ...(side === "theirs" && theirs) };
    if (fields.session === SESSION) fields.session = session;
    requests.push(fields);
    connection.socket.write(encodeBencode(fields));
    const { id } = fields as { id: Bencode };
    const typed = [...types];
    await until(`the end of ${JSON.stringify(step)}`, () => {
      const asked = connection.messages.filter((each) => each.id === id && isAsking(each)).length;
      while (types.length - typed.length < asked && typed.length > 0)
        connection.socket.write(encodeBencode({ op: "stdin", session, stdin: typed.shift()! }));
      return answersTo(id, connection.messages).some(isLast);
    });
  }
  connection.destroy();
  return requests.map((fields, i) => ({
    request: steps[i],
    answers: joined(answersTo(fields.id as Bencode, connection.messages)).map((message) =>
      normalised(message, fields.session === session),
    ),
  }));
}

for (const [name, steps] of Object.entries(SCRIPTS))
  test(`as nREPL's own server: ${name}`, async () => {
    const expected = await converse(referencePort, "theirs", steps);
    const given = await converse(ours.server.nreplPort, "ours", steps);
    assert.deepEqual(given, expected);
  });

/** The client that comes with the reference, in a JVM. */
const CLIENT = `(require '[nrepl.core :as nrepl])
  (with-open [c (nrepl/connect :host "127.0.0.1" :port PORT)]
    (let [client (nrepl/client c 20000)
          session (nrepl/client-session client)
          say (fn [messages] (prn (map #(dissoc % :id :session :runtime) messages)))]
      (say (nrepl/message client {:op "eval" :code "(+ 1 2) (* 3 4)"}))
      (prn (nrepl/response-values (nrepl/message session {:op "eval" :code "(ns by.client) (str *ns*)"})))
      (prn (nrepl/response-values (nrepl/message session {:op "eval" :code "(str *ns*)"})))
      (prn (:out (nrepl/combine-responses (nrepl/message session {:op "eval" :code "(println 1 2)"}))))
      (prn (:status (nrepl/combine-responses (nrepl/message session {:op "eval" :code "(/ 1 0)"}))))
      (prn (map :candidate (:completions (first (nrepl/message client {:op "completions" :prefix "mapc"})))))
      (prn (sort (keys (:versions (first (nrepl/message client {:op "describe"}))))))))
  (shutdown-agents)`;

test("nREPL's own client talks to our server", async () => {
  const code = CLIENT.replace("PORT", String(ours.server.nreplPort));
  const { stdout } = await promisify(execFile)("java", [
    "-cp",
    JARS.join(":"),
    "clojure.main",
    "-e",
    code,
  ]);
  assert.deepEqual(stdout.trim().split("\n"), [
    '({:ns "user", :value "3"} {:ns "user", :value "12"} {:status ["done"]})',
    '[nil "by.client"]',
    '["by.client"]',
    '"1 2\\n"',
    '#{"eval-error" "done"}',
    '("mapcat")',
    "(:jank :nrepl)",
  ]);
});
