// What `jank-hot patch` writes: a row per --emit, by the ending of the file's name.

import type { CompiledForm, Unit } from "../compiler.js";
import { compileC, findCompiler } from "../native/c-compiler.js";
import { bytes, green, milliseconds } from "./terminal.js";
import { findPrinter } from "./wat.js";

/** A file that was written, and the entry function of its patch. */
export interface Written {
  output: string;
  entry: string;
}

export interface Emitter {
  /** What is written of a file: of a unit that has come to its end, and its patch. */
  emit: (unit: Unit, id: string, patch: CompiledForm) => Uint8Array | string;
  /** After all are written. */
  finish?: (written: Written[]) => Promise<void>;
}

interface Kind {
  /** For --help. */
  help: string;
  /** Before anything is compiled; throws a UserError when what it needs is not there. */
  start: (options: { cc?: string }) => Promise<Emitter>;
}

export type EmitKind = "wasm" | "c" | "wat" | "ast";

export const KINDS: Record<EmitKind, Kind> = {
  wasm: {
    help: "the patch",
    start: () => Promise.resolve({ emit: (_unit, _id, patch) => patch.bytes }),
  },
  c: {
    help: "its C, which is compiled as well",
    start: ({ cc }) =>
      Promise.resolve({
        emit: (unit, id) => unit.emitC(id),
        finish: (written) => compileAll(written, cc),
      }),
  },
  wat: {
    help: "the patch as text, by wabt",
    async start() {
      const print = await findPrinter();
      return { emit: (_unit, _id, patch) => print(patch.bytes) };
    },
  },
  ast: {
    help: "the analyzed program as text",
    start: () => Promise.resolve({ emit: (unit, id) => unit.emitAst(id) }),
  },
};

/** For --help: `wasm (the patch), c (...)`. */
export const kindsHelp = Object.entries(KINDS)
  .map(([name, { help }]) => `${name} (${help})`)
  .join(", ");

/** The C of each patch, to a side module beside it. */
async function compileAll(written: Written[], cc: string | undefined): Promise<void> {
  const compiler = await findCompiler(cc);
  for (const { output, entry } of written) {
    const started = performance.now();
    const module = await compileC(compiler, output, entry);
    const elapsed = milliseconds(performance.now() - started);
    console.log(`${green(module.path)}  ${bytes(module.size)}, ${elapsed} with ${compiler.name}`);
  }
}
