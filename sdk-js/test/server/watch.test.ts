// What happens to saves that go wrong half-way, and are taken back.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { eventually, pause, TestServer, type TestSocket } from "./harness.js";

const TEXT = `(ns app)
(def state (atom 0))
(swap! state inc)
(defn f [] 1)
(defn g [] 1)
`;
const FILE = "src/app.jank";

let server: TestServer;
let page: TestSocket;

before(async () => {
  server = await TestServer.start({ [FILE]: TEXT });
});

beforeEach(async () => {
  page?.destroy();
  await save(TEXT);
  page = await server.page();
  await page.settle();
  page.obey();
});

after(() => server.close());

/** Saves, and waits for the watcher to see it: for a definition that marks it. */
let marks = 0;
async function save(text: string): Promise<void> {
  const mark = `mark-${++marks}`;
  server.write(FILE, text);
  await pause(30);
  server.write("src/mark.jank", `(ns mark)\n(def ${mark} 1)\n`);
  await eventually(mark, async () => (await here(`(resolve 'mark/${mark})`)) !== "nil");
  await pause(30);
}

const here = (code: string) => server.here(code);

const names = () =>
  page.patches
    .flatMap(({ symbols }) => symbols.map(({ name }) => name))
    .filter((name) => name.startsWith("app/"));

test("a save sends what changed, and nothing for a comment", async () => {
  const had = names().length;
  await save(TEXT.replace("(defn f [] 1)", "; a comment\n\n  (defn f [] 1)"));
  assert.deepEqual(names().slice(had), [], "not for layout");
  await save(TEXT.replace("(defn g [] 1)", "(defn g [] 2)"));
  assert.deepEqual(names().slice(had), ["app/g"]);
  assert.equal(await here("@app/state"), "1", "state is kept, what runs is not run again");
});

test("an edit that is taken back is taken back everywhere", async () => {
  await save(TEXT.replace("(defn f [] 1)", "(defn f [] 2)"));
  assert.equal(await here("(app/f)"), "2");
  await save(TEXT);
  assert.equal(await here("(app/f)"), "1");
});

test("a save with an error changes nothing: it is one transaction", async () => {
  await save(TEXT.replace("(defn f [] 1)", "(defn f [] 2)").replace("(defn g [] 1)", "(nope)"));
  await page.next("error");
  const had = names().length;
  assert.equal(await here("(app/f)"), "1", "also above the error");
  await save(TEXT);
  assert.deepEqual(names().slice(had), [], "nothing was sent, so nothing is taken back");
  assert.equal(await here("(app/f)"), "1");
  assert.equal(await here("@app/state"), "1");
});

test("what stands before an error runs in pages once, when it is mended", async () => {
  const had = page.patches.length;
  const ofApp = () => page.patches.slice(had).filter(({ file }) => file?.endsWith("app.jank"));
  await save(`${TEXT}(swap! state + 10)\n(nope)\n`);
  await page.next("error");
  assert.deepEqual(ofApp(), []);
  await save(`${TEXT}(swap! state + 10)\n`);
  const sent = ofApp();
  assert.deepEqual(
    sent.map(({ symbols }) => symbols),
    [[]],
  );
  await save(TEXT);
});

test("a page that was told of an error is told when it is mended, though nothing changed", async () => {
  await save(TEXT.replace("(defn g [] 1)", "(defn g [] (nope))"));
  const { error } = await page.next("error");
  await save(TEXT);
  assert.equal((await page.next("mended")).file, error.file);
});

test("a broken file that is deleted is mended", async () => {
  const path = server.write("src/broken.jank", "(ns broken)\n(nope)\n");
  const { error } = await page.next("error");
  assert.match(error.file ?? "", /broken\.jank$/);
  rmSync(path);
  assert.equal((await page.next("mended")).file, error.file);
});

test("an error in a required file names that file; both are mended with it", async () => {
  server.write("src/lib/part.jank", "(ns lib.part)\n(nope)\n");
  await page.next("error", ({ error }) => /part\.jank$/.test(error.file ?? ""));
  server.write(
    "src/user_of.jank",
    "(ns user-of (:require [lib.part :as part]))\n(def x (part/y))\n",
  );
  await page.next("error");
  server.write("src/lib/part.jank", "(ns lib.part)\n(defn y [] 7)\n");
  await eventually("the value", async () => (await here("(deref (resolve 'user-of/x))")) === "7");
  await page.next("mended");
  await page.next("mended");
  const { json } = await server.http("/status");
  assert.deepEqual(json?.errors, []);
  rmSync(join(server.root, "src/user_of.jank"));
});

test("what is no source is not read", async () => {
  const had = page.messages.length;
  server.write("src/notes.txt", "(ns notes) (nope)");
  server.write("src/app.jank~", "(nope)");
  server.write("src/.#app.jank.swp", "(nope)");
  await save(TEXT);
  const later = page.messages.slice(had).filter(({ type }) => type === "error");
  assert.deepEqual(later, []);
});
