// The server's compiler: an instance of the same runtime that the pages run,
// which has loaded the same application.
//
//   evaluate(code) / loadFile(path)
//     -> open, take: a form is compiled and installed in the instance
//     -> PatchLog.append -> every page
//     an expression that was typed goes to one page instead
//
// A file is one transaction: when one of its forms fails, the instance goes back
// and nothing is sent. Typed forms go one by one. Only a page is waited for without
// holding the instance: what it is slow with holds up who asked, and nobody else.

import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { NativeResult } from "../native/compile.js";
import type {
  ErrorReport,
  Evaluation,
  PageReport,
  RuntimeName,
  UndoReport,
  VarChange,
} from "../protocol.js";
import { reportOf } from "../protocol.js";
import { cyclicLoad, sourceFilesOf, withPlace, type CompiledForm } from "../compiler.js";
import { JankError } from "../runtime.js";
import type { InstallResult, RuntimeStats, Stream } from "../runtime.js";
import { INTERRUPTED, INTERRUPTED_MESSAGE } from "../shared.js";
import {
  SERVER_RUNTIME,
  type EvaluateOptions,
  type EvaluateResult,
  type Evaluator,
} from "./evaluator.js";
import { Instance } from "./instance.js";
import {
  moduleOf,
  PatchLog,
  type FileForms,
  type LogStore,
  type Origin,
  type Transaction as LoggedTransaction,
} from "./patch-log.js";
import { named, type Page, type Pages } from "./pages.js";
import type { Stretch, Taken, TakeOptions } from "./thread-calls.js";

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

/** What a saved file did. */
export interface FileResult {
  path: string;
  /** The path as people see it. */
  file: string;
  /** Grows with each load: pages may be slow to answer, and an older result come later. */
  order: number;
  error?: ErrorReport;
  changes: VarChange[];
  compileMs: number;
  pages: PageReport[];
}

/** A text that is being compiled. */
interface Source {
  text: string;
  options: EvaluateOptions;
  /** Its number in the instance's thread, and which of these threads has it. */
  unit: number;
  generation: number | undefined;
  /** How many forms have come. */
  count: number;
}

interface Job {
  options: EvaluateOptions;
  commits: number[];
  compileMs: number;
  bytes: number;
  out: string;
  err: string;
  changes: VarChange[];
}

/** A transaction on its way: a file's own forms and those of what it requires, in their order. */
interface Transaction {
  job: Job;
  forms: CompiledForm[];
  /** The path of the file that has the form; of the library: undefined. */
  paths: (string | undefined)[];
  /** What will be live of each file. */
  files: Map<string, FileForms>;
}

type Given = Extract<Taken, { fate: "given" }>;
type Installed = Extract<Taken, { fate: "installed" }>;
type Ending = { value?: string; ns: string; error?: ErrorReport };

export const isSource = (name: string) => /\.(jank|cljc)$/.test(name);

export class Engine implements Evaluator {
  readonly log: PatchLog;
  readonly #options: EngineOptions;
  #instance!: Instance;
  /** What works with the instance comes one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** In the names of what pages run. */
  readonly #life = randomBytes(4).toString("hex");
  #runs = 0;
  #loads = 0;
  #units = 0;
  /** Files whose namespace is ^:dev/always: loaded again with every other one. */
  readonly #always = new Set<string>();

  private constructor(options: EngineOptions) {
    this.#options = options;
    this.log = new PatchLog(options.store);
  }

  static async start(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    engine.#instance = await Instance.start({ ...options, log: engine.log });
    return engine;
  }

  close(): Promise<void> {
    return this.#instance.close();
  }

  // ---- Asking ---------------------------------------------------------------------

  async evaluate(code: string, options: EvaluateOptions = {}): Promise<EvaluateResult> {
    const job = newJob(options);
    const page = options.page === undefined ? this.#options.pages.current : options.page;
    const runtime: RuntimeName = page && page !== "server" ? named(page) : SERVER_RUNTIME;
    const result = await this.#evaluateForms(code, job);
    const pages = await this.#reports(job);
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
    return this.#exclusively(async () => {
      const { value } = await this.#instance.call("evaluate", [`(some? (resolve '${name}))`]);
      if (value !== "true") await this.#loadHere(ns);
      return this.#instance.call("invoke", [name, args]);
    });
  }

  /** For the server's own questions. Pages get it when the application requires it. */
  async #loadHere(ns: string): Promise<void> {
    const transaction: Transaction = { job: newJob({}), forms: [], paths: [], files: new Map() };
    const error = await this.#require(ns, transaction, new Set([ns]));
    // So that the application's own require loads it again, and everywhere.
    await this.#instance.call("namespaceFailed", [ns]).catch(() => undefined);
    if (error) throw new JankError(error);
  }

  /** Again, when the thread was ended before it could answer. */
  stats(): Promise<RuntimeStats> {
    const ask = () => this.#instance.call("stats", []);
    return ask().catch(ask);
  }

  async undo(vars?: string[]): Promise<UndoReport> {
    const job = newJob({});
    this.#instance.stopReading();
    const error = await this.#exclusively(async () => {
      const plan = this.log.planUndo(vars);
      const unbinding: CompiledForm[] = [];
      const failed = await this.#atomically(async () => {
        for (const name of plan.unbound) unbinding.push(await this.#unbind(name));
        const problems = await this.#instance.call("install", [plan.forms.map(moduleOf)]);
        const [problem] = problems.filter((each) => each !== null);
        if (problem === undefined) return undefined;
        return reportOf("load", "PatchException", `undo: ${problem}`);
      });
      if (!failed) this.#broadcast(this.log.appendUndo(plan, unbinding), job);
      return failed;
    });
    if (error) throw new JankError(this.#explained(error, {}));
    return { changes: job.changes, pages: await this.#reports(job) };
  }

  /** Its first definition is undone: installed here, and to be sent. Throws a JankError. */
  async #unbind(name: string): Promise<CompiledForm> {
    const source = this.#open(`(jank.dev/unbind! '${name})`, { file: "<undo>" });
    try {
      const step = await this.#takeOne(source, newJob({}), false);
      if ("error" in step) throw new JankError(step.error);
      const { taken } = step;
      if (taken?.fate !== "installed") throw new Error(`no form makes ${name} unbound`);
      if (!taken.result.ok) throw new JankError(taken.result.error);
      return taken.form;
    } finally {
      this.#close(source);
    }
  }

  #exclusively<Result>(body: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(body);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #reports({ commits }: Job): Promise<PageReport[]> {
    return commits.length ? this.#options.pages.reports(commits) : [];
  }

  // ---- Typed code -------------------------------------------------------------------

  async #evaluateForms(code: string, job: Job): Promise<Ending> {
    const { options } = job;
    let ns = options.ns ?? "user";
    let value: string | undefined;
    let source: Source | undefined;
    try {
      for (;;) {
        const page = options.page ?? this.#options.pages.current;
        const isElsewhere = page !== undefined && page !== "server";
        const step = await this.#exclusively(async () => {
          source ??= this.#open(code, { ...options, ns });
          return this.#takeOne(source, job, isElsewhere);
        });
        if ("error" in step) return { ns, error: this.#explained(step.error, options) };
        const { taken } = step;
        if (taken === undefined) break;
        const { form } = taken;
        const result =
          taken.fate === "given"
            ? await this.#runInPage(page as Page, form, job)
            : endingOf(taken.result);
        if (result.error)
          return { ns, error: this.#explained(withPlace(result.error, form, options), options) };
        value = result.value ?? "nil";
        ns = form.ns;
        // Only the last value of a `do` is told.
        if (!form.more) options.onValue?.(value, ns);
        if (step.isEnd) break;
      }
      return { ns, ...(value !== undefined && { value }) };
    } finally {
      if (source) this.#close(source);
    }
  }

  /** The next form, with what it requires loaded; when it defines something, everywhere. */
  async #takeOne(
    source: Source,
    job: Job,
    give: boolean,
  ): Promise<{ taken?: Given | Installed; isEnd: boolean } | { error: ErrorReport }> {
    const { session } = job.options;
    for (;;) {
      try {
        const { taken, end } = await this.#take(source, job, { give, ...(session && { session }) });
        const [form] = taken as (Given | Installed)[];
        if (form) {
          if (form.fate === "installed" && form.result.ok && form.form.kind !== "expr")
            this.#broadcast(this.log.append([form.form]), job);
          return { taken: form, isEnd: end !== undefined };
        }
        if (end?.status === "end" || !end) return { isEnd: true };
        if (end.status === "error") return end;
        const error = await this.#loadNamespace(end.ns, job);
        if (error) return { error };
      } catch (error) {
        if (!(error instanceof JankError)) throw error;
        return { error: error.report };
      }
    }
  }

  async #runInPage(page: Page, form: CompiledForm, job: Job): Promise<Partial<Evaluation>> {
    const { session, signal, readLine } = job.options;
    const result = await page.run(`${this.#life}-${++this.#runs}`, form, {
      session,
      signal,
      readLine,
      after: this.log.seq,
      onOutput: (stream, text) => this.#print(job, stream, text),
    });
    this.#print(job, "out", result.out);
    this.#print(job, "err", result.err);
    return result;
  }

  /** What was cut off is told why. */
  #explained(error: ErrorReport, { file }: EvaluateOptions): ErrorReport {
    if (error.class !== INTERRUPTED) return error;
    const isOurs = error.message === INTERRUPTED_MESSAGE;
    const message = isOurs ? this.#instance.interruption : error.message;
    return { ...error, message, file: error.file ?? file ?? null };
  }

  #broadcast({ commit, messages, changes }: LoggedTransaction, job: Job): void {
    this.#options.pages.broadcast(messages);
    job.commits.push(commit);
    job.changes.push(...changes);
  }

  #print(job: Job, stream: Stream, text: string): void {
    if (text === "") return;
    job[stream] += text;
    job.options.onOutput?.(stream, text);
  }

  // ---- Sources ----------------------------------------------------------------------

  #open(text: string, options: EvaluateOptions): Source {
    return { text, options, unit: ++this.#units, generation: undefined, count: 0 };
  }

  #close({ unit }: Source): void {
    void this.#instance.call("close", [unit]).catch(() => undefined);
  }

  async #take(source: Source, job: Job, takeOptions: TakeOptions): Promise<Stretch> {
    let options = takeOptions;
    // The first one, or the instance has been replaced while a page was waited for.
    if (source.generation !== this.#instance.generation) {
      const { file = "<eval>", ns = "user", line = 1, column } = source.options;
      const place = { file, ns, line, ...(column !== undefined && { column }) };
      options = { ...options, open: { text: source.text, options: place, skip: source.count } };
    }
    const stretch = await this.#instance.call("take", [source.unit, options], {
      signal: job.options.signal,
      onOutput: (stream, text) => this.#print(job, stream, text),
      readLine: job.options.readLine,
    });
    source.generation = this.#instance.generation;
    for (const { form } of stretch.taken) {
      job.compileMs += form.compileMs;
      job.bytes += form.bytes.length;
    }
    source.count += stretch.taken.length;
    return stretch;
  }

  // ---- Files ------------------------------------------------------------------------

  /** Every source file of the application. */
  sourceFiles(): string[] {
    return this.#options.sources.flatMap((folder) =>
      existsSync(folder)
        ? readdirSync(folder, { recursive: true, encoding: "utf8" })
            .filter(isSource)
            .sort()
            .map((name) => join(resolve(folder), name))
        : [],
    );
  }

  /** Loads every file that none before it has loaded by requiring it. */
  async loadAll(): Promise<FileResult[]> {
    const results: FileResult[] = [];
    const seen = new Set<string>();
    for (const file of this.sourceFiles())
      if (!seen.has(file))
        results.push(await this.#loadFile(file, seen, !this.log.files.has(file)));
    return results;
  }

  /** Brings a file up to date, as one transaction: only forms whose text changed are sent. */
  loadFile(path: string): Promise<FileResult> {
    return this.#loadFile(path, new Set(), false);
  }

  /** `seen`: gets the files that are up to date now, those that it requires too. */
  async #loadFile(path: string, seen: Set<string>, isBase: boolean): Promise<FileResult> {
    const job = newJob({ file: shownPath(path) });
    const origin: Origin = { cause: "save", file: shownPath(path), ...(isBase && { isBase }) };
    let order = 0;
    this.#instance.stopReading();
    const error = await this.#exclusively(() => {
      order = ++this.#loads;
      return this.#transact(job, origin, async (transaction) => {
        const failed =
          (await this.#loadSource(path, transaction, new Set())) ??
          (await this.#loadAlways(transaction));
        for (const file of transaction.files.keys()) seen.add(file);
        return failed;
      });
    });
    const pages = await this.#reports(job);
    const { changes, compileMs } = job;
    const result = { path, file: shownPath(path), order, changes, compileMs, pages };
    return { ...result, ...(error && { error }) };
  }

  /**
   * A file in C, compiled elsewhere. It is installed here when this instance has the
   * program, and then sent; a text that is the same as before is not.
   */
  async loadNative(
    path: string,
    compiled: NativeResult,
    { isHere, isSame }: { isHere: boolean; isSame: boolean },
  ): Promise<FileResult> {
    const file = shownPath(path);
    const job = newJob({ file });
    const order = ++this.#loads;
    const result: FileResult = { path, file, order, changes: [], compileMs: 0, pages: [] };
    if (!compiled.ok) return { ...result, error: compiled.error };
    if (isSame) return result;
    const { form } = compiled;
    const error = await this.#exclusively(async () => {
      const installed = isHere ? await this.#instance.call("installForm", [form]) : undefined;
      if (installed && !installed.ok) return installed.error;
      this.#broadcast(this.log.append([form], { cause: "save", file }, [path]), job);
      return undefined;
    });
    if (error) return { ...result, error: { ...error, file: error.file ?? file } };
    const pages = await this.#reports(job);
    return { ...result, changes: job.changes, compileMs: form.compileMs, pages };
  }

  /** With what has changed. */
  async #loadAlways(transaction: Transaction): Promise<ErrorReport | undefined> {
    if (transaction.forms.length === 0) return undefined;
    for (const path of this.#always) {
      if (transaction.files.has(path) || !existsSync(path)) continue;
      const error = await this.#loadSource(path, transaction, new Set());
      if (error) return error;
    }
    return undefined;
  }

  /** What a form requires, as a transaction of its own. */
  #loadNamespace(ns: string, job: Job): Promise<ErrorReport | undefined> {
    const path = this.#pathOf(ns);
    const isBase = path === undefined || !this.log.files.has(path);
    return this.#transact(job, { cause: "eval", ...(isBase && { isBase }) }, (transaction) =>
      this.#require(ns, transaction, new Set([ns])),
    );
  }

  /** All of it is installed here and sent, or nothing. */
  async #transact(
    job: Job,
    origin: Origin,
    body: (transaction: Transaction) => Promise<ErrorReport | undefined>,
  ): Promise<ErrorReport | undefined> {
    const transaction: Transaction = { job, forms: [], paths: [], files: new Map() };
    const error = await this.#atomically(() => body(transaction));
    if (error) return this.#explained(error, job.options);
    const { forms, paths, files } = transaction;
    if (forms.length) this.#broadcast(this.log.append(forms, origin, paths, [...files]), job);
    else for (const [path, live] of files) this.log.setFile(path, live);
    for (const [path, live] of files) this.log.forget(path, new Set(live.map(([hash]) => hash)));
    return undefined;
  }

  /** What the body installs here is taken back when it fails: by its answer, or a throw. */
  async #atomically(
    body: () => Promise<ErrorReport | undefined>,
  ): Promise<ErrorReport | undefined> {
    try {
      await this.#instance.call("begin", []);
      return await this.#commit(this.#instance.generation, body);
    } catch (error) {
      if (!(error instanceof JankError)) throw error;
      return error.report;
    }
  }

  /** In the transaction that has begun. */
  async #commit(
    generation: number,
    body: () => Promise<ErrorReport | undefined>,
  ): Promise<ErrorReport | undefined> {
    let isGood = false;
    try {
      const error = await body();
      isGood = error === undefined;
      // Of a thread that was replaced meanwhile nothing is left.
      if (isGood && generation !== this.#instance.generation)
        return reportOf("run", INTERRUPTED, INTERRUPTED_MESSAGE);
      return error;
    } finally {
      if (generation === this.#instance.generation)
        await this.#instance.call(isGood ? "commit" : "rollback", []);
    }
  }

  async #loadSource(
    path: string,
    transaction: Transaction,
    loading: Set<string>,
  ): Promise<ErrorReport | undefined> {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      return reportOf("load", "IOException", (error as Error).message);
    }
    const before = this.log.files.get(path) ?? [];
    // An editor that is about to write has emptied the file: nothing is gone.
    if (text.trim() === "" && before.length > 0) return undefined;
    const live: FileForms = [];
    const options = { file: shownPath(path) };
    const error = await this.#loadText(text, options, transaction, loading, {
      path,
      passed: new Set(before.map(([hash]) => hash)),
      onForm: ({ kind, always, hash, symbols }) => {
        if (kind === "ns" && always) this.#always.add(path);
        live.push([hash, [...new Set(symbols.map(({ name }) => name))]]);
      },
      onOnce: () => live.push(...before),
    });
    if (!error) transaction.files.set(path, live);
    return error;
  }

  async #loadText(
    text: string,
    options: EvaluateOptions,
    transaction: Transaction,
    loading: Set<string>,
    file: {
      path?: string;
      passed?: ReadonlySet<string>;
      onForm?: (form: CompiledForm) => void;
      /** It stays as it is. */
      onOnce?: () => void;
    } = {},
  ): Promise<ErrorReport | undefined> {
    const { job } = transaction;
    const source = this.#open(text, options);
    try {
      for (;;) {
        const { taken, end } = await this.#take(source, job, {
          all: true,
          ...(file.passed && { passed: file.passed }),
        });
        for (const each of taken) {
          file.onForm?.(each.form);
          if (each.fate !== "installed") continue;
          if (!each.result.ok) return withPlace(each.result.error, each.form, options);
          transaction.forms.push(each.form);
          transaction.paths.push(file.path);
        }
        if (end?.status === "end") {
          if (end.isOnce) file.onOnce?.();
          return undefined;
        }
        if (end?.status === "error")
          return { ...end.error, file: end.error.file ?? options.file ?? null };
        if (end?.status !== "missing") continue;
        if (loading.has(end.ns)) return cyclicLoad(end.ns, loading);
        const error = await this.#require(end.ns, transaction, new Set([...loading, end.ns]));
        if (error) return error;
      }
    } finally {
      this.#close(source);
    }
  }

  /** A file of the application, or a part of the library. */
  async #require(
    ns: string,
    transaction: Transaction,
    loading: Set<string>,
  ): Promise<ErrorReport | undefined> {
    const error = await this.#loadRequired(ns, transaction, loading);
    if (error) await this.#instance.call("namespaceFailed", [ns]).catch(() => undefined);
    return error;
  }

  async #loadRequired(
    ns: string,
    transaction: Transaction,
    loading: Set<string>,
  ): Promise<ErrorReport | undefined> {
    const path = this.#pathOf(ns);
    if (path !== undefined) {
      // Required again with :reload: all of its forms.
      this.log.setFile(path, []);
      return this.#loadSource(path, transaction, loading);
    }
    const library = await this.#instance.call("coreNamespace", [ns]);
    if (!library) return undefined; // the compiler says what is missing
    return this.#loadText(library.source, { file: library.file }, transaction, loading);
  }

  #pathOf(ns: string): string | undefined {
    return this.#options.sources
      .flatMap((folder) => sourceFilesOf(ns).map((file) => resolve(folder, file)))
      .find((path) => existsSync(path));
  }
}

function newJob(options: EvaluateOptions): Job {
  return { options, commits: [], compileMs: 0, bytes: 0, out: "", err: "", changes: [] };
}

const endingOf = (result: InstallResult): Partial<Evaluation> =>
  result.ok ? { value: result.value } : { error: result.error };

/** Relative to where the server runs, when it is below. */
function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
