// The fixtures of "jank-hot-reload/playwright", as an application uses them that has
// installed the packed package: Playwright runs the tests of sdk-js/test/package/app.

import { execFile } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { pack, type Packed } from "../sdk-js/test/package/packed.js";
import { ROOT } from "./support.js";

const APPLICATION = join(ROOT, "sdk-js/test/package/app");
const CORE = "site/src/app/core.jank";

interface Report {
  suites: { file: string; specs: Spec[] }[];
}

interface Spec {
  title: string;
  tests: { results: { status: string; errors: { message: string }[] }[] }[];
}

/** Playwright's JSON report; it ends with an error when tests fail. */
const playwright = (folder: string): Promise<Report> =>
  new Promise((resolve, reject) => {
    const cli = join(ROOT, "node_modules/@playwright/test/cli.js");
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [cli, "test", "--reporter=json"], options, (error, stdout) => {
      const start = stdout.indexOf("{\n");
      if (start < 0) reject(error ?? new Error(stdout));
      else resolve(JSON.parse(stdout.slice(start)) as Report);
    });
  });

let packed: Packed;
test.beforeAll(() => {
  packed = pack();
});
test.afterAll(() => packed.remove());

test("the fixtures keep their promises in an application of others", async () => {
  test.setTimeout(300_000);
  const folder = packed.application({}, ["@playwright/test"]);
  cpSync(APPLICATION, folder, { recursive: true });
  const { suites } = await playwright(folder);
  const results = suites.flatMap(({ file, specs }) =>
    specs.map(({ title, tests }) => ({ file, title, ...tests[0]?.results[0] })),
  );
  const good = results.filter(({ file }) => file === "good.spec.mjs");
  const bad = results.filter(({ file }) => file !== "good.spec.mjs");
  expect(good.length).toBeGreaterThan(10);
  expect(good.filter(({ status }) => status !== "passed")).toEqual([]);
  expect(bad.length).toBeGreaterThan(5);
  for (const { title, status, errors = [] } of bad) {
    expect(status, title).toBe("failed");
    expect(errors.map(({ message }) => message).join("\n")).toMatch(new RegExp(title, "s"));
  }
  const original = readFileSync(join(APPLICATION, CORE), "utf8");
  expect(readFileSync(join(folder, CORE), "utf8")).toBe(original);
});
