// The packed tarball: what is in it, what it says of itself, how much of it a page
// loads, and that TypeScript finds the types of every entry.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import ts from "typescript";
import { pack, ROOT, run, type Packed } from "./packed.js";

/**
 * Bytes, compressed: a page's client without the module of WebAssembly and its glue.
 * What it loads when it wants it is not in it: a compiler, a published folder, a patch
 * file. What every page of a development server loads besides is in the second.
 */
const CLIENT_BUDGET = 8 * 1024;
const DEVELOPMENT_BUDGET = 9 * 1024;

let packed: Packed;
before(() => {
  packed = pack();
});
after(() => packed.remove());

const tool = (name: string, ...args: string[]): string => {
  try {
    return run(process.execPath, [join(ROOT, "node_modules", name), ...args], ROOT);
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    assert.fail(`${name}:\n${stdout}${stderr}`);
  }
};

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | { types: string; default: string }>;
};

// ---- What is in it --------------------------------------------------------------------

const pathsOf = (tarball: string): string[] =>
  run("tar", ["-tzf", tarball], ROOT)
    .trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));

test("package.json's exports are those of the build's table, types first", async () => {
  const tools = join(ROOT, "sdk-js/tools/build.mjs");
  const { packageExports } = (await import(tools)) as { packageExports(): object };
  assert.equal(JSON.stringify(manifest.exports), JSON.stringify(packageExports()));
  for (const conditions of Object.values(manifest.exports))
    if (typeof conditions === "object") assert.equal(Object.keys(conditions)[0], "types");
});

test("the tarball has each file that an entry names", () => {
  const paths = new Set(pathsOf(packed.tarball));
  const named = Object.values(manifest.exports).flatMap((each) =>
    typeof each === "string" ? [each] : Object.values(each),
  );
  for (const path of named) assert.ok(paths.has(path.slice("./".length)), path);
});

test("the tarball has what `jank-hot patch` and `bundle` compile with", () => {
  const paths = new Set(pathsOf(packed.tarball));
  const tracked = run("git", ["ls-files", "sdk-c/src", "sdk-c/include", "sdk-c/core"], ROOT);
  const sources = tracked.trim().split("\n");
  assert.ok(sources.length > 50);
  const generated = ["core", "core-runtime"].map((name) => `sdk-js/dist/${name}/clojure_core.c`);
  for (const path of [...sources, ...generated, "sdk-c/build-flags.json", "sdk-js/dist/cli.js"])
    assert.ok(paths.has(path), path);
});

test("what README.md and the user's guide link to is in the tarball", () => {
  const paths = pathsOf(packed.tarball);
  const guide = paths.filter((path) => /^demo-site\/docs\/.*\.md$/.test(path));
  assert.ok(guide.length > 5);
  for (const file of ["README.md", ...guide]) {
    const text = readFileSync(join(ROOT, file), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      const target = join(dirname(file), link);
      assert.ok(paths.includes(target), `${file}: ${link}`);
    }
  }
});

test("the tarball has no tests, no tools and nothing of one machine", () => {
  const paths = pathsOf(packed.tarball);
  const known =
    /^(sdk-js\/dist|sdk-c\/(core|include|src)|demo-site\/docs)\/|^sdk-c\/build-flags\.json$|^sdk-\w+\/README\.md$/;
  const top = new Set([
    "package.json",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
  ]);
  assert.deepEqual(
    paths.filter((path) => !known.test(path) && !top.has(path)),
    [],
  );
  assert.deepEqual(
    paths.filter((path) =>
      /\btests?\b|\.(test|spec)\./.test(path.replace("clojure/test.jank", "")),
    ),
    [],
  );
  const folder = join(packed.application(), "node_modules/jank-hot-reload");
  for (const path of paths.filter((name) => /\.(js|mjs|map|ts|json)$/.test(name)))
    assert.ok(!readFileSync(join(folder, path), "utf8").includes(ROOT), `${path} names ${ROOT}`);
});

test("each source map of the tarball has its sources in it", () => {
  const folder = join(packed.application(), "node_modules/jank-hot-reload");
  const maps = pathsOf(packed.tarball).filter((path) => path.endsWith(".map"));
  assert.ok(maps.length >= 4);
  for (const path of maps) {
    const map = JSON.parse(readFileSync(join(folder, path), "utf8")) as {
      sources: string[];
      sourcesContent?: (string | null)[];
    };
    assert.equal(map.sourcesContent?.filter(Boolean).length, map.sources.length, path);
  }
});

// ---- What it says of itself -----------------------------------------------------------

test("publint finds nothing in the tarball", () => {
  const output = tool("publint/src/cli.js", "--strict", packed.tarball);
  assert.match(output, /All good!/);
});

test("the types are right for each entry (attw)", () => {
  const output = tool(
    "@arethetypeswrong/cli/dist/index.js",
    packed.tarball,
    "--profile=esm-only",
    "--format=json",
  );
  const { analysis } = JSON.parse(output) as {
    analysis: { entrypoints: Record<string, unknown> };
  };
  assert.deepEqual(Object.keys(analysis.entrypoints), Object.keys(manifest.exports));
});

// ---- What runs ------------------------------------------------------------------------

test("server and command run where the package is installed", () => {
  const folder = packed.application({
    "src/app.jank": "(ns app) (defn twice [x] (* 2 x))",
    "run.js": `
      import { startServer } from "jank-hot-reload/server";
      const server = await startServer({ port: 0, wsPort: 0, nreplPort: 0, portFile: false });
      const page = await fetch(\`http://localhost:\${server.port}/jank/index.js\`);
      const { value } = await server.engine.evaluate("(app/twice 21)");
      console.log(page.status, value);
      await server.close();`,
  });
  assert.equal(run(process.execPath, ["run.js"], folder), "200 42\n");
  const command = join(folder, "node_modules/jank-hot-reload/sdk-js/dist/cli.js");
  const patch = ["patch", "src/app.jank", "-o", "out"];
  run(command, patch, folder);
  assert.ok(WebAssembly.validate(readFileSync(join(folder, "out/app_patch.wasm"))));
});

test("`jank-hot patch --emit wat` says how to get wabt where it is not, and takes it where it is", () => {
  const files = { "app.jank": "(ns app) (defn twice [x] (* 2 x))" };
  const emit = (folder: string) => {
    const command = join(folder, "node_modules/jank-hot-reload/sdk-js/dist/cli.js");
    const args = [command, "patch", "app.jank", "--emit", "wat", "-o", "out"];
    const env = { ...process.env, PATH: "" };
    return spawnSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" });
  };
  const without = packed.application(files);
  const { status, stderr } = emit(without);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^jank-hot: --emit wat needs WABT.*\n.*npm install --save-dev wabt\n.*wasm2wat/,
  );
  assert.ok(!existsSync(join(without, "out")));
  const beside = packed.application(files, ["wabt"]);
  assert.equal(emit(beside).status, 0);
  assert.match(readFileSync(join(beside, "out/app_patch.wat"), "utf8"), /\$app\/twice/);
});

test("the entry for Playwright says what is missing where Playwright is not installed", () => {
  const folder = packed.application({ "run.js": `import "jank-hot-reload/playwright";` });
  assert.throws(
    () => run(process.execPath, ["run.js"], folder),
    /Cannot find package '@playwright/,
  );
});

// ---- What a page loads ----------------------------------------------------------------

/** The files that a bundler makes of it; `start`: what is loaded at once. */
async function bundled(
  code: string,
  splitting = true,
): Promise<{ start: Buffer; demand: Map<string, Buffer> }> {
  const resolveDir = packed.application();
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir, sourcefile: "page.js" },
    bundle: true,
    splitting,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["*/jank.mjs"],
    outdir: "out",
    absWorkingDir: resolveDir,
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const contents = new Map(
    outputFiles.map(({ path, contents }) => [relative(resolveDir, path), Buffer.from(contents)]),
  );
  const atOnce = new Set<string>();
  const add = (path: string): void => {
    if (atOnce.has(path)) return;
    atOnce.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? [])
      if (kind === "import-statement") add(next);
  };
  const page = [...contents.keys()].find(
    (path) => metafile.outputs[path]?.entryPoint === "page.js",
  );
  add(page ?? assert.fail("no page"));
  return {
    start: Buffer.concat([...atOnce].map((path) => contents.get(path) ?? Buffer.alloc(0))),
    demand: new Map([...contents].filter(([path]) => !atOnce.has(path))),
  };
}

const compressed = (bytes: Uint8Array) => gzipSync(bytes, { level: 9 }).length;

test(`a page's client is at most ${CLIENT_BUDGET} bytes, compressed`, async () => {
  const client = await bundled(`import { connect } from "jank-hot-reload"; connect();`);
  assert.ok(client.start.includes("WebSocket"));
  const size = compressed(client.start);
  assert.ok(size <= CLIENT_BUDGET, `${size} bytes`);
  const [, development] =
    [...client.demand].find(([path]) => path.includes("development")) ?? assert.fail("no file");
  const all = size + compressed(development);
  assert.ok(all <= DEVELOPMENT_BUDGET, `${all} bytes with what a server's page loads besides`);
});

test("a page does not load the compiler, nor what follows a published folder, at once", async () => {
  const { start, demand } = await bundled(`import { connect } from "jank-hot-reload"; connect();`);
  const parts = {
    local: "_jank_unit_open",
    source: "manifest.json",
    suspicion: "unhandledrejection",
  };
  for (const [name, text] of Object.entries(parts)) {
    assert.ok(!start.includes(text), name);
    const file = [...demand].find(([path]) => path.includes(`/${name}-`));
    assert.ok(file?.[1].includes(text), name);
  }
});

test("a page that only installs patches does not load the client", async () => {
  const { start: all } = await bundled(`import { connect } from "jank-hot-reload"; connect();`);
  const { start: part } = await bundled(`import { load } from "jank-hot-reload"; load();`);
  assert.ok(compressed(part) < 0.7 * compressed(all), `${compressed(part)} bytes`);
  assert.ok(!part.includes("WebSocket"));
});

test("an import of which nothing is used leaves nothing", async () => {
  for (const name of ["jank-hot-reload", "jank-hot-reload/runtime-only"])
    assert.equal((await bundled(`import "${name}";`, false)).start.toString(), "", name);
});

test("the script tag's file is kept where it is imported for what it does", async () => {
  const { start } = await bundled(`import "jank-hot-reload/global";`);
  assert.ok(start.includes("JankHotReload"));
});

// ---- TypeScript -----------------------------------------------------------------------

const PAGE = `
import { connect, formatReport, JankError, load, type PatchRecord } from "jank-hot-reload";
import { connect as connectOnly } from "jank-hot-reload/runtime-only";
import createModule from "jank-hot-reload/runtime-only/jank.mjs";
import onlyUrl from "jank-hot-reload/runtime-only/jank.wasm";
import wasmUrl from "jank-hot-reload/jank.wasm";
import "jank-hot-reload/global";

const client = connect({ url: "ws://localhost:7888/repl", wasmUrl });
client.on("after-patch", (record: PatchRecord) => console.log(record.installMs.toFixed(1)));
client.on("error", (error) => console.error(formatReport(error)));
export const sum: Promise<string> = client.jankEval("(+ 1 2)").then(({ value }) => value);
export const loaded = load({ createModule, wasmUrl: onlyUrl }).then(({ invoke }) => invoke("a/b"));
connectOnly({ compiler: "server" });
if (new JankError({} as never).report.line > 0) throw new Error();
export const version: string = JankHotReload.version;
export const answer: Promise<{ value?: string }> = jankEval("(+ 1 2)");
// @ts-expect-error: no such option
connect({ adress: "ws://localhost" });
`;

const SERVER = `
import { startServer, type RunningServer } from "jank-hot-reload/server";

const server: RunningServer = await startServer({ port: 0, log: (line: string) => {} });
export const port: number = server.port;
const { value } = await server.engine.evaluate("(+ 1 2)");
export const text: string | undefined = value;
// @ts-expect-error: a number
await startServer({ port: "8080" });
`;

const SPEC = `
import { mergeTests, test as base } from "@playwright/test";
import { expect, test, type JankOptions } from "jank-hot-reload/playwright";

const jankOptions: JankOptions = { root: "dist", sources: ["../src"], files: { "src/a.jank": "" } };
test.use({ jankOptions });
test("an edit", async ({ page, jank, jankServer }) => {
  await page.goto(jank.url);
  const value: string = await jank.eval("(+ 1 2)", { ns: "eita", page });
  const result: unknown = await jank.invoke(page, "eita/ggg", 10, [1], { a: null });
  await jank.patch("src/eita.jank", (text) => text.replace("1", "2"));
  const { names } = await jank.waitForPatch(({ seq }) => seq > 1, { timeout: 100 });
  const refused: string = await jank.expectRefused(() => jank.patch("eita.jank", "(boom)"));
  expect([value, result, refused, ...names]).toHaveLength(3);
  await jankServer.restart({ allowedOrigins: ["http://localhost:5173"] });
});
// @ts-expect-error: no such option
test.use({ jankOptions: { folder: "dist" } });
mergeTests(base, test)("both", ({ jank }) => expect(jank.wsUrl).toContain("ws"));
`;

const RESOLUTIONS = ["bundler", "node16", "nodenext"];

const CONFIGURATION = {
  target: "es2022",
  lib: ["es2022", "dom", "dom.iterable"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
};

test("a strict TypeScript application compiles under bundler, node16 and nodenext", () => {
  const folder = packed.application(
    {
      "page.ts": PAGE,
      "server.ts": SERVER,
      "app.spec.ts": SPEC,
      ...Object.fromEntries(
        RESOLUTIONS.map((moduleResolution) => [
          `${moduleResolution}.json`,
          JSON.stringify({
            compilerOptions: {
              ...CONFIGURATION,
              moduleResolution,
              skipLibCheck: moduleResolution !== "node16", // once is enough
              module: moduleResolution === "bundler" ? "esnext" : moduleResolution,
            },
            include: ["*.ts"],
          }),
        ]),
      ),
    },
    ["@playwright/test", "@types/node"],
  );
  for (const project of RESOLUTIONS)
    tool("typescript/bin/tsc", "-p", join(folder, `${project}.json`));
});

test("what is said of a field is in the types, also of a type that is made from a table", () => {
  const file = join(packed.application(), "node_modules/jank-hot-reload/sdk-js/dist/index.d.ts");
  const program = ts.createProgram([file], { strict: true });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file) ?? assert.fail(file));
  const said = (type: string, field: string) => {
    const symbol = checker
      .getExportsOfModule(module ?? assert.fail())
      .find(({ name }) => name === type);
    const fields = checker.getDeclaredTypeOfSymbol(
      checker.getAliasedSymbol(symbol ?? assert.fail()),
    );
    const comment = fields.getProperty(field)?.getDocumentationComment(checker);
    return ts.displayPartsToString(comment);
  };
  assert.match(said("ErrorReport", "trace"), /^Of a run-time error/);
  assert.match(said("Evaluation", "value"), /^Printed as by/);
  assert.match(said("PageReport", "status"), /^"silent"/);
  assert.match(said("ConnectOptions", "compiler"), /^Where code is compiled/);
});
