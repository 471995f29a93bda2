// A page whose program does not end is not lost: what was asked for is interrupted,
// and a saved fix reaches a page that hangs in the code that it mends.

import { connect, type Socket } from "node:net";
import type { Page } from "@playwright/test";
import {
  edit,
  expect,
  expectCall,
  expectNoReload,
  invoke,
  openPage,
  test,
  ticks,
} from "./support.js";

/** A line of bencode, and what is answered until "done". */
class Editor {
  #socket: Socket;
  #text = "";

  private constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("data", (bytes) => (this.#text += bytes.toString()));
  }

  static async open(port: number): Promise<Editor> {
    const editor = new Editor(port);
    await new Promise((resolve) => editor.#socket.once("connect", resolve));
    return editor;
  }

  send(fields: Record<string, string>): void {
    const part = (text: string) => `${Buffer.byteLength(text)}:${text}`;
    const entries = Object.entries(fields).map(([key, value]) => part(key) + part(value));
    this.#socket.write(`d${entries.join("")}e`);
  }

  get text(): string {
    return this.#text;
  }

  close(): void {
    this.#socket.destroy();
  }
}

const isAlive = async (page: Page) => {
  const before = await ticks(page);
  await expect.poll(() => ticks(page)).toBeGreaterThan(before);
};

/** In a session of an editor. */
async function evaluating(jankServer: { nreplPort: number }, code: string) {
  const editor = await Editor.open(jankServer.nreplPort);
  editor.send({ op: "clone", id: "0" });
  await expect.poll(() => editor.text).toContain("new-session");
  const session = /11:new-session36:([0-9a-f-]{36})/.exec(editor.text)?.[1] ?? "";
  editor.send({ op: "eval", id: "1", session, code });
  return { editor, session };
}

async function reading(jankServer: { nreplPort: number }, code: string) {
  const asked = await evaluating(jankServer, code);
  await expect.poll(() => asked.editor.text).toContain("10:need-input");
  return asked;
}

test("an evaluation that does not end in the page is interrupted from the editor; the page goes on", async ({
  page,
  jank,
  jankServer,
}) => {
  await openPage(page, jank);
  const { editor, session } = await evaluating(jankServer, "(loop [] (recur))");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  editor.send({ op: "interrupt", id: "2", session, "interrupt-id": "1" });
  await expect.poll(() => editor.text, { timeout: 10_000 }).toContain("interrupted");
  await isAlive(page);
  editor.send({ op: "eval", id: "3", session, code: "(+ 40 2)" });
  await expect.poll(() => editor.text, { timeout: 10_000 }).toContain("5:value2:42");
  await expectNoReload(page);
  editor.close();
});

test("what is evaluated in the page reads lines from the editor, after what it has printed", async ({
  page,
  jank,
  jankServer,
}) => {
  await openPage(page, jank);
  const code = '(do (print "name? ") [(read-line) js/document.title (read-line)])';
  const { editor, session } = await reading(jankServer, code);
  expect(editor.text.indexOf("name? ")).toBeLessThan(editor.text.indexOf("need-input"));
  await new Promise((resolve) => setTimeout(resolve, 1200)); // longer than one question is open
  editor.send({ op: "stdin", id: "2", session, stdin: "Ada é\nLovelace\n" });
  await expect
    .poll(() => editor.text)
    .toContain('["Ada é" "' + (await page.title()) + '" "Lovelace"]');
  expect(editor.text.split("name? ")).toHaveLength(2);
  await isAlive(page);
  await expectNoReload(page);
  editor.close();
});

test("what waits for input in the page is interrupted, and gives way to an edit", async ({
  page,
  jank,
  jankServer,
}) => {
  await openPage(page, jank);
  const { editor, session } = await reading(jankServer, "(do (read-line) :not-reached)");
  editor.send({ op: "interrupt", id: "2", session });
  await expect.poll(() => editor.text).toContain("interrupted");
  await isAlive(page);
  editor.close();
  const other = await reading(jankServer, "(do (read-line) :not-reached)");
  await jank.patch("eita.jank", edit("(+ 48 v)", "(+ 49 v)"));
  await expectCall(page, 10, 59);
  await expect.poll(() => other.editor.text).toContain("InterruptedException");
  expect(other.editor.text).not.toContain(":not-reached");
  await isAlive(page);
  await expectNoReload(page);
  other.editor.close();
});

test("a saved fix reaches a page that hangs in the code that it mends", async ({ page, jank }) => {
  await openPage(page, jank);
  const before = await ticks(page);
  // The page calls it four times a second.
  await jank.patch("eita.jank", edit("(defn tick []", "(defn tick []\n  (loop [] (recur))"));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await jank.patch("eita.jank", edit("\n  (loop [] (recur))", ""));
  await isAlive(page);
  expect(await ticks(page)).toBeGreaterThanOrEqual(before);
  await expectNoReload(page);
});

test("without a server, an evaluation ends after its time, and the page goes on", async ({
  page,
  jank,
}) => {
  await openPage(page, jank);
  const result = await page.evaluate(async () => {
    const { connect } = (await import("/jank/index.js" as string)) as {
      connect(options: object): {
        jankEval(code: string): Promise<{ value: string }>;
        close(): void;
      };
    };
    const client = connect({ compiler: "local", evalTimeout: 0.5 });
    await client.jankEval("(def kept (atom 7))");
    const error = await client.jankEval("(loop [] (recur))").catch((reason: Error) => reason);
    const { value } = await client.jankEval("@kept");
    client.close();
    return { error: String(error), value };
  });
  expect(result.error).toMatch(/interrupted/i);
  expect(result.value).toBe("7");
  expect(await invoke(page, "eita/ggg", 10)).toBe(58);
});
