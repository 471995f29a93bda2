// How a page stops what does not end. The runtime asks every few milliseconds while
// code runs; the page's thread can hear of nothing else meanwhile. So when one task
// has run for a second, the server is asked in the middle of it, by a request that
// is waited for: has somebody interrupted this evaluation, or is a patch waiting
// that may mend it?

const PATIENCE = 1_000;
const INTERVAL = 500;

export interface InterruptOptions {
  /** The server's WebSocket, beside which is asked. */
  url?: string;
  /** The client's id, for the server. */
  client?: string;
  /** Milliseconds that an evaluation may take without a server; 0: as long as it likes. */
  limit?: number;
}

export class Interrupts {
  readonly #limit: number;
  readonly #url: URL | undefined;
  /** When the task began that runs; undefined: none that is known. */
  #since: number | undefined;
  #nextQuestion = 0;
  #evaluation: string | undefined;

  constructor({ url, client = "", limit = 0 }: InterruptOptions) {
    this.#limit = limit;
    this.#url = url === undefined ? undefined : interruptUrl(url, client);
  }

  /** For Runtime.load. */
  readonly poll = (): boolean => {
    const now = performance.now();
    if (this.#since === undefined) this.#begin(now);
    const elapsed = now - (this.#since ?? now);
    const limit = this.#limit;
    if (limit > 0 && this.#evaluation !== undefined && elapsed > limit) return true;
    if (!this.#url || elapsed < PATIENCE || now < this.#nextQuestion) return false;
    const isStopped = ask(this.#url, this.#evaluation);
    this.#nextQuestion = performance.now() + INTERVAL;
    return isStopped;
  };

  /** What runs in `body` is this evaluation. */
  during<Result>(evaluation: string, body: () => Result): Result {
    this.#evaluation = evaluation;
    this.#since = undefined;
    try {
      return body();
    } finally {
      this.#evaluation = undefined;
    }
  }

  /** The timer fires when the task has ended. */
  #begin(now: number): void {
    this.#since = now;
    setTimeout(() => (this.#since = undefined));
  }
}

function interruptUrl(url: string, client: string): URL {
  return new URL(`/interrupt?client=${client}`, url.replace(/^ws/i, "http"));
}

function ask(url: URL, evaluation: string | undefined): boolean {
  if (typeof XMLHttpRequest !== "function") return false;
  const address = new URL(url);
  if (evaluation !== undefined) address.searchParams.set("run", evaluation);
  try {
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    request.send();
    return request.responseText === "1";
  } catch {
    return false; // there is no server just now
  }
}
