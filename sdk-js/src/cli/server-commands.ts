// The commands that talk to a running server: repl, eval, runtimes, status, undo.

import { InvalidArgumentError, Option, type Command } from "commander";
import { evaluateOnServer, undo, type RemoteOptions } from "./remote.js";
import { repl, type ReplOptions } from "./repl.js";
import { DEFAULT_URL, type ServerChoice } from "./server-address.js";
import { runtimes, status } from "./status.js";
import { UserError } from "../user-error.js";

/** Reads an option; 0, where it is allowed, is any port. */
export const portFrom =
  (least: 0 | 1) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > 65535)
      throw new InvalidArgumentError(`a port is a number from ${least} to 65535.`);
    return value;
  };

const FOUND_IN = "default: as .nrepl-port in this folder or above says, else 7889";

/** How the server is found whose nREPL is spoken to. */
function withServer(command: Command): Command {
  return command
    .option("-p, --port <port>", `of nREPL (${FOUND_IN})`, portFrom(1))
    .option("--host <address>", "of nREPL", "127.0.0.1")
    .addOption(
      new Option("--url <address>", `of HTTP, which tells the port: ${DEFAULT_URL}`).conflicts(
        "port",
      ),
    );
}

const PAGE = 'where expressions run: a page\'s name or id, or "server"';

export interface EvalOptions extends RemoteOptions {
  ns: string;
  server?: boolean;
}

/** `evaluate`: without a server. */
export function addServerCommands(
  program: Command,
  version: string,
  evaluate: (code: string, options: { ns: string }) => Promise<void>,
): void {
  withServer(
    program
      .command("repl")
      .description("Evaluates what is typed, or piped, on the running server."),
  )
    .option("--page <name>", PAGE)
    .option("--ns <namespace>", "where to begin (default: user)")
    .option("--local", "without a server, in a runtime of its own")
    .action((options: ReplOptions) => {
      const given = (["page", "port", "url"] as const).find((name) => options[name] !== undefined);
      if (options.local && given) throw new UserError(`--local has no server: omit --${given}`);
      return repl(options, version);
    });

  withServer(
    program
      .command("eval <code>")
      .description(
        "Evaluates the code in a runtime of its own, or on the running server. The value is the last line.",
      )
      .option("--server", "on the running server (as with --port, --url, --page)"),
  )
    .option("--page <name>", PAGE)
    .option("--ns <namespace>", "where to begin", "user")
    .action((code: string, options: EvalOptions) => {
      const { server, port, url, page } = options;
      const isRemote = server || [port, url, page].some((option) => option !== undefined);
      return isRemote ? evaluateOnServer(code, options) : evaluate(code, options);
    });

  program
    .command("runtimes")
    .description("The pages that are connected to a running server.")
    .option("--url <address>", "of the server", DEFAULT_URL)
    .option("--json", "as JSON")
    .action(runtimes);

  program
    .command("status")
    .description(
      "What a running server has: its ports, pages, their last patches, errors of files.",
    )
    .option("--url <address>", "of the server", DEFAULT_URL)
    .option("--json", "as JSON, with all vars and the runtime's figures")
    .action(status);

  withServer(
    program
      .command("undo [vars...]")
      .description(
        "Takes back the last edit, or the last definition of each of the vars (ns/name).",
      ),
  ).action((vars: string[], options: ServerChoice) => undo(vars, options));
}
