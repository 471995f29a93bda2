// The page compiles by itself, without a server: what is typed is compiled,
// installed and kept, so that it can be undone. A file of its own in the package,
// which no other page loads.

import { Compiler, sourceFilesOf, type CompiledForm, type NamespaceSource } from "../compiler.js";
import { History, UNBOUND, type Definition } from "../history.js";
import type { UndoReport } from "../protocol.js";
import { JankError, type InstallResult } from "../runtime.js";
import type { ConnectOptions, EvalOptions, EvalResult } from "./api.js";
import type { Page } from "./page.js";
import type { Patcher } from "./patcher.js";
import { TimeLimit } from "./time-limit.js";

type LocalOptions = Pick<ConnectOptions, "sourcePath" | "evalTimeout">;

/** A form that was compiled here: what an undo installs again. */
type LocalForm = Definition & Pick<CompiledForm, "bytes" | "entry">;

/** Seconds. */
const EVAL_TIMEOUT = 10;

export class LocalCompiler {
  readonly limit: TimeLimit;
  readonly #page: Page;
  readonly #patcher: Patcher;
  readonly #sourcePath: string | URL | undefined;
  readonly #compiler: Compiler;
  readonly #history = new History<LocalForm>();
  #turn: Promise<unknown> = Promise.resolve();
  #ns = "user";

  constructor(
    page: Page,
    patcher: Patcher,
    { sourcePath, evalTimeout = EVAL_TIMEOUT }: LocalOptions,
  ) {
    this.#page = page;
    this.#patcher = patcher;
    this.#sourcePath = sourcePath;
    this.#compiler = new Compiler(page.runtime);
    this.limit = new TimeLimit(1000 * evalTimeout);
  }

  /** One evaluation after the other. */
  evaluate(code: string, options: EvalOptions): Promise<EvalResult> {
    const sourcePath = this.#sourcePath;
    return this.#inTurn(async () => {
      let compileMs = 0;
      const { value = "nil", ...rest } = await this.#compiler.evalAsync(code, {
        ns: this.#ns,
        ...options,
        enter: (body) => this.limit.during(body),
        onForm: (form, result, isRequired) => {
          compileMs += form.compileMs;
          this.#installed(form, result, isRequired);
        },
        ...(sourcePath !== undefined && {
          resolveNamespace: (ns) => fetchNamespace(ns, sourcePath),
        }),
      });
      for (const stream of ["out", "err"] as const)
        if (rest[stream]) this.#page.emit("output", { stream, text: rest[stream] });
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
      const { changes, error } = await this.#patcher.apply(
        { seq: ++this.#page.seq, cause: "undo", file: null, transferMs: 0 },
        forms.map((form) => ({ ...form, symbolName: form.entry, compileMs: 0 })),
      );
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
    this.#page.applied({
      seq: ++this.#page.seq,
      cause: "eval",
      file: null,
      changes: result.ok ? this.#patcher.note(symbols, hash) : [],
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
