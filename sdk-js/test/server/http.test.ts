import assert from "node:assert/strict";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import type { ErrorReport, PageReport } from "../../src/protocol.js";
import { http, TestServer } from "./harness.js";

const EITA = `(ns eita)
(defn ggg [v] (+ 48 v))
`;

let server: TestServer;
let outside: string;

before(async () => {
  outside = mkdtempSync(join(tmpdir(), "jank-outside-"));
  writeFileSync(join(outside, "secret.txt"), "confidential");
  server = await TestServer.start({
    "src/eita.jank": EITA,
    "index.html": "<!doctype html><title>page</title>",
    "style.css": "body {}",
    "main.js": "export {};",
    "data.json": "{}",
    "with space é.txt": "found",
    "sub/index.html": "sub",
    ".env": "confidential",
    ".git/config": "confidential",
    "server.key": "confidential",
    "cert.PEM": "confidential",
    id_ed25519: "confidential",
    "x.unknown": "bytes",
  });
  symlinkSync(join(outside, "secret.txt"), join(server.root, "link.txt"));
  symlinkSync(outside, join(server.root, "linked"));
  symlinkSync(join(server.root, "style.css"), join(server.root, "alias.css"));
  symlinkSync(join(server.root, ".env"), join(server.root, "alias.env"));
  symlinkSync(join(server.root, ".env"), join(server.root, "alias.txt"));
});
after(async () => {
  await server.close();
  rmSync(outside, { recursive: true });
});

/** Bytes as they are; what comes back until the server closes or is quiet. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((done) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.setTimeout(300, () => socket.destroy());
    socket.on("data", (bytes) => (answer += bytes.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => done(answer));
  });
}

const isAlive = async () => assert.equal((await server.http("/status")).status, 200);

// ---- Files --------------------------------------------------------------------

const FILES: [string, string][] = [
  ["/", "text/html; charset=utf-8"],
  ["/index.html?x=1", "text/html; charset=utf-8"],
  ["/sub/", "text/html; charset=utf-8"],
  ["/style.css", "text/css; charset=utf-8"],
  ["/alias.css", "text/css; charset=utf-8"],
  ["/main.js", "text/javascript; charset=utf-8"],
  ["/data.json", "application/json"],
  ["/with%20space%20%C3%A9.txt", "application/octet-stream"],
  ["/src/eita.jank", "text/plain; charset=utf-8"],
  ["/x.unknown", "application/octet-stream"],
  ["/jank/index.js", "text/javascript; charset=utf-8"],
  ["/jank/jank.mjs", "text/javascript; charset=utf-8"],
  ["/jank/jank.wasm", "application/wasm"],
];

for (const [path, type] of FILES)
  test(`${path} is ${type}`, async () => {
    const { status, headers, text } = await server.http(path);
    assert.deepEqual([status, headers["content-type"]], [200, type]);
    assert.ok(text.length > 0);
  });

test("a page may run WebAssembly and nothing that is not its own", async () => {
  const { headers } = await server.http("/");
  assert.match(
    headers["content-security-policy"] as string,
    /script-src 'self' 'wasm-unsafe-eval';.*frame-ancestors 'none'/,
  );
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["cross-origin-resource-policy"], "same-origin");
  assert.equal(headers["cache-control"], "no-cache");
  assert.equal(headers["access-control-allow-origin"], undefined);
});

test("HEAD has the headers and no body", async () => {
  const { status, headers, text } = await server.http("/style.css", { method: "HEAD" });
  assert.deepEqual([status, headers["content-length"], text], [200, "7", ""]);
});

for (const path of [
  "/nope.html",
  "/sub",
  "/.env",
  "/.git/config",
  "/.nrepl-port",
  "/%2eenv",
  "/sub/..%2f..%2f..%2fetc%2fpasswd",
  "/..%2f..%2fetc/passwd",
  "/../../../../etc/passwd",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/....//....//etc/passwd",
  "/%2fetc/passwd",
  "/..%5c..%5cetc/passwd",
  "/..\\..\\etc\\passwd",
  "/style.css%00.html",
  "/jank/../../package.json",
  "/jank/..%2f..%2f..%2fpackage.json",
  "/link.txt",
  "/linked/secret.txt",
  "/style.css/",
  "/alias.env",
  "/alias.txt",
  "/server.key",
  "/cert.PEM",
  "/id_ed25519",
  "/.jank-hot/token",
  "/sub//index.html",
  "/sub%2findex.html",
  "/sub%5cindex.html",
  "/style%252ecss",
  "/style.css%20",
  "/style.css.",
  "/style.css%3fraw",
  "/style.css%23",
  "/style.css::$DATA",
  "/jank/%2e%2e/index.html",
])
  test(`${path} is not there`, async () => {
    const { status, text } = await server.http(path);
    assert.equal(status, 404);
    assert.doesNotMatch(text, /confidential|root:|dependencies/);
  });

test("addresses that are none", async () => {
  assert.equal((await server.http("/%zz")).status, 400);
  for (const line of ["GET //", "GET //[", "GET http://[::1", "OPTIONS *", "GET \u0000"]) {
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    const host = `Host: localhost:${server.server.port}\r\n`;
    assert.match(await raw(server.server.port, `${line} HTTP/1.1\r\n${host}\r\n`), / 40[0-9] /);
    await raw(server.server.port, `${line} HTTP/1.1\r\n${host}${upgrade}\r\n`);
    await raw(server.server.wsPort, `${line} HTTP/1.1\r\n${host}${upgrade}\r\n`);
  }
  await isAlive();
});

test("what is no HTTP harms nobody", async () => {
  for (const port of [server.server.port, server.server.wsPort]) {
    assert.match(await raw(port, "nonsense\r\n\r\n"), /^HTTP\/1\.1 400 /);
    // An editor that looks for nREPL here is told in its own language.
    const refused = await raw(port, "d2:op5:clone2:id1:1ed2:op4:eval4:code1:1e");
    assert.match(
      refused,
      /^d3:err\d+:this is not the nREPL port.*6:statusl5:error9:not-nrepl4:doneee$/s,
    );
    await raw(port, "\u0016\u0003\u0001\u0000");
  }
  await isAlive();
});

// ---- /eval ----------------------------------------------------------------------

test("POST /eval: value, namespace and output", async () => {
  const { status, headers, json } = await server.eval('(ns eita) (println "hi") (ggg 10)');
  assert.equal(status, 200);
  assert.equal(headers["cache-control"], "no-store");
  const { ok, value, ns, out, err, pages } = json ?? {};
  assert.deepEqual([ok, value, ns, out, err, pages], [true, "58", "eita", "hi\n", "", []]);
});

test("POST /eval: one entry for each page, with what it installed and how long that took", async () => {
  const willing = (await server.page("willing")).obey();
  const silent = await server.page("silent");
  const { json } = await server.eval("(ns eita) (defn ggg [v] (+ 100 v))");
  const pages = json?.pages as PageReport[];
  assert.deepEqual(
    pages.map(({ name, status, patches, installMs }) => [name, status, patches, installMs]),
    [
      ["willing", "installed", 2, 2],
      ["silent", "silent", 0, 0],
    ],
  );
  assert.equal(json?.value, "#'eita/ggg");
  willing.destroy();
  silent.destroy();
});

test("POST /eval: an error is 400, with file, line, column and the line itself", async () => {
  const { status, json } = await server.eval("(ns eita)\n(defn ggg [v]\n  (+ nope v))");
  const error = json?.error as ErrorReport;
  assert.deepEqual([status, json?.ok, error.phase, error.line], [400, false, "compile", 3]);
  assert.match(error.message, /nope/);
  assert.match(error.excerpt ?? "", /3 \|.*\n +\^/);
  assert.equal((await server.eval("(eita/ggg 10)")).json?.ok, true);
});

for (const [code, message] of [
  ["(", /EOF/],
  [")", /unmatched|delimiter|\)/i],
  ["(inc)", /argument/],
  ["(1 2)", /function/],
  ["(inc :a)", /number/],
  ["(/ 1 0)", /zero/],
  ['(throw (ex-info "boom" {:a 1}))', /boom/],
  ["(ns x (:require [no.such.ns]))", /no\.such\.ns/],
] as const)
  test(`POST /eval ${code} says what is wrong`, async () => {
    const { status, json } = await server.eval(code);
    assert.equal(status, 400);
    assert.match((json?.error as ErrorReport).message, message);
    await isAlive();
  });

test("POST /eval: endless recursion is an error, and the server goes on", async () => {
  const { status, json } = await server.eval("(defn deep [n] (inc (deep n))) (deep 1)");
  assert.equal(status, 400);
  assert.match((json?.error as ErrorReport).class, /StackOverflow/);
  assert.equal((await server.eval("(+ 1 2)")).json?.value, "3");
});

test("POST /eval: nothing gives nothing", async () => {
  assert.equal((await server.eval("")).status, 200);
  assert.equal((await server.eval(" ; nothing\n")).status, 200);
});

test("POST /eval: the body has a limit, and the answer comes", async () => {
  const { status, json } = await server.eval(`(str "${"x".repeat(3 * 1024 * 1024)}")`);
  assert.equal(status, 413);
  assert.match(JSON.stringify(json), /1 MiB/);
  assert.equal((await server.eval(`"${"x".repeat(900_000)}"`)).status, 200);
});

test("/eval takes POST only, and files are not for writing", async () => {
  assert.equal((await server.http("/eval")).status, 405);
  assert.equal((await server.http("/index.html", { method: "PUT", body: "x" })).status, 405);
  assert.equal((await server.http("/index.html", { method: "DELETE" })).status, 405);
});

// ---- Who may ---------------------------------------------------------------------

const code = "(def intruder true)";
const intrusions: [string, Record<string, string>][] = [
  ["a foreign origin", { origin: "http://evil.test" }],
  ["a foreign origin on the same port", { origin: "http://evil.test:8080" }],
  ["a sandboxed frame", { origin: "null" }],
  ["another local server's page", { origin: "http://localhost:3000" }],
  ["another site, without Origin", { "sec-fetch-site": "cross-site" }],
  ["a rebound name", { host: "evil.test" }],
  ["a malformed Host", { host: "[[" }],
];

for (const [who, headers] of intrusions)
  test(`${who} can neither evaluate nor read`, async () => {
    const answer = await server.http("/eval", { method: "POST", body: code, headers });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
    assert.equal((await server.http("/status", { headers })).status, 403);
    assert.equal((await server.http("/src/eita.jank", { headers })).status, 403);
    assert.equal((await server.eval("(resolve 'user/intruder)")).json?.value, "nil");
  });

test("a browser's preflight is not answered", async () => {
  const headers = { origin: "http://evil.test", "access-control-request-method": "POST" };
  const answer = await server.http("/eval", { method: "OPTIONS", headers });
  assert.equal(answer.status, 403);
});

test("our own pages may evaluate", async () => {
  const { port } = server.server;
  for (const name of ["localhost", "127.0.0.1", "[::1]"]) {
    const host = `${name}:${port}`;
    const [cookie] = (await server.http("/", { headers: { host } })).headers["set-cookie"] ?? [];
    const headers = { host, origin: `http://${host}`, cookie: cookie?.split(";")[0] as string };
    assert.equal((await server.http("/eval", { method: "POST", body: "1", headers })).status, 200);
    assert.equal((await server.http("/style.css")).headers["set-cookie"], undefined);
  }
});

test("a page that this server did not serve may not, whatever its origin says", async () => {
  const { port, token } = server.server;
  const headers = { origin: `http://localhost:${port}` };
  const { status, text } = await server.http("/eval", { method: "POST", body: "1", headers });
  assert.equal(status, 403);
  assert.match(text, /no token of this server/);
  assert.ok(!text.includes(token));
  const named = await server.http(`/eval?token=${token}`, { method: "POST", body: "1", headers });
  assert.equal(named.status, 200);
});

test("the token is in a file for its owner alone, and nobody else is told", async () => {
  const { token } = server.server;
  const file = join(server.root, ".jank-hot/token");
  assert.equal(readFileSync(file, "utf8").split("\n")[0], token);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal((await server.http("/.jank-hot/token")).status, 404);
  assert.ok(!JSON.stringify((await server.http("/status")).json).includes(token));
  assert.ok(!server.lines.join("\n").includes(token));
});

test("a page that is open while the server starts again keeps its permission", async () => {
  const other = await TestServer.start({ "index.html": "<p>page</p>" });
  const { token, port } = other.server;
  await other.restart();
  assert.notEqual(other.server.token, token);
  const headers = { origin: `http://localhost:${port}`, cookie: `jank-hot-${port}=${token}` };
  const url = `ws://localhost:${port}/repl`;
  const socket = new WebSocket(url, { headers });
  const [response] = (await once(socket, "upgrade")) as [IncomingMessage];
  assert.match(response.headers["set-cookie"]?.[0] ?? "", new RegExp(`=${other.server.token};`));
  socket.terminate();
  await other.close();
});

test("an origin that was allowed may evaluate; over plain http, with the token", async () => {
  const allowedOrigins = ["https://app.test", "http://app.test"];
  const other = await TestServer.start({}, { allowedOrigins });
  const from = (origin: string) => ({ method: "POST", body: "1", headers: { origin } });
  assert.equal((await other.http("/eval", from("https://app.test"))).status, 200);
  assert.equal((await other.http("/eval", from("http://app.test"))).status, 403);
  const named = `/eval?token=${other.server.token}`;
  assert.equal((await other.http(named, from("http://app.test"))).status, 200);
  assert.equal((await other.http(named, from("http://evil.test"))).status, 403);
  await other.close();
});

test("a link on another site may lead to the page, not to what it holds", async () => {
  const headers = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  assert.equal((await server.http("/", { headers })).status, 200);
  assert.equal((await server.http("/status", { headers })).status, 403);
  const script = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
  assert.equal((await server.http("/main.js", { headers: script })).status, 403);
});

// ---- /status, ports ----------------------------------------------------------------

test("GET /status", async () => {
  const { json } = await server.http("/status");
  const { port, wsPort, nreplPort } = server.server;
  assert.deepEqual(json?.ports, { http: port, webSocket: wsPort, nrepl: nreplPort });
  assert.match(json?.epoch as string, /^[0-9a-f]{16}$/);
  assert.equal(typeof (json?.runtime as Record<string, unknown>).registered_symbols, "number");
});

for (const [option, name] of [
  ["port", "--port"],
  ["wsPort", "--ws-port"],
  ["nreplPort", "--nrepl-port"],
] as const)
  test(`a port in use names the port and ${name}, and leaves nothing open`, async () => {
    const taken = server.server.nreplPort;
    await assert.rejects(TestServer.start({}, { [option]: taken }), {
      name: "PortError",
      message: new RegExp(` ${taken} is in use.*${name}`),
    });
  });

test("an unused folder without sources can be served", async () => {
  const folder = mkdtempSync(join(tmpdir(), "jank-empty-"));
  mkdirSync(join(folder, "only-this"));
  const other = await TestServer.start({}, { root: folder });
  assert.equal((await http(other.server.port, "/")).status, 404);
  await other.close();
  rmSync(folder, { recursive: true });
});

for (const host of ["0.0.0.0", "::", "127.evil.test", "10.0.0.1"]) {
  test(`the server does not listen on ${host}`, async () => {
    await assert.rejects(TestServer.start({}, { host }), {
      name: "PortError",
      message: /not a loopback address.*--host/,
    });
  });
}
