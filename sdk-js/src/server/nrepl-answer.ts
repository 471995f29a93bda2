// What one request is answered with, over the connection that it came by.

import type { Socket } from "node:net";
import { encodeBencode, type Bencode } from "./bencode.js";

export type Fields = Record<string, Bencode | undefined>;

/** Bytes that may wait for a client before it is cut off. */
const MAX_BACKLOG = 64 * 1024 * 1024;

/** What one connection may have waiting: evaluations, and characters of code. */
const MAX_WAITING = 10_000;
const MAX_WAITING_CODE = 64 * 1024 * 1024;

export class Connection {
  #waiting = 0;
  #waitingCode = 0;

  constructor(readonly socket: Socket) {}

  send(fields: Fields): void {
    if (!this.socket.writable) return;
    if (this.socket.writableLength > MAX_BACKLOG) this.socket.destroy();
    else this.socket.write(encodeBencode(fields));
  }

  /** Runs the body as one that waits; false: too much waits already. */
  async holding(code: string, body: () => Promise<void>): Promise<boolean> {
    if (this.#waiting >= MAX_WAITING || this.#waitingCode + code.length > MAX_WAITING_CODE)
      return false;
    this.#waiting++;
    this.#waitingCode += code.length;
    try {
      await body();
    } finally {
      this.#waiting--;
      this.#waitingCode -= code.length;
    }
    return true;
  }
}

/** The messages that answer one request. */
export class Answer {
  #isDone = false;

  constructor(
    readonly connection: Connection,
    readonly id: Bencode | undefined,
    readonly session: Bencode | undefined,
  ) {}

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Nothing comes after "done". */
  send(fields: Fields): void {
    if (this.#isDone) return;
    this.#isDone = Array.isArray(fields.status) && fields.status.includes("done");
    this.connection.send({ id: this.id, session: this.session, ...fields });
  }

  /** It could not be done, and why. */
  refuse(status: string, reason?: string): void {
    const err = reason === undefined ? {} : { err: `${reason}\n` };
    this.send({ ...err, status: ["error", status, "done"] });
  }
}

/** An empty text or list, as clients write nil. */
export const isAbsent = (value: Bencode | undefined): value is undefined | "" | [] =>
  value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
