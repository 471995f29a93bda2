// The command `jank-hot serve`, as a process that can be killed.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerProcess } from "./process.js";
import { expect, expectCall, expectNoReload, serveStatic, test, ticks } from "./support.js";

let server: ServerProcess;
test.beforeEach(() => {
  server = new ServerProcess();
});
test.afterEach(() => server.remove());

test("after the server was killed and started again, the page reconnects by itself and goes on", async ({
  page,
}) => {
  await server.start();
  await page.goto(server.url);
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  await expect.poll(() => ticks(page)).toBeGreaterThan(3);
  const before = await ticks(page);
  await server.stop();
  await expect(page.locator("#server")).toHaveText("reconnecting");
  await expectCall(page, 10, 58);
  await server.start();
  await expect(page.locator("#server")).toHaveText("connected", { timeout: 15_000 });
  expect(await ticks(page)).toBeGreaterThanOrEqual(before);
  server.save("(+ 48 v)", "(+ 51 v)");
  await expectCall(page, 10, 61);
  await expectNoReload(page);
});

test("a page of another origin follows the server when --allow-origin names it, and only then", async ({
  page,
}) => {
  const site = await serveStatic(server.folder);
  const status = () =>
    page.evaluate(() => JankHotReload.client?.stats()).then((stats) => stats?.connected);
  for (const allowed of [false, true]) {
    await server.start(...(allowed ? ["--allow-origin", site.origin] : []));
    const { webSocket } = server.ports;
    writeFileSync(
      join(server.folder, "index.html"),
      `<script src="jank-hot-reload.global.js" data-url="ws://localhost:${webSocket}/repl"></script>`,
    );
    const answered = page
      .waitForEvent("websocket", (socket) => socket.url().includes(`:${webSocket}/`))
      .then(async (socket) => {
        if (allowed) await socket.waitForEvent("framereceived");
        else await socket.waitForEvent("socketerror");
      });
    await page.goto(site.url);
    await answered;
    await expect.poll(status).toBe(allowed);
    await server.stop();
  }
  site.close();
});
