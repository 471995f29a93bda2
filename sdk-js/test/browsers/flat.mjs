// Ten thousand edits leave nothing behind, in any browser, and old code that is
// still held goes on.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { liveTests, until } from "./live.mjs";

const EDITS = 10_000;
const STEP = 1_000;
/** Edits that a server sends. */
const SENT = 1_000;
/** So many edits of things that flat-page.mjs knows; nothing grows after the first. */
const WARM = 600;
const KINDS = {
  "a multimethod's method": 2_000,
  "a protocol's implementation": 2_000,
  "a type": 1_200,
  "a macro and its user": 1_200,
  "a form that is given to eval": 1_200,
};
/** Old code is as old as that many edits make it. */
const AGE = 5_000;

const KB = 1024;
const MB = 1024 * KB;
/** The heap of the page, where it can be seen; of its collector nothing is left then. */
const JS_HEAP = MB;
/** Of all the browser's processes: a module that stays costs some 64 KB, of 9,000. */
const RESIDENT = 450 * MB;

const PAGE = `<!doctype html><meta charset="utf-8"><title>flat</title>
<link rel="icon" href="data:,"><script type="module" src="flat.js"></script>`;

const MAIN = `import { Compiler, connect } from "/jank/index.js";
import * as flat from "./flat-page.mjs";
const client = Object.assign(connect({ compiler: "local" }), { Compiler });
await client.ready;
globalThis.flat = (name, ...args) => flat[name](client, ...args);
`;

const FOLLOWING = `import { Compiler, connect } from "/jank/index.js";
import { figures } from "./flat-page.mjs";
const jank = Object.assign(connect({ name: "follower" }), { Compiler });
const calls = [];
jank.on("after-patch", ({ error }) => calls.push(error ?? jank.invoke("app.core/greet", "")));
Object.assign(globalThis, { jank, calls, figures: () => figures(jank) });
`;

/** A page that compiles by itself; the result calls functions of flat-page.mjs in it. */
async function openFlat(live) {
  live.write("flat.html", PAGE);
  live.write("flat.js", MAIN);
  writePage(live);
  await live.visit("flat.html");
  await until("the page", () => live.evaluate("Boolean(globalThis.flat)"));
  return (name, ...args) =>
    live.evaluate(`flat(${[name, ...args].map((each) => JSON.stringify(each)).join(", ")})`);
}

const writePage = (live) =>
  live.write("flat-page.mjs", readFileSync(new URL("flat-page.mjs", import.meta.url), "utf8"));

/** Bytes that the browser's processes occupy: all that this process has started. */
function resident() {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([process.pid]);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const [pid, parent] of processes) if (family.has(parent)) family.add(pid);
  }
  family.delete(process.pid);
  const sizes = processes.filter(([pid]) => family.has(pid)).map(([, , rss]) => rss * KB);
  return sizes.reduce((sum, size) => sum + size, 0);
}

function isFlat(before, after) {
  const text = JSON.stringify({ before, after });
  assert.equal(after.memory, before.memory, text);
  assert.equal(after.slots, before.slots, text);
  assert.ok(after.usedSlots <= before.usedSlots + 16, text);
  assert.ok(after.patches <= before.patches + 16, text);
  assert.ok(after.heap <= before.heap + 64 * KB, text);
}

/** `warm`: when every var has all the versions that can be gone back to. */
async function tenThousand(live, vars, warm) {
  const call = await openFlat(live);
  const edit = async (first, end) => {
    for (let from = first; from < end; from += STEP)
      await call("edit", { from, to: from + STEP, vars });
    return {
      ...(await call("figures")),
      js: await call("heapOfJs"),
      resident: resident(),
    };
  };
  const before = await edit(0, warm);
  const after = await edit(warm, EDITS);
  isFlat(before, after);
  const text = JSON.stringify({ before, after });
  assert.ok(after.js <= before.js + JS_HEAP, text);
  assert.ok(after.resident <= before.resident + RESIDENT, text);
  return call;
}

const SCENARIOS = {
  "10,000 edits of one var: each is live, nothing grows, and 16 can be undone": async (live) => {
    const call = await tenThousand(live, 1, STEP);
    const { values, refusal } = await call("undoAll");
    assert.deepEqual(
      values,
      Array.from({ length: 17 }, (_, i) => EDITS - 1 - i),
    );
    assert.match(refusal, /nothing to go back to/);
    await call("edit", { from: EDITS, to: EDITS + 1, vars: 1 });
  },

  "10,000 edits of 200 vars: each is live, and nothing grows": (live) =>
    tenThousand(live, 200, 4 * STEP),

  "1,000 edits that a server sends: each is live, and nothing grows": async (live) => {
    live.write("main.js", FOLLOWING);
    writePage(live);
    await live.open();
    const send = async (from, to) => {
      for (let i = from; i < to; i++) {
        const { pages } = await live.server.engine.evaluate(`(defn greet [x] (str x ${i}))`, {
          ns: "app.core",
        });
        assert.equal(pages[0].status, "installed");
      }
      return live.evaluate("figures()");
    };
    const before = await send(0, SENT / 2);
    isFlat(before, await send(SENT / 2, SENT));
    assert.deepEqual(
      await live.evaluate(`calls.slice(-${SENT})`),
      Array.from({ length: SENT }, (_, i) => String(i)),
    );
    const { installed, failed, queued } = await live.evaluate("jank.stats()");
    assert.deepEqual({ failed, queued }, { failed: 0, queued: 0 });
    assert.ok(installed >= SENT);
  },

  ...Object.fromEntries(
    Object.entries(KINDS).map(([kind, edits]) => [
      `edits of ${kind} leave nothing behind`,
      async (live) => {
        const call = await openFlat(live);
        await call("editKind", { kind, from: 0, to: WARM });
        const before = await call("figures");
        await call("editKind", { kind, from: WARM, to: edits });
        isFlat(before, await call("figures"));
      },
    ]),
  ),

  "edits that are refused leave nothing behind": async (live) => {
    const call = await openFlat(live);
    await call("editBadly", STEP);
    const before = await call("figures");
    await call("editBadly", 2 * STEP);
    isFlat(before, await call("figures"));
  },

  "closures of old code go on while they are held, and are reclaimed then": async (live) => {
    const call = await openFlat(live);
    const { seen, entries, held } = await call("holdOldCode", AGE);
    assert.equal(seen, `[${[0, 1, 2, 3, 4].map((n) => `[${n} ${n} ${AGE}]`).join(" ")}]`);
    assert.deepEqual(held, ["timer", "listener", "promise", "atom", "seq"]);
    const { atOnce, later } = await call("dropOldCode", entries);
    for (const name of ["atom", "seq"]) assert.ok(!atOnce.includes(name), String(atOnce));
    assert.deepEqual(later, []);
  },

  "a function that runs while it is edited ends in its old code, and calls the new": async (
    live,
  ) => {
    const call = await openFlat(live);
    const results = await call("editRunning", 600);
    assert.deepEqual(results, [
      "[:old [:old 1] [:old 2]]",
      "[600 600 600]",
      "[600 600 [:old 2] [:old 3]]",
      "[600 600]",
    ]);
  },

  "what has captured a function has the old one, what has captured its var the new": async (
    live,
  ) => {
    const call = await openFlat(live);
    const [byValue, byName] = await call("editCaptured", 2000);
    assert.equal(byValue, "[[:old 1] [:old 1] [:old 1] [:old 1]]");
    assert.equal(byName, "[[2000 1] [2000 1] [2000 1] [2000 1]]");
  },
};

/** `startBrowser`: as of liveTests. */
export const flatTests = (browserName, startBrowser) =>
  liveTests(browserName, startBrowser, SCENARIOS);
