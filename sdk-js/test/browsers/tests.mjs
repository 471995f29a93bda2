// The language suite in a browser, and what else it has to be able to do. Each
// test is a page of its own.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { report } from "../lang/cases.mjs";
import { suiteFiles } from "../lang/files.mjs";
import { within } from "./programs.mjs";
import { startServer } from "./server.mjs";

const MODULE =
  process.env.JANK_MODULE ??
  fileURLToPath(new URL("../../../build/wasm/jank.mjs", import.meta.url));
const PAGE = 40_000;
const END = 15_000;
const MOST_BROKEN = 2;

/**
 * `startBrowser()` gives a browser: {visit(url), close()}. One in which a page does
 * not end is closed, and the next test has a new one.
 */
export function browserTests(browserName, startBrowser) {
  let server;
  let browser;
  let broken = 0;

  const close = async () => {
    const old = await browser?.catch(() => undefined);
    browser = undefined;
    await within(END, `${browserName}: end`, Promise.resolve(old?.close()));
  };

  async function outcome(task) {
    if (broken === MOST_BROKEN) throw new Error(`${browserName} is broken: see the tests above`);
    try {
      const { visit } = await (browser ??= startBrowser());
      const { url, result } = server.add(task);
      const visited = visit(url).then(() => result);
      return await within(PAGE, url, Promise.race([result, visited]));
    } catch (error) {
      broken++;
      await close();
      throw error;
    }
  }

  async function run(task) {
    const { value, error } = await outcome(task);
    if (error !== undefined) throw new Error(error);
    return value;
  }

  before(async () => {
    server = await startServer(MODULE);
  });
  after(async () => {
    server.close();
    await close();
  });

  for (const { name, text } of suiteFiles()) {
    test(`${browserName} language: ${name}`, async () => {
      const result = await run({ kind: "language", name, text });
      assert.equal(result.failures.length, 0, report(result));
    });
  }

  test(`${browserName}: a function is replaced 300 times`, async () => {
    const { values, stats } = await run({ kind: "replace", times: 300 });
    const expected = Array.from({ length: 300 }, (_, i) => `[${i} "text ${i}" ${i}]`);
    assert.deepEqual(values, expected);
    const [earlier, last] = stats;
    assert.ok(last.reclaimed_modules > 300, `${last.reclaimed_modules} patches reclaimed`);
    assert.equal(last.table_slots, earlier.table_slots);
  });
}
