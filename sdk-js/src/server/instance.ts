// The engine's instance of the runtime. What it evaluates is limited in time; when
// something had to be cut off, perhaps in the middle of a collection, the instance
// is not entered again. Another one takes its place and installs what the log has,
// as a page does that connects: values that only the old one had are gone.

import { JankError, Runtime, type LoadOptions, type Stream } from "../runtime.js";
import { Interrupted, type Limit } from "./limit.js";
import type { PatchLog, PatchMessage } from "./patch-log.js";

export interface InstanceOptions {
  limit: Limit;
  log: PatchLog;
  moduleUrl?: string | URL;
  /** What is printed and belongs to no evaluation. */
  write: (stream: Stream, text: string) => void;
  /** A line for people. */
  say: (line: string) => void;
}

/** Of what is printed during one call so much is kept, with what keeping it costs. */
const MAX_PRINTED = 64 * 1024 * 1024;
const PIECE = 32;

/** Printed by a call that may be cut off, to be passed on when it cannot be any more. */
export class Printed {
  #pieces: { stream: Stream; text: string }[] = [];
  #size = 0;

  readonly add = (stream: Stream, text: string): void => {
    if (this.#size > MAX_PRINTED) return;
    this.#size += text.length + PIECE;
    this.#pieces.push(
      this.#size > MAX_PRINTED ? { stream, text: "\n(more was printed)\n" } : { stream, text },
    );
  };

  /** Pieces of one stream that follow each other as one. */
  passOn(write: (stream: Stream, text: string) => void): void {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    for (let at = 0; at < pieces.length;) {
      const { stream } = pieces[at] as { stream: Stream };
      const from = at;
      while (pieces[at]?.stream === stream) at++;
      const texts = pieces.slice(from, at).map(({ text }) => text);
      write(stream, texts.join(""));
    }
  }
}

/** Milliseconds of short calls that are limited as one. */
export const STRETCH = 20;

export class Instance {
  readonly #options: InstanceOptions;
  readonly #printed = new Printed();
  /** Patches that did not end when they were installed again. */
  readonly #endless = new Set<number>();
  #runtime!: Runtime;
  #replacement: Promise<void> | undefined;

  private constructor(options: InstanceOptions) {
    this.#options = options;
  }

  static async start(options: InstanceOptions): Promise<Instance> {
    const instance = new Instance(options);
    instance.#runtime = await instance.#load();
    return instance;
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  /** To be waited for, and then asked for again; undefined: there is a sound instance. */
  get replacement(): Promise<void> | undefined {
    if (!this.#runtime.isAbandoned) return undefined;
    return (this.#replacement ??= this.#replace().finally(() => (this.#replacement = undefined)));
  }

  /**
   * Throws Interrupted when it takes too long. The body may be cut off anywhere: it
   * calls the runtime, and changes nothing that outlives the runtime.
   */
  run<Result>(body: (runtime: Runtime) => Result): Result {
    return this.#run(this.#runtime, body);
  }

  #run<Result>(runtime: Runtime, body: (runtime: Runtime) => Result): Result {
    const { limit, write } = this.#options;
    try {
      return limit.run(() => body(runtime));
    } catch (error) {
      if (error instanceof Interrupted) runtime.abandon();
      throw error;
    } finally {
      if (!limit.isInside) this.#printed.passOn(write);
    }
  }

  async #load(): Promise<Runtime> {
    const { moduleUrl } = this.#options;
    const loaded: { runtime?: Runtime } = {};
    const options: LoadOptions = {
      ...(moduleUrl && { moduleUrl }),
      write: (stream, text) => this.#write(stream, text),
      enter: (call) => (loaded.runtime ? this.#enter(loaded.runtime, call) : call()),
    };
    return (loaded.runtime = await Runtime.load(options));
  }

  #write(stream: Stream, text: string): void {
    if (this.#options.limit.isInside) this.#printed.add(stream, text);
    else this.#options.write(stream, text);
  }

  /** A timer, a promise or a listener calls. */
  #enter<Result>(runtime: Runtime, call: () => Result): Result | undefined {
    if (runtime.isAbandoned) return undefined;
    if (this.#options.limit.isInside) return call();
    try {
      return this.#run(runtime, call);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      this.#options.say(`${this.interruption} (in a callback)`);
      this.replacement?.catch(() => undefined); // who needs it is told
      return undefined;
    }
  }

  /** What is said of it. */
  get interruption(): string {
    const { seconds } = this.#options.limit;
    return `interrupted: the evaluation ran longer than ${seconds} s (--eval-timeout sets the limit)`;
  }

  // ---- The next instance ----------------------------------------------------------

  async #replace(): Promise<void> {
    for (;;) {
      const runtime = await this.#load();
      if (!this.#installLog(runtime)) continue;
      this.#runtime = runtime;
      return;
    }
  }

  /** false: a patch did not end, and is left out from now on. */
  #installLog(runtime: Runtime): boolean {
    const { log, say } = this.#options;
    const patches = log.since(null, 0).filter(({ seq }) => !this.#endless.has(seq));
    const failed: string[] = [];
    let at = 0;
    try {
      while (at < patches.length)
        this.#run(runtime, () => {
          const until = performance.now() + STRETCH;
          do {
            const patch = patches[at] as PatchMessage;
            const problem = installSilently(runtime, patch);
            if (problem !== undefined) failed.push(`${nameOf(patch)}: ${problem}`);
            at++;
          } while (at < patches.length && performance.now() < until);
        });
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      const patch = patches[at] as PatchMessage;
      this.#endless.add(patch.seq);
      failed.push(`${nameOf(patch)}: ${this.interruption}`);
    }
    for (const line of failed) say(`while the server's instance was made again: ${line}`);
    return at === patches.length;
  }
}

/** It has printed what it prints when it came. Returns what went wrong. */
function installSilently(runtime: Runtime, { data, symbolName }: PatchMessage): string | undefined {
  const result = runtime.capture(
    () => undefined,
    () => runtime.install(Buffer.from(data, "base64"), symbolName),
  );
  return result.ok ? undefined : new JankError(result.error).message;
}

const nameOf = ({ symbols, ns }: PatchMessage): string => symbols[0]?.name ?? ns;
