// spill.mjs - pointers that live across a collection go to the stack in memory.
//
// The collector finds pointers on the linear stack, and cannot see WebAssembly's
// locals and operands. Before a call that may collect (calls.mjs), what lives
// after it is stored into the function's frame:
//
//   - locals that are read later, if they may hold a pointer;
//   - values that wait on the operand stack below the call's arguments: as the
//     local that they were read from, when it is not written meanwhile, or else as
//     a local of their own, set where the value is made.
//
// A local that is in its slot already, on every way to the call, is not stored
// again. Arguments are the callee's to keep. Words that were left would keep garbage
// alive: a frame begins as zeros, and before a call that may run for long, slots of
// locals that are not read any more are cleared.

import { available, left, liveAfter, pointersAt } from "./dataflow.mjs";
import { concat, EMPTY, I32, I64, OP, s32, u32 } from "./wasm.mjs";

/**
 * The engine's own stack overflows with an error that WebAssembly cannot catch, so
 * recursion is bounded by the linear stack (value/poll.c): by the functions that ask for
 * its end, and every recursion without one goes through such a function. Their
 * frames take as much more as makes the linear stack the narrower bound, with 700
 * KB of engine's stack in place of V8's 984, and code before it is optimized.
 */
const FRAME_FIXED = 40;
const FRAME_PER_LOCAL = 2;

/** The function's body, with its spills. */
export function spill(body, { code, flow }, { counts, runs, stackPointer, overflow }) {
  const isBound = flow.calls.some(({ op, value }) => op === OP.call && value === overflow);
  const calls = flow.calls.filter(counts);
  if (calls.length === 0) return body;
  const types = [...flow.types, ...addTemps(flow, calls)];
  const required = requirements(flow, calls, types.length);
  if (required.size === 0 && !isBound) return body;
  const stored = missing(flow, required, types.length);
  const dead = left(flow, required, (call) => counts(call) && runs(call), types.length);
  return rewrite(body, code, flow, { stored, dead, types, stackPointer, isBound });
}

const isUncovered = ({ ownLocal }) => ownLocal;

/**
 * Gives the values that need one a local; two that do not overlap share it. The
 * result is the locals' types.
 */
function addTemps({ types }, calls) {
  const temps = [];
  const waiting = new Set(calls.flatMap(({ pending }) => pending.filter(isUncovered)));
  for (const value of [...waiting].sort((a, b) => a.at - b.at)) {
    let i = temps.findIndex(({ gone, type }) => gone <= value.at && type === value.type);
    if (i < 0) i = temps.length;
    temps[i] = { type: value.type, gone: value.gone };
    value.temp = types.length + i;
  }
  return temps.map(({ type }) => type);
}

/** call -> the locals that must be in the frame. */
function requirements(flow, calls, count) {
  const pointers = pointersAt(flow, count);
  const live = liveAfter(flow, count);
  const result = new Map();
  for (const call of calls) {
    const locals = live.get(call);
    for (const { local, ownLocal } of call.pending) if (!ownLocal) locals.add(local);
    locals.intersect(pointers.get(call));
    for (const { temp } of call.pending) if (temp >= 0) locals.add(temp);
    if (!locals.isEmpty()) result.set(call, locals);
  }
  return result;
}

/** call -> the locals that are not in the frame yet. */
function missing(flow, required, count) {
  const inFrame = available(flow, required, count);
  const result = new Map();
  for (const [call, locals] of required)
    result.set(
      call,
      [...locals].filter((local) => !inFrame.get(call).has(local)),
    );
  return result;
}

// ---- The frame --------------------------------------------------------------------------

/** The slots' bytes, and what stands for the engine's own frame. */
const frameSize = (words, locals, isBound) =>
  (4 * words + (isBound ? FRAME_FIXED + FRAME_PER_LOCAL * locals : 0) + 15) & ~15;

/**
 * The frame that C code has in the linear stack already, when it is made at the
 * start and every other write of the stack pointer is known:
 *
 *   x = stack pointer - size    at the start; nothing else writes x
 *   stack pointer = x + size    where the function is left
 *   stack pointer = x           where a throw is caught
 *   y = stack pointer - n, or x - n, and stack pointer = y + n: of inlined functions
 *
 * Gives the local, the size, and the places of the size.
 */
function frameOfC(code, flow, stackPointer) {
  const isOp = (at, op, value) =>
    code[at]?.op === op && (value === undefined || code[at].value === value);
  const isSet = (at) => isOp(at, OP.globalSet, stackPointer);
  const makes = (at) =>
    isOp(at - 3, OP.i32Const) && isOp(at - 2, OP.i32Sub) && isOp(at - 1, OP.localTee);
  if (!isSet(4) || !makes(4) || !isOp(0, OP.globalGet, stackPointer)) return undefined;
  const { value: local } = code[3];
  const { value: size } = code[1];
  const once = (each) => flow.writes[each].length === 1;
  if (!once(local)) return undefined;
  const inner = new Map();
  const sizes = [1];
  for (let at = 5; at < code.length; at++) {
    if (!isSet(at)) continue;
    if (isOp(at - 1, OP.localGet, local)) continue;
    const from = code[at - 3]?.value;
    if (
      makes(at) &&
      (isOp(at - 4, OP.globalGet, stackPointer) || isOp(at - 4, OP.localGet, local))
    ) {
      inner.set(code[at - 1].value, from);
      continue;
    }
    if (!isOp(at - 1, OP.i32Add) || !isOp(at - 2, OP.i32Const) || !isOp(at - 3, OP.localGet))
      return undefined;
    if (from === local && code[at - 2].value === size) sizes.push(at - 2);
    else if (!(once(from) && inner.get(from) === code[at - 2].value)) return undefined;
  }
  return { local, size, sizes };
}

function rewrite(body, { groups, start, code }, flow, options) {
  const { stored, dead, types, stackPointer, isBound } = options;
  const slots = new Map();
  let words = 0;
  for (const local of [...stored.values()].flat()) {
    if (slots.has(local)) continue;
    slots.set(local, 4 * words);
    words += types[local] === I64 ? 2 : 1;
  }
  const size = frameSize(words, types.length, isBound);
  const merged = frameOfC(code, flow, stackPointer);
  const frame = merged?.local ?? types.length;
  const edits = new Edits(body, start);
  for (const { temp, at } of flow.values)
    if (temp >= 0) edits.insert(code[at].end, [OP.localTee, ...u32(temp)]);

  const pointer = u32(stackPointer);
  const clear = cleared(frame, merged?.size ?? 0, size);
  const open = [
    ...[OP.globalGet, ...pointer, OP.i32Const, ...s32(size), OP.i32Sub],
    ...[OP.localTee, ...u32(frame), OP.globalSet, ...pointer, ...clear],
  ];
  const close = [
    ...[OP.localGet, ...u32(frame), OP.i32Const, ...s32(size), OP.i32Add],
    ...[OP.globalSet, ...pointer],
  ];
  const place = (local) => (merged?.size ?? 0) + slots.get(local);
  const storeOp = (local) => [types[local] === I64 ? OP.i64Store : OP.i32Store, 2];
  const stores = (locals) =>
    locals.flatMap((local) => [
      ...[OP.localGet, ...u32(frame), OP.localGet, ...u32(local)],
      ...[...storeOp(local), ...u32(place(local))],
    ]);
  const clears = (locals) =>
    locals.flatMap((local) => [
      ...[OP.localGet, ...u32(frame), types[local] === I64 ? OP.i64Const : OP.i32Const, 0],
      ...[...storeOp(local), ...u32(place(local))],
    ]);
  // For one call alone the frame is there during the call only.
  const alone = !merged && !isBound && stored.size === 1;
  if (!merged && !alone) wrap(edits, { start, code }, flow, open, close);
  for (const [{ at }, locals] of stored) {
    edits.insert(code[at].at, [...(alone ? open : []), ...stores(locals)]);
    if (alone) edits.insert(code[at].end, close);
  }
  for (const [{ at }, locals] of alone ? [] : dead)
    edits.insert(code[at].at, clears([...locals].filter((local) => slots.has(local))));
  if (merged) {
    edits.insert(code[4].end, clear);
    for (const at of merged.sizes)
      edits.replace(code[at].at, code[at].end, [OP.i32Const, ...s32(merged.size + size)]);
  }
  const added = [...types.slice(flow.types.length), ...(merged ? [] : [I32])];
  return concat([localGroups(groups, added), ...edits.parts()]);
}

/** Sets the frame's bytes from .. from + size - 1 to zero. */
function cleared(frame, from, size) {
  const bytes = [];
  for (let offset = from; offset < from + size; offset += 8)
    bytes.push(OP.localGet, ...u32(frame), OP.i64Const, 0, OP.i64Store, 3, ...u32(offset));
  return bytes;
}

/** Opens the frame at the start, and closes it at the one end that the function then has. */
function wrap(edits, { start, code }, flow, open, close) {
  edits.insert(start, open);
  const end = code.at(-1);
  if (!flow.isLeft) return;
  if (flow.branchesToEnd) {
    edits.insert(start, [OP.block, flow.results[0] ?? EMPTY]);
    for (const { at, depth } of flow.returns)
      edits.replace(code[at].at, code[at].end, [OP.br, ...u32(depth)]);
    edits.insert(end.end, [...close, OP.end]);
  } else edits.insert(end.at, close);
}

function localGroups(groups, added) {
  const all = groups.map((group) => ({ ...group }));
  for (const type of added) {
    if (all.at(-1)?.type === type) all.at(-1).count++;
    else all.push({ count: 1, type });
  }
  return [...u32(all.length), ...all.flatMap(({ count, type }) => [...u32(count), type])];
}

/** Insertions into bytes; those at one place stay in their order, what is replaced there is last. */
class Edits {
  #edits = [];
  constructor(bytes, start) {
    this.bytes = bytes;
    this.start = start;
  }
  insert(at, bytes) {
    this.replace(at, at, bytes);
  }
  replace(from, to, bytes) {
    this.#edits.push({ from, to, bytes });
  }
  parts() {
    const result = [];
    let at = this.start;
    for (const { from, to, bytes } of this.#edits.sort((a, b) => a.from - b.from || a.to - b.to)) {
      result.push(this.bytes.subarray(at, from), bytes);
      at = to;
    }
    return [...result, this.bytes.subarray(at)];
  }
}
