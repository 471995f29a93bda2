// What a page says to the server.

import {
  type Checked,
  count,
  extend,
  listOf,
  nullable,
  number,
  oneOf,
  optional,
  shape,
  type Shape,
  text,
} from "./shapes.js";
import { parse, type Message } from "./messages.js";
import { changes, evaluation, report } from "./reports.js";

const varVersion = {
  name: text,
  version: count,
};
/** A definition, by its number. */
export interface VarVersion extends Shape<typeof varVersion> {}

const outputSource = oneOf("program", "console", "tap");
/** The program's *out*, the page's console, `tap>`. */
export type OutputSource = Checked<typeof outputSource>;

const clientMessages = {
  handshake: {
    version: count,
    clientId: text,
    name: text,
    /** The page's address; "" where there is none. */
    location: text,
    /** Of the patches it has; null: none. */
    epoch: nullable(text),
    seq: count,
  },
  patch_ack: {
    epoch: text,
    seq: count,
    status: oneOf("installed", "failed"),
    changes,
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
  eval_result: extend(evaluation, { id: text, installMs: number }),
  /** Something has not arrived: everything after that patch is to be sent again. */
  resume: { epoch: nullable(text), seq: count },
  /** Of the evaluation `id` that this page has asked for. */
  interrupt: { id: text },
  /** Of the last transaction, or of these vars' last definitions. */
  undo: { id: text, vars: optional(listOf(text)) },
  /** While it ran, not as an answer. `vars`: of the stack, patched just now; to be rolled back. */
  failure: { error: report, vars: listOf(shape<VarVersion>(varVersion)) },
  output: { stream: oneOf("out", "err"), source: outputSource, text },
  focus: {},
  ping: { at: number },
};
export type ClientMessage = Message<typeof clientMessages>;

/** Throws ProtocolError for anything that is not a whole, well-formed message. */
export function parseClientMessage(data: string): ClientMessage {
  return parse(data, clientMessages) as ClientMessage;
}
