// Functions in C and C++ that are replaced while the program runs: a bundle of real
// Emscripten, its files compiled again by real clang, in Node.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, before, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import { WebSocket } from "ws";
import { setupEmscripten } from "../../tools/setup-emscripten.mjs";
import { BUILD, DIST } from "../../tools/system.mjs";

// The objects of the runtime stay there from run to run.
const folder = join(BUILD, "test/native");
const CLI = join(DIST, "cli.js");

const FILES = {
  "src/native.c": `#include <jank_patch.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include "shared.h"

static int count = 5;
int total = 100;
static struct point corner = {1, 2};
static const char *const words[] = {"zero", "one"};
static const char *title = "first";
static jmp_buf back;

static int helper(int v) { return v + FACTOR; }
static int callback(int v) { return v + 1; }
static int (*kept)(int) = callback;

JANK_HOT(int, ggg, (int v)) {
  static int calls;
  calls++;
  count += v;
  return v + 48;
}
JANK_HOT(int, get_count, (void)) { return count; }
JANK_HOT(unsigned, address, (void)) { return (unsigned)&count; }
JANK_HOT(const char *, word, (int i)) { return i < 0 ? NULL : words[i & 1]; }
JANK_HOT(const char *, get_title, (void)) { return title; }
JANK_HOT(int, call_others, (int v)) { return other(helper(v)); }
JANK_HOT(int, call_kept, (int v)) { return kept(v); }
JANK_HOT(int, jump, (int v)) {
  if (setjmp(back)) return -v;
  longjmp(back, 1);
}
JANK_HOT(int, say, (int v)) { return printf("said %d\\n", v); }

JANK_HOT(int64_t, big, (int64_t n)) { return n * 2; }
JANK_HOT(unsigned char, byte, (unsigned char c)) { return c + 1; }
JANK_HOT(float, quarter, (float f)) { return f / 4; }
JANK_HOT(double, half, (double d, bool really)) { return really ? d / 2 : d; }
JANK_HOT(bool, is_empty, (const char *s)) { return !s || !*s; }
JANK_HOT(struct point *, where, (void)) { return &corner; }
JANK_HOT(int, sum, (struct point *p)) { return p ? p->x + p->y : -1; }
JANK_HOT(int, by_value, (struct point p)) { return p.x; }
JANK_HOT(int, many, (int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k,
                     int l, int m, int n, int o, int p, int q, int r, int s, int t)) {
  return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t;
}

/* C calls jank. */
JANK_HOT(int, ask_jank, (int v)) {
  jank_object *args[] = {jank_box_integer(v)};
  return (int)jank_unbox_integer(jank_call_var("eita", "ggg", 1, args));
}

int main(void) {
  total++;
  return 0;
}
`,
  "src/other.c": `#include <jank_patch.h>
#include "shared.h"
JANK_HOT_DECLARE(int, ggg, (int v));
int other(int v) { return ggg(v) * 100; }
`,
  "src/shared.h": `#include <stdbool.h>
#define FACTOR 1
struct point { int x, y; };
int other(int v);
`,
  "src/hero.cpp": `#include <jank_patch.h>
#include <stdexcept>
#include <string>
#include <vector>

struct hero {
  virtual ~hero() = default;
  virtual int strength() const { return 10; }
};
static std::vector<std::string> lines{"born"};
static hero *the_hero = new hero;

JANK_HOT(int, strength, ()) { return the_hero->strength(); }
JANK_HOT(int, note, (const char *text)) {
  static std::string last = "none";
  last = text;
  lines.push_back(last);
  return (int)lines.size();
}
JANK_HOT(const char *, entry, (unsigned i)) { return i < lines.size() ? lines[i].c_str() : nullptr; }
JANK_HOT(int, guarded, (int v)) {
  try {
    if (v < 0) throw std::runtime_error("negative");
    return v;
  } catch (const std::exception &e) {
    return -1;
  }
}
namespace deep {
int inside(int v) { return v + 1; }
}
JANK_HOT(int, through, (int v)) { return deep::inside(v); }
`,
  "src/plain.c": "int plain(int v) { return v; }\n",
  "src/eita.jank": `(ns eita)
(def offset 1)
(defn ggg [v] (+ v offset))
(defn ^:export both [v] (+ (c/ggg v) (c/ask_jank v)))
(def at-start (atom nil))
(reset! at-start (c/half 5 true))`,
};

const cli = (...args) =>
  new Promise((settle) => {
    const env = { ...process.env, PATH: `${dirname(emcc ?? ".")}:${process.env.PATH}` };
    const options = { cwd: folder, maxBuffer: 1 << 24, env };
    execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) =>
      settle({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

const write = (name, text) => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
};

let emcc;
let index;
let runtime;
let evaluator;
let compiler;
const printed = [];

before(async () => {
  for (const [name, text] of Object.entries(FILES)) write(name, text);
  emcc = await setupEmscripten();
  const sources = ["src/eita.jank", "src/native.c", "src/other.c", "src/hero.cpp", "src/plain.c"];
  const { code, stderr } = await cli(
    ...["bundle", ...sources, "-o", "dist", "-O", "1", "--compiler", "--emcc", emcc],
  );
  assert.equal(code, 0, stderr);
  index = await import(pathToFileURL(join(folder, "dist/index.js")).href);
  const { Compiler, Runtime } = await import(pathToFileURL(join(DIST, "index.js")).href);
  const { NativeCompiler } = await import(pathToFileURL(join(DIST, "server.js")).href);
  runtime = Runtime.adopt(index.module, { write: (_stream, text) => printed.push(text) });
  evaluator = new Compiler(runtime);
  compiler = await NativeCompiler.start({ module: join(folder, "dist/app.mjs"), emcc });
});

const call = (name, ...args) => runtime.invoke(`c/${name}`, ...args);
const jank = (code) => {
  const { value, error } = evaluator.eval(code);
  return error ? `${error.class}: ${error.message}` : value;
};

/** The result of compiling and installing the file with these parts replaced. */
async function patch(name, ...replacements) {
  let text = FILES[name];
  for (const [from, to] of replacements) {
    assert.ok(text.includes(from), `${from} is in ${name}`);
    text = text.replace(from, to);
  }
  write(name, text);
  const compiled = await compiler.compile(join(folder, name));
  if (!compiled.ok) return compiled;
  const installed = runtime.install(compiled.form.bytes, compiled.form.entry);
  return { ...installed, form: compiled.form };
}

/** As patch, and it must be well. */
async function edit(name, ...replacements) {
  const result = await patch(name, ...replacements);
  assert.ok(result.ok, result.error?.message);
  return result;
}

beforeEach(async () => {
  write("src/shared.h", FILES["src/shared.h"]);
  await edit("src/native.c");
  await edit("src/hero.cpp");
});

test("jank calls C, C calls jank, and each sees the other's newest function", async () => {
  assert.equal(jank("(c/ggg 10)"), "58");
  assert.equal(jank("(c/ask_jank 10)"), "11");
  assert.equal(index.both(1), 49 + 2);
  assert.equal(jank("@eita/at-start"), "2.5");
  await edit("src/native.c", ["return v + 48", "return v + 50"]);
  assert.equal(jank("(ns eita) (defn ggg [v] (* v 1000)) (c/ask_jank 10)"), "10000");
  assert.equal(index.both(1), 51 + 1000);
});

test("a patch replaces what other files call, with plain C types", async () => {
  assert.equal(call("call_others", 1), 5000);
  await edit("src/native.c", ["return v + 48", "return v + 50"]);
  assert.equal(call("call_others", 1), 5200);
});

test("variables stay where they are, and keep their values", async () => {
  const address = call("address");
  const [count, calls] = [call("get_count"), "return calls;"];
  await edit("src/native.c", ["return v + 48;", calls]);
  const before = call("ggg", 7);
  await edit("src/native.c", ["return v + 48;", `count++; ${calls}`]);
  assert.equal(call("ggg", 1), before + 1, "the static of the function");
  assert.equal(call("get_count"), count + 7 + 2, "the static of the file");
  assert.equal(call("address"), address);
  await edit("src/native.c", ["return v + 48;", "return total;"]);
  assert.equal(call("ggg", 0), 101, "the global, which main has counted up");
});

test("a variable that a patch brings is kept by those that follow", async () => {
  const fresh = (step) => ["return v + 48;", `static int fresh = 100; return fresh += ${step};`];
  await edit("src/native.c", fresh(1));
  assert.equal(call("ggg", 0), 101);
  await edit("src/native.c", fresh(10));
  assert.equal(call("ggg", 0), 111);
  await edit("src/native.c");
  await edit("src/native.c", fresh(100));
  assert.equal(call("ggg", 0), 211, "also when it was gone in between");
});

test("constants and functions that are not marked are the patch's", async () => {
  await edit("src/native.c", ['"zero", "one"', '"nul", "eins"'], ["v + FACTOR", "v + 2"]);
  assert.equal(call("word", 1), "eins");
  assert.equal(call("call_others", 1), 5100);
  await edit("src/native.c", ["count += v;", 'title = "second";']);
  call("ggg", 1);
  await edit("src/native.c");
  assert.equal(call("get_title"), "second", "a constant lives as long as who points to it");
});

test("a callback is replaced for those who have its address", async () => {
  assert.equal(call("call_kept", 1), 2);
  await edit("src/native.c", ["return v + 1; }", "return v + 20; }"]);
  assert.equal(call("call_kept", 1), 21);
});

test("the C library, setjmp and headers are there", async () => {
  await edit("src/native.c", [
    "return v + 48;",
    'char b[9]; snprintf(b, 9, "%d", v); return strlen(b);',
  ]);
  assert.equal(call("ggg", 12345), 5);
  assert.equal(call("jump", 3), -3);
  write("src/shared.h", FILES["src/shared.h"].replace("FACTOR 1", "FACTOR 5"));
  const { form } = await edit("src/native.c");
  assert.ok(form.bytes.length > 0);
  assert.equal(call("call_others", 1), 5400);
  const { headers } = await compiler.compile(join(folder, "src/native.c"));
  assert.deepEqual(headers, [join(folder, "src/shared.h")]);
});

test("arguments and results are converted by their types", () => {
  assert.equal(jank("(c/big 4611686018427387903)"), "9223372036854775806");
  assert.equal(jank("(c/byte 255)"), "0");
  assert.equal(jank("(c/quarter 1)"), "0.25");
  assert.equal(jank("[(c/half 3 true) (c/half 3 nil)]"), "[1.5 3.0]");
  assert.equal(jank('[(c/is_empty "") (c/is_empty nil) (c/is_empty "ü")]'), "[true true false]");
  assert.equal(jank("[(c/word 1) (c/word -1)]"), '["one" nil]');
  assert.equal(jank("[(c/sum (c/where)) (c/sum nil)]"), "[3 -1]");
  assert.equal(jank("(apply c/many (range 20))"), "190");
  assert.match(jank('(c/ggg "text")'), /ClassCastException: .*integer.*"text"/);
  assert.match(jank("(c/ggg 3000000000)"), /3000000000 is out of the range .* int ggg\(int v\)/);
  assert.match(jank("(c/byte -1)"), /-1 is out of the range/);
  assert.match(jank("(c/is_empty 1)"), /expected a string/);
  assert.match(jank("(c/by_value 1)"), /passes a struct by value/);
  assert.match(jank("(c/ggg)"), /ggg takes 1 argument, got 0: \(ggg \[v\]\)/);
  assert.equal(jank("(:doc (meta #'c/sum))"), '"int sum(struct point *p)"');
});

test("C++: objects live on, with new virtual functions; exceptions are caught", async () => {
  const size = call("note", "one");
  assert.equal(call("strength"), 10);
  await edit(
    "src/hero.cpp",
    ["return 10;", "return 99;"],
    ["return v;\n  } catch", "return v * 2;\n  } catch"],
    ["return v + 1; }", "return v + 100; }"],
  );
  assert.equal(call("strength"), 99);
  assert.equal(call("note", "two"), size + 1);
  assert.equal(call("entry", 0), "born");
  assert.equal(call("entry", size), "two");
  assert.equal(call("guarded", 4), 8);
  assert.equal(call("guarded", -4), -1);
  assert.equal(call("through", 1), 101);
});

// ---- What is refused; the old code runs on -------------------------------------------

async function refused(name, replacements, expected) {
  const before = call("ggg", 0);
  const result = await patch(name, ...replacements);
  assert.equal(result.ok, false);
  assert.match(result.error.message, expected);
  assert.equal(call("ggg", 0), before);
  return result.error;
}

test("a compile error has its place and the line with a caret", async () => {
  const error = await refused(
    "src/native.c",
    [["return v + 48", "return v +"]],
    /expected expression/,
  );
  assert.equal(error.phase, "compile");
  assert.match(error.file, /src\/native\.c$/);
  assert.deepEqual([error.line, error.column], [22, 13]);
  assert.equal(error.excerpt, "22 |   return v +;\n                 ^");
  const inHeader = FILES["src/shared.h"].replace("int x, y;", "int x y;");
  write("src/shared.h", inHeader);
  const second = await refused("src/native.c", [], /expected ';'/);
  assert.match(second.file, /src\/shared\.h$/);
  assert.equal(second.line, 3);
});

test("a compiler that has waited answers as one that starts, whatever the file is called", async () => {
  for (const name of ["src/native.c", "src/na tive \\ \"1\" $(2) 'ü'.c", "src/hero.cpp"]) {
    const text = FILES[name] ?? FILES["src/native.c"];
    for (const replacement of ["return v", "return v +;"]) {
      write(name, text.replace("return v", replacement));
      const starts = await compiler.compile(join(folder, name));
      compiler.prepare();
      await pause(100);
      const waits = await compiler.compile(join(folder, name));
      assert.equal(waits.ok, replacement === "return v", JSON.stringify(waits.error));
      assert.deepEqual(waits.headers, starts.headers);
      assert.deepEqual(waits.error, starts.error);
      assert.equal(waits.form?.hash, starts.form?.hash);
    }
    write(name, text);
  }
});

test("no compiler waits after the end", { skip: process.platform !== "linux" }, async () => {
  const waiting = () =>
    readdirSync("/proc").filter((id) => {
      try {
        return /clang.*\0@\/dev\/stdin/.test(readFileSync(`/proc/${id}/cmdline`, "utf8"));
      } catch {
        return false; // no process, or none any more
      }
    });
  const before = waiting();
  compiler.prepare();
  await until("the compiler", () => waiting().length > before.length);
  compiler.close();
  await until("its end", () => waiting().length === before.length);
  const { child } = await startWatching();
  await until("the compiler of watch", () => waiting().length > before.length);
  child.kill("SIGKILL");
  await until("its end, too", () => waiting().length === before.length);
});

test("an unknown function is refused with its name and the way out", async () => {
  await refused(
    "src/native.c",
    [
      ["static int helper", "int nowhere(int v);\nstatic int helper"],
      ["return v + 48", "return nowhere(v)"],
    ],
    /the function nowhere, which the running program does not have.*bundle it again/,
  );
  await refused(
    "src/native.c",
    [
      ["static int helper", "extern int nothing;\nstatic int helper"],
      ["return v + 48", "return nothing"],
    ],
    /the variable nothing, which the running program does not have/,
  );
  await refused("src/native.c", [["return v + 48", "return nowhere(v)"]], /undeclared function/);
});

test("a changed signature is refused, with the old one and the new one", async () => {
  await refused(
    "src/native.c",
    [["JANK_HOT(int, ggg, (int v))", "JANK_HOT(int, ggg, (double v))"]],
    /signature of ggg changed.*it was `int ggg\(int v\)`, now it is `int ggg\(double v\)`/,
  );
  await refused(
    "src/native.c",
    [["JANK_HOT(int, get_count, (void))", "JANK_HOT(int, get_count, (int x))"]],
    /signature of get_count changed/,
  );
  await edit("src/native.c", ["(int v)) {\n  static", "(int w)) {\n  int v = w;\n  static"]);
  assert.equal(call("ggg", 1), 49, "another name of a parameter is no other signature");
});

test("a variable whose size changed is refused, and one with a constructor", async () => {
  await refused(
    "src/native.c",
    [["static int count", "static int64_t count"]],
    /the variable count has 4 bytes in the running program, and 8 in the patch/,
  );
  await refused(
    "src/hero.cpp",
    [
      ["static hero *", "static std::vector<int> numbers{1, 2, 3};\nstatic hero *"],
      ["return (int)lines.size();", "return (int)numbers.size();"],
    ],
    /the new variable .*numbers.* has a constructor/,
  );
});

test("a file without JANK_HOT, and EM_ASM, are refused", async () => {
  await refused("src/plain.c", [], /plain\.c marks no function with JANK_HOT/);
  await refused(
    "src/native.c",
    [
      ["#include <setjmp.h>", "#include <setjmp.h>\n#include <emscripten.h>"],
      ["return v + 48", "EM_ASM({ console.log($0) }, v); return v"],
    ],
    /EM_ASM cannot be patched/,
  );
});

test("a damaged patch changes nothing", async () => {
  const { form } = await edit("src/native.c", ["return v + 48", "return v + 49"]);
  for (let at = 8; at < form.bytes.length; at += 7) {
    const bytes = form.bytes.slice();
    bytes[at] ^= 0x55;
    assert.equal(runtime.install(bytes, form.entry).ok, false, `byte ${at}`);
  }
  for (let size = 0; size < form.bytes.length; size += 31)
    assert.equal(runtime.install(form.bytes.subarray(0, size), form.entry).ok, false);
  assert.equal(call("ggg", 1), 50);
});

test("2,000 patches grow neither memory nor table", async () => {
  const forms = [];
  for (const n of [1, 2, 3, 4])
    forms.push((await edit("src/native.c", ["return v + 48", `return v + ${n}`])).form);
  const round = (count) => {
    for (let i = 0; i < count; i++) {
      const { bytes, entry } = forms[i % forms.length];
      assert.ok(runtime.install(bytes, entry).ok);
    }
  };
  round(500);
  const before = runtime.stats();
  round(2000);
  const after = runtime.stats();
  assert.equal(after.memory_bytes, before.memory_bytes);
  assert.equal(after.table_slots, before.table_slots);
  assert.equal(after.table_free, before.table_free);
  assert.ok(after.heap_bytes < before.heap_bytes + (1 << 20));
});

test("jank-hot patch writes the patch of a C file", async () => {
  write("src/native.c", FILES["src/native.c"].replace("v + 48", "v + 77"));
  const { code, stdout, stderr } = await cli(
    ...["patch", "src/native.c", "--module", "dist/app.mjs", "-o", "out", "--patch-id", "seven"],
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /native_patch\.wasm.*c\/ggg/);
  const bytes = readFileSync(join(folder, "out/native_patch.wasm"));
  assert.ok(runtime.install(bytes, "jank_patch_symbols_seven").ok);
  assert.equal(call("ggg", 0), 77);
  const none = await cli("patch", "src/none.c");
  assert.match(none.stderr, /cannot read src\/none\.c/);
});

// ---- jank-hot watch --------------------------------------------------------------------

/** What ends the commands and pages that a test has begun. */
const endings = [];

afterEach(() => {
  for (const end of endings.splice(0)) end();
});

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, body) {
  for (let patience = 20_000; patience > 0; patience -= 10) {
    const result = await body();
    if (result) return result;
    await pause(10);
  }
  assert.fail(`waited in vain for ${what}`);
}

/** The command, its ports and what it has printed. */
async function startWatching(more = [], env = {}) {
  const ports = ["--port", "0", "--ws-port", "0", "--nrepl-port", "0"];
  const files = ["src/native.c", "src/hero.cpp"];
  const args = [CLI, "watch", ...files, "--source", "none", "--emcc", emcc, ...ports, ...more];
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } });
  endings.push(() => child.kill());
  const server = { child, printed: "" };
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => (server.printed += chunk));
  await until("the server", () => /nrepl:/.test(server.printed) || child.exitCode !== null);
  assert.equal(child.exitCode, null, server.printed);
  server.http = /http:\/\/localhost:(\d+)/.exec(server.printed)?.[1];
  server.url = /ws:\S+/.exec(server.printed)?.[0];
  return server;
}

/** A page: an instance of the program, and a client. */
async function openPage({ url }, name) {
  const { connect, Runtime } = await import(pathToFileURL(join(DIST, "index.js")).href);
  const { default: create } = await import(pathToFileURL(join(folder, "dist/app.mjs")).href);
  const module = await create();
  assert.equal(module._jank_runtime_init(), 0);
  const page = { errors: [], mended: 0 };
  page.client = connect({ url, name, WebSocket, runtime: Runtime.adopt(module) });
  endings.push(() => page.client.close());
  page.client.on("error", (error) => page.errors.push(error));
  page.client.on("mended", () => page.mended++);
  await page.client.ready;
  page.call = (name, ...args) => page.client.invoke(`c/${name}`, ...args);
  await until("the connection", () => page.client.stats().connected);
  return page;
}

const save = (name, ...parts) => write(name, FILES[name].replace(...parts));

test("a saved file runs on the server and in every page, also in one that comes later", async () => {
  for (const name of ["src/native.c", "src/hero.cpp"]) write(name, FILES[name]);
  const server = await startWatching(["--module", "dist/app.mjs"]);
  const page = await openPage(server, "first");
  save("src/native.c", "return v + 48", "return v + 60");
  await until("the new function", () => page.call("ggg", 0) === 60);
  await until("the report", () => /in the page "first": .*installed in/.test(server.printed));
  assert.equal((await page.client.jankEval("(c/ggg 1)")).value, "61");
  await page.client.jankEval("(ns eita) (defn twice [v] (* 2 (c/ggg v)))");
  assert.equal(page.client.invoke("eita/twice", 1), 122);
  const late = await openPage(server, "late");
  await until("the replay", () => late.call("ggg", 0) === 60);
  page.client.close();
  late.client.close();
  await until("nobody", async () => {
    const status = await fetch(`http://localhost:${server.http}/status`);
    return (await status.json()).pages.length === 0;
  });
  const answer = await fetch(`http://localhost:${server.http}/eval`, {
    method: "POST",
    body: "(eita/twice 2)",
  });
  assert.match(await answer.text(), /124/, "the server runs the program as well");
});

test("an error in a saved file arrives with its place; mended, it goes away", async () => {
  write("src/native.c", FILES["src/native.c"]);
  const server = await startWatching(["--module", "dist/app.mjs"]);
  const page = await openPage(server, "page");
  save("src/native.c", "return v + 48", "return v +");
  const [error] = await until("the error", () => page.errors.length > 0 && page.errors);
  assert.equal(error.message, "expected expression");
  assert.deepEqual([error.file, error.line, error.column], ["src/native.c", 22, 13]);
  assert.match(error.excerpt, /return v \+;\n\s+\^$/);
  assert.equal(page.call("ggg", 0), 48);
  save("src/native.c", "(int, ggg, (int v))", "(int, ggg, (double v))");
  await until("the refusal", () => page.errors.length > 1);
  assert.match(page.errors[1].message, /signature of ggg changed/);
  write("src/native.c", FILES["src/native.c"]);
  await until("the end of it", () => page.mended > 0);
  write("src/shared.h", FILES["src/shared.h"].replace("FACTOR 1", "FACTOR 7"));
  await until("what the header changed", () => page.call("call_others", 1) === 5600);
});

test("without --module patches go to the pages only", async () => {
  write("src/native.c", FILES["src/native.c"]);
  const server = await startWatching();
  await until("what it says", () => /C patches go to the pages only/.test(server.printed));
  const page = await openPage(server, "page");
  save("src/native.c", "return v + 48", "return v + 70");
  await until("the new function", () => page.call("ggg", 0) === 70);
});

test("watch that ends while it compiles leaves no files behind", async () => {
  const TMPDIR = join(folder, "tmp");
  rmSync(TMPDIR, { recursive: true, force: true });
  mkdirSync(TMPDIR);
  for (const i of [1, 2, 3]) {
    write("src/native.c", FILES["src/native.c"]);
    const server = await startWatching([], { TMPDIR });
    await until("what it says", () => /C patches go to the pages only/.test(server.printed));
    await pause(100);
    const files = watch(TMPDIR); // which may be there for some milliseconds only
    const compiles = once(files, "change", { signal: AbortSignal.timeout(20_000) });
    save("src/native.c", "return v + 48", `return v + ${i}`);
    await compiles;
    files.close();
    server.child.kill();
    await until("the end", () => server.child.exitCode !== null);
    assert.equal(server.child.exitCode, 0);
    assert.deepEqual(readdirSync(TMPDIR), []);
  }
});

test("wrong use of watch is told", async () => {
  const errors = [
    [["src/none.c"], /cannot read src\/none\.c/],
    [["src/shared.h"], /neither C nor C\+\+/],
    [["src/native.c", "--module", "dist/none.mjs"], /there is no dist\/none\.mjs/],
    [["src/native.c", "--emcc", "/no/emcc"], /\/no\/emcc/],
  ];
  for (const [args, expected] of errors) {
    const { code, stderr } = await cli("watch", ...args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, expected);
  }
  assert.equal((await cli("watch")).code, 2);
});
