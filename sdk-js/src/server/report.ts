// What becomes of edits, for tools that wait for it: ServerOptions.onReport.

import type { ErrorReport, PageReport, RuntimeName } from "../protocol.js";

export type ServerReport =
  /** A source file was loaded, or refused: `error`. */
  | { type: "file"; path: string; error?: ErrorReport; pages: PageReport[] }
  /** A page has answered a patch: it is installed there, or refused: `error`. */
  | {
      type: "patch";
      page: RuntimeName;
      seq: number;
      /** Of the vars that it defines. */
      names: string[];
      installMs: number;
      error?: ErrorReport;
    }
  /** A page's program failed in what was patched just now; it is rolled back. */
  | { type: "failure"; page: RuntimeName; names: string[]; error: ErrorReport };
