// What the server says to a page.

import { count, extend, listOf, nullable, number, optional, shape, text } from "./shapes.js";
import { parse, type Message } from "./messages.js";
import {
  cause,
  evaluation,
  pages,
  report,
  runtimeName,
  type RuntimeName,
  undoReport,
  versionedSymbol,
  type VersionedSymbol,
} from "./reports.js";

const serverMessages = {
  handshake_ack: { version: count, epoch: text, seq: count },
  patch: {
    epoch: text,
    seq: count,
    /** The patch before it, which a page must have. */
    after: count,
    /** The number of the transaction's last patch. */
    commit: count,
    cause,
    /** That was saved. */
    file: nullable(text),
    /** The side module, base64. */
    data: text,
    /** The entry function. */
    symbolName: text,
    symbols: listOf(shape<VersionedSymbol>(versionedSymbol)),
    ns: text,
    /** Of the form's source text: the same form again need not be installed. */
    hash: text,
    /** When it was sent. */
    timestamp: number,
    compileMs: number,
  },
  run: {
    id: text,
    data: text,
    symbolName: text,
    ns: text,
    session: optional(text),
    /** The patch that the page must have before it runs this; none: as it is. */
    after: optional(count),
  },
  eval_result: extend(evaluation, {
    id: text,
    runtime: shape<RuntimeName>(runtimeName),
    pages,
    compileMs: number,
  }),
  undo_result: extend(undoReport, { id: text }),
  error: { id: optional(text), error: report },
  /** Who has everything up to `after` has everything up to `seq`. */
  current: { epoch: text, after: count, seq: count },
  /** What an earlier error said of this file holds no more. */
  mended: { file: nullable(text) },
  /** With the newest patch, for who has missed it. */
  pong: { at: number, epoch: text, seq: count },
};
export type ServerMessage = Message<typeof serverMessages>;

/** As parseClientMessage, for what a page receives. */
export function parseServerMessage(data: string): ServerMessage {
  return parse(data, serverMessages) as ServerMessage;
}
