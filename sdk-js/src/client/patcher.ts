// How a page changes: a transaction is installed whole, or not at all.
//
//   Patcher.apply -> before-load hooks -> begin, install each, commit -> after-load
//   hooks
//
// Transactions, and expressions that come between them, wait for each other; while
// nobody waits they are installed at once. What was saved, and what is undone, runs
// the program's hooks; what is typed does not.

import { keepNewest } from "../bounded.js";
import type { ErrorReport, VarChange, VersionedSymbol } from "../protocol.js";
import { reportOf } from "../protocol.js";
import { reportOfThrown, type InstallResult, type Runtime } from "../runtime.js";
import type { PatchRecord } from "./api.js";
import type { Page } from "./page.js";

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

/** What is known of a transaction before it is applied. */
export type Transaction = Pick<PatchRecord, "seq" | "cause" | "file" | "transferMs">;

export class Patcher {
  readonly #page: Page;
  readonly #frame: (() => Promise<void> | undefined) | undefined;
  readonly #onAfter: (record: PatchRecord, isKnown: boolean) => void;
  readonly #queue: (() => void | Promise<void>)[] = [];
  #isBusy = false;
  /** What is live: vars, each with its form's hash; and hashes of other forms. */
  readonly #vars = new Map<string, { hash: string; version: number }>();
  readonly #forms = new Set<string>();

  /**
   * `frame`: waits for the next animation frame. `onAfter`: the page has changed, or has
   * refused to; hooks are still to come. `isKnown`: it had all of it.
   */
  constructor(
    page: Page,
    frame: (() => Promise<void> | undefined) | undefined,
    onAfter: (record: PatchRecord, isKnown: boolean) => void,
  ) {
    this.#page = page;
    this.#frame = frame;
    this.#onAfter = onAfter;
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

  /** `isRepeat`: it may repeat what is installed; forms that are live are not run again. */
  apply(transaction: Transaction, patches: Patch[], isRepeat = false): Promise<PatchRecord> {
    return new Promise((resolve) =>
      this.enqueue(() => {
        const missing = isRepeat ? patches.filter((patch) => !this.#has(patch)) : patches;
        return this.#apply(summary(transaction, patches), missing, resolve);
      }),
    );
  }

  /** A definition that was typed, compiled and installed in this page. */
  note(symbols: VersionedSymbol[], hash: string): VarChange[] {
    return this.#remember([{ symbols, hash }]);
  }

  // ---- One transaction --------------------------------------------------------------

  #apply(
    about: Summary,
    patches: Patch[],
    onDone: (record: PatchRecord) => void,
  ): void | Promise<void> {
    const { seq, cause, symbols } = about;
    const page = this.#page;
    const nextFrame = this.#frame;
    const isKnown = patches.length === 0;
    const isHooked = cause !== "eval" && !isKnown;
    const install = () => {
      const { installMs, error } = installAll(page.runtime, patches);
      const changes = error ? [] : this.#remember(patches);
      const record = { ...about, changes, installMs, ...(error && { error }) };
      this.#onAfter(record, isKnown);
      onDone(record);
      return isHooked && !error ? this.#runHooks(page.runtime.hooks().after) : undefined;
    };
    if (!isKnown) page.emit("before-patch", { seq, symbols });
    const before = isHooked ? this.#runHooks(page.runtime.hooks().before) : undefined;
    if (!before && !nextFrame) return install();
    return (async () => {
      await before;
      await nextFrame?.();
      await install();
    })();
  }

  /** One after the other; undefined: all of them have ended. */
  #runHooks(names: string[]): Promise<void> | undefined {
    const page = this.#page;
    const failed = (thrown: unknown) => {
      const error = reportOfThrown(thrown);
      page.emit("error", error);
      page.suspicion?.failed(error);
    };
    for (let i = 0; i < names.length; i++) {
      try {
        const result = page.runtime.callHook(names[i] as string);
        if (!isPromise(result)) continue;
        return inTime(result, names[i] as string)
          .then(undefined, failed)
          .then(() => this.#runHooks(names.slice(i + 1)));
      } catch (error) {
        failed(error);
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

type Summary = Omit<PatchRecord, "changes" | "installMs" | "error">;

const summary = (transaction: Transaction, patches: Patch[]): Summary => ({
  ...transaction,
  symbols: patches.flatMap(({ symbols }) => symbols),
  ns: patches.at(-1)?.ns ?? "user",
  bytes: patches.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0),
  compileMs: patches.reduce((sum, { compileMs }) => sum + compileMs, 0),
});

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

/** undefined: it is not base64. */
export function decodeBase64(data: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
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
