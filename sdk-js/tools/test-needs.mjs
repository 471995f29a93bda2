// test-needs.mjs - what tests need built before they can run. In: test files. Out: what
// Node runs for them; those in TypeScript are bundled. Between the two, that is built
// which one of them needs, told by what it is made from:
//
//   package    it imports the package, or names where that is built (sdk-js/dist)
//   module     it names build/wasm
//   nothing    else: it reads files of the tree and imports sources

import { join, relative } from "node:path";
import { bundleTests } from "./build.mjs";
import { BUILD, readText, ROOT } from "./system.mjs";

const TESTS = join(ROOT, "sdk-js/test");
const BUNDLED = join(BUILD, "test-js");

const PACKAGE = /["']jank-hot-reload["'/]|\bDIST\b|sdk-js\/dist/;
const MODULE = /\bbuild\/wasm\b/;

/** `inputs`: of one test, as paths in the tree. */
function needOf(inputs) {
  const texts = inputs
    .filter((path) => path.startsWith("sdk-js/test/"))
    .map((path) => readText(join(ROOT, path)) ?? "");
  const isNamed = (pattern) => texts.some((text) => pattern.test(text));
  if (isNamed(PACKAGE)) return "package";
  return isNamed(MODULE) ? "module" : "nothing";
}

/** "package", "module" or "nothing" for each; their bundles are in `outdir`. */
export const needsOf = async (files, outdir = BUNDLED) =>
  (await bundleTests(files, outdir)).map(needOf);

/** Builds with `builds.module` or `builds.package`. Out: the files that Node runs. */
export async function prepare(files, builds) {
  const needs = await needsOf(files);
  if (needs.includes("package")) await builds.package();
  else if (needs.includes("module")) await builds.module();
  return files.map((file) =>
    file.endsWith(".ts") ? join(BUNDLED, relative(TESTS, file).replace(/ts$/, "mjs")) : file,
  );
}
