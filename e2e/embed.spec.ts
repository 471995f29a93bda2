// How others use it: from npm in a bundle, from a script tag, without a server.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { ask, DIST, expect, JankServer, ROOT, serveStatic, test } from "./support.js";

let scratch: string;
test.beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "jank-embed-"));
});
test.afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

async function expectText(page: Page, text: string): Promise<void> {
  await expect(page.locator("#result")).toHaveText(text);
}

/** The server for pages of this origin. */
async function allowing(origin: string): Promise<JankServer> {
  return new JankServer().start("--allow-origin", origin);
}

test("the packed npm package works in a web app that esbuild bundles", async ({ page }) => {
  const tarball = run("npm", ["pack", "--silent", "--pack-destination", scratch], ROOT).trim();
  const app = join(scratch, "app");
  const installed = join(app, "node_modules/jank-hot-reload");
  mkdirSync(installed, { recursive: true });
  run(
    "tar",
    ["-xzf", join(scratch, tarball.split("\n").at(-1) ?? ""), "--strip-components=1"],
    installed,
  );
  writeFileSync(
    join(app, "main.js"),
    `import { connect } from "jank-hot-reload";
     const client = connect({ url: new URLSearchParams(location.search).get("url") });
     client.on("after-patch", () => {
       document.querySelector("#result").textContent = client.invoke("eita/ggg", 10);
     });`,
  );
  const bundle = ["main.js", "--bundle", "--format=esm", "--outfile=main.bundle.js"];
  run(join(ROOT, "node_modules/.bin/esbuild"), [...bundle, "--log-level=error"], app);
  cpSync(join(installed, "sdk-js/dist/jank.wasm"), join(app, "jank.wasm"));
  writeFileSync(
    join(app, "index.html"),
    `<output id="result"></output><script type="module" src="main.bundle.js"></script>`,
  );
  const site = await serveStatic(app);
  const server = await allowing(site.origin);
  await page.goto(`${site.url}?url=ws://localhost:${server.ports.webSocket}/repl`);
  await expectText(page, "58");
  server.edit("(+ 48 v)", "(+ 49 v)");
  await expectText(page, "59");
  await server.close();
  site.close();
});

test("the packed package has what it promises, and no more", () => {
  const files = JSON.parse(run("npm", ["pack", "--dry-run", "--json"], ROOT)) as [
    { files: { path: string }[] },
  ];
  const paths = files[0].files.map(({ path }) => path);
  for (const name of ["index.js", "index.d.ts", "server.js", "cli.js", "jank.mjs", "jank.wasm"])
    expect(paths).toContain(`sdk-js/dist/${name}`);
  expect(paths.filter((path) => /^(e2e|build|node_modules|\.)/.test(path))).toEqual([]);
});

test("the script tag works on a plain static page of another origin", async ({ page }) => {
  for (const name of ["jank-hot-reload.global.js", "jank.wasm"])
    cpSync(join(DIST, name), join(scratch, name));
  const site = await serveStatic(scratch);
  const server = await allowing(site.origin);
  writeFileSync(
    join(scratch, "index.html"),
    `<output id="result"></output>
     <script src="jank-hot-reload.global.js"
       data-url="ws://localhost:${server.ports.webSocket}/repl"></script>
     <script>
       JankHotReload.client.ready
         .then(() => jankEval("(ns eita) (ggg 10)"))
         .then(({ value }) => (document.querySelector("#result").textContent = value));
     </script>`,
  );
  await page.goto(site.url);
  await expectText(page, "58");
  const stats = await page.evaluate(() =>
    (globalThis as unknown as { jankHotReloadStats(): object }).jankHotReloadStats(),
  );
  expect(stats).toMatchObject({ connected: true });
  server.edit("(+ 48 v)", "(+ 52 v)");
  const call = () =>
    page.evaluate(() =>
      (
        globalThis as unknown as {
          JankHotReload: { client: { invoke(name: string, n: number): number } };
        }
      ).JankHotReload.client.invoke("eita/ggg", 10),
    );
  await expect.poll(call).toBe(62);
  await server.close();
  site.close();
});

test("without any server of ours, a patch file from a static host is installed", async ({
  page,
}) => {
  const cli = [join(DIST, "cli.js"), "patch", "--output-dir", scratch];
  const patch = (id: string, code: string) =>
    run(
      process.execPath,
      [...cli, "--patch-id", id, "--name", "eita/ggg", "--params", "v", "--expr", code],
      ROOT,
    );
  patch("1", "(+ 49 v)");
  for (const name of ["jank-hot-reload.global.js", "jank.wasm"])
    cpSync(join(DIST, name), join(scratch, name));
  writeFileSync(
    join(scratch, "index.html"),
    `<output id="result"></output>
     <script src="jank-hot-reload.global.js"></script>
     <script>
       const result = document.querySelector("#result");
       JankHotReload.load().then(async ({ install, invoke }) => {
         window.update = async (url) => {
           const { ok, error } = await install(url);
           result.textContent = ok ? invoke("eita/ggg", 10) : error.message;
         };
         await update("ggg_patch.wasm");
       });
     </script>`,
  );
  const site = await serveStatic(scratch);
  await page.goto(site.url);
  await expectText(page, "59");
  patch("2", "(+ 50 v)");
  const update = (url: string) =>
    page.evaluate(
      (file) => (globalThis as unknown as { update(url: string): void }).update(file),
      url,
    );
  await update("ggg_patch.wasm?2");
  await expectText(page, "60");
  await update("nothing.wasm");
  await expect(page.locator("#result")).toContainText("HTTP status 404");
  expect(readdirSync(scratch)).toContain("ggg_patch.wasm");
  site.close();
});

test("the page works under script-src 'self' 'wasm-unsafe-eval'", async ({ page, server }) => {
  const violations: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  const response = await page.goto(server.url);
  expect(response?.headers()["content-security-policy"]).toContain(
    "script-src 'self' 'wasm-unsafe-eval';",
  );
  await expect(page.locator("#server")).toHaveText("connected");
  await ask(page, "(eita/ggg 10)");
  await expect(page.locator("#call-result")).toContainText("= 58");
  await page.getByRole("button", { name: "A syntax error" }).click();
  await expect(page.locator(".cm-message")).toBeVisible();
  await page.getByRole("button", { name: "An exception" }).click();
  await expect(page.locator("jank-overlay .panel")).toBeVisible();
  expect(violations).toEqual([]);
});

test("a page of another origin cannot evaluate, by any way that a browser has", async ({
  page,
  server,
}) => {
  const site = await serveStatic(scratch);
  writeFileSync(join(scratch, "index.html"), "<p>elsewhere</p>");
  await page.goto(site.url);
  const code = '(ns eita) (defn ggg [v] "taken over")';
  const outcomes = await page.evaluate(
    async ([http, webSocket, text]) => {
      const results: Record<string, string> = {};
      for (const mode of ["cors", "no-cors"] as const)
        results[mode] = await fetch(`${http}eval`, { method: "POST", mode, body: text }).then(
          (response) => response.type,
          () => "refused",
        );
      results.socket = await new Promise((resolve) => {
        const socket = new WebSocket(webSocket);
        socket.onopen = () => resolve("open");
        socket.onerror = () => resolve("refused");
      });
      return results;
    },
    [server.url, `ws://localhost:${server.ports.webSocket}/repl`, code] as const,
  );
  expect(outcomes).toMatchObject({ cors: "refused", socket: "refused" });
  await page.setContent(
    `<form method="post" enctype="text/plain" action="${server.url}eval">
       <textarea name="x">${code}</textarea><button>go</button></form>`,
  );
  await page.click("button");
  await expect(page.locator("body")).toContainText("may not use this server");
  expect(await server.evaluate("(eita/ggg 10)")).toMatchObject({ value: "58" });
  site.close();
});
