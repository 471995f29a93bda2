// Facts that C decides and TypeScript has to know: here once, each with its name in C, and
// compared with the C sources by test/shared.test.ts.

/** Bytes of a patch: JANK_PATCH_MAX_SIZE of jank_patch.h. */
export const MAX_PATCH_BYTES = 4 * 1024 * 1024;

/** JANK_PATCH_ABI of jank_patch.h. */
export const PATCH_ABI = 3;

/** What the name of a patch's entry begins with: JANK_PATCH_ENTRY_PREFIX of jank_patch.h. */
export const ENTRY_PREFIX = "jank_patch_symbols_";

/** Of a patch that was compiled from C: JANK_PATCH_SECTION, JANK_PATCH_NATIVE of jank_patch.h. */
export const PATCH_SECTION = "jank.patch";
export const NATIVE_SECTION = "jank.native";

/** What jank_hot_reload_load_patch answers for a module of dlopen's: PATCH_DUPLICATE of
 * load/inspect.h. */
export const PATCH_DUPLICATE = -9;

/** What jank_unit_next answers: UNIT_* of unit.c. */
export const UNIT = { error: -1, end: 0, form: 1, missingNs: 2 } as const;

/** The class of what was cut off, and its message: value/error.c. */
export const INTERRUPTED = "InterruptedException";
export const INTERRUPTED_MESSAGE = "interrupted";

/** The section of NATIVE_SECTION: FORMAT and the enumerations of load/native.c. */
export const NATIVE = {
  format: 1,
  target: { segment: 0, function: 1, extern: 2 },
  encoding: { uleb5: 0, sleb5: 1, i32: 2 },
  segment: { constructed: 1, zero: 2 },
} as const;

/** Where fields of a jank_hot_function (jank_hot.h) are, in WebAssembly. */
export const HOT_FUNCTION = { name: 0, text: 8, line: 16, pointer: 20 } as const;
