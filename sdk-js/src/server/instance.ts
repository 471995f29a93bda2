// The server's instance of the runtime, in a thread of its own. What it evaluates
// is limited in time, and can be interrupted: the runtime is asked first, and goes
// on with all that it holds. Where that does not help within a while, as in a
// regular expression, the thread is ended. Another one takes its place and installs
// what the log has, as a page does that connects: values that only the old one had
// are gone.

import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { reportOf, type ErrorReport } from "../protocol.js";
import { JankError, type Stream } from "../runtime.js";
import { INTERRUPTED, INTERRUPTED_MESSAGE } from "../shared.js";
import { moduleOf, type PatchLog, type PatchMessage } from "./patch-log.js";
import {
  ANY,
  CALLBACK,
  WORD_COUNT,
  WORDS,
  type Line,
  type ThreadCalls,
  type ThreadData,
  type ThreadMessage,
} from "./thread-calls.js";

export interface InstanceOptions {
  log: PatchLog;
  moduleUrl?: string | URL;
  /** Seconds that one form may take; 0: as long as it likes. */
  evalTimeout: number;
  /** What is printed and belongs to no evaluation. */
  write: (stream: Stream, text: string) => void;
  onTap: (text: string) => void;
  /** A line for people. */
  say: (line: string) => void;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  onOutput?: ((stream: Stream, text: string) => void) | undefined;
  /** What it reads; by default nothing. */
  readLine?: (() => Promise<string | null>) | undefined;
}

interface Pending extends Pick<CallOptions, "onOutput" | "readLine"> {
  resolve: (result: never) => void;
  reject: (error: JankError) => void;
}

/** Milliseconds: how often is looked, and how long the runtime has to stop by itself. */
const LOOK = 25;
const GRACE = 500;

const THREAD = new URL("./thread.js", import.meta.url);

export class Instance {
  readonly #options: InstanceOptions;
  readonly #pending = new Map<number, Pending>();
  /** Patches that did not end when they were installed again. */
  readonly #endless = new Set<number>();
  readonly #watch = setInterval(() => this.#look(), LOOK).unref();
  #words = new Int32Array(new SharedArrayBuffer(4 * WORD_COUNT));
  #worker!: Worker;
  #lines!: MessagePort;
  /** The request that waits for a line; 0: none. */
  #reading = 0;
  /** While the instance is made. */
  #replacement: Promise<void> | undefined;
  #requests = 0;
  #ticks = 0;
  /** Since when the thread has not got on, and since when it is asked to stop; 0: not. */
  #since = 0;
  #askedAt = 0;
  #isClosed = false;
  /** Grows when the instance is replaced: units of an earlier one are gone. */
  generation = 0;
  /** What is said of what was cut off. */
  interruption = INTERRUPTED_MESSAGE;

  private constructor(options: InstanceOptions) {
    this.#options = options;
  }

  /** Rejects with a JankError when the runtime does not start. */
  static async start(options: InstanceOptions): Promise<Instance> {
    const instance = new Instance(options);
    try {
      await instance.#replace();
    } catch (error) {
      await instance.close();
      throw error;
    }
    return instance;
  }

  /** Rejects with a JankError; its class is INTERRUPTED when the call was cut off. */
  async call<Name extends keyof ThreadCalls>(
    name: Name,
    args: Parameters<ThreadCalls[Name]>,
    options: CallOptions = {},
  ): Promise<ReturnType<ThreadCalls[Name]>> {
    while (this.#replacement) await this.#replacement;
    if (this.#isClosed) throw new JankError(reportOf("run", INTERRUPTED, "the server has ended"));
    if (options.signal?.aborted)
      throw new JankError(reportOf("run", INTERRUPTED, INTERRUPTED_MESSAGE));
    return this.#request(name, args, options);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    const worker = this.#worker as Worker | undefined;
    worker?.ref(); // or the process ends before whoever waits for this goes on
    await worker?.terminate();
  }

  /** What waits for input gives way to an edit. */
  stopReading(): void {
    if (this.#reading > 0)
      this.#ask(this.#reading, "interrupted: an edit came while it waited for input");
  }

  // ---- Requests -------------------------------------------------------------------

  #request<Name extends keyof ThreadCalls>(
    name: Name,
    args: Parameters<ThreadCalls[Name]>,
    { signal, onOutput, readLine }: CallOptions,
  ): Promise<ReturnType<ThreadCalls[Name]>> {
    const id = ++this.#requests;
    const interrupt = () => this.#ask(id, INTERRUPTED_MESSAGE);
    signal?.addEventListener("abort", interrupt);
    return new Promise<ReturnType<ThreadCalls[Name]>>((resolve, reject) => {
      const settle = resolve as Pending["resolve"];
      this.#pending.set(id, { resolve: settle, reject, onOutput, readLine });
      this.#worker.ref();
      this.#worker.postMessage({ id, call: name, args });
    }).finally(() => signal?.removeEventListener("abort", interrupt));
  }

  #receive(message: ThreadMessage): void {
    switch (message.type) {
      case "ready":
        break;
      case "reply":
        this.#settle(message.id)?.resolve(message.result as never);
        break;
      case "failed":
        this.#settle(message.id)?.reject(new JankError(message.report));
        break;
      case "output": {
        const write = this.#pending.get(message.id)?.onOutput ?? this.#options.write;
        write(message.stream, message.text);
        break;
      }
      case "input":
        void this.#read(message);
        break;
      case "tap":
        this.#options.onTap(message.text);
        break;
      case "say":
        this.#options.say(message.line);
        break;
      default:
        message satisfies never;
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#reading === id) this.#reading = 0;
    if (this.#pending.size === 0 && !this.#isClosed) this.#worker.unref();
    return pending;
  }

  async #read({ id, question }: Extract<ThreadMessage, { type: "input" }>): Promise<void> {
    this.#reading = id;
    const line = (await this.#pending.get(id)?.readLine?.()) ?? null;
    if (this.#reading !== id) return; // it was interrupted
    this.#reading = 0;
    this.#lines.postMessage({ question, line } satisfies Line);
    Atomics.add(this.#words, WORDS.lines, 1);
    Atomics.notify(this.#words, WORDS.lines);
  }

  // ---- Interrupting ----------------------------------------------------------------

  #ask(id: number, interruption: string): void {
    this.interruption = interruption;
    this.#askedAt ||= performance.now();
    Atomics.store(this.#words, WORDS.interrupt, id);
  }

  #look(): void {
    const now = performance.now();
    const busy = Atomics.load(this.#words, WORDS.busy);
    const ticks = Atomics.load(this.#words, WORDS.ticks);
    if (busy === 0 || ticks !== this.#ticks) {
      this.#ticks = ticks;
      this.#since = now;
      this.#askedAt = 0;
      return;
    }
    const limit = this.#options.evalTimeout * 1000;
    if (this.#askedAt > 0 && now - this.#askedAt > GRACE) this.#kill(busy);
    else if (this.#askedAt === 0 && limit > 0 && now - this.#since > limit)
      this.#ask(
        busy === CALLBACK ? ANY : busy,
        `interrupted: the evaluation ran longer than ${this.#options.evalTimeout} s ` +
          "(--eval-timeout sets the limit)",
      );
  }

  #kill(busy: number): void {
    if (busy === CALLBACK) this.#options.say(`${this.interruption} (in a callback)`);
    const [line, column] = [this.#word("line"), this.#word("column")];
    const place = line > 0 ? { line, column } : {};
    void this.#worker.terminate();
    this.#fail({ ...reportOf("run", INTERRUPTED, this.interruption), ...place });
    this.#replaceOrSay();
  }

  #fail(report: ErrorReport): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(new JankError(report));
  }

  #word(name: keyof typeof WORDS): number {
    return Atomics.load(this.#words, WORDS[name]);
  }

  // ---- The next instance ------------------------------------------------------------

  #replace(): Promise<void> {
    this.#replacement ??= this.#make().finally(() => (this.#replacement = undefined));
    return this.#replacement;
  }

  async #make(): Promise<void> {
    const { log, say } = this.#options;
    for (let isEndless = true; isEndless;) {
      await this.#spawn();
      const patches = log.since(null, 0).filter(({ seq }) => !this.#endless.has(seq));
      const failed = await this.#installAll(patches);
      for (const line of failed.lines) say(`while the server's instance was made again: ${line}`);
      isEndless = failed.isEndless;
    }
  }

  async #installAll(patches: PatchMessage[]): Promise<{ lines: string[]; isEndless: boolean }> {
    try {
      const problems = await this.#request("install", [patches.map(moduleOf)], {});
      const lines = problems.flatMap((problem, i) => {
        if (problem?.startsWith("interrupted")) this.#endless.add(patches[i]?.seq ?? 0);
        return problem === null ? [] : [`${nameOf(patches[i])}: ${problem}`];
      });
      return { lines, isEndless: false };
    } catch (error) {
      if (!(error instanceof JankError) || error.report.class !== INTERRUPTED) throw error;
      const patch = patches[this.#word("line")];
      if (patch) this.#endless.add(patch.seq);
      return { lines: [`${nameOf(patch)}: ${error.message}`], isEndless: true };
    }
  }

  async #spawn(): Promise<void> {
    const { moduleUrl, evalTimeout } = this.#options;
    this.generation++;
    this.#words = new Int32Array(new SharedArrayBuffer(4 * WORD_COUNT));
    this.#askedAt = this.#ticks = this.#reading = 0;
    const { port1, port2 } = new MessageChannel();
    this.#lines = port1;
    const workerData: ThreadData = {
      words: this.#words,
      lines: port2,
      moduleUrl: moduleUrl === undefined ? undefined : String(moduleUrl),
      limit: evalTimeout * 1000,
    };
    const worker = (this.#worker = new Worker(THREAD, {
      workerData,
      transferList: [port2],
      name: "jank",
    }));
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (message: ThreadMessage) => {
        if (message.type === "ready") resolve();
        if (worker === this.#worker) this.#receive(message);
      });
      worker.on("error", reject);
      worker.on("exit", () => {
        reject(new JankError(reportOf("load", "Error", "the runtime's thread ended")));
        if (worker === this.#worker) this.#ended();
      });
    });
    worker.unref();
  }

  /** By itself: `(js/process.exit)`, or no memory. */
  #ended(): void {
    this.#fail(reportOf("run", INTERRUPTED, "the server's instance ended, and is made again"));
    if (!this.#isClosed) this.#replaceOrSay();
  }

  #replaceOrSay(): void {
    this.#replace().catch((error: unknown) => this.#options.say(String(error)));
  }
}

const nameOf = (patch: PatchMessage | undefined): string =>
  patch?.symbols[0]?.name ?? patch?.ns ?? "a patch";
