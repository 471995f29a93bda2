// The messages between server and pages: JSON texts over one WebSocket.
//
// A patch is named by the server's epoch (one life of its log) and a sequence
// number. Patches come as transactions: those up to the number `commit` belong
// together, and a page installs all of them or none. A page says at its handshake
// what it has, gets what it misses, and acknowledges every transaction. Numbers
// grow; gaps are superseded patches, so each patch names the one before it (`after`):
// a page that has not that far asks to be sent again what it misses (`resume`).

export const PROTOCOL_VERSION = 2;
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** JANK_PATCH_MAX_SIZE of jank_patch.h. */
export const MAX_PATCH_BYTES = 4 * 1024 * 1024;
export const DEFAULT_PORTS = { http: 8080, webSocket: 7888, nrepl: 7889 } as const;

/** A call that an exception was made in. */
export interface TraceFrame {
  /** "eita/ggg"; a function in it: "eita/ggg/fn"; a top-level form: "eita". */
  name: string;
  file: string;
  /** Of the call; of the function where the engine tells no more (WebKit). */
  line: number;
}

/** What went wrong, as the runtime reports it (runtime.c: runtime_write_error). */
export interface ErrorReport {
  phase: "read" | "compile" | "load" | "run";
  /** "ArithmeticException"; the class that `catch` names. */
  class: string;
  message: string;
  file: string | null;
  /** From 1; 0: not known. */
  line: number;
  column: number;
  /** The source line with a caret below the column. */
  excerpt: string | null;
  /** `ex-data`, printed. */
  data: string | null;
  /** Of a run-time error: jank's functions, innermost first. */
  trace: TraceFrame[];
}

/** A function of a patch ("eita/ggg", "1" or "2&"), or a value ("value"). */
export interface PatchSymbol {
  name: string;
  signature: string;
}

/** A var's version is the number of the definition, from 1; an undo goes back to an older one. */
export interface VersionedSymbol extends PatchSymbol {
  version: number;
}

/** null: it has no definition. */
export interface VarChange {
  name: string;
  from: number | null;
  to: number | null;
}

/** Why something was sent: a file was saved, code was typed, a patch was undone. */
export type Cause = "save" | "eval" | "undo";

/** Where an expression ran: a page, or the server's own instance ("server"). */
export interface RuntimeName {
  id: string;
  name: string;
}

export interface Evaluation {
  /** Printed as by `pr-str`; missing when there is an error. */
  value?: string;
  /** The namespace after the evaluation. */
  ns: string;
  out: string;
  err: string;
  error?: ErrorReport;
}

/** What became of patches in one page, as the page has told. Times in milliseconds. */
export interface PageReport extends RuntimeName {
  /** "silent": it has not answered in time. */
  status: "installed" | "failed" | "silent";
  /** How many transactions it has answered. */
  patches: number;
  changes: VarChange[];
  transferMs: number;
  installMs: number;
  /** Why it refused: nothing was changed there. */
  error?: ErrorReport;
}

/** What an undo changed. */
export interface UndoReport {
  changes: VarChange[];
  pages: PageReport[];
}

/** The program's *out*, the page's console, `tap>`. */
export type OutputSource = "program" | "console" | "tap";

export type ClientMessage =
  | {
      type: "handshake";
      version: number;
      clientId: string;
      name: string;
      /** The page's address; "" where there is none. */
      location: string;
      /** Of the patches it has; null: none. */
      epoch: string | null;
      seq: number;
    }
  | {
      type: "patch_ack";
      epoch: string;
      seq: number;
      status: "installed" | "failed";
      changes: VarChange[];
      transferMs: number;
      installMs: number;
      error?: ErrorReport;
    }
  | {
      type: "eval";
      id: string;
      code: string;
      ns?: string;
      file?: string;
      line?: number;
      column?: number;
    }
  | ({ type: "eval_result"; id: string; installMs: number } & Evaluation)
  /** Something has not arrived: everything after that patch is to be sent again. */
  | { type: "resume"; epoch: string | null; seq: number }
  /** Of the evaluation `id` that this page has asked for. */
  | { type: "interrupt"; id: string }
  /** Of the last transaction, or of these vars' last definitions. */
  | { type: "undo"; id: string; vars?: string[] }
  /** While it ran, not as an answer. `vars`: of the stack, patched just now; to be rolled back. */
  | { type: "failure"; error: ErrorReport; vars: { name: string; version: number }[] }
  | { type: "output"; stream: "out" | "err"; source: OutputSource; text: string }
  | { type: "focus" }
  | { type: "ping"; at: number };

export type ServerMessage =
  | { type: "handshake_ack"; version: number; epoch: string; seq: number }
  | {
      type: "patch";
      epoch: string;
      seq: number;
      /** The patch before it, which a page must have. */
      after: number;
      /** The number of the transaction's last patch. */
      commit: number;
      cause: Cause;
      /** That was saved. */
      file: string | null;
      /** The side module, base64. */
      data: string;
      /** The entry function. */
      symbolName: string;
      symbols: VersionedSymbol[];
      ns: string;
      /** Of the form's source text: the same form again need not be installed. */
      hash: string;
      /** When it was sent. */
      timestamp: number;
      compileMs: number;
    }
  | {
      type: "run";
      id: string;
      data: string;
      symbolName: string;
      ns: string;
      session?: string;
      /** The patch that the page must have before it runs this; none: as it is. */
      after?: number;
    }
  | ({
      type: "eval_result";
      id: string;
      runtime: RuntimeName;
      pages: PageReport[];
      compileMs: number;
    } & Evaluation)
  | ({ type: "undo_result"; id: string } & UndoReport)
  | { type: "error"; id?: string; error: ErrorReport }
  /** Who has everything up to `after` has everything up to `seq`. */
  | { type: "current"; epoch: string; after: number; seq: number }
  /** What an earlier error said of this file holds no more. */
  | { type: "mended"; file: string | null }
  /** With the newest patch, for who has missed it. */
  | { type: "pong"; at: number; epoch: string; seq: number };

// ---- Checking ---------------------------------------------------------------

// Of the two tables each side needs one: what makes the checks is marked, so that a
// bundler leaves the other out.

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
/* @__NO_SIDE_EFFECTS__ */
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/* @__NO_SIDE_EFFECTS__ */
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
/* @__NO_SIDE_EFFECTS__ */
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
/* @__NO_SIDE_EFFECTS__ */
const oneOf =
  (...values: string[]): Check =>
  (value) =>
    typeof value === "string" && values.includes(value);
/* @__NO_SIDE_EFFECTS__ */
const shape =
  (fields: Record<string, Check>): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(fields).every(([name, check]) =>
      check((value as Record<string, unknown>)[name]),
    );

const report = shape({
  phase: oneOf("read", "compile", "load", "run"),
  class: text,
  message: text,
  file: nullable(text),
  line: number,
  column: number,
  excerpt: nullable(text),
  data: nullable(text),
  trace: listOf(shape({ name: text, file: text, line: number })),
});

const symbol = shape({ name: text, signature: text, version: count });

const change = shape({ name: text, from: nullable(count), to: nullable(count) });

/* @__NO_SIDE_EFFECTS__ */
const evaluation = <More>(more: More) => ({
  value: optional(text),
  ns: text,
  out: text,
  err: text,
  error: optional(report),
  ...more,
});

const page = shape({
  id: text,
  name: text,
  status: oneOf("installed", "failed", "silent"),
  patches: count,
  changes: listOf(change),
  transferMs: number,
  installMs: number,
  error: optional(report),
});

const runtimeName = shape({ id: text, name: text });

type Fields<Message extends { type: string }> = {
  [Type in Message["type"]]: Record<Exclude<keyof Extract<Message, { type: Type }>, "type">, Check>;
};

const clientFields: Fields<ClientMessage> = {
  handshake: {
    version: count,
    clientId: text,
    name: text,
    location: text,
    epoch: nullable(text),
    seq: count,
  },
  patch_ack: {
    epoch: text,
    seq: count,
    status: oneOf("installed", "failed"),
    changes: listOf(change),
    transferMs: number,
    installMs: number,
    error: optional(report),
  },
  eval: {
    id: text,
    code: text,
    ns: optional(text),
    file: optional(text),
    line: optional(count),
    column: optional(count),
  },
  eval_result: evaluation({ id: text, installMs: number }),
  resume: { epoch: nullable(text), seq: count },
  interrupt: { id: text },
  undo: { id: text, vars: optional(listOf(text)) },
  failure: { error: report, vars: listOf(shape({ name: text, version: count })) },
  output: {
    stream: oneOf("out", "err"),
    source: oneOf("program", "console", "tap"),
    text,
  },
  focus: {},
  ping: { at: number },
};

const serverFields: Fields<ServerMessage> = {
  handshake_ack: { version: count, epoch: text, seq: count },
  patch: {
    epoch: text,
    seq: count,
    after: count,
    commit: count,
    cause: oneOf("save", "eval", "undo"),
    file: nullable(text),
    data: text,
    symbolName: text,
    symbols: listOf(symbol),
    ns: text,
    hash: text,
    timestamp: number,
    compileMs: number,
  },
  run: {
    id: text,
    data: text,
    symbolName: text,
    ns: text,
    session: optional(text),
    after: optional(count),
  },
  eval_result: evaluation({
    id: text,
    runtime: runtimeName,
    pages: listOf(page),
    compileMs: number,
  }),
  undo_result: { id: text, changes: listOf(change), pages: listOf(page) },
  error: { id: optional(text), error: report },
  current: { epoch: text, after: count, seq: count },
  mended: { file: nullable(text) },
  pong: { at: number, epoch: text, seq: count },
};

/** A message that is not one of the protocol's. The text may go to its sender. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}

function parse(data: string, messages: Record<string, Record<string, Check>>): { type: string } {
  if (data.length > MAX_MESSAGE_BYTES) throw new ProtocolError("the message is too large");
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    throw new ProtocolError("the message is not JSON");
  }
  if (typeof message !== "object" || message === null || Array.isArray(message))
    throw new ProtocolError("the message is not an object");
  const { type } = message as { type?: unknown };
  if (typeof type !== "string" || !Object.hasOwn(messages, type))
    throw new ProtocolError(`unknown type of message: ${JSON.stringify(type)?.slice(0, 80)}`);
  for (const [field, check] of Object.entries(messages[type] ?? {}))
    if (!check((message as Record<string, unknown>)[field]))
      throw new ProtocolError(`${type}: bad or missing field "${field}"`);
  return message as { type: string };
}

/** Throws ProtocolError for anything that is not a whole, well-formed message. */
export function parseClientMessage(data: string): ClientMessage {
  return parse(data, clientFields) as ClientMessage;
}

/** As parseClientMessage, for what a page receives. */
export function parseServerMessage(data: string): ServerMessage {
  return parse(data, serverFields) as ServerMessage;
}

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

/** The report as lines for people: place, message, excerpt with caret, stack. */
export function formatReport(error: ErrorReport): string {
  const column = error.column > 0 ? `:${error.column}` : "";
  const place = error.line > 0 ? `${error.file ?? "?"}:${error.line}${column}: ` : "";
  const excerpt = error.excerpt === null ? "" : `\n${error.excerpt}`;
  const data = error.data === null ? "" : `\n${error.data}`;
  const frames = error.trace.map(({ name, file, line }) => `\n    at ${name} (${file}:${line})`);
  return `${place}${error.class}: ${error.message}${excerpt}${data}${frames.join("")}`;
}

export const milliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;

/** "eita/ggg v3 -> v4"; many are counted. */
export function formatChanges(changes: VarChange[]): string {
  if (changes.length > 5) return `${changes.length} definitions`;
  const version = (number: number | null) => (number === null ? "none" : `v${number}`);
  return changes
    .map(({ name, from, to }) =>
      from === null ? `${name} ${version(to)}` : `${name} ${version(from)} -> ${version(to)}`,
    )
    .join(", ");
}

/** How long a page took. */
export const formatTimes = ({
  transferMs,
  installMs,
}: Pick<PageReport, "transferMs" | "installMs">): string =>
  `transfer ${milliseconds(transferMs)}, installed in ${milliseconds(installMs)}`;

/** What became of patches in a page, as a line for people. */
export function formatPage(report: PageReport): string {
  const { name, status, error } = report;
  if (error) return `in the page "${name}": refused: ${formatReport(error)}`;
  if (status === "silent") return `in the page "${name}": no answer yet`;
  return `in the page "${name}": ${formatTimes(report)}`;
}
