// build-wasm.mjs - C to WebAssembly: one object per source, and the main modules.
//
// An object is named by its source and its defines, and is compiled again when one
// of the files that it was made from (the compiler's own list) has other bytes.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { finishModule } from "../src/link/link.mjs";
import { BUILD, each, filesIn, hash, mtime, readText, ROOT, run } from "./system.mjs";

const FLAGS = JSON.parse(readFileSync(join(ROOT, "sdk-c/build-flags.json"), "utf8"));
const SOURCES = join(ROOT, "sdk-c/src");
const INCLUDE = join(ROOT, "sdk-c/include");
const LIBRARY = join(SOURCES, FLAGS.hostLibrary);
const OBJECTS = join(BUILD, "obj");
const LINK = join(ROOT, "sdk-js/src/link");
export const GENERATED = join(BUILD, "gen");
export const GENERATED_RUNTIME = join(BUILD, "gen-runtime");

/** Up to how many live objects every allocation collects. */
export const STRESS = process.env.JANK_GC_STRESS ?? "2048";

/** The main modules: which files (of sdk-c/src) get which defines, and which core is in. */
export const VARIANTS = {
  stage0: { defines: { "core_entries.c": ["-DJANK_STAGE0"] } },
  wasm: { defines: {}, core: GENERATED },
  // For production pages, which only take patches.
  runtime: {
    defines: { "start.c": [FLAGS.runtimeOnly] },
    core: GENERATED_RUNTIME,
    without: new RegExp(FLAGS.compilerFiles),
  },
  stress: { defines: { "value/gc.c": [`-DJANK_GC_STRESS=${STRESS}`] }, core: GENERATED },
};

// Of a main module, objects are compiled as its Emscripten wants them (PIC or not).
const BOTH = ["-Os", ...FLAGS.both];
const WARNINGS = [
  "-Wall",
  "-Wextra",
  "-Wshadow",
  "-Wconversion",
  "-Wno-sign-conversion",
  "-Wno-unused-parameter",
  "-Wmissing-prototypes",
  "-Werror",
];
/** What no program waits for in its loops; what only a native program has. */
const SMALL = new RegExp(FLAGS.smallFiles);
const NATIVE = new RegExp(FLAGS.nativeFiles);
const COMPILE = [...FLAGS.compile, `-I${INCLUDE}`, `-I${SOURCES}`];

const identity = (emcc) => `${emcc} ${mtime(emcc)}`;

const cFiles = (folder) => filesIn(folder, /\.c$/).map((name) => join(folder, name));

// The files of a make rule `object: a.c b.h \ ...`.
const inputsOf = (rule) =>
  rule
    .replaceAll("\\\n", " ")
    .replace(/^[^:]*:/, "")
    .trim()
    .split(/(?<!\\)\s+/)
    .map((path) => path.replaceAll("\\ ", " "))
    // The system's own headers come with the compiler.
    .filter((path) => path.startsWith(ROOT) && !path.includes("/.toolchain/"));

const contents = (files) => files.map((file) => readText(file) ?? "");

function jobOf(source, defines, emcc) {
  const own = source.startsWith(SOURCES);
  const path = relative(own ? SOURCES : BUILD, source);
  const small = own && SMALL.test(path) ? ["-Oz"] : [];
  const flags = [...BOTH, ...small, ...COMPILE, ...(own ? WARNINGS : FLAGS.generated), ...defines];
  const name = path.replaceAll("/", ".").replace(/\.c$/, defines.join(""));
  const object = join(OBJECTS, `${name}.o`);
  const key = (files) => hash(identity(emcc), flags.join(" "), ...files, ...contents(files));
  return { source, object, flags, key, rule: `${object}.d` };
}

function isCurrent({ object, key, rule }, cache) {
  const old = readText(rule);
  return existsSync(object) && old !== undefined && cache.get(object) === key(inputsOf(old));
}

async function compile(job, emcc, cache) {
  const { source, object, flags, key, rule } = job;
  cache.delete(object);
  await run(emcc, [...flags, "-MMD", "-MF", rule, "-c", source, "-o", object]);
  cache.set(object, key(inputsOf(readText(rule))));
}

// Node's own module is imported by a name that no bundler for browsers resolves.
function hideNode(file) {
  const hidden =
    'await import(/* webpackIgnore: true */ /* @vite-ignore */ ["node", "module"].join(":"))';
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/await import\((["'])(?:node:)?module\1\)/g, hidden));
}

/** Emscripten's linker, and what is ours to do after it. */
async function linkModule(emcc, args, output) {
  await run(emcc, [...args, "-o", output]);
  const wasm = output.replace(/mjs$/, "wasm");
  writeFileSync(wasm, finishModule(readFileSync(wasm), readText(output)));
  hideNode(output);
}

/**
 * Builds the main module of a variant to build/<variant>/jank.mjs and jank.wasm.
 * Prints and does nothing when it is current.
 */
export async function buildModule(variant, { emcc, cache, step }) {
  const { defines, core, without } = VARIANTS[variant];
  const sources = cFiles(SOURCES).filter((file) => {
    const path = relative(SOURCES, file);
    return !NATIVE.test(path) && !without?.test(path);
  });
  const generated = core ? cFiles(core) : [];
  mkdirSync(OBJECTS, { recursive: true });
  const jobs = [...sources, ...generated].map((source) =>
    jobOf(source, defines[relative(SOURCES, source)] ?? [], emcc),
  );
  const stale = jobs.filter((job) => !isCurrent(job, cache));
  if (stale.length > 0) {
    const files = `${stale.length} ${stale.length === 1 ? "file" : "files"}`;
    await step(`build: ${variant}: compile ${files}`, () =>
      each(stale, (job) => compile(job, emcc, cache)),
    );
  }

  const folder = join(BUILD, variant);
  const output = join(folder, "jank.mjs");
  const objects = jobs.map(({ object }) => object);
  const link = [...BOTH, ...FLAGS.link, "--js-library", LIBRARY];
  const tools = readdirSync(LINK)
    .sort()
    .map((name) => join(LINK, name));
  const key = hash(
    link.join(" "),
    ...contents([LIBRARY, ...tools]),
    ...objects.map((file) => cache.get(file)),
  );
  const outputs = [output, join(folder, "jank.wasm")];
  if (cache.get(output) === key && outputs.every(existsSync)) return output;
  cache.delete(output);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await step(`build: ${variant}: link`, () => linkModule(emcc, [...link, ...objects], output));
  cache.set(output, key);
  return output;
}
