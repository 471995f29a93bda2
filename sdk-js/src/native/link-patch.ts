// One object file becomes a patch: a module of its code, with room for addresses, and
// a section that says what goes there, which load/native.c reads. No linker runs, and the
// addresses are the running program's own.
//
//   readObject -> segments that are needed -> targets -> sections

import { UserError } from "../user-error.js";
import type { PatchSymbol } from "../protocol.js";
import {
  ENTRY_PREFIX,
  HOT_FUNCTION,
  NATIVE,
  NATIVE_SECTION,
  PATCH_ABI,
  PATCH_SECTION,
} from "../shared.js";
import { MAGIC } from "../link/wasm.mjs";
import {
  addressTaken,
  FLAG,
  isConstant,
  isTypeInfo,
  isUndefined,
  keyOf,
  R,
  SECTION,
  typeOf,
  Writer,
  type DataSymbol,
  type ObjectFile,
  type Relocation,
  type Segment,
} from "./object.js";

/** A function that is marked with JANK_HOT. */
export interface HotFunction {
  name: string;
  /** "int ggg(int v)" */
  text: string;
  line: number;
  /** The number of its record's symbol. */
  record: number;
  /** The index of what it does. */
  index: number | undefined;
}

export interface NativePatch {
  bytes: Uint8Array;
  entry: string;
  symbols: PatchSymbol[];
}

const encodings: Record<number, number> = {
  [R.MEMORY_ADDR_LEB]: NATIVE.encoding.uleb5,
  [R.MEMORY_ADDR_SLEB]: NATIVE.encoding.sleb5,
  [R.TABLE_INDEX_SLEB]: NATIVE.encoding.sleb5,
  [R.MEMORY_ADDR_I32]: NATIVE.encoding.i32,
  [R.TABLE_INDEX_I32]: NATIVE.encoding.i32,
};
/** The object is one module: these stay as they are. */
const settled = new Set<number>([
  R.FUNCTION_INDEX,
  R.TYPE_INDEX,
  R.GLOBAL_INDEX,
  R.TAG_INDEX,
  R.TABLE_NUMBER,
]);

// ---- What JANK_HOT left ---------------------------------------------------------------

/** In the order of the file. */
export function hotFunctions(object: ObjectFile): HotFunction[] {
  const segmentOf = (number: number | undefined): Segment | undefined => {
    const symbol = number === undefined ? undefined : object.symbols[number];
    return symbol?.kind === "data" ? object.segments[symbol.segment ?? -1] : undefined;
  };
  const at = (segment: Segment, offset: number) =>
    segment.relocations.find((relocation) => relocation.offset === segment.offset + offset)?.symbol;
  const text = (segment: Segment, offset: number) => {
    const bytes = segmentOf(at(segment, offset))?.bytes ?? new Uint8Array();
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  };
  return object.symbols
    .map((symbol, record) => ({ symbol, record, segment: segmentOf(record) }))
    .filter(({ symbol }) => /_jank_hot_record(E?\d*)$/.test(symbol.name))
    .flatMap(({ record, segment }) => {
      if (!segment) return [];
      const pointer = segmentOf(at(segment, HOT_FUNCTION.pointer));
      const code = pointer && object.symbols[at(pointer, 0) ?? -1];
      const view = new DataView(segment.bytes.buffer, segment.bytes.byteOffset);
      return {
        name: text(segment, HOT_FUNCTION.name),
        text: text(segment, HOT_FUNCTION.text),
        line: view.getUint32(HOT_FUNCTION.line, true),
        record,
        index: code?.kind === "function" ? code.index : undefined,
      };
    })
    .sort((a, b) => a.line - b.line);
}

// ---- What is needed ---------------------------------------------------------------------

/** Numbers of the segments that code, records and other segments refer to. */
function neededSegments(object: ObjectFile, records: number[]): number[] {
  const needed = new Set<number>();
  const queue = [...records, ...object.code.filter(isAddress).map(({ symbol }) => symbol)];
  for (let number; (number = queue.pop()) !== undefined;) {
    const symbol = object.symbols[number];
    if (symbol?.kind !== "data" || symbol.segment === undefined || needed.has(symbol.segment))
      continue;
    needed.add(symbol.segment);
    queue.push(...(object.segments[symbol.segment]?.relocations ?? []).map((each) => each.symbol));
  }
  return [...needed].sort((a, b) => a - b);
}

const isAddress = ({ type }: Relocation): boolean => !settled.has(type);

/** Segments that code which runs at a program's start refers to. */
function constructedSegments(object: ObjectFile): Set<number> {
  const constructed = new Set<number>();
  const seen = new Set<number>();
  const queue = object.initializers.map((number) => object.symbols[number]);
  for (let symbol; (symbol = queue.pop());) {
    if (symbol.kind !== "function" || seen.has(symbol.index)) continue;
    seen.add(symbol.index);
    const [from, to] = object.bodies[symbol.index - object.importedFunctions] ?? [0, 0];
    for (const { offset, type, symbol: number } of object.code) {
      if (offset < from || offset >= to || type === R.TYPE_INDEX) continue;
      const target = object.symbols[number];
      if (target?.kind === "data" && target.segment !== undefined) constructed.add(target.segment);
      else if (target?.kind === "function") queue.push(target);
    }
  }
  return constructed;
}

// ---- The section -------------------------------------------------------------------------

class SectionWriter {
  readonly #object: ObjectFile;
  readonly #file: string;
  /** Numbers in the section: of functions by their index, of externs by key, of segments. */
  readonly functions = new Map<number, string>();
  readonly #functionNumbers = new Map<number, number>();
  readonly #externs = new Map<string, number>();
  readonly #segments = new Map<number, number>();

  constructor(object: ObjectFile, file: string, segments: number[]) {
    this.#object = object;
    this.#file = file;
    segments.forEach((segment, i) => this.#segments.set(segment, i));
    for (const number of addressTaken(object)) {
      const symbol = object.symbols[number];
      if (symbol?.kind !== "function" || isUndefined(symbol)) continue;
      this.#functionNumbers.set(symbol.index, this.functions.size);
      this.functions.set(symbol.index, keyOf(object, file, symbol));
    }
  }

  write(codeAt: number, records: number[]): Uint8Array {
    const object = this.#object;
    const constructed = constructedSegments(object);
    const segments = new Writer().u32(this.#segments.size);
    for (const number of this.#segments.keys())
      this.#writeSegment(segments, number, constructed.has(number));
    const code = this.#relocations(object.code, codeAt);
    const found = new Writer().u32(records.length);
    for (const record of records) {
      const { segment, offset } = object.symbols[record] as DataSymbol;
      found.u32(this.#segments.get(segment ?? -1) ?? 0).u32(offset);
    }
    const out = new Writer().u32(NATIVE.format);
    names(out, this.#imports());
    names(out, [...this.functions.values()]);
    names(out, [...this.#externs.keys()]);
    return out.bytes(segments.done()).bytes(code).bytes(found.done()).done();
  }

  #imports(): string[] {
    const named = new Map<number, string>();
    for (const symbol of this.#object.symbols)
      if (symbol.kind === "function" && isUndefined(symbol)) named.set(symbol.index, symbol.name);
    return Array.from({ length: this.#object.importedFunctions }, (_, index) => {
      const name = named.get(index) ?? "";
      if (name.startsWith("emscripten_asm_const"))
        throw new UserError("a file with EM_ASM cannot be patched: move it to another file");
      return name + typeOf(this.#object, index);
    });
  }

  #writeSegment(out: Writer, number: number, constructed: boolean): void {
    const segment = this.#object.segments[number] as Segment;
    const { bytes, align, relocations } = segment;
    const isZero = bytes.every((byte) => byte === 0);
    cString(out, this.#keyOf(segment, number));
    out.u32((constructed ? NATIVE.segment.constructed : 0) | (isZero ? NATIVE.segment.zero : 0));
    out.u32(align).u32(bytes.length);
    if (!isZero) out.bytes(bytes);
    out.bytes(this.#relocations(relocations, -segment.offset));
  }

  /** "=" is a constant, for which any equal one will do. */
  #keyOf(segment: Segment, number: number): string {
    const symbol = symbolOf(this.#object, number);
    if (!symbol) return isConstant(segment) ? "=" : `${this.#file}:${segment.name}`;
    if (isConstant(segment) && !isTypeInfo(symbol)) return "=";
    return keyOf(this.#object, this.#file, symbol);
  }

  #relocations(relocations: Relocation[], shift: number): Uint8Array {
    const out = new Writer();
    let count = 0;
    for (const relocation of relocations) {
      if (settled.has(relocation.type)) continue;
      const encoding = encodings[relocation.type];
      if (encoding === undefined)
        throw new UserError(`relocations of kind ${relocation.type} cannot be patched`);
      const target = this.#targetOf(relocation);
      if (!target) continue;
      const { kind, number, addend } = target;
      out.u32(relocation.offset + shift).u32(kind | (encoding << 2));
      out.u32(number).zigzag(addend);
      count++;
    }
    return new Writer().u32(count).bytes(out.done()).done();
  }

  /** undefined: a weak symbol that is not there; its address is 0. */
  #targetOf(relocation: Relocation): { kind: number; number: number; addend: number } | undefined {
    const symbol = this.#object.symbols[relocation.symbol];
    if (!symbol || symbol.kind === "other") throw new UserError("the object file is malformed");
    const { addend } = relocation;
    if (isUndefined(symbol)) {
      if (symbol.flags & FLAG.WEAK) return undefined;
      const key = keyOf(this.#object, this.#file, symbol);
      const number = this.#externs.get(key) ?? this.#externs.size;
      this.#externs.set(key, number);
      return { kind: NATIVE.target.extern, number, addend };
    }
    if (symbol.kind === "function") {
      const number = this.#functionNumbers.get(symbol.index) ?? 0;
      return { kind: NATIVE.target.function, number, addend };
    }
    const number = this.#segments.get(symbol.segment ?? -1) ?? 0;
    return { kind: NATIVE.target.segment, number, addend: addend + symbol.offset };
  }
}

/** What a segment is named by: the symbol that it begins with. */
export function symbolOf(object: ObjectFile, segment: number): DataSymbol | undefined {
  return object.symbols.find(
    (symbol): symbol is DataSymbol =>
      symbol.kind === "data" && symbol.segment === segment && symbol.offset === 0,
  );
}

function names(out: Writer, keys: string[]): void {
  out.u32(keys.length);
  for (const key of keys) cString(out, key);
}

const cString = (out: Writer, text: string) => out.name(`${text}\0`);

// ---- The module -----------------------------------------------------------------------------

/**
 * `file` names the source in the program; `shown` is its path for people. Throws a
 * UserError when the file cannot be a patch.
 */
export function linkPatch(
  object: ObjectFile,
  { file, shown, id }: { file: string; shown: string; id: string },
): NativePatch {
  const hot = hotFunctions(object);
  if (hot.length === 0)
    throw new UserError(`${shown} marks no function with JANK_HOT: there is nothing to replace`);
  const records = hot.map(({ record }) => record);
  const writer = new SectionWriter(object, file, neededSegments(object, records));
  const entry = `${ENTRY_PREFIX}${id}`;
  const body = (id: number) => object.sections.find((section) => section.id === id)?.body;
  const out = new Writer().bytes(MAGIC);
  // Memory and table slots are load/native.c's to give.
  custom(out, "dylink.0", new Uint8Array([1, 4, 0, 0, 0, 0]));
  out.section(SECTION.type, body(SECTION.type) ?? new Uint8Array([0]));
  out.section(SECTION.import, imports(object));
  out.section(SECTION.function, body(SECTION.function) ?? new Uint8Array([0]));
  out.section(SECTION.export, exports(writer.functions, entry));
  const code = body(SECTION.code) ?? new Uint8Array([0]);
  out.section(SECTION.code, code);
  custom(out, NATIVE_SECTION, writer.write(out.size - code.length, records));
  custom(out, "name", functionNames(object, hot, shown));
  const before = out.done();
  const self = new Writer().u32(PATCH_ABI).name(entry).bytes(hash(before)).done();
  custom(out, PATCH_SECTION, self);
  const symbols = hot.map(({ name, text }) => ({
    name: `c/${name}`,
    signature: text,
  }));
  return { bytes: out.done(), entry, symbols };
}

function custom(out: Writer, name: string, body: Uint8Array): void {
  out.section(SECTION.custom, new Writer().name(name).bytes(body).done());
}

/** Functions are found by their symbols' names; tags are the program's. */
function imports(object: ObjectFile): Uint8Array {
  const named = new Map<number, string>();
  for (const symbol of object.symbols)
    if (symbol.kind === "function" && isUndefined(symbol)) named.set(symbol.index, symbol.name);
  const out = new Writer();
  let index = 0;
  for (const { name, kind, body } of object.imports) {
    const field =
      kind === 0 ? (named.get(index++) ?? name) : name === "__linear_memory" ? "memory" : name;
    out.name("env").name(field).byte(kind).bytes(body);
  }
  const tags = definedTags(object);
  for (const { name, body } of tags) out.name("env").name(name).byte(4).bytes(body);
  return new Writer()
    .u32(object.imports.length + tags.length)
    .bytes(out.done())
    .done();
}

/** Of exceptions and longjmp, which each object has a copy of. */
function definedTags(object: ObjectFile): { name: string; body: number[] }[] {
  const section = object.sections.find(({ id }) => id === SECTION.tag);
  if (!section) return [];
  const [count = 0, , type = 0] = section.body;
  const name = object.symbols.find(({ name }) => /^__(cpp_exception|c_longjmp)$/.test(name))?.name;
  if (count !== 1 || !name || object.imports.some(({ kind }) => kind === 4))
    throw new UserError("exceptions together with setjmp cannot be patched in one file");
  return [{ name, body: [0, type] }];
}

function exports(functions: Map<number, string>, entry: string): Uint8Array {
  const out = new Writer().u32(functions.size + 1);
  let number = 0;
  for (const index of functions.keys()) out.name(String(number++)).byte(0).u32(index);
  // The loader looks for the name, and does not call it.
  return out
    .name(entry)
    .byte(0)
    .u32([...functions.keys()][0] ?? 0)
    .done();
}

/** As stacks tell them: see $jankFrames of the host. */
function functionNames(object: ObjectFile, hot: HotFunction[], shown: string): Uint8Array {
  const names = new Map<number, string>();
  for (const symbol of object.symbols)
    if (symbol.kind === "function") names.set(symbol.index, symbol.name);
  for (const { name, line, index } of hot)
    if (index !== undefined) names.set(index, `c/${name} (${shown}:${line})`);
  const map = new Writer().u32(names.size);
  for (const index of [...names.keys()].sort((a, b) => a - b))
    map.u32(index).name(names.get(index) ?? "");
  return new Writer().byte(1).sized(map.done()).done();
}

/** FNV-1a of 64 bits, little-endian: its prime is 2^40 + 0x1b3. */
function hash(bytes: Uint8Array): Uint8Array {
  let [low, high] = [0x84222325, 0xcbf29ce4];
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    high = (high * 0x1b3 + Math.floor(product / 2 ** 32) + ((low << 8) >>> 0)) % 2 ** 32;
    low = product >>> 0;
  }
  const result = new DataView(new ArrayBuffer(8));
  result.setUint32(0, low, true);
  result.setUint32(4, high, true);
  return new Uint8Array(result.buffer);
}
