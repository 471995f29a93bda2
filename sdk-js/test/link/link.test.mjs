// The last step of linking, on small modules made here: they run with a collector
// that looks at the stack as the real one does, and tell what it found.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addSpills } from "../../src/link/link.mjs";
import { basesOf, relocate } from "../../src/link/relocate.mjs";
import { readModule, s32, u32, writeModule } from "../../src/link/wasm.mjs";

// ---- Modules as lists ---------------------------------------------------------------------

const I32 = 0x7f;
const word = { unreachable: 0, else: 5, end: 0x0b, return: 0x0f, drop: 0x1a, select: 0x1b };
const withIndex = { br: 0x0c, br_if: 0x0d, call: 0x10, get: 0x20, set: 0x21, tee: 0x22 };
const more = { global: 0x23, set_global: 0x24, throw: 8, rethrow: 9, catch: 7 };
const opening = { block: 2, loop: 3, if: 4, try: 6 };
const plain = { eqz: 0x45, lt: 0x48, add: 0x6a, sub: 0x6b, and: 0x71, catch_all: 0x19 };

/** `get 0, i32 8, add` or `block ->i ... end`, as bytes. */
function code(text) {
  const bytes = [];
  const tokens = text.split(/[\s,]+/).filter(Boolean);
  for (let token; (token = tokens.shift()) !== undefined;) {
    const simple = word[token] ?? plain[token];
    const indexed = withIndex[token] ?? more[token];
    if (simple !== undefined) bytes.push(simple);
    else if (indexed !== undefined) bytes.push(indexed, ...u32(Number(tokens.shift())));
    else if (token in opening)
      bytes.push(opening[token], tokens[0] === "->i" ? (tokens.shift(), I32) : 0x40);
    else if (token === "i32") bytes.push(0x41, ...s32(Number(tokens.shift())));
    else if (token === "indirect") bytes.push(0x11, ...u32(Number(tokens.shift())), 0);
    else if (token === "load64") bytes.push(0x29, Number(tokens.shift()), 0);
    else if (token === "store64") bytes.push(0x37, 2, 0);
    else if (token === "load") bytes.push(0x28, 2, 0);
    else if (token === "store") bytes.push(0x36, 2, 0);
    else throw new Error(`no instruction ${token}`);
  }
  return bytes;
}

const named = (text) => [...u32(text.length), ...Buffer.from(text)];
const list = (items) => [...u32(items.length), ...items.flat()];
const sized = (bytes) => [...u32(bytes.length), ...bytes];
const section = (id, items) => [id, ...sized(list(items))];

// The types of all modules here: index is the name.
const TYPES = ["->", "->i", "i->", "i->i", "ii->i", "iii->i"];
const typeOf = (type) => TYPES.indexOf(type);
const types = TYPES.map((type) => {
  const [params, results] = type.split("->").map((side) => [...side].map(() => [I32]));
  return [0x60, ...list(params), ...list(results)];
});

/** Imports 0 collect: (), 1 leaf: (i32) -> i32; functions from 2 on are exported by name. */
function build(functions, { table = [], data } = {}) {
  const names = Object.keys(functions);
  const entries = Object.values(functions);
  const imports = [
    ["collect", [0, typeOf("->")]],
    ["leaf", [0, typeOf("i->i")]],
    ["__stack_pointer", [3, I32, 1]],
    ["__memory_base", [3, I32, 0]],
    ["__table_base", [3, I32, 0]],
    ["memory", [2, 0, 1]],
    ["table", [1, 0x70, 0, 16]],
    ["tag", [4, 0, typeOf("->")]],
  ];
  const bodies = entries.map(({ locals = 0, wide = 0, body }) =>
    sized([
      ...list(
        [
          [locals, I32],
          [wide, 0x7e],
        ].filter(([count]) => count),
      ),
      ...code(body),
      0x0b,
    ]),
  );
  const base = (global) => [0x23, global, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(
      2,
      imports.map(([name, kind]) => [...named("env"), ...named(name), ...kind]),
    ),
    ...section(
      3,
      entries.map(({ type }) => u32(typeOf(type))),
    ),
    ...section(7, [
      [...named("gc_collect"), 0, 0],
      ...names.map((name, i) => [...named(name), 0, ...u32(i + 2)]),
    ]),
    ...(table.length ? section(9, [[0, ...base(2), ...list(table.map(u32))]]) : []),
    ...section(10, bodies),
    ...(data ? section(11, [[0, ...base(1), ...sized(data)]]) : []),
  ]);
}

const BASES = { __memory_base: 1024, __table_base: 1 };
const STACK = 4096;

/** The instance; `seen` is a list of the words in the stack at each collection. */
function start(bytes) {
  assert.ok(WebAssembly.validate(bytes));
  const global = (value, mutable) => new WebAssembly.Global({ value: "i32", mutable }, value);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const pointer = global(STACK, true);
  const seen = [];
  const env = {
    collect() {
      const from = pointer.value >> 2;
      seen.push([...new Int32Array(memory.buffer).slice(from, STACK >> 2)].filter(Boolean));
      new Int32Array(memory.buffer).fill(0, 0, from);
    },
    leaf: (value) => value,
    __stack_pointer: pointer,
    __memory_base: global(BASES.__memory_base, false),
    __table_base: global(BASES.__table_base, false),
    memory,
    table: new WebAssembly.Table({ initial: 16, element: "anyfunc" }),
    tag: new WebAssembly.Tag({ parameters: [] }),
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
  return { exports, seen, pointer, memory };
}

const OPTIONS = { collector: "gc_collect", overflow: "overflow", leaves: /^leaf$/ };

function spilled(functions, options) {
  const module = readModule(build(functions, options));
  const before = module.bodies;
  addSpills(module, OPTIONS);
  const names = Object.keys(functions);
  const changed = names.filter((_, i) => module.bodies[i] !== before[i]);
  const running = start(writeModule(module));
  return { ...running, changed, bodies: module.bodies };
}

/** Runs `f` and gives what each collection saw; the stack must be as it was. */
function run({ exports, seen, pointer }, args, result) {
  assert.equal(exports.f(...args), result);
  assert.equal(pointer.value, STACK);
  return seen.map((words) => [...words].sort((a, b) => a - b));
}
const stores = (body) => [...body].filter((_, i) => body[i] === 0x36 && body[i + 1] === 2).length;

// ---- Spills -----------------------------------------------------------------------------

test("what is read after a collection is in the stack, and nothing else is", () => {
  const module = spilled({ f: { type: "iii->i", body: "get 1 drop call 0 get 0 get 2 add" } });
  assert.deepEqual(run(module, [70000, 80000, 90000], 160000), [[70000, 90000]]);
});

test("a value that waits on the operand stack is kept", () => {
  const f = { type: "ii->i", body: "get 0 i32 8 add, get 1 call 2 add" };
  const g = { type: "i->i", body: "call 0 get 0" };
  const module = spilled({ g, f });
  assert.deepEqual(run(module, [70000, 80000], 150008), [[70008, 80000]]);
});

test("a local that waits is kept as it was, though it is written meanwhile", () => {
  const before = spilled({ f: { type: "ii->i", body: "get 0 get 1 set 0 call 0 get 0 add" } });
  assert.deepEqual(run(before, [70000, 80000], 150000), [[70000, 80000]]);
  // The call's second round comes after the write that stands below it.
  const body = "get 0 loop call 0, get 1 set 0, get 2 i32 1 add tee 2, i32 2 lt br_if 0 end";
  const loop = spilled({ f: { type: "ii->i", locals: 1, body } });
  assert.deepEqual(
    run(loop, [70000, 80000], 70000).map((words) => words.includes(70000)),
    [true, true],
  );
});

test("calls that do not collect leave a function as it is", () => {
  const h = { type: "i->i", body: "get 0 call 1" };
  const g = { type: "i->i", body: "get 0 call 2" };
  const f = { type: "i->i", body: "get 0 call 3 get 0 add" };
  assert.deepEqual(spilled({ h, g, f }).changed, []);
});

test("through the table everything of a patch's type may come, else only what is there", () => {
  const g = { type: "i->", body: "" };
  const h = { type: "->", body: "call 0" };
  const words = { type: "i->i", body: "get 0 i32 0 indirect 3 get 0 add" };
  const quiet = { type: "i->i", body: "get 0 i32 0 indirect 2 get 0" };
  const loud = { type: "i->i", body: "i32 1 indirect 0 get 0" };
  assert.deepEqual(spilled({ g, h, words, quiet, loud }, { table: [2, 3] }).changed, [
    "words",
    "loud",
  ]);
});

test("a call that never returns needs nothing kept, and does not make its caller collect", () => {
  const fail = { type: "->", body: "call 0 throw 0" };
  const g = { type: "i->i", body: "get 0 eqz if call 2 unreachable end get 0" };
  const f = { type: "i->i", body: "get 0 call 3 get 0 add" };
  assert.deepEqual(spilled({ fail, g, f }).changed, []);
});

test("within a try it may go on, and does", () => {
  const fail = { type: "->", body: "call 0 throw 0" };
  const f = {
    type: "i->i",
    locals: 1,
    body: "global 0 set 1, try call 2 catch 0 get 1 set_global 0 end get 0",
  };
  const g = { type: "i->i", body: "get 0 call 3 get 0 add" };
  const module = spilled({ fail, f, g });
  assert.deepEqual(module.changed, ["f", "g"]);
  assert.ok(
    run({ ...module, exports: { f: module.exports.f } }, [70000], 70000)[0].includes(70000),
  );
});

test("the frame goes on every way out", () => {
  const body = `block get 1 br_if 0 call 0 call 0 get 0 return end
    get 2 if get 0 br 1 end call 0 get 0`;
  const f = { type: "iii->i", body: body.replace("get 0 br 1", "get 0 return") };
  for (const [args, collections] of [
    [[70000, 0, 0], 2],
    [[70000, 1, 1], 0],
    [[70000, 1, 0], 1],
  ])
    assert.equal(run(spilled({ f }), args, 70000).length, collections);
  const branch = { type: "ii->i", body: "call 0 get 0 get 1 br_if 0 call 0 drop get 0 i32 1 add" };
  assert.equal(run(spilled({ f: branch }), [70000, 1], 70000).length, 1);
  assert.equal(run(spilled({ f: branch }), [70000, 0], 70001).length, 2);
});

test("a local is stored once for several calls, and again when it is written", () => {
  const twice = spilled({ f: { type: "i->i", body: "call 0 call 0 get 0" } });
  assert.deepEqual(run(twice, [70000], 70000), [[70000], [70000]]);
  assert.equal(stores(twice.bodies[0]), 1);
  const written = { type: "ii->i", body: "call 0 get 0 get 1 set 0 drop call 0 get 0" };
  const again = spilled({ f: written });
  assert.deepEqual(run(again, [70000, 80000], 80000)[1].includes(80000), true);
  // On one way only it is in the frame.
  const some = { type: "ii->i", body: "get 1 if call 0 end call 0 get 0" };
  for (const way of [0, 1])
    assert.deepEqual(run(spilled({ f: some }), [70000, way], 70000).at(-1), [70000]);
});

test("what cannot be a pointer is not kept", () => {
  const body = "get 0 eqz set 1, get 0 i32 7 and set 2, call 0 get 1 get 2 add";
  assert.deepEqual(spilled({ f: { type: "i->i", locals: 2, body } }).changed, []);
});

test("two words that are copied as one i64 are kept; a number of 64 bits is not", () => {
  const f = (align) => ({
    type: "i->i",
    wide: 1,
    body: `i32 8 get 0 store, i32 12 i32 80000 store, i32 8 load64 ${align} set 1,
      call 0, i32 8 get 1 store64, i32 8 load`,
  });
  assert.deepEqual(run(spilled({ f: f(2) }), [70000], 70000), [[70000, 80000]]);
  assert.deepEqual(spilled({ f: f(3) }).changed, []);
  const waits = f(2)
    .body.replace("i32 8 load64 2 set 1", "i32 8 i32 8 load64 2")
    .replace("i32 8 get 1", "");
  assert.deepEqual(run(spilled({ f: { ...f(2), body: waits } }), [70000], 70000), [[70000, 80000]]);
});

test("a frame that the C code has is made larger instead", () => {
  const own = `global 0 i32 16 sub tee 1 set_global 0, get 1 get 0 store,
    get 0 if i32 0 call 1 drop end call 0 call 0, get 1 load get 0 add,
    get 1 i32 16 add set_global 0`;
  const module = spilled({ f: { type: "i->i", locals: 1, body: own } });
  assert.deepEqual(run(module, [70000], 140000), [
    [70000, 70000],
    [70000, 70000],
  ]);
  assert.equal([...module.bodies[0]].filter((byte) => byte === 0x24).length, 2);
});

test("who asks for the stack's end has a frame large enough that this bounds recursion", () => {
  const sizes = [];
  const recursion = "get 0 if get 0 i32 1 sub call 2 drop end call 0 get 0";
  const f = { type: "i->i", body: `i32 0 if call 3 end ${recursion}` };
  const module = spilled({ f, overflow: { type: "->", body: "" } });
  let last = STACK;
  module.seen.push = () => sizes.push(last - (last = module.pointer.value));
  module.exports.f(3);
  assert.ok(sizes[0] >= 3 * 40);
  assert.equal(module.pointer.value, STACK);
});

test("what is not read any more is not in the frame at later calls", () => {
  const body = "call 0 get 0 call 1 drop call 0 get 1 call 1 drop call 0 i32 5";
  const module = spilled({ f: { type: "ii->i", body } });
  assert.deepEqual(run(module, [1111, 2222], 5), [[1111, 2222], [2222], []]);
});

test("what is not known is refused", () => {
  assert.throws(() => readModule(new Uint8Array(8)), /not WebAssembly/);
  const module = readModule(build({ f: { type: "->", body: "" } }));
  assert.throws(() => addSpills(module, { ...OPTIONS, collector: "gone" }), /does not export gone/);
  module.bodies[0] = new Uint8Array([0, 0xd2, 0, 0x0b]);
  assert.throws(() => addSpills(module, OPTIONS), /an unknown instruction \(0xd2\)/);
});

// ---- Addresses ----------------------------------------------------------------------------

const RELOCATE = "__wasm_apply_data_relocs";
const relocated = (functions, data) => {
  const module = readModule(build(functions, { data }));
  relocate(module, BASES);
  return module;
};

test("relocations are in the data, and the function that made them is empty", () => {
  const body = `global 1 i32 4 add, global 1 i32 12 add tee 0 store,
    global 1 i32 8 add, global 2 i32 3 add store, global 1 i32 12 add, get 0 i32 1 add store`;
  const module = relocated({ [RELOCATE]: { type: "->", locals: 1, body } }, Array(14).fill(9));
  assert.deepEqual([...module.bodies[0]], [0, 0x0b]);
  const { memory } = start(writeModule(module));
  assert.deepEqual([...new Int32Array(memory.buffer, 1024, 5)], [0x09090909, 1036, 4, 1037, 0]);
});

test("a relocation of another kind stops the link", () => {
  const with_ = (body) => () => relocated({ [RELOCATE]: { type: "->", body } }, [1]);
  assert.throws(with_("i32 0 call 1 drop"), /__wasm_apply_data_relocs: instruction 0x10/);
  assert.throws(with_("i32 5000 i32 1 store"), /a word that is in no data segment/);
  assert.throws(() => basesOf("var x = 1;"), /does not say its __memory_base/);
});

test("addresses in code are constants", () => {
  const f = {
    type: "i->i",
    locals: 1,
    body: `global 1 tee 1 i32 8 add drop, get 0 if get 1 i32 16 add return end
      loop get 1 i32 4 add drop, get 0 set 1 end get 1 global 2 add`,
  };
  const module = relocated({ f });
  const { exports } = start(writeModule(module));
  assert.equal(exports.f(1), 1040);
  assert.equal(exports.f(0), 1);
  assert.ok(!module.bodies[0].includes(0x23));
  assert.equal(
    basesOf(
      "a.___memory_base=new WebAssembly.Global({value:'i32'},64);___table_base=new WebAssembly.Global({value:'i32'},1)",
    ).__memory_base,
    64,
  );
});
