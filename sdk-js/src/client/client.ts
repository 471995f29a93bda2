// What a page holds: a runtime, and what keeps that up to date.
//
//   patch messages up to their commit -> Channel.patch -> Client.#patch -> Patcher.apply
//     -> Runtime.install -> patch_ack
//
// A page is never reloaded. After a reconnect it says what it has, and gets what
// it misses; a form that it has already is not run again.

import { reportOf } from "../protocol.js";
import type { ErrorReport, UndoReport, VarVersion } from "../protocol.js";
import { JankError, reportOfThrown, Runtime } from "../runtime.js";
import type { InstallResult } from "../runtime.js";
import type {
  ClientEvents,
  ClientStats,
  ClientStatus,
  ConnectOptions,
  EvalOptions,
  EvalResult,
  PatchRecord,
} from "./api.js";
import { closed, illegalState, unsigned } from "./errors.js";
import { installPatch } from "./install.js";
import type { Interrupts } from "./interrupt.js";
import { Channel, type PatchMessage } from "./channel.js";
import { listen } from "./listen.js";
import type { LocalCompiler } from "./local.js";
import { Page, type Listener } from "./page.js";
import { decodeBase64, Patcher } from "./patcher.js";
import { run } from "./run.js";
import type { Source } from "./source.js";

type Development = typeof import("./development.js");

/** `/repl` of the page's own server. */
const defaultUrl = (): string => new URL("/repl", location.href.replace(/^http/, "ws")).href;

export class Client {
  /** Settles when the runtime runs; the connection may come later. */
  readonly ready: Promise<void>;
  readonly id: string;
  readonly #options: ConnectOptions;
  readonly #page = new Page();
  readonly #channel = new Channel(this.#page);
  /** What ends each of the things that were begun. */
  readonly #endings: (() => void)[] = [];
  /** Of a page that compiles by itself, or has a server. */
  #interrupts: Pick<Interrupts, "poll" | "readLine"> | undefined;
  /** Of a page that compiles by itself. */
  #local: LocalCompiler | undefined;
  #source: Source | undefined;

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.id = this.#page.id;
    this.ready = this.#start();
    this.ready.catch((error: unknown) => {
      this.#page.become("failed");
      this.#page.fail(error);
    });
  }

  get #isLocal(): boolean {
    return this.#options.compiler === "local";
  }

  get status(): ClientStatus {
    return this.#page.status;
  }

  /** The runtime. Throws before `ready`. */
  get runtime(): Runtime {
    const runtime = this.#page.runtime as Runtime | undefined;
    if (runtime) return runtime;
    throw illegalState("still loading: await client.ready");
  }

  /**
   * Evaluates in this page; definitions go to every page. Waits while there is
   * no connection. Rejects with a JankError.
   */
  async jankEval(code: string, options: EvalOptions = {}): Promise<EvalResult> {
    this.#refuseToEvaluate();
    return (this.#isLocal ? await this.#here() : this.#channel.requests).evaluate(code, options);
  }

  /**
   * Goes back: of the last transaction, or of these vars' current definitions, in every
   * page. Again: further back. Rejects with a JankError when there is nothing to go back to.
   */
  async undo(vars?: string[]): Promise<UndoReport> {
    this.#refuseToEvaluate();
    return (this.#isLocal ? await this.#here() : this.#channel.requests).undo(vars);
  }

  async #here(): Promise<LocalCompiler> {
    await this.ready;
    if (!this.#local) throw closed();
    return this.#local;
  }

  /** Calls `ns/name` in this page, now. Throws a JankError. */
  invoke(name: string, ...args: unknown[]): unknown {
    try {
      return this.runtime.invoke(name, ...args);
    } catch (error) {
      if (error instanceof JankError) this.#page.suspicion?.failed(error.report);
      throw error;
    }
  }

  /**
   * Installs a patch file: its bytes, or the address of any server that sends
   * it. `entry` is found in the file when it is not given.
   */
  install(patch: Uint8Array | string | URL, entry?: string): Promise<InstallResult> {
    if (this.#options.publicKey === undefined) return installPatch(this.runtime, patch, entry);
    return Promise.resolve({ ok: false, error: unsigned(), installMs: 0 });
  }

  /**
   * With `source`: installs a version, and stays at it; without a number, follows the
   * newest again. What only a newer version has defined stays defined. Resolves to the
   * version's number; rejects with a JankError, and nothing has changed.
   */
  async goTo(version?: number): Promise<number> {
    await this.ready;
    try {
      if (this.#source) return await this.#source.goTo(version);
    } catch (error) {
      throw new JankError(reportOfThrown(error));
    }
    throw illegalState("the client has no source");
  }

  stats(): ClientStats {
    const { runtime, status, epoch, seq, installed, failed, connects, last } = this.#page;
    return {
      status,
      connected: this.#channel.isOpen ?? status === "connected",
      epoch,
      seq,
      installed,
      failed,
      reconnects: Math.max(0, connects - 1),
      queued: this.#channel.requests.size,
      last,
      runtime: (runtime as Runtime | undefined)?.stats() ?? null,
    };
  }

  /** Returns what ends the subscription. */
  on<Event extends keyof ClientEvents>(event: Event, listener: Listener<Event>): () => void {
    return this.#page.on(event, listener);
  }

  /** Ends the connection; the runtime and its state stay. */
  close(): void {
    this.#page.become("closed");
    for (const end of this.#endings.splice(0)) end();
    this.#channel.close();
    this.#source?.close();
  }

  /** With a key: what no publisher has signed. */
  #refuseUnsigned(): void {
    if (this.#options.publicKey !== undefined) throw new JankError(unsigned());
  }

  /** Where there is no compiler, or where code would have nobody's signature. */
  #refuseToEvaluate(): void {
    this.#refuseUnsigned();
    if (this.#options.source === undefined || this.#isLocal) return;
    const message = 'no server compiles it: compiler: "local" does';
    throw new JankError(reportOf("compile", "UnsupportedOperationException", message));
  }

  // ---- Start ------------------------------------------------------------------

  async #start(): Promise<void> {
    const { installAt, rollback, runtime, source } = this.#options;
    const poll = () => this.#interrupts?.poll() ?? false;
    const readLine = () => this.#interrupts?.readLine();
    const isServed = source === undefined && !this.#isLocal;
    if (isServed) this.#refuseUnsigned();
    const [loaded, development, local, suspicion] = await Promise.all([
      runtime ?? Runtime.load({ poll, readLine, ...this.#options }),
      isServed ? import("./development.js") : undefined,
      this.#isLocal ? import("./local.js") : undefined,
      rollback ? import("./suspicion.js") : undefined,
    ]);
    const page = this.#page;
    page.runtime = loaded;
    if (page.status === "closed") return;
    const patcher = new Patcher(
      page,
      installAt === "frame" ? development?.nextFrame : undefined,
      (record, isKnown) => this.#applied(record, isKnown),
    );
    if (local) {
      this.#local = new local.LocalCompiler(page, patcher, this.#options);
      this.#interrupts = this.#local.limit;
    }
    this.#endings.push(
      loaded.listen((stream, text) => {
        page.emit("output", { stream, text });
        this.#channel.output(stream, "program", text);
      }),
      loaded.onTap((text) => {
        page.emit("tap", { text });
        this.#channel.output("out", "tap", text);
      }),
    );
    if (rollback && suspicion) {
      page.suspicion = new suspicion.Suspicion(
        rollback,
        (error, vars) => this.#rollBack(error, vars),
        (event) => page.emit("rollback", event),
      );
      this.#endings.push(page.suspicion.listen());
    }
    if (source !== undefined) await this.#follow(source, patcher);
    else if (this.#isLocal) page.become("local");
    else if (development) this.#connect(development, patcher);
  }

  async #follow(source: string | URL, patcher: Patcher): Promise<void> {
    const { Source } = await import("./source.js");
    if (this.status === "closed") return;
    this.#page.become("connecting");
    this.#source = new Source({ ...this.#options, source }, this.#page, patcher);
  }

  #connect({ forwardConsole, Interrupts }: Development, patcher: Patcher): void {
    const page = this.#page;
    page.become("connecting");
    const url = this.#options.url ?? defaultUrl();
    const interrupts = (this.#interrupts = new Interrupts(url, this.id));
    if (this.#options.forwardConsole ?? globalThis.document !== undefined)
      this.#endings.push(forwardConsole(this.#channel, page.runtime));
    this.#endings.push(listen(globalThis, "focus", this.#channel.focus));
    this.#channel.connect(this.#options, url, {
      apply: (messages, isRepeat) => this.#patch(patcher, messages, isRepeat),
      run: (message) => patcher.enqueue(() => run(message, page, this.#channel, interrupts)),
    });
  }

  // ---- Patches ----------------------------------------------------------------

  /** A whole transaction is here. */
  #patch(patcher: Patcher, messages: PatchMessage[], isRepeat: boolean): void {
    const { commit: seq, cause, file, timestamp } = messages.at(-1) as PatchMessage;
    const transferMs = Math.max(0, performance.timeOrigin + performance.now() - timestamp);
    void patcher.apply(
      { seq, cause, file, transferMs },
      messages.map(({ data, ...patch }) => ({ ...patch, bytes: decodeBase64(data) })),
      isRepeat,
    );
  }

  /** A transaction was installed, or refused. */
  #applied(record: PatchRecord, isKnown: boolean): void {
    const { epoch } = this.#page;
    if (epoch !== null) this.#acknowledge(epoch, record);
    if (!isKnown) this.#page.applied(record);
  }

  #acknowledge(epoch: string, record: PatchRecord): void {
    const { seq, changes, transferMs, installMs, error } = record;
    this.#channel.send({
      type: "patch_ack",
      epoch,
      seq,
      status: error ? "failed" : "installed",
      changes,
      transferMs,
      installMs,
      error,
    });
  }

  /** What throws was patched just now: see the option `rollback`. */
  #rollBack(error: ErrorReport, vars: VarVersion[]): void {
    if (this.#isLocal)
      this.undo(vars.map(({ name }) => name)).catch((reason: unknown) => this.#page.fail(reason));
    else this.#channel.send({ type: "failure", error, vars });
  }
}
