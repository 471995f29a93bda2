// How long a call may take: one that does not end is cut off.
//
// V8 stops a thread at the next head of a function or a loop, those of WebAssembly
// too, and no `catch` and no `finally` of what is stopped is run. Node offers that
// as the `timeout` of a script, so a script makes the call. What the call had half
// done stays half done: it must own whatever it changes.

import { createContext, Script } from "node:vm";

/** A call was cut off. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

export class Limit {
  readonly #ms: number;
  readonly #context: { call?: () => void } = createContext({});
  readonly #script = new Script("call()");
  #isInside = false;

  /** 0: none. */
  constructor(readonly seconds: number) {
    this.#ms = seconds * 1000;
  }

  /** Whether a call is under way that is limited already. */
  get isInside(): boolean {
    return this.#isInside;
  }

  isOver(ms: number): boolean {
    return this.#ms > 0 && ms > this.#ms;
  }

  /** Throws Interrupted. It costs some 50 us: a thread that watches. */
  run<Result>(body: () => Result): Result {
    if (this.#isInside) return body();
    this.#isInside = true;
    try {
      return this.#ms > 0 ? this.#limited(body) : body();
    } finally {
      this.#isInside = false;
    }
  }

  #limited<Result>(body: () => Result): Result {
    const ended: ({ value: Result } | { error: unknown })[] = [];
    this.#context.call = () => {
      try {
        ended.push({ value: body() });
      } catch (error) {
        ended.push({ error });
      }
    };
    try {
      const timeout = Math.max(1, Math.round(this.#ms));
      this.#script.runInContext(this.#context, { timeout, displayErrors: false });
    } catch (error) {
      // The time may be over just when the call has ended.
      if (!ended.length && !isTimeout(error)) throw error;
    } finally {
      delete this.#context.call;
    }
    const [end] = ended;
    if (!end) throw new Interrupted();
    if ("error" in end) throw end.error;
    return end.value;
  }
}

const isTimeout = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
