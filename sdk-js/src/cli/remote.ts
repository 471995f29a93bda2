// jank-hot undo, and jank-hot eval on a running server.

import { formatChanges, milliseconds } from "../format.js";
import { NreplClient, type Undone } from "./nrepl-client.js";
import { findServer, type ServerChoice } from "./server-address.js";
import { counted, Output, plain, writeError } from "./terminal.js";
import { UserError } from "../user-error.js";

export interface RemoteOptions extends ServerChoice {
  ns?: string;
  /** A page's name or id, or "server". */
  page?: string;
}

/** Prints what the local `eval` does: output, errors, and the value as the last line. */
export async function evaluateOnServer(code: string, options: RemoteOptions): Promise<void> {
  const client = await NreplClient.connect(await findServer(options));
  const interrupt = () => {
    client.interrupt();
    process.exitCode = 130;
  };
  process.once("SIGINT", interrupt);
  try {
    if (options.page !== undefined) await client.select(options.page);
    await evaluate(client, code, options.ns);
  } finally {
    process.off("SIGINT", interrupt);
    client.close();
  }
}

async function evaluate(client: NreplClient, code: string, ns: string | undefined): Promise<void> {
  let value = "nil";
  const output = new Output();
  const { ending } = await client.evaluate(code, {
    file: "<eval>",
    ...(ns !== undefined && { ns }),
    onValue: (text) => (value = text),
    onOutput: output.write,
  });
  output.endLine();
  if (ending === "no-namespace") throw new UserError(`--ns: the server has no namespace ${ns}`);
  if (ending === "done") console.log(value);
  else process.exitCode ??= 1;
}

export async function undo(vars: string[], options: ServerChoice): Promise<void> {
  for (const name of vars)
    if (!/^[^\s/]+\/\S+$/.test(name))
      throw new UserError(`a var is named as NAMESPACE/NAME, got ${name}`);
  const client = await NreplClient.connect(await findServer(options));
  try {
    tellUndone(await client.undo(vars));
  } finally {
    client.close();
  }
}

function tellUndone({ changes, pages }: Undone): void {
  for (const change of changes) console.log(formatChanges([change]));
  for (const { name, status, installMs, error } of pages) {
    const page = `  page ${JSON.stringify(plain(name))}:`;
    if (status === "installed") console.log(`${page} installed in ${milliseconds(installMs)}`);
    else if (status === "silent") console.log(`${page} no answer yet`);
    else writeError(`${page} refused: ${error ?? "it does not say why"}\n`);
  }
  if (pages.length === 0) console.log(`  ${counted(0, "page")} connected`);
  if (pages.some(({ status }) => status === "failed")) process.exitCode = 1;
}
