// Where the running server is: what --port or --url say, else the port that a server
// has written to `.nrepl-port` in this folder or one above, else the usual one.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DEFAULT_PORTS, type ErrorReport, type VarChange } from "../protocol.js";
import type { Address } from "./nrepl-client.js";
import { UserError } from "../user-error.js";

export interface ServerChoice {
  host: string;
  /** Of nREPL. */
  port?: number;
  /** Of HTTP. */
  url?: string;
}

/** GET /status. */
export interface Status {
  version: string;
  epoch: string;
  seq: number;
  uptimeMs: number;
  ports: { http: number; webSocket: number; nrepl: number };
  pages: PageStatus[];
  vars: Record<string, number>;
  errors: ErrorReport[];
}

export interface PageStatus {
  id: string;
  name: string;
  location: string;
  connectedAt: number;
  isCurrent: boolean;
  /** The page's answer to the last transaction. */
  last: {
    seq: number;
    status: "installed" | "failed";
    changes: VarChange[];
    /** Of the patch; null: it is superseded. */
    compileMs: number | null;
    transferMs: number;
    installMs: number;
    error?: ErrorReport;
  } | null;
}

export const DEFAULT_URL = `http://localhost:${DEFAULT_PORTS.http}`;

export async function findServer({ host, port, url }: ServerChoice): Promise<Address> {
  if (url !== undefined) {
    const { ports } = await fetchStatus(url);
    return address(host, ports.nrepl, "");
  }
  if (port !== undefined) return address(host, port, "");
  const file = findUp(".nrepl-port");
  if (file === undefined) return address(host, DEFAULT_PORTS.nrepl, "");
  return address(host, portIn(file), ` (the port is from ${file})`);
}

const address = (host: string, port: number, from: string): Address => ({
  host,
  port,
  text: `${host.includes(":") ? `[${host}]` : host}:${port}${from}`,
  hint: "start one with jank-hot serve, or give --port",
});

function portIn(file: string): number {
  const text = readFileSync(file, "utf8").trim();
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port > 0 && port < 65536) return port;
  throw new UserError(`${file} holds no port: remove it, or give --port`);
}

function findUp(name: string): string | undefined {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const file = join(folder, name);
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Rejects with a UserError. */
export async function fetchStatus(url: string): Promise<Status> {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new UserError(`--url must be as ${DEFAULT_URL}, got ${url}`);
  const response = await fetch(new URL("/status", url)).catch(() => {
    throw new UserError(
      `no server answers at ${url}: start one with jank-hot serve, or give --url`,
    );
  });
  if (!response.ok) throw new UserError(`${url} answers with HTTP status ${response.status}`);
  const status = (await response.json().catch(() => undefined)) as Partial<Status> | undefined;
  if (status?.epoch === undefined || !status.pages || !status.ports)
    throw new UserError(`what answers at ${url} is not jank-hot`);
  return status as Status;
}
