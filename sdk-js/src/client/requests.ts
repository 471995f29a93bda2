// What a page asks of its server, `eval` and `undo`, until that is answered. A request
// waits for a connection and is sent once; when the connection is lost on it, it fails:
// what became of it nobody knows.

import { reportOf } from "../protocol.js";
import type { ClientMessage, ErrorReport, ServerMessage, UndoReport } from "../protocol.js";
import { JankError, reportOfThrown } from "../runtime.js";
import { INTERRUPTED, INTERRUPTED_MESSAGE } from "../shared.js";
import type { EvalOptions, EvalResult } from "./api.js";
import { closed, illegalState } from "./errors.js";
import type { Page } from "./page.js";

type Request = Extract<ClientMessage, { type: "eval" | "undo" }>;
type Answer<Type> = Extract<ServerMessage, { type: Type }>;

interface Pending {
  message: Request;
  sent: boolean;
  resolve: (result: never) => void;
  reject: (error: JankError) => void;
}

interface Sender {
  /** false: there is no connection, and nothing was sent. Throws what cannot be sent. */
  trySend(message: ClientMessage): boolean;
}

/** Requests that may wait for an answer. */
const MAX_PENDING = 1_000;

export class Requests {
  readonly #page: Page;
  readonly #channel: Sender;
  readonly #pending = new Map<string, Pending>();
  #ids = 0;
  /** Of evaluations that name none: where the last one ended. */
  #ns = "user";
  #isClosed = false;

  constructor(page: Page, channel: Sender) {
    this.#page = page;
    this.#channel = channel;
  }

  /** How many wait. */
  get size(): number {
    return this.#pending.size;
  }

  /** See Client.jankEval. */
  evaluate(code: string, { signal, ...options }: EvalOptions): Promise<EvalResult> {
    return this.#ask({ type: "eval", id: this.#nextId(), code, ns: this.#ns, ...options }, signal);
  }

  /** See Client.undo. */
  undo(vars?: string[]): Promise<UndoReport> {
    return this.#ask({ type: "undo", id: this.#nextId(), ...(vars && { vars }) });
  }

  #nextId(): string {
    return `${this.#page.id}-${++this.#ids}`;
  }

  #ask<Result>(message: Request, signal?: AbortSignal): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#isClosed) return reject(closed());
      if (this.size >= MAX_PENDING) return reject(illegalState("too many requests are waiting"));
      const pending = { message, sent: false, resolve: resolve as Pending["resolve"], reject };
      this.#pending.set(message.id, pending);
      const interrupt = () => this.#interrupt(message.id);
      if (signal?.aborted) return interrupt();
      signal?.addEventListener("abort", interrupt);
      this.#send(pending);
    });
  }

  /** A signal may outlive what it was for. */
  #interrupt(id: string): void {
    const pending = this.#pending.get(id);
    if (pending?.sent) this.#channel.trySend({ type: "interrupt", id });
    else if (pending) this.refuse(id, reportOf("run", INTERRUPTED, INTERRUPTED_MESSAGE));
  }

  #send(pending: Pending): void {
    const { message } = pending;
    try {
      pending.sent = this.#channel.trySend(message);
    } catch (error) {
      this.refuse(message.id, reportOfThrown(error));
    }
  }

  // ---- Connection -------------------------------------------------------------

  /** There is one. */
  connected(): void {
    for (const pending of this.#pending.values()) if (!pending.sent) this.#send(pending);
  }

  lost(): void {
    const error = reportOf("run", "ConnectionException", "the connection was lost");
    for (const { sent, message } of [...this.#pending.values()])
      if (sent) this.refuse(message.id, error);
  }

  /** For good. */
  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#pending.values()) reject(closed());
    this.#pending.clear();
  }

  // ---- Answers ----------------------------------------------------------------

  eval_result(result: Answer<"eval_result">): void {
    const pending = this.#settle(result.id);
    if (pending?.message.type !== "eval") return;
    if (pending.message.ns === this.#ns) this.#ns = result.ns;
    if (result.error) pending.reject(new JankError(result.error));
    else pending.resolve({ ...result, value: result.value ?? "nil" } as never);
  }

  undo_result(result: Answer<"undo_result">): void {
    this.#settle(result.id)?.resolve(result as never);
  }

  refuse(id: string | undefined, error: ErrorReport): void {
    const pending = this.#settle(id);
    if (pending) pending.reject(new JankError(error));
    else this.#page.emit("error", error);
  }

  #settle(id = ""): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}
