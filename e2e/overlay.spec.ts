// The overlay in a page that has nothing else of ours, under a strict
// Content-Security-Policy, with a real server.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Jank, JankServer } from "jank-hot-reload/playwright";
import { edit, expect, expectCall, test } from "./support.js";

const violations: string[] = [];

/** The page, with the overlay; `options` is JavaScript. */
async function open(page: Page, { root, url }: JankServer, options = "{}"): Promise<void> {
  violations.length = 0;
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  writeFileSync(
    join(root, "bare.html"),
    `<!doctype html><html lang="en"><title>bare</title><button id="own">own</button>
     <script src="jank-hot-reload.global.js"></script><script src="bare.js"></script></html>`,
  );
  writeFileSync(
    join(root, "bare.js"),
    `window.jankDemo = JankHotReload.connect({ rollback: ${/rollback/.test(options)} });
     window.hide = JankHotReload.overlay(jankDemo, ${options});`,
  );
  const response = await page.goto(`${url}bare.html`);
  expect(response?.headers()["content-security-policy"]).toContain("default-src 'self'");
  await page.waitForFunction(() => {
    const { jankDemo } = window as unknown as {
      jankDemo: { stats(): { seq: number } };
    };
    return jankDemo.stats().seq > 0;
  });
  await expectCall(page, 10, 58);
}

/** Saves what the server refuses. */
const spoil = (jank: Jank, from: string, to: string) =>
  jank.expectRefused(() => jank.patch("eita.jank", edit(from, to)));

const toast = (page: Page) => page.locator("jank-overlay .toast");
const line = (page: Page) => toast(page).locator(".line");
const panel = (page: Page) => page.locator("jank-overlay .panel");

test("a good patch is one line: what changed, and how long each step took", async ({
  page,
  jank,
  jankServer,
}) => {
  await open(page, jankServer, "{ toastMs: 700 }");
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 49 v)"));
  await expect(line(page)).toHaveText(
    /^eita\/ggg v1 -> v2 \u00b7 compiled [\d.]+ ms \u00b7 transfer [\d.]+ ms \u00b7 installed [\d.]+ ms$/,
  );
  await expect(line(page)).toHaveAttribute("role", "status");
  expect(await toast(page).evaluate((element) => getComputedStyle(element).position)).toBe(
    "static",
  );
  const host = page.locator("jank-overlay");
  expect(await host.evaluate((element) => getComputedStyle(element).position)).toBe("fixed");
  await expect(toast(page)).toBeHidden();
  await expectCall(page, 10, 59);
  expect(violations).toEqual([]);
});

test("a good patch can be undone from its line, by mouse and by keyboard, and further back", async ({
  page,
  jank,
  jankServer,
}) => {
  await open(page, jankServer, "{ toastMs: 1000 }");
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 60 v)"));
  await jank.patch("eita.jank", edit("(+ 60 v)", "(+ 70 v)"));
  const undo = toast(page).getByRole("button", { name: "Undo" });
  await undo.hover();
  await page.waitForTimeout(1500);
  await undo.click(); // it has waited
  await expect(line(page)).toHaveText(/^undone: eita\/ggg v3 -> v2 /);
  await expectCall(page, 10, 70);
  await undo.focus();
  await page.keyboard.press("Enter");
  await expectCall(page, 10, 58);
  await undo.press("Enter");
  await expect(line(page)).toHaveText("Not undone: there is nothing to go back to");
  await page.mouse.move(0, 0);
  await undo.blur();
  await expect(toast(page)).toBeHidden();
  expect(violations).toEqual([]);
});

test("a compile error shows its excerpt and caret until it is mended, or the page is told to hide it", async ({
  page,
  jank,
  jankServer,
}) => {
  await open(page, jankServer);
  await spoil(jank, "(+ 48 v)", "(+ 48 w)");
  await expect(panel(page)).toContainText("This does not compile");
  await expect(panel(page)).toContainText("src/eita.jank:11:9");
  await expect(panel(page).locator("pre")).toContainText("(+ 48 w)");
  await expect(panel(page).locator("pre b")).toHaveText(/^\s*\^$/);
  await expect(panel(page).getByRole("alert")).toContainText("Unable to resolve symbol: w");
  await expectCall(page, 10, 58);
  await jank.patch("eita.jank", edit("(+ 48 w)", "(+ 50 v)"));
  await expect(panel(page)).toBeHidden();
  await expectCall(page, 10, 60);
  await spoil(jank, "(+ 50 v)", "(+ 50 v");
  await expect(panel(page)).toContainText("EOF while reading");
  await page.evaluate(() => (window as unknown as { hide(): void }).hide());
  await expect(page.locator("jank-overlay")).toHaveCount(0);
  expect(violations).toEqual([]);
});

test("what nobody caught shows jank's stack, once; the function's next patch takes it away", async ({
  page,
  jank,
  jankServer,
}) => {
  await open(page, jankServer);
  await jank.eval(
    `(ns eita) (defn ggg [v] (throw (ex-info "<img src=x> & co" {:v v})))
     (defn listen [] (js/setInterval (fn [] (ggg 1)) 20))`,
  );
  await jank.eval("(eita/listen)");
  await expect(panel(page).locator("article")).toHaveCount(1);
  await expect(panel(page)).toContainText(/This threw an exception \(\d+ times\)/);
  await expect(panel(page)).toContainText("ExceptionInfo: <img src=x> & co");
  await expect(panel(page).locator("img")).toHaveCount(0);
  await expect(panel(page).locator("li").first()).toContainText("eita/ggg");
  await expect(panel(page).locator("li").nth(1)).toContainText("eita/listen");
  await jank.eval("(ns eita) (defn ggg [v] (+ 4 v))");
  await expect(panel(page)).toBeHidden();
  await expectCall(page, 10, 14);
});

test("what the client takes back because of an exception is said", async ({
  page,
  jank,
  jankServer,
}) => {
  await open(page, jankServer, "{ toast: /* rollback */ true }");
  await jank.eval("(ns eita) (defn listen [] (js/setInterval (fn [] (ggg 1)) 20))");
  await jank.eval("(eita/listen)");
  await jank.expectRefused(async () => {
    await jank.eval('(ns eita) (defn ggg [v] (throw (ex-info "not today" {})))');
    await expect(panel(page)).toContainText("not today");
    await expect(panel(page)).toContainText("Taken back: eita/ggg v2 -> v1");
  });
  await expectCall(page, 10, 58);
  await page.keyboard.press("Escape");
  await expect(panel(page)).toBeHidden();
});

test("a place asks the server to open the editor there, and an error of that is said", async ({
  page,
  jank,
  jankServer,
}) => {
  await open(page, jankServer);
  await spoil(jank, "(+ 48 v)", "(+ 48 w)");
  const place = panel(page).getByRole("button", { name: "src/eita.jank:11:9" });
  const [request] = await Promise.all([
    page.waitForRequest((each) => each.url().includes("/open-in-editor")),
    place.click(),
  ]);
  expect(request.method()).toBe("POST");
  const url = new URL(request.url());
  expect(url.origin).toBe(new URL(jankServer.url).origin);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    file: expect.stringMatching(/(^|\/)src\/eita\.jank$/),
    line: "11",
    column: "9",
  });
  await jankServer.stop();
  await place.click();
  await expect(panel(page)).toContainText("The editor was not opened");
});

test("the panel is closed by keyboard, and the focus goes back", async ({
  page,
  jank,
  jankServer,
}) => {
  await open(page, jankServer);
  await page.locator("#own").focus();
  await spoil(jank, "(+ 48 v)", "(+ 48 w)");
  await expect(panel(page)).toBeVisible();
  const focused = () =>
    page.evaluate(() => {
      const { activeElement } = document;
      return (activeElement?.shadowRoot?.activeElement ?? activeElement)?.textContent;
    });
  expect(await focused()).toBe("own"); // nothing takes the focus
  await page.keyboard.press("Tab");
  if ((await focused()) !== "Close") await page.keyboard.press("Tab"); // a panel that scrolls
  expect(await focused()).toBe("Close");
  await page.keyboard.press("Tab");
  expect(await focused()).toMatch(/src\/eita\.jank:11:9$/);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(panel(page)).toBeHidden();
  expect(await focused()).toBe("own");
});
