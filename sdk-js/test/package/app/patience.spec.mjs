// What is waited for no longer than the options say.

import { test } from "jank-hot-reload/playwright";

test.use({ jankOptions: { root: "site", timeout: 300 } });

test("the page about:blank has not connected to ws://localhost", async ({ page, jank }) => {
  await page.goto("about:blank");
  await jank.invoke(page, "app.core/step", 1);
});
