// The patch log on disk: lines of JSON, the first of which says whose log it is.
//
// A record is one write, made before any page is told. A server that is killed in
// the middle of one leaves a last line without its end: it is dropped, and nobody
// has been told of it. A log of another build of the runtime begins anew, and so
// does one that cannot be read. One server at a time has the file.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { LogRecord, LogStore } from "./patch-log.js";

interface Header {
  format: number;
  epoch: string;
  /** Of the runtime: patches fit one build. */
  build: string;
}

const FORMAT = 1;
/** Bytes of records behind the snapshot, before there is a new one. */
const LONG = 4 * 1024 * 1024;

export interface LogStoreOptions {
  /** Of the log; its folder is made. */
  path: string;
  build: string;
  /** Forget what is there. */
  fresh: boolean;
}

/** Another server has the file. */
export class LogInUse extends Error {
  override name = "LogInUse";
}

/** The logs that this process has open. */
const openPaths = new Set<string>();

export class FileLogStore implements LogStore {
  readonly epoch: string | undefined;
  readonly #options: LogStoreOptions;
  readonly #records: LogRecord[] = [];
  #file = -1;
  #size = 0;
  #sizeAtBegin = 0;

  /** Throws LogInUse, or what the file system throws. */
  constructor(options: LogStoreOptions) {
    this.#options = options;
    const folder = dirname(options.path);
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, ".gitignore"))) writeFileSync(join(folder, ".gitignore"), "*\n");
    this.#lock();
    const [header, ...records] = options.fresh ? [] : this.#lines();
    if (!isHeader(header) || header.format !== FORMAT || header.build !== options.build) return;
    this.epoch = header.epoch;
    this.#records = records as LogRecord[];
  }

  read(): LogRecord[] {
    return this.#records.splice(0);
  }

  begin(epoch: string, records: LogRecord[]): void {
    const { path, build } = this.#options;
    const header: Header = { format: FORMAT, epoch, build };
    const text = [header, ...records].map((line) => `${JSON.stringify(line)}\n`).join("");
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    this.#closeFile();
    this.#file = openSync(path, "a", 0o600);
    this.#size = this.#sizeAtBegin = text.length;
  }

  append(record: LogRecord): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    for (let at = 0; at < line.length;) at += writeSync(this.#file, line, at);
    this.#size += line.length;
  }

  get isLong(): boolean {
    return this.#size - this.#sizeAtBegin > Math.max(LONG, this.#sizeAtBegin);
  }

  close(): void {
    this.#closeFile();
    openPaths.delete(this.#options.path);
    rmSync(this.#lockPath, { force: true });
  }

  #closeFile(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }

  /** The lines up to the first that is not whole. */
  #lines(): unknown[] {
    const { path } = this.#options;
    if (!existsSync(path)) return [];
    const lines: unknown[] = [];
    for (const line of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
      try {
        lines.push(JSON.parse(line));
      } catch {
        break;
      }
    }
    return lines;
  }

  // ---- One server at a time -------------------------------------------------------

  get #lockPath(): string {
    return `${this.#options.path}.lock`;
  }

  #lock(): void {
    for (let tries = 0; tries < 3; tries++) {
      try {
        writeFileSync(this.#lockPath, `${process.pid}`, { flag: "wx" });
        openPaths.add(this.#options.path);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const pid = Number(readFileSync(this.#lockPath, "utf8"));
      if (pid === process.pid ? openPaths.has(this.#options.path) : isAlive(pid))
        throw new LogInUse(`another server (process ${pid}) has ${this.#options.path}`);
      rmSync(this.#lockPath, { force: true });
    }
    throw new LogInUse(`${this.#lockPath} cannot be had`);
  }
}

function isHeader(line: unknown): line is Header {
  const { format, epoch, build } = (line ?? {}) as Partial<Record<keyof Header, unknown>>;
  return typeof format === "number" && typeof epoch === "string" && typeof build === "string";
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
