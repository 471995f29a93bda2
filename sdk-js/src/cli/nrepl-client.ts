// The command line's nREPL client: one connection, one session.
//
// Every request has an id of its own and is over with "done". What comes for none
// of them is what pages print by themselves: `onOutput`. A connection that ends
// rejects whatever still waits, with a UserError that names the server.

import { connect, type Socket } from "node:net";
import type { VarChange } from "../protocol.js";
import type { Stream } from "../runtime.js";
import {
  BencodeDecoder,
  BencodeError,
  encodeBencode,
  type Bencode,
  type BencodeDictionary,
} from "../server/bencode.js";
import { NO_PAGE } from "../server/nrepl-eval.js";
import { UserError } from "../user-error.js";

/** `text`: as it is named in messages. */
export type Address = { text: string; hint: string } & (
  { host: string; port: number } | { path: string }
);

export interface EvaluateOptions {
  ns?: string;
  file?: string;
  /** Of the first line; from 1. */
  line?: number;
  onValue?: (value: string) => void;
  onOutput?: (stream: Stream, text: string) => void;
  /** The next line for what reads; undefined: there are no more, as always by default. */
  readLine?: () => Promise<string | undefined>;
}

export interface Evaluated {
  ending: "done" | "error" | "interrupted" | "no-namespace";
  /** After it; undefined: as before. */
  ns: string | undefined;
}

export interface RuntimeInfo {
  id: string;
  name: string;
  isCurrent: boolean;
}

export interface Runtimes {
  all: RuntimeInfo[];
  /** The id of what the session has chosen; "": the current page. */
  selected: string;
}

export interface Undone {
  changes: VarChange[];
  pages: { name: string; status: string; installMs: number; error: string | undefined }[];
}

interface Waiting {
  onMessage: (message: BencodeDictionary) => void;
  done: (messages: BencodeDictionary[]) => void;
  failed: (error: UserError) => void;
  messages: BencodeDictionary[];
}

/** Milliseconds in which a server says what it is. */
const PATIENCE = 5_000;

export class NreplClient {
  readonly address: Address;
  version = "";
  /** What is printed while nothing is evaluated. */
  onOutput: (stream: Stream, text: string) => void = () => undefined;
  /** Whether it is told when expressions run on the server for want of a page. */
  tellsNoPage = false;
  /** The server is gone. */
  onEnd: (error: UserError) => void = () => undefined;
  readonly #socket: Socket;
  readonly #decoder = new BencodeDecoder();
  readonly #waiting = new Map<string, Waiting>();
  #session: string | undefined;
  #evaluation: string | undefined;
  #requests = 0;
  #end: UserError | undefined;

  private constructor(address: Address, socket: Socket) {
    this.address = address;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#ended("the server has ended the connection"));
  }

  /** With a session of its own. Rejects with a UserError that says how to come by a server. */
  static async connect(address: Address): Promise<NreplClient> {
    const client = new NreplClient(address, await open(address));
    const tooLate = setTimeout(() => client.#ended("does not answer as nREPL"), PATIENCE);
    try {
      await client.#begin();
      return client;
    } catch (error) {
      client.#socket.destroy();
      throw error;
    } finally {
      clearTimeout(tooLate);
    }
  }

  async #begin(): Promise<void> {
    const { versions } = await this.#ask({ op: "describe" });
    const { jank } = (versions ?? {}) as { jank?: Record<string, string> };
    if (!jank) throw new UserError(`${this.address.text} is an nREPL, but not one of jank-hot`);
    this.version = jank["version-string"] ?? "";
    const { "new-session": session } = await this.#ask({ op: "clone" });
    this.#session = session as string;
  }

  // ---- Requests -----------------------------------------------------------------

  async evaluate(code: string, options: EvaluateOptions = {}): Promise<Evaluated> {
    const { ns, file, line, onValue, onOutput = this.onOutput, readLine } = options;
    let now: string | undefined;
    const id = (this.#evaluation = `${this.#requests + 1}`);
    const answers = this.#request(
      {
        op: "eval",
        code,
        ...(ns !== undefined && { ns }),
        ...(file !== undefined && { file }),
        ...(line !== undefined && { line }),
      },
      (message) => {
        if (typeof message.value === "string") onValue?.(message.value);
        if (typeof message.ns === "string") now = message.ns;
        this.#tell(message, onOutput);
        if (statusOf(message).includes("need-input")) void this.#input(id, readLine);
      },
    );
    const statuses = (await answers).flatMap(statusOf);
    if (this.#evaluation === id) this.#evaluation = undefined;
    const ending = statuses.includes("interrupted")
      ? "interrupted"
      : statuses.includes("namespace-not-found")
        ? "no-namespace"
        : statuses.includes("eval-error") || statuses.includes("error")
          ? "error"
          : "done";
    return { ending, ns: now };
  }

  /** Nothing, when the evaluation has been interrupted meanwhile. */
  async #input(evaluation: string, readLine: EvaluateOptions["readLine"]): Promise<void> {
    const line = await readLine?.();
    if (this.#evaluation !== evaluation) return;
    const stdin = line === undefined ? "" : `${line}\n`;
    await this.#request({ op: "stdin", stdin }).catch(() => undefined);
  }

  /** Of what is being evaluated. */
  interrupt(): void {
    const id = this.#evaluation;
    if (id === undefined) return;
    this.#request({ op: "interrupt", "interrupt-id": id }).catch(() => undefined);
  }

  async complete(prefix: string): Promise<string[]> {
    const { completions } = await this.#ask({ op: "completions", prefix });
    if (!Array.isArray(completions)) return [];
    return completions.map((each) => (each as BencodeDictionary).candidate as string);
  }

  async runtimes(): Promise<Runtimes> {
    const { runtimes, selected } = await this.#ask({ op: "jank/runtimes" });
    const all = (runtimes as Record<string, string>[]).map(({ id = "", name = "", focused }) => ({
      id,
      name,
      isCurrent: focused === "true",
    }));
    return { all, selected: selected as string };
  }

  /** Rejects with a UserError that says which there are. */
  async select(nameOrId: string): Promise<void> {
    const { status, err } = await this.#ask({ op: "jank/select-runtime", runtime: nameOrId });
    if (!(status as string[]).includes("error")) return;
    throw new UserError(messageOf(err));
  }

  /** Of the last transaction, or of these vars. Rejects with a UserError. */
  async undo(vars: string[]): Promise<Undone> {
    const { status, err, changes, pages } = await this.#ask({ op: "jank/undo", vars });
    if (!Array.isArray(changes))
      throw new UserError(messageOf(err ?? `the server answers ${String(status)}`));
    return {
      changes: (changes as Record<string, Bencode>[]).map(({ name, from, to }) => ({
        name: name as string,
        from: (from as number | undefined) ?? null,
        to: (to as number | undefined) ?? null,
      })),
      pages: (pages as Record<string, Bencode>[]).map(({ name, status, installMs, error }) => ({
        name: name as string,
        status: status as string,
        installMs: Number(installMs),
        error: error as string | undefined,
      })),
    };
  }

  /** Throws what has ended the connection. */
  check(): void {
    if (this.#end) throw this.#end;
  }

  /** Sends what is on its way, and ends the session. */
  close(): void {
    this.onEnd = () => undefined;
    if (!this.#end) this.#request({ op: "close" }).catch(() => undefined);
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), 500).unref();
  }

  /** All answers as one. */
  async #ask(fields: Record<string, Bencode>): Promise<BencodeDictionary> {
    return Object.assign({}, ...(await this.#request(fields))) as BencodeDictionary;
  }

  #request(
    fields: Record<string, Bencode>,
    onMessage: Waiting["onMessage"] = () => undefined,
  ): Promise<BencodeDictionary[]> {
    const id = `${++this.#requests}`;
    return new Promise((done, failed) => {
      if (this.#end) return failed(this.#end);
      this.#waiting.set(id, { onMessage, done, failed, messages: [] });
      const session = this.#session === undefined ? {} : { session: this.#session };
      this.#socket.write(encodeBencode({ ...fields, ...session, id }));
    });
  }

  // ---- Answers ------------------------------------------------------------------

  #read(bytes: Uint8Array): void {
    try {
      for (const message of this.#decoder.push(bytes)) this.#take(message);
    } catch (error) {
      if (!(error instanceof BencodeError)) throw error;
      this.#ended(`what it answers is not nREPL (${error.message})`);
    }
  }

  #take(message: BencodeDictionary): void {
    const waiting = this.#waiting.get(message.id as string);
    if (!waiting) return this.#tell(message, this.onOutput);
    waiting.messages.push(message);
    waiting.onMessage(message);
    if (!statusOf(message).includes("done")) return;
    this.#waiting.delete(message.id as string);
    waiting.done(waiting.messages);
  }

  #tell({ out, err }: BencodeDictionary, onOutput: NreplClient["onOutput"]): void {
    if (typeof out === "string" && (out !== NO_PAGE || this.tellsNoPage)) onOutput("out", out);
    if (typeof err === "string") onOutput("err", err);
  }

  #ended(why: string): void {
    if (this.#end) return;
    const { text, hint } = this.address;
    const isKnown = this.#session !== undefined;
    this.#end = new UserError(
      isKnown ? `${text}: ${why}` : `what answers at ${text} does not speak nREPL: ${hint}`,
    );
    this.#socket.destroy();
    for (const { failed } of this.#waiting.values()) failed(this.#end);
    this.#waiting.clear();
    this.onEnd(this.#end);
  }
}

const statusOf = ({ status }: BencodeDictionary): Bencode[] =>
  Array.isArray(status) ? status : [];

const messageOf = (err: Bencode | undefined): string =>
  (typeof err === "string" ? err : "the server refuses").trim().replace(/^\w+Exception: /, "");

function open(address: Address): Promise<Socket> {
  const { text, hint } = address;
  return new Promise((done, failed) => {
    const socket = "path" in address ? connect(address.path) : connect(address.port, address.host);
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error("timeout")));
    socket.once("error", () => failed(new UserError(`no server answers at ${text}: ${hint}`)));
    socket.once("connect", () => {
      socket.setTimeout(0);
      done(socket);
    });
  });
}
