// Who may talk to a development server: the one guard of HTTP requests and of
// WebSocket upgrades. A browser sends requests for every page that is open, so
// being on loopback is not enough.
//
// 1. The Host must be ours, once: a rebound name (DNS) makes a foreign page
//    same-origin, and nothing else tells it.
// 2. The Origin, when there is one, must be ours or allowed; `null` never is.
// 3. What has no Origin, but a Sec-Fetch-Site of another site, is refused; only a
//    link may lead to a plain file.
// 4. Whatever evaluates needs the process's token as well (token.ts):
//    - A page of ours holds it in a cookie: HttpOnly, SameSite=Strict, set with
//      every HTML document. Its user does nothing. A page that some other server
//      left open on this port, or a name that only the proxy knows, has none.
//    - A page of an allowed origin needs none if its browser vouches for that
//      origin: https, or loopback. Who started the server has named it, no script
//      can claim it, and a token in a static page would be read by whoever reads
//      the page. A plain http origin is whoever answers on that network: it
//      must give the token, as ?token=.
//    - What has neither Origin nor Sec-Fetch-Site is no browser: curl, an editor.
//      The ports are on loopback only, and such a program needs none: it runs as
//      somebody of this machine, and could read the page's cookie just as well.
//    - A token that is given must be right, whoever gives it.

import type { IncomingMessage } from "node:http";
import type { Token } from "./token.js";

export interface GuardOptions {
  /** The ports on which this server answers HTTP and WebSocket; the page's first. */
  ports: number[];
  token: Token;
  /** More origins that may evaluate code, as "https://app.test:3000". */
  allowedOrigins?: string[];
  /** More names that Host may have, as "dev.test", or "dev.test:443" behind a proxy. */
  allowedHosts?: string[];
}

/** What the guard looks at, of HTTP requests and of WebSocket upgrades. */
export type GuardedRequest = Pick<IncomingMessage, "headers" | "method"> &
  Partial<Pick<IncomingMessage, "url" | "rawHeaders">>;

/** What is asked for: to run code, to be told of the server's state, a file of the page. */
export type Access = "evaluate" | "read" | "file";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Why the request is refused; undefined: it is fine. */
export function refusal(
  request: GuardedRequest,
  options: GuardOptions,
  access: Access = "evaluate",
): string | undefined {
  const { host, origin } = request.headers;
  const hosts = ownHosts(options);
  if (host === undefined || isRepeated(request, "host") || !hosts.includes(host.toLowerCase()))
    return `the Host ${shown(host)} is not this server (option --allow-host)`;
  if (isRepeated(request, "origin") || (origin !== undefined && !isOurs(origin, hosts, options)))
    return `the origin ${shown(origin)} may not use this server (option --allow-origin)`;
  if (origin === undefined && isForeign(request) && !(access === "file" && isNavigation(request)))
    return "requests from other sites are refused";
  return access === "evaluate" ? tokenRefusal(request, options) : undefined;
}

/** Text from outside, short. */
const shown = (text = ""): string => JSON.stringify(text.slice(0, 100));

// ---- Host and Origin ------------------------------------------------------------

function ownHosts({ ports, allowedHosts = [] }: GuardOptions): string[] {
  const names = [...LOOPBACK, ...allowedHosts.map((name) => name.toLowerCase())];
  return [
    ...names.flatMap((name) => ports.map((port) => `${name}:${port}`)),
    ...(ports.includes(80) ? names : []),
    ...allowedHosts.map((name) => name.toLowerCase()),
  ];
}

/** Node keeps the first, a proxy may have looked at the last. */
function isRepeated({ rawHeaders = [] }: GuardedRequest, name: string): boolean {
  return rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length > 1;
}

function isAllowed(origin: string, { allowedOrigins = [] }: GuardOptions): boolean {
  return origin !== "null" && allowedOrigins.includes(origin);
}

function isOurs(origin: string, hosts: string[], options: GuardOptions): boolean {
  return (
    isAllowed(origin, options) ||
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

// ---- The token --------------------------------------------------------------------

function tokenRefusal(request: GuardedRequest, options: GuardOptions): string | undefined {
  const { origin, "sec-fetch-site": site } = request.headers;
  const given = tokenOfAddress(request);
  if (given !== undefined)
    return options.token.accepts(given) ? undefined : "the token is not this server's";
  if (origin === undefined && site === undefined) return undefined;
  if (origin !== undefined && isAllowed(origin, options) && isVouchedFor(origin)) return undefined;
  if (cookiesOf(request, cookieName(options)).some((text) => options.token.accepts(text)))
    return undefined;
  return (
    "the page has no token of this server: load it from here again, " +
    "or give it the one in .jank-hot/token (?token=)"
  );
}

function tokenOfAddress({ url = "" }: GuardedRequest): string | undefined {
  const at = url.indexOf("?");
  return at < 0 ? undefined : (new URLSearchParams(url.slice(at)).get("token") ?? undefined);
}

/** Cookies are shared by all ports of a host: another server's page can add one. */
function cookiesOf({ headers }: GuardedRequest, name: string): string[] {
  const pairs = (headers.cookie ?? "").split(";").map((pair) => pair.trim());
  return pairs
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

const cookieName = ({ ports }: GuardOptions): string => `jank-hot-${ports[0] ?? 0}`;

/** Set-Cookie of an upgrade: a page that holds the cookie may hold an earlier one. */
export function renewedCookie(request: GuardedRequest, options: GuardOptions): string | undefined {
  return cookiesOf(request, cookieName(options)).length ? tokenCookie(options) : undefined;
}

/** Set-Cookie, for pages of ours. */
export function tokenCookie(options: GuardOptions): string {
  return `${cookieName(options)}=${options.token.text}; Path=/; HttpOnly; SameSite=Strict`;
}

/** No network decides who answers at it. Other schemes are a browser's own, as an extension's. */
function isVouchedFor(origin: string): boolean {
  if (!origin.startsWith("http://")) return true;
  const { hostname } = URL.canParse(origin) ? new URL(origin) : { hostname: "" };
  return LOOPBACK.includes(hostname) || hostname.endsWith(".localhost");
}
