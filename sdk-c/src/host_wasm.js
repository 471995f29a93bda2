// host_wasm.js - the host functions of object.h, in JavaScript (an Emscripten
// library). Here a patch's bytes become an instance, and output leaves the
// runtime: Module.jankWrite(stream, text), or the console, line by line.

addToLibrary({
  $jankHost: `{
    decoder: new TextDecoder(),
    encoder: new TextEncoder(),
    lines: ["", "", ""],
    environment: null,
    regexes: [],
    freeRegexes: [],
  }`,

  $jankText__deps: ["$jankHost"],
  $jankText: (pointer, size) =>
    jankHost.decoder.decode(HEAPU8.subarray(pointer >>> 0, (pointer >>> 0) + size)),

  host_write__deps: ["$jankHost", "$jankText"],
  host_write: (stream, pointer, size) => {
    const text = jankText(pointer, size);
    if (Module["jankWrite"]) {
      Module["jankWrite"](stream, text);
      return;
    }
    const lines = (jankHost.lines[stream] + text).split("\n");
    jankHost.lines[stream] = lines.pop();
    for (const line of lines) stream === 2 ? console.error(line) : console.log(line);
  },

  host_now: () => performance.now(),

  // What every patch may import: the runtime's exports, and its memory.
  $jankEnvironment__deps: ["$jankHost", "__stack_pointer"],
  $jankEnvironment: () =>
    (jankHost.environment ??= {
      ...wasmExports,
      memory: wasmMemory,
      __indirect_function_table: wasmTable,
      __stack_pointer: wasmImports["__stack_pointer"],
    }),

  host_has_function__deps: ["$jankEnvironment"],
  host_has_function: (name) => {
    const field = UTF8ToString(name);
    const has = (table) => Object.hasOwn(table, field) && typeof table[field] === "function";
    return has(jankEnvironment()) || has(wasmImports) ? 1 : 0;
  },

  host_patch_instantiate__deps: ["$jankEnvironment", "$stringToUTF8"],
  host_patch_instantiate: (bytes, size, memoryBase, tableBase, error, errorSize) => {
    try {
      const start = bytes >>> 0;
      const module = new WebAssembly.Module(HEAPU8.slice(start, start + size));
      const base = (value) => new WebAssembly.Global({ value: "i32" }, value);
      const env = Object.create(jankEnvironment());
      env.__memory_base = base(memoryBase);
      env.__table_base = base(tableBase);
      new WebAssembly.Instance(module, { env }); // fills its range of the table
      return 0;
    } catch (reason) {
      stringToUTF8(String(reason?.message ?? reason), error, errorSize);
      return -7;
    }
  },

  host_call__deps: ["$stringToUTF8", "$stackSave", "$stackRestore"],
  host_call: (fn, argument, error, errorSize) => {
    const stack = stackSave();
    try {
      return wasmTable.get(fn)(argument);
    } catch (reason) {
      if (reason instanceof WebAssembly.Exception) throw reason;
      stackRestore(stack);
      stringToUTF8(`the patch trapped: ${reason?.message ?? reason}`, error, errorSize);
      return 0;
    }
  },

  host_table_grow: (n) => {
    try {
      return wasmTable.grow(n);
    } catch {
      return 0;
    }
  },

  host_table_clear: (first, n) => {
    for (let i = first; i < first + n; i++) wasmTable.set(i, null);
  },

  // Java's inline flags at the head become JavaScript's; the `u` flag is
  // dropped for patterns that only the lenient syntax accepts.
  $jankRegex: (source) => {
    const head = /^\(\?([imsu]+)\)/.exec(source);
    const flags = "dg" + [...(head?.[1] ?? "")].filter((f) => f !== "u").join("");
    const body = (head ? source.slice(head[0].length) : source)
      .replace(/^\\A/, "^")
      .replace(/\\[zZ]$/, "$")
      .replace(/\\p\{(Alpha|Digit|Alnum|Upper|Lower|Punct|Space)\}/g, (_, name) => {
        const classes = {
          Alpha: "A-Za-z",
          Digit: "0-9",
          Alnum: "A-Za-z0-9",
          Upper: "A-Z",
          Lower: "a-z",
          Punct: "!-\\/:-@\\[-`{-~",
          Space: "\\s",
        };
        return `[${classes[name]}]`;
      });
    try {
      return new RegExp(body, flags + "u");
    } catch (strict) {
      if (/\\[pP]\{|\\u\{/.test(body)) throw strict;
      return new RegExp(body, flags);
    }
  },

  host_regex_compile__deps: ["$jankHost", "$jankRegex", "$stringToUTF8", "$UTF8ToString"],
  host_regex_compile: (source, error, errorSize) => {
    try {
      const regex = jankRegex(UTF8ToString(source));
      const handle = jankHost.freeRegexes.pop() ?? jankHost.regexes.length;
      jankHost.regexes[handle] = regex;
      return handle;
    } catch (reason) {
      stringToUTF8(String(reason.message), error, errorSize);
      return -1;
    }
  },

  host_regex_exec__deps: ["$jankHost", "$jankText"],
  host_regex_exec: (handle, pointer, size, from, groups, max) => {
    const text = jankText(pointer, size);
    const ascii = text.length === size;
    const regex = jankHost.regexes[handle];
    regex.lastIndex = ascii ? from : jankText(pointer, from).length;
    const match = regex.exec(text);
    if (!match) return 0;
    const offset = (unit) => (ascii ? unit : jankHost.encoder.encode(text.slice(0, unit)).length);
    const count = Math.min(match.length, max);
    for (let i = 0; i < count; i++) {
      const [start, end] = match.indices[i] ?? [-1, -1];
      HEAP32[(groups >> 2) + 2 * i] = start < 0 ? -1 : offset(start);
      HEAP32[(groups >> 2) + 2 * i + 1] = end < 0 ? -1 : offset(end);
    }
    return count;
  },

  host_regex_free__deps: ["$jankHost"],
  host_regex_free: (handle) => {
    jankHost.regexes[handle] = null;
    jankHost.freeRegexes.push(handle);
  },
});
