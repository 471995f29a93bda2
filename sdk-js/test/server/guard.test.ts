import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal, type GuardOptions } from "../../src/server/guard.js";

const OPTIONS: GuardOptions = {
  ports: [8080, 7888],
  allowedOrigins: ["https://app.test:3000"],
  allowedHosts: ["dev.test"],
};
const OURS = "localhost:8080";

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
    const headers = { host: OURS, origin };
    assert.equal(refusal({ method: "POST", headers }, OPTIONS) === undefined, fine);
  });

test("without Origin: other sites are refused, tools are not", () => {
  const answer = (site?: string) =>
    refusal(
      { method: "POST", headers: { host: OURS, ...(site && { "sec-fetch-site": site }) } },
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
  assert.equal(refusal({ method: "GET", headers }, OPTIONS, true), undefined);
  assert.match(refusal({ method: "GET", headers }, OPTIONS) ?? "", /other sites/);
  assert.match(refusal({ method: "POST", headers }, OPTIONS, true) ?? "", /other sites/);
  for (const part of [{ "sec-fetch-mode": "no-cors" }, { "sec-fetch-dest": "iframe" }])
    assert.match(
      refusal({ method: "GET", headers: { ...headers, ...part } }, OPTIONS, true) ?? "",
      /other sites/,
    );
});

test("port 80 need not be named", () => {
  const headers = { host: "localhost", origin: "http://localhost" };
  assert.equal(refusal({ method: "POST", headers }, { ports: [80] }), undefined);
});
