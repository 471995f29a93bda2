import { chromium } from "@playwright/test";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function startBrowser(further = []) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [...ARGUMENTS, ...further],
  });
  const page = await browser.newPage();
  return {
    visit: (url) => page.goto(url),
    evaluate: (expression) => page.evaluate(expression),
    close: () => browser.close(),
  };
}
