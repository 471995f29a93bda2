import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "jank-hot-reload";
import { TestServer, until } from "./harness.js";

const COMMAND = fileURLToPath(new URL("../../../sdk-js/dist/cli.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "jank-cli-"));
after(() => rmSync(folder, { recursive: true }));

function jankHot(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [COMMAND, ...args], { cwd: folder, encoding: "utf8" });
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

/** Installs a patch file in a fresh runtime. */
async function installed(name: string) {
  const runtime = await load({ write: () => undefined });
  const result = await runtime.install(readFileSync(join(folder, name)));
  assert.ok(result.ok, JSON.stringify(result));
  return runtime;
}

// ---- eval -----------------------------------------------------------------------

test("eval: output first, the value as the last line", () => {
  assert.deepEqual(jankHot("eval", "(+ 1 2)").stdout, "3\n");
  assert.equal(jankHot("eval", '(do (print "no newline") :done)').stdout, "no newline\n:done\n");
  assert.equal(jankHot("eval", "(defn f [x] (* 2 x)) (f 21)").stdout, "42\n");
  assert.equal(jankHot("eval", "").stdout, "nil\n");
  assert.equal(jankHot("eval", '"é 漢"').stdout, '"é 漢"\n');
});

test("eval: namespaces are found in the folder", () => {
  file("a_b.jank", "(ns a-b)\n(defn one [] 1)\n");
  assert.equal(jankHot("eval", "(require '[a-b :as x]) (x/one)").stdout, "1\n");
});

test("eval: an error has a caret, on stderr, without colours; exit code 1", () => {
  const { status, stdout, stderr } = jankHot("eval", "(let [x 1]\n  (nope x))");
  assert.deepEqual([status, stdout], [1, ""]);
  assert.match(stderr, /^<eval>:2:3: CompilerException: .*nope.*\n2 \| {3}\(nope x\)\)\n +\^\n$/);
});

test("eval: a thrown error has its message and data", () => {
  const { status, stderr } = jankHot("eval", '(throw (ex-info "boom" {:a 1}))');
  assert.equal(status, 1);
  assert.match(stderr, /ExceptionInfo: boom(.|\n)*\{:a 1\}/);
});

// ---- patch ----------------------------------------------------------------------

test("patch: one file with all definitions, with size and time", async () => {
  const text = "(ns two)\n(def a 5)\n(defn f [x] (+ a x))\n(defn- g [] (f 1))\n(defn h [] (g))\n";
  const { status, stdout } = jankHot(
    "patch",
    file("two.jank", text),
    "-o",
    "out",
    "--patch-id",
    "7",
  );
  assert.equal(status, 0);
  assert.match(stdout, /two_patch\.wasm +[\d,]+ bytes, [\d.]+ ms.*two\/f.*jank_patch_symbols_7/);
  assert.equal((await installed("out/two_patch.wasm")).invoke("two/h"), 6);
});

test("patch: several files, several patches; each entry is unique", async () => {
  file("one.jank", "(ns one)\n(defn f [] 1)\n");
  file("three.jank", "(ns three (:require [one]))\n(defn f [] (+ 2 (one/f)))\n");
  const { stdout } = jankHot("patch", "one.jank", "three.jank", "-o", "out", "--patch-id", "x");
  assert.match(stdout, /jank_patch_symbols_x_1\)\n.*jank_patch_symbols_x_2\)\n$/);
  const runtime = await installed("out/one_patch.wasm");
  assert.ok((await runtime.install(readFileSync(join(folder, "out/three_patch.wasm")))).ok);
  assert.equal(runtime.invoke("three/f"), 3);
});

test("patch: the same source gives the same bytes", () => {
  file("same.jank", "(ns same)\n(def m {:a 1 :b [2 3]})\n(defn f [x] (assoc m :c x))\n");
  const bytes = ["out", "again"].map((output) => {
    jankHot("patch", "same.jank", "-o", output, "--patch-id", "1");
    return readFileSync(join(folder, output, "same_patch.wasm")).toString("hex");
  });
  assert.equal(bytes[0], bytes[1]);
});

test("patch: --name, --params and --expr, as the original's generator", async () => {
  const named = ["--name", "eita/ggg", "--params", "v", "--expr", "(+ 49 v)"];
  const { status, stdout } = jankHot("patch", ...named, "--output-dir", "out", "--patch-id", "3");
  assert.equal(status, 0);
  assert.match(stdout, /ggg_patch\.wasm .*eita\/ggg/);
  assert.equal((await installed("out/ggg_patch.wasm")).invoke("eita/ggg", 10), 59);
});

test("patch: --emit c writes the C source", () => {
  file("c.jank", "(ns c)\n(defn f [x] (+ 1 x))\n");
  const { stdout } = jankHot("patch", "c.jank", "--emit", "c", "-o", "out");
  assert.match(stdout, /c_patch\.c /);
  assert.match(readFileSync(join(folder, "out/c_patch.c"), "utf8"), /jank_patch_symbols_1/);
});

test("patch: --emit wat writes the text of the same module, with the names of functions", () => {
  file("text.jank", "(ns text)\n(defn f [x & more] (try (x more) (catch Exception e e)))\n");
  const { status, stdout } = jankHot("patch", "text.jank", "--emit", "wat", "-o", "out");
  assert.equal(status, 0);
  assert.match(stdout, /text_patch\.wat +[\d,]+ bytes, .* text\/f +\(entry jank_patch_symbols_1\)/);
  const text = readFileSync(join(folder, "out/text_patch.wat"), "utf8");
  assert.match(text, /^\(module\n/);
  assert.match(text, /\(func \$text\/f__text\.jank:2_ .*\(param \$self i32\) \(param \$x i32\)/);
  assert.match(text, /\(export "jank_patch_symbols_1" \(func \$jank_patch_symbols_1\)\)/);
  assert.ok(!existsSync(join(folder, "out/text_patch.wasm")));
});

test("patch: --help says what --emit knows", () => {
  const { stdout } = jankHot("patch", "--help");
  const help = stdout.replaceAll(/\s+/g, " ");
  assert.match(help, /wasm \(the patch\), c \(its C, .*\), wat \(the patch as text, by wabt\)/);
});

for (const [kind, ending] of [
  ["wasm", "wasm"],
  ["wat", "wat"],
] as const)
  test(`patch: a bad file writes nothing and says where (--emit ${kind})`, () => {
    file("bad.jank", "(ns bad)\n(defn f [] (+ 1");
    const { status, stderr } = jankHot("patch", "bad.jank", "-o", "out", "--emit", kind);
    assert.equal(status, 1);
    assert.match(stderr, /^bad\.jank:2:\d+: .*\n2 \| .*\n +\^/);
    assert.ok(!existsSync(join(folder, `out/bad_patch.${ending}`)));
  });

for (const [args, code, message] of [
  [["patch"], 1, /give a file, or --name/],
  [["patch", "nope.jank"], 1, /cannot read nope\.jank/],
  [["patch", "--name", "ggg", "--expr", "1"], 1, /--name must be NAMESPACE\/NAME/],
  [["patch", "x.jank", "--patch-id", "a b"], 2, /letters, digits or _/],
  [["patch", "x.jank", "--emit", "js"], 2, /Allowed choices are wasm, c, wat\./],
  [["patch", "x.jank", "--emit"], 2, /argument missing/],
  [["patch", "nope.jank", "--emit", "wat"], 1, /cannot read nope\.jank/],
  [["patch", "x.c", "--emit", "wat"], 1, /cannot read x\.c/],
  [["nonsense"], 2, /unknown command/],
  [["serve", "--port", "99999"], 2, /0 to 65535/],
  [["serve", "--port", "x"], 2, /0 to 65535/],
  [["serve", "--eval-timeout", "soon"], 2, /--eval-timeout.*seconds from 0 to 86400/],
  [["serve", "--eval-timeout=-1"], 2, /seconds from 0 to 86400/],
  [["status", "--url", "http://127.0.0.1:1"], 1, /no server answers/],
  [["status", "--url", "nonsense"], 1, /--url must be/],
] as const)
  test(`${args.join(" ")}: exit code ${code} and what is wrong`, () => {
    const { status, stderr } = jankHot(...args);
    assert.equal(status, code, stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at |\x1b/);
  });

test("patch: two files of one name are refused, one overwrites no other", () => {
  const other = mkdtempSync(join(folder, "sub-"));
  writeFileSync(join(other, "one.jank"), "(ns one)\n");
  file("one.jank", "(ns one)\n");
  const { status, stderr } = jankHot("patch", "one.jank", join(other, "one.jank"));
  assert.equal(status, 1);
  assert.match(stderr, /would both be one_patch/);
});

for (const command of ["patch", "bundle"])
  test(`${command}: Ctrl-C ends what does not end by itself`, async () => {
    const text =
      '(ns endless)\n(defmacro m [] (js/console.error "begun") (loop [] (recur)))\n(m)\n';
    const emcc = command === "bundle" ? ["--emcc", process.execPath] : []; // it never comes to that
    const args = [COMMAND, command, file("endless.jank", text), ...emcc];
    const child = spawn(process.execPath, args, { cwd: folder });
    await new Promise((begun) => child.stderr.once("data", begun));
    child.kill("SIGINT");
    const signal = await new Promise((done) => child.once("exit", (_code, name) => done(name)));
    assert.equal(signal, "SIGINT"); // 130, in a shell
  });

test("serve: --eval-timeout is for each form", async () => {
  file("slow.jank", "(ns slow)\n(def x (loop [] (recur)))\n");
  const args = ["serve", ".", "--source", ".", "--eval-timeout", "0.2"];
  const ports = ["--port", "0", "--ws-port", "0", "--nrepl-port", "0"];
  const child = spawn(process.execPath, [COMMAND, ...args, ...ports], { cwd: folder });
  let stdout = "";
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  await until("the nREPL line", () => /nREPL server started/.test(stdout));
  assert.match(stdout, /slow\.jank:2:1: InterruptedException: .*longer than 0\.2 s/);
  child.kill("SIGTERM");
  rmSync(join(folder, "slow.jank"));
});

test("each command has help", () => {
  for (const command of ["serve", "patch", "eval", "demo", "status", "repl", "runtimes", "undo"]) {
    const { status, stdout } = jankHot(command, "--help");
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`Usage: jank-hot ${command}`));
  }
});

// ---- demo, serve, status ----------------------------------------------------------

test("demo: 58, then 59, and the state survives", () => {
  const { status, stdout } = jankHot("demo");
  assert.equal(status, 0);
  const results = stdout.split("\n").filter((line) => line.startsWith("PASS"));
  assert.deepEqual(
    results.map((line) => / is (\d+),|(\d+) ticks/.exec(line)?.slice(1).join("")),
    ["58", "59", "2"],
  );
  assert.doesNotMatch(stdout, /FAIL/);
});

test("status --json: what a running server has", async () => {
  const server = await TestServer.start({ "src/eita.jank": "(ns eita)\n(def x 1)\n" });
  const url = `http://localhost:${server.server.port}`;
  const child = spawn(process.execPath, [COMMAND, "status", "--json", "--url", url]);
  let stdout = "";
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  await new Promise((done) => child.once("close", done));
  const status = JSON.parse(stdout) as { epoch: string };
  assert.equal(status.epoch, server.server.engine.log.epoch);
  await server.close();
});

test("serve: prints its addresses, refuses a port in use, ends on a signal", async () => {
  const ports = ["--port", "0", "--ws-port", "0", "--nrepl-port", "0"];
  const child = spawn(process.execPath, [COMMAND, "serve", ".", ...ports], { cwd: folder });
  let stdout = "";
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  const line =
    /nREPL server started on port (\d+) on host 127\.0\.0\.1 - nrepl:\/\/127\.0\.0\.1:\1\n/;
  const [, port] = await until("the nREPL line", () => line.exec(stdout) ?? undefined);
  assert.match(stdout, /http:\/\/localhost:\d+\//);
  assert.equal(readFileSync(join(folder, ".nrepl-port"), "utf8"), port);
  const second = jankHot("serve", ".", "--port", port ?? "");
  assert.equal(second.status, 1);
  assert.match(second.stderr, new RegExp(`HTTP port ${port} is in use: .*--port`));
  assert.equal(readFileSync(join(folder, ".nrepl-port"), "utf8"), port);
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGINT");
  assert.equal(await ended, 0);
  assert.ok(!existsSync(join(folder, ".nrepl-port")));
});

test("serve: what a program's timers and promises throw later is told, and does not end it", async () => {
  const ports = ["--port", "0", "--ws-port", "0", "--nrepl-port", "0"];
  const child = spawn(process.execPath, [COMMAND, "serve", ".", ...ports], { cwd: folder });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
  await until("the nREPL line", () => /nREPL server started/.exec(output) ?? undefined);
  const url = /http:\/\/localhost:\d+\//.exec(output)?.[0] ?? "";
  const evaluate = async (body: string) =>
    (await (await fetch(`${url}eval`, { method: "POST", body })).json()) as { value: string };
  await evaluate('(js/setTimeout (fn [] (throw (ex-info "too late" {}))) 0)');
  await evaluate('(js/Promise.reject (js/Error. "nobody waits"))');
  await until("both errors", () => /too late[^]*nobody waits/.exec(output) ?? undefined);
  assert.match(output, /in the server's own instance: ExceptionInfo: too late\n {4}at user\/fn/);
  assert.equal((await evaluate("(+ 1 2)")).value, "3");
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGINT");
  assert.equal(await ended, 0);
});
