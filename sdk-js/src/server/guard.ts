// Who may talk to a development server. A browser sends requests for every page
// that is open, so being on loopback is not enough: the Host must be ours (DNS
// rebinding), and the Origin, when a browser says one, must be one of our pages.
// What has neither Origin nor Sec-Fetch-Site is no browser: curl, an editor.

import type { IncomingMessage } from "node:http";

export interface GuardOptions {
  /** The ports on which this server answers HTTP and WebSocket. */
  ports: number[];
  /** More origins that may evaluate code, as "https://app.test:3000". */
  allowedOrigins?: string[];
  /** More names that Host may have, as "dev.test", or "dev.test:443" behind a proxy. */
  allowedHosts?: string[];
}

/** What the guard looks at, of HTTP requests and of WebSocket upgrades. */
export type GuardedRequest = Pick<IncomingMessage, "headers" | "method">;

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Why the request is refused; undefined: it is fine. `isPlainFile`: nothing but
 * a file is asked for, which a link on another site may lead to.
 */
export function refusal(
  request: GuardedRequest,
  options: GuardOptions,
  isPlainFile = false,
): string | undefined {
  const { host, origin } = request.headers;
  const hosts = ownHosts(options);
  if (host === undefined || !hosts.includes(host.toLowerCase()))
    return `the Host ${JSON.stringify(host ?? "")} is not this server (option --allow-host)`;
  if (origin !== undefined && !isOwnOrigin(origin, hosts, options))
    return `the origin ${JSON.stringify(origin)} may not use this server (option --allow-origin)`;
  if (origin === undefined && isForeign(request) && !(isPlainFile && isNavigation(request)))
    return "requests from other sites are refused";
  return undefined;
}

function ownHosts({ ports, allowedHosts = [] }: GuardOptions): string[] {
  const names = [...LOOPBACK, ...allowedHosts.map((name) => name.toLowerCase())];
  return [
    ...names.flatMap((name) => ports.map((port) => `${name}:${port}`)),
    ...(ports.includes(80) ? names : []),
    ...allowedHosts.map((name) => name.toLowerCase()),
  ];
}

function isOwnOrigin(
  origin: string,
  hosts: string[],
  { allowedOrigins = [] }: GuardOptions,
): boolean {
  return (
    allowedOrigins.includes(origin) ||
    hosts.some((host) => origin === `http://${host}` || origin === `https://${host}`)
  );
}

function isForeign({ headers }: GuardedRequest): boolean {
  const site = headers["sec-fetch-site"];
  return site !== undefined && site !== "same-origin" && site !== "none";
}

function isNavigation({ method, headers }: GuardedRequest): boolean {
  return (
    (method === "GET" || method === "HEAD") &&
    headers["sec-fetch-mode"] === "navigate" &&
    headers["sec-fetch-dest"] === "document"
  );
}
