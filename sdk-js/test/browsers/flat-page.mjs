// Edits by the thousand, in a page or in Node, and what is left behind them. The
// client compiles by itself.

const SETTLING = 2_000; // loads
const RECLAIMING = 20_000; // milliseconds
const GARBAGE = 200_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** `client.Compiler`: the package's. */
const compile = ({ runtime, Compiler }, code, options) => new Compiler(runtime).eval(code, options);

/** In the runtime alone: the client does not hear of it. */
function evaluate(client, code, onForm) {
  const { value, error } = compile(client, code, { ...(onForm && { onForm }) });
  if (error) throw new Error(`${code}: ${error.message}`);
  return value;
}

function expect(value, expected, what) {
  if (value !== expected) throw new Error(`${what}: ${value}, not ${expected}`);
}

/** Until the runtime has just looked for superseded patches. */
function settle(client) {
  const reclaimed = () => client.runtime.stats().reclaimed_modules;
  const before = reclaimed();
  for (let i = 0; reclaimed() === before; i++) {
    if (i === SETTLING) throw new Error("no patch is reclaimed");
    evaluate(client, String(i));
  }
}

/** What lives in the runtime when all that can go has gone. */
export function figures(client) {
  settle(client);
  const stats = client.runtime.stats();
  return {
    memory: stats.memory_bytes,
    slots: stats.table_slots,
    usedSlots: stats.table_slots - stats.table_free,
    heap: stats.heap_bytes,
    patches: stats.module_paths.length,
  };
}

/**
 * Bytes, where the page can collect at will and see its heap: in Chromium, by its flags. What
 * is collected goes bit by bit, in tasks that follow: the least of a few looks is what stays.
 */
export async function heapOfJs() {
  if (!globalThis.gc || !performance.memory) return 0;
  let least = Infinity;
  for (let look = 0; look < 5; look++) {
    globalThis.gc();
    await pause(100);
    least = Math.min(least, performance.memory.usedJSHeapSize);
  }
  return least;
}

// ---- Edits of functions ----------------------------------------------------------

/** The edits from `from` up to `to` of so many vars, in turn: each is called. */
export async function edit(client, { from, to, vars }) {
  for (let i = from; i < to; i++) {
    const name = `edited-${i % vars}`;
    await client.jankEval(`(defn ${name} [x] (+ x ${i}))`, { ns: "user" });
    expect(client.invoke(`user/${name}`, 1), i + 1, `edit ${i}`);
  }
}

/** What edit has left of its first var, and each step back from there. */
export async function undoAll(client) {
  const values = [client.invoke("user/edited-0", 0)];
  for (;;) {
    const undone = await client.undo(["user/edited-0"]).catch(({ report }) => report.message);
    if (typeof undone === "string") return { values, refusal: undone };
    values.push(client.invoke("user/edited-0", 0));
  }
}

// ---- Edits of other things ---------------------------------------------------------

/** How to begin, the n-th edit, and what gives n then. */
const KINDS = {
  "a multimethod's method": [
    "(defmulti size :kind) (defn current [] (size {:kind :box :x 0}))",
    (n) => `(defmethod size :box [{x :x}] (+ x ${n}))`,
  ],
  "a protocol's implementation": [
    `(defprotocol Sized (size-of [_])) (deftype Box [x])
     (defn current [] (size-of (->Box 0)))`,
    (n) => `(extend-type Box Sized (size-of [b] (+ (.-x b) ${n})))`,
  ],
  "a type": [
    `(defprotocol Wide (width [_])) (deftype Plank [x])
     (defn current [] (width (->Plank 0)))`,
    (n) => `(deftype Plank [x] Wide (width [_] (+ x ${n})))`,
  ],
  "a macro and its user": [
    "(def zero 0)",
    (n) => `(defmacro plus [x] (list '+ x ${n})) (defn current [] (plus zero))`,
  ],
  "a form that is given to eval": [
    "(def zero 0)",
    (n) => `(dotimes [i 3] (eval (list 'defn 'current [] (list '+ 'zero ${n - 2} i))))`,
  ],
};

/** Edits from `from` up to `to`; each is called. */
export function editKind(client, { kind, from, to }) {
  const [begin, form] = KINDS[kind];
  if (from === 0) evaluate(client, begin);
  for (let n = from; n < to; n++) {
    evaluate(client, form(n));
    expect(client.runtime.invoke("user/current"), n, `${kind}, edit ${n}`);
  }
}

/** So many that are refused; what they would have replaced stays. */
export function editBadly(client, times) {
  evaluate(client, "(defn good [] :good)");
  const bad = ["(defn good [] (nowhere 1))", "(defn good [", '(def good (throw (ex-info "" {})))'];
  for (let i = 0; i < times; i++) {
    if (!compile(client, bad[i % bad.length]).error) throw new Error("it was not refused");
    expect(client.runtime.invoke("user/good"), "good", "after a bad edit");
  }
}

// ---- What goes on in old code ---------------------------------------------------------

/** Each lets something hold the closure `(make)`, makes it call, or lets it go. */
const HOLDERS = {
  timer: {
    hold: "(def timer (js/setInterval (make :timer) 2))",
    drop: "(js/clearInterval timer) (def timer nil)",
  },
  listener: {
    hold: `(def target (js/EventTarget.)) (def listener (atom (make :listener)))
           (.addEventListener target "edit" @listener)`,
    call: '(.dispatchEvent target (js/Event. "edit"))',
    drop: '(.removeEventListener target "edit" @listener) (reset! listener nil) (def target nil)',
  },
  promise: {
    hold: `(def resolve-it (atom nil))
           (.then (js/Promise. (fn [done _] (reset! resolve-it done))) (make :promise))`,
    call: "(@resolve-it nil)",
    drop: "(reset! resolve-it nil)",
  },
  atom: {
    hold: "(def kept (atom (make :atom)))",
    call: "(@kept)",
    drop: "(reset! kept nil)",
  },
  seq: {
    hold: "(def lazy (atom (map (make :seq) (iterate inc 0))))",
    call: "(nth @lazy 500)",
    drop: "(reset! lazy nil)",
  },
};

const MAKE = (n) =>
  `(defn make [holder] (let [n (+ ${n} 0)] (fn [& _] (swap! seen assoc holder [${n} n (now)]) nil)))`;

/** Holders of closures of old patches, which are edited `times` times after that. */
export async function holdOldCode(client, times) {
  const entries = {};
  evaluate(client, "(ns held) (def seen (atom {})) (defn now [] -1)");
  const inHeld = (code, onForm) => evaluate(client, `(in-ns 'held) ${code}`, onForm);
  Object.entries(HOLDERS).forEach(([name, { hold }], i) => {
    inHeld(MAKE(i), ({ symbols, entry }) => symbols.length && (entries[name] = entry));
    inHeld(hold);
  });
  for (let i = 0; i < times; i++) {
    evaluate(client, `(in-ns 'held) ${MAKE(1_000_000 + i)}`);
    if (i % 100 === 0) await pause(0); // the timer
  }
  inHeld(`(defn now [] ${times})`);
  for (const { call } of Object.values(HOLDERS)) if (call) inHeld(call);
  await pause(50);
  const seen = inHeld("(mapv @seen [:timer :listener :promise :atom :seq])");
  return { seen, entries, held: held(client, entries) };
}

/** The holders whose patch lives. */
function held(client, entries) {
  settle(client);
  const paths = client.runtime.stats().module_paths;
  const lives = (entry) => paths.some((path) => path.endsWith(`#${entry}`));
  return Object.keys(entries).filter((name) => lives(entries[name]));
}

/**
 * Lets them all go, and says whose patches live: at once, and when JavaScript has
 * collected, too, which it does when it likes.
 */
export async function dropOldCode(client, entries) {
  for (const { drop } of Object.values(HOLDERS)) evaluate(client, `(in-ns 'held) ${drop}`);
  const atOnce = held(client, entries);
  const end = performance.now() + RECLAIMING;
  let later = atOnce;
  while (later.length > 0 && performance.now() < end) {
    if (globalThis.gc) globalThis.gc();
    else globalThis.garbage = Array.from({ length: GARBAGE }, (_, i) => ({ i }));
    await pause(20);
    later = held(client, entries);
  }
  return { atOnce, later };
}

/** Edits while the function runs: what its frames and its next calls give. */
export function editRunning(client, times) {
  const editing = (form) => () => {
    for (let i = 1; i <= times; i++) evaluate(client, `(in-ns 'running) ${form(i)}`);
    settle(client);
  };
  globalThis.editDown = editing(
    (i) => `(defn down [n] (if (zero? n) [${i}] (conj (down (dec n)) ${i})))`,
  );
  globalThis.editOn = editing(
    (i) => `(defn on [n] (if (zero? n) [${i}] (conj (on (dec n)) ${i})))`,
  );
  const inRunning = (code) => evaluate(client, `(in-ns 'running) ${code}`);
  evaluate(client, "(ns running)");
  inRunning(
    `(defn down [n] (if (zero? n) (do (js/editDown) [:old]) (conj (down (dec n)) [:old n])))
     (defn on [n] (when (= n 2) (js/editOn)) (conj (on (dec n)) [:old n]))`,
  );
  return ["(down 2)", "(down 2)", "(on 3)", "(on 1)"].map(inRunning);
}

/** What functions that were captured give after so many edits of them. */
export function editCaptured(client, times) {
  const inCaptured = (code) => evaluate(client, `(in-ns 'captured) ${code}`);
  evaluate(client, "(ns captured)");
  inCaptured(
    `(defn f [x] [:old x])
     (def by-value [(partial f 1) (comp f identity) f (memoize f)])
     (def by-name [(partial #'f 1) (comp #'f identity) #'f (fn [x] (f x))])`,
  );
  for (let i = 1; i <= times; i++) inCaptured(`(defn f [x] [${i} x])`);
  settle(client);
  const called = (fns) =>
    inCaptured(`(into [((first ${fns}))] (map (fn [f] (f 1)) (rest ${fns})))`);
  return [called("by-value"), called("by-name")];
}
