// test.mjs [SUITE | SUITE/FILE ...] [-t PATTERN] - `npm test`: sets up and builds what the
// suites need, runs them all or those that are chosen, whatever fails, and ends with one
// line of counts. What a suite printed is in build/test/SUITE.log, and shown when it failed.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUILD, commandLine, runTool, seconds, UserError } from "./system.mjs";
import { choicesOf, nothingMatches, patternOf } from "./test-choice.mjs";
import { SUITES } from "./test-suites.mjs";

const LOGS = join(BUILD, "test");
const SHOWN_LINES = 200;

const USAGE = `usage: npm test -- [SUITE | SUITE/FILE]... [-t PATTERN]

  npm test                                   everything
  npm test -- lang                           a suite
  npm test -- lang/seqs unit/collections     files
  npm test -- js/server                      a folder of files
  npm test -- lang/seqs -t range             cases of a file that have "range" in them
  npm test -- lang -t seqs.jank:24           the case at that place
  npm test -- js/server/nrepl -t '/eval|load/i'
  npm test -- golden/recur --update          what is emitted becomes what is expected

  -t, --test PATTERN   tests whose name has this in it; /.../ and /.../i are regular
                       expressions. The name of a test in C is that of its function, of a
                       case of the language suite its place and text
  --only SUITE,SUITE   the same as naming the suites
  --update             of golden: write what is expected anew
  --list               name suites and files, and run nothing
  -h, --help

suites: ${Object.keys(SUITES).join(", ")}`;

const OPTIONS = {
  test: { type: "string", short: "t" },
  only: { type: "string" },
  update: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
};

const paint = (code) => (text) =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text;
const [red, green, dim] = [31, 32, 2].map(paint);

// ---- What is chosen -------------------------------------------------------------------

/** Those that are chosen: their names, and which of their files. */
function chosen(words, only, pattern, update) {
  const choices = choicesOf(words, SUITES, only?.split(","));
  const isChosen = choices.size > 0;
  const names = isChosen ? [...choices.keys()] : Object.keys(SUITES);
  const nameless = names.filter((name) => !SUITES[name].files);
  if (pattern && isChosen && nameless.length > 0)
    throw new UserError(`The suite ${nameless[0]} has no tests with names: leave out -t.`);
  const fixed = names.find((name) => !SUITES[name].canUpdate);
  if (update && (!isChosen || fixed))
    throw new UserError("--update is for the suite golden: npm test -- golden --update");
  return names
    .filter((name) => !pattern || !nameless.includes(name))
    .map((name) => ({ name, files: choices.get(name) ?? SUITES[name].files?.() }));
}

// Words, as many in a line as fit.
function wrapped(words, indent, width = 96) {
  const lines = [""];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`.trimStart();
    if (line.length > width - indent.length) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => indent + line).join("\n");
}

function list(suites) {
  const width = Math.max(...suites.map(({ name }) => name.length));
  for (const { name, files } of suites) {
    console.log(`${name.padEnd(width)}  ${SUITES[name].about}`);
    if (files?.length > 0) console.log(dim(wrapped(files, " ".repeat(width + 4))));
  }
}

// ---- Running ----------------------------------------------------------------------------

function show(output) {
  const lines = output.trimEnd().split("\n");
  if (lines.length > SHOWN_LINES) console.log(`(the last ${SHOWN_LINES} lines)`);
  console.log(lines.slice(-SHOWN_LINES).join("\n"));
}

async function runSuite({ name, files }, { pattern, update }) {
  const start = performance.now();
  let result;
  try {
    result = await SUITES[name].run({ files, pattern, update });
    if (!pattern && result.passed + result.failed === 0)
      result = { passed: 0, failed: 1, output: `${result.output}\nNo test was run.` };
  } catch (error) {
    const output = error instanceof UserError ? error.message : error.stack;
    result = { passed: 0, failed: 1, output };
  }
  const { passed, failed, output = "", note = "" } = result;
  const isNone = passed + failed === 0;
  if (!isNone) writeFileSync(join(LOGS, `${name}.log`), output);
  // Whoever chooses tests by name sees which they are.
  if (failed > 0 || update || (pattern && !isNone)) show(output);
  const time = seconds(start);
  if (isNone) console.log(`none ${name}: no test has that in its name, ${time}\n`);
  else {
    const verdict = failed > 0 ? red("FAILED") : green("ok");
    console.log(`${verdict} ${name}: passed ${passed}, failed ${failed}${note}, ${time}\n`);
  }
  return { name, passed, failed, time };
}

function summary(results, start) {
  const width = Math.max(...results.map(({ name }) => name.length));
  const times = Math.max(...results.map(({ time }) => time.length));
  for (const { name, passed, failed, time } of results) {
    const count = `${passed} passed${failed > 0 ? red(`, ${failed} failed`) : ""}`;
    console.log(`${name.padEnd(width)}  ${time.padStart(times)}  ${count}`);
  }
  console.log(`${"together".padEnd(width)}  ${seconds(start).padStart(times)}\n`);
}

const sum = (results, what) => results.reduce((total, result) => total + result[what], 0);

await runTool(async () => {
  const { values, positionals } = commandLine(USAGE, OPTIONS, true);
  const pattern = values.test === undefined ? undefined : patternOf(values.test);
  const suites = chosen(positionals, values.only, pattern, values.update);
  if (values.list) return list(suites);
  mkdirSync(LOGS, { recursive: true });
  const start = performance.now();
  const results = [];
  for (const suite of suites) {
    console.log(`suite ${suite.name}`);
    results.push(await runSuite(suite, { pattern, update: values.update }));
  }
  if (results.length > 1) summary(results, start);
  const [passed, failed] = [sum(results, "passed"), sum(results, "failed")];
  if (passed + failed === 0) {
    const where = positionals.concat(values.only ?? []).join(", ") || "any suite";
    throw new UserError(nothingMatches(pattern, where));
  }
  const failing = results.filter((result) => result.failed > 0).map(({ name }) => name);
  if (failing.length > 0) console.log(`failed: ${failing.join(", ")}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
});
