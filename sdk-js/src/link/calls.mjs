// calls.mjs - which calls may collect garbage before they return.
//
// A function collects when a call in it may: of the collector, of a function that
// collects, through the table, or of the host. Not counted are calls that never
// return (error_throw): after them nothing in the frame lives any more. That is
// sound because a frame goes on after a throw only from a `try` of its own, and
// there every call that reaches the collector at all counts, whether it returns
// or throws. So while a call that does not collect is under way and returns, no
// collection was in it: each frame below either returned, or was left by a throw
// to a `try` in a frame below, whose function then collects.
//
// Through the table goes any function of the type that the module puts there; of
// types with words only, fn(word, ...) -> word, also those of patches, which may
// do anything.

import { flowOf } from "./flow.mjs";
import { I32, OP, readCode } from "./wasm.mjs";

/**
 * The functions with their flow, and of a call whether it may collect, and whether
 * it may run any code, of patches and the page.
 *
 * @param {import("./wasm.mjs").Module} module
 * @param {{ collector: string, leaves: RegExp }} options the collecting function's
 *   export, and the imports that call nothing of the module
 */
export function collectingCalls(module, { collector, leaves }) {
  const root = module.exports.get(collector);
  if (root === undefined) throw new Error(`the module does not export ${collector}`);
  const { functions, deadEnds } = flowsOf(module);
  const hosts = module.imports
    .filter(({ kind }) => kind === 0)
    .flatMap(({ name }, i) => (leaves.test(name) ? [] : [i]));
  const returns = ({ op, value }) => op !== OP.call || !deadEnds.has(value);

  const start = [root, ...hosts];
  const reaching = closure(module, functions, start, (call, leads) => leads(call));
  const collecting = closure(module, functions, start, (call, leads) =>
    call.inTry ? reaching(call) : returns(call) && leads(call),
  );
  const counts = (call) => (call.inTry ? reaching(call) : returns(call) && collecting(call));
  const running = closure(module, functions, hosts, (call, leads) => leads(call));
  return { functions, counts, runs: (call) => returns(call) && running(call) };
}

/** What does not return is found from the bottom up, round by round. */
function flowsOf(module) {
  const deadEnds = new Set();
  const isDeadEnd = (index) => deadEnds.has(index);
  const codes = module.bodies.map(readCode);
  const make = (code, i) => {
    const index = module.importedFunctions + i;
    return { index, code, flow: flowOf(module, module.functionTypes[index], code, isDeadEnd) };
  };
  const functions = codes.map(make);
  for (let found = functions; found.length > 0;) {
    found = found.filter(({ flow, index }) => !flow.isLeft && !deadEnds.has(index));
    const fresh = new Set(found.map(({ index }) => index));
    fresh.forEach((index) => deadEnds.add(index));
    found = functions.filter(({ flow }) =>
      flow.calls.some(({ op, value }) => op === OP.call && fresh.has(value)),
    );
    for (const each of found)
      each.flow = flowOf(module, module.functionTypes[each.index], each.code, isDeadEnd);
  }
  return { functions, deadEnds };
}

const isWordsOnly = ({ params, results }) =>
  params.every((type) => type === I32) && results.length === 1 && results[0] === I32;

/**
 * The calls that lead to one of the functions `start`, through calls that
 * `counts(call, leads)` says count.
 */
function closure(module, functions, start, counts) {
  const shapes = module.types.map(({ params, results }) => `${params}>${results}`);
  const shapeOf = (index) => shapes[module.functionTypes[index]];
  const leading = new Set();
  const leadingShapes = new Set(shapes.filter((_, i) => isWordsOnly(module.types[i])));
  const leads = ({ op, value }) =>
    op === OP.call ? leading.has(value) : leadingShapes.has(shapes[value]);
  const add = (index) => {
    leading.add(index);
    if (module.inTable.has(index)) leadingShapes.add(shapeOf(index));
  };
  start.forEach(add);
  for (let size = -1; size !== leading.size;) {
    size = leading.size;
    for (const { index, flow } of functions)
      if (!leading.has(index) && flow.calls.some((call) => counts(call, leads))) add(index);
  }
  return leads;
}
