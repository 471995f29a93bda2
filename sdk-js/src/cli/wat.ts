// A module's bytes as WebAssembly text. The printer is WABT's: the npm package `wabt`, or
// its program wasm2wat. Neither is a dependency; who wants text installs one.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type wabt from "wabt";
import { which } from "../native/c-compiler.js";
import { UserError } from "../user-error.js";

export type Printer = (module: Uint8Array) => string;
type Wabt = Awaited<ReturnType<typeof wabt>>;

const HELP = `--emit wat needs WABT, which prints WebAssembly as text. Install one of these:
  npm install --save-dev wabt
  the program wasm2wat, on PATH (Debian: apt-get install wabt)`;

/** What patches may use, and WABT does not assume, or did not always. */
const FEATURES = { exceptions: true, bulk_memory: true, tail_call: true };

/** Where WABT is looked for. */
export interface Sources {
  /** The npm package, or undefined. */
  load: () => Promise<Wabt | undefined>;
  /** The path of a program, or undefined. */
  which: (name: string) => string | undefined;
}

/** Throws a UserError that says how to get a printer when there is none. */
export async function findPrinter({ load, which: find }: Sources = REAL): Promise<Printer> {
  const toolkit = await load();
  if (toolkit) return (module) => printed(toolkit, module);
  const program = find("wasm2wat");
  if (program !== undefined) return (module) => printedBy(program, module);
  throw new UserError(HELP);
}

/** Functions and parameters have the names of the module's name section. */
function printed(toolkit: Wabt, bytes: Uint8Array): string {
  // Of a view into a larger buffer the toolkit reads the wrong bytes.
  const module = toolkit.readWasm(Uint8Array.from(bytes), { ...FEATURES, readDebugNames: true });
  try {
    module.generateNames();
    module.applyNames();
    return module.toText({});
  } finally {
    module.destroy();
  }
}

function printedBy(program: string, bytes: Uint8Array): string {
  const args = ["--enable-exceptions", "--enable-tail-call", "--generate-names", "-"];
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    input: bytes,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (error) throw new UserError(`${program}: ${error.message}`);
  if (status !== 0) throw new UserError(`${program}: ${stderr.trim()}`);
  return stdout;
}

const REAL: Sources = {
  which,
  /** Beside this package, or in the folder where the command runs. */
  async load() {
    for (const path of ["wabt", wabtOf(process.cwd())]) {
      if (path === undefined) continue;
      try {
        const { default: start } = (await import(path)) as { default: typeof wabt };
        return await start();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
      }
    }
    return undefined;
  },
};

function wabtOf(folder: string): string | undefined {
  try {
    return pathToFileURL(createRequire(join(folder, "package.json")).resolve("wabt")).href;
  } catch {
    return undefined;
  }
}
