// bench-memory.mjs - the collector while an animation runs, and a soak: in the page.

/** What the page runs: 50 MB that live, and a frame's work, which makes garbage. */
const SOURCE = `
(ns bench.memory)
(def live (vec (map (fn [i] [i (str "item " i) {:n i}]) (range 250000))))
(def state (atom {:frame 0}))
(defn frame []
  (let [moved (mapv (fn [i] (update {:x i :y 0} :y + i)) (range 2000))]
    (swap! state assoc :frame (inc (:frame @state)) :moved moved)
    (count (filter (comp even? :y) moved))))
(defn replace-some [n]
  (def live (reduce (fn [v i] (assoc v i [i (str "again " i) {:n i}])) live (range n))))
`;

async function inPage({ source, frames, soakMs }) {
  const { Compiler, load } = await import("/jank/index.js");
  const { runtime } = await load();
  const compiler = new Compiler(runtime);
  const { error } = compiler.eval(source);
  if (error) throw new Error(error.message);
  const call = (name, ...args) => runtime.invoke(`bench.memory/${name}`, ...args);
  const collections = () => runtime.stats().collections;
  const nextFrame = () => new Promise(requestAnimationFrame);
  const times = { quiet: [], collecting: [] };
  for (let i = 0; i < frames; i++) {
    await nextFrame();
    const before = collections();
    const started = performance.now();
    call("frame");
    call("frame");
    const spent = performance.now() - started;
    times[collections() > before ? "collecting" : "quiet"].push(spent);
    if (i % 50 === 0) call("replace-some", 2000); // the old change, too
  }
  const { heap_bytes: heap } = runtime.stats();

  // The soak begins when all that is made once has been made.
  const until = (ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end) call("frame");
  };
  for (let i = 0; i < 30; i++) until(100);
  const memory = runtime.stats().memory_bytes;
  const rounds = [];
  for (let left = soakMs; left > 0; left -= 1000) {
    until(Math.min(left, 1000));
    await nextFrame();
    rounds.push(runtime.stats().memory_bytes - memory);
  }
  return { ...times, heap, growth: Math.max(0, ...rounds) };
}

/**
 * Pauses of `frames` frames in ms (what a frame with a collection takes beyond the
 * median of those without), the heap in bytes, and the growth of linear memory in
 * `soakMs` of allocating.
 */
export async function memoryFigures(page, { frames, soakMs }) {
  const { quiet, collecting, heap, growth } = await page.evaluate(inPage, {
    source: SOURCE,
    frames,
    soakMs,
  });
  const median = quiet.sort((a, b) => a - b)[Math.floor(quiet.length / 2)];
  return { pauses: collecting.map((spent) => Math.max(0, spent - median)), heap, growth };
}
