// What a program has to have so that its C files can be patched: in each object the
// variables and callbacks that are local become names of the whole program, and one
// file of C tells the runtime where all of them are (jank_native_register).

import { MAGIC } from "../link/wasm.mjs";
import {
  addressTaken,
  FLAG,
  isConstant,
  isLocal,
  isTypeInfo,
  isUndefined,
  isWeak,
  keyOf,
  readObject,
  ObjectReader,
  SECTION,
  typeOf,
  Writer,
  type ObjectFile,
  type ObjectSymbol,
} from "./object.js";

/** A line of the program's table. */
export interface ProgramSymbol {
  key: string;
  /** For the linker. */
  name: string;
  /** Of a function. */
  type?: string;
  /** Of a variable. */
  size?: number;
}

const MAIN = /^(main|__main_argc_argv|__main_void|__original_main)$/;

export const definesMain = ({ symbols }: ObjectFile): boolean =>
  symbols.some((symbol) => MAIN.test(symbol.name) && !isUndefined(symbol));

/** Numbers of the symbols that a patch may ask for. */
function wanted(object: ObjectFile): Set<number> {
  const taken = addressTaken(object);
  const isWanted = (symbol: ObjectSymbol, number: number): boolean => {
    if (isUndefined(symbol)) return symbol.kind !== "other" && !isWeak(symbol);
    if (symbol.kind === "function")
      return !MAIN.test(symbol.name) && (taken.has(number) || !(isLocal(symbol) || isWeak(symbol)));
    if (symbol.kind !== "data" || symbol.size === 0 || symbol.offset !== 0) return false;
    const segment = object.segments[symbol.segment ?? -1];
    return segment !== undefined && (!isConstant(segment) || isTypeInfo(symbol));
  };
  return new Set(object.symbols.flatMap((symbol, i) => (isWanted(symbol, i) ? [i] : [])));
}

/** The linker's name of what was local. */
const nameOf = (file: string, symbol: ObjectSymbol) =>
  isLocal(symbol) ? `${file}:${symbol.name}` : symbol.name;

/** The object with its local symbols as names of the program, and those names. */
export function openObject(
  bytes: Uint8Array,
  file: string,
): { bytes: Uint8Array; symbols: ProgramSymbol[]; object: ObjectFile } {
  const object = readObject(bytes);
  const numbers = wanted(object);
  const symbols = [...numbers].map((number): ProgramSymbol => {
    const symbol = object.symbols[number] as ObjectSymbol;
    const known = { key: keyOf(object, file, symbol), name: nameOf(file, symbol) };
    if (symbol.kind === "function") return { ...known, type: typeOf(object, symbol.index) };
    const segment = symbol.kind === "data" ? object.segments[symbol.segment ?? -1] : undefined;
    return { ...known, size: segment?.bytes.length ?? 1 };
  });
  const out = new Writer().bytes(MAGIC);
  for (const { id, name, body } of object.sections) {
    const content = name === "linking" ? renamed(object, body, file, numbers) : body;
    if (id === SECTION.custom) out.section(id, new Writer().name(name).bytes(content).done());
    else out.section(id, content);
  }
  return { bytes: out.done(), symbols, object };
}

function renamed(
  object: ObjectFile,
  body: Uint8Array,
  file: string,
  numbers: Set<number>,
): Uint8Array {
  const reader = new ObjectReader(body);
  const out = new Writer().u32(reader.u32());
  while (reader.more) {
    const kind = reader.byte();
    const part = reader.take(reader.u32());
    out.byte(kind).sized(kind === 8 ? renamedSymbols(object, part, file, numbers) : part);
  }
  return out.done();
}

/** Variables that are kept by -fkeep-persistent-storage-variables are not exported. */
const DROPPED = FLAG.EXPORTED | FLAG.NO_STRIP;

function renamedSymbols(
  object: ObjectFile,
  part: Uint8Array,
  file: string,
  numbers: Set<number>,
): Uint8Array {
  const reader = new ObjectReader(part);
  const out = new Writer();
  const count = reader.u32();
  out.u32(count);
  for (let number = 0; number < count; number++) {
    const symbol = object.symbols[number] as ObjectSymbol;
    const [kind, flags] = [reader.byte(), reader.u32()];
    const opens = isLocal(symbol) && numbers.has(number);
    const kept = symbol.kind === "data" ? flags & ~DROPPED : flags;
    out.byte(kind).u32(opens ? (kept & ~FLAG.LOCAL) | FLAG.HIDDEN : kept);
    const name = () => {
      const old = reader.name();
      out.name(opens ? nameOf(file, symbol) : old);
    };
    const copy = (times: number) => {
      for (let i = 0; i < times; i++) out.u32(reader.u32());
    };
    if (symbol.kind === "data") {
      name();
      copy(isUndefined(symbol) ? 0 : 3);
      continue;
    }
    copy(1);
    const isSection = kind === 3;
    if (!isSection && (!isUndefined(symbol) || flags & FLAG.EXPLICIT_NAME)) name();
  }
  return out.done();
}

// ---- The table ---------------------------------------------------------------------------

// Functions of the C library that a patch may begin to use, with their types. Others
// are there when the program uses them.
const LIBRARY = `
memcpy(iii)i memmove(iii)i memset(iii)i memcmp(iii)i memchr(iii)i strlen(i)i strnlen(ii)i strcmp(ii)i
strncmp(iii)i strcasecmp(ii)i strncasecmp(iii)i strcpy(ii)i strncpy(iii)i strcat(ii)i strncat(iii)i
strchr(ii)i strrchr(ii)i strstr(ii)i strtok(ii)i strdup(i)i strndup(ii)i strspn(ii)i strcspn(ii)i
strpbrk(ii)i malloc(i)i calloc(ii)i realloc(ii)i free(i) abs(i)i atoi(i)i atof(i)d strtol(iii)i
strtoul(iii)i strtoll(iii)j strtoull(iii)j strtod(ii)d strtof(ii)f qsort(iiii) bsearch(iiiii)i rand()i
srand(i) printf(ii)i iprintf(ii)i fprintf(iii)i fiprintf(iii)i sprintf(iii)i siprintf(iii)i
snprintf(iiii)i vprintf(ii)i vfprintf(iii)i vsnprintf(iiii)i sscanf(iii)i puts(i)i
putchar(i)i fputs(ii)i fputc(ii)i fwrite(iiii)i fflush(i)i isalpha(i)i isdigit(i)i isalnum(i)i
isspace(i)i isupper(i)i islower(i)i ispunct(i)i isxdigit(i)i toupper(i)i tolower(i)i time(i)j clock()i
gettimeofday(ii)i sin(d)d cos(d)d tan(d)d asin(d)d acos(d)d atan(d)d atan2(dd)d sinh(d)d cosh(d)d
tanh(d)d exp(d)d exp2(d)d log(d)d log2(d)d log10(d)d pow(dd)d fmod(dd)d cbrt(d)d hypot(dd)d round(d)d
lround(d)i fmin(dd)d fmax(dd)d modf(di)d frexp(di)d ldexp(di)d sinf(f)f cosf(f)f tanf(f)f asinf(f)f
acosf(f)f atanf(f)f atan2f(ff)f expf(f)f exp2f(f)f logf(f)f log2f(f)f powf(ff)f fmodf(ff)f hypotf(ff)f
roundf(f)f lroundf(f)i fminf(ff)f fmaxf(ff)f`;

const C_TYPES: Record<string, string> = { i: "int", j: "long long", f: "float", d: "double" };

/** The C file that registers them. */
export function symbolTable(symbols: ProgramSymbol[]): string {
  const library = LIBRARY.trim()
    .split(/\s+/)
    .map((key): ProgramSymbol => {
      const [name = "", rest = ""] = key.split("(");
      return { key, name, type: `(${rest}` };
    });
  const data = ["stdin", "stdout", "stderr"].map((name) => ({ key: name, name, size: 4 }));
  const all = new Map<string, ProgramSymbol>();
  // The size of a variable is known where it is defined.
  const sized = (symbol: ProgramSymbol) => (symbol.size ?? 0) > 1;
  for (const symbol of [...symbols, ...library, ...data])
    if (!all.has(symbol.key) || sized(symbol)) all.set(symbol.key, symbol);
  const lines = [...all.values()].map(({ key, name, type, size }, i) => {
    const label = `__asm__(${JSON.stringify(name)})`;
    return type === undefined
      ? {
          declaration: `extern char s${i}[] ${label};`,
          entry: `{${JSON.stringify(key)}, s${i}, ${size}},`,
        }
      : {
          declaration: `extern ${prototype(`s${i}`, type)} ${label};`,
          entry: `{${JSON.stringify(key)}, (void *)s${i}, 0},`,
        };
  });
  return [
    "#include <jank_hot.h>",
    ...lines.map(({ declaration }) => declaration),
    "static const struct jank_native_symbol symbols[] = {",
    ...lines.map(({ entry }) => `    ${entry}`),
    "};",
    "__attribute__((constructor)) static void start(void) {",
    "  jank_native_register(symbols, sizeof symbols / sizeof *symbols);",
    "}",
    "",
  ].join("\n");
}

function prototype(name: string, type: string): string {
  const [, params = "", result = ""] = /^\((\w*)\)(\w*)$/.exec(type) ?? [];
  const list = [...params].map((each) => C_TYPES[each]).join(", ");
  return `${C_TYPES[result] ?? "void"} ${name}(${list || "void"})`;
}
