// What the end-to-end tests share: the demo page on a server of its own (see
// playwright.config.ts), watched for reloads; a static server of another origin.

import type { Page } from "@playwright/test";
import { expect, test, type Jank } from "jank-hot-reload/playwright";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export { expect, test };

export const ROOT = fileURLToPath(new URL("../", import.meta.url));
export const DIST = join(ROOT, "sdk-js/dist");

/** For jank.patch: a text in place of another. */
export const edit =
  (from: string, to: string) =>
  (text: string): string =>
    text.replace(from, to);

/** The answer of POST /eval. */
export async function post(url: string, code: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}eval`, { method: "POST", body: code });
  return (await response.json()) as Record<string, unknown>;
}

/** Opens the demo page, connected, with a mark that a reload would wipe out. */
export async function openPage(page: Page, jank: Jank): Promise<Page> {
  await jank.open(page);
  await expect(page.locator("#server")).toHaveText("connected");
  await expect(page.locator("#patches")).toContainText("definitions"); // the program runs
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  return page;
}

export async function expectNoReload(page: Page): Promise<void> {
  expect(await page.evaluate(() => "notReloaded" in window)).toBe(true);
}

/** Calls a function of the program in the page, whether there is a server or not. */
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
export async function editorText(page: Page): Promise<string> {
  await page.waitForFunction(() => "jankEditor" in window);
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
