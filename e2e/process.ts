// The command `jank-hot serve` over a copy of the demo site, as a process that can
// be stopped, killed, and started again on the same ports.

import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DIST, edit, post, ROOT } from "./support.js";

export class ServerProcess {
  readonly folder = mkdtempSync(join(tmpdir(), "jank-serve-"));
  readonly ports = { http: 0, webSocket: 0, nrepl: 0 };
  output = "";
  #child: ChildProcess | undefined;

  constructor() {
    cpSync(join(ROOT, "build/demo-site"), this.folder, { recursive: true });
  }

  get url(): string {
    return `http://localhost:${this.ports.http}/`;
  }

  /** Resolves when it has told its ports. */
  async start(...options: string[]): Promise<this> {
    const { http, webSocket, nrepl } = this.ports;
    const ports = ["--port", http, "--ws-port", webSocket, "--nrepl-port", nrepl].map(String);
    const command = [join(DIST, "cli.js"), "serve", this.folder, ...ports, ...options];
    const child = spawn(process.execPath, command, { cwd: this.folder, stdio: "pipe" });
    this.#child = child;
    let printed = "";
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        printed += chunk.toString();
        this.output += chunk.toString();
        if (printed.includes("nrepl://")) resolve();
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.on("exit", () => reject(new Error(`the server ended:\n${printed}`)));
    });
    const port = (pattern: RegExp) => Number(pattern.exec(printed)?.[1]);
    this.ports.http = port(/http:\/\/localhost:(\d+)/);
    this.ports.webSocket = port(/ws:\/\/localhost:(\d+)/);
    this.ports.nrepl = port(/nrepl:\/\/127\.0\.0\.1:(\d+)/);
    return this;
  }

  /** Resolves when it is gone. */
  stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.on("exit", () => resolve());
      child.kill(signal);
    });
  }

  /** Saves the demo's small program with a text in place of another. */
  save(from: string, to: string): void {
    const path = join(this.folder, "src/eita.jank");
    writeFileSync(path, edit(from, to)(readFileSync(path, "utf8")));
  }

  /** The answer of POST /eval. */
  evaluate(code: string): Promise<Record<string, unknown>> {
    return post(this.url, code);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
