// The command line as processes: with pipes, and in a terminal that `script` of
// util-linux makes.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "./harness.js";

export const COMMAND = fileURLToPath(new URL("../../../sdk-js/dist/cli.js", import.meta.url));

export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  input?: string;
}

/** Ends by itself; the server it speaks to may be one of this process. */
export function jankHot(args: string[], { cwd, input }: RunOptions = {}): Promise<Finished> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd });
  const finished: Finished = { status: null, stdout: "", stderr: "" };
  child.stdout.on("data", (bytes: Buffer) => (finished.stdout += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (finished.stderr += bytes.toString()));
  child.stdin.end(input ?? "");
  return new Promise((done) => child.once("close", (status) => done({ ...finished, status })));
}

export function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "jank-cli-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a person sees and types. */
export class Terminal {
  /** Without colours and movements of the cursor; all that was written. */
  screen = "";
  raw = "";
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  #seen = 0;

  /** `state`: where the user's history is kept. */
  constructor(
    t: TestContext,
    args: string[],
    { cwd, state, env = {} }: { cwd?: string; state: string; env?: Record<string, string> },
  ) {
    const words = [process.execPath, COMMAND, ...args].map((word) => `'${word}'`).join(" ");
    const command = `stty cols 100 rows 30; exec ${words}`;
    this.#child = spawn("script", ["-qefc", command, "/dev/null"], {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, SHELL: "/bin/sh", TERM: "xterm", XDG_STATE_HOME: state, ...env },
    });
    this.#child.stdout?.on("data", (bytes: Buffer) => {
      this.raw += bytes.toString();
      this.screen = this.raw.replaceAll(/\x1b\[[\d;]*[A-Za-z]|\r/g, "");
    });
    this.ended = new Promise((done) => this.#child.once("close", done));
    t.after(() => this.#child.kill("SIGKILL"));
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** What came since the last call, up to and with the text. */
  async sees(text: string | RegExp): Promise<string> {
    return until(`${text} in ${JSON.stringify(this.screen.slice(this.#seen))}`, () => {
      const fresh = this.screen.slice(this.#seen);
      const at = typeof text === "string" ? fresh.indexOf(text) : fresh.search(text);
      if (at < 0) return undefined;
      const length = typeof text === "string" ? text.length : (text.exec(fresh)?.[0].length ?? 0);
      this.#seen += at + length;
      return fresh.slice(0, at + length);
    }).catch(() => {
      throw new Error(`no ${text} in ${JSON.stringify(this.screen.slice(this.#seen))}`);
    });
  }

  /** Types a line, and waits for its answer and the next prompt. */
  async enter(line: string, prompt = "user=> "): Promise<string> {
    this.type(`${line}\r`);
    await this.sees(`${line}\n`);
    return (await this.sees(prompt)).slice(0, -prompt.length);
  }
}
