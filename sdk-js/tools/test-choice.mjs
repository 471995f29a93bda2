// test-choice.mjs - which tests a command line means. In: its words, and the names of
// the suites and of their files. Out: suites, in each all files or some, and a pattern.
//
//   lang                a suite
//   lang/seqs           a file of it
//   js/server           a folder of its files
//   -t range            of those, tests whose name has this in it
//   -t '/range|take/'   or matches this

import { dirname } from "node:path";
import { UserError } from "./system.mjs";

// ---- Names of tests -----------------------------------------------------------------

const EXPRESSION = /^\/(.+)\/(i?)$/s;
/** Text as a regular expression that matches it. */
export const escape = (text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/**
 * What `-t` says: text that a name has in it, or a regular expression between slashes,
 * with an `i` behind them when case does not matter. Node and Playwright take
 * `String(expression)`, too.
 */
export function patternOf(text) {
  if (text === "") throw new UserError("-t needs a part of a test's name.");
  const [, source, flags] = EXPRESSION.exec(text) ?? [undefined, escape(text), ""];
  try {
    const expression = new RegExp(source, flags);
    return { text, expression, matches: (name) => expression.test(name) };
  } catch (error) {
    throw new UserError(`-t ${text}: ${error.message}.`);
  }
}

/** Why nothing was run, as a sentence. `where`: which tests there were. */
export function nothingMatches({ text }, where) {
  if (EXPRESSION.test(text)) return `No test of ${where} has a name that ${text} matches.`;
  const hint = /[|*+\\]/.test(text)
    ? `\nA regular expression stands between slashes: -t '/${text}/'`
    : "";
  return `No test of ${where} has "${text}" in its name.${hint}`;
}

// ---- Names of suites and files --------------------------------------------------------

/** How many letters have to be changed. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

const SHOWN = 5;
const isNear = (a, b) => distance(a, b) <= Math.max(1, Math.ceil(a.length / 3));

/** Those of `names` that may have been meant, the nearest first. */
export function nearest(word, names) {
  const last = word.split("/").at(-1);
  const rank = (name) => {
    if (name.endsWith(`/${word}`)) return 0;
    if (name.split("/").at(-1) === last) return 1;
    if (name.startsWith(word)) return 2;
    return isNear(word, name) ? 2 + distance(word, name) : Infinity;
  };
  return names
    .map((name) => ({ name, rank: rank(name) }))
    .filter((each) => each.rank < Infinity)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, SHOWN)
    .map(({ name }) => name);
}

const ENDING = /(\.(test|live|flat|spec)\.m?[jt]s|\.jank|_test\.c|\/)$/;

/** The files of a suite that `rest` means: one, or all of a folder. */
function filesOf(files, rest) {
  if (files.includes(rest)) return [rest];
  return files.filter((file) => file.startsWith(`${rest}/`));
}

/** With the folders in which they are. */
const namesOf = ({ files = () => [] }) => {
  const names = files();
  const folders = names.filter((name) => name.includes("/")).map((name) => dirname(name));
  return [...new Set([...folders, ...names])];
};

const either = new Intl.ListFormat("en", { type: "disjunction" });
const hint = (names) =>
  names.length > 0 ? `Did you mean ${either.format(names)}?` : "npm test -- --list names all.";

function resolve(word, suites) {
  const [suite, ...parts] = word.replace(ENDING, "").split("/");
  const rest = parts.join("/");
  if (!Object.hasOwn(suites, suite)) {
    const all = Object.entries(suites).flatMap(([name, each]) => [
      name,
      ...namesOf(each).map((file) => `${name}/${file}`),
    ]);
    const near = nearest(word.replace(ENDING, ""), all);
    throw new UserError(`There is no suite "${suite}". ${hint(near)}`);
  }
  if (rest === "") return { suite };
  const files = suites[suite].files?.() ?? [];
  if (files.length === 0)
    throw new UserError(`The suite ${suite} has no files to choose from: give ${suite}.`);
  const chosen = filesOf(files, rest);
  if (chosen.length > 0) return { suite, files: chosen };
  const near = nearest(rest, namesOf(suites[suite])).map((name) => `${suite}/${name}`);
  throw new UserError(`The suite ${suite} has no file "${rest}". ${hint(near)}`);
}

/**
 * The suites that are meant, in the order in which they are named, each with its files,
 * or undefined for all. `only`: names of suites, as --only gives them.
 */
export function choicesOf(words, suites, only = []) {
  const choices = new Map();
  for (const word of [...only, ...words]) {
    const { suite, files } = resolve(word, suites);
    const before = choices.get(suite);
    const isWhole = files === undefined || (choices.has(suite) && before === undefined);
    choices.set(suite, isWhole ? undefined : [...new Set([...(before ?? []), ...files])]);
  }
  return choices;
}
