// The thread of the server's instance of the runtime: it compiles, and runs what
// the server itself evaluates, so that nothing of that holds up a socket.
//
// It answers requests one after the other (ThreadCalls). What is printed goes to
// the server at once. Through a few shared words the server sees whether the thread
// gets on, and asks it to interrupt what it runs; if that does not help, the server
// ends the thread and starts another: see instance.ts.

import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { reportOf } from "../protocol.js";
import { Compiler, type CompiledForm, type Unit } from "../compiler.js";
import { JankError, Runtime, type InstallResult, type Stream } from "../runtime.js";
import { INTERRUPTED, INTERRUPTED_MESSAGE } from "../shared.js";
import {
  ANY,
  CALLBACK,
  WORDS,
  type Line,
  type Opening,
  type Stretch,
  type Taken,
  type TakeOptions,
  type ThreadCalls,
  type ThreadData,
  type ThreadMessage,
  type ThreadRequest,
} from "./thread-calls.js";

/** Printed text is sent when it is so long, or so old. */
const PIECE = 16 * 1024;
const PIECE_MS = 30;
/** Of one request so much is sent. */
const MAX_PRINTED = 64 * 1024 * 1024;

/** The bytes of a form that is live already are not asked for. */
const NOTHING = new Uint8Array();

interface Source {
  unit: Unit;
  /** How often each hash has come. */
  hashes: Map<string, number>;
  /** The form that came last was one of a `do`, and not its last. */
  isWithin: boolean;
  spentMs: number;
  /** Its namespace is ^:dev/always. */
  isAlways: boolean;
}

const { words, lines, moduleUrl, limit } = workerData as ThreadData;
const post = (message: ThreadMessage): void => parentPort?.postMessage(message);
const load = (word: keyof typeof WORDS): number => Atomics.load(words, WORDS[word]);
const store = (word: keyof typeof WORDS, value: number): void =>
  void Atomics.store(words, WORDS[word], value);
const tick = (): void => void Atomics.add(words, WORDS.ticks, 1);

// ---- Output -----------------------------------------------------------------------

/** Pieces of one stream that follow each other closely go as one. */
class Printer {
  #stream: Stream = "out";
  #text: string[] = [];
  #size = 0;
  #since = 0;
  #sent = 0;

  readonly add = (stream: Stream, text: string): void => {
    if (stream !== this.#stream) this.flush();
    if (this.#size === 0) this.#since = performance.now();
    this.#stream = stream;
    this.#text.push(text);
    this.#size += text.length + 1;
    if (this.#size > PIECE || performance.now() - this.#since > PIECE_MS) this.flush();
  };

  flush(): void {
    if (this.#size === 0) return;
    const text = this.#text.join("");
    if (this.#sent <= MAX_PRINTED) {
      const id = Math.max(0, load("busy"));
      post({ type: "output", id, stream: this.#stream, text });
      if ((this.#sent += this.#size) > MAX_PRINTED)
        post({ type: "output", id, stream: this.#stream, text: "\n(more was printed)\n" });
    }
    this.#text = [];
    this.#size = 0;
  }

  next(): void {
    this.flush();
    this.#sent = 0;
  }
}

const printer = new Printer();

// ---- Running ----------------------------------------------------------------------

const isAsked = (): boolean => {
  const asked = load("interrupt");
  return asked !== 0 && (asked === ANY || asked === load("busy"));
};

function busy<Result>(id: number, body: () => Result): Result {
  store("busy", id);
  tick();
  try {
    return body();
  } finally {
    printer.next();
    if (isAsked()) store("interrupt", 0);
    store("busy", 0);
  }
}

/** Milliseconds between two looks at whether what waits for a line is interrupted. */
const LOOK = 50;
let questions = 0;
/** Milliseconds that the form which runs has waited for lines: they are not its own. */
let waitedMs = 0;

/** The next line of the request that runs, of which the server has the rest. */
function readLine(): string | false | null {
  const id = load("busy");
  if (id === CALLBACK) return null;
  const started = performance.now();
  const question = ++questions;
  printer.flush();
  post({ type: "input", id, question });
  try {
    for (;;) {
      const seen = load("lines");
      if (isAsked()) return false;
      const got = receiveMessageOnPort(lines) as { message: Line } | undefined;
      if (got?.message.question === question) return got.message.line;
      tick();
      if (!got) Atomics.wait(words, WORDS.lines, seen, LOOK);
    }
  } finally {
    waitedMs += performance.now() - started;
  }
}

/** Milliseconds since then, but for those in which a line was waited for. */
function spentSince(started: number): number {
  const spent = performance.now() - started - waitedMs;
  waitedMs = 0;
  return spent;
}

/** A timer, a promise or a listener calls. */
function enter<Result>(call: () => Result): Result | undefined {
  if (load("busy") !== 0) return call();
  return busy(CALLBACK, () => {
    try {
      return call();
    } catch (error) {
      if ((error as Error).name !== INTERRUPTED) throw error;
      post({ type: "say", line: "interrupted: a callback ran too long" });
      return undefined;
    }
  });
}

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) =>
    post({ type: "say", line: `in the server's own instance: ${describe(error)}` }),
  );

const runtime = await Runtime.load({
  ...(moduleUrl !== undefined && { moduleUrl }),
  write: printer.add,
  enter,
  poll: isAsked,
  readLine,
  onTap: (text) => post({ type: "tap", text }),
});
const compiler = new Compiler(runtime);

// ---- Sources ----------------------------------------------------------------------

const sources = new Map<number, Source>();

function sourceOf(number: number, opening: Opening | undefined): Source {
  const known = sources.get(number);
  if (known) return known;
  if (!opening) throw new Error(`there is no unit ${number}`);
  const unit = compiler.open(opening.text, opening.options);
  const source = { unit, hashes: new Map(), isWithin: false, spentMs: 0, isAlways: false };
  sources.set(number, source);
  skip(source, opening.skip);
  return source;
}

/** Goes over forms that were taken before the thread was replaced. */
function skip(source: Source, count: number): void {
  for (let skipped = 0; skipped < count;) {
    const step = nextStep(source);
    if (step.status === "error") throw new JankError(step.error);
    if (step.status !== "form") return;
    skipped++;
  }
}

/** The second form of the same text, or of one `do`, is another form. */
function numbered(form: CompiledForm, hashes: Map<string, number>): CompiledForm {
  const count = (hashes.get(form.hash) ?? 0) + 1;
  hashes.set(form.hash, count);
  return count === 1 ? form : { ...form, hash: `${form.hash}-${count}` };
}

/** The next form. Those of one `do` have their time together: a macro may give them without end. */
function nextStep(
  source: Source,
): { status: "form"; form: CompiledForm } | Exclude<Stretch["end"], undefined> {
  const started = performance.now();
  store("line", 0);
  tick();
  const step = source.unit.next();
  const { place } = source.unit;
  if (step.status === "error") {
    const isCut = step.error.class === INTERRUPTED; // in a macro: told of the form
    return { ...step, error: { ...step.error, ...(isCut && place) } };
  }
  if (step.status !== "form") return step;
  const form = numbered(step.form, source.hashes);
  const ms = spentSince(started);
  source.spentMs = ms + (source.isWithin ? source.spentMs : 0);
  source.isWithin = form.more === true;
  const isLate = limit > 0 && source.spentMs > limit;
  if (!isLate && !isAsked()) return { status: "form", form };
  const error = { ...reportOf("run", INTERRUPTED, INTERRUPTED_MESSAGE), ...place };
  return { status: "error", error };
}

function take(unit: number, { open, passed, all, give, session }: TakeOptions): Stretch {
  const source = sourceOf(unit, open);
  const taken: Taken[] = [];
  for (;;) {
    const step = nextStep(source);
    if (step.status !== "form") return { taken, end: step };
    const { form } = step;
    if (form.kind === "ns" && form.always) source.isAlways = true;
    if (form.kind === "ns" && form.once && passed?.size)
      return { taken: [], end: { status: "end", isOnce: true } };
    if (passed?.has(form.hash) && !form.always && !source.isAlways) {
      taken.push({ fate: "passed", form: { ...form, bytes: NOTHING } });
      continue;
    }
    const end: Pick<Stretch, "end"> = form.last ? { end: { status: "end" } } : {};
    if (give && form.kind === "expr") return { taken: [...taken, { fate: "given", form }], ...end };
    const started = performance.now();
    const result = installForm(form, session);
    source.spentMs += spentSince(started);
    taken.push({ fate: "installed", form, result });
    if (!all || !result.ok) return { taken, ...end };
  }
}

function installForm(form: CompiledForm, session: string | undefined): InstallResult {
  store("line", form.line);
  store("column", form.column);
  tick();
  return runtime.installIn(session, form.bytes, form.entry);
}

/** What they print was printed when they came. */
function install(patches: { bytes: Uint8Array; entry: string }[]): (string | null)[] {
  return patches.map(({ bytes, entry }, i) => {
    store("line", i);
    tick();
    const result = runtime.capture(
      () => undefined,
      () => runtime.install(bytes, entry),
    );
    return result.ok ? null : new JankError(result.error).message;
  });
}

// ---- Requests ---------------------------------------------------------------------

const calls: ThreadCalls = {
  take,
  close(unit) {
    sources.get(unit)?.unit.close();
    sources.delete(unit);
  },
  install,
  installForm: ({ bytes, entry }) => runtime.install(bytes, entry),
  begin: () => runtime.begin(),
  commit: () => runtime.commit(),
  rollback: () => runtime.rollback(),
  evaluate: (code) => compiler.eval(code),
  invoke: (name, args) => runtime.invoke(name, ...args),
  coreNamespace: (ns) => compiler.coreNamespace(ns) ?? null,
  namespaceFailed: (ns) => compiler.namespaceFailed(ns),
  stats: () => runtime.stats(),
};

function answer({ id, call, args }: ThreadRequest): void {
  try {
    const body = calls[call] as (...args: unknown[]) => unknown;
    post({ type: "reply", id, result: busy(id, () => body(...args)) });
  } catch (error) {
    const report =
      error instanceof JankError
        ? error.report
        : reportOf("run", (error as Error).name, (error as Error).message);
    post({ type: "failed", id, report });
  }
}

parentPort?.on("message", answer);
post({ type: "ready" });
