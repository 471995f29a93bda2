// wasm.js - the host functions of host.h, in JavaScript (an Emscripten
// library). Here a patch's bytes become an instance, and output leaves the
// runtime: Module.jankWrite(stream, text), or the console, line by line.

addToLibrary({
  $jankHost: `{
    decoder: new TextDecoder(),
    encoder: new TextEncoder(),
    lines: ["", "", ""],
    nextPoll: 0,
    environment: null,
    regexes: [],
    freeRegexes: [],
    // What jank has handles of, and which; 0 is none.
    values: [undefined],
    handles: new Map(),
    freeHandles: [],
    // What JavaScript has of jank: address -> WeakRef of the wrapper.
    wrappers: new Map(),
    addresses: new WeakMap(),
    registry: null,
  }`,

  // What was thrown may itself throw when it is looked at: a getter, a proxy.
  $jankLook: (look, otherwise) => {
    try {
      return look();
    } catch {
      return otherwise;
    }
  },

  // An exception of jank on its way to its handler.
  $jankIsException__deps: ["$jankLook"],
  $jankIsException: (error) => jankLook(() => error instanceof WebAssembly.Exception, false),

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

  host_tap__deps: ["$jankText"],
  host_tap: (pointer, size) => Module["jankTap"]?.(jankText(pointer, size)),

  // What runtime/docs.c reads: at Module.docsUrl, or beside jank.wasm. It is wanted in the
  // middle of what runs, so it is waited for. A server may answer with something else.
  $jankReadNow: (url) => {
    const fs = globalThis.process?.getBuiltinModule?.("fs");
    if (fs) return fs.readFileSync(url.startsWith("file:") ? new URL(url) : url, "utf8");
    const request = new XMLHttpRequest();
    request.open("GET", url, false);
    request.send();
    return request.status === 200 ? request.responseText : "";
  },

  host_docs__deps: ["$jankReadNow", "$stringToNewUTF8"],
  host_docs__sig: "p",
  host_docs: () => {
    try {
      const beside = () => findWasmBinary().replace(/[^/\\?#]*([?#].*)?$/, "jank-docs.txt");
      const text = jankReadNow(String(Module["docsUrl"] ?? beside()));
      return text.startsWith("# What the library says") ? stringToNewUTF8(text) : 0;
    } catch {
      return 0; // there is none, or it may not be had
    }
  },

  host_now: () => performance.now(),

  // Module.jankPoll is asked once in 5 ms; after a yes not for 50, in which `finally`
  // may run. When it fails, nobody could interrupt: a yes.
  host_poll__deps: ["$jankHost"],
  host_poll: () => {
    const poll = Module["jankPoll"];
    if (!poll || performance.now() < jankHost.nextPoll) return 0;
    let interrupted = true;
    try {
      interrupted = poll();
    } catch {
      // as it is
    }
    jankHost.nextPoll = performance.now() + (interrupted ? 50 : 5);
    return interrupted ? 1 : 0;
  },

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

  host_native_instantiate__deps: ["$jankEnvironment", "$jankHost", "$stringToUTF8"],
  host_native_instantiate: (bytes, size, slots, imports, exports, error, errorSize) => {
    try {
      const start = bytes >>> 0;
      const module = new WebAssembly.Module(HEAPU8.slice(start, start + size));
      const env = Object.create(jankEnvironment());
      let i = 0;
      for (const { name, kind } of WebAssembly.Module.imports(module)) {
        const slot = kind === "function" && i < imports ? HEAPU32[(slots >> 2) + i++] : 0;
        if (slot) env[name] = wasmTable.get(slot);
        else if (!(name in env)) env[name] = wasmImports[name];
      }
      jankHost.native = new WebAssembly.Instance(module, { env }).exports;
      for (i = 0; i < exports; i++)
        if (typeof jankHost.native[i] !== "function") throw new Error(`no function ${i}`);
      return 0;
    } catch (reason) {
      stringToUTF8(String(reason?.message ?? reason), error, errorSize);
      return -7;
    }
  },

  // addFunction brings setWasmTableEntry, which keeps Emscripten's copy of the table right.
  host_native_bind__deps: ["$jankHost", "$addFunction"],
  host_native_bind: (number, slot) => setWasmTableEntry(slot, jankHost.native[number]),

  host_native_call__deps: ["$UTF8ToString"],
  host_native_call: (slot, kinds, argc, words) => {
    const types = UTF8ToString(kinds);
    const view = new DataView(HEAPU8.buffer);
    const args = Array.from({ length: argc }, (_, i) => {
      const at = words + 8 * i;
      if (/[lm]/.test(types[i + 1])) return view.getBigInt64(at, true);
      return /[fd]/.test(types[i + 1]) ? view.getFloat64(at, true) : view.getInt32(at, true);
    });
    const result = wasmTable.get(slot)(...args);
    const after = new DataView(HEAPU8.buffer); // it may have grown
    if (typeof result === "bigint") after.setBigInt64(words, result, true);
    else if (/[fd]/.test(types[0])) after.setFloat64(words, result, true);
    else after.setInt32(words, result ?? 0, true);
  },

  host_call__deps: [
    "$jankIsException",
    "$jankLook",
    "$stringToUTF8",
    "$stackSave",
    "$stackRestore",
  ],
  host_call: (fn, argument, error, errorSize) => {
    const stack = stackSave();
    try {
      return wasmTable.get(fn)(argument);
    } catch (reason) {
      if (jankIsException(reason)) throw reason;
      stackRestore(stack);
      const what = jankLook(() => `${reason?.message ?? reason}`, "something was thrown");
      stringToUTF8(`the patch trapped: ${what}`, error, errorSize);
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

  // ---- Values of JavaScript: see runtime/js.c. A js_value is 16 bytes: kind, size,
  // payload at 8.

  $jankHandle__deps: ["$jankHost"],
  $jankHandle: (value) => {
    const known = jankHost.handles.get(value);
    if (known !== undefined) return known;
    const handle = jankHost.freeHandles.pop() ?? jankHost.values.length;
    jankHost.values[handle] = value;
    jankHost.handles.set(value, handle);
    return handle;
  },

  host_js_release__deps: ["$jankHost"],
  host_js_release: (handle) => {
    jankHost.handles.delete(jankHost.values[handle]);
    jankHost.values[handle] = undefined;
    jankHost.freeHandles.push(handle);
  },

  // A value of jank as JavaScript sees it: a function, or an object that holds it.
  // Calls that JavaScript makes by itself go through Module.jankEnter, if it is there.
  $jankWrapper__deps: ["$jankHost", "$jankCallback", "$jankKeep"],
  $jankWrapper: (address, isFunction) => {
    const known = jankHost.wrappers.get(address)?.deref();
    if (known) return known;
    const wrapper = isFunction
      ? function (...args) {
          const call = () => jankCallback(address, args);
          return Module["jankEnter"] ? Module["jankEnter"](call) : call();
        }
      : Object.create(null, { [Symbol.toStringTag]: { value: "JankValue" } });
    jankHost.wrappers.set(address, new WeakRef(wrapper));
    return jankKeep(wrapper, address);
  },

  // The value at the address lives for as long as the object that stands for it.
  $jankKeep__deps: ["$jankHost"],
  $jankKeep: (object, address) => {
    jankHost.registry ??= new FinalizationRegistry((gone) => {
      if (!jankHost.wrappers.get(gone)?.deref()) jankHost.wrappers.delete(gone);
      if (!Module["jankAbandoned"]) wasmExports["jank_js_release"](gone);
    });
    wasmExports["jank_js_retain"](address);
    jankHost.registry.register(object, address);
    jankHost.addresses.set(object, address);
    return object;
  },

  $jankTake__deps: ["$jankText", "$jankHost", "$jankWrapper"],
  $jankTake: (at) => {
    switch (HEAP32[at >> 2]) {
      case 1:
        return false;
      case 2:
        return true;
      case 3:
        return HEAPF64[(at + 8) >> 3];
      case 4:
        return new DataView(HEAPU8.buffer).getBigInt64(at + 8, true);
      case 5:
        return jankText(HEAPU32[(at + 8) >> 2], HEAPU32[(at + 4) >> 2]);
      case 6:
        return jankHost.values[HEAP32[(at + 8) >> 2]];
      case 7:
      case 8:
        return jankWrapper(HEAPU32[(at + 8) >> 2], HEAP32[at >> 2] === 7);
      default:
        return null;
    }
  },

  $jankGive__deps: ["$jankHost", "$jankHandle"],
  $jankGive: (at, value) => {
    const put = (kind, payload = 0) => {
      HEAP32[at >> 2] = kind;
      HEAP32[(at + 8) >> 2] = payload;
    };
    switch (typeof value) {
      case "undefined":
        return put(0);
      case "boolean":
        return put(value ? 2 : 1);
      case "number":
        put(3);
        HEAPF64[(at + 8) >> 3] = value;
        return;
      case "bigint":
        if (BigInt.asIntN(64, value) !== value) break;
        put(4);
        return new DataView(HEAPU8.buffer).setBigInt64(at + 8, value, true);
      case "string": {
        const bytes = jankHost.encoder.encode(value);
        const text = wasmExports["malloc"](bytes.length + 1);
        HEAPU8.set(bytes, text);
        put(5, text);
        HEAP32[(at + 4) >> 2] = bytes.length;
        return;
      }
    }
    if (value === null) return put(0);
    const address = jankHost.addresses.get(Object(value));
    if (address !== undefined) return put(8, address);
    put(6, jankHandle(value));
  },

  // Calls a function of jank. What it throws is an Error that carries the value.
  $jankCallback__deps: [
    "$jankTake",
    "$jankGive",
    "$jankHost",
    "$stackSave",
    "$stackRestore",
    "$UTF8ToString",
  ],
  $jankCallback: (address, args) => {
    const stack = stackSave();
    const handlers = wasmExports["jank_handlers"]();
    const values = wasmExports["malloc"](16 * Math.max(args.length, 1));
    try {
      args.forEach((arg, i) => jankGive(values + 16 * i, arg));
      const threw = wasmExports["jank_js_call"](address, args.length, values);
      if (!threw) return jankTake(values);
      if (HEAP32[values >> 2] !== 9) throw jankTake(values);
      const exception = HEAPU32[(values + 8) >> 2];
      wasmExports["jank_js_retain"](exception); // its texts are made now
      const text = (part) => UTF8ToString(wasmExports["jank_js_exception_text"](exception, part));
      const error = jankKeep(new Error(text(1)), exception);
      wasmExports["jank_js_release"](exception);
      error.name = text(0);
      const trace = text(2);
      if (trace) error.stack = `${error.name}: ${error.message}\n${trace}`;
      throw error;
    } catch (error) {
      stackRestore(stack);
      wasmExports["jank_set_handlers"](handlers);
      throw error;
    } finally {
      wasmExports["free"](values);
    }
  },

  // The function that is, and will be, the value of a var.
  $jankFunction__deps: ["$jankTake", "$stringToUTF8OnStack", "$stackSave", "$stackRestore"],
  $jankFunction: (ns, name) => {
    const stack = stackSave();
    const value = wasmExports["malloc"](16);
    try {
      const [nsAt, nameAt] = [stringToUTF8OnStack(ns), stringToUTF8OnStack(name)];
      wasmExports["jank_js_export"](nsAt, nameAt, value);
      return jankTake(value);
    } finally {
      wasmExports["free"](value);
      stackRestore(stack);
    }
  },

  // Calls the function of that name (a C string). undefined: it threw, and
  // jank_last_error_json tells what.
  $jankCall__deps: ["$jankTake", "$jankGive"],
  $jankCall: (name, args) => {
    const values = wasmExports["malloc"](16 * Math.max(args.length, 1));
    try {
      args.forEach((arg, i) => jankGive(values + 16 * i, arg));
      if (wasmExports["jank_js_call_var"](name, args.length, values)) return undefined;
      return { value: jankTake(values) };
    } finally {
      wasmExports["free"](values);
    }
  },

  $jankOperations__deps: ["$jankHost"],
  $jankOperations: `[
    (name) => {
      if (name in globalThis) return globalThis[name];
      if (name === "undefined") return undefined;
      throw new ReferenceError(name + " is not defined");
    },
    (object, key) => object[key],
    (object, key, value) => void (object[key] = value),
    (object, key, ...args) => {
      if (typeof object?.[key] === "function") return object[key](...args);
      throw new TypeError("the object has no method " + String(key));
    },
    (f, ...args) => f(...args),
    (constructor, ...args) => new constructor(...args),
    (...entries) => {
      const object = {};
      for (let i = 0; i + 1 < entries.length; i += 2) object[entries[i]] = entries[i + 1];
      return object;
    },
    (...items) => items,
    (object) => Object.keys(object),
    (object) => (Array.isArray(object) ? object : Array.from(object)),
    (object) =>
      typeof object.length === "number" ? object.length
      : typeof object.size === "number" ? object.size
      : Array.from(object).length,
    (value) => typeof value,
    (value, constructor) => value instanceof constructor,
    (value, readably, still, length, size) =>
      still ? jankShowStill(value) : jankShow(value, readably, { length, left: size }),
    (object, key) => delete object[key],
    (a, b) => a === b,
    (value) => {
      if (Array.isArray(value)) return "array";
      if (typeof value !== "object" || value === null) return typeof value;
      const prototype = Object.getPrototypeOf(value);
      return prototype === null || prototype === Object.prototype ? "object" : "other";
    },
    // false: what waits for a line is interrupted.
    () => Module["jankReadLine"]?.() ?? null,
  ]`,

  // As it is printed: plain data as #js, anything else by its class.
  $jankShow__deps: ["$jankHost", "$UTF8ToString"],
  // limits: `length` items of each, and `left` characters of all, counted at items.
  $jankShow: (value, readably, limits, depth = 0) => {
    const textOf = (item) =>
      typeof item === "string"
        ? JSON.stringify(item)
        : item === null || item === undefined
          ? "nil"
          : typeof item === "object"
            ? jankShow(item, true, limits, depth + 1)
            : typeof item === "function"
              ? `#object[Function ${item.name}]`
              : String(item);
    const some = (items, show, separator) => {
      const texts = [];
      for (let i = 0; i < items.length; i++) {
        if (i >= limits.length || limits.left <= 0) {
          texts.push("...");
          break;
        }
        texts.push(show(items[i]));
        limits.left -= texts[i].length + 1;
      }
      return texts.join(separator);
    };
    if (depth > 8) return "...";
    const address = jankHost.addresses.get(Object(value));
    if (address !== undefined) return UTF8ToString(wasmExports["jank_js_show"](address));
    if (value instanceof Error)
      return readably ? `#object[${value.name} ${JSON.stringify(value.message)}]` : String(value);
    if (Array.isArray(value)) return `#js [${some(value, textOf, " ")}]`;
    if (typeof value === "function") return `#object[Function ${value.name}]`;
    if (typeof value !== "object") return String(value);
    const prototype = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype)
      return `#js {${some(Object.keys(value), (key) => `:${key} ${textOf(value[key])}`, ", ")}}`;
    return `#object[${prototype.constructor?.name ?? "Object"} ${String(value)}]`;
  },

  // For an error message: nothing of the program runs, no toString and no getter. Only the
  // traps of a Proxy do, as nothing tells that an object is one.
  $jankShowStill__deps: ["$jankHost", "$UTF8ToString"],
  $jankShowStill: (value) => {
    if (typeof value === "function") return "#object[Function]";
    if (typeof value !== "object" || value === null) return String(value);
    if (Array.isArray(value)) return `#js [${value.length} items]`;
    const data = (object, key) => Object.getOwnPropertyDescriptor(object, key)?.value;
    const prototype = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype)
      return `#js {${Object.keys(value)
        .slice(0, 9)
        .map((key, i) => (i < 8 ? `:${key}` : "..."))
        .join(", ")}}`;
    const constructor = data(prototype, "constructor");
    const name = typeof constructor === "function" ? data(constructor, "name") : "Object";
    const message = value instanceof Error ? data(value, "message") : undefined;
    return `#object[${name}${typeof message === "string" ? ` ${JSON.stringify(message)}` : ""}]`;
  },

  host_js__deps: [
    "$jankOperations",
    "$jankLook",
    "$jankIsException",
    "$jankShow",
    "$jankShowStill",
    "$jankTake",
    "$jankGive",
    "$stackSave",
    "$stackRestore",
  ],
  host_js: (operation, count, values) => {
    const stack = stackSave();
    const handlers = wasmExports["jank_handlers"]();
    try {
      const args = Array.from({ length: count }, (_, i) => jankTake(values + 16 * i));
      jankGive(values, jankOperations[operation](...args));
      return 0;
    } catch (error) {
      if (jankIsException(error)) throw error;
      stackRestore(stack);
      wasmExports["jank_set_handlers"](handlers);
      jankGive(values, error);
      // A RangeError in V8 and JavaScriptCore, an InternalError in SpiderMonkey.
      const isTooDeep = () => error instanceof Error && /call stack|recursion/i.test(error.message);
      return jankLook(isTooDeep, false) ? 2 : 1;
    }
  },

  // Captured now, made text when somebody asks. (V8 keeps 10 frames by itself.)
  host_trace__deps: ["$jankHandle"],
  host_trace: () => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 50;
    const error = new Error();
    Error.stackTraceLimit = limit;
    return jankHandle(error);
  },

  // Frames as V8, SpiderMonkey and JavaScriptCore write them. Functions of patches
  // have names such as "eita/ggg (src/eita.jank:12)"; nothing else has.
  $jankFrames__deps: ["$jankHost", "$jankLook"],
  $jankFrames: (error) =>
    jankLook(() => String(error?.stack ?? ""), "")
      .split("\n")
      .map((line) => {
        const found =
          /^\s*at (.*) \(wasm:.*:wasm-function\[\d+\]:(0x[0-9a-f]+)\)$/.exec(line) ??
          /^(.*)@.*:wasm-function\[\d+\](?::(0x[0-9a-f]+))?$/.exec(line) ??
          /wasm-function\[(.*)\]@\[wasm code\]$/.exec(line);
        const place = /^(\S+) \((.*):(\d+)\)$/.exec(found?.[1] ?? "");
        return place && [...place.slice(1), Number(found[2] ?? -1)].join("\t");
      })
      .filter(Boolean),

  host_trace_frames__deps: ["$jankFrames", "$jankHost", "$stringToNewUTF8"],
  host_trace_frames: (handle) => stringToNewUTF8(jankFrames(jankHost.values[handle]).join("\n")),

  host_big__deps: ["$jankTake", "$jankGive"],
  host_big: (operation, values) => {
    const a = BigInt(jankTake(values));
    const b = BigInt(jankTake(values + 16));
    const results = [
      () => a + b,
      () => a - b,
      () => a * b,
      () => a / b,
      () => a % b,
      () => {
        let [x, y] = [a, b];
        while (y !== 0n) [x, y] = [y, x % y];
        return x < 0n ? -x : x;
      },
      () => a - b,
    ];
    jankGive(values, String(results[operation]()));
  },

  host_regex_free__deps: ["$jankHost"],
  host_regex_free: (handle) => {
    jankHost.regexes[handle] = null;
    jankHost.freeRegexes.push(handle);
  },
});
