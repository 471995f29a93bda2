// The WebSocket side: /repl on the WebSocket's own port and on the HTTP port.

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import {
  MAX_MESSAGE_BYTES,
  parseClientMessage,
  PROTOCOL_VERSION,
  ProtocolError,
  reportOf,
  type ClientMessage,
  type ServerMessage,
  type ErrorReport,
} from "../protocol.js";
import { reportOfThrown } from "../runtime.js";
import type { Engine } from "./engine.js";
import { refusal, renewedCookie, type GuardOptions } from "./guard.js";
import {
  answering,
  answerQuestion,
  HTTP_LIMITS,
  isQuestion,
  limited,
  pathOf,
  securityHeaders,
} from "./http.js";
import { Page, sendBounded, type Acknowledgement, type Pages } from "./pages.js";

export interface SocketOptions {
  engine: Engine;
  pages: Pages;
  guard: GuardOptions;
  /** What pages print, log and tap. */
  onOutput: (page: Page, output: Extract<ClientMessage, { type: "output" }>) => void;
  /** A page's program failed, in vars that were patched just now: they are to be rolled back. */
  onFailure: (page: Page, failure: Extract<ClientMessage, { type: "failure" }>) => void;
  onAcknowledge: (page: Page, ack: Acknowledgement) => void;
  onConnect: (page: Page) => void;
  onDisconnect: (page: Page) => void;
  /** The error that the last save ended with, for pages that connect later. */
  lastError: () => ErrorReport | undefined;
}

/** That one page may have asked for, and that have not ended. */
const MAX_EVALUATIONS = 1_000;
/** Characters of what pages call themselves. */
const MAX_NAME = 200;
/** A page that has not answered a ping until the next one is gone. */
const PING_INTERVAL = 15_000;

export class Sockets {
  readonly #options: SocketOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });

  readonly #silent = new WeakSet<WebSocket>();
  readonly #heartbeat = setInterval(() => this.#beat(), PING_INTERVAL).unref();

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#server.on("headers", (headers, request: IncomingMessage) => {
      const cookie = renewedCookie(request, options.guard);
      if (cookie) headers.push(`Set-Cookie: ${cookie}`);
    });
  }

  /** Answers upgrades of this HTTP server at /repl. */
  attach(server: Server): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on("error", () => undefined);
      const refused = refusal(request, this.#options.guard);
      if (refused !== undefined) reject(socket, 403, refused);
      else if (pathOf(request) !== "/repl") reject(socket, 404, "the WebSocket is at /repl");
      else
        this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket));
    });
  }

  /** A server that answers WebSockets alone. */
  createServer(): Server {
    const server = createServer(HTTP_LIMITS, (request, response) => {
      const refused = refusal(request, this.#options.guard, "read");
      if (refused === undefined && isQuestion(pathOf(request)))
        return answering(response, answerQuestion(request, response, this.#options.pages));
      const status = refused === undefined ? 426 : 403;
      response.writeHead(status, { ...securityHeaders, "Content-Type": "text/plain" });
      response.end(`${refused ?? "This is a WebSocket port: connect to /repl"}\n`);
    });
    this.attach(limited(server));
    return server;
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #beat(): void {
    for (const socket of this.#server.clients) {
      if (this.#silent.has(socket)) socket.terminate();
      this.#silent.add(socket);
      socket.ping();
    }
  }

  #accept(socket: WebSocket): void {
    let page: Page | undefined;
    socket.on("pong", () => this.#silent.delete(socket));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (!page) return;
      this.#options.pages.remove(page);
      this.#options.onDisconnect(page);
    });
    socket.on("message", (data, isBinary) => {
      try {
        if (isBinary) throw new ProtocolError("messages are texts, not binary");
        const message = parseClientMessage((data as Buffer).toString("utf8"));
        if (message.type === "handshake") page ??= this.#welcome(socket, message);
        else this.#handle(socket, page, message);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        send(socket, { type: "error", error: reportOf("load", error.name, error.message) });
      }
    });
  }

  #welcome(socket: WebSocket, hello: Extract<ClientMessage, { type: "handshake" }>): Page {
    if (hello.version !== PROTOCOL_VERSION)
      throw new ProtocolError(
        `the page speaks version ${hello.version} of the protocol, this server ${PROTOCOL_VERSION}: ` +
          "reload the page to get the client that fits",
      );
    const { engine, pages, onConnect, lastError } = this.#options;
    const page = new Page(
      {
        id: hello.clientId.slice(0, MAX_NAME),
        name: hello.name.slice(0, MAX_NAME),
        location: hello.location.slice(0, MAX_NAME),
      },
      socket,
    );
    const { epoch, seq } = engine.log;
    page.send({ type: "handshake_ack", version: PROTOCOL_VERSION, epoch, seq });
    this.#replay(page, hello);
    const error = lastError();
    if (error) page.send({ type: "error", error });
    pages.add(page);
    onConnect(page);
    return page;
  }

  /** What it misses, and that this is all. */
  #replay(page: Page, { epoch, seq }: { epoch: string | null; seq: number }): void {
    const { log } = this.#options.engine;
    const missing = log.since(epoch, seq);
    for (const message of missing) page.send(message);
    const after = missing.at(-1)?.seq ?? (epoch === log.epoch && seq <= log.seq ? seq : 0);
    page.send({ type: "current", epoch: log.epoch, after, seq: log.seq });
  }

  #handle(socket: WebSocket, page: Page | undefined, message: ClientMessage): void {
    if (message.type === "ping") {
      const { epoch, seq } = this.#options.engine.log;
      send(socket, { type: "pong", at: message.at, epoch, seq });
      return;
    }
    if (!page) throw new ProtocolError("a handshake must come first");
    switch (message.type) {
      case "handshake":
        break;
      case "patch_ack":
        page.acknowledge(message);
        this.#options.onAcknowledge(page, message);
        break;
      case "eval":
        this.#enqueue(page, message.id, (signal) => this.#evaluate(page, message, signal));
        break;
      case "resume":
        this.#replay(page, message);
        break;
      case "interrupt":
        page.interrupts.get(message.id)?.abort();
        break;
      case "undo":
        this.#enqueue(page, message.id, () => this.#undo(message));
        break;
      case "failure":
        this.#options.onFailure(page, message);
        break;
      case "eval_result":
        page.ran(message);
        break;
      case "output":
        this.#options.onOutput(page, message);
        break;
      case "focus":
        page.focusedAt = Date.now();
        break;
    }
  }

  /** Answers what a page asks for, one after the other; once, if it asks twice. */
  #enqueue(page: Page, id: string, body: (signal: AbortSignal) => Promise<ServerMessage>): void {
    if (!page.isNew(id)) return;
    if (page.interrupts.size >= MAX_EVALUATIONS)
      throw new ProtocolError(`more than ${MAX_EVALUATIONS} evaluations are waiting`);
    const controller = new AbortController();
    page.interrupts.set(id, controller);
    page.evaluations = page.evaluations
      .then(() => body(controller.signal))
      .catch((error: unknown): ServerMessage => ({
        type: "error",
        id,
        error: reportOfThrown(error),
      }))
      .then((answer) => page.send(answer))
      .finally(() => page.interrupts.delete(id));
  }

  async #evaluate(
    page: Page,
    { id, code, ns, file, line, column }: Extract<ClientMessage, { type: "eval" }>,
    signal: AbortSignal,
  ): Promise<ServerMessage> {
    const result = await this.#options.engine.evaluate(code, {
      page,
      session: page.id,
      signal,
      file: file ?? "<page>",
      ...(ns !== undefined && { ns }),
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
    });
    return { type: "eval_result", id, ...result };
  }

  async #undo({ id, vars }: Extract<ClientMessage, { type: "undo" }>): Promise<ServerMessage> {
    return { type: "undo_result", id, ...(await this.#options.engine.undo(vars)) };
  }
}

function send(socket: WebSocket, message: ServerMessage): void {
  sendBounded(socket, JSON.stringify(message));
}

function reject(socket: Duplex, status: number, reason: string): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${status === 403 ? "Forbidden" : "Not Found"}\r\n` +
      `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
