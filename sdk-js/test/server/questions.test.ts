// What a page asks in the middle of what it runs, over HTTP: /interrupt and /input, on
// the page's port and on the WebSocket's.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeBencode } from "../../src/server/bencode.js";
import { http, summary, TestServer, until, type NreplConnection } from "./harness.js";

let server: TestServer;
let nrepl: NreplConnection;

before(async () => {
  server = await TestServer.start();
  nrepl = await server.nrepl();
});
after(() => server.close());

const NOTHING = JSON.stringify({ out: "", err: "" });

const input = (query: string, body = NOTHING, port = server.server.port) =>
  http(port, `/input?${query}`, { method: "POST", body });

/** An evaluation that was sent to a page, which has not run it. */
async function running(name: string) {
  const page = await server.page(name);
  const session = await nrepl.clone();
  await nrepl.request({ op: "jank/select-runtime", session, runtime: name });
  const id = `run-${name}`;
  nrepl.socket.write(encodeBencode({ op: "eval", code: "(read-line)", id, session }));
  const run = await page.next("run");
  const ask = (printed?: string) => input(`client=${name}&run=${run.id}`, printed);
  const answers = () => summary(nrepl.messages.filter((message) => message.id === id));
  return { page, session, run, ask, answers };
}

test("a line is there when it was typed; until then the question is put again, and asked once", async () => {
  const { page, session, run, ask, answers } = await running("first");
  const begun = performance.now();
  const { status, json } = await ask(JSON.stringify({ out: "name? ", err: "!" }));
  assert.deepEqual([status, json], [200, {}]);
  assert.ok(performance.now() - begun > 300, "it is waited for");
  assert.deepEqual((await ask()).json, {});
  const { out, err, status: said } = answers();
  assert.deepEqual([out, err, said], ["name? ", "!", ["need-input"]]);
  const typed = ask();
  await nrepl.request({ op: "stdin", session, stdin: "é\nnext\n" });
  assert.deepEqual((await typed).json, { line: "é" });
  assert.deepEqual((await ask()).json, { line: "next" });
  const result = { id: run.id, ns: "user", value: "1", out: "", err: "", installMs: 1 };
  page.send({ type: "eval_result", ...result });
  await until("the value", () => answers().status.includes("done"));
  assert.deepEqual((await ask()).json, { line: null }, "it has ended");
});

test("what is interrupted is told to stop; another page has no part in it", async () => {
  const { session, run, ask, answers } = await running("second");
  await server.page("third");
  assert.deepEqual((await input(`client=third&run=${run.id}`)).json, { line: null });
  const query = `/interrupt?client=second&run=${run.id}`;
  assert.deepEqual((await server.http(query)).json, { stop: false });
  const open = ask();
  await until("need-input", () => answers().status.includes("need-input"));
  await nrepl.request({ op: "interrupt", session });
  assert.deepEqual((await open).json, { line: false });
  assert.deepEqual((await server.http(query)).json, { stop: true });
  assert.deepEqual((await ask()).json, { line: false });
});

for (const name of ["port", "wsPort"] as const) {
  const to = (path: string, options = {}) => http(server.server[name], path, options);

  test(`${name}: a page that is not there, or runs nothing, has no input and goes on`, async () => {
    for (const query of ["", "client=nobody", "client=nobody&run=1", "client=&run="]) {
      assert.deepEqual((await input(query, NOTHING, server.server[name])).json, { line: null });
      assert.deepEqual((await to(`/interrupt?${query}`)).json, { stop: false });
    }
  });

  test(`${name}: what is no such question is refused, and the next one is answered`, async () => {
    const { run } = await running(`asks ${name}`);
    const path = `/input?client=asks%20${name}&run=${run.id}`;
    assert.equal((await to(path)).status, 405);
    assert.equal((await to("/interrupt", { method: "POST", body: "" })).status, 405);
    for (const body of ["", "{", "null", "[]", '"out"', '{"out":"a"}', '{"out":1,"err":""}']) {
      const { status, text } = await to(path, { method: "POST", body });
      assert.equal(status, 400, `${body}: ${text}`);
    }
    const large = JSON.stringify({ out: "x".repeat(1024 * 1024), err: "" });
    assert.equal((await to(path, { method: "POST", body: large })).status, 413);
    assert.deepEqual((await to(path, { method: "POST", body: NOTHING })).json, {});
  });

  for (const origin of ["https://evil.test", "null", "http://localhost:1"])
    test(`${name}: a page of ${origin} may not ask`, async () => {
      const headers = { origin };
      for (const [path, method] of [
        ["/input", "POST"],
        ["/interrupt", "GET"],
      ] as const) {
        const { status, text } = await to(path, { method, headers });
        assert.equal(status, 403);
        assert.doesNotMatch(text, /line|stop/);
      }
    });
}
