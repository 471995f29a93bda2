// The manifest by itself: which texts are one, and which are signed.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { keyId, signManifest } from "../../src/cli/keygen.js";
import {
  checkSignature,
  importKeys,
  manifestHead,
  manifestText,
  parseManifest,
  Refusal,
  signedBytes,
  splitManifest,
  type Manifest,
} from "../../src/client/verify.js";
import { sha256 } from "./folder.js";

const hash = sha256("patch");
const MANIFEST: Manifest = {
  format: 1,
  app: 'shop \u2028 "é"',
  epoch: 1,
  seq: 3,
  published: "2026-01-01T00:00:00.000Z",
  expires: null,
  runtimes: [sha256("runtime")],
  patches: [
    {
      file: `${hash.slice(0, 32)}.wasm`,
      sha256: hash,
      length: 700,
      entry: "jank_patch_symbols_1a",
      ns: "app",
      symbols: [{ name: "app/f", signature: "1" }],
      source: "0123456789abcdef0123456789abcdef-2",
    },
  ],
  history: [{ seq: 2, file: "manifest-1-2.json", sha256: hash, length: 900 }],
};

const { privateKey } = generateKeyPairSync("ed25519");
const publicKeys = async (key = privateKey) => {
  const jwk = key.export({ format: "jwk" });
  return importKeys(`ed25519:${Buffer.from(jwk.x ?? "", "base64url").toString("hex")}`);
};
const signed = async (manifest = MANIFEST) => {
  const head = manifestHead(manifest);
  return manifestText(head, [await signManifest(head, privateKey)]);
};

test("what is written is read", async () => {
  const { head, signatures } = splitManifest(await signed());
  assert.deepEqual(parseManifest(head), MANIFEST);
  await checkSignature(head, signatures, await publicKeys());
  assert.equal((JSON.parse(await signed()) as Manifest).seq, 3, "it is JSON");
  assert.deepEqual(splitManifest(manifestText(head, [])), { head, signatures: [] });
});

test("not altered by one bit: none of all bits can be turned", async () => {
  const bytes = Buffer.from(await signed());
  const keys = await publicKeys();
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let accepted = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const altered = Buffer.from(bytes);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    try {
      const { head, signatures } = splitManifest(utf8.decode(altered));
      await checkSignature(head, signatures, keys);
      accepted++;
    } catch (error) {
      assert.ok(error instanceof Refusal || error instanceof TypeError, String(error));
    }
  }
  assert.equal(accepted, 0);
});

test("nothing can be added behind, before or between", async () => {
  const text = await signed();
  for (const altered of [
    ` ${text}`,
    `${text} `,
    text.replace("\n}\n", "\n}"),
    text.replace(',\n"signatures"', ', \n"signatures"'),
    text.replace(',\n"signatures"', ',\n"app": "other",\n"signatures"'),
    text.replace("\n}\n", ',\n"app": "other"\n}\n'),
    text.replace("[{", "[{},{"),
    `${text}${text}`,
  ]) {
    const check = async () => {
      const { head, signatures } = splitManifest(altered);
      await checkSignature(head, signatures, await publicKeys());
    };
    await assert.rejects(check(), Refusal, altered.slice(-40));
  }
});

test("a signature is of a manifest, and of nothing else that the key has signed", async () => {
  const head = manifestHead(MANIFEST);
  const key = await keyId(privateKey);
  for (const bytes of [Buffer.from(head), signedBytes(`${head} `), signedBytes(head).subarray(1)]) {
    const signature = sign(null, bytes, privateKey).toString("hex");
    await assert.rejects(checkSignature(head, [{ key, signature }], await publicKeys()), Refusal);
  }
});

test("wrong key, no key, many signatures", async () => {
  const { head, signatures } = splitManifest(await signed());
  const other = await publicKeys(generateKeyPairSync("ed25519").privateKey);
  await assert.rejects(checkSignature(head, signatures, other), /wrong key/);
  await assert.rejects(checkSignature(head, [], other), /unsigned/);
  await checkSignature(head, signatures, [...other, ...(await publicKeys())]);
  const many = Array.from({ length: 1000 }, () => ({
    key: sha256("x"),
    signature: "0".repeat(128),
  }));
  await assert.rejects(checkSignature(head, [...many, ...signatures], await publicKeys()), Refusal);
});

test("every field is checked", () => {
  const [patch] = MANIFEST.patches;
  const [older] = MANIFEST.history;
  const wrong: [string, unknown[]][] = [
    ["format", [0, "1", null, undefined, 2]],
    ["app", ["", 1, null, undefined, "x".repeat(1001)]],
    ["epoch", [0, -1, 1.5, "1", 2 ** 53, null]],
    ["seq", [0, -1, 1.5, "1", 2 ** 53, null]],
    ["published", ["", "yesterday", 0, null]],
    ["expires", ["", "never", 0, undefined, "2026-01-01"]],
    ["runtimes", [null, "x", [1], ["x"], [hash.toUpperCase()], Array(101).fill(hash)]],
    ["patches", [null, {}, [null], [[]], [1], Array(20_001).fill(patch)]],
    ["history", [null, {}, [null], [1]]],
  ];
  const wrongPatch = {
    file: ["", "x.wasm", "../x.wasm", `/${patch?.file}`, `${patch?.file}?x`, 1],
    sha256: ["", "x", hash.slice(1), null],
    length: [0, -1, 1.5, "700", 5_000_000, null],
    entry: ["", "main", "jank_patch_symbols_", `jank_patch_symbols_${"x".repeat(65)}`, 1],
    ns: ["", 1, null],
    symbols: [null, {}, [null], [{ name: "x" }], [{ name: 1, signature: "1" }]],
    source: ["", "x", hash, null],
  };
  for (const [field, values] of Object.entries(wrongPatch))
    wrong.push(["patches", values.map((value) => [{ ...patch, [field]: value }])]);
  for (const [field, values] of Object.entries({
    seq: [0, "2", null],
    sha256: ["", null],
    length: [0, 1e9],
  }))
    wrong.push(["history", values.map((value) => [{ ...older, [field]: value }])]);
  for (const [field, values] of wrong)
    for (const value of values)
      assert.throws(
        () => parseManifest(JSON.stringify({ ...MANIFEST, [field]: value }).slice(0, -1)),
        (error) =>
          error instanceof Refusal && (error.message.includes(`"${field}"`) || field === "format"),
        `${field}: ${JSON.stringify(value)?.slice(0, 80)}`,
      );
});

test("older versions are older, and their files are named so", () => {
  for (const change of [
    { seq: 3 },
    { seq: 4 },
    { file: "../manifest-1-2.json" },
    { file: "manifest-2-2.json" },
  ]) {
    const history = MANIFEST.history.map((older) => ({ ...older, ...change }));
    assert.throws(
      () => parseManifest(manifestHead({ ...MANIFEST, history })),
      /bad file of an older version/,
    );
  }
});

test("a version that would fill the memory is refused before anything is fetched", () => {
  const patches = Array.from({ length: 17 }, () => ({ ...MANIFEST.patches[0]!, length: 4 << 20 }));
  assert.throws(() => parseManifest(manifestHead({ ...MANIFEST, patches })), /larger than 64 MiB/);
});

test("texts that are no manifest are refused, fast", () => {
  for (const text of ["", "{}", "null", "[]", "{".repeat(1e6), ',\n"signatures": ['.repeat(1e5)])
    assert.throws(() => splitManifest(text), /it is not a manifest/);
  for (const head of ["", "{", "null", "[1", '{"format": 1, "__proto__": {}'])
    assert.throws(() => parseManifest(head), Refusal);
});
