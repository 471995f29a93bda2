// How a page hears of something in the middle of what it runs, when its thread can hear
// of nothing else: it asks the server, by requests that are waited for.
//
// Is it to stop? The runtime asks every few milliseconds while code runs. When one task
// has run for a second, so does the page: has somebody interrupted this evaluation, or
// is a patch waiting that may mend it?
//
// What is the next line? That is asked for `read-line`, with what was printed before it.

import type { Stream } from "../runtime.js";

const PATIENCE = 1_000;
const INTERVAL = 500;
/** Characters that are sent before a line is read; of more all comes with the result. */
const MAX_PRINTED = 100_000;

/** Of both questions. */
interface Answered {
  stop?: boolean;
  /** null: there are no more; false: it is to stop; undefined: none yet. */
  line?: string | false | null;
}

/** The server that is not there has nothing to say, and no input. */
const NOBODY: Answered = { line: null };

export class Interrupts {
  readonly #url: URL;
  /** When the task began that runs; undefined: none that is known. */
  #since: number | undefined;
  #nextQuestion = 0;
  #evaluation: string | undefined;
  /** What the evaluation has printed, and was not sent. */
  #printed: Record<Stream, string> = { out: "", err: "" };

  /** `url`: the server's WebSocket, beside which is asked. `client`: the client's id. */
  constructor(url: string, client: string) {
    this.#url = new URL(`/?client=${client}`, url.replace(/^ws/i, "http"));
  }

  /** For Runtime.load. */
  poll(): boolean {
    const now = performance.now();
    if (this.#since === undefined) this.#begin(now);
    const elapsed = now - (this.#since ?? now);
    if (elapsed < PATIENCE || now < this.#nextQuestion) return false;
    const { stop } = this.#ask("/interrupt");
    this.#nextQuestion = performance.now() + INTERVAL;
    return stop === true;
  }

  /** For Runtime.load. Only evaluations that come from the server have input. */
  readLine(): string | false | null {
    if (this.#evaluation === undefined) return null;
    for (;;) {
      const { line } = this.#ask("/input", this.#take());
      if (line !== undefined) return line;
    }
  }

  /**
   * What runs in `body` is this evaluation. What it prints is in `printed`, and taken
   * from there when it is sent.
   */
  during<Result>(evaluation: string, printed: Record<Stream, string>, body: () => Result): Result {
    this.#evaluation = evaluation;
    this.#printed = printed;
    this.#since = undefined;
    try {
      return body();
    } finally {
      this.#evaluation = undefined;
    }
  }

  #take(): Record<Stream, string> {
    const { out, err } = this.#printed;
    if (out.length + err.length > MAX_PRINTED) return { out: "", err: "" };
    this.#printed.out = this.#printed.err = "";
    return { out, err };
  }

  #ask(pathname: string, body?: Record<Stream, string>): Answered {
    if (typeof XMLHttpRequest !== "function") return NOBODY;
    const address = new URL(this.#url);
    address.pathname = pathname;
    if (this.#evaluation !== undefined) address.searchParams.set("run", this.#evaluation);
    try {
      const request = new XMLHttpRequest();
      request.open(body ? "POST" : "GET", address, false);
      request.send(body && JSON.stringify(body));
      return request.status === 200 ? (JSON.parse(request.responseText) as Answered) : NOBODY;
    } catch {
      return NOBODY; // there is no server just now
    }
  }

  /** The timer fires when the task has ended. */
  #begin(now: number): void {
    this.#since = now;
    setTimeout(() => (this.#since = undefined));
  }
}
