// What one request carries on its way through the engine: what it asked for, what it has
// taken and printed, and which transactions it has led to.

import type { VarChange } from "../protocol.js";
import type { Stream } from "../runtime.js";
import type { EvaluateOptions } from "./evaluator.js";

export interface Job {
  options: EvaluateOptions;
  commits: number[];
  compileMs: number;
  bytes: number;
  out: string;
  err: string;
  changes: VarChange[];
}

export function newJob(options: EvaluateOptions): Job {
  return { options, commits: [], compileMs: 0, bytes: 0, out: "", err: "", changes: [] };
}

/** Something was printed for it. */
export function print(job: Job, stream: Stream, text: string): void {
  if (text === "") return;
  job[stream] += text;
  job.options.onOutput?.(stream, text);
}
