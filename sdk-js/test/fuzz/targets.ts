// The table of what takes bytes from outside, and what must hold whatever comes.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { Client, Compiler, Runtime } from "jank-hot-reload";
import { WebSocket, WebSocketServer } from "ws";
import {
  parseClientMessage,
  parseServerMessage,
  ProtocolError,
  type ServerMessage,
} from "../../src/protocol.js";
import { BencodeDecoder, BencodeError, encodeBencode } from "../../src/server/bencode.js";
import { namesOf, openInside } from "../../src/server/files.js";
import { refusal, tokenCookie, type GuardOptions } from "../../src/server/guard.js";
import { pathOf } from "../../src/server/http.js";
import { Token } from "../../src/server/token.js";
import { TestServer, until, type TestSocket } from "../server/harness.js";
import { eachInput, type Session, type Target } from "./fuzz.js";
import type { Random } from "./random.js";
import { closeSync } from "node:fs";

// ---- bencode --------------------------------------------------------------------

const BENCODE_WORDS = [
  "d",
  "l",
  "e",
  "i",
  "i-1e",
  "i0e",
  "0:",
  "4:eval",
  "2:op",
  "2:id",
  "le",
  "de",
];

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function decoded(pieces: Buffer[]): { messages: unknown[]; error?: string } {
  const decoder = new BencodeDecoder();
  const messages: unknown[] = [];
  try {
    for (const piece of pieces)
      for (const message of decoder.push(piece)) {
        assert.deepEqual([...new BencodeDecoder().push(encodeBencode(message))].map(plain), [
          plain(message),
        ]);
        messages.push(plain(message));
      }
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    assert.throws(() => [...decoder.push(Buffer.from("de"))], BencodeError);
    return { messages, error: error.message };
  }
  return { messages };
}

/** Messages or a BencodeError, the same however the bytes are cut; and back again. */
const bencode: Target = {
  name: "bencode",
  seeds: ["bencode"],
  words: BENCODE_WORDS,
  batch: 1000,
  start: async () =>
    eachInput((input, random) => assert.deepEqual(decoded(random.cut(input)), decoded([input]))),
};

// ---- The live server --------------------------------------------------------------

const FILES = {
  "src/app.jank": "(ns app)\n(defn kept [] 1)\n",
  "index.html": "<p>page</p>",
  "main.js": "export {};",
  ".env": "confidential",
};

/** In an interval it answers everybody honest. */
class Live {
  private constructor(readonly server: TestServer) {}

  static async start(): Promise<Live> {
    return new Live(await TestServer.start(FILES, { evalTimeout: 2 }));
  }

  get ports(): number[] {
    const { port, wsPort, nreplPort } = this.server.server;
    return [port, wsPort, nreplPort];
  }

  async answers(): Promise<void> {
    const { server } = this;
    assert.equal((await server.http("/main.js")).text, "export {};");
    const nrepl = await server.nrepl();
    const replies = await nrepl.request({ op: "eval", code: "(app/kept)" });
    assert.equal(replies[0]?.value, "1");
    nrepl.destroy();
    await nrepl.closed;
    const page = await server.socket();
    await page.settle();
    page.destroy();
    await page.closed;
    assert.ok(!server.lines.join("\n").includes(server.server.token), "the token is logged");
    server.lines.length = 0;
  }
}

/** Sends the input on a connection of its own; what comes back. */
function sent(port: number, pieces: Buffer[]): Promise<string> {
  return new Promise((done) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
      socket.end();
    });
    socket.on("data", (bytes) => (answer += bytes.toString("latin1")));
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on("error", () => undefined);
    socket.on("close", () => done(answer));
  });
}

const CONNECTIONS = 32;

async function inParallel(inputs: Buffer[], body: (input: Buffer) => Promise<void>): Promise<void> {
  const rest = [...inputs];
  const worker = async () => {
    for (let input; (input = rest.pop());) await body(input);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

/** Bytes on a port of the live server. It goes on, and tells no secret. */
function onPort(choose: (ports: number[], random: Random) => number) {
  return async (): Promise<Session> => {
    const live = await Live.start();
    return {
      run: async (inputs, random) => {
        const { token } = live.server.server;
        await inParallel(inputs, async (input) => {
          const text = input
            .toString("latin1")
            .replaceAll("OURS", `localhost:${live.server.server.port}`);
          const bytes = Buffer.from(text, "latin1");
          const answer = await sent(choose(live.ports, random), random.cut(bytes));
          assert.ok(!answer.includes("confidential"), `confidential: ${JSON.stringify(text)}`);
          const isPage = answer.includes(`=${token}; Path=/; HttpOnly`);
          assert.ok(isPage || !answer.includes(token), `the token: ${JSON.stringify(text)}`);
        });
        await live.answers();
      },
      close: () => live.server.close(),
    };
  };
}

const nrepl: Target = {
  name: "nrepl",
  seeds: ["bencode"],
  words: BENCODE_WORDS,
  batch: 1000,
  start: onPort((ports) => ports[2] as number),
};

const HTTP_WORDS = [
  "\r\n",
  "\r\n\r\n",
  "Host: OURS\r\n",
  "Host: evil.test\r\n",
  "Origin: null\r\n",
  "Origin: http://OURS\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Content-Length: 0\r\n",
  "Expect: 100-continue\r\n",
  "Upgrade: websocket\r\n",
  "Connection: Upgrade\r\n",
  "Sec-Fetch-Site: cross-site\r\n",
  "Cookie: jank-hot=\r\n",
  "POST /eval HTTP/1.1\r\n",
  "GET ",
  "/repl",
  "/../",
  "%2e%2e/",
  "%00",
  "/.env",
  "?token=",
  "#",
  "\\",
  "0\r\n\r\n",
];

const httpTarget: Target = {
  name: "http",
  seeds: ["http"],
  words: HTTP_WORDS,
  batch: 1000,
  start: onPort((ports, random) => ports[random.below(2)] as number),
};

// ---- The guard and the paths --------------------------------------------------------

const OPTIONS: GuardOptions = {
  ports: [8080, 7888],
  token: new Token(),
  allowedOrigins: ["https://app.test", "http://app.test"],
  allowedHosts: ["dev.test"],
};
const HOSTS = ["localhost", "127.0.0.1", "[::1]", "dev.test"].flatMap((name) => [
  `${name}:8080`,
  `${name}:7888`,
  ...(name === "dev.test" ? [name] : []),
]);
const ORIGINS = [...HOSTS.flatMap((host) => [`http://${host}`, `https://${host}`])];
const cookie = tokenCookie(OPTIONS).split(";")[0] as string;

/** The lines are target, Host, Origin, Sec-Fetch-Site, Cookie. */
function checkGuard(input: Buffer): void {
  const [url = "", host, origin, site, cookies] = input
    .toString("latin1")
    .replaceAll("COOKIE", cookie)
    .replaceAll("TOKEN", OPTIONS.token.text)
    .split("\n");
  const headers = {
    ...(host && { host }),
    ...(origin && { origin }),
    ...(site && { "sec-fetch-site": site }),
    ...(cookies && { cookie: cookies }),
  };
  if (refusal({ method: "POST", url, headers }, OPTIONS) !== undefined) return;
  assert.ok(HOSTS.includes((host ?? "").toLowerCase()), `Host ${host}`);
  const allowed = ["https://app.test", "http://app.test"];
  if (origin) assert.ok([...ORIGINS, ...allowed].includes(origin), `Origin ${origin}`);
  else if (site) assert.ok(["same-origin", "none"].includes(site), `Sec-Fetch-Site ${site}`);
  const isBrowser = Boolean(origin ?? site);
  const hasToken = `${url}${cookies ?? ""}`.includes(OPTIONS.token.text);
  assert.ok(
    !isBrowser || !(origin || site) || hasToken || origin === allowed[0],
    "without a token",
  );
}

const guard: Target = {
  name: "guard",
  seeds: async () =>
    [
      "/eval\nlocalhost:8080\n\n\n",
      "/eval?a=1&token=TOKEN\n127.0.0.1:8080\nhttp://app.test\n\n",
      "/repl\nlocalhost:8080\nhttp://localhost:8080\nsame-origin\na=b; COOKIE",
      "/repl\ndev.test\nhttps://app.test\ncross-site\n",
      "/repl\n[::1]:7888\nhttps://dev.test\nnone\nCOOKIE; COOKIE",
      "/eval\nevil.test\nnull\ncross-site\nCOOKIE",
    ].map((text) => Buffer.from(text)),
  words: [
    "TOKEN",
    "COOKIE",
    "?token=",
    "null",
    ":8080",
    "\n",
    ";",
    "@",
    "evil.test",
    "=",
    "%",
    ".",
  ],
  batch: 1000,
  start: async () => eachInput(checkGuard),
};

/** A target of HTTP names a file inside, that may be served, or none. */
const paths: Target = {
  name: "paths",
  seeds: async () =>
    ["/index.html", "/sub/a.js?x=1", "/jank/index.js", "/a%20b.txt", "/../x", "/%2e%2e%2f.env"].map(
      (text) => Buffer.from(text),
    ),
  words: [
    "../",
    "..",
    "%2e",
    "%2f",
    "%5c",
    "\\",
    "%00",
    "%25",
    "#",
    "?",
    "//",
    ".env",
    "a.key",
    "%",
  ],
  batch: 1000,
  start: async () => {
    const server = await TestServer.start(FILES);
    const session = eachInput((input) => {
      const path = pathOf({ url: input.toString("latin1") });
      if (path === undefined) return;
      let names;
      try {
        names = namesOf(path);
      } catch (error) {
        assert.ok(error instanceof URIError);
        return;
      }
      if (!names) return;
      for (const name of names) assert.doesNotMatch(name, /^$|^\.|[\\/\0#?%]|\.(key|pem)$/i);
      const file = openInside(server.root, names);
      if (!file) return;
      closeSync(file.fd);
      assert.ok(["index.html", "main.js", "src/app.jank"].some((f) => file.path.endsWith(`/${f}`)));
      assert.ok(file.path.startsWith(join(server.root, "/")));
    });
    return { ...session, close: () => server.close() };
  },
};

// ---- Messages ---------------------------------------------------------------------------

const MESSAGE_WORDS = [
  '"type":',
  '"id":',
  '"seq":',
  '"epoch":',
  '"error":',
  '"__proto__":',
  '"constructor":',
  "null",
  "{}",
  "[]",
  '""',
  "1e400",
  "\\u0000",
  "\\ud800",
  '"eval"',
  '"patch"',
  '"run"',
  '"handshake"',
];

/** A message of the protocol or a ProtocolError, for both sides. */
const messages: Target = {
  name: "messages",
  seeds: ["client-messages", "server-messages"],
  words: MESSAGE_WORDS,
  batch: 1000,
  start: async () =>
    eachInput((input) => {
      for (const parse of [parseClientMessage, parseServerMessage]) {
        try {
          const message = parse(input.toString("utf8"));
          assert.equal(typeof message.type, "string");
          assert.equal(Object.getPrototypeOf(message), Object.prototype);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
        }
      }
      assert.equal(({} as Record<string, unknown>).polluted, undefined);
    }),
};

/** An upgrade that is fine, and what follows: frames, or what should be some. */
function frames(input: Buffer, random: Random): Buffer {
  if (random.below(8) === 0) return input;
  const mask = random.bytes(4);
  const payload = Buffer.from(input);
  payload.forEach((byte, i) => (payload[i] = byte ^ (mask[i % 4] as number)));
  const size = payload.length;
  const length = size < 126 ? [size] : [126, size >> 8, size & 255];
  length[0] = (length[0] as number) | (random.below(16) ? 0x80 : 0);
  const first = random.pick([0x81, 0x81, 0x81, 0x82, 0x88, 0x89, 0x01, 0x00, random.below(256)]);
  return Buffer.concat([Buffer.from([first, ...length]), mask, payload]);
}

const UPGRADE = (port: number): string =>
  `GET /repl HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** Most as messages of a page that stays; the others as bytes after an upgrade of their own. */
const websocket: Target = {
  name: "websocket",
  seeds: ["client-messages"],
  words: MESSAGE_WORDS,
  batch: 1000,
  start: async () => {
    const live = await Live.start();
    const { server } = live;
    let page: TestSocket | undefined;
    return {
      run: async (inputs, random) => {
        const port = server.server.wsPort;
        const raw = inputs.slice(0, inputs.length / 4);
        await inParallel(raw, async (input) => {
          const bytes = Buffer.concat([Buffer.from(UPGRADE(port)), frames(input, random)]);
          await sent(port, random.cut(bytes));
        });
        page ??= (await server.page("fuzz")).obey("1");
        for (const input of inputs.slice(raw.length)) page.send(input.toString("utf8"));
        // A handshake of ours that was damaged may have taken the page's place.
        const settled = page.settle().then(() => true);
        const isOpen = await Promise.race([settled, page.closed.then(() => false)]);
        if (isOpen) page.messages.length = 0;
        else page = undefined;
        settled.catch(() => undefined);
        await live.answers();
      },
      close: () => server.close(),
    };
  },
};

/** A server that lies to a page: the program in it goes on, and the next honest server is heard. */
const client: Target = {
  name: "client",
  seeds: ["server-messages"],
  words: MESSAGE_WORDS,
  batch: 500,
  start: async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    const connected = once(server, "connection") as Promise<[WebSocket]>;
    const runtime = await Runtime.load({ write: () => undefined });
    const compiler = new Compiler(runtime);
    compiler.eval("(ns app) (defn kept [] 1)");
    const page = new Client({
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      name: "fuzz",
      runtime,
      heartbeat: 60_000,
      WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    });
    const [socket] = await connected;
    const received: { type: string; id?: string; value?: string }[] = [];
    socket.on("message", (data) =>
      received.push(JSON.parse((data as Buffer).toString()) as { type: string }),
    );
    const send = (message: ServerMessage) => socket.send(JSON.stringify(message));
    const honest = await compiled("(app/kept)", compiler);
    let batches = 0;
    return {
      run: async (inputs) => {
        for (const input of inputs) socket.send(input.toString("utf8"));
        const id = `honest-${++batches}`;
        send({ type: "handshake_ack", version: 1, epoch: id, seq: 0 });
        send({ type: "run", id, ns: "user", symbolName: honest.entry, data: honest.data });
        const answer = await until("an answer", () => received.find((each) => each.id === id));
        assert.equal(answer.value, "1");
        assert.equal(page.invoke("app/kept"), 1);
        received.length = 0;
      },
      close: async () => {
        page.close();
        server.close();
      },
    };
  },
};

// ---- Patches -------------------------------------------------------------------------------

interface Patch {
  bytes: Uint8Array;
  entry: string;
  data: string;
}

async function compiled(source: string, compiler: Compiler): Promise<Patch> {
  const unit = compiler.open(source);
  const step = unit.next();
  unit.close();
  assert.ok(step.status === "form");
  const { bytes, entry } = step.form;
  return { bytes, entry, data: Buffer.from(bytes).toString("base64") };
}

const FORMS = [
  "(defn f [] 3)",
  '(defn f ([x] (str x "text")) ([x & more] (apply + x more)))',
  '(def data {:a [1 2.5 3N 1/2] "b" #{nil true \\c} \'sym #"re+"})',
  "(defmacro m [x] `(let [y# ~x] (+ y# y#)))",
  "(defrecord R [a b])",
  "(do (defn f [x] (fn [y] (+ x y))) (map (f 1) (range 10)))",
];

/** Patches whose section of their own is what is checked; entries of the same length. */
const ENTRY = "jank_patch_symbols_fuzz";

export async function patchSeeds(): Promise<Buffer[]> {
  const compiler = new Compiler(await Runtime.load({ write: () => undefined }));
  return FORMS.map((form) => {
    const unit = compiler.open(`${form}`);
    unit.next();
    const { bytes } = unit.bundle("fuzz");
    unit.close();
    return Buffer.from(bytes);
  });
}

/** A module that describes itself no more is another toolchain's, and trusted: code that runs. */
const isForeign = (input: Buffer): boolean =>
  !input.includes("\njank.patch") && WebAssembly.validate(input as BufferSource & Buffer);

/** What the hash in the patch's own section covers; behind it are names for people. */
const hashedPart = (patch: Buffer): string =>
  patch.toString("latin1", 0, patch.indexOf("\njank.patch") - 3);

/** Damaged: refused, and nothing has changed. No trap, no exception comes out. */
const patches: Target = {
  name: "patches",
  seeds: patchSeeds,
  words: [
    "\0asm",
    "\x01\0\0\0",
    "dylink.0",
    "jank.patch",
    "env",
    "memory",
    "\xff\xff\xff\xff\x0f",
    ENTRY,
  ],
  batch: 500,
  start: async () => {
    const runtime = await Runtime.load({ write: () => undefined });
    const compiler = new Compiler(runtime);
    compiler.eval("(defn f [] 1)");
    const whole = new Set((await patchSeeds()).map(hashedPart));
    return eachInput((input, random) => {
      // A whole one costs memory (INPUTS_OF_SESSION), and says little when it comes again.
      if (isForeign(input) || (whole.has(hashedPart(input)) && random.below(20) > 0)) return;
      const result = runtime.install(input, ENTRY);
      if (!result.ok) assert.equal(typeof result.error.message, "string");
      else assert.ok(whole.has(hashedPart(input)), "a damaged patch was installed");
      if (result.ok) compiler.eval("(defn f [] 1)");
      assert.equal(runtime.invoke("user/f"), 1);
    });
  },
};

export const TARGETS: Target[] = [
  bencode,
  nrepl,
  httpTarget,
  guard,
  paths,
  messages,
  websocket,
  client,
  patches,
];
