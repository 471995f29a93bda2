// build.mjs [module VARIANT] - everything that is built, each step only when its
// inputs changed:
//
//   C sources -> build/stage0/jank.mjs                     (no core library)
//   core/*.jank, stage 0 -> build/gen/*.c                  (the core library as C)
//                           build/gen-runtime/*.c          (without macros)
//   C sources, build/gen -> build/wasm/jank.mjs, jank.wasm, jank-docs.txt
//   sdk-js/src -> sdk-js/dist                              (bundles and types)
//   demo-site, sdk-js/dist -> build/demo-site
//
// What is current is told by hashes of contents, in build/cache.json.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { basename, dirname, join, relative } from "node:path";
import { builtinDocs, docsText } from "./core-docs.mjs";
import { buildModule, GENERATED, GENERATED_RUNTIME, VARIANTS } from "./build-wasm.mjs";
import { setupEmscripten } from "./setup-emscripten.mjs";
import { setupPackages } from "./setup-packages.mjs";
import {
  BUILD,
  DIST,
  filesIn,
  hash,
  isMain,
  readText,
  ROOT,
  run,
  runTool,
  step,
  UserError,
  withLock,
} from "./system.mjs";

const CORE = join(ROOT, "sdk-c/core");
const SOURCES = join(ROOT, "sdk-js/src");
const DEMO = join(ROOT, "demo-site");
export const DEMO_BUILD = join(BUILD, "demo-site");

/** The hashes of the inputs of what is built; saved at every change. */
function openCache() {
  const file = join(BUILD, "cache.json");
  let entries = {};
  try {
    entries = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // none yet, or half written: everything is built again
  }
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify(entries, null, 1));
    renameSync(`${file}.new`, file);
  };
  return {
    get: (name) => entries[relative(ROOT, name)],
    set: (name, key) => ((entries[relative(ROOT, name)] = key), save()),
    delete: (name) => (delete entries[relative(ROOT, name)], save()),
  };
}

const pathsIn = (folder) => filesIn(folder).map((name) => join(folder, name));

const hashOf = (files) =>
  hash(
    ...files.flatMap((file) => [relative(ROOT, file), existsSync(file) ? readFileSync(file) : ""]),
  );

// Runs `body` when the inputs have changed or an output is gone.
async function unlessCurrent(cache, { title, inputs, outputs }, body) {
  const key = hashOf(inputs);
  if (cache.get(outputs[0]) === key && outputs.every(existsSync)) return;
  cache.delete(outputs[0]);
  await step(`build: ${title}`, body);
  cache.set(outputs[0], key);
}

/** What compile-core.mjs says of the library's names. */
const DOCS_OF_CORE = "docs.json";

async function buildCore(cache, stage0) {
  const compiler = [
    "sdk-js/tools/compile-core.mjs",
    "sdk-js/tools/core-docs.mjs",
    "sdk-js/test/lang/engine.mjs",
    "sdk-js/test/lang/node-engine.mjs",
    "sdk-c/build-flags.json",
  ];
  const inputs = [
    stage0,
    join(dirname(stage0), "jank.wasm"),
    ...compiler.map((file) => join(ROOT, file)),
    ...pathsIn(CORE),
  ];
  const outputs = [
    join(GENERATED, "core_entries.c"),
    join(GENERATED_RUNTIME, "core_entries.c"),
    join(GENERATED, DOCS_OF_CORE),
  ];
  await unlessCurrent(cache, { title: "core library", inputs, outputs }, async () => {
    const tool = join(ROOT, "sdk-js/tools/compile-core.mjs");
    await run(process.execPath, [tool, stage0, GENERATED, GENERATED_RUNTIME]);
  });
}

/** What lies beside a module that compiles: the docs of the library. */
const DOCS = "jank-docs.txt";

function writeDocs(folder) {
  const compiled = JSON.parse(readText(join(GENERATED, DOCS_OF_CORE)));
  const text = docsText([...builtinDocs(ROOT), ...compiled]);
  const file = join(folder, DOCS);
  if (readText(file) !== text) writeFileSync(file, text);
}

/** Builds the main module of a variant, and first what it is made from. */
export async function buildWasm(variant = "wasm") {
  const emcc = await setupEmscripten();
  return withLock("build", async () => {
    const context = { emcc, cache: openCache(), step };
    const stage0 = await buildModule("stage0", context);
    if (variant === "stage0") return stage0;
    await buildCore(context.cache, stage0);
    const module = await buildModule(variant, context);
    if (VARIANTS[variant].core === GENERATED) writeDocs(dirname(module));
    return module;
  });
}

/** Where a bundle finds the main module: beside itself, when it runs. */
const MODULE = "*/jank.mjs";
/** Parts of the client that a page loads when it wants them, beside index.js. */
const ON_DEMAND = ["source", "local", "suspicion", "patch-file", "development"];

// In the script tag's file the main module's JavaScript is part of the file, so
// that it is one file; its address is the page's until the client gives another.
const inlineModule = (path) => ({
  name: "inline-module",
  setup(build) {
    build.onResolve({ filter: /\/jank\.mjs$/ }, () => ({ path }));
    build.onResolve(
      { filter: /^(node:)?(module|fs|path|url|crypto|util|worker_threads)$/ },
      (args) => ({
        path: args.path,
        external: true,
      }),
    );
  },
});

// A file that is loaded on demand throws what the page knows: the JankError of the
// index.js beside it, not one of its own.
const sameClasses = {
  name: "same-classes",
  setup(build) {
    build.onResolve({ filter: /\/runtime\.js$/ }, () => ({ path: "./index.js", external: true }));
  },
};

// What is bundled. `name`: an entry of the package, whose types are those of `source`;
// packageExports() is what package.json has to say of them.
const BUNDLES = [
  { name: ".", source: "index.ts", file: "index.js", platform: "browser" },
  { name: "./overlay", source: "client/overlay.ts", file: "overlay.js", platform: "browser" },
  ...["", "runtime-only/"].flatMap((folder) =>
    ON_DEMAND.map((part) => ({
      source: `client/${part}.ts`,
      file: `${folder}${part}.js`,
      platform: "browser",
      plugins: [sameClasses],
    })),
  ),
  {
    name: "./runtime-only",
    source: "index.ts",
    file: "runtime-only/index.js",
    platform: "browser",
  },
  { name: "./server", source: "server/index.ts", file: "server.js", platform: "node" },
  { name: "./playwright", source: "playwright/index.ts", file: "playwright.js", platform: "node" },
  {
    name: "./global",
    source: "global.ts",
    file: "jank-hot-reload.global.js",
    platform: "browser",
    inline: true,
  },
  { source: "server/thread.ts", file: "thread.js", platform: "node" },
  { source: "cli/main.ts", file: "cli.js", platform: "node", shebang: true },
];

// Entries that no bundle is, with types that are written by hand.
const MODULES = {
  "./jank.wasm": { types: "wasm-url.d.ts", file: "jank.wasm" },
  "./jank-docs.txt": { types: "wasm-url.d.ts", file: DOCS },
  "./runtime-only/jank.mjs": { types: "create-module.d.ts", file: "runtime-only/jank.mjs" },
  "./runtime-only/jank.wasm": { types: "wasm-url.d.ts", file: "runtime-only/jank.wasm" },
};

/** The `exports` of package.json. */
export function packageExports() {
  const conditions = (types, file) => ({
    types: `./${relative(ROOT, join(DIST, types))}`,
    default: `./${relative(ROOT, join(DIST, file))}`,
  });
  return Object.fromEntries([
    ...BUNDLES.filter(({ name }) => name).map(({ name, source, file }) => [
      name,
      conditions(source.replace(/\.ts$/, ".d.ts"), file),
    ]),
    ...Object.entries(MODULES).map(([name, { types, file }]) => [name, conditions(types, file)]),
    ["./package.json", "./package.json"],
  ]);
}

const { version, dependencies, peerDependencies } = JSON.parse(
  readText(join(ROOT, "package.json")),
);
/** What Node finds itself: other packages, and other entries of this one. */
const PACKAGES = [
  ...Object.keys({ ...dependencies, ...peerDependencies }),
  "jank-hot-reload",
  "jank-hot-reload/*",
];

async function bundle({ source, file, platform, inline, shebang, plugins = [] }, module) {
  const { build } = await import("esbuild");
  const start = join(SOURCES, source);
  if (!existsSync(start)) {
    console.log(`build: ${relative(ROOT, start)} is not there; ${file} is left out`);
    return;
  }
  // The command's own first line says the same, where it has one.
  const banner = shebang && !readText(start).startsWith("#!") ? "#!/usr/bin/env node" : undefined;
  const output = join(DIST, file);
  await build({
    entryPoints: [start],
    outfile: output,
    bundle: true,
    format: inline ? "iife" : "esm",
    platform,
    target: platform === "node" ? "node20" : "es2022",
    external: [
      ...(inline ? [] : [MODULE, ...ON_DEMAND.map((part) => `*/${part}.js`)]),
      ...(platform === "node" ? PACKAGES : []),
    ],
    plugins: inline ? [inlineModule(module)] : plugins,
    define: {
      JANK_VERSION: JSON.stringify(version),
      ...(inline ? { "import.meta.url": "document.baseURI" } : {}),
    },
    ...(banner ? { banner: { js: banner } } : {}),
    minify: inline ?? false,
    sourcemap: inline ? false : "linked",
    legalComments: "none",
    logLevel: "silent",
  }).catch((error) => {
    throw new UserError(error.message);
  });
  if (shebang) await run("chmod", ["+x", output]);
}

// Minifying drops these comments; without them webpack warns of the import, which
// only Node comes to.
const IMPORT_OF_NODE = 'import(["node"';
const IGNORED = 'import(/* webpackIgnore: true */ /* @vite-ignore */["node"';

async function minified(code) {
  const { transform } = await import("esbuild");
  const result = await transform(code, { format: "esm", minify: true, target: "es2022" });
  return result.code.replace(IMPORT_OF_NODE, IGNORED);
}

/** The module's JavaScript, which says what its wasm is: see Runtime.build. */
function named(file) {
  const build = createHash("sha256")
    .update(readFileSync(join(dirname(file), "jank.wasm")))
    .digest("hex");
  const ending = "export default createJank;";
  const code = readText(file);
  if (!code.includes(ending)) throw new UserError(`${file} has no "${ending}"`);
  return code.replace(ending, `createJank.build = "${build}";\n${ending}`);
}

async function buildTypes() {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "-p", "tsconfig.build.json"]);
}

async function buildDist(cache, module, runtimeOnly) {
  const sources = pathsIn(SOURCES);
  const configuration = ["package.json", "tsconfig.json", "tsconfig.build.json"];
  const inputs = [
    ...sources,
    module,
    ...["jank.wasm", DOCS].map((name) => join(dirname(module), name)),
    runtimeOnly,
    join(dirname(runtimeOnly), "jank.wasm"),
    join(ROOT, "sdk-js/tools/build.mjs"),
    ...configuration.map((file) => join(ROOT, file)),
  ];
  const outputs = ["jank.wasm", "jank.mjs", DOCS].map((name) => join(DIST, name));
  await unlessCurrent(cache, { title: "bundles", inputs, outputs }, async () => {
    mkdirSync(DIST, { recursive: true });
    for (const name of ["jank.wasm", DOCS])
      copyFileSync(join(dirname(module), name), join(DIST, name));
    writeFileSync(join(DIST, "jank.mjs"), await minified(named(module)));
    // What `jank-hot bundle` links an application with.
    for (const [folder, name] of [
      [GENERATED, "core"],
      [GENERATED_RUNTIME, "core-runtime"],
    ]) {
      mkdirSync(join(DIST, name), { recursive: true });
      for (const file of pathsIn(folder))
        if (file.endsWith(".c") && !file.endsWith("core_entries.c"))
          copyFileSync(file, join(DIST, name, basename(file)));
    }
    const only = join(DIST, "runtime-only");
    mkdirSync(only, { recursive: true });
    copyFileSync(join(dirname(runtimeOnly), "jank.wasm"), join(only, "jank.wasm"));
    writeFileSync(join(only, "jank.mjs"), await minified(named(runtimeOnly)));
    for (const { types } of Object.values(MODULES))
      copyFileSync(join(SOURCES, types), join(DIST, types));
    for (const part of BUNDLES) await bundle(part, join(DIST, "jank.mjs"));
  });
  const typed = sources.filter((file) => file.endsWith(".ts"));
  if (typed.length === 0) return;
  await unlessCurrent(
    cache,
    {
      title: "types",
      inputs: [...typed, ...inputs.slice(-3)],
      outputs: [join(DIST, "index.d.ts")],
    },
    buildTypes,
  );
}

async function buildDemo(cache) {
  const inputs = [...pathsIn(DEMO), ...pathsIn(DIST), join(ROOT, "sdk-js/tools/build.mjs")];
  const outputs = [join(DEMO_BUILD, "index.html")];
  if (!existsSync(join(DEMO, "index.html"))) return;
  await unlessCurrent(cache, { title: "demo site", inputs, outputs }, async () => {
    const { build } = await import("esbuild");
    // What is served stays there while it is replaced.
    mkdirSync(DEMO_BUILD, { recursive: true });
    const isServed = (path) => !path.endsWith(".ts") && path !== join(DEMO, "docs");
    cpSync(DEMO, DEMO_BUILD, { recursive: true, filter: isServed });
    for (const name of ["jank.mjs", "jank.wasm", DOCS, "jank-hot-reload.global.js"]) {
      if (existsSync(join(DIST, name))) copyFileSync(join(DIST, name), join(DEMO_BUILD, name));
    }
    const main = ["main.ts", "main.js"].map((name) => join(DEMO, "src", name)).find(existsSync);
    if (!main) return;
    await build({
      entryPoints: [main],
      outfile: join(DEMO_BUILD, "main.js"),
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      external: [MODULE],
      alias: {
        "jank-hot-reload/overlay": join(DIST, "overlay.js"),
        "jank-hot-reload": join(DIST, "index.js"),
      },
      minify: true,
      sourcemap: "linked",
      logLevel: "silent",
    }).catch((error) => {
      throw new UserError(error.message);
    });
  });
}

const TESTS = join(ROOT, "sdk-js/test");

/**
 * Tests in TypeScript, as Node can run them, with the package as it was built. Out: for
 * each, the files that it was made from, as paths in the tree.
 */
export async function bundleTests(sources, outdir) {
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: sources,
    outdir,
    outbase: TESTS,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    external: [MODULE, "jank-hot-reload", "jank-hot-reload/*"],
    sourcemap: "inline",
    metafile: true,
    logLevel: "silent",
  });
  const outputs = Object.values(metafile.outputs);
  return sources.map((source) =>
    Object.keys(outputs.find(({ entryPoint }) => entryPoint === relative(ROOT, source)).inputs),
  );
}

/** Sets up what is missing and builds what is not current. */
export async function buildAll() {
  await setupPackages();
  const module = await buildWasm();
  const runtimeOnly = await buildWasm("runtime");
  await withLock("build", async () => {
    const cache = openCache();
    await buildDist(cache, module, runtimeOnly);
    await buildDemo(cache);
  });
}

if (isMain(import.meta.url)) {
  await runTool(async () => {
    const [what, variant] = process.argv.slice(2);
    if (what === "clean") return rmSync(BUILD, { recursive: true, force: true });
    if (what === undefined) return buildAll();
    if (what !== "module" || !VARIANTS[variant]) {
      throw new UserError(`usage: build.mjs [clean | module ${Object.keys(VARIANTS).join("|")}]`);
    }
    console.log(relative(ROOT, await buildWasm(variant)));
  });
}
