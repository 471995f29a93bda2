// nREPL: the editors' protocol, bencode over TCP.
//
// Every request is answered by messages that carry its id and session; the last
// one has status "done", and there is one such. What comes is read and answered at
// once, whatever is being evaluated. nrepl-table.ts says which operations there are,
// nrepl-ops.ts answers them, nrepl-eval.ts evaluates, nrepl-session.ts has the sessions.

import { createServer, type Server } from "node:net";
import type { Stream } from "../runtime.js";
import { BencodeDecoder, BencodeError, encodeBencode, type BencodeDictionary } from "./bencode.js";
import { Answer, Connection, isAbsent } from "./nrepl-answer.js";
import { Operations, type NreplOptions } from "./nrepl-ops.js";
import { Sessions } from "./nrepl-session.js";
import { isOperation, wrongField } from "./nrepl-table.js";

export class NreplServer {
  readonly server: Server;
  readonly #sessions = new Sessions();
  readonly #connections = new Set<Connection>();
  readonly #operations: Operations;

  constructor(options: NreplOptions) {
    this.#operations = new Operations(options, this.#sessions);
    this.server = createServer((socket) => this.#serve(new Connection(socket)));
  }

  close(): void {
    for (const session of this.#sessions.all) session.interruptAll();
    for (const { socket } of this.#connections) socket.destroy();
    this.server.close();
  }

  /**
   * What pages print by themselves. It goes to each session that somebody is there to
   * read, as a late answer to its last evaluation: editors show it where that one's was.
   */
  broadcastOutput(stream: Stream, text: string): void {
    if (text === "") return;
    for (const { id: session, connection, lastId: id, hasEvaluated } of this.#sessions.all)
      if (hasEvaluated) connection?.send({ id, session, [stream]: text });
  }

  #serve(connection: Connection): void {
    const { socket } = connection;
    const decoder = new BencodeDecoder();
    this.#connections.add(connection);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#connections.delete(connection);
      this.#sessions.detach(connection);
    });
    socket.on("data", (bytes) => {
      try {
        for (const message of decoder.push(bytes)) void this.#answer(connection, message);
      } catch (error) {
        if (!(error instanceof BencodeError)) throw error;
        const err = `not nREPL: ${error.message}\n`;
        socket.removeAllListeners("data");
        socket.write(encodeBencode({ err, status: ["error", "bad-message", "done"] }));
        socket.destroySoon();
      }
    });
  }

  async #answer(connection: Connection, message: BencodeDictionary): Promise<void> {
    const { id, op, session: asked } = message;
    const session = typeof asked === "string" ? this.#sessions.get(asked) : undefined;
    const answer = new Answer(connection, id, session ? asked : undefined);
    if (!isAbsent(asked) && !session) {
      const told = typeof asked === "string" ? { session: asked } : {};
      return answer.send({ ...told, status: ["error", "unknown-session", "done"] });
    }
    if (!isOperation(op)) {
      const told = typeof op === "string" ? { op } : {};
      return answer.send({ ...told, status: ["error", "unknown-op", "done"] });
    }
    if (session) this.#sessions.use(session, connection);
    try {
      const wrong = wrongField(op, message);
      if (wrong) answer.refuse(wrong.status, wrong.reason);
      else await this.#operations.answer(op, { message, session, connection, answer });
    } catch (error) {
      answer.refuse("server-error", (error as Error).message);
    }
  }
}
