// jank-hot repl in a terminal, as people use it.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { scratch, Terminal } from "./commands.js";
import { eventually, type TestServer } from "./harness.js";
import { Compiler } from "jank-hot-reload";
import { openPage, startServer } from "./live-pages.js";

const EITA = "(ns eita)\n(defn ggg [v] (+ 48 v))\n";

/** The terminal after its first prompt. */
async function terminal(
  t: TestContext,
  server: TestServer,
  args: string[] = [],
  state = scratch(t),
  env: Record<string, string> = {},
): Promise<Terminal> {
  const screen = new Terminal(t, ["repl", ...args], { cwd: server.root, state, env });
  await screen.sees("=> ");
  return screen;
}

test("the start says how many pages are connected, and which is current", async (t) => {
  const server = await startServer(t, { "src/eita.jank": EITA });
  const alone = await terminal(t, server);
  assert.match(alone.screen, /no page is connected/);
  await openPage(t, server, { name: "first" });
  await openPage(t, server, { name: "second" });
  const { screen } = await terminal(t, server);
  assert.match(screen, /jank \S+ at 127\.0\.0\.1:\d+ .*: 2 pages are connected {2}:help/);
  assert.match(screen, /\n {2}second \S+ \(current\)\n {2}first \S+\nuser=> $/);
});

test("values, *1, definitions in the page, several forms in one line", async (t) => {
  const server = await startServer(t, { "src/eita.jank": EITA });
  const page = await openPage(t, server);
  const screen = await terminal(t, server);
  assert.equal(await screen.enter("(eita/ggg 10)"), "58\n");
  assert.equal(await screen.enter("(inc *1) :b"), "59\n:b\n");
  assert.equal(await screen.enter("(in-ns 'eita)", "eita=> "), "#namespace[eita]\n");
  assert.equal(await screen.enter("(defn ggg [v] (+ 100 v))", "eita=> "), "#'eita/ggg\n");
  assert.equal(page.invoke("eita/ggg", 1), 101);
});

test("a form goes on until it is whole, with another prompt", async (t) => {
  const server = await startServer(t, {});
  const screen = await terminal(t, server);
  assert.equal(await screen.enter("(defn f [x]", "... "), "   ");
  assert.equal(await screen.enter('  ; a comment ( "', "... "), "   ");
  assert.equal(await screen.enter('  (str "a) ', "... "), "   ");
  assert.equal(await screen.enter('b" \\( x))'), "#'user/f\n");
  assert.equal(await screen.enter("(f 1)"), '"a) \\nb(1"\n');
  assert.equal(await screen.enter("; only a comment"), "");
});

test("the history has whole forms, in the next session too", async (t) => {
  const server = await startServer(t, {});
  const state = scratch(t);
  const first = await terminal(t, server, [], state);
  await first.enter("(def size 3)");
  await first.enter("(* size ; of it", "... ");
  await first.enter("  5)");
  first.type("\x04");
  assert.equal(await first.ended, 0);
  const second = await terminal(t, server, [], state);
  second.type("\x1b[A");
  await second.sees("(* size 5)");
  second.type("\r");
  await second.sees("\n15\n");
  await second.sees("=> ");
  second.type("\x1b[A\x1b[A");
  await second.sees("(def size 3)");
});

test("the history is bounded, its owner's alone, and harmless to a terminal", async (t) => {
  const server = await startServer(t, {});
  const state = scratch(t);
  const file = join(state, "jank-hot/repl-history");
  mkdirSync(join(state, "jank-hot"));
  const old = Array.from({ length: 5000 }, (_, i) => `(old ${i})`);
  writeFileSync(file, `${[...old, "\x1b[2J(cleared)"].join("\n")}\n`);
  const screen = await terminal(t, server, [], state);
  assert.equal(readFileSync(file, "utf8").split("\n").length, 1001);
  screen.type("\x1b[A");
  await screen.sees("[2J(cleared)");
  assert.ok(!screen.raw.includes("\x1b[2J"));
});

test("Tab completes, through the server", async (t) => {
  const server = await startServer(t, { "src/eita.jank": EITA });
  const screen = await terminal(t, server);
  screen.type("(eita/g");
  await screen.sees("(eita/g");
  screen.type("\t");
  await screen.sees("gg");
  screen.type(" 2)\r");
  await screen.sees("\n50\n");
  await screen.sees("=> ");
  screen.type("(reduce-");
  await screen.sees("(reduce-");
  screen.type("\t");
  await screen.sees("kv");
  screen.type("\x03");
  await screen.sees("=> ");
  screen.type("(every-");
  await screen.sees("(every-");
  screen.type("\t");
  await screen.sees("pred");
});

test("Ctrl-C interrupts what is evaluated, and the session goes on", async (t) => {
  const server = await startServer(t, {}, { evalTimeout: 0 });
  const screen = await terminal(t, server);
  await screen.enter("(def kept 5)");
  screen.type('(do (println "begun") (loop [] (recur)))\r');
  await screen.sees("\nbegun\n");
  screen.type("\x03");
  await screen.sees(";; interrupted\nuser=> ");
  assert.equal(await screen.enter("kept"), "5\n");
});

test("Ctrl-C clears what is typed, its earlier lines too", async (t) => {
  const server = await startServer(t, {});
  const screen = await terminal(t, server);
  await screen.enter("(+ 1", "... ");
  screen.type("(nonsense");
  await screen.sees("(nonsense");
  screen.type("\x03");
  await screen.sees("^C\nuser=> ");
  assert.equal(await screen.enter("(+ 1 2)"), "3\n");
  screen.type("\x03");
  await screen.sees("Ctrl-D ends");
});

test("what is typed while something is evaluated waits for its turn", async (t) => {
  const server = await startServer(t, {}, { evalTimeout: 0 });
  const screen = await terminal(t, server);
  screen.type('(do (println "begun") (loop [i 0] (if (< i 200000000) (recur (inc i)) :end)))\r');
  await screen.sees("\nbegun\n");
  screen.type("(+ 1 1)\r(+ 2\r2)\r");
  await screen.sees(/:end\n2\n4\nuser=> $/);
});

test("an error is red, with excerpt and caret; NO_COLOR is heeded", async (t) => {
  const server = await startServer(t, {});
  const screen = await terminal(t, server);
  await screen.enter("(let [x 1] (nope x))");
  assert.match(
    screen.raw,
    /\x1b\[31m<repl>:1:12: CompilerException: [^]*\n1 \| .*\r\n +\^\r\n\x1b\[0m/,
  );
  const plain = await terminal(t, server, [], scratch(t), { NO_COLOR: "1" });
  await plain.enter("(nope)");
  assert.doesNotMatch(plain.raw, /\x1b\[\d+m/);
});

test("the prompt shows a page that was chosen; it can be let go", async (t) => {
  const server = await startServer(t, {});
  const one = await openPage(t, server, { name: "one" });
  await openPage(t, server, { name: "two" });
  const screen = await terminal(t, server, ["--page", "one"]);
  assert.match(screen.screen, /\[one\] user=> $/);
  await screen.enter("(def here (atom 0))", "[one] user=> ");
  await screen.enter("(reset! here 7)", "[one] user=> ");
  assert.equal(new Compiler(one.runtime).eval("@user/here").value, "7");
  assert.equal(await screen.enter('(jank.repl/select "two")', "[two] user=> "), '"two"\n');
  assert.equal(await screen.enter("@here", "[two] user=> "), "0\n");
  assert.equal(await screen.enter("(jank.repl/select nil)", "\nuser=> "), "nil");
  assert.match(await screen.enter("(jank.repl/runtimes)"), /:name "one"/);
  await screen.enter("(def here 1)");
  assert.match(await screen.enter("(jank.repl/undo)"), /:name "user\/here"/);
});

test("what a page prints by itself goes above the line that is being typed", async (t) => {
  const server = await startServer(t, {});
  const page = await openPage(t, server);
  const screen = await terminal(t, server);
  await screen.enter("(+ 1 1)");
  screen.type("(+ 40");
  await screen.sees("(+ 40");
  new Compiler(page.runtime).eval('(js/setTimeout (fn [] (println "by itself")) 0)');
  await screen.sees("by itself\nuser=> (+ 40");
  screen.type(" 2)\r");
  await screen.sees("\n42\n");
});

test("what is evaluated reads what is typed; the prompt that it printed stays", async (t) => {
  const server = await startServer(t, {}, { evalTimeout: 0 });
  const screen = await terminal(t, server);
  screen.type('(do (print "name? ") (let [x (read-line)] (println "hello" x) (read-line)))\r');
  await screen.sees("\nname? name? "); // printed, and then what is typed behind
  screen.type("Adx\x7f");
  await screen.sees("Adxname? Ad"); // a backspace draws the line again
  screen.type("a\r");
  await screen.sees("hello Ada\n");
  screen.type("\r");
  await screen.sees('""\nuser=> ');
  assert.equal(await screen.enter("(+ 1 2)"), "3\n");
  screen.type("\x1b[A\x1b[A"); // the history has forms, and not what was read
  await screen.sees('(do (print "name? ")');
});

test("what waits for a line is interrupted by Ctrl-C, and reads the end at Ctrl-D", async (t) => {
  const server = await startServer(t, {}, { evalTimeout: 0 });
  const screen = await terminal(t, server);
  screen.type('(do (println "begun") (read-line) :not-reached)\r');
  await screen.sees("\nbegun\n");
  screen.type("\x03");
  await screen.sees(";; interrupted\nuser=> ");
  screen.type('(do (println "begun") (read-line))\r');
  await screen.sees("\nbegun\n");
  screen.type("line\r");
  await screen.sees('"line"\nuser=> ');
  screen.type('(do (println "begun") (def got [(read-line)]))\r');
  await screen.sees("\nbegun\n");
  screen.type("\x04");
  assert.equal(await screen.ended, 0);
  assert.equal(await server.here("got"), "[nil]");
});

test(":help helps, :quit and Ctrl-D end", async (t) => {
  const server = await startServer(t, {});
  const screen = await terminal(t, server);
  assert.match(await screen.enter(":help"), /Ctrl-C +interrupts[^]*jank\.repl\/undo/);
  screen.type(":quit\r");
  assert.equal(await screen.ended, 0);
  const other = await terminal(t, server);
  other.type("\x04");
  assert.equal(await other.ended, 0);
  await eventually("no session is left", async () => {
    const [answer] = await (await server.nrepl()).request({ op: "ls-sessions" });
    return (answer?.sessions as string[]).length === 0;
  });
});

test("a server that goes away ends it, with exit code 1", async (t) => {
  const server = await startServer(t, {});
  const screen = await terminal(t, server);
  await server.server.close();
  await screen.sees(/jank-hot: 127\.0\.0\.1:\d+ .*the server has ended the connection/);
  assert.equal(await screen.ended, 1);
});

test("--local: a runtime of its own, that can be interrupted and finds namespaces", async (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, "eita.jank"), EITA);
  const screen = new Terminal(t, ["repl", "--local", "--ns", "eita"], {
    cwd: folder,
    state: folder,
  });
  await screen.sees("eita=> ");
  assert.equal(await screen.enter("(ggg 2)", "eita=> "), "50\n");
  await screen.enter("(def state (atom 1))", "eita=> ");
  screen.type('(do (println "begun") (reset! state 2) (loop [] (recur)))\r');
  await screen.sees("\nbegun\n");
  screen.type("\x03");
  await screen.sees("interrupted\neita=> ");
  assert.equal(await screen.enter("@state", "eita=> "), "2\n");
  screen.type("\x04");
  assert.equal(await screen.ended, 0);
});
