// jank-hot patch: source files become patch files; see the help text.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { Compiler, sourceFilesOf, type CompiledForm, type NamespaceSource } from "../compiler.js";
import { JankError, Runtime } from "../runtime.js";
import { UserError } from "../user-error.js";
import { KINDS, type EmitKind, type Emitter, type Written } from "./emit.js";
import { bytes, green, milliseconds } from "./terminal.js";

export interface PatchOptions {
  outputDir: string;
  patchId: string;
  emit: EmitKind;
  /** Of "c": the compiler's path. */
  cc?: string;
  name?: string;
  params?: string;
  expr?: string;
}

interface Source {
  text: string;
  file: string;
  /** The name of the patch file, without `_patch`. */
  output: string;
}

export async function patch(files: string[], options: PatchOptions): Promise<void> {
  const sources = files.length ? files.map(readSource) : [generatedSource(options)];
  refuseSameName(sources);
  const emitter = await KINDS[options.emit].start(options);
  const compiler = new Compiler(await Runtime.load({ write: () => undefined }));
  mkdirSync(options.outputDir, { recursive: true });
  const written = sources.map((source, i) => {
    const id = sources.length > 1 ? `${options.patchId}_${i + 1}` : options.patchId;
    const output = join(options.outputDir, `${source.output}_patch.${options.emit}`);
    return compile(compiler, source, id, emitter, output);
  });
  await emitter.finish?.(written);
}

/** Two files with one name would be one patch file. */
function refuseSameName(sources: Source[]): void {
  for (const { output, file } of sources) {
    const other = sources.find((source) => source.output === output && source.file !== file);
    if (other)
      throw new UserError(`${file} and ${other.file} would both be ${output}_patch: do one by one`);
  }
}

function readSource(file: string): Source {
  try {
    const output = basename(file, extname(file));
    return { text: readFileSync(file, "utf8"), file, output };
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/** As the original's manual generator: --name eita/ggg --params v --expr '(+ 49 v)'. */
function generatedSource({ name, params = "", expr }: PatchOptions): Source {
  const [ns, local, rest] = (name ?? "").split("/");
  if (!name || !expr) throw new UserError("give a file, or --name NS/NAME and --expr CODE");
  if (!ns || !local || rest !== undefined)
    throw new UserError(`--name must be NAMESPACE/NAME, got ${name}`);
  const words = params.split(/[\s,]+/).filter(Boolean);
  const text = `(ns ${ns})\n(defn ${local} [${words.join(" ")}]\n  ${expr})\n`;
  return { text, file: "--expr", output: local.replaceAll(/\W/g, "_") };
}

function compile(
  compiler: Compiler,
  source: Source,
  id: string,
  emitter: Emitter,
  output: string,
): Written {
  const started = performance.now();
  const { patch, content } = compileWhole(compiler, source, id, emitter);
  const elapsed = performance.now() - started;
  writeFileSync(output, content);
  const names = [...new Set(patch.symbols.map(({ name }) => name))];
  console.log(
    `${green(output)}  ${bytes(Buffer.byteLength(content))}, ${milliseconds(elapsed)}, ` +
      `${names.length ? names.join(" ") : "no definitions"}  (entry ${patch.entry})`,
  );
  return { output, entry: patch.entry };
}

/** Form by form, for what each needs of those before it; then all as one. */
function compileWhole(
  compiler: Compiler,
  { text, file }: Source,
  id: string,
  emitter: Emitter,
): { patch: CompiledForm; content: Uint8Array | string } {
  const folder = dirname(resolve(file));
  const unit = compiler.open(text, { file });
  try {
    for (;;) {
      const step = unit.next();
      if (step.status === "error") throw new JankError(step.error);
      if (step.status === "end") break;
      if (step.status === "missing") {
        loadNamespace(compiler, step.ns, folder);
      } else if (step.form.kind !== "expr") {
        const result = compiler.runtime.install(step.form.bytes, step.form.entry);
        if (!result.ok) throw new JankError(result.error);
      }
    }
    const patch = unit.bundle(id);
    return { patch, content: emitter.emit(unit, id, patch) };
  } finally {
    unit.close();
  }
}

function loadNamespace(compiler: Compiler, ns: string, folder: string): void {
  const found = sourceOf(ns, folder);
  if (!found) return; // the compiler says what is missing
  const { error } = compiler.eval(found.source, {
    file: found.file,
    resolveNamespace: (name) => sourceOf(name, folder),
  });
  if (error) throw new JankError(error);
}

/** The file of a namespace, looked for in the folder and those above it. */
export function sourceOf(ns: string, folder: string): NamespaceSource | undefined {
  const [name] = sourceFilesOf(ns);
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, name);
    if (existsSync(file)) return { source: readFileSync(file, "utf8"), file };
    if (dirname(at) === at) return undefined;
  }
}
