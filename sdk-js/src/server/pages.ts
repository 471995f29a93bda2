// The pages that are connected. Each has a queue of its own in its socket: a
// slow one holds up no other, and one that does not read is cut off.

import type { WebSocket } from "ws";
import type { ClientMessage, Evaluation, PageReport, ServerMessage } from "../protocol.js";
import { reportOf } from "../protocol.js";
import type { CompiledForm } from "../runtime.js";

type Acknowledgement = Extract<ClientMessage, { type: "patch_ack" }>;

/** Bytes that may wait for a page before it is cut off. */
const MAX_BACKLOG = 64 * 1024 * 1024;
const ACK_TIMEOUT = 3_000;
const RUN_TIMEOUT = 60_000;
const MAX_ACKS = 10_000;

export class Page {
  readonly connectedAt = Date.now();
  focusedAt = Date.now();
  /** What it has asked for, one after the other. */
  evaluations: Promise<void> = Promise.resolve();
  readonly #acks = new Map<number, Acknowledgement>();
  readonly #waiting = new Map<number, () => void>();
  readonly #runs = new Map<string, (result: Evaluation) => void>();
  #isGone = false;

  constructor(
    readonly id: string,
    readonly name: string,
    readonly socket: WebSocket,
  ) {}

  send(message: ServerMessage): void {
    if (this.socket.bufferedAmount > MAX_BACKLOG) this.socket.terminate();
    else this.socket.send(JSON.stringify(message));
  }

  /**
   * Runs an expression there. Answers with an error when the page goes away, or
   * says nothing for a minute.
   */
  run(id: string, form: CompiledForm): Promise<Evaluation> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => this.#settle(id, failure("TimeoutException", `"${this.name}" does not answer`)),
        RUN_TIMEOUT,
      );
      this.#runs.set(id, (result) => {
        clearTimeout(timer);
        resolve(result);
      });
      this.send({
        type: "run",
        id,
        data: Buffer.from(form.bytes).toString("base64"),
        symbolName: form.entry,
        ns: form.ns,
      });
      if (this.#isGone) this.gone();
    });
  }

  ran(result: Extract<ClientMessage, { type: "eval_result" }>): void {
    this.#settle(result.id, result);
  }

  #settle(id: string, result: Evaluation): void {
    const resolve = this.#runs.get(id);
    this.#runs.delete(id);
    resolve?.(result);
  }

  acknowledge(ack: Acknowledgement): void {
    this.#acks.set(ack.seq, ack);
    this.#waiting.get(ack.seq)?.();
    for (const old of this.#acks.keys()) {
      if (this.#acks.size <= MAX_ACKS) break;
      this.#acks.delete(old);
    }
  }

  /** What became of these patches; waits for the page's answers. */
  async report(seqs: number[]): Promise<PageReport> {
    const last = seqs.at(-1);
    if (last !== undefined && !this.#acks.has(last)) await this.#acknowledged(last);
    const acks = seqs.flatMap((seq) => this.#acks.get(seq) ?? []);
    const error = acks.find((ack) => ack.status === "failed")?.error;
    return {
      id: this.id,
      name: this.name,
      status: error ? "failed" : acks.length < seqs.length ? "silent" : "installed",
      patches: acks.length,
      installMs: acks.reduce((sum, ack) => sum + ack.installMs, 0),
      ...(error && { error }),
    };
  }

  /** The socket is gone: nothing more will come. */
  gone(): void {
    this.#isGone = true;
    for (const wake of this.#waiting.values()) wake();
    this.#waiting.clear();
    for (const id of this.#runs.keys())
      this.#settle(id, failure("ConnectionException", `"${this.name}" went away`));
  }

  #acknowledged(seq: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(seq);
        resolve();
      };
      const timer = setTimeout(done, ACK_TIMEOUT);
      this.#waiting.set(seq, done);
      if (this.#isGone) done();
    });
  }
}

function failure(className: string, message: string): Evaluation {
  const error = reportOf("run", className, `the page ${message}`);
  return { ns: "user", out: "", err: "", error };
}

export class Pages {
  readonly #pages = new Set<Page>();

  /** A page that comes again ends the connection it had. */
  add(page: Page): void {
    for (const old of this.#pages) if (old.id === page.id) old.socket.terminate();
    this.#pages.add(page);
  }

  remove(page: Page): void {
    this.#pages.delete(page);
    page.gone();
  }

  get all(): Page[] {
    return [...this.#pages];
  }

  /** Where an expression is evaluated: the page that was focused last. */
  get current(): Page | undefined {
    return this.all.sort((a, b) => b.focusedAt - a.focusedAt)[0];
  }

  broadcast(message: ServerMessage): void {
    for (const page of this.#pages) page.send(message);
  }

  reports(seqs: number[]): Promise<PageReport[]> {
    return Promise.all(this.all.map((page) => page.report(seqs)));
  }
}
