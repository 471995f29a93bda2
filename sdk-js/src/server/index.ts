// The development server: HTTP, WebSocket and nREPL over one engine, and a
// watcher that brings saved files to every page. Loopback only.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { isIPv4, type Server } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_PORTS, formatReport, type ErrorReport } from "../protocol.js";
import { INTERRUPTED } from "../runtime.js";
import { Engine, isSource, type FileResult } from "./engine.js";
import type { GuardOptions } from "./guard.js";
import { createHttpServer } from "./http.js";
import { NreplServer } from "./nrepl.js";
import { Pages, type Page } from "./pages.js";
import { Sockets } from "./sockets.js";
import { Token } from "./token.js";
import { SourceWatcher } from "./watcher.js";

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
  /** A line for people. By default nothing is said. */
  log?: (line: string) => void;
  moduleUrl?: string | URL;
}

export interface RunningServer {
  host: string;
  port: number;
  wsPort: number;
  nreplPort: number;
  engine: Engine;
  pages: Pages;
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
  readonly #log: (line: string) => void;
  readonly #started = Date.now();
  readonly #guard: GuardOptions;
  /** What is wrong with a file, by its path. */
  readonly #errors = new Map<string, ErrorReport>();
  readonly #servers: Server[] = [];
  #nrepl: NreplServer | undefined;
  #sockets: Sockets | undefined;
  #watcher: SourceWatcher | undefined;
  #portFile: string | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#root = resolve(options.root ?? ".");
    this.host = options.host ?? "127.0.0.1";
    this.#log = options.log ?? (() => undefined);
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
    const sources = (this.#options.sources ?? [join(this.#root, "src")]).map((path) =>
      resolve(path),
    );
    const { moduleUrl, evalTimeout = EVAL_TIMEOUT } = this.#options;
    this.engine = await Engine.start({
      sources,
      pages: this.pages,
      evalTimeout,
      say: (line) => this.#log(line),
      ...(moduleUrl && { moduleUrl }),
    });
    for (const result of await this.engine.loadAll()) this.#loaded(result);
    await this.#listen();
    await this.#watch(sources);
  }

  async close(): Promise<void> {
    this.#removePortFile();
    await this.#watcher?.close();
    this.#sockets?.close();
    this.#nrepl?.close();
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
      onOutput: (page, stream, text) => this.#pageOutput(page, stream, text),
      onConnect: (page) => this.#log(`page connected: ${page.name}`),
      onDisconnect: (page) => this.#log(`page gone: ${page.name}`),
      lastError: () => [...this.#errors.values()].at(-1),
    });
    const http = createHttpServer({
      engine,
      root: this.#root,
      dist: DIST,
      guard: this.#guard,
      status: () => this.#status(),
    });
    this.#sockets.attach(http);
    this.#nrepl = new NreplServer(engine, JANK_VERSION);
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
    while (this.engine.replacement) await this.engine.replacement;
    const { engine, pages, port, wsPort, nreplPort } = this;
    return {
      version: JANK_VERSION,
      epoch: engine.log.epoch,
      seq: engine.log.seq,
      uptimeMs: Date.now() - this.#started,
      ports: { http: port, webSocket: wsPort, nrepl: nreplPort },
      pages: pages.all.map(({ id, name, connectedAt }) => ({ id, name, connectedAt })),
      errors: [...this.#errors.values()],
      runtime: engine.runtime.stats(),
    };
  }

  // ---- Files ------------------------------------------------------------------------

  async #watch(folders: string[]): Promise<void> {
    this.#watcher = await SourceWatcher.start({
      folders,
      isSource,
      onChange: (path) => void this.#reload(path),
      onRemove: (path) => this.#mended(path),
      onError: (error) => this.#log(`watching the sources: ${error.message}`),
    });
  }

  /**
   * And the files that could not be loaded, perhaps because of this one. One that
   * was interrupted holds everybody up: only when it is likely.
   */
  async #reload(path: string): Promise<void> {
    const result = await this.engine.loadFile(path);
    const { changed } = result;
    this.#loaded(result);
    if (this.#errors.has(path)) return;
    for (const [other, { class: name }] of [...this.#errors])
      if (name !== INTERRUPTED || mentions(other, changed))
        this.#loaded(await this.engine.loadFile(other));
  }

  #loaded({ path, file, error, changed, compileMs, pages }: FileResult): void {
    if (error) {
      this.#errors.set(path, error);
      this.pages.broadcast({ type: "error", error });
      this.#log(formatReport(error));
      return;
    }
    this.#mended(path);
    if (!changed.length) return;
    const shown = changed.length > 5 ? `${changed.length} definitions` : changed.join(", ");
    const where = pages
      .map((page) => `${page.name}: ${page.status} in ${page.installMs.toFixed(2)} ms`)
      .join("; ");
    this.#log(`${file}: ${shown} (compiled in ${compileMs.toFixed(2)} ms)${where && `; ${where}`}`);
    for (const page of pages)
      if (page.error) this.#log(`in the page "${page.name}": ${formatReport(page.error)}`);
  }

  #mended(path: string): void {
    const error = this.#errors.get(path);
    if (!error) return;
    this.#errors.delete(path);
    this.pages.broadcast({ type: "mended", file: error.file });
  }

  #pageOutput(page: Page, stream: "out" | "err", text: string): void {
    for (const line of text.replace(/\n$/, "").split("\n"))
      this.#log(`[${page.name}]${stream === "err" ? " error:" : ""} ${line}`);
  }
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
