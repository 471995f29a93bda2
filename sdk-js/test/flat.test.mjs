// What flat-page.mjs does, in Node, where memory can be seen to the block: many edits
// leave nothing behind, and old code that is held goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Client, Compiler } from "jank-hot-reload";
import * as flat from "./browsers/flat-page.mjs";

setFlagsFromString("--expose-gc");
globalThis.gc = runInNewContext("gc");

const BLOCK = 16 * 1024;
/** Of linear memory: what is cut otherwise. */
const BLOCKS = 8;

async function start(t) {
  const local = new Client({ compiler: "local", write: () => undefined });
  const client = Object.assign(local, { Compiler });
  t.after(() => client.close());
  await client.ready;
  return client;
}

/** Blocks that linear memory has left before it grows. The runtime is of no use then. */
function blocksLeft({ runtime: { module } }) {
  const { length } = module.HEAPU8;
  let blocks = 0;
  for (; module.HEAPU8.length === length; blocks++) assert.ok(module._malloc(BLOCK));
  return blocks;
}

/** Of a runtime of its own after so many edits. */
async function blocksAfter(t, vars, edits) {
  const client = await start(t);
  await flat.edit(client, { from: 0, to: edits, vars });
  flat.figures(client);
  return blocksLeft(client);
}

for (const vars of [1, 200])
  test(`three thousand edits of ${vars} vars leave as much memory as one thousand`, async (t) => {
    const [few, many] = [await blocksAfter(t, vars, 1000), await blocksAfter(t, vars, 3000)];
    assert.ok(many >= few - BLOCKS, `${few} blocks, ${many} blocks`);
  });

test("refused edits, more than good ones, leave as much memory and as many slots", async (t) => {
  const after = async (edits) => {
    const client = await start(t);
    flat.editBadly(client, edits);
    const { slots } = flat.figures(client);
    return { slots, blocks: blocksLeft(client) };
  };
  const [few, many] = [await after(1000), await after(3000)];
  assert.equal(many.slots, few.slots);
  assert.ok(many.blocks >= few.blocks - BLOCKS, `${few.blocks} blocks, ${many.blocks} blocks`);
});

test("a loop that evaluates forms lets their patches go while it runs", async (t) => {
  const client = await start(t);
  const loop = (n) => `(dotimes [i ${n}] (eval (list 'defn 'made [] i)))`;
  for (const n of [1000, 3000]) {
    assert.equal(new Compiler(client.runtime).eval(loop(n)).error, undefined);
    const { table_slots, module_paths } = client.runtime.stats();
    assert.ok(table_slots <= 512 && module_paths.length <= 512, `${table_slots} slots`);
    assert.equal(client.invoke("user/made"), n - 1);
  }
});

test("closures of old code go on while they are held, and are reclaimed then", async (t) => {
  const client = await start(t);
  const { seen, entries, held } = await flat.holdOldCode(client, 2000);
  assert.equal(seen, "[[0 0 2000] [1 1 2000] [2 2 2000] [3 3 2000] [4 4 2000]]");
  assert.deepEqual(held, ["timer", "listener", "promise", "atom", "seq"]);
  const { later } = await flat.dropOldCode(client, entries);
  assert.deepEqual(later, []);
});

test("what runs while it is edited, or was captured, is old code", async (t) => {
  const client = await start(t);
  assert.deepEqual(flat.editRunning(client, 600), [
    "[:old [:old 1] [:old 2]]",
    "[600 600 600]",
    "[600 600 [:old 2] [:old 3]]",
    "[600 600]",
  ]);
  assert.deepEqual(flat.editCaptured(client, 600), [
    "[[:old 1] [:old 1] [:old 1] [:old 1]]",
    "[[600 1] [600 1] [600 1] [600 1]]",
  ]);
});

test("of many edits, 16 can be undone", async (t) => {
  const client = await start(t);
  await flat.edit(client, { from: 0, to: 2000, vars: 1 });
  const { values, refusal } = await flat.undoAll(client);
  assert.deepEqual(
    values,
    Array.from({ length: 17 }, (_, i) => 1999 - i),
  );
  assert.match(refusal, /nothing to go back to/);
});
