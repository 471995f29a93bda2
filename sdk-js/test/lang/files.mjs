// Which files the suite has: sdk-c/test/lang for every engine, and beside this file what
// needs JavaScript; and which cases of them are to run:
//
//   JANK_LANG=seqs,strings    of these files
//   JANK_CASES=range          of these, the cases whose place or text has this in it
//                             (or /matches this/: patternOf of tools/test-choice.mjs)

import { readdirSync, readFileSync } from "node:fs";
import { patternOf } from "../../tools/test-choice.mjs";
import { parseCases } from "./cases.mjs";

const ENDING = /\.jank$/;
const FOLDERS = [
  { url: new URL("../../../sdk-c/test/lang/", import.meta.url), isForAll: true },
  { url: new URL("./", import.meta.url), isForAll: false },
];

/** All: their names without `.jank`, where they are, and whether every engine has them. */
export const languageFiles = () =>
  FOLDERS.flatMap(({ url, isForAll }) =>
    readdirSync(url)
      .filter((file) => ENDING.test(file))
      .sort()
      .map((file) => ({ name: file.replace(ENDING, ""), url: new URL(file, url), isForAll })),
  );

/** What is compiled at run time is WebAssembly, which a machine does not run. */
export const isNative = ({ name, isForAll }) => isForAll && name.replace(ENDING, "") !== "eval";

// A case's name: where it is, and what it says.
const nameOf = (file, { line, source, value, error, out }) =>
  [`${file}:${line}: ${source.trim()}`, value, error, out].filter(Boolean).join("\n");

/**
 * Those that are to run. `lines`: of the cases that are chosen, or undefined for all; a
 * file that has none that is chosen is not among them.
 */
export function suiteFiles({ JANK_LANG, JANK_CASES } = process.env) {
  const names = JANK_LANG?.split(",");
  const pattern = JANK_CASES && patternOf(JANK_CASES);
  return languageFiles()
    .filter(({ name }) => names?.includes(name) ?? true)
    .map(({ name, url, isForAll }) => {
      const file = { name: `${name}.jank`, text: readFileSync(url, "utf8"), isForAll };
      if (!pattern) return file;
      const cases = parseCases(file.text).filter((each) =>
        pattern.matches(nameOf(file.name, each)),
      );
      return { ...file, lines: cases.map(({ line }) => line) };
    })
    .filter(({ lines }) => lines?.length !== 0);
}
