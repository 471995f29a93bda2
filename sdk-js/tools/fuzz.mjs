// fuzz.mjs [SECONDS] - libFuzzer on reader, analyzer and emitters, under
// AddressSanitizer and UBSan. Begins with the corpus of the tree and the language
// suite; what it finds is in build/fuzz.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildWasm } from "./build.mjs";
import { setupPcre2 } from "./setup-pcre2.mjs";
import {
  aptInstall,
  BUILD,
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
}

/** Builds the target and fuzzes; rejects when there is a finding. */
export async function fuzz(seconds) {
  await buildWasm(); // the core library as C
  const cc = await clang();
  await setupPcre2(cc);
  mkdirSync(OUT, { recursive: true });
  const files = [SOURCES, join(BUILD, "gen")]
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => file.endsWith(".c"));
  const target = join(OUT, "compiler_fuzz");
  const flags = ["-std=c11", "-O1", "-g", "-w", "-D_GNU_SOURCE", "-fno-omit-frame-pointer"];
  const sanitize = ["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined"];
  const include = [`-I${SOURCES}`, `-I${join(ROOT, "sdk-c/include")}`];
  const fuzzer = join(ROOT, "sdk-c/test/fuzz/compiler_fuzz.c");
  await run(cc, [
    ...flags,
    ...sanitize,
    "-fno-sanitize=function",
    ...include,
    fuzzer,
    ...files,
    "-lm",
    "-lpcre2-8",
    "-o",
    target,
  ]);
  const own = join(OUT, "corpus");
  seeds(join(OUT, "seeds"));
  mkdirSync(own, { recursive: true });
  const folders = [own, join(OUT, "seeds"), ...(existsSync(CORPUS) ? [CORPUS] : [])];
  const options = [
    `-max_total_time=${seconds}`,
    "-max_len=400",
    "-timeout=20",
    "-rss_limit_mb=4096",
    `-artifact_prefix=${OUT}/`,
    "-print_final_stats=1",
  ];
  return run(target, [...options, ...folders], {
    limit: seconds + 300,
    env: { ASAN_OPTIONS: "detect_stack_use_after_return=0:detect_leaks=0" },
  });
}

if (isMain(import.meta.url))
  await runTool(async () => {
    const seconds = Number(process.argv[2] ?? 60);
    if (!(seconds > 0)) throw new UserError("usage: fuzz.mjs [SECONDS]");
    console.log(`fuzzing for ${seconds} s ...`);
    await fuzz(seconds);
    console.log(
      `no finding; ${readdirSync(join(OUT, "corpus")).length} inputs in build/fuzz/corpus`,
    );
  });
