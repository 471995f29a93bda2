// The compiler in the page: a static page without any server of ours, an
// application written against the DOM, and what it leaves behind.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { DIST, expect, serveStatic, test } from "./support.js";

type Globals = {
  jankEval(code: string): Promise<{ value: string; out: string }>;
  JankHotReload: { client: { ready: Promise<void>; status: string } };
};

let scratch: string;
let site: Awaited<ReturnType<typeof serveStatic>>;
test.beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), "jank-local-"));
  for (const name of ["jank-hot-reload.global.js", "jank.wasm"])
    cpSync(join(DIST, name), join(scratch, name));
  site = await serveStatic(scratch);
});
test.afterEach(() => {
  site.close();
  rmSync(scratch, { recursive: true, force: true });
});

const TAG = `<script src="jank-hot-reload.global.js" data-compiler="local" data-source="src"></script>`;

async function open(page: Page, body = ""): Promise<void> {
  writeFileSync(join(scratch, "index.html"), `<!doctype html><title>local</title>${body}${TAG}`);
  await page.goto(site.url);
  await page.waitForFunction(
    () => (globalThis as unknown as Globals).JankHotReload.client.status === "local",
  );
}

/** The printed value, or the message of the error. */
const evaluate = (page: Page, code: string) =>
  page.evaluate(
    (code) =>
      (globalThis as unknown as Globals).jankEval(code).then(
        ({ value }) => value,
        (error: Error) => error.message,
      ),
    code,
  );

test("a static page with the script tag compiles and evaluates by itself", async ({ page }) => {
  await open(page);
  expect(await evaluate(page, "(defn twice [x] (* 2 x)) (twice 21)")).toBe("42");
  expect(await evaluate(page, "(defn twice [x] (+ x x 1)) (twice 21)")).toBe("43");
  expect(await evaluate(page, "(twice")).toContain("EOF");
  expect(await evaluate(page, "(twise 1)")).toContain("did you mean twice?");
  expect(await evaluate(page, "(ns other) (def x 1)")).toBe("#'other/x");
  expect(await evaluate(page, "[x (str *ns*)]")).toBe('[1 "other"]');
});

test("a page reads the docs of the library when somebody asks, and does without them", async ({
  page,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const docs = () => asked.filter((path) => path === "/jank-docs.txt").length;
  const code = "(subs (str (:doc (meta #'map))) 0)";
  await open(page);
  expect(await evaluate(page, code)).toBe('""');
  expect(docs()).toBe(1);
  expect(await evaluate(page, code)).toBe('""');
  expect(docs()).toBe(1);
  cpSync(join(DIST, "jank-docs.txt"), join(scratch, "jank-docs.txt"));
  await open(page);
  expect(await evaluate(page, "(map inc [1])")).toBe("(2)");
  expect(docs()).toBe(1);
  expect(await evaluate(page, code)).toContain("lazy seq");
  expect(await evaluate(page, "(:doc (meta #'filter))")).toContain("lazy seq");
  expect(docs()).toBe(2);
});

test("scripts of type text/jank run in their order, and require namespaces beside the page", async ({
  page,
}) => {
  mkdirSync(join(scratch, "src/app"), { recursive: true });
  writeFileSync(
    join(scratch, "src/app/greet.jank"),
    `(ns app.greet) (defn hello [x] (str "hello " x))`,
  );
  writeFileSync(join(scratch, "src/app/bad.jank"), `(ns app.bad) (def x 1) (def y (boom))`);
  writeFileSync(join(scratch, "src/app/a.jank"), `(ns app.a (:require [app.b]))`);
  writeFileSync(join(scratch, "src/app/b.jank"), `(ns app.b (:require [app.a]))`);
  await open(
    page,
    `<output id="result"></output>
     <script type="text/jank">(require '[app.greet :refer [hello]]) (def who "you")</script>
     <script type="text/jank">
       (set! (.-textContent (js/document.getElementById "result")) (hello who))
     </script>`,
  );
  await expect(page.locator("#result")).toHaveText("hello you");
  expect(await evaluate(page, "(require 'app.nothing)")).toContain("Could not locate namespace");
  expect(await evaluate(page, "(require 'app.bad)")).toContain("Unable to resolve symbol: boom");
  expect(await evaluate(page, "(require 'app.bad)")).toContain("Unable to resolve symbol: boom");
  expect(await evaluate(page, "(require 'app.a)")).toContain("Cyclic load dependency");
  writeFileSync(
    join(scratch, "src/app/greet.jank"),
    `(ns app.greet) (defn hello [x] (str "bye " x))`,
  );
  expect(await evaluate(page, `(app.greet/hello "me")`)).toBe('"hello me"');
  expect(await evaluate(page, `(require 'app.greet :reload) (app.greet/hello "me")`)).toBe(
    '"bye me"',
  );
  expect(await evaluate(page, "(require '[clojure.pprint :refer [pprint]]) (pprint [1])")).toBe(
    "nil",
  );
});

test("an application adds elements and listeners, and takes a listener away again", async ({
  page,
}) => {
  await open(page, `<main id="app"></main>`);
  await evaluate(
    page,
    `(def clicks (atom 0))
     (def button (js/document.createElement "button"))
     (set! (.-textContent button) "press")
     (.appendChild (js/document.querySelector "#app") button)
     (defn on-click [event]
       (swap! clicks inc)
       (set! (.-textContent (.-target event)) (str "pressed " @clicks)))
     (.addEventListener button "click" on-click)`,
  );
  const button = page.locator("button");
  await button.click();
  await button.click();
  await expect(button).toHaveText("pressed 2");
  await evaluate(page, `(.removeEventListener button "click" on-click)`);
  await button.click();
  expect(await evaluate(page, "@clicks")).toBe("2");
});

test("exceptions cross in both directions", async ({ page }) => {
  await open(page);
  const js = `globalThis.thrower = () => { throw new TypeError("from there"); };
              globalThis.caller = (f) => { try { return f(1); } catch (e) { return e.name + ": " + e.message; } };
              globalThis.through = (f) => f(1);`;
  await page.evaluate(js);
  expect(await evaluate(page, "(try (js/thrower) (catch js/TypeError e (ex-message e)))")).toBe(
    '"from there"',
  );
  expect(await evaluate(page, "(try (js/thrower) (catch Exception e (.-name e)))")).toBe(
    '"TypeError"',
  );
  expect(await evaluate(page, "(js/thrower)")).toBe("from there");
  expect(await evaluate(page, `(js/caller (fn [x] (throw (ex-info "from here" {:x x}))))`)).toBe(
    '"ExceptionInfo: from here"',
  );
  expect(
    await evaluate(
      page,
      `(try (js/through (fn [x] (throw (ex-info "mine" {:x x})))) (catch ExceptionInfo e (ex-data e)))`,
    ),
  ).toBe("{:x 1}");
  expect(await evaluate(page, "(js/through (fn [x] ((fn deep [n] (inc (deep n))) 0)))")).toMatch(
    /stack|recursion/i,
  );
  expect(await evaluate(page, "(+ 1 2)")).toBe("3");
});

test("promises are waited for with jank.async", async ({ page }) => {
  await open(page);
  await evaluate(
    page,
    `(require '[jank.async :as async])
     (def got (atom []))
     (async/let [a (async/sleep 1 :slept)
                 b (js/Promise.resolve 2)]
       (swap! got conj a b))
     (-> (js/Promise.reject (js/Error. "no"))
         (async/catch (fn [e] (swap! got conj (.-message e)))))`,
  );
  await expect.poll(() => evaluate(page, "(sort-by str @got)")).toBe('(2 :slept "no")');
});

test("100,000 nodes that were made and dropped leave no growth", async ({ page }) => {
  test.setTimeout(120_000);
  await open(page);
  const client = await page.context().newCDPSession(page);
  const make = `(dotimes [i 20000]
     (let [node (js/document.createElement "div")]
       (.addEventListener node "click" (fn [_] i))
       (set! (.-textContent node) (str i))))`;
  const measure = async () => {
    for (let i = 0; i < 3; i++) {
      await client.send("HeapProfiler.collectGarbage");
      await page.waitForTimeout(100);
    }
    const { nodes } = (await client.send("Memory.getDOMCounters")) as { nodes: number };
    const memory = await page.evaluate(
      () =>
        (
          globalThis as unknown as { jankHotReloadStats(): { runtime?: { memory_bytes: number } } }
        ).jankHotReloadStats().runtime?.memory_bytes ?? 0,
    );
    return { nodes, memory };
  };
  const round = async () => {
    await evaluate(page, make);
    return measure();
  };
  for (let i = 0; i < 3; i++) await round(); // until the heap has its size
  const before = await measure();
  for (let i = 0; i < 5; i++) await round();
  const after = await measure();
  expect(after.nodes).toBeLessThan(before.nodes + 25_000);
  expect(after.memory).toBeLessThanOrEqual(before.memory + 4 * 65536);
});
