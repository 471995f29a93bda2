// The C compiler for patches in C: clang and wasm-ld directly where they are, which
// takes a tenth of the time that emcc does; else emcc.

import { execFile } from "node:child_process";
import { accessSync, constants, rmSync, statSync } from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../user-error.js";

export interface Compiler {
  /** As people call it. */
  name: string;
  cc: string;
  /** The linker; none: cc is emcc, which links by itself. */
  ld?: string;
}

const INCLUDE = fileURLToPath(new URL("../../sdk-c/include", import.meta.url));
const HELP = `No C compiler for WebAssembly was found; the C is written. Install one:
  clang and lld (Debian: apt-get install clang lld), or Emscripten
or give one: --cc /path/to/clang`;

/** The program's path, looked for in PATH. */
export function which(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

// Older ones write modules that Emscripten's loader does not take.
const VERSIONS = ["", ...[23, 22, 21, 20, 19].map((version) => `-${version}`)];

function linkerFor(clang: string): string | undefined {
  const suffix = /clang(-\d+)?$/.exec(clang)?.[1] ?? "";
  return (
    [join(dirname(clang), `wasm-ld${suffix}`), join(dirname(clang), "wasm-ld")].find((path) =>
      statSync(path, { throwIfNoEntry: false })?.isFile(),
    ) ?? which(`wasm-ld${suffix}`)
  );
}

/** Whether it makes position-independent WebAssembly. */
async function works(clang: string): Promise<boolean> {
  try {
    const version = await run(clang, ["--version"]);
    const [, number = "0"] = /clang version (\d+)/.exec(version) ?? [];
    const targets = await run(clang, ["--print-targets"]);
    return Number(number) >= 19 && targets.includes("wasm32");
  } catch {
    return false;
  }
}

/** Throws a UserError when there is none. */
export async function findCompiler(given?: string): Promise<Compiler> {
  if (given !== undefined) return compilerAt(resolve(given));
  for (const suffix of VERSIONS) {
    const cc = which(`clang${suffix}`);
    const ld = cc && linkerFor(cc);
    if (cc && ld && (await works(cc))) return { name: basename(cc), cc, ld };
  }
  const emcc = which("emcc");
  if (emcc) return { name: "emcc", cc: emcc };
  throw new UserError(HELP);
}

function compilerAt(cc: string): Compiler {
  if (!statSync(cc, { throwIfNoEntry: false })?.isFile())
    throw new UserError(`--cc: there is no ${cc}`);
  const name = basename(cc);
  if (!name.startsWith("clang")) return { name, cc };
  const ld = linkerFor(cc);
  if (!ld) throw new UserError(`--cc: no wasm-ld beside ${cc}: install lld`);
  return { name, cc, ld };
}

/** What it prints. Rejects with a UserError. */
export function run(program: string, args: string[]): Promise<string> {
  return new Promise((settle, reject) => {
    execFile(program, args, { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error) reject(new UserError(stderr.trim() || error.message));
      else settle(stdout);
    });
  });
}

/** Compiles `<name>.c` to the side module `<name>.wasm`. Throws a UserError. */
export async function compileC(
  { cc, ld }: Compiler,
  source: string,
  entry: string,
): Promise<{ path: string; size: number }> {
  const path = source.replace(/\.c$/, ".wasm");
  const common = ["-O2", "-w", `-I${INCLUDE}`];
  if (ld === undefined) {
    await run(cc, ["-sSIDE_MODULE=1", ...common, source, "-o", path]);
  } else {
    const object = source.replace(/\.c$/, ".o");
    const target = ["--target=wasm32-unknown-emscripten", "-fPIC", "-ffreestanding"];
    await run(cc, [...target, "-fvisibility=hidden", ...common, "-c", source, "-o", object]);
    await run(ld, [
      "-shared",
      "--experimental-pic",
      "-Bsymbolic",
      "--unresolved-symbols=import-dynamic",
      "--strip-debug",
      `--export=${entry}`,
      object,
      "-o",
      path,
    ]);
    rmSync(object);
  }
  return { path, size: statSync(path).size };
}
