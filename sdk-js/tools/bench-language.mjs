// bench-language.mjs - the language beside its peers, from one source text: this
// runtime; cherry-cljs, which compiles it to JavaScript on ClojureScript's core;
// and for loops plain JavaScript. All in one page, taking turns.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUILD, ROOT } from "./system.mjs";

const SOURCE = `
(defn assoc-get [n]
  (let [m (reduce (fn [m i] (assoc m i i)) {} (range n))]
    (reduce (fn [s i] (+ s (get m i))) 0 (range n))))
(defn conj-nth [n]
  (let [v (reduce conj [] (range n))]
    (loop [i 0 s 0] (if (< i n) (recur (inc i) (+ s (nth v i))) s))))
(defn lazy-sum [n] (reduce + (map inc (filter even? (range n)))))
(defn transducer-sum [n] (transduce (comp (filter even?) (map inc)) + (range n)))
(defn sorting [n]
  (count (sort (mapv (fn [i] (mod (* i 7919) 1000003)) (range n)))))
(defn texts [n] (count (apply str (map str (range n)))))
(defn grouping [n] (count (group-by (fn [x] (mod x 100)) (range n))))
(defn swaps [n] (let [a (atom 0)] (dotimes [_ n] (swap! a inc)) @a))
(defprotocol Player (ping [this n]) (pong [this n]))
(deftype Left [] Player
  (ping [this n] (if (zero? n) 0 (inc (pong this (dec n)))))
  (pong [this n] (if (zero? n) 0 (inc (ping this (dec n))))))
(defn players [n]
  (let [p (->Left)]
    (loop [i 0 s 0] (if (< i n) (recur (inc i) (+ s (ping p 250))) s))))
`;

const LOOPS = `
(defn long-loop [n] (loop [i 0 s 0] (if (< i n) (recur (inc i) (+ s i)) s)))
(defn double-loop [n]
  (loop [i 0 s 0.0] (if (< i n) (recur (inc i) (+ s (* 0.5 i))) s)))
`;

/** [figure, function, argument, budget against the peer] */
const CASES = [
  ["assoc and get, map of 1e5", "assoc-get", 1e5],
  ["conj and nth, vector of 1e6", "conj-nth", 1e6],
  ["lazy map and filter of 1e6", "lazy-sum", 1e6],
  ["transducer over 1e6", "transducer-sum", 1e6],
  ["sort of 1e6", "sorting", 1e6],
  ["str of 1e5 numbers", "texts", 1e5],
  ["group-by of 1e5", "grouping", 1e5],
  ["1e6 swap!", "swaps", 1e6],
  ["1e6 mutual protocol calls", "players", 4e3],
];
const LOOP_CASES = [
  ["integer loop of 1e8", "long-loop", 1e8],
  ["double loop of 1e8", "double-loop", 1e8],
];

const munged = (name) => name.replaceAll("-", "_");

/** The peer's code as a script for the page. */
export async function peerScript() {
  const { compileString } = await import("cherry-cljs/lib/compiler.js");
  const folder = join(BUILD, "bench-peer");
  mkdirSync(folder, { recursive: true });
  const code = compileString(SOURCE);
  const names = CASES.map(([, name]) => munged(name));
  writeFileSync(join(folder, "peer.mjs"), `${code}\nglobalThis.peer = { ${names.join(", ")} };\n`);
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(folder, "peer.mjs")],
    bundle: true,
    format: "iife",
    minify: true,
    write: false,
    nodePaths: [join(ROOT, "node_modules")],
    logLevel: "silent",
  });
  return outputFiles[0].text;
}

async function inPage({ source, cases, samples }) {
  const { Compiler, load } = await import("/jank/index.js");
  const { runtime } = await load();
  const compiler = new Compiler(runtime);
  const { error } = compiler.eval(source);
  if (error) throw new Error(error.message);
  const js = {
    long_loop(n) {
      let s = 0;
      for (let i = 0; i < n; i++) s += i;
      return s;
    },
    double_loop(n) {
      let s = 0;
      for (let i = 0; i < n; i++) s += 0.5 * i;
      return s;
    },
  };
  const peer = { ...globalThis.peer, ...js };
  const timed = (body) => {
    const started = performance.now();
    const result = body();
    return [performance.now() - started, result];
  };
  const results = [];
  for (const [, name, n] of cases) {
    const [own, other] = [[], []];
    for (let i = 0; i < samples; i++) {
      const [mine, value] = timed(() => runtime.invoke(`user/${name}`, n));
      const [theirs, expected] = timed(() => peer[name.replaceAll("-", "_")](n));
      if (Number(value) !== Number(expected)) throw new Error(`${name}: ${value}, ${expected}`);
      own.push(mine);
      other.push(theirs);
    }
    results.push([own, other]);
  }
  return results;
}

/** Rows of [figure, times here, times of the peer, the peer's name, budget]. */
export async function languageTimes(page) {
  await page.addScriptTag({ content: await peerScript() });
  const collections = await page.evaluate(inPage, { source: SOURCE, cases: CASES, samples: 7 });
  const loops = await page.evaluate(inPage, { source: LOOPS, cases: LOOP_CASES, samples: 7 });
  return [
    ...CASES.map(([figure], i) => [figure, ...collections[i], "cherry-cljs", 1]),
    ...LOOP_CASES.map(([figure], i) => [figure, ...loops[i], "JavaScript", 1.2]),
  ];
}
