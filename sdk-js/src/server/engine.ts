// The server's compiler: an instance of the same runtime that the pages run,
// which has loaded the same application.
//
//   evaluate(code) -> TypedCode    loadFile(path) -> Loader
//     -> Units.take: a form is compiled and installed in the instance
//     -> Transactions.broadcast -> every page
//     an expression that was typed goes to one page instead
//
// A file is one transaction: when one of its forms fails, the instance goes back
// and nothing is sent. Typed forms go one by one. Only a page is waited for without
// holding the instance: what it is slow with holds up who asked, and nobody else.

import type { CompiledForm } from "../compiler.js";
import type { NativeResult } from "../native/compile.js";
import { reportOf, type RuntimeName, type UndoReport } from "../protocol.js";
import { JankError, type RuntimeStats, type Stream } from "../runtime.js";
import { SERVER_RUNTIME, type Evaluator } from "./evaluator.js";
import type { EvaluateOptions, EvaluateResult } from "./evaluator.js";
import { Instance } from "./instance.js";
import { newJob } from "./job.js";
import { Loader, type FileResult } from "./loader.js";
import { moduleOf, PatchLog, type LogStore } from "./patch-log.js";
import { named, type Pages } from "./pages.js";
import { Transactions } from "./transactions.js";
import { TypedCode } from "./typed.js";
import { Units } from "./units.js";

export type { FileResult } from "./loader.js";

export interface EngineOptions {
  /** Folders that hold the application's namespaces. */
  sources: string[];
  pages: Pages;
  /** Where the log is kept; none: in memory. */
  store?: LogStore;
  /** Passed to Runtime.load. */
  moduleUrl?: string | URL;
  /** Seconds that one form may take here; 0: as long as it likes. */
  evalTimeout: number;
  /** A line for people. */
  say: (line: string) => void;
  /** What the instance prints by itself, and what it gives to `tap>`. */
  write: (stream: Stream, text: string) => void;
  onTap: (text: string) => void;
}

export class Engine implements Evaluator {
  readonly log: PatchLog;
  readonly #pages: Pages;
  readonly #instance: Instance;
  readonly #units: Units;
  readonly #transactions: Transactions;
  readonly #loader: Loader;
  readonly #typed: TypedCode;

  private constructor({ sources, pages }: EngineOptions, log: PatchLog, instance: Instance) {
    this.log = log;
    this.#pages = pages;
    this.#instance = instance;
    const units = (this.#units = new Units(instance));
    const transactions = (this.#transactions = new Transactions(instance, log, pages));
    const loader = new Loader({ sources, instance, log, units, transactions });
    this.#loader = loader;
    this.#typed = new TypedCode({ pages, log, units, transactions, loader });
  }

  static async start(options: EngineOptions): Promise<Engine> {
    const log = new PatchLog(options.store);
    return new Engine(options, log, await Instance.start({ ...options, log }));
  }

  close(): Promise<void> {
    return this.#instance.close();
  }

  // ---- Asking ---------------------------------------------------------------------

  async evaluate(code: string, options: EvaluateOptions = {}): Promise<EvaluateResult> {
    const job = newJob(options);
    const page = options.page === undefined ? this.#pages.current : options.page;
    const runtime: RuntimeName = page && page !== "server" ? named(page) : SERVER_RUNTIME;
    const result = await this.#typed.evaluate(code, job);
    const pages = await this.#transactions.reports(job);
    const { out, err, compileMs, bytes } = job;
    return { ...result, out, err, compileMs, bytes, runtime, pages };
  }

  /** Whether there is a namespace of this name, here. */
  async hasNamespace(ns: string): Promise<boolean> {
    if (!/^[^\s()[\]{}"'`~@^;,\\/#]+$/.test(ns)) return false;
    const { value } = await this.#instance.call("evaluate", [`(some? (find-ns '${ns}))`]);
    return value === "true";
  }

  async query(name: string, ...args: unknown[]): Promise<unknown> {
    const ns = name.slice(0, name.indexOf("/", 1));
    return this.#transactions.exclusively(async () => {
      const { value } = await this.#instance.call("evaluate", [`(some? (resolve '${name}))`]);
      if (value !== "true") await this.#loader.loadHere(ns);
      return this.#instance.call("invoke", [name, args]);
    });
  }

  /** Again, when the thread was ended before it could answer. */
  stats(): Promise<RuntimeStats> {
    const ask = () => this.#instance.call("stats", []);
    return ask().catch(ask);
  }

  async undo(vars?: string[]): Promise<UndoReport> {
    const job = newJob({});
    this.#instance.stopReading();
    const error = await this.#transactions.exclusively(async () => {
      const plan = this.log.planUndo(vars);
      const unbinding: CompiledForm[] = [];
      const failed = await this.#transactions.atomically(async () => {
        for (const name of plan.unbound) unbinding.push(await this.#unbind(name));
        const problems = await this.#instance.call("install", [plan.forms.map(moduleOf)]);
        const [problem] = problems.filter((each) => each !== null);
        if (problem === undefined) return undefined;
        return reportOf("load", "PatchException", `undo: ${problem}`);
      });
      if (!failed) this.#transactions.broadcast(this.log.appendUndo(plan, unbinding), job);
      return failed;
    });
    if (error) throw new JankError(this.#transactions.explained(error, {}));
    return { changes: job.changes, pages: await this.#transactions.reports(job) };
  }

  /** Its first definition is undone: installed here, and to be sent. Throws a JankError. */
  async #unbind(name: string): Promise<CompiledForm> {
    const source = this.#units.open(`(jank.dev/unbind! '${name})`, { file: "<undo>" });
    try {
      const step = await this.#typed.takeOne(source, newJob({}), false);
      if ("error" in step) throw new JankError(step.error);
      const { taken } = step;
      if (taken?.fate !== "installed") throw new Error(`no form makes ${name} unbound`);
      if (!taken.result.ok) throw new JankError(taken.result.error);
      return taken.form;
    } finally {
      this.#units.close(source);
    }
  }

  // ---- Files ------------------------------------------------------------------------

  /** Every source file of the application. */
  sourceFiles(): string[] {
    return this.#loader.sourceFiles();
  }

  /** Loads every file that none before it has loaded by requiring it. */
  loadAll(): Promise<FileResult[]> {
    return this.#loader.loadAll();
  }

  /** Brings a file up to date, as one transaction: only forms whose text changed are sent. */
  loadFile(path: string): Promise<FileResult> {
    return this.#loader.loadFile(path);
  }

  /** See Loader.loadNative. */
  loadNative(
    path: string,
    compiled: NativeResult,
    how: { isHere: boolean; isSame: boolean },
  ): Promise<FileResult> {
    return this.#loader.loadNative(path, compiled, how);
  }
}
