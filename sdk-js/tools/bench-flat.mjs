// bench-flat.mjs - ten thousand patches to one var, and to 200: whether the last
// take longer than the first, in Chromium's page and in Firefox.

import { setupBrowsers } from "./setup-browsers.mjs";

const PATCHES = 10_000;
const STEP = 1_000;
/** Clocks of pages are coarse, that of Firefox to 1 ms: so many patches are timed together. */
const BATCH = 50;

/** Milliseconds for each patch of so many, batch by batch, and what the runtime has then. */
async function patchInPage({ from, count, vars, batch }) {
  const { Compiler, load } = await import("/jank/index.js");
  const { runtime } = (globalThis.flat ??= await load());
  const compiler = new Compiler(runtime);
  const times = [];
  for (let i = from; i < from + count; i += batch) {
    const started = performance.now();
    for (let n = i; n < i + batch; n++) {
      const { error } = compiler.eval(`(defn h${n % vars} [x] (+ x ${n}))`);
      if (error) throw new Error(error.message);
    }
    times.push((performance.now() - started) / batch);
  }
  const { memory_bytes: memory, table_slots: slots } = runtime.stats();
  return { times, memory, slots };
}

async function figuresOf(page, browser, vars) {
  const patch = (from) => page.evaluate(patchInPage, { from, count: STEP, vars, batch: BATCH });
  const before = await patch(0); // not measured: engine and runtime get warm
  const rounds = [];
  for (let from = STEP; from <= PATCHES; from += STEP) rounds.push(await patch(from));
  const [first, last] = [rounds[0], rounds.at(-1)];
  return {
    browser,
    vars,
    total: rounds.flatMap(({ times }) => times).reduce((sum, time) => sum + time, 0) * BATCH,
    first: first.times,
    last: last.times,
    growth: last.memory - before.memory,
    slots: last.slots - before.slots,
  };
}

async function inFirefox(url) {
  const { FIREFOX } = await setupBrowsers();
  process.env.FIREFOX = FIREFOX;
  const { startBrowser } = await import("../test/browsers/firefox.mjs");
  const firefox = await startBrowser();
  try {
    await firefox.visit(url);
    const evaluate = (body, argument) => firefox.evaluate(`(${body})(${JSON.stringify(argument)})`);
    const all = [];
    for (const vars of [1, 200]) all.push(await figuresOf({ evaluate }, "Firefox", vars));
    return all;
  } finally {
    await firefox.close();
  }
}

/**
 * For each browser and number of vars: {browser, vars, total, first, last, growth,
 * slots}: milliseconds in all and for each patch of the first and last thousand; bytes
 * of linear memory and table slots that came after the first.
 */
export async function flatFigures(page, url) {
  const all = [];
  for (const vars of [1, 200]) all.push(await figuresOf(page, "Chromium", vars));
  return [...all, ...(await inFirefox(url))];
}
