// A server for one REPL, without ports and pages: the engine and nREPL over a socket
// in a folder that only its owner can enter.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine } from "../server/engine.js";
import { NreplServer } from "../server/nrepl.js";
import { Pages } from "../server/pages.js";
import type { Address } from "./nrepl-client.js";
import { writeError } from "./terminal.js";

export interface LocalServer {
  address: Address;
  close(): Promise<void>;
}

/** Namespaces are found in this folder and in its `src`. */
export async function startLocal(version: string): Promise<LocalServer> {
  const pages = new Pages();
  const server: { nrepl?: NreplServer } = {};
  const engine = await Engine.start({
    sources: [process.cwd(), join(process.cwd(), "src")],
    pages,
    evalTimeout: 0,
    say: (line) => writeError(`${line}\n`),
    write: (stream, text) => server.nrepl?.broadcastOutput(stream, text),
    onTap: (text) => server.nrepl?.broadcastOutput("out", `tap> ${text}\n`),
  });
  const nrepl = (server.nrepl = new NreplServer({ engine, pages, version }));
  const folder = mkdtempSync(join(tmpdir(), "jank-hot-repl-"));
  const path = join(folder, "nrepl");
  await new Promise<void>((done, failed) => {
    nrepl.server.once("error", failed);
    nrepl.server.listen(path, done);
  });
  return {
    address: { path, text: "a runtime of its own", hint: "this should not happen" },
    async close() {
      nrepl.close();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
