// bench-bundle.mjs - an application ahead of time: how large it is, how soon and how
// fast it runs. In a Node of its own, beside the same function in JavaScript.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { setupEmscripten } from "./setup-emscripten.mjs";
import { BUILD, DIST, run } from "./system.mjs";

const FOLDER = join(BUILD, "bench-bundle");

const APPLICATION = `(ns app)
(defn ^:export fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
`;

const measuring = (index) => `
const started = performance.now();
const { fib } = await import(${JSON.stringify(index)});
fib(1);
const start = performance.now() - started;
const js = (n) => (n < 2 ? n : js(n - 1) + js(n - 2));
const best = (f) => Math.min(...Array.from({ length: 9 }, () => {
  const started = performance.now();
  f(32);
  return performance.now() - started;
}));
console.log(JSON.stringify({ start, fib: best(fib), js: best(js) }));
`;

/** Times in ms: start to first call, (fib 32) and the same in JavaScript; gzipped bytes. */
export async function bundleFigures() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "app.jank"), APPLICATION);
  const emcc = await setupEmscripten();
  const out = join(FOLDER, "dist");
  const bundle = [join(DIST, "cli.js"), "bundle", join(FOLDER, "app.jank"), "-o", out];
  await run(process.execPath, [...bundle, "--emcc", emcc], { cwd: FOLDER });
  const script = join(FOLDER, "measure.mjs");
  writeFileSync(script, measuring(pathToFileURL(join(out, "index.js")).href));
  const figures = JSON.parse(await run(process.execPath, [script]));
  const gzip = (file) => gzipSync(readFileSync(join(out, file)), { level: 9 }).length;
  return { ...figures, bytes: gzip("app.wasm") + gzip("app.mjs") };
}
