// jank-hot publish and jank-hot keygen.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { load } from "jank-hot-reload";
import { topLevelStarts } from "../../src/cli/forms.js";
import { COMMAND, Project, sha256 } from "./folder.js";

const projects: Project[] = [];
after(() => {
  for (const project of projects) project.close();
});

const SOURCE = `(ns app (:require [lib.util :as u]))
(defmacro twice [x] \`(* 2 ~x))
(defonce state (atom 0))
(defn f [x] (u/add (twice x)))
(do (def one 1) (def two 2))
(swap! state inc)
(swap! state inc)
`;

function project(source = SOURCE): Project {
  const made = new Project()
    .write("src/app.jank", source)
    .write("src/lib/util.jank", "(ns lib.util)\n(defn add [x] (+ 1 x))\n");
  projects.push(made);
  return made;
}

// ---- Bytes --------------------------------------------------------------------------

test("a version is what installs in its order, in a runtime without the compiler", async () => {
  const at = project();
  assert.match(
    at.publish("--app", "shop"),
    /2 files, 10 forms, .*\n.*manifest\.json {2}version 1 of shop, unsigned: 10 forms new, lib\.util\/add app\/twice/,
  );
  const runtime = await load({ moduleUrl: `file://${join(COMMAND, "../runtime-only/jank.mjs")}` });
  for (const { file, sha256: hash, length, entry } of at.manifest.patches) {
    const bytes = readFileSync(join(at.out, file));
    assert.deepEqual([bytes.length, sha256(bytes)], [length, hash]);
    const result = await runtime.install(bytes, entry);
    assert.ok(result.ok, JSON.stringify(result));
  }
  assert.equal(runtime.invoke("app/f", 5), 11);
});

test("it says which runtimes it is for: both builds, and others that are given", () => {
  const at = project().write("own.wasm", "own");
  at.publish("--runtime", "own.wasm");
  const builds = ["jank.wasm", "runtime-only/jank.wasm"].map((name) =>
    sha256(readFileSync(join(COMMAND, "..", name))),
  );
  assert.deepEqual(at.manifest.runtimes, [...builds, sha256("own")]);
});

test("the same source gives the same bytes, in any folder, from any place", () => {
  const [one, two] = [project(), project()];
  one.publish();
  const { status } = two.run("publish", join(two.folder, "src"), "-o", join(two.folder, "out"));
  assert.equal(status, 0);
  assert.deepEqual(one.manifest.patches, two.manifest.patches);
  const patches = (at: Project) => [...at.contents()].filter(([name]) => name.endsWith(".wasm"));
  assert.deepEqual(patches(one), patches(two));
  for (const [name] of patches(one))
    assert.ok(!readFileSync(join(one.out, name)).includes(one.folder), "no path of the machine");
});

test("again without a change: nothing changes", () => {
  const at = project();
  at.keygen();
  at.publish("--sign", "key", "--expires", "7d");
  const before = at.contents();
  assert.match(at.publish("--sign", "key", "--expires", "7d"), /nothing has changed: version 1/);
  assert.deepEqual(at.contents(), before);
});

test("an edit writes new files only, and the old version stays", () => {
  const at = project();
  at.publish();
  const before = at.contents();
  at.write("src/app.jank", SOURCE.replace("(twice x)", "(twice (inc x))"));
  assert.match(at.publish(), /version 2 of app, unsigned: 1 form new, app\/f/);
  const now = at.contents();
  for (const [name, content] of before)
    if (name !== "manifest.json") assert.equal(now.get(name), content, name);
  const fresh = [...now.keys()].filter((name) => !before.has(name));
  assert.deepEqual(fresh.sort(), ["manifest-1-2.json", at.patchOf("app/f")].sort());
  assert.equal(now.get("manifest.json"), now.get("manifest-1-2.json"));
  const { history } = at.manifest;
  assert.deepEqual(
    history.map(({ seq, file, sha256: hash }) => [seq, file, hash]),
    [[1, "manifest-1-1.json", before.get("manifest.json")]],
  );
});

test("two forms of the same text are two", () => {
  const at = project();
  at.publish();
  const [one, two] = at.manifest.patches.slice(-2).map(({ source }) => source);
  assert.equal(two, `${one}-2`);
});

test("--keep: older versions, and files that only they have, are removed", () => {
  const at = project();
  for (const n of [1, 2, 3]) {
    at.write("src/app.jank", SOURCE.replace("(twice x)", `(twice (+ ${n} x))`));
    at.publish(...(n === 3 ? ["--keep", "2"] : []));
  }
  at.write("out/of-somebody-else.wasm", "x");
  assert.deepEqual(
    at.manifest.history.map(({ seq }) => seq),
    [2],
  );
  const files = at.files().filter((name) => name.startsWith("manifest"));
  assert.deepEqual(files, ["manifest-1-2.json", "manifest-1-3.json", "manifest.json"]);
  assert.equal(at.files().filter((name) => /^[0-9a-f]{32}\.wasm$/.test(name)).length, 11);
  at.publish("--renew", "--keep", "1");
  assert.deepEqual(
    at.files().filter((name) => name.startsWith("manifest")),
    ["manifest-1-4.json", "manifest.json"],
  );
  assert.ok(existsSync(at.path("out/of-somebody-else.wasm")));
});

test("a publish that was interrupted leaves a whole version, and the next one mends it", () => {
  const at = project();
  at.publish();
  const whole = at.manifestText;
  at.write("src/app.jank", SOURCE.replace("(twice x)", "(twice (inc x))"));
  at.publish();
  const patch = at.patchOf("app/f");
  // As it was just before the last rename, with one file half written.
  at.write("out/manifest.json", whole);
  truncateSync(join(at.out, patch), 100);
  writeFileSync(join(at.out, `${patch}.123.new`), "half");
  at.publish();
  assert.equal(at.manifest.seq, 3, "a number that may have been seen is not used again");
  assert.equal(at.patchOf("app/f"), patch);
  assert.equal(
    sha256(readFileSync(join(at.out, patch))),
    at.manifest.patches.find(({ file }) => file === patch)?.sha256,
  );
  assert.deepEqual(
    at.files().filter((name) => name.endsWith(".new") || name.includes("-1-2")),
    [],
  );
});

test("two that publish at the same time: each has its version, or is told to do it again", async () => {
  const at = project();
  at.publish();
  const run = () =>
    new Promise<[number | null, string]>((done) => {
      const child = spawn(process.execPath, [COMMAND, "publish", "src", "-o", "out", "--renew"], {
        cwd: at.folder,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.on("data", (text: Buffer) => (said += text.toString()));
      child.on("close", (code) => done([code, said]));
    });
  const ends = await Promise.all([run(), run(), run(), run()]);
  assert.ok(ends.some(([code]) => code === 0));
  for (const [code, said] of ends)
    if (code !== 0) assert.match(said, /somebody else publishes there, too|ENOENT/);
  const { seq, history, patches } = at.manifest;
  assert.equal(at.read(`out/manifest-1-${seq}.json`), at.manifestText);
  for (const { file, sha256: hash } of [...history, ...patches])
    assert.equal(sha256(readFileSync(join(at.out, file))), hash);
});

test("--expires and --renew: a new version of the same", () => {
  const at = project();
  at.publish("--expires", "90s");
  const until = Date.parse(at.manifest.expires ?? "") - Date.now();
  assert.ok(until > 60_000 && until <= 90_000, `${until}`);
  at.publish("--expires", "7d", "--renew");
  assert.equal(at.manifest.seq, 2);
  at.publish();
  assert.deepEqual([at.manifest.seq, at.manifest.expires], [3, null]);
});

test("what has expired is published anew without being asked", async () => {
  const at = project();
  at.publish("--expires", "1s");
  await new Promise((done) => setTimeout(done, 1100));
  at.publish("--expires", "1h");
  assert.equal(at.manifest.seq, 2);
});

test("--epoch begins the numbers anew, and only grows", () => {
  const at = project();
  at.publish();
  at.publish("--epoch", "3");
  assert.deepEqual([at.manifest.epoch, at.manifest.seq, at.manifest.history], [3, 1, []]);
  at.publish("--renew");
  assert.deepEqual([at.manifest.epoch, at.manifest.seq], [3, 2]);
  const { status, stderr } = at.run("publish", "src", "-o", "out", "--epoch", "2");
  assert.deepEqual([status, /--epoch 2: out is at 3, and it only grows/.test(stderr)], [1, true]);
});

test("files are given one by one, too, and each once", () => {
  const at = project();
  const { status } = at.run("publish", "src/lib/util.jank", "src/app.jank", "src", "-o", "out");
  assert.equal(status, 0);
  assert.equal(at.manifest.patches.length, 10);
});

test("where top-level forms begin", () => {
  const texts = (source: string) => {
    const starts = topLevelStarts(source);
    return starts.map((start, i) => source.slice(start, starts[i + 1]).trim());
  };
  assert.deepEqual(texts('(a "(;)" \\( ; (\n b)(c) [d] #{e} x "y"(z)'), [
    '(a "(;)" \\( ; (\n b)',
    "(c)",
    "[d]",
    "#{e}",
    "x",
    '"y"',
    "(z)",
  ]);
  assert.deepEqual(texts("#_(a) (b) #?(:clj 1) 'c @(d) ^:x (e)"), [
    "#_(a)",
    "(b)",
    "#?(:clj 1)",
    "'c",
    "@(d)",
    "^:x",
    "(e)",
  ]);
  assert.deepEqual(texts('#"[(" (a) ; x (\n\\) "\\"(" ) (b'), [
    '#"[("',
    "(a) ; x (",
    "\\)",
    '"\\"(" )',
    "(b",
  ]);
  assert.deepEqual(texts(""), []);
});

// ---- Wrong input --------------------------------------------------------------------

test("wrong input is told in one line, with exit code 1, and nothing is written", () => {
  const at = project()
    .write("empty/readme.txt", "")
    .write("bad.jank", "(ns bad)\n(defn f [x]\n  (nope x))\n")
    .write("no-key", "no key")
    .write("a-file", "");
  const cases: [string[], RegExp][] = [
    [["nowhere"], /^jank-hot: there is no nowhere$/m],
    [["empty"], /^jank-hot: empty has no \.jank or \.cljc file$/m],
    [["/dev/null"], /^jank-hot: \/dev\/null is neither a file nor a folder$/m],
    [["bad.jank"], /bad\.jank:3:3: CompilerException(.|\n)*nope/],
    [["src", "-o", "a-file"], /^jank-hot: a-file is not a folder$/m],
    [["src", "-o", "a-file/x"], /^jank-hot: .*a-file/m],
    [["src", "--sign", "nowhere"], /^jank-hot: --sign: cannot read nowhere: ENOENT/m],
    [["src", "--sign", "no-key"], /^jank-hot: --sign: no-key is not a private key of Ed25519/m],
    [["src", "--runtime", "nowhere"], /^jank-hot: cannot read nowhere: ENOENT/m],
  ];
  for (const [args, pattern] of cases) {
    const { status, stderr } = at.run("publish", ...args);
    assert.equal(status, 1, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, pattern);
    assert.doesNotMatch(stderr, /\n +at /, "no stack");
  }
  assert.ok(!existsSync(at.path("dist")) && !existsSync(at.path("out")));
});

test("wrong usage has exit code 2", () => {
  const at = project();
  for (const args of [
    [],
    ["src", "--expires", "7"],
    ["src", "--expires", "0d"],
    ["src", "--expires", "99999d"],
    ["src", "--keep", "0"],
    ["src", "--keep", "x"],
    ["src", "--epoch", "-1"],
    ["src", "--nonsense"],
  ]) {
    const { status, stderr } = at.run("publish", ...args);
    assert.deepEqual([status, stderr === ""], [2, false], args.join(" "));
  }
  const { status, stdout } = at.run("publish", "--help");
  assert.equal(status, 0);
  for (const option of [
    "--output-dir",
    "--app",
    "--sign",
    "--expires",
    "--renew",
    "--keep",
    "--epoch",
    "--runtime",
  ])
    assert.ok(stdout.includes(option), option);
});

test("a file that cannot be read is told by its name; a folder with such a name is none", () => {
  const at = project();
  mkdirSync(at.path("src/folder.jank"));
  at.publish();
  symlinkSync("nowhere", at.path("src/gone.jank"));
  assert.match(at.run("publish", "src").stderr, /^jank-hot: cannot read .*gone\.jank: ENOENT/m);
});

test("a folder of another application, or with a manifest that is none, is left alone", () => {
  const at = project();
  at.publish("--app", "shop");
  const before = at.contents();
  assert.match(
    at.run("publish", "src", "-o", "out", "--app", "bank").stderr,
    /out has versions of "shop", not of "bank"/,
  );
  assert.deepEqual(at.contents(), before);
  at.write("out/manifest.json", "{}");
  assert.match(
    at.run("publish", "src", "-o", "out").stderr,
    /it is not a manifest; publish into another folder/,
  );
  assert.equal(at.manifestText, "{}");
});

test("a bad edit publishes nothing", () => {
  const at = project();
  at.publish();
  const before = at.contents();
  at.write("src/app.jank", SOURCE.replace("(twice x)", "(twice y)"));
  assert.match(at.run("publish", "src", "-o", "out").stderr, /app\.jank:4:.*y/);
  assert.deepEqual(at.contents(), before);
});

// ---- Keys ---------------------------------------------------------------------------

test("keygen: a private key for its owner alone, a public one for pages; never overwritten", () => {
  const at = project();
  const { status, stdout } = at.run("keygen", "-o", "keys/k");
  assert.equal(status, 0);
  assert.equal(statSync(at.path("keys/k")).mode & 0o777, 0o600);
  assert.match(at.read("keys/k"), /^-----BEGIN PRIVATE KEY-----\n/);
  const publicKey = at.read("keys/k.pub");
  assert.match(publicKey, /^ed25519:[0-9a-f]{64}\n$/);
  assert.ok(stdout.includes(publicKey.trim()));
  const before = at.read("keys/k");
  const refused = () => {
    const again = at.run("keygen", "-o", "keys/k");
    assert.equal(again.status, 1);
    assert.match(again.stderr, /is there already: a key is never overwritten/);
  };
  refused();
  rmSync(at.path("keys/k.pub"));
  refused();
  assert.equal(at.read("keys/k"), before);
  assert.notEqual(at.keygen("one"), at.keygen("two"));
});

test("another key is a change; the same key gives the same bytes", () => {
  const at = project();
  at.keygen("one");
  at.keygen("two");
  at.publish("--sign", "one");
  at.publish("--sign", "two");
  assert.equal(at.manifest.seq, 2);
  at.publish("--sign", "one", "--sign", "two");
  assert.equal(at.manifest.seq, 3);
  assert.match(at.publish("--sign", "one", "--sign", "two"), /nothing has changed/);
  at.publish();
  assert.equal(at.manifest.seq, 4);
});
