// What the server and its instance's thread say to each other: requests, what comes
// back, and a few words of memory that both see. See thread.ts and instance.ts.

import type { MessagePort } from "node:worker_threads";
import type { CompiledForm, NamespaceSource, SourceOptions } from "../compiler.js";
import type { ErrorReport, Evaluation } from "../protocol.js";
import type { InstallResult, RuntimeStats, Stream } from "../runtime.js";

/** Words that both threads see. */
export const WORDS = {
  /** Set by the server: the request that is to be interrupted, or ANY. */
  interrupt: 0,
  /** The request that is being answered; CALLBACK: a timer, a promise or a listener; 0: none. */
  busy: 1,
  /** Grows with each step that may take as long as the limit allows. */
  ticks: 2,
  /** The place of the form that runs; 0: not known. Of install: the number of the patch. */
  line: 3,
  column: 4,
  /** Grows with each line that the server sends. */
  lines: 5,
} as const;
export const WORD_COUNT = 6;
export const ANY = -1;
export const CALLBACK = -2;

export interface ThreadData {
  words: Int32Array<SharedArrayBuffer>;
  /** Where lines come that were asked for: `Line`. */
  lines: MessagePort;
  moduleUrl: string | undefined;
  /** Milliseconds that forms of one text may take together; 0: no limit. */
  limit: number;
}

/** A text that this thread has not yet; of it so many forms were taken in an earlier one. */
export interface Opening {
  text: string;
  options: SourceOptions;
  skip: number;
}

export interface TakeOptions {
  /** Given with the first one of a unit. */
  open?: Opening;
  /** Hashes of forms that are live already. */
  passed?: ReadonlySet<string>;
  /** Goes on until something is missing, wrong, or the end; else one form is taken. */
  all?: boolean;
  /** An expression is given out, not installed here. */
  give?: boolean;
  session?: string;
}

/** A form, and what became of it. */
export type Taken =
  /** Without its bytes. */
  | { fate: "passed"; form: CompiledForm }
  | { fate: "given"; form: CompiledForm }
  | { fate: "installed"; form: CompiledForm; result: InstallResult };

export interface Stretch {
  taken: Taken[];
  /** What came after them; undefined: nothing yet. */
  end?:
    | { status: "missing"; ns: string }
    | { status: "error"; error: ErrorReport }
    /** `isOnce`: of a namespace that is live, and that is loaded once. */
    | { status: "end"; isOnce?: boolean };
}

/** What the server asks for. Rejects with the JankError's report. */
export interface ThreadCalls {
  /** `unit`: any number, which no other one has. */
  take(unit: number, options: TakeOptions): Stretch;
  close(unit: number): void;
  /** Silently. What went wrong with each; null: nothing. */
  install(patches: { bytes: Uint8Array; entry: string }[]): (string | null)[];
  installForm(form: Pick<CompiledForm, "bytes" | "entry">): InstallResult;
  begin(): void;
  commit(): void;
  rollback(): void;
  evaluate(code: string): Evaluation;
  invoke(name: string, args: unknown[]): unknown;
  coreNamespace(ns: string): NamespaceSource | null;
  namespaceFailed(ns: string): void;
  stats(): RuntimeStats;
}

/** The answer to that question; null: there are no more. */
export interface Line {
  question: number;
  line: string | null;
}

export interface ThreadRequest {
  id: number;
  call: keyof ThreadCalls;
  args: unknown[];
}

export type ThreadMessage =
  | { type: "ready" }
  | { type: "reply"; id: number; result: unknown }
  | { type: "failed"; id: number; report: ErrorReport }
  /** id 0: of no request. */
  | { type: "output"; id: number; stream: Stream; text: string }
  /** A request's program waits for a line. Questions are numbered. */
  | { type: "input"; id: number; question: number }
  | { type: "tap"; text: string }
  /** A line for people. */
  | { type: "say"; line: string };
