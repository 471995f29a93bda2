// What a page holds: a runtime, and a connection that keeps it up to date.
//
//   patch messages up to their commit -> Client.#patch -> Patcher.apply
//     -> Runtime.install -> patch_ack
//
// A page is never reloaded. After a reconnect it says what it has, and gets what
// it misses; a form that it has already is not run again.

import { keepNewest } from "../bounded.js";
import { PROTOCOL_VERSION, reportOf } from "../protocol.js";
import type {
  ClientMessage,
  ErrorReport,
  OutputSource,
  ServerMessage,
  UndoReport,
} from "../protocol.js";
import { JankError, reportOfThrown, Runtime } from "../runtime.js";
import type { InstallResult, Stream } from "../runtime.js";
import { INTERRUPTED, INTERRUPTED_MESSAGE } from "../shared.js";
import type {
  ClientEvents,
  ClientStats,
  ClientStatus,
  ConnectOptions,
  EvalOptions,
  EvalResult,
} from "./api.js";
import { Connection } from "./connection.js";
import type { Interrupts } from "./interrupt.js";
import { listen } from "./listen.js";
import type { LocalCompiler } from "./local.js";
import { installBytes, Patcher, type Patch, type PatchRecord } from "./patcher.js";
import type { Source } from "./source.js";
import type { Suspicion } from "./suspicion.js";

type Listener<Event extends keyof ClientEvents> = (event: ClientEvents[Event]) => void;

/** A request that waits for its answer. */
interface Pending {
  message: Extract<ClientMessage, { type: "eval" | "undo" }>;
  sent: boolean;
  resolve: (result: never) => void;
  reject: (error: JankError) => void;
}

type Development = typeof import("./development.js");
type PatchMessage = Extract<ServerMessage, { type: "patch" }>;
type RunMessage = Extract<ServerMessage, { type: "run" }>;

/** Requests that may wait for an answer. */
const MAX_PENDING = 1_000;
/** Expressions that are remembered, not to be run again. */
const MAX_RUNS = 100;

/** The clock that server and page share, in milliseconds with fractions. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

function patchOf({ data, ...patch }: PatchMessage): Patch {
  return { ...patch, bytes: decodeBase64(data) };
}

/** undefined: it is not base64. */
function decodeBase64(data: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function defaultUrl(): string {
  const { protocol, host } = globalThis.location;
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/repl`;
}

export class Client {
  /** Settles when the runtime runs; the connection may come later. */
  readonly ready: Promise<void>;
  readonly id = crypto.getRandomValues(new Uint32Array(2)).join("-");
  readonly #options: ConnectOptions;
  readonly #listeners = new Map<string, Set<(event: never) => void>>();
  readonly #pending = new Map<string, Pending>();
  /** What ends each of the things that were begun. */
  readonly #endings: (() => void)[] = [];
  /** Of a page that compiles by itself, or has a server. */
  #interrupts: Interrupts | undefined;
  /** Of a page that compiles by itself. */
  #local: LocalCompiler | undefined;
  #patcher: Patcher | undefined;
  #runtime: Runtime | undefined;
  #connection: Connection | undefined;
  #source: Source | undefined;
  /** By the option `rollback`. */
  #suspicion: Suspicion | undefined;
  #status: ClientStatus = "loading";
  #epoch: string | null = null;
  #seq = 0;
  /** Patches of a transaction that is not complete. */
  #arriving: PatchMessage[] = [];
  /** This connection's handshake is answered. */
  #isWelcome = false;
  /** Expressions that came before the patches that they need. */
  #early: RunMessage[] = [];
  /** It has asked for what it misses, and nothing of it has come. */
  #isResuming = false;
  /** Patches up to this number repeat what another epoch may have sent. */
  #replayedTo = 0;
  #ns = "user";
  #requests = 0;
  readonly #runs = new Set<string>();
  #connects = 0;
  #installed = 0;
  #failed = 0;
  #last: PatchRecord | null = null;

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.ready = this.#start();
    this.ready.catch((error: unknown) => {
      this.#setStatus("failed");
      this.#emit("error", reportOfThrown(error));
    });
  }

  get #isLocal(): boolean {
    return this.#options.compiler === "local";
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /** The runtime. Throws before `ready`. */
  get runtime(): Runtime {
    if (!this.#runtime) throw illegalState("still loading: await client.ready");
    return this.#runtime;
  }

  /**
   * Evaluates in this page; definitions go to every page. Waits while there is
   * no connection. Rejects with a JankError.
   */
  async jankEval(code: string, { signal, ...options }: EvalOptions = {}): Promise<EvalResult> {
    this.#refuseToEvaluate();
    if (this.#isLocal) return (await this.#here()).evaluate(code, options);
    const id = this.#nextId();
    return this.#ask({ type: "eval", id, code, ns: this.#ns, ...options }, signal);
  }

  /**
   * Goes back: of the last transaction, or of these vars' current definitions, in every
   * page. Again: further back. Rejects with a JankError when there is nothing to go back to.
   */
  async undo(vars?: string[]): Promise<UndoReport> {
    this.#refuseToEvaluate();
    if (this.#isLocal) return (await this.#here()).undo(vars);
    return this.#ask({ type: "undo", id: this.#nextId(), ...(vars && { vars }) });
  }

  async #here(): Promise<LocalCompiler> {
    await this.ready;
    if (!this.#local) throw illegalState("the client is closed");
    return this.#local;
  }

  #nextId(): string {
    return `${this.id}-${++this.#requests}`;
  }

  #ask<Result>(message: Pending["message"], signal?: AbortSignal): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#status === "closed" || this.#pending.size >= MAX_PENDING) {
        const reason =
          this.#status === "closed" ? "the client is closed" : "too many requests are waiting";
        reject(illegalState(reason));
        return;
      }
      const pending = { message, sent: false, resolve: resolve as Pending["resolve"], reject };
      this.#pending.set(message.id, pending);
      signal?.addEventListener("abort", () => this.#interrupt(message.id));
      this.#sendRequest(pending);
    });
  }

  #interrupt(id: string): void {
    const pending = this.#pending.get(id);
    if (pending?.sent) this.#send({ type: "interrupt", id });
    else this.#refused(id, reportOf("run", INTERRUPTED, INTERRUPTED_MESSAGE));
  }

  /** Calls `ns/name` in this page, now. Throws a JankError. */
  invoke(name: string, ...args: unknown[]): unknown {
    try {
      return this.runtime.invoke(name, ...args);
    } catch (error) {
      if (error instanceof JankError) this.#suspicion?.failed(error.report);
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
    return {
      status: this.#status,
      connected: this.#connection?.isOpen ?? this.#status === "connected",
      epoch: this.#epoch,
      seq: this.#seq,
      installed: this.#installed,
      failed: this.#failed,
      reconnects: Math.max(0, this.#connects - 1),
      queued: this.#pending.size,
      last: this.#last,
      runtime: this.#runtime?.stats() ?? null,
    };
  }

  /** Returns what ends the subscription. */
  on<Event extends keyof ClientEvents>(event: Event, listener: Listener<Event>): () => void {
    let listeners = this.#listeners.get(event);
    if (!listeners) this.#listeners.set(event, (listeners = new Set()));
    listeners.add(listener as (event: never) => void);
    return () => listeners.delete(listener as (event: never) => void);
  }

  /** Ends the connection; the runtime and its state stay. */
  close(): void {
    this.#setStatus("closed");
    for (const end of this.#endings.splice(0)) end();
    for (const pending of this.#pending.values())
      pending.reject(illegalState("the client is closed"));
    this.#pending.clear();
    this.#connection?.close();
    this.#source?.close();
  }

  // ---- Source -----------------------------------------------------------------

  async #follow(options: ConnectOptions & { source: string | URL }, runtime: Runtime) {
    const { Source } = await import("./source.js");
    if (this.status === "closed") return;
    this.#setStatus("connecting");
    this.#source = new Source(options, {
      runtime,
      apply: (transaction) => (this.#patcher as Patcher).apply(transaction),
      current: (epoch, seq) => this.#isCurrent(String(epoch), seq),
      failed: (error) => this.#emit("error", reportOfThrown(error)),
      behind: () => this.#status === "connected" && this.#lost(),
    });
  }

  #isCurrent(epoch: string, seq: number): void {
    this.#epoch = epoch;
    this.#seq = seq;
    if (this.#status !== "connected") this.#connected(epoch, seq);
  }

  #connected(epoch: string, seq: number): void {
    this.#connects++;
    this.#setStatus("connected");
    this.#emit("connect", { epoch, seq });
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

  // ---- Connection -----------------------------------------------------------

  async #start(): Promise<void> {
    const { evalTimeout, installAt, rollback, runtime, source, sourcePath } = this.#options;
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
    this.#runtime = loaded;
    if (this.status === "closed") return;
    this.#patcher = new Patcher({
      runtime: this.#runtime,
      frame: installAt === "frame" ? development?.nextFrame : undefined,
      onBefore: ({ seq, patches }) =>
        this.#emit("before-patch", { seq, symbols: patches.flatMap(({ symbols }) => symbols) }),
      onAfter: (record, isKnown) => this.#applied(record, isKnown),
      onError: (error) => {
        this.#emit("error", error);
        this.#suspicion?.failed(error);
      },
    });
    if (local) {
      this.#local = new local.LocalCompiler({
        runtime: this.#runtime,
        patcher: this.#patcher,
        sourcePath,
        evalTimeout,
        onOutput: (stream, text) => this.#emit("output", { stream, text }),
        onRecord: (record) => this.#applied(record),
        nextSeq: () => ++this.#seq,
      });
      this.#interrupts = this.#local.interrupts;
    }
    this.#endings.push(
      this.#runtime.listen((stream, text) => this.#printed(stream, text)),
      this.#runtime.onTap((text) => this.#tapped(text)),
    );
    if (rollback && suspicion) {
      this.#suspicion = new suspicion.Suspicion({
        rollback,
        onFailure: (error, vars) => this.#rollBack(error, vars),
        onRollback: (event) => this.#emit("rollback", event),
      });
      this.#endings.push(this.#suspicion.listen());
    }
    if (source !== undefined) await this.#follow({ ...this.#options, source }, this.#runtime);
    else if (this.#isLocal) this.#setStatus("local");
    else if (development) this.#connect(development);
  }

  #connect({ forwardConsole, Interrupts }: Development): void {
    this.#setStatus("connecting");
    const url = this.#options.url ?? defaultUrl();
    this.#interrupts = new Interrupts({ url, client: this.id });
    if (this.#options.forwardConsole ?? globalThis.document !== undefined)
      this.#endings.push(
        forwardConsole(
          (stream, text) => this.#tell(stream, "console", text),
          () => this.#runtime?.isPrinting ?? false,
        ),
      );
    this.#endings.push(listen(globalThis, "focus", this.#focus));
    this.#connection = new Connection({
      ...this.#options,
      url,
      onOpen: () => this.#handshake(),
      onMessage: (message) => this.#receive(message),
      onClose: () => this.#lost(),
      onProtocolError: (error) =>
        this.#emit("error", reportOf("load", error.name, `from the server: ${error.message}`)),
    });
  }

  #focus = (): void => {
    this.#send({ type: "focus" });
  };

  #printed(stream: Stream, text: string): void {
    this.#emit("output", { stream, text });
    this.#tell(stream, "program", text);
  }

  #tapped(text: string): void {
    this.#emit("tap", { text });
    this.#tell("out", "tap", text);
  }

  #tell(stream: Stream, source: OutputSource, text: string): void {
    this.#send({ type: "output", stream, source, text });
  }

  /** What cannot be sent is an error event, never one that a program's `println` throws. */
  #send(message: ClientMessage): void {
    try {
      this.#connection?.send(message);
    } catch (error) {
      this.#emit("error", reportOfThrown(error));
    }
  }

  #setStatus(status: ClientStatus): void {
    if (this.#status === status || this.#status === "closed") return;
    this.#status = status;
    this.#emit("status", status);
  }

  #handshake(): void {
    this.#isWelcome = false;
    this.#send({
      type: "handshake",
      version: PROTOCOL_VERSION,
      clientId: this.id,
      name: this.#options.name ?? globalThis.document?.title ?? "client",
      location: globalThis.location?.href ?? "",
      epoch: this.#epoch,
      seq: this.#seq,
    });
    if (globalThis.document?.hasFocus()) this.#focus();
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "handshake_ack":
        this.#welcome(message);
        break;
      case "patch":
        this.#patch(message);
        break;
      case "run":
        this.#early.push(message);
        if (this.#early.length > MAX_RUNS) this.#early.shift();
        this.#runEarly();
        break;
      case "eval_result":
        this.#answer(message);
        break;
      case "undo_result":
        this.#settle(message.id)?.resolve(message as never);
        break;
      case "error":
        this.#refused(message.id, message.error);
        break;
      case "mended":
        this.#emit("mended", { file: message.file });
        break;
      case "current":
        this.#current(message);
        break;
      case "pong":
        if (!this.#isOf(message.epoch) || message.seq <= this.#lastArrived) break;
        this.#isResuming = false;
        this.#resume();
        break;
      default:
        message satisfies never;
    }
  }

  #welcome({ epoch, seq }: Extract<ServerMessage, { type: "handshake_ack" }>): void {
    if (this.#isWelcome) return; // it came twice, and may be older than what the page has
    this.#isWelcome = true;
    // Another log, or one that has lost its end: everything comes again.
    if (epoch !== this.#epoch || seq < this.#seq) {
      this.#replayedTo = this.#epoch === null ? 0 : seq;
      this.#epoch = epoch;
      this.#seq = 0;
    }
    this.#arriving = [];
    this.#isResuming = false;
    this.#connected(epoch, seq);
    this.#runEarly();
    for (const pending of this.#pending.values()) if (!pending.sent) this.#sendRequest(pending);
  }

  #lost(): void {
    this.#early = [];
    this.#setStatus("connecting");
    this.#emit("disconnect", undefined);
    for (const pending of [...this.#pending.values()].filter(({ sent }) => sent))
      this.#refused(
        pending.message.id,
        reportOf("run", "ConnectionException", "the connection was lost"),
      );
  }

  // ---- Patches ----------------------------------------------------------------

  /** The transaction is applied when its last patch is here. */
  #patch(message: PatchMessage): void {
    if (!this.#isOf(message.epoch) || message.seq <= this.#lastArrived) return;
    // The rest of the transaction was superseded before it came.
    if (this.#arriving.some(({ commit }) => commit !== message.commit)) this.#arriving = [];
    if (message.after > this.#lastArrived) return this.#resume();
    this.#isResuming = false;
    this.#arriving.push(message);
    if (message.seq < message.commit) return;
    const messages = this.#arriving;
    this.#arriving = [];
    this.#seq = message.commit;
    void this.#patcher?.apply({
      seq: message.commit,
      cause: message.cause,
      file: message.file,
      patches: messages.map(patchOf),
      transferMs: Math.max(0, wallClock() - message.timestamp),
      isRepeat: message.commit <= this.#replayedTo,
    });
    this.#runEarly();
  }

  /** Of the log that this page follows: the welcome says which one that is. */
  #isOf(epoch: string): boolean {
    return this.#isWelcome && epoch === this.#epoch;
  }

  get #lastArrived(): number {
    return this.#arriving.at(-1)?.seq ?? this.#seq;
  }

  #current({ epoch, after, seq }: Extract<ServerMessage, { type: "current" }>): void {
    if (!this.#isOf(epoch)) return;
    this.#isResuming = false;
    if (this.#arriving.length || after > this.#seq) this.#resume();
    else this.#seq = Math.max(this.#seq, seq);
    this.#runEarly();
  }

  /** Something has not arrived, or in another order: from here on, again. */
  #resume(): void {
    if (this.#isResuming) return;
    this.#isResuming = true;
    this.#arriving = [];
    this.#send({ type: "resume", epoch: this.#epoch, seq: this.#seq });
  }

  /** A transaction was installed, or refused. */
  #applied(record: PatchRecord, isKnown = false): void {
    if (this.#epoch !== null) this.#acknowledge(this.#epoch, record);
    if (isKnown) return;
    if (record.error) {
      this.#failed++;
      this.#emit("error", record.error);
    } else {
      this.#installed++;
    }
    this.#last = record;
    this.#emit("after-patch", record);
    this.#suspicion?.patched(record);
  }

  #acknowledge(epoch: string, record: PatchRecord): void {
    const { seq, changes, transferMs, installMs, error } = record;
    this.#send({
      type: "patch_ack",
      epoch,
      seq,
      status: error ? "failed" : "installed",
      changes,
      transferMs,
      installMs,
      ...(error && { error }),
    });
  }

  /** What throws was patched just now: see the option `rollback`. */
  #rollBack(error: ErrorReport, vars: { name: string; version: number }[]): void {
    if (this.#isLocal)
      this.undo(vars.map(({ name }) => name)).catch((reason: unknown) =>
        this.#emit("error", reportOfThrown(reason)),
      );
    else this.#send({ type: "failure", error, vars });
  }

  // ---- Requests -------------------------------------------------------------------

  #sendRequest(pending: Pending): void {
    const { message } = pending;
    try {
      pending.sent = this.#connection?.send(message) ?? false;
    } catch (error) {
      this.#refused(message.id, reportOfThrown(error));
    }
  }

  /** What has waited for patches that are here now. */
  #runEarly(): void {
    const isEarly = ({ after = 0 }: RunMessage) => !this.#isWelcome || after > this.#seq;
    const ready = this.#early.filter((message) => !isEarly(message));
    if (!ready.length) return;
    this.#early = this.#early.filter(isEarly);
    for (const message of ready) this.#patcher?.enqueue(() => this.#run(message));
  }

  /** An expression that the server compiled, to be run in this page. */
  #run(message: RunMessage): void {
    if (this.#runs.has(message.id)) return; // it came twice
    this.#runs.add(message.id);
    keepNewest(this.#runs, MAX_RUNS);
    const { id, ns, session, symbolName, data } = message;
    const printed = { out: "", err: "" };
    const install = () => installBytes(this.runtime, decodeBase64(data), symbolName, session);
    const result = this.runtime.capture(
      (stream, text) => {
        printed[stream] += text;
        this.#emit("output", { stream, text });
      },
      () => this.#interrupts?.during(id, install, printed) ?? install(),
    );
    const { installMs } = result;
    const ending = result.ok ? { value: result.value } : { error: result.error };
    try {
      this.#connection?.send({ type: "eval_result", id, ns, ...printed, installMs, ...ending });
    } catch (thrown) {
      const error = reportOfThrown(thrown);
      this.#send({ type: "eval_result", id, ns, out: "", err: "", installMs, error });
    }
    if (!result.ok) this.#suspicion?.failed(result.error);
  }

  #answer(result: Extract<ServerMessage, { type: "eval_result" }>): void {
    const pending = this.#settle(result.id);
    if (pending?.message.type !== "eval") return;
    if (pending.message.ns === this.#ns) this.#ns = result.ns;
    if (result.error) pending.reject(new JankError(result.error));
    else pending.resolve({ ...result, value: result.value ?? "nil" } as never);
  }

  #settle(id: string | undefined): Pending | undefined {
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (pending) this.#pending.delete(pending.message.id);
    return pending;
  }

  #refused(id: string | undefined, error: ErrorReport): void {
    const pending = this.#settle(id);
    if (pending) pending.reject(new JankError(error));
    else this.#emit("error", error);
  }

  #emit<Event extends keyof ClientEvents>(event: Event, value: ClientEvents[Event]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        (listener as Listener<Event>)(value);
      } catch (error) {
        console.error(`jank-hot-reload: a listener of "${event}" threw`, error);
      }
    }
  }
}

function illegalState(message: string): JankError {
  return new JankError(reportOf("run", "IllegalStateException", message));
}

/** With a publicKey. */
function unsigned(): ErrorReport {
  const message = "unsigned: only signed versions of a source are installed";
  return reportOf("load", "SecurityException", message);
}

export const patchFile = () => import("./patch-file.js");

/** See Client.install. */
export async function installPatch(
  runtime: Runtime,
  patch: Uint8Array | string | URL,
  entry?: string,
): Promise<InstallResult> {
  try {
    const { bytesOf, entryOf } = await patchFile();
    const bytes = await bytesOf(patch);
    return runtime.install(bytes, entry ?? entryOf(bytes));
  } catch (error) {
    return { ok: false, error: reportOfThrown(error), installMs: 0 };
  }
}
