// The messages between server and pages: JSON texts over one WebSocket.
//
// A patch is named by the server's epoch (one life of its log) and a sequence
// number. Patches come as transactions: those up to the number `commit` belong
// together, and a page installs all of them or none. A page says at its handshake
// what it has, gets what it misses, and acknowledges every transaction. Numbers
// grow; gaps are superseded patches, so each patch names the one before it (`after`):
// a page that has not that far asks to be sent again what it misses (`resume`).

export * from "./protocol/client-messages.js";
export * from "./protocol/server-messages.js";
export { MAX_MESSAGE_BYTES, ProtocolError } from "./protocol/messages.js";
export { reportOf } from "./protocol/reports.js";
export type {
  Cause,
  ErrorReport,
  Evaluation,
  PageReport,
  PatchSymbol,
  RuntimeName,
  TraceFrame,
  UndoReport,
  VarChange,
  VersionedSymbol,
} from "./protocol/reports.js";

export const PROTOCOL_VERSION = 2;
export const DEFAULT_PORTS = { http: 8080, webSocket: 7888, nrepl: 7889 } as const;
