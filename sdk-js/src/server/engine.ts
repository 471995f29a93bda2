// The server's compiler: an instance of the same runtime that the pages run,
// which has loaded the same application.
//
//   evaluate(code) / loadFile(path)
//     -> Unit.next -> Runtime.install here -> PatchLog.append -> every page
//     an expression that was typed goes to one page instead
//
// One thing at a time: requests wait in a queue.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { ErrorReport, Evaluation, PageReport } from "../protocol.js";
import { reportOf } from "../protocol.js";
import { JankError, Runtime, withPlace } from "../runtime.js";
import type { CompiledForm, Stream, Unit } from "../runtime.js";
import { PatchLog } from "./patch-log.js";
import type { Page, Pages } from "./pages.js";

export interface EngineOptions {
  /** Folders that hold the application's namespaces. */
  sources: string[];
  pages: Pages;
  /** Passed to Runtime.load. */
  moduleUrl?: string | URL;
}

export interface EvaluateOptions {
  ns?: string;
  file?: string;
  line?: number;
  /** Where expressions run; by default in the current page. */
  page?: Page | undefined;
  /** What is printed, and each form's value, as it comes. */
  onOutput?: (stream: Stream, text: string) => void;
  onValue?: (value: string, ns: string) => void;
}

export interface EvaluateResult extends Evaluation {
  pages: PageReport[];
  compileMs: number;
  /** Of the patches that were sent. */
  bytes: number;
}

/** What a saved file did. */
export interface FileResult {
  file: string;
  error?: ErrorReport;
  /** Names of the vars that were sent. */
  changed: string[];
  compileMs: number;
  pages: PageReport[];
}

interface Job {
  options: EvaluateOptions;
  seqs: number[];
  compileMs: number;
  bytes: number;
  out: string;
  err: string;
  changed: string[];
}

const isSource = (name: string) => /\.(jank|cljc)$/.test(name);

export class Engine {
  readonly log = new PatchLog();
  readonly runtime: Runtime;
  readonly #options: EngineOptions;
  /** Hashes of the forms of each file, as they were loaded. */
  readonly #files = new Map<string, Set<string>>();
  #queue: Promise<unknown> = Promise.resolve();
  #runs = 0;

  private constructor(runtime: Runtime, options: EngineOptions) {
    this.runtime = runtime;
    this.#options = options;
  }

  static async start(options: EngineOptions): Promise<Engine> {
    const runtime = await Runtime.load({
      ...(options.moduleUrl && { moduleUrl: options.moduleUrl }),
      write: (stream, text) => process[stream === "err" ? "stderr" : "stdout"].write(text),
    });
    return new Engine(runtime, options);
  }

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
    for (const file of this.sourceFiles())
      if (!this.#files.has(file)) results.push(await this.loadFile(file));
    return results;
  }

  /** Brings a file up to date: only forms whose text changed are sent. */
  loadFile(path: string): Promise<FileResult> {
    return this.#enqueue(async () => {
      const job = newJob({ file: path });
      const error = this.#loadSource(path, job);
      const pages = await this.#options.pages.reports(job.seqs);
      const { changed, compileMs } = job;
      return { file: shownPath(path), changed, compileMs, pages, ...(error && { error }) };
    });
  }

  evaluate(code: string, options: EvaluateOptions = {}): Promise<EvaluateResult> {
    return this.#enqueue(async () => {
      const job = newJob(options);
      const result = await this.#evaluateForms(code, job);
      const { out, err, compileMs, bytes } = job;
      const pages = job.seqs.length ? await this.#options.pages.reports(job.seqs) : [];
      return { ...result, out, err, compileMs, bytes, pages };
    });
  }

  #enqueue<Result>(job: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(job);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  // ---- Typed code -------------------------------------------------------------

  async #evaluateForms(
    code: string,
    job: Job,
  ): Promise<{ value?: string; ns: string; error?: ErrorReport }> {
    const { options } = job;
    let ns = options.ns ?? "user";
    let value: string | undefined;
    const unit = this.#open(code, { ...options, ns });
    try {
      for (;;) {
        const form = this.#nextForm(unit, job, new Set());
        if (form === undefined) return { ns, ...(value !== undefined && { value }) };
        const result =
          form.kind === "expr" ? await this.#runExpression(form, job) : this.#define(form, job);
        if (result.error) return { ns, error: withPlace(result.error, form, options) };
        value = result.value ?? "nil";
        ns = form.ns;
        options.onValue?.(value, ns);
      }
    } catch (error) {
      if (!(error instanceof JankError)) throw error;
      return { ns, error: error.report };
    } finally {
      unit.close();
    }
  }

  async #runExpression(form: CompiledForm, job: Job): Promise<Partial<Evaluation>> {
    const page = job.options.page ?? this.#options.pages.current;
    if (!page) return this.#installHere(form, job);
    const result = await page.run(`run-${++this.#runs}`, form);
    this.#print(job, "out", result.out);
    this.#print(job, "err", result.err);
    return result;
  }

  /** Installs here, and when that is well, everywhere. */
  #define(form: CompiledForm, job: Job, file?: string): Partial<Evaluation> {
    const result = this.#installHere(form, job);
    if (result.error) return result;
    const message = this.log.append(form, file);
    this.#options.pages.broadcast(message);
    job.seqs.push(message.seq);
    job.bytes += form.bytes.length;
    job.changed.push(...new Set(form.symbols.map(({ name }) => name)));
    return result;
  }

  #installHere(form: CompiledForm, job: Job): Partial<Evaluation> {
    const result = this.runtime.capture(
      (stream, text) => this.#print(job, stream, text),
      () => this.runtime.install(form.bytes, form.entry),
    );
    return result.ok ? { value: result.value } : { error: result.error };
  }

  #print(job: Job, stream: Stream, text: string): void {
    if (text === "") return;
    job[stream] += text;
    job.options.onOutput?.(stream, text);
  }

  // ---- Forms ------------------------------------------------------------------

  #open(source: string, options: EvaluateOptions): Unit {
    const { file = "<eval>", ns = "user", line = 1 } = options;
    return this.runtime.open(source, { file, ns, line });
  }

  /** The next form, with what it requires loaded. Throws JankError. */
  #nextForm(unit: Unit, job: Job, loading: Set<string>): CompiledForm | undefined {
    for (;;) {
      const step = unit.next();
      if (step.status === "end") return undefined;
      if (step.status === "error") throw new JankError(step.error);
      if (step.status === "form") {
        job.compileMs += step.form.compileMs;
        return step.form;
      }
      const path = this.#pathOf(step.ns);
      if (path === undefined || loading.has(path)) continue; // the compiler says what is missing
      const error = this.#loadSource(path, job, loading);
      if (error) throw new JankError(error);
    }
  }

  #pathOf(ns: string): string | undefined {
    const name = ns.replaceAll(".", "/").replaceAll("-", "_");
    return this.#options.sources
      .flatMap((folder) => [`${name}.jank`, `${name}.cljc`].map((file) => resolve(folder, file)))
      .find((path) => existsSync(path));
  }

  // ---- Files --------------------------------------------------------------------

  #loadSource(path: string, job: Job, loading = new Set<string>()): ErrorReport | undefined {
    loading.add(path);
    const before = this.#files.get(path) ?? new Set<string>();
    const now = new Set<string>();
    const options = { file: shownPath(path) };
    let error: ErrorReport | undefined;
    let unit: Unit | undefined;
    try {
      unit = this.#open(readFileSync(path, "utf8"), options);
      for (let form; (form = this.#nextForm(unit, job, loading));) {
        if (!before.has(form.hash)) {
          const result = this.#define(form, job, path);
          if (result.error) throw new JankError(withPlace(result.error, form, options));
        }
        now.add(form.hash);
      }
    } catch (thrown) {
      error =
        thrown instanceof JankError
          ? thrown.report
          : reportOf("load", "IOException", (thrown as Error).message);
    } finally {
      unit?.close();
    }
    this.#files.set(path, error ? union(before, now) : now);
    if (!error) this.log.forget(path, now);
    return error;
  }
}

function newJob(options: EvaluateOptions): Job {
  return { options, seqs: [], compileMs: 0, bytes: 0, out: "", err: "", changed: [] };
}

function union(a: Set<string>, b: Set<string>): Set<string> {
  return new Set([...a, ...b]);
}

function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
