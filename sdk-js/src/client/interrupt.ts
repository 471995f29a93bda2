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
  /** What the evaluation has printed, and was not sent. */
  #printed: Record<Stream, string> = { out: "", err: "" };

  constructor({ url, client = "", limit = 0 }: InterruptOptions) {
    this.#limit = limit;
    this.#url = url === undefined ? undefined : questionUrl(url, client);
  }

  /** For Runtime.load. */
  readonly poll = (): boolean => {
    const now = performance.now();
    if (this.#since === undefined) this.#begin(now);
    const elapsed = now - (this.#since ?? now);
    const limit = this.#limit;
    if (limit > 0 && this.#evaluation !== undefined && elapsed > limit) return true;
    if (!this.#url || elapsed < PATIENCE || now < this.#nextQuestion) return false;
    const { stop } = ask(this.#url, "/interrupt", this.#evaluation);
    this.#nextQuestion = performance.now() + INTERVAL;
    return stop === true;
  };

  /** For Runtime.load. Only evaluations that come from the server have input. */
  readonly readLine = (): string | false | null => {
    if (!this.#url || this.#evaluation === undefined) return null;
    for (;;) {
      const printed = this.#take();
      const { line } = ask(this.#url, "/input", this.#evaluation, printed);
      if (line !== undefined) return line;
    }
  };

  /**
   * What runs in `body` is this evaluation. What it prints is in `printed`, and taken
   * from there when it is sent.
   */
  during<Result>(
    evaluation: string,
    body: () => Result,
    printed: Record<Stream, string> = { out: "", err: "" },
  ): Result {
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

  /** The timer fires when the task has ended. */
  #begin(now: number): void {
    this.#since = now;
    setTimeout(() => (this.#since = undefined));
  }
}

function questionUrl(url: string, client: string): URL {
  return new URL(`/?client=${client}`, url.replace(/^ws/i, "http"));
}

/** Of both questions. */
interface Answered {
  stop?: boolean;
  /** null: there are no more; false: it is to stop; undefined: none yet. */
  line?: string | false | null;
}

/** The server that is not there has nothing to say, and no input. */
const NOBODY: Answered = { line: null };

function ask(
  url: URL,
  pathname: string,
  evaluation: string | undefined,
  body?: Record<Stream, string>,
): Answered {
  if (typeof XMLHttpRequest !== "function") return NOBODY;
  const address = new URL(url);
  address.pathname = pathname;
  if (evaluation !== undefined) address.searchParams.set("run", evaluation);
  try {
    const request = new XMLHttpRequest();
    request.open(body ? "POST" : "GET", address, false);
    request.send(body && JSON.stringify(body));
    return request.status === 200 ? (JSON.parse(request.responseText) as Answered) : NOBODY;
  } catch {
    return NOBODY; // there is no server just now
  }
}
