// clang for one C or C++ file, as a function: the object, or the errors as reports.
//
// emcc is asked once for the command that it would run; that one is then run without
// it, which takes a tenth of the time. Without Emscripten a clang on PATH will do for
// C that includes no header of the library.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findCompiler, which } from "./c-compiler.js";
import { UserError } from "../user-error.js";
import { reportOf, type ErrorReport } from "../protocol.js";
import { Clang, run } from "./clang.js";

export interface Toolchain {
  clang: Clang;
  /** What emcc adds. */
  flags: string[];
}

export const isNative = (name: string): boolean => /\.(c|cc|cpp|cxx|c\+\+)$/i.test(name);
export const isCpp = (name: string): boolean => isNative(name) && !/\.c$/.test(name);

const INCLUDE = fileURLToPath(new URL("../../sdk-c/include", import.meta.url));

/** Of the program and of its patches alike: how exceptions and longjmp work. */
export const ABI_FLAGS = ["-fwasm-exceptions", "-sSUPPORT_LONGJMP=wasm"];
/** Every variable has an address of its own, in the program and in patches. */
export const KEEP = "-fkeep-persistent-storage-variables";

export async function findToolchain(emcc = which("emcc")): Promise<Toolchain> {
  if (emcc !== undefined) return askEmcc(emcc);
  const { cc, ld } = await findCompiler();
  if (ld === undefined) return askEmcc(cc);
  const exceptions = ["-fwasm-exceptions", "-mllvm", "-wasm-enable-sjlj"];
  return { clang: new Clang(cc), flags: ["--target=wasm32-unknown-emscripten", ...exceptions] };
}

/** The first command that it tells on stderr is clang's: program, flags, ours. */
async function askEmcc(emcc: string): Promise<Toolchain> {
  const folder = mkdtempSync(join(tmpdir(), "jank-hot-"));
  try {
    const source = join(folder, "empty.c");
    writeFileSync(source, "");
    const args = [...ABI_FLAGS, "-v", "-c", source, "-o", join(folder, "empty.o")];
    const { error, stderr } = await run(emcc, args);
    if (error) throw new UserError(`${emcc} does not work: ${stderr.trim() || error.message}`);
    const command = stderr.split("\n").find((line) => /^ .*clang\S* .* -v /.test(line));
    const [clang, ...words] = (command ?? "").trim().match(/'[^']*'|\S+/g) ?? [];
    if (clang === undefined) throw new UserError(`${emcc} -v does not tell how it runs clang`);
    const flags = words.slice(0, words.indexOf("-v")).map((word) => word.replace(/^'|'$/g, ""));
    return { clang: new Clang(clang), flags: [...flags, "-fwasm-exceptions"] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** With the files, besides the system's, that it includes, as far as is known. */
export type Compilation = { headers: string[] } & (
  { ok: true; object: Uint8Array } | { ok: false; error: ErrorReport }
);

export interface CompileOptions {
  /** More flags, of the program. */
  cflags: string[];
  optimize: string;
  /** The path as people see it. */
  shown: string;
}

/** The object of a patch: not position-independent, as its addresses are known. */
export async function compilePatch(
  { clang, flags }: Toolchain,
  source: string,
  { cflags, optimize, shown }: CompileOptions,
): Promise<Compilation> {
  const folder = mkdtempSync(join(tmpdir(), "jank-hot-"));
  const [output, rule] = [join(folder, "patch.o"), join(folder, "patch.d")];
  const ours = [`-O${optimize}`, KEEP, "-DJANK_HOT_PATCH", `-I${INCLUDE}`, "-fvisibility=hidden"];
  const plain = ["-fno-PIC", "-fno-color-diagnostics", "-fno-caret-diagnostics", "-w"];
  const rules = ["-MMD", "-MF", rule];
  try {
    const args = [...flags, ...ours, ...cflags, ...plain, ...rules, "-c", source, "-o", output];
    const { error, stderr } = await clang.run(args);
    const headers = headersOf(rule, source);
    if (!error) return { ok: true, object: readFileSync(output), headers };
    const report = reportOfDiagnostics(stderr || error.message, source, shown);
    return { ok: false, error: report, headers };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The files of a make rule `object: a.c b.h \\ ...`, without the source and ours. */
function headersOf(rule: string, source: string): string[] {
  if (!existsSync(rule)) return [];
  return readFileSync(rule, "utf8")
    .replaceAll("\\\n", " ")
    .replace(/^[^:]*:/, "")
    .trim()
    .split(/(?<!\\)\s+/)
    .map((path) => resolve(path.replaceAll("\\ ", " ")))
    .filter((path) => path !== source && !path.startsWith(resolve(INCLUDE)));
}

// ---- Errors ---------------------------------------------------------------------------

/** The first error, with its place and the line that it is in. */
export function reportOfDiagnostics(text: string, source: string, shown: string): ErrorReport {
  const found = /^(.+?):(\d+):(\d+): (?:fatal )?error: (.*)$/m.exec(text);
  const report = reportOf("compile", "CompilerException", found?.[4] ?? text.trim());
  if (!found) return { ...report, file: shown };
  const [, file = "", line, column] = found;
  const place = { line: Number(line), column: Number(column) };
  const notes = [...text.matchAll(/^.+?:\d+:\d+: note: (.*)$/gm)].map(([, note]) => note);
  const message = [report.message, ...notes.slice(0, 1)].join("; ");
  return {
    ...report,
    message,
    file: file === source ? shown : file,
    ...place,
    excerpt: excerptOf(file, place),
  };
}

function excerptOf(
  file: string,
  { line, column }: { line: number; column: number },
): string | null {
  try {
    const text = readFileSync(file, "utf8").split("\n")[line - 1] ?? "";
    // clang's columns are bytes.
    const before = Buffer.from(text)
      .subarray(0, column - 1)
      .toString();
    const gutter = `${line} | `;
    const space = gutter.replace(/./g, " ") + before.replace(/[^\t]/gu, " ");
    return `${gutter}${text.replace(/\r$/, "")}\n${space}^`;
  } catch {
    return null;
  }
}
