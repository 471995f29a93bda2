// dataflow.mjs - what holds at the calls of a function: which locals are read
// later, which may hold a pointer, which are in the frame.

import { I32 } from "./wasm.mjs";

/** A set of small numbers. */
export class Bits {
  constructor(size, words = new Uint32Array((size + 31) >>> 5)) {
    this.words = words;
  }
  static full(size) {
    const bits = new Bits(size);
    bits.words.fill(~0);
    return bits;
  }
  has(i) {
    return (this.words[i >>> 5] >>> (i & 31)) & 1;
  }
  add(i) {
    this.words[i >>> 5] |= 1 << (i & 31);
  }
  delete(i) {
    this.words[i >>> 5] &= ~(1 << (i & 31));
  }
  put(i, isIn) {
    if (isIn) this.add(i);
    else this.delete(i);
  }
  copy() {
    return new Bits(0, this.words.slice());
  }
  isEmpty() {
    return this.words.every((word) => word === 0);
  }
  /** These change this set, and tell whether they did. */
  unite(other) {
    return this.#merge(other, (a, b) => a | b);
  }
  intersect(other) {
    return this.#merge(other, (a, b) => a & b);
  }
  subtract(other) {
    return this.#merge(other, (a, b) => a & ~b);
  }
  #merge({ words }, merge) {
    let changed = false;
    for (let i = 0; i < words.length; i++) {
      const word = merge(this.words[i], words[i]) >>> 0;
      if (word !== this.words[i]) changed = true;
      this.words[i] = word;
    }
    return changed;
  }
  *[Symbol.iterator]() {
    for (let i = 0; i < this.words.length * 32; i++) if (this.has(i)) yield i;
  }
}

/** call -> the locals that are read after it. */
export function liveAfter({ blocks }, count) {
  const atStart = new Map(blocks.map((block) => [block, new Bits(count)]));
  const run = (block, atCall) => {
    const live = new Bits(count);
    for (const next of block.successors) if (atStart.has(next)) live.unite(atStart.get(next));
    for (let i = block.events.length - 1; i >= 0; i--) {
      const { kind, local, call } = block.events[i];
      if (kind === "use") live.add(local);
      else if (kind === "define") live.delete(local);
      else if (kind === "call") atCall?.(call, live);
    }
    return live;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const block of blocks.toReversed())
      if (atStart.get(block).unite(run(block))) changed = true;
  }
  return atCalls(blocks, run);
}

/** call -> the locals that may hold a pointer. */
export function pointersAt({ blocks, types, params }, count) {
  const entry = new Bits(count);
  for (let i = 0; i < params; i++) if (types[i] === I32) entry.add(i);
  return forward(blocks, entry, new Bits(count), "unite", (state, event, atCall) => {
    const { kind, local, plain, copyOf, call } = event;
    if (kind === "define") state.put(local, !plain && (copyOf < 0 || state.has(copyOf)));
    else if (kind === "call") atCall?.(call, state);
  });
}

/** call -> the locals that are in their slots, given which each call puts there. */
export function available({ blocks }, required, count) {
  return forward(blocks, new Bits(count), Bits.full(count), "intersect", (state, event, atCall) => {
    const { kind, local, value, call } = event;
    if (kind === "define") state.delete(local);
    else if (kind === "value" && value.temp >= 0) state.delete(value.temp);
    else if (kind === "call") {
      atCall?.(call, state);
      if (required.has(call)) state.unite(required.get(call));
    }
  });
}

/** call -> the locals that it does not require, and that may be in their slots still. */
export function left({ blocks }, required, isClearing, count) {
  return forward(blocks, new Bits(count), new Bits(count), "unite", (state, event, atCall) => {
    const { kind, call } = event;
    if (kind !== "call") return;
    const kept = required.get(call) ?? new Bits(count);
    if (isClearing(call)) {
      const dead = state.copy();
      dead.subtract(kept);
      atCall?.(call, dead);
      state.intersect(kept);
    }
    state.unite(kept);
  });
}

function forward(blocks, entry, initial, merge, step) {
  const atStart = new Map(blocks.map((block) => [block, initial.copy()]));
  atStart.set(blocks[0], entry);
  const run = (block, atCall) => {
    const state = atStart.get(block).copy();
    for (const event of block.events) step(state, event, atCall);
    return state;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const block of blocks) {
      const state = run(block);
      for (const next of block.successors) if (atStart.get(next)?.[merge](state)) changed = true;
    }
  }
  return atCalls(blocks, run);
}

function atCalls(blocks, run) {
  const result = new Map();
  for (const block of blocks) run(block, (call, state) => result.set(call, state.copy()));
  return result;
}
