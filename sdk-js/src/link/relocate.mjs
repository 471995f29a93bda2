// relocate.mjs - the addresses of a main module, computed when it is linked.
//
// Emscripten builds a main module as position independent code: its data is
// relocated by a function that runs at the start, and its code adds every address
// to __memory_base or __table_base. For a main module both are constants, which
// the JavaScript beside it sets. So the words go into the data as they will be,
// the function becomes empty, and the code has the sums.

import { concat, OP, readCode, s32, u32 } from "./wasm.mjs";

const RELOCATE = "__wasm_apply_data_relocs";

/** The bases as the JavaScript of the module defines them. */
export function basesOf(script) {
  const base = (name) => {
    const pattern = `___${name}\\s*=\\s*new WebAssembly\\.Global\\(\\s*\\{[^}]*\\}\\s*,\\s*(\\d+)\\s*\\)`;
    const match = new RegExp(pattern).exec(script);
    if (!match) throw new Error(`the module's JavaScript does not say its __${name}`);
    return Number(match[1]);
  };
  return { __memory_base: base("memory_base"), __table_base: base("table_base") };
}

/** Writes the data's addresses into the data, and sums of addresses into the code. */
export function relocate(module, bases) {
  const values = new Map(
    Object.entries(bases).map(([name, value]) => [module.importedGlobals.indexOf(name), value]),
  );
  const index = module.exports.get(RELOCATE);
  if (index !== undefined) {
    const at = index - module.importedFunctions;
    const left = applyRelocations(module, readCode(module.bodies[at]).code, values);
    module.bodies[at] = new Uint8Array([0, ...left, OP.end]);
  }
  module.bodies = module.bodies.map((body) => fold(body, values));
}

// ---- Data -------------------------------------------------------------------------------

/**
 * Executes the function: it adds constants, and stores. A word that the host sets
 * (the heap's start, which grows with the libraries that are loaded) is left to be
 * stored at the start. Gives the instructions for those.
 */
function applyRelocations(module, code, values) {
  // Both are constants, plus a global when there is one.
  const stack = [];
  const locals = [];
  const left = [];
  const refuse = (what) => {
    throw new Error(`${RELOCATE}: ${what}; this Emscripten's output is not known`);
  };
  const sum = (a, b) => {
    if (b.global !== undefined && a.global !== undefined) refuse("a sum of globals");
    return { value: (a.value + b.value) | 0, global: a.global ?? b.global };
  };
  const negative = ({ value, global }) =>
    global === undefined ? { value: -value } : refuse("a difference of globals");
  for (const { op, value } of code) {
    if (op === OP.i32Const) stack.push({ value });
    else if (op === OP.globalGet)
      stack.push(values.has(value) ? { value: values.get(value) } : { value: 0, global: value });
    else if (op === OP.localGet) stack.push(locals[value] ?? refuse(`local ${value} is not set`));
    else if (op === OP.localSet) locals[value] = stack.pop();
    else if (op === OP.localTee) locals[value] = stack.at(-1);
    else if (op === OP.i32Add) stack.push(sum(stack.pop(), stack.pop()));
    else if (op === OP.i32Sub) stack.push(sum(negative(stack.pop()), stack.pop()));
    else if (op === OP.i32Store) {
      const word = stack.pop();
      const address = stack.pop();
      if (address.global !== undefined) refuse("an address that is not known");
      const at = (address.value >>> 0) + value;
      if (word.global !== undefined) left.push(storeLater(at, word));
      else if (!storeWord(module.data, at, word.value, values))
        refuse("a word that is in no data segment");
    } else if (op !== OP.end) refuse(`instruction 0x${op.toString(16)}`);
  }
  return left.flat();
}

function storeLater(address, { global, value }) {
  const added = value === 0 ? [] : [OP.i32Const, ...s32(value), OP.i32Add];
  const word = [OP.globalGet, ...u32(global), ...added];
  return [OP.i32Const, ...s32(address), ...word, OP.i32Store, 2, 0];
}

function storeWord(data, address, word, values) {
  for (const segment of data) {
    const start = segment.offset.value ?? values.get(segment.offset.global);
    const at = address - start;
    // Zeros at the end of a segment are left out; what follows within a word is its own.
    if (at < 0 || at >= segment.bytes.length) continue;
    const size = Math.max(segment.bytes.length, at + 4);
    if (!segment.own || size > segment.bytes.length) {
      const bytes = new Uint8Array(size);
      bytes.set(segment.bytes);
      Object.assign(segment, { bytes, own: true });
    }
    new DataView(segment.bytes.buffer).setInt32(at, word, true);
    return true;
  }
  return false;
}

// ---- Code -------------------------------------------------------------------------------

/**
 * base -> constant; constant + constant -> constant. A local that holds a base is
 * followed too: compilers share one between the addresses that are near.
 */
function fold(body, values) {
  const { start, code } = readCode(body);
  const isBase = (item) => item?.op === OP.globalGet && values.has(item.value);
  if (!code.some(isBase)) return body;
  const known = knownLocals(code, (i) =>
    isBase(code[i - 1]) ? values.get(code[i - 1].value) : undefined,
  );
  const out = [];
  code.forEach(({ op, value, at, end }, i) => {
    const bytes = body.subarray(at, end);
    const constants = out.length > 1 && isNumber(out.at(-1)) && isNumber(out.at(-2));
    if (op === OP.i32Add && constants) out.push(number(out.pop().number + out.pop().number));
    else if (isBase(code[i])) out.push(number(values.get(value)));
    else if (op === OP.i32Const) out.push(number(value));
    else if (op === OP.localGet) out.push({ bytes, reads: value, number: known.get(i) });
    else if ((op === OP.localSet || op === OP.localTee) && isBase(code[i - 1])) {
      // Set, and as a term of a sum the constant.
      const base = out.pop();
      out.push({ bytes: [...base.bytes, OP.localSet, ...u32(value)], writes: value });
      if (op === OP.localTee)
        out.push({ bytes: [OP.localGet, ...u32(value)], reads: value, number: base.number });
    } else out.push({ bytes });
  });
  const read = new Set(out.map(({ reads }) => reads));
  const kept = out.filter(({ writes }) => writes === undefined || read.has(writes));
  return concat([body.subarray(0, start), ...kept.map(({ bytes }) => bytes)]);
}

const isNumber = (item) => item.number !== undefined;
const number = (value) => ({ number: value | 0, bytes: [OP.i32Const, ...s32(value)] });

const OPENS = new Set([OP.block, OP.loop, OP.if, OP.try]);
const isWrite = ({ op }) => op === OP.localSet || op === OP.localTee;

/**
 * The local.gets whose value is known, given what a write sets when that is known:
 * instruction -> value. Past a block is known what was known before it, and is not
 * written in it.
 */
function knownLocals(code, valueAt) {
  const inLoop = writesInLoops(code);
  const result = new Map();
  let known = new Map();
  const frames = [];
  const without = (map, locals) => new Map([...map].filter(([local]) => !locals.has(local)));
  code.forEach(({ op, value }, i) => {
    if (op === OP.localGet && known.has(value)) result.set(i, known.get(value));
    else if (isWrite(code[i])) {
      frames.forEach(({ written }) => written.add(value));
      if (valueAt(i) === undefined) known.delete(value);
      else known.set(value, valueAt(i));
    } else if (OPENS.has(op)) {
      if (op === OP.loop) known = without(known, inLoop.get(i));
      frames.push({ before: new Map(known), written: new Set() });
    } else if ([OP.else, OP.catch, OP.catchAll].includes(op)) {
      const { before, written } = frames.at(-1);
      known = without(before, written);
    } else if (op === OP.end || op === OP.delegate) {
      const frame = frames.pop();
      if (frame) known = without(frame.before, frame.written);
    }
  });
  return result;
}

/** loop -> the locals that are written in it. */
function writesInLoops(code) {
  const result = new Map();
  const open = [];
  code.forEach(({ op, value }, i) => {
    if (OPENS.has(op)) {
      open.push(new Set());
      if (op === OP.loop) result.set(i, open.at(-1));
    } else if (op === OP.end || op === OP.delegate) open.pop();
    else if (isWrite(code[i])) open.forEach((locals) => locals.add(value));
  });
  return result;
}
