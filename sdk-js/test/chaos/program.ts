// The program that is edited, and what it must be after each edit: of every var the
// definitions one after the other, and the number that it gives.

import type { Random } from "../fuzz/random.js";

export interface Definition {
  text: string;
  /** Of a value: what it became when it was defined. */
  value: number;
  base: number;
  /** The functions that are called in it. */
  calls: string[];
  isValue: boolean;
  version: number;
}

interface Var {
  newest: number;
  lives: Definition[];
}

const FUNCTIONS = ["app.a", "app.b", "app.c"];
const PER_FILE = 7;
const VALUES = 4;
/** Forms of the file that runs once, at most. */
const MAX_RUNS = 5;

const nsOf = (name: string) => name.slice(0, name.indexOf("/"));
const padded = (n: number) => String(n).padStart(3, "0");
const localOf = (name: string) => name.slice(name.indexOf("/") + 1);

export class Program {
  readonly vars = new Map<string, Var>();
  /** The numbers in the file of what runs once. */
  readonly runs: number[] = [];
  /** Namespaces whose file cannot be loaded now. */
  readonly broken = new Map<string, string>();
  /** By namespace: what the file has of each var, and what of it was loaded. */
  readonly #files = new Map<string, Map<string, Definition>>();
  readonly #loaded = new Map<string, Map<string, string>>();
  readonly #random: Random;
  #numbers = 0;

  constructor(random: Random) {
    this.#random = random;
    for (const ns of FUNCTIONS) for (let i = 0; i < PER_FILE; i++) this.edit(`${ns}/f${padded(i)}`);
    for (let i = 0; i < 3; i++) this.edit(`app.typed/t${i}`);
    for (let i = 0; i < VALUES; i++) this.edit(`app.values/v${i}`);
    this.run();
    for (const ns of this.namespaces) this.load(ns);
  }

  get namespaces(): string[] {
    return [...this.#files.keys(), "app.core", "app.runs"].sort();
  }

  number(): number {
    return ++this.#numbers;
  }

  // ---- Edits --------------------------------------------------------------------

  functions(ns: string): string[] {
    return [...(this.#files.get(ns)?.keys() ?? [])];
  }

  /** Another definition: functions call those that come before them alone. */
  define(name: string): Definition {
    const ns = nsOf(name);
    const isValue = ns === "app.values";
    const before = [...this.vars.keys()].filter((other) => isBefore(other, name));
    const count = before.length ? this.#random.below(isValue ? 4 : 3) : 0;
    const calls = Array.from({ length: count }, () => this.#random.pick(before));
    const base = this.number();
    const sum = `(+ ${base} ${calls.map((call) => `(${call})`).join(" ")})`;
    const text = isValue ? `(def ${localOf(name)} ${sum})` : `(defn ${localOf(name)} [] ${sum})`;
    return { text, value: 0, base, calls, isValue, version: 0 };
  }

  /** A function that was not there. */
  newName(ns: string): string {
    return `${ns}/f${padded(this.functions(ns).length)}`;
  }

  /** In its file. */
  edit(name: string): void {
    const ns = nsOf(name);
    const file = this.#files.get(ns) ?? new Map<string, Definition>();
    this.#files.set(ns, file);
    file.set(name, this.define(name));
  }

  /** Something more that runs once. */
  run(): void {
    this.runs.push(this.number());
    if (this.runs.length > MAX_RUNS) this.runs.splice(0, 1 + this.#random.below(3));
  }

  /** What the file of a namespace says now. */
  text(ns: string): string {
    if (ns === "app.core") return "(ns app.core)\n(def seen (atom []))\n(def evals (atom []))\n";
    const others = ns === "app.runs" ? ["app.core"] : FUNCTIONS.filter((other) => other < ns);
    const head = `(ns ${ns} (:require ${others.map((other) => `[${other}]`).join(" ")}))`;
    const forms =
      ns === "app.runs"
        ? this.runs.map((n) => `(swap! app.core/seen conj ${n})`)
        : [...(this.#files.get(ns)?.values() ?? [])].map(({ text }) => text);
    return `${[head.replace(" (:require )", ""), ...forms, this.broken.get(ns) ?? ""].join("\n")}\n`;
  }

  // ---- What becomes of them ------------------------------------------------------

  /** The file was loaded: what is new in it is defined. The names. */
  load(ns: string): string[] {
    if (this.broken.has(ns)) return [];
    const loaded = this.#loaded.get(ns) ?? new Map<string, string>();
    this.#loaded.set(ns, loaded);
    const changed = [...(this.#files.get(ns) ?? [])].filter(
      ([name, { text }]) => loaded.get(name) !== text,
    );
    for (const [name, definition] of changed) {
      loaded.set(name, definition.text);
      this.live(name, definition);
    }
    return changed.map(([name]) => name);
  }

  live(name: string, definition: Definition): void {
    const known = this.vars.get(name) ?? { newest: 0, lives: [] };
    this.vars.set(name, known);
    known.lives.push(this.#evaluated({ ...definition, version: ++known.newest }));
  }

  canUndo(name: string): boolean {
    return (this.vars.get(name)?.lives.length ?? 0) > 1;
  }

  /** A value is computed again, of what there is now. */
  undo(name: string): void {
    const lives = this.vars.get(name)?.lives ?? [];
    lives.pop();
    lives.push(this.#evaluated(lives.pop() as Definition));
  }

  #evaluated(definition: Definition): Definition {
    const { base, calls } = definition;
    const value = base + calls.reduce((sum, name) => sum + this.valueOf(name), 0);
    return { ...definition, value };
  }

  versionOf(name: string): number {
    return this.vars.get(name)?.lives.at(-1)?.version ?? 0;
  }

  valueOf(name: string): number {
    const now = this.vars.get(name)?.lives.at(-1);
    if (!now) return NaN;
    if (now.isValue) return now.value;
    return now.base + now.calls.reduce((sum, called) => sum + this.valueOf(called), 0);
  }

  /** An expression that gives the numbers of all vars, and what they are. */
  get question(): string {
    const parts = [...this.vars].map(([name, { lives }]) =>
      lives.at(-1)?.isValue ? name : `(${name})`,
    );
    return `[${parts.join(" ")}]`;
  }

  get answer(): number[] {
    return [...this.vars.keys()].map((name) => this.valueOf(name));
  }
}

/** Files in their order, and in a file the function with the smaller name. */
const isBefore = (other: string, name: string): boolean =>
  !other.startsWith("app.values") &&
  !other.startsWith("app.typed") &&
  (nsOf(other) < nsOf(name) || (nsOf(other) === nsOf(name) && other < name));
