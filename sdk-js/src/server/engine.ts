// The server's compiler: an instance of the same runtime that the pages run,
// which has loaded the same application.
//
//   evaluate(code) / loadFile(path)
//     -> Unit.next -> Runtime.install here -> PatchLog.append -> every page
//     an expression that was typed goes to one page instead
//
// Each form is compiled, installed here and sent in one go. Only a page is waited
// for: what it is slow with holds up who asked, and nobody else. A form that does
// not end is cut off, and the instance with it: see instance.ts.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { NativeResult } from "../native/compile.js";
import type { ErrorReport, Evaluation, PageReport } from "../protocol.js";
import { reportOf } from "../protocol.js";
import { cyclicLoad, INTERRUPTED, JankError, withPlace } from "../runtime.js";
import type { CompiledForm, InstallResult, Runtime, Stream, Unit, UnitStep } from "../runtime.js";
import { Instance, Printed, STRETCH } from "./instance.js";
import { Interrupted, Limit } from "./limit.js";
import { PatchLog } from "./patch-log.js";
import type { Page, Pages } from "./pages.js";

export interface EngineOptions {
  /** Folders that hold the application's namespaces. */
  sources: string[];
  pages: Pages;
  /** Passed to Runtime.load. */
  moduleUrl?: string | URL;
  /** Seconds that one form may take here; 0: as long as it likes. */
  evalTimeout: number;
  /** A line for people. */
  say: (line: string) => void;
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
  /** By the form that was installed last. */
  printed: Printed;
}

/** A text that is being compiled. */
interface Source {
  text: string;
  options: EvaluateOptions;
  unit: Unit;
  /** How often each hash has come. */
  hashes: Map<string, number>;
  /** How many forms have come, the last of them, and for how long its text has been at work. */
  count: number;
  last: CompiledForm | undefined;
  spentMs: number;
}

/** What to do with a form: nothing and go on to the next, give it out, or install it here first. */
type Intent = "pass" | "give" | "install";

interface Taken {
  form: CompiledForm;
  /** Of the intent "install". */
  result: InstallResult | undefined;
}

export const isSource = (name: string) => /\.(jank|cljc)$/.test(name);

export class Engine {
  readonly log: PatchLog;
  readonly #instance: Instance;
  readonly #limit: Limit;
  readonly #options: EngineOptions;
  /** The forms of each file that are live: their hashes, and what they define. */
  readonly #files = new Map<string, Map<string, string[]>>();
  #runs = 0;

  private constructor(instance: Instance, log: PatchLog, limit: Limit, options: EngineOptions) {
    this.#instance = instance;
    this.log = log;
    this.#limit = limit;
    this.#options = options;
  }

  static async start(options: EngineOptions): Promise<Engine> {
    const { moduleUrl, evalTimeout, say } = options;
    const log = new PatchLog();
    const limit = new Limit(evalTimeout);
    const instance = await Instance.start({
      log,
      limit,
      say,
      ...(moduleUrl && { moduleUrl }),
      write: (stream, text) => process[stream === "err" ? "stderr" : "stdout"].write(text),
    });
    return new Engine(instance, log, limit, options);
  }

  /** The instance, until something is interrupted: then there is another one. */
  get runtime(): Runtime {
    return this.#instance.runtime;
  }

  /**
   * While that one is being made, its end, at which somebody else may have interrupted
   * it already: to be waited for until it is undefined, and the runtime used at once.
   */
  get replacement(): Promise<void> | undefined {
    return this.#instance.replacement;
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
    while (this.replacement) await this.replacement;
    const error = this.#loadSource(path, job);
    while (this.replacement) await this.replacement;
    const pages = await this.#reports(job);
    const { changed, compileMs } = job;
    return { path, file: shownPath(path), changed, compileMs, pages, ...(error && { error }) };
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
    const job = newJob({ file: path });
    const result: FileResult = {
      path,
      file: shownPath(path),
      changed: [],
      compileMs: 0,
      pages: [],
    };
    if (!compiled.ok) return { ...result, error: compiled.error };
    if (isSame) return result;
    const { form } = compiled;
    while (this.replacement) await this.replacement;
    if (isHere) {
      const installed = this.#instance.run((runtime) => runtime.install(form.bytes, form.entry));
      if (!installed.ok)
        return {
          ...result,
          error: { ...installed.error, file: installed.error.file ?? result.file },
        };
    }
    this.#send(form, job, path);
    const pages = await this.#reports(job);
    return { ...result, changed: job.changed, compileMs: form.compileMs, pages };
  }

  async evaluate(code: string, options: EvaluateOptions = {}): Promise<EvaluateResult> {
    const job = newJob(options);
    while (this.replacement) await this.replacement;
    const result = await this.#evaluateForms(code, job);
    while (this.replacement) await this.replacement;
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
        while (this.replacement) await this.replacement;
        if (source.unit.isAbandoned) this.#reopen(source);
        const page = options.page ?? this.#options.pages.current;
        const taken = this.#take(source, job, new Set(), ({ kind }) =>
          kind === "expr" && page ? "give" : "install",
        );
        if (value !== undefined && !isSameText(taken?.form, last)) options.onValue?.(value, ns);
        if (taken === undefined) return { ns, ...(value !== undefined && { value }) };
        const { form } = taken;
        const result =
          page && !taken.result
            ? await this.#runInPage(page, form, job)
            : this.#installed(taken, job, form.kind !== "expr");
        if (result.error) return { ns, error: withPlace(result.error, form, options) };
        value = result.value ?? "nil";
        ns = form.ns;
        last = form;
      }
    } catch (error) {
      if (!(error instanceof JankError)) throw error;
      const isWithin = source.last !== last && isSameText(source.last, last);
      if (value !== undefined && !isWithin) options.onValue?.(value, ns);
      this.#passOn(job);
      return { ns, error: error.report };
    } finally {
      source.unit.close();
    }
  }

  async #runInPage(page: Page, form: CompiledForm, job: Job): Promise<Partial<Evaluation>> {
    const result = await page.run(`run-${++this.#runs}`, form);
    this.#print(job, "out", result.out);
    this.#print(job, "err", result.err);
    return result;
  }

  /** It is here; when that is well, and it is for everyone, it goes everywhere. */
  #installed(
    { form, result }: Taken,
    job: Job,
    isForAll = true,
    file?: string,
  ): Partial<Evaluation> {
    this.#passOn(job);
    if (!result?.ok) return result ? { error: result.error } : {};
    if (isForAll) this.#send(form, job, file);
    return { value: result.value };
  }

  #send(form: CompiledForm, job: Job, file: string | undefined): void {
    const message = this.log.append(form, file);
    this.#options.pages.broadcast(message);
    job.seqs.push(message.seq);
    job.bytes += form.bytes.length;
    job.changed.push(...new Set(form.symbols.map(({ name }) => name)));
  }

  #passOn(job: Job): void {
    job.printed.passOn((stream, text) => this.#print(job, stream, text));
  }

  #print(job: Job, stream: Stream, text: string): void {
    if (text === "") return;
    job[stream] += text;
    job.options.onOutput?.(stream, text);
  }

  // ---- Forms ------------------------------------------------------------------

  #open(text: string, options: EvaluateOptions): Source {
    const unit = this.#openUnit(text, options);
    return { text, options, unit, hashes: new Map(), count: 0, last: undefined, spentMs: 0 };
  }

  #openUnit(text: string, { file = "<eval>", ns = "user", line = 1 }: EvaluateOptions): Unit {
    return this.runtime.open(text, { file, ns, line });
  }

  /** While a page was waited for, the instance was replaced: goes on where it was. */
  #reopen(source: Source): void {
    source.unit = this.#openUnit(source.text, source.options);
    this.#limited(source, () => {
      for (let count = 0; count < source.count;) {
        const step = source.unit.next();
        if (step.status === "error") throw new JankError(step.error);
        if (step.status === "end") return;
        if (step.status === "form") count++;
      }
    });
  }

  /**
   * The next form that is not passed, with what it requires loaded, and with what
   * came of installing it here, if that is meant. Throws JankError.
   */
  #take(
    source: Source,
    job: Job,
    loading: Set<string>,
    intentOf: (form: CompiledForm) => Intent,
    onPass: (form: CompiledForm) => void = () => undefined,
  ): Taken | undefined {
    for (;;) {
      const { passed, step, result } = this.#stretch(source, job, intentOf);
      for (const form of passed) {
        job.compileMs += form.compileMs;
        onPass(form);
      }
      if (!step) continue;
      if (step.status === "end") return undefined;
      if (step.status === "error") throw new JankError(step.error);
      if (step.status === "form") {
        job.compileMs += step.form.compileMs;
        return { form: step.form, result };
      }
      if (loading.has(step.ns)) throw new JankError(cyclicLoad(step.ns, loading));
      const error = this.#loadNamespace(step.ns, job, new Set([...loading, step.ns]));
      if (error) throw new JankError(error);
    }
  }

  /** Forms up to the first that is not passed, as one call that is limited. */
  #stretch(
    source: Source,
    job: Job,
    intentOf: (form: CompiledForm) => Intent,
  ): { passed: CompiledForm[]; step?: UnitStep; result?: InstallResult } {
    const started = performance.now();
    const passed: CompiledForm[] = [];
    return this.#limited(source, (runtime) => {
      for (let from = started; ;) {
        const step = source.unit.next();
        if (step.status !== "form") return { passed, step };
        const form = numbered(step.form, source.hashes);
        this.#count(source, form, performance.now() - from);
        const intent = intentOf(form);
        if (intent === "give") return { passed, step: { status: "form", form } };
        if (intent === "install") {
          const result = runtime.capture(job.printed.add, () =>
            runtime.install(form.bytes, form.entry),
          );
          source.spentMs += result.installMs;
          return { passed, step: { status: "form", form }, result };
        }
        passed.push(form);
        from = performance.now();
        if (from - started > STRETCH) return { passed };
      }
    });
  }

  /** The forms of one `do` have their time together: a macro may give them without end. */
  #count(source: Source, form: CompiledForm, ms: number): void {
    source.spentMs = ms + (isSameText(form, source.last) ? source.spentMs : 0);
    source.last = form;
    source.count++;
    if (this.#limit.isOver(source.spentMs)) throw this.#interruption(source);
  }

  #limited<Result>(source: Source, body: (runtime: Runtime) => Result): Result {
    try {
      return this.#instance.run(body);
    } catch (error) {
      throw error instanceof Interrupted ? this.#interruption(source) : error;
    }
  }

  #interruption({ options, unit }: Source): JankError {
    return new JankError({
      ...reportOf("run", INTERRUPTED, this.#instance.interruption),
      file: options.file ?? null,
      ...unit.place,
    });
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
      for (let taken; (taken = this.#take(source, job, loading, () => "install"));) {
        const { error } = this.#installed(taken, job);
        if (error) return withPlace(error, taken.form, options);
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
      const isLive = ({ hash, symbols }: CompiledForm) =>
        void now.set(
          hash,
          symbols.map(({ name }) => name),
        );
      const intentOf = ({ hash }: CompiledForm) => (before.has(hash) ? "pass" : "install");
      for (let taken; (taken = this.#take(source, job, loading, intentOf, isLive));) {
        const { error } = this.#installed(taken, job, true, path);
        if (error) throw new JankError(withPlace(error, taken.form, options));
        isLive(taken.form);
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
  return {
    options,
    seqs: [],
    compileMs: 0,
    bytes: 0,
    out: "",
    err: "",
    changed: [],
    printed: new Printed(),
  };
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
