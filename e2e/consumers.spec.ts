// Applications that install the packed tarball outside of this folder, as they come:
// built by Vite and by esbuild, served by Vite's development server, or a plain page
// with a script tag. Each follows a development server of another origin.

import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { build as bundle } from "esbuild";
import type { Jank, JankServer } from "jank-hot-reload/playwright";
import { build, createServer, preview, type InlineConfig } from "vite";
import { pack, write, type Packed } from "../sdk-js/test/package/packed.js";
import { edit, expect, serveStatic, test } from "./support.js";

let packed: Packed;
test.beforeAll(() => {
  packed = pack();
});
test.afterAll(() => packed.remove());

interface Application {
  wasmUrl?: string;
  runtime?: string;
}

/** The page's program. `?url=` of its address is the development server. */
const main = ({ wasmUrl, runtime = "jank-hot-reload" }: Application = {}): string => `
  import { connect } from "${runtime}";
  ${wasmUrl ? `import wasmUrl from "${wasmUrl}";` : ""}
  const url = new URLSearchParams(location.search).get("url");
  const client = connect({ name: "application", url${wasmUrl ? ", wasmUrl" : ""} });
  Object.assign(globalThis, { opened: Math.random() });
  client.on("after-patch", () => {
    document.querySelector("#result").textContent = client.invoke("eita/ggg", 10);
  });
`;

const html = (scripts: string): string =>
  `<!doctype html><title>application</title><output id="result"></output>${scripts}`;

const MODULE = html(`<script type="module" src="./main.js"></script>`);

const state = (page: Page) => page.evaluate(() => (globalThis as { opened?: number }).opened);

/** The page at the address connects, gets an edit, keeps its state, and refuses a bad edit. */
async function follows(page: Page, jank: Jank, jankServer: JankServer, url: string): Promise<void> {
  await jankServer.restart({ allowedOrigins: [new URL(url).origin] });
  const result = page.locator("#result");
  await page.goto(`${url}?url=${encodeURIComponent(jank.wsUrl)}`);
  await expect(result).toHaveText("58");
  const opened = await state(page);
  await jank.invoke(page, "eita/tick");
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 47 v)"));
  await expect(result).toHaveText("57");
  await jank.expectRefused(() => jank.patch("eita.jank", edit("(+ 47 v)", "(+ 47 w)")));
  expect(await jank.invoke(page, "eita/ggg", 10)).toBe(57);
  expect(await jank.invoke(page, "eita/tick")).toBe(2);
  expect(await state(page)).toBe(opened);
}

const quiet = (root: string): InlineConfig => ({
  root,
  configFile: false,
  logLevel: "error",
  clearScreen: false,
});

/** A port that is listened at, whatever is at the ports that Vite likes. */
const LISTEN = { host: "localhost", port: 0 } as const;

for (const [title, application] of [
  ["without configuration", {}],
  ["with the address of jank.wasm?url", { wasmUrl: "jank-hot-reload/jank.wasm?url" }],
  ["with the runtime alone", { runtime: "jank-hot-reload/runtime-only" }],
] as const)
  test(`an application that Vite builds, ${title}, follows the server`, async ({
    page,
    jank,
    jankServer,
  }) => {
    const app = packed.application({ "index.html": MODULE, "main.js": main(application) });
    await build({ ...quiet(app), build: { reportCompressedSize: false } });
    const assets = readdirSync(join(app, "dist/assets"));
    expect(assets.filter((name) => name.endsWith(".wasm"))).toHaveLength(1);
    const server = await preview({ ...quiet(app), preview: LISTEN });
    await follows(page, jank, jankServer, server.resolvedUrls?.local[0] ?? "");
    await server.close();
  });

for (const [title, application] of [
  ["without configuration", {}],
  ["with the address of jank.wasm?url", { wasmUrl: "jank-hot-reload/jank.wasm?url" }],
] as const)
  test(`a page of Vite's development server, ${title}, follows the server`, async ({
    page,
    jank,
    jankServer,
  }) => {
    const app = packed.application({ "index.html": MODULE, "main.js": main(application) });
    const server = await createServer({ ...quiet(app), server: LISTEN });
    await server.listen();
    await follows(page, jank, jankServer, server.resolvedUrls?.local[0] ?? "");
    await server.close();
  });

test("an application that esbuild builds with a loader for .wasm follows the server", async ({
  page,
  jank,
  jankServer,
}) => {
  const app = packed.application({
    "index.html": MODULE,
    "source.js": main({ wasmUrl: "jank-hot-reload/jank.wasm" }),
  });
  await bundle({
    absWorkingDir: app,
    entryPoints: ["source.js"],
    outfile: "main.js",
    bundle: true,
    minify: true,
    format: "esm",
    loader: { ".wasm": "file" },
    logLevel: "error",
  });
  const site = await serveStatic(app);
  await follows(page, jank, jankServer, site.url);
  site.close();
});

test("an application that esbuild builds as it is, with jank.wasm beside it, follows the server", async ({
  page,
  jank,
  jankServer,
}) => {
  const app = packed.application({ "index.html": MODULE, "source.js": main() });
  const { warnings } = await bundle({
    absWorkingDir: app,
    entryPoints: ["source.js"],
    outfile: "main.js",
    bundle: true,
    format: "esm",
    logLevel: "error",
  });
  expect(warnings).toEqual([]);
  cpSync(join(app, "node_modules/jank-hot-reload/sdk-js/dist/jank.wasm"), join(app, "jank.wasm"));
  const site = await serveStatic(app);
  await follows(page, jank, jankServer, site.url);
  site.close();
});

test("a plain page of another origin with the script tag follows the server", async ({
  page,
  jank,
  jankServer,
}) => {
  const app = packed.application();
  for (const name of ["jank-hot-reload.global.js", "jank.wasm"])
    cpSync(join(app, "node_modules/jank-hot-reload/sdk-js/dist", name), join(app, name));
  const site = await serveStatic(app);
  await jankServer.restart({ allowedOrigins: [site.origin] });
  write(app, {
    "index.html": html(
      `<script src="jank-hot-reload.global.js" data-url="${jank.wsUrl}"></script>
       <script>
         JankHotReload.client.ready
           .then(() => jankEval("(ns eita) (ggg 10)"))
           .then(({ value }) => (document.querySelector("#result").textContent = value));
       </script>`,
    ),
  });
  await page.goto(site.url);
  await expect(page.locator("#result")).toHaveText("58");
  expect(await page.evaluate(() => jankHotReloadStats())).toMatchObject({ connected: true });
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 52 v)"));
  expect(await page.evaluate(() => JankHotReload.client?.invoke("eita/ggg", 10))).toBe(62);
  site.close();
});
