// A client that follows a published folder. The threats are named as in The Update
// Framework's conformance tests.

import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  Client,
  JankError,
  type ConnectOptions,
  type ErrorReport,
  type PatchRecord,
} from "jank-hot-reload";
import { WebSocket } from "ws";
import { pollDelay } from "../../src/client/source.js";
import { pause, TestServer, until } from "../server/harness.js";
import { COMMAND, Project, sha256, StaticHost } from "./folder.js";

const RUNTIME_ONLY = pathToFileURL(join(COMMAND, "../runtime-only/jank.mjs"));

const cleanups: (() => void)[] = [];
const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
after(() => {
  for (const clean of cleanups.splice(0).reverse()) clean();
});

const SOURCE = `(ns app)
(defonce counter (atom 0))
(defn add [] (swap! counter inc))
(defn f [x] (+ 1 x))
`;

interface Site {
  project: Project;
  host: StaticHost;
  /** Of the key with which `publish` signs; "": none. */
  publicKey: string;
  /** With one text of the source in place of another. */
  edit(from: string, to: string, ...args: string[]): void;
}

async function site(
  source = SOURCE,
  { signed = false, args = [] as string[] } = {},
): Promise<Site> {
  const project = new Project().write("src/app.jank", source);
  const publicKey = signed ? project.keygen() : "";
  const signing = signed ? ["--sign", "key"] : [];
  project.publish(...signing, ...args);
  const host = await StaticHost.start(project.out);
  cleanups.push(
    () => project.close(),
    () => host.close(),
  );
  const edit = (from: string, to: string, ...more: string[]) => {
    const text = project.read("src/app.jank");
    assert.ok(text.includes(from), from);
    project.write("src/app.jank", text.replace(from, to));
    project.publish(...(more.includes("--sign") ? [] : signing), ...more);
  };
  return { project, host, publicKey, edit };
}

class Page {
  readonly errors: ErrorReport[] = [];
  readonly patches: PatchRecord[] = [];

  constructor(readonly client: Client) {
    client.on("error", (error) => this.errors.push(error));
    client.on("after-patch", (record) => this.patches.push(record));
  }

  call(name = "app/f", ...args: unknown[]): unknown {
    try {
      return this.client.invoke(name, ...(args.length ? args : [1]));
    } catch {
      return undefined;
    }
  }

  /** A fresh error of this kind. */
  async error(pattern: RegExp): Promise<ErrorReport> {
    const error = await until(`an error as ${pattern.source}`, () =>
      this.errors.find(({ message }) => pattern.test(message)),
    );
    this.errors.length = 0;
    return error;
  }

  async version(seq: number): Promise<void> {
    const { client } = this;
    await until(
      `version ${seq}`,
      () => client.status === "connected" && client.stats().seq === seq,
    );
  }

  /** Some more polls. */
  async polls(host: StaticHost, count = 4): Promise<void> {
    const { requests } = host;
    await until("polls", () => host.requests >= requests + count);
  }
}

async function page({ host }: Site, options: ConnectOptions = {}): Promise<Page> {
  const client = new Client({
    source: host.manifest,
    pollMs: 25,
    write: () => undefined,
    ...options,
  });
  clients.push(client);
  const result = new Page(client);
  await client.ready;
  return result;
}

async function signedPage(at: Site, options: ConnectOptions = {}): Promise<Page> {
  return page(at, { publicKey: at.publicKey, ...options });
}

// ---- Following --------------------------------------------------------------------

for (const [build, options] of [
  ["with the compiler", {}],
  ["without the compiler", { moduleUrl: RUNTIME_ONLY }],
] as const)
  test(`${build}: a fresh page has the newest version, and gets the next with its state kept`, async () => {
    const at = await site();
    const { client, patches, ...one } = await page(at, options);
    await until("version 1", () => client.status === "connected");
    assert.equal(client.invoke("app/f", 1), 2);
    assert.equal(client.invoke("app/add"), 1);
    patches.length = 0;
    at.host.sent.length = 0;
    at.edit("(+ 1 x)", "(+ 10 x)");
    await until("version 2", () => client.stats().seq === 2);
    assert.equal(client.invoke("app/f", 1), 11);
    assert.equal(client.invoke("app/add"), 2);
    assert.deepEqual(
      patches.map(({ seq, symbols, ns }) => [seq, symbols[0]?.name, ns]),
      [[2, "app/f", "app"]],
    );
    const files = new Set(at.host.sent.filter((name) => name.endsWith(".wasm")));
    assert.deepEqual([...files], [at.project.patchOf("app/f")], "what it has is not fetched");
    assert.deepEqual(one.errors, []);
  });

test("lines that move are no change: nothing is fetched, and no state is lost", async () => {
  const at = await site(SOURCE.replace("defonce", "def"));
  const one = await page(at);
  await one.version(1);
  one.client.invoke("app/add");
  one.patches.length = 0;
  at.edit("(ns app)", "(ns app)\n;; a comment\n\n(defn g [] 7)\n");
  await one.version(2);
  assert.deepEqual(
    one.patches.map(({ symbols }) => symbols[0]?.name),
    ["app/g"],
  );
  assert.equal(one.client.invoke("app/add"), 2);
});

test("a macro that changes brings its users anew, and nobody else", async () => {
  const at = await site(
    "(ns app)\n(defmacro twice [x] `(* 2 ~x))\n(def state (atom 0))\n(defn f [x] (twice x))\n",
  );
  const one = await page(at);
  await one.version(1);
  assert.equal(one.call("app/f", 4), 8);
  one.patches.length = 0;
  at.edit("(* 2 ~x)", "(* 200 ~x)");
  await one.version(2);
  assert.equal(one.call("app/f", 4), 800);
  assert.deepEqual(
    one.patches.flatMap(({ changes }) => changes.map(({ name }) => name)),
    ["app/twice", "app/f"],
  );
});

test("of a var that is defined twice, the last definition wins after an edit of the first", async () => {
  const at = await site("(ns app)\n(def a 1)\n(defn f [x] a)\n(def a 2)\n");
  const one = await page(at);
  await one.version(1);
  at.edit("(def a 1)", "(def a 7)");
  await one.version(2);
  assert.equal(one.call(), 2);
});

test("what is required comes first, a part of the library that is source among it", async () => {
  const project = new Project()
    .write(
      "src/app.jank",
      "(ns app (:require [lib.deep-er :as d] [clojure.data :as data]))\n(defn f [x] (d/up (count (data/diff x 2))))\n",
    )
    .write("src/lib/deep_er.jank", "(ns lib.deep-er)\n(defn up [x] (+ 100 x))\n");
  project.publish();
  const host = await StaticHost.start(project.out);
  cleanups.push(
    () => project.close(),
    () => host.close(),
  );
  const client = new Client({ source: host.manifest, moduleUrl: RUNTIME_ONLY });
  clients.push(client);
  await client.goTo();
  assert.equal(client.invoke("app/f", 1), 103);
});

test("a page tells of patches, of its status and of the version it has", async () => {
  const at = await site();
  const client = new Client({ source: at.host.manifest, pollMs: 25 });
  clients.push(client);
  const told: string[] = [];
  client.on("status", (status) => told.push(status));
  client.on("before-patch", ({ seq, symbols }) => told.push(`before ${seq} ${symbols[0]?.name}`));
  client.on("after-patch", ({ seq, symbols }) => told.push(`after ${seq} ${symbols[0]?.name}`));
  client.on("connect", ({ epoch, seq }) => told.push(`connect ${epoch} ${seq}`));
  await until("version 1", () => client.stats().connected);
  assert.deepEqual(told, [
    "connecting",
    "before 1 app/counter",
    "after 1 app/counter",
    "connected",
    "connect 1 1",
  ]);
  const { epoch, seq, installed, failed } = client.stats();
  assert.deepEqual(
    { epoch, seq, installed, failed },
    { epoch: "1", seq: 1, installed: 1, failed: 0 },
  );
});

test("a closed page polls no more", async () => {
  const at = await site();
  const one = await page(at);
  await one.version(1);
  one.client.close();
  await pause(100);
  const { requests } = at.host;
  await pause(200);
  assert.equal(at.host.requests, requests);
});

test("code is evaluated by the page itself, if at all", async () => {
  const at = await site();
  await assert.rejects((await page(at)).client.jankEval("(+ 1 2)"), /no server compiles it/);
  const local = await page(at, { compiler: "local" });
  await local.version(1);
  assert.equal((await local.client.jankEval("(app/f 41)")).value, "42");
});

// ---- Versions -----------------------------------------------------------------------

test("a page goes back to a version, stays at it, and follows again", async () => {
  const at = await site();
  at.edit("(+ 1 x)", "(+ 10 x)");
  at.edit("(+ 10 x)", "(+ 100 x)");
  const one = await page(at);
  await one.version(3);
  one.client.invoke("app/add");
  assert.equal(await one.client.goTo(1), 1);
  assert.equal(one.call(), 2);
  at.edit("(+ 100 x)", "(+ 1000 x)");
  await one.polls(at.host);
  assert.equal(one.call(), 2);
  assert.equal(one.client.stats().seq, 1);
  assert.equal(await one.client.goTo(2), 2);
  assert.equal(one.call(), 11);
  assert.equal(await one.client.goTo(), 4);
  assert.equal(one.call(), 1001);
  assert.equal(one.client.invoke("app/add"), 2);
  assert.deepEqual(one.errors, []);
});

test("a page that is told so starts with an older version", async () => {
  const at = await site();
  at.edit("(+ 1 x)", "(+ 10 x)");
  const one = await page(at, { version: 1 });
  await one.version(1);
  assert.equal(one.call(), 2);
});

test("going back leaves defined what only the newer version has", async () => {
  const at = await site();
  at.edit("(defn f", "(defn g [x] 7)\n(defn f");
  const one = await page(at);
  await one.version(2);
  await one.client.goTo(1);
  assert.equal(one.call("app/g"), 7);
});

test("a version that is not there is refused, and nothing changes", async () => {
  const at = await site();
  const one = await page(at);
  await one.version(1);
  await assert.rejects(one.client.goTo(12), (error: JankError) => {
    assert.ok(error instanceof JankError);
    return /there is no version 12; the newest is 1/.test(error.message);
  });
  for (const wrong of [0, -1, 1.5, NaN, "1" as never])
    await assert.rejects(one.client.goTo(wrong), /a version is a number from 1/);
  at.edit("(+ 1 x)", "(+ 10 x)");
  await one.version(2);
});

test("an older version's manifest is the one that the newest vouches for", async () => {
  const at = await site();
  at.edit("(+ 1 x)", "(+ 10 x)");
  const one = await page(at);
  await one.version(2);
  const older = at.project.read("out/manifest-1-1.json");
  at.host.replace("manifest-1-1.json", older.replace('"length":', '"length": '));
  await assert.rejects(one.client.goTo(1), /has more than|SHA-256/);
  at.host.replace("manifest-1-1.json", older.replace("20", "21"));
  await assert.rejects(one.client.goTo(1), /SHA-256 is not that/);
  assert.equal(one.call(), 11);
});

test("without a source there are no versions", async () => {
  const client = new Client({ compiler: "local" });
  clients.push(client);
  await assert.rejects(client.goTo(1), /the client has no source/);
});

test("a version that cannot be installed is told once, and the next one is taken", async () => {
  const at = await site();
  const one = await page(at);
  await one.version(1);
  at.edit("(+ 1 x))", '(+ 10 x))\n(throw (ex-info "at load" {}))');
  const error = await until("the error", () => one.errors[0]);
  assert.match(error.message, /at load/);
  await one.polls(at.host);
  assert.equal(one.errors.length, 1);
  at.edit('(throw (ex-info "at load" {}))', "");
  await one.version(3);
  assert.equal(one.call(), 11);
});

// ---- Bad hosts ------------------------------------------------------------------------

/** Two versions, of which the host has the second; published once. */
const twoVersions = { false: undefined, true: undefined } as Record<
  string,
  Promise<Site> | undefined
>;

async function twoVersionsOf(signed: boolean): Promise<Site> {
  const at = await (twoVersions[String(signed)] ??= site(SOURCE, { signed }).then((made) => {
    made.edit("(+ 1 x)", "(+ 10 x)");
    return made;
  }));
  at.host.answers.clear();
  return at;
}

/** A page has the first version; the second comes in a bad way, then as it should. */
async function refused(
  signed: boolean,
  breakIt: (at: Site) => void | Promise<void>,
  pattern: RegExp,
): Promise<void> {
  const at = await twoVersionsOf(signed);
  at.host.replace("manifest.json", at.project.read("out/manifest-1-1.json"));
  const one = await (signed ? signedPage(at) : page(at));
  await one.version(1);
  await breakIt(at);
  const error = await one.error(pattern);
  assert.ok(["PatchException", "IOException"].includes(error.class), error.class);
  await one.polls(at.host, 2);
  assert.deepEqual([one.call(), one.client.stats().seq, one.errors], [2, 1, []]);
  at.host.answers.clear();
  await one.version(2);
  assert.equal(one.call(), 11);
}

const endless = (at: Site, name: string) =>
  at.host.answers.set(name, (_request, response) => {
    const write = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65536, "{")));
      if (!response.destroyed) response.once("drain", write);
    };
    write();
  });

const newest = (at: Site) => at.project.patchOf("app/f");
const manifestOf = async (at: Site, changes: object) =>
  at.host.replace("manifest.json", await at.project.forged(changes));
const withPatch = async (at: Site, changes: object) => {
  const { patches } = at.project.manifest;
  await manifestOf(at, { patches: patches.map((patch) => ({ ...patch, ...changes })) });
};

const BAD: [string, (at: Site) => void | Promise<void>, RegExp][] = [
  [
    "a manifest that is gone",
    (at) =>
      void at.host.answers.set("manifest.json", (_, response) => response.writeHead(404).end()),
    /manifest\.json: HTTP status 404/,
  ],
  [
    "a manifest that is no JSON",
    (at) => at.host.replace("manifest.json", "<html>"),
    /it is not a manifest/,
  ],
  [
    "a manifest that is empty",
    (at) => at.host.replace("manifest.json", ""),
    /it is not a manifest/,
  ],
  [
    "a manifest that ends early",
    (at) => at.host.replace("manifest.json", at.project.manifestText.slice(0, 700)),
    /it is not a manifest/,
  ],
  [
    "a manifest that is no JSON above its signatures",
    (at) => at.host.replace("manifest.json", at.project.manifestText.replace('"format"', "format")),
    /it is not JSON/,
  ],
  [
    "a manifest that is not UTF-8",
    (at) => at.host.replace("manifest.json", Buffer.from([0x7b, 0xff, 0x7d])),
    /it is not UTF-8/,
  ],
  [
    "a manifest without end (endless data)",
    (at) => void endless(at, "manifest.json"),
    /it has more than 4194304 bytes/,
  ],
  [
    "a manifest of a later format",
    (at) => manifestOf(at, { format: 2 }),
    /its format is 2, and this client knows 1/,
  ],
  [
    "a manifest with a wrong type",
    (at) => manifestOf(at, { seq: "2" }),
    /bad or missing field "seq"/,
  ],
  [
    "a patch whose file is outside of the folder",
    (at) => withPatch(at, { file: "../../etc/passwd" }),
    /bad or missing field "patches"/,
  ],
  [
    "a patch whose file is at another place",
    (at) => withPatch(at, { file: "https://evil.test/x.wasm" }),
    /bad or missing field "patches"/,
  ],
  [
    "a patch whose file is not named by its hash",
    (at) => withPatch(at, { file: `${"0".repeat(32)}.wasm` }),
    /is not named by its hash/,
  ],
  [
    "a patch that is gone",
    (at) => (
      at.host.answers.clear(),
      void at.host.answers.set(newest(at), (_, response) => response.writeHead(404).end())
    ),
    /\.wasm: HTTP status 404/,
  ],
  [
    "a patch that ends early",
    (at) => (at.host.answers.clear(), at.host.replace(newest(at), "\0asm")),
    /4 bytes in place of/,
  ],
  [
    "a patch that is longer",
    (at) => (at.host.answers.clear(), at.host.replace(newest(at), Buffer.alloc(100_000))),
    /it has more than \d+ bytes/,
  ],
  [
    "a patch without end (endless data)",
    (at) => (at.host.answers.clear(), void endless(at, newest(at))),
    /it has more than \d+ bytes/,
  ],
  [
    "a patch with other bytes",
    (at) => (
      at.host.answers.clear(),
      at.host.replace(newest(at), Buffer.alloc(at.project.manifest.patches.at(-1)?.length ?? 0))
    ),
    /its SHA-256 is not that of the manifest/,
  ],
  [
    "a connection that breaks off",
    (at) => (
      at.host.answers.clear(),
      void at.host.answers.set(newest(at), (_, response) => {
        response.writeHead(200, { "Content-Length": "500" });
        response.write("\0asm");
        setTimeout(() => response.destroy(), 20);
      })
    ),
    /broke off after 4 bytes/,
  ],
  [
    "another application",
    (at) => manifestOf(at, { app: "other" }),
    /it is of the application "other", not of "app"/,
  ],
  [
    "another build of the runtime",
    (at) => manifestOf(at, { runtimes: [sha256("other")] }),
    /made for another build of the runtime/,
  ],
  [
    "a version that has expired (freeze)",
    (at) => manifestOf(at, { expires: "2020-01-01T00:00:00.000Z" }),
    /has expired, at 2020/,
  ],
  [
    "an older version (rollback)",
    (at) => manifestOf(at, { seq: 1, history: [], published: "2020-01-01T00:00:00.000Z" }),
    /version 1 is not the one that this page has seen/,
  ],
];

for (const [what, breakIt, pattern] of BAD)
  test(`refused, and the page goes on: ${what}`, async () => {
    await refused(false, breakIt, pattern);
  });

test("refused, and the page goes on: a redirect to another origin", async () => {
  const other = await site();
  await refused(
    false,
    (at) => {
      at.host.answers.set("manifest.json", (_request, response) =>
        response.writeHead(302, { Location: other.host.manifest }).end(),
      );
    },
    /it redirects to another origin, http/,
  );
});

test("what jank-hot serve serves can be followed, too", async () => {
  const at = await site();
  const server = await TestServer.start();
  cleanups.push(() => void server.close());
  cpSync(at.project.out, join(server.root, "patches"), { recursive: true });
  const address = `http://localhost:${server.server.port}/patches/manifest.json`;
  const one = await page(at, { source: address });
  await one.version(1);
  assert.equal(one.call(), 2);
});

test("a redirect within the origin is followed", async () => {
  const at = await site();
  at.host.answers.set("latest.json", (_request, response) =>
    response.writeHead(302, { Location: "/manifest.json" }).end(),
  );
  const one = await page(at, { source: `${at.host.origin}/latest.json` });
  await one.version(1);
});

test("a host that is not there is told once, and followed as soon as it is", async () => {
  const at = await site();
  at.host.answers.set("manifest.json", (request) => void request.socket.destroy());
  const one = await page(at);
  await one.error(/manifest\.json: cannot be fetched/);
  await one.polls(at.host);
  assert.deepEqual(one.errors, []);
  assert.equal(one.client.status, "connecting");
  at.host.answers.clear();
  await one.version(1);
});

test("wrong options are said at the start", async () => {
  for (const [options, pattern] of [
    [{ source: "no address" }, /source must be the address of a manifest\.json/],
    [{ pollMs: 0 }, /pollMs must be a number of milliseconds/],
    [{ pollMs: NaN }, /pollMs must be/],
    [{ version: 0 }, /a version is a number from 1/],
  ] as const) {
    const client = new Client({ source: "http://127.0.0.1:9/manifest.json", ...options });
    clients.push(client);
    await assert.rejects(client.ready, pattern);
    assert.equal(client.status, "failed");
  }
});

test("polls come later while they fail, never all at once, and not later than in a minute", () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => Math.round(pollDelay(0, 1000, () => random))),
    [900, 1000, 1100],
  );
  assert.deepEqual(
    [1, 3, 50].map((attempt) => pollDelay(attempt, 1000, () => 1)),
    [3000, 9000, 61_000],
  );
  assert.equal(
    pollDelay(5, 120_000, () => 1),
    240_000,
  );
  const delays = Array.from({ length: 200 }, () => pollDelay(4, 1000));
  assert.ok(Math.min(...delays) < 5000 && Math.max(...delays) > 13_000);
});

// ---- Signed ------------------------------------------------------------------------------

const signedSite = (...args: string[]) => site(SOURCE, { signed: true, args });

test("a signed version is taken by who has its key", async () => {
  const at = await signedSite("--app", "shop", "--expires", "1h");
  const one = await signedPage(at, { app: "shop" });
  await one.version(1);
  at.edit("(+ 1 x)", "(+ 10 x)", "--expires", "1h");
  await one.version(2);
  assert.deepEqual([one.call(), one.errors], [11, []]);
});

const SIGNED: [string, (at: Site) => void | Promise<void>, RegExp][] = [
  ["unsigned", async (at) => manifestOf(at, {}), /manifest\.json: it is unsigned/],
  [
    "wrong key",
    async (at) =>
      at.host.replace("manifest.json", await at.project.forged({}, at.project.otherKey())),
    /it is signed with a wrong key/,
  ],
  [
    "wrong key under the name of the right one",
    async (at) => {
      const right = /"key":"(\w+)"/.exec(at.project.manifestText)?.[1] ?? "";
      at.host.replace(
        "manifest.json",
        (await at.project.forged({}, at.project.otherKey())).replace(
          /"key":"\w+"/,
          `"key":"${right}"`,
        ),
      );
    },
    /its signature is not valid/,
  ],
  [
    "altered manifest",
    (at) =>
      at.host.replace("manifest.json", at.project.manifestText.replace('"seq": 2', '"seq": 3')),
    /its signature is not valid: it was altered/,
  ],
  [
    "expiry taken away (freeze)",
    (at) =>
      at.host.replace(
        "manifest.json",
        at.project.manifestText.replace(/"expires": .*,/, '"expires": null, '),
      ),
    /its signature is not valid/,
  ],
  [
    "expired (freeze)",
    async (at) =>
      at.host.replace(
        "manifest.json",
        await at.project.forged({ expires: "2020-01-01T00:00:00.000Z" }, "key"),
      ),
    /has expired/,
  ],
  [
    "another application",
    async (at) => at.host.replace("manifest.json", await at.project.forged({ app: "bank" }, "key")),
    /it is of the application "bank"/,
  ],
  [
    "another build of the runtime",
    async (at) =>
      at.host.replace("manifest.json", await at.project.forged({ runtimes: [sha256("x")] }, "key")),
    /another build of the runtime/,
  ],
  [
    "mix-and-match: an older patch under the name of a newer",
    (at) => {
      const older = JSON.parse(at.project.read("out/manifest-1-1.json")) as {
        patches: { file: string }[];
      };
      at.host.answers.clear();
      at.host.replace(
        newest(at),
        readFileSync(join(at.project.out, older.patches.at(-1)?.file ?? "")),
      );
    },
    /bytes in place of|SHA-256 is not that|more than/,
  ],
  [
    "mix-and-match: older patches in a newer manifest",
    (at) => {
      const older = at.project.read("out/manifest-1-1.json");
      const list = /"patches": \[[^]*?\n\]/;
      at.host.replace(
        "manifest.json",
        at.project.manifestText.replace(list, list.exec(older)?.[0] ?? ""),
      );
    },
    /its signature is not valid/,
  ],
  [
    "endless data in place of a patch",
    (at) => (at.host.answers.clear(), void endless(at, newest(at))),
    /it has more than/,
  ],
  [
    "one bit of a patch",
    (at) => {
      at.host.answers.clear();
      const bytes = readFileSync(join(at.project.out, newest(at)));
      bytes[bytes.length >> 1]! ^= 1;
      at.host.replace(newest(at), bytes);
    },
    /SHA-256 is not that/,
  ],
];

for (const [what, breakIt, pattern] of SIGNED)
  test(`with a key, refused: ${what}`, async () => {
    await refused(true, breakIt, pattern);
  });

test("with a key, refused: rollback to a version that was signed", async () => {
  const at = await signedSite();
  const first = at.project.manifestText;
  at.edit("(+ 1 x)", "(+ 10 x)");
  const one = await signedPage(at);
  await one.version(2);
  at.host.replace("manifest.json", first);
  await one.error(/version 1 is older than version 2, which this page has seen/);
  assert.equal(one.call(), 11);
  assert.equal(await one.client.goTo(1), 1, "the developer may");
});

test("fast-forward recovery: a higher epoch is newer than any number of a lower one", async () => {
  const at = await signedSite();
  const one = await signedPage(at);
  await one.version(1);
  at.host.replace("manifest.json", await at.project.forged({ seq: 1e15, history: [] }, "key"));
  await one.version(1e15);
  at.host.answers.clear();
  await one.error(/version 1 is older than version 1000000000000000/);
  at.edit("(+ 1 x)", "(+ 10 x)", "--epoch", "2");
  await one.version(1);
  assert.deepEqual([one.call(), one.client.stats().epoch], [11, "2"]);
});

test("rotation: who knows both keys takes either; who knows the old one needs its signature", async () => {
  const at = await signedSite();
  const next = at.project.keygen("next");
  const both = await signedPage(at, { publicKey: [at.publicKey, next] });
  const old = await signedPage(at);
  await both.version(1);
  await old.version(1);
  at.edit("(+ 1 x)", "(+ 10 x)", "--sign", "key", "--sign", "next");
  await both.version(2);
  await old.version(2);
  const fresh = await signedPage(at, { publicKey: next });
  await fresh.version(2);
  at.edit("(+ 10 x)", "(+ 100 x)", "--sign", "next");
  await both.version(3);
  await fresh.version(3);
  await old.error(/it is signed with a wrong key/);
  assert.deepEqual([both.call(), old.call(), fresh.call()], [101, 11, 101]);
});

test("a page that starts late does not take an older version for another application's key", async () => {
  const at = await signedSite("--app", "shop");
  const one = await signedPage(at, { app: "bank" });
  await one.error(/it is of the application "shop", not of "bank"/);
  assert.equal(one.call(), undefined);
});

test("keys that are none are refused, and nothing is installed", async () => {
  const at = await signedSite();
  for (const publicKey of [
    "",
    "ed25519:",
    at.publicKey.toUpperCase(),
    [],
    [at.publicKey, "x"],
    7 as never,
  ]) {
    const one = await page(at, { publicKey });
    await one.error(/publicKey/);
    assert.equal(one.call(), undefined);
    one.client.close();
  }
});

test("with a key, nothing else is installed: no file, no code, no push of a server", async () => {
  const at = await signedSite();
  const patch = readFileSync(join(at.project.out, newest(at)));
  const one = await signedPage(at, { compiler: "local" });
  await one.version(1);
  const result = await one.client.install(patch);
  assert.ok(
    !result.ok &&
      result.error.class === "SecurityException" &&
      /unsigned/.test(result.error.message),
  );
  await assert.rejects(one.client.jankEval("(+ 1 2)"), /unsigned/);
  const server = await TestServer.start({ "src/app.jank": SOURCE });
  cleanups.push(() => void server.close());
  const client = new Client({
    url: server.url,
    publicKey: at.publicKey,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  clients.push(client);
  const pushed = new Page(client);
  await assert.rejects(client.ready, /unsigned/);
  const error = await pushed.error(/unsigned/);
  assert.equal(error.class, "SecurityException");
  await assert.rejects(client.jankEval("(+ 1 2)"), /unsigned/);
  assert.equal(client.status, "failed");
  assert.equal(server.server.pages.all.length, 0, "it does not even connect");
  assert.equal(client.stats().installed, 0);
});
