// What a page of others may do and may not: without a server, under a policy, from
// another origin. Applications that install the package: see consumers.spec.ts.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { ask, DIST, expect, ROOT, serveStatic, test } from "./support.js";

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

test("the page works under script-src 'self' 'wasm-unsafe-eval'", async ({ page, jank }) => {
  const violations: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  const response = await page.goto(jank.url);
  expect(response?.headers()["content-security-policy"]).toContain(
    "script-src 'self' 'wasm-unsafe-eval';",
  );
  await expect(page.locator("#server")).toHaveText("connected");
  await ask(page, "(eita/ggg 10)");
  await expect(page.locator("#call-result")).toContainText("= 58");
  await page.getByRole("button", { name: "A syntax error" }).click();
  await expect(page.locator(".cm-message")).toBeVisible();
  await jank.expectRefused(async () => {
    await page.getByRole("button", { name: "An exception" }).click();
    await expect(page.locator("jank-overlay .panel")).toContainText("Taken back");
  });
  expect(violations).toEqual([]);
});

test("a page of another origin cannot evaluate, by any way that a browser has", async ({
  page,
  jank,
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
    [jank.url, jank.wsUrl, code] as const,
  );
  expect(outcomes).toMatchObject({ cors: "refused", socket: "refused" });
  await page.setContent(
    `<form method="post" enctype="text/plain" action="${jank.url}eval">
       <textarea name="x">${code}</textarea><button>go</button></form>`,
  );
  await page.click("button");
  await expect(page.locator("body")).toContainText("may not use this server");
  expect(await jank.eval("(eita/ggg 10)")).toBe("58");
  site.close();
});
