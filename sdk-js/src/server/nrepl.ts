// nREPL: the editors' protocol, bencode over TCP.
//
// Every request is answered, in order, by messages that carry its id and
// session; the last one has status "done".

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

interface Session {
  id: string;
  ns: string;
}

interface Request {
  message: BencodeDictionary;
  reply: (fields: Record<string, Bencode | undefined>) => void;
}

type Operation = (request: Request) => Promise<void> | void;

const text = (value: Bencode | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

export class NreplServer {
  readonly server: Server;
  readonly #engine: Engine;
  readonly #version: string;
  readonly #sessions = new Map<string, Session>();
  readonly #sockets = new Set<Socket>();

  constructor(engine: Engine, version: string) {
    this.#engine = engine;
    this.#version = version;
    this.server = createServer((socket) => this.#serve(socket));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
  }

  #serve(socket: Socket): void {
    const decoder = new BencodeDecoder();
    let queue = Promise.resolve();
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (bytes) => {
      try {
        for (const message of decoder.push(bytes))
          queue = queue.then(() => this.#answer(socket, message));
      } catch (error) {
        if (!(error instanceof BencodeError)) throw error;
        socket.end(
          encodeBencode({ err: `${error.message}\n`, status: ["error", "bad-message", "done"] }),
        );
      }
    });
  }

  async #answer(socket: Socket, message: BencodeDictionary): Promise<void> {
    const { id, session } = message;
    const reply: Request["reply"] = (fields) => {
      if (socket.writable)
        socket.write(encodeBencode({ id: id ?? "unknown", session: session ?? "none", ...fields }));
    };
    const operation = Object.hasOwn(this.#operations, text(message.op) ?? "")
      ? this.#operations[text(message.op) ?? ""]
      : undefined;
    if (!operation) {
      reply({ status: ["error", "unknown-op", "done"], op: message.op });
      return;
    }
    if (typeof session === "string" && !this.#sessions.has(session)) {
      reply({ status: ["error", "unknown-session", "done"] });
      return;
    }
    try {
      await operation({ message, reply });
    } catch (error) {
      reply({ err: `${(error as Error).message}\n`, status: ["error", "done"] });
    }
  }

  readonly #operations: Record<string, Operation> = {
    clone: ({ message, reply }) => {
      const from = this.#sessions.get(text(message.session) ?? "");
      const session = { id: randomUUID(), ns: from?.ns ?? "user" };
      this.#sessions.set(session.id, session);
      reply({ "new-session": session.id, status: ["done"] });
    },
    close: ({ message, reply }) => {
      this.#sessions.delete(text(message.session) ?? "");
      reply({ status: ["session-closed", "done"] });
    },
    describe: ({ message, reply }) => {
      reply({
        ops: Object.fromEntries(Object.keys(this.#operations).map((name) => [name, {}])),
        versions: {
          "jank-hot-reload": { "version-string": this.#version },
          nrepl: { "version-string": "1.3.0", major: 1, minor: 3, incremental: 0 },
        },
        aux: { "current-ns": this.#sessions.get(text(message.session) ?? "")?.ns ?? "user" },
        status: ["done"],
      });
    },
    "ls-sessions": ({ reply }) => {
      reply({ sessions: [...this.#sessions.keys()], status: ["done"] });
    },
    eval: (request) => this.#eval(request, text(request.message.code), text(request.message.file)),
    "load-file": (request) =>
      this.#eval(
        request,
        text(request.message.file),
        text(request.message["file-path"]) ?? text(request.message["file-name"]),
        "user",
      ),
  };

  async #eval(
    { message, reply }: Request,
    code: string | undefined,
    file: string | undefined,
    startNs?: string,
  ): Promise<void> {
    if (code === undefined) {
      reply({ status: ["error", startNs ? "no-file" : "no-code", "done"] });
      return;
    }
    const session = this.#sessions.get(text(message.session) ?? "");
    const line = message.line;
    const result = await this.#engine.evaluate(code, {
      ns: startNs ?? text(message.ns) ?? session?.ns ?? "user",
      file: file ?? "<nrepl>",
      ...(typeof line === "number" && line > 0 && { line }),
      onOutput: (stream, printed) => reply({ [stream]: printed }),
      onValue: (value, ns) => reply({ value, ns }),
    });
    if (session && !startNs) session.ns = result.ns;
    for (const page of result.pages)
      if (page.error) reply({ err: `in the page "${page.name}": ${formatReport(page.error)}\n` });
    if (result.error) {
      reply({ err: `${formatReport(result.error)}\n` });
      reply({ ex: result.error.class, "root-ex": result.error.class, status: ["eval-error"] });
    }
    reply({ status: ["done"] });
  }
}
