// flow.mjs - how control and values flow through one function.
//
// Gives basic blocks with their events (a local is read, written, or a call) and
// for every call which values wait below its arguments on WebAssembly's operand
// stack. Only what may hold a pointer is told: i32, and an i64 that is loaded from
// where only words are sure to be aligned, as compilers copy two words at once.
//
// Code that cannot be reached is in no block. A call that does not return ends
// its block, except within a `try`, where what it throws may continue here: there
// every call has an edge to the handlers.

import { EMPTY, I32, I64, OP, SIGNATURES } from "./wasm.mjs";

/**
 * @typedef {object} Value on the operand stack
 * @property {number} type
 * @property {number} at the instruction that made it
 * @property {number} gone the one that took it
 * @property {number} local whose value it is, or -1
 * @property {boolean} plain it cannot be a pointer
 * @property {boolean} ownLocal it waits for a call, and no local has it meanwhile
 * @property {number} temp the local that it is given, or -1
 *
 * @typedef {object} Call
 * @property {number} at
 * @property {number} op
 * @property {number} value the function's index, or the type's
 * @property {boolean} inTry
 * @property {Value[]} pending
 *
 * @typedef {object} Event in a block: "use", "define", "value" (made), "call"
 * @property {string} kind
 */

class Block {
  /** @type {Block[]} */
  successors = [];
  /** Is there a way into it? */
  entered = false;
  /** @type {Event[]} */
  events = [];
}

const isTracked = (type) => type === I32 || type === I64;
const isSmall = (value) => value >= 0 && value < 65536;

/** Constants, results below 64 KiB, products and the like, and sums of such. */
function isPlain(op, operands, code, i) {
  const last = code[i - 1];
  if (SIGNATURES[op][1] !== I32) return op !== OP.i64Load || code[i].align === 3;
  if (op === OP.i32Const) return true;
  if (op >= 0x2c && op <= 0x2f) return true; // load8, load16
  if (op >= 0x45 && op <= 0x69) return true; // comparisons, clz, ctz, popcnt
  if (op >= 0x6c && op <= 0x70) return true; // mul, div, rem
  if (op === 0x71 && last.op === OP.i32Const && isSmall(last.value)) return true; // and
  if (op === 0x76 && last.op === OP.i32Const && (last.value & 31) >= 16) return true; // shr_u
  if (op >= 0x6a && op <= 0x78) return operands.every(({ plain }) => plain);
  return op >= 0xa8 && op <= 0xab; // of a float
}

/** The walk through a function's instructions, in the order of the text. */
class Walk {
  /** @type {Block[]} */
  blocks = [];
  /** @type {Call[]} */
  calls = [];
  /** @type {Value[]} */
  values = [];
  /** Where, and in how many blocks, the function returns. */
  returns = [];
  branchesToEnd = false;
  exit = new Block();
  /** The block that is being filled; null: what cannot be reached. */
  block = null;
  stack = [];

  constructor(module, { params, results }, { groups, code }) {
    this.module = module;
    this.code = code;
    this.types = [...params, ...groups.flatMap(({ count, type }) => Array(count).fill(type))];
    /** Where each local is written. */
    this.writes = this.types.map(() => []);
    this.frames = [{ op: OP.block, target: this.exit, results, height: 0, handlers: null }];
    this.block = new Block();
    this.blocks.push(this.block);
  }

  // ---- Blocks

  get frame() {
    return this.frames.at(-1);
  }
  enter(block) {
    this.block = block.entered ? block : null;
    if (this.block) this.blocks.push(block);
  }
  edge(target) {
    if (!this.block) return;
    this.block.successors.push(target);
    target.entered = true;
  }
  split() {
    const next = new Block();
    this.edge(next);
    this.enter(next);
  }
  event(event) {
    this.block?.events.push(event);
  }
  open(op, type) {
    const results = type === EMPTY ? [] : [type];
    const height = this.stack.length;
    this.frames.push({ op, target: new Block(), results, height, handlers: null });
  }
  /** Nothing follows. */
  stop(at) {
    this.popTo(this.frame.height, at);
    this.block = null;
  }
  branch(depth) {
    if (depth === this.frames.length - 1) this.branchesToEnd = true;
    this.edge(this.frames[this.frames.length - 1 - depth].target);
  }
  /** Where a throw goes: to a block before all handlers of the innermost try. */
  get handlers() {
    return this.frames.findLast(({ handlers }) => handlers)?.handlers ?? null;
  }
  throwing() {
    if (this.handlers) this.edge(this.handlers);
  }

  // ---- Operands

  push(type, at, { local = -1, plain = false } = {}) {
    const value = { type, at, gone: this.code.length, local, plain, temp: -1, ownLocal: false };
    this.stack.push(value);
    if (!isTracked(type)) return;
    this.values.push(value);
    this.event({ kind: "value", value });
  }
  pop(at) {
    if (this.stack.length === this.frame.height) {
      if (this.block) throw new Error("the operand stack is empty");
      return { type: 0, at, local: -1, plain: true };
    }
    const value = this.stack.pop();
    value.gone = at;
    return value;
  }
  popTo(height, at) {
    while (this.stack.length > height) this.stack.pop().gone = at;
  }

  // ---- The end

  /** A loop may come round to a call with a local that is written further down, so
   * all of the time counts for which a value waits. */
  giveLocals() {
    const isChanged = ({ local, at, gone }) => this.writes[local].some((i) => i > at && i < gone);
    for (const value of this.calls.flatMap(({ pending }) => pending))
      value.ownLocal = value.local < 0 || isChanged(value);
  }
}

/** op -> what it does; those of SIGNATURES only take and give. */
const STEPS = {
  [OP.localGet](walk, value, i) {
    const type = walk.types[value];
    if (isTracked(type)) walk.event({ kind: "use", local: value });
    walk.push(type, i, { local: value });
  },
  [OP.localSet](walk, value, i) {
    const { plain, local, at } = walk.pop(i);
    const changed = local >= 0 && walk.writes[local].at(-1) > at;
    const copyOf = changed ? -1 : local;
    if (isTracked(walk.types[value])) walk.event({ kind: "define", local: value, plain, copyOf });
    walk.writes[value].push(i);
    return plain;
  },
  [OP.localTee](walk, value, i) {
    const plain = STEPS[OP.localSet](walk, value, i);
    walk.push(walk.types[value], i, { local: value, plain });
  },
  [OP.globalGet](walk, value, i) {
    // The stack pointer is none into the heap, nor is a frame below it.
    const plain = walk.module.importedGlobals[value] === "__stack_pointer";
    walk.push(globalType(walk.module, value), i, { plain });
  },
  [OP.globalSet]: (walk, _, i) => void walk.pop(i),
  [OP.drop]: (walk, _, i) => void walk.pop(i),
  [OP.select](walk, _, i) {
    walk.pop(i);
    const [a, b] = [walk.pop(i), walk.pop(i)];
    walk.push(a.type || b.type, i, { plain: a.plain && b.plain });
  },
  [OP.call](walk, value, i, isDeadEnd) {
    call(walk, walk.module.functionTypes[value], i);
    if (isDeadEnd(value)) walk.stop(i);
  },
  [OP.callIndirect](walk, value, i) {
    walk.pop(i);
    call(walk, value, i);
  },

  [OP.block]: (walk, value) => walk.open(OP.block, value),
  [OP.loop](walk, value) {
    walk.open(OP.loop, value);
    walk.edge(walk.frame.target);
    walk.enter(walk.frame.target);
  },
  [OP.if](walk, value, i) {
    walk.pop(i);
    walk.open(OP.if, value);
    walk.frame.otherwise = new Block();
    walk.edge(walk.frame.otherwise);
    if (walk.block) walk.split();
  },
  [OP.else](walk, _, i) {
    const { frame } = walk;
    walk.edge(frame.target);
    walk.popTo(frame.height, i);
    walk.enter(frame.otherwise);
    frame.otherwise = null;
  },
  [OP.try](walk, value) {
    const outside = walk.handlers;
    walk.open(OP.try, value);
    const handlers = new Block();
    walk.blocks.push(handlers);
    walk.frame.handlers = walk.frame.caught = handlers;
    // What these do not catch.
    if (outside) {
      handlers.successors.push(outside);
      outside.entered = true;
    }
    if (walk.block) walk.split();
  },
  [OP.catch](walk, value, i) {
    const { frame } = walk;
    walk.edge(frame.target);
    walk.popTo(frame.height, i);
    // From here on what is thrown goes outside.
    frame.handlers = null;
    const handler = new Block();
    handler.entered = frame.caught.entered;
    frame.caught.successors.push(handler);
    walk.enter(handler);
    if (value === undefined) return;
    walk.module.types[walk.module.tags[value]].params.forEach((type) => walk.push(type, i));
  },
  [OP.catchAll]: (walk, _, i) => STEPS[OP.catch](walk, undefined, i),
  [OP.end](walk, _, i) {
    const { frame } = walk;
    const isLoop = frame.op === OP.loop; // its label is at its head
    if (!isLoop) walk.edge(frame.target);
    if (frame.otherwise) {
      walk.enter(frame.otherwise);
      walk.edge(frame.target);
    }
    walk.popTo(frame.height, i);
    walk.frames.pop();
    if (walk.frames.length === 0) return;
    if (!isLoop) walk.enter(frame.target);
    frame.results.forEach((type) => walk.push(type, i));
  },
  [OP.delegate]: (walk, value, i) => STEPS[OP.end](walk, value, i),

  [OP.br](walk, value, i) {
    walk.branch(value);
    walk.stop(i);
  },
  [OP.brIf](walk, value, i) {
    walk.pop(i);
    walk.branch(value);
    if (walk.block) walk.split();
  },
  [OP.brTable](walk, value, i) {
    walk.pop(i);
    value.forEach((depth) => walk.branch(depth));
    walk.stop(i);
  },
  [OP.return](walk, _, i) {
    const depth = walk.frames.length - 1;
    walk.returns.push({ at: i, depth });
    walk.branch(depth);
    walk.stop(i);
  },
  [OP.throw](walk, _, i) {
    walk.throwing();
    walk.stop(i);
  },
  [OP.rethrow]: (walk, value, i) => STEPS[OP.throw](walk, value, i),
  [OP.unreachable]: (walk, _, i) => walk.stop(i),
  [OP.nop]: () => undefined,
};

function call(walk, type, i) {
  const { params, results } = walk.module.types[type];
  params.forEach(() => walk.pop(i));
  const { op, value } = walk.code[i];
  const inTry = walk.handlers !== null;
  if (walk.block) {
    const pending = walk.stack.filter(({ type, plain }) => isTracked(type) && !plain);
    const call = { at: i, op, value, inTry, pending };
    walk.calls.push(call);
    walk.event({ kind: "call", call });
  }
  if (inTry) {
    walk.throwing();
    if (walk.block) walk.split();
  }
  results.forEach((type) => walk.push(type, i, { plain: type !== I32 }));
}

function globalType({ imports, globalTypes }, index) {
  const imported = imports.filter(({ kind }) => kind === 3);
  return imported[index]?.type ?? globalTypes[index - imported.length];
}

/**
 * @param {import("./wasm.mjs").Module} module
 * @param {number} type index of the function's
 * @param {{ groups: object[], code: object[] }} body
 * @param {(index: number) => boolean} isDeadEnd does a call of the function never return?
 */
export function flowOf(module, type, body, isDeadEnd) {
  const signature = module.types[type];
  const walk = new Walk(module, signature, body);
  body.code.forEach(({ op, value }, i) => {
    const takesAndGives = SIGNATURES[op];
    if (takesAndGives) {
      const operands = takesAndGives[0].map(() => walk.pop(i));
      const plain = isPlain(op, operands, body.code, i);
      if (takesAndGives[1]) walk.push(takesAndGives[1], i, { plain });
    } else if (STEPS[op]) STEPS[op](walk, value, i, isDeadEnd);
    else throw new Error(`an instruction whose flow is not known (0x${op.toString(16)})`);
  });
  walk.giveLocals();
  const { types, blocks, calls, values, writes, returns, branchesToEnd, exit } = walk;
  const { params, results } = signature;
  const isLeft = exit.entered;
  return {
    ...{ types, params: params.length, results, blocks, calls, values, writes },
    ...{ returns, branchesToEnd, isLeft },
  };
}
