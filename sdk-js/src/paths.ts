// Paths as people see them.

import { relative } from "node:path";

/** Relative to where the command runs, when it is below. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
