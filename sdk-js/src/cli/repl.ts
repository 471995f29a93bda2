// jank-hot repl: what is typed is evaluated on a running server, as an editor does
// it, or with --local in a runtime of its own.
//
// In a terminal there are a prompt, completion, a history and lines that go on;
// repl-terminal.ts has them. From a pipe, values go to stdout and errors to stderr,
// form after form, and the exit code says whether there was an error. What a form reads
// are the lines after it.

import { createInterface, type Interface } from "node:readline";
import { FormReader } from "./form-reader.js";
import { NreplClient } from "./nrepl-client.js";
import { startLocal } from "./repl-local.js";
import { TerminalRepl } from "./repl-terminal.js";
import { findServer, type ServerChoice } from "./server-address.js";
import { Output } from "./terminal.js";
import { UserError } from "../user-error.js";

export interface ReplOptions extends ServerChoice {
  /** A page's name or id, or "server". */
  page?: string;
  ns?: string;
  local?: boolean;
}

export async function repl(options: ReplOptions, version: string): Promise<void> {
  const local = options.local ? await startLocal(version) : undefined;
  let client: NreplClient | undefined;
  try {
    client = await NreplClient.connect(local?.address ?? (await findServer(options)));
    if (options.page !== undefined) await client.select(options.page);
    if (options.ns !== undefined) await enter(client, options.ns);
    if (process.stdin.isTTY && process.stdout.isTTY)
      await new TerminalRepl(client, options.ns ?? "user", local !== undefined).run();
    else if (!(await pipe(client))) process.exitCode ??= 1;
  } finally {
    client?.close();
    await local?.close();
  }
}

/** A namespace that is not there is loaded first. */
async function enter(client: NreplClient, ns: string): Promise<void> {
  if (!/^[^\s()[\]{}"'`~@^;,\\/#:\d][^\s()[\]{}"'`~@^;,\\/]*$/.test(ns))
    throw new UserError(`--ns: ${ns} is no name of a namespace`);
  let said = "";
  const run = (code: string, where: { ns?: string } = {}) =>
    client.evaluate(code, { ...where, onOutput: (_, text) => (said += text) });
  const isThere = (await run("nil", { ns })).ending === "done";
  if (!isThere && (await run(`(require '${ns})`)).ending !== "done")
    throw new UserError(`--ns: there is no namespace ${ns}: ${reasonIn(said)}`);
  await run(`(in-ns '${ns})`);
}

/** Of an error as the server tells it, without place and stack. */
const reasonIn = (text: string): string =>
  (text.split("\n")[0] ?? "").replace(/^.*?Exception: /, "");

/** Whether there was no error. */
async function pipe(client: NreplClient): Promise<boolean> {
  let isFine = true;
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  const interrupt = () => {
    client.interrupt();
    process.exitCode = 130;
    lines.close();
  };
  process.once("SIGINT", interrupt);
  const output = new Output();
  client.onOutput = output.write;
  const numbered = new Lines(lines);
  for await (const { text, line } of forms(numbered)) {
    const { ending } = await client.evaluate(text, {
      file: "<stdin>",
      line,
      onValue: (value) => output.line(value),
      readLine: () => numbered.next(),
    });
    if (ending !== "done") isFine = false;
    if (ending === "interrupted") break;
  }
  process.off("SIGINT", interrupt);
  return isFine;
}

/** Lines, for whoever comes first. */
class Lines {
  readonly #lines: AsyncIterator<string>;
  /** Of the last one; from 1. */
  number = 0;

  constructor(lines: Interface) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** undefined: there are no more. */
  async next(): Promise<string | undefined> {
    const { done, value } = await this.#lines.next();
    if (done) return undefined;
    this.number++;
    return value;
  }
}

/** As soon as they are whole; what is not whole at the end is told so by the compiler. */
async function* forms(lines: Lines): AsyncGenerator<{ text: string; line: number }> {
  let reader = new FormReader();
  let first = 1;
  for (let line; (line = await lines.next()) !== undefined;) {
    reader.add(line);
    if (reader.isUnfinished) continue;
    if (!reader.isBlank) yield { text: reader.text, line: first };
    reader = new FormReader();
    first = lines.number + 1;
  }
  if (!reader.isBlank) yield { text: reader.text, line: first };
}
