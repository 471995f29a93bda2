// The same requests to nREPL's own server (Debian's libnrepl-clojure, in a JVM) and to
// ours: the same messages, in the same order, with the same keys, statuses and, where
// the languages are the same, values.
//
// What must differ is normalised: ids of sessions, texts of errors, names of exceptions.
// What we do otherwise on purpose is DIFFERENCES.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import type { Bencode, BencodeDictionary } from "../../src/server/bencode.js";
import { NreplConnection, TestServer } from "../server/harness.js";

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

/** A request; where the languages differ, a pair of them: ours and the reference's. */
type Step = Fields | { ours: Fields; theirs: Fields };

const on = (fields: Fields): Fields => ({ session: SESSION, ...fields });
const run = (code: string, more: Fields = {}): Fields => on({ op: "eval", code, ...more });

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
  "a value for each form": [run("1 :a \"b\" nil (+ 1 2)"), run("[1 {:a #{2}}]")],
  "no form at all": [run(""), run("  ; nothing"), run("#_ 1")],
  "what is printed": [
    run('(println "é 漢 𝄞")'),
    run('(print "no newline")'),
    run('(do (print 1) (print 2) :done)'),
    run('(binding [*out* *err*] 1)'),
    run("(println 1) (println 2)"),
  ],
  "an error, and what stands behind it": [
    run("(/ 1 0)"),
    run("1 (throw (ex-info \"no\" {})) 2"),
    run("(nope)"),
    run("(inc 1)"),
  ],
  "text that cannot be read": [run("("), run("1 )"), run("1 #<x> 2"), run('"open'), run("2")],
  "*1 *2 *3 *e": [
    run(":a"),
    run(":b"),
    run(":c"),
    run("[*1 *2 *3]"),
    run("(throw (ex-info \"text\" {}))"),
    run("(ex-message *e)"),
  ],
  "namespaces": [
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
  "a clone is where its session was": [run("(ns clone.home)"), on({ op: "clone" }), run("(str *ns*)")],
  "eval without code": [on({ op: "eval" }), { op: "eval" }],
  "eval without a session": [{ op: "eval", code: "(+ 1 2)" }, { op: "eval", code: "*1" }],
  "no such operation": [{ op: "nope" }, on({ op: "nope" }), {}, on({})],
  "idle sessions": [
    on({ op: "interrupt" }),
    on({ op: "interrupt", "interrupt-id": "nothing" }),
    { op: "interrupt" },
    { op: "interrupt", session: GONE },
  ],
  "load-file": [
    on({ op: "load-file", file: "(ns loaded.file)\n(def a 5)\n(* 2 a)", "file-path": "a.clj", "file-name": "a.clj" }),
    run("(str *ns*)"),
    run("loaded.file/a"),
    on({ op: "load-file", file: "(println :out) nil", "file-path": "b.clj", "file-name": "b.clj" }),
    on({ op: "load-file", file: "", "file-path": "c.clj", "file-name": "c.clj" }),
    on({ op: "load-file", file: "(def b 1)\n(nope)", "file-path": "d.clj", "file-name": "d.clj" }),
    on({ op: "load-file", file: "(def in-session 7) in-session", "file-path": "e.clj", "file-name": "e.clj" }),
  ],
  "stdin": [on({ op: "stdin", stdin: "text\n" }), on({ op: "stdin", stdin: "" })],
  "ids of any kind": [
    run("1", { id: 7 }),
    run("1", { id: "" }),
    run("1", { id: "é" }),
    on({ op: "describe", id: 0 }),
  ],
  "completions": [
    on({ op: "completions", prefix: "mapc" }),
    on({ op: "completions", prefix: "mapc", ns: "user" }),
    on({ op: "completions", prefix: "no-such-name" }),
    on({ op: "completions", prefix: "clojure.core/mapc" }),
  ],
  "lookup": [
    on({ op: "lookup", sym: "mapv" }),
    on({ op: "lookup", sym: "mapv", ns: "user" }),
    on({ op: "lookup", sym: "when" }),
    on({ op: "lookup", sym: "if" }),
  ],
};

/** Keys that only we send, or only the reference. */
const OUR_KEYS = ["runtime"];
const DIFFERENCES: Record<string, string> = {};

const SHAPES: Record<string, (value: Bencode) => unknown> = {
  "new-session": () => "<new session>",
  session: () => "<session>",
  err: () => "<text>",
  ex: () => "<class>",
  "root-ex": () => "<class>",
  status: (value) => [...(value as string[])].sort(),
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
    Object.entries(message)
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

async function converse(port: number, side: "ours" | "theirs", steps: Step[]): Promise<object[]> {
  const connection = await NreplConnection.open(port);
  const session = await connection.clone();
  const answers: object[] = [];
  for (const [i, step] of steps.entries()) {
    const fields = { ...("ours" in step ? (step as Record<string, Fields>)[side] : step) } as Fields;
    if (fields.session === SESSION) fields.session = session;
    const from = connection.messages.length;
    await connection.send({ id: `step-${i}`, ...fields });
    const messages = connection.messages.slice(from);
    answers.push({
      request: step,
      answers: joined(messages).map((message) => normalised(message, fields.session === session)),
    });
  }
  connection.destroy();
  return answers;
}

for (const [name, steps] of Object.entries(SCRIPTS))
  test(`as nREPL's own server: ${name}`, async () => {
    const expected = await converse(referencePort, "theirs", steps);
    const given = await converse(ours.server.nreplPort, "ours", steps);
    assert.deepEqual(given, expected);
  });
