// The development server of one Playwright worker. It serves a copy of the
// application, in which tests edit as they like: what is the user's own is never
// written to, and workers do not see each other's edits.
//
// For each test that asks for it the copy is made anew, and the server started
// again (some 50 ms): no test sees what another has defined.

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import {
  startServer,
  type RunningServer,
  type ServerOptions,
  type ServerReport,
} from "jank-hot-reload/server";
import { isSource } from "../compiler.js";
import { formatReport } from "../format.js";

type PassedOn = "allowedOrigins" | "allowedHosts" | "evalTimeout" | "wsPort" | "port" | "nreplPort";

/** Ports are free ones unless they are given: a given port is for one worker alone. */
export interface JankOptions extends Pick<ServerOptions, PassedOn> {
  /**
   * The folder that is served, a path from the folder of Playwright's configuration. By
   * default an empty one. `node_modules` and names with a dot in front are left out.
   */
  root?: string;
  /** Folders of namespaces, paths from the root, perhaps outside of it. By default `src`. */
  sources?: string[];
  /** Files that are added, or others are replaced by: their texts, by their path in the root. */
  files?: Record<string, string>;
  /** Milliseconds that something is waited for; by default 10,000. */
  timeout?: number;
}

type Listener = (report: ServerReport) => void;

const isWithin = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

const isCopied = (name: string): boolean => name !== "node_modules" && !name.startsWith(".");

function copy(from: string, to: string): void {
  if (!existsSync(from)) throw new Error(`jankOptions: there is no folder ${from}`);
  cpSync(from, to, {
    recursive: true,
    dereference: true,
    filter: (path) => path === from || isCopied(basename(path)),
  });
}

export class JankServer {
  /** What the server prints, by line, since the test began. */
  readonly lines: string[] = [];
  /** The copy of jankOptions.root. */
  readonly root: string;
  /** The copies of the source folders. */
  readonly sources: string[];
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), "jank-playwright-")));
  readonly #options: JankOptions;
  readonly #copies: { from: string; to: string }[] = [];
  readonly #listeners = new Set<Listener>();
  #running: RunningServer | undefined;
  #ports: Pick<ServerOptions, "port" | "wsPort" | "nreplPort"> = {};

  /** `base`: what the paths of the options start from. */
  constructor(options: JankOptions, base: string) {
    this.#options = options;
    this.root = join(this.#folder, "root");
    const root = options.root === undefined ? undefined : resolve(base, options.root);
    if (root !== undefined) this.#copies.push({ from: root, to: this.root });
    this.sources = (options.sources ?? ["src"]).map((path, i) =>
      this.#placeOf(path, root ?? base, join(this.#folder, `source-${i}`)),
    );
  }

  /** Where the copy of a source folder is; `outside`: when it is not part of the root's. */
  #placeOf(path: string, root: string, outside: string): string {
    const from = resolve(root, path);
    if (isWithin(root, from)) return join(this.root, relative(root, from));
    this.#copies.push({ from, to: outside });
    return outside;
  }

  // ---- Running --------------------------------------------------------------------

  /** The server. Throws while it is stopped. */
  get running(): RunningServer {
    if (!this.#running) throw new Error("the jank server is stopped: await jankServer.start()");
    return this.#running;
  }

  /** The page's address. */
  get url(): string {
    return `http://localhost:${this.running.port}/`;
  }

  /** What `connect({ url })` and `data-url` of a page from elsewhere take. */
  get wsUrl(): string {
    return `ws://localhost:${this.running.wsPort}/repl`;
  }

  get nreplPort(): number {
    return this.running.nreplPort;
  }

  /** After stop(): on the same ports. The options hold until the next start. */
  async start(options: Partial<ServerOptions> = {}): Promise<void> {
    if (this.#running) throw new Error("the jank server runs already");
    const { allowedOrigins, allowedHosts, evalTimeout } = this.#options;
    const failures: string[] = [];
    const server = await startServer({
      root: this.root,
      sources: this.sources,
      portFile: false,
      ...this.#ports,
      ...(allowedOrigins && { allowedOrigins }),
      ...(allowedHosts && { allowedHosts }),
      ...(evalTimeout !== undefined && { evalTimeout }),
      ...options,
      log: (line) => this.lines.push(line),
      onReport: (report) => {
        if (!this.#running && report.type === "file" && report.error)
          failures.push(formatReport(report.error));
        for (const listener of this.#listeners) listener(report);
      },
    });
    this.#running = server;
    const { port, wsPort, nreplPort } = server;
    this.#ports = { port, wsPort, nreplPort };
    if (failures.length === 0) return;
    await this.stop();
    throw new Error(`the application cannot be loaded:\n${failures.join("\n")}`);
  }

  /** Pages lose their connection, at once. */
  async stop(): Promise<void> {
    const server = this.#running;
    this.#running = undefined;
    await server?.close();
  }

  async restart(options: Partial<ServerOptions> = {}): Promise<void> {
    await this.stop();
    await this.start(options);
  }

  /** As the options have it, whatever has become of it. */
  async startAnew(): Promise<void> {
    await this.stop();
    this.lines.length = 0;
    for (const name of [this.root, ...this.sources]) rmSync(name, { recursive: true, force: true });
    for (const path of [this.root, ...this.sources]) mkdirSync(path, { recursive: true });
    for (const { from, to } of this.#copies) copy(from, to);
    for (const [name, text] of Object.entries(this.#options.files ?? {})) this.#write(name, text);
    const { port = 0, wsPort = 0, nreplPort = 0 } = this.#options;
    this.#ports = { port, wsPort, nreplPort };
    await this.start();
  }

  #write(name: string, text: string): void {
    const path = resolve(this.root, name);
    if (!isWithin(this.root, path))
      throw new Error(`jankOptions.files: ${name} is not within the root`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  get timeout(): number {
    return this.#options.timeout ?? 10_000;
  }

  /** For good. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  // ---- What tests edit, and hear --------------------------------------------------

  /** Where a source file is, or is to be: a path from the root, or from a source folder. */
  sourcePath(file: string): string {
    if (!isSource(file)) throw new Error(`${file} is no source file (.jank, .cljc)`);
    const paths = [this.root, ...this.sources].map((folder) => resolve(folder, file));
    const watched = paths.filter((path) => this.sources.some((folder) => isWithin(folder, path)));
    const found = watched.find((path) => existsSync(path)) ?? watched[0];
    if (found === undefined)
      throw new Error(`${file} is in no source folder: there are ${this.#shownSources()}`);
    return found;
  }

  #shownSources(): string {
    return (this.#options.sources ?? ["src"]).join(", ");
  }

  /** Returns what ends the subscription. */
  onReport(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
