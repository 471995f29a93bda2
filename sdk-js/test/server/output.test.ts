// What pages print, log, tap and throw reaches the developer: the terminal, and the
// sessions of editors.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./harness.js";
import { Compiler } from "jank-hot-reload";
import { openPage, startServer } from "./live-pages.js";

test("println, the console and tap> of a page reach terminal and editor, each once", async (t) => {
  const server = await startServer(t, { "src/app.jank": "(ns app)\n(defn f [x] (tap> x))\n" });
  const page = await openPage(t, server, { name: "tab", forwardConsole: true });
  const editor = await server.nrepl();
  t.after(() => editor.destroy());
  const session = await editor.clone();
  await editor.request({ op: "eval", session, code: "(+ 1 2)" });
  new Compiler(page.runtime).eval("(ns app)");
  page.invoke("clojure.core/println", "printed");
  console.log("logged", { a: 1 });
  console.error("failed");
  page.invoke("app/f", { b: [1, 2] });
  const lines = () => server.lines.filter((line) => line.startsWith("[tab]"));
  await until("four lines", () => lines().length >= 4);
  assert.deepEqual(lines(), [
    "[tab] printed",
    '[tab] logged {"a":1}',
    "[tab] error: failed",
    "[tab] tap> {:b [1 2]}",
  ]);
  const told = (key: "out" | "err") =>
    editor.messages.flatMap((message) => (key in message ? [message[key] as string] : [])).join("");
  await until("the editor", () => told("out").includes("tap>"));
  assert.match(told("out"), /printed\nlogged \{"a":1\}\ntap> \{:b \[1 2\]\}/);
  assert.match(told("err"), /failed/);
  page.close();
  console.log("after the end");
  await editor.request({ op: "eval", session, code: "nil" });
  assert.equal(lines().length, 4, "the console is the page's own again");
});

test("a value without end that is tapped is cut off, and the page goes on", async (t) => {
  const server = await startServer(t, {});
  const page = await openPage(t, server, { name: "tab" });
  await page.jankEval("(tap> (range))", { ns: "user" });
  await until("its beginning", () => server.lines.some((line) => /tap> \(0 1 2/.test(line)));
  assert.equal((await page.jankEval("(+ 1 2)")).value, "3");
});
