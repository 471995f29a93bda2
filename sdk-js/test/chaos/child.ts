// `jank-hot serve` as a process of its own, on ports that stay, to be killed and
// started again.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { eventually, http } from "../server/harness.js";

const CLI = fileURLToPath(import.meta.resolve("jank-hot-reload/server")).replace(
  /server\.js$/,
  "cli.js",
);
const PATIENCE = 60_000;

export interface Status {
  epoch: string;
  seq: number;
  vars: Record<string, number>;
  errors: { message: string }[];
  pages: { name: string }[];
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

export class ServerProcess {
  /** What all of its lives have said. */
  readonly lines: string[] = [];
  kills = 0;
  #child: ChildProcess | undefined;

  private constructor(
    readonly root: string,
    readonly port: number,
    readonly wsPort: number,
    readonly nreplPort: number,
  ) {}

  static async start(root: string): Promise<ServerProcess> {
    const [port = 0, wsPort = 0, nreplPort = 0] = await freePorts(3);
    const server = new ServerProcess(root, port, wsPort, nreplPort);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const { port, wsPort, nreplPort } = this;
    const ports = ["--port", port, "--ws-port", wsPort, "--nrepl-port", nreplPort].map(String);
    const child = spawn(process.execPath, [CLI, "serve", this.root, ...ports], {
      cwd: this.root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => this.lines.push(bytes.toString()));
    this.#child = child;
    await eventually("the server", async () => (await this.#ask()) !== undefined, PATIENCE);
  }

  /** In the middle of whatever it does. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) throw new Error(`it ended:\n${this.lines.join("")}`);
    this.kills++;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async end(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) await this.kill();
  }

  async status(): Promise<Status> {
    const status = await this.#ask();
    if (!status) throw new Error(`there is no server:\n${this.lines.join("").slice(-3000)}`);
    return status;
  }

  /** Waits until the server is in this state. */
  async until(what: string, fits: (status: Status) => boolean): Promise<Status> {
    let status!: Status;
    await eventually(what, async () => fits((status = await this.status())), PATIENCE);
    return status;
  }

  async #ask(): Promise<Status | undefined> {
    try {
      return (await http(this.port, "/status")).json as unknown as Status;
    } catch {
      return undefined;
    }
  }
}
