// Which files the suite has: sdk-c/test/lang for every engine, and beside this
// file what needs JavaScript. JANK_LANG is a part of the names of those to run.

import { readdirSync, readFileSync } from "node:fs";

const BOTH = [
  new URL("../../../sdk-c/test/lang/", import.meta.url),
  new URL("./", import.meta.url),
];

export function suiteFiles() {
  return BOTH.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".jank") && name.includes(process.env.JANK_LANG ?? ""))
      .sort()
      .map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") })),
  );
}
