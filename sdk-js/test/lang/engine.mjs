// The runtime of one main module, through its C exports alone: evaluates text,
// form by form, as every embedder does. It runs in Node and in a page; what only
// Node has is in node-engine.mjs.

// A RangeError in V8 and JavaScriptCore, an InternalError in SpiderMonkey.
const isTooDeep = ({ message }) => /call stack|recursion/i.test(message);

/**
 * Starts a runtime of the main module `createJank`. `readCore(ns)` gives the source
 * of a namespace that a module without the core library (stage 0) lacks.
 */
export async function startEngine(createJank, readCore = () => undefined) {
  let out = "";
  const module = await createJank({ jankWrite: (_stream, text) => (out += text) });
  let patches = 0;

  const text = (pointer) => module.UTF8ToString(pointer);
  const describe = ({ file, line, message }) => `${file}:${line}: ${message}`;
  const lastError = () => JSON.parse(text(module._jank_last_error_json()));

  function withStrings(strings, body) {
    const pointers = strings.map((string) => {
      const size = module.lengthBytesUTF8(string) + 1;
      const pointer = module._malloc(size);
      module.stringToUTF8(string, pointer, size);
      return pointer;
    });
    try {
      return body(...pointers);
    } finally {
      pointers.forEach((pointer) => module._free(pointer));
    }
  }

  function patchOf(unit) {
    const { entry, ns } = JSON.parse(text(module._jank_unit_describe(unit)));
    const start = module._jank_unit_patch(unit);
    return {
      entry,
      ns,
      bytes: module.HEAPU8.slice(start, start + module._jank_unit_patch_size(unit)),
    };
  }

  function install({ entry, ns, bytes }) {
    if (!WebAssembly.validate(bytes)) throw new Error(`${entry}: the module is not valid`);
    const path = `/patch-${++patches}.wasm`;
    module.FS.writeFile(path, bytes);
    const status = withStrings([path, entry], (p, e) => module._jank_hot_reload_load_patch(p, e));
    module.FS.unlink(path);
    if (status === 0) return { ns, value: text(module._jank_hot_reload_last_value()) };
    const error = lastError() ?? { message: text(module._jank_hot_reload_last_error()) };
    return { error: error.message, class: error.class, ns };
  }

  // Of the library: from the module, or when it is stage 0 from its embedder.
  function sourceOf(ns) {
    const embedded = withStrings([ns], (at) => module._jank_core_source(at));
    return embedded ? text(embedded) : readCore(ns);
  }

  function load(ns, { compiled, loaded } = {}) {
    const source = sourceOf(ns);
    if (source === undefined) return void loaded?.(); // the compiler says what is missing
    const { error } = run(source, { file: `${ns}.jank`, ns: "user", compiled });
    if (error) throw new Error(`${ns}: ${error}`);
    loaded?.();
  }

  // `finish(unit)` runs when every form is installed, `compiled(unit)` when one is
  // compiled, before it is installed; `loaded()` after those of what it required.
  function run(source, options = {}) {
    const { file = "test.jank", ns = "user", line = 1, finish, compiled, loaded } = options;
    const result = { value: "nil", ns };
    const stack = module.stackSave();
    const unit = withStrings([source, file, ns], (s, f, n) =>
      module._jank_unit_open(s, f, n, line),
    );
    try {
      for (;;) {
        const status = withStrings([`lang_${patches}`], (id) => module._jank_unit_next(unit, id));
        if (status === 0) {
          finish?.(unit);
          return result;
        }
        if (status < 0) {
          const { message, class: name, file: where, line: at } = lastError();
          return Object.assign(result, { error: message, class: name, where, at });
        }
        if (status === 2) {
          load(text(module._jank_unit_missing_ns(unit)), { compiled, loaded });
        } else {
          const patch = patchOf(unit);
          compiled?.(unit);
          Object.assign(result, install(patch));
        }
        if (result.error !== undefined) return result;
      }
    } catch (error) {
      if (!isTooDeep(error)) throw error;
      module.stackRestore(stack);
      module._jank_runtime_recover();
      return Object.assign(result, { error: error.message, class: "StackOverflowError" });
    } finally {
      module._jank_unit_close(unit);
    }
  }

  function cOf(unit, name, emit = module._jank_unit_emit_c) {
    const status = withStrings([name], (id) => emit(unit, id));
    if (status < 0) throw new Error(describe(lastError()));
    return text(module._jank_unit_patch(unit));
  }

  // Whole, and for a runtime that compiles nothing.
  function emitC(source, { name, ...options }) {
    const result = {};
    const finish = (unit) => {
      result.whole = cOf(unit, name);
      result.runtimeOnly = cOf(unit, name, module._jank_unit_emit_runtime_c);
    };
    const { error, where = options.file, at = "?" } = run(source, { ...options, finish });
    if (error !== undefined) throw new Error(`${where}:${at}: ${error}`);
    return result;
  }

  if (module._jank_runtime_init() < 0)
    throw new Error(`the runtime did not start: ${lastError()?.message}`);

  return {
    module,
    load,
    emitC,
    cOf,
    stats: () => JSON.parse(text(module._jank_hot_reload_get_stats())),
    evaluate(source, options) {
      out = "";
      return { ...run(source, options), out };
    },
  };
}
