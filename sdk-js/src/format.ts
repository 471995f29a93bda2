// What was reported, as lines for people.

import type { ErrorReport, PageReport, VarChange } from "./protocol.js";

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
