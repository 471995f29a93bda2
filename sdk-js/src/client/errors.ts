// What a client itself refuses.

import { reportOf, type ErrorReport } from "../protocol.js";
import { JankError } from "../runtime.js";

export function illegalState(message: string): JankError {
  return new JankError(reportOf("run", "IllegalStateException", message));
}

export const closed = (): JankError => illegalState("the client is closed");

/** With a publicKey. */
export function unsigned(): ErrorReport {
  const message = "unsigned: only signed versions of a source are installed";
  return reportOf("load", "SecurityException", message);
}
