// core-docs.mjs - the docs of the library's names, which are no part of the module:
// the text that lies beside jank.wasm, as runtime/docs.c reads it.
//
// In: the rows of builtins in C (builtins/builtin.h), and the metadata of what is written in
// jank, as the compiler has it. Out: a line per name, sorted: name, file, line, doc.
// Files are named as they lie in the package. Same sources, same bytes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesIn } from "./system.mjs";

/** The macros of rows, and the namespace of each. */
const MACROS = {
  CORE: "clojure.core",
  STRING: "clojure.string",
  MATH: "clojure.math",
  BOTH: "clojure.math",
};

const LITERAL = String.raw`"(?:[^"\\]|\\.)*"`;
/** The name, which is the literal before the arglist, and the doc at the end. */
const ROW = new RegExp(
  String.raw`\b(BUILTIN|${Object.keys(MACROS).join("|")})\(\s*(${LITERAL},\s*)?(${LITERAL}),` +
    String.raw`\s*"\[[^"]*\]",\s*\w+\s*((?:,\s*${LITERAL}(?:\s*${LITERAL})*)?)\s*\)`,
  "g",
);

const textOf = (literals) =>
  [...literals.matchAll(new RegExp(LITERAL, "g"))].map(([literal]) => JSON.parse(literal)).join("");

/** `file`: as the package has it. */
function rowsOf(source, file) {
  const rows = [];
  let at = 0;
  let line = 1;
  for (const { index, 0: row, 1: macro, 2: before = "", 3: name, 4: doc } of source.matchAll(ROW)) {
    const start = index + row.indexOf(before + name) + before.length;
    line += source.slice(at, start).split("\n").length - 1;
    at = start;
    const ns = MACROS[macro] ?? textOf(before);
    rows.push({ name: `${ns}/${textOf(name)}`, file, line, doc: textOf(doc) });
  }
  return rows;
}

/** Of every row in the C sources of `root`/sdk-c/src. */
export function builtinDocs(root) {
  return filesIn(join(root, "sdk-c/src"), /\.c$/)
    .map((name) => `sdk-c/src/${name}`)
    .flatMap((file) => rowsOf(readFileSync(join(root, file), "utf8"), file));
}

/** What `engine` has compiled of these namespaces: of each name that has a doc. */
export function compiledDocs(engine, namespaces) {
  const { out, error } = engine.evaluate(`
    (doseq [ns '[${namespaces.join(" ")}]
            [_ v] (ns-interns ns)
            :let [{:keys [doc file line]} (meta v)]
            :when doc]
      (println (str "[" (pr-str (str (var->symbol* v))) "," (pr-str file) "," line ","
                    (pr-str doc) "]")))`);
  if (error !== undefined) throw new Error(`docs: ${error}`);
  return out
    .split("\n")
    .filter(Boolean)
    .map((row) => JSON.parse(row))
    .map(([name, file, line, doc]) => ({ name, file, line, doc }));
}

const HEADER = "# What the library says of its names: name, file, line, doc.";

/** Of several entries for a name the last one counts, as of several definitions. */
export function docsText(entries) {
  const lines = new Map();
  for (const { name, file, line, doc } of entries) {
    const text = doc.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
    const known = lines.get(name);
    if (known?.file === file && !doc) continue; // another arity
    lines.set(name, { file, text: `${name}\t${file}\t${line}\t${text}` });
  }
  const sorted = [...lines.keys()].sort().map((name) => lines.get(name).text);
  return [HEADER, ...sorted, ""].join("\n");
}
