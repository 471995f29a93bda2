// Source files become transactions: a file with what it requires, as it is compiled and
// installed in the server's instance. Only forms whose text has changed are sent.
//
//   loadFile -> #loadSource -> #loadText: take forms, and first what they require
//     -> Transactions.run

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cyclicLoad, isSource, sourceFilesOf, withPlace, type CompiledForm } from "../compiler.js";
import type { NativeResult } from "../native/compile.js";
import { shownPath } from "../paths.js";
import { reportOf, type ErrorReport, type PageReport, type VarChange } from "../protocol.js";
import { JankError } from "../runtime.js";
import type { EvaluateOptions } from "./evaluator.js";
import type { Instance } from "./instance.js";
import { newJob, type Job } from "./job.js";
import type { FileForms, Origin, PatchLog } from "./patch-log.js";
import { newTransaction, type Transaction, type Transactions } from "./transactions.js";
import type { Units } from "./units.js";

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

export interface LoaderOptions {
  /** Folders that hold the application's namespaces. */
  sources: string[];
  instance: Instance;
  log: PatchLog;
  units: Units;
  transactions: Transactions;
}

export class Loader {
  readonly #sources: string[];
  readonly #instance: Instance;
  readonly #log: PatchLog;
  readonly #units: Units;
  readonly #transactions: Transactions;
  #loads = 0;
  /** Files whose namespace is ^:dev/always: loaded again with every other one. */
  readonly #always = new Set<string>();

  constructor({ sources, instance, log, units, transactions }: LoaderOptions) {
    this.#sources = sources;
    this.#instance = instance;
    this.#log = log;
    this.#units = units;
    this.#transactions = transactions;
  }

  /** Every source file of the application. */
  sourceFiles(): string[] {
    return this.#sources.flatMap((folder) =>
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
        results.push(await this.#loadFile(file, seen, !this.#log.files.has(file)));
    return results;
  }

  /** Brings a file up to date, as one transaction: only forms whose text changed are sent. */
  loadFile(path: string): Promise<FileResult> {
    return this.#loadFile(path, new Set(), false);
  }

  /** `seen`: gets the files that are up to date now, those that it requires too. */
  async #loadFile(path: string, seen: Set<string>, isBase: boolean): Promise<FileResult> {
    const file = shownPath(path);
    const job = newJob({ file });
    const origin: Origin = { cause: "save", file, ...(isBase && { isBase }) };
    let order = 0;
    this.#instance.stopReading();
    const error = await this.#transactions.exclusively(() => {
      order = ++this.#loads;
      return this.#transactions.run(job, origin, async (transaction) => {
        const failed =
          (await this.#loadSource(path, transaction, new Set())) ??
          (await this.#loadAlways(transaction));
        for (const loaded of transaction.files.keys()) seen.add(loaded);
        return failed;
      });
    });
    const pages = await this.#transactions.reports(job);
    const { changes, compileMs } = job;
    const result = { path, file, order, changes, compileMs, pages };
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
    const error = await this.#transactions.exclusively(async () => {
      const installed = isHere ? await this.#instance.call("installForm", [form]) : undefined;
      if (installed && !installed.ok) return installed.error;
      this.#transactions.broadcast(this.#log.append([form], { cause: "save", file }, [path]), job);
      return undefined;
    });
    if (error) return { ...result, error: { ...error, file: error.file ?? file } };
    const pages = await this.#transactions.reports(job);
    return { ...result, changes: job.changes, compileMs: form.compileMs, pages };
  }

  // ---- Namespaces -------------------------------------------------------------------

  /** What a form requires, as a transaction of its own. */
  loadNamespace(ns: string, job: Job): Promise<ErrorReport | undefined> {
    const path = this.#pathOf(ns);
    const isBase = path === undefined || !this.#log.files.has(path);
    return this.#transactions.run(
      job,
      { cause: "eval", ...(isBase && { isBase }) },
      (transaction) => this.#require(ns, transaction, new Set([ns])),
    );
  }

  /** For the server's own questions. Pages get it when the application requires it. */
  async loadHere(ns: string): Promise<void> {
    const transaction = newTransaction(newJob({}));
    const error = await this.#require(ns, transaction, new Set([ns]));
    // So that the application's own require loads it again, and everywhere.
    await this.#instance.call("namespaceFailed", [ns]).catch(() => undefined);
    if (error) throw new JankError(error);
  }

  // ---- One transaction --------------------------------------------------------------

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
    const before = this.#log.files.get(path) ?? [];
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
    const source = this.#units.open(text, options);
    try {
      for (;;) {
        const { taken, end } = await this.#units.take(source, job, {
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
      this.#units.close(source);
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
      this.#log.setFile(path, []);
      return this.#loadSource(path, transaction, loading);
    }
    const library = await this.#instance.call("coreNamespace", [ns]);
    if (!library) return undefined; // the compiler says what is missing
    return this.#loadText(library.source, { file: library.file }, transaction, loading);
  }

  #pathOf(ns: string): string | undefined {
    return this.#sources
      .flatMap((folder) => sourceFilesOf(ns).map((file) => resolve(folder, file)))
      .find((path) => existsSync(path));
  }
}
