// link.mjs - what Emscripten's linker leaves to do in a main module, for the
// project's own build and for `jank-hot bundle`:
//
//   its bytes -> sections -> addresses (relocate.mjs) -> spills (spill.mjs) -> bytes
//
// Only code and data change, and no function's index. The result depends on the
// module and its JavaScript alone.

import { collectingCalls } from "./calls.mjs";
import { basesOf, relocate } from "./relocate.mjs";
import { spill } from "./spill.mjs";
import { readModule, writeModule } from "./wasm.mjs";

/** The function that collects: value/gc.c. It is exported, so no caller has it inline. */
const COLLECTOR = "gc_collect";

/** What functions call when the linear stack is at its end: who asks bounds recursion. */
const OVERFLOW = "jank_stack_overflow";

/** Imports that call nothing of the module. What writes may call the page's code. */
const LEAVES =
  /^(host_(now|big|trace|regex_\w+|js_release|has_function|table_\w+)|emscripten_(resize_heap|date_now)|_abort_js|environ_\w+|_emscripten_get_now_is_monotonic)$/;

/**
 * @param {Uint8Array} bytes the main module
 * @param {string} script Emscripten's JavaScript for it
 * @returns {Uint8Array}
 */
export function finishModule(bytes, script) {
  const module = readModule(bytes);
  relocate(module, basesOf(script));
  addSpills(module, { collector: COLLECTOR, overflow: OVERFLOW, leaves: LEAVES });
  return writeModule(module);
}

/** Keeps what lives across a call that may collect in the linear stack. */
export function addSpills(module, options) {
  const stackPointer = module.importedGlobals.indexOf("__stack_pointer");
  if (stackPointer < 0) throw new Error("the module does not import __stack_pointer");
  const { functions, counts, runs } = collectingCalls(module, options);
  const overflow = module.exports.get(options.overflow);
  module.bodies = module.bodies.map((body, i) =>
    spill(body, functions[i], { counts, runs, stackPointer, overflow }),
  );
}
