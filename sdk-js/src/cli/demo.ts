// jank-hot demo: the whole loop in a terminal. A function is edited from 48 to
// 49, compiled, loaded and called; everything that is printed is measured.

import { Runtime } from "../runtime.js";
import { bold, bytes, dim, green, milliseconds, UserError } from "./terminal.js";

const PROGRAM = `(ns eita
  (:require [clojure.set :as set]
            [clojure.string :as str]))

(def calls (atom 0))

(defn ggg [v]
  (swap! calls inc)
  (println :FROM_CLJ_..._I_MEAN_JANK_IN_WASM!!)
  (println (+ 50 v))
  (println (set/union #{999} (set (mapv #(* 3 %) [1 5 v]))))
  (+ 48 v))
`;

export async function demo(): Promise<void> {
  const started = performance.now();
  const runtime = await Runtime.load({ write: (_stream, text) => process.stdout.write(dim(text)) });
  console.log(
    `${bold("1. start")}    runtime and compiler in ${milliseconds(performance.now() - started)}`,
  );
  define(runtime, "2. load", PROGRAM);
  check(runtime, 58);
  define(runtime, "3. edit", edited(PROGRAM));
  check(runtime, 59);
  const calls = runtime.eval("@eita/calls").value;
  report(calls === "2", `the state survived: ${calls} calls counted`);
}

function edited(program: string): string {
  const form = program.slice(program.indexOf("(defn ggg")).replace("(+ 48 v)", "(+ 49 v)");
  return `(in-ns 'eita)\n${form}`;
}

function define(runtime: Runtime, title: string, source: string): void {
  let [compileMs, installMs, size, forms] = [0, 0, 0, 0];
  const { error } = runtime.eval(source, {
    file: "eita.jank",
    onForm: (form, result) => {
      compileMs += form.compileMs;
      installMs += result.installMs;
      size += form.bytes.length;
      forms++;
    },
  });
  if (error) throw new UserError(error.message);
  console.log(
    `${bold(title)}     ${forms} patches, ${bytes(size)}: ` +
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
