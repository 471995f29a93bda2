// The page compiles by itself, without a server: what is typed is compiled,
// installed and kept, so that it can be undone. A file of its own in the package,
// which no other page loads.

import { Compiler, sourceFilesOf, type CompiledForm, type NamespaceSource } from "../compiler.js";
import { History, UNBOUND, type Definition } from "../history.js";
import type { UndoReport } from "../protocol.js";
import { JankError, type InstallResult, type Runtime, type Stream } from "../runtime.js";
import type { EvalOptions, EvalResult } from "./api.js";
import { Interrupts } from "./interrupt.js";
import type { Patcher, PatchRecord } from "./patcher.js";

export interface LocalOptions {
  runtime: Runtime;
  patcher: Patcher;
  sourcePath: string | URL | undefined;
  /** Seconds. */
  evalTimeout: number | undefined;
  onOutput: (stream: Stream, text: string) => void;
  onRecord: (record: PatchRecord) => void;
  nextSeq: () => number;
}

/** A form that was compiled here: what an undo installs again. */
type LocalForm = Definition & Pick<CompiledForm, "bytes" | "entry">;

/** Seconds. */
const EVAL_TIMEOUT = 10;

export class LocalCompiler {
  readonly interrupts: Interrupts;
  readonly #options: LocalOptions;
  readonly #compiler: Compiler;
  readonly #history = new History<LocalForm>();
  #turn: Promise<unknown> = Promise.resolve();
  #ns = "user";

  constructor(options: LocalOptions) {
    this.#options = options;
    this.#compiler = new Compiler(options.runtime);
    this.interrupts = new Interrupts({ limit: 1000 * (options.evalTimeout ?? EVAL_TIMEOUT) });
  }

  /** One evaluation after the other. */
  evaluate(code: string, options: Omit<EvalOptions, "signal">): Promise<EvalResult> {
    const { sourcePath, onOutput } = this.#options;
    return this.#inTurn(async () => {
      let compileMs = 0;
      const { value = "nil", ...rest } = await this.#compiler.evalAsync(code, {
        ns: this.#ns,
        ...options,
        enter: (body) => this.interrupts.during("", body),
        onForm: (form, result, isRequired) => {
          compileMs += form.compileMs;
          this.#installed(form, result, isRequired);
        },
        ...(sourcePath !== undefined && {
          resolveNamespace: (ns) => fetchNamespace(ns, sourcePath),
        }),
      });
      if (rest.out) onOutput("out", rest.out);
      if (rest.err) onOutput("err", rest.err);
      if (!options.ns && !rest.error) this.#ns = rest.ns;
      if (rest.error) throw new JankError(rest.error);
      return { ...rest, value, compileMs, pages: [] };
    });
  }

  /** See Client.undo. */
  undo(vars?: string[]): Promise<UndoReport> {
    return this.#inTurn(async () => {
      const plan = this.#history.undo(vars);
      const forms = [...plan.forms, ...plan.unbound.map((name) => unbinding(this.#compiler, name))];
      const { changes, error } = await this.#options.patcher.apply({
        seq: this.#options.nextSeq(),
        cause: "undo",
        file: null,
        patches: forms.map((form) => ({ ...form, symbolName: form.entry, compileMs: 0 })),
        transferMs: 0,
      });
      if (error) throw new JankError(error);
      this.#history.add(forms, { undone: plan.transactions });
      return { changes, pages: [] };
    });
  }

  #inTurn<Result>(body: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(body);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** A definition is a transaction; an expression is none. */
  #installed(form: CompiledForm, result: InstallResult, isBase: boolean): void {
    if (form.symbols.length === 0) return;
    const { ns, hash, bytes, entry, compileMs } = form;
    const [symbols = []] = this.#history.number([form.symbols]);
    if (result.ok) this.#history.add([{ ns, hash, symbols, bytes, entry }], { isBase });
    this.#options.onRecord({
      seq: this.#options.nextSeq(),
      cause: "eval",
      file: null,
      changes: result.ok ? this.#options.patcher.note(symbols, hash) : [],
      symbols,
      ns,
      bytes: bytes.length,
      compileMs,
      transferMs: 0,
      installMs: result.installMs,
      ...(!result.ok && { error: result.error }),
    });
  }
}

/** Compiled, not installed: its first definition is undone. */
function unbinding(compiler: Compiler, name: string): LocalForm {
  const unit = compiler.open(`(jank.dev/unbind! '${name})`);
  try {
    const step = unit.next();
    if (step.status === "error") throw new JankError(step.error);
    if (step.status !== "form") throw new Error("the compiler gives no form");
    const { ns, hash, bytes, entry } = step.form;
    return { ns, hash, bytes, entry, symbols: [{ name, signature: UNBOUND, version: 0 }] };
  } finally {
    unit.close();
  }
}

/** undefined: the application has no such namespace. */
async function fetchNamespace(
  ns: string,
  sourcePath: string | URL,
): Promise<NamespaceSource | undefined> {
  const base = new URL(`${String(sourcePath).replace(/\/$/, "")}/`, globalThis.document?.baseURI);
  for (const file of sourceFilesOf(ns)) {
    const url = new URL(file, base);
    const response = await fetch(url);
    if (response.ok) return { source: await response.text(), file: url.pathname };
    if (response.status !== 404) throw new Error(`${url.href}: HTTP status ${response.status}`);
  }
  return undefined;
}
