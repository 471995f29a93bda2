// Pages that follow a published folder, served by nginx as a production site would:
// patches for ever, the manifest by its ETag.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, test as base, type Page } from "@playwright/test";
import { DIST, expect } from "./support.js";

const SOURCE = `(ns app)
(defonce counter (atom 0))
(defn add [] (swap! counter inc))
(defn f [x] (+ 1 x))
`;

interface Entry {
  method: string;
  path: string;
  status: number;
}

/** A site in a scratch folder, and what is published beside it. */
class Site {
  readonly folder = mkdtempSync(join(tmpdir(), "jank-nginx-"));
  readonly site = join(this.folder, "site");
  readonly out = join(this.site, "patches");
  port = 0;
  #nginx: ChildProcess | undefined;

  constructor() {
    mkdirSync(this.site);
    for (const name of ["jank-hot-reload.global.js", "jank.wasm"])
      cpSync(join(DIST, name), join(this.site, name));
    for (const name of ["index.js", "source.js"]) cpSync(join(DIST, name), join(this.site, name));
    cpSync(join(DIST, "runtime-only"), join(this.site, "runtime-only"), { recursive: true });
    mkdirSync(join(this.folder, "src"));
    this.write(SOURCE);
  }

  async start(): Promise<this> {
    this.port = await freePort();
    const types =
      "text/html html; text/javascript js mjs; application/wasm wasm; application/json json;";
    writeFileSync(
      join(this.folder, "nginx.conf"),
      `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; pid nginx.pid; error_log error.log; worker_processes 1;
       events {}
       http {
         types { ${types} }
         log_format plain "$request_method $uri $status";
         access_log access.log plain;
         client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
         uwsgi_temp_path t4; scgi_temp_path t5;
         server {
           listen ${this.port};
           root site;
           etag on;
           location ~ \\.wasm$ { add_header Cache-Control "public, max-age=31536000, immutable"; }
           location ~ manifest-.*\\.json$ { add_header Cache-Control "public, max-age=31536000, immutable"; }
         }
       }`,
    );
    const nginx = spawn(process.env.NGINX ?? "nginx", ["-p", this.folder, "-c", "nginx.conf"], {
      stdio: "ignore",
    });
    this.#nginx = nginx;
    let ended: Error | undefined;
    nginx.on("error", (error) => (ended = error));
    nginx.on("exit", (code) => (ended = new Error(`nginx ended with ${code}: ${this.#errors()}`)));
    await expect
      .poll(async () => {
        if (ended) throw ended;
        return (await fetch(this.url("localhost")).catch(() => undefined))?.status;
      })
      .toBeDefined();
    return this;
  }

  #errors(): string {
    return readFileSync(join(this.folder, "error.log"), "utf8");
  }

  url(host: string, path = ""): string {
    return `http://${host}:${this.port}/${path}`;
  }

  write(source: string): void {
    writeFileSync(join(this.folder, "src/app.jank"), source);
  }

  run(...args: string[]): void {
    execFileSync(process.execPath, [join(DIST, "cli.js"), ...args], { cwd: this.folder });
  }

  publish(...args: string[]): void {
    this.run("publish", "src", "-o", this.out, ...args);
  }

  edit(from: string, to: string, ...args: string[]): void {
    const file = join(this.folder, "src/app.jank");
    const text = readFileSync(file, "utf8");
    if (!text.includes(from)) throw new Error(`${from} is not in the file`);
    this.write(text.replace(from, to));
    this.publish(...args);
  }

  manifest(): { patches: { file: string }[] } {
    return JSON.parse(readFileSync(join(this.out, "manifest.json"), "utf8")) as {
      patches: { file: string }[];
    };
  }

  key(): string {
    this.run("keygen", "-o", "key");
    return readFileSync(join(this.folder, "key.pub"), "utf8").trim();
  }

  /** A page with the script tag; `options` of connect. */
  page(options: object, before = ""): void {
    writeFileSync(
      join(this.site, "index.html"),
      `<!doctype html><meta charset="utf-8">
       <script src="jank-hot-reload.global.js"></script>
       <script>
         ${before}
         globalThis.errors = [];
         globalThis.client = JankHotReload.connect({
           source: "patches/manifest.json", pollMs: 50, ...${JSON.stringify(options)}
         });
         client.on("error", ({ message }) => errors.push(message));
       </script>`,
    );
  }

  log(): Entry[] {
    const lines = readFileSync(join(this.folder, "access.log"), "utf8").trim().split("\n");
    return lines.map((line) => {
      const [method = "", path = "", status] = line.split(" ");
      return { method, path, status: Number(status) };
    });
  }

  async close(): Promise<void> {
    const nginx = this.#nginx;
    if (nginx && nginx.exitCode === null)
      await new Promise((resolve) => {
        nginx.removeAllListeners("exit").on("exit", resolve);
        nginx.kill("SIGTERM");
      });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

const test = base.extend<{ site: Site }>({
  site: async ({}, use) => {
    const site = await new Site().start();
    await use(site);
    await site.close();
  },
});

interface Following {
  client: {
    invoke(name: string, ...args: unknown[]): unknown;
    goTo(version?: number): Promise<number>;
    stats(): { seq: number };
    status: string;
  };
  errors: string[];
}

const call = (page: Page, name = "app/f", ...args: unknown[]) =>
  page.evaluate(
    ([fn, values]) => {
      try {
        return (window as unknown as Following).client.invoke(fn, ...values);
      } catch (error) {
        return String(error);
      }
    },
    [name, args.length || name !== "app/f" ? args : [1]] as const,
  );
const errors = (page: Page) =>
  page.evaluate(() => (window as unknown as Following).errors.join("\n"));
const goTo = (page: Page, version?: number) =>
  page.evaluate((to) => (window as unknown as Following).client.goTo(to), version);

async function expectF(page: Page, value: unknown): Promise<void> {
  await expect.poll(() => call(page)).toBe(value);
}

/** A page that has the first version. */
async function follow(page: Page, site: Site, options = {}): Promise<void> {
  site.publish();
  site.page(options);
  await page.goto(site.url("localhost"));
  await expectF(page, 2);
}

test("a publish arrives without reload, the state is kept, and the manifest is asked by its ETag", async ({
  page,
  site,
}) => {
  await follow(page, site);
  expect(await call(page, "app/add")).toBe(1);
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  site.edit("(+ 1 x)", "(+ 10 x)");
  await expectF(page, 11);
  expect(await call(page, "app/add")).toBe(2);
  expect(await page.evaluate(() => "notReloaded" in window)).toBe(true);
  expect(await errors(page)).toBe("");
  const polls = site.log().filter(({ path }) => path.endsWith("/manifest.json"));
  expect(polls.filter(({ status }) => status === 200).length).toBe(2);
  expect(polls.filter(({ status }) => status === 304).length).toBeGreaterThan(0);
  const patches = site.log().filter(({ path }) => /patches\/.*\.wasm$/.test(path));
  expect(new Set(patches.map(({ path }) => path)).size).toBe(patches.length);
  expect(patches.length).toBe(5);
});

test("a page that comes again gets its patches from the cache, for ever", async ({
  page,
  site,
}) => {
  await follow(page, site);
  const fetched = () => site.log().filter(({ path }) => /patches\/.*\.wasm$/.test(path)).length;
  const before = fetched();
  await page.goto(site.url("localhost"));
  await expectF(page, 2);
  expect([before, fetched()]).toEqual([4, 4]);
});

test("a module page without the compiler follows, too", async ({ page, site }) => {
  site.publish();
  writeFileSync(
    join(site.site, "index.html"),
    `<!doctype html><script type="module">
       import { connect } from "./index.js";
       globalThis.errors = [];
       globalThis.client = connect({
         source: "patches/manifest.json", pollMs: 50, moduleUrl: "./runtime-only/jank.mjs",
       });
       client.on("error", ({ message }) => errors.push(message));
     </script>`,
  );
  await page.goto(site.url("localhost"));
  await expectF(page, 2);
  site.edit("(+ 1 x)", "(+ 10 x)");
  await expectF(page, 11);
  expect(await errors(page)).toBe("");
});

test("with a key: a signed version comes, a tampered byte is refused, the page goes on", async ({
  page,
  site,
}) => {
  const publicKey = site.key();
  site.publish("--sign", "key");
  site.page({ publicKey });
  await page.goto(site.url("localhost"));
  await expectF(page, 2);
  // Altered before the manifest names it: published elsewhere, then copied.
  const elsewhere = join(site.folder, "elsewhere");
  cpSync(site.out, elsewhere, { recursive: true });
  const source = SOURCE.replace("(+ 1 x)", "(+ 10 x)");
  site.write(source);
  site.run("publish", "src", "-o", elsewhere, "--sign", "key");
  const file = join(elsewhere, "manifest.json");
  const { patches } = JSON.parse(readFileSync(file, "utf8")) as { patches: { file: string }[] };
  const patch = patches.at(-1)?.file ?? "";
  const good = readFileSync(join(elsewhere, patch));
  const bad = Buffer.from(good);
  bad[100] = (bad[100] ?? 0) ^ 1;
  writeFileSync(join(site.out, patch), bad);
  cpSync(file, join(site.out, "manifest.json"));
  await expect.poll(() => errors(page)).toContain("its SHA-256 is not that of the manifest");
  expect(await call(page)).toBe(2);
  writeFileSync(join(site.out, patch), good);
  await expectF(page, 11); // although the bad one is in the cache, for ever
});

test("with a key: after a reload, too, a page takes nothing older than it has seen", async ({
  page,
  site,
}) => {
  const publicKey = site.key();
  site.publish("--sign", "key");
  const first = readFileSync(join(site.out, "manifest.json"));
  site.edit("(+ 1 x)", "(+ 10 x)", "--sign", "key");
  site.page({ publicKey });
  await page.goto(site.url("localhost"));
  await expectF(page, 11);
  writeFileSync(join(site.out, "manifest.json"), first);
  await page.goto(site.url("localhost"));
  await expect.poll(() => errors(page)).toContain("version 1 is older than version 2");
  expect(await call(page)).toContain("app/f");
});

test("going back, staying there, and following again", async ({ page, site }) => {
  site.publish();
  site.edit("(+ 1 x)", "(+ 10 x)");
  site.page({});
  await page.goto(site.url("localhost"));
  await expectF(page, 11);
  await call(page, "app/add");
  expect(await goTo(page, 1)).toBe(1);
  expect(await call(page)).toBe(2);
  site.edit("(+ 10 x)", "(+ 100 x)");
  await page.waitForTimeout(300);
  expect(await call(page)).toBe(2);
  expect(await goTo(page)).toBe(3);
  expect(await call(page)).toBe(101);
  expect(await call(page, "app/add")).toBe(2);
  await expect(goTo(page, 9)).rejects.toThrow(/there is no version 9/);
});

test("when the network comes back, it is asked at once", async ({ page, context, site }) => {
  await follow(page, site, { pollMs: 3_600_000 });
  await context.setOffline(true);
  site.edit("(+ 1 x)", "(+ 10 x)");
  expect(await call(page)).toBe(2);
  await context.setOffline(false);
  await expectF(page, 11);
});

/** Tabs of a headless browser are never hidden. */
const setVisibility = (page: Page, state: "hidden" | "visible") =>
  page.evaluate((value) => {
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);

test("a hidden tab asks nothing; when it is seen again, it asks at once", async ({
  page,
  site,
}) => {
  await follow(page, site);
  await setVisibility(page, "hidden");
  await page.waitForTimeout(300); // a poll may be under way
  const asked = site.log().length;
  site.edit("(+ 1 x)", "(+ 10 x)");
  await page.waitForTimeout(500); // ten polls
  expect(site.log()).toHaveLength(asked);
  expect(await call(page)).toBe(2);
  await setVisibility(page, "visible");
  await expectF(page, 11);
});

test("with a key, an engine without Ed25519 installs nothing, and says why", async ({
  page,
  site,
}) => {
  const publicKey = site.key();
  site.publish("--sign", "key");
  site.page(
    { publicKey },
    `crypto.subtle.importKey = async () => {
       throw new DOMException("Unrecognized algorithm name", "NotSupportedError");
     };`,
  );
  await page.goto(site.url("localhost"));
  await expect
    .poll(() => errors(page))
    .toContain("cannot verify signatures with Ed25519: Unrecognized algorithm name");
  expect(await call(page)).toContain("app/f");
});

test("over plain HTTP, beyond localhost, nothing can be verified: refused, and it says why", async ({
  site,
}) => {
  site.publish();
  site.page({});
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--host-resolver-rules=MAP shop.test 127.0.0.1"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(site.url("shop.test"));
    await expect.poll(() => errors(page)).toContain("no WebCrypto (crypto.subtle)");
    expect(await call(page)).toContain("app/f");
    expect(await page.evaluate(() => "subtle" in crypto && crypto.subtle !== undefined)).toBe(
      false,
    );
  } finally {
    await browser.close();
  }
});
