// What TypeScript says of C is what C says: shared.ts, and the functions of JankModule. A
// fact is looked for in all of C, by how it is defined there, wherever that file is.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import * as shared from "../src/shared.js";

const C = ["sdk-c/include", "sdk-c/src"]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  )
  .filter((path) => /\.(h|c|js)$/.test(path))
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

/** The one place that matches; what its first group has. */
function found(pattern: RegExp): string {
  const all = [...C.matchAll(new RegExp(pattern, `${pattern.flags}g`))];
  assert.equal(all.length, 1, `${pattern.source}: ${all.length} times in C`);
  return all[0]?.[1] ?? "";
}

const macro = (name: string): string =>
  found(new RegExp(`#define ${name}\\s+(.+?)\\s*(?:/\\*|\\n)`));

/** "3", "(4u << 20)" */
function numberOf(text: string): number {
  const [, number, shift = "0"] = /^\(?(-?\d+)u?(?: << (\d+))?\)?$/.exec(text) ?? [];
  assert.ok(number !== undefined, text);
  return Number(number) * 2 ** Number(shift);
}

/** An enumeration that has this name: what each is. */
function enumeration(first: string): Record<string, number> {
  const body = found(new RegExp(`enum(?: \\w+)? \\{\\s*(${first}\\b[^}]*)\\}`));
  const names = body.replaceAll(/\/\*.*?\*\//gs, "").split(",");
  let next = 0;
  return Object.fromEntries(
    names.flatMap((each) => {
      const [name = "", value] = each.split("=").map((part) => part.trim());
      if (name === "") return [];
      const number = value === undefined ? next : numberOf(value);
      next = number + 1;
      return [[name, number]];
    }),
  );
}

const textOf = (literal: string): unknown => JSON.parse(literal);

test("a patch: its size, version, names", () => {
  assert.equal(shared.MAX_PATCH_BYTES, numberOf(macro("JANK_PATCH_MAX_SIZE")));
  assert.equal(shared.PATCH_ABI, numberOf(macro("JANK_PATCH_ABI")));
  assert.equal(shared.ENTRY_PREFIX, textOf(macro("JANK_PATCH_ENTRY_PREFIX")));
  assert.equal(shared.PATCH_SECTION, textOf(macro("JANK_PATCH_SECTION")));
  assert.equal(shared.NATIVE_SECTION, textOf(macro("JANK_PATCH_NATIVE")));
});

test("what loading a patch, and compiling a form, answers", () => {
  const { PATCH_OK, PATCH_DUPLICATE, ...failures } = enumeration("PATCH_OK");
  assert.equal(PATCH_OK, 0);
  assert.equal(shared.PATCH_DUPLICATE, PATCH_DUPLICATE);
  assert.ok(Object.values(failures).every((code) => code < 0));
  assert.deepEqual(enumeration("UNIT_ERROR"), {
    UNIT_ERROR: shared.UNIT.error,
    UNIT_END: shared.UNIT.end,
    UNIT_FORM: shared.UNIT.form,
    UNIT_MISSING_NS: shared.UNIT.missingNs,
  });
});

test("what was interrupted", () => {
  const [name, message] = [shared.INTERRUPTED, shared.INTERRUPTED_MESSAGE];
  found(new RegExp(`"${name}", jank_make_string\\(("${message}")\\)`));
});

test("the section of a patch that was compiled from C", () => {
  const { format, target, encoding, segment } = shared.NATIVE;
  assert.deepEqual(enumeration("FORMAT"), { FORMAT: format });
  assert.deepEqual(enumeration("TO_SEGMENT"), {
    TO_SEGMENT: target.segment,
    TO_FUNCTION: target.function,
    TO_EXTERN: target.extern,
  });
  assert.deepEqual(enumeration("AS_ULEB5"), {
    AS_ULEB5: encoding.uleb5,
    AS_SLEB5: encoding.sleb5,
    AS_I32: encoding.i32,
  });
  assert.deepEqual(enumeration("SEGMENT_CONSTRUCTED"), {
    SEGMENT_CONSTRUCTED: segment.constructed,
    SEGMENT_ZERO: segment.zero,
  });
});

test("a jank_hot_function has words, in this order", () => {
  const fields = found(/struct jank_hot_function \{([^}]*)\}/)
    .replaceAll(/\/\*.*?\*\//gs, "")
    .split(";")
    .flatMap((field) => /(\w+)\s*$/.exec(field)?.[1] ?? []);
  for (const [name, offset] of Object.entries(shared.HOT_FUNCTION))
    assert.equal(4 * fields.indexOf(name), offset, name);
});

test("JavaScript has as many operations as C has names for", () => {
  const names = [...found(/#define JS_OPS\(X\)((?:.*\\\n)*.*)/).matchAll(/X\((\w+)\)/g)];
  const operations = found(/\$jankOperations: `(\[.*?\])`/s);
  assert.equal((runInNewContext(operations) as unknown[]).length, names.length);
});

test("the functions of JankModule are C's, with as many arguments", () => {
  const module = readFileSync("sdk-js/src/module.ts", "utf8");
  const functions = [...module.matchAll(/^ {2}_(jank_\w+)\(([^)]*)\): (?:number|void);$/gm)];
  assert.ok(functions.length > 20);
  for (const [, name = "", parameters = ""] of functions) {
    const inC = found(new RegExp(`JANK_API [\\w *]*?\\b${name}\\(([^)]*)\\);`));
    const count = (list: string) => (/^(void)?$/.test(list.trim()) ? 0 : list.split(",").length);
    assert.equal(count(parameters), count(inC), name);
  }
});
