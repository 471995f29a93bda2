// What throws right after it was patched: by the option `rollback` it is taken back.
// A file of its own in the package, which no other page loads.

import { reportOf, type ErrorReport, type VarChange } from "../protocol.js";

/** Milliseconds after a patch in which an error is taken for its own. */
const SUSPICION = 5_000;
const MAX_RECENT = 1_000;

/** Patched vars, by the stack of what failed. */
type Accuse = (error: ErrorReport, vars: string[]) => void;

export class Suspicion {
  readonly #within: number;
  readonly #accuse: Accuse;
  /** When vars were patched, newest last. */
  readonly #recent = new Map<string, number>();

  /** `rollback`: see ConnectOptions. */
  constructor(rollback: number | true, accuse: Accuse) {
    this.#within = rollback === true ? SUSPICION : rollback;
    this.#accuse = accuse;
  }

  patched(changes: VarChange[]): void {
    const now = performance.now();
    for (const { name, from } of changes) {
      this.#recent.delete(name);
      // A first definition has nothing behind it to go back to.
      if (from !== null) this.#recent.set(name, now);
    }
    for (const name of this.#recent.keys()) {
      if (this.#recent.size <= MAX_RECENT) break;
      this.#recent.delete(name);
    }
  }

  failed(error: ErrorReport, stack = stackOf(error)): void {
    const since = performance.now() - this.#within;
    const names = [...this.#recent].filter(([, at]) => at >= since).map(([name]) => name);
    const vars = names.filter((name) => stack.includes(`${name} (`) || stack.includes(`${name}/`));
    if (!vars.length) return;
    for (const name of vars) this.#recent.delete(name);
    this.#accuse(error, vars);
  }

  /** For errors that nobody catches. Returns what ends that. */
  listen(): () => void {
    const failed = (error: unknown) => {
      if (!(error instanceof Error)) return;
      this.failed(reportOf("run", error.name, error.message), error.stack ?? "");
    };
    const onError = ({ error }: ErrorEvent) => failed(error);
    const onRejection = ({ reason }: PromiseRejectionEvent) => failed(reason);
    globalThis.addEventListener?.("error", onError);
    globalThis.addEventListener?.("unhandledrejection", onRejection);
    return () => {
      globalThis.removeEventListener?.("error", onError);
      globalThis.removeEventListener?.("unhandledrejection", onRejection);
    };
  }
}

/** The names of its functions, as an engine's stack has them. */
const stackOf = ({ trace }: ErrorReport): string => trace.map(({ name }) => `${name} (`).join("\n");
