// HTTP: the page and its files, POST /eval, GET /status. Everything passes the
// guard first (guard.ts); files.ts says which files there are.

import { closeSync, createReadStream } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { extname } from "node:path";
import { pipeline, type Duplex } from "node:stream";
import type { Stream } from "../runtime.js";
import { encodeBencode } from "./bencode.js";
import type { Engine } from "./engine.js";
import { namesOf, openInside, type OpenFile } from "./files.js";
import { refusal, tokenCookie, type GuardOptions } from "./guard.js";
import { openInEditor } from "./open-editor.js";
import type { Pages } from "./pages.js";

const MAX_BODY = 1024 * 1024;
/** Of a body that is too large so much is read, and dropped, to answer at its end. */
const MAX_DRAINED = 64 * MAX_BODY;

/** Of the HTTP and the WebSocket port: who is slow, or many, holds up nobody. */
export const HTTP_LIMITS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  requireHostHeader: true,
};
const MAX_CONNECTIONS = 2000;

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
  pages: Pages;
  /** Of the application: what may be opened in an editor. */
  sources: string[];
  /** A line for people. */
  say: (line: string) => void;
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
  return limited(
    createServer(HTTP_LIMITS, (request, response) =>
      answering(response, handle(request, response, options)),
    ),
  );
}

/** What went wrong with it is told to the sender. */
export function answering(response: ServerResponse, answer: Promise<void>): void {
  answer.catch((error: unknown) => {
    const status = error instanceof HttpError ? error.status : 500;
    sendJson(response, status, { ok: false, error: { message: (error as Error).message } });
  });
}

/** For a server that was made with HTTP_LIMITS: how many, and what is no HTTP. */
export function limited(server: Server): Server {
  server.maxConnections = MAX_CONNECTIONS;
  return server.on("clientError", refuseMalformed);
}

/** vim-fireplace looks for nREPL at the WebSocket's port unless it is told the right one. */
const NOT_NREPL = encodeBencode({
  err: "this is not the nREPL port: its number is in .nrepl-port\n",
  status: ["error", "not-nrepl", "done"],
});
const STATUS: Record<string, string> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** Of what is no HTTP nothing more is read. */
function refuseMalformed(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex) {
  const { code = "", rawPacket } = error;
  if (!socket.writable || code === "ECONNRESET") return void socket.destroy();
  const isBencode = /^d\d+:/.test(rawPacket?.toString("latin1", 0, 12) ?? "");
  const head = `HTTP/1.1 ${STATUS[code] ?? "400 Bad Request"}\r\nConnection: close\r\n\r\n`;
  return void socket.end(isBencode ? NOT_NREPL : head, () => socket.destroy());
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
): Promise<void> {
  const pathname = pathOf(request);
  const access = {
    "/eval": "evaluate",
    "/open-in-editor": "evaluate",
    "/interrupt": "read",
    "/input": "read",
    "/status": "read",
  } as const;
  const refused = refusal(
    request,
    options.guard,
    access[pathname as keyof typeof access] ?? "file",
  );
  if (refused !== undefined) throw new HttpError(403, refused);
  if (pathname === undefined) throw new HttpError(400, "a malformed address");
  if (pathname === "/eval") {
    if (request.method !== "POST") throw new HttpError(405, "/eval takes POST");
    await evaluate(request, response, options);
  } else if (pathname === "/open-in-editor") {
    if (request.method !== "POST") throw new HttpError(405, "/open-in-editor takes POST");
    const folders = [options.root, ...options.sources];
    const error = openInEditor(queryOf(request), folders, options.say);
    if (error !== undefined) throw new HttpError(404, error);
    sendJson(response, 200, { ok: true });
  } else if (isQuestion(pathname)) {
    await answerQuestion(request, response, options.pages);
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    throw new HttpError(405, `${request.method ?? ""} is not supported here`);
  } else if (pathname === "/status") {
    sendJson(response, 200, await options.status());
  } else {
    sendFile(response, openFile(pathname, options), options, request.method === "HEAD");
  }
}

/** The path that is asked for, still encoded; undefined: it cannot be one. */
export function pathOf({ url = "/" }: Pick<IncomingMessage, "url">): string | undefined {
  const [path = ""] = url.split("?", 1);
  return /^\/(?!\/)[\x21-\x7e]*$/.test(path) && !url.includes("#") ? path : undefined;
}

function queryOf({ url = "" }: Pick<IncomingMessage, "url">): URLSearchParams {
  const at = url.indexOf("?");
  return new URLSearchParams(at < 0 ? "" : url.slice(at));
}

/** What a page asks in the middle of what it runs; see client/interrupt.ts. */
const QUESTIONS: Record<string, string> = { "/interrupt": "GET", "/input": "POST" };

export const isQuestion = (pathname: string | undefined): boolean =>
  pathname !== undefined && Object.hasOwn(QUESTIONS, pathname);

/**
 * As JSON: of /interrupt whether it is to stop, of /input Page.readLine's `line`.
 * A page of another origin, which the guard has let in, may read that.
 */
export async function answerQuestion(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Pages,
): Promise<void> {
  const pathname = pathOf(request) ?? "";
  const method = QUESTIONS[pathname] ?? "";
  if (request.method !== method) throw new HttpError(405, `${pathname} takes ${method}`);
  const query = queryOf(request);
  const page = pages.all.find(({ id }) => id === query.get("client"));
  const run = query.get("run") ?? undefined;
  const answer =
    pathname === "/interrupt"
      ? { stop: page?.isToStop(run) ?? false }
      : { line: page ? await page.readLine(run ?? "", printedOf(await readBody(request))) : null };
  const { origin } = request.headers;
  response.writeHead(200, {
    ...securityHeaders,
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    ...(origin !== undefined && {
      "Access-Control-Allow-Origin": origin,
      "Cross-Origin-Resource-Policy": "cross-origin",
      Vary: "Origin",
    }),
  });
  response.end(JSON.stringify(answer));
}

/** What a run has printed until it waits for a line. */
function printedOf(body: string): Record<Stream, string> {
  let printed: Partial<Record<Stream, unknown>> | null;
  try {
    printed = JSON.parse(body) as typeof printed;
  } catch {
    throw new HttpError(400, "the body is not JSON");
  }
  const { out, err } = printed ?? {};
  if (typeof out !== "string" || typeof err !== "string")
    throw new HttpError(400, 'the body is not {"out": text, "err": text}');
  return { out, err };
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

function openFile(pathname: string, { root, dist }: HttpOptions): OpenFile {
  let names: string[] | undefined;
  try {
    names = namesOf(pathname);
  } catch {
    throw new HttpError(400, "a malformed path");
  }
  const isClient = names?.[0] === "jank";
  const file = names && openInside(isClient ? dist : root, isClient ? names.slice(1) : names);
  if (!file) throw new HttpError(404, `no such file: ${pathname.slice(0, 200)}`);
  return file;
}

function sendFile(
  response: ServerResponse,
  { fd, size, path }: OpenFile,
  { guard }: HttpOptions,
  headOnly: boolean,
): void {
  const type = TYPES[extname(path).toLowerCase()] ?? "application/octet-stream";
  response.writeHead(200, {
    ...securityHeaders,
    "Content-Type": type,
    "Content-Length": size,
    "Cache-Control": "no-cache",
    ...(type.startsWith("text/html") && { "Set-Cookie": tokenCookie(guard) }),
  });
  if (headOnly || size === 0) {
    closeSync(fd);
    response.end();
    return;
  }
  // What the file grows by meanwhile is not sent; one that shrinks ends the connection.
  const file = createReadStream("", { fd, start: 0, end: size - 1 });
  pipeline(file, response, () => undefined);
}

export const securityHeaders = {
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; " +
    "connect-src 'self' ws://localhost:* ws://127.0.0.1:* http://localhost:* http://127.0.0.1:*; " +
    "frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
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
