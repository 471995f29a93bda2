// Code that is typed, form by form: definitions go everywhere, each as a transaction;
// an expression to one page, or it is evaluated here. What it requires is loaded before.

import { randomBytes } from "node:crypto";
import { withPlace, type CompiledForm } from "../compiler.js";
import type { ErrorReport, Evaluation } from "../protocol.js";
import { JankError, type InstallResult } from "../runtime.js";
import { print, type Job } from "./job.js";
import type { Loader } from "./loader.js";
import type { PatchLog } from "./patch-log.js";
import type { Page, Pages } from "./pages.js";
import type { Taken } from "./thread-calls.js";
import type { Transactions } from "./transactions.js";
import type { Source, Units } from "./units.js";

type Given = Extract<Taken, { fate: "given" }>;
type Installed = Extract<Taken, { fate: "installed" }>;
type Ending = { value?: string; ns: string; error?: ErrorReport };

export interface TypedOptions {
  pages: Pages;
  log: PatchLog;
  units: Units;
  transactions: Transactions;
  loader: Loader;
}

export class TypedCode {
  readonly #pages: Pages;
  readonly #log: PatchLog;
  readonly #units: Units;
  readonly #transactions: Transactions;
  readonly #loader: Loader;
  /** In the names of what pages run. */
  readonly #life = randomBytes(4).toString("hex");
  #runs = 0;

  constructor({ pages, log, units, transactions, loader }: TypedOptions) {
    this.#pages = pages;
    this.#log = log;
    this.#units = units;
    this.#transactions = transactions;
    this.#loader = loader;
  }

  async evaluate(code: string, job: Job): Promise<Ending> {
    const { options } = job;
    let ns = options.ns ?? "user";
    let value: string | undefined;
    let source: Source | undefined;
    const failed = (error: ErrorReport): Ending => ({
      ns,
      error: this.#transactions.explained(error, options),
    });
    try {
      for (;;) {
        const page = options.page ?? this.#pages.current;
        const isElsewhere = page !== undefined && page !== "server";
        const step = await this.#transactions.exclusively(async () => {
          source ??= this.#units.open(code, { ...options, ns });
          return this.takeOne(source, job, isElsewhere);
        });
        if ("error" in step) return failed(step.error);
        const { taken } = step;
        if (taken === undefined) break;
        const { form } = taken;
        const result =
          taken.fate === "given"
            ? await this.#runInPage(page as Page, form, job)
            : endingOf(taken.result);
        if (result.error) return failed(withPlace(result.error, form, options));
        value = result.value ?? "nil";
        ns = form.ns;
        // Only the last value of a `do` is told.
        if (!form.more) options.onValue?.(value, ns);
        if (step.isEnd) break;
      }
      return { ns, ...(value !== undefined && { value }) };
    } finally {
      if (source) this.#units.close(source);
    }
  }

  /** The next form, with what it requires loaded; when it defines something, everywhere. */
  async takeOne(
    source: Source,
    job: Job,
    give: boolean,
  ): Promise<{ taken?: Given | Installed; isEnd: boolean } | { error: ErrorReport }> {
    const { session } = job.options;
    for (;;) {
      try {
        const { taken, end } = await this.#units.take(source, job, {
          give,
          ...(session && { session }),
        });
        const [form] = taken as (Given | Installed)[];
        if (form) {
          if (form.fate === "installed" && form.result.ok && form.form.kind !== "expr")
            this.#transactions.broadcast(this.#log.append([form.form]), job);
          return { taken: form, isEnd: end !== undefined };
        }
        if (end?.status === "end" || !end) return { isEnd: true };
        if (end.status === "error") return end;
        const error = await this.#loader.loadNamespace(end.ns, job);
        if (error) return { error };
      } catch (error) {
        if (!(error instanceof JankError)) throw error;
        return { error: error.report };
      }
    }
  }

  async #runInPage(page: Page, form: CompiledForm, job: Job): Promise<Partial<Evaluation>> {
    const { session, signal, readLine } = job.options;
    const result = await page.run(`${this.#life}-${++this.#runs}`, form, {
      session,
      signal,
      readLine,
      after: this.#log.seq,
      onOutput: (stream, text) => print(job, stream, text),
    });
    print(job, "out", result.out);
    print(job, "err", result.err);
    return result;
  }
}

const endingOf = (result: InstallResult): Partial<Evaluation> =>
  result.ok ? { value: result.value } : { error: result.error };
