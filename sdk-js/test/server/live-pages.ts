// Pages in Node: real clients with a runtime of their own, on a real server.

import type { TestContext } from "node:test";
import { Client, Compiler, type ConnectOptions } from "jank-hot-reload";
import { WebSocket } from "ws";
import { TestServer, until } from "./harness.js";
import type { ServerOptions } from "jank-hot-reload/server";

export async function startServer(
  t: TestContext,
  files: Record<string, string>,
  options: ServerOptions = {},
): Promise<TestServer> {
  const server = await TestServer.start(files, options);
  t.after(() => server.close());
  return server;
}

/** A page in Node, with a runtime of its own. */
export const nodeClient = (server: TestServer, options: ConnectOptions = {}): Client =>
  new Client({
    url: server.url,
    name: "page",
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    backoff: { first: 10, most: 50 },
    write: () => undefined,
    ...options,
  });

/** A page that has everything that the server has. */
export async function openPage(
  t: TestContext,
  server: TestServer,
  options?: ConnectOptions,
): Promise<Client> {
  const client = nodeClient(server, options);
  t.after(() => client.close());
  await client.ready;
  await isCurrent(client, server);
  return client;
}

/** It has the server's newest patch. */
export function isCurrent(client: Client, server: TestServer): Promise<boolean> {
  const { log } = server.server.engine;
  return until("the newest patch", () => {
    const { epoch, seq } = client.stats();
    return epoch === log.epoch && seq === log.seq;
  });
}

/** As the page evaluates it, without the server. */
export const inPage = (client: Client, code: string) =>
  new Compiler(client.runtime).eval(code).value;
