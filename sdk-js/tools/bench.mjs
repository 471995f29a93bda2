// bench.mjs [--soak SECONDS] - `npm run bench`: the figures, each beside its peer of the same run
// and its budget. Prints a table and writes build/bench.json.
//
// The page is the demo site in headless Chromium, on a real server. Its clock is
// coarse, so what is short is timed in batches.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { cpus } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import { bundleFigures } from "./bench-bundle.mjs";
import { flatFigures } from "./bench-flat.mjs";
import { languageTimes } from "./bench-language.mjs";
import { memoryFigures } from "./bench-memory.mjs";
import { nativeFigures } from "./bench-native.mjs";
import { savedToRunning } from "./bench-save.mjs";
import { startCommand } from "./bench-server.mjs";
import { buildAll, DEMO_BUILD } from "./build.mjs";
import { setupChromium } from "./setup-chromium.mjs";
import { BUILD, commandLine, DIST, ROOT, runTool, UserError } from "./system.mjs";

const SCRATCH = join(BUILD, "bench");
const SOURCE = join(SCRATCH, "eita.jank");

const percentile = (values, p) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];
const ms = (value) => `${value.toFixed(value < 10 ? 3 : 1)} ms`;
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

// ---- The server --------------------------------------------------------------------

function startServer() {
  rmSync(SCRATCH, { recursive: true, force: true });
  mkdirSync(SCRATCH, { recursive: true });
  cpSync(join(ROOT, "demo-site/src/eita.jank"), SOURCE);
  return startCommand(["serve", DEMO_BUILD, "--source", SCRATCH], SCRATCH);
}

// ---- In the page: functions that are sent there --------------------------------------

async function redefineInPage(samples) {
  const { Compiler, load } = await import("/jank/index.js");
  const { runtime } = await load();
  const compiler = new Compiler(runtime);
  const batch = 10;
  const definition = (n) => `(defn f [x] (+ x ${n}))`;
  const timed = async (body) => {
    const times = [];
    for (let sample = 0; sample < samples; sample++) {
      await new Promise((resolve) => setTimeout(resolve, 20)); // edits are apart
      const started = performance.now();
      for (let i = 0; i < batch; i++) body(sample * batch + i);
      times.push((performance.now() - started) / batch);
    }
    return times;
  };
  const redefine = await timed((n) => {
    const { error } = compiler.eval(definition(n));
    if (error || runtime.invoke("user/f", 1) !== n + 1) throw new Error("the old code ran");
  });
  // The floor: what the engine alone takes for modules that it has not seen.
  const modules = Array.from({ length: samples * batch }, (_, n) => {
    const unit = compiler.open(definition(n + 1_000_000));
    const { form } = unit.next();
    unit.close();
    return form.bytes;
  });
  const env = {};
  for (const { name, kind } of WebAssembly.Module.imports(new WebAssembly.Module(modules[0])))
    env[name] = {
      function: () => () => 0,
      memory: () => new WebAssembly.Memory({ initial: 256 }),
      table: () => new WebAssembly.Table({ initial: 4096, element: "anyfunc" }),
      global: () =>
        new WebAssembly.Global({ value: "i32", mutable: name === "__stack_pointer" }, 16),
    }[kind]();
  const floor = await timed(
    (n) => new WebAssembly.Instance(new WebAssembly.Module(modules[n]), { env }),
  );
  return { redefine, floor };
}

async function installInPage(samples) {
  const { Compiler, load } = await import("/jank/index.js");
  const { runtime } = await load();
  const compiler = new Compiler(runtime);
  let form;
  compiler.eval("(defn g [x] (+ x 1))", { onForm: (compiled) => (form = compiled) });
  const batch = 50;
  const timed = (body) => {
    const times = [];
    for (let sample = 0; sample < samples; sample++) {
      const started = performance.now();
      for (let i = 0; i < batch; i++) body();
      times.push((performance.now() - started) / batch);
    }
    return times;
  };
  const install = timed(() => {
    if (!runtime.install(form.bytes, form.entry).ok) throw new Error("refused");
  });
  const { imports } = await bareImports(form.bytes);
  const floor = timed(() => new WebAssembly.Instance(new WebAssembly.Module(form.bytes), imports));
  return { install, floor, bytes: form.bytes.length };

  // Imports of the right types that do nothing: what the engine alone takes.
  async function bareImports(bytes) {
    const module = await WebAssembly.compile(bytes);
    const env = {};
    for (const { name, kind } of WebAssembly.Module.imports(module)) {
      if (kind === "function") env[name] = () => 0;
      else if (kind === "memory") env[name] = new WebAssembly.Memory({ initial: 256 });
      else if (kind === "table")
        env[name] = new WebAssembly.Table({ initial: 4096, element: "anyfunc" });
      else
        env[name] = new WebAssembly.Global(
          { value: "i32", mutable: name === "__stack_pointer" },
          16,
        );
    }
    return { imports: { env } };
  }
}

async function fibInPage(samples) {
  const { Compiler, load } = await import("/jank/index.js");
  const { runtime } = await load();
  const compiler = new Compiler(runtime);
  compiler.eval("(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))");
  const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
  const timed = (body) => {
    const started = performance.now();
    if (body() !== 2178309) throw new Error("wrong");
    return performance.now() - started;
  };
  const jank = [];
  const js = [];
  for (let i = 0; i < samples; i++) {
    jank.push(timed(() => runtime.invoke("user/fib", 32)));
    js.push(timed(() => fib(32)));
  }
  return { jank, js };
}

/** Scittle's interpreter in the same page: redefine and call. */
async function scittleInPage(samples) {
  const { core } = globalThis.scittle;
  const batch = 10;
  const times = [];
  for (let sample = 0; sample < samples; sample++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const started = performance.now();
    for (let i = 0; i < batch; i++) {
      const n = sample * batch + i;
      if (core.eval_string(`(defn f [x] (+ x ${n})) (f 1)`) !== n + 1) throw new Error("wrong");
    }
    times.push((performance.now() - started) / batch);
  }
  return times;
}

/** A namespace of 1,000 lines from source: 250 functions of four lines. */
async function namespaceInPage(samples) {
  const { Compiler, load } = await import("/jank/index.js");
  const { runtime } = await load();
  const compiler = new Compiler(runtime);
  const times = [];
  for (let sample = 0; sample < samples; sample++) {
    const text = Array.from(
      { length: 250 },
      (_, i) =>
        `(defn f${i} [x y]\n  (let [z (+ x ${i + sample})]\n    (if (< z y)\n      z (* y 2))))`,
    ).join("\n");
    const started = performance.now();
    const { error } = compiler.eval(`(ns big${sample})\n${text}`);
    if (error) throw new Error(error.message);
    times.push(performance.now() - started);
  }
  return times;
}

async function startInPage() {
  const { load } = await import("/jank/index.js");
  const times = [];
  for (let i = 0; i < 10; i++) {
    const started = performance.now();
    const { invoke } = await load();
    invoke("clojure.core/inc", 1);
    times.push(performance.now() - started);
  }
  return times;
}

// ---- From outside ----------------------------------------------------------------------

async function nreplTimes(port, samples) {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  let received = "";
  let wake = () => {};
  socket.on("data", (bytes) => {
    received += bytes;
    if (/6:statusl4:donee/.test(received)) wake();
  });
  const ask = (code) =>
    new Promise((resolve) => {
      received = "";
      wake = () => resolve(received);
      socket.write(`d4:code${code.length}:${code}2:id1:12:op4:evale`);
    });
  const times = [];
  for (let i = 0; i < samples; i++) {
    const started = performance.now();
    const answer = await ask(`(+ 1 ${i})`);
    times.push(performance.now() - started);
    if (!answer.includes(`5:value${String(i + 1).length}:${i + 1}`)) throw new Error(answer);
  }
  socket.end();
  return times;
}

/** What a message to the page and its answer take, with nothing done in between. */
async function echoTimes(page, samples) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  await once(server, "listening");
  const connected = once(server, "connection");
  await page.evaluate((url) => {
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => socket.send(data);
  }, `ws://127.0.0.1:${server.address().port}/`);
  const [socket] = await connected;
  const times = [];
  for (let i = 0; i < samples; i++) {
    const started = performance.now();
    socket.send("x".repeat(600)); // as long as a patch
    await once(socket, "message");
    times.push(performance.now() - started);
  }
  socket.terminate();
  server.close();
  return times;
}

async function saveTimes(page, samples) {
  const text = readFileSync(SOURCE, "utf8");
  return savedToRunning(page, {
    client: "jankDemo",
    call: ["eita/label", 1],
    expected: (i) => `edit ${i}`,
    save: (i) =>
      writeFileSync(SOURCE, text.replace(/\(defn label[\s\S]*$/, `(defn label [n] "edit ${i}")\n`)),
    samples,
    rest: 100,
  });
}

// ---- Sizes --------------------------------------------------------------------------------

function sizes() {
  const size = (file) => {
    const bytes = readFileSync(join(DIST, file));
    return { file, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
  };
  return [
    "jank.wasm",
    "jank.mjs",
    "runtime-only/jank.wasm",
    "runtime-only/jank.mjs",
    "index.js",
    "jank-hot-reload.global.js",
  ].map(size);
}

// ---- The table --------------------------------------------------------------------------------

function row(figure, value, peer, budget, within) {
  const verdict = within === undefined ? "" : within ? "ok" : "MISSED";
  return { figure, value, peer, budget, verdict };
}

function print(rows) {
  const columns = ["figure", "value", "peer", "budget", "verdict"];
  const table = [Object.fromEntries(columns.map((name) => [name, name])), ...rows];
  const widths = columns.map((name) => Math.max(...table.map((each) => each[name].length)));
  for (const each of table)
    console.log(columns.map((name, i) => each[name].padEnd(widths[i])).join("  "));
}

async function measure(page, server) {
  const rows = [];
  const redefined = await page.evaluate(redefineInPage, 50);
  const redefine = percentile(redefined.redefine, 0.5);
  await page.addScriptTag({ path: join(ROOT, "node_modules/scittle/dist/scittle.js") });
  const scittle = percentile(await page.evaluate(scittleInPage, 50), 0.5);
  const engine = `${ms(percentile(redefined.floor, 0.5))} bare WebAssembly, ${ms(scittle)} Scittle`;
  rows.push(
    row("redefine and call in the page, p50", ms(redefine), engine, "0.2 ms", redefine <= 0.2),
  );
  const { install, floor, bytes } = await page.evaluate(installInPage, 40);
  const [installed, bare] = [percentile(install, 0.5), percentile(floor, 0.5)];
  rows.push(
    row(
      `install of a ready patch (${bytes} bytes), p50`,
      ms(installed),
      `${ms(bare)} bare WebAssembly`,
      "0.1 ms",
      installed <= 0.1,
    ),
  );
  const nrepl = percentile(await nreplTimes(server.nreplPort, 200), 0.5);
  const echo = `${ms(percentile(await echoTimes(page, 200), 0.5))} a WebSocket's echo`;
  rows.push(row("nREPL eval to value from the page, p50", ms(nrepl), echo, "2 ms", nrepl <= 2));
  const save = percentile(await saveTimes(page, 30), 0.5);
  rows.push(row("save a file to running in the page, p50", ms(save), "", "12 ms", save <= 12));
  const { jank, js } = await page.evaluate(fibInPage, 15);
  const [fib, fibJs] = [percentile(jank, 0.5), percentile(js, 0.5)];
  rows.push(
    row("(fib 32), p50", ms(fib), `${ms(fibJs)} JavaScript`, "1.0 x JavaScript", fib <= fibJs),
  );
  const big = percentile(await page.evaluate(namespaceInPage, 5), 0.5);
  rows.push(row("1,000 lines from source, p50", ms(big), "", "150 ms", big <= 150));
  for (const [figure, own, peer, name, budget] of await languageTimes(page)) {
    const [mine, theirs] = [percentile(own, 0.5), percentile(peer, 0.5)];
    const ratio = `${(mine / theirs).toFixed(2)} x`;
    rows.push(
      row(
        `${figure}, p50`,
        `${ms(mine)}, ${ratio}`,
        `${ms(theirs)} ${name}`,
        `${budget.toFixed(1)} x`,
        mine <= theirs * budget,
      ),
    );
  }
  const start = percentile(await page.evaluate(startInPage), 0.5);
  rows.push(row("start to first call, p50", ms(start), "", "40 ms", start <= 40));
  return rows;
}

async function memoryRows(page, soakSeconds) {
  const soakMs = 1000 * soakSeconds;
  const { pauses, heap, growth } = await memoryFigures(page, { frames: 4000, soakMs });
  const [p99, worst] = [percentile(pauses, 0.99), percentile(pauses, 1)];
  return [
    row(
      `pause of the collector, ${pauses.length} of them, ${kilobytes(heap)} live, p99`,
      ms(p99),
      `the longest ${ms(worst)}`,
      "8 ms",
      p99 <= 8,
    ),
    row(`growth of memory in ${soakSeconds} s of soak`, kilobytes(growth), "", "0", growth === 0),
  ];
}

/** In Chromium's page, and in Firefox. */
async function flatRows(page, server) {
  const rows = [];
  for (const { browser, vars, total, first, last, growth, slots } of await flatFigures(
    page,
    server.url,
  )) {
    const [begun, ended] = [percentile(first, 0.5), percentile(last, 0.5)];
    const ratio = ended / begun;
    rows.push(
      row(
        `10,000 patches to ${vars === 1 ? "one var" : `${vars} vars`}, ${browser}`,
        ms(total),
        `last 1000 to first 1000, medians: ${ms(ended)} / ${ms(begun)} = ${ratio.toFixed(2)}`,
        "1.2",
        ratio <= 1.2,
      ),
      row("  growth of linear memory", kilobytes(growth), "", "0", growth === 0),
      row("  growth of the function table", `${slots} slots`, "", "0", slots === 0),
    );
  }
  return rows;
}

async function bundleRows() {
  const { start, fib, js, bytes } = await bundleFigures();
  return [
    row("bundle: import to first call, Node", ms(start), "", "40 ms", start <= 40),
    row("bundle: (fib 32), Node", ms(fib), `${ms(js)} JavaScript`, "1.0 x JavaScript", fib <= js),
    row("bundle: wasm and glue, gzip", kilobytes(bytes), "", "", undefined),
  ];
}

async function nativeRows(browser) {
  const { saved, compiled, side } = await nativeFigures(browser);
  const [save, own, emcc] = [saved, compiled, side].map((times) => percentile(times, 0.5));
  return [
    row(
      "save a C file to running in the page, p50",
      ms(save),
      `${ms(emcc)} emcc -sSIDE_MODULE=1 alone`,
      "60 ms",
      save <= 60,
    ),
    row("  of it clang and the patch, p50", ms(own), "", "", undefined),
  ];
}

function sizeRows() {
  const all = sizes();
  const whole = all[0].gzip + all[1].gzip;
  const only = all[2].gzip + all[3].gzip;
  return [
    ...all.map(({ file, raw, gzip }) =>
      row(`size of ${file}`, `${kilobytes(raw)}, gzip ${kilobytes(gzip)}`, "", ""),
    ),
    row(
      "runtime, compiler, core and glue, gzip",
      kilobytes(whole),
      "",
      "195 KB",
      whole <= 195 * 1024,
    ),
    row("runtime only, with glue, gzip", kilobytes(only), "", "100 KB", only <= 100 * 1024),
  ];
}

function soakSeconds() {
  const usage = "usage: npm run bench -- [--soak SECONDS]";
  const { values } = commandLine(usage, { soak: { type: "string", default: "10" } });
  const seconds = Number(values.soak);
  if (!(seconds > 0)) throw new UserError(usage);
  return seconds;
}

await runTool(async () => {
  const soak = soakSeconds();
  await buildAll();
  const { chromium } = await import("@playwright/test");
  const server = await startServer();
  const browser = await chromium.launch({ executablePath: await setupChromium() });
  try {
    // Scittle interprets, and cherry is an inline script: the page's policy would refuse both.
    const page = await browser.newPage({ bypassCSP: true });
    await page.goto(server.url);
    await page.waitForSelector("#server[data-state=good]");
    const rows = [
      ...(await measure(page, server)),
      ...(await flatRows(page, server)),
      ...(await memoryRows(page, soak)),
      ...(await bundleRows()),
      ...(await nativeRows(browser)),
      ...sizeRows(),
    ];
    print(rows);
    const machine = { cpu: cpus()[0]?.model, browser: browser.version(), node: process.version };
    writeFileSync(join(BUILD, "bench.json"), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
    console.log("written to build/bench.json");
  } finally {
    await browser.close();
    server.stop();
  }
});
