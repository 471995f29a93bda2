// jank-hot bundle: an application and its namespaces, compiled ahead of time by the
// C emitter and emcc into one main module, which takes patches like any other.
//
//   source -> form by form into a runtime -> C of each namespace -> emcc -> link
//
// C and C++ of its own may be part of it, or all of it: see native/program.ts.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { finishModule } from "../link/link.mjs";
import { Compiler, cyclicLoad, type NamespaceSource } from "../compiler.js";
import { JankError, Runtime } from "../runtime.js";
import { ENTRY_PREFIX } from "../shared.js";
import { describeBuild, fileNames } from "../native/files.js";
import { hotFunctions } from "../native/link-patch.js";
import { definesMain, openObject, symbolTable, type ProgramSymbol } from "../native/program.js";
import { ABI_FLAGS, isCpp, isNative, KEEP } from "../native/toolchain.js";
import { sha256 } from "../sha256.js";
import { run, which } from "../native/c-compiler.js";
import { sourceOf } from "./patch.js";
import { bytes, green, milliseconds } from "./terminal.js";
import { UserError } from "../user-error.js";

export interface BundleOptions {
  outputDir: string;
  emcc?: string;
  /** With the compiler: the page can evaluate code as well. */
  compiler?: boolean;
  optimize: string;
  /** Of C files: flags of the compiler and of the linker. */
  cflag?: string[];
  ldflag?: string[];
}

/** The C files of an application, compiled. */
interface Native {
  objects: string[];
  /** Names of what is marked with JANK_HOT. */
  hot: string[];
  symbols: ProgramSymbol[];
  isCpp: boolean;
  hasMain: boolean;
}

/** A namespace as C. */
interface Compiled {
  id: string;
  c: string;
  /** Names of its functions that are ^:export. */
  exports: string[];
  ns: string;
}

interface Flags {
  both: string[];
  compile: string[];
  generated: string[];
  link: string[];
  /** Regular expressions over paths below sdk-c/src. */
  compilerFiles: string;
  nativeFiles: string;
  hostLibrary: string;
  runtimeOnly: string;
  namespaces: string[];
}

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
const SOURCES = join(PACKAGE, "sdk-c/src");
const DIST = join(PACKAGE, "sdk-js/dist");

const idOf = (ns: string) => ns.replaceAll(/\W/g, "_");

export async function bundle(files: string[], options: BundleOptions): Promise<void> {
  const emcc = findEmcc(options.emcc);
  const [file, ...more] = files.filter((each) => !isNative(each));
  if (more.length)
    throw new UserError(`${more[0]}: one namespace is enough, it requires the others`);
  const output = resolve(options.outputDir);
  const folder = join(output, ".build");
  const native = files.filter(isNative);
  const flags = JSON.parse(readFileSync(join(PACKAGE, "sdk-c/build-flags.json"), "utf8")) as Flags;
  const builder = new Builder(emcc, folder, flags, options);
  const compiled = native.length ? await builder.compileNative(native) : undefined;
  const started = performance.now();
  const app = file === undefined ? [] : await compileApp(file, compiled?.hot ?? []);
  if (app.length) {
    const names = app.map(({ ns }) => ns).join(" ");
    console.log(`${green(names)}  compiled to C, ${milliseconds(performance.now() - started)}`);
  }
  await builder.build(app, join(output, "app.mjs"), compiled);
  const wasm = readFileSync(join(output, "app.wasm"));
  writeFileSync(join(output, "index.js"), entryModule(app, wasm, compiled?.hasMain ?? false));
  if (native.length) writeNativeBuild(output, native, options);
  for (const name of ["app.wasm", "app.mjs", "index.js"]) {
    const path = join(output, name);
    console.log(`${green(path)}  ${bytes(statSync(path).size)}`);
  }
}

/** For `jank-hot watch`. */
function writeNativeBuild(output: string, files: string[], options: BundleOptions): void {
  const { cflag = [], optimize } = options;
  const build = describeBuild(output, fileNames(files), { cflags: cflag, optimize });
  writeFileSync(join(output, "app.native.json"), `${JSON.stringify(build, null, 2)}\n`);
}

function findEmcc(given: string | undefined): string {
  const emcc = given === undefined ? which("emcc") : resolve(given);
  if (emcc !== undefined && existsSync(emcc)) return emcc;
  throw new UserError(
    given === undefined
      ? "bundle needs Emscripten (3.1.45 or later): put emcc on PATH, or give --emcc /path/to/emcc"
      : `--emcc: there is no ${given}`,
  );
}

// ---- From source to C ----------------------------------------------------------

/** `hot`: functions in C, which its code may call. */
async function compileApp(file: string, hot: string[]): Promise<Compiled[]> {
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${(error as Error).message}`);
  }
  const compiler = new Compiler(await Runtime.load({ write: () => undefined }));
  const compiled: Compiled[] = [];
  if (hot.length) compiler.eval(`(ns c) (declare ${hot.join(" ")})`);
  compileNamespace(compiler, { source, file }, dirname(resolve(file)), [], compiled);
  return compiled;
}

/** What it requires comes before it. */
function compileNamespace(
  compiler: Compiler,
  { source, file }: NamespaceSource,
  folder: string,
  loading: string[],
  compiled: Compiled[],
): void {
  const unit = compiler.open(source, { file });
  let ns = "user";
  try {
    for (;;) {
      const step = unit.next();
      if (step.status === "error") throw new JankError(step.error);
      if (step.status === "end") break;
      if (step.status === "missing") {
        if (loading.includes(step.ns)) throw new JankError(cyclicLoad(step.ns, loading));
        const found = sourceOf(step.ns, folder) ?? compiler.coreNamespace(step.ns);
        if (found) compileNamespace(compiler, found, folder, [...loading, step.ns], compiled);
      } else if (step.form.kind !== "expr") {
        // Definitions are needed by what comes later; effects are for the page.
        const result = compiler.runtime.install(step.form.bytes, step.form.entry);
        if (!result.ok) throw new JankError(result.error);
        ns = step.form.ns;
      }
    }
    const id = `app_${compiled.length}_${idOf(ns)}`;
    compiled.push({ id, ns, c: unit.emitC(id), exports: exportsOf(compiler, ns) });
  } finally {
    unit.close();
  }
}

function exportsOf(compiler: Compiler, ns: string): string[] {
  const { value } = compiler.eval(
    `(apply str (interpose " " (sort (map name (keys (filter (fn [[_ v]] (:export (meta v))) (ns-publics '${ns})))))))`,
  );
  return (JSON.parse(value ?? '""') as string).split(" ").filter(Boolean);
}

// ---- From C to the module --------------------------------------------------------

class Builder {
  readonly #emcc: string;
  readonly #folder: string;
  readonly #flags: Flags;
  readonly #options: BundleOptions;

  constructor(emcc: string, folder: string, flags: Flags, options: BundleOptions) {
    this.#emcc = emcc;
    this.#folder = folder;
    this.#flags = flags;
    this.#options = options;
  }

  async build(app: Compiled[], output: string, native?: Native): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    const sources = [...this.#runtimeSources(), ...this.#generated(app, native)];
    const started = performance.now();
    const objects = await this.#compileAll(sources);
    console.log(`compiled ${sources.length} files, ${milliseconds(performance.now() - started)}`);
    const linking = performance.now();
    const { both, link } = this.#flags;
    const library = ["--js-library", join(SOURCES, this.#flags.hostLibrary)];
    const optimize = `-O${this.#options.optimize}`;
    const linked = [...objects, ...(native?.objects ?? [])];
    const settings = native ? this.#linkNative(link, native) : link;
    await run(this.#emcc, [optimize, ...both, ...settings, ...library, ...linked, "-o", output]);
    const wasm = output.replace(/mjs$/, "wasm");
    writeFileSync(wasm, finishModule(readFileSync(wasm), readFileSync(output, "utf8")));
    console.log(`linked, ${milliseconds(performance.now() - linking)}`);
  }

  /** A program's own C is linked as emcc does by default; index.js calls its main. */
  #linkNative(link: string[], { isCpp, hasMain }: Native): string[] {
    const { ldflag = [] } = this.#options;
    const withMain = link
      .filter((flag) => flag !== "--no-entry")
      .map((flag) => flag.replace(/^(-sEXPORTED_RUNTIME_METHODS=.*)/, "$1,callMain"))
      .map((flag) => flag.replace(/^(-sEXPORTED_FUNCTIONS=.*)/, "$1,_main"));
    return [
      ...(hasMain ? [...withMain, "-sINVOKE_RUN=0"] : link),
      "-sAUTO_JS_LIBRARIES",
      "-sAUTO_NATIVE_LIBRARIES",
      ...(isCpp ? ["-sDEFAULT_TO_CXX"] : []),
      ...ldflag,
    ];
  }

  /** The program's own C and C++. */
  async compileNative(files: string[]): Promise<Native> {
    mkdirSync(this.#folder, { recursive: true });
    const names = fileNames(files);
    const compiled = await Promise.all(
      [...names].map(async ([path, name]) => {
        const object = await this.#compileNativeFile(path, name);
        const opened = openObject(readFileSync(object), name);
        writeFileSync(object.replace(/\.o$/, ".open.o"), opened.bytes);
        return { ...opened, path: object.replace(/\.o$/, ".open.o") };
      }),
    );
    return {
      objects: compiled.map(({ path }) => path),
      hot: compiled.flatMap(({ object }) => hotFunctions(object).map(({ name }) => name)),
      symbols: compiled.flatMap(({ symbols }) => symbols),
      isCpp: files.some(isCpp),
      hasMain: compiled.some(({ object }) => definesMain(object)),
    };
  }

  async #compileNativeFile(path: string, name: string): Promise<string> {
    if (!existsSync(path)) throw new UserError(`cannot read ${path}: there is no such file`);
    const { cflag = [], optimize } = this.#options;
    const own = [`-O${optimize}`, ...this.#flags.both, ...ABI_FLAGS, KEEP];
    const object = join(this.#folder, `${name.replaceAll(/\W/g, "_")}.o`);
    const include = `-I${join(PACKAGE, "sdk-c/include")}`;
    await run(this.#emcc, [...own, include, ...cflag, "-c", path, "-o", object]);
    return object;
  }

  #runtimeSources(): string[] {
    const native = new RegExp(this.#flags.nativeFiles);
    const compiler = new RegExp(this.#flags.compilerFiles);
    return readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".c") && !native.test(name))
      .filter((name) => this.#options.compiler || !compiler.test(name))
      .sort()
      .map((name) => join(SOURCES, name));
  }

  /** The library, the application, and the table of their entries. */
  #generated(app: Compiled[], native?: Native): string[] {
    const write = (name: string, text: string) => {
      const path = join(this.#folder, name);
      if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
      return path;
    };
    const entries = [...this.#flags.namespaces.map(idOf), ...app.map(({ id }) => id)].map(
      (id) => `${ENTRY_PREFIX}${id}`,
    );
    const table = [
      '#include "core_entries.h"',
      ...entries.map((entry) => `extern struct patch_symbol *${entry}(int *count);`),
      "const patch_entry_fn jank_core_entries[] = {",
      ...entries.map((entry) => `    ${entry},`),
      "    0};",
      "const struct core_source jank_core_sources[] = {{0}};",
      "",
    ].join("\n");
    const core = join(DIST, this.#options.compiler ? "core" : "core-runtime");
    return [
      ...this.#flags.namespaces.map((ns) => join(core, `${idOf(ns)}.c`)),
      ...app.map(({ id, c }) => write(`${id}.c`, c)),
      write("entries.c", table),
      ...(native ? [write("native_symbols.c", symbolTable(native.symbols))] : []),
    ];
  }

  async #compileAll(sources: string[]): Promise<string[]> {
    const queue = [...sources];
    const objects = new Map<string, string>();
    const worker = async () => {
      for (let source; (source = queue.shift()) !== undefined;)
        objects.set(source, await this.#compile(source));
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    return sources.map((source) => objects.get(source) ?? "");
  }

  /** An object is named by what it was made from: it is made once. */
  async #compile(source: string): Promise<string> {
    const own = source.startsWith(SOURCES);
    const { both, compile, generated, runtimeOnly } = this.#flags;
    const flags = [
      `-O${this.#options.optimize}`,
      ...both,
      ...compile,
      ...(own ? [] : generated),
      ...(this.#options.compiler ? [] : [runtimeOnly]),
      `-I${join(PACKAGE, "sdk-c/include")}`,
      `-I${SOURCES}`,
    ];
    const made = [this.#emcc, ...flags, readFileSync(source, "utf8"), this.#headers()];
    const key = sha256(made.join("\0")).slice(0, 16);
    const object = join(this.#folder, `${basename(source, extname(source))}-${key}.o`);
    if (!existsSync(object)) await run(this.#emcc, [...flags, "-c", source, "-o", object]);
    return object;
  }

  #headersText: string | undefined;
  #headers(): string {
    return (this.#headersText ??= [SOURCES, join(PACKAGE, "sdk-c/include")]
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
          join(folder, name),
        ),
      )
      .filter((path) => path.endsWith(".h"))
      .map((path) => readFileSync(path, "utf8"))
      .join("\0"));
  }
}

// ---- What JavaScript imports -------------------------------------------------------

/** Names that JavaScript cannot have as they are: a-b? is a_b_QMARK_, as munge says. */
const munged = (name: string) =>
  name.replaceAll(
    /\W/g,
    (c) =>
      ({ "-": "_", "?": "_QMARK_", "!": "_BANG_", "*": "_STAR_", "+": "_PLUS_", ">": "_GT_" })[c] ??
      "_",
  );

function entryModule(app: Compiled[], wasm: Buffer, hasMain: boolean): string {
  const build = sha256(wasm);
  const functions = app.flatMap(({ ns, exports }) =>
    exports.map(
      (name) =>
        `export const ${munged(name)} = module.jankFunction(${JSON.stringify(ns)}, ${JSON.stringify(name)});`,
    ),
  );
  return [
    "// Made by jank-hot bundle: the application's ^:export functions, by their names.",
    'import createModule from "./app.mjs";',
    "",
    "/** The Emscripten module. With jank-hot-reload, as Runtime.adopt(module), it takes patches. */",
    "export const module = await createModule();",
    `module.jankBuild = "${build}";`,
    "if (module._jank_runtime_init() < 0)",
    "  throw new Error(JSON.parse(module.UTF8ToString(module._jank_last_error_json())).message);",
    ...functions,
    ...(hasMain ? ["module.callMain([]);"] : []),
    "",
  ].join("\n");
}
