// The language suite in a browser, and what else it has to be able to do. Each
// test is a page of its own.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { patternOf } from "../../tools/test-choice.mjs";
import { report } from "../lang/cases.mjs";
import { suiteFiles } from "../lang/files.mjs";
import { keepBrowser } from "./keeper.mjs";
import { within } from "./programs.mjs";
import { startServer } from "./server.mjs";

const MODULE =
  process.env.JANK_MODULE ??
  fileURLToPath(new URL("../../../build/wasm/jank.mjs", import.meta.url));
const PAGE = 40_000;

// Language tests choose their cases by themselves.
const { JANK_CASES } = process.env;
const isChosen = (name) => !JANK_CASES || patternOf(JANK_CASES).matches(name);

/**
 * `startBrowser()` gives a browser: {visit(url), close()}. One in which a page does
 * not end is closed, and the next test has a new one.
 */
export function browserTests(browserName, startBrowser) {
  let server;
  const { use, close } = keepBrowser(browserName, startBrowser);

  const outcome = (task) =>
    use(({ visit }) => {
      const { url, result } = server.add(task);
      const visited = visit(url).then(() => result);
      return within(PAGE, url, Promise.race([result, visited]));
    });

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

  for (const { name, text, lines } of suiteFiles()) {
    test(`${browserName} language: ${name}`, async () => {
      const result = await run({ kind: "language", name, text, lines });
      assert.equal(result.failures.length, 0, report(result));
    });
  }

  const replaced = `${browserName}: a function is replaced 300 times`;
  test(replaced, { skip: !isChosen(replaced) }, async () => {
    const { values, stats } = await run({ kind: "replace", times: 300 });
    const expected = Array.from({ length: 300 }, (_, i) => `[${i} "text ${i}" ${i}]`);
    assert.deepEqual(values, expected);
    const [earlier, last] = stats;
    assert.ok(last.reclaimed_modules > 300, `${last.reclaimed_modules} patches reclaimed`);
    assert.equal(last.table_slots, earlier.table_slots);
  });
}
