// One browser for many tests.

import { within } from "./programs.mjs";

const END = 15_000;
const MOST_BROKEN = 2;

/**
 * `start()` gives a browser. One in which something fails is closed, and the next
 * use has a new one: not more often than twice.
 */
export function keepBrowser(name, start) {
  let browser;
  let broken = 0;

  const close = async () => {
    const old = await browser?.catch(() => undefined);
    browser = undefined;
    await within(END, `${name}: end`, Promise.resolve(old?.close()));
  };

  const use = async (body) => {
    if (broken === MOST_BROKEN) throw new Error(`${name} is broken: see the tests above`);
    try {
      return await body(await (browser ??= start()));
    } catch (error) {
      broken++;
      await close();
      throw error;
    }
  };

  return { use, close };
}
