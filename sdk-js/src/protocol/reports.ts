// What messages tell of: errors, symbols of patches, versions of vars, what an evaluation
// and an edit have led to. Each is a table, for messages, and the type that is made from it.

import {
  count,
  extend,
  listOf,
  nullable,
  number,
  oneOf,
  optional,
  shape,
  text,
  type Check,
  type Checked,
  type Shape,
} from "./shapes.js";

const traceFrame = {
  /** "eita/ggg"; a function in it: "eita/ggg/fn"; a top-level form: "eita". */
  name: text,
  file: text,
  /** Of the call; of the function where the engine tells no more (WebKit). */
  line: number,
};
/** A call that an exception was made in. */
export interface TraceFrame extends Shape<typeof traceFrame> {}

const errorReport = {
  phase: oneOf("read", "compile", "load", "run"),
  /** "ArithmeticException"; the class that `catch` names. */
  class: text,
  message: text,
  file: nullable(text),
  /** From 1; 0: not known. */
  line: number,
  column: number,
  /** The source line with a caret below the column. */
  excerpt: nullable(text),
  /** `ex-data`, printed. */
  data: nullable(text),
  /** Of a run-time error: jank's functions, innermost first. */
  trace: listOf(shape<TraceFrame>(traceFrame)),
};
/** What went wrong, as the runtime reports it (report_set_error in runtime/report.c). */
export interface ErrorReport extends Shape<typeof errorReport> {}
export const report: Check<ErrorReport> = shape<ErrorReport>(errorReport);

const patchSymbol = {
  name: text,
  signature: text,
};
/** A function of a patch ("eita/ggg", "1" or "2&"), or a value ("value"). */
export interface PatchSymbol extends Shape<typeof patchSymbol> {}

export const versionedSymbol = extend(patchSymbol, { version: count });
/** A var's version is the number of the definition, from 1; an undo goes back to an older one. */
export interface VersionedSymbol extends Shape<typeof versionedSymbol> {}

const varChange = {
  name: text,
  from: nullable(count),
  to: nullable(count),
};
/** null: it has no definition. */
export interface VarChange extends Shape<typeof varChange> {}
export const changes: Check<VarChange[]> = listOf(shape<VarChange>(varChange));

export const cause = oneOf("save", "eval", "undo");
/** Why something was sent: a file was saved, code was typed, a patch was undone. */
export type Cause = Checked<typeof cause>;

export const runtimeName = {
  id: text,
  name: text,
};
/** Where an expression ran: a page, or the server's own instance ("server"). */
export interface RuntimeName extends Shape<typeof runtimeName> {}

export const evaluation = {
  /** Printed as by `pr-str`; missing when there is an error. */
  value: optional(text),
  /** The namespace after the evaluation. */
  ns: text,
  out: text,
  err: text,
  error: optional(report),
};
export interface Evaluation extends Shape<typeof evaluation> {}

const pageReport = extend(runtimeName, {
  /** "silent": it has not answered in time. */
  status: oneOf("installed", "failed", "silent"),
  /** How many transactions it has answered. */
  patches: count,
  changes,
  transferMs: number,
  installMs: number,
  /** Why it refused: nothing was changed there. */
  error: optional(report),
});
/** What became of patches in one page, as the page has told. Times in milliseconds. */
export interface PageReport extends Shape<typeof pageReport> {}

export const pages: Check<PageReport[]> = listOf(shape<PageReport>(pageReport));

export const undoReport = {
  changes,
  pages,
};
/** What an undo changed. */
export interface UndoReport extends Shape<typeof undoReport> {}

/** An ErrorReport for what did not come from the runtime. */
export function reportOf(
  phase: ErrorReport["phase"],
  className: string,
  message: string,
): ErrorReport {
  return {
    phase,
    class: className,
    message,
    file: null,
    line: 0,
    column: 0,
    excerpt: null,
    data: null,
    trace: [],
  };
}
