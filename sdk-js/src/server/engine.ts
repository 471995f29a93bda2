// The server's compiler: an instance of the same runtime that the pages run,
// which has loaded the same application.
//
//   evaluate(code) / loadFile(path)
//     -> Unit.next -> Runtime.install here -> PatchLog.append -> every page
//     an expression that was typed goes to one page instead
//
// Each form is compiled, installed here and sent in one go. Only a page is waited
// for: what it is slow with holds up who asked, and nobody else.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { ErrorReport, Evaluation, PageReport } from "../protocol.js";
import { reportOf } from "../protocol.js";
import { cyclicLoad, JankError, Runtime, withPlace } from "../runtime.js";
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
  path: string;
  /** The path as people see it. */
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

/** A text that is being compiled. */
interface Source {
  unit: Unit;
  /** How often each hash has come. */
  hashes: Map<string, number>;
}

export const isSource = (name: string) => /\.(jank|cljc)$/.test(name);

export class Engine {
  readonly log = new PatchLog();
  readonly runtime: Runtime;
  readonly #options: EngineOptions;
  /** The forms of each file that are live: their hashes, and what they define. */
  readonly #files = new Map<string, Map<string, string[]>>();
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
  async loadFile(path: string): Promise<FileResult> {
    const job = newJob({ file: path });
    const error = this.#loadSource(path, job);
    const pages = await this.#reports(job);
    const { changed, compileMs } = job;
    return { path, file: shownPath(path), changed, compileMs, pages, ...(error && { error }) };
  }

  async evaluate(code: string, options: EvaluateOptions = {}): Promise<EvaluateResult> {
    const job = newJob(options);
    const result = await this.#evaluateForms(code, job);
    const pages = await this.#reports(job);
    const { out, err, compileMs, bytes } = job;
    return { ...result, out, err, compileMs, bytes, pages };
  }

  /** Whether there is a namespace of this name, here. */
  hasNamespace(ns: string): boolean {
    if (!/^[^\s()[\]{}"'`~@^;,\\/#]+$/.test(ns)) return false;
    return this.runtime.eval(`(some? (find-ns '${ns}))`).value === "true";
  }

  async #reports({ seqs }: Job): Promise<PageReport[]> {
    return seqs.length ? this.#options.pages.reports(seqs) : [];
  }

  // ---- Typed code -------------------------------------------------------------

  async #evaluateForms(
    code: string,
    job: Job,
  ): Promise<{ value?: string; ns: string; error?: ErrorReport }> {
    const { options } = job;
    let ns = options.ns ?? "user";
    let value: string | undefined;
    let last: CompiledForm | undefined;
    const source = this.#open(code, { ...options, ns });
    try {
      for (;;) {
        const form = this.#nextForm(source, job, new Set());
        if (value !== undefined && !isSameText(form, last)) options.onValue?.(value, ns);
        if (form === undefined) return { ns, ...(value !== undefined && { value }) };
        const result =
          form.kind === "expr" ? await this.#runExpression(form, job) : this.#define(form, job);
        if (result.error) return { ns, error: withPlace(result.error, form, options) };
        value = result.value ?? "nil";
        ns = form.ns;
        last = form;
      }
    } catch (error) {
      if (!(error instanceof JankError)) throw error;
      if (value !== undefined) options.onValue?.(value, ns);
      return { ns, error: error.report };
    } finally {
      source.unit.close();
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

  #open(source: string, { file = "<eval>", ns = "user", line = 1 }: EvaluateOptions): Source {
    return { unit: this.runtime.open(source, { file, ns, line }), hashes: new Map() };
  }

  /** The next form, with what it requires loaded. Throws JankError. */
  #nextForm(source: Source, job: Job, loading: Set<string>): CompiledForm | undefined {
    for (;;) {
      const step = source.unit.next();
      if (step.status === "end") return undefined;
      if (step.status === "error") throw new JankError(step.error);
      if (step.status === "form") {
        job.compileMs += step.form.compileMs;
        return numbered(step.form, source.hashes);
      }
      if (loading.has(step.ns)) throw new JankError(cyclicLoad(step.ns, loading));
      const error = this.#loadNamespace(step.ns, job, new Set([...loading, step.ns]));
      if (error) throw new JankError(error);
    }
  }

  /** What a form requires: a file of the application, or a part of the library. */
  #loadNamespace(ns: string, job: Job, loading: Set<string>): ErrorReport | undefined {
    const path = this.#pathOf(ns);
    if (path !== undefined) {
      this.#files.delete(path); // required again with :reload: all of its forms
      return this.#loadSource(path, job, loading);
    }
    const library = this.runtime.coreNamespace(ns);
    if (!library) return undefined; // the compiler says what is missing
    return this.#loadText(library.source, { file: library.file }, job, loading);
  }

  #loadText(
    text: string,
    options: EvaluateOptions,
    job: Job,
    loading: Set<string>,
  ): ErrorReport | undefined {
    const source = this.#open(text, options);
    try {
      for (let form; (form = this.#nextForm(source, job, loading));) {
        const result = this.#define(form, job);
        if (result.error) return withPlace(result.error, form, options);
      }
      return undefined;
    } catch (error) {
      if (error instanceof JankError) return error.report;
      throw error;
    } finally {
      source.unit.close();
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
    const before = this.#files.get(path) ?? new Map<string, string[]>();
    const now = new Map<string, string[]>();
    const options = { file: shownPath(path) };
    let error: ErrorReport | undefined;
    let source: Source | undefined;
    try {
      const text = readFileSync(path, "utf8");
      // An editor that is about to write has emptied the file: nothing is gone.
      if (text.trim() === "" && before.size > 0) return undefined;
      source = this.#open(text, options);
      for (let form; (form = this.#nextForm(source, job, loading));) {
        if (!before.has(form.hash)) {
          const result = this.#define(form, job, path);
          if (result.error) throw new JankError(withPlace(result.error, form, options));
        }
        now.set(
          form.hash,
          form.symbols.map(({ name }) => name),
        );
      }
    } catch (thrown) {
      error =
        thrown instanceof JankError
          ? thrown.report
          : reportOf("load", "IOException", (thrown as Error).message);
    } finally {
      source?.unit.close();
    }
    this.#files.set(path, error ? live(before, now) : now);
    if (!error) this.log.forget(path, new Set(now.keys()));
    return error;
  }
}

function newJob(options: EvaluateOptions): Job {
  return { options, seqs: [], compileMs: 0, bytes: 0, out: "", err: "", changed: [] };
}

/** The second form of the same text, or of one `do`, is another form. */
function numbered(form: CompiledForm, hashes: Map<string, number>): CompiledForm {
  const count = (hashes.get(form.hash) ?? 0) + 1;
  hashes.set(form.hash, count);
  return count === 1 ? form : { ...form, hash: `${form.hash}-${count}` };
}

/** The forms of one `do` come one by one; only the last one's value is the do's. */
function isSameText(form: CompiledForm | undefined, last: CompiledForm | undefined): boolean {
  const textOf = ({ hash }: CompiledForm) => hash.replace(/-.*/, "");
  return form !== undefined && last !== undefined && textOf(form) === textOf(last);
}

/** After a load that ended early: the old forms that it has not replaced, and its own. */
function live(before: Map<string, string[]>, now: Map<string, string[]>): Map<string, string[]> {
  const fresh = [...now].filter(([hash]) => !before.has(hash));
  const replaced = new Set(fresh.flatMap(([, names]) => names));
  const kept = [...before].filter(([, names]) => !names.some((name) => replaced.has(name)));
  return new Map([...kept, ...now]);
}

/** Relative to where the server runs, when it is below. */
function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
