// How long an evaluation may take in a page that compiles by itself.

export class TimeLimit {
  readonly #limit: number;
  #isRunning = false;
  /** When what runs was first seen to run. */
  #since: number | undefined;

  /** Milliseconds; 0: as long as it likes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** For Runtime.load. */
  poll(): boolean {
    if (!this.#isRunning || this.#limit === 0) return false;
    const now = performance.now();
    this.#since ??= now;
    return now - this.#since > this.#limit;
  }

  /** For Runtime.load: there is nobody to type a line. */
  readLine(): null {
    return null;
  }

  during<Result>(body: () => Result): Result {
    this.#isRunning = true;
    this.#since = undefined;
    try {
      return body();
    } finally {
      this.#isRunning = false;
    }
  }
}
