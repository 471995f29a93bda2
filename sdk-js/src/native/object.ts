// An object file of clang for WebAssembly: what it defines, what it uses, and where
// addresses go. https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md
//
// Only what clang writes for one C or C++ file that is not position-independent (a
// patch), or is (for the program, whose object keeps its code as it is).

import { UserError } from "../user-error.js";
import { MAGIC, Reader } from "../link/wasm.mjs";

export type ValueType = "i" | "j" | "f" | "d";

export interface FunctionType {
  params: string;
  results: string;
}

interface SymbolBase {
  name: string;
  flags: number;
}
export interface FunctionSymbol extends SymbolBase {
  kind: "function";
  /** In the index space of functions; imported ones come first. */
  index: number;
}
export interface DataSymbol extends SymbolBase {
  kind: "data";
  /** Missing: it is not defined here. */
  segment?: number;
  offset: number;
  size: number;
}
export interface OtherSymbol extends SymbolBase {
  kind: "other";
}
export type ObjectSymbol = FunctionSymbol | DataSymbol | OtherSymbol;

export interface Relocation {
  type: number;
  /** In the section's body. */
  offset: number;
  /** The number of a symbol; of a type, for R.TYPE_INDEX. */
  symbol: number;
  addend: number;
}

export interface Segment {
  name: string;
  /** log2 */
  align: number;
  bytes: Uint8Array;
  /** Where the bytes are in the data section's body. */
  offset: number;
  relocations: Relocation[];
}

export interface Section {
  id: number;
  name: string;
  body: Uint8Array;
}

export interface ObjectFile {
  sections: Section[];
  types: FunctionType[];
  imports: { module: string; name: string; kind: number; body: Uint8Array }[];
  /** Of all functions, by index: the number of its type. */
  functions: number[];
  importedFunctions: number;
  /** Where the functions' bodies are in the code section's body: from, to. */
  bodies: [number, number][];
  segments: Segment[];
  symbols: ObjectSymbol[];
  code: Relocation[];
  /** Numbers of the symbols of what runs at start. */
  initializers: number[];
}

/** Kinds of relocations. */
export const R = {
  FUNCTION_INDEX: 0,
  TABLE_INDEX_SLEB: 1,
  TABLE_INDEX_I32: 2,
  MEMORY_ADDR_LEB: 3,
  MEMORY_ADDR_SLEB: 4,
  MEMORY_ADDR_I32: 5,
  TYPE_INDEX: 6,
  GLOBAL_INDEX: 7,
  TAG_INDEX: 10,
  TABLE_NUMBER: 20,
} as const;

/** Flags of symbols. */
export const FLAG = {
  WEAK: 0x1,
  LOCAL: 0x2,
  HIDDEN: 0x4,
  UNDEFINED: 0x10,
  EXPORTED: 0x20,
  EXPLICIT_NAME: 0x40,
  NO_STRIP: 0x80,
} as const;

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

const VALUE_TYPES: Record<number, ValueType> = { 0x7f: "i", 0x7e: "j", 0x7d: "f", 0x7c: "d" };
const WITH_ADDEND = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 19, 21, 22, 23, 25]);
const encoder = new TextEncoder();

// ---- Bytes ------------------------------------------------------------------------

export class ObjectReader extends Reader {
  get more(): boolean {
    return this.at < this.end;
  }
  override fail(): never {
    throw new UserError("the object file ends early");
  }
}

/** Bytes that grow. */
export class Writer {
  #bytes = new Uint8Array(1024);
  size = 0;

  bytes(bytes: ArrayLike<number>): this {
    if (this.size + bytes.length > this.#bytes.length) {
      const grown = new Uint8Array(2 * (this.size + bytes.length));
      grown.set(this.#bytes.subarray(0, this.size));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.size);
    this.size += bytes.length;
    return this;
  }
  byte(byte: number): this {
    return this.bytes([byte]);
  }
  u32(value: number): this {
    for (value >>>= 0; value >= 0x80; value >>>= 7) this.byte((value & 0x7f) | 0x80);
    return this.byte(value);
  }
  /** Small negative numbers are small as well. */
  zigzag(value: number): this {
    return this.u32((value << 1) ^ (value >> 31));
  }
  name(text: string): this {
    return this.sized(encoder.encode(text));
  }
  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).bytes(bytes);
  }
  section(id: number, body: Uint8Array): this {
    return this.byte(id).sized(body);
  }
  done(): Uint8Array {
    return this.#bytes.slice(0, this.size);
  }
}

// ---- Reading ------------------------------------------------------------------------

export function readObject(bytes: Uint8Array): ObjectFile {
  const object: ObjectFile = {
    sections: [],
    types: [],
    imports: [],
    functions: [],
    importedFunctions: 0,
    bodies: [],
    segments: [],
    symbols: [],
    code: [],
    initializers: [],
  };
  if (MAGIC.some((byte, i) => bytes[i] !== byte))
    throw new UserError("the compiler did not write a WebAssembly object");
  const reader = new ObjectReader(bytes, MAGIC.length);
  while (reader.more) {
    const id = reader.byte();
    let body = reader.take(reader.u32());
    let name = "";
    if (id === SECTION.custom) {
      const inner = new ObjectReader(body);
      name = inner.name();
      body = body.subarray(inner.at);
    }
    object.sections.push({ id, name, body });
    readSection(object, id, name, new ObjectReader(body));
  }
  return object;
}

function readSection(object: ObjectFile, id: number, name: string, reader: ObjectReader): void {
  if (id === SECTION.type) object.types = reader.list(() => readType(reader));
  else if (id === SECTION.import) readImports(object, reader);
  else if (id === SECTION.function) object.functions.push(...reader.list(() => reader.u32()));
  else if (id === SECTION.code)
    object.bodies = reader.list(() => {
      const from = reader.at;
      reader.take(reader.u32());
      return [from, reader.at];
    });
  else if (id === SECTION.data) object.segments = reader.list(() => readSegment(reader));
  else if (name === "linking") readLinking(object, reader);
  else if (name.startsWith("reloc.")) readRelocations(object, name.slice(6), reader);
}

function readType(reader: ObjectReader): FunctionType {
  if (reader.byte() !== 0x60) throw new UserError("an unknown kind of type in the object file");
  const types = () => reader.list(() => VALUE_TYPES[reader.byte()] ?? "x").join("");
  return { params: types(), results: types() };
}

const skipLimits = (reader: ObjectReader): void => {
  const flags = reader.byte();
  reader.u32();
  if (flags & 1) reader.u32();
};

/** What an import has after its kind, by kind: table, memory, global, tag. */
const skipImport: Record<number, (reader: ObjectReader) => void> = {
  1: (reader) => {
    reader.byte();
    skipLimits(reader);
  },
  2: skipLimits,
  3: (reader) => void reader.take(2),
  4: (reader) => {
    reader.byte();
    reader.u32();
  },
};

function readImports(object: ObjectFile, reader: ObjectReader): void {
  object.imports = reader.list(() => {
    const [module, name, kind] = [reader.name(), reader.name(), reader.byte()];
    const from = reader.at;
    if (kind === 0) object.functions.push(reader.u32());
    else skipImport[kind]?.(reader);
    return { module, name, kind, body: reader.bytes.subarray(from, reader.at) };
  });
  object.importedFunctions = object.functions.length;
}

function readSegment(reader: ObjectReader): Segment {
  if (reader.u32() !== 0) throw new UserError("thread-local variables cannot be patched");
  if (reader.byte() !== 0x41) throw new UserError("an unknown kind of data segment");
  reader.s32();
  reader.byte();
  const size = reader.u32();
  const offset = reader.at;
  return { name: "", align: 0, bytes: reader.take(size), offset, relocations: [] };
}

const SUBSECTION = { segments: 5, initializers: 6, symbols: 8 };

function readLinking(object: ObjectFile, reader: ObjectReader): void {
  if (reader.u32() !== 2) throw new UserError("an unknown version of object files");
  while (reader.more) {
    const kind = reader.byte();
    const part = new ObjectReader(reader.take(reader.u32()));
    if (kind === SUBSECTION.segments)
      part.list((_, i) => {
        const segment = object.segments[i];
        const [name, align] = [part.name(), part.u32()];
        part.u32();
        if (segment) Object.assign(segment, { name, align });
      });
    else if (kind === SUBSECTION.initializers)
      object.initializers = part.list(() => (part.u32(), part.u32()));
    else if (kind === SUBSECTION.symbols)
      object.symbols = part.list(() => readSymbol(object, part));
  }
}

const KIND = { function: 0, data: 1, section: 3 };

function readSymbol(object: ObjectFile, reader: ObjectReader): ObjectSymbol {
  const [kind, flags] = [reader.byte(), reader.u32()];
  const isUndefined = (flags & FLAG.UNDEFINED) !== 0;
  if (kind === KIND.data) {
    const name = reader.name();
    if (isUndefined) return { kind: "data", name, flags, offset: 0, size: 0 };
    const [segment, offset, size] = [reader.u32(), reader.u32(), reader.u32()];
    return { kind: "data", name, flags, segment, offset, size };
  }
  const index = reader.u32();
  if (kind === KIND.section) return { kind: "other", name: "", flags };
  const named = !isUndefined || (flags & FLAG.EXPLICIT_NAME) !== 0;
  const imported = kind === KIND.function ? importedName(object, index) : "";
  const name = named ? reader.name() : imported;
  return kind === KIND.function
    ? { kind: "function", name, flags, index }
    : { kind: "other", name, flags };
}

const importedName = ({ imports }: ObjectFile, index: number): string =>
  imports.filter(({ kind }) => kind === 0)[index]?.name ?? "";

function readRelocations(object: ObjectFile, of: string, reader: ObjectReader): void {
  reader.u32();
  const relocations = reader.list((): Relocation => {
    const [type, offset, symbol] = [reader.byte(), reader.u32(), reader.u32()];
    return { type, offset, symbol, addend: WITH_ADDEND.has(type) ? reader.s32() : 0 };
  });
  if (of === "CODE") object.code = relocations;
  if (of !== "DATA") return;
  for (const relocation of relocations) {
    const segment = object.segments.find(
      ({ offset, bytes }) =>
        relocation.offset >= offset && relocation.offset < offset + bytes.length,
    );
    segment?.relocations.push(relocation);
  }
}

// ---- Names ----------------------------------------------------------------------------

export const isUndefined = ({ flags }: ObjectSymbol): boolean => (flags & FLAG.UNDEFINED) !== 0;
export const isLocal = ({ flags }: ObjectSymbol): boolean => (flags & FLAG.LOCAL) !== 0;
export const isWeak = ({ flags }: ObjectSymbol): boolean => (flags & FLAG.WEAK) !== 0;

/** What the program knows a symbol of a file by: jank_native_symbol of jank_hot.h. */
export function keyOf(object: ObjectFile, file: string, symbol: ObjectSymbol): string {
  const name = isLocal(symbol) ? `${file}:${symbol.name}` : symbol.name;
  return symbol.kind === "function" ? name + typeOf(object, symbol.index) : name;
}

/** "(ij)d" */
export function typeOf(object: ObjectFile, index: number): string {
  const type = object.types[object.functions[index] ?? -1];
  return type ? `(${type.params})${type.results}` : "()";
}

/** Read-only data: text, tables, what JANK_HOT writes. */
export const isConstant = ({ name }: Segment): boolean => /^\.(rodata|data\.rel\.ro)/.test(name);

/** Of a C++ type; told apart by its address, so there is one of them. */
export const isTypeInfo = ({ name }: ObjectSymbol): boolean => /^_ZT[IS]/.test(name);

const isAddressOfFunction = ({ type }: Relocation): boolean =>
  type === R.TABLE_INDEX_SLEB || type === R.TABLE_INDEX_I32 || type === 12 || type === 24;

/** Numbers of the symbols of functions whose address is taken. */
export function addressTaken(object: ObjectFile): Set<number> {
  const all = [...object.code, ...object.segments.flatMap(({ relocations }) => relocations)];
  return new Set(all.filter(isAddressOfFunction).map(({ symbol }) => symbol));
}
