// A program in C in a real page: its function is replaced, its state stays.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DIST, expect, ROOT, test } from "./support.js";

// The objects of the runtime stay there from run to run.
const FOLDER = join(ROOT, "build/test/e2e-native");
const CLI = join(DIST, "cli.js");

const PROGRAM = `#include <jank_patch.h>
#include <emscripten/html5.h>
static int frames;
static int clicks;
JANK_HOT(int, label, (int n)) { return n + 48; }
JANK_HOT(int, click, (void)) { return ++clicks; }
static bool frame(double now, void *data) {
  frames++;
  return true;
}
JANK_HOT(int, frames_so_far, (void)) { return frames; }
int main(void) {
  emscripten_request_animation_frame_loop(frame, 0);
  return 0;
}
`;

const PAGE = `import { module } from "./dist/index.js";
import { connect, Runtime } from "/jank/index.js";
window.client = connect({ runtime: Runtime.adopt(module) });
window.errors = [];
client.on("error", (error) => errors.push(error));
client.on("connect", () => (document.body.id = "connected"));
`;

interface InPage {
  client: { invoke(name: string, ...args: unknown[]): number };
  errors: { message: string; file: string; line: number }[];
}

let server: ChildProcess;
let url = "";

test.beforeAll(async () => {
  test.setTimeout(400_000);
  mkdirSync(FOLDER, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(FOLDER, name), text);
  write("program.c", PROGRAM);
  write("page.js", PAGE);
  write("index.html", '<!doctype html><body><script type="module" src="page.js"></script>');
  const setup = join(ROOT, "sdk-js/tools/setup-emscripten.mjs");
  const emcc = execFileSync(process.execPath, [setup], { encoding: "utf8" }).trim();
  const bundle = ["bundle", "program.c", "-o", "dist", "-O", "1", "--compiler"];
  execFileSync(process.execPath, [CLI, ...bundle, "--emcc", emcc], { cwd: FOLDER });
  const ports = ["--port", "0", "--ws-port", "0", "--nrepl-port", "0"];
  const watch = ["watch", "program.c", "--module", "dist/app.mjs", "--emcc", emcc, ...ports];
  server = spawn(process.execPath, [CLI, ...watch], { cwd: FOLDER });
  let printed = "";
  server.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  await expect.poll(() => printed, { timeout: 60_000 }).toContain("nrepl://");
  url = `http://localhost:${/localhost:(\d+)/.exec(printed)?.[1] ?? ""}/`;
});
test.afterAll(() => void server.kill());

test("a C function and a callback are replaced in the page, and their state stays", async ({
  page,
}) => {
  await page.goto(url);
  await expect(page.locator("#connected")).toBeAttached();
  const call = (name: string, ...args: unknown[]) =>
    page.evaluate(
      ([name, args]) => (window as unknown as InPage).client.invoke(`c/${name}`, ...args),
      [name, args] as const,
    );
  const save = (from: string, to: string) =>
    writeFileSync(join(FOLDER, "program.c"), PROGRAM.replace(from, to));
  expect(await call("label", 10)).toBe(58);
  await call("click");
  save("n + 48", "n + 49");
  await expect.poll(() => call("label", 10)).toBe(59);
  expect(await call("click")).toBe(2);
  const before = await call("frames_so_far");
  expect(before).toBeGreaterThan(0);
  save("frames++;", "frames += 1000000;");
  await expect.poll(() => call("frames_so_far")).toBeGreaterThan(1_000_000);
  save("n + 48", "n +");
  await expect
    .poll(() => page.evaluate(() => (window as unknown as InPage).errors))
    .toMatchObject([{ message: "expected expression", file: "program.c", line: 5 }]);
  expect(await call("label", 10)).toBe(58);
});
