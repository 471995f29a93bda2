// A C or C++ file to a patch that is installed like any other:
//
//   file -> compilePatch (clang) -> readObject -> linkPatch -> CompiledForm

import { basename, resolve } from "node:path";
import { UserError } from "../user-error.js";
import { reportOf, type ErrorReport } from "../protocol.js";
import type { CompiledForm } from "../compiler.js";
import { shownPath } from "../paths.js";
import { sha256 } from "../sha256.js";
import { readBuild } from "./files.js";
import { linkPatch } from "./link-patch.js";
import { readObject } from "./object.js";
import { compilePatch, findToolchain, type Toolchain } from "./toolchain.js";

/** With the files, besides the system's, that it includes, as far as is known. */
export type NativeResult = { headers: string[] } & (
  { ok: true; form: CompiledForm } | { ok: false; error: ErrorReport }
);

export interface NativeOptions {
  /** app.mjs of the bundle that has the program: its flags and its files' names. */
  module?: string;
  /** More flags for clang. */
  cflags?: string[];
  emcc?: string;
}

export class NativeCompiler {
  readonly #toolchain: Toolchain;
  readonly #names: Map<string, string>;
  readonly #cflags: string[];
  readonly #optimize: string;
  #ids = 0;

  private constructor(toolchain: Toolchain, { module, cflags = [] }: NativeOptions) {
    const known = module === undefined ? undefined : readBuild(module);
    this.#toolchain = toolchain;
    this.#names = known?.names ?? new Map<string, string>();
    this.#cflags = [...(known?.build.cflags ?? []), ...cflags];
    this.#optimize = known?.build.optimize ?? "2";
  }

  /** Throws a UserError when there is no compiler, or no such bundle. */
  static async start(options: NativeOptions = {}): Promise<NativeCompiler> {
    return new NativeCompiler(await findToolchain(options.emcc), options);
  }

  /** The files of the program. */
  get files(): string[] {
    return [...this.#names.keys()];
  }

  /** A compiler starts, and waits: the next compilation takes half of the time. */
  prepare(): void {
    this.#toolchain.clang.prepare();
  }

  /** None waits any more, and none will. */
  close(): void {
    this.#toolchain.clang.close();
  }

  async compile(path: string, patchId?: string): Promise<NativeResult> {
    const started = performance.now();
    const source = resolve(path);
    const shown = shownPath(source);
    const id = patchId ?? `c_${process.pid}_${++this.#ids}`;
    const { cflags, optimize } = { cflags: this.#cflags, optimize: this.#optimize };
    const compiled = await compilePatch(this.#toolchain, source, { cflags, optimize, shown });
    const { headers } = compiled;
    if (!compiled.ok) return compiled;
    try {
      const file = this.#names.get(source) ?? basename(source);
      const { bytes, entry, symbols } = linkPatch(readObject(compiled.object), { file, shown, id });
      const hash = sha256(file, compiled.object);
      const place = { ns: "c", line: 1, column: 1 };
      const form: CompiledForm = {
        ...place,
        entry,
        kind: "def",
        hash: hash.slice(0, 16),
        symbols,
        bytes,
        compileMs: performance.now() - started,
      };
      return { ok: true, form, headers };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const report = reportOf("compile", "CompilerException", error.message);
      return { ok: false, error: { ...report, file: shown }, headers };
    }
  }
}
