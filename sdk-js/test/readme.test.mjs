// The Markdown files: the data paths name functions that exist where they say, every link
// within the repository leads to something, and the README stays short.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (file) => readFileSync(join(ROOT, file), "utf8");

// ---- The data path ----------------------------------------------------------------

// A definition, not a call: at a line's start, with a type, a name or nothing in front.
const defines = (text, name) =>
  new RegExp(
    `^(?:[\\w*]+[ *]+)*(?:static |async )?[\\w *<>]*?${name.replace("#", "\\#")}(?:<\\w+>)?(?:\\(|: \\()`,
    "m",
  ).test(text.replace(/^ +/gm, ""));

const TABLE = /<!-- data path[^>]*-->([\s\S]*?)<!-- end -->/g;
const rowsOf = (table) =>
  table
    .trim()
    .split("\n")
    .slice(2)
    .map((row) => row.split("|").map((cell) => cell.trim()));

for (const [file, least] of [
  ["sdk-c/README.md", 10],
  ["sdk-js/README.md", 10],
])
  test(`every function of the data path in ${file} is defined in the file that it names`, () => {
    const rows = [...read(file).matchAll(TABLE)].flatMap(([, table]) => rowsOf(table));
    assert.ok(rows.length >= least, `${rows.length} rows`);
    for (const [, , functions, source] of rows) {
      const text = read(source.replaceAll("`", ""));
      const names = [...functions.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
      assert.ok(names.length > 0, `a row of ${source} names no function`);
      for (const name of names) assert.ok(defines(text, name), `${source} does not define ${name}`);
    }
  });

test("a function that is not there is noticed", () => {
  assert.ok(!defines(read("sdk-c/src/load/patch.c"), "jank_patch_missing"));
});

// ---- Links ------------------------------------------------------------------------

/** Not of the tree: what is installed, built or private. */
const OUTSIDE = new Set(["node_modules", "build", "dist", "test-results", "playwright-report"]);

function markdownIn(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || OUTSIDE.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** Links outside of code: [text](target), without those to other hosts. */
function linksIn(text) {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "code");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The name of a heading in links, as GitHub makes it. */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

const anchorsIn = (text) =>
  [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    anchorOf(heading),
  );

/** What is wrong with a link of that file; undefined: nothing. */
function fault(file, link) {
  const [path, anchor] = link.split("#");
  const target = path === "" ? file : join(dirname(file), decodeURIComponent(path));
  if (!existsSync(join(ROOT, target))) return `${file}: nothing is at ${link}`;
  if (anchor === undefined || !target.endsWith(".md")) return undefined;
  return anchorsIn(read(target)).includes(anchor) ? undefined : `${file}: no heading at ${link}`;
}

const documents = markdownIn("");

test("every link within the repository leads to a file, and to a heading of it", () => {
  assert.ok(documents.length > 10);
  const links = documents.flatMap((file) => linksIn(read(file)).map((link) => [file, link]));
  assert.ok(links.length > 50);
  assert.deepEqual(links.map(([file, link]) => fault(file, link)).filter(Boolean), []);
});

test("a link that leads nowhere is noticed", () => {
  assert.match(fault("README.md", "sdk-c/missing.md"), /nothing is at/);
  assert.match(fault("README.md", "#missing"), /no heading/);
  assert.equal(fault("README.md", "#install"), undefined);
});

test("every page of the user's guide is in its table", () => {
  const guide = "demo-site/docs";
  const linked = new Set(linksIn(read(join(guide, "README.md"))));
  const pages = documents.filter((file) => dirname(file) === guide).map((file) => basename(file));
  for (const page of pages) if (page !== "README.md") assert.ok(linked.has(page), page);
});

// ---- Size -------------------------------------------------------------------------

test("README.md has at most 120 lines", () => {
  assert.ok(read("README.md").trimEnd().split("\n").length <= 120);
});
