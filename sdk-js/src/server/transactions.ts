// How the application changes: in the server's own instance first, then in the log, then in
// every page; all of a transaction, or nothing. What works with the instance comes one after
// the other; only pages are waited for without holding it.

import type { CompiledForm } from "../compiler.js";
import { reportOf, type ErrorReport, type PageReport } from "../protocol.js";
import { JankError } from "../runtime.js";
import { INTERRUPTED, INTERRUPTED_MESSAGE } from "../shared.js";
import type { EvaluateOptions } from "./evaluator.js";
import type { Instance } from "./instance.js";
import type { Job } from "./job.js";
import type { FileForms, Origin, PatchLog, Transaction as LoggedTransaction } from "./patch-log.js";
import type { Pages } from "./pages.js";

/** One on its way: a file's own forms and those of what it requires, in their order. */
export interface Transaction {
  job: Job;
  forms: CompiledForm[];
  /** The path of the file that has the form; of the library: undefined. */
  paths: (string | undefined)[];
  /** What will be live of each file. */
  files: Map<string, FileForms>;
}

export const newTransaction = (job: Job): Transaction => ({
  job,
  forms: [],
  paths: [],
  files: new Map(),
});

type Failed = ErrorReport | undefined;

export class Transactions {
  readonly #instance: Instance;
  readonly #log: PatchLog;
  readonly #pages: Pages;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(instance: Instance, log: PatchLog, pages: Pages) {
    this.#instance = instance;
    this.#log = log;
    this.#pages = pages;
  }

  exclusively<Result>(body: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(body);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** All of it is installed here and sent, or nothing. */
  async run(
    job: Job,
    origin: Origin,
    body: (transaction: Transaction) => Promise<Failed>,
  ): Promise<Failed> {
    const transaction = newTransaction(job);
    const error = await this.atomically(() => body(transaction));
    if (error) return this.explained(error, job.options);
    const { forms, paths, files } = transaction;
    if (forms.length) this.broadcast(this.#log.append(forms, origin, paths, [...files]), job);
    else for (const [path, live] of files) this.#log.setFile(path, live);
    for (const [path, live] of files) this.#log.forget(path, new Set(live.map(([hash]) => hash)));
    return undefined;
  }

  /** What the body installs here is taken back when it fails: by its answer, or a throw. */
  async atomically(body: () => Promise<Failed>): Promise<Failed> {
    try {
      await this.#instance.call("begin", []);
      return await this.#commit(this.#instance.generation, body);
    } catch (error) {
      if (!(error instanceof JankError)) throw error;
      return error.report;
    }
  }

  /** In the transaction that has begun. */
  async #commit(generation: number, body: () => Promise<Failed>): Promise<Failed> {
    let isGood = false;
    try {
      const error = await body();
      isGood = error === undefined;
      // Of a thread that was replaced meanwhile nothing is left.
      if (isGood && generation !== this.#instance.generation)
        return reportOf("run", INTERRUPTED, INTERRUPTED_MESSAGE);
      return error;
    } finally {
      if (generation === this.#instance.generation)
        await this.#instance.call(isGood ? "commit" : "rollback", []);
    }
  }

  broadcast({ commit, messages, changes }: LoggedTransaction, job: Job): void {
    this.#pages.broadcast(messages);
    job.commits.push(commit);
    job.changes.push(...changes);
  }

  /** What became of the job's transactions in the pages. */
  async reports({ commits }: Job): Promise<PageReport[]> {
    return commits.length ? this.#pages.reports(commits) : [];
  }

  /** What was cut off is told why. */
  explained(error: ErrorReport, { file }: EvaluateOptions): ErrorReport {
    if (error.class !== INTERRUPTED) return error;
    const isOurs = error.message === INTERRUPTED_MESSAGE;
    const message = isOurs ? this.#instance.interruption : error.message;
    return { ...error, message, file: error.file ?? file ?? null };
  }
}
