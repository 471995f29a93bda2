// What development servers have been attacked with, tried on this one with bare
// sockets: each row is an attack, and it fails. Nothing was evaluated, nothing
// confidential was told, and the server answers the next honest request. What
// takes a browser is in e2e/attacks.spec.ts.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { encodeBencode } from "../../src/server/bencode.js";
import { PROTOCOL_VERSION } from "../../src/protocol.js";
import { TestServer } from "./harness.js";

const CODE = "(def intruder true)";
const SECRET = "confidential";
/** Of what may not be read by others, or not at all. */
const CONFIDENTIAL = /confidential|root:.*:0:0|defn ggg/;

type Port = "port" | "wsPort" | "nreplPort";

let server: TestServer;
let sibling: string;

before(async () => {
  server = await TestServer.start({
    "src/eita.jank": "(ns eita)\n(defn ggg [v] (+ 48 v))\n",
    "index.html": "<p>page</p>",
    "main.js": `const source = "${SECRET}"; // of the application`,
    ".env": SECRET,
    "server.key": SECRET,
  });
  // A name that begins as the folder's: a guard that compares texts lets it pass.
  sibling = `${server.root}-other`;
  mkdirSync(sibling);
  writeFileSync(join(sibling, "secret.txt"), SECRET);
  symlinkSync(sibling, join(server.root, "elsewhere"));
});

after(async () => {
  await server.close();
  rmSync(sibling, { recursive: true });
});

/** Sends the bytes; what came back when the server has ended it, or is quiet. */
function attack(port: Port, bytes: string | Buffer): Promise<string> {
  return new Promise((done) => {
    let answer = "";
    const socket = connect(server.server[port], "127.0.0.1", () => socket.write(bytes));
    socket.setTimeout(400, () => socket.destroy());
    socket.on("data", (data) => (answer += data.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => done(answer));
  });
}

async function expectNothingHappened(answer: string): Promise<void> {
  assert.doesNotMatch(answer, CONFIDENTIAL);
  assert.ok(!answer.includes(server.server.token), "the token is told");
  assert.ok(!server.lines.join("\n").includes(server.server.token), "the token is logged");
  const { json } = await server.eval("(resolve 'user/intruder)");
  assert.equal(json?.value, "nil", "something was evaluated");
  const page = await server.page();
  await page.settle();
  page.destroy();
  const nrepl = await server.nrepl();
  assert.equal((await nrepl.request({ op: "eval", code: "(+ 1 2)" }))[0]?.value, "3");
  nrepl.destroy();
}

// ---- Requests ---------------------------------------------------------------------

const own = (port: Port = "port") => `localhost:${server.server[port]}`;

/** `OURS` in a header stands for this server's own name and port. */
function request(
  line: string,
  headers: Record<string, string>,
  body = "",
  port: Port = "port",
): string {
  const length = body && { "Content-Length": `${body.length}` };
  const all = { Host: "OURS", Connection: "close", ...length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}\r\n${body}`.replaceAll("OURS", own(port));
}

const STAYS = { Connection: "keep-alive" };

const UPGRADE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** A text message as a client sends it. */
function frame(text: string, firstByte = 0x81): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  payload.forEach((byte, i) => (payload[i] = byte ^ (mask[i % 4] as number)));
  const length = Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([Buffer.from([firstByte]), length, mask, payload]);
}

const HANDSHAKE = JSON.stringify({
  type: "handshake",
  version: PROTOCOL_VERSION,
  location: "",
  clientId: "intruder",
  name: "intruder",
  epoch: null,
  seq: 0,
});
const EVAL = JSON.stringify({ type: "eval", id: "1", code: CODE });

/** The upgrade and, not waiting for its answer, what the page would send. */
const socketAttack = (headers: Record<string, string>, path = "/repl", port: Port = "wsPort") =>
  Buffer.concat([
    Buffer.from(request(`GET ${path}`, { ...UPGRADE, ...headers }, "", port)),
    frame(HANDSHAKE),
    frame(EVAL),
  ]);

const evalAttack = (headers: Record<string, string>, path = "/eval") =>
  request(`POST ${path}`, headers, CODE);

const evil = { Origin: "http://evil.test" };
const bencode = encodeBencode({ op: "eval", code: CODE, id: "1" }).toString();

// ---- The table ---------------------------------------------------------------------

interface Row {
  attack: string;
  port?: Port;
  bytes: () => string | Buffer;
  answer: RegExp;
}

const FORBIDDEN = /^HTTP\/1\.1 403 /;
const ABSENT = /^HTTP\/1\.1 40[04] /;
const MALFORMED = /^HTTP\/1\.1 400 /;

const WEBSOCKETS: Row[] = (
  [
    ["Vite CVE-2025-24010, Vitest CVE-2025-24964: any page opens the WebSocket", evil],
    [
      "Storybook CVE-2026-27148: a page of another local server",
      { Origin: "http://localhost:6006" },
    ],
    [
      "webpack-dev-server CVE-2018-14732: without a check of Origin",
      { Origin: "https://evil.test" },
    ],
    [
      "webpack-dev-server CVE-2025-30360: an Origin that is an IP address",
      { Origin: "http://1.2.3.4" },
    ],
    ["CVE-2025-30360: our address at another port", { Origin: "http://127.0.0.1:1" }],
    ["CVE-2025-30360: an IPv6 address", { Origin: "http://[2001:db8::1]:8080" }],
    ["a sandboxed frame", { Origin: "null" }],
    ["a local file", { Origin: "file://" }],
    ["an extension", { Origin: "chrome-extension://abcdefghijklmnop" }],
    ["an Origin that begins as ours", { Origin: "http://OURS.evil.test" }],
    ["an Origin that ends as ours", { Origin: "http://evil.test/http://OURS" }],
    ["an Origin with ours as its user", { Origin: "http://OURS@evil.test" }],
    ["two Origins in one", { Origin: "http://OURS, http://evil.test" }],
    ["an empty Origin", { Origin: "" }],
    ["Vite CVE-2025-24010: DNS rebinding", { Host: "evil.test", Origin: "http://evil.test" }],
    ["DNS rebinding at our port", { Host: "evil.test:8080", Origin: "http://evil.test:8080" }],
    ["a page of ours that another server left open", { Origin: "http://OURS" }],
    ["a guessed token", { Origin: "http://OURS", Cookie: `jank-hot-1=${"A".repeat(43)}` }],
    ["an old browser, without Origin", { "Sec-Fetch-Site": "cross-site" }],
  ] as [string, Record<string, string>][]
).flatMap(([what, headers]) =>
  (["wsPort", "port"] as const).map((port) => ({
    attack: `WebSocket, ${port}: ${what}`,
    port,
    bytes: () => socketAttack(headers, "/repl", port),
    answer: FORBIDDEN,
  })),
);

const HOSTS: Row[] = [
  "",
  "[",
  "[[]]",
  "]",
  "a b",
  "%zz",
  "localhost:99999",
  "http://",
  "\u0001",
  "é",
]
  .flatMap((host) => [
    { bytes: () => evalAttack({ Host: host }), what: "POST /eval", port: "port" as const },
    { bytes: () => socketAttack({ Host: host }), what: "upgrade", port: "wsPort" as const },
  ])
  .map(({ bytes, what, port }, i) => ({
    attack: `webpack-dev-server, a crash on a malformed Host (${i >> 1}), ${what}`,
    port,
    bytes,
    answer: /^HTTP\/1\.1 40[03] /,
  }));

const EVALUATIONS: Row[] = (
  [
    ["a text/plain POST, which needs no preflight", evil],
    ["a form", { ...evil, "Content-Type": "application/x-www-form-urlencoded" }],
    ["JSON", { ...evil, "Content-Type": "application/json" }],
    ["a sandboxed frame", { Origin: "null" }],
    [
      "fetch no-cors of an old browser",
      { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" },
    ],
    ["a page of the same site at another port", { "Sec-Fetch-Site": "same-site" }],
    [
      "a form that navigates",
      {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
      },
    ],
    ["DNS rebinding", { Host: "evil.test" }],
    [
      "DNS rebinding with our name in proxies' headers",
      { Host: "evil.test", "X-Forwarded-Host": "OURS", Forwarded: "host=OURS" },
    ],
    ["our name as the user of another", { Host: "OURS@evil.test" }],
    ["two Hosts, ours first", { Host: "OURS\r\nHost: evil.test" }],
    ["two Hosts, ours last", { Host: "evil.test\r\nHost: OURS" }],
    ["two Origins, ours first", { Origin: "http://OURS\r\nOrigin: http://evil.test" }],
    ["our Origin, without the token", { Origin: "http://OURS" }],
  ] as [string, Record<string, string>][]
).map(([what, headers]) => ({
  attack: `POST /eval: ${what}`,
  bytes: () => evalAttack(headers),
  answer: FORBIDDEN,
}));

const READING: Row[] = [
  {
    attack: "esbuild GHSA-67mh-4wv8-2f99: a page of any origin reads the sources",
    bytes: () => request("GET /src/eita.jank", evil),
    answer: FORBIDDEN,
  },
  {
    attack:
      "webpack-dev-server CVE-2025-30359: a classic script brings the bundle to a foreign page",
    bytes: () =>
      request("GET /main.js", {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "no-cors",
        "Sec-Fetch-Dest": "script",
      }),
    answer: FORBIDDEN,
  },
  {
    attack: "the same from another port of this machine",
    bytes: () =>
      request("GET /main.js", { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors" }),
    answer: FORBIDDEN,
  },
  {
    attack: "a frame",
    bytes: () =>
      request("GET /", {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "iframe",
      }),
    answer: FORBIDDEN,
  },
  {
    attack: "/status of a foreign page",
    bytes: () => request("GET /status", evil),
    answer: FORBIDDEN,
  },
  {
    attack: "a preflight",
    bytes: () => request("OPTIONS /eval", { ...evil, "Access-Control-Request-Method": "POST" }),
    answer: FORBIDDEN,
  },
  {
    attack: "a preflight for a private network",
    bytes: () =>
      request("OPTIONS /eval", { ...evil, "Access-Control-Request-Private-Network": "true" }),
    answer: FORBIDDEN,
  },
];

/** Vite's guard of files and the ways around it; other servers' ways. */
const PATHS = [
  // CVE-2025-30208, CVE-2025-31125, CVE-2025-31486: queries that the guard saw as others
  "/.env?raw??",
  "/.env?import&raw??",
  "/.env?import&raw",
  "/.env?raw&import",
  "/.env?inline&import",
  "/.env?.svg?.wasm?init",
  "/.env?raw?import",
  "/.env?url",
  "/@fs/etc/passwd",
  "/@fs/etc/passwd?raw??",
  "/@fs/etc/passwd?import&raw??",
  "/@fs/etc/passwd?import&?inline=1.wasm?init",
  "/@fs/x/x/x/vite/client/?/../../../../../../etc/passwd?import&?raw",
  "/@fs//etc/passwd",
  "/@id/.env",
  // CVE-2025-32395: a fragment in the request
  "/@fs/x/#/../../../../../etc/passwd",
  "/index.html#/../.env",
  "/.env#",
  "/#/../.env",
  // CVE-2025-46565, CVE-2025-62522: what the file system takes away at the end
  "/.env/.",
  "/.env/",
  "/.env//",
  "/.env.",
  "/.env%20",
  "/.env\\",
  "/.env%5c",
  "/.env::$DATA",
  "/server.key.",
  "/server.key%20",
  "/server.key/.",
  "/server.key?raw",
  "/server.KEY",
  // CVE-2023-34092, CVE-2024-23331: slashes, and case
  "//.env",
  "/.//.env",
  "/.EnV",
  // CVE-2025-58751: links and names beside the folder
  "/elsewhere/secret.txt",
  // Climbing
  "/../../../../../../etc/passwd",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  "/..%2f..%2f..%2f..%2fetc%2fpasswd",
  "/..%5c..%5c..%5cetc%5cpasswd",
  "/..\\..\\..\\etc\\passwd",
  "/%252e%252e/%252e%252e/%252e%252e/etc/passwd",
  "/%c0%ae%c0%ae/etc/passwd",
  "/%uff0e%uff0e/etc/passwd",
  "/....//....//....//etc/passwd",
  "/..;/..;/etc/passwd",
  "/jank/../.env",
  "/jank/%2e%2e/%2e%2e/package.json",
  "/jank/..%2f..%2fpackage.json",
  "/%2fetc/passwd",
  "/file:///etc/passwd",
  "/src/..%00/.env",
  // Cutting off
  "/.env%00.html",
  "/.env%00",
  "/.env%0a",
  "/.env%23.html",
  "/.env%3f.html",
  "/%2eenv",
  "/%2Eenv",
  "/%252eenv",
  // The token
  "/.jank-hot/token",
  "/%2ejank-hot/token",
  "/.jank-hot%2ftoken",
  "/.jank-hot",
  "/.nrepl-port",
];

const FILES: Row[] = PATHS.flatMap((path) => [
  { attack: `GET ${path}`, bytes: () => request(`GET ${path}`, {}), answer: ABSENT },
  {
    attack: `GET http://…${path}`,
    bytes: () => request(`GET http://OURS${path}`, {}),
    answer: MALFORMED,
  },
]);

const TRANSPORTS: Row[] = [
  {
    attack: "a page posts bencode to the nREPL port",
    port: "nreplPort",
    bytes: () => request("POST /", { ...evil, "Content-Type": "text/plain" }, bencode, "nreplPort"),
    answer: /^d3:err.*bad-message.*e$/s,
  },
  {
    attack: "a page posts a form of bencode in lines of its own to the nREPL port",
    port: "nreplPort",
    bytes: () => request("POST /", evil, `x=\r\n${bencode}\r\n${bencode}`, "nreplPort"),
    answer: /^d3:err.*bad-message.*e$/s,
  },
  {
    attack: "TLS to the nREPL port, with bencode in its hello",
    port: "nreplPort",
    bytes: () => `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${bencode}`,
    answer: /^d3:err.*bad-message.*e$/s,
  },
  {
    attack: "STUN, as WebRTC sends it to any TCP port, with bencode in it",
    port: "nreplPort",
    bytes: () => `\x00\x03\x00\x24\x21\x12\xa4\x42${bencode}`,
    answer: /^d3:err.*bad-message.*e$/s,
  },
  {
    attack: "a message of bencode that breaks off, and begins again",
    port: "nreplPort",
    bytes: () => `d2:op${bencode}${bencode}`,
    answer: /bad-message/,
  },
  ...(["port", "wsPort"] as const).map((port) => ({
    attack: `an editor's bencode at the ${port}: its default, 7888, is our WebSocket`,
    port,
    bytes: () => bencode.repeat(3),
    answer: /^d3:err.*not the nREPL port.*not-nrepl.*e$/s,
  })),
  {
    attack: "a request in the body of a refused one",
    bytes: () => request("POST /eval", { ...evil, ...STAYS }, evalAttack({})),
    answer: /^HTTP\/1\.1 403 (?!.*HTTP\/1\.1)/s,
  },
  {
    attack: "a request in the body of another method's",
    bytes: () => request("GET /", { ...evil, ...STAYS }, evalAttack({})),
    answer: /^HTTP\/1\.1 403 (?!.*HTTP\/1\.1)/s,
  },
  {
    attack: "a length beside a chunked body",
    bytes: () =>
      request(
        "POST /status",
        { ...STAYS, "Transfer-Encoding": "chunked" },
        `0\r\n\r\n${evalAttack({})}`,
      ),
    answer: /^HTTP\/1\.1 400 (?!.*HTTP\/1\.1)/s,
  },
  {
    attack: "two lengths",
    bytes: () => request("POST /eval", { "Content-Length": "0\r\nContent-Length: 5" }, CODE),
    answer: MALFORMED,
  },
  {
    attack: "a folded header",
    bytes: () => evalAttack({ "X-A": `b\r\n ${"c"}`, Origin: "http://evil.test" }),
    answer: /^HTTP\/1\.1 40[03] /,
  },
  {
    attack: "HTTP/1.0 without Host",
    bytes: () => `POST /eval HTTP/1.0\r\nContent-Length: ${CODE.length}\r\n\r\n${CODE}`,
    answer: /^HTTP\/1\.1 40[03] /,
  },
  { attack: "HTTP/0.9", bytes: () => "GET /main.js\r\n\r\n", answer: FORBIDDEN },
  {
    attack: "the preface of HTTP/2",
    bytes: () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    answer: MALFORMED,
  },
  {
    attack: "CONNECT to the nREPL port",
    bytes: () => request(`CONNECT localhost:${server.server.nreplPort}`, {}) + bencode,
    answer: /^$/,
  },
  {
    attack: "a method in a header",
    bytes: () =>
      request(`GET /eval?${encodeURIComponent(CODE)}`, {
        ...evil,
        "X-HTTP-Method-Override": "POST",
      }),
    answer: FORBIDDEN,
  },
  {
    attack: "code in the address",
    bytes: () => request(`GET /eval?code=${encodeURIComponent(CODE)}`, {}),
    answer: /^HTTP\/1\.1 405 /,
  },
  {
    attack: "an upgrade elsewhere than at /repl",
    bytes: () => socketAttack({}, "/eval", "port"),
    answer: ABSENT,
  },
  {
    attack: "an upgrade to another protocol",
    bytes: () => request("GET /repl", { Connection: "Upgrade", Upgrade: "h2c" }),
    answer: MALFORMED,
  },
  {
    attack: "messages before the handshake",
    port: "wsPort",
    bytes: () =>
      Buffer.concat([Buffer.from(request("GET /repl", UPGRADE, "", "wsPort")), frame(EVAL)]),
    answer: /101 .*a handshake must come first/s,
  },
  {
    attack: "compressed messages, which were not agreed on",
    port: "wsPort",
    bytes: () =>
      Buffer.concat([
        Buffer.from(
          request(
            "GET /repl",
            { ...UPGRADE, "Sec-WebSocket-Extensions": "permessage-deflate" },
            "",
            "wsPort",
          ),
        ),
        frame(HANDSHAKE, 0xc1),
        frame(EVAL),
      ]),
    answer: /^HTTP\/1\.1 101 (?!.*permessage-deflate)(?!.*handshake_ack)/s,
  },
  {
    attack: "headers without end",
    bytes: () => request("GET /", { "X-Long": "x".repeat(64 * 1024) }),
    answer: /^HTTP\/1\.1 431 /,
  },
];

for (const row of [...WEBSOCKETS, ...HOSTS, ...EVALUATIONS, ...READING, ...FILES, ...TRANSPORTS])
  test(`fails: ${row.attack}`, async () => {
    const answer = await attack(row.port ?? "port", row.bytes());
    assert.match(answer, row.answer);
    assert.doesNotMatch(answer, /access-control-allow-origin/i);
    await expectNothingHappened(answer);
  });

test("the same bytes from where they may come do evaluate and read", async () => {
  assert.match(await attack("port", evalAttack({})), /^HTTP\/1\.1 200 .*user\/intruder/s);
  assert.match(await attack("wsPort", socketAttack({})), /^HTTP\/1\.1 101 .*user\/intruder/s);
  assert.match(await attack("nreplPort", bencode), /5:value15:#'user\/intruder/);
  assert.match(await attack("port", request("GET /main.js", {})), /confidential/);
  await server.restart();
});

test("every answer forbids its use by other origins", async () => {
  const texts = await Promise.all(
    ["GET /", "GET /main.js", "GET /nothing", "GET /status", "POST /eval"].map((line) =>
      attack("port", request(line, {})),
    ),
  );
  texts.push(await attack("port", evalAttack(evil)));
  texts.push(await attack("wsPort", request("GET /", {}, "", "wsPort")));
  texts.push(await attack("wsPort", request("GET /", evil, "", "wsPort")));
  for (const text of texts) {
    assert.match(text, /cross-origin-resource-policy: same-origin/i);
    assert.match(text, /x-content-type-options: nosniff/i);
    assert.match(text, /content-security-policy: .*frame-ancestors 'none'/i);
    assert.doesNotMatch(text, /access-control-allow/i);
  }
});

// ---- Whoever holds on ---------------------------------------------------------------

test("connections that send nothing, or little, are ended, and hold up nobody", async () => {
  const half = request("POST /eval", {}).slice(0, -4);
  const started = performance.now();
  const slow = Array.from({ length: 200 }, (_, i) => {
    const port = server.server[i % 2 ? "port" : "wsPort"];
    return new Promise<void>((done) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(i % 3 ? half : ""));
      const drip = setInterval(() => socket.write(i % 3 ? "X" : ""), 500);
      socket.resume();
      socket.on("error", () => undefined);
      socket.on("close", () => (clearInterval(drip), done()));
    });
  });
  await expectNothingHappened("");
  await Promise.all(slow);
  assert.ok(performance.now() - started < 12_000);
  await expectNothingHappened("");
});

// ---- Where it listens ------------------------------------------------------------------

const elsewhere = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ internal, scopeid }) => !internal && !scopeid)
  .map(({ address }) => address);

for (const address of ["127.0.0.2", ...elsewhere])
  test(`nothing answers at ${address === "127.0.0.2" ? address : "an address of the network"}`, async () => {
    for (const port of ["port", "wsPort", "nreplPort"] as const) {
      const opened = await new Promise<boolean>((done) => {
        const socket = connect({ port: server.server[port], host: address, timeout: 1000 });
        socket.on("connect", () => (socket.destroy(), done(true)));
        socket.on("timeout", () => (socket.destroy(), done(false)));
        socket.on("error", () => done(false));
      });
      assert.equal(opened, false, `${port} of ${basename(server.root)}`);
    }
  });
