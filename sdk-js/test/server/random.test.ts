// Whatever comes, nothing falls over. The inputs are the same each time.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import {
  BencodeDecoder,
  BencodeError,
  encodeBencode,
  type Bencode,
} from "../../src/server/bencode.js";
import { TestServer } from "./harness.js";

/** below(n) is a whole number below n. */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const below = generator(20251124);
const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
const bytes = (n: number) => Buffer.from(Array.from({ length: n }, () => below(256)));

function value(depth: number): Bencode {
  switch (below(depth > 0 ? 4 : 2)) {
    case 0:
      return below(2000) - 1000;
    case 1:
      return pick(["", "eval", "é", "漢字", "\0", "x".repeat(below(300)), "4:spam", "i1e"]);
    case 2:
      return Array.from({ length: below(4) }, () => value(depth - 1));
    default:
      return dictionary(depth - 1);
  }
}

function dictionary(depth: number): { [key: string]: Bencode } {
  return Object.fromEntries(
    Array.from({ length: below(5) }, (_, i) => [pick(["a", "op", "id", ""]) + i, value(depth)]),
  );
}

/** The bytes in pieces. */
function cut(whole: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length;) {
    const end = at + 1 + below(pick([1, 4, 64, 4096]));
    pieces.push(whole.subarray(at, end));
    at = end;
  }
  return pieces;
}

const plain = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

test("bencode: 3000 random messages come back, however they are cut", () => {
  for (let i = 0; i < 1000; i++) {
    const messages = Array.from({ length: 3 }, () => dictionary(4));
    const decoder = new BencodeDecoder();
    const whole = Buffer.concat(messages.map((message) => encodeBencode(message)));
    const decoded = cut(whole).flatMap((piece) => [...decoder.push(piece)]);
    assert.deepEqual(decoded.map(plain), messages.map(plain));
  }
});

function damaged(): Buffer {
  const whole = Buffer.concat([encodeBencode(dictionary(3)), encodeBencode(dictionary(3))]);
  if (below(4) === 0) return bytes(1 + below(200));
  if (below(4) === 0) return Buffer.from(`d${below(1e9)}:${"ild0123456789:-e".charAt(below(16))}`);
  for (let n = below(3); n >= 0; n--)
    whole[below(whole.length)] = pick([below(256), ...Buffer.from("ilde:0129-")]);
  return whole.subarray(0, 1 + below(whole.length));
}

test("bencode: 5000 damaged inputs give messages or a BencodeError", () => {
  let errors = 0;
  for (let i = 0; i < 5000; i++) {
    const input = damaged();
    const outcome = (pieces: Buffer[]) => {
      const decoder = new BencodeDecoder();
      const seen: unknown[] = [];
      try {
        for (const piece of pieces)
          for (const message of decoder.push(piece)) seen.push(plain(message));
        return { seen };
      } catch (error) {
        assert.ok(
          error instanceof BencodeError,
          `${String(error)} for ${JSON.stringify(input.toString("latin1"))}`,
        );
        errors++;
        return { seen, error: error.message };
      }
    };
    const inputText = JSON.stringify(input.toString("latin1"));
    assert.deepEqual(outcome(cut(input)), outcome([input]), `in pieces as in one: ${inputText}`);
  }
  assert.ok(errors > 1000);
});

// ---- The ports ------------------------------------------------------------------

let server: TestServer;

before(async () => {
  server = await TestServer.start({ "src/app.jank": "(ns app)\n(defn f [] 1)\n" });
});

after(() => server.close());

/** Sends, and waits until the other side has had enough, or shortly. */
function throwAt(port: number, pieces: Buffer[]): Promise<void> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
      setTimeout(() => socket.destroy(), 20);
    });
    socket.resume();
    socket.on("error", () => undefined);
    socket.on("close", () => done());
  });
}

async function answers(): Promise<void> {
  assert.equal((await server.eval("(app/f)")).json?.value, "1");
  const nrepl = await server.nrepl();
  const replies = await nrepl.request({ op: "eval", code: "(app/f)" });
  assert.equal(replies[0]?.value, "1");
  nrepl.destroy();
}

const INPUTS: [string, () => Buffer][] = [
  ["random bytes", () => bytes(1 + below(2000))],
  ["damaged bencode", damaged],
  [
    "nREPL requests of odd shapes",
    () =>
      encodeBencode({
        op: pick<Bencode>(["eval", "load-file", "clone", "close", "describe", "", 1, [], {}]),
        ...(below(2) && { code: value(2) }),
        ...(below(2) && { file: value(2) }),
        ...(below(2) && { session: value(1) }),
        ...(below(2) && { id: value(1) }),
        ...(below(2) && { ns: value(1) }),
        ...(below(2) && { line: value(1) }),
      }),
  ],
  [
    "HTTP with odd parts",
    () =>
      Buffer.from(
        `${pick(["GET", "POST", "PUT", "", "GET /"])} ${pick(["/", "/eval", "//", "*", "/%", "/\u0001", "http://[", "/repl"])} ` +
          `${pick(["HTTP/1.1", "HTTP/1.0", "HTTP/9.9", ""])}\r\n` +
          `Host: ${pick([`localhost:${server.server.port}`, "[", "", ":", "a\u0000b"])}\r\n` +
          `${pick(["Connection: Upgrade\r\nUpgrade: websocket\r\n", "", "Content-Length: -1\r\n"])}` +
          `${pick(["Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n", "Origin: \r\n", ""])}` +
          `\r\n${bytes(below(50)).toString("latin1")}`,
        "latin1",
      ),
  ],
];

for (const [what, make] of INPUTS)
  test(`${what}, on every port: the server goes on`, async () => {
    const { port, wsPort, nreplPort } = server.server;
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        [port, wsPort, nreplPort].flatMap((target) =>
          Array.from({ length: 25 }, () => throwAt(target, cut(make()))),
        ),
      );
      await answers();
    }
  });

test("random WebSocket messages: each an error, the connection stays", async () => {
  const page = await server.page();
  const types = ["handshake", "patch_ack", "eval_result", "output", "focus", "ping", "x", 1, null];
  for (let i = 0; i < 1000; i++) {
    const message = { type: pick(types), ...dictionary(2), seq: value(1), id: value(1) };
    page.send(below(3) ? JSON.stringify(message) : bytes(below(100)).toString("latin1"));
  }
  await page.settle();
  assert.ok(page.messages.filter(({ type }) => type === "error").length > 500);
  page.destroy();
  await answers();
});
