// What the tests of publishing share: the command in a scratch folder, and a plain
// HTTP server of what it writes, which can be told to answer something else.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readKey, signManifest } from "../../src/cli/keygen.js";
import {
  manifestHead,
  manifestText,
  parseManifest,
  splitManifest,
  type Manifest,
} from "../../src/client/verify.js";

export const COMMAND = fileURLToPath(new URL("../../../sdk-js/dist/cli.js", import.meta.url));

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export const sha256 = (data: Uint8Array | string): string =>
  createHash("sha256").update(data).digest("hex");

/** A scratch folder with `src`, and what is published from it in `out`. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "jank-publish-"));
  readonly out = join(this.folder, "out");

  write(name: string, text: string): this {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return this;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  run(...args: string[]): Ended {
    return spawnSync(process.execPath, [COMMAND, ...args], { cwd: this.folder, encoding: "utf8" });
  }

  /** `jank-hot publish src -o out`. Throws when it fails. */
  publish(...args: string[]): string {
    const { status, stdout, stderr } = this.run("publish", "src", "-o", "out", ...args);
    if (status !== 0) throw new Error(`publish: ${stdout}${stderr}`);
    return stdout;
  }

  /** Its public key. */
  keygen(name = "key"): string {
    const { status, stderr } = this.run("keygen", "-o", name);
    if (status !== 0) throw new Error(stderr);
    return this.read(`${name}.pub`).trim();
  }

  /** The file of a key that no page knows. */
  otherKey(): string {
    if (!existsSync(this.path("other"))) this.keygen("other");
    return "other";
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  files(): string[] {
    return readdirSync(this.out).sort();
  }

  /** The content of every published file. */
  contents(): Map<string, string> {
    return new Map(this.files().map((name) => [name, sha256(readFileSync(join(this.out, name)))]));
  }

  get manifestText(): string {
    return this.read("out/manifest.json");
  }

  get manifest(): Manifest {
    return parseManifest(splitManifest(this.manifestText).head);
  }

  /** The file of the patch that defines the var. */
  patchOf(name: string): string {
    const patch = this.manifest.patches.find(({ symbols }) =>
      symbols.some((symbol) => symbol.name === name),
    );
    if (!patch) throw new Error(`no patch defines ${name}`);
    return patch.file;
  }

  /** A manifest with some fields changed, signed by the keys as publish would. */
  async forged(changes: object, ...keys: string[]): Promise<string> {
    const head = manifestHead({ ...this.manifest, ...changes } as Manifest);
    const signatures = keys.map((key) => signManifest(head, readKey(this.path(key))));
    return manifestText(head, await Promise.all(signatures));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** As any static host: an ETag for each file, 304 for who has it. */
export class StaticHost {
  /** In place of a file, by its name. */
  readonly answers = new Map<string, Answer>();
  /** Names of the files that were sent. */
  readonly sent: string[] = [];
  /** Requests, whatever became of them. */
  requests = 0;
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(folder: string): Promise<StaticHost> {
    const host = new StaticHost(folder);
    await new Promise<void>((done) => host.#server.listen(0, "127.0.0.1", done));
    return host;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get manifest(): string {
    return `${this.origin}/manifest.json`;
  }

  /** A body in place of a file. */
  replace(name: string, body: Uint8Array | string): void {
    this.answers.set(name, (_request, response) => void response.end(body));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests++;
    const name = (request.url ?? "/").slice(1);
    const answer = this.answers.get(name);
    if (answer) return answer(request, response);
    let body: Buffer;
    try {
      body = readFileSync(join(this.#folder, name));
    } catch {
      response.writeHead(404).end();
      return;
    }
    const etag = `"${sha256(body).slice(0, 16)}"`;
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, { ETag: etag }).end();
      return;
    }
    this.sent.push(name);
    response.writeHead(200, { ETag: etag }).end(body);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
