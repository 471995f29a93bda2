// jank-hot watch: the development server, with C and C++ files of the program that the
// pages run; and jank-hot patch of such a file.

import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { NativeCompiler } from "../native/compile.js";
import { isNative } from "../native/toolchain.js";
import { JankError } from "../runtime.js";
import type { RunningServer, ServerOptions } from "../server/index.js";
import { NativeWatcher } from "../server/native.js";
import { UserError } from "../user-error.js";
import type { EmitKind } from "./emit.js";
import { bytes, green, milliseconds } from "./terminal.js";

export interface WatchOptions {
  module?: string;
  root: string;
  cflag?: string[];
  emcc?: string;
}

/** `serve` starts the server, and says where. */
export async function watchNative(
  files: string[],
  { module, cflag, emcc }: WatchOptions,
  serve: (more: Partial<ServerOptions>) => Promise<RunningServer>,
): Promise<NativeWatcher> {
  checkFiles(files);
  if (module !== undefined && !existsSync(module))
    throw new UserError(`--module: there is no ${module}: jank-hot bundle makes it`);
  const compiler = await NativeCompiler.start({
    ...(module !== undefined && { module }),
    ...(cflag && { cflags: cflag }),
    ...(emcc !== undefined && { emcc: resolve(emcc) }),
  });
  // C patches of an earlier log would hide the program as it was built since.
  const server = await serve({
    fresh: true,
    ...(module !== undefined && { moduleUrl: pathToFileURL(resolve(module)) }),
  });
  if (module === undefined)
    console.log("C patches go to the pages only; with --module the server runs the program, too");
  return new NativeWatcher({
    files,
    compiler,
    engine: server.engine,
    isHere: module !== undefined,
    onResult: (result) => server.report(result),
    onError: (error) => console.error(`watching the C files: ${error.message}`),
  });
}

function checkFiles(files: string[]): void {
  for (const file of files) {
    if (!isNative(file)) throw new UserError(`${file} is neither C nor C++`);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile())
      throw new UserError(`cannot read ${file}: there is no such file`);
  }
}

export interface PatchNativeOptions {
  outputDir: string;
  patchId: string;
  emit: EmitKind;
  module?: string;
}

export async function patchNative(
  files: string[],
  { outputDir, patchId, emit, module }: PatchNativeOptions,
): Promise<void> {
  checkFiles(files);
  if (emit !== "wasm") throw new UserError(`--emit ${emit} is for .jank files, not for C and C++`);
  const compiler = await NativeCompiler.start(module === undefined ? {} : { module });
  mkdirSync(outputDir, { recursive: true });
  for (const [i, file] of files.entries()) {
    const id = files.length > 1 ? `${patchId}_${i + 1}` : patchId;
    const result = await compiler.compile(file, id);
    if (!result.ok) throw new JankError(result.error);
    const { form } = result;
    const output = join(outputDir, `${basename(file, extname(file))}_patch.wasm`);
    writeFileSync(output, form.bytes);
    const names = form.symbols.map(({ name }) => name).join(" ");
    const size = `${bytes(form.bytes.length)}, ${milliseconds(form.compileMs)}`;
    console.log(`${green(output)}  ${size}, ${names}  (entry ${form.entry})`);
  }
}
