// What the end-to-end tests share: a real server in a folder of its own, a page
// that is watched for reloads, a static server of another origin.

import { test as base, expect, type Page } from "@playwright/test";
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export { expect };

export const ROOT = fileURLToPath(new URL("../", import.meta.url));
export const DIST = join(ROOT, "sdk-js/dist");
const CLI = join(DIST, "cli.js");

export interface Ports {
  http: number;
  webSocket: number;
  nrepl: number;
}

export class JankServer {
  readonly folder = mkdtempSync(join(tmpdir(), "jank-e2e-"));
  readonly source = join(this.folder, "src/eita.jank");
  ports: Ports = { http: 0, webSocket: 0, nrepl: 0 };
  output = "";
  #child: ChildProcess | undefined;

  constructor() {
    cpSync(join(ROOT, "build/demo-site"), this.folder, { recursive: true });
  }

  get url(): string {
    return `http://localhost:${this.ports.http}/`;
  }

  async start(...options: string[]): Promise<this> {
    const { http, webSocket, nrepl } = this.ports;
    const ports = ["--port", http, "--ws-port", webSocket, "--nrepl-port", nrepl].map(String);
    const child = spawn(process.execPath, [CLI, "serve", this.folder, ...ports, ...options], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    let printed = "";
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        printed += chunk.toString();
        this.output += chunk.toString();
        if (printed.includes("nrepl://")) resolve();
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.on("exit", () => reject(new Error(`the server ended:\n${printed}`)));
    });
    const port = (pattern: RegExp) => Number(pattern.exec(printed)?.[1]);
    this.ports = {
      http: port(/http:\/\/localhost:(\d+)/),
      webSocket: port(/ws:\/\/localhost:(\d+)/),
      nrepl: port(/nrepl:\/\/[^:]+:(\d+)/),
    };
    return this;
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.on("exit", () => resolve());
      child.kill(signal);
    });
  }

  /** Saves a file of the application with one text in place of another. */
  edit(from: string | RegExp, to: string, file = "eita"): void {
    const path = join(this.folder, `src/${file}.jank`);
    const text = readFileSync(path, "utf8");
    const edited = text.replace(from, to);
    if (edited === text) throw new Error(`${String(from)} is not in the file`);
    writeFileSync(path, edited);
  }

  async evaluate(code: string): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}eval`, { method: "POST", body: code });
    return (await response.json()) as Record<string, unknown>;
  }

  async close(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Fixtures {
  server: JankServer;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const server = await new JankServer().start();
    await use(server);
    await server.close();
  },
});

/** Opens the demo page, connected, with a mark that a reload would wipe out. */
export async function openPage(page: Page, url: string): Promise<Page> {
  await page.goto(url);
  await expect(page.locator("#server")).toHaveText("connected");
  await expect(page.locator("#patches")).toContainText("definitions"); // the program runs
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  return page;
}

export async function expectNoReload(page: Page): Promise<void> {
  expect(await page.evaluate(() => "notReloaded" in window)).toBe(true);
}

/** Calls a function of the program in the page. */
export function invoke(page: Page, name: string, ...args: unknown[]): Promise<unknown> {
  return page.evaluate(
    ([fn, values]) => {
      const { jankDemo } = window as unknown as {
        jankDemo: { invoke(name: string, ...args: unknown[]): unknown };
      };
      return jankDemo.invoke(fn, ...values);
    },
    [name, args] as const,
  );
}

export async function expectCall(page: Page, argument: unknown, value: unknown): Promise<void> {
  await expect.poll(() => invoke(page, "eita/ggg", argument)).toEqual(value);
}

/** What is in the demo's editor. */
export function editorText(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { jankEditor } = window as unknown as { jankEditor: { text: string } };
    return jankEditor.text;
  });
}

/** Asks the running program, in the demo page; the answer is in #call-result. */
export async function ask(page: Page, code: string): Promise<void> {
  await page.locator("#expression").fill(code);
  await page.click("#call");
}

export async function ticks(page: Page): Promise<number> {
  return Number.parseInt(await page.locator("#counter").innerText());
}

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** A plain static server: another origin, which knows nothing of jank. */
export async function serveStatic(
  folder: string,
): Promise<{ url: string; origin: string; close(): void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    try {
      const file = join(folder, pathname === "/" ? "index.html" : pathname);
      const body = readFileSync(file);
      response.writeHead(200, {
        "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
        "Access-Control-Allow-Origin": "*",
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return { url: `${origin}/`, origin, close: () => server.close() };
}
