// test-programs.mjs - how the suites' programs are run: C programs, Node's tests,
// Playwright. Each takes a pattern (test-choice.mjs) or none, and gives how many tests
// passed and failed, and what was printed; nothing that the pattern matches is 0 and 0.

import { existsSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { setupPcre2 } from "./setup-pcre2.mjs";
import {
  aptInstall,
  BUILD,
  CORES,
  debianRelease,
  each,
  readText,
  ROOT,
  run,
  UserError,
  which,
} from "./system.mjs";
import { escape } from "./test-choice.mjs";

const LIMIT = 600; // seconds for one program of a suite

/** What a program printed that failed in its own way, not in ours. */
const outputOf = (error) => {
  if (!error.output || error.late) throw error;
  return error.output;
};

// ---- C ----------------------------------------------------------------------------

export const SANITIZERS = {
  ASAN_OPTIONS: "detect_stack_use_after_return=0:detect_leaks=0",
  UBSAN_OPTIONS: "print_stacktrace=1",
};

async function cmake(name, options, targets) {
  const folder = join(BUILD, name);
  const programs = ["cmake", "cc"].filter((each) => !which(each));
  const builder = ["ninja", "make"].find(which);
  if (!builder && debianRelease()) await aptInstall(["make"]);
  if (programs.length > 0) throw new UserError(`The C tests need ${programs.join(" and ")}.`);
  await setupPcre2();
  const generator = builder === "ninja" ? "Ninja" : "Unix Makefiles";
  const cached = readText(join(folder, "CMakeCache.txt")) ?? "";
  const isOurs = cached.includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${ROOT}\n`);
  if (!isOurs || !cached.includes(`CMAKE_GENERATOR:INTERNAL=${generator}\n`)) {
    rmSync(folder, { recursive: true, force: true });
  }
  const settings = Object.entries(options).map(([key, value]) => `-D${key}=${value}`);
  await run("cmake", ["-S", ROOT, "-B", folder, "-G", generator, ...settings]);
  const wanted = ["--target", ...targets, "--parallel", String(CORES)];
  await run("cmake", ["--build", folder, ...wanted]);
  return folder;
}

// A test program ends with `N passed, N failed` (sdk-c/test/unit/test.h).
async function cProgram(program, names) {
  let output;
  let died = false;
  try {
    output = await run(program, names, { env: SANITIZERS, limit: LIMIT });
  } catch (error) {
    output = error.message;
    died = true;
  }
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [0, 0, 1];
  return {
    passed: Number(passed),
    failed: died ? Math.max(1, Number(failed)) : Number(failed),
    output: [basename(program), ...names.map((name) => `  ${name}`), output].join("\n"),
  };
}

/** `tests`: the programs' names; `options`: of CMake; `name`: of the build's folder. */
export async function cTests(name, options, tests, pattern) {
  const folder = await cmake(name, options, tests);
  const none = { passed: 0, failed: 0, output: "" };
  const results = await each(tests, async (test) => {
    const program = join(folder, test);
    const listed = pattern && (await run(program, ["--list"], { env: SANITIZERS, limit: LIMIT }));
    const names = listed?.split("\n").filter((name) => name && pattern.matches(name)) ?? [];
    return pattern && names.length === 0 ? none : cProgram(program, names);
  });
  return results.reduce(
    (total, { passed, failed, output }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      output: output ? `${total.output}${output}\n` : total.output,
    }),
    none,
  );
}

// ---- Node's tests -----------------------------------------------------------------

// Node prints each test that the pattern does not match.
const withoutOthers = (output) =>
  output
    .replaceAll(/^.*# test name does not match pattern\n/gm, "")
    .replaceAll(/^(\s*)▶ (.*)\n\1✔ \2.*\n/gm, "");

export async function nodeTests(files, { env, pattern } = {}) {
  const absent = files.filter((file) => !existsSync(file));
  if (absent.length > 0) throw new UserError(`${relative(ROOT, absent[0])} is not there.`);
  if (files.length === 0) throw new UserError("There are no such tests.");
  const flags = ["--test", "--test-reporter=spec", `--test-concurrency=${CORES}`];
  if (pattern) flags.push(`--test-name-pattern=${pattern.expression}`);
  const output = await run(process.execPath, [...flags, ...files], {
    env,
    limit: LIMIT,
  }).catch(outputOf);
  const count = (what) => Number(output.match(new RegExp(`^\\S+ ${what} (\\d+)$`, "m"))?.[1] ?? 0);
  return {
    passed: count("pass"),
    failed: count("fail") + count("cancelled"),
    output: pattern ? withoutOthers(output) : output,
  };
}

// ---- Playwright ---------------------------------------------------------------------

/** `files`: those to run, or undefined for all of the folder. */
export async function playwrightTests(folder, { env, files = [], pattern }) {
  if (!existsSync(folder)) throw new UserError(`${relative(ROOT, folder)} is not there.`);
  const program = join(ROOT, "node_modules/@playwright/test/cli.js");
  // Arguments are regular expressions for paths.
  const paths = files.map((file) => `/${escape(file)}$`);
  const args = [program, "test", "--reporter=list", ...paths];
  if (pattern) args.push("--grep", String(pattern.expression));
  const output = await run(process.execPath, args, {
    cwd: folder,
    env: { FORCE_COLOR: "0", ...env },
    limit: LIMIT,
  }).catch(outputOf);
  const count = (...words) =>
    words
      .map((word) => Number(output.match(new RegExp(`^\\s+(\\d+) ${word}`, "m"))?.[1] ?? 0))
      .reduce((sum, n) => sum + n);
  const passed = count("passed", "flaky");
  const failed = count("failed", "did not run", "interrupted");
  // What does not load is no test either.
  const isBroken = passed + failed === 0 && !/^\s*Error: No tests found/.test(output);
  return { passed, failed: isBroken ? 1 : failed, output };
}

// ---- Tools that tell by their exit code -------------------------------------------

export async function check(...bodies) {
  const total = { passed: 0, failed: 0, output: "" };
  for (const body of bodies) {
    try {
      await body();
      total.passed++;
    } catch (error) {
      total.failed++;
      total.output += `${error.message}\n`;
    }
  }
  return total;
}
