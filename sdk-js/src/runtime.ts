// The runtime and compiler in WebAssembly, behind one typed class. Client,
// server, command line and tests all go through here.
//
//   Unit.next()        a form of a source text becomes a patch
//   Runtime.install()  a patch is written to the FS and loaded by the C entry
//                      point jank_hot_reload_load_patch

import { MAX_MESSAGE_BYTES, reportOf } from "./protocol.js";
import type { ErrorReport, Evaluation, PatchSymbol } from "./protocol.js";

/** The parts of the Emscripten module that are used here. */
interface JankModule {
  FS: { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void };
  HEAPU8: Uint8Array;
  wasmMemory: WebAssembly.Memory;
  UTF8ToString(pointer: number): string;
  stackSave(): number;
  stackRestore(stack: number): void;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _jank_runtime_init(): number;
  _jank_runtime_recover(): void;
  _jank_invoke(name: number, argumentsText: number): number;
  _jank_last_error_json(): number;
  _jank_core_source(ns: number): number;
  _jank_core_source_file(ns: number): number;
  _jank_ns_failed(ns: number): void;
  _jank_hot_reload_load_patch(path: number, symbol: number): number;
  _jank_hot_reload_last_error(): number;
  _jank_hot_reload_last_value(): number;
  _jank_hot_reload_last_ns(): number;
  _jank_hot_reload_get_stats(): number;
  _jank_hot_reload_begin(): number;
  _jank_hot_reload_commit(): number;
  _jank_hot_reload_rollback(): number;
  _jank_hot_reload_session(id: number): void;
  _jank_tap_listen(wanted: number): void;
  /** Gets what is given to tap>; see Runtime.onTap. */
  jankTap?: (text: string) => void;
  _jank_hot_reload_hooks(): number;
  _jank_hot_reload_hooks_generation(): number;
  /** See host_wasm.js; undefined: it threw, and lastError() is what. */
  jankCall(name: number, args: unknown[]): { value: unknown } | undefined;
  _jank_unit_open(source: number, file: number, ns: number, line: number): number;
  _jank_unit_next(unit: number, id: number): number;
  _jank_unit_bundle(unit: number, id: number): number;
  _jank_unit_emit_c(unit: number, name: number): number;
  _jank_unit_patch(unit: number): number;
  _jank_unit_patch_size(unit: number): number;
  _jank_unit_describe(unit: number): number;
  _jank_unit_missing_ns(unit: number): number;
  _jank_unit_place(unit: number): number;
  _jank_unit_close(unit: number): void;
  /** Nothing may enter it any more; see Runtime.abandon. */
  jankAbandoned?: boolean;
  /** See LoadOptions.poll. */
  jankPoll?: () => boolean;
  /** See Runtime.build. */
  jankBuild?: string;
}

/** The default export of `jank.mjs`. */
export type CreateModule = ((options: object) => Promise<unknown>) & {
  /** See Runtime.build. */
  build?: string;
};

export type Stream = "out" | "err";

export interface LoadOptions {
  /** The module's factory, when the caller has imported `jank.mjs` itself. */
  createModule?: CreateModule;
  /** Where `jank.mjs` is; by default beside this file. */
  moduleUrl?: string | URL;
  /** Where `jank.wasm` is; by default beside `jank.mjs`. */
  wasmUrl?: string | URL;
  /** What programs print; by default the console's, line by line. */
  write?: (stream: Stream, text: string) => void;
  /** Gets what is given to tap>, as pr-str has it: at most 64 KiB of it. */
  onTap?: (text: string) => void;
  /** Runs the calls that come from timers, promises and listeners; by default as they come. */
  enter?: <Result>(call: () => Result) => Result | undefined;
  /**
   * Whether what runs is to end. It is asked in the middle of running code, again and
   * again, as a rule some milliseconds apart, on the thread that runs it: it must not call
   * into the runtime, and should take no time. Once it answers true, an
   * InterruptedException is thrown, which no `catch` of a program gets; `finally` runs.
   * It leaves as an ErrorReport of that class (from a callback, as an Error), and the
   * runtime goes on, with its state. While the answer is still true, what runs next is
   * interrupted as well, and a `finally` that takes long. One that throws counts as true.
   */
  poll?: () => boolean;
}

/** A top-level form, compiled. */
export interface CompiledForm {
  /** The entry function of the patch. */
  entry: string;
  /** "def" and "ns" belong in every instance, "expr" in one. */
  kind: "def" | "ns" | "expr";
  /** In effect after the form. */
  ns: string;
  line: number;
  column: number;
  /** 64 bits, hexadecimal: of the namespace and the form's text. */
  hash: string;
  symbols: PatchSymbol[];
  /** Of a `do`, whose forms come one by one: there is another one. */
  more?: boolean;
  /** An ns form whose name is ^:dev/once: not to be sent again. */
  once?: boolean;
  /** ^:dev/always: an ns form, or a definition that is sent on every save. */
  always?: boolean;
  bytes: Uint8Array;
  compileMs: number;
}

export type UnitStep =
  | { status: "form"; form: CompiledForm }
  | { status: "missing"; ns: string }
  | { status: "error"; error: ErrorReport }
  | { status: "end" };

export type InstallResult =
  | { ok: true; value: string; ns: string; installMs: number }
  | { ok: false; error: ErrorReport; installMs: number };

/** jank_hot_reload_get_stats, plus what this class counts. */
export interface RuntimeStats {
  loaded_modules: number;
  registered_symbols: number;
  failed_modules: number;
  reclaimed_modules: number;
  table_slots: number;
  table_free: number;
  heap_bytes: number;
  collections: number;
  /** Paths of the patches that are alive. */
  module_paths: string[];
  /** Of the linear memory. */
  memory_bytes: number;
}

/** Qualified names of the functions that are called around a reload. */
export interface Hooks {
  before: string[];
  after: string[];
}

/** `done`: those that get a function to call when they are done. */
interface AllHooks extends Hooks {
  done: string[];
}

export interface SourceOptions {
  /** For error messages. */
  file?: string;
  /** In which namespace it begins; by default "user". */
  ns?: string;
  /** Of the first line. */
  line?: number;
  /** From 1: where the text begins in that line. */
  column?: number;
}

export interface NamespaceSource {
  source: string;
  file: string;
}

export interface EvalOptions extends SourceOptions {
  /** Finds the source of a namespace that is required and not loaded. */
  resolveNamespace?: (ns: string) => NamespaceSource | undefined;
  /** Sees every form that was installed, those of required namespaces too. */
  onForm?: (form: CompiledForm, result: InstallResult) => void;
}

export interface AsyncEvalOptions extends Omit<EvalOptions, "resolveNamespace"> {
  /** As EvalOptions.resolveNamespace, and may take its time. */
  resolveNamespace?: (
    ns: string,
  ) => NamespaceSource | undefined | Promise<NamespaceSource | undefined>;
  /** Runs each stretch of compiling and running, between which sources are waited for. */
  enter?: <Result>(body: () => Result) => Result;
}

interface EvalEnd {
  value?: string;
  ns: string;
  error?: ErrorReport;
}

/** `jank.mjs` beside this file: a bundler makes it part of the application. */
async function importModule(url: string | URL | undefined): Promise<CreateModule> {
  const module = (
    url === undefined
      ? await import("./jank.mjs")
      : await import(/* webpackIgnore: true */ /* @vite-ignore */ String(url))
  ) as {
    default: CreateModule;
  };
  return module.default;
}

/** An error that carries the runtime's report. */
export class JankError extends Error {
  override name = "JankError";
  constructor(readonly report: ErrorReport) {
    super(report.message);
  }
}

/** What was thrown, as a report. */
export function reportOfThrown(error: unknown): ErrorReport {
  if (error instanceof JankError) return error.report;
  return error instanceof Error
    ? reportOf("load", error.name, error.message)
    : reportOf("load", "Error", String(error));
}

/** Deeper than any value that is meant; a value that contains itself has no end. */
const MAX_DEPTH = 500;

/** A JavaScript value as the text of a jank value. Throws a TypeError where there is none. */
export function toEdn(value: unknown, depth = 0): string {
  switch (typeof value) {
    case "undefined":
      return "nil";
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      return numberToEdn(value);
    case "string":
      return stringToEdn(value);
    case "object":
      if (value === null) return "nil";
      if (depth > MAX_DEPTH)
        throw new TypeError("the value is nested too deeply, or contains itself");
      return collectionToEdn(value, depth + 1);
    case "function":
    case "symbol":
    default:
      throw new TypeError(`a ${typeof value} has no jank value`);
  }
}

function collectionToEdn(value: object, depth: number): string {
  const items = (list: Iterable<unknown>) =>
    Array.from(list, (item) => toEdn(item, depth)).join(" ");
  if (Array.isArray(value)) return `[${items(value)}]`;
  if (value instanceof Set) return `#{${items(value)}}`;
  if (ArrayBuffer.isView(value) && Symbol.iterator in value)
    return `[${items(value as unknown as Iterable<unknown>)}]`;
  const entries =
    value instanceof Map
      ? Array.from(value, ([key, item]) => [toEdn(key, depth), item] as const)
      : Object.entries(value).map(([key, item]) => [keyToEdn(key), item] as const);
  return `{${entries.map(([key, item]) => `${key} ${toEdn(item, depth)}`).join(" ")}}`;
}

function numberToEdn(value: number): string {
  if (Number.isNaN(value)) return "##NaN";
  if (!Number.isFinite(value)) return value > 0 ? "##Inf" : "##-Inf";
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}

function stringToEdn(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&").replaceAll("\0", "\\u0000")}"`;
}

/** A keyword, or a string when no keyword can be written so. */
function keyToEdn(key: string): string {
  return /^[A-Za-z*+!_?<>=.-][\w*+!?<>=.-]*$/.test(key) ? `:${key}` : stringToEdn(key);
}

/** One source text, compiled form by form. Close it when done. */
export class Unit {
  readonly #runtime: Runtime;
  readonly #module: JankModule;
  readonly #pointer: number;
  readonly #place: number;
  readonly #refusal: ErrorReport | undefined;

  /** @internal `refusal`: what is wrong with the text as a whole. */
  constructor(runtime: Runtime, pointer: number, refusal?: ErrorReport) {
    this.#runtime = runtime;
    this.#module = runtime.module;
    this.#pointer = pointer;
    this.#place = this.#module._jank_unit_place(pointer);
    this.#refusal = refusal;
  }

  /** Of the form that is being compiled or was last; also when the call was cut off. */
  get place(): { line: number; column: number } {
    // HEAPU8 may be that of a memory that was just about to grow.
    const memory = new DataView(this.#module.wasmMemory.buffer);
    const at = (offset: number) => memory.getInt32(this.#place + offset, true);
    return { line: at(0), column: at(4) };
  }

  /** Its runtime is: there is no next form. */
  get isAbandoned(): boolean {
    return this.#runtime.isAbandoned;
  }

  /**
   * The next form. It must be installed before next() is called again; after
   * "missing" the same form comes again, once the namespace is loaded. `id` names
   * the patch's entry.
   */
  next(id?: string): UnitStep {
    const started = performance.now();
    return this.#run(
      (module, idAt) => module._jank_unit_next(this.#pointer, idAt),
      (status, module) => {
        if (status === 0) return { status: "end" };
        if (status === 2)
          return {
            status: "missing",
            ns: module.UTF8ToString(module._jank_unit_missing_ns(this.#pointer)),
          };
        return { status: "form", form: this.#form(module, started) };
      },
      id,
    );
  }

  /** After the last form: all of them as one patch. */
  bundle(id: string): CompiledForm {
    const started = performance.now();
    const step = this.#run(
      (module, pointer) => module._jank_unit_bundle(this.#pointer, pointer),
      (_status, module) => ({ status: "form", form: this.#form(module, started) }),
      id,
    );
    if (step.status !== "form") throw new JankError((step as { error: ErrorReport }).error);
    return step.form;
  }

  /** The C source of the form that was compiled last; after the end, of all. */
  emitC(name: string): string {
    const step = this.#run(
      (module, pointer) => module._jank_unit_emit_c(this.#pointer, pointer),
      (_status, module) => ({ status: "form", form: this.#form(module, 0) }),
      name,
    );
    if (step.status !== "form") throw new JankError((step as { error: ErrorReport }).error);
    return new TextDecoder().decode(step.form.bytes);
  }

  close(): void {
    if (!this.isAbandoned) this.#module._jank_unit_close(this.#pointer);
  }

  #run(
    call: (module: JankModule, id: number) => number,
    done: (status: number, module: JankModule) => UnitStep,
    id = this.#runtime.nextId(),
  ): UnitStep {
    if (this.#refusal) return { status: "error", error: this.#refusal };
    return this.#runtime.guard<UnitStep>(
      (module) => {
        const status = this.#runtime.withStrings([id], ([pointer]) => call(module, pointer));
        return status < 0
          ? { status: "error", error: this.#runtime.lastError() }
          : done(status, module);
      },
      (error) => ({ status: "error", error }),
    );
  }

  #form(module: JankModule, started: number): CompiledForm {
    const start = module._jank_unit_patch(this.#pointer);
    const bytes = module.HEAPU8.slice(start, start + module._jank_unit_patch_size(this.#pointer));
    const description = JSON.parse(
      module.UTF8ToString(module._jank_unit_describe(this.#pointer)),
    ) as Omit<CompiledForm, "bytes" | "compileMs">;
    return { ...description, bytes, compileMs: performance.now() - started };
  }
}

const utf8 = new TextEncoder();

/** The class of what was cut off. */
export const INTERRUPTED = "InterruptedException";

const PATCH_FILE = "/patch.wasm";
/** PATCH_DUPLICATE of patch.h. */
const DUPLICATE = -9;

let moduleCount = 0;

export class Runtime {
  readonly #module: JankModule;
  readonly #outputs: ((stream: Stream, text: string) => void)[] = [];
  readonly #listeners = new Set<(stream: Stream, text: string) => void>();
  readonly #taps = new Set<(text: string) => void>();
  readonly #instance = ++moduleCount;
  #ids = 0;
  #paths = 0;
  #isPrinting = false;
  #hooks: AllHooks = { before: [], after: [], done: [] };
  #hooksGeneration = 0;

  private constructor(module: JankModule) {
    this.#module = module;
  }

  /** @internal Throws a JankError when it is abandoned. */
  get module(): JankModule {
    if (this.isAbandoned)
      throw new JankError(reportOf("run", INTERRUPTED, "the runtime was interrupted"));
    return this.#module;
  }

  /**
   * For a host that has cut a call off, in the middle of whatever it did: what is
   * in the memory cannot be trusted, and is not entered any more by anyone.
   */
  abandon(): void {
    this.#module.jankAbandoned = true;
  }

  get isAbandoned(): boolean {
    return this.#module.jankAbandoned === true;
  }

  /** SHA-256 of the `jank.wasm` that its JavaScript belongs to; undefined: it does not say. */
  get build(): string | undefined {
    return this.#module.jankBuild;
  }

  /** Compiles and starts the module. Rejects with a JankError when it fails. */
  static async load(options: LoadOptions = {}): Promise<Runtime> {
    const createModule = options.createModule ?? (await importModule(options.moduleUrl));
    const started: { runtime?: Runtime } = {};
    const module = (await createModule({
      ...(options.wasmUrl && { locateFile: () => String(options.wasmUrl) }),
      jankWrite: (stream: number, text: string) =>
        started.runtime?.write(stream === 2 ? "err" : "out", text),
      ...(options.enter && { jankEnter: options.enter }),
    })) as JankModule;
    if (createModule.build !== undefined) module.jankBuild = createModule.build;
    const runtime = (started.runtime = new Runtime(module));
    runtime.#outputs.push(options.write ?? consoleWriter());
    if (module._jank_runtime_init() < 0) throw new JankError(runtime.lastError());
    if (options.onTap) runtime.onTap(options.onTap);
    if (options.poll) module.jankPoll = options.poll; // not what starts the runtime
    return runtime;
  }

  /** A module that was made and started elsewhere: that of a bundle. */
  static adopt(module: unknown, options: Pick<LoadOptions, "write"> = {}): Runtime {
    const runtime = new Runtime(module as JankModule);
    runtime.#outputs.push(options.write ?? consoleWriter());
    return runtime;
  }

  /** A fresh unit. `source` is read as UTF-8 text. */
  open(
    source: string,
    { file = "<eval>", ns = "user", line = 1, column = 1 }: SourceOptions = {},
  ): Unit {
    if (typeof this.module._jank_unit_open !== "function")
      throw new JankError(
        reportOf(
          "compile",
          "UnsupportedOperationException",
          "this build of the runtime has no compiler: it takes patches",
        ),
      );
    const refusal = refusalOf(source, file, line);
    const indent = " ".repeat(Math.min(Math.max(column - 1, 0), MAX_INDENT));
    const text = refusal ? "" : indent + source;
    const pointer = this.withStrings([text, file, ns], ([textAt, fileAt, nsAt]) =>
      this.module._jank_unit_open(textAt, fileAt, nsAt, line),
    );
    if (!pointer) throw new JankError(reportOf("compile", "OutOfMemoryError", "out of memory"));
    return new Unit(this, pointer, refusal);
  }

  /** Writes the patch to the FS and loads it. On an error nothing has changed. */
  install(bytes: Uint8Array, entry: string): InstallResult {
    const started = performance.now();
    const finish = (
      result: { ok: true; value: string; ns: string } | { ok: false; error: ErrorReport },
    ) => ({
      ...result,
      installMs: performance.now() - started,
    });
    const refusal = tooLarge(bytes);
    if (refusal) return finish({ ok: false, error: refusal });
    return this.guard<InstallResult>(
      (module) => {
        if (this.#loadPatch(bytes, entry) < 0)
          return finish({ ok: false, error: this.lastError() });
        return finish({
          ok: true,
          value: module.UTF8ToString(module._jank_hot_reload_last_value()),
          ns: module.UTF8ToString(module._jank_hot_reload_last_ns()),
        });
      },
      (error) => finish({ ok: false, error }),
    );
  }

  /**
   * From here on, what is installed can be taken back as one. Throws a JankError
   * when a transaction is open already.
   */
  begin(): void {
    this.#step((module) => module._jank_hot_reload_begin());
  }

  /** Ends the transaction: what it has changed stays. */
  commit(): void {
    this.#step((module) => module._jank_hot_reload_commit());
  }

  /**
   * Ends the transaction: vars, namespaces, methods and types are as they were. Not
   * taken back: values of atoms, output, what was told to JavaScript.
   */
  rollback(): void {
    this.#step((module) => module._jank_hot_reload_rollback());
  }

  /** Takes back what `body` has installed, unless its result is ok. */
  transaction<Result extends { ok: boolean }>(body: () => Result): Result {
    this.begin();
    let isGood = false;
    try {
      const result = body();
      isGood = result.ok;
      return result;
    } finally {
      if (isGood) this.commit();
      else if (!this.isAbandoned) this.rollback();
    }
  }

  #step(call: (module: JankModule) => number): void {
    if (call(this.module) < 0) throw new JankError(this.lastError());
  }

  /** The functions that want to be called around a reload, in order of definition. */
  hooks(): Hooks {
    const { module } = this;
    const generation = module._jank_hot_reload_hooks_generation();
    if (generation !== this.#hooksGeneration) {
      this.#hooks = JSON.parse(module.UTF8ToString(module._jank_hot_reload_hooks())) as AllHooks;
      this.#hooksGeneration = generation;
    }
    const { before, after } = this.#hooks;
    return { before: [...before], after: [...after] };
  }

  /**
   * Calls the function `ns/name` without arguments. Its result is what JavaScript
   * sees of it; a promise is given as it is. A hook that is spelled -async and takes
   * an argument gets a function to call when it is done: then the result is a
   * promise of that. Throws a JankError.
   */
  callHook(name: string): unknown {
    this.hooks();
    if (!this.#hooks.done.includes(name)) return this.#call(name, []);
    return new Promise<void>((resolve) => void this.#call(name, [() => resolve()]));
  }

  #call(name: string, args: unknown[]): unknown {
    return this.guard(
      (module) => {
        const result = this.withStrings([name], ([nameAt]) => module.jankCall(nameAt, args));
        if (!result) throw new JankError(this.lastError());
        return result.value;
      },
      (error) => {
        throw new JankError(error);
      },
    );
  }

  /**
   * Patches of our own take turns in one file: making a new one is slow. A module
   * for dlopen needs a path that it has not seen.
   */
  #loadPatch(bytes: Uint8Array, entry: string): number {
    const { module } = this;
    const load = (path: string) => {
      module.FS.writeFile(path, bytes);
      return this.withStrings([path, entry], ([pathAt, entryAt]) =>
        module._jank_hot_reload_load_patch(pathAt, entryAt),
      );
    };
    const status = load(PATCH_FILE);
    if (status !== DUPLICATE) return status;
    const path = `/patch-${++this.#paths}.wasm`;
    try {
      return load(path);
    } finally {
      module.FS.unlink(path);
    }
  }

  /** Compiles and installs a text form by form; stops at the first error. */
  eval(source: string, options: EvalOptions = {}): Evaluation {
    const captured = { out: "", err: "" };
    return this.capture(
      (stream, text) => (captured[stream] += text),
      () => {
        const steps = this.#evalForms(source, options, new Set());
        let step = steps.next();
        while (!step.done) step = steps.next(options.resolveNamespace?.(step.value));
        return { ...step.value, ...captured };
      },
    );
  }

  /** As eval, where the source of a namespace has to be waited for. */
  async evalAsync(source: string, options: AsyncEvalOptions = {}): Promise<Evaluation> {
    const { resolveNamespace, enter = (body) => body(), ...rest } = options;
    const captured = { out: "", err: "" };
    const write = (stream: Stream, text: string) => void (captured[stream] += text);
    const steps = this.#evalForms(source, rest, new Set());
    let found: NamespaceSource | undefined;
    for (;;) {
      const step = enter(() => this.capture(write, () => steps.next(found)));
      if (step.done) return { ...step.value, ...captured };
      try {
        found = await resolveNamespace?.(step.value);
      } catch (error) {
        const message = `${step.value}: ${(error as Error).message}`;
        const ns = options.ns ?? "user";
        return { ns, ...captured, error: reportOf("load", "IOException", message) };
      }
    }
  }

  /** Asks, by yielding its name, for the source of a namespace that is not there. */
  *#evalForms(
    source: string,
    options: Omit<EvalOptions, "resolveNamespace">,
    loading: Set<string>,
  ): Generator<string, EvalEnd, NamespaceSource | undefined> {
    const unit = this.open(source, options);
    let result: { value?: string; ns: string } = { ns: options.ns ?? "user" };
    try {
      for (;;) {
        const step = unit.next();
        if (step.status === "end") return result;
        if (step.status === "error") return { ns: result.ns, error: step.error };
        if (step.status === "missing") {
          const error = yield* this.#loadNamespace(step.ns, options, loading);
          if (error) return { ns: result.ns, error };
          continue;
        }
        const installed = this.install(step.form.bytes, step.form.entry);
        options.onForm?.(step.form, installed);
        if (!installed.ok)
          return { ns: result.ns, error: withPlace(installed.error, step.form, options) };
        result = { value: installed.value, ns: step.form.ns };
      }
    } finally {
      unit.close();
    }
  }

  *#loadNamespace(
    ns: string,
    { onForm }: Pick<EvalOptions, "onForm">,
    loading: Set<string>,
  ): Generator<string, ErrorReport | undefined, NamespaceSource | undefined> {
    if (loading.has(ns)) return cyclicLoad(ns, loading);
    const found = (yield ns) ?? this.coreNamespace(ns);
    if (!found) return undefined; // the compiler says what is missing
    const { error } = yield* this.#evalForms(
      found.source,
      { file: found.file, ...(onForm && { onForm }) },
      new Set([...loading, ns]),
    );
    if (error) this.namespaceFailed(ns);
    return error;
  }

  /** A namespace of the library that is compiled when it is required. */
  coreNamespace(ns: string): NamespaceSource | undefined {
    const { module } = this;
    return this.withStrings([ns], ([nsAt]) => {
      const source = module._jank_core_source(nsAt);
      if (!source) return undefined;
      return {
        source: module.UTF8ToString(source),
        file: module.UTF8ToString(module._jank_core_source_file(nsAt)),
      };
    });
  }

  /** It was not loaded to its end: the next require tries again. */
  namespaceFailed(ns: string): void {
    this.withStrings([ns], ([nsAt]) => this.module._jank_ns_failed(nsAt));
  }

  /** Calls the function `ns/name`. The result is its JSON value. */
  invoke(name: string, ...args: unknown[]): unknown {
    const edn = `[${args.map(toEdn).join(" ")}]`;
    return this.guard(
      (module) => {
        const text = this.withStrings([name, edn], ([nameAt, ednAt]) =>
          module.UTF8ToString(module._jank_invoke(nameAt, ednAt)),
        );
        const result = JSON.parse(text) as
          { ok: true; json: unknown } | { ok: false; error: ErrorReport };
        if (!result.ok) throw new JankError(result.error);
        return result.json;
      },
      (error) => {
        throw new JankError(error);
      },
    );
  }

  stats(): RuntimeStats {
    const text = this.module.UTF8ToString(this.module._jank_hot_reload_get_stats());
    return {
      ...(JSON.parse(text) as Omit<RuntimeStats, "memory_bytes">),
      memory_bytes: this.module.HEAPU8.length,
    };
  }

  /** Sends what is printed during `body` to `write`. */
  capture<Result>(write: (stream: Stream, text: string) => void, body: () => Result): Result {
    this.#outputs.push(write);
    try {
      return body();
    } finally {
      this.#outputs.pop();
    }
  }

  /** Sends what is printed, and not captured, to `write` as well. Returns what ends that. */
  listen(write: (stream: Stream, text: string) => void): () => void {
    this.#listeners.add(write);
    return () => this.#listeners.delete(write);
  }

  /**
   * Sends what is given to tap> to `listener`, as pr-str has it: at most 64 KiB of it,
   * and 1000 items of a collection where *print-length* says nothing. Returns what
   * ends that.
   */
  onTap(listener: (text: string) => void): () => void {
    const { module } = this;
    const entry = (text: string) => listener(text);
    this.#taps.add(entry);
    module.jankTap ??= (text) => this.#tap(text);
    module._jank_tap_listen(1);
    return () => {
      this.#taps.delete(entry);
      if (this.#taps.size === 0 && !this.isAbandoned) module._jank_tap_listen(0);
    };
  }

  /** A listener that throws is its owner's trouble, not that of who calls tap>. */
  #tap(text: string): void {
    for (const listener of [...this.#taps]) {
      try {
        listener(text);
      } catch (error) {
        console.error(error);
      }
    }
  }

  /**
   * From here on *1, *2, *3 and *e are those of this session; "": of none. What is
   * installed moves them on. The 64 that were used last are kept.
   */
  session(id: string): void {
    this.withStrings([id], ([idAt]) => this.module._jank_hot_reload_session(idAt));
  }

  /** Installs a patch in a session: its value is the session's *1. */
  installIn(session: string | undefined, bytes: Uint8Array, entry: string): InstallResult {
    if (session === undefined) return this.install(bytes, entry);
    this.session(session);
    try {
      return this.install(bytes, entry);
    } finally {
      if (!this.isAbandoned) this.session("");
    }
  }

  /** What is being written now, on the console perhaps, is a program's output. */
  get isPrinting(): boolean {
    return this.#isPrinting;
  }

  /** @internal */
  write(stream: Stream, text: string): void {
    this.#isPrinting = true;
    try {
      this.#outputs.at(-1)?.(stream, text);
    } finally {
      this.#isPrinting = false;
    }
    if (this.#outputs.length === 1) for (const listener of this.#listeners) listener(stream, text);
  }

  /** @internal A patch id that no other unit of this process has. */
  nextId(): string {
    return `${this.#instance}_${++this.#ids}`;
  }

  /** @internal */
  lastError(): ErrorReport {
    const report = JSON.parse(
      this.module.UTF8ToString(this.module._jank_last_error_json()),
    ) as ErrorReport | null;
    return report ?? reportOf("run", "Error", "unknown error");
  }

  /** @internal Copies the strings into linear memory for the time of `body`. */
  withStrings<Result>(
    strings: string[],
    body: (pointers: number[] & { 0: number; 1: number; 2: number }) => Result,
  ): Result {
    const { module } = this;
    const pointers: number[] = [];
    try {
      for (const string of strings) {
        const bytes = utf8.encode(string);
        const pointer = module._malloc(bytes.length + 1);
        if (!pointer) throw new JankError(reportOf("run", "OutOfMemoryError", "out of memory"));
        pointers.push(pointer);
        module.HEAPU8.set(bytes, pointer);
        module.HEAPU8[pointer + bytes.length] = 0;
      }
      return body(pointers as number[] & { 0: number; 1: number; 2: number });
    } finally {
      for (const pointer of pointers) module._free(pointer);
    }
  }

  /**
   * @internal Runs what calls into the module. When the engine unwinds its stack
   * by itself (too deep, a trap, no memory), the runtime is put in order again.
   */
  guard<Result>(
    body: (module: JankModule) => Result,
    failed: (error: ErrorReport) => Result,
  ): Result {
    const stack = this.module.stackSave();
    try {
      return body(this.module);
    } catch (error) {
      const className = engineError(error);
      if (className === undefined) throw error;
      this.module.stackRestore(stack);
      this.module._jank_runtime_recover();
      return failed(reportOf("run", className, (error as Error).message));
    }
  }
}

/** How jank calls what an engine throws by itself; undefined: somebody else threw it. */
function engineError(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof JankError) return undefined;
  // A RangeError in V8 and JavaScriptCore, an InternalError in SpiderMonkey.
  if (/call stack|recursion/i.test(error.message)) return "StackOverflowError";
  if (error instanceof RangeError) return "OutOfMemoryError"; // of an ArrayBuffer
  return error instanceof WebAssembly.RuntimeError ? "RuntimeError" : undefined;
}

/** What the compiler cannot be given: C strings end at NUL, and memory has an end. */
function refusalOf(source: string, file: string, line: number): ErrorReport | undefined {
  const refuse = (message: string) => reportOf("read", "ReaderException", message);
  if (source.length > MAX_MESSAGE_BYTES)
    return { ...refuse("the source is larger than 16 MiB"), file, line, column: 1 };
  const at = source.indexOf("\0");
  if (at < 0) return undefined;
  const before = source.slice(0, at).split("\n");
  return {
    ...refuse("the source contains a NUL character; write \\u0000"),
    file,
    line: line + before.length - 1,
    column: (before.at(-1)?.length ?? 0) + 1,
  };
}

/** Columns beyond that are not told rightly. */
const MAX_INDENT = 10_000;

/** JANK_PATCH_MAX_SIZE of jank_patch.h: said before the bytes are copied. */
const MAX_PATCH_BYTES = 4 * 1024 * 1024;

function tooLarge({ length }: Uint8Array): ErrorReport | undefined {
  return length > MAX_PATCH_BYTES
    ? reportOf("load", "PatchException", "the patch is larger than 4 MiB")
    : undefined;
}

/** A run-time error without a stack gets its form's place; one in its first line its column. */
export function withPlace(
  error: ErrorReport,
  form: CompiledForm,
  options: SourceOptions,
): ErrorReport {
  const { line, column } = form;
  if (error.line === 0) return { ...error, file: error.file ?? options.file ?? null, line, column };
  const isForm = error.line === line && error.file === options.file && error.column === 0;
  return isForm ? { ...error, column } : error;
}

/** A namespace that requires itself, through others. */
export function cyclicLoad(ns: string, loading: Iterable<string>): ErrorReport {
  const path = [...loading, ns].map((name) => (name === ns ? `[${name}]` : name));
  return reportOf("compile", "CompilerException", `Cyclic load dependency: ${path.join(" -> ")}`);
}

function consoleWriter(): (stream: Stream, text: string) => void {
  const rest = { out: "", err: "" };
  return (stream, text) => {
    const lines = (rest[stream] + text).split("\n");
    rest[stream] = lines.pop() ?? "";
    for (const line of lines) (stream === "err" ? console.error : console.log)(line);
  };
}

/** The entry function of a patch file: its one export of that name. */
export function entryOf(bytes: Uint8Array): string {
  const refusal = tooLarge(bytes);
  if (refusal) throw new JankError(refusal);
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new JankError(reportOf("load", "PatchException", (error as Error).message));
  }
  const entry = WebAssembly.Module.exports(module).find(
    ({ name, kind }) => kind === "function" && name.startsWith("jank_patch_symbols_"),
  );
  if (!entry)
    throw new JankError(
      reportOf("load", "PatchException", "not a patch: it exports no jank_patch_symbols_ function"),
    );
  return entry.name;
}
