// wasm.mjs - a WebAssembly module as its sections, and code as its instructions.
//
// Reads what Emscripten's linker writes: MVP, sign extension, saturating
// conversions, bulk memory, and exceptions as `try` and `catch`. Anything else is
// refused by name: who rewrites code must know all of it.

export const OP = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i64Load: 0x29,
  i32Store: 0x36,
  i64Store: 0x37,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Add: 0x6a,
  i32Sub: 0x6b,
};

export const I32 = 0x7f;
export const I64 = 0x7e;
export const EMPTY = 0x40;
const VALUE_TYPES = { i: I32, j: I64, f: 0x7d, d: 0x7c };

// ---- What an instruction takes and gives --------------------------------------------

/** opcode -> [operands' types, result's type or 0]; 0xfc's follow at 0x100. */
export const SIGNATURES = [];
for (const [first, last, signature] of [
  [0x28, 0x28, "i>i"],
  [0x29, 0x29, "i>j"],
  [0x2a, 0x2a, "i>f"],
  [0x2b, 0x2b, "i>d"],
  [0x2c, 0x2f, "i>i"],
  [0x30, 0x35, "i>j"],
  [0x36, 0x36, "ii>"],
  [0x37, 0x37, "ij>"],
  [0x38, 0x38, "if>"],
  [0x39, 0x39, "id>"],
  [0x3a, 0x3b, "ii>"],
  [0x3c, 0x3e, "ij>"],
  [0x3f, 0x3f, ">i"],
  [0x40, 0x40, "i>i"],
  [0x41, 0x41, ">i"],
  [0x42, 0x42, ">j"],
  [0x43, 0x43, ">f"],
  [0x44, 0x44, ">d"],
  [0x45, 0x45, "i>i"],
  [0x46, 0x4f, "ii>i"],
  [0x50, 0x50, "j>i"],
  [0x51, 0x5a, "jj>i"],
  [0x5b, 0x60, "ff>i"],
  [0x61, 0x66, "dd>i"],
  [0x67, 0x69, "i>i"],
  [0x6a, 0x78, "ii>i"],
  [0x79, 0x7b, "j>j"],
  [0x7c, 0x8a, "jj>j"],
  [0x8b, 0x91, "f>f"],
  [0x92, 0x98, "ff>f"],
  [0x99, 0x9f, "d>d"],
  [0xa0, 0xa6, "dd>d"],
  [0xa7, 0xa7, "j>i"],
  [0xa8, 0xa9, "f>i"],
  [0xaa, 0xab, "d>i"],
  [0xac, 0xad, "i>j"],
  [0xae, 0xaf, "f>j"],
  [0xb0, 0xb1, "d>j"],
  [0xb2, 0xb3, "i>f"],
  [0xb4, 0xb5, "j>f"],
  [0xb6, 0xb6, "d>f"],
  [0xb7, 0xb8, "i>d"],
  [0xb9, 0xba, "j>d"],
  [0xbb, 0xbb, "f>d"],
  [0xbc, 0xbc, "f>i"],
  [0xbd, 0xbd, "d>j"],
  [0xbe, 0xbe, "i>f"],
  [0xbf, 0xbf, "j>d"],
  [0xc0, 0xc1, "i>i"],
  [0xc2, 0xc4, "j>j"],
  [0x100, 0x101, "f>i"],
  [0x102, 0x103, "d>i"],
  [0x104, 0x105, "f>j"],
  [0x106, 0x107, "d>j"],
  [0x108, 0x108, "iii>"],
  [0x109, 0x109, ">"],
  [0x10a, 0x10b, "iii>"],
]) {
  const [operands, result] = signature.split(">");
  const entry = [[...operands].map((each) => VALUE_TYPES[each]), VALUE_TYPES[result] ?? 0];
  for (let op = first; op <= last; op++) SIGNATURES[op] = entry;
}

// ---- Bytes ----------------------------------------------------------------------------

export class Reader {
  constructor(bytes, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }
  fail() {
    throw new Error(`the module ends early, at byte ${this.at}`);
  }
  byte() {
    if (this.at >= this.end) this.fail();
    return this.bytes[this.at++];
  }
  u32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
  s32() {
    let value = 0;
    for (let shift = 0; ;) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) return shift < 32 && byte & 0x40 ? value | (-1 << shift) : value;
    }
  }
  skipLeb() {
    while (this.byte() >= 0x80);
  }
  take(size) {
    const start = this.at;
    if (start + size > this.end) this.fail();
    this.at += size;
    return this.bytes.subarray(start, this.at);
  }
  name() {
    return new TextDecoder().decode(this.take(this.u32()));
  }
  list(item) {
    return Array.from({ length: this.u32() }, item);
  }
}

export function u32(value) {
  const bytes = [];
  for (value >>>= 0; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

export function s32(value) {
  const bytes = [];
  for (value |= 0; value < -64 || value > 63; value >>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value & 0x7f];
}

/** One array of bytes from many. */
export function concat(parts) {
  const result = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

// ---- Modules --------------------------------------------------------------------------

const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
  data: 11,
};
export const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/**
 * @typedef {object} Module
 * @property {{ id: number, body: Uint8Array }[]} sections
 * @property {{ params: number[], results: number[] }[]} types
 * @property {{ module: string, name: string, kind: number, type: number }[]} imports
 * @property {number[]} functionTypes of all functions, the imported ones first
 * @property {number} importedFunctions
 * @property {string[]} importedGlobals
 * @property {Map<string, number>} exports functions by name
 * @property {Set<number>} inTable functions that an element segment names
 * @property {Uint8Array[]} bodies of the functions that are not imported
 * @property {{ offset: { global?: number, value?: number }, bytes: Uint8Array }[]} data
 */

const readSection = {
  [SECTION.type](reader, module) {
    module.types = reader.list(() => {
      if (reader.byte() !== 0x60) throw new Error("a type that is not of a function");
      return { params: [...reader.take(reader.u32())], results: [...reader.take(reader.u32())] };
    });
  },
  [SECTION.import](reader, module) {
    module.imports = reader.list(() => {
      const entry = { module: reader.name(), name: reader.name(), kind: reader.byte(), type: 0 };
      if (entry.kind === 0) entry.type = reader.u32();
      else if (entry.kind === 1) skipLimits(reader, reader.byte());
      else if (entry.kind === 2) skipLimits(reader);
      else if (entry.kind === 3) entry.type = reader.take(2)[0];
      else entry.type = (reader.byte(), reader.u32());
      return entry;
    });
    const named = (kind) => module.imports.filter((entry) => entry.kind === kind);
    module.functionTypes = named(0).map(({ type }) => type);
    module.importedFunctions = module.functionTypes.length;
    module.importedGlobals = named(3).map(({ name }) => name);
    module.tags = named(4).map(({ type }) => type);
  },
  [SECTION.function](reader, module) {
    module.functionTypes.push(...reader.list(() => reader.u32()));
  },
  [SECTION.global](reader, module) {
    module.globalTypes = reader.list(() => {
      const [type] = reader.take(2);
      constant(reader);
      return type;
    });
  },
  13(reader, module) {
    module.tags.push(...reader.list(() => (reader.byte(), reader.u32())));
  },
  [SECTION.export](reader, module) {
    reader.list(() => {
      const [name, kind, index] = [reader.name(), reader.byte(), reader.u32()];
      if (kind === 0) module.exports.set(name, index);
    });
  },
  [SECTION.element](reader, module) {
    reader.list(() => {
      if (reader.u32() !== 0) throw new Error("an element segment that is not a plain one");
      constant(reader);
      reader.list(() => module.inTable.add(reader.u32()));
    });
  },
  [SECTION.code](reader, module) {
    module.bodies = reader.list(() => reader.take(reader.u32()));
  },
  [SECTION.data](reader, module) {
    module.data = reader.list(() => {
      if (reader.u32() !== 0) throw new Error("a data segment that is not a plain one");
      return { offset: constant(reader), bytes: reader.take(reader.u32()) };
    });
  },
};

function skipLimits(reader, flags = reader.byte()) {
  // Of a table the element type comes first.
  if (flags >= 0x60) flags = reader.byte();
  reader.skipLeb();
  if (flags & 1) reader.skipLeb();
}

/** A constant expression, as Emscripten writes them: one instruction. */
function constant(reader) {
  const start = reader.at;
  const op = reader.byte();
  const result = {};
  if (op === OP.globalGet) result.global = reader.u32();
  else if (op === OP.i32Const) result.value = reader.s32();
  else if (op === OP.i64Const) reader.skipLeb();
  else if (op === 0x43) reader.take(4);
  else if (op === 0x44) reader.take(8);
  else throw new Error(`a constant of unknown form (0x${op.toString(16)})`);
  if (reader.byte() !== OP.end) throw new Error("a constant of more than one instruction");
  result.bytes = reader.bytes.subarray(start, reader.at);
  return result;
}

/** @returns {Module} */
export function readModule(bytes) {
  const reader = new Reader(bytes);
  if (MAGIC.some((byte) => reader.byte() !== byte)) throw new Error("this is not WebAssembly");
  const module = {
    sections: [],
    types: [],
    imports: [],
    functionTypes: [],
    importedFunctions: 0,
    importedGlobals: [],
    globalTypes: [],
    tags: [],
    exports: new Map(),
    inTable: new Set(),
    bodies: [],
    data: [],
  };
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const body = reader.take(reader.u32());
    module.sections.push({ id, body });
    readSection[id]?.(new Reader(body), module);
  }
  return module;
}

/** The module with its bodies and data as they are now. */
export function writeModule(module) {
  const sized = (part) => [u32(part.length), part];
  const again = {
    [SECTION.code]: () => [u32(module.bodies.length), ...module.bodies.flatMap(sized)],
    [SECTION.data]: () => [
      u32(module.data.length),
      ...module.data.flatMap(({ offset, bytes }) => [[0], offset.bytes, ...sized(bytes)]),
    ],
  };
  const parts = module.sections.flatMap(({ id, body }) => [
    [id],
    ...sized(again[id] ? concat(again[id]()) : body),
  ]);
  return concat([MAGIC, ...parts]);
}

// ---- Code -----------------------------------------------------------------------------

const blockTypeOf = (reader) => {
  const byte = reader.bytes[reader.at];
  if (byte < 0x40 || byte >= 0x80) throw new Error("a block with parameters or several results");
  return reader.byte();
};

const immediates = {
  [OP.brTable]: (reader) => [...reader.list(() => reader.u32()), reader.u32()],
  [OP.callIndirect]: (reader) => {
    const type = reader.u32();
    reader.u32();
    return type;
  },
  [OP.i32Const]: (reader) => reader.s32(),
  [OP.i64Const]: (reader) => reader.skipLeb(),
  0x43: (reader) => reader.take(4),
  0x44: (reader) => reader.take(8),
  0x3f: (reader) => reader.byte(),
  0x40: (reader) => reader.byte(),
  0x108: (reader) => reader.take(2),
  0x109: (reader) => reader.u32(),
  0x10a: (reader) => reader.take(2),
  0x10b: (reader) => reader.byte(),
};
for (const op of [OP.block, OP.loop, OP.if, OP.try]) immediates[op] = blockTypeOf;
for (let op = 0x20; op <= 0x24; op++) immediates[op] = (reader) => reader.u32();
for (const op of [OP.catch, OP.throw, OP.rethrow, OP.br, OP.brIf, OP.call, OP.delegate])
  immediates[op] = (reader) => reader.u32();

const KNOWN = new Set([
  ...[OP.unreachable, OP.nop, OP.else, OP.end, OP.return, OP.catchAll, OP.drop, OP.select],
  ...Object.keys(immediates).map(Number),
  ...Object.keys(SIGNATURES).map(Number),
]);

/**
 * A function's locals beyond its parameters, and its instructions: `at` and `end`
 * are places in the body, `value` the immediate (of loads and stores the offset).
 */
export function readCode(body) {
  const reader = new Reader(body);
  const groups = reader.list(() => ({ count: reader.u32(), type: reader.byte() }));
  const start = reader.at;
  const code = [];
  while (reader.at < body.length) {
    const at = reader.at;
    let op = reader.byte();
    if (op === 0xfc) op = 0x100 + reader.u32();
    if (!KNOWN.has(op)) throw new Error(`an unknown instruction (0x${op.toString(16)})`);
    let value = 0;
    let align = 0;
    if (op >= 0x28 && op <= 0x3e) {
      align = reader.u32();
      value = reader.u32();
    } else value = immediates[op]?.(reader);
    code.push({ op, at, end: reader.at, value, align });
  }
  return { groups, start, code };
}
