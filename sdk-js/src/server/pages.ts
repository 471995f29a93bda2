// The pages that are connected: each gets the patches in order and answers every
// transaction, runs the expressions that are sent to it, and can be addressed by its
// id or name. A page that is slow holds up no other, and one that does not read is
// cut off: it gets what it has missed when it comes again.

import type { WebSocket } from "ws";
import { keepNewest } from "../bounded.js";
import type {
  ClientMessage,
  Evaluation,
  PageReport,
  RuntimeName,
  ServerMessage,
  VarChange,
} from "../protocol.js";
import { reportOf } from "../protocol.js";
import type { CompiledForm } from "../compiler.js";
import type { Stream } from "../runtime.js";
import { INTERRUPTED, INTERRUPTED_MESSAGE } from "../shared.js";

export type Acknowledgement = Extract<ClientMessage, { type: "patch_ack" }>;

/** Bytes that may wait for a page before it is cut off. */
const MAX_BACKLOG = 16 * 1024 * 1024;
const ACK_TIMEOUT = 3_000;
const RUN_TIMEOUT = 60_000;
const MAX_ACKS = 10_000;
/** Requests of one page that are remembered. */
const MAX_REQUESTS = 1_000;
/** How long a page has to stop what is interrupted. */
const INTERRUPT_TIMEOUT = 5_000;
/** So long a page's question for a line is open; then it asks again. */
const LINE_PATIENCE = 500;
/** After so long without an answer to a patch, what a page runs is in its way. */
const STUCK = 1_000;
/** Pages that are gone, of which is known when they were focused. */
const MAX_REMEMBERED = 256;

/** To who does not read nothing more is sent. */
export function sendBounded(socket: WebSocket, text: string): void {
  if (socket.bufferedAmount > MAX_BACKLOG) socket.terminate();
  else socket.send(text);
}

export interface RunOptions {
  session?: string | undefined;
  signal?: AbortSignal | undefined;
  /** The newest patch: the page runs nothing before it has that. */
  after?: number;
  /** What is printed before it waits for input; the rest comes with the result. */
  onOutput?: ((stream: Stream, text: string) => void) | undefined;
  /** By default there is no input. */
  readLine?: (() => Promise<string | null>) | undefined;
}

/** What a page says of itself when it connects. */
export interface PageInfo extends RuntimeName {
  /** Its address; "" where there is none. */
  location: string;
}

interface Run extends Pick<RunOptions, "onOutput" | "readLine"> {
  settle: (result: Evaluation) => void;
  /** It is alive, and has as long as at its beginning. */
  goesOn: () => void;
  isInterrupted: boolean;
  /** It waits for this. */
  line: Promise<string | null> | undefined;
}

export class Page implements RuntimeName {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly connectedAt = Date.now();
  focusedAt = Date.now();
  /** What it has asked for, one after the other. */
  evaluations: Promise<void> = Promise.resolve();
  /** What it has asked for and can interrupt. */
  readonly interrupts = new Map<string, AbortController>();
  /** Its last answer to a transaction. */
  last: Acknowledgement | undefined;
  readonly #requests = new Set<string>();
  readonly #acks = new Map<number, Acknowledgement>();
  readonly #waiting = new Map<number, () => void>();
  readonly #runs = new Map<string, Run>();
  /** When the oldest transaction was sent that it has not answered; 0: none. */
  #unansweredSince = 0;
  #sentCommit = 0;
  #isGone = false;

  constructor(
    { id, name, location }: PageInfo,
    readonly socket: WebSocket,
  ) {
    this.id = id;
    this.name = name;
    this.location = location;
  }

  /** false: it has asked for that already; the message came twice. */
  isNew(id: string): boolean {
    if (this.#requests.has(id)) return false;
    this.#requests.add(id);
    keepNewest(this.#requests, MAX_REQUESTS);
    return true;
  }

  send(message: ServerMessage): void {
    if (message.type === "patch") this.#expect(message.commit);
    this.sendText(JSON.stringify(message));
  }

  /** Messages as texts, of which the last patch is of the transaction `commit`. */
  sendText(text: string, commit?: number): void {
    if (commit !== undefined) this.#expect(commit);
    sendBounded(this.socket, text);
  }

  #expect(commit: number): void {
    this.#sentCommit = commit;
    this.#unansweredSince ||= Date.now();
  }

  /** It has answered every transaction that was sent to it. */
  get hasAnswered(): boolean {
    return this.#unansweredSince === 0;
  }

  // ---- Expressions ------------------------------------------------------------------

  /**
   * Runs an expression there. Answers with an error when the page goes away, or
   * says nothing for a minute, or does not stop when it is interrupted.
   */
  run(
    id: string,
    form: CompiledForm,
    { session, signal, after, onOutput, readLine }: RunOptions = {},
  ): Promise<Evaluation> {
    return new Promise((resolve) => {
      const end = (className: string, message: string) =>
        this.#settle(id, failure(className, `the page "${this.name}" ${message}`));
      let timer: ReturnType<typeof setTimeout> | undefined;
      const endLater = (limit: number, className: string, message: string) => {
        clearTimeout(timer);
        timer = setTimeout(() => end(className, message), limit);
      };
      const goesOn = () => endLater(RUN_TIMEOUT, "TimeoutException", "does not answer");
      const interrupt = () => {
        const run = this.#runs.get(id);
        if (run) run.isInterrupted = true;
        endLater(INTERRUPT_TIMEOUT, INTERRUPTED, "has not stopped what was interrupted");
      };
      const settle = (result: Evaluation) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", interrupt);
        resolve(result);
      };
      goesOn();
      const isInterrupted = false;
      this.#runs.set(id, { settle, goesOn, onOutput, readLine, isInterrupted, line: undefined });
      signal?.addEventListener("abort", interrupt);
      if (signal?.aborted) return this.#settle(id, failure(INTERRUPTED, INTERRUPTED_MESSAGE));
      this.send({
        type: "run",
        id,
        data: Buffer.from(form.bytes).toString("base64"),
        symbolName: form.entry,
        ns: form.ns,
        ...(session !== undefined && { session }),
        ...(after !== undefined && { after }),
      });
      if (this.#isGone) this.gone();
    });
  }

  ran(result: Extract<ClientMessage, { type: "eval_result" }>): void {
    this.#settle(result.id, result);
  }

  #settle(id: string, result: Evaluation): void {
    const run = this.#runs.get(id);
    this.#runs.delete(id);
    run?.settle(result);
  }

  /**
   * What a page asks in the middle of what it runs (`run`: the expression; none: a
   * callback): it stops when somebody has interrupted that, or when it has been so
   * long at it that patches wait: perhaps they mend what does not end.
   */
  isToStop(run: string | undefined): boolean {
    if (run !== undefined && this.#runs.get(run)?.isInterrupted) return true;
    return this.#unansweredSince > 0 && Date.now() - this.#unansweredSince > STUCK;
  }

  /**
   * What it asks in the middle of a run that reads, having printed this: the next line.
   * null: there are no more; false: it is to stop; undefined: none yet, it is to ask again.
   */
  async readLine(
    id: string,
    printed: Record<Stream, string>,
  ): Promise<string | false | null | undefined> {
    const run = this.#runs.get(id);
    if (!run) return null;
    for (const stream of ["out", "err"] as const)
      if (printed[stream] !== "") run.onOutput?.(stream, printed[stream]);
    if (!run.isInterrupted) run.goesOn();
    run.line ??= run.readLine?.() ?? Promise.resolve(null);
    const line = await Promise.race([run.line, delayed(LINE_PATIENCE)]);
    if (this.isToStop(id)) return false;
    if (line !== undefined) run.line = undefined;
    return line;
  }

  // ---- Patches ----------------------------------------------------------------------

  acknowledge(ack: Acknowledgement): void {
    this.last = ack;
    this.#acks.set(ack.seq, ack);
    if (ack.seq >= this.#sentCommit) this.#unansweredSince = 0;
    else this.#unansweredSince = Date.now();
    this.#waiting.get(ack.seq)?.();
    keepNewest(this.#acks, MAX_ACKS);
  }

  /** What became of these transactions; waits for the page's answers. */
  async report(commits: number[]): Promise<PageReport> {
    const last = commits.at(-1);
    if (last !== undefined && !this.#acks.has(last)) await this.#acknowledged(last);
    const acks = commits.flatMap((commit) => this.#acks.get(commit) ?? []);
    const error = acks.find((ack) => ack.status === "failed")?.error;
    const sum = (of: (ack: Acknowledgement) => number) =>
      acks.reduce((total, ack) => total + of(ack), 0);
    return {
      id: this.id,
      name: this.name,
      status: error ? "failed" : acks.length < commits.length ? "silent" : "installed",
      patches: acks.length,
      changes: merged(acks.flatMap(({ changes }) => changes)),
      transferMs: acks.length ? sum(({ transferMs }) => transferMs) / acks.length : 0,
      installMs: sum(({ installMs }) => installMs),
      ...(error && { error }),
    };
  }

  /** The socket is gone: nothing more will come. */
  gone(): void {
    this.#isGone = true;
    for (const wake of this.#waiting.values()) wake();
    this.#waiting.clear();
    for (const id of this.#runs.keys())
      this.#settle(id, failure("ConnectionException", `the page "${this.name}" went away`));
    for (const controller of this.interrupts.values()) controller.abort();
  }

  #acknowledged(commit: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(commit);
        resolve();
      };
      const timer = setTimeout(done, ACK_TIMEOUT);
      this.#waiting.set(commit, done);
      if (this.#isGone) done();
    });
  }
}

const delayed = (milliseconds: number): Promise<undefined> =>
  new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds).unref());

function failure(className: string, message: string): Evaluation {
  return { ns: "user", out: "", err: "", error: reportOf("run", className, message) };
}

/** Of each var the first and the last version. */
function merged(changes: VarChange[]): VarChange[] {
  const byName = new Map<string, VarChange>();
  for (const change of changes)
    byName.set(change.name, { ...change, from: (byName.get(change.name) ?? change).from });
  return [...byName.values()];
}

export const named = ({ id, name }: RuntimeName): RuntimeName => ({ id, name });

export class Pages {
  readonly #pages = new Set<Page>();
  /** When pages were focused that may come again. */
  readonly #focused = new Map<string, number>();

  /** A page that comes again ends the connection it had, and keeps its place. */
  add(page: Page): void {
    for (const old of this.#pages) if (old.id === page.id) old.socket.terminate();
    page.focusedAt = this.#focused.get(page.id) ?? page.focusedAt;
    this.#pages.add(page);
  }

  remove(page: Page): void {
    this.#pages.delete(page);
    this.#focused.delete(page.id);
    this.#focused.set(page.id, page.focusedAt);
    keepNewest(this.#focused, MAX_REMEMBERED);
    page.gone();
  }

  /** Those that were focused last come first. */
  get all(): Page[] {
    return [...this.#pages].sort((a, b) => b.focusedAt - a.focusedAt);
  }

  /** Where an expression is evaluated: the page that was focused last. */
  get current(): Page | undefined {
    return this.all[0];
  }

  /** By its id, or by a name that one page has alone. */
  find(idOrName: string): Page | undefined {
    const byName = this.all.filter(({ name }) => name === idOrName);
    return (
      this.all.find(({ id }) => id === idOrName) ?? (byName.length === 1 ? byName[0] : undefined)
    );
  }

  /** To all, each in its own time. */
  broadcast(messages: ServerMessage[]): void {
    const texts = messages.map((message) => ({
      text: JSON.stringify(message),
      commit: message.type === "patch" ? message.commit : undefined,
    }));
    for (const page of this.#pages)
      for (const { text, commit } of texts) page.sendText(text, commit);
  }

  reports(commits: number[]): Promise<PageReport[]> {
    return Promise.all([...this.#pages].map((page) => page.report(commits)));
  }
}
