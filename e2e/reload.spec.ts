// The loop: an edit becomes live in the page, and nothing is lost.

import { connect } from "node:net";
import type { Page } from "@playwright/test";
import {
  ask,
  edit,
  expect,
  expectCall,
  expectNoReload,
  invoke,
  openPage,
  post,
  test,
  ticks,
} from "./support.js";

test("a saved edit is live at the next call, and the counter keeps its state", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  await expectCall(page, 10, 58);
  await expect.poll(() => ticks(page)).toBeGreaterThan(2);
  const before = await ticks(page);
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 49 v)"));
  await expectCall(page, 10, 59);
  expect(await ticks(page)).toBeGreaterThanOrEqual(before);
  await expectNoReload(page);
});

test("an edit that is typed in the page is live, and its steps are timed", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  await page.getByRole("tab", { name: "eita.jank" }).click();
  await page.locator(".cm-line", { hasText: "(+ 48 v)" }).click();
  await page.keyboard.press("End");
  for (let i = 0; i < 2; i++) await page.keyboard.press("Backspace"); // of "(+ 48 v))"
  await page.keyboard.insertText(" 952))");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("#edit-result")).toHaveText("#'eita/ggg");
  await ask(page, "(eita/ggg 10)");
  await expect(page.locator("#call-result")).toContainText("= 1010");
  await expect(page.locator("#call-result")).toContainText(":FROM_CLJ_..._I_MEAN_JANK_IN_WASM!!");
  const entry = page.locator("#patches li").first();
  await expect(entry).toContainText("eita/ggg");
  await expect(entry.locator("svg")).toHaveAttribute("aria-label", /install [\d.]+ ms/);
});

test("a bad edit leaves the old code running, and shows file, line, column and a caret", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  const refused = await jank.expectRefused(() =>
    jank.patch("eita.jank", edit("(+ 48 v)", "(+ 48 w)")),
  );
  expect(refused).toMatch(/eita\.jank:11:9: CompilerException: .*symbol: w /);
  const error = page.locator("jank-overlay .panel");
  await expect(error).toContainText("eita.jank:11:9");
  await expect(error).toContainText(/CompilerException: .*symbol: w /);
  await expect(error).toContainText("^");
  await expectCall(page, 10, 58);
  await jank.patch("eita.jank", edit("(+ 48 w)", "(+ 50 v)"));
  await expectCall(page, 10, 60);
  await expect(error).toBeHidden();
  await expectNoReload(page);
});

test("a page that connects after three edits has all three", async ({ page, jank }) => {
  await jank.eval("(ns eita) (defn ggg [v] (+ 1 v))");
  await jank.eval("(ns eita) (defn hhh [v] (* 2 (ggg v)))");
  await jank.eval("(ns eita) (defn ggg [v] (+ 2 v))");
  await openPage(page, jank);
  await expectCall(page, 10, 12);
  expect(await invoke(page, "eita/hhh", 10)).toBe(24);
});

test("after the server is gone and started again, the page reconnects by itself and goes on", async ({
  page,
  jank,
  jankServer,
}) => {
  await openPage(page, jank);
  await expect.poll(() => ticks(page)).toBeGreaterThan(3);
  const before = await ticks(page);
  await jankServer.stop();
  await expect(page.locator("#server")).toHaveText("reconnecting");
  await expectCall(page, 10, 58); // what is loaded works without a server
  await jankServer.start();
  await expect(page.locator("#server")).toHaveText("connected", { timeout: 15_000 });
  expect(await ticks(page)).toBeGreaterThanOrEqual(before);
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 51 v)"));
  await expectCall(page, 10, 61);
  await expectNoReload(page);
});

test("a page that loses its server before its program has come says that it reconnects", async ({
  page,
  jank,
}) => {
  let sockets = 0;
  await page.routeWebSocket(/./, (socket) => {
    if (sockets++ > 0) return; // the server does not come back
    socket.connectToServer().onMessage((message) => {
      if (!String(message).includes('"type":"handshake_ack"')) return;
      socket.send(message); // and of the program, nothing
      void socket.close();
    });
  });
  await page.goto(jank.url);
  await expect(page.locator("#server")).toHaveText("reconnecting");
  expect(sockets).toBeGreaterThan(0);
});

test("two tabs both get an edit; an expression is evaluated in one of them", async ({
  context,
  jank,
}) => {
  const [first, second] = [await context.newPage(), await context.newPage()];
  await openPage(first, jank);
  await openPage(second, jank);
  await jank.eval("(ns eita) (def runs (atom 0)) (defn ggg [v] (+ 3 v))");
  await expectCall(first, 10, 13);
  await expectCall(second, 10, 13);
  await jank.eval("(ns eita) (defn runs-now [] @runs)");
  await jank.eval("(swap! eita/runs inc)");
  const runs = [await invoke(first, "eita/runs-now"), await invoke(second, "eita/runs-now")];
  expect(runs.sort()).toEqual([0, 1]);
});

test("POST /eval answers with the value and an entry for each page", async ({ page, jank }) => {
  await openPage(page, jank);
  const answer = await post(jank.url, "(ns eita) (defn ggg [v] (+ 100 v))");
  expect(answer).toMatchObject({ ok: true, value: "#'eita/ggg", ns: "eita" });
  expect(answer.pages).toEqual([
    expect.objectContaining({ name: "demo page", status: "installed", patches: 2 }),
  ]);
  expect(await invoke(page, "eita/ggg", 10)).toBe(110);
});

test("an exception and endless recursion are shown, and the page goes on", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  await jank.eval('(ns eita) (defn ggg [v] (throw (ex-info "no luck" {:v v})))');
  await jank.expectRefused(async () => {
    await ask(page, "(eita/ggg 10)");
    await expect(page.locator("#call-result")).toContainText("ExceptionInfo: no luck");
    await expect(page.locator("#call-result")).toContainText("at eita/ggg (");
  });
  await jank.eval("(ns eita) (defn ggg [v] (inc (ggg v)))");
  await jank.expectRefused(async () => {
    await ask(page, "(eita/ggg 10)");
    await expect(page.locator("#call-result")).toContainText("StackOverflowError");
  });
  await jank.eval("(ns eita) (defn ggg [v] (v))");
  await jank.expectRefused(async () => {
    await ask(page, "(eita/ggg 10)");
    await expect(page.locator("#call-result")).toContainText("cannot be called");
  });
  await jank.eval("(ns eita) (defn ggg [v] (+ 4 v))");
  await expectCall(page, 10, 14);
});

test("an editor's nREPL evaluates in the page", async ({ page, jank, jankServer }) => {
  await openPage(page, jank);
  await expect.poll(() => ticks(page)).toBeGreaterThan(1);
  const answer = await nrepl(jankServer.nreplPort, "@eita/ticks");
  const value = Number(/5:value\d+:(\d+)/.exec(answer)?.[1]);
  expect(value).toBeGreaterThan(0); // in the server's own instance nothing ticks
});

function nrepl(port: number, code: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (bytes) => {
      answer += bytes.toString();
      if (!answer.includes("4:done")) return;
      socket.end();
      resolve(answer);
    });
    socket.write(`d4:code${code.length}:${code}2:id1:12:op4:evale`);
  });
}

/** Whether an edit of eita/ggg was installed in a frame, by a client of that kind. */
interface Frames {
  frame?: boolean;
  now?: boolean;
}

/**
 * Two more clients, which have the program: one waits for frames, which then come so
 * seldom, and one does not.
 */
async function watchFrames(page: Page, frameMs = 0): Promise<() => Promise<Frames>> {
  await page.evaluate(async (frameMs) => {
    type Edit = { changes: { name: string; from: number | null }[] };
    const { connect } = (await import("/jank/index.js" as string)) as {
      connect(options: object): {
        on(event: string, listener: (record: Edit) => void): void;
        stats(): { seq: number };
      };
    };
    // True from a frame's callbacks on until the next message is handled.
    let isFrame = false;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (isFrame = false);
    const request = requestAnimationFrame.bind(window);
    const loop = () => {
      isFrame = true;
      port2.postMessage(0);
      request(loop);
    };
    request(loop);
    const frames: Frames = {};
    const { jankDemo } = window as unknown as { jankDemo: ReturnType<typeof connect> };
    for (const installAt of ["frame", "now"] as const) {
      const client = connect({ name: installAt, installAt });
      client.on("after-patch", ({ changes: [change] }) => {
        if (change?.name === "eita/ggg" && change.from) frames[installAt] = isFrame;
      });
      while (client.stats().seq < jankDemo.stats().seq) await new Promise(request);
    }
    window.requestAnimationFrame = (callback) => {
      const from = performance.now() + frameMs;
      const late = () => request((time) => (time < from ? late() : callback(time)));
      return late();
    };
    Object.assign(window, { frames });
  }, frameMs);
  return () => page.evaluate(() => (window as unknown as { frames: Frames }).frames);
}

test("installAt frame: a patch is installed in an animation frame", async ({ page, jank }) => {
  await openPage(page, jank);
  const frames = await watchFrames(page);
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 70 v)"));
  await expect.poll(async () => Object.keys(await frames()).sort()).toEqual(["frame", "now"]);
  expect((await frames()).frame).toBe(true);
  await expectCall(page, 10, 80);
});

test("installAt frame: in a frame also when frames are slow, and after hooks that are", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  const frames = await watchFrames(page, 400);
  for (const [from, to] of [
    ["(+ 48 v)", "(+ 70 v)"],
    ["(+ 70 v)", "(+ 71 v)"],
  ] as const) {
    await jank.patch("eita.jank", edit(from, to));
    await expect.poll(async () => "frame" in (await frames())).toBe(true);
    expect((await frames()).frame).toBe(true);
    await jank.eval(
      "(ns eita) (defn ^:dev/before-load-async slow [done] (js/setTimeout done 800))",
    );
    await page.evaluate(() => delete (window as unknown as { frames: Frames }).frames.frame);
  }
});

test("installAt frame: where no frame comes, a patch is installed all the same", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  const frames = await watchFrames(page, Infinity);
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 70 v)"));
  await expect.poll(async () => "frame" in (await frames())).toBe(true);
});
