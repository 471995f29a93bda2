// clang as a function of its arguments. Starting takes it half of the time that a small
// file takes: so one can be started beforehand, that waits for its arguments.

import { execFile, type ChildProcess } from "node:child_process";

export interface ClangResult {
  /** It has failed; stderr tells why. */
  error: Error | null;
  stdout: string;
  stderr: string;
}

interface Running {
  child: ChildProcess;
  ended: Promise<ClangResult>;
}

/** More than any diagnostics that are meant. */
const MAX_OUTPUT = 1 << 24;

// clang reads its arguments from a file that is named, here a pipe: what Node calls one
// is a socket, which cannot be opened by name.
const INPUT = "/dev/stdin";
const WAIT = `cat | "$0" @${INPUT}`;
const CAN_WAIT = process.platform !== "win32";

export class Clang {
  readonly #program: string;
  #waiting: Running | undefined;
  #isClosed = false;

  constructor(program: string) {
    this.#program = program;
  }

  /** The next run finds one that has started. */
  prepare(): void {
    if (!CAN_WAIT || this.#waiting || this.#isClosed) return;
    const waiting = start("sh", ["-c", WAIT, this.#program]);
    waiting.child.stdin?.on("error", () => undefined); // it has ended, and says so
    this.#waiting = waiting;
  }

  async run(args: string[]): Promise<ClangResult> {
    const waiting = this.#waiting;
    if (!waiting) return run(this.#program, args);
    this.#waiting = undefined;
    waiting.child.stdin?.end(args.map(quoted).join("\n"));
    const result = await waiting.ended;
    if (!result.error || isDiagnosed(result)) return result;
    return run(this.#program, args);
  }

  /** None waits any more, and none will. */
  close(): void {
    this.#isClosed = true;
    this.#waiting?.child.stdin?.end();
    this.#waiting = undefined;
  }
}

/**
 * It tells of its arguments, not that it has ended before, nor that its standard input has
 * no name here, as in a container without /proc.
 */
const isDiagnosed = ({ stderr }: ClangResult): boolean => stderr !== "" && !stderr.includes(INPUT);

const quoted = (arg: string): string => `"${arg.replace(/[\\"]/g, "\\$&")}"`;

function start(program: string, args: string[]): Running {
  const options = { maxBuffer: MAX_OUTPUT, env: { ...process.env, LC_ALL: "C" } };
  let settle: (result: ClangResult) => void;
  const ended = new Promise<ClangResult>((resolve) => (settle = resolve));
  const child = execFile(program, args, options, (error, stdout, stderr) =>
    settle({ error, stdout, stderr }),
  );
  return { child, ended };
}

/** A program that runs once. */
export const run = (program: string, args: string[]): Promise<ClangResult> =>
  start(program, args).ended;
