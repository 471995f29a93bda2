// How a page changes: a transaction is installed whole, or not at all.
//
//   Patcher.apply -> before-load hooks -> begin, install each, commit -> after-load
//   hooks
//
// Transactions, and expressions that come between them, wait for each other; while
// nobody waits they are installed at once. What was saved, and what is undone, runs
// the program's hooks; what is typed does not.

import { keepNewest } from "../bounded.js";
import type { Cause, ErrorReport, PatchSymbol, VarChange, VersionedSymbol } from "../protocol.js";
import { reportOf } from "../protocol.js";
import { reportOfThrown, type InstallResult, type Runtime } from "../runtime.js";

/** A patch of a transaction. */
export interface Patch {
  /** undefined: what came was no patch. */
  bytes: Uint8Array | undefined;
  symbolName: string;
  symbols: VersionedSymbol[];
  ns: string;
  /** Of the form's text. */
  hash: string;
  compileMs: number;
}

export interface PatchTransaction {
  seq: number;
  cause: Cause;
  /** That was saved. */
  file: string | null;
  patches: Patch[];
  /** Milliseconds on the way. */
  transferMs: number;
  /** It may repeat what is installed: forms that are live are not run again. */
  isRepeat?: boolean;
}

/** One installed (or refused) transaction. Times in milliseconds. */
export interface PatchRecord {
  seq: number;
  cause: Cause;
  file: string | null;
  changes: VarChange[];
  symbols: PatchSymbol[];
  /** Of its last patch. */
  ns: string;
  bytes: number;
  compileMs: number;
  transferMs: number;
  installMs: number;
  /** Why nothing of it was installed. */
  error?: ErrorReport;
}

interface Application extends PatchTransaction {
  onDone: (record: PatchRecord) => void;
}

export interface PatcherOptions {
  runtime: Runtime;
  /** Waits for the next animation frame. */
  frame?: (() => Promise<void> | undefined) | undefined;
  onBefore: (transaction: PatchTransaction) => void;
  /**
   * The page has changed, or has refused to; hooks are still to come. `isKnown`: it
   * had all of it.
   */
  onAfter: (record: PatchRecord, isKnown: boolean) => void;
  /** A hook failed. */
  onError: (error: ErrorReport) => void;
}

export class Patcher {
  readonly #options: PatcherOptions;
  readonly #queue: (() => void | Promise<void>)[] = [];
  #isBusy = false;
  /** What is live: vars, each with its form's hash; and hashes of other forms. */
  readonly #vars = new Map<string, { hash: string; version: number }>();
  readonly #forms = new Set<string>();

  constructor(options: PatcherOptions) {
    this.#options = options;
  }

  /** Runs the task when all before it have ended: now, when there are none. */
  enqueue(task: () => void | Promise<void>): void {
    this.#queue.push(task);
    if (!this.#isBusy) this.#drain();
  }

  #drain(): void {
    this.#isBusy = true;
    for (let task; (task = this.#queue.shift());) {
      const ending = task();
      if (!ending) continue;
      void ending.finally(() => this.#drain());
      return;
    }
    this.#isBusy = false;
  }

  apply(transaction: PatchTransaction): Promise<PatchRecord> {
    return new Promise((resolve) =>
      this.enqueue(() => this.#apply({ ...transaction, onDone: resolve })),
    );
  }

  /** A definition that was typed, compiled and installed in this page. */
  note(symbols: VersionedSymbol[], hash: string): VarChange[] {
    return this.#remember([{ symbols, hash }]);
  }

  // ---- One transaction --------------------------------------------------------------

  #apply(transaction: Application): void | Promise<void> {
    const { runtime, frame: nextFrame, onBefore } = this.#options;
    const patches = transaction.isRepeat
      ? transaction.patches.filter((patch) => !this.#has(patch))
      : transaction.patches;
    if (patches.length > 0) onBefore(transaction);
    const hooked = transaction.cause !== "eval" && patches.length > 0;
    const before = hooked ? this.#runHooks(runtime.hooks().before) : undefined;
    if (!before && !nextFrame) return this.#install(transaction, patches, hooked);
    return (async () => {
      await before;
      await nextFrame?.();
      await this.#install(transaction, patches, hooked);
    })();
  }

  #install(transaction: Application, patches: Patch[], hooked: boolean): void | Promise<void> {
    const { runtime, onAfter } = this.#options;
    const { installMs, error } = installAll(runtime, patches);
    const changes = error ? [] : this.#remember(patches);
    const { seq, cause, file, transferMs } = transaction;
    const all = transaction.patches;
    const record: PatchRecord = {
      seq,
      cause,
      file,
      changes,
      symbols: all.flatMap(({ symbols }) => symbols),
      ns: all.at(-1)?.ns ?? "user",
      bytes: all.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0),
      compileMs: all.reduce((sum, { compileMs }) => sum + compileMs, 0),
      transferMs,
      installMs,
      ...(error && { error }),
    };
    onAfter(record, patches.length === 0);
    transaction.onDone(record);
    return hooked && !error ? this.#runHooks(runtime.hooks().after) : undefined;
  }

  /** One after the other; undefined: all of them have ended. */
  #runHooks(names: string[]): Promise<void> | undefined {
    const { runtime, onError } = this.#options;
    for (let i = 0; i < names.length; i++) {
      try {
        const result = runtime.callHook(names[i] as string);
        if (!isPromise(result)) continue;
        return inTime(result, names[i] as string)
          .then(undefined, (error: unknown) => onError(reportOfThrown(error)))
          .then(() => this.#runHooks(names.slice(i + 1)));
      } catch (error) {
        onError(reportOfThrown(error));
      }
    }
    return undefined;
  }

  // ---- What is live -----------------------------------------------------------------

  #has({ hash, symbols }: Patch): boolean {
    return symbols.length
      ? symbols.every(({ name }) => this.#vars.get(name)?.hash === hash)
      : this.#forms.has(hash);
  }

  #remember(patches: Pick<Patch, "symbols" | "hash">[]): VarChange[] {
    const changes = new Map<string, VarChange>();
    for (const { hash, symbols } of patches) {
      if (!symbols.length) this.#rememberForm(hash);
      for (const { name, version } of symbols) {
        const before = changes.get(name);
        const from = before ? before.from : this.#vars.get(name)?.version || null;
        changes.set(name, { name, from, to: version || null });
        this.#vars.set(name, { hash, version });
      }
    }
    return [...changes.values()];
  }

  #rememberForm(hash: string): void {
    this.#forms.delete(hash);
    this.#forms.add(hash);
    keepNewest(this.#forms, MAX_FORMS);
  }
}

/** Beyond, the oldest are forgotten. */
const MAX_FORMS = 10_000;

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as Promise<unknown> | undefined)?.then === "function";

/** A hook that does not end holds up nothing for ever. */
function inTime(result: Promise<unknown>, name: string): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout>;
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the hook ${name} does not end`)), HOOK_TIMEOUT);
  });
  return Promise.race([result, end]).finally(() => clearTimeout(timer));
}

const HOOK_TIMEOUT = 10_000;

/** All of them, or none. */
function installAll(
  runtime: Runtime,
  patches: Pick<Patch, "bytes" | "symbolName">[],
): { installMs: number; error?: ErrorReport } {
  if (patches.length === 0) return { installMs: 0 };
  const started = performance.now();
  const install = (): { ok: boolean; error?: ErrorReport } => {
    for (const { bytes, symbolName } of patches) {
      const result = installBytes(runtime, bytes, symbolName);
      if (!result.ok) return result;
    }
    return { ok: true };
  };
  const { error } = patches.length > 1 ? runtime.transaction(install) : install();
  return { installMs: performance.now() - started, ...(error && { error }) };
}

export function installBytes(
  runtime: Runtime,
  bytes: Uint8Array | undefined,
  entry: string,
  session?: string,
): InstallResult {
  if (bytes) return runtime.installIn(session, bytes, entry);
  const error = reportOf("load", "PatchException", "the patch is not base64");
  return { ok: false, error, installMs: 0 };
}
