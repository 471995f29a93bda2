import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal, renewedCookie, tokenCookie, type GuardOptions } from "../../src/server/guard.js";
import { Token } from "../../src/server/token.js";

const token = new Token();
const OPTIONS: GuardOptions = {
  ports: [8080, 7888],
  token,
  allowedOrigins: ["https://app.test:3000"],
  allowedHosts: ["dev.test"],
};
const OURS = "localhost:8080";
const cookie = tokenCookie(OPTIONS).split(";")[0] as string;

const HOSTS: [string | undefined, boolean][] = [
  ["localhost:8080", true],
  ["LOCALHOST:8080", true],
  ["127.0.0.1:7888", true],
  ["[::1]:8080", true],
  ["dev.test:8080", true],
  ["dev.test", true],
  [undefined, false],
  ["", false],
  ["localhost", false],
  ["localhost:80", false],
  ["localhost:9999", false],
  ["localhost:8080.evil.test", false],
  ["evil.test:8080", false],
  ["evil.test", false],
  ["localhost.evil.test:8080", false],
  ["evil.test@localhost:8080", false],
  ["127.0.0.2:8080", false],
  ["0.0.0.0:8080", false],
  ["::1:8080", false],
  ["[::1", false],
  ["[[]]:8080", false],
  ["localhost:8080,localhost:8080", false],
  ["%zz", false],
];

for (const [host, fine] of HOSTS)
  test(`Host ${JSON.stringify(host)} is ${fine ? "ours" : "refused"}`, () => {
    const headers = host === undefined ? {} : { host };
    assert.equal(refusal({ method: "POST", headers }, OPTIONS) === undefined, fine);
  });

const ORIGINS: [string, boolean][] = [
  ["http://localhost:8080", true],
  ["http://127.0.0.1:8080", true],
  ["http://[::1]:7888", true],
  ["https://dev.test", true],
  ["https://app.test:3000", true],
  ["null", false],
  ["", false],
  ["http://localhost", false],
  ["http://localhost:3000", false],
  ["http://evil.test", false],
  ["http://evil.test:8080", false],
  ["http://localhost:8080.evil.test", false],
  ["http://localhost:8080/", false],
  ["https://app.test:3001", false],
  ["file://", false],
  ["chrome-extension://localhost:8080", false],
];

for (const [origin, fine] of ORIGINS)
  test(`Origin ${JSON.stringify(origin)} is ${fine ? "ours" : "refused"}`, () => {
    const headers = { host: OURS, origin, cookie };
    assert.equal(refusal({ method: "POST", headers }, OPTIONS) === undefined, fine);
  });

test("without Origin: other sites are refused, tools are not", () => {
  const answer = (site?: string) =>
    refusal(
      { method: "POST", headers: { host: OURS, cookie, ...(site && { "sec-fetch-site": site }) } },
      OPTIONS,
    );
  assert.equal(answer(), undefined);
  assert.equal(answer("same-origin"), undefined);
  assert.equal(answer("none"), undefined);
  for (const site of ["cross-site", "same-site", "nonsense"])
    assert.match(answer(site) ?? "", /other sites/);
});

test("a link on another site may lead to a page, and to nothing else", () => {
  const headers = {
    host: OURS,
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  assert.equal(refusal({ method: "GET", headers }, OPTIONS, "file"), undefined);
  assert.match(refusal({ method: "GET", headers }, OPTIONS) ?? "", /other sites/);
  assert.match(refusal({ method: "POST", headers }, OPTIONS, "file") ?? "", /other sites/);
  for (const part of [{ "sec-fetch-mode": "no-cors" }, { "sec-fetch-dest": "iframe" }])
    assert.match(
      refusal({ method: "GET", headers: { ...headers, ...part } }, OPTIONS, "file") ?? "",
      /other sites/,
    );
});

test("port 80 need not be named", () => {
  const options = { ports: [80], token };
  const headers = { host: "localhost", origin: "http://localhost", cookie: tokenCookie(options) };
  assert.equal(refusal({ method: "POST", headers }, options), undefined);
});

test("a header that comes twice is refused", () => {
  const request = (...rawHeaders: string[]) => ({ headers: { host: OURS }, rawHeaders });
  assert.equal(refusal(request("Host", OURS), OPTIONS), undefined);
  assert.match(refusal(request("Host", OURS, "host", "evil.test"), OPTIONS) ?? "", /Host/);
  const origins = ["Host", OURS, "Origin", "http://localhost:8080", "ORIGIN", "http://evil.test"];
  assert.match(refusal(request(...origins), OPTIONS) ?? "", /origin/);
});

test("null is no origin of ours, even when it is allowed", () => {
  const headers = { host: OURS, origin: "null", cookie };
  assert.match(refusal({ headers }, { ...OPTIONS, allowedOrigins: ["null"] }) ?? "", /origin/);
});

// ---- The token --------------------------------------------------------------------

const wrong = `jank-hot-8080=${"A".repeat(43)}`;
const named = `/repl?token=${token.text}`;
const allowed = "https://app.test:3000";
const plain = "http://app.test";

const EVALUATIONS: [string, Record<string, string>, string, boolean][] = [
  ["a local tool", {}, "/repl", true],
  ["a local tool with the token", {}, named, true],
  ["a local tool with a wrong token", {}, "/repl?token=x", false],
  ["a local tool with an empty token", {}, "/repl?token=", false],
  ["our page with its cookie", { origin: "http://localhost:8080", cookie }, "/repl", true],
  [
    "our page with its cookie among others",
    { origin: `http://${OURS}`, cookie: `a=b; ${wrong};${cookie}` },
    "/eval",
    true,
  ],
  ["our page with the token", { origin: "http://localhost:8080" }, named, true],
  [
    "a page of ours that this server did not serve",
    { origin: "http://localhost:8080" },
    "/repl",
    false,
  ],
  [
    "our page with a wrong cookie",
    { origin: "http://localhost:8080", cookie: wrong },
    "/repl",
    false,
  ],
  [
    "our page with the cookie of another port",
    { origin: `http://${OURS}`, cookie: cookie.replace("8080", "8081") },
    "/repl",
    false,
  ],
  [
    "our page with half of the token",
    { origin: `http://${OURS}`, cookie: cookie.slice(0, -20) },
    "/repl",
    false,
  ],
  [
    "our page with a wrong token beside its cookie",
    { origin: `http://${OURS}`, cookie },
    "/repl?token=x",
    false,
  ],
  ["our page without Origin, as GET has none", { "sec-fetch-site": "same-origin" }, "/eval", false],
  ["an allowed https origin", { origin: allowed }, "/repl", true],
  ["an allowed https origin with a wrong token", { origin: allowed }, "/repl?token=x", false],
  ["an allowed loopback origin", { origin: "http://localhost:3000" }, "/repl", true],
  ["an allowed plain http origin", { origin: plain }, "/repl", false],
  ["an allowed plain http origin with the token", { origin: plain }, named, true],
  ["a foreign origin with the token", { origin: "http://evil.test", cookie }, named, false],
  ["another site with the token", { "sec-fetch-site": "cross-site", cookie }, named, false],
];

for (const [who, headers, url, fine] of EVALUATIONS)
  test(`${who} ${fine ? "evaluates" : "does not evaluate"}`, () => {
    const allowedOrigins = [allowed, plain, "http://localhost:3000"];
    const request = { method: "POST", url, headers: { host: OURS, ...headers } };
    const refused = refusal(request, { ...OPTIONS, allowedOrigins });
    assert.equal(refused === undefined, fine, refused);
    assert.ok(!(refused ?? "").includes(token.text));
  });

test("the cookie is for no script, and for no other site", () => {
  assert.match(
    tokenCookie(OPTIONS),
    /^jank-hot-8080=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  );
});

test("a page that was open while the server started again gets the new cookie", () => {
  const next = { ...OPTIONS, token: new Token([token.text, "nonsense"]) };
  const request = { method: "GET", headers: { host: OURS, origin: `http://${OURS}`, cookie } };
  assert.equal(refusal(request, next), undefined);
  assert.equal(renewedCookie(request, next), tokenCookie(next));
  assert.equal(renewedCookie({ method: "GET", headers: { host: OURS } }, next), undefined);
});

test("tokens are random, and of earlier ones only some are remembered", () => {
  const earlier = Array.from({ length: 20 }, () => new Token().text);
  assert.equal(new Set(earlier).size, 20);
  const last = new Token(earlier);
  assert.deepEqual(
    earlier.map((text) => last.accepts(text)),
    earlier.map((_, i) => i < 8),
  );
  for (const text of ["", "\0", token.text, `${last.text}\n`, last.text.slice(1)])
    assert.ok(!last.accepts(text));
});
