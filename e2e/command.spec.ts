// The command `jank-hot serve`, as a process that can be killed.

import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DIST,
  edit,
  expect,
  expectCall,
  expectNoReload,
  ROOT,
  serveStatic,
  test,
  ticks,
} from "./support.js";

let folder: string;
let child: ChildProcess | undefined;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jank-command-"));
  cpSync(join(ROOT, "build/demo-site"), folder, { recursive: true });
});
test.afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Its ports, once it has told them. */
async function serve(http = 0, webSocket = 0, ...options: string[]) {
  const ports = ["--port", http, "--ws-port", webSocket, "--nrepl-port", 0].map(String);
  const command = [join(DIST, "cli.js"), "serve", folder, ...ports, ...options];
  const server = spawn(process.execPath, command, { cwd: folder, stdio: "pipe" });
  child = server;
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes("nrepl://")) resolve();
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("exit", () => reject(new Error(`the server ended:\n${printed}`)));
  });
  const port = (pattern: RegExp) => Number(pattern.exec(printed)?.[1]);
  return {
    http: port(/http:\/\/localhost:(\d+)/),
    webSocket: port(/ws:\/\/localhost:(\d+)/),
  };
}

function kill(): Promise<void> {
  const killed = child;
  child = undefined;
  if (!killed || killed.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    killed.on("exit", () => resolve());
    killed.kill("SIGKILL");
  });
}

function save(from: string, to: string): void {
  const path = join(folder, "src/eita.jank");
  writeFileSync(path, edit(from, to)(readFileSync(path, "utf8")));
}

test("after the server was killed and started again, the page reconnects by itself and goes on", async ({
  page,
}) => {
  const { http, webSocket } = await serve();
  await page.goto(`http://localhost:${http}/`);
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  await expect.poll(() => ticks(page)).toBeGreaterThan(3);
  const before = await ticks(page);
  await kill();
  await expect(page.locator("#server")).toHaveText("reconnecting");
  await expectCall(page, 10, 58);
  await serve(http, webSocket);
  await expect(page.locator("#server")).toHaveText("connected", { timeout: 15_000 });
  expect(await ticks(page)).toBeGreaterThanOrEqual(before);
  save("(+ 48 v)", "(+ 51 v)");
  await expectCall(page, 10, 61);
  await expectNoReload(page);
});

test("a page of another origin follows the server when --allow-origin names it, and only then", async ({
  page,
}) => {
  const site = await serveStatic(folder);
  const status = () =>
    page.evaluate(() => JankHotReload.client?.stats()).then((stats) => stats?.connected);
  for (const allowed of [false, true]) {
    const { webSocket } = await serve(0, 0, ...(allowed ? ["--allow-origin", site.origin] : []));
    writeFileSync(
      join(folder, "index.html"),
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
    await kill();
  }
  site.close();
});
