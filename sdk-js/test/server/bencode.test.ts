import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BencodeDecoder,
  BencodeError,
  encodeBencode,
  LIMITS,
  type BencodeDictionary,
} from "../../src/server/bencode.js";

/** Dictionaries come without a prototype; for comparing, as plain objects. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function decode(...chunks: (string | Uint8Array)[]): unknown[] {
  const decoder = new BencodeDecoder();
  return chunks.flatMap((chunk) => [...decoder.push(Buffer.from(chunk))].map(plain));
}

test("values come back as they went", () => {
  const message = {
    op: "eval",
    code: '(str "é" \'漢)',
    line: -3,
    zero: 0,
    empty: "",
    list: ["a", ["b", []], {}],
    nested: { a: { b: 1 } },
  };
  assert.deepEqual(decode(encodeBencode(message)), [message]);
});

test("lengths count bytes, keys are sorted, undefined is left out", () => {
  const bytes = encodeBencode({ b: "é", a: 1, none: undefined });
  assert.equal(bytes.toString(), "d1:ai1e1:b2:ée");
});

test("a message is the same however it is cut", () => {
  const bytes = encodeBencode({ op: "eval", code: "漢字", args: [1, -20, { deep: ["x"] }] });
  const whole = decode(bytes);
  for (let at = 0; at <= bytes.length; at++)
    assert.deepEqual(decode(bytes.subarray(0, at), bytes.subarray(at)), whole);
  assert.deepEqual(decode(...[...bytes].map((byte) => Uint8Array.of(byte))), whole);
});

test("several messages in one piece", () => {
  assert.deepEqual(decode("d1:ai1eed1:ai2eed1:a", "i3ee"), [{ a: 1 }, { a: 2 }, { a: 3 }]);
});

test("keys that mean something to JavaScript are keys", () => {
  const [message] = [...new BencodeDecoder().push(Buffer.from("d9:__proto__d1:ai1eee"))];
  assert.deepEqual(Object.keys(message ?? {}), ["__proto__"]);
  assert.equal((message as BencodeDictionary).a, undefined);
});

const BAD: [string, string][] = [
  ["GET / HTTP/1.1\r\n", "begins with d"],
  ["4:spam", "begins with d"],
  ["i1e", "begins with d"],
  ["le", "begins with d"],
  ["e", "begins with d"],
  ["d02:op4:evale", "expected a length"],
  ["d+2:op4:evale", "expected a length"],
  ["d-2:op4:evale", "expected a length"],
  ["d2;op", "expected a length"],
  ["d9999999999:", "expected a length|too large"],
  ["d999999999:", "too large"],
  ["d1:ai01ee", "malformed integer"],
  ["d1:ai-0ee", "malformed integer"],
  ["d1:aiee", "malformed integer"],
  ["d1:ai1.5ee", "malformed integer"],
  ["d1:ai1-1ee", "malformed integer"],
  [`d1:ai${"1".repeat(30)}`, "malformed integer"],
  ["d2:idi9007199254740992ee", "more than 53 bits"],
  ["d2:idi-99999999999999999999ee", "malformed|more than 53 bits"],
  ["di1e1:ae", "key must be a text"],
  ["dle1:ae", "key must be a text"],
  ["d1:ae", "key without a value"],
  [`d1:a${"l".repeat(100)}`, "nested too deeply"],
  [`d1:al${"0:".repeat(LIMITS.items)}`, "too many items"],
];

for (const [bytes, message] of BAD)
  test(`refused: ${JSON.stringify(bytes.slice(0, 24))}: ${message}`, () => {
    assert.throws(() => decode(bytes), { name: "BencodeError", message: new RegExp(message) });
    if (bytes.length < 200)
      assert.throws(() => decode(...bytes), { message: new RegExp(message) }, "byte by byte");
  });

test("a length that is too long is the same error however it is cut", () => {
  for (const pieces of [["d2147483648:x"], ["d2147483648", ":x"], ["d214748364", "8:x"]])
    assert.throws(() => decode(...pieces), { message: /expected a length/ });
});

test("after an error nothing more is read", () => {
  const decoder = new BencodeDecoder();
  const seen: unknown[] = [];
  const push = (bytes: string) => {
    for (const message of decoder.push(Buffer.from(bytes))) seen.push(plain(message));
  };
  assert.throws(() => push("d1:ai1eeXd1:ai2ee"), BencodeError);
  assert.throws(() => push("d1:ai3ee"), BencodeError);
  assert.deepEqual(seen, [{ a: 1 }]);
});

test("a message over many small texts is bounded by its size", () => {
  const text = Buffer.from(`1048576:${"x".repeat(1048576)}`);
  const decoder = new BencodeDecoder();
  assert.throws(
    () => {
      for (const piece of [Buffer.from("d1:al"), ...Array<Buffer>(17).fill(text)])
        assert.deepEqual([...decoder.push(piece)], []);
    },
    { message: /too large/ },
  );
});

test("a large message in small pieces takes time in proportion", () => {
  const bytes = encodeBencode({ code: "x".repeat(8 * 1024 * 1024), list: Array(50_000).fill(7) });
  const started = performance.now();
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 1024) pieces.push(bytes.subarray(at, at + 1024));
  assert.equal(decode(...pieces).length, 1);
  assert.ok(performance.now() - started < 3000);
});

test("a message in pieces of one byte keeps no more than its bytes twice", () => {
  const bytes = encodeBencode({ code: "x".repeat(1024 * 1024) });
  const decoder = new BencodeDecoder();
  const before = process.memoryUsage();
  let most = 0;
  for (let at = 0; at < bytes.length - 1; at++) {
    assert.deepEqual([...decoder.push(bytes.subarray(at, at + 1))], []);
    if (at % 65536 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
  }
  assert.ok(most - before.heapUsed < 64 * 1024 * 1024, `${most - before.heapUsed} bytes`);
  assert.equal([...decoder.push(bytes.subarray(-1))].length, 1);
});

test("what is no integer is not encoded", () => {
  assert.throws(() => encodeBencode({ a: NaN }), BencodeError);
  assert.throws(() => encodeBencode({ a: 1.5 }), BencodeError);
});
