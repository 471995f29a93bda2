// What editors, pages and the command line need of the engine: the contract between
// nREPL, HTTP, WebSocket on one side and engine.ts on the other.

import type { Evaluation, PageReport, RuntimeName, UndoReport } from "../protocol.js";
import type { Stream } from "../runtime.js";
import type { Page } from "./pages.js";

/** The `id` of the server's own instance, where runtimes are listed. */
export const SERVER_RUNTIME: RuntimeName = { id: "server", name: "the server's own instance" };

export interface EvaluateOptions {
  ns?: string;
  file?: string;
  /** From 1: where the code begins in its file. */
  line?: number;
  column?: number;
  /**
   * Where expressions run: that page, or the server's own instance. By default in
   * the page that was focused last; without any page, in the server's own instance.
   */
  page?: Page | "server" | undefined;
  /** Whose *1 *2 *3 *e it reads and sets; by default nobody's. */
  session?: string;
  /** Aborted: what runs is interrupted, wherever it runs. */
  signal?: AbortSignal;
  /** What is printed, and each form's value, as it comes. */
  onOutput?: (stream: Stream, text: string) => void;
  onValue?: (value: string, ns: string) => void;
  /**
   * The next line for what reads, without its end; null: there are no more, as always by
   * default. What waits for one keeps its runtime from everything else, gives way to an
   * edit, and can be interrupted.
   */
  readLine?: () => Promise<string | null>;
}

export interface EvaluateResult extends Evaluation {
  /** Where expressions ran. */
  runtime: RuntimeName;
  pages: PageReport[];
  compileMs: number;
  /** Of the patches that were sent. */
  bytes: number;
}

export interface Evaluator {
  /**
   * Definitions go to every page, an expression to one. Never rejects for what the
   * code does: that is `error`, with the class InterruptedException when the signal
   * was aborted, or when it ran longer than the server's limit.
   */
  evaluate(code: string, options?: EvaluateOptions): Promise<EvaluateResult>;
  /** Whether there is a namespace of this name, in the server's instance. */
  hasNamespace(ns: string): Promise<boolean>;
  /**
   * Calls a function with plain data in the server's instance, `query("jank.dev/complete",
   * "ma", "user")`; the result as plain data. A namespace that the function needs is
   * loaded first. Rejects with a JankError.
   */
  query(name: string, ...args: unknown[]): Promise<unknown>;
  /** Of the last transaction, or of the last definition of each of these vars. Rejects with a JankError. */
  undo(vars?: string[]): Promise<UndoReport>;
}
