// What a page tells its client, and what it gets from it: options, answers, the state,
// events. Types alone; client.ts does what they say.

import type {
  Cause,
  ErrorReport,
  Evaluation,
  PageReport,
  PatchSymbol,
  RuntimeName,
  VarChange,
} from "../protocol.js";
import type { LoadOptions, Runtime, RuntimeStats, Stream } from "../runtime.js";

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
   * The server's token, for a page that another server serves over plain http:
   * the first line of `.jank-hot/token` in the folder that is served.
   */
  token?: string;
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
  /** For hosts without one, as Node 20. */
  WebSocket?: typeof globalThis.WebSocket;
  /** Milliseconds: the bound of the first delay before a reconnect, and the largest. */
  backoff?: { first: number; most: number };
  /** Milliseconds between pings; after three without an answer the connection is dropped. */
  heartbeat?: number;
  /** Install patches at the next animation frame; by default at once. */
  installAt?: "now" | "frame";
  /**
   * Roll back a function that throws within 5 seconds (or so many milliseconds) after
   * it was patched, in every page. By default off.
   */
  rollback?: boolean | number;
  /** Tell the server what the page's console shows. By default true. */
  forwardConsole?: boolean;
  /** Without a server: seconds that one evaluation may take; by default 10, 0: no limit. */
  evalTimeout?: number;
}

/** The answer to jankEval. */
export interface EvalResult extends Evaluation {
  value: string;
  /** Where it was evaluated: this page. */
  runtime?: RuntimeName;
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
  column?: number;
  /** Aborted: the evaluation is interrupted. */
  signal?: AbortSignal;
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

/** One installed (or refused) transaction. Times in milliseconds. */
export interface PatchRecord {
  seq: number;
  cause: Cause;
  file: string | null;
  changes: VarChange[];
  symbols: PatchSymbol[];
  /** Of its last patch. */
  ns: string;
  bytes: number;
  compileMs: number;
  transferMs: number;
  installMs: number;
  /** Why nothing of it was installed. */
  error?: ErrorReport;
}

export interface ClientEvents {
  connect: { epoch: string; seq: number };
  disconnect: undefined;
  "before-patch": { seq: number; symbols: PatchSymbol[] };
  /** A transaction was installed, or refused (`error`). */
  "after-patch": PatchRecord;
  error: ErrorReport;
  /** By the option `rollback`: what threw, and the versions that are live again. */
  rollback: { error: ErrorReport; changes: VarChange[] };
  /** A source file that an error named is right again. */
  mended: { file: string | null };
  output: { stream: Stream; text: string };
  /** A value given to `tap>`, printed. */
  tap: { text: string };
  /** The new one; see Client.status. */
  status: ClientStatus;
}
