// The house of sdk-js/src: no file needs itself, by whatever way round, and a folder uses
// only those below it. Imports of types count: who reads a file reads those too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { filesIn } from "../../tools/system.mjs";
import { circleIn } from "./graph.mjs";

const SOURCES = fileURLToPath(new URL("../../src", import.meta.url));

/** From the ground up: what each floor may use. "common": files of no folder. */
const FLOORS = {
  protocol: [],
  common: ["protocol"],
  link: [],
  native: ["common", "link"],
  client: ["protocol", "common"],
  server: ["common", "native"],
  cli: ["common", "link", "native", "client", "server"],
  playwright: ["common", "server"],
  "index.ts": ["common", "client"],
  "global.ts": ["common", "client", "index.ts"],
};

/** Made by the build, or by `jank-hot bundle`. */
const MADE = ["jank.mjs", "cli/app.mjs"];

const floorOf = (file) =>
  file in FLOORS ? file : file.includes("/") ? file.split("/", 1)[0] : "common";

/** `files`: texts by their names; the files that each one imports, in any way. */
function importsIn(files) {
  const resolved = (from, path) => {
    const name = posix.join(posix.dirname(from), path);
    const found = [name, name.replace(/\.js$/, ".ts")].find((each) => files.has(each));
    assert.ok(found ?? MADE.includes(name), `${from} imports ${path}, which is not there`);
    return found ? [found] : [];
  };
  return new Map(
    [...files].map(([file, text]) => {
      const { importedFiles } = ts.preProcessFile(text, true, true);
      const paths = importedFiles.map(({ fileName }) => fileName);
      return [
        file,
        paths.filter((path) => path.startsWith(".")).flatMap((path) => resolved(file, path)),
      ];
    }),
  );
}

const files = new Map(
  filesIn(SOURCES, /(?<!\.d)\.(ts|mjs)$/).map((file) => [
    file,
    readFileSync(join(SOURCES, file), "utf8"),
  ]),
);
const imports = importsIn(files);

test("no file of sdk-js/src imports itself, through others", () => {
  assert.ok(imports.get("index.ts").includes("client/client.ts"));
  assert.ok(imports.get("client/client.ts").includes("client/development.ts"), "on demand");
  assert.equal(circleIn(imports), undefined);
});

test("a folder of sdk-js/src uses only those below it", () => {
  const names = Object.keys(FLOORS);
  for (const [i, name] of names.entries())
    for (const other of FLOORS[name]) assert.ok(names.indexOf(other) < i, `${name}, ${other}`);
  for (const [file, targets] of imports) {
    const floor = floorOf(file);
    assert.ok(floor in FLOORS, `${file}: FLOORS does not say what ${floor} may use`);
    for (const target of targets)
      assert.ok(
        floorOf(target) === floor || FLOORS[floor].includes(floorOf(target)),
        `${file} imports ${target}: ${floor} may use ${FLOORS[floor].join(", ") || "nothing"}`,
      );
  }
});

test("a circle is noticed, of types too, and named", () => {
  const circle = new Map([
    ["a.ts", 'import { b } from "./folder/b.js";'],
    ["folder/b.ts", 'import type { C } from "./c.js"; export const b = 1;'],
    ["folder/c.ts", 'export * from "../d.mjs";'],
    ["d.mjs", 'const c = () => import("./folder/b.js");'],
  ]);
  assert.equal(circleIn(importsIn(circle)), "folder/b.ts -> folder/c.ts -> d.mjs -> folder/b.ts");
  circle.set("d.mjs", "// import b from './folder/b.js';");
  assert.equal(circleIn(importsIn(circle)), undefined);
});
