// test.mjs [--only SUITE[,SUITE]] - `npm test`: sets up and builds what the suites
// need, runs them all, whatever fails, and ends with one line of counts. What a
// suite printed is in build/test/SUITE.log, and shown when it failed.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { buildAll, buildWasm, bundleTests } from "./build.mjs";
import { STRESS } from "./build-wasm.mjs";
import { runClangFormat, runPrettier } from "./format.mjs";
import { setupBrowsers } from "./setup-browsers.mjs";
import { setupChromium } from "./setup-chromium.mjs";
import { setupNginx } from "./setup-nginx.mjs";
import { setupPackages } from "./setup-packages.mjs";
import { setupPcre2 } from "./setup-pcre2.mjs";
import {
  aptInstall,
  BUILD,
  commandLine,
  CORES,
  debianRelease,
  readText,
  ROOT,
  run,
  runTool,
  seconds,
  UserError,
  which,
} from "./system.mjs";

const LOGS = join(BUILD, "test");
const TESTS = join(ROOT, "sdk-js/test");
const LANGUAGE = join(TESTS, "lang");
const BROWSERS = join(TESTS, "browsers");
const SHOWN_LINES = 200;
const LIMIT = 600; // seconds for one program of a suite

const once = (body) => {
  let result;
  return () => (result ??= body());
};
const packages = once(setupPackages);
const everything = once(buildAll);
const program = (name) => join(ROOT, "node_modules", name);

// ---- C ----------------------------------------------------------------------------

async function cmake(name, options) {
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
  await run("cmake", ["--build", folder, "--parallel", String(CORES)]);
  return folder;
}

const SANITIZERS = {
  ASAN_OPTIONS: "detect_stack_use_after_return=0:detect_leaks=0",
  UBSAN_OPTIONS: "print_stacktrace=1",
};

// Each test program ends with `N passed, N failed`.
async function unitTests(name, options) {
  const folder = await cmake(name, { JANK_STAGE0: "ON", ...options });
  const sources = readdirSync(join(ROOT, "sdk-c/test/unit")).filter((file) =>
    /_test\.c$/.test(file),
  );
  const total = { passed: 0, failed: 0, output: "" };
  for (const test of sources.map((file) => basename(file, ".c")).sort()) {
    let output;
    let died = false;
    try {
      output = await run(join(folder, test), [], { env: SANITIZERS, limit: LIMIT });
    } catch (error) {
      output = error.message;
      died = true;
    }
    const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [0, 0, 1];
    total.passed += Number(passed);
    total.failed += died ? Math.max(1, Number(failed)) : Number(failed);
    total.output += `${test}\n${output}\n`;
  }
  return total;
}

// ---- Node's tests -----------------------------------------------------------------

const testsIn = (folder, ending) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((name) => name.endsWith(ending))
        .sort()
        .map((name) => join(folder, name))
    : [];

async function nodeTests(files, env) {
  const absent = files.filter((file) => !existsSync(file));
  if (absent.length > 0) throw new UserError(`${relative(ROOT, absent[0])} is not there.`);
  if (files.length === 0) throw new UserError("There are no such tests.");
  const flags = ["--test", "--test-reporter=spec", `--test-concurrency=${CORES}`];
  const output = await run(process.execPath, [...flags, ...files], {
    env,
    limit: LIMIT,
  }).catch((error) => {
    if (!error.output || error.late) throw error;
    return error.output;
  });
  const count = (what) => Number(output.match(new RegExp(`^\\S+ ${what} (\\d+)$`, "m"))?.[1] ?? 0);
  return { passed: count("pass"), failed: count("fail") + count("cancelled"), output };
}

/** With how many have passed in each browser: a test's name begins with the browser's. */
async function testsInBrowsers(ending) {
  const result = await nodeTests(testsIn(BROWSERS, ending), await setupBrowsers());
  const counts = ["chromium", "firefox", "webkit"].map((browser) => {
    const passed = result.output.match(new RegExp(`^✔ ${browser}\\b`, "gm")) ?? [];
    return `${browser} ${passed.length}`;
  });
  return { ...result, note: ` (${counts.join(", ")})` };
}

// Tests in TypeScript, as Node can run them.
async function bundledTests() {
  const sources = testsIn(TESTS, ".test.ts");
  if (sources.length === 0) return [];
  const outdir = join(BUILD, "test-js");
  rmSync(outdir, { recursive: true, force: true });
  await bundleTests(sources, outdir);
  return testsIn(outdir, ".test.mjs");
}

/** Folders of tests that are suites of their own; `js` has the others. */
const FOLDERS = {
  native: ["native", "cli", "patch"],
  packages: ["package"],
  publish: ["publish"],
  chaos: ["chaos"],
  fuzz: ["fuzz"],
};
const ELSEWHERE = ["lang", "browsers", "oracle", ...Object.values(FOLDERS).flat()];

const isIn = (folders) => (file) => {
  const [folder] = relative(file.startsWith(BUILD) ? join(BUILD, "test-js") : TESTS, file).split(
    "/",
  );
  return folders.includes(folder);
};

async function testsWhere(isWanted) {
  await everything();
  const all = [...testsIn(TESTS, ".test.mjs"), ...(await bundledTests())];
  return nodeTests(all.filter(isWanted));
}

// ---- Tools that tell by their exit code -------------------------------------------

async function check(...bodies) {
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

const node = (...args) => run(process.execPath, args);

// Debian's Clojure and its nREPL, for the differential tests.
async function setupClojure() {
  const isThere = () =>
    which("java") &&
    ["clojure", "nrepl"].every((name) => existsSync(`/usr/share/java/${name}.jar`));
  if (isThere()) return;
  if (debianRelease()) await aptInstall(["clojure", "libnrepl-clojure", "default-jre-headless"]);
  if (!isThere())
    throw new UserError(
      "The oracle suite needs Debian's packages clojure and libnrepl-clojure, and a Java runtime.",
    );
}

async function browserTests() {
  const env = { CHROMIUM: await setupChromium(), NGINX: await setupNginx(), FORCE_COLOR: "0" };
  const folder = join(ROOT, "e2e");
  if (!existsSync(folder)) throw new UserError("e2e is not there.");
  const args = [program("@playwright/test/cli.js"), "test", "--reporter=list"];
  const output = await run(process.execPath, args, {
    cwd: folder,
    env,
    limit: LIMIT,
  }).catch((error) => {
    if (!error.output || error.late) throw error;
    return error.output;
  });
  const count = (...words) =>
    words
      .map((word) => Number(output.match(new RegExp(`^\\s+(\\d+) ${word}`, "m"))?.[1] ?? 0))
      .reduce((sum, n) => sum + n);
  const passed = count("passed", "flaky");
  return { passed, failed: count("failed", "did not run", "interrupted"), output };
}

// ---- The suites, in the order in which they run ------------------------------------

const SUITES = {
  format: async () => {
    await packages();
    return check(
      () => runPrettier(false),
      () => runClangFormat(false),
    );
  },
  lint: async () => {
    await packages();
    return check(() => node(program("eslint/bin/eslint.js"), "--max-warnings=0", "."));
  },
  types: async () => {
    await packages();
    return check(() => node(program("typescript/bin/tsc"), "-p", ROOT));
  },
  unit: () => unitTests("native-stage0", {}),
  "unit-stress": () => unitTests("native-stress", { JANK_GC_STRESS: STRESS }),
  lang: async () => {
    await buildWasm();
    return nodeTests([join(LANGUAGE, "lang.test.mjs")]);
  },
  "lang-browsers": async () => {
    await packages();
    await buildWasm();
    return testsInBrowsers(".test.mjs");
  },
  "live-browsers": async () => {
    await everything();
    return testsInBrowsers(".live.mjs");
  },
  flat: async () => {
    await everything();
    return testsInBrowsers(".flat.mjs");
  },
  "lang-native": async () => {
    await buildWasm();
    await setupPcre2();
    return nodeTests([join(LANGUAGE, "native.test.mjs")], SANITIZERS);
  },
  "lang-stress": async () => {
    const module = await buildWasm("stress");
    return nodeTests([join(LANGUAGE, "lang.test.mjs")], { JANK_MODULE: module });
  },
  oracle: async () => {
    await setupClojure();
    return testsWhere(isIn(["oracle"]));
  },
  js: () => testsWhere((file) => !isIn(ELSEWHERE)(file)),
  ...Object.fromEntries(
    Object.entries(FOLDERS).map(([name, folders]) => [name, () => testsWhere(isIn(folders))]),
  ),
  e2e: async () => {
    await everything();
    return browserTests();
  },
};

const NAMES = Object.keys(SUITES);
const USAGE = `usage: npm test -- [--only SUITE[,SUITE]]\nsuites: ${NAMES.join(", ")}`;

function chosen() {
  const { values } = commandLine(USAGE, { only: { type: "string" } });
  const names = values.only?.split(",") ?? NAMES;
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new UserError(`No suite "${unknown}".\n${USAGE}`);
  return names;
}

async function runSuite(name) {
  const start = performance.now();
  let result;
  try {
    result = await SUITES[name]();
    if (result.passed + result.failed === 0) {
      result = { passed: 0, failed: 1, output: `${result.output}\nNo test was run.` };
    }
  } catch (error) {
    const output = error instanceof UserError ? error.message : error.stack;
    result = { passed: 0, failed: 1, output };
  }
  const { passed, failed, output = "", note = "" } = result;
  writeFileSync(join(LOGS, `${name}.log`), output);
  if (failed > 0) {
    const lines = output.trimEnd().split("\n");
    if (lines.length > SHOWN_LINES) console.log(`(the last ${SHOWN_LINES} lines)`);
    console.log(lines.slice(-SHOWN_LINES).join("\n"));
  }
  const verdict = failed > 0 ? "FAILED" : "ok";
  console.log(`${verdict} ${name}: passed ${passed}, failed ${failed}${note}, ${seconds(start)}\n`);
  return result;
}

await runTool(async () => {
  const names = chosen();
  mkdirSync(LOGS, { recursive: true });
  const total = { passed: 0, failed: 0 };
  const failing = [];
  for (const name of names) {
    console.log(`suite ${name}`);
    const { passed, failed } = await runSuite(name);
    total.passed += passed;
    total.failed += failed;
    if (failed > 0) failing.push(name);
  }
  if (failing.length > 0) console.log(`failed: ${failing.join(", ")}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
});
