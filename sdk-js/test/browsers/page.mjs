// Runs in the page of server.mjs: one task in a runtime of its own. The result is
// posted as JSON, {value} or {error}.

/* global post */

import { runCases } from "../lang/cases.mjs";
import { startEngine } from "../lang/engine.mjs";

const TASKS = {
  language: (engine, { name, text, lines }) => runCases(engine, name, text, lines),

  // A function is replaced many times, and called by one that is not. Out: what
  // it gave, and what the runtime has at two thirds and at the end.
  replace(engine, { times }) {
    const evaluate = (source) => {
      const { value, error } = engine.evaluate(source);
      if (error !== undefined) throw new Error(`${source}: ${error}`);
      return value;
    };
    evaluate("(defn f [] nil) (defn g [] (f))");
    const values = [];
    const stats = [];
    for (let i = 0; i < times; i++) {
      evaluate(`(defn f [] [${i} "text ${i}" (count (map inc (range ${i})))])`);
      values.push(evaluate("(g)"));
      if (i === (2 * times) / 3 || i === times - 1) stats.push(engine.stats());
    }
    return { values, stats };
  },
};

const outcome = async (body) => {
  try {
    return { value: await body() };
  } catch (error) {
    return { error: `${error}\n${error?.stack ?? ""}` };
  }
};

const result = await outcome(async () => {
  const { default: createJank } = await import("/module/jank.mjs");
  const task = await (await fetch(`/task${location.search}`)).json();
  return TASKS[task.kind](await startEngine(createJank), task);
});
await post(result);
