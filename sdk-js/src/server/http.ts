// HTTP: the page and its files, POST /eval, GET /status.

import { createReadStream, realpathSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import type { Engine } from "./engine.js";
import { refusal, type GuardOptions } from "./guard.js";

const MAX_BODY = 1024 * 1024;
/** Of a body that is too large so much is read, and dropped, to answer at its end. */
const MAX_DRAINED = 64 * MAX_BODY;

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jank": "text/plain; charset=utf-8",
};

export interface HttpOptions {
  engine: Engine;
  /** The folder that is served. */
  root: string;
  /** The client's files, served under /jank/. */
  dist: string;
  guard: GuardOptions;
  status: () => Promise<object>;
}

/** A failure that is the request's own; the text goes to its sender. */
class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export function createHttpServer(options: HttpOptions): Server {
  return createServer((request, response) => {
    handle(request, response, options).catch((error: unknown) => {
      const status = error instanceof HttpError ? error.status : 500;
      sendJson(response, status, { ok: false, error: { message: (error as Error).message } });
    });
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
): Promise<void> {
  const pathname = pathOf(request);
  const isPlainFile = pathname !== "/eval" && pathname !== "/status";
  const refused = refusal(request, options.guard, isPlainFile);
  if (refused !== undefined) throw new HttpError(403, refused);
  if (pathname === undefined) throw new HttpError(400, "a malformed address");
  if (pathname === "/eval") {
    if (request.method !== "POST") throw new HttpError(405, "/eval takes POST");
    await evaluate(request, response, options);
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    throw new HttpError(405, `${request.method ?? ""} is not supported here`);
  } else if (pathname === "/status") {
    sendJson(response, 200, await options.status());
  } else {
    sendFile(response, fileOf(pathname, options), request.method === "HEAD");
  }
}

/** The path that is asked for, still encoded; undefined: it cannot be read. */
export function pathOf({ url = "/" }: IncomingMessage): string | undefined {
  try {
    return new URL(url, "http://localhost").pathname;
  } catch {
    return undefined;
  }
}

async function evaluate(
  request: IncomingMessage,
  response: ServerResponse,
  { engine }: HttpOptions,
): Promise<void> {
  const { value, ns, out, err, error, compileMs, bytes, pages } = await engine.evaluate(
    await readBody(request),
    { file: "/eval" },
  );
  const ok = error === undefined;
  sendJson(response, ok ? 200 : 400, { ok, value, ns, out, err, error, compileMs, bytes, pages });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
    if (size > MAX_DRAINED) break;
  }
  if (size > MAX_BODY) throw new HttpError(413, "the body is larger than 1 MiB");
  return Buffer.concat(chunks).toString("utf8");
}

function fileOf(pathname: string, { root, dist }: HttpOptions): string {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    throw new HttpError(400, "a malformed path");
  }
  const [folder, name] = path.startsWith("/jank/") ? [dist, path.slice(6)] : [root, path.slice(1)];
  const parts = normalize(name).split(sep);
  const file = join(folder, name === "" || name.endsWith("/") ? `${name}index.html` : name);
  const isHidden = parts.some((part) => part.startsWith(".") && part !== ".");
  const found = /[\0\\]/.test(path) || isHidden ? undefined : realPathInside(folder, file);
  if (found === undefined) throw new HttpError(404, `no such file: ${pathname}`);
  return found;
}

/** Where the file really is; undefined: nowhere, or links lead out of the folder. */
function realPathInside(folder: string, file: string): string | undefined {
  try {
    const path = realpathSync(file);
    return path.startsWith(join(realpathSync(folder), sep)) ? path : undefined;
  } catch {
    return undefined;
  }
}

function sendFile(response: ServerResponse, path: string, headOnly: boolean): void {
  const size = sizeOf(path);
  if (size === undefined) throw new HttpError(404, "no such file");
  response.writeHead(200, {
    ...securityHeaders,
    "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
    "Content-Length": size,
    "Cache-Control": "no-cache",
  });
  if (headOnly) response.end();
  else
    createReadStream(path)
      .on("error", () => response.destroy())
      .pipe(response);
}

function sizeOf(path: string): number | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat.size : undefined;
  } catch {
    return undefined;
  }
}

const securityHeaders = {
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; " +
    "connect-src 'self' ws://localhost:* ws://127.0.0.1:*; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
};

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, {
    ...securityHeaders,
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
  });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
