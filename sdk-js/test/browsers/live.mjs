// The core of live development, in any browser: a page follows a real development
// server, edits arrive and keep its state, bad ones change nothing, and it comes
// back by itself. Each scenario has a server, a folder and a page of its own.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startServer } from "jank-hot-reload/server";
import { keepBrowser } from "./keeper.mjs";
import { within } from "./programs.mjs";

const SCENARIO = 60_000;
const PATIENCE = 20_000;

const SOURCE = `(ns app.core)

(defn greet [x] (str "hello " x))

(defonce count (atom 0))

(defn tick [] (swap! count inc))
`;

const PAGE = `<!doctype html><meta charset="utf-8"><title>live</title>
<link rel="icon" href="data:,"><script type="module" src="main.js"></script>`;

// `opened` tells one life of the page from the next.
const MAIN = `import { connect } from "/jank/index.js";
const jank = connect({ name: "live", backoff: { first: 50, most: 500 } });
const events = [];
for (const name of ["error", "mended", "disconnect", "output"])
  jank.on(name, (event) => events.push({ name, ...event }));
Object.assign(globalThis, { jank, events, opened: Math.random() });
`;

const SCRIPT = `<!doctype html><meta charset="utf-8"><title>live</title>
<link rel="icon" href="data:,">
<script src="/jank/jank-hot-reload.global.js" data-auto="false"></script>
<script src="start.js"></script>`;

const START = `globalThis.jank = JankHotReload.connect();`;

export async function until(what, body) {
  const end = performance.now() + PATIENCE;
  let last;
  while (performance.now() < end) {
    last = await body();
    if (last) return last;
    await new Promise((done) => setTimeout(done, 10));
  }
  assert.fail(`waited in vain for ${what}: ${JSON.stringify(last)}`);
}

/** A development server over a folder, and the browser's page. */
class Live {
  #root = mkdtempSync(join(tmpdir(), "jank-live-"));
  #source = join(this.#root, "src/app/core.jank");
  #ports = { port: 0, wsPort: 0, nreplPort: 0 };
  #browser;

  constructor(browser) {
    this.#browser = browser;
    mkdirSync(join(this.#root, "src/app"), { recursive: true });
    const files = { "index.html": PAGE, "main.js": MAIN, "script.html": SCRIPT, "start.js": START };
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    writeFileSync(this.#source, SOURCE);
  }

  write(name, text) {
    writeFileSync(join(this.#root, name), text);
  }

  async start() {
    this.server = await startServer({ root: this.#root, portFile: false, ...this.#ports });
    const { port, wsPort, nreplPort } = this.server;
    this.#ports = { port, wsPort, nreplPort };
  }

  stop() {
    return this.server.close();
  }

  async close() {
    await this.stop();
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** A new page, connected. */
  async open(name = "") {
    await this.visit(name);
    await this.untilConnected();
  }

  visit(name) {
    return this.#browser.visit(`http://localhost:${this.server.port}/${name}`);
  }

  untilConnected() {
    return until("the page to be connected", async () => {
      const status = await this.evaluate("globalThis.jank?.status");
      return status === "connected" && this.server.pages.all.length === 1;
    });
  }

  evaluate(expression) {
    return this.#browser.evaluate(expression);
  }

  invoke(name, ...args) {
    return this.evaluate(
      `jank.invoke(${[name, ...args].map((x) => JSON.stringify(x)).join(", ")})`,
    );
  }

  expectCall(value) {
    return until(`greet to give ${value}`, async () => (await this.greet()) === value);
  }

  greet() {
    return this.invoke("app.core/greet", "you");
  }

  edit(from, to) {
    const text = readFileSync(this.#source, "utf8");
    assert.ok(text.includes(from), `${from} is in the file`);
    writeFileSync(this.#source, text.replace(from, to));
  }

  event(name) {
    const found = `events.find((event) => event.name === ${JSON.stringify(name)})`;
    return until(`an event "${name}"`, () => this.evaluate(`${found} ?? null`));
  }
}

const SCENARIOS = {
  "a page connects, and has the application": async (live) => {
    await live.open();
    assert.equal(await live.greet(), "hello you");
    assert.deepEqual(
      live.server.pages.all.map(({ name }) => name),
      ["live"],
    );
  },

  "the script tag connects, and has the application": async (live) => {
    await live.open("script.html");
    assert.equal(await live.greet(), "hello you");
    const { value } = await live.evaluate(`jankEval("(app.core/greet 1)")`);
    assert.equal(value, '"hello 1"');
  },

  "a saved edit is live at the next call, and state is kept": async (live) => {
    await live.open();
    const opened = await live.evaluate("opened");
    for (const n of [1, 2, 3]) assert.equal(await live.invoke("app.core/tick"), n);
    live.edit("hello", "bye");
    await live.expectCall("bye you");
    assert.equal(await live.invoke("app.core/tick"), 4);
    assert.equal(await live.evaluate("opened"), opened);
    const { failed, reconnects } = await live.evaluate("jank.stats()");
    assert.deepEqual({ failed, reconnects }, { failed: 0, reconnects: 0 });
  },

  "a bad edit is refused with its place, and the old code goes on": async (live) => {
    await live.open();
    live.edit('"hello "', "helo");
    const { file, line, excerpt } = await live.event("error");
    assert.match(file, /core\.jank$/);
    assert.equal(line, 3);
    assert.match(excerpt, /\^/);
    assert.equal(await live.greet(), "hello you");
    live.edit("helo", '"good day "');
    await live.expectCall("good day you");
    await live.event("mended");
  },

  "a patch that throws in the page changes nothing there": async (live) => {
    await live.open();
    const { pages } = await live.server.engine.evaluate(
      `(ns app.core)
       (def greet (if (.-document js/globalThis) (throw (ex-info "only here" {:a 1})) greet))`,
    );
    assert.equal(pages[0].status, "failed");
    assert.match(pages[0].error.message, /only here/);
    assert.equal(await live.greet(), "hello you");
    live.edit("hello", "bye");
    await live.expectCall("bye you");
  },

  "damaged patch files are refused, and change nothing": async (live) => {
    await live.open();
    const { data } = live.server.engine.log.since(null, 0).at(-1);
    const refused = await live.evaluate(
      `Promise.all(
        [0, 8, 100, 300].map((length) => {
          const bytes = Uint8Array.from(atob(${JSON.stringify(data)}), (c) => c.charCodeAt(0));
          return jank.install(length === 300 ? bytes.fill(255, 60, 90) : bytes.slice(0, length));
        }),
      ).then((results) => results.filter(({ ok, error }) => !ok && error.message).length)`,
    );
    assert.equal(refused, 4);
    assert.equal(await live.greet(), "hello you");
    live.edit("hello", "bye");
    await live.expectCall("bye you");
  },

  "without a server the page goes on, and with the next one it is up to date again": async (
    live,
  ) => {
    await live.open();
    const opened = await live.evaluate("opened");
    assert.equal(await live.invoke("app.core/tick"), 1);
    await live.stop();
    await live.event("disconnect");
    assert.equal(await live.greet(), "hello you");
    live.edit("hello", "welcome back");
    await live.start();
    await live.untilConnected();
    await live.expectCall("welcome back you");
    assert.equal(await live.invoke("app.core/tick"), 2);
    live.edit("welcome back", "bye");
    await live.expectCall("bye you");
    assert.equal(await live.evaluate("opened"), opened);
  },

  "jankEval gives the value, what is printed, and an error with its place": async (live) => {
    await live.open();
    const { value, out, ns } = await live.evaluate(
      `jank.jankEval('(ns app.core) (tick) (println "äöü") [@count (greet 1)]')`,
    );
    assert.deepEqual({ value, out, ns }, { value: '[1 "hello 1"]', out: "äöü\n", ns: "app.core" });
    const thrown = await live.evaluate(
      `jank.jankEval('(defn f [] (throw (ex-info "no luck" {})))\\n(f)').catch((e) => e.report)`,
    );
    assert.equal(thrown.message, "no luck");
    assert.match(thrown.trace[0].name, /\/f$/);
    const bad = await live.evaluate(`jank.jankEval("\\n(boom)").catch((e) => e.report)`);
    assert.equal(bad.line, 2);
    assert.equal(await live.greet(), "hello you");
  },

  "what is evaluated in the page reads lines, and can be interrupted, also while it waits": async (
    live,
  ) => {
    await live.open();
    const [page] = live.server.pages.all;
    const run = (code, options) => live.server.engine.evaluate(code, { page, ...options });
    const readLine = () => new Promise((typed) => setTimeout(() => typed("Ada é"), 700));
    const code = '(do (print "name? ") (str "hello " (read-line)))';
    const { value, out, error } = await run(code, { readLine });
    assert.deepEqual(
      { value, out, error },
      { value: '"hello Ada é"', out: "name? ", error: undefined },
    );
    assert.equal((await run("(read-line)")).value, "nil");
    for (const endless of ["(do (read-line) :went-on)", "(loop [] (recur))"]) {
      const signal = AbortSignal.timeout(300);
      const never = new Promise(() => {});
      const ended = await run(endless, { signal, readLine: () => never });
      assert.equal(ended.error?.class, "InterruptedException", JSON.stringify(ended));
    }
    assert.equal(await live.greet(), "hello you");
  },

  "a page that comes late has everything": async (live) => {
    const evaluate = (code) => live.server.engine.evaluate(code);
    await live.open();
    live.edit("hello", "bye");
    await live.expectCall("bye you");
    await evaluate("(ns app.core) (defn twice [x] (str (greet x) (greet x)))");
    await evaluate('(ns app.core) (defn greet [x] (str x "!"))');
    await live.open(); // another life
    assert.equal(await live.greet(), "you!");
    assert.equal(await live.invoke("app.core/twice", "a"), "a!a!");
    assert.equal(await live.invoke("app.core/tick"), 1);
  },
};

/**
 * `startBrowser()` gives a browser: {visit(url), evaluate(expression), close()}. One
 * in which a scenario fails is closed, and the next has a new one.
 */
export function liveTests(browserName, startBrowser, scenarios = SCENARIOS) {
  const { use, close } = keepBrowser(browserName, startBrowser);

  const run = (title, scenario) =>
    use(async (browser) => {
      const live = new Live(browser);
      try {
        await live.start();
        await within(SCENARIO, title, scenario(live));
      } finally {
        await live.close();
      }
    });

  after(close);

  for (const [title, scenario] of Object.entries(scenarios))
    test(`${browserName}: ${title}`, () => run(title, scenario));
}
