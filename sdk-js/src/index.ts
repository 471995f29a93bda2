// jank-hot-reload in a page.
//
//   import { connect } from "jank-hot-reload";
//   const client = connect();          // to the server that sent the page
//   await client.jankEval("(+ 1 2)");  // waits until the page has the program
//   client.invoke("eita/ggg", 10);

import type { ConnectOptions } from "./client/api.js";
import { Client } from "./client/client.js";
import { installPatch, patchFile } from "./client/install.js";
import { Runtime, type InstallResult, type LoadOptions } from "./runtime.js";

export { Client } from "./client/client.js";
export type {
  ClientEvents,
  ClientStats,
  ClientStatus,
  ConnectOptions,
  EvalOptions,
  EvalResult,
  PatchRecord,
} from "./client/api.js";
export { Compiler } from "./compiler.js";
export type { CompiledForm } from "./compiler.js";
export { formatReport } from "./format.js";
export type { ErrorReport, Evaluation, PageReport, PatchSymbol } from "./protocol.js";
export { JankError, Runtime } from "./runtime.js";
export type { CreateModule, InstallResult, LoadOptions, RuntimeStats, Stream } from "./runtime.js";

/** A runtime that follows a server. */
export function connect(options: ConnectOptions = {}): Client {
  return new Client(options);
}

/** A runtime alone, for patches from anywhere. */
export interface LoadedRuntime {
  runtime: Runtime;
  /** See Client.install. */
  install(patch: Uint8Array | string | URL, entry?: string): Promise<InstallResult>;
  /** Calls `ns/name`. Throws a JankError. */
  invoke(name: string, ...args: unknown[]): unknown;
}

/** Starts the runtime without a server. */
export async function load(options: LoadOptions = {}): Promise<LoadedRuntime> {
  const [runtime] = await Promise.all([Runtime.load(options), patchFile()]);
  return {
    runtime,
    install: (patch, entry) => installPatch(runtime, patch, entry),
    invoke: (name, ...args) => runtime.invoke(name, ...args),
  };
}
