// Many edits through a real server: its log, its file and its heap stay as they are,
// and undo goes as far back as after a few.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TestServer } from "./harness.js";
import { inPage, openPage, startServer } from "./live-pages.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const MB = 1024 * 1024;
const APP = "(ns app)\n(defn f [] -1)\n";

/** The edits from `from` up to `to` of so many vars, in turn. */
async function edit(server: TestServer, from: number, to: number, vars: number): Promise<void> {
  for (let i = from; i < to; i++) {
    const name = vars === 1 ? "f" : `f${i % vars}`;
    const { error } = await server.server.engine.evaluate(`(defn ${name} [] ${i})`, { ns: "app" });
    assert.equal(error, undefined);
  }
}

const logSize = (server: TestServer) => statSync(join(server.root, ".jank-hot/patches.jsonl")).size;

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

test("thousands of edits of one var: log, file and heap are bounded, and 16 can be undone", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, { persist: true });
  await edit(server, 0, 500, 1);
  const before = heap();
  await edit(server, 500, 2000, 1);
  const growth = heap() - before;
  assert.ok(growth < 2 * MB, `${growth} bytes`);
  assert.ok(logSize(server) < 10 * MB, `${logSize(server)} bytes`);
  assert.ok(server.server.engine.log.since(null, 0).length <= 10);
  const page = await openPage(t, server);
  for (let n = 1998; n >= 1983; n--) {
    await page.undo(["app/f"]);
    assert.equal(page.invoke("app/f"), n);
  }
  await assert.rejects(page.undo(["app/f"]), /nothing to go back to/);
  assert.equal(await server.here("(app/f)"), "1983");
  const late = await openPage(t, server);
  assert.equal(inPage(late, "(app/f)"), "1983");
});

test("thousands of edits of 200 vars: a late page gets the newest of each", async (t) => {
  const server = await startServer(t, { "src/app.jank": APP }, { persist: true });
  const page = await openPage(t, server);
  await edit(server, 0, 1000, 200);
  const { length } = server.server.engine.log.since(null, 0);
  assert.ok(length >= 200 && length <= 210, `${length} patches`);
  const late = await openPage(t, server);
  const newest = Array.from({ length: 200 }, (_, i) => String(800 + i)).join(" ");
  const names = Array.from({ length: 200 }, (_, i) => `(app/f${i})`).join(" ");
  for (const each of [page, late]) assert.equal(inPage(each, `[${names}]`), `[${newest}]`);
});
