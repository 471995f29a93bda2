// From an application's files to its forms, each a patch: what a file requires
// comes first, expressions are compiled and not run.
//
// A patch has two names. Its SHA-256 is that of its bytes, with the lines of the
// file in them. Its `source` is that of the same text compiled as if it stood in the
// first line of the file, by which a page tells what it has: a form that has only
// moved is the same, and one whose macros have changed is another.

import { existsSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { PublishedPatch } from "../client/verify.js";
import { patchFile } from "../client/verify.js";
import { Compiler, cyclicLoad, sourceFilesOf } from "../compiler.js";
import type { CompiledForm, NamespaceSource, Unit } from "../compiler.js";
import { JankError, Runtime } from "../runtime.js";
import { sha256 } from "../sha256.js";
import { UserError } from "../user-error.js";

export interface SourceFile {
  path: string;
  /** The folder at which namespaces begin. */
  root: string;
}

export type CompiledPatch = PublishedPatch & { bytes: Uint8Array };

/** Every form once, in an order in which they can be installed. Throws a JankError. */
export async function compileAll(files: SourceFile[]): Promise<CompiledPatch[]> {
  const runtime = await Runtime.load({ write: () => undefined });
  const compiler = new FormCompiler(runtime, [...new Set(files.map(({ root }) => root))]);
  for (const file of files) compiler.compileFile(file);
  return compiler.patches;
}

/** A top-level form of a text. One that is a `do` is compiled to several. */
interface TopLevel {
  text: string;
  /** In which it is compiled. */
  ns: string;
  forms: CompiledForm[];
}

/** Of a compilation whose bytes are only looked at. */
const NO_ID = "0".repeat(16);

class FormCompiler {
  readonly patches: CompiledPatch[] = [];
  readonly #compiler: Compiler;
  readonly #roots: string[];
  /** Paths of the files that were compiled. */
  readonly #done = new Set<string>();
  /** How often each `source` has come. */
  readonly #sources = new Map<string, number>();

  constructor(runtime: Runtime, roots: string[]) {
    this.#compiler = new Compiler(runtime);
    this.#roots = roots;
  }

  compileFile({ path, root }: SourceFile): void {
    if (this.#done.has(path)) return;
    const file = relative(root, path).split(sep).join("/");
    this.#compile(path, { source: readSource(path), file }, []);
  }

  #compile(path: string, { source, file }: NamespaceSource, loading: string[]): void {
    this.#done.add(path);
    const starts = topLevelStarts(source);
    const units = [0, 1].map(() => this.#compiler.open(source, { file })) as [Unit, Unit];
    let top: (TopLevel & { start: number }) | undefined;
    let ns = "user";
    try {
      for (let form; (form = this.#next(units, loading)); ns = form.ns) {
        const start = startOf(form, source, starts);
        if (top?.start !== start) {
          if (top) this.#add(top, file);
          top = { start, text: textAt(source, starts, start), ns, forms: [] };
        }
        top.forms.push(form);
        if (form.kind !== "expr") this.#install(form);
      }
      if (top) this.#add(top, file);
    } finally {
      for (const unit of units) unit.close();
    }
  }

  /** Compiled twice, for an entry that its content names: no two of a page are the same. */
  #next([first, second]: [Unit, Unit], loading: string[]): CompiledForm | undefined {
    for (;;) {
      let step = first.next(NO_ID);
      if (step.status === "form")
        step = second.next(sha256(step.form.bytes).slice(0, NO_ID.length));
      if (step.status === "form") return step.form;
      if (step.status === "end") return undefined;
      if (step.status === "error") throw new JankError(step.error);
      if (loading.includes(step.ns)) throw new JankError(cyclicLoad(step.ns, loading));
      this.#load(step.ns, [...loading, step.ns]);
    }
  }

  #install({ bytes, entry }: CompiledForm): void {
    const result = this.#compiler.runtime.install(bytes, entry);
    if (!result.ok) throw new JankError(result.error);
  }

  /** A namespace of the application, or one of the library that comes as source. */
  #load(ns: string, loading: string[]): void {
    for (const root of this.#roots)
      for (const file of sourceFilesOf(ns)) {
        const path = join(root, file);
        if (existsSync(path))
          return this.#compile(path, { source: readSource(path), file }, loading);
      }
    const library = this.#compiler.coreNamespace(ns);
    if (library) this.#compile(library.file, library, loading);
    // else the compiler says what is missing
  }

  // ---- A patch -------------------------------------------------------------------

  #add(top: TopLevel, file: string): void {
    const unplaced = this.#unplaced(top, file);
    top.forms.forEach((form, i) => {
      const source = sha256(form.hash, "\0", unplaced[i] ?? "").slice(0, 32);
      const nth = (this.#sources.get(source) ?? 0) + 1;
      this.#sources.set(source, nth);
      this.patches.push(published(form, nth === 1 ? source : `${source}-${nth}`));
    });
  }

  /** The bytes of its forms, compiled in the first line; none when they are not the same forms. */
  #unplaced({ text, ns, forms }: TopLevel, file: string): Uint8Array[] {
    const unit = this.#compiler.open(text, { file, ns });
    const all: Uint8Array[] = [];
    try {
      for (;;) {
        const step = unit.next(NO_ID);
        if (step.status === "end") return all.length === forms.length ? all : [];
        if (step.status !== "form") return [];
        all.push(step.form.bytes);
      }
    } finally {
      unit.close();
    }
  }
}

function readSource(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${(error as Error).message}`);
  }
}

function published({ bytes, entry, ns, symbols }: CompiledForm, source: string): CompiledPatch {
  const hash = sha256(bytes);
  const { length } = bytes;
  return { file: patchFile(hash), sha256: hash, length, entry, ns, symbols, source, bytes };
}

// ---- Where top-level forms begin ------------------------------------------------------

/** What opens, closes, separates, or holds brackets that are none. */
const TOKEN = /"(?:\\[^]|[^"\\])*"?|;[^\n]*|\\[^][\w]*|[([{]|[)\]}]|[\s,]+|[^\s,"\\;()[\]{}]+/g;

/**
 * Offsets at which something begins outside of all brackets. A tag or a prefix that
 * stands alone is one, too: the last start before a form is that of the form.
 */
export function topLevelStarts(source: string): number[] {
  const starts: number[] = [];
  let depth = 0;
  let isApart = true;
  for (const { 0: token, index } of source.matchAll(TOKEN)) {
    const isBlank = /^[\s,;]/.test(token);
    const isEnd = /^[)\]}]$/.test(token);
    if (depth === 0 && isApart && !isBlank && !isEnd) starts.push(index);
    if (/^[([{]$/.test(token)) depth++;
    if (isEnd) depth = Math.max(0, depth - 1);
    isApart = isBlank || isEnd || token.startsWith('"');
  }
  return starts;
}

function startOf({ line, column }: CompiledForm, source: string, starts: number[]): number {
  let at = 0;
  for (let i = 1; i < line; i++) at = source.indexOf("\n", at) + 1;
  at += Math.max(0, column - 1);
  return Math.max(0, ...starts.filter((start) => start <= at));
}

function textAt(source: string, starts: number[], start: number): string {
  return source.slice(
    start,
    starts.find((each) => each > start),
  );
}
