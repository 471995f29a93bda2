// test-suites.mjs - the suites of `npm test`, in the order in which they run: what each
// is, which files it has, and how it runs some of them. What a suite needs is set up and
// built when it runs, and no more than that: the TypeScript tests ask test-needs.mjs.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isNative, languageFiles, suiteFiles } from "../test/lang/files.mjs";
import { buildAll, buildWasm } from "./build.mjs";
import { STRESS } from "./build-wasm.mjs";
import { runClangFormat, runPrettier } from "./format.mjs";
import { setupBrowsers } from "./setup-browsers.mjs";
import { setupChromium } from "./setup-chromium.mjs";
import { setupNginx } from "./setup-nginx.mjs";
import { setupPackages } from "./setup-packages.mjs";
import { setupPcre2 } from "./setup-pcre2.mjs";
import { aptInstall, debianRelease, filesIn, ROOT, run, UserError, which } from "./system.mjs";
import { escape } from "./test-choice.mjs";
import { prepare } from "./test-needs.mjs";
import { check, cTests, nodeTests, playwrightTests, SANITIZERS } from "./test-programs.mjs";

const TESTS = join(ROOT, "sdk-js/test");
const UNIT = join(ROOT, "sdk-c/test/unit");
const LANGUAGE = join(TESTS, "lang");
const BROWSERS = join(TESTS, "browsers");
const E2E = join(ROOT, "e2e");

const once = (body) => {
  let result;
  return () => (result ??= body());
};
const packages = once(setupPackages);
const everything = once(buildAll);
/** What builds what a test needs: test-needs.mjs. */
const BUILDS = { module: buildWasm, package: everything };
const program = (name) => join(ROOT, "node_modules", name);
const node = (...args) => run(process.execPath, args);

const namesIn = (folder, ending) => filesIn(folder, ending).map((name) => name.replace(ending, ""));

// ---- C ----------------------------------------------------------------------------

const UNIT_TEST = /_test\.c$/;

const unitSuite = (about, build, options) => ({
  about,
  files: () => namesIn(UNIT, UNIT_TEST),
  run: ({ files, pattern }) =>
    cTests(
      build,
      { JANK_STAGE0: "ON", ...options },
      files.map((file) => `${file.replaceAll("/", ".")}_test`), // as CMakeLists.txt
      pattern,
    ),
});

// ---- The language suite -------------------------------------------------------------

const counted = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;

/**
 * A test is a file; a pattern chooses its cases (lang/files.mjs), and what has none that
 * was chosen is not begun. `runTests` gets the environment that says so.
 */
const languageSuite = (about, isIts, runTests) => ({
  about,
  files: () =>
    languageFiles()
      .filter(isIts)
      .map(({ name }) => name),
  async run({ files, pattern }) {
    const env = { JANK_LANG: files.join(","), JANK_CASES: pattern?.text ?? "" };
    if (!pattern) return runTests(env);
    const cases = suiteFiles(env).flatMap(({ lines }) => lines ?? []);
    if (cases.length === 0) return { passed: 0, failed: 0 };
    return { ...(await runTests(env)), note: ` (${counted(cases.length, "case")})` };
  },
});

// ---- Browsers -----------------------------------------------------------------------

/** With how many have passed in each browser: a test's name begins with the browser's. */
async function inBrowsers(ending, { files, pattern, env }) {
  const paths = files.map((file) => join(BROWSERS, `${file}${ending}`));
  const browsers = await setupBrowsers(files);
  const result = await nodeTests(paths, { env: { ...browsers, ...env }, pattern });
  const counts = files.map((browser) => {
    const passed = result.output.match(new RegExp(`^✔ ${browser}\\b`, "gm")) ?? [];
    return `${browser} ${passed.length}`;
  });
  return { ...result, note: ` (${counts.join(", ")})` };
}

const browserSuite = (about, ending, body) => ({
  about,
  files: () => namesIn(BROWSERS, new RegExp(`${escape(ending)}$`)),
  run: async (chosen) => inBrowsers(ending, await body(chosen)),
});

const withEverything = async (chosen) => {
  await everything();
  return chosen;
};

// ---- Tests of the TypeScript ------------------------------------------------------------

const TEST_FILE = /\.test\.(mjs|ts)$/;

/** Folders of tests that are suites of their own; `js` has the others. */
const FOLDERS = {
  native: ["native", "cli", "patch"],
  packages: ["package"],
  publish: ["publish"],
  chaos: ["chaos"],
  fuzz: ["fuzz"],
};
const isAny = () => true;
const ELSEWHERE = ["lang", "browsers", "oracle", "golden", ...Object.values(FOLDERS).flat()];

const filesWhere = (isWanted) =>
  filesIn(TESTS, TEST_FILE).filter((file) => isWanted(file.split("/")[0]));

/**
 * `isWanted`: of the folder in which a test is, or its name where it is in none. `nameOf`:
 * what a file is called, of its path without an ending.
 */
const scriptSuite = (
  about,
  isWanted,
  { setup = () => undefined, nameOf = (path) => path } = {},
) => {
  const nameOfFile = (file) => nameOf(file.replace(TEST_FILE, ""));
  return {
    about,
    files: () => filesWhere(isWanted).map(nameOfFile),
    async run({ files, pattern }) {
      await packages();
      await setup();
      const chosen = filesWhere(isWanted).filter((file) => files.includes(nameOfFile(file)));
      const paths = chosen.map((file) => join(TESTS, file));
      return nodeTests(await prepare(paths, BUILDS), { pattern });
    },
  };
};

/** Of folders that are a suite: their names are not part of their files'. */
const folderSuite = (about, folders, more = {}) =>
  scriptSuite(about, (folder) => folders.includes(folder), {
    nameOf: (path) => path.slice(path.indexOf("/") + 1),
    ...more,
  });

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

// ---- Golden disassemblies -----------------------------------------------------------

const GOLDEN = join(TESTS, "golden");

const goldenSuite = {
  about: "what the compiler emits for some functions, as text that is reviewed",
  /** With --update, what is expected becomes what is emitted. */
  canUpdate: true,
  files: () => namesIn(GOLDEN, /\.jank$/),
  async run({ files, pattern, update }) {
    await packages();
    const [path] = await prepare([join(GOLDEN, "golden.test.ts")], BUILDS);
    const env = { JANK_GOLDEN: files.join(","), JANK_GOLDEN_UPDATE: update ? "1" : "" };
    return nodeTests([path], { env, pattern });
  },
};

// ---- End to end -----------------------------------------------------------------------

const SPEC = /\.spec\.ts$/;

const e2eSuite = {
  about: "pages, servers and the command line together, in Chromium (Playwright)",
  files: () => namesIn(E2E, SPEC),
  async run({ files, pattern }) {
    await everything();
    const env = { CHROMIUM: await setupChromium(), NGINX: await setupNginx() };
    const specs = files.map((file) => `${file}.spec.ts`);
    return playwrightTests(E2E, { env, files: specs, pattern });
  },
};

// ---- All --------------------------------------------------------------------------

/**
 * `about`: one line. `files()`: the names of its files; without it, a suite has neither
 * files nor tests with names. `run({ files, pattern, update })`: how many tests passed
 * and failed, what was printed, and a note.
 */
export const SUITES = {
  format: {
    about: "Prettier and clang-format have nothing to change",
    run: async () => {
      await packages();
      return check(
        () => runPrettier(false),
        () => runClangFormat(false),
      );
    },
  },
  lint: {
    about: "ESLint",
    run: async () => {
      await packages();
      return check(() => node(program("eslint/bin/eslint.js"), "--max-warnings=0", "."));
    },
  },
  types: {
    about: "tsc",
    run: async () => {
      await packages();
      return check(() => node(program("typescript/bin/tsc"), "-p", ROOT));
    },
  },
  unit: unitSuite("C tests under AddressSanitizer and UBSan", "native-stage0", {}),
  "unit-stress": unitSuite("the same, and garbage is collected all the time", "native-stress", {
    JANK_GC_STRESS: STRESS,
  }),
  lang: languageSuite("the language suite, WebAssembly in Node", isAny, async (env) => {
    await buildWasm();
    return nodeTests([join(LANGUAGE, "lang.test.mjs")], { env });
  }),
  "lang-browsers": browserSuite(
    "the language suite in three browsers",
    ".test.mjs",
    // Which cases, the tests see from the pattern; Node has names of files only.
    async ({ files, pattern }) => {
      await packages();
      await buildWasm();
      return { files, env: { JANK_CASES: pattern?.text ?? "" } };
    },
  ),
  "live-browsers": browserSuite("live development in three browsers", ".live.mjs", withEverything),
  flat: browserSuite("10,000 edits, after which nothing has grown", ".flat.mjs", withEverything),
  "lang-native": languageSuite(
    "the language suite through the C emitter, as native programs under sanitizers",
    isNative,
    async (env) => {
      await buildWasm();
      await setupPcre2();
      return nodeTests([join(LANGUAGE, "native.test.mjs")], { env: { ...SANITIZERS, ...env } });
    },
  ),
  "lang-stress": languageSuite(
    "the language suite while garbage is collected all the time",
    isAny,
    async (env) => {
      const module = await buildWasm("stress");
      return nodeTests([join(LANGUAGE, "lang.test.mjs")], { env: { JANK_MODULE: module, ...env } });
    },
  ),
  oracle: folderSuite("expressions and nREPL, as Clojure answers them", ["oracle"], {
    setup: setupClojure,
  }),
  golden: goldenSuite,
  js: scriptSuite("client, server, command line", (folder) => !ELSEWHERE.includes(folder)),
  native: folderSuite("C and C++ programs; the loader of patches", FOLDERS.native),
  packages: folderSuite("the tarball, installed elsewhere", FOLDERS.packages),
  publish: folderSuite("patches from a static host, signed", FOLDERS.publish),
  chaos: folderSuite("a program under edits at random and a bad network", FOLDERS.chaos),
  fuzz: folderSuite("random input for whatever takes bytes from outside", FOLDERS.fuzz),
  e2e: e2eSuite,
};
