// What was typed, in a file of the user's own: one entry a line, the newest last.
// Without such a file, or a folder that can be written, it lasts as long as the process.

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Entries, and characters of one. */
const LIMIT = 1000;
const MAX_ENTRY = 10_000;

export const historyPath = (): string =>
  join(
    process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"),
    "jank-hot",
    "repl-history",
  );

export class History {
  /** The newest first. */
  readonly entries: string[] = [];
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    const lines = readLines(path);
    for (const line of lines.slice(-LIMIT)) this.#remember(line);
    if (lines.length > 2 * LIMIT) this.#write();
  }

  add(entry: string): void {
    if (!this.#remember(entry)) return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      appendFileSync(this.#path, `${this.entries[0]}\n`, { mode: 0o600 });
    } catch {
      // the history of this process has it
    }
  }

  #remember(entry: string): boolean {
    const shown = entry.replaceAll(/\p{Cc}/gu, " ").trim();
    if (shown === "" || shown.length > MAX_ENTRY || shown === this.entries[0]) return false;
    this.entries.unshift(shown);
    this.entries.length = Math.min(this.entries.length, LIMIT);
    return true;
  }

  #write(): void {
    try {
      writeFileSync(this.#path, `${[...this.entries].reverse().join("\n")}\n`, { mode: 0o600 });
    } catch {
      // it stays as long as it is
    }
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(0, -1);
  } catch {
    return []; // the first time
  }
}
