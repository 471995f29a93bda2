// What a page holds: a runtime, and a connection that keeps it up to date.
//
//   patch message -> Client.#patch -> Runtime.install -> patch_ack
//
// A page is never reloaded. After a reconnect it says what it has, and gets what
// it misses; a form that it has already is not run again.

import { PROTOCOL_VERSION, reportOf } from "../protocol.js";
import type {
  ClientMessage,
  ErrorReport,
  Evaluation,
  PageReport,
  PatchSymbol,
  ServerMessage,
} from "../protocol.js";
import { entryOf, JankError, Runtime } from "../runtime.js";
import type {
  InstallResult,
  LoadOptions,
  NamespaceSource,
  RuntimeStats,
  Stream,
} from "../runtime.js";
import { Connection } from "./connection.js";
import type { Source } from "./source.js";

export interface ConnectOptions extends LoadOptions {
  /**
   * Where code is compiled: by the server, whose patches this page follows; or
   * "local", by the page itself, without any server.
   */
  compiler?: "server" | "local";
  /**
   * For "local": where the page's own namespaces are, `app.core` at
   * `<sourcePath>/app/core.jank`, then `.cljc`. Fetched when they are required.
   */
  sourcePath?: string | URL;
  /** The server's WebSocket; by default `/repl` of the page's own server. */
  url?: string;
  /**
   * In place of a server: the manifest.json of a folder that `jank-hot publish` wrote,
   * on any static host. It is asked again and again for a new version.
   */
  source?: string | URL;
  /** Of `source`: milliseconds between two polls; by default 5000. */
  pollMs?: number;
  /** Of `source`: the version to stay at; see Client.goTo. */
  version?: number;
  /** Of `source`: the application's name, `--app` of publish. Another one's is refused. */
  app?: string;
  /**
   * Keys of `jank-hot keygen`, as the .pub file has them. Nothing is installed then
   * but versions of `source` that one of them has signed, and nothing is evaluated.
   */
  publicKey?: string | readonly string[];
  /** How this page is called in lists; by default the document's title. */
  name?: string;
  /** A runtime that is loaded already. */
  runtime?: Runtime;
  WebSocket?: typeof globalThis.WebSocket;
  backoff?: { first: number; most: number };
  heartbeat?: number;
}

/** The answer to jankEval. */
export interface EvalResult extends Evaluation {
  value: string;
  /** Milliseconds in the server's compiler. */
  compileMs: number;
  /** What the definitions in the code did in every page. */
  pages: PageReport[];
}

export interface EvalOptions {
  /** By default where the last evaluation ended; at first "user". */
  ns?: string;
  file?: string;
  line?: number;
}

/** One installed (or refused) patch. Times in milliseconds. */
export interface PatchRecord {
  seq: number;
  symbols: PatchSymbol[];
  ns: string;
  bytes: number;
  compileMs: number;
  transferMs: number;
  installMs: number;
  error?: ErrorReport;
}

/** Where a client is: its runtime loads, looks for a server, follows it, needs none, has ended. */
export type ClientStatus = "loading" | "connecting" | "connected" | "local" | "failed" | "closed";

export interface ClientStats {
  status: ClientStatus;
  connected: boolean;
  epoch: string | null;
  seq: number;
  installed: number;
  failed: number;
  /** Connections that were lost and made again. */
  reconnects: number;
  queued: number;
  last: PatchRecord | null;
  runtime: RuntimeStats | null;
}

export interface ClientEvents {
  connect: { epoch: string; seq: number };
  disconnect: undefined;
  "before-patch": { seq: number; symbols: PatchSymbol[] };
  "after-patch": PatchRecord;
  error: ErrorReport;
  /** A source file that an error named is right again. */
  mended: { file: string | null };
  output: { stream: Stream; text: string };
  /** The new one; see Client.status. */
  status: ClientStatus;
}

type Listener<Event extends keyof ClientEvents> = (event: ClientEvents[Event]) => void;

interface PendingEval {
  id: string;
  code: string;
  options: EvalOptions;
  sent: boolean;
  resolve: (result: EvalResult) => void;
  reject: (error: JankError) => void;
}

/** The clock that server and page share, in milliseconds with fractions. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

/** undefined: it is not base64. */
function decodeBase64(data: string): Uint8Array | undefined {
  let binary: string;
  try {
    binary = atob(data);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function randomId(): string {
  const words = crypto.getRandomValues(new Uint32Array(2));
  return [...words].map((word) => word.toString(36)).join("");
}

function defaultUrl(): string {
  const { protocol, host } = globalThis.location;
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/repl`;
}

export class Client {
  /** Settles when the runtime runs; the connection may come later. */
  readonly ready: Promise<void>;
  readonly id = randomId();
  readonly #options: ConnectOptions;
  readonly #listeners = new Map<string, Set<(event: never) => void>>();
  readonly #pending = new Map<string, PendingEval>();
  /** What is installed: hash by var, and hashes of other forms. */
  readonly #vars = new Map<string, string>();
  readonly #forms = new Set<string>();
  #runtime: Runtime | undefined;
  #connection: Connection | undefined;
  #source: Source | undefined;
  #status: ClientStatus = "loading";
  #unlisten: (() => void) | undefined;
  #epoch: string | null = null;
  #seq = 0;
  /** Patches up to this number repeat what another epoch may have sent. */
  #replayedTo = 0;
  #ns = "user";
  #evaluating: Promise<unknown> = Promise.resolve();
  #evals = 0;
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

  get status(): ClientStatus {
    return this.#status;
  }

  /** The runtime. Throws before `ready`. */
  get runtime(): Runtime {
    if (!this.#runtime)
      throw new JankError(
        reportOf(
          "load",
          "IllegalStateException",
          "the runtime is still loading: await client.ready",
        ),
      );
    return this.#runtime;
  }

  /**
   * Evaluates in this page; definitions go to every page. Waits while there is
   * no connection. Rejects with a JankError.
   */
  jankEval(code: string, options: EvalOptions = {}): Promise<EvalResult> {
    return new Promise((resolve, reject) => {
      if (this.#status === "closed") {
        reject(new JankError(reportOf("run", "IllegalStateException", "the client is closed")));
        return;
      }
      const refusal = this.#refusalToEvaluate();
      if (refusal) {
        reject(new JankError(refusal));
        return;
      }
      if (this.#options.compiler === "local") {
        resolve(this.#evalHere(code, options));
        return;
      }
      const id = `${this.id}-${++this.#evals}`;
      const pending = { id, code, options, sent: false, resolve, reject };
      this.#pending.set(id, pending);
      this.#sendEval(pending);
    });
  }

  /** Calls `ns/name` in this page, now. Throws a JankError. */
  invoke(name: string, ...args: unknown[]): unknown {
    return this.runtime.invoke(name, ...args);
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
    throw new JankError(reportOf("run", "IllegalStateException", "the client has no source"));
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
    this.#unlisten?.();
    globalThis.removeEventListener?.("focus", this.#focus);
    const closed = reportOf("run", "IllegalStateException", "the client was closed");
    for (const pending of this.#pending.values()) pending.reject(new JankError(closed));
    this.#pending.clear();
    this.#connection?.close();
    this.#source?.close();
  }

  // ---- Source -----------------------------------------------------------------

  async #follow(options: ConnectOptions & { source: string | URL }, runtime: Runtime) {
    const { Source } = await import("./source.js");
    if (this.status === "closed") return;
    this.#unlisten = runtime.listen((stream, text) => this.#emit("output", { stream, text }));
    this.#setStatus("connecting");
    this.#source = new Source(options, {
      runtime,
      beforePatch: (seq, symbols) => this.#emit("before-patch", { seq, symbols }),
      afterPatch: (record) => this.#record(record),
      current: (epoch, seq) => this.#isCurrent(String(epoch), seq),
      failed: (error) => this.#emit("error", reportOfThrown(error)),
      behind: () => this.#status === "connected" && this.#lost(),
    });
  }

  #isCurrent(epoch: string, seq: number): void {
    this.#epoch = epoch;
    this.#seq = seq;
    if (this.#status === "connected") return;
    this.#connects++;
    this.#setStatus("connected");
    this.#emit("connect", { epoch, seq });
  }

  /** Where there is no compiler, or where code would have nobody's signature. */
  #refusalToEvaluate(): ErrorReport | undefined {
    const { publicKey, source, compiler } = this.#options;
    if (publicKey !== undefined) return unsigned();
    if (source === undefined || compiler === "local") return undefined;
    const message = 'there is no server to compile it; compiler: "local" does it in the page';
    return reportOf("compile", "UnsupportedOperationException", message);
  }

  // ---- Connection -----------------------------------------------------------

  async #start(): Promise<void> {
    this.#runtime = this.#options.runtime ?? (await Runtime.load(this.#options));
    if (this.status === "closed") return;
    const { source } = this.#options;
    if (source !== undefined) return this.#follow({ ...this.#options, source }, this.#runtime);
    if (this.#options.compiler === "local") {
      this.#unlisten = this.#runtime.listen((stream, text) =>
        this.#emit("output", { stream, text }),
      );
      this.#setStatus("local");
      return;
    }
    this.#setStatus("connecting");
    this.#unlisten = this.#runtime.listen((stream, text) => {
      this.#emit("output", { stream, text });
      this.#send({ type: "output", stream, text });
    });
    globalThis.addEventListener?.("focus", this.#focus);
    this.#connection = new Connection({
      ...this.#options,
      url: this.#options.url ?? defaultUrl(),
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
    this.#send({
      type: "handshake",
      version: PROTOCOL_VERSION,
      clientId: this.id,
      name: this.#options.name ?? globalThis.document?.title ?? "client",
      epoch: this.#epoch,
      seq: this.#seq,
    });
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
        this.#run(message);
        break;
      case "eval_result":
        this.#answer(message);
        break;
      case "error":
        this.#refused(message.id, message.error);
        break;
      case "mended":
        this.#emit("mended", { file: message.file });
        break;
      case "pong":
        break;
    }
  }

  #welcome({ epoch, seq }: Extract<ServerMessage, { type: "handshake_ack" }>): void {
    if (epoch !== this.#epoch) {
      this.#replayedTo = this.#epoch === null ? 0 : seq;
      this.#epoch = epoch;
      this.#seq = 0;
    }
    this.#connects++;
    this.#setStatus("connected");
    this.#emit("connect", { epoch, seq });
    for (const pending of this.#pending.values()) if (!pending.sent) this.#sendEval(pending);
  }

  #lost(): void {
    this.#setStatus("connecting");
    this.#emit("disconnect", undefined);
    for (const pending of [...this.#pending.values()].filter(({ sent }) => sent))
      this.#refused(
        pending.id,
        reportOf("run", "ConnectionException", "the connection was lost before the answer came"),
      );
  }

  // ---- Patches ----------------------------------------------------------------

  #patch(message: Extract<ServerMessage, { type: "patch" }>): void {
    if (message.epoch !== this.#epoch || message.seq <= this.#seq) return;
    const transferMs = Math.max(0, wallClock() - message.timestamp);
    this.#seq = message.seq;
    if (message.seq <= this.#replayedTo && this.#has(message)) {
      this.#acknowledge(message.seq, { ok: true, value: "", ns: message.ns, installMs: 0 });
      return;
    }
    this.#emit("before-patch", { seq: message.seq, symbols: message.symbols });
    const bytes = decodeBase64(message.data);
    const result = this.#install(bytes, message.symbolName);
    this.#acknowledge(message.seq, result);
    if (result.ok) this.#remember(message);
    this.#record({
      seq: message.seq,
      symbols: message.symbols,
      ns: message.ns,
      bytes: bytes?.length ?? 0,
      compileMs: message.compileMs,
      transferMs,
      installMs: result.installMs,
      ...(!result.ok && { error: result.error }),
    });
  }

  #install(bytes: Uint8Array | undefined, entry: string): InstallResult {
    if (this.#options.publicKey !== undefined)
      return { ok: false, error: unsigned(), installMs: 0 };
    if (bytes) return this.runtime.install(bytes, entry);
    const error = reportOf("load", "PatchException", "the patch is not base64");
    return { ok: false, error, installMs: 0 };
  }

  #has({ hash, symbols }: Extract<ServerMessage, { type: "patch" }>): boolean {
    return symbols.length
      ? symbols.every(({ name }) => this.#vars.get(name) === hash)
      : this.#forms.has(hash);
  }

  #remember({ hash, symbols }: Extract<ServerMessage, { type: "patch" }>): void {
    for (const { name } of symbols) this.#vars.set(name, hash);
    if (!symbols.length) this.#forms.add(hash);
  }

  #acknowledge(seq: number, result: InstallResult): void {
    if (this.#epoch === null) return;
    this.#send({
      type: "patch_ack",
      epoch: this.#epoch,
      seq,
      status: result.ok ? "installed" : "failed",
      installMs: result.installMs,
      ...(!result.ok && { error: result.error }),
    });
  }

  #record(record: PatchRecord): void {
    if (record.error) {
      this.#failed++;
      this.#emit("error", record.error);
    } else {
      this.#installed++;
    }
    this.#last = record;
    this.#emit("after-patch", record);
  }

  // ---- Evaluation ---------------------------------------------------------------

  /** Without a server: one evaluation after the other. */
  #evalHere(code: string, options: EvalOptions): Promise<EvalResult> {
    const result = this.#evaluating.then(async (): Promise<EvalResult> => {
      await this.ready;
      let compileMs = 0;
      const { sourcePath } = this.#options;
      const { value = "nil", ...rest } = await this.runtime.evalAsync(code, {
        ns: this.#ns,
        ...options,
        onForm: (form) => (compileMs += form.compileMs),
        ...(sourcePath !== undefined && {
          resolveNamespace: (ns) => fetchNamespace(ns, sourcePath),
        }),
      });
      if (rest.out) this.#emit("output", { stream: "out", text: rest.out });
      if (rest.err) this.#emit("output", { stream: "err", text: rest.err });
      if (!options.ns && !rest.error) this.#ns = rest.ns;
      if (rest.error) throw new JankError(rest.error);
      return { ...rest, value, compileMs, pages: [] };
    });
    this.#evaluating = result.catch(() => undefined);
    return result;
  }

  #sendEval(pending: PendingEval): void {
    const { id, code, options } = pending;
    try {
      pending.sent =
        this.#connection?.send({ type: "eval", id, code, ns: this.#ns, ...options }) ?? false;
    } catch (error) {
      this.#refused(id, reportOfThrown(error));
    }
  }

  /** An expression that the server compiled, to be run in this page. */
  #run(message: Extract<ServerMessage, { type: "run" }>): void {
    const printed = { out: "", err: "" };
    const result = this.runtime.capture(
      (stream, text) => {
        printed[stream] += text;
        this.#emit("output", { stream, text });
      },
      () => this.#install(decodeBase64(message.data), message.symbolName),
    );
    const { id, ns } = message;
    const { installMs } = result;
    const ending = result.ok ? { value: result.value } : { error: result.error };
    try {
      this.#connection?.send({
        type: "eval_result",
        id,
        ns,
        ...printed,
        installMs,
        ...ending,
      });
    } catch (thrown) {
      const error = reportOfThrown(thrown);
      this.#send({ type: "eval_result", id, ns, out: "", err: "", installMs, error });
    }
  }

  #answer(result: Extract<ServerMessage, { type: "eval_result" }>): void {
    const pending = this.#pending.get(result.id);
    if (!pending) return;
    this.#pending.delete(result.id);
    if (!pending.options.ns) this.#ns = result.ns;
    if (result.error) pending.reject(new JankError(result.error));
    else pending.resolve({ ...result, value: result.value ?? "nil" });
  }

  #refused(id: string | undefined, error: ErrorReport): void {
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (!pending) {
      this.#emit("error", error);
      return;
    }
    this.#pending.delete(pending.id);
    pending.reject(new JankError(error));
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

/** With a publicKey. */
function unsigned(): ErrorReport {
  const message =
    "unsigned: a client with a publicKey takes only versions of its source that are signed";
  return reportOf("load", "SecurityException", message);
}

function reportOfThrown(error: unknown): ErrorReport {
  return error instanceof JankError
    ? error.report
    : reportOf(
        "load",
        error instanceof Error ? error.name : "Error",
        error instanceof Error ? error.message : String(error),
      );
}

/** undefined: the application has no such namespace. */
async function fetchNamespace(
  ns: string,
  sourcePath: string | URL,
): Promise<NamespaceSource | undefined> {
  const base = new URL(`${String(sourcePath).replace(/\/$/, "")}/`, globalThis.document?.baseURI);
  const name = ns.replaceAll(".", "/").replaceAll("-", "_");
  for (const ending of ["jank", "cljc"]) {
    const url = new URL(`${name}.${ending}`, base);
    const response = await fetch(url);
    if (response.ok) return { source: await response.text(), file: url.pathname };
    if (response.status !== 404) throw new Error(`${url.href}: HTTP status ${response.status}`);
  }
  return undefined;
}

/** See Client.install. */
export async function installPatch(
  runtime: Runtime,
  patch: Uint8Array | string | URL,
  entry?: string,
): Promise<InstallResult> {
  try {
    const bytes = patch instanceof Uint8Array ? patch : await fetchPatch(patch);
    return runtime.install(bytes, entry ?? entryOf(bytes));
  } catch (error) {
    return { ok: false, error: reportOfThrown(error), installMs: 0 };
  }
}

async function fetchPatch(url: string | URL): Promise<Uint8Array> {
  const refuse = (reason: string) =>
    new JankError(reportOf("load", "PatchException", `${String(url).slice(0, 200)}: ${reason}`));
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    // The same for all that it cannot reach, and for a host that allows no other origin.
    throw refuse(`cannot be fetched: ${(error as Error).message}`);
  }
  if (!response.ok) throw refuse(`HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
