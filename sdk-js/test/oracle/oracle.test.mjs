// Debian's Clojure is the oracle: every expression runs there and here, and has
// to print the same, or throw in both. What differs is in differences.mjs, with
// the reason.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startEngine } from "../lang/node-engine.mjs";
import { DIFFERENCES } from "./differences.mjs";
import { expressions } from "./expressions.mjs";

const ROOT = new URL("../../../", import.meta.url);
const RUNNER = fileURLToPath(new URL("sdk-c/test/oracle/runner.clj", ROOT));
const MODULE = fileURLToPath(new URL("build/wasm/jank.mjs", ROOT));
const JARS = ["clojure.jar", "core.specs.alpha.jar", "spec.alpha.jar"];
const REQUIRES =
  "(require '[clojure.string :as str] '[clojure.set :as set] '[clojure.walk :as walk] '[clojure.data] '[clojure.math :as math])";

function clojureAnswers() {
  const folder = mkdtempSync(join(tmpdir(), "oracle-"));
  try {
    const file = join(folder, "expressions.clj");
    writeFileSync(file, expressions.join("\n"));
    const path = JARS.map((jar) => `/usr/share/java/${jar}`).join(":");
    const output = execFileSync("java", ["-cp", path, "clojure.main", RUNNER, file], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
      timeout: 300_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output.trimEnd().split("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SEPARATOR = "\u0001";
const BATCH = 40;

// Many expressions at a time, each caught by itself; one by one when one of them
// does not compile.
function answersOf(engine, batch) {
  const thunks = batch.map((expression) => `(fn [] ${expression}\n)`).join(" ");
  const { value, error } = engine.evaluate(
    `(str/join "${SEPARATOR}"
       (map (fn [f] (try (binding [*print-length* 40] (str "= " (pr-str (f))))
                         (catch Throwable e (str "! " (class e)))))
            [${thunks}]))`,
  );
  if (error === undefined) return JSON.parse(unescapeEdn(value)).split(SEPARATOR);
  return batch.length === 1
    ? [`! ${error}`]
    : batch.flatMap((expression) => answersOf(engine, [expression]));
}

async function ownAnswers() {
  const engine = await startEngine(MODULE);
  engine.evaluate(REQUIRES);
  const answers = [];
  for (let i = 0; i < expressions.length; i += BATCH)
    answers.push(...answersOf(engine, expressions.slice(i, i + BATCH)));
  return answers;
}

// The text of a printed string: its escapes are JSON's.
const unescapeEdn = (text) =>
  text.replaceAll(/[\u0000-\u001f]/g, (c) => JSON.stringify(c).slice(1, -1));

test("every expression gives what Clojure gives, but for reviewed differences", async () => {
  assert.ok(expressions.length >= 2000, `there are ${expressions.length} expressions`);
  const theirs = clojureAnswers();
  const ours = await ownAnswers();
  assert.equal(ours.length, expressions.length);
  assert.equal(theirs.length, expressions.length);
  const used = new Set();
  const unexpected = [];
  expressions.forEach((expression, i) => {
    const [them, us] = [theirs[i], ours[i].replaceAll("\n", "\\n")];
    if (them === us || (them.startsWith("!") && us.startsWith("!"))) return;
    const row = DIFFERENCES.find(({ when }) => when.test(expression));
    if (row) used.add(row);
    else unexpected.push(`${expression}\n     Clojure ${them}\n     here    ${us}`);
  });
  assert.equal(
    unexpected.length,
    0,
    `${unexpected.length} of ${expressions.length} differ\n  ${unexpected.join("\n  ")}`,
  );
  const stale = DIFFERENCES.filter((row) => !used.has(row)).map(({ when }) => String(when));
  assert.deepEqual(stale, [], "differences that are none any more");
});
