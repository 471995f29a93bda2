// nREPL: the editors' protocol, bencode over TCP.
//
// Every request is answered by messages that carry its id and session; the last
// one has status "done". The evaluations of one session run one after the other;
// everything else is answered at once. Sessions outlive connections.

import { randomUUID } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { formatReport } from "../protocol.js";
import {
  BencodeDecoder,
  BencodeError,
  encodeBencode,
  type Bencode,
  type BencodeDictionary,
} from "./bencode.js";
import type { Engine } from "./engine.js";
import type { EvaluateOptions, EvaluateResult } from "./evaluator.js";
import type { Pages } from "./pages.js";

interface Session {
  id: string;
  ns: string;
  /** The evaluations that were asked for. */
  queue: Promise<void>;
}

interface Request {
  message: BencodeDictionary;
  session: Session | undefined;
  reply: (fields: Record<string, Bencode | undefined>) => void;
}

type Operation = (request: Request) => Promise<void> | void;

const text = (value: Bencode | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** From 1; clients send numbers, some of them as texts. */
function lineOf(value: Bencode | undefined): number | undefined {
  const line = typeof value === "string" ? Number(value) : value;
  return Number.isSafeInteger(line) && (line as number) > 0 ? (line as number) : undefined;
}

export class NreplServer {
  readonly server: Server;
  readonly #engine: Engine;
  readonly #version: string;
  readonly #sessions = new Map<string, Session>();
  readonly #sockets = new Set<Socket>();

  constructor({ engine, version }: { engine: Engine; pages: Pages; version: string }) {
    this.#engine = engine;
    this.#version = version;
    this.server = createServer((socket) => this.#serve(socket));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
  }

  broadcastOutput(_stream: string, _text: string): void {}

  #serve(socket: Socket): void {
    const decoder = new BencodeDecoder();
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (bytes) => {
      try {
        for (const message of decoder.push(bytes)) void this.#answer(socket, message);
      } catch (error) {
        if (!(error instanceof BencodeError)) throw error;
        const err = `not nREPL: ${error.message}\n`;
        socket.removeAllListeners("data");
        socket.write(encodeBencode({ err, status: ["error", "bad-message", "done"] }));
        socket.destroySoon();
      }
    });
  }

  async #answer(socket: Socket, message: BencodeDictionary): Promise<void> {
    const { id, op } = message;
    const session = text(message.session);
    const reply: Request["reply"] = (fields) => {
      if (socket.writable) socket.write(encodeBencode({ id, session, ...fields }));
    };
    const name = text(op) ?? "";
    const operation = Object.hasOwn(this.#operations, name) ? this.#operations[name] : undefined;
    if (!operation) {
      reply({ op, status: ["error", "unknown-op", "done"] });
      return;
    }
    if (session !== undefined && !this.#sessions.has(session)) {
      reply({ status: ["error", "unknown-session", "done"] });
      return;
    }
    try {
      await operation({ message, session: this.#sessions.get(session ?? ""), reply });
    } catch (error) {
      reply({ err: `${(error as Error).message}\n` });
      reply({ status: ["error", "done"] });
    }
  }

  readonly #operations: Record<string, Operation> = {
    clone: ({ session, reply }) => {
      const id = randomUUID();
      this.#sessions.set(id, { id, ns: session?.ns ?? "user", queue: Promise.resolve() });
      reply({ "new-session": id, status: ["done"] });
    },
    close: ({ session, reply }) => {
      if (session) this.#sessions.delete(session.id);
      reply({ status: session ? ["session-closed", "done"] : ["error", "no-session", "done"] });
    },
    describe: ({ session, reply }) => {
      reply({
        ops: Object.fromEntries(Object.keys(this.#operations).map((name) => [name, {}])),
        versions: {
          jank: { "version-string": this.#version },
          nrepl: { "version-string": "1.0.0", major: 1, minor: 0, incremental: 0 },
        },
        aux: { "current-ns": session?.ns ?? "user" },
        status: ["done"],
      });
    },
    "ls-sessions": ({ reply }) => {
      reply({ sessions: [...this.#sessions.keys()], status: ["done"] });
    },
    eval: (request) => this.#inTurn(request, () => this.#eval(request)),
    "load-file": (request) => this.#inTurn(request, () => this.#loadFile(request)),
  };

  #inTurn({ session }: Request, body: () => Promise<void>): Promise<void> {
    if (!session) return this.#whenReady(body);
    const turn = session.queue.then(() => this.#whenReady(body));
    session.queue = turn.catch(() => undefined);
    return turn;
  }

  async #whenReady(body: () => Promise<void>): Promise<void> {
    await body();
  }

  /** A request's `ns` is for that request: it does not become the session's. */
  async #eval({ message, session, reply }: Request): Promise<void> {
    const ns = text(message.ns);
    if (typeof message.code !== "string") {
      reply({ status: ["error", "no-code", "done"] });
      return;
    }
    if (ns !== undefined && !(await this.#engine.hasNamespace(ns))) {
      reply({ status: ["error", "namespace-not-found", "done"], ns });
      return;
    }
    const line = lineOf(message.line);
    const result = await this.#evaluate(reply, message.code, {
      ns: ns ?? session?.ns ?? "user",
      file: text(message.file) ?? "<nrepl>",
      ...(line !== undefined && { line }),
      onValue: (value, after) => reply({ value, ns: after }),
    });
    if (session && ns === undefined) session.ns = result.ns;
    reply({ status: ["done"] });
  }

  /** `file` is the contents. One value, and the session stays where it is. */
  async #loadFile({ message, reply }: Request): Promise<void> {
    if (typeof message.file !== "string") {
      reply({ status: ["error", "no-file", "done"] });
      return;
    }
    const { value, error } = await this.#evaluate(reply, message.file, {
      file: text(message["file-path"]) ?? text(message["file-name"]) ?? "<load-file>",
    });
    if (!error) reply({ value: value ?? "nil" });
    reply({ status: ["done"] });
  }

  async #evaluate(
    reply: Request["reply"],
    code: string,
    options: EvaluateOptions,
  ): Promise<EvaluateResult> {
    const result = await this.#engine.evaluate(code, {
      ...options,
      onOutput: (stream, printed) => reply({ [stream]: printed }),
    });
    for (const page of result.pages)
      if (page.error) reply({ err: `in the page "${page.name}": ${formatReport(page.error)}\n` });
    if (result.error) {
      const { class: ex } = result.error;
      reply({ err: `${formatReport(result.error)}\n` });
      reply({ ex, "root-ex": ex, status: ["eval-error"] });
    }
    return result;
  }
}
