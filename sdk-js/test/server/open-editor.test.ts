// A click on the place of an error opens the developer's editor there, and opens
// nothing else.

import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TestServer, until } from "./harness.js";

let server: TestServer;
let opened: string;

before(async () => {
  server = await TestServer.start({ "src/app.jank": "(ns app)\n", "src/notes.txt": "x" });
  opened = join(server.root, "opened.txt");
  const editor = join(server.root, "editor.sh");
  writeFileSync(editor, `#!/bin/sh\necho "$@" > '${opened}'\n`);
  chmodSync(editor, 0o755);
  process.env.LAUNCH_EDITOR = editor;
});

after(() => {
  delete process.env.LAUNCH_EDITOR;
  return server.close();
});

const ask = (query: string, options: object = {}) =>
  server.http(`/open-in-editor?${query}`, { method: "POST", ...options });

test("the file is opened at its line and column", async () => {
  const path = join(server.root, "src/app.jank");
  const { status } = await ask(`file=${encodeURIComponent(path)}&line=3&column=7`);
  assert.equal(status, 200);
  const text = await until("the editor", () => existsSync(opened) && readFileSync(opened, "utf8"));
  assert.match(text, /src\/app\.jank/);
  rmSync(opened);
});

for (const [what, query] of [
  ["a file that is not there", () => `file=${server.root}/src/none.jank`],
  ["a file outside of the application", () => "file=/etc/passwd"],
  ["a way out", () => `file=${server.root}/src/../../../../etc/hosts.jank`],
  ["what is no source", () => `file=${server.root}/src/notes.txt`],
  ["a folder", () => `file=${server.root}/src`],
  ["nothing", () => ""],
  ["NUL", () => `file=${server.root}/src/app.jank%00`],
  ["a command", () => `file=${encodeURIComponent("src/app.jank; touch /tmp/x")}`],
] as const)
  test(`refused: ${what}`, async () => {
    const { status, json } = await ask(query());
    assert.equal(status, 404);
    assert.match(JSON.stringify(json), /no such file of this application/);
    assert.ok(!existsSync(opened));
  });

test("a link that leads out of the application is not followed", async () => {
  symlinkSync("/etc/passwd", join(server.root, "src/link.jank"));
  const { status } = await ask(`file=${server.root}/src/link.jank`);
  assert.equal(status, 404);
});

test("a page of another origin opens nothing, nor does a GET", async () => {
  const file = `file=${encodeURIComponent(join(server.root, "src/app.jank"))}`;
  const foreign = await ask(file, { headers: { Origin: "http://evil.test" } });
  assert.equal(foreign.status, 403);
  assert.equal((await server.http(`/open-in-editor?${file}`)).status, 405);
  assert.ok(!existsSync(opened));
});
