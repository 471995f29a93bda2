// fuzz.mjs [SECONDS | --inputs N] [--seed N] [TARGET ...] - inputs at random for
// whatever takes bytes from outside; all targets, each for that long, without a
// name. The last line of each is how many inputs it took.
//
//   compiler, loader   libFuzzer, under AddressSanitizer and UBSan: reader,
//                      analyzer and emitters; a patch's bytes and constants
//   others             sdk-js/test/fuzz, in Node: bencode, nREPL, HTTP,
//                      WebSocket messages of both sides, patches
//
// Begins with the corpus of the tree; what is found is in build/fuzz.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildAll, buildWasm, bundleTests } from "./build.mjs";
import { setupPcre2 } from "./setup-pcre2.mjs";
import {
  aptInstall,
  BUILD,
  commandLine,
  debianRelease,
  isMain,
  ROOT,
  run,
  runTool,
  UserError,
  which,
} from "./system.mjs";

const OUT = join(BUILD, "fuzz");
const SOURCES = join(ROOT, "sdk-c/src");
const CORPUS = join(ROOT, "sdk-c/test/fuzz/corpus");

async function clang() {
  const found = ["clang-19", "clang"].map(which).find(Boolean);
  if (!found)
    throw new UserError("fuzzing needs clang with libFuzzer (Debian: libclang-rt-19-dev).");
  const runtime = "/usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.fuzzer-x86_64.a";
  if (found.endsWith("-19") && !existsSync(runtime) && debianRelease())
    await aptInstall(["libclang-rt-19-dev"]);
  return found;
}

/** Every case of the language suite, as a file of its own. */
function seeds(folder) {
  mkdirSync(folder, { recursive: true });
  const suite = join(ROOT, "sdk-c/test/lang");
  for (const name of readdirSync(suite).filter((file) => file.endsWith(".jank")))
    readFileSync(join(suite, name), "utf8")
      .split("\n")
      .map((line) => line.replace(/\s*;(=>|out>).*$/, ""))
      .filter((line) => line.trim() !== "")
      .forEach((line, i) => writeFileSync(join(folder, `${basename(name, ".jank")}-${i}`), line));
  return folder;
}

// ---- libFuzzer ----------------------------------------------------------------------

const NATIVE = {
  compiler: { maxLength: 400, seeds: async () => seeds(join(OUT, "seeds")) },
  loader: { maxLength: 4096, seeds: async () => patchSeeds(join(OUT, "patch-seeds")) },
};

async function compileTarget(name) {
  await buildWasm(); // the core library as C
  const cc = await clang();
  await setupPcre2(cc);
  mkdirSync(OUT, { recursive: true });
  const files = [SOURCES, join(BUILD, "gen")]
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((file) => join(folder, file)))
    .filter((file) => file.endsWith(".c"));
  const target = join(OUT, `${name}_fuzz`);
  const flags = ["-std=c11", "-O1", "-g", "-w", "-D_GNU_SOURCE", "-fno-omit-frame-pointer"];
  const sanitize = ["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined"];
  const include = [`-I${SOURCES}`, `-I${join(ROOT, "sdk-c/include")}`];
  const fuzzer = join(ROOT, `sdk-c/test/fuzz/${name}_fuzz.c`);
  const options = [...flags, ...sanitize, "-fno-sanitize=function", ...include];
  await run(cc, [...options, fuzzer, ...files, "-lm", "-lpcre2-8", "-o", target]);
  return target;
}

/** Builds the target and fuzzes; rejects when there is a finding. */
async function fuzzNative(name, { seconds, inputs, seed }) {
  const target = await compileTarget(name);
  const { maxLength, seeds: writeSeeds } = NATIVE[name];
  const own = join(OUT, name === "compiler" ? "corpus" : `${name}-corpus`);
  mkdirSync(own, { recursive: true });
  const folders = [own, await writeSeeds(), ...(name === "compiler" ? [CORPUS] : [])];
  const options = [
    seconds === undefined ? `-runs=${inputs}` : `-max_total_time=${seconds}`,
    ...(seed === undefined ? [] : [`-seed=${seed}`]),
    `-max_len=${maxLength}`,
    "-timeout=20",
    "-rss_limit_mb=4096",
    `-artifact_prefix=${OUT}/`,
    "-print_final_stats=1",
  ];
  // libFuzzer tells what it did on stderr.
  const command = ["-c", 'exec "$@" 2>&1', "sh", target, ...options, ...folders.filter(existsSync)];
  const output = await run("sh", command, {
    limit: (seconds ?? 3000) + 300,
    env: { ASAN_OPTIONS: "detect_stack_use_after_return=0:detect_leaks=0" },
  });
  const [, count] = /stat::number_of_executed_units: (\d+)/.exec(output) ?? [];
  return `${count} inputs, no finding`;
}

// ---- Node ------------------------------------------------------------------------------

/** The targets of sdk-js/test/fuzz, as Node can run them. */
async function nodeTargets() {
  await buildAll();
  const outdir = join(BUILD, "fuzz-js");
  await bundleTests([join(ROOT, "sdk-js/test/fuzz/main.ts")], outdir);
  return import(pathToFileURL(join(outdir, "fuzz/main.mjs")).href);
}

/** Whole patches and, apart, their constants: loader_fuzz.c tells them by the first byte. */
async function patchSeeds(folder) {
  const { patchSeeds: make, poolOf } = await nodeTargets();
  mkdirSync(folder, { recursive: true });
  for (const [i, patch] of (await make()).entries()) {
    writeFileSync(join(folder, `patch-${i}`), Buffer.concat([Buffer.of(0), patch]));
    writeFileSync(join(folder, `pool-${i}`), Buffer.concat([Buffer.of(1), poolOf(patch)]));
  }
  return folder;
}

async function fuzzNode(name, options) {
  const { inputs, seconds, seed } = await (await nodeTargets()).run(name, options);
  return `${inputs} inputs in ${seconds.toFixed(1)} s, seed ${seed}, no finding`;
}

// ---- The command --------------------------------------------------------------------------

const USAGE = "usage: fuzz.mjs [SECONDS | --inputs N] [--seed N] [TARGET ...]";

function number(text) {
  if (!(Number(text) > 0)) throw new UserError(USAGE);
  return Number(text);
}

function chosen() {
  const known = { inputs: { type: "string" }, seed: { type: "string" } };
  const { values, positionals } = commandLine(USAGE, known, true);
  const options = Object.fromEntries(
    Object.entries(values).map(([name, text]) => [name, number(text)]),
  );
  const isSeconds = (word) => /^\d/.test(word);
  const seconds = positionals.find(isSeconds);
  if (options.inputs === undefined) options.seconds = number(seconds ?? "60");
  return { options, names: positionals.filter((word) => !isSeconds(word)) };
}

if (isMain(import.meta.url))
  await runTool(async () => {
    const { options, names } = chosen();
    const all = [...Object.keys(NATIVE), ...(await nodeTargets()).NAMES];
    const unknown = names.find((name) => !all.includes(name));
    if (unknown) throw new UserError(`No target "${unknown}"; there are ${all.join(", ")}.`);
    for (const name of names.length > 0 ? names : all) {
      const result = await (NATIVE[name] ? fuzzNative : fuzzNode)(name, options);
      console.log(`${name}: ${result}`);
    }
    process.exit(); // a target of Node may have left a timer behind
  });
