// What is used of the runtime's module, which Emscripten makes: functions of C
// (sdk-c/include/jank.h), of its host in JavaScript, and of Emscripten's own.

/** The parts of the Emscripten module that are used here. */
export interface JankModule {
  FS: { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void };
  HEAPU8: Uint8Array;
  wasmMemory: WebAssembly.Memory;
  UTF8ToString(pointer: number): string;
  stackSave(): number;
  stackRestore(stack: number): void;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _jank_runtime_init(): number;
  _jank_runtime_recover(): void;
  _jank_invoke(name: number, argumentsText: number): number;
  _jank_last_error_json(): number;
  _jank_core_source(ns: number): number;
  _jank_core_source_file(ns: number): number;
  _jank_ns_failed(ns: number): void;
  _jank_hot_reload_load_patch(path: number, symbol: number): number;
  _jank_hot_reload_last_error(): number;
  _jank_hot_reload_last_value(): number;
  _jank_hot_reload_last_ns(): number;
  _jank_hot_reload_get_stats(): number;
  _jank_hot_reload_begin(): number;
  _jank_hot_reload_commit(): number;
  _jank_hot_reload_rollback(): number;
  _jank_hot_reload_session(id: number): void;
  _jank_tap_listen(wanted: number): void;
  /** Gets what is given to tap>; see Runtime.onTap. */
  jankTap?: (text: string) => void;
  _jank_hot_reload_hooks(): number;
  _jank_hot_reload_hooks_generation(): number;
  /** undefined: it threw, and Runtime.lastError() is what. */
  jankCall(name: number, args: unknown[]): { value: unknown } | undefined;
  _jank_unit_open(source: number, file: number, ns: number, line: number): number;
  _jank_unit_next(unit: number, id: number): number;
  _jank_unit_bundle(unit: number, id: number): number;
  _jank_unit_emit_c(unit: number, name: number): number;
  _jank_unit_patch(unit: number): number;
  _jank_unit_patch_size(unit: number): number;
  _jank_unit_describe(unit: number): number;
  _jank_unit_missing_ns(unit: number): number;
  _jank_unit_place(unit: number): number;
  _jank_unit_close(unit: number): void;
  /** Nothing may enter it any more; see Runtime.abandon. */
  jankAbandoned?: boolean;
  /** See LoadOptions.poll. */
  jankPoll?: () => boolean;
  /** See Runtime.build. */
  jankBuild?: string | undefined;
}
