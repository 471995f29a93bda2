// jank-hot demo: the whole loop in a terminal. A function of the demo site's
// program is edited from 48 to 49 in memory, compiled, loaded and called;
// everything that is printed is measured.

import { existsSync, readFileSync } from "node:fs";
import { Compiler } from "../compiler.js";
import { JankError, Runtime } from "../runtime.js";
import { bold, bytes, dim, green, milliseconds } from "./terminal.js";
import { UserError } from "../user-error.js";

const DEMO_SITE = new URL("../../demo-site/src/eita.jank", import.meta.url);

/** Where the demo site is not: in an installed package. */
const PROGRAM = `(ns eita
  (:require [clojure.set :as set]
            [clojure.string :as str]))

(defn ggg [v]
  (println :FROM_CLJ_..._I_MEAN_JANK_IN_WASM!!)
  (println (+ 50 v))
  (println (set/union #{999} (set (mapv #(* 3 %) [1 5 v]))))
  (+ 48 v))

(defonce ticks (atom 0))

(defn tick []
  (swap! ticks inc))
`;

export async function demo(): Promise<void> {
  const started = performance.now();
  const runtime = await Runtime.load({ write: (_stream, text) => process.stdout.write(dim(text)) });
  console.log(
    `${bold("1. start")}    runtime and compiler in ${milliseconds(performance.now() - started)}`,
  );
  const compiler = new Compiler(runtime);
  const program = existsSync(DEMO_SITE) ? readFileSync(DEMO_SITE, "utf8") : PROGRAM;
  define(compiler, "2. load", program);
  check(runtime, 58);
  runtime.invoke("eita/tick");
  define(compiler, "3. edit", edited(program), "eita");
  check(runtime, 59);
  const ticks = runtime.invoke("eita/tick");
  report(ticks === 2, `the state survived: ${String(ticks)} ticks counted`);
}

/** The form of `ggg` alone, with the one digit changed. */
function edited(program: string): string {
  const form = /^\(defn ggg[^]*?(?=\n\n|\n*$(?![^]))/m.exec(program)?.[0];
  if (!form?.includes("(+ 48 v)"))
    throw new UserError(
      "eita/ggg adds no 48 any more: put (+ 48 v) back in demo-site/src/eita.jank",
    );
  return form.replace("(+ 48 v)", "(+ 49 v)");
}

function define(compiler: Compiler, title: string, source: string, ns = "user"): void {
  let [compileMs, installMs, size, forms] = [0, 0, 0, 0];
  const { error } = compiler.eval(source, {
    file: "eita.jank",
    ns,
    onForm: (form, result) => {
      compileMs += form.compileMs;
      installMs += result.installMs;
      size += form.bytes.length;
      forms++;
    },
  });
  if (error) throw new JankError(error);
  console.log(
    `${bold(title)}     ${forms} ${forms === 1 ? "patch" : "patches"}, ${bytes(size)}: ` +
      `compiled in ${milliseconds(compileMs)}, installed in ${milliseconds(installMs)}`,
  );
}

function check(runtime: Runtime, expected: number): void {
  const started = performance.now();
  const value = runtime.invoke("eita/ggg", 10);
  const elapsed = milliseconds(performance.now() - started);
  report(
    value === expected,
    `(eita/ggg 10) is ${String(value)}, expected ${expected} (${elapsed})`,
  );
}

function report(passed: boolean, text: string): void {
  console.log(`${passed ? green("PASS") : "FAIL"}  ${text}`);
  if (!passed) process.exitCode = 1;
}
