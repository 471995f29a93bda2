// Who may talk to a development server. A browser sends requests for every page
// that is open, so being on loopback is not enough: the Host must be ours (DNS
// rebinding), and the Origin, when a browser says one, must be one of our pages.

import type { IncomingMessage } from "node:http";

export interface GuardOptions {
  /** The ports on which this server answers HTTP and WebSocket. */
  ports: number[];
  /** More origins that may evaluate code, as "https://app.test:3000". */
  allowedOrigins?: string[];
  /** More names that Host may have, as "dev.test". */
  allowedHosts?: string[];
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Why the request is refused; undefined: it is fine. */
export function refusal(request: IncomingMessage, options: GuardOptions): string | undefined {
  const { host, origin } = request.headers;
  if (!isOwnHost(host, options)) return `the Host ${JSON.stringify(host ?? "")} is not this server`;
  if (origin !== undefined && !isOwnOrigin(origin, options))
    return `the origin ${JSON.stringify(origin)} may not use this server (option --allow-origin)`;
  const site = request.headers["sec-fetch-site"];
  if (origin === undefined && (site === "cross-site" || site === "same-site"))
    return "requests from other sites are refused";
  return undefined;
}

function isOwnHost(host: string | undefined, { ports, allowedHosts = [] }: GuardOptions): boolean {
  if (host === undefined) return false;
  const names = [...LOOPBACK, ...allowedHosts];
  return names.some(
    (name) => host === name || ports.some((port) => host.toLowerCase() === `${name}:${port}`),
  );
}

function isOwnOrigin(
  origin: string,
  { ports, allowedOrigins = [], allowedHosts = [] }: GuardOptions,
): boolean {
  if (allowedOrigins.includes(origin)) return true;
  return [...LOOPBACK, ...allowedHosts].some((name) =>
    ports.some(
      (port) => origin === `http://${name}:${port}` || origin === `https://${name}:${port}`,
    ),
  );
}
