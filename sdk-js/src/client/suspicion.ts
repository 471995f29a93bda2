// What throws right after it was patched: by the option `rollback` it is taken back.
// A file of its own in the package, which no other page loads.

import { keepNewest } from "../bounded.js";
import { reportOf } from "../protocol.js";
import type { ErrorReport, TraceFrame, VarVersion } from "../protocol.js";
import type { ClientEvents, PatchRecord } from "./api.js";
import { listen } from "./listen.js";

/** Milliseconds after a patch in which an error is taken for its own. */
const SUSPICION = 5_000;
const MAX_RECENT = 1_000;

/** Takes back the vars, which the stack of what failed names. */
type TakeBack = (error: ErrorReport, vars: VarVersion[]) => void;

export class Suspicion {
  readonly #patience: number;
  readonly #takeBack: TakeBack;
  readonly #onRollback: (rollback: ClientEvents["rollback"]) => void;
  /** What is being rolled back. */
  #failure: ErrorReport | undefined;
  /** When vars were patched, and to which version; newest last. */
  readonly #recent = new Map<string, { at: number; version: number }>();

  /** `rollback`: see ConnectOptions. `onRollback`: they are as they were. */
  constructor(
    rollback: number | true,
    takeBack: TakeBack,
    onRollback: (rollback: ClientEvents["rollback"]) => void,
  ) {
    this.#patience = rollback === true ? SUSPICION : rollback;
    this.#takeBack = takeBack;
    this.#onRollback = onRollback;
  }

  patched({ cause, changes, error: refusal }: PatchRecord): void {
    const now = performance.now();
    for (const { name, from, to } of changes) {
      this.#recent.delete(name);
      // A first definition has nothing behind it to go back to.
      if (from !== null && to !== null) this.#recent.set(name, { at: now, version: to });
    }
    keepNewest(this.#recent, MAX_RECENT);
    const error = this.#failure;
    if (cause !== "undo" || !error || refusal) return;
    this.#failure = undefined;
    this.#onRollback({ error, changes });
  }

  failed(error: ErrorReport, stack = stackOf(error)): void {
    const since = performance.now() - this.#patience;
    const vars = [...this.#recent]
      .filter(([name, { at }]) => at >= since && isNamed(name, stack))
      .map(([name, { version }]) => ({ name, version }));
    if (!vars.length) return;
    for (const { name } of vars) this.#recent.delete(name);
    this.#failure = error;
    this.#takeBack(error, vars);
  }

  /** For errors that nobody catches. Returns what ends that. */
  listen(): () => void {
    const failed = (error: unknown) => {
      if (!(error instanceof Error)) return;
      const { name, message, stack = "" } = error;
      this.failed({ ...reportOf("run", name, message), trace: traceOf(stack) }, stack);
    };
    const ends = [
      listen(globalThis, "error", ({ error }: ErrorEvent) => failed(error)),
      listen(globalThis, "unhandledrejection", ({ reason }: PromiseRejectionEvent) =>
        failed(reason),
      ),
    ];
    return () => {
      for (const end of ends) end();
    };
  }
}

/** The names of its functions, as an engine's stack has them. */
const stackOf = ({ trace }: ErrorReport): string => trace.map(({ name }) => `${name} (`).join("\n");

const isNamed = (name: string, stack: string): boolean =>
  stack.includes(`${name} (`) || stack.includes(`${name}/`);

/** jank's functions in the stack of an Error that JavaScript has caught. */
function traceOf(stack: string): TraceFrame[] {
  const frames = stack.matchAll(/^ +at (\S+\/\S+) \((\S+):(\d+)\)$/gm);
  return Array.from(frames, ([, name = "", file = "", line]) => ({
    name,
    file,
    line: Number(line),
  }));
}
