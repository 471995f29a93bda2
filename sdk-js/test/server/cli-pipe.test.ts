// jank-hot repl from a pipe, and what it says where there is no such server, page or option.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { COMMAND, jankHot, scratch } from "./commands.js";
import { until } from "./harness.js";
import { openPage, startServer } from "./live-pages.js";

const EITA = "(ns eita)\n(defn ggg [v] (+ 48 v))\n";

test("piped: values only, form after form, output in between", async (t) => {
  const server = await startServer(t, { "src/eita.jank": EITA });
  const run = (input: string, ...args: string[]) =>
    jankHot(["repl", ...args], { cwd: join(server.root, "src"), input });
  assert.deepEqual(await run("(+ 1 2)\n"), { status: 0, stdout: "3\n", stderr: "" });
  assert.deepEqual(await run('(print "a") [1\n2] ; c\n\n(eita/ggg 2)'), {
    status: 0,
    stdout: "a\nnil\n[1 2]\n50\n",
    stderr: "",
  });
  assert.deepEqual(await run("(ggg 1)", "--ns", "eita"), { status: 0, stdout: "49\n", stderr: "" });
  assert.deepEqual(await run(""), { status: 0, stdout: "", stderr: "" });
  assert.equal((await run("(+ 1 2)", "--local")).stdout, "3\n");
});

test("piped: an error has its line, goes to stderr, and makes the exit code 1", async (t) => {
  const server = await startServer(t, {});
  const { status, stdout, stderr } = await jankHot(["repl"], {
    cwd: server.root,
    input: "(+ 1 2)\n\n(nope)\n(+ 3 4)\n(+ 5",
  });
  assert.equal(stdout, "3\n7\n");
  assert.match(
    stderr,
    /^<stdin>:3:1: CompilerException: .*nope.*\n3 \| \(nope\)\n +\^\n<stdin>:\d:/,
  );
  assert.doesNotMatch(stderr, /\x1b/);
  assert.equal(status, 1);
});

test("piped: a form reads the lines after it, and the end of the input is nil", async (t) => {
  const server = await startServer(t, {});
  const input =
    "(read-line)\nnot (a form\n[(read-line)\n(read-line)]\none\ntwo\n(+ 1 2)\n(read-line)";
  const run = await jankHot(["repl"], { cwd: server.root, input });
  const stdout = '"not (a form"\n["one" "two"]\n3\nnil\n';
  assert.deepEqual(run, { status: 0, stdout, stderr: "" });
});

test("piped: closing brackets too many are an error, and what follows is evaluated", async (t) => {
  const server = await startServer(t, {});
  const run = await jankHot(["repl"], { cwd: server.root, input: ")\n(+ 1 2)\n" });
  assert.deepEqual([run.status, run.stdout], [1, "3\n"]);
  assert.match(run.stderr, /Unmatched delimiter/);
});

for (const [state, input] of [
  ["what is evaluated", '(do (println "begun") (loop [] (recur)))\n(println "not this")\n'],
  ["what waits for input", '(println "begun")\n'],
] as const)
  test(`piped: Ctrl-C ends ${state}; exit code 130`, async (t) => {
    const server = await startServer(t, {}, { evalTimeout: 0 });
    const child = spawn(process.execPath, [COMMAND, "repl"], { cwd: server.root });
    t.after(() => child.kill("SIGKILL"));
    let stdout = "";
    child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
    child.stdin.write(input);
    await until("its output", () => stdout.includes("begun\n"));
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGINT");
    assert.equal(await ended, 130);
    assert.doesNotMatch(stdout, /not this/);
    assert.equal(await server.here("(+ 1 2)"), "3");
  });

// ---- Where there is no server, or no such thing ----------------------------------------

for (const [args, code, message] of [
  [
    ["repl", "--port", "1"],
    1,
    /no server answers at 127\.0\.0\.1:1: start one with jank-hot serve/,
  ],
  [["repl", "--port", "x"], 2, /1 to 65535/],
  [["repl", "--port", "0"], 2, /1 to 65535/],
  [["repl", "--prot", "1"], 2, /unknown option '--prot'/],
  [["repl", "--port", "1", "--url", "http://localhost:1"], 2, /cannot be used with/],
  [["repl", "--url", "http://127.0.0.1:1"], 1, /no server answers at http/],
  [["repl", "--local", "--port", "7"], 1, /--local has no server: omit --port/],
  [["repl", "--local", "--ns", "no.such"], 1, /--ns: there is no namespace no\.such/],
  [["repl", "--local", "--ns", "a) (b"], 1, /--ns: a\) \(b is no name/],
] as const)
  test(`${args.join(" ")}: exit code ${code} and what is wrong`, async (t) => {
    const { status, stdout, stderr } = await jankHot([...args], { cwd: scratch(t), input: "1" });
    assert.deepEqual([status, stdout], [code, ""], stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at |\x1b/);
  });

test("a stale or broken .nrepl-port is named", async (t) => {
  const folder = scratch(t);
  const run = (text: string) => {
    writeFileSync(join(folder, ".nrepl-port"), text);
    return jankHot(["repl"], { cwd: folder, input: "1" });
  };
  const stale = await run("1");
  assert.equal(stale.status, 1);
  assert.match(
    stale.stderr,
    /no server answers at 127\.0\.0\.1:1 \(the port is from .*nrepl-port\)/,
  );
  for (const text of ["nonsense", "", "99999", "-1"])
    assert.match((await run(text)).stderr, /\.nrepl-port holds no port: remove it/);
});

test("an unknown page or namespace is refused with what there is", async (t) => {
  const server = await startServer(t, {});
  await openPage(t, server, { name: "there" });
  const run = (...args: string[]) => jankHot(["repl", ...args], { cwd: server.root, input: "1" });
  const page = await run("--page", "nope");
  assert.deepEqual([page.status, page.stdout], [1, ""]);
  assert.match(page.stderr, /no runtime "nope"; there are "there", /);
  const ns = await run("--ns", "no.such");
  assert.deepEqual([ns.status, ns.stdout], [1, ""]);
  assert.match(ns.stderr, /no namespace no\.such/);
});

test("what is no nREPL, or not ours, is told", async (t) => {
  const answers = [
    "HTTP/1.1 400 Bad Request\r\n\r\n",
    "",
    "d2:id1:16:statusl4:doneee",
    "d2:id1:16:statusl4:donee8:versionsd7:clojured14:version-string6:1.12.0eee",
  ];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      const answer = answers.shift() ?? "";
      if (answer) socket.write(answer);
      else socket.destroy();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  for (const message of [
    /does not speak nREPL/,
    /does not speak nREPL/,
    /is an nREPL, but not one of jank-hot/,
    /is an nREPL, but not one of jank-hot/,
  ]) {
    const run = await jankHot(["repl", "--port", `${port}`], { input: "1" });
    assert.deepEqual([run.status, run.stdout], [1, ""]);
    assert.match(run.stderr, message);
  }
});

test("--local leaves nothing behind", async () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("jank-hot-repl-"));
  const before = folders();
  const run = () => jankHot(["repl", "--local"], { input: "1" });
  // Whether the process ended too early was a matter of luck.
  const all = await Promise.all(Array.from({ length: 6 }, run));
  for (const { stdout } of all) assert.equal(stdout, "1\n");
  await until("the folder is gone", () => folders().every((name) => before.includes(name)));
});
