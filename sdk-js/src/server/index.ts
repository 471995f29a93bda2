// The development server: HTTP, WebSocket and nREPL over one engine, and a
// watcher that brings saved files to every page. Loopback only.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { isIPv4, type Server } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { formatChanges, formatReport } from "../format.js";
import { DEFAULT_PORTS } from "../protocol.js";
import type { ErrorReport, OutputSource, VarVersion } from "../protocol.js";
import { sha256 } from "../sha256.js";
import { INTERRUPTED } from "../shared.js";
import { isSource } from "../compiler.js";
import { Engine, type FileResult } from "./engine.js";
import { FileReports } from "./file-reports.js";
import { SERVER_RUNTIME } from "./evaluator.js";
import type { GuardOptions } from "./guard.js";
import { createHttpServer } from "./http.js";
import { FileLogStore } from "./log-store.js";
import { NreplServer } from "./nrepl.js";
import { named, Pages, type Acknowledgement, type Page } from "./pages.js";
import type { ServerReport } from "./report.js";
import { Sockets } from "./sockets.js";
import { Token } from "./token.js";
import { SourceWatcher } from "./watcher.js";

// C files of a program, for who starts the server by code: see `jank-hot watch`.
export { NativeCompiler, type NativeOptions, type NativeResult } from "../native/compile.js";
export { NativeWatcher, type NativeWatcherOptions } from "./native.js";

export interface ServerOptions {
  /** The folder that is served; by default the current one. */
  root?: string;
  /** Folders of namespaces; by default `src` of the root. */
  sources?: string[];
  /** A loopback address: whoever reaches a port can run code. By default 127.0.0.1. */
  host?: string;
  /** 0: any free port. */
  port?: number;
  wsPort?: number;
  nreplPort?: number;
  allowedOrigins?: string[];
  allowedHosts?: string[];
  /** Where `.nrepl-port` is written; by default the root. false: nowhere. */
  portFile?: string | false;
  /** Seconds that one form may take on the server; 0: as long as it likes. By default 10. */
  evalTimeout?: number;
  /**
   * Keep the patch log in `.jank-hot` of the root, so that a server that starts again
   * goes on where the last one was. By default true.
   */
  persist?: boolean;
  /** Forget the log that is there. */
  fresh?: boolean;
  /** A line for people. By default nothing is said. */
  log?: (line: string) => void;
  /** What becomes of each edit. */
  onReport?: (report: ServerReport) => void;
  moduleUrl?: string | URL;
}

export type { ServerReport } from "./report.js";

export interface RunningServer {
  host: string;
  port: number;
  wsPort: number;
  nreplPort: number;
  engine: Engine;
  pages: Pages;
  /** Tells people and pages what a saved file did. */
  report(result: FileResult): void;
  /** The secret of this process, for pages that another server serves; see guard.ts. */
  token: string;
  close(): Promise<void>;
}

/** An address or port that cannot be had. The message names it and the option to change it. */
export class PortError extends Error {
  override name = "PortError";
}

/** Seconds. */
export const EVAL_TIMEOUT = 10;

const DIST = dirname(fileURLToPath(import.meta.url));
declare const JANK_VERSION: string;

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));

/** Starts everything, or nothing: rejects with a PortError or JankError. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const server = new DevelopmentServer(options);
  try {
    await server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

class DevelopmentServer implements RunningServer {
  readonly host: string;
  readonly pages = new Pages();
  engine!: Engine;
  port = 0;
  wsPort = 0;
  nreplPort = 0;
  readonly #options: ServerOptions;
  readonly #root: string;
  readonly #sources: string[];
  readonly #log: (line: string) => void;
  readonly #started = Date.now();
  readonly #guard: GuardOptions;
  readonly #files: FileReports;
  readonly #servers: Server[] = [];
  #nrepl: NreplServer | undefined;
  #sockets: Sockets | undefined;
  #watcher: SourceWatcher | undefined;
  #portFile: string | undefined;
  #store: FileLogStore | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#root = resolve(options.root ?? ".");
    this.#sources = (options.sources ?? [join(this.#root, "src")]).map((path) => resolve(path));
    this.host = options.host ?? "127.0.0.1";
    this.#log = options.log ?? (() => undefined);
    this.#files = new FileReports({
      pages: this.pages,
      log: this.#log,
      onReport: (report) => options.onReport?.(report),
    });
    this.#guard = {
      ports: [],
      token: Token.after(this.#root),
      allowedOrigins: options.allowedOrigins ?? [],
      allowedHosts: options.allowedHosts ?? [],
    };
  }

  get token(): string {
    return this.#guard.token.text;
  }

  async start(): Promise<void> {
    const { moduleUrl, evalTimeout = EVAL_TIMEOUT } = this.#options;
    this.#store = this.#openStore();
    this.engine = await Engine.start({
      sources: this.#sources,
      pages: this.pages,
      evalTimeout,
      say: (line) => this.#log(line),
      write: (stream, text) => this.#output(SERVER_RUNTIME.id, stream, "program", text),
      onTap: (text) => this.#output(SERVER_RUNTIME.id, "out", "tap", `${text}\n`),
      ...(this.#store && { store: this.#store }),
      ...(moduleUrl && { moduleUrl }),
    });
    // First: what is saved meanwhile is loaded again.
    await this.#watch(this.#sources);
    for (const result of await this.engine.loadAll()) this.report(result);
    await this.#listen();
  }

  async close(): Promise<void> {
    this.#removePortFile();
    await this.#watcher?.close();
    this.#sockets?.close();
    this.#nrepl?.close();
    await (this.engine as Engine | undefined)?.close();
    this.#store?.close();
    await Promise.all(
      this.#servers.map(
        (server) =>
          new Promise<void>((done) => {
            server.close(() => done());
            (server as { closeAllConnections?: () => void }).closeAllConnections?.();
          }),
      ),
    );
  }

  /** The log on disk; none when another server has it. */
  #openStore(): FileLogStore | undefined {
    if (this.#options.persist === false) return undefined;
    const path = join(this.#root, ".jank-hot", "patches.jsonl");
    try {
      const { moduleUrl, fresh = false } = this.#options;
      return new FileLogStore({ path, build: runtimeBuild(moduleUrl), fresh });
    } catch (error) {
      this.#log(`the patch log is not kept: ${(error as Error).message}`);
      return undefined;
    }
  }

  // ---- Listening ----------------------------------------------------------------

  async #listen(): Promise<void> {
    if (!isLoopback(this.host))
      throw new PortError(
        `${this.host} is not a loopback address, and whoever reaches the ports could run code: ` +
          "give --host as 127.0.0.1, ::1 or localhost, and forward the ports (ssh -L) from elsewhere",
      );
    const { engine, pages } = this;
    this.#sockets = new Sockets({
      engine,
      pages,
      guard: this.#guard,
      onOutput: (page, { stream, source, text }) => this.#output(page.name, stream, source, text),
      onFailure: (page, { error, vars }) => void this.#rollBack(page, error, vars),
      onAcknowledge: (page, ack) => this.#acknowledged(page, ack),
      onConnect: (page) => this.#log(`page connected: ${page.name}`),
      onDisconnect: (page) => this.#log(`page gone: ${page.name}`),
      lastError: () => this.#files.errors.at(-1),
    });
    const http = createHttpServer({
      engine,
      root: this.#root,
      dist: DIST,
      guard: this.#guard,
      status: () => this.#status(),
      pages,
      sources: this.#sources,
      say: (line) => this.#log(line),
    });
    this.#sockets.attach(http);
    this.#nrepl = new NreplServer({ engine, pages, version: JANK_VERSION, sources: this.#sources });
    const { port, wsPort, nreplPort } = this.#options;
    this.port = await this.#open(http, port ?? DEFAULT_PORTS.http, "HTTP", "--port");
    this.#guard.ports.push(this.port);
    this.wsPort = await this.#open(
      this.#sockets.createServer(),
      wsPort ?? DEFAULT_PORTS.webSocket,
      "WebSocket",
      "--ws-port",
    );
    this.#guard.ports.push(this.wsPort);
    this.nreplPort = await this.#open(
      this.#nrepl.server,
      nreplPort ?? DEFAULT_PORTS.nrepl,
      "nREPL",
      "--nrepl-port",
    );
    this.#writePortFile();
    this.#guard.token.save(this.#root);
  }

  #open(server: Server, port: number, what: string, option: string): Promise<number> {
    return new Promise((done, failed) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        const reason =
          error.code === "EADDRINUSE"
            ? "is in use"
            : `cannot be had (${error.code ?? error.message})`;
        failed(new PortError(`the ${what} port ${port} ${reason}: choose another with ${option}`));
      });
      server.listen(port, this.host, () => {
        this.#servers.push(server);
        done((server.address() as { port: number }).port);
      });
    });
  }

  #writePortFile(): void {
    if (this.#options.portFile === false) return;
    this.#portFile = this.#options.portFile ?? join(this.#root, ".nrepl-port");
    writeFileSync(this.#portFile, `${this.nreplPort}`);
  }

  /** Another server may have written its own port since. */
  #removePortFile(): void {
    if (!this.#portFile) return;
    try {
      if (readFileSync(this.#portFile, "utf8") === `${this.nreplPort}`) rmSync(this.#portFile);
    } catch {
      // it is gone already
    }
  }

  async #status(): Promise<object> {
    const { engine, pages, port, wsPort, nreplPort } = this;
    const { epoch, seq, versions } = engine.log;
    return {
      version: JANK_VERSION,
      epoch,
      seq,
      uptimeMs: Date.now() - this.#started,
      ports: { http: port, webSocket: wsPort, nrepl: nreplPort },
      pages: pages.all.map(({ id, name, location, connectedAt, focusedAt, last }, i) => ({
        id,
        name,
        location,
        connectedAt,
        focusedAt,
        isCurrent: i === 0,
        /** Its answer to the last transaction: what changed, how long it took, why it refused. */
        last: last ? { ...last, compileMs: engine.log.compileMs(last.seq) } : null,
      })),
      vars: Object.fromEntries(versions),
      errors: this.#files.errors,
      runtime: await engine.stats(),
    };
  }

  // ---- Files ------------------------------------------------------------------------

  async #watch(folders: string[]): Promise<void> {
    this.#watcher = await SourceWatcher.start({
      folders,
      isSource,
      onChange: (path) => void this.#reload(path),
      onRemove: (path) => this.#files.mended(path),
      onError: (error) => this.#log(`watching the sources: ${error.message}`),
    });
  }

  /**
   * And the files that could not be loaded, perhaps because of this one. One that
   * was interrupted holds everybody up: only when it is likely.
   */
  async #reload(path: string): Promise<void> {
    const result = await this.engine.loadFile(path);
    const changed = result.changes.map(({ name }) => name);
    this.report(result);
    if (this.#files.isBroken(path)) return;
    for (const [other, { class: name }] of this.#files.broken)
      if (name !== INTERRUPTED || mentions(other, changed))
        this.report(await this.engine.loadFile(other));
  }

  report(result: FileResult): void {
    this.#files.report(result);
  }

  #acknowledged({ id, name }: Page, ack: Acknowledgement): void {
    const { seq, changes, installMs, error } = ack;
    this.#options.onReport?.({
      type: "patch",
      page: { id, name },
      seq,
      names: changes.map((change) => change.name),
      installMs,
      ...(error && { error }),
    });
  }

  /** What runtimes print, log and tap: to the terminal, and to editors. */
  #output(name: string, stream: "out" | "err", source: OutputSource, text: string): void {
    const mark = source === "tap" ? " tap>" : stream === "err" ? " error:" : "";
    for (const line of text.replace(/\n$/, "").split("\n")) this.#log(`[${name}]${mark} ${line}`);
    this.#nrepl?.broadcastOutput(stream, source === "tap" ? `tap> ${text}` : text);
  }

  /** A page asks for it: what was patched just now has thrown there. */
  async #rollBack(page: Page, error: ErrorReport, vars: VarVersion[]): Promise<void> {
    // What has another version by now is mended already, perhaps.
    const versions = new Map(this.engine.log.versions);
    const failed = vars.filter(({ name, version }) => versions.get(name) === version);
    const names = failed.map(({ name }) => name);
    if (!names.length) return;
    this.#options.onReport?.({ type: "failure", page: named(page), names, error });
    this.#tell(`in the page "${page.name}": ${formatReport(error)}`);
    try {
      const { changes } = await this.engine.undo(names);
      this.#tell(`rolled back: ${formatChanges(changes)}`);
    } catch (reason) {
      this.#tell(`not rolled back: ${(reason as Error).message}`);
    }
  }

  #tell(line: string): void {
    this.#log(line);
    this.#nrepl?.broadcastOutput("err", `${line}\n`);
  }
}

/** Patches of one build of the runtime fit no other. `moduleUrl`: an application's own. */
function runtimeBuild(moduleUrl: string | URL = pathToFileURL(join(DIST, "jank.mjs"))): string {
  const module = fileURLToPath(moduleUrl);
  return sha256(readFileSync(module.replace(/\.m?js$/, ".wasm")));
}

/** Whether the file has the name of a namespace in which something has changed. */
function mentions(path: string, changed: string[]): boolean {
  const words = new Set(readText(path).split(/[\s()[\]{}"'`~@^;,\\/]+/));
  return changed.some((name) => words.has(name.slice(0, name.indexOf("/", 1))));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it is gone
  }
}
