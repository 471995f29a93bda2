// What no editor sends: every field with what it must not be, floods, halves, ends.
// Its sender is told, nothing is changed, and everything else goes on.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { encodeBencode, type Bencode } from "../../src/server/bencode.js";
import { http, pause, summary, TestServer, until, type NreplConnection } from "./harness.js";

let server: TestServer;
let nrepl: NreplConnection;
let bystander: NreplConnection;
let session: string;

before(async () => {
  server = await TestServer.start({ "src/eita.jank": "(ns eita) (defn ggg [v] (+ 48 v))" });
  bystander = await server.nrepl();
  session = await bystander.clone();
  await bystander.request({ op: "jank/select-runtime", session, runtime: "server" });
});
after(() => server.close());

/** Whoever else is connected has noticed nothing. */
afterEach(async () => {
  nrepl.destroy();
  const answers = await bystander.request({ op: "eval", session, code: "(eita/ggg 10)" });
  assert.deepEqual(summary(answers).values, ["58"]);
});

type Fields = Record<string, Bencode>;

const BAD: Bencode[] = [
  0,
  1,
  -1,
  2 ** 53 - 1,
  "",
  " ",
  "\0",
  "\n",
  ")",
  "(",
  '"',
  "no/such/name",
  "../../etc",
  "é漢𝄞",
  "x".repeat(100_000),
  [],
  [""],
  [0],
  [["a"], { b: 1 }],
  {},
  { a: "b" },
  { "": [] },
  "__proto__",
  "constructor",
];

const EMPTY = BAD.findIndex((bad) => Array.isArray(bad) && bad.length === 0);

async function detailed(): Promise<Record<string, { requires: object; optional: object }>> {
  const [answer] = await bystander.request({ op: "describe", "verbose?": "true" });
  return structuredClone(answer?.ops) as unknown as Record<
    string,
    { requires: object; optional: object }
  >;
}

/** A request that is right, for each operation. */
const GOOD: Record<string, Fields> = {
  eval: { code: "1" },
  "load-file": { file: "1" },
  completions: { prefix: "ma" },
  complete: { prefix: "ma" },
  lookup: { sym: "map" },
  info: { sym: "map" },
  eldoc: { sym: "map" },
  apropos: { query: "map" },
  macroexpand: { code: "(when 1)" },
  "ns-vars": { ns: "eita" },
  "jank/select-runtime": { runtime: "server" },
  "jank/undo": { vars: ["no/such"] },
};

test("every field of every operation, with everything that it must not be", async () => {
  nrepl = await server.nrepl();
  const operations = await detailed();
  assert.ok(Object.keys(operations).length >= 20);
  const cases = Object.entries(operations).flatMap(([op, { requires, optional }]) => {
    const own = [requires, optional].flatMap((fields) => Object.keys(fields));
    const fields = new Set(["session", "ns", ...own.flatMap((names) => names.split("|"))]);
    // Without vars an undo is right, and takes back what the other tests need.
    const isBad = (field: string, bad: Bencode) =>
      field !== "vars" || (bad !== "" && bad !== BAD[EMPTY]);
    return [...fields].flatMap((field) =>
      BAD.filter((bad) => isBad(field, bad)).map((bad) => ({ op, field, bad })),
    );
  });
  assert.ok(cases.length > 1000, String(cases.length));
  for (let at = 0; at < cases.length; at += 100)
    await Promise.all(
      cases.slice(at, at + 100).map(async ({ op, field, bad }) => {
        const answers = await nrepl.request({ op, ...GOOD[op], [field]: bad });
        const { err, status } = summary(answers);
        const what = `${op} ${field} ${JSON.stringify(bad).slice(0, 20)}: ${err}`;
        assert.equal(status.filter((each) => each === "done").length, 1, what);
        assert.ok((answers.at(-1)?.status as string[]).includes("done"), what);
        assert.ok(!status.includes("server-error"), what);
      }),
    );
});

test("a field of another type is named, and nothing is evaluated", async () => {
  nrepl = await server.nrepl();
  for (const [field, bad] of [
    ["ns", 1],
    ["ns", ["user"]],
    ["file", { a: "b" }],
    ["line", "ten"],
    ["line", ["1"]],
    ["column", {}],
    ["code", ["(def wrong-type 1)"]],
  ] as const) {
    const answers = await nrepl.request({
      op: "eval",
      code: "(def wrong-type 1)",
      [field]: bad as Bencode,
    });
    const { err, status } = summary(answers);
    assert.match(err, new RegExp(`"${field}" must be a`));
    assert.deepEqual(status, ["error", "bad-field", "done"]);
  }
  const answers = await nrepl.request({ op: "eval", code: "(resolve 'wrong-type)" });
  assert.deepEqual(summary(answers).values, ["nil"]);
});

test("ids and operations of any type", async () => {
  nrepl = await server.nrepl();
  for (const id of BAD) {
    const from = nrepl.messages.length;
    nrepl.socket.write(encodeBencode({ op: "eval", code: "1", id }));
    await until("an end", () => nrepl.messages.slice(from).some(({ status }) => status));
    assert.deepEqual(structuredClone(nrepl.messages.at(-1)?.id), id);
  }
  for (const op of BAD) {
    const [answer] = await nrepl.request({ op });
    assert.deepEqual(answer?.status, ["error", "unknown-op", "done"]);
  }
  for (const session of [1, "nobody", ["x"], { a: 1 }, "__proto__"] as Bencode[]) {
    const [answer] = await nrepl.request({ op: "eval", code: "1", session });
    assert.deepEqual(answer?.status, ["error", "unknown-session", "done"]);
  }
});

test("an id that could not be given back is refused", async () => {
  for (const id of ["i9007199254740993e", "li99999999999999999999ee", "d1:ai-9007199254740993ee"]) {
    nrepl = await server.nrepl();
    const from = nrepl.messages.length;
    nrepl.socket.write(`d4:code15:(def huge-id 1)2:id${id}2:op4:evale`);
    await until("an answer", () => nrepl.messages.length > from);
    assert.deepEqual(nrepl.messages.at(-1)?.status, ["error", "bad-message", "done"]);
  }
  nrepl = await server.nrepl();
  const answers = await nrepl.request({ op: "eval", code: "(resolve 'huge-id)" });
  assert.deepEqual(summary(answers).values, ["nil"]);
});

test("code that is large, or nested without end", async () => {
  nrepl = await server.nrepl();
  const large = await nrepl.request({ op: "eval", code: `"${"x".repeat(2 ** 21)}"` });
  assert.equal(summary(large).values[0]?.length, 2 ** 21 + 2);
  for (const code of ["(".repeat(100_000), `(jank.repl/select ${'"x" '.repeat(100_000)})`]) {
    const { err, status } = summary(await nrepl.request({ op: "eval", code }));
    assert.ok(err.length > 0);
    assert.deepEqual(status, ["eval-error", "done"]);
  }
  const lines = "(def x 1)\n".repeat(300);
  const answers = await nrepl.request({ op: "load-file", file: lines });
  assert.deepEqual(summary(answers).values, ["#'user/x"]);
});

test("a message of more than 16 MiB ends its connection", async () => {
  nrepl = await server.nrepl();
  nrepl.socket.write(`d4:code${2 ** 24}:`);
  await nrepl.closed;
  assert.match(nrepl.messages.at(-1)?.err as string, /too large/);
});

test("1,000 sessions of one connection", async () => {
  nrepl = await server.nrepl();
  const sessions = await Promise.all(Array.from({ length: 1000 }, () => nrepl.clone()));
  assert.equal(new Set(sessions).size, 1000);
  const values = await Promise.all(
    sessions.slice(0, 100).map(async (session, i) => {
      const answers = await nrepl.request({ op: "eval", session, code: `(* 2 ${i})` });
      return summary(answers).values[0];
    }),
  );
  assert.deepEqual(
    values,
    values.map((_, i) => String(2 * i)),
  );
});

test("sessions without end are refused, and there is room again when they go", async () => {
  nrepl = await server.nrepl();
  const count = 5000;
  const clones = Array.from({ length: count }, (_, i) =>
    encodeBencode({ op: "clone", id: `c${i}` }),
  );
  nrepl.socket.write(Buffer.concat(clones));
  await until("all answers", () => nrepl.messages.length >= count);
  const refused = nrepl.messages.filter(({ status }) =>
    (status as string[]).includes("too-many-sessions"),
  );
  assert.ok(refused.length > 0 && refused.length < count);
  nrepl.destroy();
  await nrepl.closed;
  const next = await server.nrepl();
  await until("room", () => server.server !== undefined);
  await pause(50);
  assert.ok(await next.clone());
  next.destroy();
});

test("evaluations without end are refused", async () => {
  nrepl = await server.nrepl();
  const mine = await nrepl.clone();
  const page = await server.page("says nothing");
  const count = 10_100;
  const message = (i: number) =>
    encodeBencode({ op: "eval", session: mine, code: "1", id: `e${i}` });
  nrepl.socket.write(Buffer.concat(Array.from({ length: count }, (_, i) => message(i))));
  const refused = () =>
    nrepl.messages.filter(({ status }) =>
      (status as string[] | undefined)?.includes("too-many-evaluations"),
    );
  await until("a refusal", () => refused().length === 100);
  assert.equal((await nrepl.request({ op: "describe" })).length, 1);
  await nrepl.request({ op: "close", session: mine });
  await until(
    "the end of all",
    () =>
      nrepl.messages.filter(({ status }) =>
        (status as string[] | undefined)?.includes("interrupted"),
      ).length === 10_000,
  );
  page.destroy();
});

test("every way of cutting a message in two", async () => {
  nrepl = await server.nrepl();
  const message = encodeBencode({ op: "eval", code: '(str "漢" 1)', id: "cut", ns: "eita" });
  for (let at = 1; at < message.length; at++) {
    const from = nrepl.messages.length;
    nrepl.socket.write(message.subarray(0, at));
    await pause(1);
    nrepl.socket.write(message.subarray(at));
    await until("done", () => nrepl.messages.slice(from).some(({ status }) => status));
    assert.equal(nrepl.messages[from]?.value, '"漢1"', `cut at ${at}`);
  }
});

test("two evaluations of one session in one segment run in order", async () => {
  nrepl = await server.nrepl();
  const mine = await nrepl.clone();
  const codes = [
    "(def order [])",
    "(def order (conj order 1))",
    "(def order (conj order 2)) order",
  ];
  nrepl.socket.write(
    Buffer.concat(
      codes.map((code, i) => encodeBencode({ op: "eval", session: mine, code, id: `o${i}` })),
    ),
  );
  assert.equal(summary(await nrepl.answers("o2")).values.at(-1), "[1 2]");
  const order = nrepl.messages.filter(({ status }) => status).map(({ id }) => id);
  assert.deepEqual(order.slice(-3), ["o0", "o1", "o2"]);
});

test("a connection that ends in the middle of an evaluation: its session goes on", async () => {
  nrepl = await server.nrepl();
  const mine = await nrepl.clone();
  nrepl.socket.write(
    encodeBencode({ op: "eval", session: mine, code: '(def half 1) (print "x") (def whole 2)' }),
  );
  nrepl.socket.destroySoon();
  await nrepl.closed;
  const next = await server.nrepl();
  const answers = await next.request({ op: "eval", session: mine, code: "(+ half whole)" });
  assert.deepEqual(summary(answers).values, ["3"]);
  next.destroy();
});

test("a client that does not read is cut off, and nobody waits for it", async () => {
  nrepl = await server.nrepl();
  await nrepl.request({ op: "eval", code: '(def big (apply str (repeat 1000000 "x")))' });
  nrepl.socket.pause();
  const count = 100;
  const message = encodeBencode({ op: "eval", code: "big" });
  nrepl.socket.write(Buffer.concat(Array.from({ length: count }, () => message)));
  const answers = await bystander.request({ op: "eval", session, code: "(+ 1 1)" });
  assert.deepEqual(summary(answers).values, ["2"]);
  await pause(3000);
  nrepl.socket.resume();
  await nrepl.closed;
  assert.ok(nrepl.messages.length < 2 * count, String(nrepl.messages.length));
});

test("a web page that posts bencode to the port evaluates nothing", async () => {
  const body = encodeBencode({ op: "eval", code: "(def posted 1)" });
  await assert.rejects(http(server.server.nreplPort, "/", { method: "POST", body }));
  const answers = await bystander.request({ op: "eval", session, code: "(resolve 'posted)" });
  assert.deepEqual(summary(answers).values, ["nil"]);
});
