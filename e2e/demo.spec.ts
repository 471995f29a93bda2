// The demo site: a stranger edits a running program, with a server and without.

import { join } from "node:path";
import type { Page } from "@playwright/test";
import {
  edit,
  editorText,
  expect,
  expectNoReload,
  invoke,
  openPage,
  ROOT,
  serveStatic,
  test,
} from "./support.js";

/** A digest of the canvas's colours: how much red, green and blue there is. */
async function paint(page: Page): Promise<{ red: number; green: number; blue: number }> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("#garden");
    const context = canvas?.getContext("2d");
    const sums = [0, 0, 0];
    const { data } = context?.getImageData(0, 0, canvas?.width ?? 1, canvas?.height ?? 1) ?? {
      data: new Uint8ClampedArray(),
    };
    for (let i = 0; i < data.length; i += 4)
      for (let c = 0; c < 3; c++) sums[c] = (sums[c] ?? 0) + (data[i + c] ?? 0);
    return { red: sums[0] ?? 0, green: sums[1] ?? 0, blue: sums[2] ?? 0 };
  });
}

const frames = async (page: Page) => Number(await invoke(page, "garden/age"));
const entry = (page: Page, n = 0) => page.locator("#patches li").nth(n);
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** In the page: texts whose colour is too near to what is behind them. */
function lowContrasts(): string[] {
  const scale = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color: string) => {
    scale?.clearRect(0, 0, 1, 1);
    if (scale) scale.fillStyle = color;
    scale?.fillRect(0, 0, 1, 1);
    return [...(scale?.getImageData(0, 0, 1, 1).data ?? [])];
  };
  const luminance = (color: number[]) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => {
      const part = (color[i] ?? 0) / 255;
      return sum + share * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
  const parentOf = (element: Element) =>
    element.parentElement ?? (element.getRootNode() as ShadowRoot).host ?? null;
  const ground = (element: Element | null): number[] => {
    for (let at = element; at; at = parentOf(at)) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const elements = (root: ParentNode): Element[] =>
    [...root.querySelectorAll("*")].flatMap((element) => [
      element,
      ...(element.shadowRoot ? elements(element.shadowRoot) : []),
    ]);
  return elements(document.body).flatMap((element) => {
    const own = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
    const text = own.map(({ textContent }) => textContent?.trim()).join("");
    const isShown = element.checkVisibility() && !element.matches(":disabled, style, script");
    if (!text || !isShown) return [];
    const values = [rgba(getComputedStyle(element).color), ground(element)].map(luminance);
    const ratio = (Math.max(...values) + 0.05) / (Math.min(...values) + 0.05);
    return ratio < 4.5 ? [`${ratio.toFixed(2)}: ${text.slice(0, 40)}`] : [];
  });
}

/** Replaces a text in the editor by hand: finds it, selects it, types. */
async function retype(page: Page, from: string, to: string): Promise<void> {
  const text = await editorText(page);
  const at = text.indexOf(from);
  expect(at).toBeGreaterThanOrEqual(0);
  const line = text.slice(0, at).split("\n").length - 1;
  const column = at - (text.lastIndexOf("\n", at - 1) + 1);
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+Home");
  for (let i = 0; i < line; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Home");
  await page.keyboard.press("Home");
  for (let i = 0; i < column; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.down("Shift");
  for (let i = 0; i < from.length; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.up("Shift");
  await page.keyboard.insertText(to);
}

/** The same promises, whoever compiles. */
async function edits(page: Page): Promise<void> {
  await expect.poll(() => frames(page)).toBeGreaterThan(5);
  const before = await frames(page);
  await retype(page, '" 48% 50%)")', '" 0% 50%)")');
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("#edit-result")).toHaveText("#'garden/colour");
  await expect(entry(page)).toContainText("garden/colour");
  await expect(entry(page)).toContainText("v1 \u2192 v2");
  await expect
    .poll(async () => {
      const { red, green, blue } = await paint(page);
      return red > 0 && Math.abs(red - green) < red / 50 && Math.abs(red - blue) < red / 50;
    })
    .toBe(true); // grey
  expect(await frames(page)).toBeGreaterThan(before);
  await expectNoReload(page);
}

async function errors(page: Page): Promise<void> {
  await button(page, "A syntax error").click();
  await expect(page.locator(".cm-message")).toContainText("EOF while reading");
  await expect(entry(page)).toContainText("refused");
  const before = await frames(page);
  await expect.poll(() => frames(page)).toBeGreaterThan(before + 3);
  await page.click("#undo");
  await expect(page.locator(".cm-message")).toHaveCount(0);
  expect(await editorText(page)).toContain(
    "(+ 0.009 (* 0.00004 i) (* 0.004 wave))))\n\n;; One step",
  );

  await button(page, "An exception").click();
  const panel = page.locator("jank-overlay .panel");
  await expect(panel).toContainText("ExceptionInfo: no paint left");
  await expect(panel).toContainText("garden/colour garden.jank:");
  await expect(panel).toContainText("garden/draw");
  await expect(panel).toContainText("Taken back: garden/colour v");
  await expect(page.locator(".cm-message")).toContainText("the old code runs on");
  await expect(entry(page)).toContainText("Taken back by itself");
  const after = await frames(page);
  await expect.poll(() => frames(page)).toBeGreaterThan(after + 3);
  const { green } = await paint(page);
  expect(green).toBeGreaterThan(0);
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
}

async function undoes(page: Page): Promise<void> {
  const original = await editorText(page);
  await button(page, "Another flower").click();
  await expect(entry(page)).toContainText("garden/place");
  const [x, y] = (await invoke(page, "garden/place", 100)) as [number, number];
  expect(await editorText(page)).not.toBe(original);
  await page.click("#undo");
  await expect(entry(page)).toContainText("undone");
  await expect.poll(() => editorText(page)).toBe(original);
  expect(await invoke(page, "garden/place", 100)).not.toEqual([x, y]);
  await button(page, "Another colour").click();
  await expect(page.locator("#edit-result")).toHaveText("#'garden/colour");
  await page.getByRole("button", { name: "Undo garden/colour" }).first().click();
  await expect.poll(() => editorText(page)).toBe(original);
  await expectNoReload(page);
}

test("with a server: an edit changes the picture, and the state is kept", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  await edits(page);
  await expect(entry(page)).toContainText("installed in this page");
  const bar = entry(page).locator("svg");
  await expect(bar).toHaveAttribute("aria-label", /compile .* ms, transfer .* ms, install .* ms/);
});

test("with a server: errors are shown where they are, and the old code runs on", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  const refused = await jank.expectRefused(() => errors(page));
  expect(refused).toContain("no paint left"); // the server is told, too
});

test("with a server: what is undone is live, and shown in the editor", async ({ page, jank }) => {
  await openPage(page, jank);
  await undoes(page);
});

test("with a server: a second tab runs an edit, shows it, and is counted", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  const [second] = await Promise.all([
    page.waitForEvent("popup"),
    page.getByRole("link", { name: "Open a second tab" }).click(),
  ]);
  await expect(second.locator("#server")).toHaveText("connected");
  await expect(second.locator("#patches")).toContainText("definitions");
  await page.bringToFront();
  await retype(page, "2.39996", "2.5");
  await page.keyboard.press("Control+Enter");
  await expect(entry(page)).toContainText("installed in 2 of 2 pages");
  await expect.poll(() => editorText(second)).toContain("(* i 2.5)");
  await expect(entry(second)).toContainText("garden/place");
  const third = await page.context().newPage(); // as after a reload
  await third.goto(jank.url);
  await expect.poll(() => editorText(third)).toContain("(* i 2.5)");
  expect(await invoke(third, "garden/place", 3)).toEqual(await invoke(page, "garden/place", 3));
});

test("with a server: a saved file is live, and is what the editor shows", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  await jank.patch("garden.jank", edit("2.39996", "2.25"));
  await expect(entry(page)).toContainText("saved");
  await expect.poll(() => editorText(page)).toContain("(* i 2.25)");
  await jank.expectRefused(() => jank.patch("garden.jank", edit("(* i 2.25)", "(* i 2.25")));
  const panel = page.locator("jank-overlay .panel");
  await expect(panel).toContainText("This does not");
  await expect(panel).toContainText("^");
  await jank.patch("garden.jank", edit("(* i 2.25", "(* i 2.3)"));
  await expect(panel).toBeHidden();
  await expectNoReload(page);
});

test.describe("on a static host", () => {
  let site: Awaited<ReturnType<typeof serveStatic>>;
  test.beforeEach(async () => {
    site = await serveStatic(join(ROOT, "build/demo-site"));
  });
  test.afterEach(() => site.close());

  async function openStatic(page: Page): Promise<void> {
    await page.goto(site.url);
    await expect(page.locator("#server")).toHaveText("no server, compiled in this page");
    await expect(page.locator("#patches")).toContainText("definitions");
    await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  }

  test("an edit changes the picture, and the state is kept", async ({ page }) => {
    await openStatic(page);
    await edits(page);
  });

  test("errors are shown where they are, and the old code runs on", async ({ page }) => {
    await openStatic(page);
    await errors(page);
  });

  test("what is undone is live, and shown in the editor", async ({ page }) => {
    await openStatic(page);
    await undoes(page);
    await expect(page.locator("#mode")).toContainText("no server");
  });

  test("all of it is done by keyboard", async ({ page }) => {
    await openStatic(page);
    const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
    for (let i = 0; i < 30 && (await focused()) !== "editor"; i++) await page.keyboard.press("Tab");
    expect(await focused()).toBe("editor");
    await retype(page, "2.39996", "2.4");
    await page.keyboard.press("Alt+ArrowUp"); // the number at the cursor, and at once
    await expect(page.locator("#edit-result")).toHaveText("#'garden/place");
    expect(await editorText(page)).toContain("(* i 2.5)");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("evaluate");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("undo");
    await page.keyboard.press("Enter");
    await expect.poll(() => editorText(page)).toContain("2.39996");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("expression");
    await page.keyboard.press("Enter");
    await expect(page.locator("#call-result")).toContainText("= 58");
  });

  for (const [width, height] of [
    [390, 844],
    [320, 640],
    [1280, 800],
  ] as const)
    test(`nothing is wider than a window of ${width} by ${height}`, async ({ page }) => {
      await page.setViewportSize({ width, height });
      await openStatic(page);
      await button(page, "An exception").click();
      await expect(page.locator("jank-overlay .panel")).toBeVisible();
      const overflow = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        const panel = document.querySelector("jank-overlay")?.shadowRoot?.querySelector(".panel");
        const { left = -1, right = Infinity } = panel?.getBoundingClientRect() ?? {};
        return [scrollWidth > clientWidth, left < 0, right > clientWidth];
      });
      expect(overflow).toEqual([false, false, false]);
      const { height: tall } = (await page.locator("#garden").boundingBox()) ?? { height: 0 };
      expect(tall).toBeGreaterThan(150);
    });

  for (const scheme of ["light", "dark"] as const)
    test(`every text has the contrast of WCAG AA, ${scheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await openStatic(page);
      await button(page, "A syntax error").click();
      await expect(page.locator(".cm-message")).toBeVisible();
      await button(page, "An exception").click();
      await expect(page.locator("jank-overlay .panel")).toBeVisible();
      await page.waitForTimeout(1700); // what is live now has stopped glowing
      expect(await page.evaluate(lowContrasts)).toEqual([]);
    });

  test("colours are as the system has them, until the visitor chooses", async ({ page }) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: "light" });
    await openStatic(page);
    const light = await ground();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.click("#theme");
    expect(await ground()).toBe(light);
    await page.reload();
    expect(await ground()).toBe(light);
  });

  test("where nothing should move, the picture stands, and an edit is seen", async ({ page }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await openStatic(page);
    const still = await frames(page);
    const before = await paint(page);
    await page.waitForTimeout(300);
    expect(await frames(page)).toBe(still);
    await button(page, "Another colour").click();
    await expect.poll(() => paint(page)).not.toEqual(before);
    await button(page, "Play").click();
    await expect.poll(() => frames(page)).toBeGreaterThan(still + 5);
  });
});
