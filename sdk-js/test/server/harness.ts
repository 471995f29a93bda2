// A real server on free ports over a scratch folder, and what talks to it: raw
// WebSockets, nREPL connections, HTTP requests.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startServer, type RunningServer, type ServerOptions } from "jank-hot-reload/server";
import { WebSocket, type ClientOptions } from "ws";
import { PROTOCOL_VERSION, type ClientMessage, type ServerMessage } from "../../src/protocol.js";
import {
  BencodeDecoder,
  encodeBencode,
  type Bencode,
  type BencodeDictionary,
} from "../../src/server/bencode.js";

const PATIENCE = 10_000;

/** Polls until the body gives something; rejects when it takes too long. */
export async function until<Result>(
  what: string,
  body: () => Result | undefined | false,
  patience = PATIENCE,
): Promise<Result> {
  const end = performance.now() + patience;
  for (;;) {
    const result = body();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(5);
  }
}

/** As until, where asking takes time. */
export async function eventually(
  what: string,
  body: () => Promise<boolean>,
  patience = PATIENCE,
): Promise<void> {
  const end = performance.now() + patience;
  while (!(await body())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(5);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

// ---- Server -------------------------------------------------------------------

export class TestServer {
  readonly lines: string[] = [];
  server!: RunningServer;
  readonly #sockets: { destroy(): void }[] = [];
  readonly #options: ServerOptions;

  private constructor(
    readonly root: string,
    options: ServerOptions,
  ) {
    this.#options = options;
  }

  /** `files`: what the served folder holds, by path. */
  static async start(
    files: Record<string, string> = {},
    options: ServerOptions = {},
  ): Promise<TestServer> {
    const test = new TestServer(mkdtempSync(join(tmpdir(), "jank-hot-test-")), options);
    mkdirSync(join(test.root, "src"));
    for (const [name, text] of Object.entries(files)) test.write(name, text);
    try {
      await test.restart();
    } catch (error) {
      rmSync(test.root, { recursive: true });
      throw error;
    }
    return test;
  }

  /** Starts again, on the same ports. */
  async restart(): Promise<void> {
    const { port = 0, wsPort = 0, nreplPort = 0 } = this.server ?? {};
    await this.server?.close();
    this.server = await startServer({
      root: this.root,
      port,
      wsPort,
      nreplPort,
      log: (line) => this.lines.push(line),
      persist: false,
      ...this.#options,
    });
  }

  write(name: string, text: string): string {
    const path = join(this.root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  get url(): string {
    return `ws://localhost:${this.server.wsPort}/repl`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.server.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** A connection without a handshake. */
  async socket(options: ClientOptions = {}, url = this.url): Promise<TestSocket> {
    const socket = new TestSocket(new WebSocket(url, options));
    this.#sockets.push(socket);
    await socket.opened;
    return socket;
  }

  /** A page that has shaken hands. It acknowledges nothing by itself. */
  async page(name = "page", epoch: string | null = null, seq = 0): Promise<TestSocket> {
    const socket = await this.socket();
    socket.send({ ...hello(name), epoch, seq });
    await socket.next("handshake_ack");
    return socket;
  }

  async nrepl(): Promise<NreplConnection> {
    const connection = await NreplConnection.open(this.server.nreplPort);
    this.#sockets.push(connection);
    return connection;
  }

  http(path: string, options: HttpOptions = {}): Promise<HttpAnswer> {
    return http(this.server.port, path, options);
  }

  /** In the server's own instance. */
  async here(code: string): Promise<string | undefined> {
    return (await this.server.engine.evaluate(code, { page: "server" })).value;
  }

  /** POST /eval. */
  async eval(code: string): Promise<HttpAnswer> {
    return this.http("/eval", { method: "POST", body: code });
  }
}

// ---- HTTP ---------------------------------------------------------------------

export interface HttpOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The text as JSON; undefined when it is none. */
  json: Record<string, unknown> | undefined;
}

/** As it is given: `fetch` would tidy up the path and refuse to set Host. */
export function http(
  port: number,
  path: string,
  { method = "GET", headers = {}, body }: HttpOptions = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port, host: "127.0.0.1", path, method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, text, json: parsed(text) });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

export const hello = (name: string) => ({
  type: "handshake" as const,
  version: PROTOCOL_VERSION,
  clientId: name,
  name,
  location: "",
  epoch: null as string | null,
  seq: 0,
});

/** Of a page that has installed a transaction. */
export const acknowledgement = (
  fields: { epoch: string; seq: number } & Partial<Extract<ClientMessage, { type: "patch_ack" }>>,
) => ({
  type: "patch_ack" as const,
  status: "installed" as const,
  changes: [],
  transferMs: 1,
  installMs: 1,
  ...fields,
});

// ---- WebSocket ----------------------------------------------------------------

type Type = ServerMessage["type"];
type MessageOf<T extends Type> = Extract<ServerMessage, { type: T }>;

export class TestSocket {
  /** Everything that came, in order. */
  readonly messages: ServerMessage[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  #read = 0;

  constructor(readonly socket: WebSocket) {
    socket.on("message", (data) =>
      this.messages.push(JSON.parse((data as Buffer).toString()) as ServerMessage),
    );
    this.opened = new Promise((done, failed) => {
      socket.once("open", () => done());
      socket.once("error", failed);
    });
    this.closed = new Promise((done) =>
      socket.once("close", (code, reason) => done({ code, reason: reason.toString() })),
    );
    this.opened.catch(() => undefined);
  }

  /** A message, or any text or bytes as they are. */
  send(message: ClientMessage | string | Uint8Array): void {
    const isRaw = typeof message === "string" || message instanceof Uint8Array;
    this.socket.send(isRaw ? message : JSON.stringify(message));
  }

  /** The next message of the type after those that next() has returned. */
  next<T extends Type>(
    type: T,
    fits: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<MessageOf<T>> {
    return until(`a message "${type}"`, () => {
      const at = this.messages.findIndex(
        (message, i) => i >= this.#read && message.type === type && fits(message as MessageOf<T>),
      );
      if (at < 0) return undefined;
      this.#read = at + 1;
      return this.messages[at] as MessageOf<T>;
    });
  }

  /** Everything that the server has sent by now has come. */
  async settle(): Promise<void> {
    const at = Math.random();
    this.send({ type: "ping", at });
    await until("a pong", () =>
      this.messages.some((message) => message.type === "pong" && message.at === at),
    );
  }

  get patches(): MessageOf<"patch">[] {
    return this.messages.filter((message) => message.type === "patch");
  }

  /** Of the whole transaction, when the patch is its last. */
  acknowledge({ epoch, seq, commit }: MessageOf<"patch">): void {
    if (seq === commit) this.send(acknowledgement({ epoch, seq }));
  }

  /** Answers every patch and every expression, as a page would. */
  obey(value = "from-the-page"): this {
    this.socket.on("message", (data) => {
      const message = JSON.parse((data as Buffer).toString()) as ServerMessage;
      if (message.type === "patch") this.acknowledge(message);
      if (message.type !== "run") return;
      const { id, ns } = message;
      this.send({ type: "eval_result", id, ns, value, out: "", err: "", installMs: 1 });
    });
    return this;
  }

  destroy(): void {
    this.socket.terminate();
  }
}

// ---- nREPL --------------------------------------------------------------------

export class NreplConnection {
  readonly messages: BencodeDictionary[] = [];
  readonly closed: Promise<void>;
  #ids = 0;

  private constructor(readonly socket: Socket) {
    const decoder = new BencodeDecoder();
    socket.on("data", (bytes) => this.messages.push(...decoder.push(bytes)));
    socket.on("error", () => undefined);
    this.closed = new Promise((done) => socket.once("close", () => done()));
  }

  static open(port: number): Promise<NreplConnection> {
    return new Promise((done, failed) => {
      const socket = connect(port, "127.0.0.1", () => done(new NreplConnection(socket)));
      socket.once("error", failed);
    });
  }

  /** Sends the request and waits for its last answer. All answers, in order. */
  async request(fields: Record<string, Bencode>): Promise<BencodeDictionary[]> {
    const id = `request-${++this.#ids}`;
    this.socket.write(encodeBencode({ ...fields, id }));
    return this.answers(id);
  }

  async answers(id: string): Promise<BencodeDictionary[]> {
    const all = () => this.messages.filter((message) => message.id === id);
    await until(`an answer to ${id}`, () => all().some(isLast));
    return all();
  }

  /** The session of a `clone`. */
  async clone(): Promise<string> {
    const [answer] = await this.request({ op: "clone" });
    return answer?.["new-session"] as string;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** What the answers of one request say together. */
export function summary(answers: BencodeDictionary[]): {
  values: string[];
  ns: string | undefined;
  out: string;
  err: string;
  ex: string | undefined;
  status: string[];
} {
  const texts = (key: string) =>
    answers.flatMap((answer) => (key in answer ? [answer[key] as string] : []));
  return {
    values: texts("value"),
    ns: texts("ns").at(-1),
    out: texts("out").join(""),
    err: texts("err").join(""),
    ex: texts("ex")[0],
    status: answers.flatMap((answer) => (answer.status as string[] | undefined) ?? []),
  };
}

const isLast = ({ status }: BencodeDictionary): boolean =>
  Array.isArray(status) && status.includes("done");
