// What evaluations of one session read: lines that its clients send with the operation
// `stdin`, when they are asked ("need-input") or before.

/** Characters that may wait to be read. */
const MAX_INPUT = 1024 * 1024;

export class Input {
  #text = "";
  /** The end was sent. Whoever comes to it uses it up: what reads after that waits again. */
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** Somebody waits for a line. */
  get isAwaited(): boolean {
    return this.#wake !== undefined;
  }

  /** "": the end of the input. false: so much waits already that this is too much. */
  feed(text: string): boolean {
    if (this.#text.length + text.length > MAX_INPUT) return false;
    this.#text += text;
    this.#isEnded ||= text === "";
    this.#wake?.();
    return true;
  }

  /**
   * The next line, without its end; null: the end of the input, or the signal is
   * aborted. `ask` is called whenever a line is not there.
   */
  async line(ask: () => void, signal: AbortSignal): Promise<string | null> {
    for (;;) {
      const line = this.#take();
      if (line !== undefined) return line;
      if (signal.aborted) return null;
      const more = this.#more(signal);
      ask();
      await more;
    }
  }

  #take(): string | null | undefined {
    const end = this.#text.indexOf("\n");
    if (end < 0 && !this.#isEnded) return undefined;
    if (this.#text === "") {
      this.#isEnded = false;
      return null;
    }
    const line = end < 0 ? this.#text : this.#text.slice(0, end);
    this.#text = end < 0 ? "" : this.#text.slice(end + 1);
    return line.replace(/\r$/, "");
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        if (this.#wake === wake) this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake);
    });
  }
}
