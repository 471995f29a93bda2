// The runtime in WebAssembly, behind one typed class. Client, server, command line
// and tests all go through here; its compiler is in compiler.ts.
//
//   Runtime.install()  a patch is written to the FS and loaded by the C entry
//                      point jank_hot_reload_load_patch

import { toEdn } from "./edn.js";
import type { JankModule } from "./module.js";
import { reportOf } from "./protocol.js";
import type { ErrorReport } from "./protocol.js";
import { INTERRUPTED, MAX_PATCH_BYTES, PATCH_DUPLICATE } from "./shared.js";

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
  /**
   * Where `jank-docs.txt` is, the docs of the library, which are read when `:doc` of one
   * of its names is wanted; by default beside `jank.wasm`.
   */
  docsUrl?: string | URL;
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
  /**
   * The next line for `read-line`, without its end, on the thread that waits for it;
   * null: there are no more, as always by default. false: what waits is interrupted, as
   * by `poll`.
   */
  readLine?: () => string | false | null | undefined;
}

type Installed = { ok: true; value: string; ns: string } | { ok: false; error: ErrorReport };
export type InstallResult = Installed & { installMs: number };

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

const utf8 = /* @__PURE__ */ new TextEncoder();

const PATCH_FILE = "/patch.wasm";

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
      locateFile: options.wasmUrl && (() => String(options.wasmUrl)),
      jankWrite: (stream: number, text: string) =>
        started.runtime?.write(stream === 2 ? "err" : "out", text),
      jankEnter: options.enter,
      jankReadLine: options.readLine,
      docsUrl: options.docsUrl,
    })) as JankModule;
    module.jankBuild = createModule.build;
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

  /** Writes the patch to the FS and loads it. On an error nothing has changed. */
  install(bytes: Uint8Array, entry: string): InstallResult {
    const started = performance.now();
    const result = this.#install(bytes, entry);
    return { ...result, installMs: performance.now() - started };
  }

  #install(bytes: Uint8Array, entry: string): Installed {
    const refuse = (error: ErrorReport): Installed => ({ ok: false, error });
    if (bytes.length > MAX_PATCH_BYTES)
      return refuse(reportOf("load", "PatchException", "the patch is larger than 4 MiB"));
    return this.guard((module) => {
      if (this.#loadPatch(bytes, entry) < 0) return refuse(this.lastError());
      return {
        ok: true,
        value: module.UTF8ToString(module._jank_hot_reload_last_value()),
        ns: module.UTF8ToString(module._jank_hot_reload_last_ns()),
      };
    }, refuse);
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
    return this.guard((module) => {
      const result = this.withStrings([name], ([nameAt]) => module.jankCall(nameAt, args));
      if (!result) throw new JankError(this.lastError());
      return result.value;
    });
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
    if (status !== PATCH_DUPLICATE) return status;
    const path = `/patch-${++this.#paths}.wasm`;
    try {
      return load(path);
    } finally {
      module.FS.unlink(path);
    }
  }

  /** Calls the function `ns/name`. The result is its JSON value. */
  invoke(name: string, ...args: unknown[]): unknown {
    const edn = `[${args.map(toEdn).join(" ")}]`;
    return this.guard((module) => {
      const text = this.withStrings([name, edn], ([nameAt, ednAt]) =>
        module.UTF8ToString(module._jank_invoke(nameAt, ednAt)),
      );
      const result = JSON.parse(text) as
        { ok: true; json: unknown } | { ok: false; error: ErrorReport };
      if (!result.ok) throw new JankError(result.error);
      return result.json;
    });
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
   * by itself (too deep, a trap, no memory), the runtime is put in order again. What
   * has failed so throws a JankError where `failed` does nothing else.
   */
  guard<Result>(
    body: (module: JankModule) => Result,
    failed: (error: ErrorReport) => Result = fail,
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

function fail(error: ErrorReport): never {
  throw new JankError(error);
}

/** How jank calls what an engine throws by itself; undefined: somebody else threw it. */
function engineError(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof JankError) return undefined;
  // A RangeError in V8 and JavaScriptCore, an InternalError in SpiderMonkey.
  if (/call stack|recursion/i.test(error.message)) return "StackOverflowError";
  if (error instanceof RangeError) return "OutOfMemoryError"; // of an ArrayBuffer
  return error instanceof WebAssembly.RuntimeError ? "RuntimeError" : undefined;
}

function consoleWriter(): (stream: Stream, text: string) => void {
  const rest = { out: "", err: "" };
  return (stream, text) => {
    const lines = (rest[stream] + text).split("\n");
    rest[stream] = lines.pop() ?? "";
    for (const line of lines) (stream === "err" ? console.error : console.log)(line);
  };
}
