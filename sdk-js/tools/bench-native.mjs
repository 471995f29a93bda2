// bench-native.mjs - a C file is saved: how soon its function runs in the page, beside
// what emcc alone takes for a side module of the same file.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { savedToRunning } from "./bench-save.mjs";
import { startCommand } from "./bench-server.mjs";
import { setupEmscripten } from "./setup-emscripten.mjs";
import { BUILD, DIST, ROOT, run } from "./system.mjs";

const FOLDER = join(BUILD, "bench-native");
const SOURCE = join(FOLDER, "native.c");

const TEXT = `#include <jank_patch.h>
#include <stdio.h>
#include <string.h>
static int count;
static const char *const names[] = {"zero", "one"};
JANK_HOT(int, ggg, (int v)) { count += v; return v + 48; }
JANK_HOT(const char *, name, (int i)) { return names[i & 1]; }
JANK_HOT(int, print, (const char *s)) { return printf("%s %d\\n", s, (int)strlen(s)); }
`;

const PAGE = `<!doctype html><title>bench</title><script type="module" src="page.js"></script>`;

const SCRIPT = `
import { module } from "./dist/index.js";
import { connect, Runtime } from "/jank/index.js";
window.client = connect({ runtime: Runtime.adopt(module) });
client.on("connect", () => (document.body.id = "connected"));
`;

const startWatching = (emcc) =>
  startCommand(["watch", SOURCE, "--module", "dist/app.mjs", "--emcc", emcc], FOLDER);

const compileTimes = (printed) =>
  [...printed.matchAll(/compiled in ([\d.]+) ms/g)].map(([, time]) => Number(time));

const saveTimes = (page, samples) =>
  savedToRunning(page, {
    client: "client",
    call: ["c/ggg", 0],
    expected: (i) => i,
    save: (i) => writeFileSync(SOURCE, TEXT.replace("v + 48", `v + ${i}`)),
    samples,
    rest: 150,
  });

async function emccTimes(emcc, samples) {
  const times = [];
  const include = `-I${join(ROOT, "sdk-c/include")}`;
  const args = ["-sSIDE_MODULE=1", "-O2", include, SOURCE, "-o", join(FOLDER, "side.wasm")];
  for (let i = 0; i < samples; i++) {
    const started = performance.now();
    await run(emcc, args);
    times.push(performance.now() - started);
  }
  return times;
}

/** Times in ms: saved to running, clang and the patch of it, emcc's side module; bytes. */
export async function nativeFigures(browser, samples = 30) {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(SOURCE, TEXT);
  writeFileSync(join(FOLDER, "index.html"), PAGE);
  writeFileSync(join(FOLDER, "page.js"), SCRIPT);
  const emcc = await setupEmscripten();
  const bundle = ["bundle", SOURCE, "-o", join(FOLDER, "dist"), "--compiler", "--emcc", emcc];
  await run(process.execPath, [join(DIST, "cli.js"), ...bundle], { cwd: FOLDER });
  const server = await startWatching(emcc);
  const page = await browser.newPage();
  try {
    await page.goto(server.url);
    await page.waitForSelector("#connected", { state: "attached" });
    const saved = await saveTimes(page, samples);
    const side = await emccTimes(emcc, Math.ceil(samples / 3));
    const bytes = readFileSync(join(FOLDER, "side.wasm")).length;
    return { saved, compiled: compileTimes(server.printed()), side, bytes };
  } finally {
    await page.close();
    server.stop();
  }
}
