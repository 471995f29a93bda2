// The commands that ask or change a running server: runtimes, status, undo, eval; and
// what serve leaves behind.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { COMMAND, jankHot, scratch } from "./commands.js";
import { acknowledgement, until, type TestServer } from "./harness.js";
import { Compiler } from "jank-hot-reload";
import { isCurrent, openPage, startServer } from "./live-pages.js";
import { reportOf, type Cause } from "../../src/protocol.js";

const EITA = "(ns eita)\n(defn ggg [v] (+ 48 v))\n";
const urlOf = ({ server }: TestServer): string => `http://localhost:${server.port}`;
const edit = (server: TestServer, code: string) => server.eval(`(in-ns 'eita) ${code}`);

/** A page that takes one patch and refuses it. */
async function refusing(server: TestServer, name: string) {
  const page = await server.page(name);
  return {
    async refuse(why: Cause): Promise<void> {
      const { epoch, seq } = await page.next(
        "patch",
        ({ seq, commit, cause }) => seq === commit && cause === why,
      );
      const excerpt = "2 | (defn ggg\n    ^";
      const error = { ...reportOf("load", "PatchException", "no room"), excerpt };
      page.send(acknowledgement({ epoch, seq, status: "failed", error }));
      await page.settle();
    },
  };
}

// ---- runtimes and status ------------------------------------------------------------

test("runtimes: a table of pages, the current one first", async (t) => {
  const server = await startServer(t, { "src/eita.jank": EITA });
  const url = ["--url", urlOf(server)];
  const none = await jankHot(["runtimes", ...url]);
  assert.match(none.stdout, /^no page is connected: open http:\/\/localhost:\d+\/\n$/);
  await openPage(t, server, { name: "first" });
  const second = await openPage(t, server, { name: "se\x1b[2Jcond" });
  await edit(server, "(defn ggg [v] 1)");
  await isCurrent(second, server);
  const { status, stdout } = await jankHot(["runtimes", ...url]);
  assert.equal(status, 0);
  const [head = "", ...rows] = stdout.trimEnd().split("\n");
  assert.match(head, /^ +NAME +ID +ADDRESS +CONNECTED +LAST PATCH$/);
  assert.equal(rows.length, 2);
  assert.match(
    rows[0] ?? "",
    /^\* {2}se\?\[2Jcond +[\w-]+ +\d\d:\d\d:\d\d \(\d+ s\) {2}\d+: eita\/ggg v1 -> v2, [\d.]+ ms$/,
  );
  assert.match(rows[1] ?? "", /^ {3}first /);
  const json = await jankHot(["runtimes", "--json", ...url]);
  const pages = JSON.parse(json.stdout) as { name: string; isCurrent: boolean }[];
  assert.deepEqual(
    pages.map(({ name, isCurrent }) => [name, isCurrent]),
    [
      ["se\x1b[2Jcond", true],
      ["first", false],
    ],
  );
});

test("status: ports, pages, what their last patch changed and how long it took", async (t) => {
  const server = await startServer(t, { "src/eita.jank": EITA });
  const url = ["--url", urlOf(server)];
  const page = await openPage(t, server, { name: "app" });
  await edit(server, "(defn ggg [v] 1)");
  await isCurrent(page, server);
  const { status, stdout } = await jankHot(["status", ...url]);
  const { port, wsPort, nreplPort, engine } = server.server;
  assert.equal(status, 0);
  assert.match(stdout, /^jank-hot \d+\.\d+\.\d+, up \d+ s\n/);
  assert.ok(stdout.includes(`HTTP ${port}, WebSocket ${wsPort}, nREPL ${nreplPort}\n`));
  assert.ok(stdout.includes(`patches  ${engine.log.seq} (epoch ${engine.log.epoch}), 1 var\n`));
  assert.match(
    stdout,
    / {2}app \(current\) .*\n {4}patch \d+: eita\/ggg v1 -> v2 \(compiled in [\d.]+ ms, transfer [\d.]+ ms, installed in [\d.]+ ms\)\n/,
  );
  await page.undo();
  const undone = await jankHot(["status", ...url]);
  assert.match(undone.stdout, /eita\/ggg v2 -> v1 \(transfer/);
});

test("status: why a page refused, and errors of files, with their excerpts", async (t) => {
  const server = await startServer(t, {
    "src/eita.jank": EITA,
    "src/bad.jank": "(ns bad)\n(defn f []\n  (nope))\n",
  });
  const page = await refusing(server, "bad page");
  await page.refuse("save");
  const { stdout } = await jankHot(["status", "--url", urlOf(server)]);
  assert.match(
    stdout,
    /patch \d+ was refused: PatchException: no room\n {4}2 \| \(defn ggg\n {8}\^\n/,
  );
  assert.match(stdout, /error {4}\S*bad\.jank:3:\d+: .*nope.*\n {9}3 \| {3}\(nope\)\)\n {9} +\^\n/);
  const { stdout: table } = await jankHot(["runtimes", "--url", urlOf(server)]);
  assert.match(table, /bad page .*: refused, PatchException\n/);
});

test("status and runtimes: what answers is something else", async (t) => {
  const bodies = ["nonsense", "[]", "null", '{"epoch":"x"}'];
  const server = createServer((_, response) => response.end(bodies.shift()));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  for (const command of ["status", "runtimes", "undo", "repl"]) {
    const run = await jankHot([command, "--url", `http://127.0.0.1:${port}`], { input: "1" });
    assert.deepEqual([run.status, run.stdout], [1, ""]);
    assert.match(run.stderr, /what answers at http:\S+ is not jank-hot\n$/);
  }
});

// ---- undo -----------------------------------------------------------------------------

test("undo: the last edit or named vars, with what each page did", async (t) => {
  const server = await startServer(t, { "src/eita.jank": `${EITA}(defn other [] 1)\n` });
  const page = await openPage(t, server, { name: "app" });
  await edit(server, "(defn ggg [v] 2)");
  await edit(server, "(defn other [] 2)");
  const last = await jankHot(["undo"], { cwd: server.root });
  assert.equal(last.status, 0, last.stderr);
  assert.match(last.stdout, /^eita\/other v2 -> v1\n {2}page "app": installed in [\d.]+ ms\n$/);
  const named = await jankHot(["undo", "eita/ggg", "--url", urlOf(server)]);
  assert.match(named.stdout, /^eita\/ggg v2 -> v1\n/);
  assert.deepEqual([page.invoke("eita/ggg", 1), page.invoke("eita/other")], [49, 1]);
  const first = await jankHot(["undo", "eita/ggg"], { cwd: server.root });
  assert.match(first.stdout, /^eita\/ggg v1 -> none\n/);
});

test("undo: without pages, nothing to go back to, wrong names", async (t) => {
  const server = await startServer(t, {});
  const run = (...args: string[]) => jankHot(["undo", ...args], { cwd: server.root });
  assert.deepEqual(await run("no/such"), {
    status: 1,
    stdout: "",
    stderr: "jank-hot: there is nothing to go back to\n",
  });
  await server.eval("(defn f [] 1)");
  await server.eval("(defn f [] 2)");
  assert.equal((await run()).stdout, "user/f v2 -> v1\n  no page is connected\n");
  for (const name of ["ggg", "a/", "/a", "a b/c"])
    assert.match((await run(name)).stderr, /a var is named as NAMESPACE\/NAME, got /);
  const absent = await jankHot(["undo", "--port", "1"]);
  assert.equal(absent.status, 1);
  assert.match(absent.stderr, /no server answers at 127\.0\.0\.1:1/);
  assert.equal((await jankHot(["undo", "--port", "x"])).status, 2);
});

test("undo: a page that refuses is told, and makes the exit code 1", async (t) => {
  const server = await startServer(t, { "src/eita.jank": EITA });
  await edit(server, "(defn ggg [v] 2)");
  const page = await refusing(server, "full");
  const running = jankHot(["undo"], { cwd: server.root });
  await page.refuse("undo");
  const { status, stdout, stderr } = await running;
  assert.deepEqual([status, stdout], [1, "eita/ggg v2 -> v1\n"]);
  assert.match(stderr, /page "full": refused: PatchException: no room\n2 \| /);
});

// ---- eval -------------------------------------------------------------------------------

test("eval on the server: in the current page, a named one, or the server's instance", async (t) => {
  const server = await startServer(t, { "src/eita.jank": `${EITA}(def here (atom :server))\n` });
  const one = await openPage(t, server, { name: "one" });
  const two = await openPage(t, server, { name: "two" });
  new Compiler(one.runtime).eval("(reset! eita/here :one)");
  new Compiler(two.runtime).eval("(reset! eita/here :two)");
  const where = async (...args: string[]) => {
    const { stdout, stderr } = await jankHot(["eval", "@eita/here", ...args], { cwd: server.root });
    assert.equal(stderr, "");
    return stdout;
  };
  assert.equal(await where("--server"), ":two\n");
  assert.equal(await where("--url", urlOf(server)), ":two\n");
  assert.equal(await where("--port", `${server.server.nreplPort}`), ":two\n");
  assert.equal(await where("--page", "one"), ":one\n");
  assert.equal(await where("--page", "server"), ":server\n");
  assert.equal(await where("--server", "--ns", "eita"), ":two\n");
});

test("eval on the server: output first, the value last; definitions stay", async (t) => {
  const server = await startServer(t, { "src/eita.jank": EITA });
  const run = async (code: string, ...args: string[]) =>
    jankHot(["eval", "--server", code, ...args], { cwd: server.root });
  assert.deepEqual(await run('(print "no newline") 1 :done'), {
    status: 0,
    stdout: "no newline\n:done\n",
    stderr: "",
  });
  assert.equal((await run("")).stdout, "nil\n");
  assert.equal((await run("(defn ggg [v] (* 2 v))", "--ns", "eita")).stdout, "#'eita/ggg\n");
  assert.equal((await run("(eita/ggg 4)")).stdout, "8\n");
  const wrong = await run("(let [x 1]\n  (nope x))");
  assert.deepEqual([wrong.status, wrong.stdout], [1, ""]);
  assert.match(wrong.stderr, /^<eval>:2:3: CompilerException: .*\n2 \| {3}\(nope x\)\)\n +\^\n$/);
  const thrown = await run('(println "before") (throw (ex-info "boom" {:a 1}))');
  assert.deepEqual([thrown.status, thrown.stdout], [1, "before\n"]);
  assert.match(thrown.stderr, /ExceptionInfo: boom(.|\n)*\{:a 1\}/);
});

test("eval on the server: unknown page or namespace, no server, wrong options", async (t) => {
  const server = await startServer(t, {});
  for (const [args, code, message] of [
    [["--page", "nope"], 1, /no runtime "nope"; there are /],
    [["--server", "--ns", "no.such"], 1, /the server has no namespace no\.such/],
    [["--port", "1"], 1, /no server answers at 127\.0\.0\.1:1/],
    [["--url", "http://127.0.0.1:1"], 1, /no server answers/],
    [["--url", "nonsense"], 1, /--url must be as/],
    [["--port", "x"], 2, /1 to 65535/],
  ] as const) {
    const run = await jankHot(["eval", "1", ...args], { cwd: server.root });
    assert.deepEqual([run.status, run.stdout], [code, ""], run.stderr);
    assert.match(run.stderr, message);
  }
});

test("eval on the server: Ctrl-C interrupts it there; exit code 130", async (t) => {
  const server = await startServer(t, {}, { evalTimeout: 0 });
  const code = '(do (println "begun") (loop [] (recur)))';
  const child = spawn(process.execPath, [COMMAND, "eval", "--server", code], { cwd: server.root });
  await new Promise((begun) => child.stdout.once("data", begun));
  child.kill("SIGINT");
  assert.equal(await new Promise((done) => child.once("exit", done)), 130);
  assert.equal(await server.here("(+ 1 2)"), "3");
});

// ---- serve ------------------------------------------------------------------------------

async function serve(t: TestContext, folder: string, ...args: string[]) {
  const ports = ["--port", "0", "--ws-port", "0", "--nrepl-port", "0"];
  const child = spawn(process.execPath, [COMMAND, "serve", ".", ...ports, ...args], {
    cwd: folder,
  });
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  await until("the nREPL line", () => /nREPL server started/.test(stdout));
  const run = async (code: string) =>
    (await jankHot(["eval", "--server", code], { cwd: folder })).stdout;
  const stop = async () => {
    child.kill("SIGINT");
    assert.equal(await new Promise((done) => child.once("exit", done)), 0);
  };
  return { run, stop };
}

test("serve: the log brings back what was typed; --fresh forgets it; --no-log keeps none", async (t) => {
  const folder = scratch(t);
  const log = join(folder, ".jank-hot/patches.jsonl");
  const first = await serve(t, folder);
  assert.equal(await first.run("(def typed 5)"), "#'user/typed\n");
  assert.ok(existsSync(`${log}.lock`) && existsSync(join(folder, ".nrepl-port")));
  await first.stop();
  assert.ok(!existsSync(`${log}.lock`) && !existsSync(join(folder, ".nrepl-port")));
  const again = await serve(t, folder);
  assert.equal(await again.run("user/typed"), "5\n");
  await again.stop();
  const fresh = await serve(t, folder, "--fresh");
  assert.equal(await fresh.run("(resolve 'user/typed)"), "nil\n");
  await fresh.stop();
  const other = scratch(t);
  mkdirSync(join(other, "src"));
  writeFileSync(join(other, "src/eita.jank"), EITA);
  const without = await serve(t, other, "--no-log");
  assert.equal(await without.run("(eita/ggg 1)"), "49\n");
  assert.ok(!existsSync(join(other, ".jank-hot/patches.jsonl")));
  await without.stop();
});
