// What became of saved files, told to people, to pages and to tools; and which of them are
// wrong just now. An older result that comes late changes nothing of that.

import { formatChanges, formatPage, formatReport, milliseconds } from "../format.js";
import type { ErrorReport } from "../protocol.js";
import type { FileResult } from "./engine.js";
import type { Pages } from "./pages.js";
import type { ServerReport } from "./report.js";

export interface FileReportsOptions {
  pages: Pages;
  /** A line for people. */
  log: (line: string) => void;
  onReport: (report: ServerReport) => void;
}

export class FileReports {
  readonly #options: FileReportsOptions;
  /** What is wrong with a file, by its path. */
  readonly #errors = new Map<string, ErrorReport>();
  /** FileResult.order of what was told last of a file. */
  readonly #told = new Map<string, number>();

  constructor(options: FileReportsOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  get errors(): ErrorReport[] {
    return [...this.#errors.values()];
  }

  /** The files that are wrong, and why. */
  get broken(): [path: string, error: ErrorReport][] {
    return [...this.#errors];
  }

  isBroken(path: string): boolean {
    return this.#errors.has(path);
  }

  report(result: FileResult): void {
    this.#tell(result);
    const { path, pages, error } = result;
    this.#options.onReport({ type: "file", path, pages, ...(error && { error }) });
  }

  #tell({ path, file, order, error, changes, compileMs, pages }: FileResult): void {
    const { log } = this.#options;
    const isNewest = order > (this.#told.get(path) ?? 0);
    if (isNewest) this.#told.set(path, order);
    if (error && isNewest) {
      this.#errors.set(path, error);
      this.#options.pages.broadcast([{ type: "error", error }]);
      log(formatReport(error));
      return;
    }
    if (isNewest) this.mended(path);
    if (!changes.length) return;
    log(`${file}: ${formatChanges(changes)} (compiled in ${milliseconds(compileMs)})`);
    for (const page of pages) log(formatPage(page));
  }

  /** It is right again, or gone. */
  mended(path: string): void {
    const error = this.#errors.get(path);
    if (!error) return;
    this.#errors.delete(path);
    this.#options.pages.broadcast([{ type: "mended", file: error.file }]);
  }
}
