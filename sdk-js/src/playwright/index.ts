// Playwright's `test` with a jank development server.
//
//   import { test, expect } from "jank-hot-reload/playwright";
//
//   test.use({ jankOptions: { root: "dist", sources: ["../src"] } });
//
//   test("an edit is live, and the counter keeps its state", async ({ page, jank }) => {
//     await jank.open(page);
//     await jank.invoke(page, "app.counter/add", 5);
//     await jank.patch("app/counter.jank", (text) => text.replace("(+ n 1)", "(+ n 2)"));
//     expect(await jank.invoke(page, "app.counter/value")).toBe(5);
//   });
//
// The server is the worker's; each test finds it as if it were the first. A test
// fails when a file or a patch is refused that it did not expect to be.

import { dirname } from "node:path";
import {
  expect,
  test as base,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestType,
} from "@playwright/test";
import { Jank } from "./jank.js";
import { JankServer, type JankOptions } from "./server.js";

export { expect };
export { JankRefusal } from "./jank.js";
export type { Jank, JankEvalOptions, PatchReport, WaitOptions } from "./jank.js";
export type { JankOptions, JankServer } from "./server.js";

export interface JankFixtures {
  /** The test's view of the server, which is as if it had just been started. */
  jank: Jank;
}

export interface JankWorkerOptions {
  /** Set with `test.use({ jankOptions })` at a file's top level, or in the configuration's `use`. */
  jankOptions: JankOptions;
}

export interface JankWorkerFixtures extends JankWorkerOptions {
  /** The worker's server, to stop and start it, and for its ports. It runs in tests with `jank`. */
  jankServer: JankServer;
}

export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & JankFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & JankWorkerFixtures
> = base.extend<JankFixtures, JankWorkerFixtures>({
  jankOptions: [{}, { option: true, scope: "worker" }],

  jankServer: [
    async ({ jankOptions }, use, { config }) => {
      const base = config.configFile ? dirname(config.configFile) : process.cwd();
      const server = new JankServer(jankOptions, base);
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],

  jank: async ({ jankServer, context }, use) => {
    await jankServer.startAnew();
    const jank = new Jank(jankServer);
    jank.follow(context);
    await use(jank);
    jank.end();
  },
});
