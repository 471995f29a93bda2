// Source texts that are compiled in the instance's thread, form by form. A text outlives
// the thread: in the one that takes its place it is opened again, and goes on where it was.

import type { EvaluateOptions } from "./evaluator.js";
import type { Instance } from "./instance.js";
import { print, type Job } from "./job.js";
import type { Stretch, TakeOptions } from "./thread-calls.js";

/** A text that is being compiled. */
export interface Source {
  text: string;
  options: EvaluateOptions;
  /** Its number in the instance's thread, and which of these threads has it. */
  unit: number;
  generation: number | undefined;
  /** How many forms have come. */
  count: number;
}

export class Units {
  readonly #instance: Instance;
  #units = 0;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  open(text: string, options: EvaluateOptions): Source {
    return { text, options, unit: ++this.#units, generation: undefined, count: 0 };
  }

  close({ unit }: Source): void {
    void this.#instance.call("close", [unit]).catch(() => undefined);
  }

  /** Its next forms; what they took and printed is the job's. */
  async take(source: Source, job: Job, takeOptions: TakeOptions): Promise<Stretch> {
    let options = takeOptions;
    // The first one, or the instance has been replaced while a page was waited for.
    if (source.generation !== this.#instance.generation) {
      const { file = "<eval>", ns = "user", line = 1, column } = source.options;
      const place = { file, ns, line, ...(column !== undefined && { column }) };
      options = { ...options, open: { text: source.text, options: place, skip: source.count } };
    }
    const stretch = await this.#instance.call("take", [source.unit, options], {
      signal: job.options.signal,
      onOutput: (stream, text) => print(job, stream, text),
      readLine: job.options.readLine,
    });
    source.generation = this.#instance.generation;
    for (const { form } of stretch.taken) {
      job.compileMs += form.compileMs;
      job.bytes += form.bytes.length;
    }
    source.count += stretch.taken.length;
    return stretch;
  }
}
