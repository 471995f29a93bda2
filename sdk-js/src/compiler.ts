// The compiler, which is part of a runtime's module: text becomes patches, and what
// evaluates installs them. A page that only takes patches has nothing of this.
//
//   Compiler.open()   a source text
//   Unit.next()       its next form becomes a patch

import type { JankModule } from "./module.js";
import { MAX_MESSAGE_BYTES, reportOf } from "./protocol.js";
import type { ErrorReport, Evaluation, PatchSymbol } from "./protocol.js";
import { JankError } from "./runtime.js";
import type { InstallResult, Runtime, Stream } from "./runtime.js";
import { UNIT } from "./shared.js";

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
  /** Nothing but space follows it in the text. */
  last?: boolean;
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
  onForm?: (form: CompiledForm, result: InstallResult, isRequired: boolean) => void;
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
        if (status === UNIT.end) return { status: "end" };
        if (status === UNIT.missingNs)
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
    return this.#again((module, idAt) => module._jank_unit_bundle(this.#pointer, idAt), id);
  }

  /** The C source of the form that was compiled last; after the end, of all. */
  emitC(name: string): string {
    return this.#text((module, id) => module._jank_unit_emit_c(this.#pointer, id), name);
  }

  /** The analyzed program of the same, as text: sdk-c/src/analyze/dump.c says how. */
  emitAst(name: string): string {
    return this.#text((module, id) => module._jank_unit_emit_ast(this.#pointer, id), name);
  }

  close(): void {
    if (!this.isAbandoned) this.#module._jank_unit_close(this.#pointer);
  }

  #text(call: (module: JankModule, id: number) => number, id: string): string {
    return new TextDecoder().decode(this.#again(call, id).bytes);
  }

  /** What was compiled, once more in another shape. */
  #again(call: (module: JankModule, id: number) => number, id: string): CompiledForm {
    const started = performance.now();
    const step = this.#run(
      call,
      (_status, module) => ({ status: "form", form: this.#form(module, started) }),
      id,
    );
    if (step.status !== "form") throw new JankError((step as { error: ErrorReport }).error);
    return step.form;
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
        return status === UNIT.error
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

/** Compiles for a runtime, with the compiler in its module. */
export class Compiler {
  readonly runtime: Runtime;

  /** Of a build without a compiler, what is opened or evaluated throws a JankError. */
  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** A fresh unit. `source` is read as UTF-8 text. */
  open(
    source: string,
    { file = "<eval>", ns = "user", line = 1, column = 1 }: SourceOptions = {},
  ): Unit {
    if (typeof this.runtime.module._jank_unit_open !== "function")
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
    const pointer = this.runtime.withStrings([text, file, ns], ([textAt, fileAt, nsAt]) =>
      this.runtime.module._jank_unit_open(textAt, fileAt, nsAt, line),
    );
    if (!pointer) throw new JankError(reportOf("compile", "OutOfMemoryError", "out of memory"));
    return new Unit(this.runtime, pointer, refusal);
  }

  /** Compiles and installs a text form by form; stops at the first error. */
  eval(source: string, options: EvalOptions = {}): Evaluation {
    const captured = { out: "", err: "" };
    return this.runtime.capture(
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
      const step = enter(() => this.runtime.capture(write, () => steps.next(found)));
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
        const installed = this.runtime.install(step.form.bytes, step.form.entry);
        options.onForm?.(step.form, installed, loading.size > 0);
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
    const { module } = this.runtime;
    return this.runtime.withStrings([ns], ([nsAt]) => {
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
    this.runtime.withStrings([ns], ([nsAt]) => this.runtime.module._jank_ns_failed(nsAt));
  }
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

/** Whether a file is the source of a namespace, by its name. */
export const isSource = (name: string): boolean => /\.(jank|cljc)$/.test(name);

/** Where the source of a namespace may be, from the folder at which namespaces begin. */
export function sourceFilesOf(ns: string): [jank: string, cljc: string] {
  const name = ns.replaceAll(".", "/").replaceAll("-", "_");
  return [`${name}.jank`, `${name}.cljc`];
}

/** A namespace that requires itself, through others. */
export function cyclicLoad(ns: string, loading: Iterable<string>): ErrorReport {
  const path = [...loading, ns].map((name) => (name === ns ? `[${name}]` : name));
  return reportOf("compile", "CompilerException", `Cyclic load dependency: ${path.join(" -> ")}`);
}
