// What one test does with its development server: evaluates in its pages, edits,
// and waits for what becomes of that. What is refused and was not expected fails
// the test; see end().

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { BrowserContext, Page } from "@playwright/test";
import type { ServerReport } from "../server/report.js";
import { formatReport } from "../format.js";
import type { ErrorReport, PageReport } from "../protocol.js";
import { toEdn } from "../edn.js";
import type { JankServer } from "./server.js";

const POLL = 10;

export interface JankEvalOptions {
  /** In which namespace; by default "user". */
  ns?: string;
  /**
   * Where expressions run; by default in the page that was focused last. While no page is
   * connected, on the server.
   */
  page?: Page;
}

/** What a page says of a patch. */
export type PatchReport = Omit<Extract<ServerReport, { type: "patch" }>, "type" | "error">;

export interface WaitOptions {
  /** Milliseconds; by default jankOptions.timeout. */
  timeout?: number;
}

/** What jank.eval, invoke and patch reject with. The message is the report as text. */
export class JankRefusal extends Error {
  override name = "JankRefusal";
  constructor(readonly report: ErrorReport) {
    super(formatReport(report));
  }
}

const NAME = /^[^\s()[\]{}"'`~@^;,\\/#]+\/[^\s()[\]{}"'`~@^;,\\]+$/;

const pause = () => new Promise((done) => setTimeout(done, POLL));

export class Jank {
  readonly #server: JankServer;
  /** The ids of the clients in a page, oldest first, as it told them to the server. */
  readonly #clients = new WeakMap<Page, string[]>();
  readonly #waiting = new Set<(report: ServerReport) => void>();
  readonly #unlisten: () => void;
  /** That nobody was told of. */
  #refused: string[] = [];

  /** @internal */
  constructor(server: JankServer) {
    this.#server = server;
    this.#unlisten = server.onReport((report) => this.#hear(report));
  }

  /** The page's address, on the development server. */
  get url(): string {
    return this.#server.url;
  }

  /** For `connect({ url })` in a page that is served elsewhere. */
  get wsUrl(): string {
    return this.#server.wsUrl;
  }

  // ---- Pages ----------------------------------------------------------------------

  /** Opens an address, from `url`, and waits until the page has everything. */
  async open(page: Page, address = ""): Promise<void> {
    this.follow(page.context());
    await page.goto(new URL(address, this.url).href);
    const client = await this.#connected(page);
    const end = performance.now() + this.#server.timeout;
    while (client && !client.hasAnswered && performance.now() < end) await pause();
  }

  /** For a context that the test has made itself, before its pages connect. */
  follow(context: BrowserContext): void {
    for (const page of context.pages()) this.#watch(page);
    context.on("page", (page) => this.#watch(page));
  }

  #watch(page: Page): void {
    if (this.#clients.has(page)) return;
    const ids: string[] = [];
    this.#clients.set(page, ids);
    page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => {
        const id = clientId(String(payload));
        if (id !== undefined) ids.push(id);
      }),
    );
  }

  /** The server's side of a page, once it is connected. */
  async #connected(page: Page) {
    const ids = this.#clients.get(page);
    if (!ids) throw new Error("the page is of another context: jank.follow(context) is missing");
    const end = performance.now() + this.#server.timeout;
    while (performance.now() < end) {
      const { pages } = this.#server.running;
      const connected = pages.all.filter(({ id }) => ids.includes(id));
      if (connected.length > 0)
        return connected.sort((a, b) => ids.lastIndexOf(b.id) - ids.lastIndexOf(a.id))[0];
      await pause();
    }
    throw new Error(`the page ${page.url()} has not connected to ${this.wsUrl} or ${this.url}repl`);
  }

  // ---- Evaluation -----------------------------------------------------------------

  /**
   * The value of the last form, printed as by `pr-str`. Definitions go to every page, and have
   * arrived there. Rejects with a JankRefusal.
   */
  async eval(code: string, { ns, page }: JankEvalOptions = {}): Promise<string> {
    const where = page && (await this.#connected(page));
    const { engine } = this.#server.running;
    const { value, error, pages } = await engine.evaluate(code, {
      file: "<test>",
      ...(ns !== undefined && { ns }),
      ...(where && { page: where }),
    });
    this.#check(pages, error);
    return value ?? "nil";
  }

  /** Calls `ns/name` in a page. The arguments and the result are JSON values. */
  async invoke(page: Page, name: string, ...args: unknown[]): Promise<unknown> {
    if (!NAME.test(name)) throw new Error(`jank.invoke: ${name} is no name like "eita/ggg"`);
    const call = `(${[name, ...args.map((value) => toEdn(value))].join(" ")})`;
    const value = await this.eval(`(js/JSON.stringify (clj->js ${call}))`, { page });
    return value === "nil" ? null : JSON.parse(JSON.parse(value) as string);
  }

  // ---- Edits ----------------------------------------------------------------------

  /**
   * Saves a source file (a path from the root, or from a source folder) as an editor does,
   * and waits until every connected page has installed what changed. `edit`: the new text,
   * or a function from the old one. Rejects with a JankRefusal.
   */
  async patch(file: string, edit: string | ((text: string) => string)): Promise<void> {
    const path = this.#server.sourcePath(file);
    if (typeof edit === "function" && !existsSync(path)) throw new Error(`there is no ${file}`);
    const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    const text = typeof edit === "function" ? edit(before ?? "") : edit;
    if (text === before) throw new Error(`jank.patch: the edit leaves ${file} as it was`);
    void this.#server.running;
    const { timeout } = this.#server;
    const saved = this.#next(`the server to load ${file}`, timeout, (report) =>
      report.type === "file" && report.path === path ? report : undefined,
    );
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const { pages, error } = await saved;
    this.#check(pages, error);
  }

  /**
   * The next patch that a page has installed and that fits; whoever sent it. Call it before
   * what sends it. Rejects with a JankRefusal when that patch is refused.
   */
  async waitForPatch(
    fits: (report: PatchReport) => boolean = () => true,
    { timeout = this.#server.timeout }: WaitOptions = {},
  ): Promise<PatchReport> {
    const { error, page, seq, names, installMs } = await this.#next("a patch", timeout, (report) =>
      report.type === "patch" && fits(report) ? report : undefined,
    );
    this.#check([], error);
    return { page, seq, names, installMs };
  }

  /**
   * The body has something refused: an edit, a patch in a page, an expression. The text of the
   * (first) report. Rejects when all is accepted.
   */
  async expectRefused(
    body: () => unknown,
    { timeout = this.#server.timeout }: WaitOptions = {},
  ): Promise<string> {
    const earlier = this.#refused;
    this.#refused = [];
    try {
      const thrown = await refusalOf(body);
      return thrown ?? this.#refused[0] ?? (await this.#nextRefusal(timeout));
    } finally {
      this.#refused = earlier;
    }
  }

  // ---- Reports --------------------------------------------------------------------

  #hear(report: ServerReport): void {
    if (report.error) this.#refused.push(shown(report, report.error));
    for (const hear of [...this.#waiting]) hear(report);
  }

  #next<Found>(
    what: string,
    timeout: number,
    find: (report: ServerReport) => Found | undefined,
  ): Promise<Found> {
    return new Promise((resolve, reject) => {
      const hear = (report: ServerReport) => {
        const found = find(report);
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(hear);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(hear);
        reject(new Error(`waited in vain for ${what}, ${timeout} ms`));
      }, timeout);
      this.#waiting.add(hear);
    });
  }

  #nextRefusal(timeout: number): Promise<string> {
    return this.#next("something to be refused", timeout, (report) =>
      report.error ? shown(report, report.error) : undefined,
    );
  }

  /** Throws what was refused: then the caller knows of it. */
  #check(pages: PageReport[], error: ErrorReport | undefined): void {
    const errors = [error, ...pages.map((page) => page.error)].filter((each) => each !== undefined);
    const texts = errors.map(formatReport);
    this.#refused = this.#refused.filter((shown) => !texts.some((text) => shown.endsWith(text)));
    if (errors[0]) throw new JankRefusal(errors[0]);
    const silent = pages.find(({ status }) => status === "silent");
    if (silent) throw new Error(`the page "${silent.name}" has not answered`);
  }

  /** @internal After the test. Throws when something was refused that it did not expect. */
  end(): void {
    this.#unlisten();
    if (this.#refused.length > 0)
      throw new Error(
        `refused, and not expected (jank.expectRefused):\n\n${this.#refused.join("\n\n")}`,
      );
  }
}

function shown(report: ServerReport, error: ErrorReport): string {
  const where = report.type === "patch" ? `in the page "${report.page.name}": ` : "";
  return `${where}${formatReport(error)}`;
}

async function refusalOf(body: () => unknown): Promise<string | undefined> {
  try {
    await body();
    return undefined;
  } catch (error) {
    if (error instanceof JankRefusal) return error.message;
    throw error;
  }
}

/** Of a handshake. */
function clientId(payload: string): string | undefined {
  if (!payload.startsWith('{"type":"handshake"')) return undefined;
  const { clientId: id } = JSON.parse(payload) as { clientId?: unknown };
  return typeof id === "string" ? id : undefined;
}
