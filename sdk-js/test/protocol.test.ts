import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatReport } from "../src/format.js";
import {
  MAX_MESSAGE_BYTES,
  parseClientMessage,
  parseServerMessage,
  reportOf,
  type ClientMessage,
  type ServerMessage,
} from "../src/protocol.js";

const error = reportOf("run", "ArithmeticException", "Divide by zero");
const evaluation = { ns: "user", out: "", err: "" };
const pages = [
  {
    id: "p",
    name: "page",
    status: "failed" as const,
    patches: 1,
    changes: [],
    transferMs: 1,
    installMs: 0.1,
    error,
  },
];
const patch = {
  type: "patch" as const,
  epoch: "e",
  seq: 1,
  after: 0,
  commit: 2,
  cause: "save" as const,
  file: "src/a.jank",
  data: "AGFzbQ==",
  symbolName: "jank_patch_symbols_1",
  symbols: [{ name: "eita/ggg", signature: "1", version: 3 }],
  ns: "eita",
  hash: "0123456789abcdef",
  timestamp: 1.5,
  compileMs: 0.25,
};

/** One of each type, with every field. */
const CLIENT: Required<{ [T in ClientMessage["type"]]: Extract<ClientMessage, { type: T }> }> = {
  handshake: {
    type: "handshake",
    version: 1,
    clientId: "c",
    name: "n",
    location: "http://localhost/",
    epoch: "e",
    seq: 0,
  },
  patch_ack: {
    type: "patch_ack",
    epoch: "e",
    seq: 1,
    status: "failed",
    changes: [{ name: "eita/ggg", from: null, to: 1 }],
    transferMs: 0.5,
    installMs: 0.5,
    error,
  },
  eval: { type: "eval", id: "1", code: "(+ 1 2)", ns: "user", file: "a.jank", line: 3, column: 2 },
  resume: { type: "resume", epoch: "e", seq: 1 },
  interrupt: { type: "interrupt", id: "1" },
  undo: { type: "undo", id: "1", vars: ["eita/ggg"] },
  failure: { type: "failure", error, vars: [{ name: "eita/ggg", version: 2 }] },
  eval_result: { type: "eval_result", id: "1", installMs: 1, value: "3", error, ...evaluation },
  output: { type: "output", stream: "err", source: "console", text: "line\n" },
  focus: { type: "focus" },
  ping: { type: "ping", at: 1 },
};

const SERVER: Required<{ [T in ServerMessage["type"]]: Extract<ServerMessage, { type: T }> }> = {
  handshake_ack: { type: "handshake_ack", version: 1, epoch: "e", seq: 3 },
  patch,
  run: {
    type: "run",
    id: "1",
    data: "AGFzbQ==",
    symbolName: "jank_patch_symbols_2",
    ns: "user",
    session: "s",
  },
  eval_result: {
    type: "eval_result",
    id: "1",
    value: "3",
    error,
    runtime: { id: "p", name: "page" },
    pages,
    compileMs: 1,
    ...evaluation,
  },
  undo_result: { type: "undo_result", id: "1", changes: [], pages },
  error: { type: "error", id: "1", error },
  current: { type: "current", epoch: "e", after: 1, seq: 2 },
  mended: { type: "mended", file: "src/a.jank" },
  pong: { type: "pong", at: 1, epoch: "e", seq: 2 },
};

const OPTIONAL: Record<string, string[]> = {
  patch_ack: ["error"],
  eval: ["ns", "file", "line", "column"],
  undo: ["vars"],
  run: ["session"],
  eval_result: ["value", "error"],
  error: ["id"],
};

const SIDES = [
  { side: "a client's", parse: parseClientMessage, messages: Object.values(CLIENT) },
  { side: "a server's", parse: parseServerMessage, messages: Object.values(SERVER) },
];

for (const { side, parse, messages } of SIDES)
  for (const message of messages) {
    const fields = Object.keys(message).filter((field) => field !== "type");
    const optional = OPTIONAL[message.type] ?? [];

    test(`${side} ${message.type} arrives as it was sent`, () => {
      assert.deepEqual(parse(JSON.stringify(message)), message);
    });

    test(`${side} ${message.type} may lack only ${optional.join(", ") || "nothing"}`, () => {
      for (const field of fields) {
        const text = JSON.stringify({ ...message, [field]: undefined });
        if (optional.includes(field)) assert.doesNotThrow(() => parse(text), field);
        else assert.throws(() => parse(text), refusal(message.type, field));
      }
    });

    test(`${side} ${message.type} with a field of a wrong type names the field`, () => {
      for (const field of fields)
        for (const wrong of [{}, [1], true]) {
          const text = JSON.stringify({ ...message, [field]: wrong });
          assert.throws(() => parse(text), refusal(message.type, field));
        }
    });
  }

function refusal(type: string, field: string) {
  return { name: "ProtocolError", message: `${type}: bad or missing field "${field}"` };
}

const altered = (message: object, fields: object) => JSON.stringify({ ...message, ...fields });

const BAD_VALUES: [string, () => unknown][] = [
  ["a negative number", () => parseClientMessage(altered(CLIENT.handshake, { seq: -1 }))],
  ["a broken number", () => parseClientMessage(altered(CLIENT.handshake, { seq: 1.5 }))],
  [
    "a number that is too large",
    () => parseClientMessage(altered(CLIENT.patch_ack, { seq: 1e300 })),
  ],
  ["a number as a text", () => parseClientMessage(altered(CLIENT.ping, { at: "1" }))],
  ["null for a number", () => parseClientMessage(altered(CLIENT.ping, { at: null }))],
  ["an unknown status", () => parseClientMessage(altered(CLIENT.patch_ack, { status: "maybe" }))],
  ["an inherited status", () => parseClientMessage(altered(CLIENT.output, { stream: "toString" }))],
  [
    "an error without a message",
    () =>
      parseClientMessage(altered(CLIENT.patch_ack, { error: { ...error, message: undefined } })),
  ],
  [
    "an error of no phase",
    () => parseClientMessage(altered(CLIENT.patch_ack, { error: { ...error, phase: "sleep" } })),
  ],
  ["symbols that are texts", () => parseServerMessage(altered(patch, { symbols: ["eita/ggg"] }))],
  [
    "a symbol without signature",
    () => parseServerMessage(altered(patch, { symbols: [{ name: "" }] })),
  ],
  ["pages that are none", () => parseServerMessage(altered(SERVER.eval_result, { pages: [null] }))],
];

for (const [what, parse] of BAD_VALUES)
  test(`refused: ${what}`, () => {
    assert.throws(parse, { name: "ProtocolError", message: /bad or missing field/ });
  });

test("a page that has nothing says so with null", () => {
  const message = { ...CLIENT.handshake, epoch: null };
  assert.deepEqual(parseClientMessage(JSON.stringify(message)), message);
});

test("more fields than there are do no harm", () => {
  assert.equal(parseClientMessage('{"type":"focus","more":[1]}').type, "focus");
});

const NOT_MESSAGES: [string, RegExp][] = [
  ["", /not JSON/],
  ["hello", /not JSON/],
  ['{"type":"ping","at":1', /not JSON/],
  ["[".repeat(100_000), /not JSON/],
  ["null", /not an object/],
  ["1", /not an object/],
  ['"ping"', /not an object/],
  ['[{"type":"ping","at":1}]', /not an object/],
  ["{}", /unknown type of message: undefined/],
  ['{"type":1}', /unknown type of message: 1/],
  ['{"type":null}', /unknown type of message: null/],
  ['{"type":"launch"}', /unknown type of message: "launch"/],
  ['{"type":"toString"}', /unknown type of message: "toString"/],
  ['{"type":"__proto__"}', /unknown type of message: "__proto__"/],
  ['{"type":{"a":1}}', /unknown type of message: {"a":1}/],
];

for (const [text, message] of NOT_MESSAGES)
  test(`refused: ${text.slice(0, 30) || "an empty text"}`, () => {
    assert.throws(() => parseClientMessage(text), { name: "ProtocolError", message });
    assert.throws(() => parseServerMessage(text), { name: "ProtocolError", message });
  });

test("each side refuses what only the other may say", () => {
  assert.throws(() => parseClientMessage(JSON.stringify(SERVER.run)), /unknown type/);
  assert.throws(() => parseServerMessage(JSON.stringify(CLIENT.focus)), /unknown type/);
});

test("a refusal does not repeat a long text", () => {
  const text = JSON.stringify({ type: "x".repeat(10_000) });
  assert.throws(
    () => parseClientMessage(text),
    ({ message }: Error) => message.length < 200,
  );
});

test("a message may have 16 MiB, and not one byte more", () => {
  const ofSize = (size: number) => {
    const frame = JSON.stringify({ ...CLIENT.eval, code: "" }).length;
    return JSON.stringify({ ...CLIENT.eval, code: "x".repeat(size - frame) });
  };
  assert.equal(parseClientMessage(ofSize(MAX_MESSAGE_BYTES)).type, "eval");
  assert.throws(() => parseClientMessage(ofSize(MAX_MESSAGE_BYTES + 1)), /too large/);
});

test("any text is either a message or a ProtocolError", () => {
  const random = generator(1);
  const whole = [...Object.values(CLIENT), ...Object.values(SERVER)].map((m) => JSON.stringify(m));
  for (let i = 0; i < 5000; i++) {
    const bytes = Buffer.from(whole[random(whole.length)] ?? "");
    for (let n = random(4); n >= 0; n--) bytes[random(bytes.length)] = random(256);
    const text = bytes.toString("utf8", 0, random(10) ? bytes.length : random(bytes.length));
    for (const parse of [parseClientMessage, parseServerMessage])
      try {
        parse(text);
      } catch (thrown) {
        assert.equal((thrown as Error).name, "ProtocolError", text);
      }
  }
});

/** The same numbers each time: below(n) is a whole number below n. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("a report reads as place, class, message, excerpt with caret, data", () => {
  const report = {
    ...reportOf("compile", "CompilerException", "Unable to resolve symbol: foo"),
    file: "src/a.jank",
    line: 3,
    column: 2,
    excerpt: "3 | (foo)\n     ^",
    data: "{:a 1}",
  };
  assert.equal(
    formatReport(report),
    "src/a.jank:3:2: CompilerException: Unable to resolve symbol: foo\n" +
      "3 | (foo)\n     ^\n{:a 1}",
  );
});

test("a report without a place has none", () => {
  assert.equal(formatReport(error), "ArithmeticException: Divide by zero");
});

for (const [folder, parse] of [
  ["client-messages", parseClientMessage],
  ["server-messages", parseServerMessage],
] as const)
  test(`the fuzzer begins with messages that are right: ${folder}`, () => {
    const path = join("sdk-js/test/fuzz/corpus", folder);
    for (const name of readdirSync(path)) parse(readFileSync(join(path, name), "utf8"));
  });
