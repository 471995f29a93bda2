// A page that comes late has the values that the others have, though what they were
// made from is superseded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until, type TestServer } from "./harness.js";
import { inPage, openPage, startServer } from "./live-pages.js";

/** Saves the file; resolves when the server has it. */
async function save(server: TestServer, text: string): Promise<void> {
  const { log } = server.server.engine;
  const { seq } = log;
  server.write("src/app.jank", text);
  await until("the save", () => log.seq > seq);
}

test("a function that a value of its own name wraps is there when that is made again", async (t) => {
  const app = "(ns app)\n(defn f [x] (* 2 x))\n(def f (comp inc f))\n";
  const server = await startServer(t, { "src/app.jank": app });
  const page = await openPage(t, server);
  assert.equal(page.invoke("app/f", 4), 9);
  await save(server, app.replace("* 2", "* 3"));
  const late = await openPage(t, server, { name: "late" });
  assert.equal(late.stats().failed, 0);
  assert.equal(inPage(late, "(app/f 4)"), inPage(page, "(app/f 4)"));
});

test("what a value was made from comes before it, however many versions and expressions follow", async (t) => {
  const app = (init: number, state: number, run: number) =>
    `(ns app)\n(def log (atom []))\n(defn init [] ${init})\n(def state [(init) ${state}])\n(swap! log conj ${run})\n`;
  const server = await startServer(t, { "src/app.jank": app(1, 1, 1) });
  const page = await openPage(t, server);
  await save(server, app(2, 2, 1));
  for (let n = 3; n < 16; n++) {
    await save(server, app(n, 2, 1));
    await server.server.engine.evaluate(`(def other${n} 0)`, { ns: "app", page: "server" });
  }
  await until("the last edit", () => page.invoke("app/init") === 15);
  const late = await openPage(t, server, { name: "late" });
  assert.equal(inPage(late, "app/state"), inPage(page, "app/state"));
});
